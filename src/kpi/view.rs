//! What the page prints: tiles, table cells, the trend.

use chrono::{Days, NaiveDate};

use crate::i18n::Lang;
use crate::kpi::cube::{Cube, Verdict, verdict};
use crate::kpi::definition::{Count, Duty, Rate, Target, Whose};
use crate::kpi::queries::DayCell;
use crate::obligations::ObligationClass as Class;
use crate::users::UserId;
use crate::web::chart::{Axis, BarChart, Column, Gauge};
use crate::web::layout::Layout;

/// A stat tile as `macros/figure.html` prints it.
pub struct Tile {
    pub label: &'static str,
    /// The formula in words.
    pub hint: &'static str,
    pub value: String,
    pub unit: &'static str,
    pub verdict: Option<Badge>,
    pub gauge: Gauge,
    pub basis: String,
    pub target: String,
    pub href: Option<String>,
}

/// Colour, shape and word of a verdict.
pub struct Badge {
    pub tone: &'static str,
    pub icon: &'static str,
    pub text: &'static str,
}

/// A number of a table; opens its rows where the person may see them.
pub struct Figure {
    pub text: String,
    pub href: Option<String>,
    /// Class of the cell: `k-soon` or `k-bad` where a target is missed.
    pub tone: &'static str,
}

/// A line of a table: a duty or a person, and its figures.
pub struct Line {
    pub name: String,
    pub figures: Vec<Figure>,
}

/// Builds every figure of one page from one cube.
pub struct Board<'a> {
    pub layout: &'a Layout,
    pub cube: &'a Cube,
    pub range: (NaiveDate, NaiveDate),
}

/// Columns of the table of duties.
pub const COUNTS: &[Count] = &[
    Count::Due,
    Count::InTime,
    Count::Late,
    Count::Exhausted,
    Count::Overdue,
    Count::Connected,
    Count::Satisfied,
    Count::NotDue,
    Count::Early,
    Count::Exempt,
    Count::Cancelled,
];

/// The tiles in the order of the page: two of callbacks side by side (domain.md §16), then the other duties.
const TILES: &[(Duty, Rate)] = &[
    (Duty::PostService, Rate::InTime),
    (Duty::PostService, Rate::Success),
    (Duty::PostService, Rate::Satisfaction),
    (Duty::ComplaintDispatch, Rate::InTime),
    (Duty::ComplaintFirstReply, Rate::InTime),
    (Duty::ComplaintFollowUp, Rate::InTime),
    (Duty::ComplaintSecondCallback, Rate::InTime),
    (Duty::ComplaintClose, Rate::Success),
    (Duty::ComplaintClose, Rate::InTime),
    (Duty::FirstMaintenance, Rate::InTime),
    (Duty::PeriodicMaintenance, Rate::InTime),
    (Duty::RenewalContact, Rate::InTime),
    (Duty::WarrantyExpiry, Rate::InTime),
];

