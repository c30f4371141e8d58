//! One cell of any format → the text that a person would read in it.

use calamine::{Data, DataRef, ExcelDateTime};
use chrono::{NaiveDate, TimeDelta};

use crate::text::is_cell_mark;

/// A double is exact to 15 digits; beyond, a spreadsheet has already lost the end of the number.
const EXACT_BELOW: f64 = 1e15;

/// Cell of a text file: without the marks by which exports keep numbers from becoming figures ([`crate::text::as_cell`]).
pub(super) fn from_text(cell: &str) -> String {
    let cell = clean(cell);
    let unwrapped = cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    if let Some(inner) = unwrapped.filter(|inner| !inner.contains('"')) {
        return clean(inner);
    }
    match cell.strip_prefix('\'') {
        Some(rest) if is_cell_mark(rest) => rest.to_owned(),
        Some(_) | None => cell,
    }
}

/// Trims all kinds of space, unifies line endings, drops control and zero-width characters.
pub(super) fn clean(text: &str) -> String {
    let is_noise = |c: char| {
        (c.is_control() && c != '\n' && c != '\t')
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}')
    };
    if !text.contains(is_noise) {
        return text.trim().to_owned();
    }
    let text = text
        .replace("\r\n", "\n")
        .replace('\r', "\n")
        .replace(is_noise, "");
    text.trim().to_owned()
}

/// Cell of a streamed XLSX.
pub(super) fn from_xlsx(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) => clean(text),
        DataRef::SharedString(text) => clean(text),
        DataRef::Int(number) => from_integer(*number),
        DataRef::Float(number) => from_number(*number),
        DataRef::Bool(value) => from_bool(*value),
        DataRef::DateTime(value) => from_serial(value),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => from_iso(text),
        DataRef::Error(error) => error.to_string(),
    }
}

/// Cell of an XLS.
pub(super) fn from_xls(value: &Data) -> String {
    match value {
        Data::Empty => String::new(),
        Data::String(text) => clean(text),
        Data::Int(number) => from_integer(*number),
        Data::Float(number) => from_number(*number),
        Data::Bool(value) => from_bool(*value),
        Data::DateTime(value) => from_serial(value),
        Data::DateTimeIso(text) | Data::DurationIso(text) => from_iso(text),
        Data::Error(error) => error.to_string(),
    }
}

/// Whether a cell is the text of a failed formula, as spreadsheets show and export it.
pub fn is_error_text(cell: &str) -> bool {
    let known = [
        "#N/A",
        "#REF!",
        "#VALUE!",
        "#DIV/0!",
        "#NAME?",
        "#NUM!",
        "#NULL!",
        "#DATA!",
        "#SPILL!",
        "#CALC!",
        "#GETTING_DATA",
    ];
    known.iter().any(|error| cell.eq_ignore_ascii_case(error))
}

fn from_bool(value: bool) -> String {
    if value { "是" } else { "否" }.to_owned()
}

fn from_integer(number: i64) -> String {
    if number.unsigned_abs() < EXACT_BELOW as u64 {
        number.to_string()
    } else {
        from_number(number as f64)
    }
}

/// `13800000000`, `1234.56`; from 1e15 on `1.23E17`, which every rule of a column refuses.
fn from_number(number: f64) -> String {
    if number.abs() >= EXACT_BELOW || !number.is_finite() {
        return format!("{number:E}");
    }
    // 15 significant digits, as Excel shows: 0.1+0.2 is 0.3.
    let shown: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    if shown == 0.0 {
        "0".to_owned()
    } else {
        shown.to_string()
    }
}

/// A cell with a date format; by the format alone a serial is a date.
fn from_serial(value: &ExcelDateTime) -> String {
    let serial = value.as_f64();
    // Days of Excel: 1900-01-00 to 9999-12-31. Outside, Excel itself shows no date.
    if !(0.0..2_958_466.0).contains(&serial) {
        return from_number(serial);
    }
    let seconds = (serial * 86_400.0).round() as i64;
    if value.is_duration() || serial < 1.0 {
        return format!(
            "{:02}:{:02}:{:02}",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        );
    }
    let (year, month, day, hour, minute, second, milli) = value.to_ymd_hms_milli();
    let moment = NaiveDate::from_ymd_opt(year.into(), month.into(), day.into())
        .and_then(|date| date.and_hms_milli_opt(hour.into(), minute.into(), second.into(), milli.into()));
    // Excel has a 1900-02-29, the calendar has not: the rule for dates will refuse it.
    let Some(moment) = moment else {
        return format!("{year:04}-{month:02}-{day:02}");
    };
    from_moment(moment + TimeDelta::milliseconds(500))
}

/// Cuts to the second; a midnight is a date without time.
fn from_moment(moment: chrono::NaiveDateTime) -> String {
    if moment.time().format("%H:%M:%S").to_string() == "00:00:00" {
        return moment.format("%Y-%m-%d").to_string();
    }
    moment.format("%Y-%m-%d %H:%M:%S").to_string()
}

