//! What is held back: too many touches in a week, and a car that is in the shop again.

use std::time::Duration;

use care_desk::auth::permission::Role;
use care_desk::callbacks::CallbackId;
use care_desk::callbacks::model::Disposition;
use care_desk::obligations::jobs;
use chrono::{DateTime, TimeDelta, Utc};

use super::{HELD, nobody_answers, settle, tend};
use crate::callbacks::{ENDING, NEXT_AT, STATUS, due_person, one, question, take};
use crate::support::app::{TestApp, with_app};
use crate::support::build::{self, Person};

/// A dial of the past, in an ended call of its own.
async fn dialled(app: &TestApp, person: &Person, at: DateTime<Utc>, result: &str) {
    let callback = build::ended_callback(app, person).await;
    sqlx::query(
        "insert into attempts (store_id, callback_id, customer_id, user_id, at, on_day, daypart, result, idem_key)
         values ($1, $2, $3, $4, $5, $5::date, 1, $6, gen_random_uuid())",
    )
    .bind(app.store)
    .bind(callback)
    .bind(person.customer)
    .bind(app.user("specialist").await)
    .bind(at)
    .bind(result)
    .execute(&app.db)
    .await
    .unwrap();
}

/// Three answered calls, one, two and three days ago.
async fn touched(app: &TestApp, person: &Person) {
    for days in 1..=3 {
        dialled(app, person, app.now() - TimeDelta::days(days), "completed").await;
    }
}

async fn due(app: &TestApp, id: CallbackId, at: &str) {
    sqlx::query("update callbacks set callable_due_at = $2 where id = $1")
        .bind(id)
        .bind(at.parse::<DateTime<Utc>>().unwrap())
        .execute(&app.db)
        .await
        .unwrap();
}

#[test]
fn a_fourth_touch_in_a_week_is_held_back_and_seen() {
    with_app(async |app| {
        let (person, id) = due_person(&app, "赵雅楠", 1).await;
        due(&app, id, "2026-12-10T12:00:00Z").await;
        touched(&app, &person).await;
        assert_eq!(tend(&app).await.held, 1);
        assert_eq!(tend(&app).await.held, 0, "a second round changes nothing");
        // The third last touch, on the 21st at 10:00, is a week old on the 28th.
        assert_eq!(one::<String>(&app, HELD, id).await, "touch_limit 28 10:00");
        assert_eq!(one::<String>(&app, NEXT_AT, id).await, "28 10:00");
        let mut browser = app.sign_in(Role::Specialist).await;
        assert_eq!(
            browser.post("/callbacks/next", &[]).await.location(),
            "/callbacks"
        );
        let list = browser.get("/callbacks?tab=held").await;
        assert_eq!(list.count("tbody tr"), 1);
        assert!(
            list.text(".heldwhy").starts_with("一周内联系次数已到上限，"),
            "{}",
            list.text(".heldwhy")
        );
        let page = browser.get(&format!("/callbacks/{id}")).await;
        assert!(page.text(".callside").contains("一周内联系次数已到上限"));
        // Who knows better may still take the call.
        assert_eq!(page.count("form[action$='/claim']"), 1);

        app.set_now("2026-11-28T02:00:00Z");
        let mut browser = app.sign_in(Role::Specialist).await;
        assert_eq!(tend(&app).await.held, 1);
        assert_eq!(one::<String>(&app, HELD, id).await, "");
        let next = browser.post("/callbacks/next", &[]).await;
        assert_eq!(next.location(), format!("/callbacks/{id}"));
    });
}

