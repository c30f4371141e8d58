//! What a customer sends, by the place of the visit on the page: the numbers of the house stay inside.

use crate::callbacks::answers::{Answers, VisitAnswers};
use crate::callbacks::queries::answers::AskedVisit;
use crate::complaints::ComplaintClass;
use crate::i18n::Lang;
use crate::i18n::questionnaires::T;
use crate::scripts::model::{Item, Raw};
use crate::scripts::{ItemKind, Questionnaire};
use crate::web::form::{FieldError, FormErrors};

/// Longest words, in characters.
const MAX_WORDS: usize = 2000;

/// The fields as they came.
#[derive(Clone, Default)]
pub struct AnswerForm(pub Vec<(String, String)>);

/// Name of the field of a question about the n-th visit, from 1.
pub fn field(visit: usize, code: &str) -> String {
    format!("q{visit}_{code}")
}

impl AnswerForm {
    /// The first value of a field.
    pub fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// Whether a field has this value.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|given| given == value)
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.0.iter().filter(move |(known, _)| known == name);
        named.map(|(_, value)| value.as_str())
    }

    /// The answers about the n-th visit by code.
    pub fn raw(&self, visit: usize) -> Raw {
        let mut raw = Raw::new();
        let prefix = field(visit, "");
        for (name, value) in &self.0 {
            if let Some(code) = name.strip_prefix(&prefix) {
                raw.entry(code.to_owned()).or_default().push(value.clone());
            }
        }
        raw
    }

    /// Checks everything against the version that was asked. `lang` is the one that the store's people read.
    pub fn validate(
        &self,
        questionnaire: &Questionnaire,
        visits: &[AskedVisit],
        lang: Lang,
    ) -> Result<Answers, FormErrors> {
        let mut errors = FormErrors::default();
        let mut given = Vec::new();
        let mut low = Vec::new();
        for (index, visit) in visits.iter().enumerate() {
            let raw = self.raw(index + 1);
            match questionnaire.check(&raw) {
                Ok(checked) => {
                    low.extend(low_answers(questionnaire, &raw, lang));
                    let visit = visit.clone();
                    given.push(VisitAnswers { visit, checked });
                }
                Err(found) => {
                    for (code, error) in found {
                        errors.add(field(index + 1, &code), error);
                    }
                }
            }
        }
        let words = self.get("words").trim();
        if words.chars().count() > MAX_WORDS {
            errors.add("words", FieldError::TooLong(MAX_WORDS));
        }
        let known = |code: &&str| questionnaire.reason(code).is_some();
        let reasons: Vec<String> = self.all("reason").filter(known).map(str::to_owned).collect();
        let first = reasons.first().and_then(|code| questionnaire.reason(code));
        errors.finish(Answers {
            class: first.map_or(ComplaintClass::Other, |reason| reason.class),
            visits: given,
            words: (!words.is_empty()).then(|| words.to_owned()),
            low: low.join("；"),
            no_more: self.has("no_more", "1"),
            reasons,
        })
    }
}

/// The dissatisfied answers in words, for a case whose customer wrote none.
fn low_answers(questionnaire: &Questionnaire, raw: &Raw, lang: Lang) -> Vec<String> {
    let asked = questionnaire.asked(raw);
    let items = questionnaire.items.iter();
    let low = items.filter(|item| questionnaire.is_low(item, &asked));
    let words = |item: &Item| {
        let given = asked.get(&item.code)?.first()?;
        let choice = item.choices.iter().find(|choice| choice.code == *given);
        let answer = match (item.kind, choice) {
            (_, Some(choice)) => choice.text.get(lang),
            (ItemKind::YesNo, None) if given == "no" => crate::i18n::Texts(lang).common().no(),
            (ItemKind::YesNo, None) => crate::i18n::Texts(lang).common().yes(),
            (ItemKind::Score | ItemKind::Nps | ItemKind::Choice | ItemKind::Multi | ItemKind::Text, None) => {
                given
            }
        };
        Some(T(lang).low_point(item.text.get(lang), answer))
    };
    low.filter_map(words).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripts::defaults;

    fn form(pairs: &[(&str, &str)]) -> AnswerForm {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        AnswerForm(pairs.iter().map(pair).collect())
    }

    fn visit(id: i64) -> AskedVisit {
        AskedVisit {
            id: crate::obligations::ObligationId::new(id),
            visit_id: None,
            vehicle_id: None,
            handed_over_at: None,
        }
    }

    #[test]
    fn answers_belong_to_the_visit_whose_place_they_name() {
        let questionnaire = defaults::questionnaire();
        let sent = form(&[("q1_q10", "9"), ("q2_q10", "3"), ("q2_q5", "no"), ("words", " ")]);
        let answers = sent
            .validate(&questionnaire, &[visit(7), visit(8)], Lang::Zh)
            .unwrap();
        let low: Vec<bool> = answers
            .visits
            .iter()
            .map(|answer| answer.checked.is_dissatisfied)
            .collect();
        assert_eq!(low, [false, true]);
        assert_eq!(answers.words, None);
        assert!(
            answers.low.contains("：3；") && answers.low.ends_with("：否"),
            "{}",
            answers.low
        );
    }

    #[test]
    fn a_visit_without_its_score_is_sent_back() {
        let questionnaire = defaults::questionnaire();
        let sent = form(&[("q1_q10", "9"), ("q2_q11", "9")]);
        let errors = sent
            .validate(&questionnaire, &[visit(7), visit(8)], Lang::Zh)
            .err()
            .unwrap();
        let fields: Vec<&str> = errors.fields().collect();
        assert_eq!(fields, ["q2_q10"]);
    }

    #[test]
    fn the_first_reason_that_is_known_gives_the_class() {
        let questionnaire = defaults::questionnaire();
        let reason = &questionnaire.reasons[0];
        let sent = form(&[("q1_q10", "2"), ("reason", "nonsense"), ("reason", &reason.code)]);
        let answers = sent.validate(&questionnaire, &[visit(7)], Lang::Zh).unwrap();
        assert_eq!((answers.class, answers.reasons.len()), (reason.class, 1));
    }
}
