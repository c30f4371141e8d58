//! Dials, then one message, then 尽责未达; and never earlier.

use std::time::Duration;

use care_desk::auth::permission::Role;
use care_desk::callbacks::CallbackId;

use super::{HELD, nobody_answers, settle, tend};
use crate::callbacks::{DUE, ENDING, NEXT_AT, STATUS, base, due_person, one, post, question, take, with};
use crate::support::app::{TestApp, with_app};
use crate::support::build;
use crate::support::client::Client;

/// Three dials on two days and in two parts of the day: all that the rule asks for.
const DIALS: [&str; 3] = [
    "2026-11-24T02:00:00Z",
    "2026-11-24T06:00:00Z",
    "2026-11-25T01:30:00Z",
];
const HOUR: Duration = Duration::from_secs(60 * 60);

async fn use_up(app: &TestApp, browser: &mut Client, id: CallbackId) {
    for at in DIALS {
        assert_eq!(one::<String>(app, STATUS, id).await, "open");
        nobody_answers(app, browser, id, at).await;
    }
}

async fn record(app: &TestApp, id: CallbackId, outcome: &str) -> u16 {
    let mut browser = app.sign_in(Role::Specialist).await;
    let page = browser.get(&format!("/callbacks/{id}")).await;
    let message = page.attr("#message input[name=message]", "value").unwrap();
    let form = [("message", message.as_str()), ("outcome", outcome)];
    browser
        .post(&format!("/callbacks/{id}/message"), &form)
        .await
        .status
}

#[test]
fn after_the_last_dial_a_message_goes_out_and_its_answer_is_awaited() {
    with_app(async |app| {
        let (_, id) = due_person(&app, "赵雅楠", 1).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        use_up(&app, &mut browser, id).await;
        assert_eq!(one::<String>(&app, ENDING, id).await, "open/false");
        assert_eq!(one::<String>(&app, HELD, id).await, "awaiting_answer");
        let none = browser.post("/callbacks/next", &[]).await;
        assert_eq!(none.location(), "/callbacks", "it is not given out");
        let list = browser.get("/callbacks?tab=held").await;
        assert_eq!(list.text(".heldwhy"), "已拨打完毕，短信待发送。");
        let page = browser.get(&format!("/callbacks/{id}")).await;
        assert!(
            page.text("#message").contains("【滨江店】您好"),
            "{}",
            page.text("#message")
        );
        assert!(page.text("#message").contains("138 **** 0001"));

        // However long it waits to be sent: nobody is given up unwritten.
        app.advance(HOUR * 24 * 9);
        assert_eq!(tend(&app).await.unanswered, 0);
        assert_eq!(record(&app, id, "sent").await, 303);
        let mut browser = app.sign_in(Role::Specialist).await;
        let sent = browser.get(&format!("/callbacks/{id}")).await;
        assert_eq!(
            (sent.text("#message .badge"), sent.count("#message form")),
            ("已发出".to_owned(), 0)
        );
        assert_eq!(one::<String>(&app, HELD, id).await, "awaiting_answer 06 09:30");
        app.advance(HOUR * 48 - Duration::from_secs(1));
        assert_eq!(tend(&app).await.unanswered, 0);
        assert_eq!(one::<String>(&app, STATUS, id).await, "open");
        app.advance(Duration::from_secs(1));
        assert_eq!(tend(&app).await.unanswered, 1);
        assert_eq!(
            tend(&app).await,
            Default::default(),
            "a second round finds nothing"
        );
        assert_eq!(one::<String>(&app, STATUS, id).await, "exhausted");
        assert_eq!(
            one::<String>(&app, ENDING, id).await,
            "exhausted/unreachable/false"
        );
        let whose =
            "select u.username from obligations o join users u on u.id = o.ended_by where o.callback_id = $1";
        assert_eq!(
            one::<String>(&app, whose, id).await,
            "specialist",
            "whose dials they were"
        );
    });
}

#[test]
fn a_store_may_await_the_answer_for_a_shorter_time() {
    with_app(async |app| {
        sqlx::query("update stores set answer_hours = 12")
            .execute(&app.db)
            .await
            .unwrap();
        let (_, id) = due_person(&app, "赵雅楠", 1).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        use_up(&app, &mut browser, id).await;
        record(&app, id, "sent").await;
        app.advance(HOUR * 12 - Duration::from_secs(1));
        assert_eq!(tend(&app).await.unanswered, 0);
        app.advance(Duration::from_secs(1));
        assert_eq!(tend(&app).await.unanswered, 1);
    });
}

