//! What a derived clock changes in the ledger (pure): nothing that has ended, and no deadline to a later one.

use chrono::{DateTime, Utc};

use crate::complaints::ComplaintId;
use crate::complaints::clocks::derive::{Ending, Key, Wanted};
use crate::obligations::{ObligationKind as Kind, ObligationStatus as Status};
use crate::users::UserId;

/// A clock as the ledger holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub complaint_id: ComplaintId,
    pub kind: Kind,
    pub cycle_key: String,
    pub status: Status,
    pub not_before: DateTime<Utc>,
    pub strict_due_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub callable_due_at: DateTime<Utc>,
    pub is_short_window: bool,
    pub is_call: bool,
    pub responsible_id: Option<UserId>,
    pub callback_id: Option<i64>,
}

impl Held {
    /// What it is known by.
    pub fn key(&self) -> Key {
        (self.kind, self.cycle_key.clone())
    }

    /// What is written over it; `None` if it stays as it is.
    pub fn changed(&self, wanted: &Wanted, now: DateTime<Utc>) -> Option<Wanted> {
        if self.status != Status::Open {
            return None;
        }
        let mut after = wanted.clone();
        self.keep_deadlines(wanted, &mut after);
        // The day of the call decides, and what is attached to a call stays a call.
        let may_become_call = matches!(self.kind, Kind::ComplaintSecondCallback | Kind::ComplaintAfter);
        after.is_call = self.is_call || (may_become_call && wanted.is_call);
        // Who held it at due time answers for it.
        if self.due_at <= now && self.responsible_id.is_some() {
            after.responsible_id = self.responsible_id;
        }
        (!self.is_same(&after)).then_some(after)
    }

    /// It is owed no more: the demand was withdrawn, or the date of an authority was corrected.
    pub fn dropped(&self, now: DateTime<Utc>) -> Option<Wanted> {
        let is_dropped = self.status == Status::Open && self.kind == Kind::ComplaintExternal;
        is_dropped.then(|| Wanted {
            kind: self.kind,
            cycle_key: self.cycle_key.clone(),
            cohort_on: now.date_naive(),
            not_before: self.not_before,
            strict_due_at: self.strict_due_at,
            due_at: self.due_at,
            callable_due_at: self.callable_due_at,
            is_short_window: self.is_short_window,
            is_wall_clock: true,
            is_call: self.is_call,
            responsible_id: self.responsible_id,
            ending: Some(Ending {
                status: Status::Cancelled,
                at: now,
                by: None,
                reason: Some("changed"),
                is_satisfied: None,
                is_connected: false,
            }),
        })
    }

    fn is_same(&self, after: &Wanted) -> bool {
        after.ending.is_none()
            && self.not_before == after.not_before
            && self.strict_due_at == after.strict_due_at
            && self.due_at == after.due_at
            && self.callable_due_at == after.callable_due_at
            && self.is_call == after.is_call
            && self.responsible_id == after.responsible_id
    }

    fn keep_deadlines(&self, wanted: &Wanted, after: &mut Wanted) {
        match self.kind {
            // Only waiting for the customer moves it, by the time that was waited.
            Kind::ComplaintClose => {
                let waited = wanted.due_at - wanted.strict_due_at;
                after.not_before = self.not_before;
                after.strict_due_at = self.strict_due_at.min(wanted.strict_due_at);
                after.due_at = after.strict_due_at + waited;
                after.callable_due_at = after.due_at;
            }
            // A graver case is counted anew from acceptance; else the calendar alone moves it, and not once it runs.
            Kind::ComplaintDispatch | Kind::ComplaintFirstReply if !self.is_graver(wanted) => {
                after.strict_due_at = self.strict_due_at;
                after.due_at = self.due_at;
                after.callable_due_at = self.callable_due_at;
                if wanted.due_at != self.due_at {
                    after.not_before = self.not_before;
                }
            }
            Kind::ComplaintAfter => {
                after.not_before = self.not_before;
                after.strict_due_at = self.strict_due_at;
                after.due_at = self.due_at;
                after.callable_due_at = self.callable_due_at;
                after.is_short_window = self.is_short_window;
            }
            Kind::ComplaintSecondCallback if wanted.due_at >= self.due_at => {
                after.strict_due_at = self.strict_due_at;
                after.due_at = self.due_at;
                after.callable_due_at = self.callable_due_at;
                after.is_short_window = self.is_short_window;
            }
            Kind::PostService
            | Kind::WarrantyExpiry
            | Kind::FirstMaintenance
            | Kind::PeriodicMaintenance
            | Kind::Renewal
            | Kind::RenewalContact
            | Kind::LostCustomer
            | Kind::DataTask
            | Kind::CareVisit
            | Kind::ProfileReview
            | Kind::ComplaintDispatch
            | Kind::ComplaintFirstReply
            | Kind::ComplaintFollowUp
            | Kind::ComplaintPlan
            | Kind::ComplaintSecondCallback
            | Kind::ComplaintExternal => {
                after.strict_due_at = self.strict_due_at.min(wanted.strict_due_at);
                after.due_at = self.due_at.min(wanted.due_at);
                after.callable_due_at = self.callable_due_at.min(wanted.callable_due_at);
            }
        }
        if matches!(self.kind, Kind::ComplaintDispatch | Kind::ComplaintFirstReply) {
            after.strict_due_at = after.strict_due_at.min(self.strict_due_at);
            after.due_at = after.due_at.min(self.due_at);
            after.callable_due_at = after.due_at;
        }
    }

    fn is_graver(&self, wanted: &Wanted) -> bool {
        wanted.due_at - wanted.not_before < self.due_at - self.not_before
            || (wanted.is_wall_clock && wanted.not_before < self.not_before)
    }
}
