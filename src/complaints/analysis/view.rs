//! What the page prints: tiles, tables of slices, the trend, the strips.

use chrono::{Days, Months, NaiveDate};

use crate::complaints::analysis::model::{CaseQuery, Dimension, Figure, NOTHING, Span};
use crate::complaints::analysis::queries::{Course, MonthRow, Slice, Totals};
use crate::web::chart::{Axis, BarChart, Column, DotStrip, Gauge, Took, percent_of};
use crate::web::layout::Layout;

/// A tile: a number, what it is of, what it was before. Opens its cases.
pub struct Tile {
    pub label: &'static str,
    pub hint: &'static str,
    pub value: String,
    pub basis: String,
    pub before: String,
    pub gauge: Option<Gauge>,
    pub href: String,
}

/// A line of a table.
pub struct Row {
    pub label: String,
    pub href: String,
    /// Width of its bar.
    pub width: String,
    pub share: String,
    pub count: String,
    pub before: String,
    pub before_href: String,
    pub repeated: String,
    pub repeated_href: String,
    /// The second level of a class.
    pub minors: Vec<Row>,
}

/// Cases by one dimension.
pub struct Table {
    pub title: &'static str,
    pub heading: &'static str,
    pub rows: Vec<Row>,
    pub more: usize,
}

/// A month beside the trend.
pub struct Month {
    pub label: String,
    pub cases: String,
    pub href: String,
    pub visits: String,
    pub rate: String,
}

/// Complaints per thousand visits.
pub struct Trend {
    pub chart: BarChart,
    pub months: Vec<Month>,
    pub is_empty: bool,
}

/// How long something took, as a median and as dots.
pub struct Strip {
    pub label: &'static str,
    /// What its axis counts in.
    pub unit: &'static str,
    pub median: String,
    pub before: String,
    pub href: String,
    pub strip: DotStrip,
}

/// Everything of one page is built from what was counted.
pub struct Board<'a> {
    pub layout: &'a Layout,
    pub span: Span,
    pub before: Span,
    pub now: Totals,
    pub then: Totals,
    /// 台次 of the period and of the one before.
    pub visits: (i64, i64),
}

/// Lines of a table before the rest is only counted.
const LINES: usize = 12;
/// The limits that hold for the least grave case (domain.md §6), where the tinted zone begins: hours.
const DISPATCH_HOURS: f64 = 2.0;
const REPLY_HOURS: f64 = 24.0;
const CLOSE_HOURS: f64 = 72.0;

