//! The list of the queue, and giving out work from it.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Datelike, TimeDelta, Utc};
use serde::Deserialize;

use crate::auth::permission::{AssignCallbacks, Can, Permission, ViewCallbacks};
use crate::auth::session::CurrentUser;
use crate::callbacks::CallbackId;
use crate::callbacks::model::{CallbackStatus, RetryPolicy};
use crate::callbacks::queries::list::{self, Colleague, Filter, QueueRow, SearchTerms, TabBounds, TabCounts};
use crate::callbacks::queries::{follow_ups, settle};
use crate::callbacks::queue::{self, Seen};
use crate::callbacks::side;
use crate::customers::search_keys::{QueryKeys, query_keys};
use crate::i18n::callbacks::CALL_KINDS;
use crate::i18n::flash::Flash;
use crate::obligations::why;
use crate::stores::StoreScope;
use crate::text_enum;
use crate::users::UserId;
use crate::vehicles::plate::PlateNumber;
use crate::web::error::{AppResult, encode_query};
use crate::web::extract::Query;
use crate::web::filters;
use crate::web::form::{Form, SelectOption};
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::pagination::{PageLink, PageParams, Paged, Pager};
use crate::web::sla::SlaChip;
use crate::web::state::AppState;

text_enum! {
    /// Views of the queue.
    pub enum Tab {
        All = "all",
        Today = "today",
        Overdue = "overdue",
        Retry = "retry",
        Mine = "mine",
        /// Not given out for now, each with its reason.
        Held = "held",
        Done = "done",
    }
}

/// The filter of the list, as it stands in the address.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    tab: String,
    q: String,
    kind: String,
    advisor: String,
}

impl ListQuery {
    fn tab(&self) -> Tab {
        self.tab.parse().unwrap_or(Tab::All)
    }

    fn kind(&self) -> Option<&str> {
        CALL_KINDS
            .contains(&self.kind.as_str())
            .then_some(self.kind.as_str())
    }

    fn is_advisor(&self, id: UserId) -> bool {
        self.advisor.parse() == Ok(id)
    }

    fn is_filtered(&self) -> bool {
        !self.q.trim().is_empty() || self.kind().is_some() || !self.advisor.is_empty()
    }

    /// The address of a tab with the filters kept.
    fn query(&self, tab: Tab) -> String {
        let mut query = format!("tab={tab}");
        for (name, value) in [("q", &self.q), ("kind", &self.kind), ("advisor", &self.advisor)] {
            if !value.trim().is_empty() {
                query.push_str(&format!("&{name}={}", encode_query(value)));
            }
        }
        query
    }
}

/// The queue.
#[derive(Template)]
#[template(path = "callbacks/index.html")]
struct QueuePage {
    layout: Layout,
    query: ListQuery,
    tab: Tab,
    tabs: Vec<TabView>,
    rows: Vec<QueueRow>,
    pager: Pager,
    kinds: Vec<SelectOption>,
    advisors: Vec<Colleague>,
    callers: Vec<Colleague>,
    policy: RetryPolicy,
    /// Why each row is due when it is.
    whys: HashMap<CallbackId, String>,
    /// Who has the page of a row open without having it in hand.
    looking: HashMap<CallbackId, String>,
    /// Path and query, to come back to after a bulk action.
    here: String,
}

/// A tab with its count.
struct TabView {
    href: String,
    label: &'static str,
    count: i64,
    is_current: bool,
    is_bad: bool,
}

impl QueuePage {
    fn name<'a>(&'a self, row: &'a QueueRow) -> &'a str {
        row.name.as_deref().unwrap_or(self.layout.t.callbacks().unnamed())
    }

    fn chip(&self, row: &QueueRow) -> SlaChip {
        match row.ended_at {
            Some(ended_at) => SlaChip::ended(&self.layout.fmt, row.callable_due_at, ended_at),
            None => self
                .layout
                .sla(&row.callable_due_at)
                .because(self.whys.get(&row.id)),
        }
    }