impl Board<'_> {
    /// The tiles of the page.
    pub fn tiles(&self) -> Vec<Tile> {
        TILES.iter().map(|(duty, rate)| self.tile(*duty, *rate)).collect()
    }

    /// How many tiles with a target and something due there are, and how many of them meet it.
    pub fn met(&self) -> (i64, i64) {
        let verdicts = TILES
            .iter()
            .map(|(duty, rate)| verdict(self.cube.rate(*duty, Whose::Everybody, *rate), rate.target()))
            .filter(|verdict| *verdict != Verdict::None);
        verdicts.fold((0, 0), |(met, of), verdict| {
            (met + i64::from(verdict == Verdict::Met), of + 1)
        })
    }

    fn tile(&self, duty: Duty, rate: Rate) -> Tile {
        let (t, fmt) = (self.layout.t.kpi(), &self.layout.fmt);
        let share = self.cube.rate(duty, Whose::Everybody, rate);
        let verdict = verdict(share, rate.target());
        let (value, unit) = split_unit(fmt.percent(share.0, share.1));
        let label = match rate {
            Rate::InTime => t.duty_rate(duty),
            Rate::Success if duty == Duty::ComplaintClose => t.complaints_closed(),
            Rate::Success => t.callbacks_success(),
            Rate::Satisfaction | Rate::Exemption => t.rate(rate),
        };
        let target = match rate.target() {
            Some(Target::AtLeast(percent)) => t.target_at_least(percent),
            Some(Target::AtMost(percent)) => t.target_at_most(percent),
            None => t.no_target().to_owned(),
        };
        let gauge_label = format!("{label} {value}{unit}，{target}");
        Tile {
            label,
            hint: match (duty, rate) {
                (Duty::ComplaintClose, Rate::Success) => t.complaints_closed_formula(),
                (Duty::ComplaintClose, Rate::InTime) => t.complaints_in_time_formula(),
                _ => t.rate_formula(rate),
            },
            value,
            unit,
            verdict: self.badge(verdict),
            gauge: Gauge::new(
                share,
                rate.target().map(Target::percent),
                100,
                gauge_class(verdict),
                gauge_label,
            ),
            basis: match share.1 {
                0 => t.basis_none().to_owned(),
                whole => t.basis(fmt.number(share.0), fmt.number(whole)),
            },
            target,
            href: self.link(&[duty], Whose::Everybody, rate.denominator()),
        }
    }

    fn badge(&self, verdict: Verdict) -> Option<Badge> {
        let t = self.layout.t.kpi();
        let (tone, icon, text) = match verdict {
            Verdict::Met => ("good", "check", t.verdict_met()),
            Verdict::Near => ("soon", "clock", t.verdict_near()),
            Verdict::Missed => ("bad", "warn", t.verdict_missed()),
            Verdict::None => return None,
        };
        Some(Badge { tone, icon, text })
    }

    /// The table of duties: counts, then in-time rate and exempt share.
    pub fn duties(&self) -> Vec<Line> {
        Duty::ALL
            .iter()
            .map(|duty| {
                let mut figures: Vec<Figure> = COUNTS
                    .iter()
                    .map(|count| self.count(*duty, Whose::Everybody, *count))
                    .collect();
                figures.push(self.rate(*duty, Whose::Everybody, Rate::InTime));
                figures.push(self.rate(*duty, Whose::Everybody, Rate::Exemption));
                Line {
                    name: self.layout.t.kpi().duty(*duty).to_owned(),
                    figures,
                }
            })
            .collect()
    }

    /// Figures of one person, without their dials.
    pub fn person(&self, whose: Whose) -> Vec<Figure> {
        vec![
            self.count(Duty::PostService, whose, Count::Due),
            self.rate(Duty::PostService, whose, Rate::InTime),
            self.rate(Duty::PostService, whose, Rate::Success),
            self.count(Duty::PostService, whose, Count::Satisfied),
            self.count(Duty::PostService, whose, Count::Overdue),
            self.reminders(whose),
            self.rate(Duty::RenewalContact, whose, Rate::InTime),
        ]
    }

    /// First and periodic maintenance together.
    fn reminders(&self, whose: Whose) -> Figure {
        const BOTH: [Duty; 2] = [Duty::FirstMaintenance, Duty::PeriodicMaintenance];
        let shares = BOTH.map(|duty| self.cube.rate(duty, whose, Rate::InTime));
        let share = (shares[0].0 + shares[1].0, shares[0].1 + shares[1].1);
        Figure {
            text: self.layout.fmt.percent(share.0, share.1),
            href: self.link(&BOTH, whose, Rate::InTime.denominator()),
            tone: tone(verdict(share, Rate::InTime.target())),
        }
    }

    fn count(&self, duty: Duty, whose: Whose, count: Count) -> Figure {
        let n = self.cube.count(duty, whose, count);
        Figure {
            text: self.layout.fmt.number(n),
            href: self.link(&[duty], whose, count),
            tone: match count {
                Count::Overdue if n > 0 => "k-bad",
                Count::Due
                | Count::InTime
                | Count::Late
                | Count::Exhausted
                | Count::Overdue
                | Count::Connected
                | Count::Answered
                | Count::Satisfied
                | Count::NotDue
                | Count::Early
                | Count::Exempt
                | Count::Cancelled
                | Count::DueOrExempt => "",
            },
        }
    }

    fn rate(&self, duty: Duty, whose: Whose, rate: Rate) -> Figure {
        let share = self.cube.rate(duty, whose, rate);
        Figure {
            text: self.layout.fmt.percent(share.0, share.1),
            href: self.link(&[duty], whose, rate.denominator()),
            tone: tone(verdict(share, rate.target())),
        }
    }

    fn link(&self, duties: &[Duty], whose: Whose, count: Count) -> Option<String> {
        let (from, to) = self.range;
        Some(count.rows().link(duties, whose, from, to))
    }
}

