//! Calls on paper: what is printed, that it is on record, and keying it in afterwards.

use std::time::Duration;

use care_desk::auth::permission::Role;
use care_desk::callbacks::CallbackId;
use care_desk::customers::PhoneId;

use crate::support::app::{TestApp, with_app};
use crate::support::build;
use crate::support::client::{Answer, Client};

/// Calls due one hour after the other from `03:00Z` on, given to a person.
async fn calls(app: &TestApp, owner: &str, from: usize, count: usize) -> Vec<CallbackId> {
    let owner = app.user(owner).await;
    let mut ids = Vec::new();
    for n in from..from + count {
        let person = build::person(
            app,
            &format!("客户{n}"),
            &format!("1380000{n:04}"),
            &format!("浙A{n:05}"),
        )
        .await;
        let visit = build::visit(app, &person, &format!("RO-{n}"))
            .handed_over("2026-11-21T03:00:00Z")
            .insert()
            .await;
        let id = build::callback(app, &person, visit, &format!("2026-11-24T{:02}:00:00Z", 3 + n)).await;
        sqlx::query("update callbacks set assigned_to = $2 where id = $1")
            .bind(id)
            .bind(owner)
            .execute(&app.db)
            .await
            .unwrap();
        ids.push(id);
    }
    ids
}

/// Makes sheets for these people.
async fn make(app: &TestApp, manager: &mut Client, people: &[&str], more: &[(&str, &str)]) -> Answer {
    let key = manager
        .get("/call_sheets/new")
        .await
        .attr("input[name=idem_key]", "value")
        .unwrap();
    let mut ids = Vec::new();
    for person in people {
        ids.push(app.user(person).await.to_string());
    }
    let mut fields = vec![("idem_key", key.as_str())];
    fields.extend(ids.iter().map(|id| ("person", id.as_str())));
    fields.extend(more);
    manager.post("/call_sheets", &fields).await
}

/// Codes and customers of the lines that are open on a sheet.
async fn lines(app: &TestApp) -> Vec<(String, i32, i64)> {
    sqlx::query_as(
        "select s.number, l.position, l.callback_id from call_sheet_lines l join call_sheets s on s.id = l.sheet_id order by s.id, l.position",
    )
    .fetch_all(&app.db)
    .await
    .unwrap()
}

async fn status(app: &TestApp, id: CallbackId) -> String {
    sqlx::query_scalar("select status from callbacks where id = $1")
        .bind(id)
        .fetch_one(&app.db)
        .await
        .unwrap()
}

#[test]
fn a_sheet_lists_ones_calls_by_deadline_and_each_call_once() {
    with_app(async |app| {
        let ids = calls(&app, "specialist", 0, 3).await;
        calls(&app, "clerk", 3, 1).await;
        sqlx::query("update callbacks set held_reason = 'car_in_shop' where id = $1")
            .bind(ids[1])
            .execute(&app.db)
            .await
            .unwrap();
        let mut manager = app.sign_in(Role::Manager).await;
        let asked = manager.get("/call_sheets/new").await;
        assert!(
            asked
                .texts("fieldset .check")
                .contains(&"specialist 名下 2 位".to_owned()),
            "{:?}",
            asked.texts("fieldset .check")
        );
        let made = make(&app, &mut manager, &["specialist", "clerk", "manager"], &[]).await;
        let list = manager.follow(&made).await;
        assert_eq!(list.text(".flash--page"), "已生成 2 张外呼单");
        assert_eq!(
            list.texts("tbody td:nth-child(2)"),
            ["CS-261124-02", "CS-261124-01"]
        );
        let expected = [
            ("CS-261124-01".to_owned(), 1, ids[0].get()),
            ("CS-261124-01".to_owned(), 2, ids[2].get()),
        ];
        assert_eq!(lines(&app).await[..2], expected);
        let again = make(&app, &mut manager, &["specialist"], &[]).await;
        assert_eq!(again.status, 422);
        assert_eq!(again.field_error("person"), "这些人没有可打印的回访");
        let none = make(&app, &mut manager, &[], &[("until", "2026-11-01")]).await;
        assert_eq!((none.status, none.field_error("until").is_empty()), (422, false));
        assert_eq!(
            app.count("select count(*) from audit where action = 'call_sheets.make'")
                .await,
            1
        );
    });
}

