//! Due times: what was promised, and the last instant at which a call can keep it.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use super::span::Span;
use super::store_calendar::{StoreCalendar, WindowPurpose};

/// Days to look ahead or back for a window: longer than any closing, short enough to stay cheap.
const SEARCH_DAYS: u64 = 60;

/// Time a person needs between learning of a call and making it; less is a short window (窗口不足).
const LEAD_TIME: TimeDelta = TimeDelta::minutes(15);

/// The last instant at which a call counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallableDue {
    pub at: DateTime<Utc>,
    /// The promise left no time to call, so `at` is the first chance after it was made (窗口不足).
    pub is_short_window: bool,
}

/// The three deadlines of a promise in days, and the days they fall on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    pub handed_over_on: NaiveDate,
    /// D + n by the calendar, open or not.
    pub strict_on: NaiveDate,
    /// `strict_on`, or the next open day after it.
    pub due_on: NaiveDate,
    /// End of calling on `strict_on`: for the strict rate.
    pub strict_due_at: DateTime<Utc>,
    /// End of calling on `due_on`: the promise.
    pub due_at: DateTime<Utc>,
    /// The last callable instant not after `due_at`: sorts queues.
    pub callable_due_at: DateTime<Utc>,
}

/// One step of the reasoning that led to a deadline, in the order it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DueReason {
    /// `days` calendar days after the hand-over is `day`.
    DaysAfterHandOver {
        handed_over_on: NaiveDate,
        days: u64,
        day: NaiveDate,
    },
    /// The store is closed on `day`; the name is empty for a weekly day off.
    StoreClosed { day: NaiveDate, name: String },
    /// So the promise moves to the next open day.
    MovedToOpenDay { day: NaiveDate },
    /// No open day in sight: the promise stays where it is.
    NoOpenDay,
    /// Calling ends then; that is the promise.
    EndOfCalling { at: DateTime<Utc> },
    /// Opening or calling hours leave no later minute than this for a call.
    LastCallable { at: DateTime<Utc> },
    /// No callable minute before the promise ends.
    NoCallableWindow,
    /// The store closes then, before the calling hours end.
    StoreCloses { at: DateTime<Utc> },
    /// The hours for messages end then.
    EndOfMessages { at: DateTime<Utc> },
    /// The day ends then.
    EndOfDay { at: DateTime<Utc> },
    /// The promise was made too late to call within it, so the first chance after counts (窗口不足).
    FirstChance { at: DateTime<Utc> },
    /// A time of its own: hours after an event, or what was agreed.
    FixedTime { at: DateTime<Utc> },
}

impl StoreCalendar {
    /// The last instant not after `due` within a window or at its end, if there is one in 60 days.
    pub fn last_callable_before(&self, due: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let last_day = self.local_day(due);
        (0..=SEARCH_DAYS).find_map(|back| {
            let windows = self.windows(WindowPurpose::Callable, last_day - Days::new(back));
            windows
                .iter()
                .rev()
                .find(|(start, _)| *start <= due)
                .map(|(_, end)| due.min(*end))
        })
    }

    /// The first instant from `from` on that lies in a callable window, if there is one in 60 days.
    pub fn first_callable_from(&self, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.first_from(WindowPurpose::Callable, from)
    }

    /// The first instant from `from` on at which the store is open, if there is one in 60 days.
    pub fn first_open_from(&self, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.first_from(WindowPurpose::Open, from)
    }

    fn first_from(&self, purpose: WindowPurpose, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.windows_from(purpose, from).next().map(|(start, _)| start)
    }

    /// The windows of the next 60 days, the first one cut at `from`.
    fn windows_from(&self, purpose: WindowPurpose, from: DateTime<Utc>) -> impl Iterator<Item = Span> {
        let first_day = self.local_day(from);
        (0..=SEARCH_DAYS)
            .flat_map(move |ahead| self.windows(purpose, first_day + Days::new(ahead)))
            .filter(move |(_, end)| from < *end)
            .map(move |(start, end)| (start.max(from), end))
    }

