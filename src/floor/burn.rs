//! The burn-down of a day: what was left at each quarter of an hour, against a day that is worked off evenly. Pure.

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;

use crate::floor::queries::{Quarter, Window};
use crate::floor::snapshot::Day;
use crate::web::chart::Axis;

/// The drawing in units of 100 × 100; labels stand outside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Burn {
    /// Labels of the vertical axis, top first.
    pub y_labels: Vec<String>,
    pub grid: Vec<String>,
    /// Full hours, evenly apart.
    pub x_labels: Vec<String>,
    /// What was left, up to now.
    pub line: String,
    pub dot: String,
    /// The even pace: from everything at the first calling minute to nothing at the last.
    pub even: String,
    /// Spans without calls, as `(x, width)`.
    pub pauses: Vec<(String, String)>,
    /// More is left now than the even pace would have.
    pub is_behind: bool,
}

/// `None` on a day without calling hours.
pub fn burn(day: &Day, windows: &[Window], quarters: &[Quarter], left: i64) -> Option<Burn> {
    let (start, end) = span(day.zone, windows)?;
    let seconds = (end - start).num_seconds().max(1) as f64;
    let x = |at: DateTime<Utc>| ((at - start).num_seconds() as f64 / seconds).clamp(0.0, 1.0) * 100.0;
    let points = points(day, quarters, left, start, end);
    let most = points.iter().map(|(_, n)| *n).max().unwrap_or(0).max(left);
    let axis = Axis::holding(most as f64);
    let y = |n: f64| 100.0 - n.clamp(0.0, axis.max) / axis.max * 100.0;
    let line = |i: u32| axis.max * f64::from(axis.steps - i) / f64::from(axis.steps);
    let even_at = |at: DateTime<Utc>| share_left(windows, at) * most as f64;
    let until = day.now.clamp(start, end);
    Some(Burn {
        y_labels: (0..=axis.steps).map(|i| line(i).to_string()).collect(),
        grid: (0..axis.steps).map(|i| units(y(line(i)))).collect(),
        x_labels: hours(day.zone, start, end),
        line: steps(&points, &x, &|n| y(n as f64)),
        dot: format!("M{} {}h0", units(x(until)), units(y(left as f64))),
        // It falls during calling hours only.
        even: path(
            windows
                .iter()
                .flat_map(|window| [window.starts_at, window.ends_at])
                .map(|at| (x(at), y(even_at(at)))),
        ),
        pauses: windows
            .windows(2)
            .map(|pair| {
                let (from, to) = (x(pair[0].ends_at), x(pair[1].starts_at));
                (units(from), units(to - from))
            })
            .collect(),
        is_behind: left as f64 > even_at(until),
    })
}

/// Full hours of the wall clock around the calling hours.
fn span(zone: Tz, windows: &[Window]) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let (first, last) = (windows.first()?.starts_at, windows.last()?.ends_at);
    let past_hour = |at: DateTime<Utc>| {
        let local = at.with_timezone(&zone);
        TimeDelta::seconds(i64::from(local.minute() * 60 + local.second()))
    };
    let over = past_hour(last);
    let rest = if over.is_zero() {
        over
    } else {
        TimeDelta::hours(1) - over
    };
    Some((first - past_hour(first), last + rest))
}

/// Labels at full hours, every second one where they would touch.
fn hours(zone: Tz, start: DateTime<Utc>, end: DateTime<Utc>) -> Vec<String> {
    let count = (end - start).num_hours();
    let step = if count > 8 && count % 2 == 0 { 2 } else { 1 };
    (0..=count)
        .step_by(step)
        .map(|i| {
            (start + TimeDelta::hours(i))
                .with_timezone(&zone)
                .format("%H:%M")
                .to_string()
        })
        .collect()
}

/// What was left at the beginning, and after each quarter in which something came or went, up to now.
fn points(
    day: &Day,
    quarters: &[Quarter],
    left: i64,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
) -> Vec<(DateTime<Utc>, i64)> {
    const QUARTER: TimeDelta = TimeDelta::minutes(15);
    let until = day.now.clamp(start, end);
    let mut n = left
        + quarters
            .iter()
            .map(|quarter| quarter.ended - quarter.came)
            .sum::<i64>();
    let mut points = Vec::with_capacity(quarters.len() + 2);
    for quarter in quarters.iter().filter(|quarter| quarter.at < start) {
        n += quarter.came - quarter.ended;
    }
    points.push((start, n));
    for quarter in quarters.iter().filter(|quarter| quarter.at >= start) {
        n += quarter.came - quarter.ended;
        points.push(((quarter.at + QUARTER).min(until), n));
    }
    points.push((until, n));
    points
}

