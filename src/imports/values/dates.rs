//! Dates and times of cells. A date is a calendar day and passes through no time zone; a time is the clock
//! on the store's wall, which the caller places into the store's time zone.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::{Refusal, Value, filled, half_width};

/// Cars, customers and policies of a dealer: nothing before, nothing beyond.
const YEARS: std::ops::RangeInclusive<i32> = 1950..=2099;

/// The day that spreadsheets count from. They have a 1900-02-29, so it holds from 1900-03-01 on.
const SERIAL_ZERO: NaiveDate =
    NaiveDate::from_ymd_opt(1899, 12, 30).expect("the day before the last of 1899");

/// 2024-03-05, 2024/3/5, 2024.3.5, 2024年3月5日, 20240305, 45356; a time behind it is left out.
pub fn date(cell: &str) -> Value<NaiveDate> {
    let Some(cell) = filled(cell)? else {
        return Ok(None);
    };
    if let Some(moment) = serial(cell) {
        return Ok(Some(moment.date()));
    }
    match split(cell).and_then(|(date, time)| Some((date, parse_time(&time)?))) {
        Some((date, _)) => Ok(Some(date)),
        None => Err(Refusal::BadDate),
    }
}

/// A date with 14:30 or 14:30:00 behind a space or a T; a date alone is its midnight.
pub fn date_time(cell: &str) -> Value<NaiveDateTime> {
    let Some(cell) = filled(cell)? else {
        return Ok(None);
    };
    if let Some(moment) = serial(cell) {
        return Ok(Some(moment));
    }
    match split(cell).and_then(|(date, time)| Some(date.and_time(parse_time(&time)?))) {
        Some(moment) => Ok(Some(moment)),
        None => Err(Refusal::BadDateTime),
    }
}

/// Refuses a day that has not come: a purchase or an arrival of tomorrow is a slip of the pen.
pub fn not_after(value: Value<NaiveDate>, today: NaiveDate) -> Value<NaiveDate> {
    match value? {
        Some(day) if day > today => Err(Refusal::FutureDate),
        day => Ok(day),
    }
}

/// Whether a cell that is a time says more than its day.
pub fn has_clock(cell: &str) -> bool {
    cell.contains([':', '：']) || serial(cell).is_some_and(|moment| moment.time() != NaiveTime::MIN)
}

/// A date whose cell lost its format: 45356, 45356.604166. Five digits are no date of any other kind.
fn serial(cell: &str) -> Option<NaiveDateTime> {
    let cell = half_width(cell);
    let (days, fraction) = cell.trim().split_once('.').unwrap_or((cell.trim(), "0"));
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if days.len() != 5 || fraction.is_empty() || !is_digits(days) || !is_digits(fraction) {
        return None;
    }
    let seconds = (format!("0.{fraction}").parse::<f64>().ok()? * 86_400.0).round();
    let moment = SERIAL_ZERO.and_time(NaiveTime::MIN)
        + TimeDelta::days(days.parse().ok()?)
        + TimeDelta::seconds(seconds as i64);
    YEARS.contains(&moment.year()).then_some(moment)
}

/// Date and what is left behind it.
fn split(cell: &str) -> Option<(NaiveDate, String)> {
    let cell = half_width(cell);
    let cell = cell.trim();
    let (year, rest) = number(cell, 4)?;
    let (month, day, rest) = if let Some(rest) = rest.trim_start().strip_prefix('年') {
        let (month, rest) = number(rest.trim_start(), 2)?;
        let (day, rest) = number(rest.trim_start().strip_prefix('月')?.trim_start(), 2)?;
        (month, day, rest.trim_start().strip_prefix(['日', '号'])?)
    } else if let Some(separator @ ('-' | '/' | '.')) = rest.chars().next() {
        let (month, rest) = number(&rest[1..], 2)?;
        let (day, rest) = number(rest.strip_prefix(separator)?, 2)?;
        (month, day, rest)
    } else {
        // 20240305: exactly eight digits.
        let digits = rest
            .get(..4)
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?;
        (digits[..2].parse().ok()?, digits[2..].parse().ok()?, &rest[4..])
    };
    let is_cut_off = rest.is_empty() || rest.starts_with([' ', 'T']) || cell.contains('年');
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    (is_cut_off && YEARS.contains(&i32::try_from(year).ok()?)).then(|| (date, rest.to_owned()))
}