    /// The badge of a row as `(tone, text)`.
    fn badge(&self, row: &QueueRow) -> (&'static str, String) {
        let t = self.layout.t.callbacks();
        if let (CallbackStatus::Claimed, Some(name)) = (row.status, &row.claimed_by) {
            ("info", t.badge_claimed(name))
        } else if row.status != CallbackStatus::Open {
            let tone = if row.status == CallbackStatus::Done {
                "good"
            } else {
                ""
            };
            (tone, t.callback_status(row.status).to_owned())
        } else if row.held_reason.is_some() {
            ("", t.badge_held().to_owned())
        } else if row.agreed_at.is_some() {
            ("info", t.badge_agreed().to_owned())
        } else if row.dials > 0 {
            ("soon", t.badge_retry().to_owned())
        } else {
            ("", t.badge_open().to_owned())
        }
    }

    /// Occasions, each once.
    fn occasions(&self, row: &QueueRow) -> String {
        let t = self.layout.t.callbacks();
        let mut labels: Vec<&str> = row.kinds.iter().map(|kind| t.kind(kind)).collect();
        labels.sort_unstable();
        labels.dedup();
        labels.join(" · ")
    }

    /// What the car was there for, else the occasions.
    fn reason(&self, row: &QueueRow) -> String {
        match (row.visit_type, row.summary.as_deref().unwrap_or("")) {
            (Some(visit_type), "") => self.layout.t.visits().visit_type(visit_type).to_owned(),
            (Some(visit_type), summary) => {
                format!("{} · {summary}", self.layout.t.visits().visit_type(visit_type))
            }
            (None, _) => self.occasions(row),
        }
    }

    /// Why a row is held back, and until when.
    fn held(&self, row: &QueueRow) -> Option<String> {
        let reason = row.held_reason.as_deref()?.parse().ok()?;
        let is_open = row.status == CallbackStatus::Open;
        is_open.then(|| side::held_text(&self.layout, reason, row.held_until))
    }

    fn ticks(&self, row: &QueueRow) -> Vec<bool> {
        let done = usize::try_from(row.dials).unwrap_or(0);
        (0..self.policy.min_dials.max(done)).map(|i| i < done).collect()
    }

    fn last_dial(&self, row: &QueueRow) -> Option<String> {
        let t = self.layout.t.callbacks();
        let at = self.layout.fmt.near(&row.last_attempt_at?);
        Some(format!("{at} {}", t.disposition(row.last_result?)))
    }

    fn is_assigning(&self) -> bool {
        self.layout.can(Permission::AssignCallbacks) && self.tab != Tab::Done
    }
}

pub async fn index(
    layout: Layout,
    user: Can<ViewCallbacks>,
    State(app): State<AppState>,
    Query(query): Query<ListQuery>,
    Query(params): Query<PageParams>,
) -> AppResult<Response> {
    let (scope, tab) = (user.scope(), query.tab());
    let bounds = bounds(&layout);
    let done_by = (!sees_everybody(&user)).then_some(user.id);
    let counts = list::tab_counts(&app.db, scope, user.id, done_by, bounds).await?;
    let customers = match query.q.trim() {
        "" => None,
        typed => Some(search(&app, scope, typed).await?),
    };
    let (rows, total) = if tab == Tab::Done {
        let rows = list::list_done(&app.db, scope, bounds.week_starts_on, done_by, params).await?;
        (rows, counts.done)
    } else {
        let filter = filter(&query, &user, bounds, customers.as_deref());
        let rows = list::list_open(&app.db, scope, filter, params).await?;
        let total = if query.is_filtered() {
            list::count_open(&app.db, scope, filter).await?
        } else {
            count_of(tab, &counts)
        };
        (rows, total)
    };
    let callers = if user.can(Permission::AssignCallbacks) {
        list::list_callers(&app.db, scope).await?
    } else {
        Vec::new()
    };
    let paged = Paged::new(rows, params, Some(total));
    let ids: Vec<CallbackId> = paged.rows.iter().map(|row| row.id).collect();
    let whys = why::of_callbacks(&app.db, scope, &ids, &layout.fmt).await?;
    let looking = follow_ups::list_looking(&app.db, scope, &ids, user.id, app.clock.now()).await?;
    let t = layout.t.callbacks();
    let page = QueuePage {
        whys,
        looking,
        tabs: tabs(&layout, &query, &counts),
        pager: paged.pager("/callbacks", &query.query(tab)),
        rows: paged.rows,
        kinds: CALL_KINDS
            .iter()
            .filter(|kind| **kind != "renewal")
            .map(|kind| SelectOption::new(kind, t.kind(kind)))
            .collect(),
        advisors: list::list_advisors(&app.db, scope).await?,
        callers,
        policy: settle::find_policy(&app.db, scope, &["post_service".to_owned()]).await?,
        here: layout.path.clone(),
        tab,
        query,
        layout,
    };
    Ok(Page(page).into_response())
}

