//! What the editor posts: the parts of a script as columns of equal length, in the order of the page.

use serde::{Deserialize, Serialize};

use crate::i18n::scripts::problem;
use crate::scripts::model::{
    Choice, Condition, Item, ItemKind, Problem, Questionnaire, Reason, Step, StepKind, Talk, Test, Words,
};
use crate::web::form::FormErrors;

/// Longest sentence, in characters.
const MAX_WORDS: usize = 500;
/// Most parts of a script.
const MAX_PARTS: usize = 60;

/// `POST /scripts/{id}/draft`, of a talk or of a questionnaire.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ScriptForm {
    /// Of the draft that was loaded; 0: there was none.
    pub revision: i32,
    /// What the button asks for; empty: save.
    pub action: String,
    pub code: Vec<String>,
    pub kind: Vec<String>,
    /// The question, or what is said.
    pub zh: Vec<String>,
    pub en: Vec<String>,
    pub title_zh: Vec<String>,
    pub title_en: Vec<String>,
    pub threshold: Vec<String>,
    pub choices: Vec<String>,
    pub if_code: Vec<String>,
    pub if_test: Vec<String>,
    pub if_value: Vec<String>,
    /// Codes of the questions that must be answered.
    pub required: Vec<String>,
    /// Code of the question that stands for the whole visit.
    pub overall: String,
    pub up_to: String,
    pub add_kind: String,
    pub reason: Vec<String>,
    pub reason_zh: Vec<String>,
    pub reason_en: Vec<String>,
    pub reason_class: Vec<String>,
}

/// A change of the list that the editor makes without saving.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    Save,
    Up(String),
    Down(String),
    Remove(String),
    Add,
    RemoveReason(String),
    AddReason,
}

/// The code of "any question" in the list of a condition.
pub const ANY_LOW: &str = "*";

fn at(column: &[String], index: usize) -> &str {
    column.get(index).map_or("", |text| text.trim())
}

fn is_code(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    (1..=30).contains(&text.len()) && text.chars().all(is_plain)
}

/// The first of `s1`, `s2`… that is free.
fn free_code(letter: char, taken: &[String]) -> String {
    let mut number = 1;
    loop {
        let code = format!("{letter}{number}");
        if !taken.contains(&code) {
            return code;
        }
        number += 1;
    }
}

impl ScriptForm {
    /// What the pressed button asks for.
    pub fn action(&self) -> Action {
        let (verb, code) = self.action.split_once(':').unwrap_or((&self.action, ""));
        let code = code.to_owned();
        match verb {
            "up" => Action::Up(code),
            "down" => Action::Down(code),
            "remove" => Action::Remove(code),
            "add" => Action::Add,
            "remove_reason" => Action::RemoveReason(code),
            "add_reason" => Action::AddReason,
            _ => Action::Save,
        }
    }

    /// Codes that are none of the editor's, stand twice, or are too many: not a form of ours.
    pub fn is_forged(&self) -> bool {
        let is_twice = |list: &[String]| {
            list.iter()
                .enumerate()
                .any(|(index, code)| !is_code(code) || list[..index].contains(code))
        };
        let has_kind = |index: usize| {
            let kind = at(&self.kind, index);
            kind.parse::<ItemKind>().is_ok() || kind.parse::<StepKind>().is_ok()
        };
        self.code.len() > MAX_PARTS
            || self.reason.len() > MAX_PARTS
            || is_twice(&self.code)
            || is_twice(&self.reason)
            || !(0..self.code.len()).all(has_kind)
    }

    fn words(&self, index: usize) -> Words {
        Words::new(at(&self.zh, index), at(&self.en, index))
    }

    fn condition(&self, index: usize) -> Option<Condition> {
        let (code, test) = (at(&self.if_code, index), at(&self.if_test, index));
        let value = at(&self.if_value, index).to_owned();
        match code {
            "" => None,
            ANY_LOW => Some(Condition {
                code: String::new(),
                test: Test::Dissatisfied,
                value: String::new(),
            }),
            code => Some(Condition {
                code: code.to_owned(),
                test: test.parse().unwrap_or(Test::Is),
                value,
            }),
        }
    }

    fn take_condition(&mut self, when: Option<&Condition>) {
        let (code, test, value) = match when {
            None => ("", "", ""),
            Some(when) if when.code.is_empty() => (ANY_LOW, when.test.as_str(), ""),
            Some(when) => (when.code.as_str(), when.test.as_str(), when.value.as_str()),
        };
        self.if_code.push(code.to_owned());
        self.if_test.push(test.to_owned());
        self.if_value.push(value.to_owned());
    }

