//! The clocks of complaints in the ledger: made and ended by events, called about, moved by the calendar, proved at night.

use care_desk::complaints::{ComplaintId, clocks};
use care_desk::i18n::Lang;
use care_desk::i18n::format::Formatter;
use care_desk::obligations::{ObligationKind, nightly, reconcile, redate};
use care_desk::stores;
use chrono::{DateTime, Utc};
use sqlx::Row;

use crate::support::app::{TestApp, with_app};
use crate::support::build;

/// A case of this severity accepted now, with its owner, as intake leaves it.
pub async fn case(app: &TestApp, number: &str, severity: &str) -> ComplaintId {
    case_at(app, number, severity, app.now()).await
}

async fn case_at(app: &TestApp, number: &str, severity: &str, accepted_at: DateTime<Utc>) -> ComplaintId {
    let tail = number.trim_start_matches(|c: char| !c.is_ascii_digit());
    let person = build::person(
        app,
        "赵雅楠",
        &format!("13800{tail:0>6}"),
        &format!("浙A{tail:0>5}"),
    )
    .await;
    let id: ComplaintId = sqlx::query_scalar(
        "insert into complaints (store_id, number, customer_id, vehicle_id, channel, class_major, severity, words, accepted_at, owner_id,
                                 department_id, created_at, updated_at)
         values ($1, $2, $3, $4, 'call', 'repair', $5, '刹车还是响', $6, $7, (select min(id) from departments where store_id = $1), $8, $8)
         returning id",
    )
    .bind(app.store)
    .bind(number)
    .bind(person.customer)
    .bind(person.vehicle)
    .bind(severity)
    .bind(accepted_at)
    .bind(app.user("specialist").await)
    .bind(app.now())
    .fetch_one(&app.db)
    .await
    .unwrap();
    event(app, id, "accepted", "", "accepted").await;
    id
}

/// Changes the case, writes what happened, and brings the clocks in line, as every action does.
pub async fn event(app: &TestApp, id: ComplaintId, kind: &str, set: &str, to_state: &str) {
    let mut tx = app.db.begin().await.unwrap();
    let mut sets = vec!["version = version + 1".to_owned()];
    if !set.is_empty() {
        sets.push(set.replace("now", "$2"));
    }
    if !to_state.is_empty() {
        sets.push(format!("state = '{to_state}'"));
    }
    let sql = format!(
        "update complaints set {}, updated_at = $2 where id = $1",
        sets.join(", ")
    );
    sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(id)
        .bind(app.now())
        .execute(&mut *tx)
        .await
        .unwrap();
    sqlx::query(
        "insert into complaint_events (store_id, complaint_id, kind, at, by_id, to_state, body, data)
         values ($1, $2, $3, $4, $5, nullif($6, ''), '已沟通', case when $3 = 'note' then '{\"follow_up\": true}' else '{}' end::jsonb)",
    )
    .bind(app.store)
    .bind(id)
    .bind(kind)
    .bind(app.now())
    .bind(app.user("specialist").await)
    .bind(to_state)
    .execute(&mut *tx)
    .await
    .unwrap();
    clocks::sync(&mut tx, app.scope(), id, app.now()).await.unwrap();
    tx.commit().await.unwrap();
}

/// To a handler.
pub async fn dispatch(app: &TestApp, id: ComplaintId) {
    let set = "dispatched_at = now, handler_id = (select user_id from user_stores where role = 'handler' order by 1 limit 1)";
    event(app, id, "dispatched", set, "dispatched").await;
}

/// Dealt with.
pub async fn resolve(app: &TestApp, id: ComplaintId) {
    let set = "resolved_at = now, cause = '刹车片磨损', result = '更换', responsibility = 'partial', agreed_at = now";
    event(app, id, "resolved", set, "resolved").await;
}

/// The customer is content, the case is closed.
pub async fn close(app: &TestApp, id: ComplaintId) {
    event(app, id, "verdict", "verdict = 'satisfied', verdict_at = now", "").await;
    event(app, id, "closed", "ended_at = now", "closed").await;
}