#[test]
fn a_message_that_failed_ends_the_call_and_is_recorded_once() {
    with_app(async |app| {
        let (_, id) = due_person(&app, "赵雅楠", 1).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        use_up(&app, &mut browser, id).await;
        let path = format!("/callbacks/{id}/message");
        let page = browser.get(&format!("/callbacks/{id}")).await;
        let message = page.attr("#message input[name=message]", "value").unwrap();
        let form = [("message", message.as_str()), ("outcome", "failed")];
        assert_eq!(
            browser.post(&path, &[("message", message.as_str())]).await.status,
            400
        );
        assert_eq!(browser.post(&path, &form).await.status, 303);
        assert_eq!(
            one::<String>(&app, ENDING, id).await,
            "exhausted/unreachable/false"
        );
        assert_eq!(browser.post(&path, &form).await.status, 409);
        let audited = "select count(*) from audit where action = 'callbacks.message'";
        assert_eq!(app.count(audited).await, 1);
    });
}

#[test]
fn who_gets_no_messages_ends_with_the_last_dial() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Specialist).await;
        for (number, change) in [
            "update phones set kind = 'landline' where customer_id = $1",
            "update phones set sms_opt_out = true where customer_id = $1",
        ]
        .into_iter()
        .enumerate()
        {
            app.set_now(DIALS[0]);
            let (person, id) = due_person(&app, "赵雅楠", number).await;
            sqlx::query(change)
                .bind(person.customer)
                .execute(&app.db)
                .await
                .unwrap();
            use_up(&app, &mut browser, id).await;
            assert_eq!(
                one::<String>(&app, ENDING, id).await,
                "exhausted/unreachable/false",
                "{change}"
            );
        }
        assert_eq!(app.count("select count(*) from outbox_messages").await, 0);
    });
}

#[test]
fn an_entry_that_joined_between_two_dials_is_not_given_up_with_the_others() {
    with_app(async |app| {
        let (person, id) = due_person(&app, "赵雅楠", 1).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        nobody_answers(&app, &mut browser, id, DIALS[0]).await;
        nobody_answers(&app, &mut browser, id, DIALS[1]).await;
        let second = build::obligation(&app, &person, "lost_customer", "1")
            .due("2026-12-20T12:00:00Z")
            .insert()
            .await;
        let mut tx = app.db.begin().await.unwrap();
        let summary = care_desk::obligations::jobs::attach_waiting(&mut tx, app.scope(), app.now()).await;
        tx.commit().await.unwrap();
        assert_eq!(summary.unwrap().joined, 1);

        app.set_now(DIALS[2]);
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = take(&mut browser, id).await;
        assert_eq!(page.count("input[name=item]"), 2);
        let ids: Vec<i64> =
            sqlx::query_scalar("select id from obligations where callback_id = $1 order by id")
                .bind(id)
                .fetch_all(&app.db)
                .await
                .unwrap();
        let mut form: Vec<_> = base(&page)
            .into_iter()
            .filter(|(name, _)| name != "item")
            .collect();
        form.extend(ids.iter().map(|id| ("item".to_owned(), id.to_string())));
        let path = format!("/callbacks/{id}");
        let saved = post(&mut browser, &path, &with(form, &[("outcome", "no_answer")])).await;
        assert_eq!(saved.status, 303);
        let written =
            "select string_agg(kind, ',') from obligations where callback_id = $1 and message_id is not null";
        assert_eq!(one::<String>(&app, written, id).await, "post_service");
        assert_eq!(
            one::<String>(&app, HELD, id).await,
            "",
            "it goes on for the other"
        );
        // Its first dial was the third of the call: two more are to come, the next of them at any time.
        assert_eq!(one::<String>(&app, NEXT_AT, id).await, "25 11:30");

        record(&app, id, "sent").await;
        app.advance(HOUR * 48);
        assert_eq!(tend(&app).await.unanswered, 1);
        let left = "select string_agg(kind, ',') from obligations where callback_id = $1 and status = 'open'";
        assert_eq!(one::<String>(&app, left, id).await, "lost_customer");
        assert_eq!(one::<String>(&app, STATUS, id).await, "open");
        assert_eq!(app.count("select open_count::bigint from callbacks").await, 1);
        assert_eq!(
            app.count("select count(*) from obligations where bundled_at is not null")
                .await,
            1,
            "{second}"
        );
    });
}

