//! Complaints that callbacks bring to light: the case, its number, its clock, and who sees it.

use care_desk::auth::permission::Role;
use care_desk::callbacks::CallbackId;
use sqlx::Row;

use crate::support::app::{TestApp, with_app};
use crate::support::build;
use crate::support::client::Client;

const WORDS: &str = "说好一个半小时，等了快两个小时";

async fn callback(app: &TestApp, number: usize) -> CallbackId {
    let person = build::person(
        app,
        "赵雅楠",
        &format!("1380000{number:04}"),
        &format!("浙A{number:05}"),
    )
    .await;
    let visit = build::visit(app, &person, &format!("RO-{number}")).insert().await;
    build::callback(app, &person, visit, "2026-11-24T12:00:00Z").await
}

/// Settles a call with a dissatisfied answer; the status of the answer.
async fn dissatisfied(browser: &mut Client, id: CallbackId, more: &[(&str, &str)]) -> u16 {
    browser.post(&format!("/callbacks/{id}/claim"), &[]).await;
    let page = browser.get(&format!("/callbacks/{id}")).await;
    let value = |name: &str| page.attr(&format!("input[name={name}]"), "value").unwrap();
    let (token, key, item) = (value("token"), value("idem_key"), value("item"));
    let (overall, fixed) = (format!("q{item}_q10"), format!("q{item}_q5"));
    let reason = format!("reason{item}");
    let mut fields = vec![
        ("token", token.as_str()),
        ("idem_key", key.as_str()),
        ("item", item.as_str()),
        ("after", "list"),
        ("outcome", "completed"),
        (overall.as_str(), "6"),
        (fixed.as_str(), "yes"),
        (reason.as_str(), "waiting"),
        (reason.as_str(), "hand_over"),
        ("words", WORDS),
    ];
    fields.extend_from_slice(more);
    let first = browser.post(&format!("/callbacks/{id}"), &fields).await.status;
    let second = browser.post(&format!("/callbacks/{id}"), &fields).await.status;
    assert_eq!(first, second);
    first
}

#[test]
fn a_dissatisfied_answer_opens_one_complaint_with_one_clock() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Specialist).await;
        let department: i64 =
            sqlx::query_scalar("select id from departments where store_id = $1 order by id limit 1")
                .bind(app.store)
                .fetch_one(&app.db)
                .await
                .unwrap();
        let department = department.to_string();
        let id = callback(&app, 1).await;
        assert_eq!(
            dissatisfied(&mut browser, id, &[("department", &department)]).await,
            303
        );
        let row = sqlx::query(
            "select p.number, p.channel, p.severity, p.class_major, p.class_minor, p.words, p.from_callback_id = $1 and p.visit_id is not null as ours,
                    o.due_at = p.accepted_at + interval '2 hours' as in_two_hours, o.channel as owed
             from complaints p join obligations o on o.complaint_id = p.id and o.kind = 'complaint_dispatch'",
        )
        .bind(id)
        .fetch_one(&app.db)
        .await
        .unwrap();
        for (column, expected) in [
            ("number", "CP-261124-01"),
            ("channel", "callback"),
            ("severity", "D"),
            ("class_major", "efficiency"),
            ("class_minor", "waiting"),
            ("words", WORDS),
            ("owed", "none"),
        ] {
            assert_eq!(row.get::<String, _>(column), expected, "{column}");
        }
        assert!(row.get::<bool, _>("ours") && row.get::<bool, _>("in_two_hours"));
        assert_eq!(
            app.count("select count(*) from complaint_events where kind = 'accepted'")
                .await,
            1
        );
        let satisfied: bool =
            sqlx::query_scalar("select is_satisfied from obligations where callback_id = $1")
                .bind(id)
                .fetch_one(&app.db)
                .await
                .unwrap();
        assert!(!satisfied);

        let list = browser.get("/complaints").await;
        assert!(list.text("tbody tr").contains(WORDS), "{}", list.text("main"));
        assert!(
            list.text("tbody tr").contains("售后服务部") && list.text("tbody .stages").contains("剩 2:00")
        );
        let path = list.attr("tbody a", "href").unwrap();
        let page = browser.get(&path).await;
        assert_eq!(page.text("blockquote"), WORDS);
        assert!(
            page.text("main").contains("服务效率 / 等待时间"),
            "{}",
            page.text("main")
        );
    });
}

