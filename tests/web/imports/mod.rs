//! Importing files: the wizard from upload to result, and what becomes of the archive.

mod choose;
mod command;
mod conflicts;
mod copy;
mod formats;
mod hostile;
mod merge_policies;
mod merge_roster;
mod merge_visits;
mod resume;
mod safety;
mod undo;
mod wizard;

use care_desk::auth::permission::Role;
use care_desk::imports::Counts;
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::support::app::TestApp;
use crate::support::client::{Answer, Client};

/// No reading takes longer, or its limit is not kept.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(90);

/// Uploads a file and waits until it is read. The answer is the page of the columns, or of the reason it was refused.
async fn upload(browser: &mut Client, kind: &str, name: &str, bytes: &[u8]) -> (String, Answer) {
    let sent = browser
        .post_multipart("/imports", &[("kind", kind)], &[("file", name, bytes)])
        .await;
    assert_eq!(sent.status, 303, "{}", sent.text("main"));
    let path = sent.location().to_owned();
    let page = settled(browser, &path).await;
    (path, page)
}

/// The page of an import once it waits for a person.
async fn settled(browser: &mut Client, path: &str) -> Answer {
    let begun = std::time::Instant::now();
    while begun.elapsed() < PATIENCE {
        let page = browser.get(path).await;
        if page.count("[data-import-busy]") == 0 {
            return page;
        }
        tokio::task::yield_now().await;
    }
    panic!("{path} is busy for too long");
}

/// The columns as the page proposes them, as a form.
fn proposed(page: &Answer) -> Vec<(String, String)> {
    let document = scraper::Html::parse_document(page.html());
    let select = scraper::Selector::parse("select[name=field]").unwrap();
    let chosen = scraper::Selector::parse("option[selected]").unwrap();
    let mut fields: Vec<(String, String)> = document
        .select(&select)
        .map(|column| {
            let option = column.select(&chosen).next();
            let value = option
                .and_then(|option| option.value().attr("value"))
                .unwrap_or("");
            ("field".to_owned(), value.to_owned())
        })
        .collect();
    if page.count("input[name=remember][checked]") == 1 {
        fields.push(("remember".to_owned(), "yes".to_owned()));
    }
    fields.push((
        "version".to_owned(),
        page.attr("input[name=version]", "value").unwrap(),
    ));
    fields
}

async fn send(browser: &mut Client, path: &str, fields: &[(String, String)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    browser.post(path, &fields).await
}

/// From the columns to the preview, with the columns as proposed.
async fn preview(browser: &mut Client, path: &str, columns: &Answer) -> Answer {
    let sent = send(browser, &format!("{path}/columns"), &proposed(columns)).await;
    assert_eq!(
        (sent.status, sent.location()),
        (303, path),
        "{}",
        sent.text("main")
    );
    settled(browser, path).await
}

/// From the preview to the result.
async fn confirm(browser: &mut Client, path: &str, page: &Answer) -> Answer {
    let version = page.attr("input[name=version]", "value").unwrap();
    let sent = browser
        .post(&format!("{path}/confirm"), &[("version", version.as_str())])
        .await;
    assert_eq!(
        (sent.status, sent.location()),
        (303, path),
        "{}",
        sent.text("main")
    );
    settled(browser, path).await
}

/// Takes a CSV in by the whole wizard as the admin of the first store; gives what was counted.
async fn import(app: &TestApp, kind: &str, csv: &str) -> Counts {
    let mut browser = app.sign_in(Role::Admin).await;
    let (path, columns) = upload(&mut browser, kind, "file.csv", csv.as_bytes()).await;
    let page = preview(&mut browser, &path, &columns).await;
    let result = confirm(&mut browser, &path, &page).await;
    assert_eq!(result.count(".pane .flash--good"), 1, "{}", result.text("main"));
    counts(app, &path).await
}

async fn counts(app: &TestApp, path: &str) -> Counts {
    let id: i64 = path.rsplit('/').next().unwrap().parse().unwrap();
    let json: serde_json::Value = sqlx::query_scalar("select counts from imports where id = $1")
        .bind(id)
        .fetch_one(&app.db)
        .await
        .unwrap();
    serde_json::from_value(json).unwrap()
}

/// `(new, changed, unchanged, refused)`
fn tally(counts: &Counts) -> (i64, i64, i64, i64) {
    (counts.new, counts.changed, counts.unchanged, counts.refused)
}

/// The only column of every row, as text.
async fn texts(app: &TestApp, sql: &'static str) -> Vec<String> {
    let rows: Vec<PgRow> = sqlx::query(sql).fetch_all(&app.db).await.unwrap();
    rows.iter()
        .map(|row| {
            row.try_get::<Option<String>, _>(0)
                .unwrap()
                .unwrap_or("-".to_owned())
        })
        .collect()
}

/// Everything in the archive and the ledger that an import may write, but for the times of writing.
async fn archive(app: &TestApp) -> Vec<String> {
    let mut all = Vec::new();
    for sql in [
        "select (to_jsonb(t) - 'updated_at')::text from customers t order by id",
        "select to_jsonb(t)::text from phones t order by id",
        "select (to_jsonb(t) - 'updated_at')::text from vehicles t order by id",
        "select to_jsonb(t)::text from vehicle_people t order by id",
        "select (to_jsonb(t) - 'updated_at')::text from visits t order by id",
        "select to_jsonb(t)::text from policies t order by id",
        "select to_jsonb(t)::text from odometer_readings t order by id",
        "select (to_jsonb(t) - 'computed_at')::text from vehicle_facts t order by vehicle_id",
        "select to_jsonb(t)::text from customer_facts t order by customer_id",
        "select to_jsonb(t)::text from obligations t order by id",
    ] {
        all.extend(texts(app, sql).await);
    }
    all
}
