//! The customer's own verdict: the second callback, what it does to the case, and closing or reopening without one.

use std::time::Duration;

use care_desk::auth::permission::Role;
use care_desk::callbacks::CallbackId;
use care_desk::complaints::{ComplaintId, clocks};
use care_desk::users::UserId;
use chrono::TimeDelta;

use crate::callbacks::{base, due_person, post, take, with};
use crate::support::app::{TestApp, with_app};
use crate::support::build::{self, Person};
use crate::support::client::{Answer, Client};

const WORDS: &str = "右后门补漆色差明显";
const RESULT: &str = "已重新喷涂右后门，客户同意";

/// A case that was dealt with an hour ago by a person of the department.
async fn resolved(app: &TestApp, person: &Person, severity: &str, handler: UserId) -> ComplaintId {
    let at = app.now() - TimeDelta::hours(1);
    let ids: Vec<ComplaintId> = sqlx::query_scalar(
        "with opened as (
           insert into complaints (store_id, number, customer_id, vehicle_id, channel, class_major, severity, state, handler_id, words,
                                   cause, measure, result, responsibility, agreed_at, accepted_at, dispatched_at, acknowledged_at, resolved_at,
                                   created_at, updated_at)
           values ($1, 'CP-261123-' || $7, $2, $3, 'call', 'repair', $4, 'resolved', $5, $8, '未做色板比对', '右后门返喷', $9, 'responsible', $6,
                   $6 - interval '20 hours', $6 - interval '19 hours', $6 - interval '19 hours', $6, $6, $6)
           returning store_id, id
         )
         insert into complaint_events (store_id, complaint_id, kind, at, from_state, to_state)
         select o.store_id, o.id, e.kind, $6::timestamptz - e.ago, e.was, e.gets
         from opened o,
              (values ('accepted', interval '20 hours', null, 'accepted'), ('dispatched', interval '19 hours', 'accepted', 'dispatched'),
                      ('acknowledged', interval '19 hours', 'dispatched', 'in_progress'), ('contact', interval '19 hours', null, null),
                      ('resolved', interval '0 hours', 'in_progress', 'resolved')) e(kind, ago, was, gets)
         returning complaint_id",
    )
    .bind(app.store)
    .bind(person.customer)
    .bind(person.vehicle)
    .bind(severity)
    .bind(handler)
    .bind(at)
    .bind(format!("{:02}", person.customer.get()))
    .bind(WORDS)
    .bind(RESULT)
    .fetch_all(&app.db)
    .await
    .unwrap();
    ids[0]
}

/// Brings the clocks of a case in line; the callback in which the customer is asked about it now.
async fn owe(app: &TestApp, case: ComplaintId) -> CallbackId {
    let mut tx = app.db.begin().await.unwrap();
    clocks::sync(&mut tx, app.scope(), case, app.now()).await.unwrap();
    clocks::tend(&mut tx, app.scope(), app.now()).await.unwrap();
    tx.commit().await.unwrap();
    sqlx::query_scalar("select callback_id from obligations where complaint_id = $1 and channel = 'call' and status = 'open'")
        .bind(case)
        .fetch_one(&app.db)
        .await
        .unwrap()
}

/// Dealt with again, after a dissatisfied verdict.
async fn resolve_again(app: &TestApp, case: ComplaintId) -> CallbackId {
    sqlx::query(
        "with dealt as (
           update complaints set state = 'resolved', resolved_at = $2, version = version + 1 where id = $1 returning store_id, id
         )
         insert into complaint_events (store_id, complaint_id, kind, at, from_state, to_state)
         select store_id, id, 'resolved', $2, 'in_progress', 'resolved' from dealt",
    )
    .bind(case)
    .bind(app.now())
    .execute(&app.db)
    .await
    .unwrap();
    owe(app, case).await
}

/// A case whose second callback waits.
async fn second_callback(app: &TestApp, number: usize) -> (Person, ComplaintId, CallbackId) {
    let person = build::person(
        app,
        "刘梦洁",
        &format!("1390000{number:04}"),
        &format!("浙A{number:05}"),
    )
    .await;
    let case = resolved(app, &person, "B", app.user("handler").await).await;
    let call = owe(app, case).await;
    (person, case, call)
}

