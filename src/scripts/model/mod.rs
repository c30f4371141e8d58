//! Bodies of script versions as they are stored, when a part of them is shown, and what makes a set of answers valid.

use serde::{Deserialize, Serialize};

use crate::complaints::ComplaintClass;
use crate::i18n::Lang;
use crate::text_enum;

mod changes;
mod condition;
mod questionnaire;
mod talk;

pub use changes::{Change, questionnaire_changes, talk_changes};
pub use condition::{Condition, Raw, Test};
pub use questionnaire::{Checked, Item, Questionnaire};
pub use talk::{MERGE_FIELDS, Step, StepKind, Talk, fill};

text_enum! {
    /// How an item is answered.
    pub enum ItemKind {
        /// 0 to 10 points.
        Score = "score",
        YesNo = "yes_no",
        /// Willingness to recommend, 0 to 10.
        Nps = "nps",
        Choice = "choice",
        /// Several of a list.
        Multi = "multi",
        Text = "text",
    }
}

impl ItemKind {
    /// Points from 0 to 10.
    pub const fn is_scale(self) -> bool {
        match self {
            ItemKind::Score | ItemKind::Nps => true,
            ItemKind::YesNo | ItemKind::Choice | ItemKind::Multi | ItemKind::Text => false,
        }
    }

