//! The clocks of a complaint (domain.md §6, §16).

use chrono::{DateTime, TimeDelta, Utc};

use crate::calendar::StoreCalendar;
use crate::complaints::Severity;

/// When a complaint must have reached a named person of the responsible department.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DispatchDue {
    /// By the wall clock from acceptance, whatever the hours: for the strict rate.
    pub strict_at: DateTime<Utc>,
    /// The promise: C and D accepted while the store is closed start at the next opening.
    pub at: DateTime<Utc>,
}

impl Severity {
    /// Time from acceptance to dispatch.
    const fn dispatch_within(self) -> TimeDelta {
        match self {
            Severity::A => TimeDelta::minutes(30),
            Severity::B => TimeDelta::hours(1),
            Severity::C | Severity::D => TimeDelta::hours(2),
        }
    }

    /// Whether the clock runs while the store is closed.
    const fn is_wall_clock(self) -> bool {
        match self {
            Severity::A | Severity::B => true,
            Severity::C | Severity::D => false,
        }
    }
}

/// The deadline of dispatch for a complaint accepted at an instant.
pub fn dispatch_due(severity: Severity, accepted_at: DateTime<Utc>, calendar: &StoreCalendar) -> DispatchDue {
    let strict_at = accepted_at + severity.dispatch_within();
    let starts_at = if severity.is_wall_clock() {
        accepted_at
    } else {
        calendar.first_open_from(accepted_at).unwrap_or(accepted_at)
    };
    DispatchDue {
        strict_at,
        at: starts_at + severity.dispatch_within(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use chrono_tz::Asia::Shanghai;

    use super::*;
    use crate::calendar::{DayException, DayKind};

    #[test]
    fn the_two_hours_start_at_the_next_opening_except_for_grave_cases() {
        let mut calendar = StoreCalendar::new(Shanghai);
        calendar.exceptions.insert(
            "2026-11-26".parse().unwrap(),
            DayException {
                kind: DayKind::Closed,
                name: "盘点".to_owned(),
            },
        );
        let at = |text: &str| {
            let (day, clock) = text.split_once(' ').unwrap();
            let day: NaiveDate = format!("2026-11-{day}").parse().unwrap();
            calendar.instant(day, clock.parse().unwrap())
        };
        for (severity, accepted, due, strict) in [
            (Severity::D, "24 10:00", "24 12:00", "24 12:00"),
            (Severity::C, "24 10:00", "24 12:00", "24 12:00"),
            // By the wall clock once it runs, even past closing.
            (Severity::D, "24 19:59", "24 21:59", "24 21:59"),
            // Closing time itself is closed.
            (Severity::D, "24 20:00", "25 10:30", "24 22:00"),
            (Severity::C, "24 03:00", "24 10:30", "24 05:00"),
            (Severity::D, "24 08:30", "24 10:30", "24 10:30"),
            // A closed day in between.
            (Severity::D, "25 21:00", "27 10:30", "25 23:00"),
            (Severity::B, "24 20:00", "24 21:00", "24 21:00"),
            (Severity::A, "25 23:45", "26 00:15", "26 00:15"),
        ] {
            let expected = DispatchDue {
                strict_at: at(strict),
                at: at(due),
            };
            assert_eq!(
                dispatch_due(severity, at(accepted), &calendar),
                expected,
                "{severity} {accepted}"
            );
        }
    }
}