#[test]
fn who_prefers_messages_is_written_to_instead_of_called() {
    with_app(async |app| {
        let (person, id) = due_person(&app, "赵雅楠", 1).await;
        let (_, other) = due_person(&app, "李思远", 2).await;
        sqlx::query("update customers set preferred_channel = 'wechat' where id = $1")
            .bind(person.customer)
            .execute(&app.db)
            .await
            .unwrap();
        assert_eq!(tend(&app).await.written, 1);
        assert_eq!(tend(&app).await.written, 0, "once");
        assert_eq!(one::<String>(&app, HELD, id).await, "awaiting_answer");
        let mut browser = app.sign_in(Role::Specialist).await;
        let next = browser.post("/callbacks/next", &[]).await;
        assert_eq!(next.location(), format!("/callbacks/{other}"));
        assert_eq!(record(&app, id, "sent").await, 303);
        app.advance(HOUR * 48);
        assert_eq!(tend(&app).await.unanswered, 1);
        assert_eq!(
            one::<String>(&app, ENDING, id).await,
            "exhausted/unreachable/false"
        );
        assert_eq!(app.count("select count(*) from attempts").await, 0);
    });
}

#[test]
fn who_answers_after_all_is_no_exhausted_one() {
    with_app(async |app| {
        let (_, id) = due_person(&app, "赵雅楠", 1).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        use_up(&app, &mut browser, id).await;
        let page = take(&mut browser, id).await;
        let overall = question(&page, "q10");
        let form = with(base(&page), &[("outcome", "completed"), (overall.as_str(), "9")]);
        let saved = post(&mut browser, &format!("/callbacks/{id}"), &form).await;
        assert_eq!(saved.status, 303);
        assert_eq!(one::<String>(&app, ENDING, id).await, "done/true/true");
        assert_eq!(
            app.count("select count(*) from outbox_messages where status = 'cancelled'")
                .await,
            1,
            "nobody sends what is not needed any more"
        );
        assert_eq!(
            browser.get(&format!("/callbacks/{id}")).await.count("#message"),
            0
        );
    });
}

#[test]
fn a_time_agreed_after_the_message_is_kept() {
    with_app(async |app| {
        let (_, id) = due_person(&app, "赵雅楠", 1).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        use_up(&app, &mut browser, id).await;
        record(&app, id, "sent").await;
        let agreed = [("outcome", "later"), ("agreed_at", "2026-11-28T18:15")];
        settle(&mut browser, id, &agreed).await;
        assert_eq!(one::<String>(&app, HELD, id).await, "");
        assert_eq!(one::<String>(&app, NEXT_AT, id).await, "28 18:15");
        app.set_now("2026-11-28T10:15:00Z");
        assert_eq!(tend(&app).await.unanswered, 0);
        let mut browser = app.sign_in(Role::Specialist).await;
        let next = browser.post("/callbacks/next", &[]).await;
        assert_eq!(next.location(), format!("/callbacks/{id}"));
    });
}

#[test]
fn what_a_customer_says_about_the_car_is_noted() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Specialist).await;
        for (number, (answer, state)) in [
            ("car_sold", "sold/private"),
            ("transferred", "sold/private"),
            ("gifted", "sold/private"),
            ("used_elsewhere", "moved/private"),
            ("commercial", "active/commercial"),
            ("mileage_not_reached", "active/private"),
            ("elsewhere", "active/private"),
        ]
        .into_iter()
        .enumerate()
        {
            let phone = format!("1380000{number:04}");
            let plate = format!("浙A{number:05}");
            let person = build::person(&app, "赵雅楠", &phone, &plate).await;
            let item = build::obligation(&app, &person, "lost_customer", "1")
                .due(DUE)
                .insert()
                .await;
            let mut tx = app.db.begin().await.unwrap();
            care_desk::obligations::jobs::attach_waiting(&mut tx, app.scope(), app.now())
                .await
                .unwrap();
            tx.commit().await.unwrap();
            let id: CallbackId = sqlx::query_scalar("select callback_id from obligations where id = $1")
                .bind(item)
                .fetch_one(&app.db)
                .await
                .unwrap();
            let result = format!("result{item}");
            settle(
                &mut browser,
                id,
                &[("outcome", "completed"), (result.as_str(), answer)],
            )
            .await;
            let ending = format!("done/{answer}/true");
            assert_eq!(one::<String>(&app, ENDING, id).await, ending);
            let car = "select concat_ws('/', v.state, v.usage) from vehicles v join obligations o on o.vehicle_id = v.id where o.callback_id = $1";
            assert_eq!(one::<String>(&app, car, id).await, state, "{answer}");
        }
        let audited = "select count(*) from audit where action = 'vehicles.update' and change ->> 'said_in_call' = 'true'";
        assert_eq!(app.count(audited).await, 5);
    });
}

