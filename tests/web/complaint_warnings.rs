//! Warnings of clocks that run out: whom each level reaches, once; the bell, the page, the messages; the severity table.

use care_desk::auth::permission::Role;
use care_desk::complaints::{ComplaintId, clocks, warnings};
use care_desk::kpi::definition::Duty;

use crate::complaint_clocks::{case, close, dispatch, event, resolve};
use crate::support::app::{TestApp, with_app};

/// One run of the job.
async fn warn(app: &TestApp) -> i64 {
    let mut tx = app.db.begin().await.unwrap();
    let counts = warnings::warn(&mut tx, app.scope(), app.now()).await.unwrap();
    tx.commit().await.unwrap();
    counts["told"].as_i64().unwrap()
}

/// A head of the department, a director and a general manager, who are nothing else in the store.
async fn chain(app: &TestApp) {
    for (name, place) in [
        ("lead", "update departments set lead_id = $1 where store_id = $2"),
        (
            "director",
            "update stores set service_director_id = $1 where id = $2",
        ),
        (
            "general",
            "update stores set general_manager_id = $1 where id = $2",
        ),
    ] {
        let user = app.add_user(name, Role::Receptionist, Some(app.store)).await;
        sqlx::query(place)
            .bind(user)
            .bind(app.store)
            .execute(&app.db)
            .await
            .unwrap();
    }
}

/// `level name` of everybody who was told of the dispatch of a case.
async fn told(app: &TestApp, id: ComplaintId) -> Vec<String> {
    sqlx::query_scalar(
        "select w.level || ' ' || u.username || coalesce(' for ' || d.username, '')
         from complaint_warnings w
         join obligations o on o.id = w.obligation_id
         join users u on u.id = w.recipient_id
         left join users d on d.id = w.deputy_for_id
         where w.complaint_id = $1 and o.kind = 'complaint_dispatch'
         order by w.level, u.username",
    )
    .bind(id)
    .fetch_all(&app.db)
    .await
    .unwrap()
}

#[test]
fn each_level_reaches_further_up_and_nobody_hears_it_twice() {
    with_app(async |app| {
        chain(&app).await;
        let id = case(&app, "CP-1", "B").await;
        let mut expected: Vec<String> = Vec::new();
        for (at, level, new) in [
            ("2026-11-24T02:29:59Z", 0, &[][..]),
            ("2026-11-24T02:30:00Z", 50, &["specialist"][..]),
            ("2026-11-24T02:45:00Z", 75, &["lead", "specialist"][..]),
            ("2026-11-24T02:54:00Z", 90, &["lead", "manager", "specialist"][..]),
            (
                "2026-11-24T03:00:00Z",
                100,
                &["director", "lead", "manager", "specialist"],
            ),
            // A serious case does not go to the general manager.
            (
                "2026-11-24T03:30:00Z",
                150,
                &["director", "lead", "manager", "specialist"],
            ),
        ] {
            app.set_now(at);
            warn(&app).await;
            expected.extend(new.iter().map(|name| format!("{level} {name}")));
            assert_eq!(told(&app, id).await, expected, "{at}");
            assert_eq!(warn(&app).await, 0, "the next minute says nothing new");
        }
        let events = "select count(*) from complaint_events where kind = 'warning' and data ->> 'clock' = 'complaint_dispatch'";
        assert_eq!(app.count(events).await, 5, "one line for each level");
        let messages = "select count(*) from outbox_messages where purpose = 'warning' and status = 'queued'";
        assert_eq!(
            app.count(messages).await,
            app.count("select count(*) from complaint_warnings").await
        );
        let body: String = sqlx::query_scalar("select body from outbox_messages order by id limit 1")
            .fetch_one(&app.db)
            .await
            .unwrap();
        assert!(
            body.contains("CP-1") && body.contains("50%") && body.contains("11-24 11:00"),
            "{body}"
        );
    });
}

