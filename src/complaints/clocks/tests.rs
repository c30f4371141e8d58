use std::collections::HashMap;

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::calendar::StoreCalendar;
use crate::complaints::sla::SeverityTable;
use crate::complaints::{ComplaintState as State, Severity, Verdict};
use crate::customers::CustomerId;
use crate::obligations::{ObligationKind as Kind, ObligationStatus as Status};
use crate::users::UserId;
use history::Case;

/// A case that lives in memory: its row, its timeline and its part of the ledger.
struct Desk {
    case: Case,
    events: Vec<Event>,
    held: Vec<Held>,
    endings: HashMap<derive::Key, Option<DateTime<Utc>>>,
    waited: TimeDelta,
    now: DateTime<Utc>,
    calendar: StoreCalendar,
}

fn instant(text: &str) -> DateTime<Utc> {
    format!("{}:00+08:00", text.replace(' ', "T")).parse().unwrap()
}

impl Desk {
    fn accept(severity: Severity, at: &str) -> Desk {
        let at = instant(at);
        let mut desk = Desk {
            case: Case {
                id: ComplaintId::new(1),
                customer_id: Some(CustomerId::new(1)),
                vehicle_id: None,
                severity,
                state: State::Accepted,
                accepted_at: at,
                dispatched_at: None,
                followed_up_at: None,
                waiting_since: None,
                promised_at: None,
                resolved_at: None,
                verdict: None,
                verdict_at: None,
                ended_at: None,
                wants_replacement: false,
                external_due_on: None,
                owner_id: Some(UserId::new(1)),
                handler_id: None,
            },
            events: Vec::new(),
            held: Vec::new(),
            endings: HashMap::new(),
            waited: TimeDelta::zero(),
            now: at,
            calendar: StoreCalendar::new(chrono_tz::Asia::Shanghai),
        };
        desk.tell("accepted", Some(State::Accepted));
        desk
    }

    fn at(&mut self, text: &str) -> &mut Desk {
        self.now = instant(text);
        self
    }

    fn tell(&mut self, kind: &str, to: Option<State>) {
        self.events.push(Event {
            complaint_id: self.case.id,
            kind: kind.to_owned(),
            at: self.now,
            by_id: Some(UserId::new(2)),
            to_state: to.map(|state| state.as_str().to_owned()),
            is_follow_up: matches!(kind, "contact" | "note"),
        });
        if let Some(state) = to {
            self.case.state = state;
        }
        self.sync();
    }

    fn act(&mut self, kind: &str) {
        let now = Some(self.now);
        if let Some(since) = self.case.waiting_since
            && !matches!(kind, "contact" | "note" | "severity" | "plan" | "report")
        {
            self.waited += self.now - since;
            self.case.waiting_since = None;
        }
        match kind {
            "dispatched" => {
                self.case.dispatched_at = now;
                self.case.handler_id = Some(UserId::new(3));
                self.tell(kind, Some(State::Dispatched));
            }
            "waiting" => {
                self.case.waiting_since = now;
                self.tell(kind, Some(State::Waiting));
            }
            "resumed" => self.tell(kind, Some(State::InProgress)),
            "resolved" => {
                self.case.resolved_at = now;
                self.tell(kind, Some(State::Resolved));
            }
            "closed" => {
                self.case.verdict = Some(Verdict::Satisfied);
                self.case.verdict_at = now;
                self.tell("verdict", None);
                self.case.ended_at = now;
                self.tell(kind, Some(State::Closed));
            }
            "reopened" => {
                self.case.verdict = Some(Verdict::Dissatisfied);
                self.case.verdict_at = now;
                if self.case.ended_at.is_none() {
                    self.tell("verdict", None);
                }
                self.case.ended_at = None;
                self.case.resolved_at = None;
                self.tell(kind, Some(State::InProgress));
            }
            "withdrawn" => {
                self.case.ended_at = now;
                self.tell(kind, Some(State::Withdrawn));
            }
            _ => self.tell(kind, None),
        }
    }

    fn wanted(&self) -> Vec<Change> {
        let history = History::of(&self.case, &self.events);
        let known = self
            .held
            .iter()
            .map(|clock| (clock.key(), clock.strict_due_at))
            .collect();
        let table = SeverityTable::default();
        let source = Source {
            case: &self.case,
            history: &history,
            table: &table,
            calendar: &self.calendar,
            known: &known,
            now: self.now,
        };
        changes(&self.held, derive::derive(&source), self.now)
    }

