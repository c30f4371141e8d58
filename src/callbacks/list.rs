//! The list of the queue.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;

use crate::auth::permission::{Can, Permission, ViewCallbacks};
use crate::auth::session::CurrentUser;
use crate::batches::{BatchList, Group, UNDO_HOURS, queries as batches};
use crate::callbacks::CallbackId;
use crate::callbacks::bulk;
use crate::callbacks::filter::{self, ListQuery, Only, Tab};
use crate::callbacks::model::{CallbackStatus, RetryPolicy};
use crate::callbacks::queries::list::{self, Colleague, QueueRow, TabCounts};
use crate::callbacks::queries::{follow_ups, settle};
use crate::callbacks::side;
use crate::i18n::callbacks::CALL_KINDS;
use crate::obligations::why;
use crate::web::error::{AppResult, encode_query};
use crate::web::extract::Query;
use crate::web::filters;
use crate::web::form::SelectOption;
use crate::web::layout::Layout;
use crate::web::list::Undo;
use crate::web::page::Page;
use crate::web::pagination::{COUNT_LIMIT, PageLink, PageParams, Paged, Pager};
use crate::web::sla::SlaChip;
use crate::web::state::AppState;

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
    /// What can be done to many rows at once.
    changes: Vec<Group>,
    undo: Option<Undo>,
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

    /// What a state that the board has opened is called.
    fn only_label(&self) -> Option<&'static str> {
        let t = self.layout.t.callbacks();
        Some(match self.query.only()? {
            Only::AtRisk => t.only_at_risk(),
            Only::ByTonight => t.only_by_tonight(),
            Only::Claimed => t.only_claimed(),
            Only::Held => t.only_held(),
        })
    }

    /// Where sheets are made of what is shown; what was searched may be a name and stays out of the address.
    fn sheets_href(&self) -> String {
        let shown = ListQuery {
            q: String::new(),
            ..self.query.clone()
        };
        format!("/call_sheets/new?filter={}", encode_query(&shown.query(self.tab)))
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
    let bounds = filter::bounds(&layout.fmt);
    let done_by = (!sees_everybody(&user)).then_some(user.id);
    let counts = list::tab_counts(&app.db, scope, user.id, done_by, bounds).await?;
    let (rows, total) = if tab == Tab::Done {
        let rows = list::list_done(&app.db, scope, bounds.week_starts_on, done_by, params).await?;
        (rows, counts.done)
    } else {
        let conditions = filter::conditions(&app, &user, &query, bounds).await?;
        let rows = list::list_open(&app.db, scope, &conditions, params).await?;
        let total = if query.is_filtered() {
            list::count_open(&app.db, scope, &conditions, COUNT_LIMIT + 1).await?
        } else {
            count_of(tab, &counts)
        };
        (rows, total)
    };
    let callers = list::list_callers(&app.db, scope).await?;
    let is_manager = user.can(Permission::AssignCallbacks);
    let undo = if is_manager {
        let since = layout.fmt.now - TimeDelta::hours(UNDO_HOURS);
        batches::find_undoable(&app.db, scope, BatchList::Callbacks, user.id, since).await?
    } else {
        None
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
        changes: bulk::offered(layout.t, &callers),
        callers,
        policy: settle::find_policy(&app.db, scope, &["post_service".to_owned()], layout.fmt.today()).await?,
        undo,
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
