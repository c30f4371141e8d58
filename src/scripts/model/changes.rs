//! What a version has changed against the one before it (pure).

use serde::Serialize;

use crate::scripts::model::{Questionnaire, Talk, Words};

/// One difference between two versions; the words are those of the part as it reads now, or as it last read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Added(Words),
    Removed(Words),
    Changed(Words),
    /// The parts that both have stand in another order.
    Reordered,
    /// The threshold of the whole questionnaire.
    Threshold(i16, i16),
}

/// A part of a script: what it is told by, how it reads, and everything in it.
struct Part {
    code: String,
    words: Words,
    body: String,
}

fn part(code: &str, words: &Words, whole: &impl Serialize) -> Part {
    Part {
        code: code.to_owned(),
        words: words.clone(),
        body: serde_json::to_string(whole).unwrap_or_default(),
    }
}

fn compare(before: &[Part], after: &[Part]) -> Vec<Change> {
    let find = |parts: &'_ [Part], code: &str| parts.iter().position(|part| part.code == code);
    let mut changes = Vec::new();
    for part in after {
        match find(before, &part.code) {
            None => changes.push(Change::Added(part.words.clone())),
            Some(at) if before[at].body != part.body => changes.push(Change::Changed(part.words.clone())),
            Some(_) => {}
        }
    }
    let removed = before.iter().filter(|part| find(after, &part.code).is_none());
    changes.extend(removed.map(|part| Change::Removed(part.words.clone())));
    let order: Vec<usize> = after.iter().filter_map(|part| find(before, &part.code)).collect();
    if !order.is_sorted() {
        changes.push(Change::Reordered);
    }
    changes
}

/// What has changed in a questionnaire.
pub fn questionnaire_changes(before: &Questionnaire, after: &Questionnaire) -> Vec<Change> {
    let parts = |questionnaire: &Questionnaire| -> Vec<Part> {
        let items = questionnaire
            .items
            .iter()
            .map(|item| part(&item.code, &item.text, item));
        let reasons = questionnaire.reasons.iter();
        let reasons = reasons.map(|reason| part(&format!("reason {}", reason.code), &reason.text, reason));
        items.chain(reasons).collect()
    };
    let mut changes = compare(&parts(before), &parts(after));
    let (was, is) = (before.dissatisfied_up_to, after.dissatisfied_up_to);
    if was != is {
        changes.push(Change::Threshold(was, is));
    }
    changes
}

/// What has changed in a talk.
pub fn talk_changes(before: &Talk, after: &Talk) -> Vec<Change> {
    let parts = |talk: &Talk| -> Vec<Part> {
        let steps = talk.steps.iter();
        steps.map(|step| part(&step.code, &step.title, step)).collect()
    };
    compare(&parts(before), &parts(after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripts::defaults;
    use crate::scripts::model::{Item, ItemKind};

    #[test]
    fn a_version_says_what_it_has_changed() {
        let before = defaults::questionnaire();
        assert_eq!(questionnaire_changes(&before, &before), []);
        let mut after = before.clone();
        after.dissatisfied_up_to = 5;
        after.items[0].text.zh = "总体打几分？".to_owned();
        let gone = after.items.remove(1);
        let last = after.items.len() - 1;
        after.items.swap(last, last - 1);
        let new = Words::new("还会再来吗？", "Will you come again?");
        after.items.push(Item::new("s1", ItemKind::YesNo, new.clone()));
        assert_eq!(
            questionnaire_changes(&before, &after),
            [
                Change::Changed(after.items[0].text.clone()),
                Change::Added(new),
                Change::Removed(gone.text),
                Change::Reordered,
                Change::Threshold(6, 5),
            ]
        );
        let talks = defaults::talks();
        let (talk, mut longer) = (&talks[0].2, talks[0].2.clone());
        longer.steps[0].say.en.push('!');
        let title = longer.steps[0].title.clone();
        assert_eq!(talk_changes(talk, &longer), [Change::Changed(title)]);
    }
}