fn from_iso(text: &str) -> String {
    match text.trim().trim_end_matches('Z').parse::<chrono::NaiveDateTime>() {
        Ok(moment) => from_moment(moment),
        Err(_) => clean(text),
    }
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType::{DateTime, TimeDelta};
    use proptest::prelude::*;

    use super::*;
    use crate::imports::values::{date, date_time};
    use crate::text::as_cell;

    #[test]
    fn numbers_are_written_as_a_person_reads_them() {
        let cases = [
            (13_800_000_000.0, "13800000000"),
            (61_000.0, "61000"),
            (-3.0, "-3"),
            (-0.0, "0"),
            (0.1 + 0.2, "0.3"),
            (1_234.560_000_000_000_1, "1234.56"),
            (0.00001, "0.00001"),
            (999_999_999_999_999.0, "999999999999999"),
            (123_456_789_012_345_678.0, "1.2345678901234568E17"),
            (f64::INFINITY, "inf"),
        ];
        for (number, expected) in cases {
            assert_eq!(from_number(number), expected);
        }
        assert_eq!(from_integer(9_007_199_254_740_993), "9.007199254740992E15");
    }

    #[test]
    fn serials_become_dates_in_both_systems() {
        let cases = [
            (45_356.0, DateTime, false, "2024-03-05"),
            (45_356.604_166_666_664, DateTime, false, "2024-03-05 14:30:00"),
            (45_356.999_999_999, DateTime, false, "2024-03-06"),
            (43_894.0, DateTime, true, "2024-03-05"),
            (43_894.25, DateTime, true, "2024-03-05 06:00:00"),
            (1.0, DateTime, false, "1900-01-01"),
            (59.0, DateTime, false, "1900-02-28"),
            (60.0, DateTime, false, "1900-02-29"),
            (61.0, DateTime, false, "1900-03-01"),
            (0.604_166_666_666_7, DateTime, false, "14:30:00"),
            (1.0625, TimeDelta, false, "25:30:00"),
            (-1.0, DateTime, false, "-1"),
            (13_800_000_000.0, DateTime, false, "13800000000"),
        ];
        for (serial, kind, is_1904, expected) in cases {
            let value = ExcelDateTime::new(serial, kind, is_1904);
            assert_eq!(from_xlsx(&DataRef::DateTime(value)), expected, "{serial}");
        }
        assert_eq!(from_iso("2024-03-05T14:30:00.000Z"), "2024-03-05 14:30:00");
        assert_eq!(from_iso("2024-03-05T00:00:00"), "2024-03-05");
        assert_eq!(from_iso("2024-03-05"), "2024-03-05");
    }

    #[test]
    fn the_mark_before_a_formula_is_put_on_and_taken_off() {
        for (cell, written) in [
            ("=1+1", "'=1+1"),
            ("+86 138", "'+86 138"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("＝1", "'＝1"),
            ("'=1", "''=1"),
            ("'138", "''138"),
            ("''138", "'''138"),
            ("'t Hooft", "'t Hooft"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(as_cell(cell), written);
            assert_eq!(from_text(written), cell);
        }
        // What only a spreadsheet writes.
        assert_eq!(from_text("'013800001111"), "013800001111");
        assert_eq!(from_text("=\"0571\""), "0571");
    }

    proptest! {
        #[test]
        fn a_serial_is_the_moment_that_was_put_in(days in 18_264..73_050_i64, second in 0..86_400_i64) {
            let moment = NaiveDate::from_ymd_opt(1899, 12, 30).unwrap().and_hms_opt(0, 0, 0).unwrap()
                + chrono::TimeDelta::days(days)
                + chrono::TimeDelta::seconds(second);
            let serial = days as f64 + second as f64 / 86_400.0;
            for is_1904 in [false, true] {
                let stored = if is_1904 { serial - 1462.0 } else { serial };
                let cell = from_xlsx(&DataRef::DateTime(ExcelDateTime::new(stored, DateTime, is_1904)));
                prop_assert_eq!(date_time(&cell), Ok(Some(moment)));
                prop_assert_eq!(date(&cell), Ok(Some(moment.date())));
            }
        }
    }

    #[test]
    fn booleans_errors_and_noise_are_texts() {
        assert_eq!(from_xls(&Data::Bool(true)), "是");
        assert_eq!(from_xls(&Data::Bool(false)), "否");
        for error in [calamine::CellErrorType::NA, calamine::CellErrorType::GettingData] {
            assert!(is_error_text(&from_xls(&Data::Error(error))));
        }
        assert!(!is_error_text("#1"));
        assert_eq!(clean(" \u{3000}a\r\nb\u{0}\u{200B}\u{FEFF} "), "a\nb");
    }
}