impl Board<'_> {
    fn href(&self, figure: Figure) -> String {
        CaseQuery::of(figure, self.span).href()
    }

    /// The tiles in the order of the page.
    pub fn tiles(&self) -> Vec<Tile> {
        let (now, then) = (&self.now, &self.then);
        vec![
            self.count(Figure::Accepted, now.accepted, then.accepted),
            self.per_thousand(),
            self.share(
                Figure::Repeated,
                (now.repeated, now.accepted),
                (then.repeated, then.accepted),
            ),
            self.share(
                Figure::RepeatedInClass,
                (now.repeated_in_class, now.accepted),
                (then.repeated_in_class, then.accepted),
            ),
            self.rate(
                Figure::Confirmed,
                Figure::Owed,
                (now.confirmed, now.owed),
                (then.confirmed, then.owed),
            ),
            self.rate(
                Figure::Timely,
                Figure::Owed,
                (now.timely, now.owed),
                (then.timely, then.owed),
            ),
            self.rate(
                Figure::Once,
                Figure::Closed,
                (now.once, now.closed),
                (then.once, then.closed),
            ),
            self.rate(
                Figure::Satisfied,
                Figure::Closed,
                (now.satisfied, now.closed),
                (then.satisfied, then.closed),
            ),
        ]
    }

    fn count(&self, figure: Figure, now: i64, then: i64) -> Tile {
        let (t, fmt) = (self.layout.t.complaint_analysis(), &self.layout.fmt);
        Tile {
            label: t.figure(figure),
            hint: t.figure_hint(figure),
            value: fmt.number(now),
            basis: String::new(),
            before: t.before(fmt.number(then)),
            gauge: None,
            href: self.href(figure),
        }
    }

    fn per_thousand(&self) -> Tile {
        let (t, fmt) = (self.layout.t.complaint_analysis(), &self.layout.fmt);
        Tile {
            label: t.per_thousand(),
            hint: t.per_thousand_hint(),
            value: per_thousand(self.now.accepted, self.visits.0),
            basis: t.basis_visits(fmt.number(self.now.accepted), fmt.number(self.visits.0)),
            before: t.before(per_thousand(self.then.accepted, self.visits.1)),
            gauge: None,
            href: self.href(Figure::Accepted),
        }
    }

    /// A share that opens its own cases: who counts is who matters.
    fn share(&self, figure: Figure, now: (i64, i64), then: (i64, i64)) -> Tile {
        let fmt = &self.layout.fmt;
        Tile {
            value: fmt.number(now.0),
            before: self.layout.t.complaint_analysis().before(fmt.number(then.0)),
            gauge: None,
            basis: fmt.percent(now.0, now.1),
            ..self.rate(figure, figure, now, then)
        }
    }

    /// A rate that opens what it is of: those that count are marked there by state and verdict.
    fn rate(&self, figure: Figure, opens: Figure, now: (i64, i64), then: (i64, i64)) -> Tile {
        let (t, fmt) = (self.layout.t.complaint_analysis(), &self.layout.fmt);
        let (label, value) = (t.figure(figure), fmt.percent(now.0, now.1));
        Tile {
            gauge: Some(Gauge::new(now, None, 100, "", format!("{label} {value}"))),
            label,
            hint: t.figure_hint(figure),
            basis: match now.1 {
                0 => t.nothing().to_owned(),
                whole => t.basis(fmt.number(now.0), fmt.number(whole)),
            },
            value,
            before: t.before(fmt.percent(then.0, then.1)),
            href: self.href(opens),
        }
    }

    /// A table for each dimension; the second level stands within its class.
    pub fn tables(&self, slices: &[Slice]) -> Vec<Table> {
        let t = self.layout.t.complaint_analysis();
        let tables = Dimension::ALL
            .iter()
            .filter(|dimension| **dimension != Dimension::Minor);
        tables
            .map(|dimension| {
                let own: Vec<&Slice> = slices
                    .iter()
                    .filter(|slice| slice.dimension == *dimension)
                    .collect();
                Table {
                    title: t.dimension(*dimension),
                    heading: t.value_of(*dimension),
                    more: own.len().saturating_sub(LINES),
                    rows: own
                        .iter()
                        .take(LINES)
                        .map(|slice| self.row(slice, slices))
                        .collect(),
                }
            })
            .collect()
    }

    fn row(&self, slice: &Slice, slices: &[Slice]) -> Row {
        let fmt = &self.layout.fmt;
        let cases = |figure, span| {
            let query = CaseQuery::of(figure, span).with(slice.dimension, &slice.value);
            let query = match slice.class.as_deref() {
                Some(class) => query.with(Dimension::Class, class),
                None => query,
            };
            query.href()
        };
        let minors: Vec<&Slice> = match slice.dimension {
            Dimension::Class => slices
                .iter()
                .filter(|minor| {
                    minor.dimension == Dimension::Minor
                        && minor.class.as_deref() == Some(slice.value.as_str())
                })
                .collect(),
            Dimension::Minor
            | Dimension::Responsibility
            | Dimension::Department
            | Dimension::Channel
            | Dimension::Severity
            | Dimension::Model
            | Dimension::Advisor => Vec::new(),
        };
        // A class that is told apart no further needs no second line that repeats it.
        let has_minors = minors.iter().any(|minor| minor.value != NOTHING);
        let whole = self.now.accepted;
        Row {
            label: label(self.layout, slice.dimension, &slice.value, slice.name.as_deref()),
            href: cases(Figure::Accepted, self.span),
            width: percent_of(if whole == 0 {
                0.0
            } else {
                slice.count as f64 * 100.0 / whole as f64
            }),
            share: fmt.percent(slice.count, whole),
            count: fmt.number(slice.count),
            before: fmt.number(slice.before),
            before_href: cases(Figure::Accepted, self.before),
            repeated: fmt.number(slice.repeated_of()),
            repeated_href: cases(slice.repeated_figure(), self.span),
            minors: match has_minors {
                true => minors.iter().map(|minor| self.row(minor, &[])).collect(),
                false => Vec::new(),
            },
        }
    }

    /// Median and dots of the three times that matter.
    pub fn strips(&self, courses: &[Course]) -> Vec<Strip> {
        let t = self.layout.t.complaint_analysis();
        let (now, then) = (&self.now, &self.then);
        vec![
            self.strip(
                (t.dispatch_time(), Figure::Dispatched, DISPATCH_HOURS),
                (now.to_dispatch, then.to_dispatch),
                courses.iter().map(|case| (case.to_dispatch, case.late_dispatch)),
            ),
            self.strip(
                (t.reply_time(), Figure::Replied, REPLY_HOURS),
                (now.to_reply, then.to_reply),
                courses.iter().map(|case| (case.to_reply, case.late_reply)),
            ),
            self.strip(
                (t.close_time(), Figure::Ended, CLOSE_HOURS),
                (now.to_close, then.to_close),
                courses.iter().map(|case| (case.to_close, case.late_close)),
            ),
        ]
    }

    fn strip(
        &self,
        (label, figure, hours): (&'static str, Figure, f64),
        (now, then): (Option<f64>, Option<f64>),
        took: impl Iterator<Item = (Option<f64>, bool)>,
    ) -> Strip {
        let t = self.layout.t.complaint_analysis();
        let took: Vec<Took> = took
            .filter_map(|(seconds, is_late)| {
                let seconds = seconds?;
                Some(Took {
                    value: seconds / 3600.0,
                    is_late,
                    title: t.took(Some(seconds)),
                })
            })
            .collect();
        let late = took.iter().filter(|case| case.is_late).count();
        let (unit, per_unit) = if hours < CLOSE_HOURS {
            (t.unit_hours(), 1.0)
        } else {
            (t.unit_days(), 24.0)
        };
        let labels = (0..=4u32).map(|i| (hours * 2.0 * f64::from(i) / 4.0 / per_unit).to_string());
        Strip {
            label,
            unit,
            median: t.median(t.took(now)),
            before: t.before(t.took(then)),
            href: self.href(figure),
            strip: DotStrip::new(
                &took,
                hours,
                labels.collect(),
                t.strip_conclusion(label, took.len(), late, t.took(now)),
            ),
        }
    }

    /// Twelve months of complaints per thousand visits.
    pub fn trend(&self, rows: &[MonthRow]) -> Trend {
        let (t, fmt) = (self.layout.t.complaint_analysis(), &self.layout.fmt);
        let rate =
            |row: &MonthRow| (row.visits > 0).then(|| row.complaints as f64 * 1000.0 / row.visits as f64);
        let columns: Vec<Column> = rows
            .iter()
            .map(|row| Column {
                // The axis has room for the month alone; the bar says the year.
                label: row.first_on.format("%-m").to_string(),
                title: format!(
                    "{} {}",
                    month_label(row.first_on),
                    per_thousand(row.complaints, row.visits)
                ),
                value: rate(row),
            })
            .collect();
        let peak = rows.iter().filter_map(rate).fold(0.0, f64::max);
        let last = rows
            .last()
            .map_or("—".to_owned(), |row| per_thousand(row.complaints, row.visits));
        Trend {
            is_empty: rows.iter().all(|row| row.visits == 0),
            chart: BarChart::new(
                &columns,
                Axis::holding(peak),
                None,
                "",
                t.trend_conclusion(last, format!("{peak:.1}")),
            ),
            months: rows
                .iter()
                .rev()
                .map(|row| Month {
                    label: month_label(row.first_on),
                    cases: fmt.number(row.complaints),
                    href: CaseQuery::of(Figure::Accepted, month_of(row.first_on)).href(),
                    visits: fmt.number(row.visits),
                    rate: per_thousand(row.complaints, row.visits),
                })
                .collect(),
        }
    }
}