    /// The form of a questionnaire.
    pub fn of_questionnaire(questionnaire: &Questionnaire, revision: i32) -> ScriptForm {
        let mut form = ScriptForm {
            revision,
            up_to: questionnaire.dissatisfied_up_to.to_string(),
            ..ScriptForm::default()
        };
        for item in &questionnaire.items {
            form.push_item(item);
        }
        for reason in &questionnaire.reasons {
            form.reason.push(reason.code.clone());
            form.reason_zh.push(reason.text.zh.clone());
            form.reason_en.push(reason.text.en.clone());
            form.reason_class.push(reason.class.to_string());
        }
        form
    }

    fn push_item(&mut self, item: &Item) {
        self.code.push(item.code.clone());
        self.kind.push(item.kind.to_string());
        self.zh.push(item.text.zh.clone());
        self.en.push(item.text.en.clone());
        self.threshold.push(match (item.kind, &item.bad) {
            (ItemKind::YesNo, Some(bad)) => bad.first().map_or("never", String::as_str).to_owned(),
            _ => item.threshold.map(|limit| limit.to_string()).unwrap_or_default(),
        });
        self.choices.push(choice_lines(item));
        self.take_condition(item.when.as_ref());
        if item.required {
            self.required.push(item.code.clone());
        }
        if item.is_overall {
            self.overall.clone_from(&item.code);
        }
    }

    /// The form of a talk.
    pub fn of_talk(talk: &Talk, revision: i32) -> ScriptForm {
        let mut form = ScriptForm {
            revision,
            ..ScriptForm::default()
        };
        for step in &talk.steps {
            form.push_step(step);
        }
        form
    }

    fn push_step(&mut self, step: &Step) {
        self.code.push(step.code.clone());
        self.kind.push(step.kind.to_string());
        self.title_zh.push(step.title.zh.clone());
        self.title_en.push(step.title.en.clone());
        self.zh.push(step.say.zh.clone());
        self.en.push(step.say.en.clone());
        self.take_condition(step.when.as_ref());
    }

    /// The questionnaire as it is typed, sound or not.
    pub fn questionnaire(&self) -> Questionnaire {
        let items = self.code.iter().enumerate().map(|(index, code)| {
            let kind: ItemKind = at(&self.kind, index).parse().unwrap_or(ItemKind::Text);
            let threshold = at(&self.threshold, index);
            let (choices, bad_choices) = choices(at(&self.choices, index));
            Item {
                code: code.clone(),
                kind,
                text: self.words(index),
                required: self.required.contains(code),
                is_overall: self.overall == *code && kind == ItemKind::Score,
                // What is no number at all is said to be out of range.
                threshold: (kind.is_scale() && !threshold.is_empty())
                    .then(|| threshold.parse().unwrap_or(-1)),
                bad: match (kind, threshold) {
                    (ItemKind::YesNo, "yes") => Some(vec!["yes".to_owned()]),
                    (ItemKind::YesNo, "never") => Some(Vec::new()),
                    (kind, _) if kind.has_choices() && !bad_choices.is_empty() => Some(bad_choices),
                    _ => None,
                },
                choices: if kind.has_choices() { choices } else { Vec::new() },
                when: self.condition(index),
            }
        });
        let reasons = self.reason.iter().enumerate().map(|(index, code)| Reason {
            code: code.clone(),
            text: Words::new(at(&self.reason_zh, index), at(&self.reason_en, index)),
            class: at(&self.reason_class, index)
                .parse()
                .unwrap_or(crate::complaints::ComplaintClass::Other),
        });
        Questionnaire {
            items: items.collect(),
            dissatisfied_up_to: self.up_to.trim().parse().unwrap_or(-1),
            reasons: reasons.collect(),
        }
    }

    /// The talk as it is typed, sound or not.
    pub fn talk(&self) -> Talk {
        let steps = self.code.iter().enumerate().map(|(index, code)| Step {
            code: code.clone(),
            kind: at(&self.kind, index).parse().unwrap_or(StepKind::Say),
            title: Words::new(at(&self.title_zh, index), at(&self.title_en, index)),
            say: self.words(index),
            when: self.condition(index),
        });
        Talk {
            steps: steps.collect(),
        }
    }

    /// Checks a questionnaire; errors stand at the fields of the parts.
    pub fn validate_questionnaire(&self) -> Result<Questionnaire, FormErrors> {
        let questionnaire = self.questionnaire();
        let mut errors = self.too_long();
        if !(0..=9).contains(&questionnaire.dissatisfied_up_to) {
            errors.add("up_to", problem(Problem::BadThreshold));
        }
        note(&mut errors, questionnaire.problems());
        errors.finish(questionnaire)
    }

