//! The page of one case.

use askama::Template;
use axum::extract::State;

use crate::auth::permission::{Can, Permission, Role, ViewComplaints};
use crate::auth::session::CurrentUser;
use crate::complaints::ComplaintId;
use crate::complaints::attachments::Panel;
use crate::complaints::queries::{self, Complaint, EventRow};
use crate::complaints::verdict::pane::VerdictPane;
use crate::i18n::complaint_minors;
use crate::scripts;
use crate::users::UserId;
use crate::web::error::{AppError, AppResult};
use crate::web::extract::Path;
use crate::web::filters;
use crate::web::layout::Layout;
use crate::web::page::Page;
use crate::web::sla::SlaChip;
use crate::web::state::AppState;

fn chip(
    layout: &Layout,
    due_at: Option<chrono::DateTime<chrono::Utc>>,
    ended_at: Option<chrono::DateTime<chrono::Utc>>,
) -> Option<SlaChip> {
    let due_at = due_at?;
    Some(match ended_at {
        Some(ended_at) => SlaChip::ended(&layout.fmt, due_at, ended_at),
        None => layout.sla(&due_at),
    })
}

/// A handler sees own cases only (contract.md, Roles).
fn only_own(user: &CurrentUser) -> Option<UserId> {
    (user.role == Role::Handler).then_some(user.id)
}

/// One complaint: the words, the clock, the history.
#[derive(Template)]
#[template(path = "complaints/show.html")]
pub struct ComplaintPage {
    layout: Layout,
    complaint: Complaint,
    events: Vec<EventRow>,
    reason: Option<String>,
    attachments: Panel,
    verdict: VerdictPane,
}

impl ComplaintPage {
    fn chip(&self) -> Option<SlaChip> {
        let complaint = &self.complaint;
        chip(
            &self.layout,
            complaint.dispatch_due_at,
            complaint.dispatch_ended_at,
        )
    }

    fn can_open_call(&self) -> bool {
        self.layout.can(Permission::ViewCallbacks)
    }
}

pub async fn show(
    layout: Layout,
    user: Can<ViewComplaints>,
    State(app): State<AppState>,
    Path(id): Path<ComplaintId>,
) -> AppResult<Page<ComplaintPage>> {
    let scope = user.scope();
    let own = only_own(&user);
    let complaint = queries::find(&app.db, scope, id)
        .await?
        .filter(|complaint| own.is_none() || complaint.handler_id == own)
        .ok_or(AppError::NotFound)?;
    let events = queries::list_events(&app.db, scope, id).await?;
    let verdict = VerdictPane::load(&app.db, &user, id, app.clock.now()).await?;
    let call = complaint.from_callback_id.map(|id| id.get());
    let mut db = app.db.acquire().await?;
    let reason = scripts::service::reason(&mut db, scope, call, &complaint.class_minor).await?;
    // A code of the form of intake, else a reason of the questionnaire that was asked.
    let minor = complaint_minors::text(layout.lang, &complaint.class_minor).map(str::to_owned);
    Ok(Page(ComplaintPage {
        reason: minor.or_else(|| reason.map(|reason| reason.text.get(layout.lang).to_owned())),
        attachments: Panel::load(&app.db, &user, id).await?,
        complaint,
        events,
        verdict: verdict.ok_or(AppError::NotFound)?,
        layout,
    }))
}
