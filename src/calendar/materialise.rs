//! The rows of `store_days` and `store_windows`, which make due times a join instead of a loop.

use chrono::{DateTime, NaiveDate, Utc};

use super::store_calendar::{StoreCalendar, WindowPurpose};

/// A row of `store_days`: one local day of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreDay {
    pub day: NaiveDate,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub is_open: bool,
    /// Running number of open days, this one included: n working days on is a look-up of number + n.
    pub open_day_no: i32,
    /// This day if open, else the next open one; the day itself when none is in sight.
    pub next_open_day: NaiveDate,
    /// End of the calling hours, whether or not the store is open.
    pub call_end_at: DateTime<Utc>,
    pub callable_end_at: Option<DateTime<Utc>>,
    pub sms_end_at: DateTime<Utc>,
}

/// A row of `store_windows`: `[starts_at, ends_at)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreWindow {
    pub purpose: WindowPurpose,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub day: NaiveDate,
}

/// The rows of `from..=to`; `open_days_before` is the `open_day_no` of the day before `from`, 0 at first.
pub fn materialise(
    calendar: &StoreCalendar,
    from: NaiveDate,
    to: NaiveDate,
    open_days_before: i32,
) -> (Vec<StoreDay>, Vec<StoreWindow>) {
    let mut days = Vec::new();
    let mut windows = Vec::new();
    let mut open_day_no = open_days_before;
    for day in from.iter_days().take_while(|day| *day <= to) {
        let of_day = windows_of(calendar, day);
        let end_of = |purpose| {
            of_day
                .iter()
                .filter(|w| w.purpose == purpose)
                .map(|w| w.ends_at)
                .max()
        };
        let is_open = end_of(WindowPurpose::Open).is_some();
        open_day_no += i32::from(is_open);
        let (starts_at, ends_at) = calendar.day_span(day);
        days.push(StoreDay {
            day,
            starts_at,
            ends_at,
            is_open,
            open_day_no,
            next_open_day: calendar.next_open_day(day).unwrap_or(day),
            call_end_at: calendar.call_end(day),
            callable_end_at: end_of(WindowPurpose::Callable),
            sms_end_at: end_of(WindowPurpose::Sms).unwrap_or(ends_at),
        });
        windows.extend(of_day);
    }
    (days, windows)
}

fn windows_of(calendar: &StoreCalendar, day: NaiveDate) -> Vec<StoreWindow> {
    let of = |purpose: WindowPurpose| {
        let spans = calendar.windows(purpose, day).into_iter();
        spans.map(move |(starts_at, ends_at)| StoreWindow {
            purpose,
            starts_at,
            ends_at,
            day,
        })
    };
    WindowPurpose::ALL
        .iter()
        .flat_map(|purpose| of(*purpose))
        .collect()
}

#[cfg(test)]
mod tests {
    use chrono::Days;
    use chrono_tz::America::New_York;
    use chrono_tz::Asia::Shanghai;
    use proptest::prelude::*;

    use super::super::store_calendar::{DayException, DayKind};
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn closed_on(zone: chrono_tz::Tz, dates: &[NaiveDate]) -> StoreCalendar {
        let mut calendar = StoreCalendar::new(zone);
        for date in dates {
            calendar.exceptions.insert(
                *date,
                DayException {
                    kind: DayKind::Closed,
                    name: String::new(),
                },
            );
        }
        calendar
    }

    #[test]
    fn a_closed_day_points_to_the_next_open_one_and_is_not_numbered() {
        let calendar = closed_on(
            Shanghai,
            &[day("2026-11-24"), day("2026-11-25"), day("2026-11-26")],
        );
        let (days, _) = materialise(&calendar, day("2026-11-23"), day("2026-11-25"), 7);
        let shown: Vec<_> = days
            .iter()
            .map(|d| (d.is_open, d.open_day_no, d.next_open_day.to_string()))
            .collect();
        let expected = [
            (true, 8, "2026-11-23"),
            (false, 8, "2026-11-27"),
            (false, 8, "2026-11-27"),
        ];
        assert_eq!(
            shown,
            expected.map(|(open, number, next)| (open, number, next.to_owned()))
        );
        let utc = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert_eq!(days[1].callable_end_at, None);
        assert_eq!(days[1].call_end_at, utc("2026-11-24T12:00:00Z"));
        assert_eq!(days[1].sms_end_at, utc("2026-11-24T12:30:00Z"));
    }

    #[test]
    fn an_ordinary_day_has_five_windows_and_a_closed_one_two() {
        let calendar = closed_on(Shanghai, &[day("2026-11-24")]);
        let (_, windows) = materialise(&calendar, day("2026-11-23"), day("2026-11-24"), 0);
        let purposes = |date| {
            let of_day = windows.iter().filter(|w| w.day == day(date));
            of_day.map(|w| w.purpose.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(
            purposes("2026-11-23"),
            ["open", "callable", "callable", "sms", "marketing"]
        );
        assert_eq!(purposes("2026-11-24"), ["sms", "marketing"]);
    }

    #[test]
    fn days_follow_each_other_without_a_gap_over_two_years() {
        let calendar = StoreCalendar::new(New_York);
        let (days, _) = materialise(&calendar, day("2026-01-01"), day("2027-12-31"), 0);
        assert_eq!(days.len(), 730);
        assert!(days.windows(2).all(|pair| pair[0].ends_at == pair[1].starts_at));
        assert_eq!(days.last().unwrap().open_day_no, 730);
    }

    proptest! {
        #[test]
        fn rows_agree_with_the_calendar(offset in 0..700_u64, closed in prop::collection::btree_set(0..40_u64, 0..20)) {
            let from = day("2026-01-01") + Days::new(offset);
            let dates: Vec<_> = closed.iter().map(|n| from + Days::new(*n)).collect();
            let calendar = closed_on(New_York, &dates);
            let (days, windows) = materialise(&calendar, from, from + Days::new(39), 0);
            prop_assert_eq!(days.last().unwrap().open_day_no as usize, 40 - closed.len());
            for row in &days {
                for purpose in WindowPurpose::ALL {
                    let rows = windows.iter().filter(|w| w.day == row.day && w.purpose == *purpose);
                    let spans: Vec<_> = rows.map(|w| (w.starts_at, w.ends_at)).collect();
                    prop_assert_eq!(spans, calendar.windows(*purpose, row.day));
                }
                let owed = calendar.post_service_due(row.day, 0);
                prop_assert_eq!((owed.due_on, owed.strict_due_at), (row.next_open_day, row.call_end_at));
            }
        }
    }
}
