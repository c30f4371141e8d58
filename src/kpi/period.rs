//! The periods of the page, as days of the store.

use chrono::{Datelike, Days, Months, NaiveDate};

use crate::text_enum;

text_enum! {
    /// A period of the page, by calendar; a week is Monday to Sunday.
    pub enum Period {
        Today = "today",
        Week = "week",
        Month = "month",
        LastMonth = "last_month",
    }
}

impl Period {
    /// First and last day, both inclusive. The running period ends with its last day, not today: what is not due yet is shown too.
    pub fn range(self, today: NaiveDate) -> (NaiveDate, NaiveDate) {
        match self {
            Period::Today => (today, today),
            Period::Week => {
                let monday = today - Days::new(u64::from(today.weekday().num_days_from_monday()));
                (monday, monday + Days::new(6))
            }
            Period::Month => month_of(today),
            Period::LastMonth => month_of(first_of_month(today) - Days::new(1)),
        }
    }
}

fn first_of_month(day: NaiveDate) -> NaiveDate {
    day - Days::new(u64::from(day.day0()))
}

fn month_of(day: NaiveDate) -> (NaiveDate, NaiveDate) {
    let first = first_of_month(day);
    (first, first + Months::new(1) - Days::new(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_days_of_the_calendar() {
        for (today, period, from, to) in [
            ("2026-11-24", Period::Today, "2026-11-24", "2026-11-24"),
            ("2026-11-24", Period::Week, "2026-11-23", "2026-11-29"),
            ("2026-11-29", Period::Week, "2026-11-23", "2026-11-29"),
            ("2027-01-01", Period::Week, "2026-12-28", "2027-01-03"),
            ("2026-11-24", Period::Month, "2026-11-01", "2026-11-30"),
            ("2028-02-29", Period::Month, "2028-02-01", "2028-02-29"),
            ("2027-03-31", Period::LastMonth, "2027-02-01", "2027-02-28"),
            ("2027-01-01", Period::LastMonth, "2026-12-01", "2026-12-31"),
        ] {
            let day = |text: &str| text.parse::<NaiveDate>().unwrap();
            assert_eq!(period.range(day(today)), (day(from), day(to)), "{period} {today}");
        }
    }
}
