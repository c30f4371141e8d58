//! The shift ruler: today's calls and cases as ticks on the hours in which customers may be called. Pure.

use chrono::{DateTime, TimeDelta, Utc};

use crate::i18n::format::Formatter;
use crate::my_day::queries::Window;
use crate::web::chart::percent_of;

/// Top of the first lane and distance of lanes, as the CSS of `.ruler` has them.
const LANE_TOP: i64 = 38;
const LANE_STEP: i64 = 29;
/// Ticks nearer than this become one with a number.
const SLOT: TimeDelta = TimeDelta::minutes(10);

/// Nearer than this to now, an hour's label would lie under that of now.
const PILL: TimeDelta = TimeDelta::minutes(25);

/// A row of the ruler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    Complaint,
    Callback,
    Renewal,
}

/// Something to do or done at an instant.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    pub lane: Lane,
    pub at: DateTime<Utc>,
    pub is_done: bool,
}

/// The drawing; positions across are percent of its width.
#[derive(Clone, Debug)]
pub struct Ruler {
    pub label: String,
    pub hours: Vec<Hour>,
    pub pauses: Vec<Pause>,
    pub ticks: Vec<Tick>,
    /// Where now is, with the wall clock; none outside the hours.
    pub now: Option<(String, String)>,
    pub past: String,
}

/// A full hour with its label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hour {
    pub x: String,
    pub text: String,
}

/// Hours without calls, such as noon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    pub x: String,
    pub width: String,
}

/// One mark, for one or several items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    pub x: String,
    pub y: i64,
    /// `ru-i--done`, `ru-i--bad`, `ru-i--soon` or empty.
    pub class: &'static str,
    /// The number beside it, when it stands for several that are still to be done.
    pub count: Option<usize>,
    /// Overdue: a dotted trail leads from here to now.
    pub trail_to: Option<String>,
}

/// Numbers of the sentence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub done: usize,
    pub late: usize,
    pub soon: usize,
    pub later: usize,
}

impl Tally {
    /// Counts what the ruler shows.
    pub fn of(items: &[Item], now: DateTime<Utc>) -> Tally {
        let mut tally = Tally::default();
        for item in items {
            match class(item, now) {
                "ru-i--done" => tally.done += 1,
                "ru-i--bad" => tally.late += 1,
                "ru-i--soon" => tally.soon += 1,
                _ => tally.later += 1,
            }
        }
        tally
    }
}

impl Ruler {
    /// `None` on a day without calling hours.
    pub fn new(fmt: &Formatter, windows: &[Window], items: &[Item], label: String) -> Option<Ruler> {
        let (first, last) = (windows.first()?, windows.last()?);
        let (start, end) = (first.starts_at, last.ends_at);
        let position = |at: DateTime<Utc>| {
            let share = (at - start).num_seconds() as f64 / (end - start).num_seconds().max(1) as f64;
            share.clamp(0.0, 1.0) * 100.0
        };
        let x = |at: DateTime<Utc>| percent_of(position(at));
        let pauses = windows.windows(2).map(|pair| Pause {
            x: x(pair[0].ends_at),
            width: percent_of(position(pair[1].starts_at) - position(pair[0].ends_at)),
        });
        let is_during = fmt.now >= start && fmt.now <= end;
        Some(Ruler {
            label,
            hours: hours(fmt, start, end)
                .into_iter()
                .map(|at| Hour {
                    x: x(at),
                    text: if (at - fmt.now).abs() < PILL {
                        String::new()
                    } else {
                        fmt.time(&at)
                    },
                })
                .collect(),
            pauses: pauses.collect(),
            ticks: ticks(fmt.now, start, end, items, &x),
            now: is_during.then(|| (x(fmt.now), fmt.time(&fmt.now))),
            past: x(fmt.now),
        })
    }
}

/// Full hours of the wall clock after the start and before the end, so that no label is cut.
fn hours(fmt: &Formatter, start: DateTime<Utc>, end: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let minute = i64::from(fmt.minute_of_day(&start) % 60);
    let first = start + TimeDelta::minutes(60 - minute);
    (0..24)
        .map(|i| first + TimeDelta::hours(i))
        .take_while(|at| *at < end)
        .collect()
}

fn class(item: &Item, now: DateTime<Utc>) -> &'static str {
    if item.is_done {
        "ru-i--done"
    } else if item.at < now {
        "ru-i--bad"
    } else if item.at - now <= TimeDelta::minutes(60) {
        "ru-i--soon"
    } else {
        ""
    }
}

