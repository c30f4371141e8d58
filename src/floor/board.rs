//! What the board prints: every figure as text, with the address of the rows behind it if this role may open them.

use chrono::TimeDelta;

use crate::auth::permission::Permission;
use crate::callbacks::CallbackId;
use crate::floor::burn::{Burn, burn};
use crate::floor::queries::CallLine;
use crate::floor::snapshot::Snapshot;
use crate::users::UserId;
use crate::web::layout::Layout;
use crate::web::sla::SlaChip;

/// A number; opens its rows where the person may see them.
pub struct Figure {
    pub text: String,
    pub href: Option<String>,
    /// `t-bad`, `t-soon` or nothing.
    pub tone: &'static str,
}

/// A tile at the head of the board.
pub struct Tile {
    pub code: &'static str,
    pub label: &'static str,
    pub figure: Figure,
    pub foot: String,
}

/// Today's work of one kind.
pub struct KindLine {
    pub code: &'static str,
    pub name: &'static str,
    pub opened: String,
    pub done: Figure,
    pub left: Figure,
    pub late: Figure,
    /// Done of opened, in percent of the bar.
    pub bar: String,
}

/// One person's day.
pub struct PersonLine {
    pub id: UserId,
    pub name: String,
    pub initial: String,
    pub left: Figure,
    pub open: Figure,
    pub done: Figure,
    pub dials: Figure,
    pub connected: Figure,
    pub is_calling: bool,
    pub is_away: bool,
    /// Their open calls can be shared out to the others.
    pub can_share: bool,
}

/// One hour of the heat strip.
pub struct HourCell {
    pub label: String,
    /// `h1` to `h5`, `h--now`, `h--future`.
    pub class: String,
    pub dials: Figure,
    pub rate: String,
    pub rate_class: String,
}

/// A call with its address.
pub struct CallRow {
    pub id: CallbackId,
    pub href: Option<String>,
    pub customer: String,
    pub occasions: String,
    pub person: String,
    pub chip: SlaChip,
    /// How long somebody has been on it.
    pub since: String,
}

/// The whole board.
pub struct Board {
    pub as_of: String,
    pub tiles: Vec<Tile>,
    pub burn: Option<Burn>,
    pub burn_label: String,
    pub kinds: Vec<KindLine>,
    pub total: Option<KindLine>,
    pub people: Vec<PersonLine>,
    pub hours: Vec<HourCell>,
    pub dials: Figure,
    pub rate: String,
    pub at_risk: Vec<CallRow>,
    /// Calls at risk that the list has no room for.
    pub at_risk_more: Option<Figure>,
    pub claimed: Vec<CallRow>,
    pub held: Vec<(&'static str, Figure)>,
}

impl Board {
    /// The board as this person may see it, in their language.
    pub fn new(layout: &Layout, snapshot: &Snapshot) -> Board {
        let maker = Maker { layout, s: snapshot };
        let (left, done) = maker.work();
        let t = layout.t.floor();
        let dials: i64 = snapshot
            .hours
            .iter()
            .filter(|hour| hour.is_today)
            .map(|hour| hour.dials)
            .sum();
        let connected: i64 = snapshot
            .hours
            .iter()
            .filter(|hour| hour.is_today)
            .map(|hour| hour.connected)
            .sum();
        let more = snapshot.queue.at_risk - snapshot.at_risk.len() as i64;
        Board {
            as_of: layout.fmt.time(&snapshot.day.now),
            tiles: maker.tiles(left, done),
            burn: burn(&snapshot.day, &snapshot.windows, &snapshot.quarters, left),
            burn_label: t.burn_label(left + done, done, left),
            kinds: maker.kinds(),
            total: (snapshot.kinds.len() > 1).then(|| maker.total()),
            people: maker.people(),
            hours: maker.hours(),
            dials: maker.dials(dials, "", ""),
            rate: layout.fmt.percent(connected, dials),
            at_risk: snapshot.at_risk.iter().map(|call| maker.call(call)).collect(),
            at_risk_more: (more > 0).then(|| maker.queue(more, "only=at_risk", "")),
            claimed: snapshot.claimed.iter().map(|call| maker.call(call)).collect(),
            held: snapshot
                .held
                .iter()
                .map(|held| {
                    let rows = format!("only=held&reason={}", held.reason);
                    (t.held_reason(&held.reason), maker.queue(held.count, &rows, ""))
                })
                .collect(),
        }
    }
}

struct Maker<'a> {
    layout: &'a Layout,
    s: &'a Snapshot,
}

const CLASSES_OPEN: &str = "class=not_due&class=overdue";
const CLASSES_ENDED: &str = "class=early&class=done&class=done_late&class=exhausted&class=exhausted_late";

