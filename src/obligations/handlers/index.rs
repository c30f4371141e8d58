//! The rows behind the figures.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::{Datelike, Months, NaiveDate, TimeDelta};
use serde::Deserialize;

use crate::auth::permission::{Can, Permission, ViewOwnKpi};
use crate::auth::session::CurrentUser;
use crate::calendar::StoreCalendar;
use crate::exemptions;
use crate::exemptions::model::is_too_many;
use crate::exemptions::queries::Wanted;
use crate::obligations::queries::nightly::{self, Night};
use crate::obligations::queries::{self, ExemptShare, ObligationSummary, PersonChoice, Selection};
use crate::obligations::{ObligationClass, ObligationId, ObligationKind, why};
use crate::rules;
use crate::web::error::AppResult;
use crate::web::extract::Query;
use crate::web::filters;
use crate::web::layout::Layout;
use crate::web::page::Page;
use crate::web::pagination::{PageLink, PageParams, Paged, Pager};
use crate::web::state::AppState;

/// `?kind=&class=done&class=done_late&only=connected&person=&from=&to=`: what a figure links to. Empty and unknown values mean all.
///
/// The board asks for what is due until the end of a day (`due`) or was ended on one (`ended`), by somebody (`by`).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ObligationFilter {
    kind: Vec<String>,
    class: Vec<String>,
    only: String,
    person: String,
    from: String,
    to: String,
    due: String,
    ended: String,
    by: String,
}

/// Days before and after every entry.
const ANY_DAY: (NaiveDate, NaiveDate) = (
    NaiveDate::from_ymd_opt(2000, 1, 1).expect("a day"),
    NaiveDate::from_ymd_opt(2199, 12, 31).expect("a day"),
);

/// Codes of `only`.
const ONLY: [&str; 3] = ["connected", "answered", "satisfied"];

impl ObligationFilter {
    /// Without days the month of `today`; a person without the right to the whole store sees own rows.
    fn selection(&self, user: &CurrentUser, today: NaiveDate) -> Selection {
        let day = |text: &str| -> Option<NaiveDate> { text.parse().ok() };
        let (due, ended) = (day(&self.due), day(&self.ended));
        let first = today.with_day(1).unwrap_or(today);
        let last = first + Months::new(1) - TimeDelta::days(1);
        // What is due or was ended on a day arose on any.
        let (first, last) = if due.is_some() || ended.is_some() {
            ANY_DAY
        } else {
            (first, last)
        };
        let kinds = self
            .kind
            .iter()
            .filter(|code| code.parse::<ObligationKind>().is_ok());
        let classes = self
            .class
            .iter()
            .filter(|code| code.parse::<ObligationClass>().is_ok());
        Selection {
            kinds: kinds.cloned().collect(),
            classes: classes.cloned().collect(),
            only: ONLY.contains(&self.only.as_str()).then(|| self.only.clone()),
            person: if user.can(Permission::ViewObligations) {
                self.person.parse().ok()
            } else {
                Some(user.id.get())
            },
            from: day(&self.from).unwrap_or(first),
            to: day(&self.to).unwrap_or(last),
            due_before: due.map(|day| StoreCalendar::new(user.store.zone).day_span(day).1),
            ended_within: ended.map(|day| StoreCalendar::new(user.store.zone).day_span(day)),
            due,
            ended,
            ended_by: self.by.parse().ok(),
        }
    }
}

/// The selection as a query string without `page`, for the pager.
fn query_string(selection: &Selection) -> String {
    let kinds = selection.kinds.iter().map(|code| ("kind", code.clone()));
    let classes = selection.classes.iter().map(|code| ("class", code.clone()));
    let only = selection.only.iter().map(|code| ("only", code.clone()));
    let person = selection.person.iter().map(|id| ("person", id.to_string()));
    let of_day = [("due", selection.due), ("ended", selection.ended)];
    let of_day = of_day
        .into_iter()
        .filter_map(|(key, day)| Some((key, day?.to_string())));
    let by = selection.ended_by.iter().map(|id| ("by", id.to_string()));
    let days = [
        ("from", selection.from.to_string()),
        ("to", selection.to.to_string()),
    ];
    let pairs: Vec<_> = kinds
        .chain(classes)
        .chain(only)
        .chain(person)
        .chain(of_day)
        .chain(by)
        .chain(days)
        .collect();
    // Codes, numbers and days: nothing that would need escaping.
    pairs
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect::<Vec<_>>()
        .join("&")
}