#[test]
fn a_demand_makes_it_graver_and_numbers_count_on() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Specialist).await;
        for number in 1..=3 {
            let id = callback(&app, number).await;
            let demand = [("demand", "要求书面答复")];
            assert_eq!(
                dissatisfied(&mut browser, id, if number == 2 { &demand } else { &[] }).await,
                303
            );
        }
        let rows: Vec<String> = sqlx::query_scalar("select number || severity from complaints order by id")
            .fetch_all(&app.db)
            .await
            .unwrap();
        assert_eq!(rows, ["CP-261124-01D", "CP-261124-02C", "CP-261124-03D"]);
    });
}

#[test]
fn two_cases_at_the_same_moment_get_two_numbers() {
    with_app(async |app| {
        let mut tasks = Vec::new();
        for number in 0..6 {
            let id = callback(&app, number).await;
            app.add_user(&format!("worker{number}"), Role::Specialist, Some(app.store))
                .await;
            let mut browser = app.sign_in_as(&format!("worker{number}")).await;
            tasks.push(tokio::spawn(
                async move { dissatisfied(&mut browser, id, &[]).await },
            ));
        }
        for task in tasks {
            assert_eq!(task.await.unwrap(), 303);
        }
        let last = app
            .count("select max(right(number, 2)::bigint) from complaints having count(*) = count(distinct number)")
            .await;
        assert_eq!(last, 6);
    });
}

#[test]
fn a_case_heard_after_closing_is_due_after_the_next_opening() {
    with_app(async |app| {
        app.set_now("2026-11-24T12:05:00Z");
        let mut browser = app.sign_in(Role::Specialist).await;
        let id = callback(&app, 1).await;
        assert_eq!(dissatisfied(&mut browser, id, &[]).await, 303);
        let due: String = sqlx::query_scalar(
            "select to_char(due_at at time zone 'Asia/Shanghai', 'DD HH24:MI') from obligations where kind = 'complaint_dispatch'",
        )
        .fetch_one(&app.db)
        .await
        .unwrap();
        assert_eq!(due, "25 10:30");
    });
}

#[test]
fn a_handler_sees_own_cases_only_and_another_store_none() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Specialist).await;
        let id = callback(&app, 1).await;
        dissatisfied(&mut browser, id, &[]).await;
        let path = browser.get("/complaints").await.attr("tbody a", "href").unwrap();
        let mut handler = app.sign_in(Role::Handler).await;
        assert_eq!(handler.get("/complaints").await.count(".empty"), 1);
        assert_eq!(handler.get(&path).await.status, 404);
        sqlx::query("update complaints set handler_id = $1")
            .bind(app.user("handler").await)
            .execute(&app.db)
            .await
            .unwrap();
        assert_eq!(handler.get("/complaints").await.count("tbody tr"), 1);
        assert_eq!(handler.get(&path).await.status, 200);
        app.add_user("elsewhere", Role::Manager, Some(app.other_store))
            .await;
        let mut other = app.sign_in_as("elsewhere").await;
        assert_eq!(other.get(&path).await.status, 404);
        assert_eq!(other.get("/complaints?tab=all").await.count(".empty"), 1);
        assert_eq!(browser.get("/complaints/999999").await.status, 404);
        for (query, found) in [
            ("q=CP-261124", 1),
            ("q=赵雅", 1),
            ("q=nobody", 0),
            ("severity=D", 1),
            ("severity=A", 0),
            ("tab=all", 1),
        ] {
            let (name, value) = query.split_once('=').unwrap();
            let address = format!(
                "/complaints?{name}={}",
                care_desk::web::error::encode_query(value)
            );
            assert_eq!(browser.get(&address).await.count("tbody tr"), found, "{query}");
        }
    });
}
