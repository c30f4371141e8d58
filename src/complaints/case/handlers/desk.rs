//! The small desk of those who answer for a department: own cases only, what needs an answer first.

use askama::Template;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::auth::permission::Permission;
use crate::complaints::ComplaintState;
use crate::complaints::case::queries::desk::{self, Counts, DeskRow, Wanted};
use crate::complaints::case::{Action, headline};
use crate::web::error::{AppResult, encode_query};
use crate::web::filters;
use crate::web::form;
use crate::web::layout::Layout;
use crate::web::page::Page;
use crate::web::pagination::{PageLink, PageParams, Paged, Pager};
use crate::web::sla::SlaChip;
use crate::web::state::AppState;

/// `complaints/handler_desk.html`
#[derive(Template)]
#[template(path = "complaints/handler_desk.html")]
struct DeskPage {
    layout: Layout,
    is_open: bool,
    /// What is looked for; empty: nothing.
    typed: String,
    counts: Counts,
    rows: Vec<DeskRow>,
    pager: Pager,
}

impl DeskPage {
    /// Which tab the rows belong to; a search belongs to none.
    fn is_tab(&self, is_open: bool) -> bool {
        self.typed.is_empty() && self.is_open == is_open
    }

    fn name(&self, row: &DeskRow) -> String {
        match row.words.as_deref().map(headline).filter(|line| !line.is_empty()) {
            Some(line) => line,
            None => row.number.clone(),
        }
    }

    fn is_new(&self, row: &DeskRow) -> bool {
        row.is_handler && row.state == ComplaintState::Dispatched
    }

    /// What this person is to do with it.
    fn todo(&self, row: &DeskRow) -> &'static str {
        let t = self.layout.t.complaint_case();
        match row.state {
            ComplaintState::Dispatched if row.is_handler => t.do_acknowledge(),
            ComplaintState::Accepted | ComplaintState::Dispatched => t.waiting_for_department(),
            ComplaintState::InProgress if row.is_reported => t.do_nothing(),
            ComplaintState::InProgress if row.promised_at.is_none() => t.do_promise(),
            ComplaintState::InProgress => t.do_finish(),
            ComplaintState::Waiting => t.do_wait(),
            ComplaintState::Resolved => t.do_callback(),
            ComplaintState::Closed
            | ComplaintState::Withdrawn
            | ComplaintState::Invalid
            | ComplaintState::Merged => "",
        }
    }

    /// When what was promised is wanted.
    fn chip(&self, row: &DeskRow) -> Option<SlaChip> {
        let due_at = match row.state {
            ComplaintState::Dispatched | ComplaintState::InProgress | ComplaintState::Waiting => {
                row.promised_at.filter(|_| !row.is_reported)
            }
            ComplaintState::Accepted
            | ComplaintState::Resolved
            | ComplaintState::Closed
            | ComplaintState::Withdrawn
            | ComplaintState::Invalid
            | ComplaintState::Merged => None,
        };
        due_at.map(|at| self.layout.sla(&at))
    }
}

/// What the address asks for beside the tab: a search that the box could not answer with one case.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
}

/// The page of `/complaints` for a handler; `tab=all` shows what has ended, `q` looks in both.
pub async fn index(layout: Layout, app: &AppState, is_open: bool, params: PageParams) -> AppResult<Response> {
    let (scope, user) = (layout.user.scope(), layout.user.id);
    let query = layout.path.split_once('?').map_or("", |(_, query)| query);
    let typed = form::parse::<Asked>(query)
        .unwrap_or_default()
        .q
        .trim()
        .to_owned();
    let wanted = Wanted {
        user,
        is_open: typed.is_empty().then_some(is_open),
        typed: &typed,
    };
    let rows = desk::list(&app.db, scope, wanted, params).await?;
    let counts = desk::counts(&app.db, scope, user).await?;
    let total = match (typed.is_empty(), is_open) {
        (false, _) => None,
        (true, true) => Some(counts.open),
        (true, false) => Some(counts.ended),
    };
    let paged = Paged::new(rows, params, total);
    let tab = if is_open { "tab=open" } else { "tab=all" };
    let query = format!("{tab}&q={}", encode_query(&typed));
    Ok(Page(DeskPage {
        layout,
        is_open,
        counts,
        pager: paged.pager("/complaints", if typed.is_empty() { tab } else { &query }),
        rows: paged.rows,
        typed,
    })
    .into_response())
}
