//! What the browser posts about a risk.

use chrono::{Days, NaiveDate};
use serde::Deserialize;

use crate::complaints::risks::RiskAction;
use crate::web::form::{FieldError, FormErrors};

/// Longest note, in characters.
const MAX_NOTE: usize = 300;
/// How long a risk may be put off: what lasts longer is an appointment or no risk.
const MAX_DAYS: u64 = 30;

/// `POST /complaints/risks/{id}/settle`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct SettleForm {
    pub version: String,
    pub outcome: String,
    pub note: String,
    pub until: String,
}

/// What somebody did, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    pub version: i32,
    /// `Handled`, `Snoozed`, `Dismissed` or `Reopened`.
    pub action: RiskAction,
    pub note: String,
    pub until: Option<NaiveDate>,
}

impl SettleForm {
    /// Handled and dismissed need a word; put off needs a day from tomorrow on.
    pub fn validate(&self, today: NaiveDate) -> Result<Settlement, FormErrors> {
        let mut errors = FormErrors::default();
        let action = errors.required_choice::<RiskAction>("outcome", &self.outcome);
        let action = action.filter(|action| {
            let is_outcome = !matches!(action, RiskAction::Taken | RiskAction::Released);
            if !is_outcome {
                errors.add("outcome", FieldError::BadChoice);
            }
            is_outcome
        });
        let needs_note = matches!(action, Some(RiskAction::Handled | RiskAction::Dismissed));
        let note = if needs_note {
            errors.required("note", &self.note, MAX_NOTE)
        } else {
            errors.optional("note", &self.note, MAX_NOTE)
        };
        let until = if action == Some(RiskAction::Snoozed) {
            self.day(&mut errors, today)
        } else {
            None
        };
        let version = self.version.parse().unwrap_or(0);
        match action {
            Some(action) => errors.finish(Settlement {
                version,
                action,
                note,
                until,
            }),
            None => Err(errors),
        }
    }

    fn day(&self, errors: &mut FormErrors, today: NaiveDate) -> Option<NaiveDate> {
        let until = errors.date("until", &self.until);
        match until {
            None if errors.get("until").is_none() => errors.add("until", FieldError::Required),
            Some(day) if day <= today => errors.add("until", FieldError::InThePast),
            Some(day) if day > today + Days::new(MAX_DAYS) => {
                errors.add("until", FieldError::OutOfRange(1, MAX_DAYS as i64));
            }
            None | Some(_) => {}
        }
        until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_needs_a_word_and_what_is_put_off_a_day() {
        let today: NaiveDate = "2026-11-24".parse().unwrap();
        for (outcome, note, until, wrong) in [
            ("handled", "已致电，客户接受", "", ""),
            ("handled", " ", "", "note"),
            ("dismissed", "客户自己要求等", "", ""),
            ("dismissed", "", "", "note"),
            ("snoozed", "", "2026-11-25", ""),
            ("snoozed", "", "2026-12-24", ""),
            ("snoozed", "", "2026-12-25", "until"),
            ("snoozed", "", "2026-11-24", "until"),
            ("snoozed", "", "", "until"),
            ("snoozed", "", "soon", "until"),
            ("reopened", "", "", ""),
            ("taken", "", "", "outcome"),
            ("", "", "", "outcome"),
            ("x", "", "", "outcome"),
        ] {
            let form = SettleForm {
                version: "1".to_owned(),
                outcome: outcome.to_owned(),
                note: note.to_owned(),
                until: until.to_owned(),
            };
            let errors: Vec<String> = match form.validate(today) {
                Ok(_) => Vec::new(),
                Err(errors) => errors.fields().map(str::to_owned).collect(),
            };
            let expected: Vec<&str> = [wrong].into_iter().filter(|field| !field.is_empty()).collect();
            assert_eq!(errors, expected, "{outcome} {note} {until}");
        }
    }
}
