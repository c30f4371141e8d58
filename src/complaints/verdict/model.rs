//! What a verdict leads to, and when a case may be closed or reopened (pure).

use chrono::{DateTime, TimeDelta, Utc};

use crate::callbacks::CallbackId;
use crate::complaints::{ComplaintId, ComplaintState, Verdict};
use crate::customers::CustomerId;
use crate::text_enum;
use crate::users::UserId;

/// A closed case may be reopened this long (the trade's rule: a later grievance is a case of its own).
pub const REOPEN_WITHIN: TimeDelta = TimeDelta::days(30);

text_enum! {
    /// How the customer was talked to.
    pub enum VerdictChannel {
        Call = "call",
        Visit = "visit",
        Wechat = "wechat",
        Message = "message",
    }
}

text_enum! {
    /// What becomes of a case.
    pub enum Effect {
        Closed = "closed",
        Reopened = "reopened",
    }
}

impl Effect {
    /// Satisfied and acceptable close a case, dissatisfied reopens it (domain.md §6).
    pub const fn of(verdict: Verdict) -> Effect {
        match verdict {
            Verdict::Satisfied | Verdict::Acceptable => Effect::Closed,
            Verdict::Dissatisfied => Effect::Reopened,
        }
    }
}

/// The verdict as it was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    pub verdict: Verdict,
    /// 0 to 10, if any were given.
    pub score: Option<i16>,
    pub is_solved: Option<bool>,
    /// The customer's own words; never empty when dissatisfied.
    pub words: String,
    pub channel: VerdictChannel,
    /// The call in which it was said.
    pub callback: Option<CallbackId>,
}

/// Why a case is not judged, closed or reopened now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Not of this store.
    Gone,
    /// Somebody else has changed it since it was shown.
    Changed,
    /// Not in the state that this takes.
    NotNow,
    /// This person answered for it.
    Handler,
}

/// A case as the decisions about its end see it.
#[derive(Clone, Debug)]
pub struct Standing {
    pub id: ComplaintId,
    pub version: i32,
    pub state: ComplaintState,
    pub verdict: Option<Verdict>,
    /// Cause, result, responsibility and the customer's agreement are written down.
    pub has_evidence: bool,
    pub handled_by: Vec<UserId>,
    pub customer_id: Option<CustomerId>,
    pub ended_at: Option<DateTime<Utc>>,
}

impl Standing {
    /// A case that was dealt with waits for its verdict.
    pub fn awaits_verdict(&self) -> bool {
        self.state == ComplaintState::Resolved
    }

    /// Without a satisfied or acceptable verdict: once it was dealt with, also when it has been reopened since
    /// (不满意但终结). What was agreed must stand on record in any case.
    pub fn may_close(&self) -> bool {
        match self.state {
            ComplaintState::Resolved => true,
            ComplaintState::Accepted
            | ComplaintState::Dispatched
            | ComplaintState::InProgress
            | ComplaintState::Waiting => self.has_evidence && self.verdict == Some(Verdict::Dissatisfied),
            ComplaintState::Closed
            | ComplaintState::Withdrawn
            | ComplaintState::Invalid
            | ComplaintState::Merged => false,
        }
    }

    /// A closed case, for a month.
    pub fn may_reopen(&self, now: DateTime<Utc>) -> bool {
        self.state == ComplaintState::Closed && self.ended_at.is_some_and(|at| now - at <= REOPEN_WITHIN)
    }

    /// Whether this person answered for it.
    pub fn was_handled_by(&self, user: UserId) -> bool {
        self.handled_by.contains(&user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(state: ComplaintState, verdict: Option<Verdict>, has_evidence: bool) -> Standing {
        Standing {
            id: ComplaintId::new(1),
            version: 1,
            state,
            verdict,
            has_evidence,
            handled_by: vec![UserId::new(7)],
            customer_id: None,
            ended_at: None,
        }
    }

    #[test]
    fn a_case_is_judged_and_closed_in_these_states_only() {
        use ComplaintState as S;
        let no = Some(Verdict::Dissatisfied);
        let fine = Some(Verdict::Acceptable);
        for (state, verdict, has_evidence, is_judged, may_close) in [
            (S::Accepted, None, false, false, false),
            (S::Accepted, no, true, false, true),
            (S::Dispatched, None, false, false, false),
            (S::InProgress, None, true, false, false),
            (S::InProgress, no, true, false, true),
            (S::InProgress, no, false, false, false),
            (S::InProgress, fine, true, false, false),
            (S::Waiting, no, true, false, true),
            (S::Resolved, None, true, true, true),
            (S::Resolved, no, true, true, true),
            (S::Closed, fine, true, false, false),
            (S::Withdrawn, None, false, false, false),
            (S::Invalid, no, true, false, false),
            (S::Merged, None, false, false, false),
        ] {
            let case = case(state, verdict, has_evidence);
            assert_eq!(
                (case.awaits_verdict(), case.may_close()),
                (is_judged, may_close),
                "{state} {verdict:?} {has_evidence}"
            );
        }
    }

    #[test]
    fn a_closed_case_is_reopened_within_thirty_days() {
        let now: DateTime<Utc> = "2026-11-24T02:00:00Z".parse().unwrap();
        for (state, days, may_reopen) in [
            (ComplaintState::Closed, 0, true),
            (ComplaintState::Closed, 30, true),
            (ComplaintState::Closed, 31, false),
            (ComplaintState::Withdrawn, 1, false),
            (ComplaintState::Merged, 1, false),
        ] {
            let mut case = case(state, None, true);
            case.ended_at = Some(now - TimeDelta::days(days));
            assert_eq!(case.may_reopen(now), may_reopen, "{state} {days}");
        }
        assert!(!case(ComplaintState::Resolved, None, true).may_reopen(now));
    }

    #[test]
    fn only_the_dissatisfied_reopen_and_only_handlers_are_kept_out() {
        for (verdict, effect) in [
            (Verdict::Satisfied, Effect::Closed),
            (Verdict::Acceptable, Effect::Closed),
            (Verdict::Dissatisfied, Effect::Reopened),
        ] {
            assert_eq!(Effect::of(verdict), effect, "{verdict}");
        }
        let case = case(ComplaintState::Resolved, None, true);
        assert!(case.was_handled_by(UserId::new(7)) && !case.was_handled_by(UserId::new(8)));
    }
}
