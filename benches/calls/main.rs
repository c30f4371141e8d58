//! Save and next: `cargo bench --bench calls -- --customers 1000000`.
//!
//! Fills a throw-away database with that many customers (a million if nothing is said) and 20,000 calls that are due, settles
//! some of them one after the other as a specialist does, and prints what *save and next* takes from the router to the
//! redirect, and what the page of the next call takes: median, 99 % and most. Ends with an error if 99 % of the saves need
//! more than 100 ms.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that cannot go on ends with a message"
)]

#[path = "../../tests/web/support/mod.rs"]
mod support;

use std::time::Instant;

use care_desk::auth::permission::Role;
use sqlx::{AssertSqlSafe, Executor};

use crate::support::app::{TestApp, with_app};
use crate::support::client::{Answer, Client};

/// What *save and next* may take (issue: the call screen).
const LIMIT: f64 = 100.0;
/// Calls that are due.
const CALLS: u64 = 20_000;
/// Calls that are made; the first tenth warms up.
const RUNS: usize = 330;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let at = arguments.iter().position(|argument| argument == "--customers");
    let customers: u64 = at
        .and_then(|at| arguments.get(at + 1))
        .map_or(1_000_000, |text| text.parse().unwrap());
    with_app(async move |app| {
        let begun = Instant::now();
        seed(&app, customers).await;
        eprintln!("filled in {:.0?}", begun.elapsed());
        measure(&app, customers).await;
    });
}

async fn seed(app: &TestApp, customers: u64) {
    let calls = CALLS.min(customers);
    let sql = include_str!("seed.sql")
        .replace("$store", &app.store.to_string())
        .replace("$customers", &customers.to_string())
        .replace("$calls", &calls.to_string());
    let mut connection = app.db.acquire().await.unwrap();
    connection.execute("set statement_timeout = 0").await.unwrap();
    connection.execute(AssertSqlSafe(sql)).await.unwrap();
}

async fn measure(app: &TestApp, customers: u64) {
    let mut browser = app.sign_in(Role::Specialist).await;
    let next = browser.post("/callbacks/next", &[]).await;
    let (mut path, mut page) = (next.location().to_owned(), browser.follow(&next).await);
    let (mut saves, mut pages) = (Vec::new(), Vec::new());
    for run in 0..RUNS {
        let begun = Instant::now();
        let saved = save(&mut browser, &path, &page).await;
        let took = begun.elapsed();
        path = saved.location().to_owned();
        let begun = Instant::now();
        page = browser.follow(&saved).await;
        if run >= RUNS / 10 {
            saves.push(took.as_secs_f64() * 1e3);
            pages.push(begun.elapsed().as_secs_f64() * 1e3);
        }
    }
    println!(
        "{customers} customers, {} calls, ms: median / 99 % / most",
        saves.len()
    );
    let most = print("save and next", saves);
    print("page of the next call", pages);
    assert!(most <= LIMIT, "99 % of the saves need more than {LIMIT} ms");
}

/// Answers the questions as a satisfied customer does, and asks for the next call.
async fn save(browser: &mut Client, path: &str, page: &Answer) -> Answer {
    let mut fields = page.form("call");
    let item = fields.iter().find(|(name, _)| name == "item");
    let item = item.map(|(_, value)| value.clone()).unwrap();
    for (code, answer) in [("q10", "9"), ("q5", "yes"), ("q11", "10")] {
        fields.push((format!("q{item}_{code}"), answer.to_owned()));
    }
    fields.push(("outcome".to_owned(), "completed".to_owned()));
    fields.push(("after".to_owned(), "next".to_owned()));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let saved = browser.post(path, &fields).await;
    assert_eq!(saved.status, 303, "{}", saved.texts(".error").join(" "));
    saved
}

/// Prints the spread and gives what 99 % stay below.
fn print(what: &str, mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    println!("{what:24} {:8.1} {:8.1} {:8.1}", at(0.5), at(0.99), at(1.0));
    at(0.99)
}
