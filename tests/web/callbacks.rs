//! The queue and the call: who gets whom, what each result does, what a lost lease may not do.

use std::collections::BTreeSet;
use std::time::Duration;

use care_desk::auth::permission::Role;
use care_desk::auth::session::{CurrentStore, CurrentUser};
use care_desk::callbacks::{CallbackId, queue};
use care_desk::users::UserId;
use uuid::Uuid;

use crate::support::app::{TestApp, with_app};
use crate::support::build::{self, Person};
use crate::support::client::{Answer, Client};

/// Before the tests' present instant, so that the callback is due today.
pub const DUE: &str = "2026-11-24T12:00:00Z";

/// A person with one open callback about a maintenance visit three days ago.
pub async fn due_person(app: &TestApp, name: &str, number: usize) -> (Person, CallbackId) {
    let phone = format!("1380000{number:04}");
    let plate = format!("浙A{number:05}");
    let person = build::person(app, name, &phone, &plate).await;
    let visit = build::visit(app, &person, &format!("RO-{number}"))
        .handed_over("2026-11-21T03:00:00Z")
        .insert()
        .await;
    let id = build::callback(app, &person, visit, DUE).await;
    (person, id)
}

/// The fields that every post of this call needs, read from its page.
pub fn base(page: &Answer) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = ["token", "idem_key", "item"]
        .iter()
        .map(|name| {
            let value = page.attr(&format!("input[name={name}]"), "value");
            let value = value.unwrap_or_else(|| panic!("no {name}: {}", page.text("main")));
            ((*name).to_owned(), value)
        })
        .collect();
    fields.push(("after".to_owned(), "list".to_owned()));
    fields
}

pub fn with(mut fields: Vec<(String, String)>, more: &[(&str, &str)]) -> Vec<(String, String)> {
    fields.extend(
        more.iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    );
    fields
}

