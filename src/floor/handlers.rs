//! The page of the board, and the line on which it is sent anew while somebody looks at it.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::auth::permission::{Can, Permission, ViewFloor};
use crate::auth::session::{self, Visitor};
use crate::floor::board::Board;
use crate::floor::snapshot::{Day, Snapshot};
use crate::web::error::{AppError, AppResult};
use crate::web::filters;
use crate::web::layout::Layout;
use crate::web::page::Page;
use crate::web::state::AppState;

/// The board in the frame.
#[derive(Template)]
#[template(path = "floor/index.html")]
struct FloorPage {
    layout: Layout,
    board: Board,
}

pub async fn index(layout: Layout, user: Can<ViewFloor>, State(app): State<AppState>) -> AppResult<Response> {
    let day = Day::at(layout.fmt.now, user.store.zone);
    let snapshot = Snapshot::load(&app.db, user.scope(), day).await?;
    let board = Board::new(&layout, &snapshot);
    Ok(Page(FloorPage { layout, board }).into_response())
}

/// The board alone: what is sent to who has the page open.
#[derive(Template)]
#[template(path = "floor/board.html")]
struct BoardFragment<'a> {
    layout: &'a Layout,
    board: Board,
}

/// How long the browser waits before it opens a line again that was closed.
const RETRY: Duration = Duration::from_secs(3);

pub async fn events(
    layout: Layout,
    user: Can<ViewFloor>,
    visitor: Visitor,
    State(app): State<AppState>,
) -> AppResult<Response> {
    let token = *visitor
        .token_hash()
        .ok_or(AppError::SignInRequired { next: None })?;
    let snapshots = app.floor.watch(&app.db, &app.clock, &user.store);
    let line = Line {
        layout,
        token,
        snapshots,
        sent: None,
        closes_at: None,
        is_over: false,
        app,
    };
    let events = futures_util::stream::unfold(line, |mut line| async move {
        let event = line.next().await?;
        Some((Ok::<_, Infallible>(event), line))
    });
    let mut response = Sse::new(events).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Proxies that collect an answer would hold the board back.
    headers.insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    Ok(response)
}

/// One open line to one browser.
struct Line {
    app: AppState,
    layout: Layout,
    token: [u8; 32],
    snapshots: watch::Receiver<Option<Arc<Snapshot>>>,
    /// What the browser shows, so that nothing is sent twice.
    sent: Option<String>,
    closes_at: Option<Instant>,
    is_over: bool,
}

/// Why the line woke up.
enum Wake {
    Changed,
    Silence,
    Over,
}

impl Line {
    /// The next event: the board when it has changed, else a sign of life. `None` closes the line.
    async fn next(&mut self) -> Option<Event> {
        if self.is_over {
            return None;
        }
        let timing = self.app.floor.timing();
        let silent_until = Instant::now() + timing.heartbeat;
        loop {
            let wake = tokio::select! {
                biased;
                changed = self.snapshots.changed() => {
                    if changed.is_ok() { Wake::Changed } else { Wake::Over }
                }
                // Not before the first board: a line that closes at once still shows one.
                () = tokio::time::sleep_until(self.closes_at.unwrap_or(silent_until)), if self.closes_at.is_some() => Wake::Over,
                () = tokio::time::sleep_until(silent_until) => Wake::Silence,
            };
            let event = match wake {
                Wake::Over => return None,
                Wake::Silence => Some(Event::default().comment("")),
                Wake::Changed => self.board(),
            };
            let Some(event) = event else { continue };
            if !self.may_still_look().await {
                self.is_over = true;
                return Some(Event::default().event("ended").data(""));
            }
            return Some(event);
        }
    }

    /// The board as an event, if it looks otherwise than the one sent last.
    fn board(&mut self) -> Option<Event> {
        let snapshot = self.snapshots.borrow_and_update().clone()?;
        self.layout.fmt.now = snapshot.day.now;
        let fragment = BoardFragment {
            layout: &self.layout,
            board: Board::new(&self.layout, &snapshot),
        };
        let html = match fragment.render() {
            // Server-sent events know no carriage return.
            Ok(html) => html.replace('\r', " "),
            Err(error) => {
                tracing::error!(%error, "the board was not printed");
                return None;
            }
        };
        if self.sent.as_ref() == Some(&html) {
            return None;
        }
        let mut event = Event::default().event("board").data(&html);
        if self.sent.is_none() {
            event = event.retry(RETRY);
        }
        self.closes_at
            .get_or_insert_with(|| Instant::now() + self.app.floor.timing().limit);
        self.sent = Some(html);
        Some(event)
    }

    /// Whether the session still lives, in the same store, with the right to the board.
    async fn may_still_look(&self) -> bool {
        let allowed = session::still_allows(&self.app, &self.token, &self.layout.user, Permission::ViewFloor);
        allowed.await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the rights of who watches the board were not read");
            false
        })
    }
}
