//! A store's calendar in the database: defaults, rewriting, extending, and its executable definition in SQL.

use care_desk::stores::calendar;
use chrono::{NaiveDate, TimeDelta};

use crate::support::app::{TestApp, with_app};

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
                     ('2026-11-29', 'special', '10:00', '15:00'), ('2026-10-01', 'holiday', null, null), ('2027-03-14', 'special', '01:00', '04:30')) d(day, kind, opens, closes)",
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