pub async fn post(browser: &mut Client, path: &str, fields: &[(String, String)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    browser.post(path, &fields).await
}

/// Claims a call and opens it.
pub async fn take(browser: &mut Client, id: CallbackId) -> Answer {
    let claimed = browser.post(&format!("/callbacks/{id}/claim"), &[]).await;
    let page = browser.follow(&claimed).await;
    assert_eq!(page.count("#call"), 1, "not claimed: {}", page.text(".callpanel"));
    page
}

/// Name of the field of a question about the only obligation of the page.
pub fn question(page: &Answer, code: &str) -> String {
    let item = page.attr("input[name=item]", "value").unwrap();
    format!("q{item}_{code}")
}

pub async fn one<T>(app: &TestApp, sql: &'static str, id: CallbackId) -> T
where
    T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + Unpin,
{
    sqlx::query_scalar(sql).bind(id).fetch_one(&app.db).await.unwrap()
}

pub const STATUS: &str = "select status from callbacks where id = $1";
pub const ENDING: &str = "select concat_ws('/', status, ended_reason, is_connected::text, is_satisfied::text) from obligations where callback_id = $1";
pub const NEXT_AT: &str =
    "select to_char(next_at at time zone 'Asia/Shanghai', 'DD HH24:MI') from callbacks where id = $1";
const PHONE: &str = "select string_agg(h.state, ',' order by h.id) from phones h join callbacks b on b.customer_id = h.customer_id where b.id = $1";

#[test]
fn two_browsers_get_different_customers() {
    with_app(async |app| {
        app.add_user("second", Role::Specialist, Some(app.store)).await;
        due_person(&app, "赵雅楠", 1).await;
        due_person(&app, "李思远", 2).await;
        let mut first = app.sign_in(Role::Specialist).await;
        let mut second = app.sign_in_as("second").await;
        let one = first.post("/callbacks/next", &[]).await.location().to_owned();
        let two = second.post("/callbacks/next", &[]).await.location().to_owned();
        assert_ne!(one, two);
        let again = first.post("/callbacks/next", &[]).await;
        assert_eq!(again.location(), one, "the call that is held comes first");
        let page = second.get(&one).await;
        assert_eq!(page.count("#call"), 0);
        assert!(page.text(".callpanel").contains("specialist 正在处理这位客户"));
        let mut third = app.sign_in(Role::Clerk).await;
        let none = third.post("/callbacks/next", &[]).await;
        assert_eq!(none.location(), "/callbacks");
        assert_eq!(
            third.follow(&none).await.text(".flash--page"),
            "现在没有轮到你回访的客户"
        );
    });
}

#[test]
fn nobody_calls_a_customer_they_have_served() {
    with_app(async |app| {
        let me = app.user("specialist").await;
        let person = build::person(&app, "赵雅楠", "13800000001", "浙A7K2M9").await;
        let visit = build::visit(&app, &person, "RO-1").advisor(me).insert().await;
        let id = build::callback(&app, &person, visit, DUE).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        assert_eq!(
            browser.post("/callbacks/next", &[]).await.location(),
            "/callbacks"
        );
        let refused = browser.post(&format!("/callbacks/{id}/claim"), &[]).await;
        let page = browser.follow(&refused).await;
        assert_eq!(page.text(".flash--page"), "你接待过这位客户，请由同事回访");
        assert_eq!(page.count("#call"), 0);

        let forced = sqlx::query("update callbacks set assigned_to = $1")
            .bind(me)
            .execute(&app.db)
            .await
            .unwrap_err();
        let error = forced.into_database_error().unwrap();
        assert_eq!(error.constraint(), Some("callbacks_not_by_who_served_check"));
    });
}

#[test]
fn nobody_holds_more_calls_than_allowed() {
    with_app(async |app| {
        let mut ids = Vec::new();
        for number in 0..4 {
            ids.push(due_person(&app, "赵雅楠", number).await.1);
        }
        let mut browser = app.sign_in(Role::Specialist).await;
        for id in &ids[..3] {
            take(&mut browser, *id).await;
        }
        let refused = browser.post(&format!("/callbacks/{}/claim", ids[3]), &[]).await;
        let page = browser.follow(&refused).await;
        assert_eq!(page.text(".flash--page"), "手上的回访已达上限，先完成一位");
        assert_eq!(one::<String>(&app, STATUS, ids[3]).await, "open");
    });
}

#[test]
fn a_completed_call_ends_what_it_was_about_and_leads_on() {
    with_app(async |app| {
        let (_, id) = due_person(&app, "赵雅楠", 1).await;
        let (_, other) = due_person(&app, "李思远", 2).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = take(&mut browser, id).await;
        assert!(page.text(".script").contains("我是滨江店的specialist"));
        assert!(
            page.text(".script").contains("11月21日 周六在我店做了保养"),
            "{}",
            page.text(".script")
        );
        assert!(page.html().contains("138 **** 0001") && !page.html().contains("13800000001"));
        let (overall, nps) = (question(&page, "q10"), question(&page, "q11"));
        let answers = [
            ("outcome", "completed"),
            (overall.as_str(), "9"),
            (nps.as_str(), "10"),
            ("note", "下午打"),
        ];
        let mut form = with(base(&page), &answers);
        form.retain(|(name, _)| name != "after");
        form.push(("after".to_owned(), "next".to_owned()));
        let saved = post(&mut browser, &format!("/callbacks/{id}"), &form).await;
        assert_eq!(
            (saved.status, saved.location()),
            (303, format!("/callbacks/{other}").as_str())
        );
        assert_eq!(browser.follow(&saved).await.text(".flash--page"), "回访已保存");
        assert_eq!(one::<String>(&app, STATUS, id).await, "done");
        assert_eq!(one::<String>(&app, ENDING, id).await, "done/true/true");
        let answers: serde_json::Value =
            sqlx::query_scalar("select answers from responses where overall = 9 and nps = 10")
                .fetch_one(&app.db)
                .await
                .unwrap();
        assert_eq!(answers, serde_json::json!({ "q10": 9, "q11": 10 }));
        assert_eq!(app.count("select count(*) from complaints").await, 0);

        // The same form again: led on, nothing written twice.
        let twice = post(&mut browser, &format!("/callbacks/{id}"), &form).await;
        assert_eq!(
            (twice.status, twice.location()),
            (303, format!("/callbacks/{other}").as_str())
        );
        assert_eq!(app.count("select count(*) from attempts").await, 1);
        assert_eq!(browser.get("/callbacks?tab=done").await.count("tbody tr"), 1);
        let ended = browser.get(&format!("/callbacks/{id}")).await;
        assert!(ended.text(".callpanel").contains("这次回访已结束"));
    });
}

#[test]
fn each_result_has_its_effect() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Specialist).await;
        let open = "open/false";
        type Case<'a> = (&'a [(&'a str, &'a str)], &'a str, &'a str, &'a str, &'a str, i32);
        let table: [Case<'_>; 17] = [
            (&[("outcome", "no_answer")], "open", open, "24 13:30", "ok", 1),
            (
                &[("outcome", "no_answer"), ("code_no_answer", "no_coverage")],
                "open",
                open,
                "24 13:30",
                "ok",
                1,
            ),
            (
                &[("outcome", "no_answer"), ("code_no_answer", "voicemail")],
                "open",
                open,
                "24 13:30",
                "ok",
                1,
            ),
            (
                &[("outcome", "no_answer"), ("code_no_answer", "hung_up")],
                "open",
                open,
                "24 13:30",
                "ok",
                1,
            ),
            (&[("outcome", "busy")], "open", open, "24 13:30", "ok", 1),
            (&[("outcome", "off")], "open", open, "24 13:30", "ok", 1),
            (
                &[("outcome", "busy"), ("code_busy", "rejected")],
                "open",
                open,
                "24 13:30",
                "ok",
                1,
            ),
            (
                &[("outcome", "busy"), ("code_busy", "cut_off")],
                "open",
                open,
                "25 09:00",
                "ok",
                1,
            ),
            (
                &[("outcome", "busy"), ("code_busy", "signal_lost")],
                "open",
                open,
                "24 10:10",
                "ok",
                0,
            ),
            (
                &[("outcome", "busy"), ("code_busy", "other"), ("note", "只讲方言")],
                "open",
                open,
                "24 13:30",
                "ok",
                1,
            ),
            (
                &[("outcome", "off"), ("code_off", "suspended")],
                "exhausted",
                "exhausted/no_valid_phone/false",
                "24 13:30",
                "dead",
                0,
            ),
            (
                &[("outcome", "wrong")],
                "exhausted",
                "exhausted/no_valid_phone/false",
                "24 13:30",
                "dead",
                0,
            ),
            (
                &[("outcome", "wrong"), ("code_wrong", "wrong")],
                "exhausted",
                "exhausted/no_valid_phone/false",
                "24 13:30",
                "wrong",
                0,
            ),
            (
                &[("outcome", "wrong"), ("code_wrong", "not_the_person")],
                "open",
                open,
                "24 13:30",
                "unverified",
                1,
            ),
            (
                &[("outcome", "later"), ("agreed_at", "2026-11-26T18:15")],
                "open",
                open,
                "26 18:15",
                "ok",
                0,
            ),
            (
                &[("outcome", "refused")],
                "exhausted",
                "exhausted/refused/true",
                "24 13:30",
                "ok",
                1,
            ),
            (
                &[("outcome", "refused"), ("do_not_call", "all")],
                "exhausted",
                "exhausted/refused/true",
                "24 13:30",
                "ok",
                1,
            ),
        ];
        for (number, (fields, status, ending, next_at, phone, dials)) in table.into_iter().enumerate() {
            let (_, id) = due_person(&app, "赵雅楠", number).await;
            let page = take(&mut browser, id).await;
            let saved = post(
                &mut browser,
                &format!("/callbacks/{id}"),
                &with(base(&page), fields),
            )
            .await;
            assert_eq!(saved.status, 303, "{fields:?}: {}", saved.text(".error"));
            assert_eq!(saved.location(), "/callbacks");
            assert_eq!(one::<String>(&app, STATUS, id).await, status, "{fields:?}");
            assert_eq!(one::<String>(&app, ENDING, id).await, ending, "{fields:?}");
            assert_eq!(one::<String>(&app, NEXT_AT, id).await, next_at, "{fields:?}");
            assert_eq!(one::<String>(&app, PHONE, id).await, phone, "{fields:?}");
            let made: i32 = one(&app, "select dials from callbacks where id = $1", id).await;
            assert_eq!(made, dials, "{fields:?}");
            let due: String = one(
                &app,
                "select (callable_due_at = '2026-11-24T12:00:00Z')::text from callbacks where id = $1",
                id,
            )
            .await;
            assert_eq!(due, "true", "the deadline does not move");
        }
        assert_eq!(
            app.count("select count(*) from customers where survey_opt_out and marketing_opt_out")
                .await,
            1
        );
    });
}

