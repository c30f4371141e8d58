//! Every text in both languages: there, told apart, used.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use care_desk::auth::permission::Permission;
use care_desk::i18n::AREAS;
use care_desk::i18n::audit::ACTIONS;

/// Texts whose Chinese has letters but no Chinese character.
const NOT_CHINESE: [&str; 5] = [
    "common.english",
    "callbacks.script_version",
    "scripts.version_n",
    "scripts.trial_of",
    "vehicles.vin",
];

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

/// What is left of a text without its placeholders.
fn words(text: &str) -> String {
    let mut pieces = text.split('{');
    let mut left = pieces.next().unwrap_or("").to_owned();
    for piece in pieces {
        left.push_str(piece.split_once('}').map_or("", |(_, behind)| behind));
    }
    left
}

#[test]
fn chinese_is_chinese() {
    let is_chinese = |text: &str| text.chars().any(|c| matches!(c, '\u{4E00}'..='\u{9FFF}'));
    let foreign: Vec<String> = texts()
        .filter(|(_, zh, _)| !is_chinese(zh) && words(zh).chars().any(char::is_alphabetic))
        .map(|(key, ..)| key)
        .collect();
    assert_eq!(foreign, NOT_CHINESE, "texts without Chinese");
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
    let sources = sources();
    let unused: Vec<String> = texts()
        .map(|(key, ..)| key)
        .filter(|key| {
            let (area, name) = key.split_once('.').unwrap();
            !sources
                .iter()
                .any(|(path, source)| uses(path, source, area, name))
        })
        .collect();
    assert!(
        unused.is_empty(),
        "used nowhere in src/ or templates/: {unused:#?}"
    );
}

/// Whether a file asks for the text of this very area: areas have keys in common.
fn uses(path: &Path, source: &str, area: &str, name: &str) -> bool {
    let asks = source.contains(&format!(".{name}(")) || source.contains(&format!("T::{name}"));
    let knows = source.contains(&format!(".{area}()"))
        || source.contains(&format!("{area}::T"))
        || path
            .components()
            .any(|part| part.as_os_str().to_string_lossy().split('.').next() == Some(area));
    asks && knows
}

/// All code and templates.
fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("src"), root.join("templates")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let source = fs::read_to_string(&path).unwrap();
                files.push((path, source));
            }
        }
    }
    files
}

#[test]
fn every_action_of_the_audit_log_has_words() {
    // Literals such as "users.create" are actions; the areas before the dot are those of the log.
    let areas: BTreeSet<&str> = ACTIONS
        .iter()
        .filter_map(|(code, ..)| code.split('.').next())
        .collect();
    let mut nameless = BTreeSet::new();
    for (path, source) in sources() {
        if path.extension().is_none_or(|end| end != "rs") {
            continue;
        }
        for literal in source.split('"').skip(1).step_by(2) {
            let is_action = literal.split_once('.').is_some_and(|(area, verb)| {
                areas.contains(area)
                    && !verb.is_empty()
                    && verb.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
            });
            let is_permission = Permission::ALL
                .iter()
                .any(|permission| permission.as_str() == literal);
            if is_action && !is_permission && !ACTIONS.iter().any(|(code, ..)| *code == literal) {
                nameless.insert(literal.to_owned());
            }
        }
    }
    assert!(
        nameless.is_empty(),
        "give them words in i18n/audit.rs: {nameless:?}"
    );
}
