//! Giving out many calls: the count first, nobody a customer they served, and back again.

use care_desk::auth::permission::Role;
use care_desk::callbacks::CallbackId;
use care_desk::users::UserId;

use crate::support::app::{TestApp, with_app};
use crate::support::build;
use crate::support::client::{Answer, Client};

/// Calls due one hour after the other, the first one at `02:00Z`; some customers were served by an advisor.
async fn calls(app: &TestApp, served_by: &[Option<UserId>]) -> Vec<CallbackId> {
    let mut ids = Vec::new();
    for (n, advisor) in served_by.iter().enumerate() {
        let person = build::person(
            app,
            &format!("客户{n}"),
            &format!("1380000{n:04}"),
            &format!("浙A{n:05}"),
        )
        .await;
        let mut visit = build::visit(app, &person, &format!("RO-{n}"));
        if let Some(advisor) = advisor {
            visit = visit.advisor(*advisor);
        }
        let visit = visit.insert().await;
        let due = format!("2026-11-24T{:02}:00:00Z", 2 + n);
        ids.push(build::callback(app, &person, visit, &due).await);
    }
    ids
}

/// Username of whoever has each call, in the order of their ids.
async fn owners(app: &TestApp) -> Vec<String> {
    sqlx::query_scalar(
        "select coalesce(u.username, '-') from callbacks b left join users u on u.id = b.assigned_to order by b.id",
    )
    .fetch_all(&app.db)
    .await
    .unwrap()
}