#[test]
fn who_wants_no_calls_is_freed_of_those_that_wait() {
    with_app(async |app| {
        let (person, id) = due_person(&app, "赵雅楠", 1).await;
        sqlx::query(
            "insert into obligations (store_id, kind, cycle_key, vehicle_id, customer_id, cohort_on, not_before, strict_due_at,
                                      due_at, callable_due_at, rule_version, channel, created_at)
             values ($1, 'lost_customer', '1', $2, $3, '2026-11-24', $4, $4, $4, $4, 1, 'call', $4)",
        )
        .bind(app.store)
        .bind(person.vehicle)
        .bind(person.customer)
        .bind(app.now())
        .execute(&app.db)
        .await
        .unwrap();
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = take(&mut browser, id).await;
        let form = with(base(&page), &[("outcome", "refused"), ("do_not_call", "all")]);
        assert_eq!(
            post(&mut browser, &format!("/callbacks/{id}"), &form)
                .await
                .status,
            303
        );
        let endings: Vec<String> = sqlx::query_scalar(
            "select concat_ws('/', kind, status, ended_reason) from obligations order by kind",
        )
        .fetch_all(&app.db)
        .await
        .unwrap();
        assert_eq!(
            endings,
            [
                "lost_customer/exempt/rule:do_not_call",
                "post_service/exhausted/refused"
            ]
        );
    });
}

