//! Hours of a day as people type them: `09:00-12:00 13:30-20:00`; empty is closed.

use crate::calendar::{Interval, TimeOfDay};
use crate::i18n::Lang;
use crate::i18n::stores::T;
use crate::text;
use crate::web::form::FieldError;

/// What is wrong with a day's hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoursError {
    /// Not of the form `09:00-12:00`, or no time between 00:00 and 24:00.
    Unreadable,
    /// An interval ends before it begins.
    Backwards,
    /// Two intervals share minutes, or are not in order.
    Overlap,
}

impl From<HoursError> for FieldError {
    fn from(error: HoursError) -> FieldError {
        let text = |lang: Lang| {
            let t = T(lang);
            match error {
                HoursError::Unreadable => t.hours_unreadable(),
                HoursError::Backwards => t.hours_backwards(),
                HoursError::Overlap => t.hours_overlap(),
            }
            .to_owned()
        };
        FieldError::Text {
            zh: text(Lang::Zh),
            en: text(Lang::En),
        }
    }
}

/// Reads a day's intervals; commas, full-width signs and spaces around the dash do not matter.
pub fn parse(typed: &str) -> Result<Vec<Interval>, HoursError> {
    let plain: String = text::half_width(typed)
        .chars()
        .map(|c| match c {
            '–' | '—' | '~' | '至' => '-',
            ',' | ';' | '、' => ' ',
            other => other,
        })
        .collect();
    let plain = plain.replace(" -", "-").replace("- ", "-");
    let mut intervals: Vec<Interval> = Vec::new();
    for word in plain.split_whitespace() {
        let (opens, closes) = word.split_once('-').ok_or(HoursError::Unreadable)?;
        let time = |text: &str| text.parse::<TimeOfDay>().map_err(|_| HoursError::Unreadable);
        let interval = Interval::new(time(opens)?, time(closes)?).ok_or(HoursError::Backwards)?;
        if intervals
            .last()
            .is_some_and(|last| interval.opens() < last.closes())
        {
            return Err(HoursError::Overlap);
        }
        intervals.push(interval);
    }
    Ok(intervals)
}

/// A day's intervals as the field shows them.
pub fn print(intervals: &[Interval]) -> String {
    let words: Vec<String> = intervals.iter().map(Interval::to_string).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_as_people_type_them() {
        for (typed, read) in [
            ("09:00-12:00 13:30-20:00", Ok("09:00-12:00 13:30-20:00")),
            ("9:00 - 12:00，13:30–24:00", Ok("09:00-12:00 13:30-24:00")),
            ("０９：００－１２：００", Ok("09:00-12:00")),
            ("", Ok("")),
            ("00:00-24:00", Ok("00:00-24:00")),
            ("09:00", Err(HoursError::Unreadable)),
            ("9-12", Err(HoursError::Unreadable)),
            ("09:00-24:30", Err(HoursError::Unreadable)),
            ("closed", Err(HoursError::Unreadable)),
            ("12:00-09:00", Err(HoursError::Backwards)),
            ("12:00-12:00", Err(HoursError::Backwards)),
            ("09:00-12:00 11:00-13:00", Err(HoursError::Overlap)),
            ("13:00-15:00 09:00-12:00", Err(HoursError::Overlap)),
        ] {
            let printed = parse(typed).map(|intervals| print(&intervals));
            assert_eq!(printed, read.map(str::to_owned), "{typed:?}");
        }
    }
}