    fn sync(&mut self) {
        for Change { clock, .. } in self.wanted() {
            let key = clock.key();
            let status = clock.ending.map_or(Status::Open, |ending| ending.status);
            let row = Held {
                complaint_id: self.case.id,
                kind: clock.kind,
                cycle_key: clock.cycle_key,
                status,
                not_before: clock.not_before,
                strict_due_at: clock.strict_due_at,
                due_at: clock.due_at,
                callable_due_at: clock.callable_due_at,
                is_short_window: clock.is_short_window,
                is_call: clock.is_call,
                responsible_id: clock.responsible_id,
                callback_id: None,
            };
            match self.held.iter_mut().find(|held| held.key() == key) {
                Some(held) => {
                    assert_eq!(held.status, Status::Open, "what has ended stays: {key:?}");
                    *held = row;
                }
                None => self.held.push(row),
            }
            if let Some(ending) = clock.ending {
                assert_eq!(self.endings.insert(key, Some(ending.at)), None, "ends once");
            }
        }
    }

    fn clock(&self, kind: Kind, key: &str) -> &Held {
        let found = self
            .held
            .iter()
            .find(|held| held.kind == kind && held.cycle_key == key);
        found.unwrap_or_else(|| panic!("no {kind} {key} in {:#?}", self.keys()))
    }

    fn keys(&self) -> Vec<String> {
        self.held
            .iter()
            .map(|held| format!("{} {} {}", held.kind, held.cycle_key, held.status))
            .collect()
    }

    fn ended(&self, kind: Kind, key: &str) -> (Status, Option<DateTime<Utc>>) {
        let ended = self.endings.get(&(kind, key.to_owned())).copied().flatten();
        (self.clock(kind, key).status, ended)
    }
}

#[test]
fn a_case_is_reported_answered_followed_up_dealt_with_and_judged() {
    let mut desk = Desk::accept(Severity::C, "2026-11-24 10:00");
    assert_eq!(
        desk.clock(Kind::ComplaintDispatch, "1").due_at,
        instant("2026-11-24 12:00")
    );
    assert_eq!(
        desk.clock(Kind::ComplaintClose, "1").due_at,
        instant("2026-11-27 10:00")
    );
    desk.at("2026-11-24 10:40").act("dispatched");
    desk.at("2026-11-24 12:30").act("contact");
    assert_eq!(
        desk.ended(Kind::ComplaintFirstReply, "1"),
        (Status::Done, Some(instant("2026-11-24 12:30")))
    );
    assert_eq!(
        desk.ended(Kind::ComplaintFollowUp, "1"),
        (Status::Done, Some(instant("2026-11-24 12:30")))
    );
    // A second talk in the same period is none of the next.
    desk.at("2026-11-24 16:00").act("contact");
    assert_eq!(
        desk.clock(Kind::ComplaintFollowUp, "2").due_at,
        instant("2026-11-26 10:00")
    );
    desk.at("2026-11-25 10:30").act("note");
    desk.at("2026-11-26 09:00").act("resolved");
    assert_eq!(desk.ended(Kind::ComplaintFollowUp, "2").0, Status::Done);
    // Its period had not begun.
    assert_eq!(desk.ended(Kind::ComplaintFollowUp, "3").0, Status::Cancelled);
    let call = desk.clock(Kind::ComplaintSecondCallback, "1");
    assert_eq!((call.due_at, call.is_call), (instant("2026-11-27 09:00"), true));
    desk.at("2026-11-26 18:00").act("closed");
    for kind in [Kind::ComplaintSecondCallback, Kind::ComplaintClose] {
        assert_eq!(
            desk.ended(kind, "1"),
            (Status::Done, Some(instant("2026-11-26 18:00")))
        );
    }
    assert!(
        desk.held.iter().all(|held| held.status != Status::Open),
        "{:?}",
        desk.keys()
    );
}

#[test]
fn a_talk_in_the_moment_of_dealing_with_it_leaves_no_follow_up_behind() {
    let mut desk = Desk::accept(Severity::C, "2026-11-24 10:00");
    desk.at("2026-11-24 11:00").act("dispatched");
    desk.act("contact");
    desk.act("resolved");
    assert_eq!(desk.ended(Kind::ComplaintFollowUp, "1").0, Status::Done);
    assert_eq!(desk.ended(Kind::ComplaintFollowUp, "2").0, Status::Cancelled);
    desk.act("closed");
    assert!(
        desk.held.iter().all(|held| held.status != Status::Open),
        "{:?}",
        desk.keys()
    );
}