async fn one(app: &TestApp, sql: &'static str, id: i64) -> String {
    sqlx::query_scalar(sql).bind(id).fetch_one(&app.db).await.unwrap()
}

const CASE: &str = "select concat_ws('/', state, verdict, cycle, verdict_score, is_solved, verdict_words, ended_reason) from complaints where id = $1";
/// What has happened since it was dealt with.
const EVENTS: &str = "select coalesce(string_agg(concat_ws('>', kind, from_state, to_state), ' ' order by id), '') from complaint_events
                      where complaint_id = $1 and kind in ('verdict', 'closed', 'reopened')";
/// The calls about it that have ended.
const OWED: &str = "select string_agg(concat_ws('/', kind, cycle_key, status, ended_reason, is_satisfied, is_connected), ' ' order by id)
                    from obligations where complaint_id = $1 and kind in ('complaint_second_callback', 'complaint_after') and status <> 'open'";
const CALL: &str =
    "select concat_ws('/', status, open_count, array_to_string(kinds, '+')) from callbacks where id = $1";

/// The fields of the only item that is about a case.
fn fields(page: &Answer) -> [String; 4] {
    let name = page.attr("[data-verdict] input", "name").unwrap();
    let id = name.trim_start_matches("result").to_owned();
    ["result", "score", "solved", "words"].map(|field| format!("{field}{id}"))
}

async fn say(
    browser: &mut Client,
    call: CallbackId,
    verdict: &str,
    words: &str,
) -> (Answer, Vec<(String, String)>) {
    let page = take(browser, call).await;
    let [result, score, solved, own] = fields(&page);
    let said = [
        ("outcome", "completed"),
        (result.as_str(), verdict),
        (score.as_str(), "8"),
        (solved.as_str(), "yes"),
        (own.as_str(), words),
    ];
    let form = with(base(&page), &said);
    (post(browser, &format!("/callbacks/{call}"), &form).await, form)
}

#[test]
fn a_satisfied_customer_closes_the_case_once() {
    with_app(async |app| {
        let (_, case, call) = second_callback(&app, 1).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = take(&mut browser, call).await;
        let item = page.text(".askitem");
        for part in [WORDS, "右后门返喷", RESULT, "B 重要", "维修质量", "二次回访"] {
            assert!(item.contains(part), "{part}: {item}");
        }
        assert!(
            page.text(".script")
                .contains("您11月23日 周一反映的问题，处理结果是：已重新喷涂右后门"),
            "{}",
            page.text(".script")
        );
        assert_eq!(
            page.attr(".askitem a[href^='/complaints']", "href").unwrap(),
            format!("/complaints/{}", case)
        );

        let (done, form) = say(&mut browser, call, "satisfied", "可以了").await;
        assert_eq!(done.status, 303);
        let again = post(&mut browser, &format!("/callbacks/{call}"), &form).await;
        assert_eq!(again.status, 303);
        assert_eq!(one(&app, CASE, case.get()).await, "closed/satisfied/1/8/t/可以了");
        assert_eq!(
            one(&app, EVENTS, case.get()).await,
            "verdict closed>resolved>closed"
        );
        assert_eq!(
            one(&app, OWED, case.get()).await,
            "complaint_second_callback/1/done/satisfied/t/t"
        );
        assert_eq!(
            one(&app, CALL, call.get()).await,
            "done/0/complaint_second_callback"
        );
        let by = "select count(*) from complaints where ended_by = verdict_by and verdict_at = ended_at and ended_at is not null";
        assert_eq!(app.count(by).await, 1);
        assert_eq!(
            app.count("select count(*) from audit where action = 'complaints.judge'")
                .await,
            1
        );
        let shown = browser.get(&format!("/complaints/{case}")).await;
        let pane = shown.text("#verdict");
        assert!(
            pane.contains("满意") && pane.contains("可以了") && pane.contains("8"),
            "{pane}"
        );
        assert!(shown.text(".page-head").contains("已关闭"));
    });
}

