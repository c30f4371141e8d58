//! Questions and steps as a page shows them, on a call and in a trial: with their answers, and with the answer before that
//! they hang on.

use crate::i18n::Lang;
use crate::i18n::scripts::T;
use crate::scripts::model::{Condition, Item, ItemKind, Questionnaire, Raw, Test};

/// Points of a scale.
pub const POINTS: [&str; 11] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"];

/// NPS up to this is asked about, though it is no complaint.
const LOW_NPS: i16 = 6;

/// One question with its answer.
pub struct QuestionView {
    pub code: String,
    pub name: String,
    pub text: String,
    pub kind: ItemKind,
    pub required: bool,
    pub points: Vec<PointView>,
    pub choices: Vec<ChoiceView>,
    /// What was written, of a question for words.
    pub value: String,
    pub when: Option<WhenView>,
    pub error: Option<String>,
}

/// One point of a scale.
pub struct PointView {
    pub point: &'static str,
    /// A dissatisfied answer.
    pub is_low: bool,
    /// Asked about, though nobody is dissatisfied.
    pub is_soon: bool,
    pub is_checked: bool,
}

/// One answer to choose.
pub struct ChoiceView {
    pub code: String,
    pub text: String,
    pub is_low: bool,
    pub is_checked: bool,
}

/// The answer that a question or a step hangs on, for the eye and for the script of the page.
pub struct WhenView {
    /// Names of the fields, with blanks between.
    pub fields: String,
    pub test: Test,
    pub value: String,
    pub label: String,
}

/// How a questionnaire is put on a page: whose fields its answers are.
pub struct Asking<'a> {
    pub questionnaire: &'a Questionnaire,
    pub lang: Lang,
    /// Names of the yes and the no.
    pub yes_no: (&'static str, &'static str),
}

impl Asking<'_> {
    /// A question with what was answered; `name` gives the field of a question's code.
    pub fn question(
        &self,
        item: &Item,
        name: impl Fn(&str) -> String,
        answers: &Raw,
        error: Option<String>,
    ) -> QuestionView {
        let empty = Vec::new();
        let given = answers.get(&item.code).unwrap_or(&empty);
        let has = |value: &str| given.iter().any(|answer| answer == value);
        let low_up_to = self.questionnaire.low_up_to(item);
        let point = |point: &'static str| {
            let number: i16 = point.parse().unwrap_or_default();
            let is_low = low_up_to.is_some_and(|limit| number <= limit);
            PointView {
                point,
                is_low,
                is_soon: item.kind == ItemKind::Nps && !is_low && number <= LOW_NPS,
                is_checked: has(point),
            }
        };
        let choice = |code: &str, text: &str| ChoiceView {
            code: code.to_owned(),
            text: text.to_owned(),
            is_low: item.is_bad(code),
            is_checked: has(code),
        };
        let choices = match item.kind {
            ItemKind::YesNo => vec![choice("yes", self.yes_no.0), choice("no", self.yes_no.1)],
            ItemKind::Choice | ItemKind::Multi => {
                let choices = item.choices.iter();
                choices
                    .map(|known| choice(&known.code, known.text.get(self.lang)))
                    .collect()
            }
            ItemKind::Score | ItemKind::Nps | ItemKind::Text => Vec::new(),
        };
        QuestionView {
            code: item.code.clone(),
            name: name(&item.code),
            text: item.text.get(self.lang).to_owned(),
            kind: item.kind,
            required: item.required,
            points: if item.kind.is_scale() {
                POINTS.map(point).into()
            } else {
                Vec::new()
            },
            choices,
            value: given.first().cloned().unwrap_or_default(),
            when: item
                .when
                .as_ref()
                .map(|when| self.when(when, std::slice::from_ref(&name))),
            error,
        }
    }

    /// A condition on the fields of one questionnaire, or of several visits that are asked about on one page.
    pub fn when(&self, when: &Condition, names: &[impl Fn(&str) -> String]) -> WhenView {
        let codes = when.asked_of(self.questionnaire).map(|item| item.code.as_str());
        let fields = codes.flat_map(|code| names.iter().map(move |name| name(code)));
        WhenView {
            fields: fields.collect::<Vec<_>>().join(" "),
            test: when.test,
            value: when.value.clone(),
            label: self.label(when),
        }
    }

    fn label(&self, when: &Condition) -> String {
        let t = T(self.lang);
        let item = self.questionnaire.item(&when.code);
        let question = item.map_or("", |item| item.text.get(self.lang));
        let choice = item.and_then(|item| item.choices.iter().find(|choice| choice.code == when.value));
        let value = match (item.map(|item| item.kind), when.value.as_str()) {
            (Some(ItemKind::YesNo), "yes") => self.yes_no.0,
            (Some(ItemKind::YesNo), "no") => self.yes_no.1,
            (_, value) => choice.map_or(value, |choice| choice.text.get(self.lang)),
        };
        match (when.test, when.code.is_empty()) {
            (Test::Dissatisfied, true) => t.when_any_low().to_owned(),
            (Test::Dissatisfied, false) => t.when_low(question),
            (Test::Is, _) => t.when_is(question, value),
            (Test::IsNot, _) => t.when_is_not(question, value),
            (Test::AtMost, _) => t.when_at_most(question, value),
            (Test::AtLeast, _) => t.when_at_least(question, value),
        }
    }
}
