//! What happened to a case, as its clocks see it: the row and its events, told in order (pure).

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::complaints::{ComplaintId, ComplaintState, Severity, Verdict};
use crate::customers::CustomerId;
use crate::users::UserId;
use crate::vehicles::VehicleId;

/// A case with what its clocks depend on.
#[derive(Clone, Debug)]
pub struct Case {
    pub id: ComplaintId,
    pub customer_id: Option<CustomerId>,
    pub vehicle_id: Option<VehicleId>,
    pub severity: Severity,
    pub state: ComplaintState,
    pub accepted_at: DateTime<Utc>,
    pub dispatched_at: Option<DateTime<Utc>>,
    pub followed_up_at: Option<DateTime<Utc>>,
    pub waiting_since: Option<DateTime<Utc>>,
    pub promised_at: Option<DateTime<Utc>>,
    pub resolved_at: Option<DateTime<Utc>>,
    pub verdict: Option<Verdict>,
    pub verdict_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub wants_replacement: bool,
    pub external_due_on: Option<NaiveDate>,
    pub owner_id: Option<UserId>,
    pub handler_id: Option<UserId>,
}

/// A line of the timeline that a clock may depend on.
#[derive(Clone, Debug)]
pub struct Event {
    pub complaint_id: ComplaintId,
    pub kind: String,
    pub at: DateTime<Utc>,
    pub by_id: Option<UserId>,
    pub to_state: Option<String>,
    /// A contact, or a note that tells of one with the department.
    pub is_follow_up: bool,
}

/// When, and who.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    pub at: DateTime<Utc>,
    pub by: Option<UserId>,
}

/// Why nothing more is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    Resolved,
    Closed,
    /// 撤诉, 无效, 合并: the code of the state.
    Dropped(&'static str),
}

/// From acceptance or reopening to the next reopening.
#[derive(Clone, Debug, Default)]
pub struct Cycle {
    pub from: DateTime<Utc>,
    pub contact: Option<Moment>,
    pub plan: Option<Moment>,
    pub resolved: Option<Moment>,
    pub closed: Option<Moment>,
    pub dropped: Option<(Moment, &'static str)>,
    pub reopened: Option<Moment>,
    waits: Vec<(DateTime<Utc>, Option<DateTime<Utc>>)>,
}

impl Cycle {
    /// How long the customer was waited for between `from` and the end of the cycle; a wait that goes on counts up to `now`.
    pub fn waited(&self, from: DateTime<Utc>, now: DateTime<Utc>) -> TimeDelta {
        let spans = self.waits.iter().map(|(start, end)| {
            let (start, end) = ((*start).max(from), end.unwrap_or(now));
            (end - start).max(TimeDelta::zero())
        });
        spans.fold(TimeDelta::zero(), |sum, span| sum + span)
    }

    /// Whether the customer is being waited for.
    pub fn is_waiting(&self) -> bool {
        self.waits.last().is_some_and(|(_, end)| end.is_none())
    }
}

/// A stretch in which the case is to be followed up.
#[derive(Clone, Debug)]
pub struct Stretch {
    pub from: DateTime<Utc>,
    pub follow_ups: Vec<Moment>,
    pub stop: Option<(Moment, Stop)>,
}

/// The case was dealt with: the customer is asked about it.
#[derive(Clone, Debug)]
pub struct Resolution {
    pub at: Moment,
    pub verdict: Option<Moment>,
    /// Whether the customer was content with it, as far as it is known.
    pub is_satisfied: Option<bool>,
    /// It was taken back, or the case ended, before the customer was asked.
    pub undone: Option<(Moment, &'static str)>,
}

/// Everything in order. There is at least one cycle and one stretch.
#[derive(Clone, Debug)]
pub struct History {
    pub cycles: Vec<Cycle>,
    pub stretches: Vec<Stretch>,
    pub resolutions: Vec<Resolution>,
    pub dispatched: Option<Moment>,
    /// Talks with the customer after the case was closed.
    pub later_contacts: Vec<Moment>,
}

impl History {
    /// Tells a case from its events in order of time; what they do not say is taken from the row.
    pub fn of(case: &Case, events: &[Event]) -> History {
        let mut history = History {
            cycles: vec![Cycle {
                from: case.accepted_at,
                ..Cycle::default()
            }],
            stretches: vec![Stretch {
                from: case.accepted_at,
                follow_ups: Vec::new(),
                stop: None,
            }],
            resolutions: Vec::new(),
            dispatched: None,
            later_contacts: Vec::new(),
        };
        for event in events {
            history.tell(event);
        }
        history.complete(case);
        history
    }

