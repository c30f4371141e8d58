//! The manager's board: figures that equal their rows, who may look, and the line that keeps it fresh.

use std::time::Duration;

use care_desk::auth::permission::Role;
use care_desk::floor::live::{Live, Timing};

use crate::support::app::{TestApp, with_app};
use crate::support::build;
use crate::support::client::{Answer, Client};

/// A line that stays open and looks for news all the time.
fn lively() -> Live {
    Live::with(Timing {
        every: Duration::from_millis(20),
        heartbeat: Duration::from_millis(40),
        limit: Duration::from_secs(3600),
    })
}

/// Work of every kind: open, overdue, ended today and before, on the phone, held back, assigned, due later.
async fn seed(app: &TestApp) {
    let (me, clerk) = (app.user("specialist").await, app.user("clerk").await);
    for (n, due) in [
        (0, "2026-11-23T10:00:00Z"),
        (1, "2026-11-24T01:30:00Z"),
        (2, "2026-11-24T03:00:00Z"),
        (3, "2026-11-24T03:59:00Z"),
        (4, "2026-11-24T04:00:00Z"),
        (5, "2026-11-24T11:00:00Z"),
        (6, "2026-11-26T11:00:00Z"),
    ] {
        let person = build::person(
            app,
            &format!("客户{n}"),
            &format!("1380000{n:04}"),
            &format!("浙A{n:05}"),
        )
        .await;
        let visit = build::visit(app, &person, &format!("RO-{n}")).insert().await;
        let id = build::callback(app, &person, visit, due).await;
        let sql = match n {
            0 => "update callbacks set assigned_to = $2 where id = $1",
            2 => "update callbacks set assigned_to = $2, dials = 1 where id = $1",
            3 => "update callbacks set status = 'claimed', claimed_by = $2, claimed_at = created_at - interval '5 minutes',
                                       lease_until = created_at + interval '10 minutes', lease_token = gen_random_uuid() where id = $1",
            4 => "update callbacks set held_reason = 'car_in_shop', assigned_to = nullif($2, $2) where id = $1",
            6 => "update callbacks set assigned_to = $2, held_reason = 'touch_limit' where id = $1",
            _ => continue,
        };
        sqlx::query(sql).bind(id).bind(me).execute(&app.db).await.unwrap();
    }
    let person = build::person(app, "办结", "13900000000", "浙A88888").await;
    for (n, (kind, status, ended, by)) in [
        ("warranty_expiry", "done", "2026-11-24T01:00:00Z", me),
        ("warranty_expiry", "exhausted", "2026-11-24T01:40:00Z", clerk),
        ("lost_customer", "done", "2026-11-23T18:00:00Z", me),
        ("lost_customer", "done", "2026-11-23T03:00:00Z", me),
        ("lost_customer", "exempt", "2026-11-24T01:00:00Z", me),
    ]
    .into_iter()
    .enumerate()
    {
        build::obligation(app, &person, kind, &n.to_string())
            .due("2026-11-25T01:00:00Z")
            .cohort("2026-09-30")
            .responsible(clerk)
            .ended(status, ended, by)
            .insert()
            .await;
    }
    build::obligation(app, &person, "first_maintenance", "1")
        .due("2026-11-24T08:00:00Z")
        .insert()
        .await;
    // 08:30 to 09:50 on the wall clock of the store, one of them yesterday.
    for (n, (at, result, by)) in [
        ("2026-11-24T00:30:00Z", "completed", me),
        ("2026-11-24T01:10:00Z", "no_answer", me),
        ("2026-11-24T01:40:00Z", "refused", clerk),
        ("2026-11-24T01:50:00Z", "busy", clerk),
        ("2026-11-23T01:50:00Z", "completed", me),
        ("2026-11-17T06:10:00Z", "completed", me),
    ]
    .into_iter()
    .enumerate()
    {
        sqlx::query(
            "insert into attempts (store_id, callback_id, customer_id, user_id, at, on_day, daypart, result, idem_key)
             select b.store_id, b.id, b.customer_id, $1, $2::timestamptz, ($2::timestamptz at time zone 'Asia/Shanghai')::date, 1, $3, gen_random_uuid()
             from callbacks b order by b.id offset $4 limit 1",
        )
        .bind(by)
        .bind(at.parse::<chrono::DateTime<chrono::Utc>>().unwrap())
        .bind(result)
        .bind(n as i64)
        .execute(&app.db)
        .await
        .unwrap();
    }
}

/// Texts of the tiles: left, at risk, overdue, this hour, nobody's.
fn tiles(page: &Answer) -> Vec<String> {
    page.texts(".tiles .tile__value")
}