#[test]
fn nothing_is_held_past_its_last_day_and_complaints_never() {
    with_app(async |app| {
        for (number, (callable_due_at, change, held)) in [
            (
                "2026-12-10T12:00:00Z",
                "update callbacks set version = version where id = $1",
                "touch_limit 28 10:00",
            ),
            // Due on the 26th: the last day begins at nine.
            (
                "2026-11-26T12:00:00Z",
                "update callbacks set version = version where id = $1",
                "touch_limit 26 09:00",
            ),
            // Due in the morning: that day's only calling hours.
            (
                "2026-11-26T04:00:00Z",
                "update callbacks set version = version where id = $1",
                "touch_limit 26 09:00",
            ),
            // Due today, or over: it is called at once.
            (
                "2026-11-24T12:00:00Z",
                "update callbacks set version = version where id = $1",
                "",
            ),
            (
                "2026-11-20T12:00:00Z",
                "update callbacks set version = version where id = $1",
                "",
            ),
            (
                "2026-12-10T12:00:00Z",
                "update callbacks set kinds = kinds || 'complaint_second_callback'::text where id = $1",
                "",
            ),
            (
                "2026-12-10T12:00:00Z",
                "update callbacks set agreed_at = next_at where id = $1",
                "",
            ),
            (
                "2026-12-10T12:00:00Z",
                "update stores set touch_limit = case when $1 > 0 then 4 end",
                "",
            ),
        ]
        .into_iter()
        .enumerate()
        {
            let (person, id) = due_person(&app, "赵雅楠", number).await;
            due(&app, id, callable_due_at).await;
            touched(&app, &person).await;
            sqlx::query(change).bind(id).execute(&app.db).await.unwrap();
            tend(&app).await;
            assert_eq!(
                one::<String>(&app, HELD, id).await,
                held,
                "{callable_due_at} {change}"
            );
        }
        assert_eq!(
            app.count("select count(*) from callbacks where held_reason is not null")
                .await,
            0,
            "a raised limit lets everybody go"
        );
        assert_eq!(
            app.count(
                "select count(*) from callbacks where status = 'open' and next_at > '2026-11-24T02:00:00Z'"
            )
            .await,
            0,
            "at once"
        );
    });
}

#[test]
fn messages_count_and_unanswered_dials_do_not() {
    with_app(async |app| {
        let (person, id) = due_person(&app, "赵雅楠", 1).await;
        due(&app, id, "2026-12-10T12:00:00Z").await;
        for hours in 1..=9 {
            dialled(&app, &person, app.now() - TimeDelta::hours(hours), "no_answer").await;
        }
        dialled(&app, &person, app.now() - TimeDelta::days(8), "completed").await;
        dialled(&app, &person, app.now() - TimeDelta::days(1), "completed").await;
        dialled(&app, &person, app.now() - TimeDelta::days(2), "refused").await;
        tend(&app).await;
        assert_eq!(one::<String>(&app, HELD, id).await, "");
        let reminder = build::reminder(&app, &person, "2026-11-23", "2026-11-23T12:00:00Z").await;
        sqlx::query("update reminders set status = 'delivered', method = 'sms', ended_at = $2 where id = $1")
            .bind(reminder)
            .bind(app.now() - TimeDelta::hours(20))
            .execute(&app.db)
            .await
            .unwrap();
        tend(&app).await;
        assert_eq!(one::<String>(&app, HELD, id).await, "touch_limit 29 10:00");
    });
}

#[test]
fn the_codes_of_touches_are_those_of_the_program() {
    with_app(async |app| {
        let view: String = sqlx::query_scalar("select pg_get_viewdef('touches'::regclass)")
            .fetch_one(&app.db)
            .await
            .unwrap();
        for code in Disposition::ALL {
            let named = view.contains(&format!("'{code}'"));
            assert_eq!(named, code.rule().is_touch, "{code}");
        }
    });
}

#[test]
fn the_first_level_of_a_result_is_one_in_the_program_and_in_the_database() {
    with_app(async |app| {
        for code in Disposition::ALL {
            let group: String = sqlx::query_scalar("select result_group($1)")
                .bind(code.as_str())
                .fetch_one(&app.db)
                .await
                .unwrap();
            assert_eq!(group, code.rule().group.as_str(), "{code}");
        }
    });
}

