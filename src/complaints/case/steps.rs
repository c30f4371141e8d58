//! The six steps of a case as its page draws them: which are done, in time or late, which one it stands at.

use chrono::{DateTime, Utc};

use crate::complaints::ComplaintState;
use crate::complaints::case::queries::{Case, ClockRow};
use crate::obligations::ObligationStatus;

/// A step, in the order of the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    Accepted,
    Dispatch,
    FollowUp,
    Resolve,
    Callback,
    Close,
}

/// How a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    Met,
    /// Done, but late.
    Missed,
    Now,
    /// The case stands here, and the deadline has passed.
    Late,
    Ahead,
}

/// One of the six.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub kind: StepKind,
    pub state: StepState,
    pub done_at: Option<DateTime<Utc>>,
    /// Of the step itself, or of its next repetition.
    pub due_at: Option<DateTime<Utc>>,
}

impl StepState {
    /// The class of the drawing.
    pub const fn class(self) -> &'static str {
        match self {
            StepState::Met => " is-met",
            StepState::Missed => " is-met is-missed",
            StepState::Now => " is-now",
            StepState::Late => " is-now is-late",
            StepState::Ahead => "",
        }
    }
}

/// What of a case the steps are read from.
pub struct Facts {
    pub state: ComplaintState,
    pub accepted_at: DateTime<Utc>,
    pub dispatched_at: Option<DateTime<Utc>>,
    pub followed_up_at: Option<DateTime<Utc>>,
    pub promised_at: Option<DateTime<Utc>>,
    pub resolved_at: Option<DateTime<Utc>>,
    pub verdict_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
}

impl Facts {
    /// Of a case as it stands; what a reopened case had reached before counts no longer.
    pub fn of(case: &Case) -> Facts {
        let is_dealt_with = matches!(case.state, ComplaintState::Resolved | ComplaintState::Closed);
        Facts {
            state: case.state,
            accepted_at: case.accepted_at,
            dispatched_at: case.dispatched_at,
            followed_up_at: case.followed_up_at,
            promised_at: case.promised_at,
            resolved_at: case.resolved_at.filter(|_| is_dealt_with),
            verdict_at: case.verdict_at.filter(|_| is_dealt_with),
            ended_at: case.ended_at,
        }
    }
}

