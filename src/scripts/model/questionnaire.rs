//! What is asked, what makes a set of answers valid, and what they say (pure).

use serde::{Deserialize, Serialize};

use crate::scripts::model::{Choice, Condition, ItemKind, Problem, Raw, Reason, Words};
use crate::web::form::FieldError;

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
    /// Points up to this are dissatisfied; for a score, `None` is the questionnaire's own; for NPS, `None` is never.
    #[serde(default)]
    pub threshold: Option<i16>,
    /// Answers that mean dissatisfied; `None`: a "no", and no choice.
    #[serde(default)]
    pub bad: Option<Vec<String>>,
    /// Asked only if an earlier answer is so.
    #[serde(default)]
    pub when: Option<Condition>,
}

impl Item {
    /// A question that is always asked.
    pub fn new(code: &str, kind: ItemKind, text: Words) -> Item {
        Item {
            code: code.to_owned(),
            kind,
            text,
            required: false,
            is_overall: false,
            choices: Vec::new(),
            threshold: None,
            bad: None,
            when: None,
        }
    }

    /// Whether this answer means dissatisfied, for a choice or a yes or no.
    pub fn is_bad(&self, answer: &str) -> bool {
        match (&self.bad, self.kind) {
            (Some(bad), _) => bad.iter().any(|code| code == answer),
            (None, ItemKind::YesNo) => answer == "no",
            (None, ItemKind::Score | ItemKind::Nps | ItemKind::Choice | ItemKind::Multi | ItemKind::Text) => {
                false
            }
        }
    }
}

/// What is asked, and when an answer means that the customer is dissatisfied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Questionnaire {
    pub items: Vec<Item>,
    /// Scores up to this are dissatisfied (the trade's rule: 6 of 10).
    pub dissatisfied_up_to: i16,
    pub reasons: Vec<Reason>,
}

/// Valid answers and what they say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Code to answer; scores are numbers, several choices a list.
    pub answers: serde_json::Map<String, serde_json::Value>,
    pub overall: Option<i16>,
    pub nps: Option<i16>,
    pub is_dissatisfied: bool,
}

/// Longest answer in words, in characters.
const MAX_TEXT: usize = 2000;

impl Questionnaire {
    /// Checks raw answers by item code. An empty answer was not given; a question whose condition is not met was not
    /// asked, so that nothing is required of it and nothing that was left in its field counts. Errors name the item.
    pub fn check(&self, raw: &Raw) -> Result<Checked, Vec<(String, FieldError)>> {
        let mut checked = Checked::default();
        let mut errors = Vec::new();
        let asked = self.asked(raw);
        for item in self.items.iter().filter(|item| asked.contains_key(&item.code)) {
            let answer = &asked[&item.code];
            if answer.is_empty() {
                if item.required {
                    errors.push((item.code.clone(), FieldError::Required));
                }
            } else if let Err(error) = self.take(item, answer, &mut checked) {
                errors.push((item.code.clone(), error));
            }
        }
        checked.is_dissatisfied = self.items.iter().any(|item| self.is_low(item, &asked));
        if errors.is_empty() {
            Ok(checked)
        } else {
            Err(errors)
        }
    }

    /// The questions that these answers lead to, each with what was answered: a question may hang on one that hangs on
    /// another, so they are walked in their order.
    pub fn asked(&self, raw: &Raw) -> Raw {
        let mut asked = Raw::new();
        for item in &self.items {
            let is_asked = item.when.as_ref().is_none_or(|when| when.holds(self, &asked));
            if is_asked {
                let values = raw.get(&item.code).into_iter().flatten();
                let given = values.map(|value| value.trim()).filter(|value| !value.is_empty());
                asked.insert(item.code.clone(), given.map(str::to_owned).collect());
            }
        }
        asked
    }

    /// Whether the answer to this question means that the customer is dissatisfied.
    pub fn is_low(&self, item: &Item, answers: &Raw) -> bool {
        let mut values = answers.get(&item.code).into_iter().flatten();
        match (item.kind.is_scale(), self.low_up_to(item)) {
            (true, Some(limit)) => values.any(|value| value.trim().parse::<i16>().is_ok_and(|n| n <= limit)),
            (true, None) => false,
            (false, _) => values.any(|value| item.is_bad(value.trim())),
        }
    }