#[test]
fn a_dissatisfied_customer_reopens_it_for_the_same_handler() {
    with_app(async |app| {
        let (_, case, call) = second_callback(&app, 1).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = take(&mut browser, call).await;
        let [result, _, _, own] = fields(&page);
        let form = with(
            base(&page),
            &[("outcome", "completed"), (&result, "dissatisfied")],
        );
        let refused = post(&mut browser, &format!("/callbacks/{call}"), &form).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.field_error(&own), "必填");
        assert_eq!(
            refused.count(&format!("input[name={result}][value=dissatisfied][checked]")),
            1
        );
        assert_eq!(one(&app, CASE, case.get()).await, "resolved/1");

        let form = with(form, &[(&own, "颜色还是不对")]);
        assert_eq!(
            post(&mut browser, &format!("/callbacks/{call}"), &form)
                .await
                .status,
            303
        );
        assert_eq!(
            one(&app, CASE, case.get()).await,
            "in_progress/dissatisfied/2/颜色还是不对"
        );
        assert_eq!(
            one(&app, EVENTS, case.get()).await,
            "verdict reopened>resolved>in_progress"
        );
        assert_eq!(
            one(&app, OWED, case.get()).await,
            "complaint_second_callback/1/done/dissatisfied/f/t"
        );
        let handler = app.user("handler").await;
        let kept = sqlx::query_scalar::<_, bool>(
            "select handler_id = $2 and ended_at is null and resolved_at is null from complaints where id = $1",
        );
        assert!(kept.bind(case).bind(handler).fetch_one(&app.db).await.unwrap());
        let pane = browser.get(&format!("/complaints/{case}")).await.text("#verdict");
        assert!(
            pane.contains("颜色还是不对") && pane.contains("第 2 轮"),
            "{pane}"
        );

        // A minute later it is dealt with again, and the customer is asked again.
        app.advance(Duration::from_secs(60));
        let next = resolve_again(&app, case).await;
        assert_ne!(next, call);
        let page = take(&mut browser, next).await;
        let item = page.text(".askitem");
        assert!(
            item.contains("颜色还是不对") && item.contains("第 2 轮"),
            "{item}"
        );
        let [result, ..] = fields(&page);
        let form = with(base(&page), &[("outcome", "completed"), (&result, "acceptable")]);
        assert_eq!(
            post(&mut browser, &format!("/callbacks/{next}"), &form)
                .await
                .status,
            303
        );
        assert_eq!(one(&app, CASE, case.get()).await, "closed/acceptable/2");
    });
}