    /// The instant at which the store will have been open for `time` since `from`, if within 60 days.
    pub fn add_open_time(&self, from: DateTime<Utc>, time: TimeDelta) -> Option<DateTime<Utc>> {
        let mut left = time;
        for (start, end) in self.windows_from(WindowPurpose::Open, from) {
            if left <= end - start {
                return Some(start + left);
            }
            left -= end - start;
        }
        None
    }

    /// When the call must be made so that `due` is kept; a store that never calls keeps `due` itself.
    pub fn callable_due(&self, due: DateTime<Utc>, created: DateTime<Utc>) -> CallableDue {
        match self.last_callable_before(due) {
            Some(at) if at >= created + LEAD_TIME => CallableDue {
                at,
                is_short_window: false,
            },
            Some(_) | None => {
                let at = self.first_callable_from(created).unwrap_or(due);
                CallableDue {
                    at,
                    is_short_window: true,
                }
            }
        }
    }

    /// This day if the store is open, else the next open one, if there is one in 60 days.
    pub fn next_open_day(&self, day: NaiveDate) -> Option<NaiveDate> {
        (0..=SEARCH_DAYS)
            .map(|ahead| day + Days::new(ahead))
            .find(|day| self.is_open_on(*day))
    }

    /// The deadlines of a call owed `days` calendar days (usually 3) after the hand-over.
    pub fn post_service_due(&self, handed_over_on: NaiveDate, days: u64) -> Due {
        let strict_on = handed_over_on + Days::new(days);
        let due_on = self.next_open_day(strict_on).unwrap_or(strict_on);
        let due_at = self.call_end(due_on);
        Due {
            handed_over_on,
            strict_on,
            due_on,
            strict_due_at: self.call_end(strict_on),
            due_at,
            callable_due_at: self.last_callable_before(due_at).unwrap_or(due_at),
        }
    }

