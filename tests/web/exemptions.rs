//! Exemptions: one person asks, another one decides; what is exempt is shown as a share.

use axum::body::Body;
use axum::http::Request;
use care_desk::auth::permission::Role;
use care_desk::obligations::{jobs, nightly, queries};
use tower::ServiceExt;
use uuid::Uuid;

use crate::support::app::{TestApp, with_app};
use crate::support::build::{self, Person};
use crate::support::client::Client;

async fn execute(app: &TestApp, sql: &'static str) {
    sqlx::raw_sql(sql).execute(&app.db).await.unwrap();
}

async fn texts(app: &TestApp, sql: &'static str) -> Vec<String> {
    sqlx::query_scalar(sql).fetch_all(&app.db).await.unwrap()
}

/// People who brought their car yesterday, and the run that owes each a call.
async fn owed(app: &TestApp, count: usize) -> Vec<Person> {
    execute(
        app,
        "update rules set codes = '{no_phone}' where kind = 'data_task'",
    )
    .await;
    let mut people = Vec::new();
    for number in 0..count {
        let (phone, plate) = (format!("138000010{number:02}"), format!("浙A9K{number:02}X"));
        let person = build::person(app, &format!("客户{number}"), &phone, &plate).await;
        build::visit(app, &person, &format!("R{number}"))
            .handed_over("2026-11-23T02:00:00Z")
            .insert()
            .await;
        people.push(person);
    }
    let mut tx = app.db.begin().await.unwrap();
    jobs::generate_obligations(&mut tx, app.scope(), "2026-11-24".parse().unwrap(), app.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    people
}

async fn obligation(app: &TestApp, person: &Person) -> String {
    let id: i64 = sqlx::query_scalar("select id from obligations where customer_id = $1")
        .bind(person.customer)
        .fetch_one(&app.db)
        .await
        .unwrap();
    id.to_string()
}

/// Asks for exemptions; returns the page that follows.
async fn ask(browser: &mut Client, ids: &[&str], reason: &str) -> crate::support::client::Answer {
    let key = Uuid::new_v4().to_string();
    let mut fields = vec![
        ("idem_key", key.as_str()),
        ("reason", reason),
        ("note", "车已过户"),
    ];
    fields.extend(ids.iter().map(|id| ("id", *id)));
    let answer = browser.post("/exemptions", &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.text("main"));
    browser.follow(&answer).await
}

async fn request_of(app: &TestApp, obligation: &str) -> String {
    let id: i64 = sqlx::query_scalar("select max(id) from exemptions where obligation_id = $1::text::bigint")
        .bind(obligation)
        .fetch_one(&app.db)
        .await
        .unwrap();
    id.to_string()
}

/// Entry, request and call of every obligation.
const STATES: &str = "select concat_ws('|', c.name, o.status, o.ended_reason, e.status, b.status, b.open_count)
                      from obligations o join customers c on c.id = o.customer_id
                      left join exemptions e on e.obligation_id = o.id left join callbacks b on b.id = o.callback_id order by 1";

#[test]
fn one_person_asks_and_another_one_approves() {
    with_app(async |app| {
        let people = owed(&app, 2).await;
        let id = obligation(&app, &people[0]).await;
        let mut specialist = app.sign_in(Role::Specialist).await;
        let page = specialist.get(&format!("/exemptions/new?id={id}")).await;
        assert_eq!((page.status, page.count("input[name=id]")), (200, 1));
        let page = ask(&mut specialist, &[&id], "vehicle_gone").await;
        assert_eq!(page.text(".flash--good"), "已提交 1 项豁免申请，等待另一人批准");
        assert_eq!(
            (page.count("tr[data-exemption]"), page.count("#decide")),
            (1, 0),
            "it waits for somebody else"
        );

        let mut manager = app.sign_in(Role::Manager).await;
        let page = manager.get("/exemptions").await;
        assert!(page.text("tr[data-exemption]").contains("车已过户"));
        let request = request_of(&app, &id).await;
        let answer = manager
            .post(
                "/exemptions/decide",
                &[("tick", &request), ("verdict", "approve"), ("answer", "同意")],
            )
            .await;
        assert_eq!(manager.follow(&answer).await.text(".flash--good"), "已批准 1 项");
        assert_eq!(
            texts(&app, STATES).await,
            [
                "客户0|exempt|vehicle_gone|approved|cancelled|0",
                "客户1|open|open|1"
            ],
            "the call about nothing is cancelled"
        );
        let who = "select concat_ws('|', a.username, b.username) from obligations o join users a on a.id = o.ended_by join users b on b.id = o.approved_by";
        assert_eq!(texts(&app, who).await, ["specialist|manager"]);
        assert_eq!(
            texts(
                &app,
                "select action from audit where action like 'exemptions%' order by seq"
            )
            .await,
            ["exemptions.request", "exemptions.approve"]
        );
        let page = manager.get(&format!("/obligations/{id}")).await;
        assert!(
            page.text("aside").contains("车辆已售、报废或迁出") || page.text("aside").contains("车辆已离开")
        );
        assert!(
            manager
                .get("/exemptions?tab=decided")
                .await
                .text("tr[data-exemption]")
                .contains("同意")
        );
    });
}

#[test]
fn nobody_decides_on_an_own_request() {
    with_app(async |app| {
        let people = owed(&app, 1).await;
        let id = obligation(&app, &people[0]).await;
        let mut manager = app.sign_in(Role::Manager).await;
        ask(&mut manager, &[&id], "duplicate").await;
        let request = request_of(&app, &id).await;
        let page = manager.get("/exemptions").await;
        assert_eq!(
            (page.count("tr[data-exemption]"), page.count("input[name=tick]")),
            (1, 0)
        );
        for verdict in ["approve", "refuse"] {
            let answer = manager
                .post("/exemptions/decide", &[("tick", &request), ("verdict", verdict)])
                .await;
            assert!(
                manager
                    .follow(&answer)
                    .await
                    .text(".flash--soon")
                    .contains("自己的申请")
            );
        }
        assert_eq!(texts(&app, "select status from exemptions").await, ["open"]);
        assert_eq!(texts(&app, "select status from obligations").await, ["open"]);
        let forced = sqlx::query(
            "update exemptions set status = 'approved', decided_by = requested_by, decided_at = requested_at",
        )
        .execute(&app.db)
        .await;
        assert!(
            forced
                .unwrap_err()
                .to_string()
                .contains("exemptions_four_eyes_check")
        );
        // The admin of the store is somebody else.
        let mut admin = app.sign_in(Role::Admin).await;
        admin
            .post(
                "/exemptions/decide",
                &[("tick", &request), ("verdict", "refuse"), ("answer", "不符合")],
            )
            .await;
        assert_eq!(
            texts(&app, "select concat_ws('|', status, answer) from exemptions").await,
            ["refused|不符合"]
        );
        assert_eq!(
            texts(&app, "select status from obligations").await,
            ["open"],
            "it is owed as before"
        );
        // Refused is not for ever.
        ask(&mut manager, &[&id], "not_eligible").await;
        assert_eq!(
            app.count("select count(*) from exemptions where status = 'open'")
                .await,
            1
        );
    });
}

#[test]
fn an_entry_is_asked_for_once_and_only_while_it_is_open() {
    with_app(async |app| {
        let people = owed(&app, 3).await;
        let mut ids = Vec::new();
        for person in &people {
            ids.push(obligation(&app, person).await);
        }
        let mut specialist = app.sign_in(Role::Specialist).await;
        ask(&mut specialist, &[&ids[0]], "duplicate").await;
        sqlx::query("update obligations set status = 'done', ended_at = created_at where customer_id = $1")
            .bind(people[1].customer)
            .execute(&app.db)
            .await
            .unwrap();
        let chosen = format!("/exemptions/new?id={}&id={}&id={}", ids[0], ids[1], ids[2]);
        let page = specialist.get(&chosen).await;
        assert_eq!(page.count("input[name=id]"), 1, "two cannot be asked for");
        for (reason, note, field) in [
            ("", "", "reason"),
            ("other", "", "note"),
            ("nonsense", "", "reason"),
        ] {
            let answer = specialist
                .post(
                    "/exemptions",
                    &[
                        ("idem_key", "x"),
                        ("id", &ids[2]),
                        ("reason", reason),
                        ("note", note),
                    ],
                )
                .await;
            assert_eq!(answer.status, 422, "{reason}");
            assert!(!answer.field_error(field).is_empty(), "{reason}");
        }
        let all: Vec<&str> = ids.iter().map(String::as_str).collect();
        let page = ask(&mut specialist, &all, "customer_asked").await;
        assert_eq!(page.text(".flash--good"), "已提交 1 项豁免申请，等待另一人批准");
        let page = ask(&mut specialist, &all, "customer_asked").await;
        assert_eq!(page.text(".flash--soon"), "勾选的事项已结束，或已有申请");
        // An entry that ends while its request waits takes the request with it.
        execute(
            &app,
            "update obligations set status = 'done', ended_at = created_at where status = 'open'",
        )
        .await;
        let request = request_of(&app, &ids[2]).await;
        let mut manager = app.sign_in(Role::Manager).await;
        let answer = manager
            .post(
                "/exemptions/decide",
                &[("tick", &request), ("verdict", "approve")],
            )
            .await;
        assert_eq!(manager.follow(&answer).await.count(".flash--soon"), 1);
        assert_eq!(
            texts(&app, "select distinct status from exemptions").await,
            ["lapsed"]
        );
    });
}

#[test]
fn a_call_in_progress_is_not_pulled_away() {
    with_app(async |app| {
        let people = owed(&app, 1).await;
        let id = obligation(&app, &people[0]).await;
        let mut clerk = app.sign_in(Role::Clerk).await;
        ask(&mut clerk, &[&id], "duplicate").await;
        sqlx::query("update callbacks set status = 'claimed', claimed_by = $1, claimed_at = $2, lease_until = $2, lease_token = gen_random_uuid()")
            .bind(app.user("specialist").await)
            .bind(app.now())
            .execute(&app.db)
            .await
            .unwrap();
        let request = request_of(&app, &id).await;
        let mut manager = app.sign_in(Role::Manager).await;
        let answer = manager
            .post(
                "/exemptions/decide",
                &[("tick", &request), ("verdict", "approve")],
            )
            .await;
        assert!(
            manager
                .follow(&answer)
                .await
                .text(".flash--soon")
                .contains("正在通话")
        );
        assert_eq!(texts(&app, STATES).await, ["客户0|open|open|claimed|1"]);
    });
}

#[test]
fn requests_of_another_store_and_of_others_are_not_there() {
    with_app(async |app| {
        let people = owed(&app, 1).await;
        let id = obligation(&app, &people[0]).await;
        let mut specialist = app.sign_in(Role::Specialist).await;
        ask(&mut specialist, &[&id], "duplicate").await;
        let request = request_of(&app, &id).await;
        app.add_user("elsewhere", Role::Manager, Some(app.other_store))
            .await;
        let mut elsewhere = app.sign_in_as("elsewhere").await;
        assert_eq!(elsewhere.get("/exemptions").await.count("tr[data-exemption]"), 0);
        assert_eq!(elsewhere.get(&format!("/obligations/{id}")).await.status, 404);
        assert_eq!(
            elsewhere
                .get(&format!("/exemptions/new?id={id}"))
                .await
                .count("input[name=id]"),
            0
        );
        elsewhere
            .post(
                "/exemptions/decide",
                &[("tick", &request), ("verdict", "approve")],
            )
            .await;
        assert_eq!(
            elsewhere
                .post(&format!("/exemptions/{request}/withdraw"), &[])
                .await
                .status,
            404
        );
        assert_eq!(texts(&app, "select status from exemptions").await, ["open"]);
        let mut clerk = app.sign_in(Role::Clerk).await;
        assert_eq!(
            clerk.get("/exemptions").await.count("tr[data-exemption]"),
            0,
            "own requests only"
        );
        assert_eq!(
            clerk
                .post(&format!("/exemptions/{request}/withdraw"), &[])
                .await
                .status,
            404
        );
        assert_eq!(
            clerk
                .post(
                    "/exemptions/decide",
                    &[("tick", &request), ("verdict", "approve")]
                )
                .await
                .status,
            403
        );
        let answer = specialist
            .post(&format!("/exemptions/{request}/withdraw"), &[])
            .await;
        assert_eq!(
            specialist.follow(&answer).await.text(".flash--good"),
            "申请已收回"
        );
        assert_eq!(texts(&app, "select status from exemptions").await, ["withdrawn"]);
    });
}

#[test]
fn a_share_above_the_limit_is_shown_in_red() {
    with_app(async |app| {
        let people = owed(&app, 10).await;
        app.set_now("2026-11-28T02:00:00Z");
        execute(
            &app,
            "update obligations set status = 'done', ended_at = due_at, ended_by = 1",
        )
        .await;
        sqlx::query("update obligations set status = 'exempt', ended_reason = 'rule:do_not_call', ended_by = null where customer_id = $1")
            .bind(people[0].customer)
            .execute(&app.db)
            .await
            .unwrap();
        let mut manager = app.sign_in(Role::Manager).await;
        let share = "a.badge[href*='class=exempt']";
        let page = manager.get("/obligations").await;
        assert_eq!(page.text(share), "售后回访 10% · 高于上限 5%");
        assert_eq!(page.count("a.badge--bad"), 1);
        let rows = manager.get(&page.attr(share, "href").unwrap()).await;
        assert_eq!(rows.count("tr[data-obligation]"), 1, "the figure opens its rows");
        manager.post("/rules/settings", &[("exempt_limit", "10")]).await;
        let page = manager.get("/obligations").await;
        assert_eq!(
            (page.text(share).as_str(), page.count("a.badge--bad")),
            ("售后回访 10%", 0)
        );
    });
}

#[test]
fn each_night_is_proved_and_kept() {
    with_app(async |app| {
        owed(&app, 2).await;
        let prove = async |day: &str| {
            let mut tx = app.db.begin().await.unwrap();
            care_desk::reviews::jobs::generate_reviews(&mut tx, app.scope(), day.parse().unwrap(), app.now())
                .await
                .unwrap();
            let counts = nightly::reconcile_ledger(&mut tx, app.scope(), day.parse().unwrap(), app.now())
                .await
                .unwrap();
            tx.commit().await.unwrap();
            counts
        };
        assert_eq!(
            prove("2026-11-24").await,
            serde_json::json!({ "missing": 0, "loose": 0 })
        );
        let mut manager = app.sign_in(Role::Manager).await;
        assert_eq!(
            manager
                .get("/obligations")
                .await
                .text(".ledger-proof .badge--good"),
            "无差异"
        );
        execute(&app, "delete from obligations where kind = 'post_service' and customer_id = (select min(id) from customers)").await;
        app.set_now("2026-11-25T02:00:00Z");
        assert_eq!(
            prove("2026-11-25").await,
            serde_json::json!({ "missing": 1, "loose": 1 })
        );
        let mut manager = app.sign_in(Role::Manager).await;
        let page = manager.get("/obligations").await;
        assert_eq!(page.texts(".ledger-proof .badge--bad"), ["缺失 1", "异常 1"]);
        let page = manager.get("/obligations/reconciliation").await;
        let nights = page.texts(".ledger-nights tbody tr");
        assert_eq!(nights.len(), 2);
        assert!(
            nights[0].contains("缺失 1") && nights[0].contains("售后回访") && nights[1].contains("无差异"),
            "{nights:?}"
        );
        assert!(
            page.attr(".ledger-findings a", "href")
                .unwrap()
                .starts_with("/visits/")
        );
        let gauges = queries::nightly::gauges_any_store(&app.db).await.unwrap();
        assert_eq!(gauges.len(), 18, "a figure for every kind");
        let found: Vec<_> = gauges
            .iter()
            .filter(|gauge| gauge.missing + gauge.loose > 0)
            .map(|gauge| gauge.kind.as_str())
            .collect();
        assert_eq!(found, ["ledger", "post_service"]);
        let (status, figures) = figures(&app).await;
        assert_eq!(status, 200);
        let missing = format!(
            "care_desk_ledger_missing{{store=\"{}\",kind=\"post_service\"}} 1",
            app.store
        );
        assert!(figures.lines().any(|line| line == missing), "{figures}");
        assert!(figures.lines().any(|line| line == "care_desk_up 1"), "{figures}");
        // Proved again it is written anew.
        prove("2026-11-25").await;
        assert_eq!(
            app.count("select count(distinct day) from reconciliations").await,
            2
        );
    });
}

/// What a monitor reads from the second listener.
async fn figures(app: &TestApp) -> (u16, String) {
    let request = Request::get("/metrics").body(Body::empty()).unwrap();
    let answer = care_desk::metrics::router(app.state.clone())
        .oneshot(request)
        .await
        .unwrap();
    let status = answer.status().as_u16();
    let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[test]
fn a_monitor_is_told_that_the_database_is_away() {
    with_app(async |app| {
        app.db.close().await;
        let (status, figures) = figures(&app).await;
        assert_eq!(status, 503);
        assert!(figures.lines().any(|line| line == "care_desk_up 0"), "{figures}");
    });
}

#[test]
fn a_day_whose_run_is_not_done_is_named() {
    with_app(async |app| {
        app.set_now("2026-11-27T02:00:00Z");
        execute(
            &app,
            "insert into job_runs (store_id, job, day, status, started_at, finished_at)
             values (1, 'generate-obligations', '2026-11-24', 'done', '2026-11-24', '2026-11-24'),
                    (1, 'generate-obligations', '2026-11-25', 'failed', '2026-11-25', '2026-11-25')",
        )
        .await;
        let page = app
            .sign_in(Role::Manager)
            .await
            .get("/obligations/reconciliation")
            .await;
        assert_eq!(page.text(".days-not-run"), "11-25 11-26");
    });
}