#[test]
fn it_joins_the_open_callback_comes_first_and_waits_for_nothing() {
    with_app(async |app| {
        let (person, call) = due_person(&app, "刘梦洁", 1).await;
        // The call waits for its limit of touches, and belongs to who has handled the case.
        let mine = app.user("specialist").await;
        sqlx::query(
            "update callbacks set next_at = $2 + interval '3 days', held_reason = 'touch_limit', held_until = $2 + interval '3 days',
                                  assigned_to = $3, due_at = $2 + interval '4 days', callable_due_at = $2 + interval '4 days' where id = $1",
        )
        .bind(call)
        .bind(app.now())
        .bind(mine)
        .execute(&app.db)
        .await
        .unwrap();
        let case = resolved(&app, &person, "B", mine).await;
        assert_eq!(owe(&app, case).await, call);
        assert_eq!(owe(&app, case).await, call, "the second time changes nothing");
        assert_eq!(
            one(&app, CALL, call.get()).await,
            "open/2/complaint_second_callback+post_service"
        );
        let free = "select concat_ws('/', held_reason, assigned_to, next_at <= '2026-11-24T02:00Z', excluded_ids @> array[(select id from users where username = 'specialist')],
                                     callable_due_at <= '2026-11-25T01:00Z') from callbacks where id = $1";
        assert_eq!(one(&app, free, call.get()).await, "t/t/t");

        // Whoever answered for the case never asks about it.
        let mut browser = app.sign_in(Role::Specialist).await;
        let none = browser.post("/callbacks/next", &[]).await;
        assert_eq!(none.location(), "/callbacks");
        browser.post(&format!("/callbacks/{call}/claim"), &[]).await;
        assert_eq!(
            app.count("select count(*) from callbacks where status = 'claimed'")
                .await,
            0
        );

        let mut clerk = app.sign_in(Role::Clerk).await;
        let next = clerk.post("/callbacks/next", &[]).await;
        assert_eq!(next.location(), format!("/callbacks/{call}"));
        let page = clerk.get(next.location()).await;
        let kinds = page.texts(".askitem h3");
        assert_eq!(kinds, ["二次回访", "三日内回访"]);
        // Only the visit was talked about: the case stays owed, and the call goes on.
        let [result, ..] = fields(&page);
        let survey = page.attr(".askitem .scale__row input[name^=q]", "name").unwrap();
        let visit = survey.trim_start_matches('q').split_once('_').unwrap().0;
        let said = [
            ("outcome", "completed"),
            ("item", visit),
            (&result, "not_reached"),
            (&survey, "9"),
        ];
        let form = with(base(&page), &said);
        assert_eq!(
            post(&mut clerk, &format!("/callbacks/{call}"), &form)
                .await
                .status,
            303
        );
        assert_eq!(
            one(&app, CALL, call.get()).await,
            "open/1/complaint_second_callback"
        );
        assert_eq!(one(&app, CASE, case.get()).await, "resolved/1");
    });
}

#[test]
fn the_nightly_run_bundles_it_with_the_same_exclusions() {
    with_app(async |app| {
        let person = build::person(&app, "刘梦洁", "13900000001", "浙A00001").await;
        let case = resolved(&app, &person, "A", app.user("clerk").await).await;
        sqlx::query(
            "insert into obligations (store_id, kind, cycle_key, complaint_id, customer_id, cohort_on, not_before, strict_due_at, due_at,
                                      callable_due_at, rule_version, channel, created_at)
             select store_id, 'complaint_after', '1:' || d, id, customer_id, '2026-11-24', $2, $2, $2, $2, 1, 'call', $2
             from complaints, unnest(array[7, 30]) d where id = $1",
        )
        .bind(case)
        .bind(app.now())
        .execute(&app.db)
        .await
        .unwrap();
        let mut tx = app.db.begin().await.unwrap();
        let day = "2026-11-24".parse().unwrap();
        let summary = care_desk::obligations::service::generate_day(&mut tx, app.scope(), day, app.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!((summary.callbacks, summary.loose), (1, 0));
        let excluded = "select count(*) from callbacks where open_count = 2 and excluded_ids = array[(select id from users where username = 'clerk')]";
        assert_eq!(app.count(excluded).await, 1);
    });
}

#[test]
fn a_lost_lease_writes_nothing() {
    with_app(async |app| {
        let (_, case, call) = second_callback(&app, 1).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = take(&mut browser, call).await;
        let [result, _, _, own] = fields(&page);
        app.add_user("second", Role::Specialist, Some(app.store)).await;
        sqlx::query("update callbacks set lease_token = gen_random_uuid(), claimed_by = $2 where id = $1")
            .bind(call)
            .bind(app.user("second").await)
            .execute(&app.db)
            .await
            .unwrap();
        let said = [
            ("outcome", "completed"),
            (result.as_str(), "dissatisfied"),
            (own.as_str(), "还是不对"),
        ];
        let lost = post(
            &mut browser,
            &format!("/callbacks/{call}"),
            &with(base(&page), &said),
        )
        .await;
        assert_eq!(lost.status, 409);
        assert_eq!(one(&app, CASE, case.get()).await, "resolved/1");
        assert_eq!(one(&app, EVENTS, case.get()).await, "");
    });
}

