//! Amounts of money in 分, the hundredth of a yuan; never a float.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Neg, Sub};
use std::str::FromStr;

use crate::text::clean;

/// Whole 分 (CNY), as in a `bigint` column; may be negative for a refund.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Money(i64);

/// Why a text is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("empty")]
    Empty,
    #[error("not an amount")]
    NotAnAmount,
    /// Commas elsewhere than before groups of three: "1,28" may mean 1.28 or 128.
    #[error("misplaced comma")]
    Grouping,
    #[error("parts of a fen")]
    TooPrecise,
    #[error("too large")]
    TooLarge,
}

impl Money {
    pub const ZERO: Money = Money(0);

    pub const fn from_fen(fen: i64) -> Money {
        Money(fen)
    }

    pub const fn fen(self) -> i64 {
        self.0
    }
}

impl FromStr for Money {
    type Err = MoneyError;

    /// Reads `1,286.00`, `1286元`, `￥1,286`, `-3.5`, `(3.50)` of an accountant, and full-width forms.
    fn from_str(raw: &str) -> Result<Self, Self::Err> {
        let text: String = clean(raw).chars().filter(|c| *c != ' ').collect();
        if text.is_empty() {
            return Err(MoneyError::Empty);
        }
        let (text, in_brackets) = match text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            Some(inner) => (inner, true),
            None => (text.as_str(), false),
        };
        let (text, sign_first) = strip_sign(text);
        let text = ["¥", "RMB", "CNY", "人民币"]
            .iter()
            .find_map(|mark| text.strip_prefix(mark))
            .unwrap_or(text);
        let (text, sign_second) = strip_sign(text);
        let text = ["元整", "元", "圆"]
            .iter()
            .find_map(|mark| text.strip_suffix(mark))
            .unwrap_or(text);
        if u8::from(in_brackets) + u8::from(sign_first) + u8::from(sign_second) > 1 {
            return Err(MoneyError::NotAnAmount);
        }
        let fen = parse_fen(text)?;
        Ok(Money(if in_brackets || sign_first || sign_second {
            -fen
        } else {
            fen
        }))
    }
}

fn strip_sign(text: &str) -> (&str, bool) {
    match text.strip_prefix(['-', '−']) {
        Some(rest) => (rest, true),
        None => (text, false),
    }
}

fn parse_fen(text: &str) -> Result<i64, MoneyError> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    if !digits(first) || !digits(fraction) || !groups.clone().all(digits) {
        return Err(MoneyError::NotAnAmount);
    }
    if groups.clone().next().is_some() && first.len() > 3 || groups.any(|group| group.len() != 3) {
        return Err(MoneyError::Grouping);
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > 2 {
        return Err(MoneyError::TooPrecise);
    }
    let yuan: i64 = whole.replace(',', "").parse().map_err(|_| MoneyError::TooLarge)?;
    let fen: i64 = format!("{fraction:0<2}")
        .parse()
        .map_err(|_| MoneyError::NotAnAmount)?;
    yuan.checked_mul(100)
        .and_then(|n| n.checked_add(fen))
        .ok_or(MoneyError::TooLarge)
}

impl fmt::Display for Money {
    /// `1,286.00`, without a currency sign.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fen = self.0.unsigned_abs();
        let yuan = (fen / 100).to_string();
        let mut text = String::with_capacity(yuan.len() * 2);
        for (index, digit) in yuan.chars().enumerate() {
            if index > 0 && (yuan.len() - index).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{text}.{:02}", fen % 100)
    }
}

impl Add for Money {
    type Output = Money;

    fn add(self, other: Money) -> Money {
        Money(self.0 + other.0)
    }
}

impl Sub for Money {
    type Output = Money;

    fn sub(self, other: Money) -> Money {
        Money(self.0 - other.0)
    }
}

impl Neg for Money {
    type Output = Money;

    fn neg(self) -> Money {
        Money(-self.0)
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Money>>(amounts: I) -> Money {
        amounts.fold(Money::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (text, fen) in [
            ("1,286.00", 128_600),
            ("1286元", 128_600),
            ("￥1,286", 128_600),
            ("１，２８６．５", 128_650),
            (" ¥ 0.05 ", 5),
            ("-3.50", -350),
            ("-¥3.5", -350),
            ("¥-3.5", -350),
            ("(1,000.00)", -100_000),
            ("人民币1,234,567.890元整", 123_456_789),
            ("92233720368547758.07", i64::MAX),
        ] {
            assert_eq!(text.parse::<Money>().map(Money::fen), Ok(fen), "{text}");
        }
    }

    #[test]
    fn doubtful_amounts_are_refused_by_name() {
        for (text, error) in [
            ("", MoneyError::Empty),
            ("元", MoneyError::NotAnAmount),
            ("1.2万", MoneyError::NotAnAmount),
            ("12.", MoneyError::NotAnAmount),
            (".5", MoneyError::NotAnAmount),
            ("--5", MoneyError::NotAnAmount),
            ("1.286E+03", MoneyError::NotAnAmount),
            ("1,28", MoneyError::Grouping),
            ("1286,000", MoneyError::Grouping),
            ("1.005", MoneyError::TooPrecise),
            ("92233720368547758.08", MoneyError::TooLarge),
        ] {
            assert_eq!(text.parse::<Money>(), Err(error), "{text}");
        }
    }

    #[test]
    fn amounts_are_shown_in_groups_of_three() {
        for (fen, text) in [
            (0, "0.00"),
            (-5, "-0.05"),
            (99_999, "999.99"),
            (100_000, "1,000.00"),
            (i64::MIN, "-92,233,720,368,547,758.08"),
        ] {
            assert_eq!(Money::from_fen(fen).to_string(), text);
        }
    }

    proptest! {
        #[test]
        fn a_printed_amount_reads_back(fen in -i64::MAX..=i64::MAX) {
            prop_assert_eq!(Money::from_fen(fen).to_string().parse::<Money>(), Ok(Money::from_fen(fen)));
        }
    }
}
