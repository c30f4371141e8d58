//! One cell → a value or the reason it is refused. The same rules for every kind of file.
//!
//! An empty cell is `Ok(None)` and never an error here: an empty cell never blanks what is there, and
//! [`required`] says where one may not be empty. Nothing is guessed: a date of which day and month cannot be
//! told apart is refused, and a number that a spreadsheet has shortened too.

mod choices;
mod dates;
mod numbers;

use serde::{Deserialize, Serialize};

use super::parse::is_error_text;

pub use choices::{InsuranceKind, ServiceType, insurance_kind, service_type, yes_no};
pub use dates::{date, date_time, has_clock, not_after};
pub use numbers::{identifier, mileage, money};

/// Why a cell is refused; a row with one such cell is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Refusal {
    Required,
    BadDate,
    BadDateTime,
    FutureDate,
    BadNumber,
    /// 1.38E+10: the spreadsheet has lost digits; the column must be formatted as text.
    ScientificNotation,
    TooLong {
        max: usize,
    },
    BadChoice,
    /// #N/A and its kin.
    FormulaError,
}

impl Refusal {
    /// Key of its text, and what is stored.
    pub fn code(self) -> &'static str {
        match self {
            Refusal::Required => "required",
            Refusal::BadDate => "bad_date",
            Refusal::BadDateTime => "bad_date_time",
            Refusal::FutureDate => "future_date",
            Refusal::BadNumber => "bad_number",
            Refusal::ScientificNotation => "scientific_notation",
            Refusal::TooLong { .. } => "too_long",
            Refusal::BadChoice => "bad_choice",
            Refusal::FormulaError => "formula_error",
        }
    }
}

/// A cell's value: none when it is empty.
pub type Value<T> = Result<Option<T>, Refusal>;

/// Demands that the cell is not empty.
pub fn required<T>(value: Value<T>) -> Result<T, Refusal> {
    value?.ok_or(Refusal::Required)
}

/// Free text of at most `max` characters, as written.
pub fn text(cell: &str, max: usize) -> Value<String> {
    let Some(cell) = filled(cell)? else {
        return Ok(None);
    };
    if cell.chars().count() > max {
        return Err(Refusal::TooLong { max });
    }
    Ok(Some(cell.to_owned()))
}

/// Full-width letters, digits and signs become ASCII: ＡＢ１２（） → AB12().
pub(crate) fn half_width(text: &str) -> String {
    let half = |c: char| match c {
        '\u{3000}' => ' ',
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{FFE5}' => '¥',
        _ => c,
    };
    text.chars().map(half).collect()
}

/// The trimmed cell, or none when it is empty; refuses errors of formulas.
fn filled(cell: &str) -> Value<&str> {
    let cell = cell.trim();
    if is_error_text(cell) {
        return Err(Refusal::FormulaError);
    }
    Ok((!cell.is_empty()).then_some(cell))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_text_is_kept_as_written_up_to_its_length() {
        let cases = [
            ("", Ok(None)),
            (" \u{3000}", Ok(None)),
            (" 张 伟 ", Ok(Some("张 伟".to_owned()))),
            ("车主王先生", Ok(Some("车主王先生".to_owned()))),
            ("车主王先生。", Err(Refusal::TooLong { max: 5 })),
            ("#N/A", Err(Refusal::FormulaError)),
            ("#ref!", Err(Refusal::FormulaError)),
            ("#1", Ok(Some("#1".to_owned()))),
        ];
        for (cell, expected) in cases {
            assert_eq!(text(cell, 5), expected, "{cell:?}");
        }
    }

    #[test]
    fn a_required_cell_may_not_be_empty() {
        assert_eq!(required(text(" ", 5)), Err(Refusal::Required));
        assert_eq!(required(text("a", 5)), Ok("a".to_owned()));
        assert_eq!(required(text("#N/A", 5)), Err(Refusal::FormulaError));
    }

    #[test]
    fn the_stored_code_of_a_refusal_is_the_key_of_its_text() {
        for refusal in [
            Refusal::Required,
            Refusal::BadDateTime,
            Refusal::TooLong { max: 5 },
        ] {
            let stored = serde_json::to_value(refusal).unwrap();
            assert_eq!(stored["code"], refusal.code());
            assert_eq!(serde_json::from_value::<Refusal>(stored).unwrap(), refusal);
        }
    }

    #[test]
    fn full_width_signs_become_ascii_and_chinese_stays() {
        assert_eq!(half_width("ＡＢ１２（ＶＩＮ）：　张￥·"), "AB12(VIN): 张¥·");
    }
}