#[test]
fn who_wants_no_more_surveys_is_still_asked_about_their_case() {
    with_app(async |app| {
        let (person, _, call) = second_callback(&app, 1).await;
        sqlx::query("update customers set survey_opt_out = true, marketing_opt_out = true where id = $1")
            .bind(person.customer)
            .execute(&app.db)
            .await
            .unwrap();
        let mut browser = app.sign_in(Role::Specialist).await;
        assert_eq!(
            browser.post("/callbacks/next", &[]).await.location(),
            format!("/callbacks/{call}")
        );
        let page = browser.get(&format!("/callbacks/{call}")).await;
        let agreed = [
            ("outcome", "later"),
            ("agreed_at", "2026-11-24T11:00"),
            ("do_not_call", "all"),
        ];
        let done = post(
            &mut browser,
            &format!("/callbacks/{call}"),
            &with(base(&page), &agreed),
        )
        .await;
        assert_eq!(done.status, 303);
        assert_eq!(
            one(&app, CALL, call.get()).await,
            "open/1/complaint_second_callback"
        );
    });
}

#[test]
fn a_customer_who_is_not_reached_leaves_the_case_to_the_manager_and_a_reason() {
    with_app(async |app| {
        let (_, case, call) = second_callback(&app, 1).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = take(&mut browser, call).await;
        let refused = post(
            &mut browser,
            &format!("/callbacks/{call}"),
            &with(base(&page), &[("outcome", "refused")]),
        )
        .await;
        assert_eq!(refused.status, 303);
        assert_eq!(
            one(&app, OWED, case.get()).await,
            "complaint_second_callback/1/exhausted/refused/t"
        );
        assert_eq!(one(&app, CASE, case.get()).await, "resolved/1");
        let path = format!("/complaints/{case}");
        let page = browser.get(&path).await;
        assert!(
            page.text("#verdict").contains("尽责未达"),
            "{}",
            page.text("#verdict")
        );
        assert_eq!(page.count(&format!("a[href='{path}/close']")), 0);
        assert_eq!(browser.get(&format!("{path}/close")).await.status, 403);
        let version = one(
            &app,
            "select version::text from complaints where id = $1",
            case.get(),
        )
        .await;
        let form = [
            ("version", version.as_str()),
            ("reason", "多次联系未果，方案已书面告知"),
        ];
        assert_eq!(browser.post(&format!("{path}/close"), &form).await.status, 403);

        let mut manager = app.sign_in(Role::Manager).await;
        let link = manager
            .get(&path)
            .await
            .attr(&format!("a[href='{path}/close']"), "href")
            .unwrap();
        let page = manager.get(&link).await;
        assert_eq!(page.attr("input[name=version]", "value"), Some(version.clone()));
        let empty = manager
            .post(&link, &[("version", &version), ("reason", " ")])
            .await;
        assert_eq!(
            (empty.status, empty.field_error("reason")),
            (422, "必填".to_owned())
        );
        let stale = manager.post(&link, &[("version", "99"), ("reason", "x")]).await;
        assert_eq!(stale.status, 409);
        let done = manager.post(&link, &form).await;
        assert_eq!(done.status, 303);
        assert_eq!(manager.follow(&done).await.text(".flash--page"), "工单已关闭");
        assert_eq!(
            one(&app, CASE, case.get()).await,
            "closed/1/多次联系未果，方案已书面告知"
        );
        assert_eq!(one(&app, EVENTS, case.get()).await, "closed>resolved>closed");
        assert!(manager.get(&path).await.text("#verdict").contains("多次联系未果"));
        assert_eq!(manager.post(&link, &form).await.status, 409, "closed once");
    });
}