/// `kind key status day time` of a case's clocks, by deadline.
async fn ledger(app: &TestApp, id: ComplaintId) -> Vec<String> {
    sqlx::query_scalar(
        "select concat_ws(' ', replace(kind, 'complaint_', ''), cycle_key, status, to_char(due_at at time zone 'Asia/Shanghai', 'DD HH24:MI'))
         from obligations where complaint_id = $1 order by due_at, kind, cycle_key",
    )
    .bind(id)
    .fetch_all(&app.db)
    .await
    .unwrap()
}

async fn clock(app: &TestApp, id: ComplaintId, kind: &str, column: &str) -> String {
    let sql = format!(
        "select coalesce(({column})::text, '') from obligations where complaint_id = $1 and kind = 'complaint_{kind}' order by id limit 1"
    );
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .bind(id)
        .fetch_one(&app.db)
        .await
        .unwrap()
}

#[test]
fn a_case_owes_its_clocks_from_acceptance_and_each_ends_once() {
    with_app(async |app| {
        let id = case(&app, "CP-1", "C").await;
        let open = [
            "dispatch 1 open 24 12:00",
            "first_reply 1 open 24 12:00",
            "follow_up 1 open 25 10:00",
            "close 1 open 27 10:00",
        ];
        assert_eq!(ledger(&app, id).await, open);
        // Once more changes nothing, not even a version of a row.
        let rows = "select count(distinct xmin::text) from obligations";
        let before = app.count(rows).await;
        let mut tx = app.db.begin().await.unwrap();
        clocks::sync(&mut tx, app.scope(), id, app.now()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(
            (ledger(&app, id).await, app.count(rows).await),
            (open.map(str::to_owned).to_vec(), before)
        );

        app.set_now("2026-11-24T02:41:00Z");
        dispatch(&app, id).await;
        app.set_now("2026-11-24T06:00:00Z");
        event(&app, id, "contact", "", "").await;
        app.set_now("2026-11-25T01:00:00Z");
        resolve(&app, id).await;
        assert_eq!(
            ledger(&app, id).await,
            [
                "dispatch 1 done 24 12:00",
                // Late: the talk was at two.
                "first_reply 1 done 24 12:00",
                "follow_up 1 done 25 10:00",
                "second_callback 1 open 26 09:00",
                "follow_up 2 cancelled 26 10:00",
                "close 1 open 27 10:00",
            ]
        );
        let ended = "to_char(ended_at at time zone 'Asia/Shanghai', 'DD HH24:MI')";
        assert_eq!(clock(&app, id, "dispatch", ended).await, "24 10:41");
        assert_eq!(clock(&app, id, "first_reply", ended).await, "24 14:00");
        app.set_now("2026-11-25T03:00:00Z");
        close(&app, id).await;
        assert_eq!(
            app.count("select count(*) from obligations where status = 'open'")
                .await,
            0
        );
        assert_eq!(clock(&app, id, "second_callback", "is_satisfied").await, "true");
        let mut browser = app.sign_in(care_desk::auth::permission::Role::Manager).await;
        let page = browser
            .get("/obligations?kind=complaint_first_reply&from=2026-11-24&to=2026-11-24")
            .await;
        assert!(
            page.text("tbody").contains("抱怨首次答复"),
            "{}",
            page.text("main")
        );
    });
}

#[test]
fn the_second_callback_is_a_call_of_the_customer_and_the_verdict_ends_it() {
    with_app(async |app| {
        let id = case(&app, "CP-1", "D").await;
        dispatch(&app, id).await;
        app.set_now("2026-11-24T12:30:00Z");
        resolve(&app, id).await;
        let row = sqlx::query(
            "select c.status, c.kinds, c.open_count, to_char(c.callable_due_at at time zone 'Asia/Shanghai', 'DD HH24:MI') as due
             from callbacks c join obligations o on o.callback_id = c.id where o.complaint_id = $1",
        )
        .bind(id)
        .fetch_one(&app.db)
        .await
        .unwrap();
        assert_eq!(row.get::<String, _>("status"), "open");
        assert_eq!(row.get::<Vec<String>, _>("kinds"), ["complaint_second_callback"]);
        assert_eq!(
            row.get::<String, _>("due"),
            "25 20:00",
            "the wall clock says half past eight"
        );
        // The verdict came another way: nobody calls any more.
        app.set_now("2026-11-25T02:00:00Z");
        close(&app, id).await;
        let status: String = sqlx::query_scalar("select status from callbacks")
            .fetch_one(&app.db)
            .await
            .unwrap();
        assert_eq!(status, "cancelled");
        let mut tx = app.db.begin().await.unwrap();
        assert_eq!(reconcile::loose(&mut *tx, app.scope()).await.unwrap(), []);
    });
}

#[test]
fn dissatisfaction_begins_a_cycle_and_waiting_moves_the_target_alone() {
    with_app(async |app| {
        let id = case(&app, "CP-1", "C").await;
        dispatch(&app, id).await;
        app.set_now("2026-11-24T03:00:00Z");
        event(&app, id, "waiting", "waiting_since = now", "waiting").await;
        app.set_now("2026-11-24T03:10:00Z");
        let mut tx = app.db.begin().await.unwrap();
        clocks::tend(&mut tx, app.scope(), app.now()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(
            clock(&app, id, "close", "due_at - strict_due_at").await,
            "00:10:00"
        );
        app.set_now("2026-11-24T06:20:07Z");
        let set = "waited = waited + (now - waiting_since), waiting_since = null";
        event(&app, id, "resumed", set, "in_progress").await;
        assert_eq!(
            clock(&app, id, "close", "due_at - strict_due_at").await,
            "03:20:07"
        );
        app.set_now("2026-11-25T01:00:00Z");
        resolve(&app, id).await;
        app.set_now("2026-11-25T05:00:00Z");
        event(
            &app,
            id,
            "verdict",
            "verdict = 'dissatisfied', verdict_at = now",
            "",
        )
        .await;
        event(
            &app,
            id,
            "reopened",
            "cycle = cycle + 1, resolved_at = null",
            "in_progress",
        )
        .await;
        let rows = ledger(&app, id).await;
        for row in [
            "second_callback 1 done 26 09:00",
            "close 1 cancelled 27 13:20",
            "close 2 open 28 13:00",
            "follow_up 2 open 26 13:00",
        ] {
            assert!(rows.iter().any(|found| found == row), "{row}: {rows:#?}");
        }
        assert_eq!(clock(&app, id, "second_callback", "is_satisfied").await, "false");
    });
}

#[test]
fn a_grave_case_is_called_about_seven_and_thirty_days_after_it_was_closed() {
    with_app(async |app| {
        let id = case(&app, "CP-1", "A").await;
        dispatch(&app, id).await;
        event(&app, id, "plan", "promised_at = now + interval '3 days'", "").await;
        app.set_now("2026-11-25T02:00:00Z");
        resolve(&app, id).await;
        app.set_now("2026-11-25T03:00:00Z");
        close(&app, id).await;
        let after = "select count(*) from obligations where kind = 'complaint_after' and channel = 'call' and status = 'open'";
        assert_eq!(
            app.count("select count(*) from obligations where kind = 'complaint_after'")
                .await,
            2
        );
        assert_eq!(app.count(after).await, 0, "its day is to come");
        assert_eq!(
            app.count("select count(*) from callbacks where status = 'open'")
                .await,
            0
        );
        for (at, calls) in [
            ("2026-12-02T00:59:00Z", 0),
            ("2026-12-02T01:00:00Z", 1),
            ("2026-12-02T01:01:00Z", 1),
        ] {
            app.set_now(at);
            let mut tx = app.db.begin().await.unwrap();
            clocks::tend(&mut tx, app.scope(), app.now()).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(app.count(after).await, calls, "{at}");
            let open =
                "select count(*) from callbacks where status = 'open' and 'complaint_after' = any(kinds)";
            assert_eq!(app.count(open).await, calls, "{at}");
        }
        let mut tx = app.db.begin().await.unwrap();
        assert_eq!(reconcile::loose(&mut *tx, app.scope()).await.unwrap(), []);
    });
}

#[test]
fn the_calendar_moves_what_has_not_begun_and_what_is_called() {
    with_app(async |app| {
        let running = case(&app, "CP-1", "C").await;
        let called = case(&app, "CP-2", "D").await;
        dispatch(&app, called).await;
        app.set_now("2026-11-24T14:00:00Z");
        resolve(&app, called).await;
        let night = case(&app, "CP-3", "C").await;
        let grave = case(&app, "CP-4", "B").await;
        let due = "to_char(due_at at time zone 'Asia/Shanghai', 'DD HH24:MI')";
        let callable = "to_char(callable_due_at at time zone 'Asia/Shanghai', 'DD HH24:MI')";
        assert_eq!(clock(&app, night, "dispatch", due).await, "25 10:30");
        assert_eq!(clock(&app, called, "second_callback", callable).await, "25 20:00");
        sqlx::query("insert into calendar_days (store_id, day, kind) values ($1, '2026-11-25', 'closed')")
            .bind(app.store)
            .execute(&app.db)
            .await
            .unwrap();
        let mut tx = app.db.begin().await.unwrap();
        stores::calendar::rewrite_all(&mut tx, app.scope(), app.now())
            .await
            .unwrap();
        redate::follow_calendar(&mut tx, app.scope(), app.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(clock(&app, night, "dispatch", due).await, "26 10:30");
        assert_eq!(clock(&app, night, "first_reply", due).await, "26 10:30");
        assert_eq!(clock(&app, grave, "dispatch", due).await, "24 23:00");
        assert_eq!(clock(&app, running, "dispatch", due).await, "24 12:00");
        assert_eq!(clock(&app, called, "second_callback", due).await, "25 22:00");
        assert_eq!(clock(&app, called, "second_callback", callable).await, "26 09:00");
        // An event afterwards leaves it where the calendar put it.
        event(&app, night, "note", "", "").await;
        assert_eq!(clock(&app, night, "dispatch", due).await, "26 10:30");
    });
}

#[test]
fn the_night_proves_that_no_case_lacks_a_clock() {
    with_app(async |app| {
        let id = case(&app, "CP-1", "A").await;
        let (day, now) = ("2026-11-24".parse().unwrap(), app.now());
        let missing = async |app: &TestApp| {
            let mut tx = app.db.begin().await.unwrap();
            let proof = nightly::prove(&mut tx, app.scope(), day).await.unwrap();
            proof.missing.iter().map(|row| row.kind).collect::<Vec<_>>()
        };
        assert_eq!(missing(&app).await, []);
        sqlx::query("delete from obligations where complaint_id = $1 and kind in ('complaint_plan', 'complaint_first_reply')")
            .bind(id)
            .execute(&app.db)
            .await
            .unwrap();
        assert_eq!(
            missing(&app).await,
            [ObligationKind::ComplaintFirstReply, ObligationKind::ComplaintPlan]
        );
        let mut tx = app.db.begin().await.unwrap();
        assert_eq!(clocks::mend(&mut tx, app.scope(), now).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert_eq!(missing(&app).await, []);
    });
}

#[test]
fn a_clock_says_why_it_is_due_then() {
    with_app(async |app| {
        let day = case(&app, "CP-1", "C").await;
        app.set_now("2026-11-24T13:10:00Z");
        let night = case(&app, "CP-2", "C").await;
        event(&app, night, "waiting", "waiting_since = now", "waiting").await;
        app.set_now("2026-11-24T16:30:00Z");
        let set = "waited = waited + (now - waiting_since), waiting_since = null";
        event(&app, night, "resumed", set, "in_progress").await;
        let why = async |id: ComplaintId, kind: ObligationKind, lang: Lang| {
            let fmt = Formatter {
                lang,
                zone: chrono_tz::Asia::Shanghai,
                now: app.now(),
            };
            let map = clocks::view(&app.db, app.scope(), &[day, night], &fmt)
                .await
                .unwrap();
            let clock = clocks::view::of_kind(&map[&id], kind).unwrap().clone();
            assert_eq!(clock.chip.why, clock.why);
            clock.why
        };
        for (id, kind, zh, en) in [
            (
                day,
                ObligationKind::ComplaintDispatch,
                "2 小时，自受理 昨日 10:00 起",
                "2 h from acceptance yesterday 10:00",
            ),
            (
                night,
                ObligationKind::ComplaintDispatch,
                "2 小时，自开门 今日 08:30 起（昨日 21:10 受理时已打烊）",
                "2 h from opening today 08:30 (accepted yesterday 21:10, while closed)",
            ),
            (
                night,
                ObligationKind::ComplaintClose,
                "3 天，自 昨日 21:10 起，待客户暂停 3:20",
                "3 d from yesterday 21:10, paused 3:20 while waiting",
            ),
        ] {
            assert_eq!(why(id, kind, Lang::Zh).await, zh);
            assert_eq!(why(id, kind, Lang::En).await.to_lowercase(), en);
        }
    });
}