/// The list with its filters; for those who see the whole store the last reconciliation and what is exempt.
#[derive(Template)]
#[template(path = "obligations/index.html")]
struct ObligationListPage {
    layout: Layout,
    selection: Selection,
    people: Vec<PersonChoice>,
    is_whole_store: bool,
    rows: Vec<ObligationSummary>,
    /// Why each row is due when it is.
    whys: HashMap<ObligationId, String>,
    pager: Pager,
    /// For those who see the whole store.
    whole: Option<Whole>,
}

/// What only concerns the whole store.
struct Whole {
    /// The latest night that was reconciled.
    night: Option<Night>,
    /// Kinds of the selection with exempt entries.
    shares: Vec<ExemptShare>,
    /// Percent from which a share is too large.
    limit: i16,
    /// Requests that nobody has decided.
    waiting: i64,
}

impl Whole {
    fn is_over(&self, share: &ExemptShare) -> bool {
        is_too_many(share.exempt, share.whole, self.limit)
    }
}

impl ObligationListPage {
    fn has_kind(&self, kind: &ObligationKind) -> bool {
        self.selection.kinds.iter().any(|code| code == kind.as_str())
    }

    fn has_class(&self, class: &ObligationClass) -> bool {
        self.selection.classes.iter().any(|code| code == class.as_str())
    }

    /// Why a row is due when it is.
    fn why(&self, id: &ObligationId) -> &str {
        self.whys.get(id).map_or("", String::as_str)
    }

    /// The rows behind the exempt share of a kind.
    fn share_href(&self, share: &ExemptShare) -> String {
        let only = Selection {
            kinds: vec![share.kind.to_string()],
            classes: vec![ObligationClass::Exempt.to_string()],
            ..self.selection.clone()
        };
        format!("/obligations?{}", query_string(&only))
    }

    /// Whether entries can be ticked to ask for exemptions.
    fn can_ask(&self) -> bool {
        self.layout.can(Permission::RequestExemptions) && self.rows.iter().any(ObligationSummary::is_open)
    }

    fn only_options(&self) -> [(&'static str, &'static str); 3] {
        let t = self.layout.t.obligations();
        [
            (ONLY[0], t.only_connected()),
            (ONLY[1], t.only_answered()),
            (ONLY[2], t.only_satisfied()),
        ]
    }

    fn is_only(&self, code: &str) -> bool {
        self.selection.only.as_deref() == Some(code)
    }

    /// A border of the days for its field; nothing where any day is meant.
    fn border(&self, day: &NaiveDate) -> String {
        if *day == ANY_DAY.0 || *day == ANY_DAY.1 {
            String::new()
        } else {
            self.layout.fmt.iso_date(day)
        }
    }

    fn is_person(&self, id: i64) -> bool {
        self.selection.person == Some(id)
    }
}

pub async fn index(
    layout: Layout,
    user: Can<ViewOwnKpi>,
    State(app): State<AppState>,
    Query(filter): Query<ObligationFilter>,
    Query(params): Query<PageParams>,
) -> AppResult<Response> {
    let (now, today) = (layout.fmt.now, layout.fmt.today());
    let is_whole_store = user.can(Permission::ViewObligations);
    let selection = filter.selection(&user, today);
    let rows = queries::page(&app.db, user.scope(), &selection, now, params).await?;
    let total = queries::count(&app.db, user.scope(), &selection, now).await?;
    let mut people = Vec::new();
    let mut whole = None;
    if is_whole_store {
        let (db, scope) = (&app.db, user.scope());
        people = queries::list_people(db, scope).await?;
        let wanted = Wanted {
            is_open: true,
            requested_by: None,
        };
        whole = Some(Whole {
            night: nightly::list_nights(db, scope, 1).await?.pop(),
            shares: queries::exempt_shares(db, scope, &selection).await?,
            limit: rules::queries::exempt_limit(db, scope).await?,
            waiting: exemptions::queries::count(db, scope, wanted).await?,
        });
    }
    let paged = Paged::new(rows, params, Some(total));
    let ids: Vec<ObligationId> = paged.rows.iter().map(|row| row.id).collect();
    Ok(Page(ObligationListPage {
        whys: why::of_entries(&app.db, user.scope(), &ids, &layout.fmt).await?,
        pager: paged.pager("/obligations", &query_string(&selection)),
        rows: paged.rows,
        layout,
        selection,
        people,
        is_whole_store,
        whole,
    })
    .into_response())
}