#[test]
fn a_dead_number_gives_way_to_the_next_one() {
    with_app(async |app| {
        let (person, id) = due_person(&app, "赵雅楠", 1).await;
        sqlx::query("insert into phones (store_id, customer_id, number) values ($1, $2, '13900000009')")
            .bind(app.store)
            .bind(person.customer)
            .execute(&app.db)
            .await
            .unwrap();
        let mut browser = app.sign_in(Role::Specialist).await;
        let path = format!("/callbacks/{id}");
        let page = take(&mut browser, id).await;
        let missing = post(&mut browser, &path, &with(base(&page), &[("outcome", "wrong")])).await;
        assert_eq!(
            (missing.status, missing.field_error("phone_id")),
            (422, "必填".to_owned())
        );
        let first = person.phone.to_string();
        let form = with(base(&page), &[("outcome", "wrong"), ("phone_id", &first)]);
        assert_eq!(post(&mut browser, &path, &form).await.status, 303);
        assert_eq!(one::<String>(&app, PHONE, id).await, "dead,ok");
        assert_eq!(one::<String>(&app, NEXT_AT, id).await, "24 10:00");
        let page = take(&mut browser, id).await;
        assert!(page.text(".callpanel").contains("139 **** 0009"));
        let form = with(base(&page), &[("outcome", "wrong")]);
        assert_eq!(post(&mut browser, &path, &form).await.status, 303);
        assert_eq!(
            one::<String>(&app, ENDING, id).await,
            "exhausted/no_valid_phone/false"
        );
    });
}

#[test]
fn what_is_wrong_is_said_and_nothing_typed_is_lost() {
    with_app(async |app| {
        let (_, id) = due_person(&app, "赵雅楠", 1).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = take(&mut browser, id).await;
        let path = format!("/callbacks/{id}");
        let overall = question(&page, "q10");
        let reason = format!("reason{}", page.attr("input[name=item]", "value").unwrap());
        type Case<'a> = (&'a [(&'a str, &'a str)], &'a str, &'a str);
        let cases: [Case<'_>; 7] = [
            (&[], "outcome", "必填"),
            (&[("outcome", "later")], "agreed_at", "必填"),
            (
                &[("outcome", "later"), ("agreed_at", "2026-11-24T09:59")],
                "agreed_at",
                "不能早于现在",
            ),
            (
                &[("outcome", "later"), ("agreed_at", "2026-11-24T12:30")],
                "agreed_at",
                "不在可拨打时段，之后最近的是 11-24 13:30",
            ),
            (&[("outcome", "completed")], overall.as_str(), "必填"),
            (
                &[
                    ("outcome", "completed"),
                    (overall.as_str(), "6"),
                    (reason.as_str(), "waiting"),
                ],
                "words",
                "必填",
            ),
            (
                &[
                    ("outcome", "completed"),
                    (overall.as_str(), "6"),
                    ("words", "等了两个小时"),
                ],
                reason.as_str(),
                "必填",
            ),
        ];
        for (fields, field, message) in cases {
            let answer = post(&mut browser, &path, &with(base(&page), &with_note(fields))).await;
            assert_eq!(
                (answer.status, answer.field_error(field)),
                (422, message.to_owned()),
                "{fields:?}"
            );
            assert_eq!(answer.text("#note"), "记得回电");
        }
        assert_eq!(app.count("select count(*) from attempts").await, 0);
        assert_eq!(one::<String>(&app, STATUS, id).await, "claimed");
    });
}

