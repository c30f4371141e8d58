//! My day: what each role finds at `/`.

use care_desk::auth::permission::Role;
use chrono::{DateTime, Utc};

use crate::support::app::{TestApp, with_app};
use crate::support::build;

async fn window(app: &TestApp, from: &str, to: &str) {
    sqlx::query(
        "insert into store_windows (store_id, purpose, starts_at, ends_at, day) values ($1, 'callable', $2, $3, '2026-11-24')
         on conflict do nothing",
    )
    .bind(app.store)
    .bind(from.parse::<DateTime<Utc>>().unwrap())
    .bind(to.parse::<DateTime<Utc>>().unwrap())
    .execute(&app.db)
    .await
    .unwrap();
}

#[test]
fn a_specialist_sees_the_work_of_today_by_deadline() {
    with_app(async |app| {
        sqlx::query("delete from store_windows")
            .execute(&app.db)
            .await
            .unwrap();
        window(&app, "2026-11-24T01:00:00Z", "2026-11-24T12:00:00Z").await;
        let mine = app.user("specialist").await;
        let clerk = app.user("clerk").await;
        let cases = [
            ("赵今天", "2026-11-24T10:00:00Z", None),
            ("钱逾期", "2026-11-24T01:00:00Z", Some(mine)),
            ("孙别人", "2026-11-24T09:00:00Z", Some(clerk)),
            ("李明天", "2026-11-25T09:00:00Z", None),
        ];
        for (i, (name, due_at, assigned)) in cases.into_iter().enumerate() {
            let person = build::person(&app, name, &format!("1380013800{i}"), &format!("浙A7K2M{i}")).await;
            let visit = build::visit(&app, &person, &format!("RO{i}")).insert().await;
            let callback = build::callback(&app, &person, visit, due_at).await;
            sqlx::query("update callbacks set assigned_to = $1 where id = $2")
                .bind(assigned)
                .bind(callback)
                .execute(&app.db)
                .await
                .unwrap();
        }
        let served = build::person(&app, "周本人接待", "13800138009", "浙A7K2M9").await;
        let visit = build::visit(&app, &served, "RO9").advisor(mine).insert().await;
        build::callback(&app, &served, visit, "2026-11-24T09:00:00Z").await;

        let mut browser = app.sign_in(Role::Specialist).await;
        let page = browser.get("/").await;
        assert_eq!(page.status, 200);
        assert_eq!(page.texts(".task__main b"), ["钱逾期", "赵今天"]);
        assert_eq!(page.texts(".task .sla"), ["逾 1:00", "剩 8:00"]);
        assert!(
            page.text(".page-head__meta").contains("今日应呼 2 位"),
            "{}",
            page.text(".page-head__meta")
        );
        assert_eq!(
            page.attr(".page-head form", "action").as_deref(),
            Some("/callbacks/next")
        );
        assert_eq!(
            page.attr(".ruler__svg", "aria-label").as_deref(),
            Some(
                "时间标尺：09:00 至 20:00，现在 10:00。已办 0 件，逾期 1 件，1 小时内到期 0 件，其余 1 件。"
            )
        );
        assert_eq!(page.count(".ru-over"), 1);
    });
}

#[test]
fn done_work_is_counted_for_who_did_it() {
    with_app(async |app| {
        let person = build::person(&app, "张伟", "13800138000", "浙A7K2M9").await;
        let visit = build::visit(&app, &person, "RO1").insert().await;
        let callback = build::callback(&app, &person, visit, "2026-11-24T12:00:00Z").await;
        let user = app.user("specialist").await;
        for (at, result) in [
            ("2026-11-24T01:30:00Z", "completed"),
            ("2026-11-24T01:00:00Z", "no_answer"),
            ("2026-11-23T02:00:00Z", "refused"),
            ("2026-11-22T02:00:00Z", "completed"),
        ] {
            sqlx::query(
                "insert into attempts (store_id, callback_id, customer_id, user_id, at, on_day, daypart, result, idem_key)
                 values ($1, $2, $3, $4, $5, ($5 at time zone 'Asia/Shanghai')::date, 1, $6, gen_random_uuid())",
            )
            .bind(app.store)
            .bind(callback)
            .bind(person.customer)
            .bind(user)
            .bind(at.parse::<DateTime<Utc>>().unwrap())
            .bind(result)
            .execute(&app.db)
            .await
            .unwrap();
        }
        let page = app.sign_in(Role::Specialist).await.get("/").await;
        let lists = page.texts("aside .dl");
        assert_eq!(lists[0], "办结1拨打2接通1 50%满意0 / 0");
        assert_eq!(lists[1], "办结1拨打3接通2 66.7%满意0 / 0");
        let clerk = app.sign_in(Role::Clerk).await.get("/").await;
        assert!(clerk.texts("aside .dl")[0].starts_with("办结0拨打0接通0 —"));
    });
}

#[test]
fn every_role_has_a_day_and_an_empty_one_says_so() {
    with_app(async |app| {
        for (role, text) in [
            (Role::Specialist, "今天没有到期的待办"),
            (Role::Clerk, "今天没有到期的待办"),
            (Role::Receptionist, "没有未结的抱怨"),
            (Role::Admin, "还没有导入过文件"),
            (Role::Manager, "今日应呼"),
            (Role::Group, "今日应呼"),
        ] {
            let page = app.sign_in(role).await.get("/").await;
            assert_eq!(
                (page.status, page.text("h1").as_str()),
                (200, "我的一天"),
                "{role}"
            );
            assert!(page.html().contains(text), "{role}");
        }
        let handler = app.sign_in(Role::Handler).await.get("/").await;
        assert_eq!(handler.location(), "/complaints");
    });
}

#[test]
fn the_frame_counts_only_what_a_role_works_on() {
    with_app(async |app| {
        let person = build::person(&app, "张伟", "13800138000", "浙A7K2M9").await;
        let visit = build::visit(&app, &person, "RO1").insert().await;
        build::callback(&app, &person, visit, "2026-11-24T01:00:00Z").await;
        build::reminder(&app, &person, "2026-11-24", "2026-11-24T12:00:00Z").await;
        build::reminder(&app, &person, "2026-11-25", "2026-11-25T12:00:00Z").await;
        let counts = async |role| {
            let page = app.sign_in(role).await.get("/kpi").await;
            page.texts(".nav__item .count")
        };
        assert_eq!(
            counts(Role::Specialist).await,
            ["1", "1"],
            "tomorrow's reminder is not today's work"
        );
        assert_eq!(counts(Role::Group).await, ["1"], "the group makes no reminders");
        assert!(counts(Role::Admin).await.is_empty());
    });
}
