//! The rules of the clocks of a complaint (domain.md §6, §8, §16). Pure: a calendar and instants go in, deadlines come out.
//!
//! - Dispatch and first reply run by severity: by the wall clock for A and B; for C and D from the next opening when the case
//!   was accepted while the store was closed. A clock of 24 hours is a wall clock whatever the severity.
//! - Follow-up, second callback and plan are wall clocks of 24 hours, or less where the store is stricter.
//! - Working days count for what the law asks for (三包规定 Art. 28).
//!
//! A day of a target is 24 hours, so that a change of clocks gives nobody an hour more or less.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::calendar::{CallableDue, StoreCalendar};
use crate::complaints::Severity;
use crate::text_enum;

mod work_days;

pub use work_days::{is_work_day, work_days_after};

text_enum! {
    /// Who hears of a clock that runs out; each reaches further than the one before.
    pub enum ChainEnd {
        CareManager = "care_manager",
        DepartmentHead = "department_head",
        /// 服务/销售总监.
        Director = "director",
        GeneralManager = "general_manager",
    }
}

/// What one severity is given. Domain.md §6 has the defaults; a store may be stricter, never looser than 2 h, 24 h and 24 h.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub severity: Severity,
    pub dispatch_minutes: i32,
    pub reply_minutes: i32,
    pub follow_up_hours: i32,
    pub second_callback_hours: i32,
    /// Of A it is not used: the customer hears a plan within 24 h, then what was promised counts.
    pub close_days: i32,
    /// Dispatch and reply run while the store is closed.
    pub is_wall_clock: bool,
    pub chain_end: ChainEnd,
}

/// The severity table of a store, in one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeverityTable {
    pub version: i32,
    rows: [Limits; 4],
}

/// Longest dispatch, in minutes.
pub const DISPATCH_FLOOR: i32 = 120;
/// Longest reply, in minutes.
pub const REPLY_FLOOR: i32 = 24 * 60;
/// Longest time between follow-ups, and to the second callback, in hours.
pub const DAY_FLOOR: i32 = 24;
/// Shortest dispatch and reply that can be met, in minutes.
pub const SHORTEST: i32 = 5;
/// Longest target.
pub const CLOSE_FLOOR: i32 = 30;

/// Days of the calls after a grave case is closed (重大投诉事件处理后客户的跟踪回访).
pub const AFTER_DAYS: [u64; 2] = [7, 30];
/// Working days for the answer to a demand of 退换车 (三包规定 Art. 28).
pub const ANSWER_WORK_DAYS: u32 = 10;
/// Working days until it is carried out (三包规定 Art. 28).
pub const COMPLETION_WORK_DAYS: u32 = 20;

const DAY: TimeDelta = TimeDelta::hours(24);

impl Limits {
    /// The defaults of domain.md §6.
    pub const fn default_of(severity: Severity) -> Limits {
        let (dispatch_minutes, reply_minutes, close_days, is_wall_clock, chain_end) = match severity {
            Severity::A => (30, 30, 1, true, ChainEnd::GeneralManager),
            Severity::B => (60, 60, 5, true, ChainEnd::Director),
            Severity::C => (120, 120, 3, false, ChainEnd::DepartmentHead),
            Severity::D => (120, 24 * 60, 3, false, ChainEnd::CareManager),
        };
        Limits {
            severity,
            dispatch_minutes,
            reply_minutes,
            follow_up_hours: 24,
            second_callback_hours: 24,
            close_days,
            is_wall_clock,
            chain_end,
        }
    }

    /// Time between follow-ups.
    pub fn follow_up(&self) -> TimeDelta {
        TimeDelta::hours(self.follow_up_hours.into())
    }

    /// Time to the second callback.
    pub fn second_callback(&self) -> TimeDelta {
        TimeDelta::hours(self.second_callback_hours.into())
    }

    /// Time to the target close.
    pub fn close(&self) -> TimeDelta {
        DAY * self.close_days
    }

    /// Time to the plan of a crisis.
    pub const fn plan(&self) -> TimeDelta {
        DAY
    }

    /// The clock of the dispatch.
    pub fn dispatch(&self, accepted_at: DateTime<Utc>, calendar: &StoreCalendar) -> Run {
        self.run(
            TimeDelta::minutes(self.dispatch_minutes.into()),
            accepted_at,
            calendar,
        )
    }

    /// The clock of the first reply.
    pub fn first_reply(&self, accepted_at: DateTime<Utc>, calendar: &StoreCalendar) -> Run {
        self.run(
            TimeDelta::minutes(self.reply_minutes.into()),
            accepted_at,
            calendar,
        )
    }