    /// Checks a talk against the questionnaire of its occasion.
    pub fn validate_talk(&self, questionnaire: Option<&Questionnaire>) -> Result<Talk, FormErrors> {
        let talk = self.talk();
        let mut errors = self.too_long();
        note(&mut errors, talk.problems(questionnaire));
        errors.finish(talk)
    }

    fn too_long(&self) -> FormErrors {
        let mut errors = FormErrors::default();
        for (name, column) in [("zh", &self.zh), ("en", &self.en), ("title", &self.title_zh)] {
            for (code, text) in self.code.iter().zip(column) {
                if text.chars().count() > MAX_WORDS {
                    let error = crate::web::form::FieldError::TooLong(MAX_WORDS);
                    errors.add(format!("{name}_{code}"), error);
                }
            }
        }
        errors
    }

    /// Moves, adds or takes away a part; what is typed in the others stays.
    pub fn apply(&mut self, action: &Action) {
        match action {
            Action::Save => {}
            Action::Up(code) => self.swap(code, -1),
            Action::Down(code) => self.swap(code, 1),
            Action::Remove(code) => self.remove(code),
            Action::Add if self.code.len() < MAX_PARTS => self.add(),
            Action::AddReason if self.reason.len() < MAX_PARTS => {
                self.reason.push(free_code('r', &self.reason));
                self.reason_zh.push(String::new());
                self.reason_en.push(String::new());
                self.reason_class.push("other".to_owned());
            }
            Action::Add | Action::AddReason => {}
            Action::RemoveReason(code) => {
                if let Some(index) = self.reason.iter().position(|known| known == code) {
                    for column in [
                        &mut self.reason,
                        &mut self.reason_zh,
                        &mut self.reason_en,
                        &mut self.reason_class,
                    ] {
                        if index < column.len() {
                            column.remove(index);
                        }
                    }
                }
            }
        }
    }

    fn columns(&mut self) -> [&mut Vec<String>; 11] {
        [
            &mut self.code,
            &mut self.kind,
            &mut self.zh,
            &mut self.en,
            &mut self.title_zh,
            &mut self.title_en,
            &mut self.threshold,
            &mut self.choices,
            &mut self.if_code,
            &mut self.if_test,
            &mut self.if_value,
        ]
    }

    fn swap(&mut self, code: &str, by: isize) {
        let Some(index) = self.code.iter().position(|known| known == code) else {
            return;
        };
        let Some(other) = index
            .checked_add_signed(by)
            .filter(|other| *other < self.code.len())
        else {
            return;
        };
        for column in self.columns() {
            if index.max(other) < column.len() {
                column.swap(index, other);
            }
        }
    }

    fn remove(&mut self, code: &str) {
        let Some(index) = self.code.iter().position(|known| known == code) else {
            return;
        };
        for column in self.columns() {
            if index < column.len() {
                column.remove(index);
            }
        }
    }

    /// A talk gets another step before its last one, a questionnaire another question at the end.
    fn add(&mut self) {
        let code = free_code('s', &self.code);
        match self.add_kind.parse::<ItemKind>() {
            Ok(kind) => self.push_item(&Item::new(&code, kind, Words::new("", ""))),
            Err(_) => {
                self.push_step(&Step {
                    code: code.clone(),
                    kind: StepKind::Say,
                    title: Words::new("", ""),
                    say: Words::new("", ""),
                    when: None,
                });
                self.swap(&code, -1);
            }
        }
    }
}

fn note(errors: &mut FormErrors, problems: Vec<(Problem, String)>) {
    for (found, code) in problems {
        let field = match found {
            Problem::NoText | Problem::UnknownField => format!("zh_{code}"),
            Problem::NoTitle => format!("title_{code}"),
            Problem::FewChoices => format!("choices_{code}"),
            Problem::BadThreshold => format!("threshold_{code}"),
            Problem::UnknownQuestion | Problem::BadCondition => format!("if_{code}"),
            Problem::NoReasonText => format!("reason_{code}"),
            Problem::NoQuestion | Problem::NoOverall | Problem::NoAskStep | Problem::NoReasonsStep => {
                "parts".to_owned()
            }
            Problem::NoReason => "reasons".to_owned(),
        };
        errors.add(field, problem(found));
    }
}

