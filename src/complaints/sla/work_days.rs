//! Working days: Monday to Friday without the statutory holidays, with the make-up days (调休) of the yearly notice.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use crate::calendar::{DayKind, NationalKind, StoreCalendar, national_days};

/// Whether authorities and courts work on this day. That the store closes or opens makes no difference.
pub fn is_work_day(day: NaiveDate, calendar: &StoreCalendar) -> bool {
    let own = calendar.exceptions.get(&day).map(|exception| &exception.kind);
    match own {
        Some(DayKind::Holiday) => false,
        Some(DayKind::Workday) => true,
        Some(DayKind::Closed | DayKind::Special(_)) | None => {
            match national_days(day, day).next().map(|(known, _)| known.kind) {
                Some(NationalKind::Holiday) => false,
                Some(NationalKind::Workday) => true,
                None => !matches!(day.weekday(), Weekday::Sat | Weekday::Sun),
            }
        }
    }
}

/// The `days`-th working day after `day`, which itself does not count.
pub fn work_days_after(day: NaiveDate, days: u32, calendar: &StoreCalendar) -> NaiveDate {
    let mut last = day;
    let mut left = days;
    while left > 0 {
        last = last + Days::new(1);
        if is_work_day(last, calendar) {
            left -= 1;
        }
    }
    last
}
