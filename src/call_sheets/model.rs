//! States, reasons and limits of sheets. Pure.

use chrono::{NaiveDate, TimeDelta};

use crate::text_enum;

text_enum! {
    /// Life of a line.
    pub enum LineState {
        Open = "open",
        Keyed = "keyed",
        Refused = "refused",
    }
}

text_enum! {
    /// Why a line is not taken over.
    pub enum LineRefusal {
        /// Somebody else has settled the call meanwhile.
        Settled = "settled",
        /// Somebody is on the call now.
        Busy = "busy",
        /// The caller has served the customer meanwhile.
        Served = "served",
        /// Nothing is owed any more.
        Gone = "gone",
    }
}

impl LineRefusal {
    /// Whether keying in again can never help.
    pub const fn is_final(self) -> bool {
        match self {
            LineRefusal::Settled | LineRefusal::Gone | LineRefusal::Served => true,
            LineRefusal::Busy => false,
        }
    }
}

/// Calls of one sheet: two pages, more than a person dials in a day.
pub const MAX_LINES: i64 = 40;

/// Printed numbers of one person within an hour and within a day; more is not a day's work but a collection.
pub const LIMITS: [(TimeDelta, i64); 2] = [(TimeDelta::hours(1), 300), (TimeDelta::hours(24), 800)];

/// Number of the n-th sheet of a day: `CS-261124-03`.
pub fn number(day: NaiveDate, n: i64) -> String {
    format!("{}{n:02}", prefix(day))
}

/// What the numbers of a day begin with.
pub fn prefix(day: NaiveDate) -> String {
    format!("CS-{}-", day.format("%y%m%d"))
}

/// The code of a line, short enough for a pen: `03-07` is line 7 of the third sheet of the day.
pub fn line_code(number: &str, position: i32) -> String {
    let sheet = number.rsplit('-').next().unwrap_or(number);
    format!("{sheet}-{position:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_say_the_day_and_codes_the_line() {
        let day: NaiveDate = "2026-11-24".parse().unwrap();
        assert_eq!(number(day, 3), "CS-261124-03");
        assert_eq!(number(day, 117), "CS-261124-117");
        assert_eq!(line_code("CS-261124-03", 7), "03-07");
        assert_eq!(line_code("CS-261124-117", 40), "117-40");
    }
}
