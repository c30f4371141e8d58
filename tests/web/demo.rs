//! The demonstration: the same every time, and every page of it opens for everybody.

use std::sync::Mutex;

use axum::http::Method;
use care_desk::auth::password::Hasher;
use care_desk::clock::Clock;
use care_desk::demo;
use care_desk::obligations::nightly;
use care_desk::web::security::PublicUrl;
use care_desk::web::state::AppState;
use secrecy::SecretString;
use sqlx::{AssertSqlSafe, PgPool};

use crate::support::app::{NOW, PASSWORD};
use crate::support::client::Client;
use crate::support::cluster::with_db;

const CUSTOMERS: u32 = 160;
const PEOPLE: [&str; 9] = [
    "admin",
    "manager",
    "specialist1",
    "receptionist",
    "clerk",
    "handler",
    "group",
    "manager2",
    "specialist21",
];

async fn fill(db: &PgPool) {
    let password = SecretString::from(PASSWORD);
    demo::prepare(db, CUSTOMERS, Some(&password), NOW.parse().unwrap())
        .await
        .unwrap();
}

/// What a person would notice if it differed, as one text.
async fn fingerprint(db: &PgPool) -> String {
    sqlx::query_scalar(
        "select concat_ws(' ',
           (select md5(string_agg(concat_ws('|', store_id, name, salutation), ',' order by id)) from customers),
           (select md5(string_agg(concat_ws('|', store_id, vin, plate, delivered_on), ',' order by id)) from vehicles),
           (select md5(string_agg(concat_ws('|', store_id, ro_number, handed_over_at, odometer_km), ',' order by id)) from visits),
           (select md5(string_agg(concat_ws('|', store_id, kind, subject_id, cycle_key, due_at, status, ended_at), ','
                                  order by store_id, kind, subject_id, cycle_key)) from obligations),
           (select md5(string_agg(concat_ws('|', store_id, at, result), ',' order by store_id, at, callback_id)) from attempts),
           (select count(*) from complaints))",
    )
    .fetch_one(db)
    .await
    .unwrap()
}

#[test]
fn the_same_day_gives_the_same_data() {
    let seen = Mutex::new(Vec::new());
    for _ in 0..2 {
        with_db(async |db| {
            fill(&db).await;
            let first = fingerprint(&db).await;
            // Started again it serves what is there, with the password set anew.
            fill(&db).await;
            assert_eq!(fingerprint(&db).await, first);
            seen.lock().unwrap().push(first);
        });
    }
    let seen = seen.into_inner().unwrap();
    assert_eq!(seen[0], seen[1]);
}

#[test]
fn a_database_with_real_work_is_refused() {
    with_db(async |db| {
        sqlx::query("insert into stores (code, name, starts_on, created_at) values ('X', 'X', '2026-01-01', '2026-01-01')")
            .execute(&db)
            .await
            .unwrap();
        let password = SecretString::from(PASSWORD);
        let refused = demo::prepare(&db, CUSTOMERS, Some(&password), NOW.parse().unwrap()).await;
        assert!(refused.unwrap_err().to_string().contains("empty"));
    });
}

#[test]
fn every_page_opens_for_every_role_with_rows_or_a_written_empty_state() {
    with_db(async |db| {
        fill(&db).await;
        let url = PublicUrl::parse("http://127.0.0.1:8080").unwrap();
        let hasher = Hasher::with_cost(32, 1).unwrap();
        let state = AppState::new(db.clone(), Clock::fixed(NOW.parse().unwrap()), url, hasher);
        let mut opened = 0;
        for person in PEOPLE {
            let mut browser = Client::new(state.clone());
            let signed_in = browser
                .post("/login", &[("username", person), ("password", PASSWORD)])
                .await;
            assert_eq!(signed_in.status, 303, "{person}");
            let store = if person.ends_with('2') || person.ends_with("21") {
                2
            } else {
                1
            };
            for (method, pattern) in care_desk::web::routes().list() {
                // The board's line of events goes on for minutes; tests/web/floor.rs reads it.
                let is_page = *method == Method::GET && !pattern.starts_with("/static");
                if !is_page || pattern.ends_with("/events") {
                    continue;
                }
                let path = concrete(&db, store, pattern).await;
                let answer = browser.get(&path).await;
                let allowed = [200, 303, 400, 403, 404];
                assert!(
                    allowed.contains(&answer.status),
                    "{person} {path}: {}",
                    answer.status
                );
                if answer.status == 200 && answer.html().trim_start().starts_with("<!doctype html>") {
                    let content = "main :is(tbody tr, .empty, form, .tile, dl, .timeline, .section, .script, .questionlist)";
                    assert!(answer.count(content) > 0, "{person} {path} shows nothing");
                    assert_eq!(answer.count("h1"), 1, "{person} {path}");
                    opened += 1;
                }
            }
        }
        assert!(opened > 120, "{opened} pages opened");
    });
}

/// The pattern with an id of the table that its first segment names, in the store.
async fn concrete(db: &PgPool, store: i64, pattern: &str) -> String {
    if !pattern.contains('{') {
        return pattern.to_owned();
    }
    let table = pattern.split('/').nth(1).unwrap();
    let key = match table {
        "stores" | "users" | "jobs" => "min(id)".to_owned(),
        _ => format!("min(id) filter (where store_id = {store})"),
    };
    let table = match table {
        "jobs" => "stores",
        "reviews" => "customers",
        // Its pages are named by a token that no id is: they say that there is none.
        "q" => "outbox_messages",
        other => other,
    };
    let sql = format!("select {key} from {table}");
    let id: Option<i64> = sqlx::query_scalar(AssertSqlSafe(sql))
        .fetch_one(db)
        .await
        .unwrap();
    pattern
        .replace("{id}", &id.unwrap_or(1).to_string())
        .replace("{kind}", "roster")
        .replace("{token}", "none")
}

#[test]
fn the_ledger_of_the_demonstration_is_whole_and_shows_every_kind() {
    with_db(async |db| {
        fill(&db).await;
        let stores: Vec<care_desk::stores::StoreId> = sqlx::query_scalar("select id from stores order by id")
            .fetch_all(&db)
            .await
            .unwrap();
        for store in stores {
            let scope = care_desk::stores::StoreScope::for_job(store);
            let mut tx = db.begin().await.unwrap();
            let proof = nightly::prove(&mut tx, scope, "2026-11-24".parse().unwrap())
                .await
                .unwrap();
            assert!(
                proof.missing.is_empty(),
                "{:?}",
                &proof.missing[..proof.missing.len().min(3)]
            );
            assert!(
                proof.loose.is_empty(),
                "{:?}",
                &proof.loose[..proof.loose.len().min(3)]
            );
        }
        let kinds: Vec<String> = sqlx::query_scalar(
            "select distinct kind from obligations where store_id = 1 and kind in ('lost_customer', 'care_visit', 'data_task', 'renewal_contact') order by 1",
        )
        .fetch_all(&db)
        .await
        .unwrap();
        assert_eq!(
            kinds,
            ["care_visit", "data_task", "lost_customer", "renewal_contact"]
        );
        let nights: i64 = sqlx::query_scalar("select sum(missing + loose)::bigint from reconciliations")
            .fetch_one(&db)
            .await
            .unwrap();
        assert_eq!(nights, 0);
    });
}