    /// The present cycle.
    pub fn current(&self) -> &Cycle {
        self.cycles.last().expect("a case has been accepted")
    }

    fn cycle(&mut self) -> &mut Cycle {
        self.cycles.last_mut().expect("a case has been accepted")
    }

    fn stretch(&mut self) -> &mut Stretch {
        self.stretches.last_mut().expect("a case has been accepted")
    }

    fn tell(&mut self, event: &Event) {
        let moment = Moment {
            at: event.at,
            by: event.by_id,
        };
        let state: Option<ComplaintState> = event.to_state.as_deref().and_then(|code| code.parse().ok());
        if event.is_follow_up {
            self.follow_up(moment);
        }
        match event.kind.as_str() {
            "contact" => {
                self.cycle().contact.get_or_insert(moment);
                if self.current().closed.is_some() {
                    self.later_contacts.push(moment);
                }
            }
            "plan" => {
                self.cycle().plan.get_or_insert(moment);
            }
            "verdict" => self.judged(moment),
            "reopened" => return self.reopen(moment),
            "dispatched" => {
                self.dispatched.get_or_insert(moment);
            }
            "waiting" => self.wait(moment),
            "resumed" => self.resume(moment),
            "resolved" => return self.resolve(moment),
            "closed" => return self.close(moment),
            "withdrawn" => return self.drop_case(moment, "withdrawn"),
            "invalid" => return self.drop_case(moment, "invalid"),
            // Without a state it is the line of the case that goes on.
            "merged" if state.is_none() => {}
            _ => {}
        }
        if let Some(state) = state {
            self.enter(state, moment);
        }
    }

    /// A change of state, whatever the event is called.
    fn enter(&mut self, state: ComplaintState, moment: Moment) {
        match state {
            ComplaintState::Accepted => {}
            ComplaintState::Dispatched => {
                self.dispatched.get_or_insert(moment);
                self.resume(moment);
                self.take_back(moment);
            }
            ComplaintState::InProgress => {
                self.resume(moment);
                self.take_back(moment);
            }
            ComplaintState::Waiting => {
                self.take_back(moment);
                self.wait(moment);
            }
            ComplaintState::Resolved => self.resolve(moment),
            ComplaintState::Closed => self.close(moment),
            ComplaintState::Withdrawn => self.drop_case(moment, "withdrawn"),
            ComplaintState::Invalid => self.drop_case(moment, "invalid"),
            ComplaintState::Merged => self.drop_case(moment, "merged"),
        }
    }

    fn follow_up(&mut self, moment: Moment) {
        self.stretch().follow_ups.push(moment);
    }

    fn wait(&mut self, moment: Moment) {
        let cycle = self.cycle();
        if !cycle.is_waiting() {
            cycle.waits.push((moment.at, None));
        }
    }

    fn resume(&mut self, moment: Moment) {
        if let Some((_, end)) = self.cycle().waits.last_mut() {
            end.get_or_insert(moment.at);
        }
    }

    fn stop(&mut self, moment: Moment, stop: Stop) {
        self.resume(moment);
        self.stretch().stop.get_or_insert((moment, stop));
    }

    fn is_resolved(&self) -> bool {
        self.resolutions
            .last()
            .is_some_and(|last| last.undone.is_none() && self.current().resolved == Some(last.at))
    }