fn with_note<'a>(fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = fields.to_vec();
    fields.push(("note", "记得回电"));
    fields
}

#[test]
fn a_lost_lease_keeps_its_draft_and_writes_nothing() {
    with_app(async |app| {
        app.add_user("second", Role::Specialist, Some(app.store)).await;
        let (_, id) = due_person(&app, "赵雅楠", 1).await;
        let mut slow = app.sign_in(Role::Specialist).await;
        let path = format!("/callbacks/{id}");
        let page = take(&mut slow, id).await;
        app.advance(Duration::from_secs(14 * 60));
        let typed = with(base(&page), &[("words", "等了两个小时")]);
        let kept = post(&mut slow, &format!("{path}/draft"), &typed).await;
        assert_eq!((kept.status, kept.location()), (303, path.as_str()));
        app.advance(Duration::from_secs(14 * 60));
        assert_eq!(
            queue::release_expired(&app.db, app.now()).await.unwrap(),
            0,
            "a draft renews the lease"
        );
        app.advance(Duration::from_secs(2 * 60));
        assert_eq!(queue::release_expired(&app.db, app.now()).await.unwrap(), 1);
        assert_eq!(
            queue::release_expired(&app.db, app.now()).await.unwrap(),
            0,
            "a second sweep finds nothing"
        );

        let mut fast = app.sign_in_as("second").await;
        let other = take(&mut fast, id).await;
        assert_eq!(other.text("#words"), "", "a draft is its writer's");
        let late = with(
            typed,
            &[("outcome", "completed"), (question(&page, "q10").as_str(), "9")],
        );
        let refused = post(&mut slow, &path, &late).await;
        assert_eq!(refused.status, 409);
        assert_eq!(app.count("select count(*) from attempts").await, 0);
        assert_eq!(app.count("select count(*) from responses").await, 0);
        assert_eq!(one::<String>(&app, STATUS, id).await, "claimed");
        let skipped = with(base(&other), &[("skip_reason", "better_colleague")]);
        let skipped = post(&mut fast, &format!("{path}/skip"), &skipped).await;
        assert_eq!(skipped.location(), "/callbacks");
        let again = take(&mut slow, id).await;
        assert_eq!(again.text("#words"), "等了两个小时", "no word is lost");
    });
}

#[test]
fn a_skipped_call_goes_back_and_another_one_comes() {
    with_app(async |app| {
        let (_, id) = due_person(&app, "赵雅楠", 1).await;
        let (_, other) = due_person(&app, "李思远", 2).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = take(&mut browser, id).await;
        let path = format!("/callbacks/{id}/skip");
        assert_eq!(
            post(&mut browser, &path, &base(&page)).await.status,
            400,
            "without a reason"
        );
        let form = with(base(&page), &[("skip_reason", "needs_check")]);
        let skipped = post(&mut browser, &path, &form).await;
        assert_eq!(skipped.location(), format!("/callbacks/{other}"));
        assert_eq!(one::<String>(&app, STATUS, id).await, "open");
        assert_eq!(
            app.count("select count(*) from audit where action = 'callbacks.skip'")
                .await,
            1
        );
        assert_eq!(post(&mut browser, &path, &form).await.status, 409);
    });
}

