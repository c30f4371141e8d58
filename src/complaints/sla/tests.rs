use chrono_tz::America::New_York;
use chrono_tz::Asia::Shanghai;
use chrono_tz::Australia::Lord_Howe;

use super::*;
use crate::calendar::{DayException, DayKind, Interval, WeeklyHours};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn interval(text: &str) -> Interval {
    let (opens, closes) = text.split_once('-').unwrap();
    Interval::new(opens.parse().unwrap(), closes.parse().unwrap()).unwrap()
}

/// "2026-11-24 10:00" on the store's wall clock.
fn at(calendar: &StoreCalendar, text: &str) -> DateTime<Utc> {
    let (date, clock) = text.split_once(' ').unwrap();
    calendar.instant(day(date), clock.parse().unwrap())
}

fn show(calendar: &StoreCalendar, at: DateTime<Utc>) -> String {
    at.with_timezone(&calendar.zone)
        .format("%Y-%m-%d %H:%M")
        .to_string()
}

fn with(mut calendar: StoreCalendar, date: &str, kind: DayKind) -> StoreCalendar {
    let name = "盘点".to_owned();
    calendar.exceptions.insert(day(date), DayException { kind, name });
    calendar
}

/// 08:30 to 20:00 every day, closed on the 26th for stock-taking.
fn shanghai() -> StoreCalendar {
    with(StoreCalendar::new(Shanghai), "2026-11-26", DayKind::Closed)
}

/// Closed over lunch, on Sundays, and early on Saturdays.
fn with_lunch() -> StoreCalendar {
    let mut calendar = StoreCalendar::new(Shanghai);
    let week = [interval("08:30-12:00"), interval("13:30-18:00")];
    calendar.hours.open = WeeklyHours::every_day(&week);
    calendar.hours.open.set(6, &[interval("09:00-12:00")]);
    calendar.hours.open.set(7, &[]);
    calendar
}

#[test]
fn the_two_hours_start_at_the_next_opening_except_for_grave_cases() {
    let calendar = shanghai();
    for (severity, accepted, due, strict) in [
        (
            Severity::D,
            "2026-11-24 10:00",
            "2026-11-24 12:00",
            "2026-11-24 12:00",
        ),
        (
            Severity::C,
            "2026-11-24 10:00",
            "2026-11-24 12:00",
            "2026-11-24 12:00",
        ),
        // By the wall clock once it runs, even past closing.
        (
            Severity::D,
            "2026-11-24 19:59",
            "2026-11-24 21:59",
            "2026-11-24 21:59",
        ),
        // Closing time itself is closed.
        (
            Severity::D,
            "2026-11-24 20:00",
            "2026-11-25 10:30",
            "2026-11-24 22:00",
        ),
        (
            Severity::C,
            "2026-11-24 03:00",
            "2026-11-24 10:30",
            "2026-11-24 05:00",
        ),
        (
            Severity::D,
            "2026-11-24 08:29",
            "2026-11-24 10:30",
            "2026-11-24 10:29",
        ),
        (
            Severity::D,
            "2026-11-24 08:30",
            "2026-11-24 10:30",
            "2026-11-24 10:30",
        ),
        (
            Severity::C,
            "2026-11-24 23:59",
            "2026-11-25 10:30",
            "2026-11-25 01:59",
        ),
        // A closed day in between, and the end of a month.
        (
            Severity::D,
            "2026-11-25 21:00",
            "2026-11-27 10:30",
            "2026-11-25 23:00",
        ),
        (
            Severity::C,
            "2026-11-26 11:00",
            "2026-11-27 10:30",
            "2026-11-26 13:00",
        ),
        (
            Severity::C,
            "2026-11-30 20:30",
            "2026-12-01 10:30",
            "2026-11-30 22:30",
        ),
        (
            Severity::C,
            "2026-12-31 22:00",
            "2027-01-01 10:30",
            "2027-01-01 00:00",
        ),
        (
            Severity::B,
            "2026-11-24 20:00",
            "2026-11-24 21:00",
            "2026-11-24 21:00",
        ),
        (
            Severity::B,
            "2026-11-30 23:30",
            "2026-12-01 00:30",
            "2026-12-01 00:30",
        ),
        (
            Severity::A,
            "2026-11-25 23:45",
            "2026-11-26 00:15",
            "2026-11-26 00:15",
        ),
        (
            Severity::A,
            "2026-11-26 12:00",
            "2026-11-26 12:30",
            "2026-11-26 12:30",
        ),
    ] {
        let run = Limits::default_of(severity).dispatch(at(&calendar, accepted), &calendar);
        let told = (show(&calendar, run.due_at), show(&calendar, run.strict_at));
        assert_eq!(told, (due.to_owned(), strict.to_owned()), "{severity} {accepted}");
        assert_eq!(
            dispatch_due(severity, at(&calendar, accepted), &calendar).at,
            run.due_at
        );
    }
}

