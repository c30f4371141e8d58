//! The calendar of one store: weekly hours, exceptions by date, and its time zone.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Days, LocalResult, NaiveDate, NaiveTime, Offset, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};

use super::span::{Span, intersection, merged};
use super::time_of_day::{Interval, TimeOfDay};

/// What a weekly pattern of hours is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Purpose {
    Open,
    Call,
    Sms,
    Marketing,
}

impl Purpose {
    pub const ALL: &'static [Purpose] = &[Purpose::Open, Purpose::Call, Purpose::Sms, Purpose::Marketing];

    /// The code in `calendar_hours`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Purpose::Open => "open",
            Purpose::Call => "call",
            Purpose::Sms => "sms",
            Purpose::Marketing => "marketing",
        }
    }
}

/// What may be done within a window of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WindowPurpose {
    Open,
    /// Calling hours within opening hours.
    Callable,
    Sms,
    Marketing,
}

impl WindowPurpose {
    pub const ALL: &'static [WindowPurpose] = &[
        WindowPurpose::Open,
        WindowPurpose::Callable,
        WindowPurpose::Sms,
        WindowPurpose::Marketing,
    ];

    /// The code in `store_windows`.
    pub const fn as_str(self) -> &'static str {
        match self {
            WindowPurpose::Open => "open",
            WindowPurpose::Callable => "callable",
            WindowPurpose::Sms => "sms",
            WindowPurpose::Marketing => "marketing",
        }
    }
}

/// Hours of a week, Monday first; several intervals a day, in order and disjoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WeeklyHours([Vec<Interval>; 7]);

impl WeeklyHours {
    /// The same hours on all seven days.
    pub fn every_day(intervals: &[Interval]) -> WeeklyHours {
        let mut week = WeeklyHours::default();
        for weekday in 1..=7 {
            week.set(weekday, intervals);
        }
        week
    }

    /// Replaces the hours of an ISO weekday (1 is Monday); overlapping and touching intervals are merged.
    pub fn set(&mut self, weekday: u8, intervals: &[Interval]) {
        let Some(slot) = usize::from(weekday)
            .checked_sub(1)
            .and_then(|index| self.0.get_mut(index))
        else {
            return;
        };
        let mut sorted = intervals.to_vec();
        sorted.sort_unstable();
        slot.clear();
        for next in sorted {
            let joined = slot.last().filter(|last| next.opens() <= last.closes()).copied();
            match joined.and_then(|last| Interval::new(last.opens(), last.closes().max(next.closes()))) {
                Some(longer) => *slot.last_mut().expect("joined to the last one") = longer,
                None => slot.push(next),
            }
        }
    }

    /// The hours of an ISO weekday, 1 to 7.
    pub fn of_weekday(&self, weekday: u8) -> &[Interval] {
        let slot = usize::from(weekday)
            .checked_sub(1)
            .and_then(|index| self.0.get(index));
        slot.map_or(&[], Vec::as_slice)
    }

    /// The hours of the weekday of `day`, whatever exceptions say.
    pub fn on(&self, day: NaiveDate) -> &[Interval] {
        &self.0[day.weekday().num_days_from_monday() as usize]
    }
}

/// The four weekly patterns of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    pub open: WeeklyHours,
    pub call: WeeklyHours,
    pub sms: WeeklyHours,
    pub marketing: WeeklyHours,
}

impl Hours {
    pub fn of(&self, purpose: Purpose) -> &WeeklyHours {
        match purpose {
            Purpose::Open => &self.open,
            Purpose::Call => &self.call,
            Purpose::Sms => &self.sms,
            Purpose::Marketing => &self.marketing,
        }
    }
}