/// The steps of a case at an instant.
pub fn steps(facts: &Facts, clocks: &[ClockRow], now: DateTime<Utc>) -> [Step; 6] {
    let clock = |kind: &str| {
        let is_known = |clock: &&ClockRow| clock.kind == kind && clock.status != ObligationStatus::Cancelled;
        clocks.iter().rfind(is_known)
    };
    let due = |kind: &str| clock(kind).map(|clock| clock.due_at);
    let first_follow_up = clocks.iter().find(|clock| clock.kind == "complaint_follow_up");
    let follow_up_due = match facts.followed_up_at {
        // Done once, the next one is shown while it is open.
        Some(_) => clock("complaint_follow_up")
            .filter(|clock| clock.status == ObligationStatus::Open)
            .map(|clock| clock.due_at),
        None => due("complaint_follow_up"),
    };
    let raw = [
        (StepKind::Accepted, Some(facts.accepted_at), None, None),
        (
            StepKind::Dispatch,
            facts.dispatched_at,
            due("complaint_dispatch"),
            due("complaint_dispatch"),
        ),
        (
            StepKind::FollowUp,
            facts.followed_up_at,
            follow_up_due,
            first_follow_up.map(|clock| clock.due_at),
        ),
        (
            StepKind::Resolve,
            facts.resolved_at,
            due("complaint_close").or(facts.promised_at),
            due("complaint_close"),
        ),
        (
            StepKind::Callback,
            facts.verdict_at,
            due("complaint_second_callback"),
            due("complaint_second_callback"),
        ),
        (
            StepKind::Close,
            facts.ended_at.filter(|_| facts.state == ComplaintState::Closed),
            None,
            None,
        ),
    ];
    let is_open = facts.ended_at.is_none();
    let last_done = raw
        .iter()
        .rposition(|(_, done_at, ..)| done_at.is_some())
        .unwrap_or(0);
    let current = raw.iter().enumerate().position(|(n, (kind, done_at, ..))| {
        // A follow-up that nobody made before the case was dealt with is history.
        done_at.is_none() && is_open && !(*kind == StepKind::FollowUp && n < last_done)
    });
    let mut steps = raw.map(|(kind, done_at, due_at, promised)| Step {
        kind,
        state: match done_at {
            Some(at) if promised.is_some_and(|due| at > due) => StepState::Missed,
            Some(_) => StepState::Met,
            None => StepState::Ahead,
        },
        done_at,
        due_at,
    });
    if let Some(step) = current.map(|n| &mut steps[n]) {
        let is_late = step.due_at.is_some_and(|due| due < now);
        step.state = if is_late { StepState::Late } else { StepState::Now };
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> DateTime<Utc> {
        let start: DateTime<Utc> = "2026-11-24T00:00:00Z".parse().unwrap();
        start + chrono::TimeDelta::hours(hour)
    }

    fn facts() -> Facts {
        Facts {
            state: ComplaintState::Accepted,
            accepted_at: at(0),
            dispatched_at: None,
            followed_up_at: None,
            promised_at: None,
            resolved_at: None,
            verdict_at: None,
            ended_at: None,
        }
    }

    fn clock(kind: &str, due: i64, ended: Option<i64>) -> ClockRow {
        ClockRow {
            kind: kind.to_owned(),
            due_at: at(due),
            ended_at: ended.map(at),
            status: if ended.is_some() {
                ObligationStatus::Done
            } else {
                ObligationStatus::Open
            },
        }
    }

    /// One letter per step: met, missed, now, late, ahead.
    fn drawn(facts: &Facts, clocks: &[ClockRow], now: i64) -> String {
        let letter = |step: &Step| match step.state {
            StepState::Met => 'M',
            StepState::Missed => 'x',
            StepState::Now => 'N',
            StepState::Late => 'L',
            StepState::Ahead => '.',
        };
        steps(facts, clocks, at(now)).iter().map(letter).collect()
    }

    #[test]
    fn a_case_stands_at_the_first_step_that_is_not_done() {
        let dispatch = |ended| clock("complaint_dispatch", 2, ended);
        assert_eq!(drawn(&facts(), &[dispatch(None)], 1), "MN....");
        assert_eq!(drawn(&facts(), &[dispatch(None)], 3), "ML....");
        let given = Facts {
            state: ComplaintState::Dispatched,
            dispatched_at: Some(at(1)),
            ..facts()
        };
        let follow = clock("complaint_follow_up", 24, None);
        assert_eq!(drawn(&given, &[dispatch(Some(1)), follow], 3), "MMN...");
        let late = Facts {
            dispatched_at: Some(at(5)),
            ..given
        };
        let follow = clock("complaint_follow_up", 24, None);
        assert_eq!(drawn(&late, &[dispatch(Some(5)), follow], 30), "MxL...");
    }

    #[test]
    fn later_follow_ups_do_not_hold_the_case_at_the_first() {
        let case = Facts {
            state: ComplaintState::InProgress,
            dispatched_at: Some(at(1)),
            followed_up_at: Some(at(20)),
            ..facts()
        };
        let clocks = [
            clock("complaint_dispatch", 2, Some(1)),
            clock("complaint_follow_up", 24, Some(20)),
            clock("complaint_follow_up", 44, None),
            clock("complaint_close", 72, None),
        ];
        assert_eq!(drawn(&case, &clocks, 30), "MMMN..");
        assert_eq!(steps(&case, &clocks, at(30))[2].due_at, Some(at(44)));
        assert_eq!(drawn(&case, &clocks, 80), "MMML..");
    }

    #[test]
    fn a_case_that_has_ended_stands_nowhere() {
        let withdrawn = Facts {
            state: ComplaintState::Withdrawn,
            ended_at: Some(at(9)),
            ..facts()
        };
        assert_eq!(drawn(&withdrawn, &[], 10), "M.....");
        let resolved = Facts {
            state: ComplaintState::Resolved,
            dispatched_at: Some(at(1)),
            resolved_at: Some(at(9)),
            ..facts()
        };
        assert_eq!(drawn(&resolved, &[], 10), "MM.MN.");
        let closed = Facts {
            state: ComplaintState::Closed,
            verdict_at: Some(at(20)),
            ended_at: Some(at(21)),
            ..resolved
        };
        assert_eq!(drawn(&closed, &[], 22), "MM.MMM");
    }
}