    /// Chosen from a list of the questionnaire's own.
    pub const fn has_choices(self) -> bool {
        match self {
            ItemKind::Choice | ItemKind::Multi => true,
            ItemKind::Score | ItemKind::Nps | ItemKind::YesNo | ItemKind::Text => false,
        }
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

    /// The sentence in the language of the screen; Chinese where nobody has translated it.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::En if !self.en.is_empty() => &self.en,
            Lang::Zh | Lang::En => &self.zh,
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

/// What keeps a draft from being published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    NoText,
    NoTitle,
    /// A name in braces that is none of [`MERGE_FIELDS`].
    UnknownField,
    FewChoices,
    BadThreshold,
    /// The condition names no earlier question.
    UnknownQuestion,
    /// The condition can never hold.
    BadCondition,
    NoQuestion,
    /// Not exactly one question stands for the whole visit.
    NoOverall,
    NoReason,
    NoReasonText,
    NoAskStep,
    NoReasonsStep,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::scripts::defaults;
    use crate::web::form::FieldError;

    /// A code may stand several times: several choices.
    pub fn answers(list: &[(&str, &str)]) -> Raw {
        let mut raw = Raw::new();
        for (code, answer) in list {
            raw.entry((*code).to_owned())
                .or_default()
                .push((*answer).to_owned());
        }
        raw
    }

    fn words(text: &str) -> Words {
        Words::new(text, "")
    }

    fn choices(codes: &[&str]) -> Vec<Choice> {
        let choice = |code: &&str| Choice {
            code: (*code).to_owned(),
            text: words(code),
        };
        codes.iter().map(choice).collect()
    }

    fn when(code: &str, test: Test, value: &str) -> Option<Condition> {
        Some(Condition {
            code: code.to_owned(),
            test,
            value: value.to_owned(),
        })
    }

    /// A score; below it why; a yes or no; after a no where, several; where it was the paint, how bad; and NPS.
    pub fn branching() -> Questionnaire {
        let item = |code: &str, kind: ItemKind| Item::new(code, kind, words(code));
        Questionnaire {
            items: vec![
                Item {
                    required: true,
                    is_overall: true,
                    ..item("all", ItemKind::Score)
                },
                Item {
                    required: true,
                    when: when("all", Test::AtMost, "6"),
                    ..item("why", ItemKind::Text)
                },
                item("fixed", ItemKind::YesNo),
                Item {
                    required: true,
                    choices: choices(&["engine", "paint"]),
                    when: when("fixed", Test::Is, "no"),
                    ..item("where", ItemKind::Multi)
                },
                Item {
                    choices: choices(&["little", "much"]),
                    bad: Some(vec!["much".to_owned()]),
                    when: when("where", Test::Is, "paint"),
                    ..item("how", ItemKind::Choice)
                },
                Item {
                    threshold: Some(3),
                    ..item("again", ItemKind::Nps)
                },
            ],
            dissatisfied_up_to: 6,
            reasons: defaults::questionnaire().reasons,
        }
    }

    #[test]
    fn questions_lead_to_questions() {
        let questionnaire = branching();
        assert_eq!(questionnaire.problems(), []);
        for (list, asked) in [
            (&[][..], "all fixed again"),
            (&[("all", "7")], "all fixed again"),
            (&[("all", "6")], "all why fixed again"),
            (&[("fixed", "no")], "all fixed where again"),
            (&[("fixed", "no"), ("where", "engine")], "all fixed where again"),
            (
                &[("fixed", "no"), ("where", "engine"), ("where", "paint")],
                "all fixed where how again",
            ),
            // What was ticked before the no became a yes asks nothing more.
            (&[("fixed", "yes"), ("where", "paint")], "all fixed again"),
        ] {
            let shown = questionnaire.asked(&answers(list));
            let codes = questionnaire.items.iter().map(|item| item.code.as_str());
            let codes: Vec<&str> = codes.filter(|code| shown.contains_key(*code)).collect();
            assert_eq!(codes.join(" "), asked, "{list:?}");
        }
    }

    #[test]
    fn what_was_not_asked_is_neither_required_nor_kept_nor_held_against_anybody() {
        let questionnaire = branching();
        for (list, kept, dissatisfied) in [
            (
                &[("all", "9"), ("why", "left over")][..],
                serde_json::json!({ "all": 9 }),
                false,
            ),
            (
                &[
                    ("all", "9"),
                    ("fixed", "yes"),
                    ("where", "paint"),
                    ("how", "much"),
                ],
                serde_json::json!({ "all": 9, "fixed": "yes" }),
                false,
            ),
            (
                &[
                    ("all", "9"),
                    ("fixed", "no"),
                    ("where", "paint"),
                    ("where", "engine"),
                    ("how", "much"),
                ],
                serde_json::json!({ "all": 9, "fixed": "no", "where": ["paint", "engine"], "how": "much" }),
                true,
            ),
            (
                &[("all", "6"), ("why", "too slow")],
                serde_json::json!({ "all": 6, "why": "too slow" }),
                true,
            ),
            (
                &[("all", "9"), ("again", "4")],
                serde_json::json!({ "all": 9, "again": 4 }),
                false,
            ),
            (
                &[("all", "9"), ("again", "3")],
                serde_json::json!({ "all": 9, "again": 3 }),
                true,
            ),
        ] {
            let checked = questionnaire.check(&answers(list)).unwrap();
            assert_eq!(serde_json::Value::Object(checked.answers), kept, "{list:?}");
            assert_eq!(checked.is_dissatisfied, dissatisfied, "{list:?}");
        }
        for (list, code, error) in [
            (&[("all", "6")][..], "why", FieldError::Required),
            (&[("all", "9"), ("fixed", "no")], "where", FieldError::Required),
            (
                &[("all", "9"), ("fixed", "no"), ("where", "roof")],
                "where",
                FieldError::BadChoice,
            ),
            (&[("all", "9"), ("all", "8")], "all", FieldError::BadChoice),
        ] {
            let errors = questionnaire.check(&answers(list)).unwrap_err();
            assert_eq!(errors, [(code.to_owned(), error)], "{list:?}");
        }
    }

    #[test]
    fn a_questionnaire_that_cannot_be_asked_is_not_published() {
        type Spoil = fn(&mut Questionnaire);
        let table: [(Spoil, Problem, &str); 10] = [
            (|q| q.items.clear(), Problem::NoQuestion, ""),
            (|q| q.items[0].is_overall = false, Problem::NoOverall, ""),
            (|q| q.reasons.clear(), Problem::NoReason, ""),
            (|q| q.reasons[0].text.zh.clear(), Problem::NoReasonText, "waiting"),
            (|q| q.items[2].text.zh.clear(), Problem::NoText, "fixed"),
            (|q| q.items[4].choices.truncate(1), Problem::FewChoices, "how"),
            (
                |q| q.items[5].threshold = Some(11),
                Problem::BadThreshold,
                "again",
            ),
            // The question that it hangs on stands below it, is gone, or cannot be answered so.
            (|q| q.items.swap(0, 1), Problem::UnknownQuestion, "why"),
            (
                |q| q.items[1].when = when("gone", Test::Is, "1"),
                Problem::UnknownQuestion,
                "why",
            ),
            (
                |q| q.items[1].when = when("all", Test::Is, "no"),
                Problem::BadCondition,
                "why",
            ),
        ];
        for (spoil, problem, code) in table {
            let mut questionnaire = branching();
            spoil(&mut questionnaire);
            assert_eq!(questionnaire.problems(), [(problem, code.to_owned())]);
        }
    }

    #[test]
    fn a_talk_that_cannot_be_held_is_not_published() {
        let (questionnaire, talk) = (branching(), defaults::talks().remove(0).2);
        assert_eq!(talk.problems(Some(&defaults::questionnaire())), []);
        type Spoil = fn(&mut Talk);
        let ask = |talk: &Talk| {
            talk.steps
                .iter()
                .position(|step| step.kind == StepKind::Ask)
                .unwrap()
        };
        assert_eq!(ask(&talk), 4);
        let table: [(Spoil, Problem, &str); 8] = [
            (|t| t.steps[0].title.zh.clear(), Problem::NoTitle, "greeting"),
            (|t| t.steps[0].say.zh.clear(), Problem::NoText, "greeting"),
            (
                |t| t.steps[0].say.zh.push_str("{plate}"),
                Problem::UnknownField,
                "greeting",
            ),
            (
                |t| t.steps[0].say.en.push_str("{store"),
                Problem::UnknownField,
                "greeting",
            ),
            (
                |t| t.steps[6].when = when("q99", Test::Is, "1"),
                Problem::UnknownQuestion,
                "reminders",
            ),
            (
                |t| t.steps[6].when = when("fixed", Test::AtMost, "1"),
                Problem::BadCondition,
                "reminders",
            ),
            (
                |t| t.steps[4].when = when("fixed", Test::Is, "no"),
                Problem::BadCondition,
                "questions",
            ),
            (|t| drop(t.steps.remove(4)), Problem::NoAskStep, ""),
        ];
        for (spoil, problem, code) in table {
            let mut talk = talk.clone();
            spoil(&mut talk);
            assert_eq!(talk.problems(Some(&questionnaire)), [(problem, code.to_owned())]);
        }
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
            &[("store", "滨江店"), ("me", "林晓芸"), ("customer", "赵{me}女士")],
        );
        assert_eq!(said, "您好 赵{me}女士，我是滨江店的林晓芸{x}");
        assert_eq!(fill("{me", &[("me", "林晓芸")]), "{me");
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
