//! Reminders: the list, recording by hand, falling back to a call.

use care_desk::auth::permission::Role;
use care_desk::reminders::ReminderId;
use sqlx::Row;

use crate::support::app::{TestApp, with_app};
use crate::support::build::{self, Person};

/// A person with a first-maintenance reminder of today.
async fn due(app: &TestApp, name: &str, number: u8) -> (Person, ReminderId) {
    let person = build::person(
        app,
        name,
        &format!("1380013800{number}"),
        &format!("浙A7K2M{number}"),
    )
    .await;
    sqlx::query(
        "insert into vehicle_facts (store_id, vehicle_id, first_due_on, computed_at) values ($1, $2, '2026-12-24', $3)",
    )
    .bind(app.store)
    .bind(person.vehicle)
    .bind(app.now())
    .execute(&app.db)
    .await
    .unwrap();
    let reminder = build::reminder(app, &person, "2026-11-24", "2026-11-24T12:00:00Z").await;
    build::obligation(app, &person, "first_maintenance", "T-30")
        .due("2026-11-24T12:00:00Z")
        .reminder(reminder)
        .insert()
        .await;
    (person, reminder)
}

/// Status, method and version of a reminder; status, connected and reason of its obligation.
async fn state(app: &TestApp, id: ReminderId) -> String {
    let row = sqlx::query(
        "select r.status, r.method, r.version, o.status as o_status, o.is_connected, o.ended_reason, o.ended_by is not null as by_somebody
         from reminders r join obligations o on o.store_id = r.store_id and o.reminder_id = r.id where r.id = $1",
    )
    .bind(id)
    .fetch_one(&app.db)
    .await
    .unwrap();
    format!(
        "{} {} v{} / {} {} {} {}",
        row.get::<String, _>("status"),
        row.get::<Option<String>, _>("method").unwrap_or("-".to_owned()),
        row.get::<i32, _>("version"),
        row.get::<String, _>("o_status"),
        row.get::<bool, _>("is_connected"),
        row.get::<Option<String>, _>("ended_reason")
            .unwrap_or("-".to_owned()),
        row.get::<bool, _>("by_somebody"),
    )
}

#[test]
fn the_list_says_who_why_and_until_when() {
    with_app(async |app| {
        due(&app, "张伟", 1).await;
        let (late, _) = due(&app, "李娜", 2).await;
        sqlx::query("update reminders set send_on = '2026-11-20', due_at = '2026-11-20T12:00:00Z' where customer_id = $1")
            .bind(late.customer)
            .execute(&app.db)
            .await
            .unwrap();
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = browser.get("/reminders").await;
        assert_eq!(
            page.texts(".tabs a"),
            ["今日 2", "逾期 1", "已完成", "全部"].map(|text| text.replace(' ', ""))
        );
        let rows = page.texts("tbody tr");
        assert!(rows[0].contains("李娜"), "the overdue one comes first: {rows:?}");
        assert_eq!(
            rows[1],
            "剩 10:00张伟138 **** 8001浙A·7K2M1 轿车首保 · 12-24 到期 · 提前 30 天待提醒记录"
        );
        assert!(!page.html().contains("13800138001"), "the number is masked");
        assert_eq!(browser.get("/reminders?tab=overdue").await.count("tbody tr"), 1);
        assert_eq!(
            browser.get("/reminders?tab=done&page=1").await.text(".empty b"),
            "还没有完成的提醒"
        );
        assert_eq!(browser.get("/reminders?tab=all").await.count("tbody tr"), 2);
    });
}

#[test]
fn each_way_of_reminding_settles_the_obligation() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Specialist).await;
        for (i, (method, is_connected)) in [
            ("sms", false),
            ("wechat", false),
            ("phone", true),
            ("in_person", true),
        ]
        .into_iter()
        .enumerate()
        {
            let (_, id) = due(&app, "张伟", i as u8).await;
            let path = format!("/reminders/{id}");
            let page = browser.get(&path).await;
            let version = page.attr("input[name=version]", "value").unwrap();
            let message = page.text("#message");
            assert!(
                message.starts_with("【滨江店】张伟您好，您的轿车（浙A·7K2M"),
                "{message}"
            );
            assert!(message.contains("12月24日 前后到首次保养时间"), "{message}");
            let form = [
                ("method", method),
                ("note", "下周到店"),
                ("version", version.as_str()),
            ];
            let answer = browser.post(&path, &form).await;
            assert_eq!((answer.status, answer.location()), (303, "/reminders"));
            assert_eq!(
                browser.follow(&answer).await.text(".flash--page"),
                "已记录：张伟 已提醒"
            );
            assert_eq!(
                state(&app, id).await,
                format!("delivered {method} v2 / done {is_connected} {method} true")
            );
        }
        let audited = "select count(*) from audit where action = 'reminders.record'";
        assert_eq!(app.count(audited).await, 4);
        assert_eq!(app.count("select count(*) from callbacks").await, 0);
        let done = browser.get("/reminders?tab=done").await;
        assert_eq!(done.count("tbody tr"), 4);
    });
}

#[test]
fn who_was_not_reached_moves_to_the_callback_queue() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Specialist).await;
        let (_, id) = due(&app, "张伟", 1).await;
        let form = [("method", "not_reached"), ("version", "1")];
        let answer = browser.post(&format!("/reminders/{id}"), &form).await;
        assert_eq!(
            browser.follow(&answer).await.text(".flash--page"),
            "张伟 已转入回访队列"
        );
        assert_eq!(state(&app, id).await, "fell_back - v2 / open false - false");
        let sql = "select count(*) from callbacks b join obligations o on o.store_id = b.store_id and o.callback_id = b.id
                   join reminders r on r.id = o.reminder_id and r.callback_id = b.id
                   where b.status = 'open' and b.open_count = 1 and b.kinds = array['first_maintenance']
                     and b.callable_due_at = o.callable_due_at and b.due_at = o.due_at";
        assert_eq!(app.count(sql).await, 1);
    });
}

