//! The forms of reminders.

use serde::Deserialize;

use crate::reminders::{Outcome, ReminderId};
use crate::web::form::FormErrors;

/// Longest note, in characters.
const NOTE: usize = 500;

/// How one customer was reminded.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct RecordForm {
    pub method: String,
    pub note: String,
    pub version: String,
}

/// A valid `RecordForm`.
#[derive(Clone, Debug)]
pub struct Record {
    pub outcome: Outcome,
    pub note: String,
    pub version: i32,
}

impl RecordForm {
    /// A version that is no number counts as an old one: 409, not 422.
    pub fn validate(&self) -> Result<Record, FormErrors> {
        let mut errors = FormErrors::default();
        let outcome = errors.required_choice::<Outcome>("method", &self.method);
        let note = errors.optional("note", &self.note, NOTE);
        let version = self.version.trim().parse().unwrap_or(0);
        let outcome = match outcome {
            Some(outcome) => outcome,
            None => return Err(errors),
        };
        errors.finish(Record {
            outcome,
            note,
            version,
        })
    }
}

/// Ticked rows of the list, each `id:version`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct MarkForm {
    pub tick: Vec<String>,
    pub tab: String,
}

impl MarkForm {
    /// Most rows that one page can tick.
    const MOST: usize = 100;

    /// Ids and versions; what cannot be read was not ticked by a person and is left out.
    pub fn ticked(&self) -> Vec<(ReminderId, i32)> {
        self.tick
            .iter()
            .filter_map(|text| {
                let (id, version) = text.split_once(':')?;
                Some((id.parse().ok()?, version.parse().ok()?))
            })
            .take(Self::MOST)
            .collect()
    }
}
