//! When a question or a step is shown: by an earlier answer (pure).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::scripts::model::{Item, ItemKind, Questionnaire};
use crate::text_enum;

/// Answers as they were sent, by the code of their question; several values where several may be ticked.
pub type Raw = BTreeMap<String, Vec<String>>;

text_enum! {
    /// How an earlier answer is compared.
    pub enum Test {
        Is = "is",
        /// Answered, and otherwise.
        IsNot = "is_not",
        AtMost = "at_most",
        AtLeast = "at_least",
        /// The answer means that the customer is dissatisfied.
        Dissatisfied = "dissatisfied",
    }
}

/// Shown only if an earlier answer is so. No answer meets no condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// The earlier question; empty with `dissatisfied`: any question.
    pub code: String,
    pub test: Test,
    #[serde(default)]
    pub value: String,
}

impl Condition {
    /// Whether these answers meet it; the questionnaire says which answers are dissatisfied ones.
    pub fn holds(&self, questionnaire: &Questionnaire, answers: &Raw) -> bool {
        let values = answers.get(&self.code).map_or(&[][..], Vec::as_slice);
        let mut given = values
            .iter()
            .map(|value| value.trim())
            .filter(|value| !value.is_empty());
        match self.test {
            Test::Is => given.any(|value| value == self.value),
            Test::IsNot => {
                values.iter().any(|value| !value.trim().is_empty()) && given.all(|v| v != self.value)
            }
            Test::AtMost => self.compares(given, |points, limit| points <= limit),
            Test::AtLeast => self.compares(given, |points, limit| points >= limit),
            Test::Dissatisfied => self
                .asked_of(questionnaire)
                .any(|item| questionnaire.is_low(item, answers)),
        }
    }

    fn compares<'a>(
        &self,
        mut given: impl Iterator<Item = &'a str>,
        is_met: impl Fn(i16, i16) -> bool,
    ) -> bool {
        let Ok(limit) = self.value.parse::<i16>() else {
            return false;
        };
        given.any(|value| value.parse().is_ok_and(|points| is_met(points, limit)))
    }

    /// The questions that it looks at.
    pub fn asked_of<'a>(&'a self, questionnaire: &'a Questionnaire) -> impl Iterator<Item = &'a Item> {
        let is_any = self.code.is_empty();
        questionnaire
            .items
            .iter()
            .filter(move |item| is_any || item.code == self.code)
    }

    /// Whether its value can be an answer of the question that it looks at.
    pub fn fits(&self, item: &Item) -> bool {
        let is_points = self
            .value
            .parse::<i16>()
            .is_ok_and(|points| (0..=10).contains(&points));
        match (self.test, item.kind) {
            (Test::Dissatisfied, _) => true,
            (Test::AtMost | Test::AtLeast, kind) => kind.is_scale() && is_points,
            (Test::Is | Test::IsNot, ItemKind::Score | ItemKind::Nps) => is_points,
            (Test::Is | Test::IsNot, ItemKind::YesNo) => matches!(self.value.as_str(), "yes" | "no"),
            (Test::Is | Test::IsNot, ItemKind::Choice | ItemKind::Multi) => {
                item.choices.iter().any(|choice| choice.code == self.value)
            }
            (Test::Is | Test::IsNot, ItemKind::Text) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripts::model::tests::{answers, branching};

    fn when(code: &str, test: Test, value: &str) -> Condition {
        Condition {
            code: code.to_owned(),
            test,
            value: value.to_owned(),
        }
    }

    #[test]
    fn conditions_read_the_answer_before() {
        use Test::{AtLeast, AtMost, Dissatisfied, Is, IsNot};
        let questionnaire = branching();
        for (condition, given, holds) in [
            (when("all", AtMost, "6"), &[("all", "6")][..], true),
            (when("all", AtMost, "6"), &[("all", "7")], false),
            (when("all", AtMost, "6"), &[("all", "10")], false),
            (when("all", AtMost, "6"), &[("all", " 0 ")], true),
            (when("all", AtMost, "6"), &[("all", "")], false),
            (when("all", AtMost, "6"), &[], false),
            (when("all", AtMost, "6"), &[("all", "bad")], false),
            (when("all", AtMost, "x"), &[("all", "1")], false),
            (when("all", AtLeast, "9"), &[("all", "9")], true),
            (when("all", AtLeast, "9"), &[("all", "10")], true),
            (when("all", AtLeast, "9"), &[("all", "8")], false),
            (when("fixed", Is, "no"), &[("fixed", "no")], true),
            (when("fixed", Is, "no"), &[("fixed", "yes")], false),
            (when("fixed", IsNot, "yes"), &[("fixed", "no")], true),
            (when("fixed", IsNot, "yes"), &[("fixed", "")], false),
            (when("fixed", IsNot, "yes"), &[], false),
            (
                when("where", Is, "paint"),
                &[("where", "engine"), ("where", "paint")],
                true,
            ),
            (
                when("where", IsNot, "paint"),
                &[("where", "engine"), ("where", "paint")],
                false,
            ),
            (when("where", Is, "paint"), &[("where", "engine")], false),
            (when("fixed", Dissatisfied, ""), &[("fixed", "no")], true),
            (when("fixed", Dissatisfied, ""), &[("all", "1")], false),
            (when("", Dissatisfied, ""), &[("all", "6")], true),
            (
                when("", Dissatisfied, ""),
                &[("all", "7"), ("fixed", "yes")],
                false,
            ),
            (when("gone", Is, "1"), &[("all", "1")], false),
        ] {
            assert_eq!(
                condition.holds(&questionnaire, &answers(given)),
                holds,
                "{condition:?} {given:?}"
            );
        }
    }

    #[test]
    fn a_condition_must_be_able_to_hold() {
        use Test::{AtLeast, AtMost, Dissatisfied, Is, IsNot};
        let questionnaire = branching();
        for (condition, fits) in [
            (when("all", AtMost, "6"), true),
            (when("all", AtMost, "11"), false),
            (when("all", AtMost, ""), false),
            (when("all", Is, "10"), true),
            (when("fixed", Is, "no"), true),
            (when("fixed", Is, "maybe"), false),
            (when("fixed", AtLeast, "1"), false),
            (when("where", IsNot, "paint"), true),
            (when("where", Is, "glass"), false),
            (when("why", Is, "x"), false),
            (when("fixed", Dissatisfied, ""), true),
        ] {
            let item = questionnaire.item(&condition.code).unwrap();
            assert_eq!(condition.fits(item), fits, "{condition:?}");
        }
    }
}
