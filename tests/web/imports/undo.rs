//! Taking an import back: the archive is what it was, and what somebody has built on stays with its reason.

use std::collections::BTreeSet;
use std::time::Duration;

use care_desk::audit::{self, Actor, Entry};
use care_desk::auth::permission::Role;
use care_desk::imports::undo::keys::{BUNDLES, KEYS, MADE};
use care_desk::imports::undo::{KeptBecause, UndoCounts};
use serde_json::json;

use crate::support::app::{TestApp, with_app};
use crate::support::client::Answer;

use super::{import, settled, texts};

const ROSTER: &str =
    "姓名,手机号,VIN,车牌号,车型,购车日期,首保到期日,质保到期日,商业险到期,行驶里程,客户级别,备注\n";
const WANG: &str = "王建国,13057577719,LSVNV4188D2000001,浙A7K2M9,柯迪亚克,2026-03-18,2026-09-18,2029-03-18,2027-02-26,61280,A,下午联系\n";
const LI: &str = "李娜,13800000001,,浙A12345,明锐,2025-01-05,,,,,,\n";
const VISITS: &str = "工单号,进站时间,交车时间,VIN,车牌号,送修人,送修人电话,维修类型,行驶里程,金额\n";
const VISIT_WANG: &str = "RO-1,2026-11-23 08:30,2026-11-23 17:05,LSVNV4188D2000001,浙A7K2M9,王建国,13057577719,定期保养,62000,100\n";
const VISIT_NEW: &str =
    "RO-2,2026-11-23 09:30,2026-11-23 16:05,,浙A55555,赵敏,13900000009,一般维修,1000,200\n";

fn roster(rows: &[&str]) -> String {
    format!("{ROSTER}{}", rows.concat())
}

fn visits(rows: &[&str]) -> String {
    format!("{VISITS}{}", rows.concat())
}

/// The archive and what of the ledger is alive. Versions go forward by an undo, facts tell when they were computed.
async fn dump(app: &TestApp) -> Vec<String> {
    let mut all = Vec::new();
    for sql in [
        "select 'customers ' || (to_jsonb(t) - 'version')::text from customers t order by id",
        "select 'phones ' || to_jsonb(t)::text from phones t order by id",
        "select 'vehicles ' || (to_jsonb(t) - 'version')::text from vehicles t order by id",
        "select 'vehicle_people ' || to_jsonb(t)::text from vehicle_people t order by id",
        "select 'visits ' || (to_jsonb(t) - 'version')::text from visits t order by id",
        "select 'policies ' || (to_jsonb(t) - 'version')::text from policies t order by id",
        "select 'readings ' || to_jsonb(t)::text from odometer_readings t order by id",
        "select 'vehicle_facts ' || (to_jsonb(t) - 'computed_at')::text from vehicle_facts t order by vehicle_id",
        "select 'customer_facts ' || to_jsonb(t)::text from customer_facts t order by customer_id",
        "select concat_ws(' ', 'obligation', kind, cycle_key, visit_id, vehicle_id, policy_id, customer_id, cohort_on, due_at)
         from obligations where status = 'open' order by 1",
        "select concat_ws(' ', 'callback', customer_id, kinds, open_count, due_at) from callbacks where status = 'open' order by 1",
        "select concat_ws(' ', 'reminder', customer_id, kinds, open_count) from reminders where status = 'pending' order by 1",
    ] {
        all.extend(texts(app, sql).await);
    }
    all
}

/// Asks for the undo as the admin does; gives the question and the answer.
async fn undo(app: &TestApp, id: i64) -> (Answer, Answer) {
    let mut browser = app.sign_in(Role::Admin).await;
    let path = format!("/imports/{id}");
    let question = browser.get(&format!("{path}/undo")).await;
    assert_eq!(question.status, 200, "{}", question.text("main"));
    let version = question.attr("input[name=version]", "value").unwrap();
    let sent = browser
        .post(&format!("{path}/undo"), &[("version", version.as_str())])
        .await;
    assert_eq!(
        (sent.status, sent.location()),
        (303, path.as_str()),
        "{}",
        sent.text("main")
    );
    let result = settled(&mut browser, &path).await;
    (question, result)
}

async fn counts(app: &TestApp, id: i64) -> UndoCounts {
    let json: serde_json::Value = sqlx::query_scalar("select undo_counts from imports where id = $1")
        .bind(id)
        .fetch_one(&app.db)
        .await
        .unwrap();
    serde_json::from_value(json).unwrap()
}

