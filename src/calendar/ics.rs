//! Days out of an iCalendar file (RFC 5545): whole-day events with their names, nothing else.
//!
//! Calendars of holidays are lists of `VEVENT` with `DTSTART`, `DTEND` and `SUMMARY`. Repeating events are refused by name
//! instead of being half understood; alarms and time zones are passed over.

use chrono::{Datelike, Days, NaiveDate};

/// Longest file that is read: the holidays of a century are shorter.
pub const MAX_BYTES: usize = 256 * 1024;
/// Most events that are read.
const MAX_EVENTS: usize = 1000;
/// Longest event in days.
const MAX_DAYS: i64 = 366;
/// Longest name that is kept, in characters.
const MAX_NAME: usize = 30;
/// Years that a store plans in.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;

/// An event of whole days, both ends included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IcsEvent {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub name: String,
}

/// Why a file is not taken; `line` is the number of the line in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IcsError {
    #[error("longer than 256 KB")]
    TooLong,
    #[error("not in UTF-8")]
    NotText,
    #[error("does not begin with BEGIN:VCALENDAR")]
    NotACalendar,
    #[error("ends in the middle of an event or of the calendar")]
    CutOff,
    #[error("more than 1000 events")]
    TooManyEvents,
    #[error("no event in it")]
    NoEvents,
    #[error("line {line}: an event without DTSTART")]
    NoStart { line: usize },
    #[error("line {line}: not a date")]
    BadDate { line: usize },
    #[error("line {line}: ends before it begins, or lasts more than 366 days")]
    BadSpan { line: usize },
    #[error("line {line}: a repeating event")]
    Repeats { line: usize },
}

/// A line of content after unfolding: name and value, and where it began.
struct Line<'a> {
    number: usize,
    name: &'a str,
    parameters: &'a str,
    value: &'a str,
}

/// Reads every event of the file, in order of days.
pub fn parse(bytes: &[u8]) -> Result<Vec<IcsEvent>, IcsError> {
    if bytes.len() > MAX_BYTES {
        return Err(IcsError::TooLong);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| IcsError::NotText)?;
    let unfolded = unfold(text.trim_start_matches('\u{feff}'));
    let mut lines = unfolded
        .iter()
        .filter_map(|(number, text)| content(*number, text));
    let first = lines.next().ok_or(IcsError::NotACalendar)?;
    if !first.is("BEGIN", "VCALENDAR") {
        return Err(IcsError::NotACalendar);
    }
    let mut events = Vec::new();
    loop {
        let line = lines.next().ok_or(IcsError::CutOff)?;
        if line.is("END", "VCALENDAR") {
            break;
        }
        if line.is("BEGIN", "VEVENT") {
            if events.len() == MAX_EVENTS {
                return Err(IcsError::TooManyEvents);
            }
            events.push(event(line.number, &mut lines)?);
        }
    }
    if events.is_empty() {
        return Err(IcsError::NoEvents);
    }
    events.sort_by(|a, b| (a.from, a.to, &a.name).cmp(&(b.from, b.to, &b.name)));
    events.dedup();
    Ok(events)
}

/// The lines of one event up to its `END`; parts inside it, such as alarms, are passed over.
fn event<'a>(begins: usize, lines: &mut impl Iterator<Item = Line<'a>>) -> Result<IcsEvent, IcsError> {
    let (mut start, mut end, mut days, mut name) = (None, None, None, String::new());
    let mut depth = 0_usize;
    loop {
        let line = lines.next().ok_or(IcsError::CutOff)?;
        match (line.name.to_ascii_uppercase().as_str(), depth) {
            ("BEGIN", _) => depth += 1,
            ("END", 0) => break,
            ("END", _) => depth -= 1,
            ("DTSTART", 0) => start = Some(line.moment()?),
            ("DTEND", 0) => end = Some((line.number, line.moment()?)),
            ("DURATION", 0) => days = Some((line.number, duration_days(&line)?)),
            ("RRULE" | "RDATE", 0) => return Err(IcsError::Repeats { line: line.number }),
            ("SUMMARY", 0) => name = unescape(line.value),
            (_, _) => {}
        }
    }
    let start = start.ok_or(IcsError::NoStart { line: begins })?;
    let (line, last) = match (end, days) {
        (Some((line, end)), _) => (line, end.last_day(start)),
        (None, Some((line, days))) => (line, start.day + Days::new(days.saturating_sub(1))),
        (None, None) => (begins, start.day),
    };
    let is_sound = (0..MAX_DAYS).contains(&(last - start.day).num_days())
        && YEARS.contains(&start.day.year())
        && YEARS.contains(&last.year());
    if !is_sound {
        return Err(IcsError::BadSpan { line });
    }
    Ok(IcsEvent {
        from: start.day,
        to: last,
        name: name.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect(),
    })
}

