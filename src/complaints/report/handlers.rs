//! The report on paper, and issuing it.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::audit::{self, Entry};
use crate::auth::permission::{AnswerComplaints, Can, Permission, Role, ViewComplaints};
use crate::auth::session::CurrentUser;
use crate::complaints::ComplaintId;
use crate::complaints::report::queries::{self, ClockRow, EventRow, Issued, Report};
use crate::i18n::flash::Flash;
use crate::web::error::{AppError, AppResult};
use crate::web::extract::Path;
use crate::web::filters;
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

/// `complaints/report/show.html`
#[derive(Template)]
#[template(path = "complaints/report/show.html")]
pub struct ReportPage {
    layout: Layout,
    report: Report,
    clocks: Vec<ClockRow>,
    events: Vec<EventRow>,
    issued: Option<Issued>,
}

/// The case if this person may see it: a handler sees own cases and those they help with.
async fn find(app: &AppState, user: &CurrentUser, id: ComplaintId) -> AppResult<Report> {
    let report = queries::find(&app.db, user.scope(), id, user.id).await?;
    let own = |report: &Report| {
        user.role != Role::Handler || report.handler_id == Some(user.id) || report.is_co_handler
    };
    report.filter(own).ok_or(AppError::NotFound)
}

pub async fn show(
    layout: Layout,
    user: Can<ViewComplaints>,
    State(app): State<AppState>,
    Path(id): Path<ComplaintId>,
) -> AppResult<Page<ReportPage>> {
    let report = find(&app, &user, id).await?;
    let scope = user.scope();
    Ok(Page(ReportPage {
        clocks: queries::list_clocks(&app.db, scope, id).await?,
        events: queries::list_events(&app.db, scope, id).await?,
        issued: queries::find_issued(&app.db, scope, id).await?,
        report,
        layout,
    }))
}

pub async fn issue(
    user: Can<AnswerComplaints>,
    State(app): State<AppState>,
    Path(id): Path<ComplaintId>,
) -> AppResult<Response> {
    let report = find(&app, &user, id).await?;
    let now = app.clock.now();
    let data = json!({ "is_final": report.is_final() });
    let mut tx = app.db.begin().await?;
    queries::insert_issue(&mut *tx, user.scope(), id, user.id, &data, now).await?;
    let entry = Entry {
        store: Some(user.store.id),
        actor: user.actor(),
        action: "complaints.report",
        subject: "complaints",
        subject_id: Some(id.get()),
        change: &data,
    };
    audit::record(&mut *tx, now, entry).await?;
    tx.commit().await?;
    Ok(redirect(format!("/complaints/{id}/report"))
        .with_flash(Flash::ReportIssued)
        .into_response())
}
