//! Bodies of script versions as they are stored, and what makes a set of answers valid.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::complaints::ComplaintClass;
use crate::i18n::Lang;
use crate::text_enum;
use crate::web::form::FieldError;

text_enum! {
    /// How an item is answered.
    pub enum ItemKind {
        /// 0 to 10 points.
        Score = "score",
        YesNo = "yes_no",
        /// Willingness to recommend, 0 to 10.
        Nps = "nps",
        Choice = "choice",
        Text = "text",
    }
}

/// A sentence in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    pub zh: String,
    pub en: String,
}

impl Words {
    /// Both languages side by side, as they stand in the defaults.
    pub fn new(zh: &str, en: &str) -> Words {
        Words {
            zh: zh.to_owned(),
            en: en.to_owned(),
        }
    }

    /// The sentence in the language of the screen.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

/// One answer to choose, or one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    pub code: String,
    pub text: Words,
}

/// A reason for being dissatisfied and the class that a complaint about it gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    pub code: String,
    pub text: Words,
    pub class: ComplaintClass,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub code: String,
    pub kind: ItemKind,
    pub text: Words,
    #[serde(default)]
    pub required: bool,
    /// The score that stands for the whole visit.
    #[serde(default)]
    pub is_overall: bool,
    #[serde(default)]
    pub choices: Vec<Choice>,
}

/// What is asked, and when an answer means that the customer is dissatisfied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Questionnaire {
    pub items: Vec<Item>,
    /// Scores up to this are dissatisfied (domain.md §2: 6 of 10).
    pub dissatisfied_up_to: i16,
    pub reasons: Vec<Reason>,
}

/// Valid answers and what they say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Code to answer; scores are numbers.
    pub answers: serde_json::Map<String, serde_json::Value>,
    pub overall: Option<i16>,
    pub nps: Option<i16>,
    pub is_dissatisfied: bool,
}

impl Questionnaire {
    /// Checks raw answers by item code; an empty one was not asked. Errors name the item.
    pub fn check(&self, raw: &BTreeMap<String, String>) -> Result<Checked, Vec<(String, FieldError)>> {
        let mut checked = Checked::default();
        let mut errors = Vec::new();
        for item in &self.items {
            let answer = raw.get(&item.code).map_or("", |text| text.trim());
            if answer.is_empty() {
                if item.required {
                    errors.push((item.code.clone(), FieldError::Required));
                }
                continue;
            }
            if let Err(error) = self.take(item, answer, &mut checked) {
                errors.push((item.code.clone(), error));
            }
        }
        if errors.is_empty() {
            Ok(checked)
        } else {
            Err(errors)
        }
    }

    fn take(&self, item: &Item, answer: &str, checked: &mut Checked) -> Result<(), FieldError> {
        let value = match item.kind {
            ItemKind::Score | ItemKind::Nps => {
                let points = points(answer)?;
                if item.is_overall {
                    checked.overall = Some(points);
                }
                if item.kind == ItemKind::Nps {
                    checked.nps = Some(points);
                } else if points <= self.dissatisfied_up_to {
                    checked.is_dissatisfied = true;
                }
                points.into()
            }
            ItemKind::YesNo => {
                if !matches!(answer, "yes" | "no") {
                    return Err(FieldError::BadChoice);
                }
                checked.is_dissatisfied |= answer == "no";
                answer.into()
            }
            ItemKind::Choice => {
                if !item.choices.iter().any(|choice| choice.code == answer) {
                    return Err(FieldError::BadChoice);
                }
                answer.into()
            }
            ItemKind::Text => {
                if answer.chars().count() > MAX_TEXT {
                    return Err(FieldError::TooLong(MAX_TEXT));
                }
                answer.into()
            }
        };
        checked.answers.insert(item.code.clone(), value);
        Ok(())
    }

    /// The reason with this code.
    pub fn reason(&self, code: &str) -> Option<&Reason> {
        self.reasons.iter().find(|reason| reason.code == code)
    }
}

/// Longest answer in words, in characters.
const MAX_TEXT: usize = 2000;