#[test]
fn a_severity_has_its_end_of_the_chain() {
    with_app(async |app| {
        chain(&app).await;
        for (number, severity, names) in [
            (
                "CP-1",
                "A",
                &["director", "general", "lead", "manager", "specialist"][..],
            ),
            ("CP-2", "B", &["director", "lead", "manager", "specialist"][..]),
            ("CP-3", "C", &["lead", "manager", "specialist"][..]),
            ("CP-4", "D", &["manager", "specialist"][..]),
        ] {
            let id = case(&app, number, severity).await;
            let now = app.now();
            // The job had not run for hours: the highest level alone, once.
            app.set_now("2026-11-24T08:00:00Z");
            warn(&app).await;
            let expected: Vec<String> = names.iter().map(|name| format!("150 {name}")).collect();
            assert_eq!(told(&app, id).await, expected, "{severity}");
            app.state.clock.set(now);
        }
    });
}

#[test]
fn a_deputy_hears_it_too_and_who_has_left_does_not() {
    with_app(async |app| {
        chain(&app).await;
        sqlx::query(
            "insert into leaves (store_id, user_id, from_on, until_on, deputy_id, created_at)
             values ($1, $2, '2026-11-23', '2026-11-25', $3, now())",
        )
        .bind(app.store)
        .bind(app.user("specialist").await)
        .bind(app.user("clerk").await)
        .execute(&app.db)
        .await
        .unwrap();
        sqlx::query("update user_stores set is_active = false where user_id = $1")
            .bind(app.user("lead").await)
            .execute(&app.db)
            .await
            .unwrap();
        let id = case(&app, "CP-1", "C").await;
        app.set_now("2026-11-24T03:35:00Z");
        warn(&app).await;
        assert_eq!(told(&app, id).await, ["75 clerk for specialist", "75 specialist"]);
    });
}