/// Managers and the group see what everybody has done; the others their own.
fn sees_everybody(user: &CurrentUser) -> bool {
    user.can(Permission::ViewKpi)
}

fn bounds(layout: &Layout) -> TabBounds {
    let (fmt, today) = (&layout.fmt, layout.fmt.today());
    let tomorrow = today + TimeDelta::days(1);
    let midnight = crate::calendar::StoreCalendar::new(fmt.zone).day_span(tomorrow).0;
    TabBounds {
        now: fmt.now,
        day_ends_at: midnight,
        week_starts_on: today - TimeDelta::days(i64::from(today.weekday().num_days_from_monday())),
    }
}

fn filter<'a>(
    query: &'a ListQuery,
    user: &CurrentUser,
    bounds: TabBounds,
    customers: Option<&'a [i64]>,
) -> Filter<'a> {
    let tab = query.tab();
    let due_before: Option<DateTime<Utc>> = match tab {
        Tab::Today => Some(bounds.day_ends_at),
        Tab::Overdue => Some(bounds.now),
        Tab::All | Tab::Retry | Tab::Mine | Tab::Held | Tab::Done => None,
    };
    Filter {
        due_from: (tab == Tab::Today).then_some(bounds.now),
        due_before,
        retry_only: tab == Tab::Retry,
        held_only: tab == Tab::Held,
        mine: (tab == Tab::Mine).then_some(user.id),
        kind: query.kind(),
        advisor: query.advisor.parse().ok(),
        customers,
    }
}

const fn count_of(tab: Tab, counts: &TabCounts) -> i64 {
    match tab {
        Tab::All => counts.all,
        Tab::Today => counts.due_today,
        Tab::Overdue => counts.overdue,
        Tab::Retry => counts.retry,
        Tab::Mine => counts.mine,
        Tab::Held => counts.held,
        Tab::Done => counts.done,
    }
}

fn tabs(layout: &Layout, query: &ListQuery, counts: &TabCounts) -> Vec<TabView> {
    let t = layout.t.callbacks();
    let tabs = Tab::ALL.iter().map(|tab| TabView {
        href: format!("/callbacks?{}", query.query(*tab)),
        label: match tab {
            Tab::All => t.tab_all(),
            Tab::Today => t.tab_today(),
            Tab::Overdue => t.tab_overdue(),
            Tab::Retry => t.tab_retry(),
            Tab::Mine => t.tab_mine(),
            Tab::Held => t.tab_held(),
            Tab::Done => t.tab_done(),
        },
        count: count_of(*tab, counts),
        is_current: *tab == query.tab(),
        is_bad: *tab == Tab::Overdue && counts.overdue > 0,
    });
    tabs.collect()
}

