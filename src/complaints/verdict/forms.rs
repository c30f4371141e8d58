//! What the browser posts about the end of a case, on its own page and on the call screen.

use serde::Deserialize;

use crate::callbacks::{CallForm, CallbackId};
use crate::complaints::Verdict;
use crate::complaints::verdict::model::{Given, VerdictChannel};
use crate::obligations::ObligationId;
use crate::web::form::{FieldError, FormErrors};

/// Longest words and reasons, in characters.
const MAX_TEXT: usize = 2000;

/// `POST /complaints/{id}/verdict`, `/close` and `/reopen`: each uses its fields.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct JudgeForm {
    pub version: String,
    pub verdict: String,
    pub channel: String,
    pub score: String,
    pub solved: String,
    pub words: String,
    pub reason: String,
}

impl JudgeForm {
    /// The version of the case that was shown.
    pub fn version(&self) -> Option<i32> {
        self.version.parse().ok()
    }

    /// The verdict as it was said by another way than a callback; its words are needed in any case.
    pub fn given(&self) -> Result<Given, FormErrors> {
        let mut errors = FormErrors::default();
        let channel: Option<VerdictChannel> = errors.required_choice("channel", &self.channel);
        let verdict: Option<Verdict> = errors.required_choice("verdict", &self.verdict);
        let words = errors.required("words", &self.words, MAX_TEXT);
        let score = errors.number("score", &self.score, 0, 10);
        let is_solved = yes_no(&self.solved);
        match (channel, verdict) {
            (Some(channel), Some(verdict)) => errors.finish(Given {
                verdict,
                score: score.and_then(|score| i16::try_from(score).ok()),
                is_solved,
                words,
                channel,
                callback: None,
            }),
            _ => Err(errors),
        }
    }

    /// Why it is closed or reopened.
    pub fn reason(&self) -> Result<String, FormErrors> {
        let mut errors = FormErrors::default();
        let reason = errors.required("reason", &self.reason, MAX_TEXT);
        errors.finish(reason)
    }
}

fn yes_no(raw: &str) -> Option<bool> {
    match raw {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// Names of the fields about one entry on the call screen.
pub struct CaseFields {
    /// The verdict, or that it was not talked about.
    pub verdict: String,
    pub solved: String,
    pub score: String,
    pub words: String,
}

impl CaseFields {
    /// Of an entry.
    pub fn of(id: ObligationId) -> CaseFields {
        CaseFields {
            verdict: CallForm::result(id),
            solved: format!("solved{id}"),
            score: format!("score{id}"),
            words: format!("words{id}"),
        }
    }

    /// What was said about the case of an entry in a call; `None` when it was not talked about, or with errors.
    ///
    /// On paper there is one field of words for the whole call.
    pub fn read(&self, form: &CallForm, callback: CallbackId, errors: &mut FormErrors) -> Option<Given> {
        let raw = form.get(&self.verdict);
        let own = form.get(&self.words).trim();
        let words = if own.is_empty() {
            form.get("words").trim()
        } else {
            own
        };
        if words.chars().count() > MAX_TEXT {
            errors.add(self.words.clone(), FieldError::TooLong(MAX_TEXT));
        }
        let score = form.get(&self.score).trim();
        let points = score.parse().ok().filter(|points| (0..=10).contains(points));
        if points.is_none() && !score.is_empty() {
            errors.add(self.score.clone(), FieldError::OutOfRange(0, 10));
        }
        if raw == NOT_ASKED {
            return None;
        }
        let Ok(verdict) = raw.parse() else {
            let error = if raw.is_empty() {
                FieldError::Required
            } else {
                FieldError::BadChoice
            };
            errors.add(self.verdict.clone(), error);
            return None;
        };
        if verdict == Verdict::Dissatisfied && words.is_empty() {
            errors.add(self.words.clone(), FieldError::Required);
        }
        Some(Given {
            verdict,
            score: points,
            is_solved: yes_no(form.get(&self.solved)),
            words: words.to_owned(),
            channel: VerdictChannel::Call,
            callback: Some(callback),
        })
    }
}

/// The case was not talked about: its entry stays open.
pub const NOT_ASKED: &str = "not_reached";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(fields: &[(&str, &str)]) -> (Option<Given>, Vec<String>) {
        let pairs = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let form = CallForm::new(pairs.collect());
        let mut errors = FormErrors::default();
        let given = CaseFields::of(ObligationId::new(5)).read(&form, CallbackId::new(3), &mut errors);
        (given, errors.fields().map(str::to_owned).collect())
    }

    #[test]
    fn a_dissatisfied_verdict_needs_words_and_the_others_do_not() {
        for (fields, words, wrong) in [
            (&[("result5", "satisfied")][..], Some(""), &[][..]),
            (&[("result5", "dissatisfied")], Some(""), &["words5"]),
            (
                &[("result5", "dissatisfied"), ("words5", " 还在响 ")],
                Some("还在响"),
                &[],
            ),
            // From paper.
            (
                &[("result5", "dissatisfied"), ("words", "还在响")],
                Some("还在响"),
                &[],
            ),
            (&[], None, &["result5"]),
            (&[("result5", "fine")], None, &["result5"]),
            (&[("result5", "not_reached")], None, &[]),
            (
                &[("result5", "acceptable"), ("score5", "11")],
                Some(""),
                &["score5"],
            ),
        ] {
            let (given, errors) = read(fields);
            assert_eq!(errors, wrong, "{fields:?}");
            assert_eq!(given.map(|given| given.words).as_deref(), words, "{fields:?}");
        }
        let (given, _) = read(&[("result5", "acceptable"), ("score5", "7"), ("solved5", "no")]);
        let given = given.unwrap();
        assert_eq!((given.score, given.is_solved), (Some(7), Some(false)));
    }

    #[test]
    fn a_verdict_by_another_way_needs_its_channel_and_words() {
        let form = JudgeForm {
            verdict: "satisfied".to_owned(),
            score: "x".to_owned(),
            ..JudgeForm::default()
        };
        let errors = form.given().unwrap_err();
        assert_eq!(errors.fields().collect::<Vec<_>>(), ["channel", "words", "score"]);
        let form = JudgeForm {
            channel: "visit".to_owned(),
            words: "可以了".to_owned(),
            score: String::new(),
            ..form
        };
        assert_eq!(form.given().unwrap().score, None);
    }
}
