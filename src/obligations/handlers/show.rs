//! One entry of the ledger: why it is owed, until when, and how it ended.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::auth::permission::{Can, Permission, ViewOwnKpi};
use crate::complaints::warnings::model;
use crate::exemptions;
use crate::exemptions::queries::ExemptionRow;
use crate::obligations::queries::{self, Obligation};
use crate::obligations::{ObligationId, ObligationKind};
use crate::rules::fields::Gap;
use crate::web::error::{AppError, AppResult};
use crate::web::extract::Path;
use crate::web::filters;
use crate::web::layout::Layout;
use crate::web::page::Page;
use crate::web::state::AppState;

/// `obligations/show.html`
#[derive(Template)]
#[template(path = "obligations/show.html")]
struct ShowPage {
    layout: Layout,
    entry: Obligation,
    requests: Vec<ExemptionRow>,
}

impl ShowPage {
    fn can_ask(&self) -> bool {
        self.entry.ended_at.is_none()
            && !self.entry.has_request
            && self.layout.can(Permission::RequestExemptions)
    }

    /// Where it is worked on: the call, the reminder, the case, else the file that is to be mended.
    fn open(&self) -> Option<(String, &'static str)> {
        let (entry, t) = (&self.entry, self.layout.t.obligations());
        if let Some(id) = entry
            .callback_id
            .filter(|_| self.layout.can(Permission::ViewCallbacks))
        {
            return Some((format!("/callbacks/{id}"), t.call()));
        }
        if let Some(id) = entry
            .reminder_id
            .filter(|_| self.layout.can(Permission::WorkReminders))
        {
            return Some((format!("/reminders/{id}"), t.open_reminder()));
        }
        let id = entry
            .customer_id
            .filter(|_| entry.ended_at.is_none() && self.layout.can(Permission::ViewArchive))?;
        match entry.kind {
            ObligationKind::DataTask => Some((format!("/customers/{id}"), t.open_file())),
            ObligationKind::ProfileReview if self.layout.can(Permission::ReviewFiles) => {
                Some((format!("/reviews/{id}"), t.open_review()))
            }
            ObligationKind::PostService
            | ObligationKind::WarrantyExpiry
            | ObligationKind::FirstMaintenance
            | ObligationKind::PeriodicMaintenance
            | ObligationKind::Renewal
            | ObligationKind::RenewalContact
            | ObligationKind::LostCustomer
            | ObligationKind::CareVisit
            | ObligationKind::ProfileReview
            | ObligationKind::ComplaintDispatch
            | ObligationKind::ComplaintFirstReply
            | ObligationKind::ComplaintFollowUp
            | ObligationKind::ComplaintPlan
            | ObligationKind::ComplaintClose
            | ObligationKind::ComplaintSecondCallback
            | ObligationKind::ComplaintAfter
            | ObligationKind::ComplaintExternal => None,
        }
    }

    /// What the cycle says to people: the stage of a cadence, the gap of a file.
    fn stage(&self) -> Option<String> {
        let key = &self.entry.cycle_key;
        match self.entry.kind {
            ObligationKind::FirstMaintenance | ObligationKind::RenewalContact => Some(key.clone()),
            ObligationKind::DataTask => {
                let code = key.split(':').next().unwrap_or_default();
                let gap = if code == "expiry" {
                    Some(Gap::UnknownExpiry)
                } else {
                    code.parse().ok()
                };
                gap.map(|gap| self.layout.t.rules().gap(gap).to_owned())
            }
            ObligationKind::PostService
            | ObligationKind::WarrantyExpiry
            | ObligationKind::PeriodicMaintenance
            | ObligationKind::Renewal
            | ObligationKind::LostCustomer
            | ObligationKind::CareVisit
            | ObligationKind::ProfileReview => None,
            kind @ (ObligationKind::ComplaintDispatch
            | ObligationKind::ComplaintFirstReply
            | ObligationKind::ComplaintFollowUp
            | ObligationKind::ComplaintPlan
            | ObligationKind::ComplaintClose
            | ObligationKind::ComplaintSecondCallback
            | ObligationKind::ComplaintAfter
            | ObligationKind::ComplaintExternal) => Some(model::name(self.layout.lang, kind, key)),
        }
    }
}

/// Own entries are everybody's, those of the whole store the manager's.
pub async fn show(
    layout: Layout,
    user: Can<ViewOwnKpi>,
    State(app): State<AppState>,
    Path(id): Path<ObligationId>,
) -> AppResult<Response> {
    let entry = queries::find(&app.db, user.scope(), id, layout.fmt.now)
        .await?
        .ok_or(AppError::NotFound)?;
    let person = entry.responsible_id.or(entry.ended_by);
    if !user.can(Permission::ViewObligations) && person != Some(user.id) {
        return Err(AppError::NotFound);
    }
    let requests = exemptions::queries::list_of(&app.db, user.scope(), id).await?;
    Ok(Page(ShowPage {
        layout,
        entry,
        requests,
    })
    .into_response())
}