/// One choice on each line: `code=中文 | English`, with a mark in front if it means dissatisfied.
fn choice_lines(item: &Item) -> String {
    let lines = item.choices.iter().map(|choice| {
        let mark = if item.is_bad(&choice.code) { "!" } else { "" };
        let english = match choice.text.en.as_str() {
            "" => String::new(),
            en => format!(" | {en}"),
        };
        format!("{mark}{}={}{english}", choice.code, choice.text.zh)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The choices of the lines, and the codes of those that are marked. A line without a code gets one.
fn choices(lines: &str) -> (Vec<Choice>, Vec<String>) {
    let (mut found, mut bad): (Vec<Choice>, Vec<String>) = (Vec::new(), Vec::new());
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let text = line.trim_start_matches(['!', '！']);
        let taken: Vec<String> = found.iter().map(|choice| choice.code.clone()).collect();
        let (code, text) = match text.split_once('=') {
            Some((code, text)) if is_code(code.trim()) && !taken.contains(&code.trim().to_owned()) => {
                (code.trim().to_owned(), text)
            }
            Some(_) | None => (free_code('c', &taken), text),
        };
        let (zh, en) = text.split_once(['|', '｜']).unwrap_or((text, ""));
        if text.len() < line.len() && line.starts_with(['!', '！']) {
            bad.push(code.clone());
        }
        found.push(Choice {
            code,
            text: Words::new(zh.trim(), en.trim()),
        });
    }
    found.truncate(MAX_PARTS);
    (found, bad)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripts::defaults;
    use crate::scripts::model::tests::branching;

    #[test]
    fn a_form_reads_back_as_the_script_that_it_shows() {
        for questionnaire in [defaults::questionnaire(), branching()] {
            let form = ScriptForm::of_questionnaire(&questionnaire, 3);
            assert!(!form.is_forged());
            assert_eq!(form.validate_questionnaire(), Ok(questionnaire));
        }
        for (_, _, talk) in defaults::talks() {
            let form = ScriptForm::of_talk(&talk, 0);
            assert_eq!(form.validate_talk(Some(&defaults::questionnaire())), Ok(talk));
        }
    }

    #[test]
    fn choices_are_lines() {
        let (found, bad) = choices("修好了 | Fixed\n！没修好｜Not fixed\n\n!x=说不清\nc1=重复");
        let lines: Vec<(&str, &str, &str)> = found
            .iter()
            .map(|choice| {
                (
                    choice.code.as_str(),
                    choice.text.zh.as_str(),
                    choice.text.en.as_str(),
                )
            })
            .collect();
        assert_eq!(
            lines,
            [
                ("c1", "修好了", "Fixed"),
                ("c2", "没修好", "Not fixed"),
                ("x", "说不清", ""),
                ("c3", "重复", "")
            ]
        );
        assert_eq!(bad, ["c2", "x"]);
    }

    #[test]
    fn parts_move_without_losing_what_is_typed() {
        let mut form = ScriptForm::of_questionnaire(&branching(), 0);
        form.zh[1] = "为什么？".to_owned();
        for (action, order) in [
            ("up:all", "all why fixed where how again"),
            ("down:again", "all why fixed where how again"),
            ("down:all", "why all fixed where how again"),
            ("remove:how", "why all fixed where again"),
            ("up:nobody", "why all fixed where again"),
        ] {
            form.action = action.to_owned();
            form.apply(&form.action());
            assert_eq!(form.code.join(" "), order, "{action}");
        }
        assert_eq!(form.zh[0], "为什么？");
        let errors = form.validate_questionnaire().unwrap_err();
        assert!(
            errors.get("if_why").is_some(),
            "the answer it hangs on comes later now"
        );
        form.add_kind = "nps".to_owned();
        form.apply(&Action::Add);
        let errors = form.validate_questionnaire().unwrap_err();
        assert!(errors.get("zh_s1").is_some());
        let mut talk = ScriptForm::of_talk(&defaults::talks()[0].2, 0);
        talk.apply(&Action::Add);
        assert_eq!(talk.code[talk.code.len() - 2..], ["s1", "closing"]);
    }

    #[test]
    fn what_the_editor_does_not_send_is_refused() {
        for spoil in [
            (|form: &mut ScriptForm| form.code[1] = "all".to_owned()) as fn(&mut ScriptForm),
            |form| form.code[1] = "Q 1".to_owned(),
            |form| form.kind[1] = "sound".to_owned(),
            |form| form.reason[1] = "waiting".to_owned(),
        ] {
            let mut form = ScriptForm::of_questionnaire(&branching(), 0);
            spoil(&mut form);
            assert!(form.is_forged());
        }
    }
}