/// Posts the question, and then its confirmation.
async fn confirmed(browser: &mut Client, fields: &[(&str, &str)]) -> (Answer, Answer) {
    let asked = browser.post("/callbacks/bulk", fields).await;
    assert_eq!(asked.status, 200, "{}", asked.text("main"));
    let hidden: Vec<(String, String)> = ["expected", "idem_key"]
        .iter()
        .map(|name| {
            let value = asked.attr(&format!("form.row input[name={name}]"), "value");
            let value = value.unwrap_or_else(|| panic!("no {name}: {}", asked.text("main")));
            ((*name).to_owned(), value)
        })
        .collect();
    let mut all = fields.to_vec();
    all.extend(hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let done = browser.post("/callbacks/bulk", &all).await;
    (asked, done)
}

#[test]
fn ticked_calls_go_to_one_person_but_not_to_who_served_the_customer() {
    with_app(async |app| {
        let me = app.user("specialist").await;
        let ids = calls(&app, &[None, Some(me), None]).await;
        let mut manager = app.sign_in(Role::Manager).await;
        let list = manager.get("/callbacks").await;
        assert_eq!(list.count("input[name=row]"), 3);
        let (change, first, second) = (format!("assign:{me}"), ids[0].to_string(), ids[1].to_string());
        let fields = [
            ("scope", "ticked"),
            ("filter", "tab=all"),
            ("change", change.as_str()),
            ("row", first.as_str()),
            ("row", second.as_str()),
        ];
        let (asked, done) = confirmed(&mut manager, &fields).await;
        assert_eq!(asked.text("h1"), "分配给 specialist");
        assert_eq!(asked.text(".confirm-count b"), "2");
        assert_eq!(
            asked.text(".confirm-notes li"),
            "其中 1 位由此人接待过，不会分配。"
        );
        assert_eq!(done.location(), "/callbacks?tab=all");
        let list = manager.follow(&done).await;
        assert_eq!(list.text(".flash--page"), "已修改 1 条，另有 1 条本来就是这样");
        assert_eq!(owners(&app).await, ["specialist", "-", "-"]);
        assert_eq!(list.count(".list-undo"), 1);

        let mut clerk = app.sign_in(Role::Clerk).await;
        clerk.post("/callbacks/next", &[]).await;
        let claimed: i64 = app
            .count("select min(id) from callbacks where status = 'claimed'")
            .await;
        assert_eq!(claimed, ids[1].get(), "the first one belongs to somebody else");
        let none = manager
            .post("/callbacks/bulk", &[("scope", "ticked"), ("change", "spread:")])
            .await;
        assert_eq!(
            manager.follow(&none).await.text(".flash--page"),
            "请先勾选记录，再选择修改内容"
        );
    });
}

#[test]
fn the_whole_filter_is_counted_first_and_asked_again_when_it_grows() {
    with_app(async |app| {
        calls(&app, &[None, None, None]).await;
        let me = app.user("specialist").await;
        let mut manager = app.sign_in(Role::Manager).await;
        let change = format!("assign:{me}");
        let fields = [
            ("scope", "filter"),
            ("filter", "tab=all&person=none"),
            ("change", change.as_str()),
        ];
        let asked = manager.post("/callbacks/bulk", &fields).await;
        assert_eq!(asked.text(".confirm-count b"), "3");
        let key = asked.attr("input[name=idem_key]", "value").unwrap();
        let person = build::person(&app, "新来的", "13900000099", "浙A99999").await;
        let visit = build::visit(&app, &person, "RO-99").insert().await;
        build::callback(&app, &person, visit, "2026-11-25T02:00:00Z").await;
        let stale = [&fields[..], &[("expected", "3"), ("idem_key", key.as_str())]].concat();
        let again = manager.post("/callbacks/bulk", &stale).await;
        assert!(
            again.text(".flash--soon").contains("刚才 3 条，现在 4 条"),
            "{}",
            again.text("main")
        );
        assert_eq!(owners(&app).await, ["-"; 4]);
        let key = again.attr("input[name=idem_key]", "value").unwrap();
        let right = [&fields[..], &[("expected", "4"), ("idem_key", key.as_str())]].concat();
        for _ in 0..2 {
            assert_eq!(manager.post("/callbacks/bulk", &right).await.status, 303);
        }
        assert_eq!(owners(&app).await, ["specialist"; 4]);
        let audited =
            "select count(*) from audit where action = 'callbacks.change_many' and change->>'rows' = '4'";
        assert_eq!(
            app.count(audited).await,
            1,
            "one entry, though it was posted twice"
        );
        assert_eq!(app.count("select count(*) from batch_rows").await, 4);
    });
}

#[test]
fn the_work_of_one_is_shared_out_to_the_others_and_comes_back() {
    with_app(async |app| {
        let (me, clerk) = (app.user("specialist").await, app.user("clerk").await);
        app.add_user("second", Role::Specialist, Some(app.store)).await;
        let ids = calls(&app, &[None, Some(clerk), None, None, None]).await;
        sqlx::query("update callbacks set assigned_to = $1")
            .bind(me)
            .execute(&app.db)
            .await
            .unwrap();
        let mut manager = app.sign_in(Role::Manager).await;
        let board = manager.get("/floor").await;
        let row = format!("tr[data-person='{me}']");
        assert_eq!(
            board.attr(&format!("{row} button"), "value"),
            Some(format!("spread:{me}"))
        );
        let filter = board.attr(&format!("{row} input[name=filter]"), "value").unwrap();
        let change = format!("spread:{me}");
        let fields = [
            ("scope", "filter"),
            ("filter", filter.as_str()),
            ("change", change.as_str()),
        ];
        let (asked, done) = confirmed(&mut manager, &fields).await;
        assert_eq!(asked.text("h1"), "把 specialist 的待回访平均分给其他人");
        assert_eq!(
            asked.texts(".confirm-notes li"),
            [
                "clerk：分到 3 位，手上另有 0 位",
                "second：分到 2 位，手上另有 0 位"
            ]
        );
        assert_eq!(done.status, 303);
        // Round robin by deadline, but the clerk has served the second customer.
        assert_eq!(
            owners(&app).await,
            ["clerk", "second", "clerk", "second", "clerk"].map(String::from)
        );

        // One of them is worked on meanwhile: it stays, the others go back.
        let mut second = app.sign_in_as("second").await;
        second.post(&format!("/callbacks/{}/claim", ids[1]), &[]).await;
        let batch = app.count("select max(id) from batches").await;
        let undone = manager.post(&format!("/callbacks/bulk/{batch}/undo"), &[]).await;
        assert_eq!(
            manager.follow(&undone).await.text(".flash--page"),
            "已撤销，4 位回到原来的人；1 位之后有过变动，没有改回"
        );
        let owners = owners(&app).await;
        assert_eq!(
            owners,
            ["specialist", "second", "specialist", "specialist", "specialist"].map(String::from)
        );
        let again = manager.post(&format!("/callbacks/bulk/{batch}/undo"), &[]).await;
        assert_eq!(
            manager.follow(&again).await.text(".flash--page"),
            "这次修改已经撤销过"
        );
        assert_eq!(
            app.count(
                "select count(*) from audit where action = 'callbacks.undo_many' and change->>'rows' = '4'"
            )
            .await,
            1
        );
    });
}

#[test]
fn calls_that_nobody_may_take_go_back_to_the_common_queue() {
    with_app(async |app| {
        let (me, clerk) = (app.user("specialist").await, app.user("clerk").await);
        calls(&app, &[Some(clerk), None]).await;
        sqlx::query("update callbacks set assigned_to = $1")
            .bind(me)
            .execute(&app.db)
            .await
            .unwrap();
        let mut manager = app.sign_in(Role::Manager).await;
        let (filter, change) = (format!("tab=all&person={me}"), format!("spread:{me}"));
        let fields = [
            ("scope", "filter"),
            ("filter", filter.as_str()),
            ("change", change.as_str()),
        ];
        let (asked, done) = confirmed(&mut manager, &fields).await;
        assert!(
            asked
                .texts(".confirm-notes li")
                .contains(&"1 位没有可以接手的人，放回公共队列。".to_owned())
        );
        assert_eq!(manager.follow(&done).await.status, 200);
        assert_eq!(owners(&app).await, ["-", "clerk"].map(String::from));
    });
}

#[test]
fn taking_back_ends_a_ticked_call_in_progress_and_spares_the_others() {
    with_app(async |app| {
        let me = app.user("specialist").await;
        let ids = calls(&app, &[None, None]).await;
        sqlx::query("update callbacks set assigned_to = $1")
            .bind(me)
            .execute(&app.db)
            .await
            .unwrap();
        let mut specialist = app.sign_in(Role::Specialist).await;
        specialist
            .post(&format!("/callbacks/{}/claim", ids[0]), &[])
            .await;
        let mut manager = app.sign_in(Role::Manager).await;
        let filter = format!("tab=all&person={me}");
        let whole = [
            ("scope", "filter"),
            ("filter", filter.as_str()),
            ("change", "take_back:"),
        ];
        let (asked, _) = confirmed(&mut manager, &whole).await;
        assert_eq!(
            asked.text(".confirm-count b"),
            "1",
            "nobody is torn out of a call"
        );
        let states = "select count(*) from callbacks where status = 'claimed' and assigned_to is not null";
        assert_eq!(app.count(states).await, 1);

        let id = ids[0].to_string();
        let ticked = [
            ("scope", "ticked"),
            ("row", id.as_str()),
            ("change", "take_back:"),
        ];
        confirmed(&mut manager, &ticked).await;
        assert_eq!(owners(&app).await, ["-", "-"]);
        assert_eq!(
            app.count("select count(*) from callbacks where status = 'claimed'")
                .await,
            0
        );
    });
}

#[test]
fn only_managers_give_out_and_only_in_their_store() {
    with_app(async |app| {
        let person = build::person_in(&app, app.other_store, "外店", "13900000001", "浙B00001").await;
        let visit = build::visit(&app, &person, "RO-1")
            .store(app.other_store)
            .insert()
            .await;
        let foreign = build::callback_in(&app, app.other_store, &person, visit, "2026-11-24T04:00:00Z").await;
        for role in [Role::Specialist, Role::Clerk, Role::Group, Role::Admin] {
            let mut browser = app.sign_in(role).await;
            assert_eq!(browser.post("/callbacks/bulk", &[]).await.status, 403, "{role}");
        }
        let mut manager = app.sign_in(Role::Manager).await;
        let (row, change) = (
            foreign.to_string(),
            format!("assign:{}", app.user("specialist").await),
        );
        let fields = [
            ("scope", "ticked"),
            ("row", row.as_str()),
            ("change", change.as_str()),
        ];
        let asked = manager.post("/callbacks/bulk", &fields).await;
        assert!(
            asked.text(".flash--soon").contains("已没有符合条件的记录"),
            "{}",
            asked.text("main")
        );
        assert_eq!(owners(&app).await, ["-"]);
    });
}
