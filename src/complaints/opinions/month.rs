//! A month as it stands in an address: `2026-11` (pure).

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::calendar::StoreCalendar;

/// A calendar month of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month {
    /// Its first day.
    pub first: NaiveDate,
}

impl Month {
    /// The month of a day.
    pub fn of(day: NaiveDate) -> Month {
        Month {
            first: day - Days::new(u64::from(day.day0())),
        }
    }

    /// Reads `2026-11`; anything else is `None`.
    pub fn parse(text: &str) -> Option<Month> {
        if text.len() != 7 {
            return None;
        }
        let first = format!("{text}-01").parse().ok()?;
        Some(Month { first })
    }

    /// As it is written in an address.
    pub fn code(self) -> String {
        self.first.format("%Y-%m").to_string()
    }

    /// The month before and the one after.
    pub fn neighbours(self) -> (Month, Month) {
        (
            Month {
                first: self.first - Months::new(1),
            },
            Month {
                first: self.first + Months::new(1),
            },
        )
    }

    /// The instants between which it lies, the second one not included.
    pub fn instants(self, zone: Tz) -> (DateTime<Utc>, DateTime<Utc>) {
        let calendar = StoreCalendar::new(zone);
        let (_, next) = self.neighbours();
        (calendar.day_span(self.first).0, calendar.day_span(next.first).0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_read_from_its_code_only() {
        for (text, expected) in [
            ("2026-11", Some("2026-11")),
            ("2026-13", None),
            ("2026-1", None),
            ("2026-11-01", None),
            ("", None),
        ] {
            let found = Month::parse(text).map(Month::code);
            assert_eq!(found.as_deref(), expected, "{text}");
        }
        let (before, after) = Month::parse("2027-01").unwrap().neighbours();
        assert_eq!(
            (before.code(), after.code()),
            ("2026-12".to_owned(), "2027-02".to_owned())
        );
        assert_eq!(Month::of("2026-11-24".parse().unwrap()).code(), "2026-11");
    }
}
