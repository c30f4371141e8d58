//! Taking lists out: what is seen and no more, harmless to a spreadsheet, limited, recorded.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use care_desk::auth::permission::Role;

use crate::support::app::{TestApp, with_app};
use crate::support::build;
use crate::support::client::{Answer, Client};

const COLUMNS: [(&str, &str); 3] = [("column", "phone"), ("column", "cars"), ("column", "grade")];

async fn export(browser: &mut Client, format: &str, query: &str, reason: &str) -> Answer {
    let fields = [
        ("list", "customers"),
        ("format", format),
        ("query", query),
        ("reason", reason),
    ];
    browser
        .post("/exports", &[&fields[..], &COLUMNS[..]].concat())
        .await
}

/// Rows of a CSV, the watermark first.
fn csv_rows(answer: &Answer) -> Vec<Vec<String>> {
    assert_eq!(answer.status, 200, "{}", answer.text("body"));
    let bytes = answer
        .body
        .strip_prefix("\u{FEFF}".as_bytes())
        .expect("Excel needs the mark");
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes);
    reader
        .records()
        .map(|record| record.unwrap().iter().map(str::to_owned).collect())
        .collect()
}

/// Rows of the first sheet of an XLSX; panics at a formula.
fn xlsx_rows(answer: &Answer) -> Vec<Vec<String>> {
    assert_eq!(answer.status, 200, "{}", answer.text("body"));
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(answer.body.to_vec())).unwrap();
    let sheet = book.sheet_names()[0].clone();
    let formulas = book.worksheet_formula(&sheet).unwrap();
    assert!(
        formulas.cells().all(|(_, _, formula)| formula.is_empty()),
        "a formula"
    );
    let range = book.worksheet_range(&sheet).unwrap();
    let text = |cell: &Data| {
        let is_text = matches!(cell, Data::Empty | Data::String(_));
        assert!(is_text, "{cell:?} is no text");
        cell.to_string()
    };
    range.rows().map(|row| row.iter().map(text).collect()).collect()
}

async fn named(app: &TestApp, name: &str, phone: &str, plate: &str, grade: &str) {
    let person = build::person(app, name, phone, plate).await;
    sqlx::query("update customers set grade = $2 where id = $1")
        .bind(person.customer)
        .bind(grade)
        .execute(&app.db)
        .await
        .unwrap();
}

#[test]
fn a_file_holds_what_the_list_shows_and_nothing_that_calculates() {
    with_app(async |app| {
        named(&app, "=HYPERLINK(1)", "13905717715", "浙A7K2M9", "A").await;
        named(&app, "＋张三", "+8613800138000", "浙A00002", "A").await;
        named(&app, "\t王五", "13800000003", "浙A00003", "@B").await;
        named(&app, "-李四", "13800000004", "浙A00004", "B").await;
        build::person_in(&app, app.other_store, "别店", "13800000009", "浙A00009").await;
        let mut browser = app.sign_in(Role::Manager).await;
        for query in ["", "grade=A&sort=name", "kind=person&sort=-created"] {
            let separator = if query.is_empty() { "view=all" } else { query };
            let list = browser.get(&format!("/customers?{separator}")).await;
            let names = list.texts("tbody .cell-main > a");
            for format in ["csv", "xlsx"] {
                let answer = export(&mut browser, format, query, "核对名单").await;
                let rows = if format == "csv" {
                    csv_rows(&answer)
                } else {
                    xlsx_rows(&answer)
                };
                assert!(
                    rows[0][0].contains("manager")
                        && rows[0][0].contains("核对名单")
                        && rows[0][0].contains("滨江店")
                );
                assert_eq!(rows[1][..4], ["客户", "手机", "车辆", "客户级别"]);
                let written: Vec<String> = rows[2..]
                    .iter()
                    .map(|row| row[0].trim_start_matches('\'').trim().to_owned())
                    .collect();
                assert_eq!(written, names, "{query} {format}");
                for cell in rows.iter().flatten() {
                    assert!(
                        !cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\0', '＝', '＋', '－', '＠']),
                        "{cell:?}"
                    );
                    assert!(
                        !cell.contains("13905717715") && !cell.contains("13800138000"),
                        "a whole number"
                    );
                }
            }
            sqlx::query("delete from exports").execute(&app.db).await.unwrap();
        }
    });
}