async fn state(app: &TestApp, id: i64) -> String {
    sqlx::query_scalar("select state from imports where id = $1")
        .bind(id)
        .fetch_one(&app.db)
        .await
        .unwrap()
}

/// Why each row of the first import stays.
async fn kept(app: &TestApp) -> Vec<String> {
    texts(
        app,
        "select row_no || ' ' || (select string_agg(k ->> 'code', ',' order by k ->> 'code') from jsonb_array_elements(kept) k)
         from import_rows where import_id = 1 and kept is not null order by row_no",
    )
    .await
}

#[test]
fn an_undone_roster_leaves_the_archive_as_it_was() {
    with_app(async |app| {
        import(&app, "roster", &roster(&[WANG, LI])).await;
        let before = dump(&app).await;
        let changed = [
            // Another plate, number, grade, warranty, mileage and insurance of the same person and car.
            "王建国,13057570000,LSVNV4188D2000001,浙A99999,速派,2026-03-18,2026-10-18,2030-03-18,2027-03-01,62000,B,上午联系\n",
            // The other car has changed hands; a new car with two people of one phone.
            "钱伟,13800000002,,浙A12345,,,,,,,,\n",
            "孙丽,13800000003,,浙A33333,柯珞克,2026-01-01,,,2027-01-01,900,,\n",
            "孙丽,13800000003,,浙A44444,柯珞克,,,,,,,\n",
        ];
        // Found by the phone of its owner: the same car.
        let second = roster(&changed).replace("钱伟,13800000002,,浙A12345", "钱伟,13800000001,,浙A12345");
        import(&app, "roster", &second).await;
        assert_ne!(dump(&app).await, before);

        let (question, result) = undo(&app, 2).await;
        assert!(
            question.text("main").contains("撤销 4 行"),
            "{}",
            question.text("main")
        );
        assert_eq!(result.count(".flash--good"), 1, "{}", result.text("main"));
        let after = dump(&app).await;
        for (a, b) in before.iter().zip(&after) {
            assert_eq!(a, b);
        }
        assert_eq!(after.len(), before.len());
        assert_eq!(state(&app, 2).await, "undone");
        let counts = counts(&app, 2).await;
        assert_eq!((counts.rows, counts.taken_back, counts.kept), (4, 4, 0));
        assert_eq!((counts.customers, counts.vehicles), (1, 2));
        assert_eq!(
            app.count("select count(*) from audit where action = 'imports.undo' and subject_id = 2 and actor_id is not null")
                .await,
            1
        );

        // The same file again: the undo has forgotten it.
        let again = import(&app, "roster", &second).await;
        assert_eq!((again.new, again.changed), (2, 2));
    });
}

#[test]
fn a_hand_over_that_changes_is_put_back_with_everything_it_owed() {
    with_app(async |app| {
        import(&app, "roster", &roster(&[WANG])).await;
        let open = VISIT_WANG.replace("2026-11-23 17:05", "");
        import(&app, "visits", &visits(&[&open])).await;
        let before = dump(&app).await;
        import(&app, "visits", &visits(&[VISIT_WANG, VISIT_NEW])).await;
        assert_eq!(
            app.count("select count(*) from obligations where kind = 'post_service' and status = 'open'")
                .await,
            2
        );
        let total = app.count("select count(*) from obligations").await;

        let (_, result) = undo(&app, 3).await;
        assert_eq!(result.count(".flash--good"), 1, "{}", result.text("main"));
        assert_eq!(dump(&app).await, before);
        assert_eq!(
            texts(
                &app,
                "select concat_ws('|', status, ended_reason, ended_by is not null, visit_id, cycle_key)
                 from obligations where kind = 'post_service' order by visit_id nulls last"
            )
            .await,
            [
                "cancelled|import_undone|t|1|1 undone 3",
                "cancelled|import_undone|t|1 undone 3"
            ],
            "the entry stays; a visit that is gone is let go"
        );
        assert_eq!(
            app.count("select count(*) from obligations").await,
            total,
            "the ledger forgets nothing"
        );
        assert_eq!(
            app.count(
                "select count(*) from obligations
                 where kind = 'post_service' and obligation_class(status, due_at, ended_at, '2026-12-01') <> 'cancelled'"
            )
            .await,
            0,
            "in no denominator"
        );
        assert_eq!(
            app.count("select count(*) from callbacks where status in ('open', 'claimed')")
                .await,
            0
        );

        let again = import(&app, "visits", &visits(&[VISIT_WANG, VISIT_NEW])).await;
        assert_eq!((again.new, again.changed), (1, 1));
        assert_eq!(
            app.count("select count(*) from obligations where kind = 'post_service' and status = 'open'")
                .await,
            2,
            "owed again"
        );
    });
}

