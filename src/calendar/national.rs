//! National holidays and their make-up working days (调休), one data file a year.
//!
//! Source: the yearly notice of the State Council's General Office. A year whose notice is not known yet has the 13 days of the
//! statute only (全国年节及纪念日放假办法, since 2025) and says that it is provisional.

use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;

/// What a day of the file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NationalKind {
    Holiday,
    /// A Saturday or Sunday on which people work.
    Workday,
}

impl NationalKind {
    /// The code in `calendar_days`.
    pub const fn as_str(self) -> &'static str {
        match self {
            NationalKind::Holiday => "holiday",
            NationalKind::Workday => "workday",
        }
    }
}

/// A day of the file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct NationalDay {
    pub date: NaiveDate,
    pub kind: NationalKind,
    pub name: String,
}

/// A year as announced, or as the statute alone has it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct NationalYear {
    pub year: i32,
    pub is_provisional: bool,
    /// The notice or the statute that it is taken from.
    pub source: String,
    pub days: Vec<NationalDay>,
}

static YEARS: LazyLock<Vec<NationalYear>> = LazyLock::new(|| {
    [
        include_str!("holidays/2025.json"),
        include_str!("holidays/2026.json"),
        include_str!("holidays/2027.json"),
    ]
    .into_iter()
    .map(|file| serde_json::from_str(file).expect("the files are tested"))
    .collect()
});

/// Every year there is a file for, in order.
pub fn national_years() -> &'static [NationalYear] {
    &YEARS
}

/// The year's file, if there is one.
pub fn national_year(year: i32) -> Option<&'static NationalYear> {
    YEARS.iter().find(|known| known.year == year)
}

impl NationalYear {
    /// New Year's Eve to the sixth day of the lunar year: when dealerships close, if they close.
    pub fn spring_festival(&self) -> Option<(NaiveDate, NaiveDate)> {
        let eve = match self.year {
            2025 => NaiveDate::from_ymd_opt(2025, 1, 28),
            2026 => NaiveDate::from_ymd_opt(2026, 2, 16),
            2027 => NaiveDate::from_ymd_opt(2027, 2, 5),
            _ => None,
        }?;
        Some((eve, eve + chrono::Days::new(6)))
    }

    /// The days of the file in a range, both ends included.
    pub fn between(&self, from: NaiveDate, to: NaiveDate) -> impl Iterator<Item = &NationalDay> {
        self.days
            .iter()
            .filter(move |day| from <= day.date && day.date <= to)
    }
}

/// The national days in a range of any length.
pub fn national_days(from: NaiveDate, to: NaiveDate) -> impl Iterator<Item = (&'static NationalDay, bool)> {
    (from.year()..=to.year())
        .filter_map(national_year)
        .flat_map(move |year| year.between(from, to).map(|day| (day, year.is_provisional)))
}

#[cfg(test)]
mod tests {
    use chrono::Weekday;

    use super::*;

    #[test]
    fn every_file_is_sound() {
        assert_eq!(
            national_years().iter().map(|year| year.year).collect::<Vec<_>>(),
            [2025, 2026, 2027]
        );
        for year in national_years() {
            assert!(
                year.days.windows(2).all(|pair| pair[0].date < pair[1].date),
                "{}",
                year.year
            );
            for day in &year.days {
                assert_eq!(day.date.year(), year.year, "{day:?}");
                assert!(!day.name.is_empty());
                let is_weekend = matches!(day.date.weekday(), Weekday::Sat | Weekday::Sun);
                assert!(day.kind == NationalKind::Holiday || is_weekend, "{day:?}");
            }
            let (eve, last) = year.spring_festival().unwrap();
            assert_eq!((last - eve).num_days(), 6);
            assert!(year.between(eve, eve).all(|day| day.name == "春节"));
        }
    }

    #[test]
    fn holidays_and_make_up_days_are_those_of_the_notices() {
        for (year, holidays, workdays, is_provisional) in
            [(2025, 28, 5, false), (2026, 33, 6, false), (2027, 13, 0, true)]
        {
            let file = national_year(year).unwrap();
            let count = |kind| file.days.iter().filter(|day| day.kind == kind).count();
            assert_eq!(
                (
                    count(NationalKind::Holiday),
                    count(NationalKind::Workday),
                    file.is_provisional
                ),
                (holidays, workdays, is_provisional),
                "{year}"
            );
        }
        assert_eq!(national_year(2028), None);
    }

    #[test]
    fn a_make_up_day_gives_back_a_working_day_taken() {
        // Every weekday that is free without being one of the 13 days of the statute is worked on a weekend.
        let statutory = |year: i32| match year {
            2025 => vec![
                "01-01", "01-28", "01-29", "01-30", "01-31", "04-04", "05-01", "05-02", "10-01", "10-02",
                "10-03", "10-06",
            ],
            _ => vec![
                "01-01", "02-16", "02-17", "02-18", "02-19", "05-01", "06-19", "09-25", "10-01", "10-02",
            ],
        };
        for year in [2025, 2026] {
            let file = national_year(year).unwrap();
            let taken = file.days.iter().filter(|day| {
                day.kind == NationalKind::Holiday
                    && !matches!(day.date.weekday(), Weekday::Sat | Weekday::Sun)
                    && !statutory(year).contains(&day.date.format("%m-%d").to_string().as_str())
            });
            let given = file.days.iter().filter(|day| day.kind == NationalKind::Workday);
            // A statutory day on a weekend earns a free weekday of its own.
            let on_weekend = match year {
                2025 => 1,
                _ => 3,
            };
            assert_eq!(taken.count(), given.count() + on_weekend, "{year}");
        }
    }
}