#[test]
fn every_figure_is_the_number_of_rows_that_it_opens() {
    with_app(async |app| {
        seed(&app).await;
        let mut manager = app.sign_in(Role::Manager).await;
        let page = manager.get("/floor").await;
        assert_eq!(page.status, 200);
        // Seven callbacks without the one of the day after tomorrow, and the maintenance.
        assert_eq!(tiles(&page), ["7", "2", "2", "0", "3"]);
        assert_eq!(
            page.texts("tr[data-kind=post_service] td")[..4],
            ["6", "0", "6", "2"]
        );
        assert_eq!(
            page.texts("tr[data-kind=warranty_expiry] td")[..4],
            ["2", "2", "0", "0"]
        );
        assert_eq!(
            page.texts("tr[data-kind=lost_customer] td")[..4],
            ["1", "1", "0", "0"]
        );
        assert_eq!(page.texts("tr[data-kind=total] td")[..4], ["10", "3", "7", "2"]);
        let me = app.user("specialist").await;
        assert_eq!(
            page.texts(&format!("tr[data-person='{me}'] td"))[..5],
            ["2", "3", "2", "2", "50%"]
        );

        let links = page.links("[data-live] a[href]");
        let mut compared = 0;
        for (href, text) in &links {
            let Ok(n) = text.parse::<usize>() else { continue };
            let rows = manager.get(href).await;
            assert_eq!(rows.status, 200, "{href}");
            let found = if href.starts_with("/obligations") {
                rows.count("tr[data-obligation]")
            } else {
                rows.count("tbody tr")
            };
            assert_eq!(found, n, "{href}");
            compared += 1;
        }
        assert!(compared > 25, "{compared} figures: {links:?}");
    });
}

#[test]
fn the_lists_name_who_is_calling_what_is_at_risk_and_what_is_held() {
    with_app(async |app| {
        seed(&app).await;
        let mut manager = app.sign_in(Role::Manager).await;
        let page = manager.get("/floor").await;
        let claimed = page.text("[data-list=claimed] li");
        assert!(
            claimed.contains("specialist") && claimed.contains("已 0:05") && claimed.contains("客户3"),
            "{claimed}"
        );
        assert_eq!(page.count("[data-list=at_risk] li"), 2);
        assert!(page.text("[data-list=at_risk] li").contains("客户2"));
        let held = page.texts("aside dl.dl dt");
        assert!(
            held.contains(&"车辆在店".to_owned()) && held.contains(&"近期联系过多".to_owned()),
            "{held:?}"
        );
        // Eight o'clock is no calling hour, but somebody was dialled in it.
        assert_eq!(page.texts(".heat__axis span[role=columnheader]")[1], "8:00");
        let dials = page.texts(".heat__row:nth-child(2) [role=cell]");
        assert_eq!(dials[..2], ["1", "3"]);
        let rates = page.texts(".heat__row:nth-child(3) [role=cell]");
        assert_eq!(rates[..2], ["100%", "33%"]);
        assert_eq!(page.count("svg .ch-line.s1"), 1);
    });
}

#[test]
fn each_role_sees_what_it_may_and_no_store_another() {
    with_app(async |app| {
        seed(&app).await;
        for role in [Role::Specialist, Role::Clerk, Role::Receptionist, Role::Handler] {
            let mut browser = app.sign_in(role).await;
            for path in ["/floor", "/floor/events", "/floor/dials"] {
                assert_eq!(browser.get(path).await.status, 403, "{role} {path}");
            }
        }
        let mut admin = app.sign_in(Role::Admin).await;
        let page = admin.get("/floor").await;
        let links = page.links("[data-live] a[href]");
        assert!(!links.is_empty());
        assert!(
            links.iter().all(|(href, _)| !href.starts_with("/callbacks")),
            "{links:?}"
        );
        assert_eq!(page.count("[data-live] form"), 0);
        let mut group = app.sign_in(Role::Group).await;
        let page = group.get("/floor").await;
        assert!(page.count("a[href^='/callbacks?']") > 0);
        assert_eq!(page.count("[data-live] form"), 0, "the group reads");

        app.add_user("neighbour", Role::Manager, Some(app.other_store))
            .await;
        let mut neighbour = app.sign_in_as("neighbour").await;
        let page = neighbour.get("/floor").await;
        assert_eq!(tiles(&page), ["0", "0", "0", "0", "0"]);
        assert!(!page.html().contains("客户3"));
        assert_eq!(neighbour.get("/floor/dials").await.count("tbody tr"), 0);
        assert!(
            !neighbour
                .listen("/floor/events")
                .await
                .board()
                .await
                .html()
                .contains("客户3")
        );
    });
}

/// The call of the sign-in is settled by hand: its page is tested elsewhere.
async fn settle(browser: &mut Client) {
    let next = browser.post("/callbacks/next", &[]).await;
    let path = next.location().to_owned();
    let page = browser.get(&path).await;
    let value = |name: &str| page.attr(&format!("input[name={name}]"), "value").unwrap();
    let (token, key, item) = (value("token"), value("idem_key"), value("item"));
    let fields = [
        ("token", token.as_str()),
        ("idem_key", &key),
        ("item", &item),
        ("after", "list"),
        ("outcome", "refused"),
    ];
    assert_eq!(browser.post(&path, &fields).await.status, 303);
}

