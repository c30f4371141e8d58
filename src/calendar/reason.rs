//! Why a deadline is what it is, told from the calendar and the stored instants.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::deadline::DueReason;
use super::store_calendar::{Purpose, StoreCalendar};

/// The instants of a promise, as the ledger keeps them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    pub strict_due_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub callable_due_at: DateTime<Utc>,
    pub is_short_window: bool,
}

/// Longest closing that is told day by day.
const MAX_CLOSED_DAYS: i64 = 60;

impl StoreCalendar {
    /// Why the callable deadline is when it is: closed days on the way first, then what ends at that instant.
    pub fn reasons(&self, deadline: &Deadline) -> Vec<DueReason> {
        let Deadline {
            strict_due_at,
            due_at,
            callable_due_at,
            is_short_window,
        } = *deadline;
        if is_short_window {
            return vec![DueReason::FirstChance { at: callable_due_at }];
        }
        let mut reasons = self.extension(self.last_day(strict_due_at), self.last_day(due_at));
        reasons.push(self.what_ends_at(callable_due_at));
        if callable_due_at < due_at {
            reasons.push(DueReason::LastCallable { at: callable_due_at });
        }
        reasons
    }

    /// The day that an instant is the end of: midnight is 24:00 of the day before.
    fn last_day(&self, at: DateTime<Utc>) -> NaiveDate {
        self.local_day(at - TimeDelta::microseconds(1))
    }

    /// The closed days from `strict` on that moved a promise to `due`.
    fn extension(&self, strict: NaiveDate, due: NaiveDate) -> Vec<DueReason> {
        if due <= strict || (due - strict).num_days() > MAX_CLOSED_DAYS || self.is_open_on(strict) {
            return Vec::new();
        }
        let closed = strict.iter_days().take_while(|day| *day < due);
        let closed = closed.filter(|day| !self.is_open_on(*day)).map(|day| {
            let name = self.exceptions.get(&day).map(|exception| exception.name.clone());
            DueReason::StoreClosed {
                day,
                name: name.unwrap_or_default(),
            }
        });
        closed.chain([DueReason::MovedToOpenDay { day: due }]).collect()
    }