impl Maker<'_> {
    fn work(&self) -> (i64, i64) {
        let kinds = self.s.kinds.iter();
        kinds.fold((0, 0), |(left, done), kind| (left + kind.left, done + kind.done))
    }

    fn figure(&self, n: i64, href: Option<String>, tone: &'static str) -> Figure {
        Figure {
            text: self.layout.fmt.number(n),
            href,
            tone: if n > 0 { tone } else { "" },
        }
    }

    /// A count of the ledger.
    fn ledger(&self, n: i64, query: &str, tone: &'static str) -> Figure {
        let may = self.layout.can(Permission::ViewObligations);
        self.figure(n, may.then(|| format!("/obligations?{query}")), tone)
    }

    /// A count of the queue.
    fn queue(&self, n: i64, query: &str, tone: &'static str) -> Figure {
        let may = self.layout.can(Permission::ViewCallbacks);
        self.figure(n, may.then(|| format!("/callbacks?{query}")), tone)
    }

    /// A count of today's dials.
    fn dials(&self, n: i64, query: &str, tone: &'static str) -> Figure {
        let separator = if query.is_empty() { "" } else { "?" };
        self.figure(n, Some(format!("/floor/dials{separator}{query}")), tone)
    }

    fn left(&self, n: i64, kind: &str) -> Figure {
        let day = self.s.day.day;
        self.ledger(n, &format!("{kind}due={day}&{CLASSES_OPEN}"), "")
    }

    fn late(&self, n: i64, kind: &str) -> Figure {
        let day = self.s.day.day;
        self.ledger(n, &format!("{kind}due={day}&class=overdue"), "t-bad")
    }

    fn done(&self, n: i64, kind: &str) -> Figure {
        let day = self.s.day.day;
        self.ledger(n, &format!("{kind}ended={day}&{CLASSES_ENDED}"), "")
    }

    fn tiles(&self, left: i64, done: i64) -> Vec<Tile> {
        let (t, fmt, queue) = (self.layout.t.floor(), &self.layout.fmt, &self.s.queue);
        let tile = |code, label, figure, foot| Tile {
            code,
            label,
            figure,
            foot,
        };
        let hour = (fmt.minute_of_day(&self.s.day.now) / 60) as i32;
        let now = self
            .s
            .hours
            .iter()
            .find(|dials| dials.is_today && dials.hour == hour);
        let (dials, connected) = now.map_or((0, 0), |now| (now.dials, now.connected));
        vec![
            tile(
                "left",
                t.left(),
                self.left(left, ""),
                t.left_foot(fmt.number(done), fmt.number(left + done)),
            ),
            tile(
                "at_risk",
                t.at_risk(),
                self.queue(queue.at_risk, "only=at_risk", "t-soon"),
                t.at_risk_foot().to_owned(),
            ),
            tile(
                "overdue",
                t.overdue(),
                self.queue(queue.overdue, "tab=overdue", "t-bad"),
                t.overdue_foot(fmt.number(queue.open)),
            ),
            tile(
                "hour",
                t.this_hour(),
                self.dials(dials, &format!("hour={hour}"), ""),
                t.rate_foot(fmt.percent(connected, dials)),
            ),
            tile(
                "unassigned",
                t.unassigned(),
                self.queue(queue.unassigned, "person=none", ""),
                t.unassigned_foot(fmt.number(queue.unassigned_tonight)),
            ),
        ]
    }

    fn kinds(&self) -> Vec<KindLine> {
        let mut kinds = self.s.kinds.clone();
        kinds.sort_by_key(|kind| (-kind.left, -kind.done, kind.kind));
        kinds
            .iter()
            .map(|kind| {
                let name = self.layout.t.obligations().kind(kind.kind);
                let query = format!("kind={}&", kind.kind);
                self.line(
                    kind.kind.as_str(),
                    name,
                    &query,
                    (kind.left, kind.late, kind.done),
                )
            })
            .collect()
    }

    fn total(&self) -> KindLine {
        let (left, done) = self.work();
        let late = self.s.kinds.iter().map(|kind| kind.late).sum();
        self.line("total", self.layout.t.floor().total(), "", (left, late, done))
    }

    fn line(
        &self,
        code: &'static str,
        name: &'static str,
        query: &str,
        (left, late, done): (i64, i64, i64),
    ) -> KindLine {
        KindLine {
            code,
            name,
            opened: self.layout.fmt.number(left + done),
            done: self.done(done, query),
            left: self.left(left, query),
            late: self.late(late, query),
            bar: crate::web::chart::percent_of(done as f64 * 100.0 / (left + done).max(1) as f64),
        }
    }

    fn people(&self) -> Vec<PersonLine> {
        let may_share = self.layout.can(Permission::AssignCallbacks);
        let line = |person: &crate::floor::queries::PersonWork| {
            let (id, day) = (person.id, self.s.day.day);
            PersonLine {
                id,
                initial: person.name.chars().take(1).collect(),
                name: person.name.clone(),
                left: self.queue(person.left, &format!("person={id}&only=by_tonight"), ""),
                open: self.queue(person.open, &format!("person={id}"), ""),
                done: self.ledger(person.done, &format!("by={id}&ended={day}&{CLASSES_ENDED}"), ""),
                dials: self.dials(person.dials, &format!("person={id}"), ""),
                connected: Figure {
                    text: self.layout.fmt.percent(person.connected, person.dials),
                    href: Some(format!("/floor/dials?person={id}&only=connected")),
                    tone: "",
                },
                is_calling: person.is_calling,
                is_away: person.is_away,
                can_share: may_share && person.open > 0,
            }
        };
        self.s.people.iter().map(line).collect()
    }

    /// From the first to the last calling hour, and whatever hour somebody was dialled in.
    fn hours(&self) -> Vec<HourCell> {
        let fmt = &self.layout.fmt;
        let hour_of = |at| (fmt.minute_of_day(&at) / 60) as i32;
        let windows = self.s.windows.iter().flat_map(|window| {
            // The last minute of a window, not the instant after it.
            [
                hour_of(window.starts_at),
                hour_of(window.ends_at - TimeDelta::minutes(1)),
            ]
        });
        let dialled = self
            .s
            .hours
            .iter()
            .filter(|hour| hour.is_today)
            .map(|hour| hour.hour);
        let all: Vec<i32> = windows.chain(dialled).collect();
        let (Some(first), Some(last)) = (all.iter().min(), all.iter().max()) else {
            return Vec::new();
        };
        let most = self
            .s
            .hours
            .iter()
            .filter(|hour| hour.is_today)
            .map(|hour| hour.dials)
            .max();
        let now = hour_of(self.s.day.now);
        (*first..=*last)
            .map(|hour| self.hour(hour, now, most.unwrap_or(0)))
            .collect()
    }

    fn hour(&self, hour: i32, now: i32, most: i64) -> HourCell {
        let of = |is_today: bool| {
            let found = self
                .s
                .hours
                .iter()
                .find(|dials| dials.hour == hour && dials.is_today == is_today);
            found.map_or((0, 0), |found| (found.dials, found.connected))
        };
        let is_future = hour > now;
        let (dials, connected) = of(!is_future);
        let heat = |n: i64, most: i64| match n {
            0 => "h".to_owned(),
            n => format!("h h{}", ((n * 5 + most - 1) / most.max(1)).clamp(1, 5)),
        };
        let (class, rate_class) = if is_future {
            ("h h--future".to_owned(), "h h--future".to_owned())
        } else {
            (heat(dials, most), heat(connected * 5 / dials.max(1), 5))
        };
        HourCell {
            label: format!("{hour}:00"),
            class: format!("{class}{}", if hour == now { " h--now" } else { "" }),
            dials: if is_future {
                self.figure(dials, None, "")
            } else {
                self.dials(dials, &format!("hour={hour}"), "")
            },
            rate: match dials {
                0 => String::new(),
                // To the whole percent: the cells are narrow.
                dials => self
                    .layout
                    .fmt
                    .percent((connected * 200 + dials) / (dials * 2), 100),
            },
            rate_class: format!("{rate_class}{}", if hour == now { " h--now" } else { "" }),
        }
    }

    fn call(&self, call: &CallLine) -> CallRow {
        let (t, now) = (self.layout.t.callbacks(), self.s.day.now);
        let mut occasions: Vec<&str> = call.kinds.iter().map(|kind| t.kind(kind)).collect();
        occasions.sort_unstable();
        occasions.dedup();
        CallRow {
            id: call.id,
            href: self
                .layout
                .can(Permission::ViewCallbacks)
                .then(|| format!("/callbacks/{}", call.id)),
            customer: call.customer.clone().unwrap_or_else(|| t.unnamed().to_owned()),
            occasions: occasions.join(" · "),
            person: call
                .person
                .clone()
                .unwrap_or_else(|| self.layout.t.floor().nobody().to_owned()),
            chip: SlaChip::open(&self.layout.fmt, call.callable_due_at),
            since: call
                .claimed_at
                .map(|at| self.layout.fmt.duration(now - at))
                .unwrap_or_default(),
        }
    }
}