#[test]
fn a_dissatisfied_case_is_closed_by_the_manager_only_and_not_before_it_was_dealt_with() {
    with_app(async |app| {
        let (_, case, call) = second_callback(&app, 1).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        say(&mut browser, call, "dissatisfied", "不认可").await;
        let mut manager = app.sign_in(Role::Manager).await;
        let path = format!("/complaints/{case}/close");
        let page = manager.get(&path).await;
        assert!(
            page.text("main").contains("最近一次的评价是不满意"),
            "{}",
            page.text("main")
        );
        let version = page.attr("input[name=version]", "value").unwrap();
        let done = manager
            .post(&path, &[("version", &version), ("reason", "已按法院调解执行")])
            .await;
        assert_eq!(done.status, 303);
        assert_eq!(
            one(&app, CASE, case.get()).await,
            "closed/dissatisfied/2/8/t/不认可/已按法院调解执行"
        );

        let (_, fresh, _) = second_callback(&app, 2).await;
        sqlx::query("update complaints set state = 'in_progress', cause = null where id = $1")
            .bind(fresh)
            .execute(&app.db)
            .await
            .unwrap();
        let path = format!("/complaints/{fresh}/close");
        assert_eq!(
            manager.get(&path).await.location(),
            format!("/complaints/{fresh}")
        );
        let refused = manager.post(&path, &[("version", "1"), ("reason", "x")]).await;
        assert_eq!(refused.status, 409);
        assert_eq!(one(&app, CASE, fresh.get()).await, "in_progress/1");
    });
}

#[test]
fn a_verdict_told_by_another_way_settles_the_callback_too() {
    with_app(async |app| {
        let (_, case, call) = second_callback(&app, 1).await;
        let path = format!("/complaints/{case}/verdict");
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = browser.get(&path).await;
        assert!(page.text("main").contains(WORDS) && page.text("main").contains(RESULT));
        let version = page.attr("input[name=version]", "value").unwrap();
        let typed = [
            ("version", version.as_str()),
            ("verdict", "acceptable"),
            ("score", "12"),
            ("solved", "yes"),
        ];
        let refused = browser.post(&path, &typed).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.field_error("channel"), "必填");
        assert_eq!(refused.field_error("words"), "必填");
        assert_eq!(refused.count("input[name=verdict][value=acceptable][checked]"), 1);
        assert_eq!(refused.attr("input[name=score]", "value").as_deref(), Some("12"));

        let form = [
            ("version", version.as_str()),
            ("channel", "visit"),
            ("verdict", "acceptable"),
            ("score", "7"),
            ("solved", "yes"),
            ("words", "算了，可以接受"),
        ];
        // Two browsers with the same page: one is told that the case has changed.
        let mut second = app.sign_in(Role::Clerk).await;
        assert_eq!(browser.post(&path, &form).await.status, 303);
        assert_eq!(second.post(&path, &form).await.status, 409);
        assert_eq!(browser.post(&path, &form).await.status, 409);
        assert_eq!(
            one(&app, CASE, case.get()).await,
            "closed/acceptable/1/7/t/算了，可以接受"
        );
        assert_eq!(
            one(&app, EVENTS, case.get()).await,
            "verdict closed>resolved>closed"
        );
        assert_eq!(
            one(&app, OWED, case.get()).await,
            "complaint_second_callback/1/done/t/t"
        );
        assert_eq!(
            one(&app, CALL, call.get()).await,
            "cancelled/0/complaint_second_callback"
        );
        let channel =
            "select data->>'channel' from complaint_events where complaint_id = $1 and kind = 'verdict'";
        assert_eq!(one(&app, channel, case.get()).await, "visit");
    });
}

#[test]
fn whoever_answered_for_a_case_neither_judges_nor_closes_it() {
    with_app(async |app| {
        let person = build::person(&app, "刘梦洁", "13900000001", "浙A00001").await;
        let case = resolved(&app, &person, "C", app.user("manager").await).await;
        let mut manager = app.sign_in(Role::Manager).await;
        let form = [
            ("version", "1"),
            ("channel", "visit"),
            ("verdict", "satisfied"),
            ("words", "好"),
            ("reason", "x"),
        ];
        for action in ["verdict", "close"] {
            let path = format!("/complaints/{case}/{action}");
            assert_eq!(manager.get(&path).await.status, 403, "{action}");
            assert_eq!(manager.post(&path, &form).await.status, 403, "{action}");
        }
        let page = manager.get(&format!("/complaints/{case}")).await;
        assert_eq!(page.count("#verdict .btn"), 0);
        // Nor does who answers beside them.
        sqlx::query("insert into complaint_people (store_id, complaint_id, user_id, part, added_at) values ($1, $2, $3, 'co_handler', $4)")
            .bind(app.store)
            .bind(case)
            .bind(app.user("clerk").await)
            .bind(app.now())
            .execute(&app.db)
            .await
            .unwrap();
        let mut clerk = app.sign_in(Role::Clerk).await;
        assert_eq!(
            clerk.get(&format!("/complaints/{case}/verdict")).await.status,
            403
        );
        let call = owe(&app, case).await;
        let served = "select (array_length(excluded_ids, 1))::text from callbacks where id = $1";
        assert_eq!(one(&app, served, call.get()).await, "2");
        let mut handler = app.sign_in(Role::Handler).await;
        for action in ["verdict", "close", "reopen"] {
            assert_eq!(
                handler
                    .post(&format!("/complaints/{case}/{action}"), &form)
                    .await
                    .status,
                403,
                "{action}"
            );
        }
        assert_eq!(one(&app, CASE, case.get()).await, "resolved/1");
    });
}