    fn run(&self, limit: TimeDelta, accepted_at: DateTime<Utc>, calendar: &StoreCalendar) -> Run {
        let starts_at = if self.is_wall_clock || limit >= DAY {
            accepted_at
        } else {
            calendar.first_open_from(accepted_at).unwrap_or(accepted_at)
        };
        Run {
            starts_at,
            strict_at: accepted_at + limit,
            due_at: starts_at + limit,
        }
    }
}

impl Default for SeverityTable {
    fn default() -> SeverityTable {
        SeverityTable {
            version: 1,
            rows: [Severity::A, Severity::B, Severity::C, Severity::D].map(Limits::default_of),
        }
    }
}

impl SeverityTable {
    /// A table with these rows; a severity that is missing has its default.
    pub fn new(version: i32, rows: impl IntoIterator<Item = Limits>) -> SeverityTable {
        let mut table = SeverityTable {
            version,
            ..SeverityTable::default()
        };
        for row in rows {
            for own in &mut table.rows {
                if own.severity == row.severity {
                    *own = row;
                }
            }
        }
        table
    }

    /// What a severity is given.
    pub fn of(&self, severity: Severity) -> &Limits {
        let [a, b, c, d] = &self.rows;
        match severity {
            Severity::A => a,
            Severity::B => b,
            Severity::C => c,
            Severity::D => d,
        }
    }

    /// The rows, gravest first.
    pub fn rows(&self) -> &[Limits] {
        &self.rows
    }
}

/// When a clock starts and how long it gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    pub starts_at: DateTime<Utc>,
    /// From acceptance whatever the hours: for the strict rate.
    pub strict_at: DateTime<Utc>,
    /// The promise.
    pub due_at: DateTime<Utc>,
}

/// When a complaint must have reached a named person of the responsible department.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DispatchDue {
    /// By the wall clock from acceptance, whatever the hours: for the strict rate.
    pub strict_at: DateTime<Utc>,
    /// The promise: C and D accepted while the store is closed start at the next opening.
    pub at: DateTime<Utc>,
}

/// The deadline of dispatch for a complaint accepted at an instant, by the defaults.
pub fn dispatch_due(severity: Severity, accepted_at: DateTime<Utc>, calendar: &StoreCalendar) -> DispatchDue {
    let run = Limits::default_of(severity).dispatch(accepted_at, calendar);
    DispatchDue {
        strict_at: run.strict_at,
        at: run.due_at,
    }
}

/// The next deadline of a follow-up after one was due at `due` and took place at `at`: the grid of `every` goes on from the
/// first deadline, and periods that passed in silence are not counted twice.
pub fn next_follow_up(due: DateTime<Utc>, at: DateTime<Utc>, every: TimeDelta) -> DateTime<Utc> {
    let late = at - due;
    if late < TimeDelta::zero() {
        return due + every;
    }
    let periods = late.num_seconds() / every.num_seconds().max(1) + 1;
    due + TimeDelta::seconds(periods * every.num_seconds())
}

/// The call about how a case was dealt with: `limit` by the wall clock, and the last minute at which it can be made.
pub fn second_callback(
    resolved_at: DateTime<Utc>,
    limit: TimeDelta,
    calendar: &StoreCalendar,
) -> (DateTime<Utc>, CallableDue) {
    let due_at = resolved_at + limit;
    (due_at, calendar.callable_due(due_at, resolved_at))
}

/// A call so many days after a grave case was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AfterCall {
    /// The first callable minute of its day.
    pub starts_at: DateTime<Utc>,
    pub strict_at: DateTime<Utc>,
    /// End of calling on that day, or on the next open one.
    pub due_at: DateTime<Utc>,
    pub callable_at: DateTime<Utc>,
}

/// The call `days` calendar days after the closing; a closed day moves it to the next open one.
pub fn after_call(closed_at: DateTime<Utc>, days: u64, calendar: &StoreCalendar) -> AfterCall {
    let due = calendar.post_service_due(calendar.local_day(closed_at), days);
    let midnight = calendar.day_span(due.strict_on).0;
    AfterCall {
        starts_at: calendar
            .first_callable_from(midnight)
            .filter(|at| *at < due.due_at)
            .unwrap_or(midnight),
        strict_at: due.strict_due_at,
        due_at: due.due_at,
        callable_at: due.callable_due_at,
    }
}

/// The end of the last of so many working days after the day of an instant.
pub fn work_days_due(from: DateTime<Utc>, days: u32, calendar: &StoreCalendar) -> DateTime<Utc> {
    let last = work_days_after(calendar.local_day(from), days, calendar);
    end_of_day(last, calendar)
}

/// 24:00 of a day of the store.
pub fn end_of_day(day: NaiveDate, calendar: &StoreCalendar) -> DateTime<Utc> {
    calendar.day_span(day).1
}

#[cfg(test)]
mod tests;