impl Slice {
    /// Within a class and its second level, a repetition is one of the same class.
    fn repeated_figure(&self) -> Figure {
        match self.dimension {
            Dimension::Class | Dimension::Minor => Figure::RepeatedInClass,
            Dimension::Responsibility
            | Dimension::Department
            | Dimension::Channel
            | Dimension::Severity
            | Dimension::Model
            | Dimension::Advisor => Figure::Repeated,
        }
    }

    fn repeated_of(&self) -> i64 {
        if self.repeated_figure() == Figure::RepeatedInClass {
            self.repeated_in_class
        } else {
            self.repeated
        }
    }
}

fn month_of(first: NaiveDate) -> Span {
    Span {
        from: first,
        to: first + Months::new(1) - Days::new(1),
    }
}

fn month_label(first: NaiveDate) -> String {
    first.format("%y-%m").to_string()
}

/// 千台投诉率, one decimal; nothing without visits.
pub fn per_thousand(cases: i64, visits: i64) -> String {
    match visits {
        0 => "—".to_owned(),
        visits => format!("{:.1}", cases as f64 * 1000.0 / visits as f64),
    }
}

/// What a value of a dimension is called.
pub fn label(layout: &Layout, dimension: Dimension, value: &str, name: Option<&str>) -> String {
    let (t, c) = (layout.t.complaint_analysis(), layout.t.complaints());
    let unnamed = || t.unnamed().to_owned();
    let text = |text: Option<&'static str>| text.map_or_else(|| value.to_owned(), str::to_owned);
    match dimension {
        Dimension::Class => text(value.parse().ok().map(|class| c.class_of(class))),
        Dimension::Minor | Dimension::Model if value == NOTHING => unnamed(),
        Dimension::Minor => t.minor_of_code(value),
        Dimension::Responsibility if value == NOTHING => t.not_found_out().to_owned(),
        Dimension::Responsibility => text(value.parse().ok().map(|value| c.responsibility_of(value))),
        Dimension::Channel => text(value.parse().ok().map(|channel| c.channel(channel))),
        Dimension::Severity => text(value.parse().ok().map(|severity| c.severity_of(severity))),
        Dimension::Model => value.to_owned(),
        Dimension::Department | Dimension::Advisor => name.map_or_else(unnamed, str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_per_thousand_needs_visits() {
        for (cases, visits, expected) in [
            (0, 0, "—"),
            (3, 0, "—"),
            (0, 10, "0.0"),
            (3, 1000, "3.0"),
            (7, 900, "7.8"),
        ] {
            assert_eq!(per_thousand(cases, visits), expected);
        }
    }
}