    fn resolve(&mut self, moment: Moment) {
        if self.is_resolved() || self.current().closed.is_some() || self.current().dropped.is_some() {
            return;
        }
        self.stop(moment, Stop::Resolved);
        self.cycle().resolved = Some(moment);
        self.resolutions.push(Resolution {
            at: moment,
            verdict: None,
            is_satisfied: None,
            undone: None,
        });
    }

    /// Back to work without a new cycle.
    fn take_back(&mut self, moment: Moment) {
        if !self.is_resolved() {
            return;
        }
        self.cycle().resolved = None;
        self.leave(moment, "resumed");
        self.go_on(moment);
    }

    /// The customer will not be asked about this any more.
    fn leave(&mut self, moment: Moment, reason: &'static str) {
        if let Some(last) = self.resolutions.last_mut()
            && last.verdict.is_none()
        {
            last.undone.get_or_insert((moment, reason));
        }
    }

    fn go_on(&mut self, moment: Moment) {
        self.stretches.push(Stretch {
            from: moment.at,
            follow_ups: Vec::new(),
            stop: None,
        });
    }

    fn judged(&mut self, moment: Moment) {
        if let Some(last) = self.resolutions.last_mut()
            && last.undone.is_none()
        {
            last.verdict.get_or_insert(moment);
        }
    }

    fn close(&mut self, moment: Moment) {
        if self.current().closed.is_some() || self.current().dropped.is_some() {
            return;
        }
        self.stop(moment, Stop::Closed);
        self.leave(moment, "closed");
        self.cycle().closed = Some(moment);
    }

    fn drop_case(&mut self, moment: Moment, code: &'static str) {
        if self.current().closed.is_some() || self.current().dropped.is_some() {
            return;
        }
        self.stop(moment, Stop::Dropped(code));
        self.leave(moment, code);
        self.cycle().dropped = Some((moment, code));
    }

    fn reopen(&mut self, moment: Moment) {
        self.stop(moment, Stop::Resolved);
        if let Some(last) = self.resolutions.last_mut()
            && last.verdict.is_some()
            && self.cycles.last().is_some_and(|cycle| cycle.closed.is_none())
        {
            last.is_satisfied = Some(false);
        }
        self.leave(moment, "reopened");
        self.cycle().reopened = Some(moment);
        self.cycles.push(Cycle {
            from: moment.at,
            ..Cycle::default()
        });
        self.go_on(moment);
    }

    /// What the row says and no event does: cases of earlier versions and of demonstrations.
    fn complete(&mut self, case: &Case) {
        let of = |at: DateTime<Utc>| Moment {
            at,
            by: case.owner_id,
        };
        if self.dispatched.is_none() {
            self.dispatched = case.dispatched_at.map(of);
        }
        if let Some(at) = case.followed_up_at
            && self.stretches.iter().all(|stretch| stretch.follow_ups.is_empty())
        {
            self.stretches[0].follow_ups.push(of(at));
        }
        if let Some(since) = case.waiting_since {
            self.wait(of(since));
        }
        let ended = case.ended_at.map(of);
        match case.state {
            ComplaintState::Accepted
            | ComplaintState::Dispatched
            | ComplaintState::InProgress
            | ComplaintState::Waiting => {}
            ComplaintState::Resolved | ComplaintState::Closed => {
                if let Some(at) = case.resolved_at.map(of).or(ended) {
                    self.resolve(at);
                }
            }
            ComplaintState::Withdrawn | ComplaintState::Invalid | ComplaintState::Merged => {
                if let Some(at) = ended {
                    self.enter(case.state, at);
                }
            }
        }
        if let (Some(at), Some(last)) = (case.verdict_at, self.resolutions.last())
            && at >= last.at.at
        {
            self.judged(of(at));
        }
        if let (ComplaintState::Closed, Some(at)) = (case.state, ended) {
            self.close(at);
        }
        if let (Some(verdict), Some(last)) = (case.verdict, self.resolutions.last_mut())
            && last.verdict.is_some()
            && last.is_satisfied.is_none()
        {
            last.is_satisfied = Some(verdict != Verdict::Dissatisfied);
        }
    }
}