#[test]
fn a_wait_pauses_the_target_alone_and_to_the_second() {
    let mut desk = Desk::accept(Severity::C, "2026-11-24 10:00");
    desk.at("2026-11-24 11:00").act("waiting");
    desk.now += TimeDelta::seconds(3 * 3600 + 20 * 60 + 7);
    desk.act("resumed");
    let paused = TimeDelta::seconds(3 * 3600 + 20 * 60 + 7);
    let close = desk.clock(Kind::ComplaintClose, "1");
    assert_eq!(close.due_at, instant("2026-11-27 10:00") + paused);
    assert_eq!(close.strict_due_at, instant("2026-11-27 10:00"));
    assert_eq!(
        desk.clock(Kind::ComplaintFollowUp, "1").due_at,
        instant("2026-11-25 10:00")
    );
    assert_eq!(
        desk.clock(Kind::ComplaintDispatch, "1").due_at,
        instant("2026-11-24 12:00")
    );
    // A second wait adds to the first; while it lasts the target moves with the time.
    desk.at("2026-11-25 09:00").act("waiting");
    desk.at("2026-11-25 10:00").sync();
    let hour = TimeDelta::hours(1);
    assert_eq!(
        desk.clock(Kind::ComplaintClose, "1").due_at,
        instant("2026-11-27 10:00") + paused + hour
    );
    desk.at("2026-11-25 11:00").act("resolved");
    assert_eq!(
        desk.clock(Kind::ComplaintClose, "1").due_at,
        instant("2026-11-27 10:00") + paused + hour * 2
    );
}

#[test]
fn a_raised_severity_counts_from_acceptance_and_a_lowered_one_extends_nothing() {
    let mut desk = Desk::accept(Severity::D, "2026-11-24 10:00");
    desk.case.severity = Severity::B;
    desk.at("2026-11-24 10:20").act("severity");
    for (kind, due) in [
        (Kind::ComplaintDispatch, "2026-11-24 11:00"),
        (Kind::ComplaintFirstReply, "2026-11-24 11:00"),
        (Kind::ComplaintFollowUp, "2026-11-25 10:00"),
        // Five days would be later than the three that were promised.
        (Kind::ComplaintClose, "2026-11-27 10:00"),
    ] {
        assert_eq!(desk.clock(kind, "1").due_at, instant(due), "{kind}");
    }
    desk.case.severity = Severity::D;
    desk.at("2026-11-24 10:30").act("severity");
    assert_eq!(
        desk.clock(Kind::ComplaintDispatch, "1").due_at,
        instant("2026-11-24 11:00")
    );
    assert_eq!(
        desk.clock(Kind::ComplaintFirstReply, "1").due_at,
        instant("2026-11-24 11:00")
    );
    // To a crisis: the plan is owed a day after acceptance, and stays owed.
    desk.case.severity = Severity::A;
    desk.at("2026-11-24 10:40").act("severity");
    assert_eq!(
        desk.clock(Kind::ComplaintPlan, "1").due_at,
        instant("2026-11-25 10:00")
    );
    assert_eq!(
        desk.clock(Kind::ComplaintDispatch, "1").due_at,
        instant("2026-11-24 10:30")
    );
    desk.case.severity = Severity::C;
    desk.at("2026-11-24 10:50").act("severity");
    desk.at("2026-11-24 11:00").act("plan");
    assert_eq!(desk.ended(Kind::ComplaintPlan, "1").0, Status::Done);
}

#[test]
fn a_crisis_owes_a_plan_then_what_was_promised() {
    let mut desk = Desk::accept(Severity::A, "2026-11-24 23:45");
    assert_eq!(
        desk.clock(Kind::ComplaintPlan, "1").due_at,
        instant("2026-11-25 23:45")
    );
    assert!(!desk.held.iter().any(|held| held.kind == Kind::ComplaintClose));
    desk.case.promised_at = Some(instant("2026-12-01 18:00"));
    desk.at("2026-11-25 09:00").act("plan");
    assert_eq!(
        desk.clock(Kind::ComplaintClose, "1").due_at,
        instant("2026-12-01 18:00")
    );
    // Another promise does not move the first.
    desk.case.promised_at = Some(instant("2026-12-08 18:00"));
    desk.at("2026-11-26 09:00").act("plan");
    assert_eq!(
        desk.clock(Kind::ComplaintClose, "1").due_at,
        instant("2026-12-01 18:00")
    );
    desk.at("2026-12-01 10:00").act("resolved");
    desk.at("2026-12-01 11:00").act("closed");
    for key in ["1:7", "1:30"] {
        let call = desk.clock(Kind::ComplaintAfter, key);
        assert_eq!(
            (call.status, call.is_call),
            (Status::Open, false),
            "its day is to come"
        );
    }
    assert_eq!(
        desk.clock(Kind::ComplaintAfter, "1:7").due_at,
        instant("2026-12-08 20:00")
    );
    desk.at("2026-12-02 11:00").act("reopened");
    assert_eq!(desk.ended(Kind::ComplaintAfter, "1:7").0, Status::Cancelled);
}