#[test]
fn what_is_bundled_during_a_call_is_not_lost() {
    with_app(async |app| {
        let (person, id) = due_person(&app, "赵雅楠", 1).await;
        let visit = build::visit(&app, &person, "RO-late").insert().await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = take(&mut browser, id).await;
        let mut attach = app.db.begin().await.unwrap();
        sqlx::query("select id from callbacks where id = $1 for update")
            .bind(id)
            .execute(&mut *attach)
            .await
            .unwrap();
        let overall = question(&page, "q10");
        let form = with(base(&page), &[("outcome", "completed"), (overall.as_str(), "9")]);
        let settle = tokio::spawn(async move {
            let path = format!("/callbacks/{id}");
            post(&mut browser, &path, &form).await.status
        });
        wait_for_a_lock(&app).await;
        sqlx::query(
            "insert into obligations (store_id, kind, cycle_key, visit_id, vehicle_id, customer_id, cohort_on, not_before, strict_due_at,
                                      due_at, callable_due_at, rule_version, channel, callback_id, created_at)
             values ($1, 'post_service', '1', $2, $3, $4, '2026-11-24', $5, $5, $5, $5, 1, 'call', $6, $5)",
        )
        .bind(app.store)
        .bind(visit)
        .bind(person.vehicle)
        .bind(person.customer)
        .bind(app.now())
        .bind(id)
        .execute(&mut *attach)
        .await
        .unwrap();
        attach.commit().await.unwrap();
        assert_eq!(settle.await.unwrap(), 303);
        assert_eq!(
            one::<String>(&app, STATUS, id).await,
            "open",
            "the new obligation keeps it open"
        );
        assert_eq!(
            app.count("select count(*) from obligations where status = 'open'")
                .await,
            1
        );
        assert_eq!(app.count("select open_count::bigint from callbacks").await, 1);
    });
}

