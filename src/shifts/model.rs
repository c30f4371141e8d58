//! The week of a store's callers: pure rules, tested here.

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::calendar::{Interval, StoreCalendar};

/// The minute of a store's day at an instant, as shifts are compared with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DutyMoment {
    pub day: NaiveDate,
    pub minute: i32,
}

impl DutyMoment {
    /// On the store's wall clock. In the hour that a clock change repeats a shift is on both times.
    pub fn at(zone: Tz, now: DateTime<Utc>) -> DutyMoment {
        let local = now.with_timezone(&zone);
        DutyMoment {
            day: local.date_naive(),
            minute: i32::try_from(chrono::Timelike::num_seconds_from_midnight(&local) / 60).unwrap_or(0),
        }
    }
}

/// Monday of the week of a day.
pub fn monday_of(day: NaiveDate) -> NaiveDate {
    day - Days::new(u64::from(day.weekday().num_days_from_monday()))
}

/// What a day of a person's week is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DayPlan {
    /// On leave; the shifts of the day do not count.
    Leave,
    /// Within these intervals.
    Shifts(Vec<Interval>),
    /// Free: the week has shifts, this day has none.
    Free,
    /// The week says nothing: the opening hours of the store.
    OpeningHours,
}

/// The seven days of a person's week, from shifts and leave.
pub fn plan(shifts: &[Vec<Interval>; 7], leave: &[bool; 7]) -> [DayPlan; 7] {
    let is_planned = shifts.iter().any(|day| !day.is_empty());
    std::array::from_fn(|at| {
        if leave[at] {
            DayPlan::Leave
        } else if !shifts[at].is_empty() {
            DayPlan::Shifts(shifts[at].clone())
        } else if is_planned {
            DayPlan::Free
        } else {
            DayPlan::OpeningHours
        }
    })
}

/// Minutes that a person has for calls on a day: what is planned, within calling and opening hours.
pub fn callable_minutes(plan: &DayPlan, calendar: &StoreCalendar, day: NaiveDate) -> i64 {
    let windows = calendar.windows(crate::calendar::WindowPurpose::Callable, day);
    let within = |from: DateTime<Utc>, to: DateTime<Utc>| -> i64 {
        windows
            .iter()
            .map(|(start, end)| (to.min(*end) - from.max(*start)).num_minutes().max(0))
            .sum()
    };
    match plan {
        DayPlan::Leave | DayPlan::Free => 0,
        DayPlan::OpeningHours => windows
            .iter()
            .map(|(start, end)| (*end - *start).num_minutes())
            .sum(),
        DayPlan::Shifts(intervals) => intervals
            .iter()
            .map(|hours| {
                within(
                    calendar.instant(day, hours.opens()),
                    calendar.instant(day, hours.closes()),
                )
            })
            .sum(),
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Asia::Shanghai;

    use super::*;

    fn interval(text: &str) -> Interval {
        let (opens, closes) = text.split_once('-').unwrap();
        Interval::new(opens.parse().unwrap(), closes.parse().unwrap()).unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_week_without_shifts_says_nothing_and_one_with_shifts_frees_the_rest() {
        let nothing = plan(&Default::default(), &[false; 7]);
        assert!(nothing.iter().all(|day| *day == DayPlan::OpeningHours));
        let mut shifts: [Vec<Interval>; 7] = Default::default();
        shifts[1] = vec![interval("09:00-12:00"), interval("18:00-24:00")];
        let mut leave = [false; 7];
        leave[2] = true;
        let week = plan(&shifts, &leave);
        assert_eq!(week[0], DayPlan::Free);
        assert_eq!(week[1], DayPlan::Shifts(shifts[1].clone()));
        assert_eq!(week[2], DayPlan::Leave);
        leave[1] = true;
        assert_eq!(
            plan(&shifts, &leave)[1],
            DayPlan::Leave,
            "leave is stronger than a shift"
        );
    }

    #[test]
    fn minutes_for_calls_lie_within_shift_and_calling_hours() {
        let calendar = StoreCalendar::new(Shanghai);
        for (plan, minutes) in [
            (DayPlan::OpeningHours, 3 * 60 + 6 * 60 + 30),
            (DayPlan::Shifts(vec![interval("09:00-12:00")]), 180),
            (DayPlan::Shifts(vec![interval("11:00-14:00")]), 90),
            (DayPlan::Shifts(vec![interval("20:00-24:00")]), 0),
            (DayPlan::Shifts(vec![interval("00:00-24:00")]), 570),
            (DayPlan::Free, 0),
            (DayPlan::Leave, 0),
        ] {
            assert_eq!(
                callable_minutes(&plan, &calendar, day("2026-11-24")),
                minutes,
                "{plan:?}"
            );
        }
    }

    #[test]
    fn a_moment_is_the_stores_day_and_minute() {
        for (zone, now, date, minute) in [
            (Shanghai, "2026-11-24T02:00:59Z", "2026-11-24", 600),
            (Shanghai, "2026-11-24T15:59:59Z", "2026-11-24", 1439),
            (Shanghai, "2026-11-24T16:00:00Z", "2026-11-25", 0),
            (
                chrono_tz::America::New_York,
                "2026-11-01T05:30:00Z",
                "2026-11-01",
                90,
            ),
            (
                chrono_tz::America::New_York,
                "2026-11-01T06:30:00Z",
                "2026-11-01",
                90,
            ),
            (
                chrono_tz::America::New_York,
                "2027-03-14T07:30:00Z",
                "2027-03-14",
                210,
            ),
            (
                chrono_tz::Australia::Lord_Howe,
                "2027-04-03T15:15:00Z",
                "2027-04-04",
                105,
            ),
        ] {
            let moment = DutyMoment::at(zone, now.parse().unwrap());
            assert_eq!(
                moment,
                DutyMoment {
                    day: day(date),
                    minute
                },
                "{zone} {now}"
            );
        }
    }

    #[test]
    fn weeks_begin_on_monday() {
        for (date, monday) in [
            ("2026-11-23", "2026-11-23"),
            ("2026-11-29", "2026-11-23"),
            ("2027-01-01", "2026-12-28"),
        ] {
            assert_eq!(monday_of(day(date)), day(monday));
        }
    }
}
