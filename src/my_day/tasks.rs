//! The work of today as one list by deadline.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::callbacks::CallbackId;
use crate::complaints::ComplaintId;
use crate::complaints::clocks::ClockView;
use crate::complaints::warnings::model;
use crate::my_day::queries::{CallRow, ClockRow};
use crate::web::layout::Layout;
use crate::web::sla::SlaChip;

/// A line of the list.
pub struct Task {
    pub due_at: DateTime<Utc>,
    pub chip: SlaChip,
    pub icon: &'static str,
    pub href: String,
    pub name: String,
    pub plate: Option<String>,
    pub model: String,
    pub why: String,
    /// Tone, icon and text of what else matters now.
    pub badge: Option<(&'static str, &'static str, String)>,
    pub is_call: bool,
}

/// Longest quotation of a customer's words in a line.
const WORDS: usize = 60;

/// Calls and clocks of cases by deadline.
pub fn merged(
    layout: &Layout,
    calls: Vec<CallRow>,
    whys: &HashMap<CallbackId, String>,
    clocks: Vec<ClockRow>,
    views: &HashMap<ComplaintId, Vec<ClockView>>,
) -> Vec<Task> {
    let calls = calls.into_iter().map(|row| call(layout, row, whys));
    let clocks = clocks.into_iter().map(|row| clock(layout, row, views));
    let mut tasks: Vec<Task> = clocks.chain(calls).collect();
    tasks.sort_by_key(|task| task.due_at);
    tasks
}

fn call(layout: &Layout, row: CallRow, whys: &HashMap<CallbackId, String>) -> Task {
    let (t, fmt) = (layout.t.my_day(), &layout.fmt);
    let mut why = t.kind(row.kind).to_owned();
    if let Some(day) = row.handed_over_on {
        why = format!("{why} · {}", t.handed_over(fmt.short_date(&day)));
    }
    if row.dials > 0 {
        why = format!("{why} · {}", t.dialled(row.dials));
    }
    let badge = if row.is_claimed {
        Some(("brand", "phone", t.in_progress().to_owned()))
    } else if let Some(at) = row.agreed_at.filter(|at| *at > fmt.now) {
        Some(("info", "clock", t.agreed(fmt.time(&at))))
    } else if row.next_at > fmt.now {
        Some(("soon", "refresh", t.retry(fmt.time(&row.next_at))))
    } else {
        None
    };
    Task {
        due_at: row.callable_due_at,
        chip: layout.sla(&row.callable_due_at).because(whys.get(&row.id)),
        icon: "phone",
        href: format!("/callbacks/{}", row.id),
        name: with_salutation(row.name, row.salutation),
        plate: row.plate.map(|plate| fmt.plate(&plate)),
        model: row.model.unwrap_or_default(),
        why,
        badge,
        is_call: true,
    }
}

fn clock(layout: &Layout, row: ClockRow, views: &HashMap<ComplaintId, Vec<ClockView>>) -> Task {
    let words = quoted(row.words.as_deref().unwrap_or_default());
    let name = model::name(layout.lang, row.kind, &row.cycle_key);
    let lead = layout.t.my_day().clock_of(&row.number, name);
    let own = views.get(&row.complaint_id).and_then(|clocks| {
        let mut same = clocks.iter();
        same.find(|clock| clock.kind == row.kind && clock.cycle_key == row.cycle_key)
    });
    Task {
        due_at: row.due_at,
        chip: layout.sla(&row.due_at).because(own.map(|clock| &clock.why)),
        icon: "complaint",
        href: format!("/complaints/{}", row.complaint_id),
        name: row.name.unwrap_or_default(),
        plate: row.plate.map(|plate| layout.fmt.plate(&plate)),
        model: row.model.unwrap_or_default(),
        why: if words.is_empty() {
            lead
        } else {
            format!("{lead} · {words}")
        },
        badge: None,
        is_call: false,
    }
}

fn with_salutation(name: Option<String>, salutation: Option<String>) -> String {
    let name = name.unwrap_or_default();
    match salutation.filter(|text| !text.is_empty()) {
        Some(salutation) => format!("{name} {salutation}"),
        None => name,
    }
}

/// The beginning of what somebody said, cut between characters.
pub fn quoted(words: &str) -> String {
    let mut text: String = words.chars().take(WORDS).collect();
    if words.chars().count() > WORDS {
        text.push('…');
    }
    text
}
