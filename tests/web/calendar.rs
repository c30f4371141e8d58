//! A store's calendar in the database: defaults, rewriting, extending, and its executable definition in SQL.

use care_desk::auth::permission::Role;
use care_desk::obligations::{redate, service};
use care_desk::stores::calendar;
use care_desk::vehicles::ReadingSource;
use care_desk::vehicles::service::{NewReading, record_reading};
use chrono::{NaiveDate, TimeDelta};

use crate::support::app::{TestApp, with_app};
use crate::support::build;

/// Rows of the program that the definition does not have, and the other way round.
async fn differences(app: &TestApp) -> i64 {
    app.count(
        "select count(*) from (
           (select * from program_days except select * from store_days)
           union all (select * from store_days where day <= (select max(day) from program_days) except select * from program_days)) d",
    )
    .await
        + app
            .count(
                "select count(*) from (
                   (select * from program_windows except select * from store_windows)
                   union all (select * from store_windows where day <= (select max(day) from program_days) except select * from program_windows)) w",
            )
            .await
}

#[test]
fn the_rows_equal_the_definition_in_sql() {
    with_app(async |app| {
        let scope = app.scope();
        for sql in [
            include_str!("../data/calendar.sql"),
            "delete from store_windows where store_id <> (select min(id) from stores)",
            "delete from store_days where store_id <> (select min(id) from stores)",
            "update stores set time_zone = 'America/New_York'",
            "update calendar_hours set closes = '24:00' where purpose in ('open', 'call') and weekday = 6 and opens > '12:00' or purpose = 'sms' and weekday = 6",
            "delete from calendar_hours where purpose in ('open', 'call') and weekday = 7",
            "insert into calendar_days (store_id, day, kind, opens, closes)
             select id, d.day, d.kind, d.opens, d.closes from stores,
             (values (date '2026-12-24', 'closed', null::time, null::time), ('2026-12-25', 'closed', null, null), ('2026-12-26', 'closed', null, null),
                     ('2026-11-29', 'special', '10:00', '15:00'), ('2026-10-01', 'holiday', null, null), ('2027-03-14', 'special', '01:00', '04:30')) d(day, kind, opens, closes)
             on conflict (store_id, day) do update set kind = excluded.kind, opens = excluded.opens, closes = excluded.closes",
        ] {
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&app.db).await.unwrap();
        }
        let mut tx = app.db.begin().await.unwrap();
        calendar::rewrite_all(&mut tx, scope, app.now()).await.unwrap();
        tx.commit().await.unwrap();
        for sql in [
            "create table program_days as select * from store_days",
            "create table program_windows as select * from store_windows",
            "delete from store_days",
            "select calendar_materialise((select min(id) from stores), min(day), max(day) + 60) from program_days",
        ] {
            sqlx::raw_sql(sql).execute(&app.db).await.unwrap();
        }
        assert_eq!(app.count("select count(*) from program_days").await, 1201);
        assert!(app.count("select count(*) from program_windows").await > 4000);
        assert_eq!(differences(&app).await, 0);
        sqlx::raw_sql("update program_days set open_day_no = open_day_no + 1 where day = '2026-11-24'")
            .execute(&app.db)
            .await
            .unwrap();
        assert_eq!(differences(&app).await, 2, "the comparison sees one changed row");
    });
}

#[test]
fn a_new_store_has_hours_and_two_years_of_days() {
    with_app(async |app| {
        let first: NaiveDate = sqlx::query_scalar("select min(day) from store_days where store_id = $1")
            .bind(app.store)
            .fetch_one(&app.db)
            .await
            .unwrap();
        assert_eq!(first.to_string(), "2025-10-20");
        assert_eq!(app.count("select count(*) from calendar_hours").await, 2 * 35);
        assert_eq!(
            app.count("select count(*) from store_days where is_open").await,
            2 * 1201
        );
    });
}