#[test]
fn a_visit_during_the_open_callback_holds_it_until_the_hand_over() {
    with_app(async |app| {
        let (person, id) = due_person(&app, "赵雅楠", 1).await;
        due(&app, id, "2026-11-26T12:00:00Z").await;
        app.set_now("2026-11-24T03:00:00Z");
        let second = build::visit(&app, &person, "RO-second").in_shop().insert().await;
        app.advance(Duration::from_secs(3 * 60 * 60));
        assert_eq!(tend(&app).await.held, 1);
        assert_eq!(one::<String>(&app, HELD, id).await, "car_in_shop");
        let mut browser = app.sign_in(Role::Specialist).await;
        assert_eq!(
            browser.post("/callbacks/next", &[]).await.location(),
            "/callbacks"
        );
        assert_eq!(
            browser.get("/callbacks?tab=held").await.text(".heldwhy"),
            "车辆又在店内，交车后一并回访。"
        );
        let moved = "select (due_at = '2026-11-24T12:00:00Z')::text from obligations where callback_id = $1";
        assert_eq!(one::<String>(&app, moved, id).await, "true", "its due stays");

        // Handed over at 16:00: both are asked about a day later, on the last day of the first.
        sqlx::query("update visits set handed_over_at = $2, handed_over_on = '2026-11-24', state = 'closed', settled_at = $2 where id = $1")
            .bind(second)
            .bind("2026-11-24T08:00:00Z".parse::<DateTime<Utc>>().unwrap())
            .execute(&app.db)
            .await
            .unwrap();
        assert_eq!(tend(&app).await.held, 1);
        assert_eq!(one::<String>(&app, HELD, id).await, "");
        assert_eq!(one::<String>(&app, NEXT_AT, id).await, "25 16:00");
    });
}

