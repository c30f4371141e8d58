//! Periods, figures and what a list of cases may be cut to (pure).

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::Deserialize;

use crate::calendar::StoreCalendar;
use crate::text_enum;
use crate::web::error::encode_query;

text_enum! {
    /// A period of the page, by calendar.
    pub enum Period {
        Month = "month",
        LastMonth = "last_month",
        Quarter = "quarter",
        LastQuarter = "last_quarter",
        /// From and to as typed.
        Own = "own",
    }
}

/// Days of the store, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: NaiveDate,
    pub to: NaiveDate,
}

/// The longest span that is counted on one page: two years.
const MAX_DAYS: u64 = 731;

impl Span {
    /// The span of a period, and the one before it that it is compared with.
    ///
    /// A month is compared with the month before, a quarter with the quarter before, days of one's own with as many days
    /// before them. What is typed in the wrong order is turned round; too much is cut at its beginning.
    pub fn of(period: Period, own: Option<Span>, today: NaiveDate) -> (Span, Span) {
        let month = first_of_month(today);
        let quarter = month - Months::new(month.month0() % 3);
        let months = |first: NaiveDate, count: u32| Span {
            from: first,
            to: first + Months::new(count) - Days::new(1),
        };
        match (period, own) {
            (Period::LastMonth, _) => (
                months(month - Months::new(1), 1),
                months(month - Months::new(2), 1),
            ),
            (Period::Quarter, _) => (months(quarter, 3), months(quarter - Months::new(3), 3)),
            (Period::LastQuarter, _) => (
                months(quarter - Months::new(3), 3),
                months(quarter - Months::new(6), 3),
            ),
            (Period::Own, Some(own)) => {
                let (from, to) = (own.from.min(own.to), own.from.max(own.to));
                let from = from.max(to - Days::new(MAX_DAYS - 1));
                let days = (to - from).num_days().unsigned_abs() + 1;
                let before = Span {
                    from: from - Days::new(days),
                    to: from - Days::new(1),
                };
                (Span { from, to }, before)
            }
            (Period::Month | Period::Own, _) => (months(month, 1), months(month - Months::new(1), 1)),
        }
    }

    /// The instants between which it lies, the second one not included.
    pub fn instants(self, zone: Tz) -> (DateTime<Utc>, DateTime<Utc>) {
        let calendar = StoreCalendar::new(zone);
        (calendar.day_span(self.from).0, calendar.day_span(self.to).1)
    }

    /// The first day of the twelve months that end with its last one.
    pub fn year(self) -> NaiveDate {
        first_of_month(self.to) - Months::new(11)
    }
}

fn first_of_month(day: NaiveDate) -> NaiveDate {
    day - Days::new(u64::from(day.day0()))
}

text_enum! {
    /// A figure that is a number of cases. The function `complaint_figure` knows the same codes.
    pub enum Figure {
        Accepted = "accepted",
        /// 重复投诉: the same customer or car within 90 days.
        Repeated = "repeated",
        RepeatedInClass = "repeated_in_class",
        Dispatched = "dispatched",
        Replied = "replied",
        /// Accepted in the period and closed since.
        Ended = "ended",
        /// 应关闭: the target close fell in the period and has passed; not withdrawn, invalid, merged (P10).
        Owed = "owed",
        /// Of those, closed with a second callback.
        Confirmed = "confirmed",
        /// Of those, closed by the target.
        Timely = "timely",
        /// Closed in the period.
        Closed = "closed",
        /// Of those, never reopened.
        Once = "once",
        Satisfied = "satisfied",
    }
}

text_enum! {
    /// What cases are told apart by.
    pub enum Dimension {
        Class = "class",
        Minor = "minor",
        Responsibility = "responsibility",
        Department = "department",
        Channel = "channel",
        Severity = "severity",
        Model = "model",
        Advisor = "advisor",
    }
}

/// What stands for a case without a value: an empty one in an address would be no cut at all.
pub const NOTHING: &str = "none";

/// `/complaints/analysis/cases?…`: the cases of a figure, cut by any dimension.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct CaseQuery {
    pub figure: String,
    pub from: String,
    pub to: String,
    pub class: Option<String>,
    pub minor: Option<String>,
    pub responsibility: Option<String>,
    pub department: Option<String>,
    pub channel: Option<String>,
    pub severity: Option<String>,
    pub model: Option<String>,
    pub advisor: Option<String>,
}

impl CaseQuery {
    /// All cases of a figure in a span.
    pub fn of(figure: Figure, span: Span) -> CaseQuery {
        CaseQuery {
            figure: figure.to_string(),
            from: span.from.to_string(),
            to: span.to.to_string(),
            ..CaseQuery::default()
        }
    }

    /// Only those with a value.
    pub fn with(mut self, dimension: Dimension, value: &str) -> CaseQuery {
        *self.field(dimension) = Some(value.to_owned());
        self
    }

    fn field(&mut self, dimension: Dimension) -> &mut Option<String> {
        match dimension {
            Dimension::Class => &mut self.class,
            Dimension::Minor => &mut self.minor,
            Dimension::Responsibility => &mut self.responsibility,
            Dimension::Department => &mut self.department,
            Dimension::Channel => &mut self.channel,
            Dimension::Severity => &mut self.severity,
            Dimension::Model => &mut self.model,
            Dimension::Advisor => &mut self.advisor,
        }
    }

