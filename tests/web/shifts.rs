//! Who works when: what the queue gives to whom, what leave does to work that is given out, the week on the page.

use std::time::Duration;

use care_desk::auth::permission::Role;
use care_desk::callbacks::CallbackId;
use care_desk::jobs::JobName;
use care_desk::jobs::runner::{self, Task, Trigger};
use care_desk::shifts::model::DutyMoment;
use care_desk::shifts::queries::list_on_duty;

use crate::support::app::{TestApp, with_app};
use crate::support::build;

/// Open callbacks, the first one the most urgent.
async fn calls(app: &TestApp, count: usize) -> Vec<CallbackId> {
    let mut ids = Vec::new();
    for n in 0..count {
        let (phone, plate) = (format!("138000010{n:02}"), format!("浙A9K{n:02}X"));
        let person = build::person(app, &format!("客户{n}"), &phone, &plate).await;
        let visit = build::visit(app, &person, &format!("R{n}")).insert().await;
        ids.push(build::callback(app, &person, visit, &format!("2026-11-24T1{n}:00:00Z")).await);
    }
    ids
}

async fn execute(app: &TestApp, sql: &'static str) {
    sqlx::raw_sql(sql).execute(&app.db).await.unwrap();
}

async fn assigned(app: &TestApp, id: CallbackId) -> (String, Option<i64>, Option<i64>) {
    sqlx::query_as("select status, assigned_to, claimed_by from callbacks where id = $1")
        .bind(id)
        .fetch_one(&app.db)
        .await
        .unwrap()
}

/// A week of a person with these hours on Tuesday, the day of the tests, and nothing else.
async fn tuesday(app: &TestApp, user: &str, hours: &str) -> u16 {
    let id = app.user(user).await.to_string();
    let mut manager = app.sign_in(Role::Manager).await;
    let fields = [
        ("user_id", id.as_str()),
        ("week", "2026-11-23"),
        ("day_1", ""),
        ("day_2", hours),
        ("day_3", ""),
        ("day_4", ""),
        ("day_5", ""),
        ("day_6", ""),
        ("day_7", ""),
        ("capacity", ""),
    ];
    manager.post("/shifts", &fields).await.status
}

#[test]
fn next_gives_nothing_out_of_shift_and_the_oldest_call_within() {
    with_app(async |app| {
        let ids = calls(&app, 2).await;
        let mut specialist = app.sign_in(Role::Specialist).await;
        assert_eq!(tuesday(&app, "specialist", "10:30-10:35 18:00-24:00").await, 303);
        let none = specialist.post("/callbacks/next", &[]).await;
        assert_eq!(none.location(), "/callbacks");
        let page = specialist.get("/callbacks").await;
        assert_eq!(page.text(".flash--page"), "现在不在你的班次内，队列不分配回访");
        app.advance(Duration::from_secs(30 * 60));
        let first = specialist.post("/callbacks/next", &[]).await;
        assert_eq!(first.location(), format!("/callbacks/{}", ids[0]));
        app.advance(Duration::from_secs(10 * 60));
        let held = specialist.post("/callbacks/next", &[]).await;
        assert_eq!(
            held.location(),
            first.location(),
            "a call in hand may be finished after the shift"
        );
    });
}

#[test]
fn a_week_without_shifts_goes_by_the_opening_hours() {
    with_app(async |app| {
        let ids = calls(&app, 1).await;
        execute(&app, "insert into shifts (store_id, user_id, day, opens, closes) select 1, id, '2026-12-01', '09:00', '18:00' from users where username = 'specialist'").await;
        let mut specialist = app.sign_in(Role::Specialist).await;
        let first = specialist.post("/callbacks/next", &[]).await;
        assert_eq!(
            first.location(),
            format!("/callbacks/{}", ids[0]),
            "only the next week has shifts"
        );
    });
}