/// Customers found by name, plate or repair order.
async fn search(app: &AppState, scope: StoreScope, typed: &str) -> sqlx::Result<Vec<i64>> {
    let typed = crate::text::half_width(typed);
    let keys = match query_keys(scope.get(), &typed) {
        QueryKeys::Nothing => Vec::new(),
        QueryKeys::Initial(letter) => vec![format!("{}|{letter}", scope.get())],
        QueryKeys::Pinyin(key) => vec![key],
        QueryKeys::Grams { keys, recheck: _ } => keys,
    };
    let plate = match PlateNumber::parse(&typed) {
        Ok(plate) => plate.as_str().to_owned(),
        Err(_) => typed.trim().to_uppercase(),
    };
    let terms = SearchTerms {
        keys: &keys,
        plate: &plate,
        ro_number: typed.trim(),
    };
    list::search_customers(&app.db, scope, terms).await
}

/// Ticked rows, `id.version` each, and what to do with them.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct BulkForm {
    row: Vec<String>,
    to: String,
    next: String,
}

impl BulkForm {
    fn seen(&self) -> Vec<Seen> {
        let rows = self.row.iter().filter_map(|row| {
            let (id, version) = row.split_once('.')?;
            Some(Seen {
                id: id.parse().ok()?,
                version: version.parse().ok()?,
            })
        });
        rows.collect()
    }

    /// The list it was chosen on.
    fn next(&self) -> String {
        let is_list = self.next == "/callbacks" || self.next.starts_with("/callbacks?");
        if is_list {
            self.next.clone()
        } else {
            "/callbacks".to_owned()
        }
    }
}

pub async fn assign(
    user: Can<AssignCallbacks>,
    State(app): State<AppState>,
    Form(form): Form<BulkForm>,
) -> AppResult<Response> {
    let (seen, page) = (form.seen(), redirect(form.next()));
    let to: Option<UserId> = form.to.parse().ok();
    let callers = list::list_callers(&app.db, user.scope()).await?;
    let caller = callers.into_iter().find(|caller| Some(caller.id) == to);
    let Some(caller) = caller.filter(|_| !seen.is_empty()) else {
        return Ok(page.with_flash(Flash::NothingChosen).into_response());
    };
    let mut tx = app.db.begin().await?;
    let now = app.clock.now();
    let result = queue::assign(&mut tx, user.scope(), user.actor(), &seen, caller.id, now).await?;
    tx.commit().await?;
    if result.is_away {
        return Ok(page
            .with_flash(Flash::PersonAway { name: caller.name })
            .into_response());
    }
    let flash = Flash::CallsAssigned {
        name: caller.name,
        done: result.done,
        served: result.served,
        changed: result.changed,
    };
    Ok(page.with_flash(flash).into_response())
}

pub async fn take_back(
    user: Can<AssignCallbacks>,
    State(app): State<AppState>,
    Form(form): Form<BulkForm>,
) -> AppResult<Response> {
    let (seen, page) = (form.seen(), redirect(form.next()));
    if seen.is_empty() {
        return Ok(page.with_flash(Flash::NothingChosen).into_response());
    }
    let mut tx = app.db.begin().await?;
    let result = queue::take_back(&mut tx, user.scope(), user.actor(), &seen, app.clock.now()).await?;
    tx.commit().await?;
    let flash = Flash::CallsTakenBack {
        done: result.done,
        changed: result.changed,
    };
    Ok(page.with_flash(flash).into_response())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_filters_read_back_from_the_address_of_every_tab(
            q in "[&=+%#张a-z]{1,8}( [a-z]{1,3})?",
            kind in "|post_service|[a-z_&]{1,8}",
            advisor in "|[0-9]{1,4}",
        ) {
            for tab in Tab::ALL.iter().copied() {
                let filters = ListQuery { tab: String::new(), q: q.clone(), kind: kind.clone(), advisor: advisor.clone() };
                let read: ListQuery = serde_html_form::from_str(&filters.query(tab)).unwrap();
                prop_assert_eq!((read.tab(), &read.q, &read.kind, &read.advisor), (tab, &q, &kind, &advisor));
            }
        }
    }
}