#[test]
fn two_schedulers_tell_it_once_and_what_is_met_or_paused_is_told_to_nobody() {
    with_app(async |app| {
        let late = case(&app, "CP-1", "C").await;
        let met = case(&app, "CP-2", "C").await;
        dispatch(&app, met).await;
        event(&app, met, "contact", "", "").await;
        event(&app, met, "waiting", "waiting_since = now", "waiting").await;
        app.set_now("2026-11-24T03:00:00Z");
        let mut tasks = Vec::new();
        for _ in 0..4 {
            let (db, scope, now) = (app.db.clone(), app.scope(), app.now());
            tasks.push(tokio::spawn(async move {
                let mut tx = db.begin().await.unwrap();
                warnings::warn(&mut tx, scope, now).await.unwrap();
                tx.commit().await.unwrap();
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(told(&app, late).await, ["50 specialist"]);
        let rows = "select count(*) from complaint_warnings";
        assert_eq!(app.count(rows).await, 2, "dispatch and first reply");
        assert_eq!(
            app.count("select count(*) from complaint_events where kind = 'warning'")
                .await,
            2
        );
        assert_eq!(app.count("select count(*) from outbox_messages").await, 2);
        // Days later the paused target has warned nobody; its follow-ups have.
        app.set_now("2026-11-30T03:00:00Z");
        warn(&app).await;
        let close = "select count(*) from complaint_warnings w join obligations o on o.id = w.obligation_id
                     where o.kind = 'complaint_close' and w.complaint_id = (select max(id) from complaints)";
        assert_eq!(app.count(close).await, 0);
    });
}

#[test]
fn the_bell_counts_the_page_lists_and_reading_is_ones_own() {
    with_app(async |app| {
        let id = case(&app, "CP-1", "C").await;
        app.set_now("2026-11-24T03:00:00Z");
        let mut browser = app.sign_in(Role::Specialist).await;
        assert_eq!(browser.get("/notices").await.text("[data-bell] .count"), "0");
        let mut line = browser.listen("/notices/events").await;
        assert_eq!(line.status, 200);
        let (event, data) = line.next().await.unwrap();
        assert_eq!((event.as_str(), data.as_str()), ("count", "0 提醒，0 条未读"));
        warn(&app).await;
        let page = browser.get("/notices").await;
        assert_eq!(page.text("[data-bell] .count"), "2");
        assert_eq!(page.count("tr[data-notice]"), 2);
        assert!(page.text("tbody").contains("CP-1") && page.text("tbody").contains("上报责任部门"));
        assert!(page.text("tbody").contains("50%"), "{}", page.text("tbody"));
        // Somebody else's is not theirs to read.
        let notice = page.attr("tr[data-notice]", "data-notice").unwrap();
        let mut other = app.sign_in(Role::Clerk).await;
        assert_eq!(other.post("/notices/read", &[("id", &notice)]).await.status, 303);
        assert_eq!(other.post("/notices/read", &[]).await.status, 303);
        assert_eq!(other.get("/notices?tab=all").await.count("tr[data-notice]"), 0);
        let unread = "select count(*) from complaint_warnings where read_at is null";
        assert_eq!(app.count(unread).await, 2);
        let answer = browser
            .post("/notices/read", &[("id", &notice), ("case", &id.to_string())])
            .await;
        assert_eq!(answer.location(), format!("/complaints/{id}"));
        assert_eq!(app.count(unread).await, 1);
        assert_eq!(browser.get("/notices").await.count("tr[data-notice]"), 1);
        assert_eq!(browser.get("/notices?tab=all").await.count("tr[data-notice]"), 2);
        browser.post("/notices/read", &[]).await;
        assert_eq!(app.count(unread).await, 0);
        assert_eq!(browser.get("/").await.text("[data-bell] .count"), "0");
        // The messages wait, for the manager to see.
        let mut manager = app.sign_in(Role::Manager).await;
        let waiting = manager.get("/notices?tab=messages").await;
        assert!(
            waiting.text("tbody").contains("specialist"),
            "{}",
            waiting.text("main")
        );
        assert_eq!(other.get("/notices?tab=messages").await.count("tbody tr"), 0);
        // The timeline of the case tells it.
        assert!(
            browser
                .get(&format!("/complaints/{id}"))
                .await
                .text("main")
                .contains("50%")
        );
    });
}

#[test]
fn the_severity_table_can_be_stricter_and_counts_for_new_cases() {
    with_app(async |app| {
        let old = case(&app, "CP-1", "C").await;
        let mut manager = app.sign_in(Role::Manager).await;
        assert!(
            manager
                .get("/rules")
                .await
                .links("main a")
                .iter()
                .any(|(href, _)| href == "/rules/complaints")
        );
        let page = manager.get("/rules/complaints").await;
        assert_eq!(page.attr("#dispatch_minutes_C", "value").unwrap(), "120");
        let form = |version: &'static str, dispatch: &'static str| {
            let mut fields = vec![("version", version), ("reason", "总部要求")];
            for value in ["30", "60", dispatch, "120"] {
                fields.push(("dispatch_minutes", value));
            }
            for value in ["30", "60", "120", "1440"] {
                fields.push(("reply_minutes", value));
            }
            for value in ["24", "24", "12", "24"] {
                fields.push(("follow_up_hours", value));
            }
            for value in ["24"; 4] {
                fields.push(("second_callback_hours", value));
            }
            for value in ["1", "5", "3", "3"] {
                fields.push(("close_days", value));
            }
            for value in ["general_manager", "director", "department_head", "care_manager"] {
                fields.push(("chain_end", value));
            }
            fields
        };
        let looser = manager.post("/rules/complaints", &form("1", "121")).await;
        assert_eq!(looser.status, 422);
        assert_eq!(
            looser.attr("#dispatch_minutes_C", "value").unwrap(),
            "121",
            "what was typed stays"
        );
        assert!(!looser.text("#dispatch_minutes_C-error").is_empty());
        app.advance(std::time::Duration::from_secs(60));
        assert_eq!(
            manager.post("/rules/complaints", &form("1", "45")).await.status,
            303
        );
        assert_eq!(
            manager.post("/rules/complaints", &form("1", "40")).await.status,
            409,
            "another has changed it"
        );
        let page = manager.get("/rules/complaints").await;
        assert_eq!(page.attr("#dispatch_minutes_C", "value").unwrap(), "45");
        assert!(page.text("li[data-version='2']").contains("总部要求"));
        assert!(
            page.text("li[data-version='2']").contains("120 → 45"),
            "{}",
            page.text("aside")
        );
        assert_eq!(
            app.count("select count(*) from audit where action = 'rules.complaints'")
                .await,
            1
        );

        let new = case(&app, "CP-2", "C").await;
        let minutes = async |id: ComplaintId, kind: &'static str| -> i32 {
            sqlx::query_scalar(
                "select (extract(epoch from due_at - not_before) / 60)::int from obligations where complaint_id = $1 and kind = $2",
            )
            .bind(id)
            .bind(kind)
            .fetch_one(&app.db)
            .await
            .unwrap()
        };
        event(&app, old, "note", "", "").await;
        assert_eq!(
            minutes(old, "complaint_dispatch").await,
            120,
            "a case keeps the table it was accepted under"
        );
        assert_eq!(minutes(new, "complaint_dispatch").await, 45);
        assert_eq!(minutes(new, "complaint_follow_up").await, 12 * 60);
        // A new store has the defaults.
        assert_eq!(
            app.count("select count(*) from complaint_rules where version = 1")
                .await,
            8
        );
    });
}

#[test]
fn the_posts_of_the_chain_are_named_on_the_page() {
    with_app(async |app| {
        let mut manager = app.sign_in(Role::Manager).await;
        let page = manager.get("/rules/complaints").await;
        let version = page.attr("#chain input[name=version]", "value").unwrap();
        let department = page.attr("#chain input[name=department]", "value").unwrap();
        let (lead, general) = (
            app.user("handler").await.to_string(),
            app.user("clerk").await.to_string(),
        );
        let fields = [
            ("version", version.as_str()),
            ("department", department.as_str()),
            ("lead", lead.as_str()),
            ("general_manager", general.as_str()),
        ];
        assert_eq!(
            manager.post("/rules/complaints/people", &fields).await.status,
            303
        );
        assert_eq!(
            app.count("select count(*) from departments d join users u on u.id = d.lead_id where u.username = 'handler'").await,
            1
        );
        assert_eq!(
            app.count("select count(*) from stores s join users u on u.id = s.general_manager_id where u.username = 'clerk'").await,
            1
        );
        let page = manager.get("/rules/complaints").await;
        assert_eq!(page.text("#general_manager option[selected]"), "clerk");
        let stale = manager.post("/rules/complaints/people", &fields).await;
        assert_eq!(stale.status, 409);
        let stranger = app
            .add_user("elsewhere", Role::Manager, Some(app.other_store))
            .await
            .to_string();
        let version = page.attr("#chain input[name=version]", "value").unwrap();
        let wrong = [
            ("version", version.as_str()),
            ("general_manager", stranger.as_str()),
        ];
        assert_eq!(manager.post("/rules/complaints/people", &wrong).await.status, 422);
    });
}

#[test]
fn my_day_lists_ones_clocks_by_deadline_and_figures_open_their_rows() {
    with_app(async |app| {
        let id = case(&app, "CP-1", "C").await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let day = browser.get("/").await;
        let tasks = day.texts(".tasks .task__why");
        assert!(
            tasks[0].contains("CP-1 上报责任部门") && tasks[1].contains("首次答复客户"),
            "{tasks:?}"
        );
        assert!(day.text(".tasks .due-why").contains("自受理"), "it says why");
        assert_eq!(
            day.attr(".tasks .task__main a", "href").unwrap(),
            format!("/complaints/{id}")
        );
        let mut clerk = app.sign_in(Role::Clerk).await;
        assert_eq!(clerk.get("/").await.count(".tasks .task"), 0, "somebody else's");

        dispatch(&app, id).await;
        event(&app, id, "contact", "", "").await;
        resolve(&app, id).await;
        close(&app, id).await;
        app.set_now("2026-11-29T02:00:00Z");
        let mut manager = app.sign_in(Role::Manager).await;
        let page = manager.get("/kpi?period=month").await;
        for label in [
            "首次答复及时率",
            "24 小时跟踪率",
            "二次回访率",
            "投诉关闭率",
            "及时关闭率",
        ] {
            assert!(page.text("main").contains(label), "{label}");
        }
        for duty in [
            Duty::ComplaintDispatch,
            Duty::ComplaintFirstReply,
            Duty::ComplaintFollowUp,
            Duty::ComplaintSecondCallback,
            Duty::ComplaintClose,
        ] {
            let (href, figure) = page
                .links("main table a")
                .into_iter()
                .find(|(href, _)| href.contains(&format!("kind={duty}&class=done&")))
                .unwrap_or_else(|| panic!("no link of {duty}"));
            assert_eq!(figure.trim(), "1", "{href}");
            assert_eq!(manager.get(&href).await.count("tbody tr"), 1, "{href}");
        }
        let mut tx = app.db.begin().await.unwrap();
        assert_eq!(clocks::mend(&mut tx, app.scope(), app.now()).await.unwrap(), 0);
    });
}
