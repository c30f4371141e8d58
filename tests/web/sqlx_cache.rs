//! `.sqlx` says what the macros believe about the schema; `scripts/prepare` writes it.

use std::fs;
use std::path::Path;

use serde_json::Value;
use sqlx::{AssertSqlSafe, Executor, SqlSafeStr};

use crate::support::cluster::with_db;

const MACROS: [&str; 3] = ["query!(", "query_as!(", "query_scalar!("];

#[test]
fn every_cached_query_is_described_as_the_migrated_schema_describes_it() {
    with_db(|db| async move {
        let cached = cached();
        for entry in &cached {
            let sql = entry["query"].as_str().unwrap();
            let described = match (&db).describe(AssertSqlSafe(sql.to_owned()).into_sql_str()).await {
                Ok(described) => serde_json::to_value(described).unwrap(),
                Err(err) => panic!("run scripts/prepare: {err} in {sql}"),
            };
            assert_eq!(
                comparable(described),
                comparable(entry["describe"].clone()),
                "run scripts/prepare: stale in .sqlx: {sql}"
            );
        }
        let source = source();
        assert!(
            !cached.is_empty() || !MACROS.iter().any(|name| source.contains(name)),
            "run scripts/prepare: .sqlx is empty"
        );
    });
}

/// Without what PostgreSQL guesses about nullability where the query itself says it (`as "name?"`): the guess depends on
/// the plan, and the plan on statistics.
fn comparable(mut describe: Value) -> Value {
    let names: Vec<String> = describe["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| column["name"].as_str().unwrap().to_owned())
        .collect();
    for (index, name) in names.iter().enumerate() {
        if name.contains(['?', '!']) {
            describe["nullable"][index] = Value::Null;
        }
    }
    describe
}

#[test]
fn every_cached_query_is_still_in_the_source() {
    let source = plain(&source());
    for entry in cached() {
        let sql = entry["query"].as_str().unwrap();
        assert!(
            source.contains(&plain(sql)),
            "run scripts/prepare: nobody asks any more: {sql}"
        );
    }
}

/// Without white space, escapes and the seams of a text in pieces: as far as a literal may differ from its value.
fn plain(text: &str) -> String {
    let text: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '\\')
        .collect();
    text.replace("\"+\"", "")
}

fn cached() -> Vec<Value> {
    let Ok(entries) = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.sqlx")) else {
        return Vec::new();
    };
    entries
        .map(|entry| serde_json::from_slice(&fs::read(entry.unwrap().path()).unwrap()).unwrap())
        .collect()
}

/// All of the program and its tests, but for this file, which names the macros.
fn source() -> String {
    let mut text = String::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("src"), root.join("tests")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("sqlx_cache.rs") {
                text.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    text
}