#[test]
fn changed_hours_rewrite_the_days_from_then_on() {
    with_app(async |app| {
        let closed: NaiveDate = "2026-12-01".parse().unwrap();
        sqlx::query("insert into calendar_days (store_id, day, kind) values ($1, $2, 'closed')")
            .bind(app.store)
            .bind(closed)
            .execute(&app.db)
            .await
            .unwrap();
        let mut tx = app.db.begin().await.unwrap();
        calendar::rewrite(&mut tx, app.scope(), closed, closed)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let closed_days = "select count(*) from store_days where not is_open and callable_end_at is null and next_open_day = day + 1";
        assert_eq!(app.count(closed_days).await, 1);
        let numbers =
            "select max(open_day_no)::bigint from store_days where store_id = (select min(id) from stores)";
        assert_eq!(
            app.count(numbers).await,
            1200,
            "the running number goes on behind the closed day"
        );
    });
}

#[test]
fn a_calendar_is_extended_once_when_time_has_passed() {
    with_app(async |app| {
        let mut tx = app.db.begin().await.unwrap();
        let today: NaiveDate = "2026-11-24".parse().unwrap();
        let mut added = Vec::new();
        for days in [0, 70, 71, 71, 200] {
            let on = today + TimeDelta::days(days);
            added.push(
                calendar::extend_if_needed(&mut tx, app.scope(), on)
                    .await
                    .unwrap(),
            );
        }
        assert_eq!(added, [0, 0, 71, 0, 129]);
        let gaps: i64 = sqlx::query_scalar(
            "select count(*) from store_days d
             join store_days n on n.store_id = d.store_id and n.day = d.day + 1
             where n.open_day_no <> d.open_day_no + 1 or n.starts_at <> d.ends_at",
        )
        .fetch_one(&mut *tx)
        .await
        .unwrap();
        assert_eq!(gaps, 0);
    });
}

async fn execute(app: &TestApp, sql: &'static str) {
    sqlx::raw_sql(sql).execute(&app.db).await.unwrap();
}

async fn text(app: &TestApp, sql: &'static str) -> String {
    sqlx::query_scalar(sql).fetch_one(&app.db).await.unwrap()
}

/// A week of hand-overs in the first store, generated: eight callbacks due from 24 November to 1 December at 20:00.
async fn eight_calls(app: &TestApp) {
    execute(app, "update stores set starts_on = '2026-10-01'").await;
    for (n, day) in (21..=28).enumerate() {
        let (phone, plate) = (format!("138000010{n:02}"), format!("浙A9K{n:02}X"));
        let person = build::person(app, &format!("客户{n}"), &phone, &plate).await;
        build::visit(app, &person, &format!("R{n}"))
            .handed_over(&format!("2026-11-{day}T03:00:00Z"))
            .insert()
            .await;
    }
    let mut tx = app.db.begin().await.unwrap();
    for day in ["2026-11-24", "2026-11-28"] {
        service::generate_day(&mut tx, app.scope(), day.parse().unwrap(), app.now())
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
}

/// Facts of the cars as they are now, and what the runs of these days owe.
async fn generate_days(app: &TestApp, days: &[&str]) {
    let mut tx = app.db.begin().await.unwrap();
    service::refresh_facts(&mut tx, app.scope(), None, app.now())
        .await
        .unwrap();
    for day in days {
        service::generate_day(&mut tx, app.scope(), day.parse().unwrap(), app.now())
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
}

/// Due days of open post-service calls with their callable instants, in the store's time.
const DEADLINES: &str =
    "select string_agg(to_char(o.due_at at time zone 'Asia/Shanghai', 'MM-DD HH24:MI') || '/' ||
        to_char(o.callable_due_at at time zone 'Asia/Shanghai', 'MM-DD HH24:MI'), ' ' order by o.cohort_on)
    from obligations o where o.kind = 'post_service' and o.status = 'open'";

#[test]
fn closed_days_move_open_deadlines_after_a_preview_and_back() {
    with_app(async |app| {
        eight_calls(&app).await;
        let before = text(&app, DEADLINES).await;
        assert!(before.starts_with("11-24 20:00/11-24 20:00 11-25"), "{before}");
        let mut admin = app.sign_in(Role::Admin).await;
        let path = format!("/stores/{}/calendar", app.store);
        let closed = [
            ("from", "2026-11-26"),
            ("to", "2026-11-28"),
            ("kind", "closed"),
            ("day_name", "盘点"),
        ];
        let preview = admin.post(&path, &closed).await;
        assert_eq!(preview.status, 200);
        assert_eq!(preview.text("[data-moved=later]"), "3");
        assert_eq!(preview.text("[data-moved=earlier]"), "0");
        assert_eq!(text(&app, DEADLINES).await, before, "nothing is saved by looking");
        assert_eq!(
            app.count("select count(*) from calendar_days where kind = 'closed'")
                .await,
            0
        );

        let confirmed = [closed.as_slice(), &[("confirm", "1")]].concat();
        let saved = admin.post(&path, &confirmed).await;
        assert_eq!(
            (saved.status, saved.location()),
            (303, format!("{path}?year=2026").as_str())
        );
        let page = admin.get(saved.location()).await;
        assert_eq!(page.text(".flash--page"), "已保存，时限提前 0 件，推后 3 件");
        assert!(page.text("#days tbody").contains("盘点"));
        let after = text(&app, DEADLINES).await;
        assert!(
            after.contains("11-25 20:00/11-25 20:00 11-29 20:00/11-29 20:00 11-29 20:00/11-29 20:00 11-29"),
            "{after}"
        );
        let strict =
            "select count(*) from obligations where strict_due_at <> due_at and kind = 'post_service'";
        assert_eq!(app.count(strict).await, 3, "the strict deadline stays");
        let callbacks = "select count(*) from callbacks b where exists (select from obligations o where o.callback_id = b.id
            and (o.due_at, o.callable_due_at) is distinct from (b.due_at, b.callable_due_at))";
        assert_eq!(
            app.count(callbacks).await,
            0,
            "callbacks sort by the new deadlines"
        );

        let run = [("from", "2026-11-26"), ("to", "2026-11-28"), ("confirm", "1")];
        admin.post(&format!("{path}/remove"), &run).await;
        assert_eq!(text(&app, DEADLINES).await, before, "an ordinary week again");
    });
}