    /// Why [`StoreCalendar::post_service_due`] says what it says.
    pub fn explain(&self, due: &Due) -> Vec<DueReason> {
        let Due {
            handed_over_on,
            strict_on,
            due_on,
            due_at,
            ..
        } = *due;
        let days = (strict_on - handed_over_on).num_days().unsigned_abs();
        let mut reasons = vec![DueReason::DaysAfterHandOver {
            handed_over_on,
            days,
            day: strict_on,
        }];
        let closed = strict_on.iter_days().take_while(|day| *day < due_on);
        reasons.extend(closed.map(|day| {
            let name = self
                .exceptions
                .get(&day)
                .map(|exception| exception.name.clone())
                .unwrap_or_default();
            DueReason::StoreClosed { day, name }
        }));
        if due_on > strict_on {
            reasons.push(DueReason::MovedToOpenDay { day: due_on });
        } else if !self.is_open_on(due_on) {
            reasons.push(DueReason::NoOpenDay);
        }
        reasons.push(DueReason::EndOfCalling { at: due_at });
        match self.last_callable_before(due_at) {
            Some(at) if at < due_at => reasons.push(DueReason::LastCallable { at }),
            Some(_) => {}
            None => reasons.push(DueReason::NoCallableWindow),
        }
        reasons
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use chrono_tz::America::New_York;
    use chrono_tz::Asia::Shanghai;
    use chrono_tz::Australia::Lord_Howe;
    use proptest::prelude::*;

    use super::super::store_calendar::{DayException, DayKind, WeeklyHours};
    use super::super::time_of_day::{Interval, TimeOfDay};
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn interval(text: &str) -> Interval {
        let (opens, closes) = text.split_once('-').unwrap();
        Interval::new(opens.parse().unwrap(), closes.parse().unwrap()).unwrap()
    }

    /// "2026-11-23 20:00" on the store's wall clock.
    fn at(calendar: &StoreCalendar, text: &str) -> DateTime<Utc> {
        let (date, clock) = text.split_once(' ').unwrap();
        calendar.instant(day(date), clock.parse().unwrap())
    }

    fn show(calendar: &StoreCalendar, at: DateTime<Utc>) -> String {
        at.with_timezone(&calendar.zone)
            .format("%Y-%m-%d %H:%M")
            .to_string()
    }

    /// Closed from 除夕 to 初六, as many dealerships are.
    fn spring_festival() -> StoreCalendar {
        let mut calendar = StoreCalendar::new(Shanghai);
        for date in day("2027-02-05").iter_days().take(7) {
            calendar.exceptions.insert(
                date,
                DayException {
                    kind: DayKind::Closed,
                    name: "春节".to_owned(),
                },
            );
        }
        calendar
    }

    #[test]
    fn the_last_callable_instant_is_never_after_the_due_time() {
        let calendar = spring_festival();
        for (due, expected) in [
            ("2026-11-23 10:15", "2026-11-23 10:15"),
            ("2026-11-23 12:00", "2026-11-23 12:00"),
            ("2026-11-23 12:45", "2026-11-23 12:00"),
            ("2026-11-23 13:30", "2026-11-23 13:30"),
            ("2026-11-23 20:00", "2026-11-23 20:00"),
            ("2026-11-23 23:59", "2026-11-23 20:00"),
            ("2026-11-24 08:59", "2026-11-23 20:00"),
            ("2027-02-08 15:00", "2027-02-04 20:00"),
        ] {
            let found = calendar.last_callable_before(at(&calendar, due)).unwrap();
            assert_eq!(show(&calendar, found), expected, "{due}");
        }
    }

    #[test]
    fn the_first_callable_instant_skips_lunch_night_and_closed_days() {
        let calendar = spring_festival();
        for (from, expected) in [
            ("2026-11-23 10:15", "2026-11-23 10:15"),
            ("2026-11-23 12:00", "2026-11-23 13:30"),
            ("2026-11-23 20:00", "2026-11-24 09:00"),
            ("2026-11-30 23:59", "2026-12-01 09:00"),
            ("2027-02-04 20:00", "2027-02-12 09:00"),
        ] {
            let found = calendar.first_callable_from(at(&calendar, from)).unwrap();
            assert_eq!(show(&calendar, found), expected, "{from}");
        }
    }

    #[test]
    fn a_due_time_without_a_callable_minute_is_flagged() {
        let calendar = StoreCalendar::new(Shanghai);
        for (due, created, expected, short) in [
            ("2026-11-23 20:00", "2026-11-23 19:45", "2026-11-23 20:00", false),
            ("2026-11-23 20:00", "2026-11-23 19:46", "2026-11-23 19:46", true),
            ("2026-11-23 20:30", "2026-11-23 20:05", "2026-11-24 09:00", true),
            ("2026-11-23 13:00", "2026-11-23 11:00", "2026-11-23 12:00", false),
            ("2026-11-23 13:00", "2026-11-23 12:10", "2026-11-23 13:30", true),
        ] {
            let found = calendar.callable_due(at(&calendar, due), at(&calendar, created));
            assert_eq!(
                (show(&calendar, found.at).as_str(), found.is_short_window),
                (expected, short),
                "{due} {created}"
            );
        }
    }

    #[test]
    fn a_store_that_never_calls_keeps_the_due_time() {
        let mut calendar = StoreCalendar::new(Shanghai);
        calendar.hours.call = WeeklyHours::default();
        let (due, created) = (
            at(&calendar, "2026-11-23 18:00"),
            at(&calendar, "2026-11-23 09:00"),
        );
        assert_eq!(
            calendar.callable_due(due, created),
            CallableDue {
                at: due,
                is_short_window: true
            }
        );
        let owed = calendar.post_service_due(day("2026-11-20"), 3);
        assert_eq!(show(&calendar, owed.due_at), "2026-11-24 00:00");
        assert_eq!(calendar.explain(&owed).last(), Some(&DueReason::NoCallableWindow));
    }

    #[test]
    fn three_days_end_with_the_calling_window_of_the_next_open_day() {
        let calendar = spring_festival();
        for (handed_over_on, strict, due) in [
            ("2026-11-20", "2026-11-23 20:00", "2026-11-23 20:00"),
            ("2026-11-26", "2026-11-29 20:00", "2026-11-29 20:00"),
            ("2026-11-30", "2026-12-03 20:00", "2026-12-03 20:00"),
            ("2028-02-26", "2028-02-29 20:00", "2028-02-29 20:00"),
            ("2027-02-01", "2027-02-04 20:00", "2027-02-04 20:00"),
            ("2027-02-02", "2027-02-05 20:00", "2027-02-12 20:00"),
            ("2027-02-04", "2027-02-07 20:00", "2027-02-12 20:00"),
            ("2027-02-09", "2027-02-12 20:00", "2027-02-12 20:00"),
        ] {
            let owed = calendar.post_service_due(day(handed_over_on), 3);
            let shown = (show(&calendar, owed.strict_due_at), show(&calendar, owed.due_at));
            assert_eq!(shown, (strict.to_owned(), due.to_owned()), "{handed_over_on}");
            assert_eq!(owed.callable_due_at, owed.due_at, "{handed_over_on}");
        }
    }

    #[test]
    fn a_hand_over_one_minute_before_midnight_belongs_to_its_own_day() {
        let calendar = StoreCalendar::new(Shanghai);
        let due = |handed_over: &str| {
            let owed = calendar.post_service_due(calendar.local_day(at(&calendar, handed_over)), 3);
            show(&calendar, owed.due_at)
        };
        assert_eq!(due("2026-11-23 23:59"), "2026-11-26 20:00");
        assert_eq!(due("2026-11-23 24:00"), "2026-11-27 20:00");
    }

    #[test]
    fn a_deadline_across_a_clock_change_keeps_its_wall_clock_time() {
        for (zone, handed_over_on, utc) in [
            (New_York, "2026-10-29", "2026-11-02T01:00:00Z"),
            (New_York, "2027-03-11", "2027-03-15T00:00:00Z"),
            (New_York, "2027-03-10", "2027-03-14T01:00:00Z"),
            (Lord_Howe, "2026-10-01", "2026-10-04T09:00:00Z"),
            (Lord_Howe, "2026-09-30", "2026-10-03T09:30:00Z"),
            (Lord_Howe, "2027-04-01", "2027-04-04T09:30:00Z"),
            (Shanghai, "1986-05-01", "1986-05-04T11:00:00Z"),
            (Shanghai, "1986-04-30", "1986-05-03T12:00:00Z"),
            (Shanghai, "1986-09-11", "1986-09-14T12:00:00Z"),
            (Shanghai, "1991-04-11", "1991-04-14T11:00:00Z"),
            (Shanghai, "2028-02-26", "2028-02-29T12:00:00Z"),
            (Shanghai, "2028-02-27", "2028-03-01T12:00:00Z"),
        ] {
            let calendar = StoreCalendar::new(zone);
            let owed = calendar.post_service_due(day(handed_over_on), 3);
            assert_eq!(
                owed.due_at,
                utc.parse::<DateTime<Utc>>().unwrap(),
                "{zone} {handed_over_on}"
            );
        }
    }

    #[test]
    fn a_short_special_day_ends_the_calls_early() {
        let mut calendar = StoreCalendar::new(Shanghai);
        let kind = DayKind::Special(vec![interval("10:00-16:00")]);
        calendar.exceptions.insert(
            day("2026-11-23"),
            DayException {
                kind,
                name: "盘点".to_owned(),
            },
        );
        let owed = calendar.post_service_due(day("2026-11-20"), 3);
        assert_eq!(show(&calendar, owed.due_at), "2026-11-23 20:00");
        assert_eq!(show(&calendar, owed.callable_due_at), "2026-11-23 16:00");
        let last = DueReason::LastCallable {
            at: owed.callable_due_at,
        };
        assert_eq!(calendar.explain(&owed).last(), Some(&last));
    }

    #[test]
    fn an_extension_is_explained_day_by_day() {
        let mut calendar = StoreCalendar::new(Shanghai);
        for weekday in [6, 7] {
            calendar.hours.open.set(weekday, &[]);
        }
        let owed = calendar.post_service_due(day("2026-11-25"), 3);
        let closed = |date| DueReason::StoreClosed {
            day: day(date),
            name: String::new(),
        };
        let expected = [
            DueReason::DaysAfterHandOver {
                handed_over_on: day("2026-11-25"),
                days: 3,
                day: day("2026-11-28"),
            },
            closed("2026-11-28"),
            closed("2026-11-29"),
            DueReason::MovedToOpenDay {
                day: day("2026-11-30"),
            },
            DueReason::EndOfCalling {
                at: at(&calendar, "2026-11-30 20:00"),
            },
        ];
        assert_eq!(calendar.explain(&owed), expected);
    }

    #[test]
    fn open_time_is_added_over_nights_and_closed_days() {
        let calendar = spring_festival();
        for (from, hours, expected) in [
            ("2026-11-23 18:00", 2, "2026-11-23 20:00"),
            ("2026-11-23 19:00", 2, "2026-11-24 09:30"),
            ("2026-11-23 23:00", 2, "2026-11-24 10:30"),
            ("2027-02-04 19:00", 2, "2027-02-12 09:30"),
        ] {
            let found = calendar
                .add_open_time(at(&calendar, from), TimeDelta::hours(hours))
                .unwrap();
            assert_eq!(show(&calendar, found), expected, "{from}");
        }
    }

    fn any_calendar() -> impl Strategy<Value = StoreCalendar> {
        let hours = prop::collection::vec((0..1440, 1..=720), 0..3).prop_map(|list| {
            let time = |minutes: i32| TimeOfDay::from_minutes(minutes.min(1440)).unwrap();
            list.into_iter()
                .filter_map(|(opens, long)| Interval::new(time(opens), time(opens + long)))
                .collect()
        });
        let hours = |_| {
            prop::collection::vec(hours.clone(), 7).prop_map(|days: Vec<Vec<Interval>>| {
                let mut week = WeeklyHours::default();
                (1..)
                    .zip(&days)
                    .for_each(|(weekday, intervals)| week.set(weekday, intervals));
                week
            })
        };
        (
            prop::sample::select(vec![Shanghai, New_York, chrono_tz::Australia::Lord_Howe]),
            hours(()),
            hours(()),
        )
            .prop_map(|(zone, open, call)| {
                let mut calendar = StoreCalendar::new(zone);
                (calendar.hours.open, calendar.hours.call) = (open, call);
                calendar
            })
    }

    proptest! {
        #[test]
        fn a_callable_due_time_can_be_kept(calendar in any_calendar(), start in 0..525_600_i64, wait in 0..14_400_i64) {
            let created = Utc.with_ymd_and_hms(2026, 7, 1, 0, 0, 0).unwrap() + TimeDelta::minutes(start);
            let due = created + TimeDelta::minutes(wait);
            let found = calendar.callable_due(due, created);
            if !found.is_short_window {
                prop_assert!(found.at <= due && found.at >= created + LEAD_TIME);
            }
            let Some(first) = calendar.first_callable_from(created) else { return Ok(()) };
            prop_assert!(!found.is_short_window || found.at == first);
            let inside = |purpose| {
                let day = calendar.local_day(found.at);
                let days = [day.pred_opt().unwrap(), day];
                days.iter().any(|day| calendar.windows(purpose, *day).iter().any(|(s, e)| *s <= found.at && found.at <= *e))
            };
            prop_assert!(inside(WindowPurpose::Callable) && inside(WindowPurpose::Open));
        }
    }
}
