//! The page behind a message: what a customer sees, sends, and what follows from it.

use std::time::Duration;

use care_desk::auth::permission::Role;
use care_desk::callbacks::{CallbackId, messages};

use crate::callbacks::{ENDING, STATUS, base, due_person, one, post, question, take, with};
use crate::support::app::{TestApp, with_app};
use crate::support::build;
use crate::support::client::Answer;

/// Somebody who prefers messages is written to at once.
async fn written_to(app: &TestApp, name: &str, number: usize) -> (build::Person, CallbackId, String) {
    let (person, id) = due_person(app, name, number).await;
    sqlx::query("update customers set preferred_channel = 'sms', salutation = '女士' where id = $1")
        .bind(person.customer)
        .execute(&app.db)
        .await
        .unwrap();
    let mut tx = app.db.begin().await.unwrap();
    let tended = messages::tend(&mut tx, app.scope(), app.now()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(tended.written, 1);
    let token: String = sqlx::query_scalar(
        "select replace(token::text, '-', '') from outbox_messages where callback_id = $1",
    )
    .bind(id)
    .fetch_one(&app.db)
    .await
    .unwrap();
    (person, id, format!("/q/{token}"))
}

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer
        .headers
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

const RESPONSE: &str = "select concat_ws('/', r.overall, r.nps, r.is_dissatisfied, v.version, r.attempt_id)
     from responses r join script_versions v on v.store_id = r.store_id and v.id = r.script_version_id
     join obligations o on o.store_id = r.store_id and o.id = r.obligation_id where o.callback_id = $1";
const COMPLAINT: &str = "select concat_ws('/', channel, class_major, severity, words, visit_id is not null) from complaints where from_callback_id = $1";

#[test]
fn a_link_shows_the_questions_and_nothing_of_the_house() {
    with_app(async |app| {
        let (_, id, path) = written_to(&app, "欧阳雅楠", 1).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let call = browser.get(&format!("/callbacks/{id}")).await;
        let text = call.text("#message-text");
        assert!(text.contains(&format!("http://127.0.0.1:8080{path} ")), "{text}");

        let mut customer = app.client();
        let page = customer.get(&path).await;
        assert_eq!(page.status, 200);
        assert_eq!(page.text("h1"), "欧阳女士，您好");
        assert!(page.count("input[name=q1_q10]") == 11 && page.count("input[name=q2_q10]") == 0);
        let html = page.html();
        for secret in [
            "雅楠",
            "13800000001",
            "138 ****",
            "浙A",
            "RO-",
            "关爱台",
            "/login",
            "href=\"/\"",
        ] {
            assert!(!html.contains(secret), "{secret}");
        }
        assert_eq!(header(&page, "referrer-policy"), "no-referrer");
        assert!(header(&page, "x-robots-tag").contains("noindex"));
        assert!(header(&page, "content-security-policy").contains("default-src 'none'"));
        assert_eq!(header(&page, "cache-control"), "no-store");
        assert_eq!(header(&page, "set-cookie"), "");
        let english = customer.get(&format!("{path}?lang=en")).await;
        assert_eq!(english.text("h1"), "Hello");
        assert_eq!(english.attr("html", "lang").as_deref(), Some("en"));
    });
}

#[test]
fn an_answer_settles_the_call_once() {
    with_app(async |app| {
        let (person, id, path) = written_to(&app, "赵雅楠", 1).await;
        let mut customer = app.client();
        let incomplete = customer.post(&path, &[("q1_q11", "10"), ("words", "很好")]).await;
        assert_eq!(incomplete.status, 422);
        assert_eq!(incomplete.text("#q1_q10-error"), "必填");
        assert_eq!(incomplete.text("#words"), "很好", "what was typed is kept");
        assert_eq!(incomplete.count("input[name=q1_q11][value='10'][checked]"), 1);

        let sent = customer.post(&path, &[("q1_q10", "9"), ("q1_q11", "10")]).await;
        assert_eq!((sent.status, sent.location()), (303, path.as_str()));
        assert_eq!(one::<String>(&app, ENDING, id).await, "done/answered/true/true");
        assert_eq!(one::<String>(&app, STATUS, id).await, "done");
        assert_eq!(one::<String>(&app, RESPONSE, id).await, "9/10/f/1");
        let message =
            "select status || '/' || (answered_at is not null) from outbox_messages where callback_id = $1";
        assert_eq!(one::<String>(&app, message, id).await, "delivered/true");
        let thanks = customer.follow(&sent).await;
        assert_eq!(
            (thanks.status, thanks.text("h1")),
            (200, "感谢您的评价".to_owned())
        );

        let again = customer.post(&path, &[("q1_q10", "0"), ("words", "不好")]).await;
        assert_eq!(again.status, 303);
        assert_eq!(
            one::<String>(&app, RESPONSE, id).await,
            "9/10/f/1",
            "it works once"
        );
        assert_eq!(app.count("select count(*) from complaints").await, 0);
        let audited = "select count(*) from audit where action = 'callbacks.answer' and actor_id is null";
        assert_eq!(app.count(audited).await, 1);
        let mut browser = app.sign_in(Role::Specialist).await;
        let call = browser.get(&format!("/callbacks/{id}")).await;
        assert_eq!(call.text("#message .badge"), "客户已答复");
        let file = browser.get(&format!("/customers/{}", person.customer)).await;
        assert!(
            file.text(".timeline").contains("问卷答复 9 分"),
            "{}",
            file.text(".timeline")
        );
    });
}

#[test]
fn a_dissatisfied_answer_opens_a_complaint_in_the_customers_words() {
    with_app(async |app| {
        let (_, id, path) = written_to(&app, "赵雅楠", 1).await;
        let mut customer = app.client();
        let words = "等了两个小时";
        let reason: String = sqlx::query_scalar(
            "select r ->> 'code' from script_versions v, jsonb_array_elements(v.body -> 'reasons') r where r ->> 'class' = 'efficiency' limit 1",
        )
        .fetch_one(&app.db)
        .await
        .unwrap();
        let form = [("q1_q10", "4"), ("reason", reason.as_str()), ("words", words)];
        assert_eq!(customer.post(&path, &form).await.status, 303);
        assert_eq!(one::<String>(&app, ENDING, id).await, "done/answered/true/false");
        assert_eq!(
            one::<String>(&app, COMPLAINT, id).await,
            "callback/efficiency/D/等了两个小时/t"
        );
        assert_eq!(one::<String>(&app, RESPONSE, id).await, "4/t/1");

        let (_, silent, path) = written_to(&app, "李思远", 2).await;
        assert_eq!(customer.post(&path, &[("q1_q10", "2")]).await.status, 303);
        let opened = one::<String>(&app, COMPLAINT, silent).await;
        assert!(
            opened.starts_with("callback/other/D/") && opened.contains("：2"),
            "{opened}"
        );
    });
}

#[test]
fn who_wants_no_questions_is_asked_no_more() {
    with_app(async |app| {
        let (person, id, path) = written_to(&app, "赵雅楠", 1).await;
        let mut customer = app.client();
        let refused = customer.post(&path, &[("refuse", "1")]).await;
        assert_eq!(refused.status, 303);
        assert_eq!(
            one::<String>(&app, ENDING, id).await,
            "exempt/rule:do_not_call/false"
        );
        assert_eq!(one::<String>(&app, STATUS, id).await, "cancelled");
        let consent = "select count(*) from consents where purpose = 'survey' and withdrawn_at is not null and channel = 'web'";
        assert_eq!(app.count(consent).await, 1);
        let opted_out = "select count(*) from customers where survey_opt_out";
        assert_eq!(app.count(opted_out).await, 1, "{}", person.customer);
        assert_eq!(customer.follow(&refused).await.text("h1"), "已记录，不再询问");

        let (_, other, path) = written_to(&app, "李思远", 2).await;
        let form = [("q1_q10", "10"), ("no_more", "1")];
        assert_eq!(customer.post(&path, &form).await.status, 303);
        assert_eq!(
            one::<String>(&app, ENDING, other).await,
            "done/answered/true/true"
        );
        assert_eq!(app.count(opted_out).await, 2);
    });
}

#[test]
fn a_link_ends_with_what_it_asks_about_and_unknown_ones_look_alike() {
    with_app(async |app| {
        let (_, id, path) = written_to(&app, "赵雅楠", 1).await;
        sqlx::query("update outbox_messages set status = 'delivered', settled_at = $1")
            .bind(app.now())
            .execute(&app.db)
            .await
            .unwrap();
        app.advance(Duration::from_secs(48 * 60 * 60));
        let mut tx = app.db.begin().await.unwrap();
        messages::tend(&mut tx, app.scope(), app.now()).await.unwrap();
        tx.commit().await.unwrap();
        let mut customer = app.client();
        let ended = customer.get(&path).await;
        assert_eq!((ended.status, ended.text("h1")), (410, "评价已结束".to_owned()));
        assert_eq!(customer.post(&path, &[("q1_q10", "9")]).await.status, 303);
        assert_eq!(
            one::<String>(&app, ENDING, id).await,
            "exhausted/unreachable/false"
        );

        let mut seen = Vec::new();
        for unknown in ["/q/00000000000000000000000000000000", "/q/x", "/q/%E4%B8%AD"] {
            let answer = customer.get(unknown).await;
            assert_eq!(answer.status, 404, "{unknown}");
            seen.push(answer.html().to_owned());
            let posted = customer.post(unknown, &[("q1_q10", "9")]).await;
            assert_eq!((posted.status, posted.html()), (404, seen[0].as_str()));
        }
        assert!(seen.iter().all(|html| *html == seen[0]));
    });
}

#[test]
fn guessing_is_slowed_down_and_whoever_has_a_link_is_not_kept_out() {
    with_app(async |app| {
        let (_, _, path) = written_to(&app, "赵雅楠", 1).await;
        let mut customer = app.client();
        let mut last = 404;
        for _ in 0..31 {
            last = customer.get("/q/x").await.status;
        }
        assert_eq!(last, 429);
        assert_eq!(customer.get(&path).await.status, 200);
        for _ in 0..30 {
            last = customer.get(&path).await.status;
        }
        assert_eq!(last, 429);
        app.advance(Duration::from_secs(61));
        assert_eq!(customer.get(&path).await.status, 200);
    });
}

#[test]
fn an_answer_during_a_call_stands_and_the_caller_is_told() {
    with_app(async |app| {
        let (_, id, path) = written_to(&app, "赵雅楠", 1).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = take(&mut browser, id).await;
        let mut customer = app.client();
        assert_eq!(customer.post(&path, &[("q1_q10", "8")]).await.status, 303);
        let overall = question(&page, "q10");
        let form = with(base(&page), &[("outcome", "completed"), (overall.as_str(), "3")]);
        let saved = post(&mut browser, &format!("/callbacks/{id}"), &form).await;
        assert!(matches!(saved.status, 303 | 409 | 422), "{}", saved.status);
        assert_eq!(one::<String>(&app, ENDING, id).await, "done/answered/true/true");
        assert_eq!(one::<String>(&app, STATUS, id).await, "done");
        assert_eq!(app.count("select count(*) from responses").await, 1);
    });
}

#[test]
fn a_newer_questionnaire_does_not_change_what_a_link_asks() {
    with_app(async |app| {
        let (_, id, path) = written_to(&app, "赵雅楠", 1).await;
        sqlx::raw_sql(
            "with old as (update script_versions v set retired_at = now() from scripts s
                          where s.store_id = v.store_id and s.id = v.script_id and s.kind = 'questionnaire' and v.store_id = 1
                          returning v.store_id, v.script_id, v.body)
             insert into script_versions (store_id, script_id, version, body, published_at)
             select store_id, script_id, 2, jsonb_set(body, '{items}', jsonb_build_array(body -> 'items' -> 0)), now() from old",
        )
        .execute(&app.db)
        .await
        .unwrap();
        let mut customer = app.client();
        assert_eq!(customer.get(&path).await.count("input[name=q1_q10]"), 11);
        assert_eq!(customer.post(&path, &[("q1_q10", "9")]).await.status, 303);
        assert_eq!(one::<String>(&app, RESPONSE, id).await, "9/f/1");
    });
}
