//! Store days, opening and calling hours, closed days, due times and the last instant at which a call counts.
//!
//! Pure: a calendar is given, `now` is given, nothing is read or written. The rules it keeps:
//! - a day is a calendar day of the store's own time zone, and may last 23, 24.5 or 25 hours;
//! - intervals are half-open, `[start, end)`, and 24:00 is a time of day;
//! - a call counts only within calling hours *and* opening hours; messages have hours of their own;
//! - a promise of n days counts calendar days and moves to the next open day when the store is closed;
//! - pages, jobs and reports read the rows that [`materialise`] writes, so there is one definition of each.

mod deadline;
pub mod ics;
mod materialise;
mod national;
mod reason;
mod span;
mod store_calendar;
mod time_of_day;

pub use deadline::{CallableDue, Due, DueReason};
pub use materialise::{StoreDay, StoreWindow, materialise};
pub use national::{NationalDay, NationalKind, NationalYear, national_days, national_year, national_years};
pub use reason::Deadline;
pub use span::Span;
pub use store_calendar::{DayException, DayKind, Hours, Purpose, StoreCalendar, WeeklyHours, WindowPurpose};
pub use time_of_day::{Interval, TimeOfDay, TimeOfDayError};