#[test]
fn a_closed_case_is_reopened_within_a_month() {
    with_app(async |app| {
        let (_, case, call) = second_callback(&app, 1).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        say(&mut browser, call, "satisfied", "好").await;
        let path = format!("/complaints/{case}/reopen");
        let version = browser
            .get(&path)
            .await
            .attr("input[name=version]", "value")
            .unwrap();
        let refused = browser
            .post(&path, &[("version", &version), ("reason", "")])
            .await;
        assert_eq!(refused.status, 422);
        let form = [
            ("version", version.as_str()),
            ("reason", "客户来电，同一处又起泡"),
        ];
        app.set_now("2026-12-25T02:00:00Z");
        browser = app.sign_in(Role::Specialist).await;
        assert_eq!(browser.post(&path, &form).await.status, 409, "31 days");
        app.set_now("2026-12-24T02:00:00Z");
        browser = app.sign_in(Role::Specialist).await;
        assert_eq!(browser.post(&path, &form).await.status, 303);
        assert_eq!(one(&app, CASE, case.get()).await, "in_progress/2");
        assert_eq!(
            one(&app, EVENTS, case.get()).await,
            "verdict closed>resolved>closed reopened>closed>in_progress"
        );
        assert_eq!(browser.post(&path, &form).await.status, 409);
        assert!(
            browser
                .get(&format!("/complaints/{case}"))
                .await
                .text(".timeline")
                .contains("同一处又起泡")
        );
    });
}

#[test]
fn a_call_some_days_later_is_kept_and_reopens_only_for_the_dissatisfied() {
    with_app(async |app| {
        let (_, case, call) = second_callback(&app, 1).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        say(&mut browser, call, "satisfied", "好").await;
        for (at, verdict, words, after) in [
            (
                "2026-12-01T03:00:00Z",
                "acceptable",
                "目前正常",
                "closed/satisfied/1/8/t/好",
            ),
            (
                "2026-12-24T03:00:00Z",
                "dissatisfied",
                "又掉漆了",
                "in_progress/dissatisfied/2/8/t/又掉漆了",
            ),
        ] {
            app.set_now(at);
            browser = app.sign_in(Role::Specialist).await;
            let call = owe(&app, case).await;
            let page = take(&mut browser, call).await;
            assert!(
                page.text(".askitem").contains("现在的情况"),
                "{}",
                page.text(".askitem")
            );
            let (done, _) = say(&mut browser, call, verdict, words).await;
            assert_eq!(done.status, 303);
            assert_eq!(one(&app, CASE, case.get()).await, after);
        }
        let contacts = "select string_agg(body || '/' || (data->>'verdict'), ' ' order by id) from complaint_events where complaint_id = $1 and kind = 'contact'";
        assert_eq!(
            one(&app, contacts, case.get()).await,
            "目前正常/acceptable 又掉漆了/dissatisfied"
        );
        assert_eq!(
            one(&app, OWED, case.get()).await,
            "complaint_second_callback/1/done/satisfied/t/t complaint_after/1:7/done/acceptable/t/t complaint_after/1:30/done/dissatisfied/f/t"
        );
    });
}
