//! Which clocks a case owes, by when, and how they have ended: a function of the case and its history (pure).

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};

use crate::calendar::StoreCalendar;
use crate::complaints::Severity;
use crate::complaints::clocks::history::{Case, Cycle, History, Moment, Resolution, Stop, Stretch};
use crate::complaints::sla::{self, Limits, Run, SeverityTable};
use crate::obligations::{ObligationKind as Kind, ObligationStatus as Status};
use crate::users::UserId;

/// Which clock of a case: its kind and its cycle key.
pub type Key = (Kind, String);

/// How a clock has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    pub status: Status,
    pub at: DateTime<Utc>,
    pub by: Option<UserId>,
    pub reason: Option<&'static str>,
    pub is_satisfied: Option<bool>,
    /// The customer was spoken to: of a target, its case was closed with a second callback.
    pub is_connected: bool,
}

impl Ending {
    fn done(moment: Moment) -> Ending {
        Ending {
            status: Status::Done,
            at: moment.at,
            by: moment.by,
            reason: None,
            is_satisfied: None,
            is_connected: false,
        }
    }

    fn cancelled(moment: Moment, reason: &'static str) -> Ending {
        Ending {
            status: Status::Cancelled,
            reason: Some(reason),
            ..Ending::done(moment)
        }
    }

    fn stopped((moment, stop): (Moment, Stop)) -> Ending {
        match stop {
            Stop::Resolved | Stop::Closed => Ending::done(moment),
            Stop::Dropped(code) => Ending::cancelled(moment, code),
        }
    }
}

/// A clock as it should stand in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub kind: Kind,
    pub cycle_key: String,
    /// The store day every figure counts it under; of a new row.
    pub cohort_on: NaiveDate,
    /// When it starts to run.
    pub not_before: DateTime<Utc>,
    pub strict_due_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub callable_due_at: DateTime<Utc>,
    pub is_short_window: bool,
    /// Runs whatever the opening hours.
    pub is_wall_clock: bool,
    pub is_call: bool,
    pub responsible_id: Option<UserId>,
    pub ending: Option<Ending>,
}

impl Wanted {
    /// What it is known by.
    pub fn key(&self) -> Key {
        (self.kind, self.cycle_key.clone())
    }
}

/// What the clocks of a case are made from.
pub struct Source<'a> {
    pub case: &'a Case,
    pub history: &'a History,
    pub table: &'a SeverityTable,
    pub calendar: &'a StoreCalendar,
    /// What the ledger holds, with its strict deadline: a plan once owed stays owed when the severity is lowered.
    pub known: &'a HashMap<Key, DateTime<Utc>>,
    pub now: DateTime<Utc>,
}

/// Every clock of a case, from its acceptance on.
pub fn derive(source: &Source<'_>) -> Vec<Wanted> {
    let mut wanted = vec![source.dispatch(), source.first_reply()];
    source.follow_ups(&mut wanted);
    for (index, cycle) in source.history.cycles.iter().enumerate() {
        source.plan(index, cycle, &mut wanted);
        wanted.extend(source.close(index, cycle));
        source.after(index, cycle, &mut wanted);
    }
    for (index, resolution) in source.history.resolutions.iter().enumerate() {
        wanted.push(source.second_callback(index, resolution));
    }
    source.external(&mut wanted);
    wanted
}