#[test]
fn leave_hands_claimed_and_assigned_work_over_at_once() {
    with_app(async |app| {
        let ids = calls(&app, 4).await;
        let (specialist, clerk) = (app.user("specialist").await, app.user("clerk").await);
        sqlx::query("update callbacks set assigned_to = $1 where id = any($2)")
            .bind(specialist)
            .bind(vec![ids[0].get(), ids[1].get()])
            .execute(&app.db)
            .await
            .unwrap();
        sqlx::query("update callbacks set excluded_ids = array[$1::bigint] where id = $2")
            .bind(clerk)
            .bind(ids[1])
            .execute(&app.db)
            .await
            .unwrap();
        let mut browser = app.sign_in(Role::Specialist).await;
        browser.post(&format!("/callbacks/{}/claim", ids[2]), &[]).await;
        assert_eq!(assigned(&app, ids[2]).await.0, "claimed");

        let mut manager = app.sign_in(Role::Manager).await;
        let (away, deputy) = (specialist.to_string(), clerk.to_string());
        let form = [
            ("user_id", away.as_str()),
            ("from", "2026-11-24"),
            ("until", "2026-11-26"),
            ("deputy_id", deputy.as_str()),
            ("reason", "年假"),
        ];
        let done = manager.post("/shifts/leave", &form).await;
        assert_eq!(done.status, 303);
        let page = manager.get(done.location()).await;
        assert_eq!(
            page.text(".flash--page"),
            "specialist 的请假已登记，3 件回访已转交或退回队列"
        );
        assert!(page.text("[data-leave]").contains("代班：clerk"));

        assert_eq!(
            assigned(&app, ids[0]).await,
            ("open".to_owned(), Some(clerk.get()), None),
            "to the deputy"
        );
        assert_eq!(
            assigned(&app, ids[1]).await,
            ("open".to_owned(), None, None),
            "the deputy served this customer"
        );
        assert_eq!(
            assigned(&app, ids[2]).await,
            ("open".to_owned(), Some(clerk.get()), None),
            "the claim ends"
        );
        assert_eq!(
            assigned(&app, ids[3]).await,
            ("open".to_owned(), None, None),
            "nobody's work stays nobody's"
        );
        assert_eq!(
            browser.post("/callbacks/next", &[]).await.location(),
            "/callbacks"
        );
        assert_eq!(
            browser.get("/callbacks").await.text(".flash--page"),
            "你今天请假，队列不分配回访"
        );

        let (row, change) = (ids[3].to_string(), format!("assign:{away}"));
        let rows = [
            ("scope", "ticked"),
            ("change", change.as_str()),
            ("row", row.as_str()),
        ];
        manager.post("/callbacks/bulk", &rows).await;
        assert_eq!(
            assigned(&app, ids[3]).await.1,
            None,
            "nothing is given to somebody away"
        );
        assert_eq!(
            manager.get("/callbacks").await.text(".flash--page"),
            "specialist 现在请假或不当班，没有分配"
        );
        assert_eq!(
            app.count("select count(*) from audit where action = 'callbacks.hand_over'")
                .await,
            1
        );
    });
}

#[test]
fn leave_that_begins_later_is_handed_over_by_the_job_and_once() {
    with_app(async |app| {
        let ids = calls(&app, 1).await;
        let specialist = app.user("specialist").await;
        sqlx::query("update callbacks set assigned_to = $1")
            .bind(specialist)
            .execute(&app.db)
            .await
            .unwrap();
        let mut manager = app.sign_in(Role::Manager).await;
        let away = specialist.to_string();
        let form = [("user_id", away.as_str()), ("from", "2026-11-25")];
        manager.post("/shifts/leave", &form).await;
        assert_eq!(assigned(&app, ids[0]).await.1, Some(specialist.get()), "not yet");
        app.set_now("2026-11-24T16:00:00Z");
        let task = Task {
            job: JobName::AttachWaiting,
            store: None,
            day: "2026-11-25".parse().unwrap(),
        };
        for _ in 0..2 {
            runner::run(&app.db, &app.state.clock, task, Trigger::Person)
                .await
                .unwrap();
        }
        assert_eq!(
            assigned(&app, ids[0]).await.1,
            None,
            "back to the queue when the day begins"
        );
        assert_eq!(
            app.count("select count(*) from audit where action = 'callbacks.hand_over'")
                .await,
            1
        );
        let at = DutyMoment::at(chrono_tz::Asia::Shanghai, app.now());
        assert!(
            !list_on_duty(&app.db, app.scope(), at)
                .await
                .unwrap()
                .contains(&specialist)
        );

        let mut manager = app.sign_in(Role::Manager).await;
        let leave = format!(
            "/shifts/leave/{}/cancel",
            app.count("select id from leaves").await
        );
        assert_eq!(manager.post(&leave, &[]).await.status, 303);
        assert!(
            list_on_duty(&app.db, app.scope(), at)
                .await
                .unwrap()
                .contains(&specialist)
        );
        assert_eq!(manager.post(&leave, &[]).await.status, 404);
    });
}

