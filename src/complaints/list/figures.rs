//! The five figures above the list. Each opens the cases that it counts: figure and rows ask the same function.

use chrono::{Days, NaiveDate};

use crate::complaints::list::queries::{self, Counts, Kept, Verdicts};
use crate::complaints::list::{Asker, ComplaintFilter, Judged, Promise, View, monday_of};
use crate::complaints::model::ComplaintState;
use crate::web::chart::Gauge;
use crate::web::layout::Layout;

/// Every promise is to be kept (P7 to P9 of the seed ask for 100 %).
const TARGET: i64 = 100;
/// So close to the target that it is amber, in percentage points.
const NEAR: i64 = 2;

/// A figure with the address of its rows.
pub struct Figure {
    pub label: String,
    /// What it counts, in words.
    pub hint: &'static str,
    pub value: String,
    pub unit: &'static str,
    pub gauge: Option<Gauge>,
    pub foot: String,
    pub end: String,
    pub href: String,
}

/// The figures of the list: the open cases, the promises of this week, what customers said of the cases closed in it.
pub async fn load(
    db: &sqlx::PgPool,
    layout: &Layout,
    asker: Asker,
    counts: &Counts,
) -> sqlx::Result<Vec<Figure>> {
    let monday = monday_of(asker.today());
    let week = (monday, monday + Days::new(6));
    let kept = queries::count_kept(db, asker, week).await?;
    let closed = ComplaintFilter {
        tab: View::All.to_string(),
        state: ComplaintState::Closed.to_string(),
        verdict: Judged::Any.to_string(),
        closed_from: week.0.to_string(),
        closed_to: week.1.to_string(),
        ..ComplaintFilter::default()
    };
    let verdicts = queries::count_verdicts(db, asker.scope, &closed.conditions(db, asker).await?).await?;
    let mut figures = vec![open(layout, counts)];
    figures.extend(
        Promise::ALL
            .iter()
            .map(|promise| rate(layout, *promise, &kept, week)),
    );
    figures.push(judged(layout, verdicts, week));
    Ok(figures)
}

fn open(layout: &Layout, counts: &Counts) -> Figure {
    let t = layout.t.complaints();
    Figure {
        label: t.tab_open().to_owned(),
        hint: t.open_hint(),
        value: layout.fmt.number(counts.open),
        unit: t.cases_unit(),
        gauge: None,
        foot: t.of_them_escalated(layout.fmt.number(counts.escalated)),
        end: String::new(),
        href: "/complaints?view=all".to_owned(),
    }
}

fn rate(layout: &Layout, promise: Promise, kept: &[Kept], week: (NaiveDate, NaiveDate)) -> Figure {
    let (t, fmt) = (layout.t.complaints(), &layout.fmt);
    let cell = kept.iter().find(|cell| cell.kind == promise.kind());
    let share = cell.map_or((0, 0), |cell| (cell.kept, cell.due));
    let (value, unit) = split(fmt.percent(share.0, share.1));
    let target = t.target(TARGET);
    Figure {
        label: t.this_week(t.rate(promise)),
        hint: t.rate_hint(),
        gauge: Some(Gauge::new(
            share,
            Some(TARGET),
            100,
            tone(share),
            format!("{value}{unit}，{target}"),
        )),
        value,
        unit,
        foot: match share.1 {
            0 => t.none_due().to_owned(),
            due => format!("{} / {}", fmt.number(share.0), fmt.number(due)),
        },
        end: target,
        href: format!(
            "/complaints?tab=all&clock={promise}&clock_from={}&clock_to={}",
            week.0, week.1
        ),
    }
}

fn judged(layout: &Layout, verdicts: Verdicts, week: (NaiveDate, NaiveDate)) -> Figure {
    let (t, fmt) = (layout.t.complaints(), &layout.fmt);
    let all = verdicts.satisfied + verdicts.acceptable + verdicts.dissatisfied;
    let (value, unit) = split(fmt.percent(verdicts.satisfied, all));
    Figure {
        label: t.this_week(t.satisfied_share()),
        hint: t.satisfied_hint(),
        value,
        unit,
        gauge: None,
        foot: t.verdicts(fmt.number(all)),
        end: if all == 0 {
            String::new()
        } else {
            t.other_verdicts(fmt.number(verdicts.acceptable), fmt.number(verdicts.dissatisfied))
        },
        href: format!(
            "/complaints?tab=all&state={}&verdict={}&closed_from={}&closed_to={}",
            ComplaintState::Closed,
            Judged::Any,
            week.0,
            week.1
        ),
    }
}

/// Number and percent sign apart: the sign is smaller.
fn split(percent: String) -> (String, &'static str) {
    match percent.strip_suffix('%') {
        Some(number) => (number.to_owned(), "%"),
        None => (percent, ""),
    }
}

fn tone((kept, due): (i64, i64)) -> &'static str {
    match kept * 100 {
        _ if due == 0 => "",
        share if share >= TARGET * due => "is-good",
        share if share >= (TARGET - NEAR) * due => "is-soon",
        _ => "is-bad",
    }
}