#[test]
fn every_list_can_be_taken_out_by_who_may() {
    with_app(async |app| {
        let person = build::person(&app, "赵雅楠", "13905717715", "浙A7K2M9").await;
        let visit = build::visit(&app, &person, "RO-1")
            .odometer(61_280)
            .insert()
            .await;
        sqlx::query("update visits set amount_fen = 128600 where id = $1")
            .bind(visit)
            .execute(&app.db)
            .await
            .unwrap();
        let mut admin = app.sign_in(Role::Admin).await;
        let visits = [
            ("list", "visits"),
            ("format", "csv"),
            ("reason", "月报"),
            ("column", "amount"),
            ("column", "odometer"),
            ("query", "advisor="),
        ];
        assert_eq!(
            csv_rows(&admin.post("/exports", &visits).await)[2],
            ["RO-1", "1286", "61280"]
        );
        let cars = [
            ("list", "vehicles"),
            ("format", "csv"),
            ("reason", "月报"),
            ("column", "person"),
        ];
        let answer = admin.post("/exports", &cars).await;
        assert_eq!(csv_rows(&answer)[2][0], "浙A·7K2M9 轿车");
        assert!(
            answer.headers["content-disposition"]
                .to_str()
                .unwrap()
                .starts_with("attachment; filename=\"vehicles-2026-11-24-")
        );
        for role in [
            Role::Specialist,
            Role::Clerk,
            Role::Receptionist,
            Role::Handler,
            Role::Group,
        ] {
            let mut other = app.sign_in(role).await;
            assert_eq!(other.post("/exports", &cars).await.status, 403, "{role}");
            assert_eq!(other.get("/exports").await.status, 403, "{role}");
        }
        let page = admin.get("/exports").await;
        assert_eq!(page.count("tbody tr"), 2);
        assert_eq!(page.texts("tbody td:last-child"), ["月报", "月报"]);
    });
}

#[test]
fn a_reason_is_asked_for_and_nothing_is_written_without_one() {
    with_app(async |app| {
        let mut manager = app.sign_in(Role::Manager).await;
        let page = export(&mut manager, "csv", "grade=A", " ").await;
        assert_eq!(
            (page.status, page.field_error("reason")),
            (422, "必填".to_owned())
        );
        assert_eq!(
            page.attr("input[name=query]", "value").as_deref(),
            Some("grade=A")
        );
        assert_eq!(app.count("select count(*) from exports").await, 0);
    });
}

#[test]
fn a_person_takes_out_five_a_day_and_many_rows_are_an_alarm() {
    with_app(async |app| {
        sqlx::query(
            "insert into customers (store_id, name, created_at, updated_at)
             select $1, '客户' || i, $2, $2 from generate_series(1, 150) i",
        )
        .bind(app.store)
        .bind(app.now())
        .execute(&app.db)
        .await
        .unwrap();
        let mut manager = app.sign_in(Role::Manager).await;
        let alarms = "select count(*) from audit where action = 'exports.alarm'";
        for n in 1..=5 {
            assert_eq!(
                csv_rows(&export(&mut manager, "csv", "", "核对").await).len(),
                152
            );
            assert_eq!(app.count(alarms).await, if n == 1 { 0 } else { n - 1 });
        }
        let refused = export(&mut manager, "csv", "", "核对").await;
        assert_eq!(refused.status, 429);
        assert!(refused.headers.contains_key("retry-after"));
        assert_eq!(app.count("select count(*) from exports").await, 5);
        let mut admin = app.sign_in(Role::Admin).await;
        assert_eq!(
            export(&mut admin, "csv", "", "核对").await.status,
            200,
            "per person"
        );
        app.set_now("2026-11-24T16:00:00Z");
        let mut manager = app.sign_in(Role::Manager).await;
        assert_eq!(
            export(&mut manager, "csv", "", "核对").await.status,
            200,
            "the store's next day"
        );
        let entry: serde_json::Value = sqlx::query_scalar(
            "select change from audit where action = 'exports.create' order by seq limit 1",
        )
        .fetch_one(&app.db)
        .await
        .unwrap();
        assert_eq!(
            (entry["rows"].clone(), entry["list"].clone()),
            (150.into(), "customers".into())
        );
        assert!(
            !entry.to_string().contains("核对"),
            "free text stays out of the audit log"
        );
    });
}