#[test]
fn a_dissatisfied_customer_begins_the_next_cycle() {
    let mut desk = Desk::accept(Severity::C, "2026-11-24 10:00");
    desk.at("2026-11-24 10:30").act("dispatched");
    desk.at("2026-11-24 11:00").act("contact");
    desk.at("2026-11-25 09:00").act("resolved");
    desk.at("2026-11-25 15:00").act("reopened");
    assert_eq!(
        desk.ended(Kind::ComplaintSecondCallback, "1"),
        (Status::Done, Some(instant("2026-11-25 15:00")))
    );
    assert_eq!(desk.ended(Kind::ComplaintClose, "1").0, Status::Cancelled);
    assert_eq!(
        desk.clock(Kind::ComplaintClose, "2").due_at,
        instant("2026-11-28 15:00")
    );
    // Follow-ups are numbered on: the second was not needed, the third is of the new cycle.
    assert_eq!(
        desk.clock(Kind::ComplaintFollowUp, "3").due_at,
        instant("2026-11-26 15:00")
    );
    desk.at("2026-11-26 12:00").act("resolved");
    assert_eq!(
        desk.clock(Kind::ComplaintSecondCallback, "2").due_at,
        instant("2026-11-27 12:00")
    );
    desk.at("2026-11-26 13:00").act("closed");
    assert_eq!(desk.ended(Kind::ComplaintClose, "2").0, Status::Done);
    assert!(
        !desk
            .held
            .iter()
            .any(|held| held.kind == Kind::ComplaintDispatch && held.cycle_key == "2")
    );
}

#[test]
fn a_target_that_was_missed_stays_missed_when_the_case_is_reopened() {
    let mut desk = Desk::accept(Severity::C, "2026-11-24 10:00");
    desk.at("2026-11-28 10:00").act("resolved");
    desk.at("2026-11-28 11:00").act("reopened");
    assert_eq!(desk.clock(Kind::ComplaintClose, "1").status, Status::Open);
    desk.at("2026-11-29 10:00").act("resolved");
    desk.at("2026-11-29 12:00").act("closed");
    assert_eq!(
        desk.ended(Kind::ComplaintClose, "1"),
        (Status::Done, Some(instant("2026-11-29 12:00")))
    );
}

#[test]
fn what_is_withdrawn_is_owed_no_more() {
    let mut desk = Desk::accept(Severity::B, "2026-11-24 10:00");
    desk.case.wants_replacement = true;
    desk.case.external_due_on = Some("2026-12-10".parse().unwrap());
    desk.at("2026-11-24 10:05").act("note");
    assert_eq!(
        desk.clock(Kind::ComplaintExternal, "answer").due_at,
        instant("2026-12-09 00:00"),
        "ten working days, to the end of the day"
    );
    assert_eq!(
        desk.clock(Kind::ComplaintExternal, "completion").due_at,
        instant("2026-12-23 00:00")
    );
    // The authority's date was typed wrong: another clock, the first is dropped.
    desk.case.external_due_on = Some("2026-12-12".parse().unwrap());
    desk.at("2026-11-24 10:06").act("note");
    assert_eq!(
        desk.clock(Kind::ComplaintExternal, "authority:2026-12-10").status,
        Status::Cancelled
    );
    desk.at("2026-11-24 11:30").act("withdrawn");
    assert!(
        desk.held.iter().all(|held| held.status != Status::Open),
        "{:?}",
        desk.keys()
    );
    assert_eq!(desk.ended(Kind::ComplaintClose, "1").0, Status::Cancelled);
    assert_eq!(
        desk.ended(Kind::ComplaintFollowUp, "1").0,
        Status::Done,
        "it took place before"
    );
}