#[test]
fn the_board_changes_by_itself() {
    with_app(async |mut app| {
        app.state.floor = lively();
        seed(&app).await;
        let mut manager = app.sign_in(Role::Manager).await;
        let mut line = manager.listen("/floor/events").await;
        assert_eq!(line.headers["content-type"], "text/event-stream");
        assert_eq!(line.headers["cache-control"], "no-store");
        let shown = line.board().await;
        assert_eq!(
            tiles(&shown),
            tiles(&manager.get("/floor").await),
            "the same template"
        );

        let mut specialist = app.sign_in(Role::Specialist).await;
        // The call that is held already comes first.
        settle(&mut specialist).await;
        let shown = loop {
            let shown = line.board().await;
            if tiles(&shown)[0] == "6" {
                break shown;
            }
        };
        assert_eq!(shown.count("[data-list=claimed] li"), 0);
        assert_eq!(shown.texts("tr[data-kind=post_service] td")[..3], ["6", "1", "5"]);
    });
}

#[test]
fn many_watchers_cost_one_reading() {
    with_app(async |mut app| {
        app.state.floor = Live::with(Timing {
            every: Duration::from_secs(3600),
            ..Timing::default()
        });
        seed(&app).await;
        let mut manager = app.sign_in(Role::Manager).await;
        let mut group = app.sign_in(Role::Group).await;
        for _ in 0..10 {
            for browser in [&mut manager, &mut group] {
                let mut line = browser.listen("/floor/events").await;
                assert_eq!(tiles(&line.board().await)[0], "7");
            }
        }
        assert_eq!(app.state.floor.loads(), 1);
    });
}

#[test]
fn a_line_that_nobody_hears_ends_its_task() {
    with_app(async |mut app| {
        app.state.floor = lively();
        let mut manager = app.sign_in(Role::Manager).await;
        let mut line = manager.listen("/floor/events").await;
        line.board().await;
        drop(line);
        // A second task would read on beside the first one: two lines in turn never have more than one.
        while app.state.floor.is_running(app.store) {
            tokio::task::yield_now().await;
        }
        let before = app.state.floor.loads();
        let mut line = manager.listen("/floor/events").await;
        line.board().await;
        assert!(app.state.floor.loads() > before);
    });
}

#[test]
fn a_lost_session_and_a_lost_right_end_the_line() {
    with_app(async |mut app| {
        app.state.floor = lively();
        for loss in [
            "delete from sessions where user_id = (select id from users where username = 'manager')",
            "update user_stores set role = 'specialist' where user_id = (select id from users where username = 'manager')",
        ] {
            let mut manager = app.sign_in(Role::Manager).await;
            let mut line = manager.listen("/floor/events").await;
            line.board().await;
            sqlx::query(loss).execute(&app.db).await.unwrap();
            let last = loop {
                match line.next().await.expect("it says that it ends") {
                    (event, _) if event.is_empty() => continue,
                    (event, data) => break (event, data),
                }
            };
            assert_eq!(last.0, "ended", "{loss}");
            assert_eq!(line.next().await, None, "{loss}");
        }
        let mut nobody = app.client();
        assert_eq!(
            nobody.get("/floor/events").await.location(),
            "/login?next=/floor/events"
        );
    });
}

#[test]
fn the_server_can_stop_while_boards_are_open() {
    with_app(async |mut app| {
        app.state.floor = lively();
        let mut manager = app.sign_in(Role::Manager).await;
        let mut line = manager.listen("/floor/events").await;
        line.board().await;
        app.state.floor.stop();
        while let Some((event, _)) = line.next().await {
            assert_ne!(event, "ended", "the browser may come back");
        }
        assert_eq!(manager.listen("/floor/events").await.next().await, None);
    });
}

#[test]
fn a_watched_board_keeps_no_session_alive_and_takes_no_message() {
    with_app(async |app| {
        let mut manager = app.sign_in(Role::Manager).await;
        let seen =
            "select count(*) from sessions where last_seen_at = '2026-11-24T02:00:00Z' and flash is not null";
        assert_eq!(app.count(seen).await, 1);
        app.advance(Duration::from_secs(1800));
        let mut line = manager.listen("/floor/events").await;
        line.board().await;
        assert_eq!(
            line.next().await,
            None,
            "it is over after its time, and the browser asks again"
        );
        assert_eq!(app.count(seen).await, 1);
        app.advance(Duration::from_secs(1801));
        assert_eq!(
            manager.get("/floor/events").await.location(),
            "/login?next=/floor/events"
        );
    });
}
