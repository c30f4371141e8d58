//! Wall-clock times from 00:00 to 24:00, both included, and intervals of them.

use std::fmt;
use std::str::FromStr;

/// Minutes since midnight on the wall clock, 0 to 1440; unlike `NaiveTime` it can be 24:00.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TimeOfDay(u16);

/// The text or number is no time between 00:00 and 24:00.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a time of day between 00:00 and 24:00")]
pub struct TimeOfDayError;

impl TimeOfDay {
    pub const MIDNIGHT: TimeOfDay = TimeOfDay(0);
    pub const NOON: TimeOfDay = TimeOfDay(12 * 60);
    /// 24:00, the midnight that ends the day.
    pub const END: TimeOfDay = TimeOfDay(24 * 60);

    /// For constants; a time that does not exist stops the compiler.
    pub const fn hm(hour: u16, minute: u16) -> TimeOfDay {
        assert!(minute < 60 && hour * 60 + minute <= 24 * 60);
        TimeOfDay(hour * 60 + minute)
    }

    /// From `extract(epoch from opens) / 60`, the one way to read 24:00 out of a `time` column.
    pub fn from_minutes(minutes: i32) -> Result<TimeOfDay, TimeOfDayError> {
        match u16::try_from(minutes) {
            Ok(minutes) if minutes <= TimeOfDay::END.0 => Ok(TimeOfDay(minutes)),
            Ok(_) | Err(_) => Err(TimeOfDayError),
        }
    }

    pub const fn minutes(self) -> u16 {
        self.0
    }
}

impl FromStr for TimeOfDay {
    type Err = TimeOfDayError;

    /// Reads `9:00`, `09:00`, `24:00` and the `09:00:00` of PostgreSQL, not seconds other than zero.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (hour, rest) = text.split_once(':').ok_or(TimeOfDayError)?;
        let minute = rest.strip_suffix(":00").unwrap_or(rest);
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if !(1..=2).contains(&hour.len()) || minute.len() != 2 || !digits(hour) || !digits(minute) {
            return Err(TimeOfDayError);
        }
        let hour: i32 = hour.parse().map_err(|_| TimeOfDayError)?;
        let minute: i32 = minute.parse().map_err(|_| TimeOfDayError)?;
        if minute > 59 {
            Err(TimeOfDayError)
        } else {
            TimeOfDay::from_minutes(hour * 60 + minute)
        }
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// `[opens, closes)` within one day; never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Interval {
    opens: TimeOfDay,
    closes: TimeOfDay,
}

impl Interval {
    /// `None` when it would be empty or backwards; hours past midnight belong to the next day.
    pub const fn new(opens: TimeOfDay, closes: TimeOfDay) -> Option<Interval> {
        if opens.0 < closes.0 {
            Some(Interval { opens, closes })
        } else {
            None
        }
    }

    pub const fn opens(self) -> TimeOfDay {
        self.opens
    }

    pub const fn closes(self) -> TimeOfDay {
        self.closes
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.opens, self.closes)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_are_read_from_midnight_to_midnight() {
        for (text, minutes) in [
            ("00:00", 0),
            ("9:05", 545),
            ("09:05", 545),
            ("23:59", 1439),
            ("24:00", 1440),
            ("13:30:00", 810),
        ] {
            assert_eq!(
                text.parse::<TimeOfDay>().map(TimeOfDay::minutes),
                Ok(minutes),
                "{text}"
            );
        }
        for text in [
            "", "9", "24:01", "25:00", "12:60", "+9:00", "09:0", "009:00", "12:30:15", "-1:00", "noon",
        ] {
            assert_eq!(text.parse::<TimeOfDay>(), Err(TimeOfDayError), "{text}");
        }
    }

    #[test]
    fn an_interval_has_a_length() {
        assert_eq!(Interval::new(TimeOfDay::NOON, TimeOfDay::NOON), None);
        assert_eq!(Interval::new(TimeOfDay::END, TimeOfDay::MIDNIGHT), None);
        let day = Interval::new(TimeOfDay::MIDNIGHT, TimeOfDay::END).unwrap();
        assert_eq!(day.to_string(), "00:00-24:00");
    }

    proptest! {
        #[test]
        fn a_printed_time_reads_back(minutes in 0..=1440) {
            let time = TimeOfDay::from_minutes(minutes).unwrap();
            prop_assert_eq!(time.to_string().parse::<TimeOfDay>(), Ok(time));
        }
    }
}