#[test]
fn what_is_nobodys_is_shared_out_when_asked() {
    with_app(async |app| {
        calls(&app, "specialist", 0, 4).await;
        sqlx::query("update callbacks set assigned_to = null")
            .execute(&app.db)
            .await
            .unwrap();
        let mut manager = app.sign_in(Role::Manager).await;
        let made = make(
            &app,
            &mut manager,
            &["specialist", "clerk"],
            &[("share", "1"), ("until", "2026-11-24")],
        )
        .await;
        assert_eq!(made.status, 303, "{}", made.text("main"));
        let sizes: Vec<i64> =
            sqlx::query_scalar("select count(*) from call_sheet_lines group by sheet_id order by sheet_id")
                .fetch_all(&app.db)
                .await
                .unwrap();
        assert_eq!(sizes, [2, 2]);
        assert_eq!(
            app.count("select count(*) from batches where list = 'callbacks' and row_count = 4")
                .await,
            1
        );
    });
}

#[test]
fn each_printed_number_is_a_reveal_on_record() {
    with_app(async |app| {
        calls(&app, "specialist", 0, 2).await;
        let mut manager = app.sign_in(Role::Manager).await;
        make(&app, &mut manager, &["specialist"], &[]).await;
        let id = app.count("select id from call_sheets").await.to_string();
        let masked = manager.get(&format!("/call_sheets/{id}")).await;
        assert!(!masked.html().contains("13800000000") && !masked.html().contains("138 0000 0000"));
        assert_eq!(app.count("select count(*) from reveals").await, 0);
        let paper = manager
            .post("/call_sheets/print", &[("sheet", id.as_str())])
            .await;
        assert_eq!(paper.status, 200);
        assert_eq!(paper.headers["cache-control"], "no-store");
        assert_eq!(paper.texts(".call-sheet__phone").len(), 2);
        let digits: String = paper
            .text(".call-sheet__phone")
            .chars()
            .filter(char::is_ascii_digit)
            .collect();
        assert_eq!(digits, "13800000000");
        assert_eq!(paper.text(".call-sheet__who b"), "01-01");
        assert_eq!(app.count("select count(*) from reveals where reason = 'call_sheet' and field = 'phone' and sheet_id is not null").await, 2);
        assert_eq!(
            app.count("select count(distinct subject_id) from audit where action = 'customers.reveal_phone' and change->>'reason' = 'call_sheet'").await,
            2
        );
        assert_eq!(app.count("select prints::bigint from call_sheets").await, 1);
        // Printing takes nothing from the hour of the eye, and the eye cannot pass for paper.
        let (customer, phone): (i64, PhoneId) = sqlx::query_as("select customer_id, id from phones limit 1")
            .fetch_one(&app.db)
            .await
            .unwrap();
        let eye = format!("/customers/{customer}/phones/{phone}/reveal");
        for _ in 0..60 {
            assert_eq!(manager.post(&eye, &[("reason", "call_sheet")]).await.status, 200);
        }
        assert_eq!(manager.post(&eye, &[("reason", "call_sheet")]).await.status, 429);
        assert_eq!(
            manager
                .post("/call_sheets/print", &[("sheet", id.as_str())])
                .await
                .status,
            200
        );

        sqlx::query("insert into reveals (store_id, user_id, at, field, reason, sheet_id)
                     select store_id, made_by, made_at, 'phone', 'call_sheet', id from call_sheets, generate_series(1, 295)")
            .execute(&app.db)
            .await
            .unwrap();
        assert_eq!(
            manager
                .post("/call_sheets/print", &[("sheet", id.as_str())])
                .await
                .status,
            429,
            "300 an hour"
        );
        app.advance(Duration::from_secs(3601));
        let mut manager = app.sign_in(Role::Manager).await;
        assert_eq!(
            manager
                .post("/call_sheets/print", &[("sheet", id.as_str())])
                .await
                .status,
            200
        );
    });
}

/// The only item of a line, as its page names it.
fn item(page: &Answer, position: i32) -> String {
    page.attr(&format!("input[name=l{position}_item]"), "value")
        .unwrap()
}

#[test]
fn lines_are_settled_with_the_time_of_the_call() {
    with_app(async |app| {
        let ids = calls(&app, "specialist", 0, 3).await;
        let mut manager = app.sign_in(Role::Manager).await;
        make(&app, &mut manager, &["specialist"], &[]).await;
        let path = format!("/call_sheets/{}", app.count("select id from call_sheets").await);
        // The network is back four hours later: the first deadline, 11:00, is past.
        app.advance(Duration::from_secs(4 * 3600));
        let mut me = app.sign_in(Role::Specialist).await;
        let page = me.get(&path).await;
        assert_eq!(page.count(".key-line"), 3);
        let (first, third) = (item(&page, 1), item(&page, 3));
        let score = format!("l1_q{first}_q10");
        let done = me
            .post(
                &path,
                &[
                    ("day", "2026-11-24"),
                    ("l1_item", &first),
                    ("l1_at", "1040"),
                    ("l1_result", "completed"),
                    (&score, "9"),
                    ("l1_note", "很满意"),
                    ("l3_item", &third),
                    ("l3_at", "11:05"),
                    ("l3_result", "no_answer"),
                ],
            )
            .await;
        assert_eq!(done.location(), path, "{}", done.text("main"));
        let page = me.follow(&done).await;
        assert_eq!(page.text(".flash--page"), "已录入 2 行");
        assert_eq!(page.count(".key-line"), 1);
        assert_eq!(status(&app, ids[0]).await, "done");
        let ended = "select count(*) from obligations where status = 'done' and ended_at = '2026-11-24T02:40:00Z' and ended_at <= due_at and is_satisfied";
        assert_eq!(app.count(ended).await, 1, "in time, because the call was");
        let attempts: Vec<(String, String)> = sqlx::query_as(
            "select to_char(a.at at time zone 'Asia/Shanghai', 'HH24:MI'), u.username from attempts a join users u on u.id = a.user_id order by a.at",
        )
        .fetch_all(&app.db)
        .await
        .unwrap();
        let me_at = |at: &str| (at.to_owned(), "specialist".to_owned());
        assert_eq!(attempts, [me_at("10:40"), me_at("11:05")]);
        assert_eq!(status(&app, ids[2]).await, "open");
        assert_eq!(
            app.count("select dials::bigint from callbacks order by id desc limit 1")
                .await,
            1
        );
        // The record says when it was keyed in.
        assert_eq!(
            app.count(
                "select count(*) from audit where action = 'call_sheets.key' and at = '2026-11-24T06:00:00Z'"
            )
            .await,
            2
        );
        assert_eq!(
            app.count(
                "select count(*) from audit where action = 'callbacks.settle' and at < '2026-11-24T06:00:00Z'"
            )
            .await,
            0
        );
        let again = me
            .post(
                &path,
                &[
                    ("day", "2026-11-24"),
                    ("l1_item", &first),
                    ("l1_at", "1040"),
                    ("l1_result", "busy"),
                ],
            )
            .await;
        assert_eq!(again.status, 303);
        assert_eq!(
            app.count("select count(*) from attempts").await,
            2,
            "keyed in once"
        );
    });
}

#[test]
fn what_is_wrong_stays_and_what_somebody_else_has_settled_is_kept() {
    with_app(async |app| {
        let ids = calls(&app, "specialist", 0, 4).await;
        app.add_user("second", Role::Specialist, Some(app.store)).await;
        let mut manager = app.sign_in(Role::Manager).await;
        make(&app, &mut manager, &["specialist"], &[]).await;
        let path = format!("/call_sheets/{}", app.count("select id from call_sheets").await);
        app.advance(Duration::from_secs(3 * 3600));
        let second = app.user("second").await;
        sqlx::query("update callbacks set assigned_to = null")
            .execute(&app.db)
            .await
            .unwrap();
        let mut other = app.sign_in_as("second").await;
        // The second one is settled by a colleague, the third one is in a colleague's hands.
        let next = format!("/callbacks/{}", ids[1]);
        other.post(&format!("{next}/claim"), &[]).await;
        let call = other.get(&next).await;
        let value = |name: &str| call.attr(&format!("input[name={name}]"), "value").unwrap();
        let (token, key, listed) = (value("token"), value("idem_key"), value("item"));
        let refused = [
            ("token", token.as_str()),
            ("idem_key", &key),
            ("item", &listed),
            ("after", "list"),
            ("outcome", "refused"),
        ];
        assert_eq!(other.post(&next, &refused).await.status, 303);
        other.post(&format!("/callbacks/{}/claim", ids[2]), &[]).await;
        assert_eq!(
            app.count("select count(*) from callbacks where status = 'claimed'")
                .await,
            1
        );

        let mut me = app.sign_in(Role::Specialist).await;
        let page = me.get(&path).await;
        let (first, third, fourth) = (item(&page, 1), item(&page, 3), item(&page, 4));
        let answer = me
            .post(
                &path,
                &[
                    ("day", "2026-11-24"),
                    ("l1_item", &first),
                    ("l1_at", "23:00"),
                    ("l1_result", "busy"),
                    ("l1_note", "第一行的备注"),
                    ("l2_at", "10:30"),
                    ("l2_result", "completed"),
                    ("l2_note", "他说周末来"),
                    ("l3_item", &third),
                    ("l3_at", "10:45"),
                    ("l3_result", "no_answer"),
                    ("l4_item", &fourth),
                    ("l4_at", "10:50"),
                    ("l4_result", "no_answer"),
                ],
            )
            .await;
        assert_eq!(answer.status, 422);
        assert_eq!(answer.text(".flash--page"), "已录入 1 行，下面的行还需要处理。");
        assert_eq!(
            answer.texts(".is-refused-line .key-line__who b"),
            ["01-01", "01-03"]
        );
        assert_eq!(
            answer.attr("input[name=l1_note]", "value").as_deref(),
            Some("第一行的备注")
        );
        assert!(
            answer.text("#fault-01-01").contains("时间："),
            "{}",
            answer.text("#fault-01-01")
        );
        assert!(answer.text("#fault-01-03").contains("同事正在处理这位客户"));
        let kept = answer.text("tr[data-line='01-02']");
        assert!(
            kept.contains("second 已于") && kept.contains("他说周末来") && kept.contains("10:30"),
            "{kept}"
        );
        assert_eq!(status(&app, ids[0]).await, "open");
        assert_eq!(app.count("select count(*) from call_sheet_lines where state = 'refused' and typed->>'note' = '他说周末来'").await, 1);
        let last: i64 =
            sqlx::query_scalar("select count(*) from attempts where callback_id = $1 and user_id <> $2")
                .bind(ids[3])
                .bind(second)
                .fetch_one(&app.db)
                .await
                .unwrap();
        assert_eq!(last, 1, "the fault of one line keeps back no other");
    });
}

#[test]
fn sheets_are_the_managers_and_ones_own() {
    with_app(async |app| {
        calls(&app, "specialist", 0, 1).await;
        let mut manager = app.sign_in(Role::Manager).await;
        make(&app, &mut manager, &["specialist"], &[]).await;
        let id = app.count("select id from call_sheets").await;
        let path = format!("/call_sheets/{id}");
        let mut clerk = app.sign_in(Role::Clerk).await;
        assert_eq!(clerk.get(&path).await.status, 404, "another person's sheet");
        assert_eq!(clerk.get("/call_sheets").await.count("tbody tr"), 0);
        let mut me = app.sign_in(Role::Specialist).await;
        assert_eq!(me.get("/call_sheets").await.count("tbody tr"), 1);
        for answer in [
            me.get("/call_sheets/new").await,
            me.post("/call_sheets", &[]).await,
            me.post("/call_sheets/print", &[("sheet", &id.to_string())]).await,
        ] {
            assert_eq!(answer.status, 403, "only who hands them out prints them");
        }
        // What a manager keys in is the call of whose sheet it is.
        let page = manager.get(&path).await;
        let first = item(&page, 1);
        app.advance(Duration::from_secs(1800));
        let fields = [
            ("day", "2026-11-24"),
            ("l1_item", first.as_str()),
            ("l1_at", "1030"),
            ("l1_result", "refused"),
        ];
        assert_eq!(manager.post(&path, &fields).await.status, 303);
        let by: (String, String) = sqlx::query_as(
            "select u.username, k.username from attempts a join users u on u.id = a.user_id
             join audit x on x.action = 'callbacks.settle' join users k on k.id = x.actor_id",
        )
        .fetch_one(&app.db)
        .await
        .unwrap();
        assert_eq!(by, ("specialist".to_owned(), "manager".to_owned()));
        app.add_user("neighbour", Role::Manager, Some(app.other_store))
            .await;
        let mut neighbour = app.sign_in_as("neighbour").await;
        assert_eq!(neighbour.get(&path).await.status, 404);
        assert_eq!(
            neighbour
                .post("/call_sheets/print", &[("sheet", &id.to_string())])
                .await
                .status,
            404
        );
    });
}
