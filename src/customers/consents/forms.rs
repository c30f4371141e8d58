//! What the browser posts about consents.

use serde::Deserialize;

use crate::customers::consents::model::Decision;
use crate::customers::consents::{ConsentChannel, Purpose};
use crate::web::form::{FieldError, FormErrors};

/// Longest note on how a consent was given.
const MAX_EVIDENCE: usize = 200;

/// `POST /customers/{id}/consents`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct ConsentForm {
    pub purpose: String,
    /// `yes` or `no`.
    pub decision: String,
    pub channel: String,
    pub evidence: String,
}

impl ConsentForm {
    /// Checks everything; without a channel it was said in a call.
    pub fn validate(&self) -> Result<Decision, FormErrors> {
        let mut errors = FormErrors::default();
        let purpose = errors.required_choice::<Purpose>("purpose", &self.purpose);
        let is_given = match self.decision.as_str() {
            "yes" => true,
            "no" => false,
            _ => {
                errors.add("decision", FieldError::BadChoice);
                false
            }
        };
        let channel = errors.choice("channel", &self.channel);
        let evidence = errors.optional("evidence", &self.evidence, MAX_EVIDENCE);
        errors.finish(Decision {
            purposes: purpose.into_iter().collect(),
            is_given,
            channel: channel.unwrap_or(ConsentChannel::Call),
            evidence,
        })
    }
}