/// Which share of the calling hours lies behind an instant.
fn share_left(windows: &[Window], at: DateTime<Utc>) -> f64 {
    let seconds = |window: &Window| (window.ends_at - window.starts_at).num_seconds();
    let all: i64 = windows.iter().map(seconds).sum();
    let left: i64 = windows
        .iter()
        .map(|window| (window.ends_at - at.clamp(window.starts_at, window.ends_at)).num_seconds())
        .sum();
    if all == 0 { 0.0 } else { left as f64 / all as f64 }
}

/// A line of steps: level until the next point, then down or up.
fn steps(
    points: &[(DateTime<Utc>, i64)],
    x: &impl Fn(DateTime<Utc>) -> f64,
    y: &impl Fn(i64) -> f64,
) -> String {
    let mut line = String::new();
    for (at, n) in points {
        let (x, y) = (units(x(*at)), units(y(*n)));
        if line.is_empty() {
            line = format!("M{x} {y}");
        } else {
            line.push_str(&format!("H{x}V{y}"));
        }
    }
    line
}

fn path(points: impl Iterator<Item = (f64, f64)>) -> String {
    let points: Vec<String> = points
        .map(|(x, y)| format!("{} {}", units(x), units(y)))
        .collect();
    format!("M{}", points.join("L"))
}

/// A coordinate with the decimals that a screen can show.
fn units(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(local: &str) -> DateTime<Utc> {
        format!("2026-11-24T{local}:00+08:00").parse().unwrap()
    }

    fn windows() -> Vec<Window> {
        [("09:00", "12:00"), ("13:30", "18:30")]
            .map(|(from, to)| Window {
                starts_at: at(from),
                ends_at: at(to),
            })
            .to_vec()
    }

    fn drawn(now: &str, quarters: &[(&str, i64, i64)], left: i64) -> Burn {
        let day = Day::at(at(now), chrono_tz::Asia::Shanghai);
        let quarters: Vec<Quarter> = quarters
            .iter()
            .map(|(local, came, ended)| Quarter {
                at: at(local),
                came: *came,
                ended: *ended,
            })
            .collect();
        burn(&day, &windows(), &quarters, left).unwrap()
    }

    #[test]
    fn the_line_goes_down_with_what_is_ended_and_up_with_what_comes() {
        let burn = drawn("11:30", &[("09:00", 0, 2), ("10:00", 3, 1), ("11:00", 0, 4)], 4);
        // Eight at nine o'clock: 4 left + 7 ended - 3 that came. The axis goes to 8 over ten hours.
        assert_eq!(burn.line, "M0 0H2.5V25H12.5V0H22.5V50H25V50");
        assert_eq!(burn.dot, "M25 50h0");
        assert_eq!(
            burn.x_labels,
            ["09:00", "11:00", "13:00", "15:00", "17:00", "19:00"]
        );
        assert_eq!(burn.y_labels.first().map(String::as_str), Some("8"));
    }

    #[test]
    fn work_of_the_night_is_there_before_the_first_call() {
        let burn = drawn("10:00", &[("05:00", 5, 0)], 5);
        assert_eq!(burn.line, "M0 0H10V0", "five from the start");
    }

    #[test]
    fn the_even_pace_rests_with_the_callers() {
        let burn = drawn("13:00", &[], 8);
        // 3 of 8 calling hours are over at noon and at half past one alike; nothing is left at half past six.
        assert_eq!(burn.even, "M0 0L30 37.5L45 37.5L95 100");
        assert_eq!(burn.pauses, [("30".to_owned(), "15".to_owned())]);
        assert!(burn.is_behind);
        assert!(!drawn("13:00", &[("09:00", 0, 5)], 3).is_behind);
    }

    #[test]
    fn a_closed_day_has_none() {
        let day = Day::at(at("10:00"), chrono_tz::Asia::Shanghai);
        assert_eq!(burn(&day, &[], &[], 4), None);
    }
}