fn points(answer: &str) -> Result<i16, FieldError> {
    match answer.parse::<i16>() {
        Ok(points) if (0..=10).contains(&points) => Ok(points),
        Ok(_) => Err(FieldError::OutOfRange(0, 10)),
        Err(_) => Err(FieldError::BadNumber),
    }
}

text_enum! {
    /// What a step of a talk shows below its sentence.
    pub enum StepKind {
        Say = "say",
        /// Questionnaires and the items of the other occasions.
        Ask = "ask",
        /// Reasons and the customer's own words.
        Reasons = "reasons",
    }
}

/// One step of a call. `say` holds `{store}`, `{me}`, `{customer}`, `{surname}`, `{day}`, `{visit}`, `{car}`, `{next}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub code: String,
    pub kind: StepKind,
    pub title: Words,
    pub say: Words,
}

/// A call from greeting to closing words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Talk {
    pub steps: Vec<Step>,
}

/// Puts the customer's data into a sentence; `{unknown}` stays as it is.
pub fn fill(sentence: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(sentence.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripts::defaults;

    fn answers(list: &[(&str, &str)]) -> BTreeMap<String, String> {
        list.iter()
            .map(|(code, answer)| ((*code).to_owned(), (*answer).to_owned()))
            .collect()
    }

    #[test]
    fn a_low_score_or_a_no_is_dissatisfied_and_a_low_nps_alone_is_not() {
        for (list, dissatisfied) in [
            (&[("q10", "10")][..], false),
            (&[("q10", "7")], false),
            (&[("q10", "6")], true),
            (&[("q10", "0")], true),
            (&[("q10", "9"), ("q4", "6")], true),
            (&[("q10", "9"), ("q5", "no")], true),
            (&[("q10", "9"), ("q5", "yes")], false),
            (&[("q10", "8"), ("q11", "2")], false),
        ] {
            let checked = defaults::questionnaire().check(&answers(list)).unwrap();
            assert_eq!(checked.is_dissatisfied, dissatisfied, "{list:?}");
        }
    }

    #[test]
    fn scores_come_out_as_numbers_and_nothing_unasked_is_kept() {
        let checked = defaults::questionnaire()
            .check(&answers(&[
                ("q10", " 9 "),
                ("q11", "10"),
                ("q5", "yes"),
                ("q1", ""),
                ("q99", "x"),
            ]))
            .unwrap();
        assert_eq!((checked.overall, checked.nps), (Some(9), Some(10)));
        assert_eq!(
            serde_json::Value::Object(checked.answers),
            serde_json::json!({ "q10": 9, "q11": 10, "q5": "yes" })
        );
    }

    #[test]
    fn wrong_answers_are_named_by_item() {
        for (list, code, error) in [
            (&[][..], "q10", FieldError::Required),
            (&[("q10", " ")], "q10", FieldError::Required),
            (&[("q10", "11")], "q10", FieldError::OutOfRange(0, 10)),
            (&[("q10", "-1")], "q10", FieldError::OutOfRange(0, 10)),
            (&[("q10", "good")], "q10", FieldError::BadNumber),
            (&[("q10", "9"), ("q5", "maybe")], "q5", FieldError::BadChoice),
            (&[("q10", "9"), ("q11", "x")], "q11", FieldError::BadNumber),
        ] {
            let errors = defaults::questionnaire().check(&answers(list)).unwrap_err();
            assert_eq!(errors, [(code.to_owned(), error)], "{list:?}");
        }
    }

    #[test]
    fn the_customers_data_goes_into_the_sentence() {
        let said = fill(
            "您好 {customer}，我是{store}的{me}{x}",
            &[("store", "滨江店"), ("me", "林晓芸"), ("customer", "赵女士")],
        );
        assert_eq!(said, "您好 赵女士，我是滨江店的林晓芸{x}");
    }

    #[test]
    fn a_body_is_stored_and_read_back() {
        let body = serde_json::to_value(defaults::questionnaire()).unwrap();
        assert_eq!(
            serde_json::from_value::<Questionnaire>(body).unwrap(),
            defaults::questionnaire()
        );
        for (_, _, talk) in defaults::talks() {
            let body = serde_json::to_value(&talk).unwrap();
            assert_eq!(serde_json::from_value::<Talk>(body).unwrap(), talk);
        }
    }
}