/// A number of exactly 4 or of 1 to 2 digits at the start, and what is behind it.
fn number(text: &str, digits: usize) -> Option<(u32, &str)> {
    let length = text.bytes().take(digits).take_while(u8::is_ascii_digit).count();
    let is_complete = if digits == 4 { length == 4 } else { length > 0 };
    if !is_complete {
        return None;
    }
    Some((text[..length].parse().ok()?, &text[length..]))
}

/// Nothing is midnight. A zone (`Z`, `+08:00`) is refused: the file does not say whose wall it means.
fn parse_time(text: &str) -> Option<NaiveTime> {
    let text = text.trim();
    let text = text.strip_prefix('T').unwrap_or(text).trim();
    if text.is_empty() {
        return Some(NaiveTime::MIN);
    }
    let (hour, rest) = number(text, 2)?;
    let (minute, rest) = two_digits(rest.strip_prefix(':')?)?;
    let (second, rest) = match rest.strip_prefix(':') {
        Some(rest) => two_digits(rest)?,
        None => (0, rest),
    };
    let is_fraction = |rest: &str| {
        let digits = rest.strip_prefix('.').unwrap_or("x");
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    };
    if !rest.is_empty() && !is_fraction(rest) {
        return None;
    }
    NaiveTime::from_hms_opt(hour, minute, second)
}

