//! Every text in both languages: there, told apart, used.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use care_desk::i18n::AREAS;

/// Texts that are the same in both languages or need no Chinese.
const NOT_CHINESE: [&str; 3] = ["common.english", "common.none", "common.signed_in_as"];

fn texts() -> impl Iterator<Item = (String, &'static str, &'static str)> {
    AREAS.iter().flat_map(|(area, entries)| {
        entries
            .iter()
            .map(move |(key, zh, en)| (format!("{area}.{key}"), *zh, *en))
    })
}

/// The names in braces, in the order of the alphabet.
fn placeholders(text: &str) -> BTreeSet<&str> {
    let parts = text.split('{').skip(1);
    parts.filter_map(|part| part.split(['}', ':']).next()).collect()
}

#[test]
fn no_text_is_empty_and_no_key_is_there_twice() {
    let mut seen = BTreeSet::new();
    for (key, zh, en) in texts() {
        assert!(!zh.trim().is_empty() && !en.trim().is_empty(), "{key} is empty");
        assert!(seen.insert(key.clone()), "{key} is there twice");
    }
}

#[test]
fn both_languages_say_the_same_things() {
    for (key, zh, en) in texts() {
        assert_eq!(placeholders(zh), placeholders(en), "{key}: arguments differ");
    }
}

#[test]
fn chinese_is_chinese() {
    let is_chinese = |text: &str| text.chars().any(|c| matches!(c, '\u{4E00}'..='\u{9FFF}'));
    let wrong: Vec<String> = texts()
        .filter(|(key, zh, _)| !is_chinese(zh) && !NOT_CHINESE.contains(&key.as_str()))
        .map(|(key, zh, _)| format!("{key}: {zh}"))
        .collect();
    assert!(wrong.is_empty(), "no Chinese in {wrong:#?}");
    let unneeded: Vec<&str> = NOT_CHINESE
        .into_iter()
        .filter(|known| !texts().any(|(key, zh, _)| key == *known && !is_chinese(zh)))
        .collect();
    assert!(unneeded.is_empty(), "NOT_CHINESE names {unneeded:?}");
}

#[test]
fn english_is_not_chinese() {
    let foreign: Vec<String> = texts()
        .filter(|(key, _, en)| {
            key != "common.chinese"
                && en
                    .chars()
                    .any(|c| matches!(c, '\u{4E00}'..='\u{9FFF}' | '，' | '。' | '：'))
        })
        .map(|(key, ..)| key)
        .collect();
    assert!(foreign.is_empty(), "Chinese in the English of {foreign:?}");
}

#[test]
fn every_text_is_used() {
    let source = source();
    let unused: Vec<String> = texts()
        .map(|(key, ..)| key)
        .filter(|key| {
            let name = key.split('.').nth(1).unwrap();
            // `t.title()` in a template or handler, `T::title` passed as a function.
            !source.contains(&format!(".{name}(")) && !source.contains(&format!("T::{name}"))
        })
        .collect();
    assert!(
        unused.is_empty(),
        "used nowhere in src/ or templates/: {unused:#?}"
    );
}

/// All code and templates.
fn source() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("src"), root.join("templates")];
    let mut text = String::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                text.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    text
}
