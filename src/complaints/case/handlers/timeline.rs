//! Lines of a case's history as the page words them.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::complaints::Severity;
use crate::complaints::case::queries::Event;
use crate::complaints::case::{Check, Part, Way};
use crate::text_enum;
use crate::web::layout::Layout;

text_enum! {
    /// What of a history is shown.
    pub enum Shown {
        All = "all",
        /// Talks with the customer.
        Calls = "calls",
        /// What the department has to do with.
        Department = "department",
    }
}

impl Shown {
    /// Whether a line is of this kind.
    pub fn holds(self, event: &Event) -> bool {
        match self {
            Shown::All => true,
            Shown::Calls => matches!(event.kind.as_str(), "accepted" | "contact" | "verdict"),
            Shown::Department => {
                matches!(
                    event.kind.as_str(),
                    "dispatched" | "acknowledged" | "plan" | "checklist" | "resolved"
                ) || is_follow_up(event)
                    || is_opinion(event)
                    || event.is_department
                    || text(&event.data, "part") == "investigation"
            }
        }
    }
}

fn is_follow_up(event: &Event) -> bool {
    event.data.get("follow_up").and_then(Value::as_bool) == Some(true)
}

/// Whether the department has handed its part in.
pub fn is_opinion(event: &Event) -> bool {
    event.kind == "note" && is_set(&event.data, "opinion")
}

fn is_set(data: &Value, name: &str) -> bool {
    data.get(name).and_then(Value::as_bool) == Some(true)
}

fn text<'a>(data: &'a Value, name: &str) -> &'a str {
    data.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Icon and tone of a line.
pub fn mark(event: &Event) -> (&'static str, &'static str) {
    match event.kind.as_str() {
        "accepted" => ("plus", ""),
        "dispatched" => ("route", ""),
        "acknowledged" => ("check", "info"),
        "plan" => ("calendar", "info"),
        "report" => ("report", ""),
        "edited" => ("edit", ""),
        "contact" => ("phone", "brand"),
        "severity" => ("arrow-up", "soon"),
        "waiting" => ("pause", ""),
        "resumed" => ("play", ""),
        "resolved" => ("check", "good"),
        "verdict" => ("quote", "brand"),
        "reopened" => ("undo", "bad"),
        "closed" => ("lock", "good"),
        "withdrawn" | "invalid" => ("x", ""),
        "merged" => ("link", ""),
        "attachment" => ("clip", ""),
        "checklist" => ("rows", ""),
        "people" => ("users", ""),
        "warning" => ("bell", "soon"),
        _ if is_opinion(event) => ("wrench", "info"),
        _ if is_follow_up(event) => ("phone-out", "info"),
        _ => ("complaint", ""),
    }
}

/// Whether the body is what a person wrote, and not what the customer said.
pub fn is_quote(event: &Event) -> bool {
    matches!(event.kind.as_str(), "contact" | "verdict")
}

/// What was done, in the page's language.
pub fn act(layout: &Layout, event: &Event) -> String {
    let t = layout.t.complaint_case();
    let data = &event.data;
    let way = || t.way_of(text(data, "way").parse().unwrap_or(Way::Phone));
    let severities = || {
        let name = |field| match text(data, field).parse::<Severity>() {
            Ok(severity) => layout.t.complaints().severity_of(severity),
            Err(_) => "",
        };
        (name("from"), name("to"))
    };
    match event.kind.as_str() {
        "dispatched" if is_set(data, "again") => t.event_redispatched(text(data, "to")),
        "dispatched" if !text(data, "to").is_empty() => t.event_dispatched(text(data, "to")),
        "contact" if !text(data, "way").is_empty() => t.event_contact(way()),
        "plan" => match text(data, "promised_at").parse::<DateTime<Utc>>() {
            Ok(at) => t.event_plan(layout.fmt.near(&at)),
            Err(_) => t.action(crate::complaints::case::Action::Plan).to_owned(),
        },
        "edited" if text(data, "part") == "investigation" => t.event_findings().to_owned(),
        "edited" => t.event_edited().to_owned(),
        "severity" => {
            let (from, to) = severities();
            if is_set(data, "escalated") {
                t.event_escalated(from, to)
            } else {
                t.event_severity(from, to)
            }
        }
        "people" => people(layout, data),
        "merged" if !text(data, "from").is_empty() => t.event_merged_from(text(data, "from")),
        "merged" => t.event_merged().to_owned(),
        "checklist" => checklist(layout, data),
        "note" if is_opinion(event) => t.event_report().to_owned(),
        "note" if is_follow_up(event) => t.event_follow_up(way()),
        "note" if event.is_public => t.event_visible_note().to_owned(),
        "note" => t.event_note().to_owned(),
        "withdrawn" => t.action(crate::complaints::case::Action::Withdraw).to_owned(),
        "invalid" => t.action(crate::complaints::case::Action::Invalidate).to_owned(),
        other => layout.t.complaints().event(other).to_owned(),
    }
}

fn people(layout: &Layout, data: &Value) -> String {
    let t = layout.t.complaint_case();
    if is_set(data, "escalated") {
        return t.event_told(text(data, "added"));
    }
    match text(data, "part").parse::<Part>() {
        Ok(part) => t.event_added(text(data, "added"), t.part(part)),
        Err(_) => t.event_removed(text(data, "removed")),
    }
}

fn checklist(layout: &Layout, data: &Value) -> String {
    let t = layout.t.complaint_case();
    let names = |field: &str| -> Vec<&'static str> {
        let codes = data.get(field).and_then(Value::as_array);
        let codes = codes.into_iter().flatten().filter_map(Value::as_str);
        codes
            .filter_map(|code| Some(t.check(code.parse::<Check>().ok()?)))
            .collect()
    };
    match (names("done"), names("undone")) {
        (done, undone) if undone.is_empty() => t.event_checked(t.list(&done)),
        (done, undone) if done.is_empty() => t.event_unchecked(t.list(&undone)),
        (done, undone) => format!(
            "{} {}",
            t.event_checked(t.list(&done)),
            t.event_unchecked(t.list(&undone))
        ),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(kind: &str, is_department: bool, data: Value) -> Event {
        Event {
            kind: kind.to_owned(),
            at: "2026-11-24T02:00:00Z".parse().unwrap(),
            by_name: None,
            is_department,
            body: None,
            data,
            is_public: false,
            merged_number: None,
        }
    }

    #[test]
    fn the_history_is_cut_to_talks_or_to_the_department() {
        for (kind, is_department, data, calls, department) in [
            ("accepted", false, json!({}), true, false),
            ("contact", false, json!({}), true, false),
            ("verdict", false, json!({}), true, false),
            ("dispatched", false, json!({}), false, true),
            ("note", false, json!({}), false, false),
            ("note", false, json!({ "follow_up": true }), false, true),
            ("note", false, json!({ "opinion": true }), false, true),
            ("note", true, json!({}), false, true),
            ("edited", false, json!({ "part": "investigation" }), false, true),
            ("edited", false, json!({ "part": "case" }), false, false),
            ("severity", false, json!({}), false, false),
        ] {
            let event = event(kind, is_department, data);
            assert!(Shown::All.holds(&event));
            assert_eq!(Shown::Calls.holds(&event), calls, "{kind}");
            assert_eq!(Shown::Department.holds(&event), department, "{kind}");
        }
    }
}
