//! The contact governor: how often one customer may be disturbed. The set-based twin is `queries/governor.rs`.
//!
//! A touch is an answered call or a delivered message, of any kind; a dial that nobody answers disturbs nobody.

use chrono::{DateTime, TimeDelta, Utc};

/// The days over which touches are counted.
pub const WINDOW: TimeDelta = TimeDelta::hours(7 * 24);
/// Touches that one customer is asked to bear in that time, unless the store says otherwise.
pub const DEFAULT_LIMIT: i16 = 3;

/// When the next touch is within the limit again; `None`: it is now. Touches may come in any order.
pub fn free_at(touches: &[DateTime<Utc>], limit: usize, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let mut recent: Vec<DateTime<Utc>> = touches
        .iter()
        .copied()
        .filter(|at| *at > now - WINDOW && *at <= now)
        .collect();
    recent.sort_unstable();
    // Once this one is a week old, one touch less than the limit is left.
    let index = recent.len().checked_sub(limit.max(1))?;
    Some(recent[index] + WINDOW)
}

/// Until when a call is held back: never past the day on which it can be made for the last time.
pub fn held_until(
    free_at: DateTime<Utc>,
    last_day_begins: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    Some(free_at.min(last_day_begins)).filter(|until| *until > now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        format!("2026-{text}:00Z").parse().unwrap()
    }

    #[test]
    fn a_fourth_touch_waits_until_the_third_last_is_a_week_old() {
        let now = at("11-24T02:00");
        for (touches, limit, free) in [
            (&[][..], 3, None),
            (&["11-23T02:00", "11-22T02:00"], 3, None),
            (
                &["11-23T02:00", "11-22T02:00", "11-21T02:00"],
                3,
                Some("11-28T02:00"),
            ),
            (
                &["11-21T02:00", "11-23T02:00", "11-22T02:00", "11-20T02:00"],
                3,
                Some("11-28T02:00"),
            ),
            // A week old to the second counts no more.
            (&["11-23T02:00", "11-22T02:00", "11-17T02:00"], 3, None),
            (
                &["11-23T02:00", "11-22T02:00", "11-17T02:01"],
                3,
                Some("11-24T02:01"),
            ),
            // What lies ahead of the clock has not happened.
            (&["11-23T02:00", "11-22T02:00", "11-24T02:01"], 3, None),
            (&["11-24T02:00"], 1, Some("12-01T02:00")),
        ] {
            let touches: Vec<_> = touches.iter().map(|text| at(text)).collect();
            assert_eq!(free_at(&touches, limit, now), free.map(at), "{touches:?} {limit}");
        }
    }

    #[test]
    fn nothing_is_held_past_its_last_day() {
        let now = at("11-24T02:00");
        for (free, last_day, until) in [
            ("11-28T02:00", "11-29T01:00", Some("11-28T02:00")),
            ("11-28T02:00", "11-26T01:00", Some("11-26T01:00")),
            ("11-28T02:00", "11-24T01:00", None),
            ("11-28T02:00", "11-23T01:00", None),
        ] {
            assert_eq!(
                held_until(at(free), at(last_day), now),
                until.map(at),
                "{free} {last_day}"
            );
        }
    }
}
