//! The rows behind the figures, and the proof that the ledger is whole.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::{Datelike, Months, NaiveDate, TimeDelta};
use serde::Deserialize;

use crate::auth::permission::{Can, Permission, ViewOwnKpi};
use crate::auth::session::CurrentUser;
use crate::obligations::queries::{self, ObligationSummary, PersonChoice, Selection};
use crate::obligations::reconcile::{self, Loose, Missing};
use crate::obligations::{ObligationClass, ObligationId, ObligationKind, service, why};
use crate::web::error::AppResult;
use crate::web::extract::Query;
use crate::web::filters;
use crate::web::layout::Layout;
use crate::web::page::Page;
use crate::web::pagination::{PageLink, PageParams, Paged, Pager};
use crate::web::state::AppState;

/// `?kind=&class=done&class=done_late&only=connected&person=&from=&to=`: what a figure links to. Empty and unknown values mean all.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ObligationFilter {
    kind: Vec<String>,
    class: Vec<String>,
    only: String,
    person: String,
    from: String,
    to: String,
}

/// Codes of `only`.
const ONLY: [&str; 3] = ["connected", "answered", "satisfied"];

impl ObligationFilter {
    /// Without days the month of `today`; a person without the right to the whole store sees own rows.
    fn selection(&self, user: &CurrentUser, today: NaiveDate) -> Selection {
        let first = today.with_day(1).unwrap_or(today);
        let last = first + Months::new(1) - TimeDelta::days(1);
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
            from: self.from.parse().unwrap_or(first),
            to: self.to.parse().unwrap_or(last),
        }
    }
}

/// The selection as a query string without `page`, for the pager.
fn query_string(selection: &Selection) -> String {
    let kinds = selection.kinds.iter().map(|code| ("kind", code.clone()));
    let classes = selection.classes.iter().map(|code| ("class", code.clone()));
    let only = selection.only.iter().map(|code| ("only", code.clone()));
    let person = selection.person.iter().map(|id| ("person", id.to_string()));
    let days = [
        ("from", selection.from.to_string()),
        ("to", selection.to.to_string()),
    ];
    let pairs: Vec<_> = kinds
        .chain(classes)
        .chain(only)
        .chain(person)
        .chain(days)
        .collect();
    // Codes, numbers and days: nothing that would need escaping.
    pairs
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect::<Vec<_>>()
        .join("&")
}

/// The list with its filters; the reconciliation for those who see the whole store.
#[derive(Template)]
#[template(path = "obligations/index.html")]
struct ObligationListPage {
    layout: Layout,
    today: NaiveDate,
    selection: Selection,
    people: Vec<PersonChoice>,
    is_whole_store: bool,
    rows: Vec<ObligationSummary>,
    /// Why each row is due when it is.
    whys: HashMap<ObligationId, String>,
    pager: Pager,
    reconciliation: Option<Reconciliation>,
}

/// What today's run should have left behind but did not.
struct Reconciliation {
    missing: Vec<Missing>,
    loose: Vec<Loose>,
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

    /// Green for no findings.
    fn tone(&self, findings: usize) -> &'static str {
        if findings == 0 { "good" } else { "bad" }
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
    let mut reconciliation = None;
    if is_whole_store {
        people = queries::list_people(&app.db, user.scope()).await?;
        let mut tx = app.db.begin().await?;
        let (mut missing, loose) = service::reconcile(&mut tx, user.scope(), today).await?;
        // As far back as the job of reviews looks.
        let days = (today - TimeDelta::days(7), today);
        missing.extend(reconcile::missing_reviews(&mut *tx, user.scope(), days).await?);
        reconciliation = Some(Reconciliation { missing, loose });
    }
    let paged = Paged::new(rows, params, Some(total));
    let ids: Vec<ObligationId> = paged.rows.iter().map(|row| row.id).collect();
    Ok(Page(ObligationListPage {
        whys: why::of_entries(&app.db, user.scope(), &ids, &layout.fmt).await?,
        pager: paged.pager("/obligations", &query_string(&selection)),
        rows: paged.rows,
        layout,
        today,
        selection,
        people,
        is_whole_store,
        reconciliation,
    })
    .into_response())
}