#[test]
fn a_result_of_another_kind_needs_a_note() {
    with_app(async |app| {
        let (_, id) = due_person(&app, "赵雅楠", 1).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = take(&mut browser, id).await;
        let form = with(base(&page), &[("outcome", "busy"), ("code_busy", "other")]);
        let answer = post(&mut browser, &format!("/callbacks/{id}"), &form).await;
        assert_eq!(
            (answer.status, answer.field_error("note")),
            (422, "必填".to_owned())
        );
    });
}

#[test]
fn the_best_time_is_shown_with_its_reason_and_decides_the_next_try() {
    with_app(async |app| {
        let (person, id) = due_person(&app, "赵雅楠", 1).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        // Long ago: two evenings answered, a morning not.
        for (at, daypart, result) in [
            ("2026-05-04T10:30:00Z", 3_i16, "completed"),
            ("2026-06-04T10:30:00Z", 3, "cut_off"),
            ("2026-07-04T01:30:00Z", 1, "no_answer"),
        ] {
            sqlx::query(
                "insert into attempts (store_id, callback_id, customer_id, user_id, at, on_day, daypart, result, idem_key)
                 select $1, $2, $3, $4, $5::timestamptz, $5::timestamptz::date, $6, $7, gen_random_uuid()",
            )
            .bind(app.store)
            .bind(build::ended_callback(&app, &person).await)
            .bind(person.customer)
            .bind(app.user("specialist").await)
            .bind(at.parse::<chrono::DateTime<chrono::Utc>>().unwrap())
            .bind(daypart)
            .bind(result)
            .execute(&app.db)
            .await
            .unwrap();
        }
        let page = browser.get(&format!("/callbacks/{id}")).await;
        assert!(
            page.text(".callside")
                .contains("傍晚最容易接通：这位客户此时段拨打 2 次，接了 2 次。"),
            "{}",
            page.text(".callside")
        );
        settle(&mut browser, id, &[("outcome", "no_answer")]).await;
        assert_eq!(one::<String>(&app, NEXT_AT, id).await, "24 17:30");
        // Somebody without dials of their own: the store's habit.
        let (_, other) = due_person(&app, "李思远", 2).await;
        let page = browser.get(&format!("/callbacks/{other}")).await;
        assert!(
            !page.text(".callside").contains("接通率"),
            "one dial in two weeks is no habit"
        );
    });
}

#[test]
fn the_database_itself_refuses_to_give_up_early() {
    with_app(async |app| {
        let (_, id) = due_person(&app, "赵雅楠", 1).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let give_up = async || {
            sqlx::query(
                "update obligations set status = 'exhausted', ended_at = $2, ended_reason = 'unreachable' where callback_id = $1",
            )
            .bind(id)
            .bind(app.now())
            .execute(&app.db)
            .await
        };
        let refused = |result: Result<_, sqlx::Error>| {
            let error = result.expect_err("given up early");
            let database = error.as_database_error().unwrap();
            assert_eq!(
                database.constraint(),
                Some("obligations_exhausted_not_early_check")
            );
        };
        refused(give_up().await);
        for at in &DIALS[..2] {
            nobody_answers(&app, &mut browser, id, at).await;
            refused(give_up().await);
        }
        nobody_answers(&app, &mut browser, id, DIALS[2]).await;
        app.advance(HOUR * 24 * 9);
        refused(give_up().await);
        assert_eq!(record(&app, id, "sent").await, 303);
        app.advance(HOUR * 48 - Duration::from_secs(1));
        refused(give_up().await);
        app.advance(Duration::from_secs(1));
        assert_eq!(give_up().await.unwrap().rows_affected(), 1);
    });
}