/// The job of the day of the clock.
async fn run(app: &TestApp, day: &str) {
    let mut tx = app.db.begin().await.unwrap();
    jobs::generate_obligations(&mut tx, app.scope(), day.parse().unwrap(), app.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// Two visits, two days apart; the job runs after each.
async fn two_visits(app: &TestApp) -> (Person, CallbackId) {
    let person = build::person(app, "张伟", "13800002046", "浙A7K2M9").await;
    build::visit(app, &person, "R1")
        .handed_over("2026-11-22T03:00:00Z")
        .insert()
        .await;
    run(app, "2026-11-24").await;
    build::visit(app, &person, "R2")
        .handed_over("2026-11-24T01:00:00Z")
        .insert()
        .await;
    run(app, "2026-11-24").await;
    let id = sqlx::query_scalar("select id from callbacks")
        .fetch_one(&app.db)
        .await
        .unwrap();
    (person, id)
}

#[test]
fn two_visits_in_three_days_are_one_call_and_two_in_the_denominator() {
    with_app(async |app| {
        let (_, id) = two_visits(&app).await;
        assert_eq!(app.count("select open_count::bigint from callbacks").await, 2);
        // The second may be asked about from the 25th at 9:00 on; the first is due that evening: one call on the 25th.
        assert_eq!(one::<String>(&app, NEXT_AT, id).await, "25 09:00");
        app.set_now("2026-11-25T02:00:00Z");
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = take(&mut browser, id).await;
        let items: Vec<i64> =
            sqlx::query_scalar("select id from obligations where kind = 'post_service' order by id")
                .fetch_all(&app.db)
                .await
                .unwrap();
        assert_ne!(question(&page, "q10"), "");
        let mut form: Vec<_> = crate::callbacks::base(&page)
            .into_iter()
            .filter(|(name, _)| name != "item")
            .collect();
        form.push(("outcome".to_owned(), "completed".to_owned()));
        for (item, points) in items.iter().zip(["9", "10"]) {
            form.push(("item".to_owned(), item.to_string()));
            form.push((format!("q{item}_q10"), points.to_owned()));
        }
        let saved = crate::callbacks::post(&mut browser, &format!("/callbacks/{id}"), &form).await;
        assert_eq!(saved.status, 303, "{}", saved.text(".error"));
        assert_eq!(one::<String>(&app, STATUS, id).await, "done");
        assert_eq!(
            app.count("select count(*) from obligations where status = 'done' and is_connected")
                .await,
            2
        );
        assert_eq!(
            app.count("select count(distinct attempt_id) from obligations")
                .await,
            1,
            "one contact"
        );
        assert_eq!(
            app.count("select count(*) from responses").await,
            2,
            "each asked for itself"
        );
        assert_eq!(app.count("select count(*) from attempts").await, 1);
    });
}

#[test]
fn a_store_may_let_the_later_visit_move_the_deadline() {
    for restarts in [false, true] {
        with_app(async |app| {
            sqlx::query("update stores set restarts_on_revisit = $1")
                .bind(restarts)
                .execute(&app.db)
                .await
                .unwrap();
            two_visits(&app).await;
            let dues: Vec<String> = sqlx::query_scalar(
                "select to_char(due_at at time zone 'Asia/Shanghai', 'DD HH24:MI') from obligations where kind = 'post_service' order by id",
            )
            .fetch_all(&app.db)
            .await
            .unwrap();
            let first = if restarts { "27 20:00" } else { "25 20:00" };
            assert_eq!(dues, [first, "27 20:00"]);
            let due: String = sqlx::query_scalar(
                "select to_char(due_at at time zone 'Asia/Shanghai', 'DD HH24:MI') from callbacks",
            )
            .fetch_one(&app.db)
            .await
            .unwrap();
            assert_eq!(due, first);
            // The strict deadline never moves.
            let strict = "select count(*) from obligations where strict_due_at = '2026-11-25T12:00:00Z'";
            assert_eq!(app.count(strict).await, 1);
        });
    }
}

#[test]
fn a_talk_of_today_may_hold_what_is_left_of_the_call() {
    with_app(async |app| {
        let (person, id) = due_person(&app, "赵雅楠", 1).await;
        due(&app, id, "2026-12-10T12:00:00Z").await;
        sqlx::query("update obligations set callable_due_at = '2026-12-10T12:00:00Z' where callback_id = $1")
            .bind(id)
            .execute(&app.db)
            .await
            .unwrap();
        for days in 1..=2 {
            dialled(&app, &person, app.now() - TimeDelta::days(days), "completed").await;
        }
        let mut browser = app.sign_in(Role::Specialist).await;
        settle(&mut browser, id, &[("outcome", "busy"), ("code_busy", "cut_off")]).await;
        assert_eq!(one::<String>(&app, HELD, id).await, "touch_limit 29 10:00");
        assert_eq!(one::<String>(&app, ENDING, id).await, "open/false");
        nobody_answers(&app, &mut browser, id, "2026-11-30T02:00:00Z").await;
        assert_eq!(one::<String>(&app, HELD, id).await, "");
    });
}

#[test]
fn the_limits_are_set_on_the_stores_page() {
    with_app(async |app| {
        let mut admin = app.sign_in(Role::Admin).await;
        let path = format!("/stores/{}", app.store);
        let page = admin.get(&path).await;
        let shown = |field: &str| page.attr(&format!("#{field}"), "value");
        assert_eq!(
            (shown("touch_limit").as_deref(), shown("answer_hours").as_deref()),
            (Some("3"), Some("48"))
        );
        let version = page.attr("#details input[name=version]", "value").unwrap();
        let mut fields = vec![
            ("version", version.as_str()),
            ("name", "滨江店"),
            ("time_zone", "Asia/Shanghai"),
            ("touch_limit", "0"),
            ("answer_hours", "169"),
            ("restarts", "yes"),
        ];
        let wrong = admin.post(&path, &fields).await;
        assert_eq!(wrong.status, 422);
        assert_ne!(
            (
                wrong.field_error("touch_limit"),
                wrong.field_error("answer_hours")
            ),
            Default::default()
        );
        assert_eq!(
            wrong.attr("#touch_limit", "value").as_deref(),
            Some("0"),
            "what was typed stays"
        );
        fields[3].1 = "5";
        fields[4].1 = "24";
        assert_eq!(admin.post(&path, &fields).await.status, 303);
        let kept: String = sqlx::query_scalar(
            "select concat_ws('/', touch_limit, answer_hours, restarts_on_revisit::text) from stores where id = $1",
        )
        .bind(app.store)
        .fetch_one(&app.db)
        .await
        .unwrap();
        assert_eq!(kept, "5/24/true");
        let fields = "select change -> 'fields' from audit where action = 'stores.update'";
        let changed: serde_json::Value = sqlx::query_scalar(fields).fetch_one(&app.db).await.unwrap();
        assert_eq!(
            changed,
            serde_json::json!(["touch_limit", "answer_hours", "restarts_on_revisit"])
        );
    });
}