#[test]
fn a_row_that_somebody_has_changed_stays_and_says_who() {
    with_app(async |app| {
        import(&app, "roster", &roster(&[WANG, LI])).await;
        app.advance(Duration::from_secs(60));
        sqlx::query("update customers set note = '改过', version = version + 1 where name = '李娜'")
            .execute(&app.db)
            .await
            .unwrap();
        let entry = Entry {
            store: Some(app.store),
            actor: Actor::User(app.user("clerk").await),
            action: "customers.update",
            subject: "customers",
            subject_id: Some(app.count("select id from customers where name = '李娜'").await),
            change: &json!({ "fields": ["note"] }),
        };
        audit::record(&app.db, app.now(), entry).await.unwrap();

        let (question, result) = undo(&app, 1).await;
        assert!(
            question.text("main").contains("撤销 1 行"),
            "{}",
            question.text("main")
        );
        assert_eq!(kept(&app).await, ["3 edited"]);
        assert_eq!(
            result.texts("tbody td"),
            ["3", "导入后已修改（clerk，11-24 10:01）"],
            "{}",
            result.text("main")
        );
        assert_eq!(texts(&app, "select name from customers").await, ["李娜"]);
        assert_eq!(texts(&app, "select plate from vehicles").await, ["浙A12345"]);
        assert_eq!(app.count("select count(*) from policies").await, 0);
        let mut browser = app.sign_in(Role::Admin).await;
        let file = browser.get("/imports/1/kept.csv").await;
        let csv = String::from_utf8(file.body.to_vec()).unwrap();
        assert!(
            csv.contains("李娜") && csv.contains("导入后已修改") && !csv.contains("王建国"),
            "{csv}"
        );
    });
}

#[test]
fn what_hangs_on_a_row_keeps_it() {
    with_app(async |app| {
        import(&app, "roster", &roster(&[WANG, LI])).await;
        sqlx::query(
            "insert into complaints (store_id, number, customer_id, channel, class_major, severity, accepted_at, created_at, updated_at)
             select store_id, 'K-1', id, 'hotline', 'attitude', 'B', $1, $1, $1 from customers where name = '王建国'",
        )
        .bind(app.now())
        .execute(&app.db)
        .await
        .unwrap();
        sqlx::query(
            "insert into visits (store_id, ro_number, vehicle_id, customer_id, type, state, arrived_at, created_at, updated_at)
             select v.store_id, 'RO-9', v.id, p.customer_id, 'repair', 'open', $1, $1, $1
             from vehicles v join vehicle_people p on p.vehicle_id = v.id where v.plate = '浙A12345'",
        )
        .bind(app.now())
        .execute(&app.db)
        .await
        .unwrap();
        let before = dump(&app).await;
        let mut browser = app.sign_in(Role::Admin).await;
        let question = browser.get("/imports/1/undo").await;
        assert_eq!(question.count("button.btn--danger"), 0, "nothing to confirm");
        let version = question.attr("input[name=version]", "value").unwrap();
        browser.post("/imports/1/undo", &[("version", &version)]).await;
        settled(&mut browser, "/imports/1").await;
        assert_eq!(state(&app, 1).await, "confirmed", "as it was");
        assert_eq!(kept(&app).await, ["2 complaint", "3 visit"]);
        assert_eq!(dump(&app).await, before);
    });
}

#[test]
fn of_two_imports_the_later_one_goes_first() {
    with_app(async |app| {
        let before = dump(&app).await;
        import(&app, "roster", &roster(&[WANG, LI])).await;
        let between = dump(&app).await;
        let later = WANG.replace(",A,下午联系", ",B,下午联系");
        import(&app, "roster", &roster(&[&later, LI])).await;
        let (_, page) = undo(&app, 1).await;
        assert_eq!(kept(&app).await, ["2 later_import", "3 later_import"]);
        assert_eq!(state(&app, 1).await, "confirmed");
        assert_eq!(page.status, 200);
        undo(&app, 2).await;
        assert_eq!(dump(&app).await, between);
        undo(&app, 1).await;
        assert_eq!(state(&app, 1).await, "undone");
        assert_eq!(dump(&app).await, before);
    });
}