/// A date, or the day and the minute of a date with a time.
#[derive(Clone, Copy)]
struct Moment {
    day: NaiveDate,
    /// Midnight, as every date without a time.
    is_midnight: bool,
}

impl Moment {
    /// `DTEND` is the first moment after the event, so midnight ends the day before.
    fn last_day(self, start: Moment) -> NaiveDate {
        if self.is_midnight && self.day > start.day {
            self.day - Days::new(1)
        } else {
            self.day
        }
    }
}

impl Line<'_> {
    fn is(&self, name: &str, value: &str) -> bool {
        self.name.eq_ignore_ascii_case(name) && self.value.trim().eq_ignore_ascii_case(value)
    }

    /// `20270206`, or the day of `20270206T000000Z`.
    fn moment(&self) -> Result<Moment, IcsError> {
        let bad = IcsError::BadDate { line: self.number };
        let value = self.value.trim();
        let (day, time) = match value.split_once(['T', 't']) {
            Some((day, time)) => (day, Some(time)),
            None => (value, None),
        };
        let is_date = self.parameters.to_ascii_uppercase().contains("VALUE=DATE")
            && !self.parameters.to_ascii_uppercase().contains("VALUE=DATE-TIME");
        let digits = |text: &str, length| text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(day, 8) || (is_date && time.is_some()) {
            return Err(bad);
        }
        let clock = time.map(|time| time.strip_suffix(['Z', 'z']).unwrap_or(time));
        if clock.is_some_and(|clock| !digits(clock, 6)) {
            return Err(bad);
        }
        Ok(Moment {
            day: NaiveDate::parse_from_str(day, "%Y%m%d").map_err(|_| bad)?,
            is_midnight: clock.is_none_or(|clock| clock == "000000"),
        })
    }
}

/// Days of `P3D` or `P1W`; anything shorter lasts its one day.
fn duration_days(line: &Line<'_>) -> Result<u64, IcsError> {
    let bad = IcsError::BadSpan { line: line.number };
    let value = line.value.trim().trim_start_matches('+').to_ascii_uppercase();
    let rest = value.strip_prefix('P').ok_or(bad)?;
    if rest.starts_with('T') {
        return Ok(1);
    }
    let end = rest.find(['D', 'W']).ok_or(bad)?;
    let number: u64 = rest[..end].parse().map_err(|_| bad)?;
    let days = if rest[end..].starts_with('W') {
        number.saturating_mul(7)
    } else {
        number
    };
    if days == 0 || days > MAX_DAYS.unsigned_abs() {
        Err(bad)
    } else {
        Ok(days)
    }
}

/// Joins lines that begin with a space or a tab to the line before (RFC 5545, 3.1).
fn unfold(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    for (index, raw) in text.split('\n').enumerate() {
        let raw = raw.strip_suffix('\r').unwrap_or(raw);
        match (raw.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some((_, last))) => last.push_str(rest),
            _ => lines.push((index + 1, raw.to_owned())),
        }
    }
    lines
}

/// `NAME;PARAMETERS:VALUE`; a colon within quotes belongs to a parameter. `None` for an empty line.
fn content(number: usize, text: &str) -> Option<Line<'_>> {
    let mut is_quoted = false;
    let colon = text.char_indices().find(|(_, c)| {
        is_quoted ^= *c == '"';
        *c == ':' && !is_quoted
    });
    let (head, value) = match colon {
        Some((at, _)) => (&text[..at], &text[at + 1..]),
        None if text.trim().is_empty() => return None,
        None => (text, ""),
    };
    let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
    Some(Line {
        number,
        name: name.trim(),
        parameters,
        value,
    })
}