    /// Points up to this are a dissatisfied answer to a scale.
    pub fn low_up_to(&self, item: &Item) -> Option<i16> {
        match item.kind {
            ItemKind::Score => Some(item.threshold.unwrap_or(self.dissatisfied_up_to)),
            ItemKind::Nps => item.threshold,
            ItemKind::YesNo | ItemKind::Choice | ItemKind::Multi | ItemKind::Text => None,
        }
    }

    fn take(&self, item: &Item, answer: &[String], checked: &mut Checked) -> Result<(), FieldError> {
        let [first, more @ ..] = answer else {
            return Ok(());
        };
        if !more.is_empty() && item.kind != ItemKind::Multi {
            return Err(FieldError::BadChoice);
        }
        let is_choice = |code: &String| item.choices.iter().any(|choice| choice.code == *code);
        let value = match item.kind {
            ItemKind::Score | ItemKind::Nps => {
                let points = points(first)?;
                if item.is_overall {
                    checked.overall = Some(points);
                }
                if item.kind == ItemKind::Nps {
                    checked.nps = Some(points);
                }
                points.into()
            }
            ItemKind::YesNo if !matches!(first.as_str(), "yes" | "no") => return Err(FieldError::BadChoice),
            ItemKind::Choice | ItemKind::Multi if !answer.iter().all(is_choice) => {
                return Err(FieldError::BadChoice);
            }
            ItemKind::Text if first.chars().count() > MAX_TEXT => return Err(FieldError::TooLong(MAX_TEXT)),
            ItemKind::Multi => answer.into(),
            ItemKind::YesNo | ItemKind::Choice | ItemKind::Text => first.as_str().into(),
        };
        checked.answers.insert(item.code.clone(), value);
        Ok(())
    }

    /// The question with this code.
    pub fn item(&self, code: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.code == code)
    }

    /// The reason with this code.
    pub fn reason(&self, code: &str) -> Option<&Reason> {
        self.reasons.iter().find(|reason| reason.code == code)
    }

    /// What keeps it from being published; each names the part by its code, a whole list by an empty one.
    pub fn problems(&self) -> Vec<(Problem, String)> {
        let mut found = Vec::new();
        for (index, item) in self.items.iter().enumerate() {
            let mut add = |problem: Problem| found.push((problem, item.code.clone()));
            if item.text.zh.is_empty() {
                add(Problem::NoText);
            }
            if item.kind.has_choices() && item.choices.len() < 2 {
                add(Problem::FewChoices);
            }
            if item.threshold.is_some_and(|limit| !(0..=9).contains(&limit)) {
                add(Problem::BadThreshold);
            }
            if let Some(when) = &item.when
                && let Some(problem) = self.condition_problem(when, &self.items[..index])
            {
                add(problem);
            }
        }
        if self.items.is_empty() {
            found.push((Problem::NoQuestion, String::new()));
        } else if self.items.iter().filter(|item| item.is_overall).count() != 1 {
            found.push((Problem::NoOverall, String::new()));
        }
        if self.reasons.is_empty() {
            found.push((Problem::NoReason, String::new()));
        }
        let unnamed = self.reasons.iter().filter(|reason| reason.text.zh.is_empty());
        found.extend(unnamed.map(|reason| (Problem::NoReasonText, reason.code.clone())));
        found
    }

    /// What is wrong with a condition that stands below these questions.
    pub fn condition_problem(&self, when: &Condition, earlier: &[Item]) -> Option<Problem> {
        if when.code.is_empty() {
            let is_any_low = when.test == super::Test::Dissatisfied && !earlier.is_empty();
            return (!is_any_low).then_some(Problem::UnknownQuestion);
        }
        match earlier.iter().find(|item| item.code == when.code) {
            None => Some(Problem::UnknownQuestion),
            Some(item) if !when.fits(item) => Some(Problem::BadCondition),
            Some(_) => None,
        }
    }
}

fn points(answer: &str) -> Result<i16, FieldError> {
    match answer.parse::<i16>() {
        Ok(points) if (0..=10).contains(&points) => Ok(points),
        Ok(_) => Err(FieldError::OutOfRange(0, 10)),
        Err(_) => Err(FieldError::BadNumber),
    }
}