/// Later ones are drawn over earlier ones: what is urgent stays visible.
fn rank(class: &str) -> u8 {
    match class {
        "ru-i--bad" => 3,
        "ru-i--soon" => 2,
        "ru-i--done" => 0,
        _ => 1,
    }
}

fn ticks(
    now: DateTime<Utc>,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    items: &[Item],
    x: &impl Fn(DateTime<Utc>) -> String,
) -> Vec<Tick> {
    let mut sorted: Vec<Item> = items.to_vec();
    for item in &mut sorted {
        item.at = item.at.min(end);
    }
    sorted.sort_by_key(|item| (item.lane as u8, rank(class(item, now)), item.at.max(start)));
    let mut ticks: Vec<(DateTime<Utc>, Lane, Tick)> = Vec::new();
    for item in sorted {
        let (at, class) = (item.at.max(start), class(&item, now));
        if let Some((since, lane, tick)) = ticks.last_mut()
            && *lane == item.lane
            && tick.class == class
            && at - *since < SLOT
        {
            if !item.is_done {
                tick.count = Some(tick.count.unwrap_or(1) + 1);
            }
            continue;
        }
        let tick = Tick {
            x: x(at),
            y: LANE_TOP + LANE_STEP * item.lane as i64,
            class,
            count: None,
            trail_to: (class == "ru-i--bad").then(|| x(now)),
        };
        ticks.push((at, item.lane, tick));
    }
    ticks.into_iter().map(|(_, _, tick)| tick).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    fn at(local: &str) -> DateTime<Utc> {
        format!("2026-11-24T{local}:00+08:00").parse().unwrap()
    }

    fn ruler(now: &str, items: &[Item]) -> Ruler {
        let fmt = Formatter {
            lang: Lang::Zh,
            zone: chrono_tz::Asia::Shanghai,
            now: at(now),
        };
        let windows = [("09:00", "12:00"), ("13:30", "19:00")].map(|(from, to)| Window {
            starts_at: at(from),
            ends_at: at(to),
        });
        Ruler::new(&fmt, &windows, items, String::new()).unwrap()
    }

    fn item(lane: Lane, local: &str, is_done: bool) -> Item {
        Item {
            lane,
            at: at(local),
            is_done,
        }
    }

    #[test]
    fn the_day_runs_from_the_first_to_the_last_calling_minute() {
        let ruler = ruler("10:00", &[]);
        let hours: Vec<&str> = ruler.hours.iter().map(|hour| hour.text.as_str()).collect();
        assert_eq!(hours[..2], ["", "11:00"], "the label of now stands there");
        assert_eq!(hours.last(), Some(&"18:00"));
        assert_eq!(ruler.now, Some(("10%".to_owned(), "10:00".to_owned())));
        assert_eq!(
            ruler.pauses,
            [Pause {
                x: "30%".to_owned(),
                width: "15%".to_owned()
            }]
        );
    }

    #[test]
    fn an_overdue_mark_trails_to_now_and_stays_on_the_ruler() {
        let yesterday = Item {
            at: at("10:00") - TimeDelta::days(1),
            ..item(Lane::Callback, "10:00", false)
        };
        let ruler = ruler("14:00", &[yesterday, item(Lane::Callback, "14:30", false)]);
        // What is urgent is drawn last, over the rest.
        let [soon, late] = &ruler.ticks[..] else {
            panic!("{:?}", ruler.ticks)
        };
        assert_eq!((late.x.as_str(), late.class), ("0%", "ru-i--bad"));
        assert_eq!(late.trail_to.as_deref(), Some("50%"));
        assert_eq!((soon.class, soon.y), ("ru-i--soon", 67));
        assert_eq!(soon.trail_to, None);
    }

    #[test]
    fn marks_on_top_of_each_other_become_one_with_a_number() {
        let items = [
            item(Lane::Callback, "19:00", false),
            item(Lane::Callback, "19:00", false),
            item(Lane::Callback, "18:55", false),
            item(Lane::Renewal, "19:00", false),
            item(Lane::Callback, "09:30", true),
        ];
        let ruler = ruler("10:00", &items);
        let counts: Vec<_> = ruler.ticks.iter().map(|tick| (tick.class, tick.count)).collect();
        assert_eq!(counts, [("ru-i--done", None), ("", Some(3)), ("", None)]);
        let tally = Tally::of(&items, at("10:00"));
        assert_eq!((tally.done, tally.late, tally.soon, tally.later), (1, 0, 0, 4));
    }
}