/// `\,` `\;` `\\` and `\n` of texts (RFC 5545, 3.3.11); a line break becomes a space.
fn unescape(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('n' | 'N') => text.push(' '),
                Some(other) => text.push(other),
                None => {}
            },
            (c, false) => text.push(c),
        }
    }
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn file(events: &str) -> String {
        format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n")
    }

    fn event(lines: &str) -> String {
        file(&format!("BEGIN:VEVENT\r\n{lines}\r\nEND:VEVENT\r\n"))
    }

    fn show(events: &[IcsEvent]) -> Vec<String> {
        let show = |event: &IcsEvent| format!("{} {} {}", event.from, event.to, event.name);
        events.iter().map(show).collect()
    }

    #[test]
    fn whole_days_are_read_in_every_way_they_are_written() {
        for (lines, expected) in [
            (
                "DTSTART;VALUE=DATE:20270205\r\nDTEND;VALUE=DATE:20270212\r\nSUMMARY:春节",
                "2027-02-05 2027-02-11 春节",
            ),
            (
                "DTSTART;VALUE=DATE:20270205\r\nSUMMARY:除夕",
                "2027-02-05 2027-02-05 除夕",
            ),
            (
                "DTSTART:20270205\r\nDTEND:20270205\r\nSUMMARY:除夕",
                "2027-02-05 2027-02-05 除夕",
            ),
            (
                "DTSTART;VALUE=DATE:20270205\r\nDURATION:P3D\r\nSUMMARY:x",
                "2027-02-05 2027-02-07 x",
            ),
            (
                "DTSTART;VALUE=DATE:20270205\r\nDURATION:P1W\r\nSUMMARY:x",
                "2027-02-05 2027-02-11 x",
            ),
            (
                "DTSTART:20280229T000000\r\nDTEND:20280301T000000\r\nSUMMARY:x",
                "2028-02-29 2028-02-29 x",
            ),
            (
                "DTSTART:20280229T090000Z\r\nDTEND:20280229T180000Z\r\nSUMMARY:x",
                "2028-02-29 2028-02-29 x",
            ),
            (
                "dtstart;value=date:20270205\r\nsummary:a\\, b\\; c\\nd",
                "2027-02-05 2027-02-05 a, b; c d",
            ),
            (
                "DTSTART;VALUE=DATE:20270205\r\nSUMMARY;LANGUAGE=\"a:b\":春\r\n 节\r\n\t假期",
                "2027-02-05 2027-02-05 春节假期",
            ),
            (
                "DTSTART;VALUE=DATE:20270205\r\nSUMMARY:x\r\nBEGIN:VALARM\r\nDTSTART:nonsense\r\nSUMMARY:y\r\nEND:VALARM",
                "2027-02-05 2027-02-05 x",
            ),
        ] {
            let read = parse(event(lines).as_bytes()).unwrap();
            assert_eq!(show(&read), [expected], "{lines}");
            let unix = event(lines).replace("\r\n", "\n");
            assert_eq!(parse(unix.as_bytes()).unwrap(), read, "{lines}");
        }
    }

    #[test]
    fn events_come_in_order_and_once() {
        let two = "BEGIN:VEVENT\nDTSTART:20271001\nSUMMARY:国庆节\nEND:VEVENT\nBEGIN:VEVENT\nDTSTART:20270101\nSUMMARY:元旦\nEND:VEVENT\n";
        let read = parse(file(&format!("{two}{two}")).as_bytes()).unwrap();
        assert_eq!(
            show(&read),
            ["2027-01-01 2027-01-01 元旦", "2027-10-01 2027-10-01 国庆节"]
        );
    }

    #[test]
    fn what_cannot_be_read_is_refused_by_name_and_line() {
        for (text, expected) in [
            (String::new(), IcsError::NotACalendar),
            ("date,name\n2027-01-01,元旦".to_owned(), IcsError::NotACalendar),
            (file(""), IcsError::NoEvents),
            ("BEGIN:VCALENDAR\n".to_owned(), IcsError::CutOff),
            (
                "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20270101\n".to_owned(),
                IcsError::CutOff,
            ),
            (event("SUMMARY:x"), IcsError::NoStart { line: 3 }),
            (event("DTSTART:2027-02-05"), IcsError::BadDate { line: 4 }),
            (event("DTSTART:20270230"), IcsError::BadDate { line: 4 }),
            (
                event("DTSTART;VALUE=DATE:20270205T000000"),
                IcsError::BadDate { line: 4 },
            ),
            (event("DTSTART:20270205T1"), IcsError::BadDate { line: 4 }),
            (
                event("DTSTART:20270205\r\nDTEND:20270204"),
                IcsError::BadSpan { line: 5 },
            ),
            (
                event("DTSTART:20270205\r\nDTEND:20280207"),
                IcsError::BadSpan { line: 5 },
            ),
            (event("DTSTART:18990205"), IcsError::BadSpan { line: 3 }),
            (
                event("DTSTART:20270205\r\nDURATION:P0D"),
                IcsError::BadSpan { line: 5 },
            ),
            (
                event("DTSTART:20270205\r\nRRULE:FREQ=YEARLY"),
                IcsError::Repeats { line: 5 },
            ),
        ] {
            assert_eq!(parse(text.as_bytes()), Err(expected), "{text}");
        }
        assert_eq!(parse(&[0xff, 0xfe, 0x00]), Err(IcsError::NotText));
        assert_eq!(parse(&vec![b' '; MAX_BYTES + 1]), Err(IcsError::TooLong));
        let many = "BEGIN:VEVENT\nDTSTART:20270101\nEND:VEVENT\n".repeat(MAX_EVENTS + 1);
        assert_eq!(parse(file(&many).as_bytes()), Err(IcsError::TooManyEvents));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(BEGIN|END|DTSTART|DTEND|DURATION|SUMMARY|VEVENT|VCALENDAR|:|;|=|\"|\\\\|\n|\r\n| |P|D|W|T|Z|[0-9]{1,9}|.){0,60}") {
            let _ = parse(text.as_bytes());
            let _ = parse(file(&format!("BEGIN:VEVENT\n{text}\nEND:VEVENT\n")).as_bytes());
        }
    }
}
