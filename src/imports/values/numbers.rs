//! Figures of cells, exact or refused: no floating point, no rounding.

use super::{Refusal, Value, filled, half_width};

/// No odometer of a road car has more digits.
const MOST_KILOMETRES: i64 = 9_999_999;
/// 100 million yuan: a slip of columns, not a bill.
const MOST_FEN: i64 = 10_000_000_000;

/// Kilometres: 61000, 61,000, 61000km, 61000公里, 6.1万.
pub fn mileage(cell: &str) -> Value<i32> {
    let Some(cell) = filled(cell)? else {
        return Ok(None);
    };
    let text = compact(cell);
    let text = strip_unit(&text, &["km", "公里", "千米"]);
    let (text, places) = match text.strip_suffix('万') {
        Some(text) => (text, 4),
        None => (text, 0),
    };
    let kilometres = decimal(text, places)?;
    if kilometres > MOST_KILOMETRES {
        return Err(Refusal::BadNumber);
    }
    i32::try_from(kilometres)
        .map(Some)
        .map_err(|_| Refusal::BadNumber)
}

/// Fen (1/100 yuan): 1234.5, 1,234.50, ¥1234.5, 1234.5元, CNY 1,234.50.
pub fn money(cell: &str) -> Value<i64> {
    let Some(cell) = filled(cell)? else {
        return Ok(None);
    };
    let text = compact(cell);
    let text = strip_unit(&text, &["元整", "元", "圆", "rmb", "cny"]);
    let text = ["¥", "rmb", "cny", "人民币"]
        .iter()
        .find_map(|mark| text.strip_prefix(mark))
        .unwrap_or(text);
    match decimal(text, 2)? {
        fen if fen > MOST_FEN => Err(Refusal::BadNumber),
        fen => Ok(Some(fen)),
    }
}

/// A number that names something: phone, VIN, plate, repair order, policy. Kept but for width and case of E.
///
/// Only tells whether a spreadsheet has spoilt it; what a phone or a VIN is, is a rule of its own type.
pub fn identifier(cell: &str, max: usize) -> Value<String> {
    let Some(cell) = filled(cell)? else {
        return Ok(None);
    };
    let text = half_width(cell);
    if is_scientific(&text) {
        return Err(Refusal::ScientificNotation);
    }
    if text.chars().count() > max {
        return Err(Refusal::TooLong { max });
    }
    Ok(Some(text))
}

/// Half-width, lower case, without spaces.
fn compact(cell: &str) -> String {
    let mut text = half_width(cell).to_lowercase();
    text.retain(|c| !c.is_whitespace());
    text
}

fn strip_unit<'a>(text: &'a str, units: &[&str]) -> &'a str {
    units
        .iter()
        .find_map(|unit| text.strip_suffix(unit))
        .unwrap_or(text)
}

/// 1.38E+10, 1.23e17: digits, a point with digits, E and an exponent.
///
/// Without a point (`8E5`) it may be a real number of a repair order and is left alone.
fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else {
        return false;
    };
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let signed = exponent.strip_prefix(['+', '-']);
    let has_mark = signed.is_some() || mantissa.contains('.');
    let mantissa = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    has_mark && is_number(signed.unwrap_or(exponent)) && is_number(whole) && is_number(fraction)
}