#[test]
fn a_call_in_progress_keeps_its_row_and_no_other() {
    with_app(async |app| {
        import(&app, "visits", &visits(&[VISIT_WANG, VISIT_NEW])).await;
        app.set_now("2026-11-25T02:00:00Z");
        let mut specialist = app.sign_in(Role::Specialist).await;
        let claimed = specialist.post("/callbacks/next", &[]).await;
        assert!(
            claimed.location().starts_with("/callbacks/"),
            "{}",
            claimed.location()
        );
        undo(&app, 1).await;
        let counts = counts(&app, 1).await;
        assert_eq!((counts.taken_back, counts.kept, counts.visits), (1, 1, 1));
        let on_the_phone = texts(
            &app,
            "select v.ro_number from callbacks c join obligations o on o.callback_id = c.id join visits v on v.id = o.visit_id
             where c.status = 'claimed'",
        )
        .await;
        assert_eq!(on_the_phone.len(), 1);
        assert_eq!(texts(&app, "select ro_number from visits").await, on_the_phone);
        assert!(kept(&app).await[0].contains(KeptBecause::OnThePhone.as_str()));
        assert_eq!(
            specialist.get(claimed.location()).await.status,
            200,
            "the call goes on"
        );
    });
}

#[test]
fn an_undo_happens_once_and_for_thirty_days() {
    with_app(async |app| {
        import(&app, "roster", &roster(&[WANG])).await;
        let mut browser = app.sign_in(Role::Admin).await;
        let version = browser
            .get("/imports/1/undo")
            .await
            .attr("input[name=version]", "value")
            .unwrap();
        let stale = browser.post("/imports/1/undo", &[("version", "0")]).await;
        assert_eq!(stale.status, 409);
        for _ in 0..2 {
            let sent = browser.post("/imports/1/undo", &[("version", &version)]).await;
            assert_eq!((sent.status, sent.location()), (303, "/imports/1"));
            settled(&mut browser, "/imports/1").await;
        }
        assert_eq!(
            app.count("select count(*) from audit where action = 'imports.undo'")
                .await,
            1
        );

        import(&app, "roster", &roster(&[WANG])).await;
        assert_eq!(
            browser.get("/imports/2").await.count("a[href='/imports/2/undo']"),
            1
        );
        app.advance(Duration::from_secs(31 * 86_400));
        let mut browser = app.sign_in(Role::Admin).await;
        assert_eq!(
            browser.get("/imports/2").await.count("a[href='/imports/2/undo']"),
            0
        );
        assert_eq!(browser.get("/imports/2/undo").await.status, 409);
        let version = texts(&app, "select version::text from imports where id = 2").await;
        let late = browser.post("/imports/2/undo", &[("version", &version[0])]).await;
        assert_eq!(late.status, 409);
        assert_eq!(app.count("select count(*) from customers").await, 1);
    });
}

#[test]
fn every_key_that_points_at_an_imported_row_is_known_to_the_undo() {
    with_app(async |app| {
        let tables: Vec<&str> = MADE.into_iter().chain(BUNDLES).collect();
        let found: Vec<String> = sqlx::query_scalar(
            "select concat_ws(' ', c.confrelid::regclass, c.conrelid::regclass, a.attname)
             from pg_constraint c
             join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any (c.conkey) and a.attname <> 'store_id'
             where c.contype = 'f' and c.confrelid::regclass::text = any ($1)",
        )
        .bind(&tables)
        .fetch_all(&app.db)
        .await
        .unwrap();
        let known = KEYS
            .iter()
            .map(|key| format!("{} {} {}", key.of, key.table, key.column));
        assert_eq!(
            known.collect::<BTreeSet<_>>(),
            found.into_iter().collect::<BTreeSet<_>>(),
            "a new key needs its line in src/imports/undo/keys.rs: what does the row mean to the one it hangs on?"
        );
        for table in MADE {
            assert_eq!(
                app.count(sqlx_count(table)).await,
                1,
                "{table} says which import made a row"
            );
        }
    });
}

fn sqlx_count(table: &str) -> &'static str {
    let sql = format!(
        "select count(*) from information_schema.columns where table_name = '{table}' and column_name = 'import_id'"
    );
    Box::leak(sql.into_boxed_str())
}
