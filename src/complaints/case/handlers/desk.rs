//! The small desk of those who answer for a department: own cases only, what needs an answer first.

use askama::Template;
use axum::response::{IntoResponse, Response};

use crate::auth::permission::Permission;
use crate::complaints::ComplaintState;
use crate::complaints::case::queries::desk::{self, Counts, DeskRow, Wanted};
use crate::complaints::case::{Action, headline};
use crate::web::error::AppResult;
use crate::web::filters;
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
    counts: Counts,
    rows: Vec<DeskRow>,
    pager: Pager,
}

impl DeskPage {
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

/// The page of `/complaints` for a handler; `tab=all` shows what has ended.
pub async fn index(layout: Layout, app: &AppState, is_open: bool, params: PageParams) -> AppResult<Response> {
    let (scope, user) = (layout.user.scope(), layout.user.id);
    let rows = desk::list(&app.db, scope, Wanted { user, is_open }, params).await?;
    let counts = desk::counts(&app.db, scope, user).await?;
    let total = if is_open { counts.open } else { counts.ended };
    let paged = Paged::new(rows, params, Some(total));
    let query = if is_open { "tab=open" } else { "tab=all" };
    Ok(Page(DeskPage {
        layout,
        is_open,
        counts,
        pager: paged.pager("/complaints", query),
        rows: paged.rows,
    })
    .into_response())
}