#[test]
fn a_lunch_break_and_a_weekend_are_closed_time() {
    let calendar = with_lunch();
    for (severity, accepted, due) in [
        (Severity::C, "2026-11-24 11:59", "2026-11-24 13:59"),
        (Severity::C, "2026-11-24 12:00", "2026-11-24 15:30"),
        (Severity::D, "2026-11-24 12:40", "2026-11-24 15:30"),
        (Severity::D, "2026-11-24 13:30", "2026-11-24 15:30"),
        // Friday night, then a short Saturday; Saturday afternoon, then a closed Sunday.
        (Severity::C, "2026-11-27 18:00", "2026-11-28 11:00"),
        (Severity::C, "2026-11-28 12:00", "2026-11-30 10:30"),
        (Severity::D, "2026-11-29 09:00", "2026-11-30 10:30"),
        (Severity::B, "2026-11-27 22:00", "2026-11-27 23:00"),
        (Severity::A, "2026-11-29 12:10", "2026-11-29 12:40"),
    ] {
        let run = Limits::default_of(severity).dispatch(at(&calendar, accepted), &calendar);
        assert_eq!(show(&calendar, run.due_at), due, "{severity} {accepted}");
    }
}

#[test]
fn a_store_that_opens_on_a_holiday_counts_from_its_own_hours() {
    // 国庆 2026: dealerships are open on holidays unless they close; the 8th is an ordinary day.
    let open = StoreCalendar::new(Shanghai);
    let shut = day("2026-10-01")
        .iter_days()
        .take(3)
        .fold(StoreCalendar::new(Shanghai), |calendar, date| {
            with(calendar, &date.to_string(), DayKind::Closed)
        });
    for (calendar, due) in [(&open, "2026-10-01 10:30"), (&shut, "2026-10-04 10:30")] {
        let run = Limits::default_of(Severity::C).dispatch(at(calendar, "2026-09-30 20:00"), calendar);
        assert_eq!(show(calendar, run.due_at), due);
    }
}

#[test]
fn the_first_reply_is_a_clock_of_its_own() {
    let calendar = shanghai();
    for (severity, accepted, due) in [
        (Severity::A, "2026-11-24 21:00", "2026-11-24 21:30"),
        (Severity::B, "2026-11-24 21:00", "2026-11-24 22:00"),
        (Severity::C, "2026-11-24 21:00", "2026-11-25 10:30"),
        (Severity::C, "2026-11-24 15:00", "2026-11-24 17:00"),
        // 24 hours are hours of the wall, open or not.
        (Severity::D, "2026-11-24 21:00", "2026-11-25 21:00"),
        (Severity::D, "2026-11-25 23:59", "2026-11-26 23:59"),
    ] {
        let run = Limits::default_of(severity).first_reply(at(&calendar, accepted), &calendar);
        assert_eq!(show(&calendar, run.due_at), due, "{severity} {accepted}");
    }
}

