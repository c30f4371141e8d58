//! Lines of a repair order, and whether they add up to its amount.

use crate::text_enum;

text_enum! {
    /// What a line charges for.
    pub enum ItemKind {
        Labour = "labour",
        Part = "part",
    }
}

text_enum! {
    /// An assembly whose replacement 三包 counts (Art. 24).
    pub enum Assembly {
        Engine = "engine",
        Gearbox = "gearbox",
        /// The traction battery.
        Battery = "battery",
        /// The drive motor.
        Motor = "motor",
    }
}

/// A line as it is shown.
#[derive(Clone, Debug)]
pub struct Item {
    pub kind: ItemKind,
    pub code: String,
    pub name: String,
    /// A decimal, `1.5`.
    pub quantity: String,
    /// Of the whole line; `None`: not said.
    pub amount_fen: Option<i64>,
    /// Cut from the summary, not typed.
    pub is_derived: bool,
}

/// A line as it was typed, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewItem {
    pub kind: ItemKind,
    pub code: String,
    pub name: String,
    pub quantity_hundredths: i64,
    pub amount_fen: Option<i64>,
}

/// The sum of the lines where it cannot be the amount of the order. A line without an amount may be worth any.
pub fn unequal_total(lines: &[Option<i64>], amount_fen: i64) -> Option<i64> {
    let sum: i64 = lines.iter().flatten().sum();
    let is_complete = lines.iter().all(Option::is_some);
    let fits = lines.iter().all(Option::is_none) || sum == amount_fen || (!is_complete && sum < amount_fen);
    (!fits).then_some(sum)
}

/// A quantity in hundredths: up to two decimals, more than nothing, less than 10,000.
pub fn quantity(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 4 || part.len() > 2 || !is_number(whole) || !is_number(part) {
        return None;
    }
    let hundredths = whole.parse::<i64>().ok()? * 100 + format!("{part:0<2}").parse::<i64>().ok()?;
    (hundredths > 0).then_some(hundredths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_cannot_add_up_are_named() {
        for (lines, amount, expected) in [
            (vec![], 100, None),
            (vec![None, None], 100, None),
            (vec![Some(60), Some(40)], 100, None),
            (vec![Some(60), Some(41)], 100, Some(101)),
            (vec![Some(60), Some(30)], 100, Some(90)),
            (vec![Some(60), None], 100, None),
            (vec![Some(100), None], 100, None),
            (vec![Some(101), None], 100, Some(101)),
            (vec![Some(0)], 0, None),
        ] {
            assert_eq!(unequal_total(&lines, amount), expected, "{lines:?} {amount}");
        }
    }

    #[test]
    fn a_quantity_has_two_decimals_at_most() {
        for (text, expected) in [
            ("1", Some(100)),
            ("0.5", Some(50)),
            ("4.25", Some(425)),
            ("9999.99", Some(999_999)),
            ("10000", None),
            ("0", None),
            ("", None),
            (".5", None),
            ("1.255", None),
            ("-1", None),
            ("一", None),
        ] {
            assert_eq!(quantity(text), expected, "{text}");
        }
    }
}