#[test]
fn a_person_who_has_an_open_callback_gets_no_second_one() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Specialist).await;
        let (person, id) = due(&app, "张伟", 1).await;
        let visit = build::visit(&app, &person, "RO1").insert().await;
        build::callback(&app, &person, visit, "2026-11-26T12:00:00Z").await;
        let form = [("method", "not_reached"), ("version", "1")];
        assert_eq!(browser.post(&format!("/reminders/{id}"), &form).await.status, 303);
        let sql = "select count(*) from callbacks where open_count = 2 and kinds = array['first_maintenance', 'post_service']
                   and callable_due_at = '2026-11-24T12:00:00Z'";
        assert_eq!(app.count(sql).await, 1);
        assert_eq!(app.count("select count(*) from callbacks").await, 1);
    });
}

#[test]
fn an_incomplete_form_comes_back_with_what_was_typed() {
    with_app(async |app| {
        let (_, id) = due(&app, "张伟", 1).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let path = format!("/reminders/{id}");
        let answer = browser
            .post(&path, &[("note", "客户下周回来"), ("version", "1")])
            .await;
        assert_eq!(
            (answer.status, answer.field_error("method").as_str()),
            (422, "必填")
        );
        assert_eq!(answer.text("#note"), "客户下周回来");
        let long = "长".repeat(501);
        let form = [("method", "sms"), ("note", long.as_str()), ("version", "1")];
        let answer = browser.post(&path, &form).await;
        assert_eq!(
            (answer.status, answer.field_error("note").as_str()),
            (422, "最多 500 个字")
        );
        assert_eq!(answer.count("input[value=sms][checked]"), 1);
        let answer = browser
            .post(&path, &[("method", "pigeon"), ("version", "1")])
            .await;
        assert_eq!(answer.status, 422);
        assert_eq!(state(&app, id).await, "pending - v1 / open false - false");
    });
}

#[test]
fn a_reminder_is_recorded_once() {
    with_app(async |app| {
        let (_, id) = due(&app, "张伟", 1).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let path = format!("/reminders/{id}");
        let form = [("method", "sms"), ("version", "1")];
        assert_eq!(browser.post(&path, &form).await.status, 303);
        assert_eq!(browser.post(&path, &form).await.status, 409);
        let form = [("method", "not_reached"), ("version", "2")];
        assert_eq!(
            browser.post(&path, &form).await.status,
            409,
            "it has ended, whatever its version"
        );
        assert_eq!(state(&app, id).await, "delivered sms v2 / done false sms true");
    });
}

#[test]
fn ticked_rows_are_marked_together_and_others_left_alone() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Specialist).await;
        let (_, first) = due(&app, "张伟", 1).await;
        let (_, second) = due(&app, "李娜", 2).await;
        let (_, unticked) = due(&app, "王芳", 3).await;
        let none = browser.post("/reminders/sms", &[("tab", "today")]).await;
        assert_eq!(
            browser.follow(&none).await.text(".flash--page"),
            "没有勾选任何提醒"
        );
        let ticks = [format!("{first}:1"), format!("{second}:7")];
        let form = [
            ("tick", ticks[0].as_str()),
            ("tick", ticks[1].as_str()),
            ("tab", "overdue"),
        ];
        let answer = browser.post("/reminders/sms", &form).await;
        assert_eq!(answer.location(), "/reminders?tab=overdue");
        let text = "1 位已记为短信提醒，1 位已被他人处理，未改动";
        assert_eq!(browser.follow(&answer).await.text(".flash--page"), text);
        assert_eq!(state(&app, first).await, "delivered sms v2 / done false sms true");
        for id in [second, unticked] {
            assert_eq!(state(&app, id).await, "pending - v1 / open false - false");
        }
    });
}

#[test]
fn another_stores_reminder_does_not_exist() {
    with_app(async |app| {
        let person = build::person_in(&app, app.other_store, "李四", "13900139000", "浙B12345").await;
        let id = build::reminder_in(
            &app,
            app.other_store,
            &person,
            "2026-11-24",
            "2026-11-24T12:00:00Z",
        )
        .await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let path = format!("/reminders/{id}");
        let form = [("method", "sms"), ("version", "1")];
        assert_eq!(browser.get(&path).await.status, 404);
        assert_eq!(browser.post(&path, &form).await.status, 404);
        let tick = format!("{id}:1");
        browser.post("/reminders/sms", &[("tick", tick.as_str())]).await;
        assert_eq!(
            app.count("select count(*) from reminders where status = 'pending'")
                .await,
            1
        );
        assert_eq!(browser.get("/reminders").await.count("tbody tr"), 0);
    });
}

#[test]
fn only_who_works_on_reminders_may_open_them() {
    with_app(async |app| {
        for (role, status) in [
            (Role::Specialist, 200),
            (Role::Clerk, 200),
            (Role::Manager, 200),
            (Role::Receptionist, 403),
            (Role::Handler, 403),
            (Role::Admin, 403),
            (Role::Group, 403),
        ] {
            let mut browser = app.sign_in(role).await;
            assert_eq!(browser.get("/reminders").await.status, status, "{role}");
            let posted = browser.post("/reminders/sms", &[("tab", "today")]).await;
            assert_eq!(posted.status, if status == 200 { 303 } else { 403 }, "{role}");
        }
    });
}
