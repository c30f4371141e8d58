//! A case as a line of a file: everything that the desk knows of it, with the dates of all its clocks.

use crate::complaints::list::CLOCKS;
use crate::complaints::list::queries::ComplaintRow;
use crate::complaints::list::stage::{Clock, stamp};
use crate::i18n::Texts;
use crate::web::layout::Layout;
use crate::web::list::Cell;

/// A cell of a workbook holds 32,767 characters, an apostrophe in front among them.
const MAX_CELL: usize = 32_000;

/// The headings, in the order of [`cells`].
pub fn headings(t: Texts) -> Vec<String> {
    let (c, x) = (t.complaints(), t.complaint_clocks());
    let mut all: Vec<String> = [
        c.number(),
        c.accepted_label(),
        c.severity(),
        c.state(),
        c.channel_label(),
        c.class(),
        c.customer(),
        c.plate(),
        c.words(),
        c.demand(),
        c.department(),
        c.owner(),
        c.handler(),
    ]
    .map(str::to_owned)
    .to_vec();
    for kind in &CLOCKS {
        all.push(c.clock_due(x.name(*kind)));
        all.push(c.clock_ended(x.name(*kind)));
    }
    let rest = [
        c.resolved_label(),
        c.cause(),
        c.measure(),
        c.result(),
        c.responsibility(),
        c.verdict(),
        c.verdict_at(),
        c.verdict_words(),
        c.closed_label(),
    ];
    all.extend(rest.map(str::to_owned));
    all
}

/// What a file says of a case.
pub fn cells(layout: &Layout, row: &ComplaintRow, clocks: &[&Clock]) -> Vec<Cell> {
    let (fmt, t) = (&layout.fmt, layout.t.complaints());
    let long = |text: &Option<String>| {
        text.as_deref()
            .unwrap_or_default()
            .chars()
            .take(MAX_CELL)
            .collect()
    };
    let short = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut all: Vec<String> = vec![
        row.number.clone(),
        fmt.stamp(&row.accepted_at),
        t.severity_of(row.severity).to_owned(),
        t.state_of(row.state).to_owned(),
        t.channel(row.channel).to_owned(),
        t.class_of(row.class_major).to_owned(),
        short(&row.customer_name),
        row.plate
            .as_deref()
            .map(|plate| fmt.plate(plate))
            .unwrap_or_default(),
        long(&row.words),
        long(&row.demand),
        short(&row.department),
        short(&row.owner),
        short(&row.handler),
    ];
    for kind in &CLOCKS {
        let clock = clocks.iter().find(|clock| clock.kind == *kind);
        all.push(stamp(fmt, clock.map(|clock| clock.due_at)));
        all.push(stamp(fmt, clock.and_then(|clock| clock.ended_at)));
    }
    all.extend([
        stamp(fmt, row.resolved_at),
        long(&row.cause),
        long(&row.measure),
        long(&row.result),
        row.responsibility
            .map(|code| t.responsibility_of(code).to_owned())
            .unwrap_or_default(),
        row.verdict
            .map(|code| t.verdict_of(code).to_owned())
            .unwrap_or_default(),
        stamp(fmt, row.verdict_at),
        long(&row.verdict_words),
        stamp(fmt, row.ended_at),
    ]);
    all.into_iter().map(Cell::text).collect()
}
