//! The week of a list, which list is worked off, and the arithmetic of its figures (pure).

use chrono::{Datelike, NaiveDate, TimeDelta};

use crate::text_enum;

text_enum! {
    /// A list of files.
    pub enum Queue {
        /// Files that something happened to: the ledger of this week, with what is left of earlier ones.
        Week = "week",
        /// Files that are incomplete or stale, the worst first.
        Files = "files",
    }
}

text_enum! {
    /// Which files of the second list.
    pub enum FileFilter {
        All = "all",
        Incomplete = "incomplete",
        Stale = "stale",
    }
}

/// An ISO week of the store's own days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Week {
    pub monday: NaiveDate,
    pub sunday: NaiveDate,
}

impl Week {
    /// The week a day belongs to.
    pub fn of(day: NaiveDate) -> Week {
        let monday = day - TimeDelta::days(i64::from(day.weekday().num_days_from_monday()));
        Week {
            monday,
            sunday: monday + TimeDelta::days(6),
        }
    }

    /// Its number in its ISO year.
    pub fn number(self) -> u32 {
        self.monday.iso_week().week()
    }
}

/// How far a week's list is worked off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub total: i64,
    /// Looked through, whenever.
    pub done: i64,
    /// Of them, by the end of Sunday: 更新率 is this of the total.
    pub in_time: i64,
}

impl Progress {
    /// Files still to look through.
    pub fn left(&self) -> i64 {
        self.total - self.done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_on_monday_and_ends_on_sunday() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (of, monday, sunday, number) in [
            ("2026-11-23", "2026-11-23", "2026-11-29", 48),
            ("2026-11-29", "2026-11-23", "2026-11-29", 48),
            ("2026-11-30", "2026-11-30", "2026-12-06", 49),
            // The last days of 2026 and the first of 2027 are one week, number 53.
            ("2027-01-01", "2026-12-28", "2027-01-03", 53),
            ("2027-01-04", "2027-01-04", "2027-01-10", 1),
        ] {
            let week = Week::of(day(of));
            assert_eq!(
                (week.monday, week.sunday, week.number()),
                (day(monday), day(sunday), number),
                "{of}"
            );
        }
    }
}