    fn what_ends_at(&self, at: DateTime<Utc>) -> DueReason {
        let day = self.last_day(at);
        let ends = |purpose| self.spans(purpose, day).iter().any(|(_, end)| *end == at);
        if ends(Purpose::Call) {
            DueReason::EndOfCalling { at }
        } else if ends(Purpose::Open) {
            DueReason::StoreCloses { at }
        } else if ends(Purpose::Sms) {
            DueReason::EndOfMessages { at }
        } else if self.day_span(day).1 == at {
            DueReason::EndOfDay { at }
        } else {
            DueReason::FixedTime { at }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Asia::Shanghai;

    use super::super::store_calendar::{DayException, DayKind};
    use super::super::time_of_day::{Interval, TimeOfDay};
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn calendar() -> StoreCalendar {
        let mut calendar = StoreCalendar::new(Shanghai);
        for date in day("2027-02-05").iter_days().take(2) {
            let exception = DayException {
                kind: DayKind::Closed,
                name: "春节".to_owned(),
            };
            calendar.exceptions.insert(date, exception);
        }
        let short = Interval::new(TimeOfDay::hm(10, 0), TimeOfDay::hm(16, 0)).unwrap();
        let exception = DayException {
            kind: DayKind::Special(vec![short]),
            name: "盘点".to_owned(),
        };
        calendar.exceptions.insert(day("2026-11-23"), exception);
        calendar
    }

    /// The steps in short: `closed 02-05 春节`, `moved 02-07`, `calls 20:00`.
    fn told(calendar: &StoreCalendar, deadline: Deadline) -> String {
        let clock = |at: &DateTime<Utc>| at.with_timezone(&Shanghai).format("%H:%M").to_string();
        let step = |reason: &DueReason| match reason {
            DueReason::StoreClosed { day, name } => format!("closed {} {name}", day.format("%m-%d")),
            DueReason::MovedToOpenDay { day } => format!("moved {}", day.format("%m-%d")),
            DueReason::LastCallable { at } => format!("last {}", clock(at)),
            DueReason::EndOfCalling { at } => format!("calls {}", clock(at)),
            DueReason::StoreCloses { at } => format!("store {}", clock(at)),
            DueReason::EndOfMessages { at } => format!("messages {}", clock(at)),
            DueReason::EndOfDay { at } => format!("day {}", clock(at)),
            DueReason::FirstChance { at } => format!("chance {}", clock(at)),
            DueReason::FixedTime { at } => format!("fixed {}", clock(at)),
            DueReason::DaysAfterHandOver { .. } | DueReason::NoOpenDay | DueReason::NoCallableWindow => {
                "?".to_owned()
            }
        };
        let steps: Vec<String> = calendar.reasons(&deadline).iter().map(step).collect();
        steps.join(", ")
    }

    #[test]
    fn every_deadline_says_what_ends_then() {
        let calendar = calendar();
        let at = |text: &str| {
            let (date, clock) = text.split_once(' ').unwrap();
            calendar.instant(day(date), clock.parse().unwrap())
        };
        for (strict, due, callable, is_short, expected) in [
            (
                "2026-11-27 20:00",
                "2026-11-27 20:00",
                "2026-11-27 20:00",
                false,
                "calls 20:00",
            ),
            (
                "2026-11-27 12:00",
                "2026-11-27 12:00",
                "2026-11-27 12:00",
                false,
                "calls 12:00",
            ),
            (
                "2026-11-27 12:45",
                "2026-11-27 12:45",
                "2026-11-27 12:00",
                false,
                "calls 12:00, last 12:00",
            ),
            (
                "2026-11-23 20:00",
                "2026-11-23 20:00",
                "2026-11-23 16:00",
                false,
                "store 16:00, last 16:00",
            ),
            (
                "2026-11-27 20:30",
                "2026-11-27 20:30",
                "2026-11-27 20:30",
                false,
                "messages 20:30",
            ),
            (
                "2026-11-27 24:00",
                "2026-11-27 24:00",
                "2026-11-27 24:00",
                false,
                "day 00:00",
            ),
            (
                "2026-11-27 15:10",
                "2026-11-27 15:10",
                "2026-11-27 15:10",
                false,
                "fixed 15:10",
            ),
            (
                "2026-11-27 20:00",
                "2026-11-27 20:00",
                "2026-11-28 09:00",
                true,
                "chance 09:00",
            ),
            (
                "2027-02-05 20:00",
                "2027-02-07 20:00",
                "2027-02-07 20:00",
                false,
                "closed 02-05 春节, closed 02-06 春节, moved 02-07, calls 20:00",
            ),
        ] {
            let deadline = Deadline {
                strict_due_at: at(strict),
                due_at: at(due),
                callable_due_at: at(callable),
                is_short_window: is_short,
            };
            assert_eq!(told(&calendar, deadline), expected, "{strict} {due} {callable}");
        }
    }

    #[test]
    fn the_last_minute_of_a_day_that_closes_at_midnight_is_the_end_of_calling() {
        let mut calendar = StoreCalendar::new(Shanghai);
        let all_day = Interval::new(TimeOfDay::MIDNIGHT, TimeOfDay::END).unwrap();
        calendar.hours.open = super::super::store_calendar::WeeklyHours::every_day(&[all_day]);
        calendar.hours.call = super::super::store_calendar::WeeklyHours::every_day(&[all_day]);
        let at = calendar.instant(day("2026-11-27"), TimeOfDay::END);
        let deadline = Deadline {
            strict_due_at: at,
            due_at: at,
            callable_due_at: at,
            is_short_window: false,
        };
        assert_eq!(calendar.reasons(&deadline), [DueReason::EndOfCalling { at }]);
    }
}
