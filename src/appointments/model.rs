//! States of an appointment, when a wish must be answered, and which days can be agreed on (pure).

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Timelike, Utc};

use crate::calendar::{StoreCalendar, TimeOfDay, WindowPurpose};
use crate::text_enum;

/// A wish is answered within this much opening time (预约 100 % 受理, the trade's rule).
pub const ANSWER_WITHIN: TimeDelta = TimeDelta::minutes(30);
/// An appointment may be this far ahead.
pub const BOOK_WITHIN: TimeDelta = TimeDelta::days(180);

text_enum! {
    /// Life of an appointment.
    pub enum AppointmentState {
        Requested = "requested",
        Confirmed = "confirmed",
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// Why an appointment was cancelled.
    pub enum CancelReason {
        /// The customer takes it back.
        Customer = "customer",
        /// The workshop cannot keep it.
        Store = "store",
        Duplicate = "duplicate",
    }
}

/// Until when a wish of an instant must be answered; by the wall clock where no opening hours are known.
pub fn answer_due(asked_at: DateTime<Utc>, calendar: &StoreCalendar) -> DateTime<Utc> {
    calendar
        .add_open_time(asked_at, ANSWER_WITHIN)
        .unwrap_or(asked_at + ANSWER_WITHIN)
}

/// Why a day or a time cannot be agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotThen {
    DayIsPast,
    TooFar,
    ClosedDay,
    TimeIsPast,
    ClosedTime,
}

impl NotThen {
    /// Whether it is said of the day; else of the time.
    pub const fn is_about_day(self) -> bool {
        match self {
            NotThen::DayIsPast | NotThen::TooFar | NotThen::ClosedDay => true,
            NotThen::TimeIsPast | NotThen::ClosedTime => false,
        }
    }
}

/// What speaks against a visit at this time of the store's wall clock; no time is any time of the day.
pub fn objection(
    calendar: &StoreCalendar,
    now: DateTime<Utc>,
    on: NaiveDate,
    at: Option<NaiveTime>,
) -> Option<NotThen> {
    let today = calendar.local_day(now);
    let open = calendar.windows(WindowPurpose::Open, on);
    if on < today {
        return Some(NotThen::DayIsPast);
    }
    if on > today + BOOK_WITHIN {
        return Some(NotThen::TooFar);
    }
    if open.is_empty() {
        return Some(NotThen::ClosedDay);
    }
    let at = at?;
    let minutes = i32::try_from(at.num_seconds_from_midnight() / 60).unwrap_or_default();
    let clock = TimeOfDay::from_minutes(minutes).unwrap_or(TimeOfDay::MIDNIGHT);
    let instant = calendar.instant(on, clock);
    if instant <= now {
        return Some(NotThen::TimeIsPast);
    }
    let is_open = open.iter().any(|(from, to)| (*from..*to).contains(&instant));
    (!is_open).then_some(NotThen::ClosedTime)
}

#[cfg(test)]
mod tests {
    use chrono_tz::Asia::Shanghai;

    use super::*;
    use crate::calendar::{DayException, DayKind};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_wish_is_answered_within_half_an_hour_of_opening_time() {
        let mut calendar = StoreCalendar::new(Shanghai);
        let closed = DayException {
            kind: DayKind::Closed,
            name: "盘点".to_owned(),
        };
        calendar.exceptions.insert(day("2026-11-26"), closed);
        for (asked, due) in [
            ("2026-11-24T02:00:00Z", "2026-11-24T02:30:00Z"),
            // Asked at night: half an hour after the next opening.
            ("2026-11-24T15:00:00Z", "2026-11-25T01:00:00Z"),
            // A quarter of an hour before closing time, and the next day closed.
            ("2026-11-25T11:45:00Z", "2026-11-27T00:45:00Z"),
        ] {
            assert_eq!(answer_due(at(asked), &calendar), at(due), "{asked}");
        }
    }

    #[test]
    fn only_opening_hours_that_lie_ahead_can_be_agreed_on() {
        let calendar = StoreCalendar::new(Shanghai);
        let now = at("2026-11-24T02:00:00Z");
        let time = |text: &str| Some(NaiveTime::parse_from_str(text, "%H:%M").unwrap());
        for (on, clock, objected) in [
            ("2026-11-24", None, None),
            ("2026-11-23", None, Some(NotThen::DayIsPast)),
            ("2027-05-24", None, Some(NotThen::TooFar)),
            ("2026-11-24", time("10:00"), Some(NotThen::TimeIsPast)),
            ("2026-11-24", time("10:30"), None),
            ("2026-11-25", time("03:00"), Some(NotThen::ClosedTime)),
        ] {
            assert_eq!(
                objection(&calendar, now, day(on), clock),
                objected,
                "{on} {clock:?}"
            );
        }
    }
}