/// A decimal that is not negative, times ten to the `places`; refused if that is not a whole number.
fn decimal(text: &str, places: usize) -> Result<i64, Refusal> {
    if is_scientific(text) {
        return Err(Refusal::ScientificNotation);
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let whole = ungroup(whole).ok_or(Refusal::BadNumber)?;
    let fraction = fraction.trim_end_matches('0');
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !is_digits(&whole) || !is_digits(fraction) || fraction.len() > places {
        return Err(Refusal::BadNumber);
    }
    format!("{whole}{fraction:0<places$}")
        .parse()
        .map_err(|_| Refusal::BadNumber)
}

/// Takes the commas out if they stand before groups of three digits.
fn ungroup(whole: &str) -> Option<String> {
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let mut rest = groups.clone().peekable();
    let is_grouped = rest.peek().is_none() || (1..=3).contains(&first.len());
    (is_grouped && groups.all(|group| group.len() == 3)).then(|| whole.replace(',', ""))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::i18n::Lang;
    use crate::i18n::format::Formatter;
    use crate::money::Money;

    #[test]
    fn mileage_is_exact_or_refused() {
        let cases = [
            ("61000", Ok(Some(61_000))),
            ("61,000", Ok(Some(61_000))),
            ("６１，０００ ＫＭ", Ok(Some(61_000))),
            ("61000公里", Ok(Some(61_000))),
            ("61000.0", Ok(Some(61_000))),
            ("6.1万", Ok(Some(61_000))),
            ("6.12345万公里", Err(Refusal::BadNumber)),
            ("6.1234万公里", Ok(Some(61_234))),
            ("0", Ok(Some(0))),
            ("", Ok(None)),
            ("61000.5", Err(Refusal::BadNumber)),
            ("6,1", Err(Refusal::BadNumber)),
            ("6100,000", Err(Refusal::BadNumber)),
            (",610", Err(Refusal::BadNumber)),
            ("-5", Err(Refusal::BadNumber)),
            ("+5", Err(Refusal::BadNumber)),
            ("约6万", Err(Refusal::BadNumber)),
            ("万", Err(Refusal::BadNumber)),
            (".", Err(Refusal::BadNumber)),
            ("10000000", Err(Refusal::BadNumber)),
            ("99999999999999999999999", Err(Refusal::BadNumber)),
            ("6.1E+04", Err(Refusal::ScientificNotation)),
            ("#DIV/0!", Err(Refusal::FormulaError)),
        ];
        for (cell, expected) in cases {
            assert_eq!(mileage(cell), expected, "{cell}");
        }
    }

    #[test]
    fn money_is_counted_in_fen_and_never_rounded() {
        let cases = [
            ("1234.5", Ok(Some(123_450))),
            ("1,234.50", Ok(Some(123_450))),
            ("¥1234.50", Ok(Some(123_450))),
            ("￥ 1，234．50 元", Ok(Some(123_450))),
            ("CNY 1,234.50", Ok(Some(123_450))),
            ("人民币1234.5元整", Ok(Some(123_450))),
            ("0.07", Ok(Some(7))),
            ("880", Ok(Some(88_000))),
            ("12.340", Ok(Some(1_234))),
            ("12.345", Err(Refusal::BadNumber)),
            ("-12", Err(Refusal::BadNumber)),
            ("100000001", Err(Refusal::BadNumber)),
            ("免费", Err(Refusal::BadNumber)),
            ("", Ok(None)),
        ];
        for (cell, expected) in cases {
            assert_eq!(money(cell), expected, "{cell}");
        }
    }

    #[test]
    fn numbers_that_a_spreadsheet_has_shortened_are_refused() {
        for cell in [
            "1.38E+10",
            "1.23E+17",
            "1.23E17",
            "1.38e10",
            "1.2345678901234568E17",
            "1E+10",
            "-1.2E+5",
            "１．３８Ｅ＋１０",
        ] {
            assert_eq!(identifier(cell, 40), Err(Refusal::ScientificNotation), "{cell}");
        }
        for cell in [
            "13800000000",
            "8E5",
            "RO-2024-E+1",
            "LSVNV4188D2000001",
            "1.38",
            "E10",
        ] {
            assert_eq!(identifier(cell, 40), Ok(Some(cell.to_owned())), "{cell}");
        }
        assert_eq!(identifier(" ＬＳＶ１ ", 4), Ok(Some("LSV1".to_owned())));
        assert_eq!(identifier("LSV12", 4), Err(Refusal::TooLong { max: 4 }));
    }

    proptest! {
        #[test]
        fn a_printed_amount_reads_back(fen in 0..=MOST_FEN) {
            prop_assert_eq!(money(&Money::from_fen(fen).to_string()), Ok(Some(fen)));
            for lang in [Lang::Zh, Lang::En] {
                prop_assert_eq!(money(&formatter(lang).money(&fen)), Ok(Some(fen)));
            }
            // As a spreadsheet keeps it: a double.
            prop_assert_eq!(money(&(fen as f64 / 100.0).to_string()), Ok(Some(fen)));
        }

        #[test]
        fn a_printed_distance_reads_back(km in 0..=MOST_KILOMETRES as i32) {
            for lang in [Lang::Zh, Lang::En] {
                prop_assert_eq!(mileage(&formatter(lang).km(&km)), Ok(Some(km)));
                prop_assert_eq!(mileage(&formatter(lang).number(km)), Ok(Some(km)));
            }
        }
    }

    fn formatter(lang: Lang) -> Formatter {
        Formatter {
            lang,
            zone: chrono_tz::Asia::Shanghai,
            now: chrono::DateTime::UNIX_EPOCH,
        }
    }
}