#[test]
fn shorter_hours_bring_calls_forward_and_leave_the_past_alone() {
    with_app(async |app| {
        eight_calls(&app).await;
        app.set_now("2026-11-25T01:00:00Z");
        execute(
            &app,
            "update calendar_hours set closes = '18:00' where purpose = 'call' and opens > '12:00'",
        )
        .await;
        let mut tx = app.db.begin().await.unwrap();
        calendar::rewrite_all(&mut tx, app.scope(), app.now())
            .await
            .unwrap();
        let moved = redate::follow_calendar(&mut tx, app.scope(), app.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!((moved.earlier, moved.later), (7, 0));
        let after = text(&app, DEADLINES).await;
        let expected = "11-24 20:00/11-24 20:00 11-25 20:00/11-25 18:00 ";
        assert!(
            after.starts_with(expected),
            "past as it was, promises as made, calls earlier: {after}"
        );
        let mut specialist = app.sign_in(Role::Specialist).await;
        let queue = specialist.get("/callbacks").await;
        let title = queue.text("tbody tr:nth-child(2) .due-why");
        assert_eq!(title, "18:00，电话时间到此结束；到期前最后一次能拨打");
    });
}

#[test]
fn deadlines_of_open_entries_agree_with_what_would_be_generated() {
    with_app(async |app| {
        eight_calls(&app).await;
        for sql in [
            "update vehicles set warranty_ends_on = date '2026-12-20' + id::int where id % 4 = 0",
            "update vehicles set delivered_on = date '2026-08-26' where id % 4 = 1",
            "insert into policies (store_id, policy_no, vehicle_id, kind, ends_on, created_at)
             select store_id, 'P' || id, id, 'commercial', date '2026-12-24' + id::int, '2026-11-20' from vehicles where id % 4 = 3",
        ] {
            sqlx::query(sql).execute(&app.db).await.unwrap();
        }
        generate_days(&app, &["2026-11-24", "2026-11-27", "2026-11-28"]).await;
        let before = app
            .count("select count(distinct kind) from obligations where status = 'open'")
            .await;
        assert!(before >= 5, "{before} kinds");
        execute(
            &app,
            "insert into calendar_days (store_id, day, kind) select id, date '2026-11-29' + n, 'closed' from stores, generate_series(0, 2) n
               on conflict (store_id, day) do update set kind = excluded.kind;
             update calendar_hours set closes = '21:00' where purpose in ('call', 'sms') and opens > '12:00'",
        )
        .await;
        let mut tx = app.db.begin().await.unwrap();
        calendar::rewrite_all(&mut tx, app.scope(), app.now())
            .await
            .unwrap();
        redate::follow_calendar(&mut tx, app.scope(), app.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert!(
            app.count("select count(*) from obligations where strict_due_at < due_at")
                .await
                > 0
        );
        // The same days generated anew: each entry has the deadline that it would be made with today.
        execute(
            &app,
            "create table moved as
               select kind, subject_id, cycle_key, strict_due_at, due_at, callable_due_at
               from obligations where status = 'open' and due_at > '2026-11-24T02:00:00Z';
             delete from obligations;
             delete from reminders;
             delete from callbacks;",
        )
        .await;
        generate_days(&app, &["2026-11-24", "2026-11-27", "2026-11-28"]).await;
        let kinds = "select count(distinct o.kind) from moved m join obligations o using (kind, subject_id, cycle_key)";
        assert!(app.count(kinds).await >= 5, "the comparison sees the kinds");
        let differ = "select count(*) from moved m
            join obligations o using (kind, subject_id, cycle_key)
            where (greatest(o.due_at, m.strict_due_at), o.callable_due_at) is distinct from (m.due_at, m.callable_due_at)";
        assert_eq!(app.count(differ).await, 0);
    });
}

#[test]
fn a_reading_said_on_the_phone_moves_the_warranty_call() {
    with_app(async |app| {
        let person = build::person(&app, "张伟", "13800002046", "浙A7K2M9").await;
        execute(
            &app,
            "update stores set starts_on = '2026-10-01';
             update vehicles set delivered_on = '2024-12-20', warranty_ends_on = '2027-01-20', warranty_km = 60000;
             insert into odometer_readings (store_id, vehicle_id, read_on, km, source)
             select store_id, id, d.on_day, d.km, 'visit' from vehicles, (values (date '2025-12-20', 20000), ('2026-06-20', 30000)) d(on_day, km)",
        )
        .await;
        let mut tx = app.db.begin().await.unwrap();
        service::refresh_facts(&mut tx, app.scope(), None, app.now())
            .await
            .unwrap();
        service::generate_day(&mut tx, app.scope(), "2026-11-24".parse().unwrap(), app.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let due = "select to_char(due_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI') from obligations where kind = 'warranty_expiry'";
        assert_eq!(text(&app, due).await, "2027-01-20 20:00", "by time");

        let read = async |km: i32| {
            let mut tx = app.db.begin().await.unwrap();
            let today: NaiveDate = "2026-11-24".parse().unwrap();
            let new = NewReading {
                read_on: today,
                km,
                source: ReadingSource::Phone,
                visit: None,
            };
            let actor = care_desk::audit::Actor::System;
            let read = record_reading(&mut tx, app.scope(), actor, person.vehicle, new, today, app.now())
                .await
                .unwrap();
            tx.commit().await.unwrap();
            read.1
        };
        assert!(
            read(29_000).await.is_some(),
            "a roll-back is kept and not believed"
        );
        assert_eq!(text(&app, due).await, "2027-01-20 20:00");
        assert_eq!(read(57_000).await, None);
        let moved = text(&app, due).await;
        assert!(moved.as_str() < "2027-01-01", "{moved}");
        assert_eq!(app.count("select count(*) from obligations o join callbacks b on b.id = o.callback_id where o.due_at = b.due_at and o.strict_due_at = o.due_at and o.kind = 'warranty_expiry'").await, 1);
        assert_eq!(
            app.count("select count(*) from odometer_readings where source = 'phone'")
                .await,
            2
        );
        execute(&app, "update vehicles set warranty_km = 57200").await;
        assert_eq!(read(57_300).await, None);
        assert_eq!(text(&app, due).await, "2026-11-24 20:00", "over already: today");
        assert_eq!(
            app.count("select count(*) from audit where action = 'vehicles.add_reading'")
                .await,
            3
        );
    });
}

#[test]
fn the_year_shows_holidays_make_up_days_and_what_is_provisional() {
    with_app(async |app| {
        let mut admin = app.sign_in(Role::Admin).await;
        let path = format!("/stores/{}/calendar", app.store);
        let page = admin.get(&path).await;
        assert_eq!(
            (
                page.status,
                page.count(".year__m"),
                page.count("[data-provisional]")
            ),
            (200, 12, 0)
        );
        assert_eq!(
            (page.count(".year__d--holiday"), page.count(".year__d--workday")),
            (33, 6)
        );
        let next = admin.get(&format!("{path}?year=2027")).await;
        assert_eq!(
            (next.count(".year__d--holiday"), next.count("[data-provisional]")),
            (13, 1)
        );

        let festival = [
            ("from", "2027-02-05"),
            ("to", "2027-02-11"),
            ("kind", "closed"),
            ("day_name", "春节"),
        ];
        assert_eq!(admin.post(&path, &festival).await.status, 303);
        let shut = admin.get(&format!("{path}?year=2027")).await;
        assert_eq!(
            (shut.count(".year__d--closed"), shut.count(".year__d--holiday")),
            (7, 9)
        );
        assert_eq!(
            admin
                .post(&format!("{path}/national"), &[("year", "2027")])
                .await
                .status,
            303
        );
        let shut = admin.get(&format!("{path}?year=2027")).await;
        assert_eq!(
            shut.count(".year__d--closed"),
            7,
            "loading holidays opens no closed day"
        );
        let run = [("from", "2027-02-05"), ("to", "2027-02-11")];
        assert_eq!(admin.post(&format!("{path}/remove"), &run).await.status, 303);
        let open = admin.get(&format!("{path}?year=2027")).await;
        assert_eq!(
            (open.count(".year__d--closed"), open.count(".year__d--holiday")),
            (0, 13)
        );
        assert_eq!(
            admin
                .post(&format!("{path}/national"), &[("year", "2031")])
                .await
                .status,
            400
        );
    });
}

#[test]
fn a_calendar_file_is_shown_before_it_is_written() {
    const NOTICE: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20270205\r\nDTEND;VALUE=DATE:20270213\r\nSUMMARY:春节\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20270131\r\nSUMMARY:春节 补班\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    with_app(async |app| {
        let mut admin = app.sign_in(Role::Admin).await;
        let path = format!("/stores/{}/calendar", app.store);
        let upload = format!("{path}/upload");
        let broken = NOTICE.replace("20270131", "2027-01-31");
        let refused = admin
            .post_multipart(&upload, &[], &[("file", "a.ics", broken.as_bytes())])
            .await;
        assert_eq!(refused.status, 422);
        assert_eq!(
            refused.field_error("file"),
            "第 9 行的日期无法识别，应为 20270205"
        );
        let nothing = admin
            .post_multipart(&upload, &[], &[("file", "a.csv", b"date,name")])
            .await;
        assert_eq!(
            (
                nothing.status,
                nothing.field_error("file").contains("BEGIN:VCALENDAR")
            ),
            (422, true)
        );

        let preview = admin
            .post_multipart(&upload, &[], &[("file", "2027.ics", NOTICE.as_bytes())])
            .await;
        assert_eq!((preview.status, preview.count("tbody tr")), (200, 2));
        assert_eq!(
            preview.attr("[name=kind_0] [selected]", "value").as_deref(),
            Some("workday")
        );
        assert_eq!(
            preview.attr("[name=kind_1] [selected]", "value").as_deref(),
            Some("holiday")
        );
        let provisional = "select count(*) from calendar_days where store_id = 1 and is_provisional";
        assert_eq!(app.count(provisional).await, 13, "nothing is written by looking");

        let rows = [
            ("from_0", "2027-01-31"),
            ("to_0", "2027-01-31"),
            ("name_0", "春节 补班"),
            ("kind_0", "workday"),
            ("from_1", "2027-02-05"),
            ("to_1", "2027-02-12"),
            ("name_1", "春节"),
            ("kind_1", "holiday"),
        ];
        assert_eq!(admin.post(&format!("{path}/import"), &rows).await.status, 303);
        assert_eq!(
            app.count(provisional).await,
            0,
            "the notice takes the place of the statute"
        );
        let written = "select count(*) from calendar_days where store_id = 1 and day >= '2027-01-01'";
        assert_eq!(app.count(written).await, 9);
        let nonsense = [
            ("from_0", "x"),
            ("to_0", "x"),
            ("name_0", ""),
            ("kind_0", "closed"),
        ];
        assert_eq!(admin.post(&format!("{path}/import"), &nonsense).await.status, 400);
        assert_eq!(
            app.count("select count(*) from audit where action = 'stores.days_import'")
                .await,
            1
        );
    });
}