#[test]
fn a_change_of_clocks_gives_no_hour_more_or_less() {
    for (zone, accepted, due, hours) in [
        (New_York, "2027-03-13 12:00", "2027-03-14 13:00", 24),
        (New_York, "2026-10-31 12:00", "2026-11-01 11:00", 24),
        (New_York, "2027-03-14 01:30", "2027-03-14 04:30", 2),
        (New_York, "2026-11-01 00:30", "2026-11-01 01:30", 2),
        (Lord_Howe, "2026-10-03 12:00", "2026-10-04 12:30", 24),
        (Lord_Howe, "2027-04-03 12:00", "2027-04-04 11:30", 24),
        (Lord_Howe, "2026-10-04 01:00", "2026-10-04 03:30", 2),
    ] {
        let calendar = StoreCalendar::new(zone);
        let from = at(&calendar, accepted);
        let limits = Limits {
            dispatch_minutes: hours * 60,
            ..Limits::default_of(Severity::A)
        };
        let run = limits.dispatch(from, &calendar);
        assert_eq!(show(&calendar, run.due_at), due, "{zone} {accepted}");
        assert_eq!(run.due_at - from, TimeDelta::hours(hours.into()));
    }
}

#[test]
fn a_second_callback_is_owed_within_a_day_and_called_within_hours() {
    let calendar = shanghai();
    for (resolved, due, callable, is_short) in [
        ("2026-11-23 10:00", "2026-11-24 10:00", "2026-11-24 10:00", false),
        // Lunch, evening and night leave the end of the calling hours before.
        ("2026-11-23 12:30", "2026-11-24 12:30", "2026-11-24 12:00", false),
        ("2026-11-23 20:30", "2026-11-24 20:30", "2026-11-24 20:00", false),
        ("2026-11-23 23:59", "2026-11-24 23:59", "2026-11-24 20:00", false),
        // After closing time, before a closed day: no calling hour is left, so the first one after counts.
        ("2026-11-25 20:30", "2026-11-26 20:30", "2026-11-27 09:00", true),
        // Less than a quarter of an hour is left of the calling hours: now.
        ("2026-11-25 19:50", "2026-11-26 19:50", "2026-11-25 19:50", true),
        ("2026-11-25 19:40", "2026-11-26 19:40", "2026-11-25 20:00", false),
        ("2026-11-30 18:00", "2026-12-01 18:00", "2026-12-01 18:00", false),
    ] {
        let (at_due, call) = second_callback(at(&calendar, resolved), TimeDelta::hours(24), &calendar);
        let told = (
            show(&calendar, at_due),
            show(&calendar, call.at),
            call.is_short_window,
        );
        assert_eq!(
            told,
            (due.to_owned(), callable.to_owned(), is_short),
            "{resolved}"
        );
    }
}

#[test]
fn calls_after_closing_fall_on_open_days() {
    let calendar = with(shanghai(), "2026-12-03", DayKind::Closed);
    for (closed, days, starts, strict, due) in [
        (
            "2026-11-24 16:00",
            7,
            "2026-12-01 09:00",
            "2026-12-01 20:00",
            "2026-12-01 20:00",
        ),
        (
            "2026-11-24 23:59",
            30,
            "2026-12-24 09:00",
            "2026-12-24 20:00",
            "2026-12-24 20:00",
        ),
        // A closed day moves it to the next one.
        (
            "2026-11-26 10:00",
            7,
            "2026-12-04 09:00",
            "2026-12-03 20:00",
            "2026-12-04 20:00",
        ),
    ] {
        let call = after_call(at(&calendar, closed), days, &calendar);
        let told = [call.starts_at, call.strict_at, call.due_at].map(|at| show(&calendar, at));
        assert_eq!(told, [starts, strict, due], "{closed} +{days}");
    }
}

