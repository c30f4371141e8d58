//! The pane of a case that shows the customer's verdict, and what can be done about it.

use chrono::{DateTime, Utc};
use sqlx::PgPool;

use crate::auth::permission::Permission;
use crate::auth::session::CurrentUser;
use crate::complaints::verdict::model::Standing;
use crate::complaints::verdict::queries::{self, Ending};
use crate::complaints::{ComplaintId, ComplaintState, Verdict};
use crate::obligations::ObligationStatus;

/// `templates/complaints/verdict.html`
pub struct VerdictPane {
    pub id: ComplaintId,
    pub ending: Ending,
    pub may_judge: bool,
    pub may_close: bool,
    pub may_reopen: bool,
    /// The customer was not reached: the manager decides.
    pub is_unreached: bool,
    /// The second callback is still to be made.
    pub is_owed: bool,
    pub is_reopened: bool,
    /// Before anything was dealt with.
    pub is_early: bool,
}

impl VerdictPane {
    /// For whoever looks.
    pub async fn load(
        db: &PgPool,
        user: &CurrentUser,
        id: ComplaintId,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Option<VerdictPane>> {
        let case = queries::find(db, user.scope(), id).await?;
        let ending = queries::find_ending(db, user.scope(), id).await?;
        Ok(case
            .zip(ending)
            .map(|(case, ending)| VerdictPane::of(&case, ending, user, now)))
    }

    fn of(case: &Standing, ending: Ending, user: &CurrentUser, now: DateTime<Utc>) -> VerdictPane {
        let is_handler = case.was_handled_by(user.id);
        let works = user.can(Permission::WorkComplaints) && !is_handler;
        let decides = user.can(Permission::DecideComplaints) && !is_handler;
        let is_resolved = case.state == ComplaintState::Resolved;
        VerdictPane {
            id: case.id,
            may_judge: works && case.awaits_verdict(),
            may_close: decides && case.may_close(),
            may_reopen: works && case.may_reopen(now),
            is_unreached: is_resolved && ending.call_status == Some(ObligationStatus::Exhausted),
            is_owed: is_resolved && ending.call_status == Some(ObligationStatus::Open),
            is_reopened: case.ended_at.is_none()
                && !is_resolved
                && case.verdict == Some(Verdict::Dissatisfied),
            is_early: case.ended_at.is_none() && !is_resolved && case.verdict.is_none(),
            ending,
        }
    }
}
