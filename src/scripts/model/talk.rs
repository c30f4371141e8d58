//! The talk: what is said step by step, with the customer's own data in it (pure).

use serde::{Deserialize, Serialize};

use crate::scripts::model::{Condition, Problem, Questionnaire, Words};
use crate::text_enum;

text_enum! {
    /// What a step of a talk shows below its sentence.
    pub enum StepKind {
        Say = "say",
        /// Questionnaires and the items of the other occasions.
        Ask = "ask",
        /// Reasons and the customer's own words.
        Reasons = "reasons",
        /// Number, odometer and plate, as the customer says them.
        Check = "check",
    }
}

/// One step of a call; `say` may hold any of [`MERGE_FIELDS`] in braces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub code: String,
    pub kind: StepKind,
    pub title: Words,
    pub say: Words,
    /// Shown only if an answer of the questionnaire is so.
    #[serde(default)]
    pub when: Option<Condition>,
}

/// A call from greeting to closing words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Talk {
    pub steps: Vec<Step>,
}

/// The customer's own data that a sentence can take in. The plate is left out on purpose: it is not said to strangers.
pub const MERGE_FIELDS: &[&str] = &[
    "store", "me", "customer", "surname", "day", "visit", "work", "car", "advisor", "km", "next", "warranty",
    "policy", "result",
];

/// Puts the customer's data into a sentence; `{unknown}` stays as it is, and so do braces inside the data.
pub fn fill(sentence: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(sentence.len());
    let mut rest = sentence;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        filled.push_str(before);
        let name = from.find('}').map(|end| &from[1..end]);
        match name.and_then(|name| values.iter().find(|(known, _)| *known == name)) {
            Some((name, value)) => {
                filled.push_str(value);
                rest = &from[name.len() + 2..];
            }
            None => {
                filled.push('{');
                rest = &from[1..];
            }
        }
    }
    filled.push_str(rest);
    filled
}

/// Names in braces that are none of ours.
fn unknown_fields(sentence: &str) -> bool {
    sentence.split('{').skip(1).any(|rest| {
        !rest
            .split_once('}')
            .is_some_and(|(name, _)| MERGE_FIELDS.contains(&name))
    })
}

impl Talk {
    /// What keeps it from being published; each names the step by its code. `questionnaire` is the one of its occasion.
    pub fn problems(&self, questionnaire: Option<&Questionnaire>) -> Vec<(Problem, String)> {
        let mut found = Vec::new();
        for step in &self.steps {
            let mut add = |problem: Problem| found.push((problem, step.code.clone()));
            if step.title.zh.is_empty() {
                add(Problem::NoTitle);
            }
            if step.say.zh.is_empty() {
                add(Problem::NoText);
            }
            if unknown_fields(&step.say.zh) || unknown_fields(&step.say.en) {
                add(Problem::UnknownField);
            }
            if let Some(when) = &step.when {
                let problem = match questionnaire {
                    Some(questionnaire) => questionnaire.condition_problem(when, &questionnaire.items),
                    None => Some(Problem::UnknownQuestion),
                };
                // What must be filled in cannot hide behind an answer that is given in it.
                let is_circle = step.kind == StepKind::Ask;
                if let Some(problem) = problem.or(is_circle.then_some(Problem::BadCondition)) {
                    add(problem);
                }
            }
        }
        let of = |kind: StepKind| self.steps.iter().filter(|step| step.kind == kind).count();
        if of(StepKind::Ask) != 1 {
            found.push((Problem::NoAskStep, String::new()));
        }
        if of(StepKind::Reasons) != 1 {
            found.push((Problem::NoReasonsStep, String::new()));
        }
        found
    }
}
