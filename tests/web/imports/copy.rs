//! What is sent by COPY is what the table holds.

use care_desk::imports::copy::CopyRows;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::support::app::with_app;

/// A row of every kind of column: a text, a list of texts, a list as JSON.
type Cells = (Option<String>, Vec<String>, Vec<String>);

const ROWS: usize = 400;

/// Texts with what COPY, arrays and JSON give a meaning to, more often than chance would have it.
fn texts() -> impl Strategy<Value = String> {
    let odd = r#"[\\\t\n\r"'{},N;. a张𠮷\u{1}\u{7f}\u{85}]{0,12}"#;
    prop_oneof![
        3 => odd,
        2 => any::<String>(),
        1 => prop::sample::select(vec!["", "\\N", "\\.", "NULL", "null", "{}", "{\"a\"}", "\\", "\\\\", "\r\n"])
            .prop_map(str::to_owned),
    ]
    .prop_map(|text: String| text.replace('\0', ""))
}

fn rows() -> Vec<Cells> {
    let row = (
        prop::option::weighted(0.9, texts()),
        prop::collection::vec(texts(), 0..5),
        prop::collection::vec(texts(), 1..4),
    );
    let mut runner = TestRunner::deterministic();
    (0..ROWS)
        .map(|_| row.new_tree(&mut runner).unwrap().current())
        .collect()
}

#[test]
fn every_text_comes_out_of_the_table_as_it_was_sent() {
    with_app(async |app| {
        let rows = rows();
        let mut copy = CopyRows::new();
        for (number, (text, list, json)) in (0..).zip(&rows) {
            copy.plain(Some(number)).text(text.as_deref()).array(list);
            copy.json_list(json).unwrap().end();
        }
        let mut db = app.db.acquire().await.unwrap();
        sqlx::raw_sql("create temp table sent (number int, text text, list text[], json jsonb)")
            .execute(&mut *db)
            .await
            .unwrap();
        let sent = copy
            .send(&mut db, "copy sent (number, text, list, json) from stdin")
            .await
            .unwrap();
        assert_eq!(sent, ROWS as u64);
        let found: Vec<(Option<String>, Vec<String>, serde_json::Value)> =
            sqlx::query_as("select text, list, json from sent order by number")
                .fetch_all(&mut *db)
                .await
                .unwrap();
        for ((text, list, json), found) in rows.into_iter().zip(found) {
            assert_eq!((text, list, serde_json::json!(json)), found);
        }
    });
}