#[test]
fn the_case_that_another_was_merged_into_goes_on() {
    let mut desk = Desk::accept(Severity::C, "2026-11-24 10:00");
    desk.at("2026-11-24 10:30").act("merged");
    assert!(
        desk.held.iter().all(|held| held.status == Status::Open),
        "{:?}",
        desk.keys()
    );
    desk.at("2026-11-24 11:00").tell("merged", Some(State::Merged));
    assert!(
        desk.held.iter().all(|held| held.status == Status::Cancelled),
        "{:?}",
        desk.keys()
    );
}

#[test]
fn a_missed_clock_ends_late_at_the_moment_of_the_event() {
    let mut desk = Desk::accept(Severity::B, "2026-11-24 10:00");
    desk.at("2026-11-26 16:00").act("dispatched");
    let clock = desk.clock(Kind::ComplaintDispatch, "1");
    assert_eq!(
        (clock.status, clock.due_at),
        (Status::Done, instant("2026-11-24 11:00"))
    );
    desk.at("2026-11-27 16:00").act("contact");
    assert_eq!(
        desk.ended(Kind::ComplaintFollowUp, "1"),
        (Status::Done, Some(instant("2026-11-27 16:00")))
    );
    assert_eq!(
        desk.clock(Kind::ComplaintFollowUp, "2").due_at,
        instant("2026-11-28 10:00")
    );
    assert_eq!(
        desk.clock(Kind::ComplaintDispatch, "1").responsible_id,
        Some(UserId::new(1))
    );
}

const ACTS: &[&str] = &[
    "dispatched",
    "contact",
    "note",
    "plan",
    "severity",
    "waiting",
    "resumed",
    "resolved",
    "closed",
    "reopened",
    "withdrawn",
    "report",
];

fn is_allowed(desk: &Desk, act: &str) -> bool {
    let state = desk.case.state;
    let is_ended = desk.case.ended_at.is_some();
    match act {
        "waiting" => matches!(state, State::Dispatched | State::InProgress),
        "resumed" => state == State::Waiting,
        "dispatched" => matches!(state, State::Accepted | State::InProgress),
        "resolved" => !is_ended && state != State::Resolved,
        "closed" => state == State::Resolved,
        "reopened" => state == State::Resolved || is_ended,
        "withdrawn" => !is_ended,
        _ => true,
    }
}

proptest! {
    #[test]
    fn for_any_life_of_a_case_clocks_exist_once_end_once_and_move_to_nothing_later(
        first in 0..4_usize,
        hour in 0..24_u32,
        steps in prop::collection::vec((0..ACTS.len(), 0..4_usize, 1..3_000_i64), 0..40),
    ) {
        let mut desk = Desk::accept(Severity::ALL[first], &format!("2026-11-24 {hour:02}:17"));
        for (act, severity, minutes) in steps {
            desk.now += TimeDelta::seconds(minutes * 61);
            let act = ACTS[act];
            if !is_allowed(&desk, act) {
                continue;
            }
            let before: HashMap<_, _> = desk.held.iter().map(|held| (held.key(), held.clone())).collect();
            match act {
                "severity" => desk.case.severity = Severity::ALL[severity],
                "plan" => desk.case.promised_at = Some(desk.now + TimeDelta::days(severity as i64)),
                "report" => desk.case.wants_replacement = !desk.case.wants_replacement,
                _ => {}
            }
            desk.act(act);
            prop_assert!(desk.wanted().is_empty(), "twice is once: {:?}", desk.wanted());
            let mut keys = desk.keys();
            keys.sort();
            keys.dedup();
            prop_assert_eq!(keys.len(), desk.held.len());
            for held in &desk.held {
                prop_assert_eq!(held.status == Status::Open, !desk.endings.contains_key(&held.key()));
                prop_assert!(held.strict_due_at <= held.due_at);
                let Some(old) = before.get(&held.key()) else { continue };
                prop_assert!(held.strict_due_at <= old.strict_due_at, "{:?}", held);
                let going_on = desk.case.waiting_since.map_or(TimeDelta::zero(), |since| desk.now - since);
                let waited = if held.kind == Kind::ComplaintClose { desk.waited + going_on } else { TimeDelta::zero() };
                prop_assert!(held.due_at <= old.due_at + waited, "{:?} was {:?}", held, old);
            }
            if desk.case.ended_at.is_some() {
                let open = desk.held.iter().filter(|held| held.status == Status::Open);
                let left: Vec<_> = open.filter(|held| held.kind != Kind::ComplaintAfter).collect();
                prop_assert!(left.is_empty(), "{left:?}");
            }
        }
    }
}