impl Target {
    const fn percent(self) -> i64 {
        match self {
            Target::AtLeast(percent) | Target::AtMost(percent) => percent,
        }
    }
}

fn tone(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Near => "k-soon",
        Verdict::Missed => "k-bad",
        Verdict::Met | Verdict::None => "",
    }
}

fn gauge_class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "is-good",
        Verdict::Near => "is-soon",
        Verdict::Missed => "is-bad",
        Verdict::None => "",
    }
}

/// `98.6%` in two sizes.
fn split_unit(percent: String) -> (String, &'static str) {
    match percent.strip_suffix('%') {
        Some(number) => (number.to_owned(), "%"),
        None => (percent, ""),
    }
}

/// One day of the trend: the table beside the chart.
pub struct TrendDay {
    pub day: String,
    pub due: i64,
    pub in_time: i64,
    pub rate: String,
}

/// The last 30 cohort days of callbacks.
pub struct Trend {
    pub chart: BarChart,
    pub days: Vec<TrendDay>,
    pub is_empty: bool,
}

/// How many days the trend shows.
pub const TREND_DAYS: u64 = 30;

impl Trend {
    /// Days from `first` on; those without anything due have no bar.
    pub fn new(layout: &Layout, first: NaiveDate, cells: &[DayCell]) -> Trend {
        let (t, fmt) = (layout.t.kpi(), &layout.fmt);
        let sum = |day: Option<NaiveDate>, classes: &[Class]| -> i64 {
            cells
                .iter()
                .filter(|cell| day.is_none_or(|day| cell.day == day) && classes.contains(&cell.class))
                .map(|cell| cell.n)
                .sum()
        };
        let (numerator, denominator) = (
            Rate::InTime.numerator().rows().classes,
            Rate::InTime.denominator().rows().classes,
        );
        let (mut columns, mut days, mut met) = (Vec::new(), Vec::new(), 0);
        for i in 0..TREND_DAYS {
            let day = first + Days::new(i);
            let (in_time, due) = (sum(Some(day), numerator), sum(Some(day), denominator));
            met += i64::from(due > 0 && in_time == due);
            let rate = fmt.percent(in_time, due);
            columns.push(Column {
                label: if (TREND_DAYS - 1 - i).is_multiple_of(5) {
                    fmt.short_date(&day)
                } else {
                    String::new()
                },
                title: format!("{} {rate} {in_time} / {due}", fmt.short_date(&day)),
                value: (due > 0).then(|| in_time as f64 * 100.0 / due as f64),
            });
            days.push(TrendDay {
                day: fmt.date(&day),
                due,
                in_time,
                rate,
            });
        }
        let with_due = days.iter().filter(|day| day.due > 0).count();
        let total = fmt.percent(sum(None, numerator), sum(None, denominator));
        let conclusion = t.trend_conclusion(with_due, met, total);
        days.retain(|day| day.due > 0);
        days.reverse();
        Trend {
            chart: BarChart::new(&columns, Axis::PERCENT, Some(100.0), "%", conclusion),
            is_empty: days.is_empty(),
            days,
        }
    }
}

/// Names of the columns of the table of duties with their formulas.
pub fn duty_columns(lang: Lang) -> Vec<(&'static str, &'static str)> {
    let t = crate::i18n::Texts(lang).kpi();
    let counts = COUNTS
        .iter()
        .map(|count| (t.count(*count), t.count_formula(*count)));
    let rates = [Rate::InTime, Rate::Exemption].map(|rate| (t.rate(rate), t.rate_formula(rate)));
    counts.chain(rates).collect()
}

/// Every definition: name and formula.
pub fn definitions(lang: Lang) -> Vec<(&'static str, &'static str)> {
    let t = crate::i18n::Texts(lang).kpi();
    let rates = Rate::ALL
        .iter()
        .map(|rate| (t.rate(*rate), t.rate_formula(*rate)));
    let counts = COUNTS
        .iter()
        .map(|count| (t.count(*count), t.count_formula(*count)));
    rates
        .chain([(t.connect_rate(), t.connect_rate_formula())])
        .chain(counts)
        .collect()
}

/// Whose rows a page without `ViewKpi` may count.
pub fn own(user: UserId, may_see_all: bool) -> Option<UserId> {
    (!may_see_all).then_some(user)
}
