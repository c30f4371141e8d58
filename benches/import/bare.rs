//! The floor: the rows that the import has written, by COPY alone into the same tables, emptied, with all their indexes,
//! checks and keys.

use std::time::{Duration, Instant};

use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Executor, PgConnection};
use tokio::io::AsyncWriteExt;

use crate::desk::Desk;

/// In an order that the keys allow.
const TABLES: [&str; 8] = [
    "customers",
    "customer_facts",
    "phones",
    "vehicles",
    "vehicle_people",
    "odometer_readings",
    "policies",
    "vehicle_facts",
];

/// How long each table takes, in one transaction.
pub async fn copy(desk: &Desk) -> Vec<(&'static str, Duration)> {
    let mut db = desk.db().await;
    for table in TABLES {
        save(&mut db, desk, table).await;
    }
    let empty = format!("truncate {} cascade", TABLES.join(", "));
    db.execute(AssertSqlSafe(empty)).await.unwrap();
    db.execute("checkpoint").await.unwrap();
    db.execute("begin").await.unwrap();
    let mut times = Vec::new();
    for table in TABLES {
        let begun = Instant::now();
        load(&mut db, desk, table).await;
        times.push((table, begun.elapsed()));
    }
    let begun = Instant::now();
    db.execute("commit").await.unwrap();
    times.push(("commit", begun.elapsed()));
    times
}

async fn columns(db: &mut PgConnection, table: &str) -> String {
    sqlx::query_scalar(
        "select string_agg(quote_ident(column_name), ', ' order by ordinal_position)
         from information_schema.columns
         where table_schema = 'public' and table_name = $1 and is_generated = 'NEVER'",
    )
    .bind(table)
    .fetch_one(db)
    .await
    .unwrap()
}

async fn save(db: &mut PgConnection, desk: &Desk, table: &str) {
    let sql = format!("copy {table} ({}) to stdout", columns(db, table).await);
    let mut file = tokio::fs::File::create(desk.folder().join(table)).await.unwrap();
    let mut rows = db.copy_out_raw(&sql).await.unwrap();
    while let Some(bytes) = rows.try_next().await.unwrap() {
        file.write_all(&bytes).await.unwrap();
    }
    file.flush().await.unwrap();
}

async fn load(db: &mut PgConnection, desk: &Desk, table: &str) {
    let sql = format!("copy {table} ({}) from stdin", columns(db, table).await);
    let mut copy = db.copy_in_raw(&sql).await.unwrap();
    let file = tokio::fs::File::open(desk.folder().join(table)).await.unwrap();
    copy.read_from(file).await.unwrap();
    copy.finish().await.unwrap();
}