impl Source<'_> {
    fn limits(&self) -> &Limits {
        self.table.of(self.case.severity)
    }

    fn first(&self) -> &Cycle {
        &self.history.cycles[0]
    }

    fn clock(
        &self,
        kind: Kind,
        cycle_key: String,
        from: DateTime<Utc>,
        due_at: DateTime<Utc>,
        ending: Option<Ending>,
    ) -> Wanted {
        Wanted {
            kind,
            cycle_key,
            cohort_on: self.calendar.local_day(self.case.accepted_at),
            not_before: from,
            strict_due_at: due_at,
            due_at,
            callable_due_at: due_at,
            is_short_window: false,
            is_wall_clock: true,
            is_call: false,
            responsible_id: self.case.owner_id,
            ending,
        }
    }

    fn run(&self, kind: Kind, run: Run, ending: Option<Ending>) -> Wanted {
        Wanted {
            strict_due_at: run.strict_at,
            is_wall_clock: self.limits().is_wall_clock,
            ..self.clock(kind, "1".to_owned(), run.starts_at, run.due_at, ending)
        }
    }

    /// How the work of a cycle came to its end, if the clock did not end before.
    fn end_of(cycle: &Cycle) -> Option<Ending> {
        let dropped = cycle.dropped.map(|(at, code)| Ending::cancelled(at, code));
        let done = cycle.resolved.or(cycle.closed).map(Ending::done);
        done.or(dropped).or(cycle.reopened.map(Ending::done))
    }

    fn earliest(moment: Option<Moment>, end: Option<Ending>) -> Option<Ending> {
        match (moment.map(Ending::done), end) {
            (Some(own), Some(end)) if end.at < own.at => Some(end),
            (own, end) => own.or(end),
        }
    }

    fn dispatch(&self) -> Wanted {
        let run = self.limits().dispatch(self.case.accepted_at, self.calendar);
        let ending = Self::earliest(self.history.dispatched, Self::end_of(self.first()));
        self.run(Kind::ComplaintDispatch, run, ending)
    }

    fn first_reply(&self) -> Wanted {
        let run = self.limits().first_reply(self.case.accepted_at, self.calendar);
        let ending = Self::earliest(self.first().contact, Self::end_of(self.first()));
        self.run(Kind::ComplaintFirstReply, run, ending)
    }

    fn follow_ups(&self, wanted: &mut Vec<Wanted>) {
        let mut number = 0;
        for stretch in &self.history.stretches {
            self.follow_stretch(stretch, &mut number, wanted);
        }
    }

    /// One in each period from the beginning of the stretch; the next is owed from the deadline of the one before.
    fn follow_stretch(&self, stretch: &Stretch, number: &mut u32, wanted: &mut Vec<Wanted>) {
        let every = self.limits().follow_up();
        let (mut from, mut due) = (stretch.from, stretch.from + every);
        let mut done = stretch.follow_ups.iter();
        loop {
            let stop = stretch.stop;
            // Dealt with before its period began.
            let is_needless = stop.is_some_and(|(at, _)| from > stretch.from && at.at <= from);
            let own = if is_needless {
                None
            } else {
                done.by_ref().find(|follow_up| follow_up.at >= from).copied()
            };
            let ending = match stop {
                Some((at, _)) if is_needless => Some(Ending::cancelled(at, stop_code(stop))),
                _ => Self::earliest(own, stop.map(Ending::stopped)),
            };
            *number += 1;
            let clock = self.clock(Kind::ComplaintFollowUp, number.to_string(), from, due, ending);
            wanted.push(Wanted {
                cohort_on: self.calendar.local_day(from),
                ..clock
            });
            let Some(ending) = ending else { return };
            // The end of the stretch ended it. A follow-up at that very moment had made the next one, which is needless then.
            if own.is_none_or(|own| stop.is_some_and(|(at, _)| at.at < own.at)) {
                return;
            }
            let next = sla::next_follow_up(due, ending.at, every);
            (from, due) = (next - every, next);
        }
    }

    /// Of a crisis: within a day the customer hears what will be done and by when.
    fn plan(&self, index: usize, cycle: &Cycle, wanted: &mut Vec<Wanted>) {
        let key = (index + 1).to_string();
        let is_known = self.known.contains_key(&(Kind::ComplaintPlan, key.clone()));
        let is_current = index + 1 == self.history.cycles.len();
        let is_owed = self.case.severity == Severity::A && is_current;
        if !is_known && !is_owed {
            return;
        }
        let ending = Self::earliest(cycle.plan, Self::end_of(cycle));
        let clock = self.clock(
            Kind::ComplaintPlan,
            key,
            cycle.from,
            cycle.from + self.limits().plan(),
            ending,
        );
        wanted.push(Wanted {
            responsible_id: self.case.handler_id.or(self.case.owner_id),
            ..clock
        });
    }

    /// The target. Waiting for the customer pauses it to the second; a reopened case gets the one of its next cycle.
    fn close(&self, index: usize, cycle: &Cycle) -> Option<Wanted> {
        let key = (index + 1).to_string();
        let (from, strict) = if self.case.severity == Severity::A {
            self.promise(&key, cycle)?
        } else {
            (cycle.from, cycle.from + self.limits().close())
        };
        let due_at = strict + cycle.waited(from, self.now);
        let ending = cycle
            .closed
            .map(|at| self.closed(at))
            .or(cycle.dropped.map(|(at, code)| Ending::cancelled(at, code)))
            .or(self.superseded(index, due_at));
        let clock = self.clock(Kind::ComplaintClose, key, from, due_at, ending);
        Some(Wanted {
            cohort_on: self.calendar.local_day(strict),
            strict_due_at: strict,
            responsible_id: self.case.handler_id.or(self.case.owner_id),
            ..clock
        })
    }

    /// Of a crisis what was promised counts. Before that a target from lower days stands, if there is one; a case that was
    /// dealt with without a promise should have had its plan by then.
    fn promise(&self, key: &str, cycle: &Cycle) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let is_current = self.history.cycles.len().to_string() == key;
        let from = cycle.plan.map_or(cycle.from, |plan| plan.at);
        if let (Some(_), Some(promised), true) = (cycle.plan, self.case.promised_at, is_current) {
            return Some((from, promised));
        }
        let known = self.known.get(&(Kind::ComplaintClose, key.to_owned()));
        let is_over = cycle.plan.or(cycle.resolved).or(cycle.closed).is_some();
        let strict = known
            .copied()
            .or(is_over.then(|| cycle.from + self.limits().plan()))?;
        Some((from, strict))
    }

    /// The target of a cycle that was reopened before it was reached is replaced by the next one. One that had passed stays
    /// missed: it ends late, when the case does.
    fn superseded(&self, index: usize, due_at: DateTime<Utc>) -> Option<Ending> {
        let reopened = self.history.cycles[index].reopened?;
        if due_at > reopened.at {
            return Some(Ending::cancelled(reopened, "reopened"));
        }
        let mut later = self.history.cycles[index + 1..].iter();
        later.find_map(|cycle| {
            let dropped = cycle.dropped.map(|(at, code)| Ending::cancelled(at, code));
            cycle.closed.map(|at| self.closed(at)).or(dropped)
        })
    }

    /// Closed, and what the customer had said about it by then.
    fn closed(&self, moment: Moment) -> Ending {
        let mut resolutions = self.history.resolutions.iter().rev();
        let judged =
            resolutions.find(|resolution| resolution.at.at <= moment.at && resolution.verdict.is_some());
        Ending {
            is_satisfied: judged.and_then(|resolution| resolution.is_satisfied),
            is_connected: judged.is_some(),
            ..Ending::done(moment)
        }
    }

    fn second_callback(&self, index: usize, resolution: &Resolution) -> Wanted {
        let (due_at, callable) =
            sla::second_callback(resolution.at.at, self.limits().second_callback(), self.calendar);
        let judged = resolution.verdict.map(|at| Ending {
            is_satisfied: resolution.is_satisfied,
            is_connected: true,
            ..Ending::done(at)
        });
        let left = resolution
            .undone
            .map(|(at, reason)| Ending::cancelled(at, reason));
        let key = (index + 1).to_string();
        Wanted {
            cohort_on: self.calendar.local_day(resolution.at.at),
            callable_due_at: callable.at,
            is_short_window: callable.is_short_window,
            is_call: self.case.customer_id.is_some(),
            ..self.clock(
                Kind::ComplaintSecondCallback,
                key,
                resolution.at.at,
                due_at,
                judged.or(left),
            )
        }
    }

    /// 重大投诉的跟踪回访, of A and B.
    fn after(&self, index: usize, cycle: &Cycle, wanted: &mut Vec<Wanted>) {
        let Some(closed) = cycle.closed else { return };
        for days in sla::AFTER_DAYS {
            let key = format!("{}:{days}", index + 1);
            let is_known = self.known.contains_key(&(Kind::ComplaintAfter, key.clone()));
            if !is_known && !matches!(self.case.severity, Severity::A | Severity::B) {
                continue;
            }
            let call = sla::after_call(closed.at, days, self.calendar);
            let mut spoken = self.history.later_contacts.iter();
            let own = spoken
                .find(|contact| {
                    contact.at >= call.starts_at
                        && cycle.reopened.is_none_or(|reopened| contact.at < reopened.at)
                })
                .map(|contact| Ending {
                    is_connected: true,
                    ..Ending::done(*contact)
                });
            let reopened = cycle.reopened.map(|at| Ending::cancelled(at, "reopened"));
            wanted.push(Wanted {
                cohort_on: self.calendar.local_day(closed.at),
                strict_due_at: call.strict_at,
                callable_due_at: call.callable_at,
                // A call from its day on; the job turns it into one.
                is_call: self.case.customer_id.is_some() && call.starts_at <= self.now,
                ..self.clock(
                    Kind::ComplaintAfter,
                    key,
                    call.starts_at,
                    call.due_at,
                    own.or(reopened),
                )
            });
        }
    }

    /// What the law or an authority demands. It does not start anew when the case is reopened.
    fn external(&self, wanted: &mut Vec<Wanted>) {
        let first = self.first();
        let end = Self::end_of(first);
        let accepted = self.case.accepted_at;
        let mut push = |key: String, due: DateTime<Utc>, own: Option<Moment>| {
            let ending = Self::earliest(own, end);
            let clock = self.clock(Kind::ComplaintExternal, key, accepted, due, ending);
            wanted.push(Wanted {
                responsible_id: self.case.handler_id.or(self.case.owner_id),
                ..clock
            });
        };
        if self.case.wants_replacement {
            let due = |days| sla::work_days_due(accepted, days, self.calendar);
            push("answer".to_owned(), due(sla::ANSWER_WORK_DAYS), first.plan);
            push("completion".to_owned(), due(sla::COMPLETION_WORK_DAYS), None);
        }
        if let Some(day) = self.case.external_due_on {
            let due = sla::end_of_day(day, self.calendar);
            push(format!("authority:{day}"), due, None);
        }
    }
}

fn stop_code(stop: Option<(Moment, Stop)>) -> &'static str {
    match stop {
        Some((_, Stop::Dropped(code))) => code,
        Some((_, Stop::Closed)) => "closed",
        Some((_, Stop::Resolved)) | None => "resolved",
    }
}