fn two_digits(text: &str) -> Option<(u32, &str)> {
    let (value, rest) = number(text, 2)?;
    (text.len() - rest.len() == 2).then_some((value, rest))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;
    use crate::i18n::Lang;
    use crate::i18n::format::Formatter;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn dates_are_read_in_every_usual_spelling() {
        for cell in [
            "2024-03-05",
            "2024-3-5",
            "2024/3/5",
            "2024/03/05",
            "2024.3.5",
            "20240305",
            "2024年3月5日",
            "2024年03月05号",
            "2024 年 3 月 5 日",
            "２０２４－０３－０５",
            "2024-03-05 14:30:00",
            "2024-03-05T00:00:00",
            "2024/3/5 0:00",
            " 2024-03-05 ",
        ] {
            assert_eq!(date(cell), Ok(Some(day("2024-03-05"))), "{cell}");
        }
        for cell in ["45356", "45356.0", "45356.999", "４５３５６"] {
            assert_eq!(date(cell), Ok(Some(day("2024-03-05"))), "{cell}");
        }
        // 1900-02-29 is counted though it never was.
        assert_eq!(date("18264"), Ok(Some(day("1950-01-01"))));
        assert_eq!(date("36585"), Ok(Some(day("2000-02-29"))));
        assert_eq!(date("73050"), Ok(Some(day("2099-12-31"))));
        assert_eq!(date("2024-02-29"), Ok(Some(day("2024-02-29"))));
        assert_eq!(date(" "), Ok(None));
    }

    #[test]
    fn what_is_no_certain_date_is_refused() {
        for cell in [
            "2023-02-29",
            "2024-13-01",
            "2024-00-10",
            "1900-02-29",
            "05/03/2024",
            "3/5/24",
            "24-3-5",
            "60",
            "18263",
            "73051",
            "4.5356E+04",
            "45356.",
            "145356",
            "2024",
            "2024-03",
            "2024-03/05",
            "2024-03-055",
            "202403051",
            "2024-03-05x",
            "2024年3月",
            "昨天",
            "2204-03-05",
            "1024-03-05",
            "2024-03-05 25:00",
            "-1",
        ] {
            assert_eq!(date(cell), Err(Refusal::BadDate), "{cell}");
        }
        assert_eq!(date("#VALUE!"), Err(Refusal::FormulaError));
    }

    #[test]
    fn times_are_read_with_or_without_seconds() {
        let cases = [
            ("2024-03-05 14:30", "2024-03-05T14:30:00"),
            ("2024-03-05 14:30:15", "2024-03-05T14:30:15"),
            ("2024-03-05T14:30", "2024-03-05T14:30:00"),
            ("2024-03-05T14:30:15.250", "2024-03-05T14:30:15"),
            ("2024/3/5 9:05", "2024-03-05T09:05:00"),
            ("2024年3月5日 9:05", "2024-03-05T09:05:00"),
            ("2024年3月5日9:05", "2024-03-05T09:05:00"),
            ("２０２４/３/５　９：０５", "2024-03-05T09:05:00"),
            ("2024-03-05", "2024-03-05T00:00:00"),
            ("2024年03月05日 14:30:15", "2024-03-05T14:30:15"),
            ("2024.3.5 14:30", "2024-03-05T14:30:00"),
            ("20240305 14:30", "2024-03-05T14:30:00"),
            ("45356.604166666664", "2024-03-05T14:30:00"),
            ("45356.604340277780", "2024-03-05T14:30:15"),
            ("45356", "2024-03-05T00:00:00"),
        ];
        for (cell, expected) in cases {
            assert_eq!(date_time(cell), Ok(Some(expected.parse().unwrap())), "{cell}");
        }
        for cell in [
            "2024-03-05 24:00",
            "2024-03-05 14:60",
            "2024-03-05 14",
            "2024-03-05 14:3",
            "2024-03-05 下午2:30",
            "2024-03-05T14:30:00Z",
            "2024-03-05T14:30:00+08:00",
            "2024-03-05 14:30 PM",
            "14:30",
            "2024-03-05 14:30:15.",
        ] {
            assert_eq!(date_time(cell), Err(Refusal::BadDateTime), "{cell}");
        }
    }

    #[test]
    fn a_time_says_more_than_its_day() {
        for cell in ["2024-03-05 14:30", "14：30", "45356.604166666664"] {
            assert!(has_clock(cell), "{cell}");
        }
        for cell in ["2024-03-05", "45356", "45356.0", ""] {
            assert!(!has_clock(cell), "{cell}");
        }
    }

    #[test]
    fn a_day_that_has_not_come_is_refused_where_it_must_be_past() {
        let today = day("2024-03-05");
        assert_eq!(not_after(date("2024-03-05"), today), Ok(Some(today)));
        assert_eq!(not_after(date("2024-03-06"), today), Err(Refusal::FutureDate));
        assert_eq!(not_after(date(""), today), Ok(None));
        assert_eq!(not_after(date("x"), today), Err(Refusal::BadDate));
    }

    fn any_day() -> impl Strategy<Value = NaiveDate> {
        (0..54_786_i64).prop_map(|days| day("1950-01-01") + TimeDelta::days(days))
    }

    proptest! {
        #[test]
        fn a_printed_day_reads_back(day in any_day(), lang in prop_oneof![Just(Lang::Zh), Just(Lang::En)]) {
            let format = Formatter { lang, zone: chrono_tz::Asia::Shanghai, now: DateTime::UNIX_EPOCH };
            prop_assert_eq!(date(&format.iso_date(&day)), Ok(Some(day)));
            for spelling in ["%Y/%-m/%-d", "%Y.%m.%d", "%Y年%-m月%-d日", "%Y%m%d"] {
                prop_assert_eq!(date(&day.format(spelling).to_string()), Ok(Some(day)));
            }
            let serial = (day - SERIAL_ZERO).num_days();
            prop_assert_eq!(date(&serial.to_string()), Ok(Some(day)));
        }

        #[test]
        fn a_printed_moment_reads_back(day in any_day(), second in 0..86_400_u32) {
            let moment = day.and_time(NaiveTime::from_num_seconds_from_midnight_opt(second, 0).unwrap());
            for spelling in ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y/%-m/%-d %-H:%M:%S", "%Y年%-m月%-d日 %H:%M:%S"] {
                prop_assert_eq!(date_time(&moment.format(spelling).to_string()), Ok(Some(moment)));
            }
            let serial = (day - SERIAL_ZERO).num_days() as f64 + f64::from(second) / 86_400.0;
            prop_assert_eq!(date_time(&serial.to_string()), Ok(Some(moment)));
        }

        #[test]
        fn what_a_form_shows_of_a_moment_is_its_minute(minute in -10_000_000..60_000_000_i64) {
            let zone = chrono_tz::Asia::Shanghai;
            let at = DateTime::from_timestamp(minute * 60, 0).unwrap();
            let format = Formatter { lang: Lang::Zh, zone, now: at };
            prop_assert_eq!(date_time(&format.local_input(&at)), Ok(Some(at.with_timezone(&zone).naive_local())));
        }

        #[test]
        fn nothing_that_is_typed_panics(text in "[0-9./年月日: T-]{0,24}|\\PC{0,12}") {
            let _ = (date(&text), date_time(&text));
        }
    }
}