/// Until another connection waits for a row.
async fn wait_for_a_lock(app: &TestApp) {
    for _ in 0..5_000 {
        let waiting = app
            .count("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")
            .await;
        if waiting > 0 {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("nobody waits");
}

#[test]
fn several_occasions_of_one_call_end_each_for_itself() {
    with_app(async |app| {
        let (person, id) = due_person(&app, "赵雅楠", 1).await;
        sqlx::query(
            "insert into obligations (store_id, kind, cycle_key, vehicle_id, customer_id, cohort_on, not_before, strict_due_at,
                                      due_at, callable_due_at, rule_version, channel, callback_id, created_at)
             select $1, k, '1', $2, $3, '2026-11-24', $4, $4 + interval '30 days', $4 + interval '30 days', $4 + interval '30 days', 1, 'call', $5, $4
             from unnest(array['warranty_expiry', 'lost_customer']) k",
        )
        .bind(app.store)
        .bind(person.vehicle)
        .bind(person.customer)
        .bind(app.now())
        .bind(id)
        .execute(&app.db)
        .await
        .unwrap();
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = take(&mut browser, id).await;
        let items = page.count("input[name=item]");
        assert_eq!(items, 3);
        let ids: Vec<(i64, String)> =
            sqlx::query_as("select id, kind from obligations where callback_id = $1 order by id")
                .bind(id)
                .fetch_all(&app.db)
                .await
                .unwrap();
        let of = |kind: &str| ids.iter().find(|(_, found)| found == kind).unwrap().0;
        let mut form: Vec<(String, String)> = base(&page)
            .into_iter()
            .filter(|(name, _)| name != "item")
            .collect();
        form.extend(ids.iter().map(|(id, _)| ("item".to_owned(), id.to_string())));
        let answers = with(
            form,
            &[
                ("outcome", "completed"),
                (&format!("q{}_q10", of("post_service")), "10"),
                (&format!("result{}", of("warranty_expiry")), "booked"),
            ],
        );
        let path = format!("/callbacks/{id}");
        let missing = post(&mut browser, &path, &answers).await;
        let left = format!("result{}", of("lost_customer"));
        assert_eq!(
            (missing.status, missing.field_error(&left)),
            (422, "必填".to_owned())
        );
        let saved = post(&mut browser, &path, &with(answers, &[(&left, "not_reached")])).await;
        assert_eq!(saved.status, 303, "{}", saved.text(".error"));
        let endings: Vec<String> = sqlx::query_scalar(
            "select concat_ws('/', kind, status, ended_reason, is_satisfied::text) from obligations where callback_id = $1 order by kind",
        )
        .bind(id)
        .fetch_all(&app.db)
        .await
        .unwrap();
        assert_eq!(
            endings,
            [
                "lost_customer/open",
                "post_service/done/true",
                "warranty_expiry/done/booked"
            ]
        );
        let kinds: Vec<String> = one(&app, "select kinds from callbacks where id = $1", id).await;
        assert_eq!(
            (kinds, one::<String>(&app, STATUS, id).await),
            (vec!["lost_customer".to_owned()], "open".to_owned())
        );
    });
}

#[test]
fn a_clerk_takes_renewals_first_and_a_specialist_last() {
    with_app(async |app| {
        let (_, service) = due_person(&app, "赵雅楠", 1).await;
        let (_, renewal) = due_person(&app, "李思远", 2).await;
        for (id, kind, due) in [
            (service, "post_service", "2026-11-25T12:00:00Z"),
            (renewal, "renewal_contact", "2026-11-24T12:00:00Z"),
        ] {
            sqlx::query(
                "update callbacks set kinds = array[$2], callable_due_at = $3::timestamptz where id = $1",
            )
            .bind(id)
            .bind(kind)
            .bind(due)
            .execute(&app.db)
            .await
            .unwrap();
        }
        let mut specialist = app.sign_in(Role::Specialist).await;
        let first = specialist.post("/callbacks/next", &[]).await;
        assert_eq!(first.location(), format!("/callbacks/{service}"));
        sqlx::query("update callbacks set status = 'open', claimed_by = null, lease_until = null, lease_token = null, callable_due_at = '2026-11-23T12:00:00Z' where id = $1")
            .bind(service)
            .execute(&app.db)
            .await
            .unwrap();
        let mut clerk = app.sign_in(Role::Clerk).await;
        let first = clerk.post("/callbacks/next", &[]).await;
        assert_eq!(first.location(), format!("/callbacks/{renewal}"));
    });
}

#[test]
fn the_list_finds_and_filters() {
    with_app(async |app| {
        let advisor = app.user("receptionist").await;
        let person = build::person(&app, "赵雅楠", "13900007715", "浙A7K2M9").await;
        let visit = build::visit(&app, &person, "RO-2611")
            .advisor(advisor)
            .insert()
            .await;
        build::callback(&app, &person, visit, "2026-11-24T01:00:00Z").await;
        let person = build::person(&app, "李思远", "13600000932", "浙AF5520").await;
        let visit = build::visit(&app, &person, "RO-2612").insert().await;
        build::callback(&app, &person, visit, "2026-11-26T01:00:00Z").await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let list = browser.get("/callbacks").await;
        assert_eq!(list.texts("tbody .cell-main > a"), ["赵雅楠", "李思远"]);
        assert_eq!(list.texts(".tabs .count"), ["2", "0", "1", "0", "0", "0", "0"]);
        assert!(!list.html().contains("13900007715"));
        for (query, found) in [
            ("tab=overdue", 1),
            ("tab=today", 0),
            ("tab=retry", 0),
            ("q=赵雅", 1),
            ("q=赵", 1),
            ("q=zhao", 1),
            ("q=浙A·7K2M9", 1),
            ("q=K2M9", 1),
            ("q=RO-2612", 1),
            ("q=王", 0),
            ("kind=post_service", 2),
            ("kind=warranty_expiry", 0),
            (&format!("advisor={advisor}"), 1),
            ("tab=nonsense&kind=x&advisor=x&page=x", 2),
        ] {
            let query: String = query
                .split('&')
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap();
                    format!("&{name}={}", care_desk::web::error::encode_query(value))
                })
                .collect();
            let list = browser.get(&format!("/callbacks?{}", &query[1..])).await;
            assert_eq!((list.status, list.count("tbody tr")), (200, found), "{query}");
            assert_eq!(list.count(".empty"), usize::from(found == 0), "{query}");
        }
    });
}