#[test]
fn a_full_day_gets_no_more_calls() {
    with_app(async |app| {
        let ids = calls(&app, 3).await;
        execute(&app, "update user_stores set daily_capacity = 2").await;
        let mut specialist = app.sign_in(Role::Specialist).await;
        for (n, id) in ids[..2].iter().enumerate() {
            assert_eq!(
                specialist.post("/callbacks/next", &[]).await.location(),
                format!("/callbacks/{id}"),
                "{n}"
            );
            sqlx::query(
                "insert into attempts (store_id, callback_id, customer_id, user_id, at, on_day, daypart, result, idem_key)
                 select store_id, id, customer_id, claimed_by, claimed_at, '2026-11-24', 1, 'no_answer', gen_random_uuid() from callbacks where id = $1",
            )
            .bind(id)
            .execute(&app.db)
            .await
            .unwrap();
            sqlx::query("update callbacks set status = 'open', next_at = next_at + interval '2 hours', claimed_by = null, lease_until = null, lease_token = null where id = $1")
                .bind(id)
                .execute(&app.db)
                .await
                .unwrap();
        }
        assert_eq!(
            specialist.post("/callbacks/next", &[]).await.location(),
            "/callbacks"
        );
        assert_eq!(
            specialist.get("/callbacks").await.text(".flash--page"),
            "你今天的回访量已满"
        );
        app.set_now("2026-11-25T02:00:00Z");
        let mut specialist = app.sign_in(Role::Specialist).await;
        let next = specialist.post("/callbacks/next", &[]).await;
        assert!(next.location().starts_with("/callbacks/"), "a new day");
    });
}

#[test]
fn the_week_shows_everybody_and_takes_over_the_week_before() {
    with_app(async |app| {
        assert_eq!(tuesday(&app, "specialist", "09:00-12:00 18:00-24:00").await, 303);
        let mut manager = app.sign_in(Role::Manager).await;
        let id = app.user("specialist").await;
        let page = manager.get(&format!("/shifts?week=2026-11-25&person={id}")).await;
        assert_eq!(page.count("tbody tr"), 3, "specialist, clerk, manager");
        assert_eq!(
            page.attr("#day_2", "value").as_deref(),
            Some("09:00-12:00 18:00-24:00")
        );
        assert!(
            page.text(&format!("[data-person='{id}']"))
                .contains("09:00-12:00 18:00-24:00")
        );
        assert_eq!(
            manager
                .post("/shifts/copy", &[("week", "2026-11-30")])
                .await
                .status,
            303
        );
        assert_eq!(
            manager.get("/shifts").await.text(".flash--page"),
            "已沿用上周的班次：2 段"
        );
        manager.post("/shifts/copy", &[("week", "2026-11-30")]).await;
        assert_eq!(
            app.count("select count(*) from shifts where day = '2026-12-01'")
                .await,
            2,
            "once"
        );
        assert_eq!(
            app.count("select count(*) from shifts where closes = '24:00'")
                .await,
            2
        );

        assert_eq!(tuesday(&app, "specialist", "nine to five").await, 422);
        assert_eq!(
            tuesday(&app, "handler", "09:00-18:00").await,
            303,
            "whoever belongs to the store"
        );
        let stranger = app.add_user("stranger", Role::Clerk, Some(app.other_store)).await;
        assert_eq!(tuesday(&app, "stranger", "09:00-18:00").await, 404, "{stranger}");
        let mut specialist = app.sign_in(Role::Specialist).await;
        let read_only = specialist.get("/shifts").await;
        assert_eq!((read_only.status, read_only.count("form.form")), (200, 0));
        let id = id.to_string();
        assert_eq!(
            specialist
                .post("/shifts/leave", &[("user_id", &id), ("from", "2026-11-24")])
                .await
                .status,
            403
        );
        let refused = manager
            .post(
                "/shifts/leave",
                &[("user_id", &id), ("from", "2026-11-24"), ("deputy_id", &id)],
            )
            .await;
        assert_eq!(
            (refused.status, refused.field_error("deputy_id")),
            (422, "请从列表中选择".to_owned())
        );
    });
}
