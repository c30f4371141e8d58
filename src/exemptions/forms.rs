//! What the browser posts about exemptions.

use serde::Deserialize;

use crate::exemptions::ExemptionId;
use crate::exemptions::model::{ExemptionReason, Verdict};
use crate::obligations::ObligationId;
use crate::web::form::{FieldError, FormErrors};

/// Most entries of one request, as many as a page can tick.
const MOST: usize = 100;
/// Longest explanation, in characters.
const MAX_NOTE: usize = 300;

/// `GET /exemptions/new?id=…&id=…`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Chosen {
    pub id: Vec<String>,
}

impl Chosen {
    /// Ids; what is none was not ticked by a person.
    pub fn ids(&self) -> Vec<ObligationId> {
        self.id
            .iter()
            .filter_map(|id| id.parse().ok())
            .take(MOST)
            .collect()
    }
}

/// `POST /exemptions`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct RequestForm {
    pub idem_key: String,
    pub id: Vec<String>,
    pub reason: String,
    pub note: String,
}

/// A request, checked.
pub struct Request {
    pub reason: ExemptionReason,
    pub note: String,
}

impl RequestForm {
    /// Which entries.
    pub fn ids(&self) -> Vec<ObligationId> {
        Chosen { id: self.id.clone() }.ids()
    }

    /// A reason that says nothing needs words.
    pub fn validate(&self) -> Result<Request, FormErrors> {
        let mut errors = FormErrors::default();
        let reason = errors.required_choice::<ExemptionReason>("reason", &self.reason);
        let note = errors.optional("note", &self.note, MAX_NOTE);
        if reason == Some(ExemptionReason::Other) && note.is_empty() {
            errors.add("note", FieldError::Required);
        }
        match reason {
            Some(reason) => errors.finish(Request { reason, note }),
            None => Err(errors),
        }
    }
}

/// `POST /exemptions/decide`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct DecideForm {
    pub tick: Vec<String>,
    pub verdict: String,
    pub answer: String,
}

impl DecideForm {
    /// Which requests.
    pub fn ids(&self) -> Vec<ExemptionId> {
        self.tick
            .iter()
            .filter_map(|id| id.parse().ok())
            .take(MOST)
            .collect()
    }

    /// What is decided about them.
    pub fn verdict(&self) -> Option<Verdict> {
        self.verdict.parse().ok()
    }

    /// The answer, cut to what is kept.
    pub fn answer(&self) -> String {
        self.answer.trim().chars().take(MAX_NOTE).collect()
    }
}
