//! What the schema promises about stores: every row belongs to one, and no key and no statement forgets it.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;
use sqlx::PgPool;

use crate::support::cluster::with_db;

/// Tables with a store that hang below a person, not below the store: a session comes before a store is known.
const BELOW_A_PERSON: [&str; 1] = ["sessions"];

/// Keys of store-owned tables may name these with one column: both are above the stores' rows.
const ABOVE_STORES: [&str; 2] = ["stores", "users"];

/// Statements on store-owned tables that need no store, by a piece that only they contain, and why.
const WITHOUT_STORE: [(&str, &str); 10] = [
    (
        "delete from sessions where expires_at",
        "the clean-up empties every store",
    ),
    (
        "delete from drafts where updated_at",
        "the clean-up empties every store",
    ),
    (
        "where file_key = any($1)",
        "a file is named by one import, whichever store's",
    ),
    (
        "set file_key = null where state",
        "the clean-up empties every store",
    ),
    ("set last_seen_at", "a session is found by its token"),
    ("set flash", "a session is found by its token"),
    (
        "delete from sessions where token_hash",
        "a session is found by its token",
    ),
    (
        "delete from sessions where user_id",
        "a person is signed out everywhere",
    ),
    (
        "set is_active = $3 or (u.group_role",
        "an account is active while its person works in any store",
    ),
    (
        "not exists(select from stores)",
        "demonstration data goes into an empty database only",
    ),
];

async fn store_owned(db: &PgPool) -> BTreeSet<String> {
    let tables: Vec<String> = sqlx::query_scalar(
        "select c.table_name::text
         from information_schema.columns c
         join information_schema.tables t using (table_schema, table_name)
         where c.table_schema = 'public' and c.column_name = 'store_id' and t.table_type = 'BASE TABLE'",
    )
    .fetch_all(db)
    .await
    .unwrap();
    let owned = tables.into_iter();
    owned
        .filter(|table| !BELOW_A_PERSON.contains(&table.as_str()))
        .collect()
}

#[test]
fn the_store_comes_first_in_every_primary_key() {
    with_db(async |db| {
        let first: Vec<(String, String)> = sqlx::query_as(
            "select c.relname::text, a.attname::text
             from pg_index i
             join pg_class c on c.oid = i.indrelid
             join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
             where i.indisprimary and c.relnamespace = 'public'::regnamespace",
        )
        .fetch_all(&db)
        .await
        .unwrap();
        let owned = store_owned(&db).await;
        assert!(owned.len() > 25, "{owned:?}");
        for table in owned {
            let key = first.iter().find(|(name, _)| *name == table);
            assert_eq!(
                key.map(|(_, column)| column.as_str()),
                Some("store_id"),
                "{table}"
            );
        }
    });
}

/// Name, table, table it points at, columns, columns it points at.
type ForeignKey = (String, String, String, Vec<String>, Vec<String>);

#[test]
fn no_foreign_key_crosses_stores() {
    with_db(async |db| {
        let owned = store_owned(&db).await;
        let keys: Vec<ForeignKey> = sqlx::query_as(
            "select k.conname::text, k.conrelid::regclass::text, k.confrelid::regclass::text,
                    array(select a.attname::text from unnest(k.conkey) with ordinality x(n, o)
                          join pg_attribute a on a.attrelid = k.conrelid and a.attnum = x.n order by x.o),
                    array(select a.attname::text from unnest(k.confkey) with ordinality x(n, o)
                          join pg_attribute a on a.attrelid = k.confrelid and a.attnum = x.n order by x.o)
             from pg_constraint k
             where k.contype = 'f' and k.connamespace = 'public'::regnamespace",
        )
        .fetch_all(&db)
        .await
        .unwrap();
        assert!(keys.len() > 40, "{}", keys.len());
        for (name, from, to, columns, referenced) in keys {
            if !owned.contains(&from) || ABOVE_STORES.contains(&to.as_str()) {
                continue;
            }
            assert!(
                owned.contains(&to),
                "{name} of {from} points at {to}, which has no store"
            );
            assert_eq!(
                (columns[0].as_str(), referenced[0].as_str()),
                ("store_id", "store_id"),
                "{name} could point into another store"
            );
        }
    });
}

#[test]
fn every_statement_on_a_stores_rows_names_the_store() {
    with_db(async |db| {
        let mut tables = store_owned(&db).await;
        tables.extend(BELOW_A_PERSON.map(str::to_owned));
        let mut used = BTreeSet::new();
        for statement in cached() {
            let plain = statement.split_whitespace().collect::<Vec<_>>().join(" ");
            let Some(table) = tables.iter().find(|table| mentions(&plain, table)) else {
                continue;
            };
            if let Some((piece, _)) = WITHOUT_STORE.iter().find(|(piece, _)| plain.contains(piece)) {
                used.insert(*piece);
                continue;
            }
            assert!(
                plain.contains("store_id"),
                "a statement on {table} without store_id: {plain}"
            );
        }
        for (piece, why) in WITHOUT_STORE {
            assert!(
                used.contains(piece),
                "no statement contains {piece:?} ({why}) any more"
            );
        }
    });
}

/// Whether a statement reads or writes the table, not only a column or a CTE that is called alike.
fn mentions(statement: &str, table: &str) -> bool {
    ["from", "join", "into", "update"].iter().any(|word| {
        let clause = format!("{word} {table}");
        statement.match_indices(&clause).any(|(at, _)| {
            !statement[at + clause.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
        })
    })
}

fn cached() -> Vec<String> {
    let entries = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.sqlx")).unwrap();
    entries
        .map(|entry| {
            let entry: Value = serde_json::from_slice(&fs::read(entry.unwrap().path()).unwrap()).unwrap();
            entry["query"].as_str().unwrap().to_owned()
        })
        .collect()
}