impl Default for Hours {
    /// Seven days; no calls at lunch and none late: nobody is called between 21:00 and 08:30.
    fn default() -> Hours {
        const fn hours(opens: TimeOfDay, closes: TimeOfDay) -> Interval {
            Interval::new(opens, closes).expect("opens before it closes")
        }
        const OPEN: Interval = hours(TimeOfDay::hm(8, 30), TimeOfDay::hm(20, 0));
        const MORNING: Interval = hours(TimeOfDay::hm(9, 0), TimeOfDay::hm(12, 0));
        const AFTERNOON: Interval = hours(TimeOfDay::hm(13, 30), TimeOfDay::hm(20, 0));
        const SMS: Interval = hours(TimeOfDay::hm(8, 30), TimeOfDay::hm(20, 30));
        const MARKETING: Interval = hours(TimeOfDay::hm(9, 0), TimeOfDay::hm(20, 0));
        Hours {
            open: WeeklyHours::every_day(&[OPEN]),
            call: WeeklyHours::every_day(&[MORNING, AFTERNOON]),
            sms: WeeklyHours::every_day(&[SMS]),
            marketing: WeeklyHours::every_day(&[MARKETING]),
        }
    }
}

/// How a date departs from its weekday; only `Closed` and `Special` change opening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DayKind {
    Closed,
    /// Open at these hours only, in order.
    Special(Vec<Interval>),
    /// A statutory holiday; dealerships are open.
    Holiday,
    /// A make-up working day (调休).
    Workday,
}

/// A dated exception with the name that people know it by, "春节".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayException {
    pub kind: DayKind,
    pub name: String,
}

/// Everything that decides when one store is open and may call or write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreCalendar {
    pub zone: Tz,
    pub hours: Hours,
    pub exceptions: BTreeMap<NaiveDate, DayException>,
}

impl StoreCalendar {
    /// Default hours, no exceptions.
    pub fn new(zone: Tz) -> StoreCalendar {
        StoreCalendar {
            zone,
            hours: Hours::default(),
            exceptions: BTreeMap::new(),
        }
    }

    /// The calendar day of the store in which an instant lies.
    pub fn local_day(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }

    /// The instant of a wall-clock time; 02:30 in a one-hour gap is 03:30, in an overlap the first 01:30.
    pub fn instant(&self, day: NaiveDate, time: TimeOfDay) -> DateTime<Utc> {
        let minutes = u32::from(time.minutes());
        let day = if time == TimeOfDay::END {
            day + Days::new(1)
        } else {
            day
        };
        let clock = NaiveTime::from_hms_opt(minutes / 60 % 24, minutes % 60, 0).expect("minutes of one day");
        let local = day.and_time(clock);
        match self.zone.from_local_datetime(&local) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.to_utc(),
            LocalResult::None => {
                let before = GapInfo::new(&local, &self.zone).and_then(|gap| gap.begin);
                let (_, offset) = before.expect("a gap is entered from an offset");
                (local - offset.fix()).and_utc()
            }
        }
    }

    /// Midnight to midnight: 24 hours, but 23, 24.5 or 25 where clocks change, and 0 for a skipped day.
    pub fn day_span(&self, day: NaiveDate) -> Span {
        (
            self.instant(day, TimeOfDay::MIDNIGHT),
            self.instant(day, TimeOfDay::END),
        )
    }

    /// The hours of a purpose on a day, after exceptions; only opening has exceptions.
    fn intervals(&self, purpose: Purpose, day: NaiveDate) -> &[Interval] {
        let exception = self.exceptions.get(&day).map(|exception| &exception.kind);
        match (purpose, exception) {
            (Purpose::Open, Some(DayKind::Closed)) => &[],
            (Purpose::Open, Some(DayKind::Special(intervals))) => intervals,
            (Purpose::Open, Some(DayKind::Holiday | DayKind::Workday) | None)
            | (Purpose::Call | Purpose::Sms | Purpose::Marketing, _) => self.hours.of(purpose).on(day),
        }
    }

    pub(super) fn spans(&self, purpose: Purpose, day: NaiveDate) -> Vec<Span> {
        let intervals = self.intervals(purpose, day).iter();
        merged(
            intervals
                .map(|i| (self.instant(day, i.opens()), self.instant(day, i.closes())))
                .collect(),
        )
    }

    /// The windows of a day in order, none empty, none touching.
    pub fn windows(&self, purpose: WindowPurpose, day: NaiveDate) -> Vec<Span> {
        match purpose {
            WindowPurpose::Open => self.spans(Purpose::Open, day),
            WindowPurpose::Callable => {
                intersection(&self.spans(Purpose::Call, day), &self.spans(Purpose::Open, day))
            }
            WindowPurpose::Sms => self.spans(Purpose::Sms, day),
            WindowPurpose::Marketing => self.spans(Purpose::Marketing, day),
        }
    }

    pub fn is_open_on(&self, day: NaiveDate) -> bool {
        !self.spans(Purpose::Open, day).is_empty()
    }

    /// End of calling on a day, open or not; midnight where no calling hours are set.
    pub fn call_end(&self, day: NaiveDate) -> DateTime<Utc> {
        let closes = self
            .hours
            .call
            .on(day)
            .last()
            .map_or(TimeOfDay::END, |last| last.closes());
        self.instant(day, closes)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use chrono_tz::America::New_York;
    use chrono_tz::Asia::Shanghai;
    use chrono_tz::Australia::Lord_Howe;
    use chrono_tz::Pacific::Apia;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn time(text: &str) -> TimeOfDay {
        text.parse().unwrap()
    }

    fn interval(text: &str) -> Interval {
        let (opens, closes) = text.split_once('-').unwrap();
        Interval::new(time(opens), time(closes)).unwrap()
    }

    fn local(calendar: &StoreCalendar, (start, end): Span) -> String {
        let show = |at: DateTime<Utc>| at.with_timezone(&calendar.zone).format("%d %H:%M").to_string();
        format!("{} > {}", show(start), show(end))
    }

    #[test]
    fn a_day_is_as_long_as_its_clocks_say() {
        for (zone, date, minutes) in [
            (Shanghai, "2026-11-23", 24 * 60),
            (Shanghai, "1986-05-04", 23 * 60),
            (Shanghai, "1986-09-14", 25 * 60),
            (Shanghai, "1991-04-14", 23 * 60),
            (Shanghai, "1991-09-15", 25 * 60),
            (Shanghai, "1992-04-12", 24 * 60),
            (New_York, "2027-03-14", 23 * 60),
            (New_York, "2026-11-01", 25 * 60),
            (Lord_Howe, "2026-10-04", 23 * 60 + 30),
            (Lord_Howe, "2027-04-04", 24 * 60 + 30),
            (Apia, "2011-12-30", 0),
        ] {
            let (start, end) = StoreCalendar::new(zone).day_span(day(date));
            assert_eq!(end - start, TimeDelta::minutes(minutes), "{zone} {date}");
        }
    }

    #[test]
    fn wall_clock_times_resolve_in_gaps_and_overlaps() {
        for (zone, date, clock, utc) in [
            (New_York, "2027-03-14", "01:59", "2027-03-14T06:59:00Z"),
            (New_York, "2027-03-14", "02:30", "2027-03-14T07:30:00Z"),
            (New_York, "2027-03-14", "03:30", "2027-03-14T07:30:00Z"),
            (New_York, "2026-11-01", "01:30", "2026-11-01T05:30:00Z"),
            (New_York, "2026-11-01", "02:00", "2026-11-01T07:00:00Z"),
            (Lord_Howe, "2026-10-04", "02:15", "2026-10-03T15:45:00Z"),
            (Lord_Howe, "2027-04-04", "01:45", "2027-04-03T14:45:00Z"),
            (Shanghai, "2026-11-23", "24:00", "2026-11-23T16:00:00Z"),
            (Shanghai, "2026-12-31", "24:00", "2026-12-31T16:00:00Z"),
            (Apia, "2011-12-30", "12:00", "2011-12-30T22:00:00Z"),
        ] {
            let at = StoreCalendar::new(zone).instant(day(date), time(clock));
            assert_eq!(at, utc.parse::<DateTime<Utc>>().unwrap(), "{zone} {date} {clock}");
        }
    }

    #[test]
    fn the_local_day_ends_at_local_midnight() {
        let shanghai = StoreCalendar::new(Shanghai);
        for (utc, date) in [
            ("2026-11-23T15:59:59Z", "2026-11-23"),
            ("2026-11-23T16:00:00Z", "2026-11-24"),
        ] {
            assert_eq!(shanghai.local_day(utc.parse().unwrap()), day(date), "{utc}");
        }
    }

    #[test]
    fn only_opening_and_calling_follow_exceptions() {
        let mut calendar = StoreCalendar::new(Shanghai);
        let exceptions = [
            ("2027-02-05", DayKind::Closed),
            ("2027-02-06", DayKind::Special(vec![interval("10:00-14:00")])),
            (
                "2027-02-08",
                DayKind::Special(vec![interval("09:00-11:00"), interval("14:00-24:00")]),
            ),
            ("2027-02-07", DayKind::Holiday),
        ];
        for (date, kind) in exceptions {
            calendar.exceptions.insert(
                day(date),
                DayException {
                    kind,
                    name: "春节".to_owned(),
                },
            );
        }
        let shown = |purpose, date| {
            let windows = calendar.windows(purpose, day(date)).into_iter();
            windows.map(|span| local(&calendar, span)).collect::<Vec<_>>()
        };
        assert_eq!(shown(WindowPurpose::Open, "2027-02-05"), [""; 0]);
        assert_eq!(shown(WindowPurpose::Callable, "2027-02-05"), [""; 0]);
        assert_eq!(shown(WindowPurpose::Sms, "2027-02-05"), ["05 08:30 > 05 20:30"]);
        let special = ["06 10:00 > 06 12:00", "06 13:30 > 06 14:00"];
        assert_eq!(shown(WindowPurpose::Callable, "2027-02-06"), special);
        let twice = ["08 09:00 > 08 11:00", "08 14:00 > 08 20:00"];
        assert_eq!(shown(WindowPurpose::Callable, "2027-02-08"), twice);
        assert_eq!(
            shown(WindowPurpose::Open, "2027-02-08"),
            ["08 09:00 > 08 11:00", "08 14:00 > 09 00:00"]
        );
        let usual = ["07 09:00 > 07 12:00", "07 13:30 > 07 20:00"];
        assert_eq!(shown(WindowPurpose::Callable, "2027-02-07"), usual);
    }

    #[test]
    fn a_store_may_close_at_midnight_and_open_right_after() {
        let mut calendar = StoreCalendar::new(Shanghai);
        calendar.hours.open = WeeklyHours::every_day(&[interval("18:00-24:00"), interval("00:00-02:00")]);
        let windows = calendar.windows(WindowPurpose::Open, day("2026-11-30"));
        let shown: Vec<_> = windows.into_iter().map(|span| local(&calendar, span)).collect();
        assert_eq!(shown, ["30 00:00 > 30 02:00", "30 18:00 > 01 00:00"]);
    }

    #[test]
    fn hours_within_a_gap_are_no_window() {
        let mut calendar = StoreCalendar::new(New_York);
        calendar.hours.sms = WeeklyHours::every_day(&[interval("02:15-03:00")]);
        assert_eq!(calendar.windows(WindowPurpose::Sms, day("2027-03-14")), []);
        assert_eq!(calendar.windows(WindowPurpose::Sms, day("2027-03-15")).len(), 1);
    }

    #[test]
    fn overlapping_hours_of_a_weekday_are_joined() {
        let mut week = WeeklyHours::default();
        week.set(
            1,
            &[
                interval("13:00-18:00"),
                interval("09:00-12:00"),
                interval("12:00-13:30"),
            ],
        );
        assert_eq!(week.on(day("2026-11-23")), [interval("09:00-18:00")]);
        assert_eq!(week.on(day("2026-11-24")), []);
    }
}
