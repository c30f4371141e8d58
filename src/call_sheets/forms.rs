//! What the browser posts about sheets.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use uuid::Uuid;

use crate::calendar::{StoreCalendar, TimeOfDay};
use crate::callbacks::Disposition;
use crate::callbacks::Outcome;
use crate::i18n::call_sheets as words;
use crate::users::UserId;
use crate::web::form::{FieldError, FormErrors};

/// `POST /call_sheets`: whose calls, until which day, and whether what is nobody's is shared out to them.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct NewSheetsForm {
    pub person: Vec<String>,
    pub until: String,
    pub share: String,
    /// Filter of the queue as in its address.
    pub filter: String,
    pub idem_key: String,
}

impl NewSheetsForm {
    /// The chosen people.
    pub fn people(&self) -> Vec<UserId> {
        self.person.iter().filter_map(|id| id.parse().ok()).collect()
    }

    /// Whether this person is chosen.
    pub fn is_chosen(&self, id: UserId) -> bool {
        self.people().contains(&id)
    }

    /// The last day whose deadlines are wanted; today where none is given.
    pub fn until(&self, today: NaiveDate) -> Option<NaiveDate> {
        if self.until.trim().is_empty() {
            return Some(today);
        }
        self.until.parse().ok().filter(|until| *until >= today)
    }

    /// The key of the form.
    pub fn key(&self) -> Option<Uuid> {
        self.idem_key.parse().ok()
    }
}

/// What was typed about one line, under the names that the call screen uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineForm {
    pub position: i32,
    pairs: Vec<(String, String)>,
}

impl LineForm {
    /// The lines of a form whose fields are `l7_note`: those about which something was typed.
    pub fn read(pairs: &[(String, String)]) -> Vec<LineForm> {
        let mut lines: Vec<LineForm> = Vec::new();
        for (name, value) in pairs {
            let Some((position, field)) = name.strip_prefix('l').and_then(|rest| rest.split_once('_')) else {
                continue;
            };
            let Ok(position) = position.parse::<i32>() else {
                continue;
            };
            let pair = (field.to_owned(), value.clone());
            match lines.iter_mut().find(|line| line.position == position) {
                Some(line) => line.pairs.push(pair),
                None => lines.push(LineForm {
                    position,
                    pairs: vec![pair],
                }),
            }
        }
        lines.retain(LineForm::is_typed);
        lines.sort_by_key(|line| line.position);
        lines
    }

    /// Hidden fields alone say nothing.
    fn is_typed(&self) -> bool {
        let hidden = |name: &str| matches!(name, "item" | "phone_id");
        self.pairs
            .iter()
            .any(|(name, value)| !hidden(name) && !value.trim().is_empty())
    }

    /// The first value of a field; empty if it was not sent.
    pub fn get(&self, name: &str) -> &str {
        let found = self.pairs.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value)
    }

    /// The result, if one was chosen.
    pub fn result(&self) -> Option<Disposition> {
        self.get("result").parse().ok()
    }

    /// When the call was made, on the wall clock of the store: `10:42`, also `1042` and `10：42`.
    pub fn called_at(
        &self,
        calendar: &StoreCalendar,
        day: NaiveDate,
        (earliest, latest): (DateTime<Utc>, DateTime<Utc>),
        errors: &mut FormErrors,
    ) -> Option<DateTime<Utc>> {
        let raw = self.get("at").trim();
        if raw.is_empty() {
            errors.add("at", FieldError::Required);
            return None;
        }
        let Some(time) = clock(raw) else {
            errors.add("at", FieldError::BadTime);
            return None;
        };
        let at = calendar.instant(day, time);
        if at > latest {
            errors.add("at", FieldError::InTheFuture);
        } else if at < earliest {
            errors.add("at", words::before_the_sheet());
        }
        Some(at)
    }

    /// The line as the call screen would have posted it.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let mut pairs = self.pairs.clone();
        if let Some(result) = self.result() {
            let card = Outcome::of(result);
            pairs.push(("outcome".to_owned(), card.to_string()));
            pairs.push((format!("code_{card}"), result.to_string()));
        }
        // Paper has one reason for the whole call.
        let reason = self.get("reason").to_owned();
        if !reason.is_empty() {
            let items = self.pairs.iter().filter(|(name, _)| name == "item");
            pairs.extend(items.map(|(_, id)| (format!("reason{id}"), reason.clone())));
        }
        pairs
    }

    /// What stood on paper, for a line that is refused.
    pub fn on_paper(&self, day: NaiveDate) -> serde_json::Value {
        serde_json::json!({
            "day": day,
            "at": self.get("at"),
            "result": self.get("result"),
            "note": self.get("note"),
            "words": self.get("words"),
        })
    }
}

/// Hours and minutes as people write them on paper.
fn clock(text: &str) -> Option<TimeOfDay> {
    let text = crate::text::half_width(text).replace('.', ":");
    let text = match (text.contains(':'), text.len()) {
        (false, 3 | 4) if text.bytes().all(|b| b.is_ascii_digit()) => {
            let (hours, minutes) = text.split_at(text.len() - 2);
            format!("{hours}:{minutes}")
        }
        _ => text,
    };
    let (hours, minutes) = text.split_once(':')?;
    if minutes.len() != 2 {
        return None;
    }
    format!("{hours:0>2}:{minutes}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_people_write_it() {
        for (text, expected) in [
            ("10:42", Some("10:42")),
            ("9:05", Some("09:05")),
            ("0905", Some("09:05")),
            ("905", Some("09:05")),
            ("10：42", Some("10:42")),
            ("10.42", Some("10:42")),
            ("10:4", None),
            ("25:00", None),
            ("x", None),
            ("42", None),
        ] {
            let expected: Option<TimeOfDay> = expected.map(|text| text.parse().unwrap());
            assert_eq!(clock(text), expected, "{text}");
        }
    }

    #[test]
    fn lines_are_told_apart_and_empty_ones_left_out() {
        let pairs = |list: &[(&str, &str)]| -> Vec<(String, String)> {
            list.iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
                .collect()
        };
        let lines = LineForm::read(&pairs(&[
            ("day", "2026-11-24"),
            ("l10_result", "busy"),
            ("l2_item", "7"),
            ("l2_note", " "),
            ("l3_item", "8"),
            ("l3_item", "9"),
            ("l3_result", "completed"),
            ("lx_note", "?"),
        ]));
        assert_eq!(
            lines.iter().map(|line| line.position).collect::<Vec<_>>(),
            [3, 10]
        );
        assert_eq!(
            lines[0].pairs(),
            pairs(&[
                ("item", "8"),
                ("item", "9"),
                ("result", "completed"),
                ("outcome", "completed"),
                ("code_completed", "completed")
            ])
        );
        assert_eq!(lines[1].result(), Some(Disposition::Busy));
    }
}
