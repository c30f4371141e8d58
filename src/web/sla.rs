//! The chip of a deadline: how much is left, in colour, text and shape (design.md §4, SLA chip).

use chrono::{DateTime, TimeDelta, Utc};

use crate::i18n::Texts;
use crate::i18n::format::Formatter;

/// Amber from here on.
const SOON: TimeDelta = TimeDelta::minutes(60);
/// The ring is full at this much left: a working day.
const FULL_RING: TimeDelta = TimeDelta::hours(8);

/// A deadline as `templates/macros/badge.html` prints it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlaChip {
    /// `ok`, `soon`, `bad`, `met` or `missed`: the class `sla--…`.
    pub tone: &'static str,
    pub text: String,
    /// Share of the ring that is left, 0 to 100.
    pub ring: i64,
    /// RFC 3339, for `<time datetime>` and the script that counts down.
    pub datetime: String,
    /// Why it is due then, in small print below the chip; may be empty.
    pub why: String,
}

impl SlaChip {
    /// A deadline that is still open.
    pub fn open(fmt: &Formatter, due_at: DateTime<Utc>) -> SlaChip {
        let left = due_at - fmt.now;
        let (tone, text) = if left < TimeDelta::zero() {
            ("bad", over(fmt, -left))
        } else if is_today(fmt, due_at) {
            (if left <= SOON { "soon" } else { "ok" }, remaining(fmt, left))
        } else {
            (if left <= SOON { "soon" } else { "ok" }, later(fmt, due_at))
        };
        let ring = (left.num_seconds() * 100 / FULL_RING.num_seconds()).clamp(0, 100);
        SlaChip {
            tone,
            text,
            ring,
            datetime: fmt.machine(&due_at),
            why: String::new(),
        }
    }

    /// A deadline that has been met or missed at `ended_at`: past tense, no outline.
    pub fn ended(fmt: &Formatter, due_at: DateTime<Utc>, ended_at: DateTime<Utc>) -> SlaChip {
        let in_time = ended_at <= due_at;
        let text = if in_time {
            fmt.datetime(&ended_at)
        } else {
            over(fmt, ended_at - due_at)
        };
        SlaChip {
            tone: if in_time { "met" } else { "missed" },
            text,
            ring: 0,
            datetime: fmt.machine(&due_at),
            why: String::new(),
        }
    }
}

impl SlaChip {
    /// The same chip, which can say why.
    pub fn because(mut self, why: Option<&String>) -> SlaChip {
        self.why = why.cloned().unwrap_or_default();
        self
    }
}

/// Another day's deadline. The end of a day is its 24:00, not the next day's 00:00.
fn later(fmt: &Formatter, due_at: DateTime<Utc>) -> String {
    if fmt.minute_of_day(&due_at) == 0 {
        return fmt.deadline(&due_at);
    }
    fmt.near(&due_at)
}

fn is_today(fmt: &Formatter, at: DateTime<Utc>) -> bool {
    at.with_timezone(&fmt.zone).date_naive() == fmt.today()
}

fn remaining(fmt: &Formatter, left: TimeDelta) -> String {
    Texts(fmt.lang).common().time_left(fmt.duration(left))
}

fn over(fmt: &Formatter, over: TimeDelta) -> String {
    let t = Texts(fmt.lang).common();
    match over.num_days() {
        0 => t.time_over(fmt.duration(over)),
        days => t.days_over(days),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn a_chip_says_what_is_left_in_words_and_tone() {
        let now: DateTime<Utc> = "2026-11-24T02:42:00Z".parse().unwrap();
        let fmt = Formatter {
            lang: Lang::Zh,
            zone: chrono_tz::Asia::Shanghai,
            now,
        };
        let table = [
            (78, "ok", "剩 1:18"),
            (60, "soon", "剩 1:00"),
            (0, "soon", "剩 0:00"),
            (-42, "bad", "逾 0:42"),
            (-60 * 50, "bad", "逾 2 天"),
            (60 * 24, "ok", "明日 10:42"),
            (60 * 37 + 18, "ok", "11-25 24:00"),
        ];
        for (minutes, tone, text) in table {
            let chip = SlaChip::open(&fmt, now + TimeDelta::minutes(minutes));
            assert_eq!((chip.tone, chip.text.as_str()), (tone, text));
        }
        assert_eq!(SlaChip::ended(&fmt, now, now).tone, "met");
        assert_eq!(
            SlaChip::ended(&fmt, now, now + TimeDelta::minutes(5)).text,
            "逾 0:05"
        );
    }
}