#[test]
fn wrong_roles_and_other_stores_are_refused() {
    with_app(async |app| {
        let (_, id) = due_person(&app, "赵雅楠", 1).await;
        let person = build::person_in(&app, app.other_store, "外店", "13900000001", "浙B00001").await;
        let visit = build::visit(&app, &person, "RO-1")
            .store(app.other_store)
            .insert()
            .await;
        let foreign = build::callback_in(&app, app.other_store, &person, visit, DUE).await;
        let keys = [
            ("token", Uuid::nil().to_string()),
            ("idem_key", Uuid::nil().to_string()),
        ];
        let keys: Vec<(&str, &str)> = keys.iter().map(|(n, v)| (*n, v.as_str())).collect();
        for role in [Role::Handler, Role::Receptionist, Role::Admin] {
            let mut browser = app.sign_in(role).await;
            assert_eq!(browser.get("/callbacks").await.status, 403, "{role}");
            assert_eq!(
                browser.get(&format!("/callbacks/{id}")).await.status,
                403,
                "{role}"
            );
        }
        let mut group = app.sign_in(Role::Group).await;
        assert_eq!(group.get(&format!("/callbacks/{id}")).await.status, 200);
        assert_eq!(group.post("/callbacks/next", &[]).await.status, 403);
        let mut browser = app.sign_in(Role::Specialist).await;
        assert_eq!(browser.get(&format!("/callbacks/{foreign}")).await.status, 404);
        for act in ["", "/claim", "/draft", "/skip"] {
            let path = format!("/callbacks/{foreign}{act}");
            assert_eq!(browser.post(&path, &keys).await.status, 404, "{path}");
        }
        assert_eq!(browser.post("/callbacks/bulk", &[]).await.status, 403);
        assert_eq!(
            browser.post(&format!("/callbacks/{id}"), &keys).await.status,
            409,
            "not claimed"
        );
    });
}

#[test]
fn fifty_workers_claim_five_hundred_calls_once_each() {
    with_app(async |app| {
        sqlx::query(
            "with people as (
               insert into customers (store_id, name, created_at, updated_at)
               select $1, '客户' || n, $2, $2 from generate_series(1, 500) n
               returning id
             )
             insert into callbacks (store_id, customer_id, callable_due_at, due_at, next_at, kinds, open_count, created_at)
             select $1, id, $2 + id * interval '1 second', $2, $2, array['post_service'], 1, $2 from people",
        )
        .bind(app.store)
        .bind(app.now())
        .execute(&app.db)
        .await
        .unwrap();
        let mut workers = Vec::new();
        for number in 0..50 {
            let id = app
                .add_user(&format!("worker{number}"), Role::Specialist, Some(app.store))
                .await;
            workers.push(worker(&app, id));
        }
        sqlx::query("update user_stores set max_claims = 20")
            .execute(&app.db)
            .await
            .unwrap();
        let now = app.now();
        let tasks: Vec<_> = workers
            .into_iter()
            .map(|user| {
                let db = app.db.clone();
                tokio::spawn(async move {
                    let mut mine = Vec::new();
                    for _ in 0..10 {
                        let mut tx = db.begin().await.unwrap();
                        let claim = queue::claim_next(&mut tx, &user, None, now).await.unwrap().unwrap();
                        // The call is over: it goes out of this person's hands, but not back into the queue.
                        sqlx::query("update callbacks set status = 'done', ended_at = $2, claimed_by = null, lease_until = null, lease_token = null where id = $1")
                            .bind(claim.id)
                            .bind(now)
                            .execute(&mut *tx)
                            .await
                            .unwrap();
                        tx.commit().await.unwrap();
                        mine.push(claim.id);
                    }
                    mine
                })
            })
            .collect();
        let mut all = Vec::new();
        for task in tasks {
            all.extend(task.await.unwrap());
        }
        assert_eq!(all.len(), 500);
        assert_eq!(
            all.iter().collect::<BTreeSet<_>>().len(),
            500,
            "one was given out twice"
        );
        assert_eq!(
            app.count("select count(*) from callbacks where status = 'open'")
                .await,
            0
        );
    });
}

fn worker(app: &TestApp, id: UserId) -> CurrentUser {
    CurrentUser {
        id,
        username: String::new(),
        display_name: String::new(),
        role: Role::Specialist,
        store: CurrentStore {
            id: app.store,
            code: "S01".to_owned(),
            name: String::new(),
            zone: chrono_tz::Asia::Shanghai,
        },
        is_group_wide: false,
    }
}