    /// What it is cut to, in the order of the dimensions.
    pub fn cuts(&self) -> Vec<(Dimension, &str)> {
        let mut copy = self.clone();
        Dimension::ALL
            .iter()
            .filter_map(|dimension| {
                copy.field(*dimension).take()?;
                Some((*dimension, self.value(*dimension)?))
            })
            .collect()
    }

    /// The value of a dimension it is cut to.
    pub fn value(&self, dimension: Dimension) -> Option<&str> {
        match dimension {
            Dimension::Class => self.class.as_deref(),
            Dimension::Minor => self.minor.as_deref(),
            Dimension::Responsibility => self.responsibility.as_deref(),
            Dimension::Department => self.department.as_deref(),
            Dimension::Channel => self.channel.as_deref(),
            Dimension::Severity => self.severity.as_deref(),
            Dimension::Model => self.model.as_deref(),
            Dimension::Advisor => self.advisor.as_deref(),
        }
    }

    /// Figure and span, or nothing where the address makes no sense.
    pub fn read(&self) -> Option<(Figure, Span)> {
        let figure = self.figure.parse().ok()?;
        let (from, to) = (self.from.parse().ok()?, self.to.parse().ok()?);
        (from <= to).then_some((figure, Span { from, to }))
    }

    /// As it stands in the address.
    pub fn query(&self) -> String {
        let mut query = format!(
            "figure={}&from={}&to={}",
            encode_query(&self.figure),
            encode_query(&self.from),
            encode_query(&self.to)
        );
        for (dimension, value) in self.cuts() {
            query.push_str(&format!("&{dimension}={}", encode_query(value)));
        }
        query
    }

    /// The address of the list.
    pub fn href(&self) -> String {
        format!("/complaints/analysis/cases?{}", self.query())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_period_is_compared_with_the_one_before() {
        for (period, today, span, before) in [
            (
                Period::Month,
                "2026-11-24",
                ("2026-11-01", "2026-11-30"),
                ("2026-10-01", "2026-10-31"),
            ),
            (
                Period::Month,
                "2027-01-01",
                ("2027-01-01", "2027-01-31"),
                ("2026-12-01", "2026-12-31"),
            ),
            (
                Period::LastMonth,
                "2027-03-31",
                ("2027-02-01", "2027-02-28"),
                ("2027-01-01", "2027-01-31"),
            ),
            (
                Period::Quarter,
                "2026-11-24",
                ("2026-10-01", "2026-12-31"),
                ("2026-07-01", "2026-09-30"),
            ),
            (
                Period::LastQuarter,
                "2026-02-10",
                ("2025-10-01", "2025-12-31"),
                ("2025-07-01", "2025-09-30"),
            ),
            (
                Period::Own,
                "2026-11-24",
                ("2026-11-01", "2026-11-30"),
                ("2026-10-01", "2026-10-31"),
            ),
        ] {
            let of = |(from, to): (&str, &str)| Span {
                from: day(from),
                to: day(to),
            };
            assert_eq!(
                Span::of(period, None, day(today)),
                (of(span), of(before)),
                "{period} {today}"
            );
        }
    }

    #[test]
    fn days_of_ones_own_are_compared_with_as_many_before() {
        for (from, to, expected, before) in [
            (
                "2026-11-10",
                "2026-11-19",
                ("2026-11-10", "2026-11-19"),
                ("2026-10-31", "2026-11-09"),
            ),
            (
                "2026-11-19",
                "2026-11-10",
                ("2026-11-10", "2026-11-19"),
                ("2026-10-31", "2026-11-09"),
            ),
            (
                "2026-11-10",
                "2026-11-10",
                ("2026-11-10", "2026-11-10"),
                ("2026-11-09", "2026-11-09"),
            ),
            (
                "1999-01-01",
                "2026-11-24",
                ("2024-11-24", "2026-11-24"),
                ("2022-11-24", "2024-11-23"),
            ),
        ] {
            let own = Span {
                from: day(from),
                to: day(to),
            };
            let (span, earlier) = Span::of(Period::Own, Some(own), day("2026-11-24"));
            assert_eq!((span.from, span.to), (day(expected.0), day(expected.1)), "{from}");
            assert_eq!(
                (earlier.from, earlier.to),
                (day(before.0), day(before.1)),
                "{from}"
            );
        }
    }

    #[test]
    fn the_year_of_a_span_ends_with_its_last_month() {
        let span = Span {
            from: day("2026-10-01"),
            to: day("2026-12-31"),
        };
        assert_eq!(span.year(), day("2026-01-01"));
    }

    #[test]
    fn an_address_reads_back_what_it_was_made_of() {
        let span = Span {
            from: day("2026-11-01"),
            to: day("2026-11-30"),
        };
        let made = CaseQuery::of(Figure::Repeated, span)
            .with(Dimension::Class, "repair")
            .with(Dimension::Model, "轿车 & 旅行车")
            .with(Dimension::Minor, NOTHING);
        let read: CaseQuery = serde_html_form::from_str(&made.query()).unwrap();
        assert_eq!(read, made);
        assert_eq!(read.read(), Some((Figure::Repeated, span)));
        assert_eq!(
            read.cuts(),
            [
                (Dimension::Class, "repair"),
                (Dimension::Minor, NOTHING),
                (Dimension::Model, "轿车 & 旅行车")
            ]
        );
        for nonsense in [
            "",
            "figure=x&from=2026-11-01&to=2026-11-30",
            "figure=owed&from=2026-11-02&to=2026-11-01",
        ] {
            let read: CaseQuery = serde_html_form::from_str(nonsense).unwrap();
            assert_eq!(read.read(), None, "{nonsense}");
        }
    }
}