#[test]
fn working_days_skip_holidays_and_count_make_up_days() {
    let calendar = StoreCalendar::new(Shanghai);
    for (accepted, days, last) in [
        // Ten plain working days: the day of acceptance does not count.
        ("2026-11-24 10:00", ANSWER_WORK_DAYS, "2026-12-08"),
        ("2026-11-24 23:59", ANSWER_WORK_DAYS, "2026-12-08"),
        ("2026-11-24 10:00", COMPLETION_WORK_DAYS, "2026-12-22"),
        // Accepted on a Saturday: Monday is the first.
        ("2026-11-28 10:00", 1, "2026-11-30"),
        // 国庆 2026: Oct 1 to 7 are off, Sunday Sep 20 and Saturday Oct 10 are worked.
        ("2026-09-18 10:00", 1, "2026-09-20"),
        ("2026-09-30 10:00", 1, "2026-10-08"),
        ("2026-09-30 10:00", 3, "2026-10-10"),
        ("2026-09-30 10:00", ANSWER_WORK_DAYS, "2026-10-20"),
        // 春节 2026: Saturday Feb 14 is worked, Feb 15 to 23 are off, Saturday Feb 28 is worked.
        ("2026-02-13 10:00", 2, "2026-02-24"),
        ("2026-02-13 10:00", 6, "2026-02-28"),
        // Over the year's end.
        ("2026-12-30 10:00", 2, "2027-01-04"),
    ] {
        let due = work_days_due(at(&calendar, accepted), days, &calendar);
        assert_eq!(due, calendar.day_span(day(last)).1, "{accepted} +{days}");
    }
}

#[test]
fn what_the_store_says_about_a_day_comes_first_but_closing_does_not_count() {
    let holiday = with(StoreCalendar::new(Shanghai), "2026-11-25", DayKind::Holiday);
    let workday = with(StoreCalendar::new(Shanghai), "2026-11-28", DayKind::Workday);
    let closed = with(StoreCalendar::new(Shanghai), "2026-11-25", DayKind::Closed);
    let shut_holiday = with(StoreCalendar::new(Shanghai), "2026-10-01", DayKind::Closed);
    for (calendar, date, is_worked) in [
        (&holiday, "2026-11-25", false),
        (&workday, "2026-11-28", true),
        (&closed, "2026-11-25", true),
        (&shut_holiday, "2026-10-01", false),
        (&closed, "2026-11-29", false),
    ] {
        assert_eq!(is_work_day(day(date), calendar), is_worked, "{date}");
    }
}

#[test]
fn follow_ups_keep_to_the_periods_since_acceptance() {
    let calendar = StoreCalendar::new(Shanghai);
    let every = TimeDelta::hours(24);
    for (due, done, next) in [
        // Early or in time: the next period ends a day later.
        ("2026-11-25 10:00", "2026-11-24 12:00", "2026-11-26 10:00"),
        ("2026-11-25 10:00", "2026-11-25 09:59", "2026-11-26 10:00"),
        ("2026-11-25 10:00", "2026-11-25 10:00", "2026-11-26 10:00"),
        // Late: in the period in which it took place.
        ("2026-11-25 10:00", "2026-11-25 16:00", "2026-11-26 10:00"),
        // After days of silence: not one for each of them.
        ("2026-11-25 10:00", "2026-11-29 15:00", "2026-11-30 10:00"),
        ("2026-11-30 10:00", "2026-11-30 09:00", "2026-12-01 10:00"),
    ] {
        let found = next_follow_up(at(&calendar, due), at(&calendar, done), every);
        assert_eq!(show(&calendar, found), next, "{due} done {done}");
    }
}

#[test]
fn the_table_answers_for_each_severity() {
    let stricter = Limits {
        dispatch_minutes: 45,
        ..Limits::default_of(Severity::C)
    };
    let table = SeverityTable::new(7, [stricter]);
    assert_eq!(table.version, 7);
    assert_eq!(table.of(Severity::C).dispatch_minutes, 45);
    for severity in Severity::ALL {
        assert_eq!(table.of(*severity).severity, *severity);
        let limits = Limits::default_of(*severity);
        assert!(limits.dispatch_minutes <= DISPATCH_FLOOR && limits.reply_minutes <= REPLY_FLOOR);
        assert!(limits.follow_up_hours <= DAY_FLOOR && limits.second_callback_hours <= DAY_FLOOR);
    }
}
