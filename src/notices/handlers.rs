//! The page of notices, marking them as read, and the line on which the bell follows.

use std::convert::Infallible;
use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::auth::permission::{Can, Permission, UseDesk};
use crate::auth::session::{self, Visitor};
use crate::complaints::warnings::{WarningId, model};
use crate::notices::live::Counts;
use crate::notices::queries::{self, Notice, Waiting};
use crate::web::error::{AppError, AppResult};
use crate::web::extract::Query;
use crate::web::filters;
use crate::web::form::Form;
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::pagination::{PageLink, PageParams, Paged, Pager};
use crate::web::sla::SlaChip;
use crate::web::state::AppState;

/// `?tab=all`, `?tab=messages`; anything else is what is unread.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    tab: String,
}

/// What the page lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tab {
    Unread,
    All,
    /// Messages to staff that wait for a provider.
    Messages,
}

impl Tab {
    const fn query(self) -> &'static str {
        match self {
            Tab::Unread => "",
            Tab::All => "tab=all",
            Tab::Messages => "tab=messages",
        }
    }
}

/// `notices/index.html`
#[derive(Template)]
#[template(path = "notices/index.html")]
struct IndexPage {
    layout: Layout,
    tab: Tab,
    rows: Vec<Notice>,
    messages: Vec<Waiting>,
    pager: Pager,
}

impl IndexPage {
    fn tone(&self, row: &Notice) -> &'static str {
        model::tone(row.level)
    }

    fn clock(&self, row: &Notice) -> String {
        model::name(self.layout.lang, row.kind, &row.cycle_key)
    }

    fn chip(&self, row: &Notice) -> SlaChip {
        match row.ended_at {
            Some(ended_at) => SlaChip::ended(&self.layout.fmt, row.due_at, ended_at),
            None => SlaChip::open(&self.layout.fmt, row.due_at),
        }
    }
}

pub async fn index(
    layout: Layout,
    user: Can<UseDesk>,
    State(app): State<AppState>,
    Query(query): Query<ListQuery>,
    Query(params): Query<PageParams>,
) -> AppResult<Response> {
    let tab = match query.tab.as_str() {
        "all" => Tab::All,
        "messages" => Tab::Messages,
        _ => Tab::Unread,
    };
    let scope = user.scope();
    let (mut rows, mut messages) = (Vec::new(), Vec::new());
    let pager = if tab == Tab::Messages {
        let of = (!user.can(Permission::DecideComplaints)).then_some(user.id);
        let paged = Paged::new(
            queries::list_waiting(&app.db, scope, of, params).await?,
            params,
            None,
        );
        let pager = paged.pager("/notices", tab.query());
        messages = paged.rows;
        pager
    } else {
        let found = queries::list(&app.db, scope, user.id, tab == Tab::Unread, params).await?;
        let paged = Paged::new(found, params, None);
        let pager = paged.pager("/notices", tab.query());
        rows = paged.rows;
        pager
    };
    Ok(Page(IndexPage {
        layout,
        tab,
        rows,
        messages,
        pager,
    })
    .into_response())
}

/// `POST /notices/read`: one notice, and on to its case; or all of them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ReadForm {
    id: String,
    /// The case to go on to.
    case: String,
}

pub async fn read(
    user: Can<UseDesk>,
    State(app): State<AppState>,
    Form(form): Form<ReadForm>,
) -> AppResult<Response> {
    let only = match form.id.as_str() {
        "" => None,
        id => Some(id.parse::<WarningId>().map_err(|_| AppError::NotFound)?),
    };
    queries::read(&app.db, user.scope(), user.id, only, app.clock.now()).await?;
    let location = match form.case.parse::<i64>() {
        Ok(case) => format!("/complaints/{case}"),
        Err(_) => "/notices".to_owned(),
    };
    Ok(redirect(location).into_response())
}

/// How long the browser waits before it opens a line again that was closed.
const RETRY: Duration = Duration::from_secs(10);

pub async fn events(
    user: Can<UseDesk>,
    visitor: Visitor,
    layout: Layout,
    State(app): State<AppState>,
) -> AppResult<Response> {
    let token = *visitor
        .token_hash()
        .ok_or(AppError::SignInRequired { next: None })?;
    let line = Line {
        counts: app.notices.watch(&app.db, user.store.id),
        closes_at: None,
        sent: None,
        is_over: false,
        layout,
        token,
        app,
    };
    let events = futures_util::stream::unfold(line, |mut line| async move {
        let event = line.next().await?;
        Some((Ok::<_, Infallible>(event), line))
    });
    let mut response = Sse::new(events).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    Ok(response)
}

/// One bell that is seen.
struct Line {
    app: AppState,
    layout: Layout,
    token: [u8; 32],
    counts: watch::Receiver<Option<Counts>>,
    closes_at: Option<Instant>,
    sent: Option<i64>,
    is_over: bool,
}

impl Line {
    /// The next event: the count when it has changed, else a sign of life. `None` closes the line.
    async fn next(&mut self) -> Option<Event> {
        if self.is_over {
            return None;
        }
        let silent_until = Instant::now() + self.app.notices.timing().heartbeat;
        loop {
            let event = tokio::select! {
                biased;
                changed = self.counts.changed() => {
                    changed.ok()?;
                    self.count()
                }
                // Not before the first count: a line that closes at once still says one.
                () = tokio::time::sleep_until(self.closes_at.unwrap_or(silent_until)), if self.closes_at.is_some() => return None,
                () = tokio::time::sleep_until(silent_until) => Some(Event::default().comment("")),
            };
            let Some(event) = event else { continue };
            let user = &self.layout.user;
            let allowed = session::still_allows(&self.app, &self.token, user, Permission::UseDesk).await;
            if !allowed.unwrap_or(false) {
                self.is_over = true;
                return Some(Event::default().event("ended").data(""));
            }
            return Some(event);
        }
    }

    /// Number and words of the bell, if they are others than those sent last.
    fn count(&mut self) -> Option<Event> {
        let counts = self.counts.borrow_and_update().clone()?;
        let count = counts.get(&self.layout.user.id).copied().unwrap_or_default();
        if self.sent.replace(count) == Some(count) {
            return None;
        }
        let limit = self.app.notices.timing().limit;
        self.closes_at.get_or_insert_with(|| Instant::now() + limit);
        let words = self.layout.t.complaint_clocks().bell(count);
        let event = Event::default().event("count").data(format!("{count} {words}"));
        Some(event.retry(RETRY))
    }
}
