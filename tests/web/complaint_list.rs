//! The list and the board of complaints: views, figures and the rows they open, search in words, sharing out, files.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Reader, Xlsx};
use care_desk::auth::permission::Role;
use care_desk::stores::StoreId;
use care_desk::text::as_cell;
use care_desk::users::UserId;
use care_desk::web::error::encode_query;
use chrono::{DateTime, Utc};

use crate::support::app::{TestApp, with_app};
use crate::support::build;
use crate::support::client::{Answer, Client};
use crate::support::texts::text;

/// Monday of the week of the tests' clock, which stands at 2026-11-24 10:00 in the store.
const MONDAY: &str = "2026-11-23T02:00:00Z";

/// A case with the values that matter.
struct Case<'a> {
    app: &'a TestApp,
    store: StoreId,
    state: &'a str,
    severity: &'a str,
    words: String,
    customer: Option<i64>,
    vehicle: Option<i64>,
    department: Option<i64>,
    handler: Option<UserId>,
    owner: Option<UserId>,
    verdict: Option<&'a str>,
    accepted_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
}

fn case<'a>(app: &'a TestApp, state: &'a str) -> Case<'a> {
    Case {
        app,
        store: app.store,
        state,
        severity: "C",
        words: "刹车异响".to_owned(),
        customer: None,
        vehicle: None,
        department: None,
        handler: None,
        owner: None,
        verdict: None,
        accepted_at: MONDAY.parse().unwrap(),
        ended_at: None,
    }
}

impl<'a> Case<'a> {
    fn words(mut self, words: &str) -> Self {
        self.words = words.to_owned();
        self
    }

    fn severity(mut self, severity: &'a str) -> Self {
        self.severity = severity;
        self
    }

    fn accepted(mut self, at: &str) -> Self {
        self.accepted_at = at.parse().unwrap();
        self
    }

    fn ended(mut self, at: &str, verdict: &'a str) -> Self {
        self.ended_at = Some(at.parse().unwrap());
        self.verdict = Some(verdict);
        self
    }

    fn of(mut self, person: &build::Person) -> Self {
        self.customer = Some(person.customer.get());
        self.vehicle = Some(person.vehicle.get());
        self
    }

    fn owner(mut self, owner: UserId) -> Self {
        self.owner = Some(owner);
        self
    }

    fn handler(mut self, handler: UserId) -> Self {
        self.handler = Some(handler);
        self
    }

    fn department(mut self, department: i64) -> Self {
        self.department = Some(department);
        self
    }

    fn store(mut self, store: StoreId) -> Self {
        self.store = store;
        self
    }

    async fn insert(self) -> i64 {
        let is_dispatched = !matches!(self.state, "accepted" | "withdrawn");
        let handler = match (self.handler, is_dispatched, self.store == self.app.store) {
            (None, true, true) => Some(self.app.user("handler").await),
            (handler, _, _) => handler,
        };
        let is_settled = matches!(self.state, "resolved" | "closed");
        sqlx::query_scalar(
            "insert into complaints (store_id, number, customer_id, vehicle_id, channel, class_major, severity, state, words, department_id,
                                     handler_id, owner_id, verdict, cause, result, responsibility, agreed_at, ended_reason, accepted_at,
                                     dispatched_at, ended_at, created_at, updated_at)
             select $1, 'CP-' || to_char($2 at time zone 'Asia/Shanghai', 'YYMMDD') || '-' || lpad((count(*) + 1)::text, greatest(2, length((count(*) + 1)::text)), '0'),
                    $3, $4, 'hotline', 'repair', $5, $6, $7, $8, $9, $10, $11,
                    case when $12 then '误诊' end, case when $12 then '返修' end, case when $12 then 'responsible' end,
                    case when $12 then $2 end, case when $13::timestamptz is not null then '' end, $2,
                    case when $14 then $2 end, $13, $2, $2
             from complaints where store_id = $1
             returning id",
        )
        .bind(self.store)
        .bind(self.accepted_at)
        .bind(self.customer)
        .bind(self.vehicle)
        .bind(self.severity)
        .bind(self.state)
        .bind(self.words)
        .bind(self.department)
        .bind(handler.map(UserId::get))
        .bind(self.owner.map(UserId::get))
        .bind(self.verdict)
        .bind(is_settled)
        .bind(self.ended_at)
        .bind(is_dispatched && handler.is_some())
        .fetch_one(&self.app.db)
        .await
        .unwrap()
    }
}

/// A clock of a case; ended at an instant, or still open.
async fn clock(app: &TestApp, case: i64, kind: &str, cycle: &str, due: &str, ended: Option<&str>) {
    let due: DateTime<Utc> = due.parse().unwrap();
    sqlx::query(
        "insert into obligations (store_id, kind, cycle_key, complaint_id, cohort_on, not_before, strict_due_at, due_at, callable_due_at,
                                  rule_version, channel, status, ended_at, created_at)
         select store_id, $2, $3, id, ($4 at time zone 'Asia/Shanghai')::date, accepted_at, $4, $4, $4, 1, 'none',
                case when $5::timestamptz is null then 'open' else 'done' end, $5, accepted_at
         from complaints where id = $1",
    )
    .bind(case)
    .bind(format!("complaint_{kind}"))
    .bind(cycle)
    .bind(due)
    .bind(ended.map(|at| at.parse::<DateTime<Utc>>().unwrap()))
    .execute(&app.db)
    .await
    .unwrap();
}

async fn staff(app: &TestApp) {
    for role in [Role::Handler, Role::Specialist, Role::Manager] {
        drop(app.sign_in(role).await);
    }
}

fn numbers(page: &Answer) -> Vec<String> {
    page.texts("tbody .cell-main > a")
}

async fn rows(browser: &mut Client, query: &str) -> usize {
    let page = browser.get(&format!("/complaints?{query}")).await;
    assert_eq!(page.status, 200, "{query}");
    page.count("tbody tr")
}

#[test]
fn every_figure_and_every_view_counts_the_rows_that_it_opens() {
    with_app(async |app| {
        staff(&app).await;
        let open = case(&app, "accepted").insert().await;
        clock(&app, open, "dispatch", "1", "2026-11-24T01:18:00Z", None).await;
        let going = case(&app, "in_progress").severity("A").insert().await;
        clock(
            &app,
            going,
            "dispatch",
            "1",
            "2026-11-23T04:00:00Z",
            Some("2026-11-23T03:00:00Z"),
        )
        .await;
        clock(
            &app,
            going,
            "follow_up",
            "1",
            "2026-11-24T02:00:00Z",
            Some("2026-11-24T01:00:00Z"),
        )
        .await;
        clock(&app, going, "follow_up", "2", "2026-11-25T02:00:00Z", None).await;
        let late = case(&app, "waiting").insert().await;
        clock(
            &app,
            late,
            "dispatch",
            "1",
            "2026-11-23T04:00:00Z",
            Some("2026-11-23T05:00:00Z"),
        )
        .await;
        clock(
            &app,
            late,
            "follow_up",
            "1",
            "2026-11-23T20:00:00Z",
            Some("2026-11-23T19:00:00Z"),
        )
        .await;
        clock(
            &app,
            late,
            "follow_up",
            "2",
            "2026-11-24T01:00:00Z",
            Some("2026-11-24T02:00:00Z"),
        )
        .await;
        let resolved = case(&app, "resolved").insert().await;
        clock(
            &app,
            resolved,
            "second_callback",
            "1",
            "2026-11-24T02:00:00Z",
            Some("2026-11-24T01:00:00Z"),
        )
        .await;
        clock(
            &app,
            resolved,
            "dispatch",
            "1",
            "2026-11-20T02:00:00Z",
            Some("2026-11-20T01:00:00Z"),
        )
        .await;
        case(&app, "closed")
            .ended("2026-11-24T01:00:00Z", "satisfied")
            .insert()
            .await;
        case(&app, "closed")
            .ended("2026-11-24T01:00:00Z", "acceptable")
            .insert()
            .await;
        case(&app, "closed")
            .ended("2026-11-10T01:00:00Z", "satisfied")
            .insert()
            .await;
        case(&app, "closed")
            .accepted("2026-10-01T01:00:00Z")
            .ended("2026-10-30T01:00:00Z", "satisfied")
            .insert()
            .await;
        case(&app, "accepted").store(app.other_store).insert().await;

        let mut browser = app.sign_in(Role::Specialist).await;
        let page = browser.get("/complaints").await;
        assert_eq!(page.status, 200, "{}", page.text("main"));
        assert_eq!(
            page.texts(".tile .tile__value"),
            ["4件", "33.3%", "50%", "100%", "50%"]
        );
        let feet = page.texts(".tile .tile__foot > span:first-child");
        assert_eq!(feet, ["其中升级 2 件", "1 / 3", "1 / 2", "1 / 1", "2 份评价"]);
        let tiles = page.links("a.tile");
        for ((href, _), shown) in tiles.iter().zip([4, 3, 2, 1, 2]) {
            assert_eq!(browser.get(href).await.count("tbody tr"), shown, "{href}");
        }
        // Of a rate, what missed it is one click away.
        let missed = format!("{}&missed=yes", tiles[1].0);
        assert_eq!(browser.get(&missed).await.count("tbody tr"), 2);

        let views = page.links(".tabs a");
        let counts: Vec<usize> = page
            .texts(".tabs a .count")
            .iter()
            .map(|count| count.parse().unwrap())
            .collect();
        assert_eq!(counts, [4, 1, 2, 1, 2, 3, 8]);
        for ((href, label), count) in views.iter().zip(counts) {
            assert_eq!(browser.get(href).await.count("tbody tr"), count, "{label}");
        }
        // The dispatch of the first is over: its count is red, and it is first.
        assert_eq!(page.count(".tabs .count--bad"), 1);
        assert!(
            page.text("tbody tr:first-child .stages li:first-child")
                .contains("逾 0:42")
        );
        assert_eq!(
            page.attr("tbody tr:first-child .stages li", "class").as_deref(),
            Some("is-bad")
        );
    });
}

#[test]
fn filters_are_told_apart_and_sorted() {
    with_app(async |app| {
        staff(&app).await;
        let department = app.count("select min(id) from departments").await;
        let (specialist, handler) = (app.user("specialist").await, app.user("handler").await);
        let first = case(&app, "accepted")
            .severity("A")
            .owner(specialist)
            .accepted("2026-11-20T02:00:00Z")
            .insert()
            .await;
        let second = case(&app, "in_progress")
            .severity("D")
            .department(department)
            .handler(handler)
            .insert()
            .await;
        case(&app, "closed")
            .severity("B")
            .ended("2026-11-24T01:00:00Z", "satisfied")
            .insert()
            .await;
        clock(&app, second, "close", "1", "2026-11-24T01:18:00Z", None).await;
        clock(&app, first, "dispatch", "1", "2026-11-24T05:00:00Z", None).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let (own, of_handler) = (
            format!("owner={specialist}"),
            format!("tab=all&handler={handler}"),
        );
        let of_department = format!("department={department}");
        for (query, found) in [
            ("", 2),
            ("tab=open", 2),
            ("tab=all", 3),
            ("tab=nonsense", 2),
            ("severity=A", 1),
            ("severity=B", 0),
            ("tab=all&severity=B", 1),
            ("channel=hotline", 2),
            ("channel=call", 0),
            ("class=repair&severity=D", 1),
            (of_department.as_str(), 1),
            ("department=none", 1),
            (own.as_str(), 1),
            ("owner=none", 1),
            (of_handler.as_str(), 2),
            ("handler=none", 1),
            ("overdue=yes", 1),
            ("from=2026-11-21", 1),
            ("to=2026-11-20", 1),
            (
                "tab=all&state=closed&closed_from=2026-11-24&closed_to=2026-11-24",
                1,
            ),
            ("tab=all&verdict=satisfied", 1),
            ("tab=all&verdict=dissatisfied", 0),
        ] {
            assert_eq!(rows(&mut browser, query).await, found, "{query}");
        }
        let by_due = numbers(&browser.get("/complaints?view=all").await);
        let by_severity = numbers(&browser.get("/complaints?sort=severity").await);
        let turned: Vec<String> = by_severity.iter().rev().cloned().collect();
        assert_eq!(by_due, turned);
        assert_eq!(numbers(&browser.get("/complaints?sort=-severity").await), turned);
        assert_eq!(
            numbers(&browser.get("/complaints?sort=accepted").await),
            by_severity
        );
        for key in ["dispatch", "-follow_up", "second_callback", "state", "-updated"] {
            assert_eq!(rows(&mut browser, &format!("sort={key}")).await, 2, "{key}");
        }
    });
}

#[test]
fn any_piece_of_two_hundred_texts_is_found() {
    with_app(async |app| {
        staff(&app).await;
        for n in 0..200 {
            case(&app, "accepted").words(&text(n)).insert().await;
        }
        case(&app, "accepted")
            .store(app.other_store)
            .words(&text(2))
            .insert()
            .await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let mut wrong = Vec::new();
        for n in 0..200 {
            let words: Vec<char> = text(n).chars().collect();
            let number = format!("CP-261123-{:02}", n + 1);
            // The whole of a short one; of a long one a sentence from the middle and its unmistakable end.
            let middle: String = words.iter().skip(words.len() / 2).take(30).collect();
            let end: String = words.iter().skip(words.len().saturating_sub(6)).collect();
            for piece in [middle, end] {
                if piece.trim().is_empty() {
                    continue;
                }
                let page = browser
                    .get(&format!("/complaints?per_page=100&q={}", encode_query(&piece)))
                    .await;
                if !numbers(&page).contains(&number) {
                    wrong.push((n, piece));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:?}");
    });
}

#[test]
fn words_numbers_names_and_plates_are_found_in_any_writing() {
    with_app(async |app| {
        staff(&app).await;
        let person = build::person(&app, "赵雅楠", "13905717715", "浙A7K2M9").await;
        case(&app, "accepted")
            .of(&person)
            .words("ＢＲＡＫＥ　Noise 左前轮\n100% 没有修好")
            .insert()
            .await;
        case(&app, "accepted")
            .words("电话多次转接，没有人处理")
            .insert()
            .await;
        case(&app, "accepted").words("Straße_7 的门店").insert().await;
        let mut browser = app.sign_in(Role::Specialist).await;
        for (typed, found) in [
            ("CP-261123-01", 1),
            ("cp261123", 3),
            ("261123-02", 1),
            ("赵雅楠", 1),
            ("赵", 1),
            ("zhaoyn", 0),
            ("zyn", 1),
            ("浙A7K2M9", 1),
            ("k2m9", 1),
            ("brake noise", 1),
            ("noise brake", 1),
            ("BRAKE", 1),
            ("ｂｒａｋｅ", 1),
            ("轮100%没", 1),
            ("轮 100%", 1),
            ("100%", 1),
            ("10%", 0),
            ("%", 1),
            ("_", 1),
            ("没有", 2),
            ("没", 2),
            ("有没", 0),
            ("没有 转接", 1),
            ("没有 刹车", 0),
            ("straSSe", 0),
            ("STRASSE_7", 0),
            ("straße", 1),
            ("\\", 0),
            ("'; drop table complaints; --", 0),
            ("犇", 0),
        ] {
            let query = format!("q={}", encode_query(typed));
            assert_eq!(rows(&mut browser, &query).await, found, "{typed}");
        }
        let page = browser.get("/complaints?q=%E6%B2%A1%E6%9C%89&severity=C").await;
        assert_eq!(page.attr("#q", "value").as_deref(), Some("没有"));
        // A saved view keeps no search, as it may be a name.
        assert_eq!(
            page.attr("form[action='/views'] input[name=list]", "value")
                .as_deref(),
            Some("complaints")
        );
        let saved = browser
            .post(
                "/views",
                &[
                    ("list", "complaints"),
                    ("name", "没有"),
                    ("query", "tab=progress&severity=C&q=%E6%B2%A1%E6%9C%89"),
                    ("column", "severity"),
                    ("column", "owner"),
                    ("idem_key", "6f1e9f6e-8f43-4a55-9d3e-1c1b3d7a0007"),
                ],
            )
            .await;
        assert!(
            saved
                .location()
                .starts_with("/complaints?tab=progress&severity=C&view="),
            "{}",
            saved.location()
        );
        let page = browser.follow(&saved).await;
        assert!(page.text(".tabs a[aria-current]").starts_with("没有"));
        assert_eq!(page.count(".tabs a[aria-current]"), 1);
    });
}

/// Posts the question, and then its confirmation.
async fn confirmed(browser: &mut Client, fields: &[(&str, &str)]) -> (Answer, Answer) {
    let asked = browser.post("/complaints/bulk", fields).await;
    assert_eq!(asked.status, 200, "{}", asked.text("main"));
    let hidden: Vec<(String, String)> = ["expected", "idem_key"]
        .iter()
        .map(|name| {
            let value = asked.attr(&format!("form.row input[name={name}]"), "value");
            (
                (*name).to_owned(),
                value.unwrap_or_else(|| panic!("no {name}: {}", asked.text("main"))),
            )
        })
        .collect();
    let mut all = fields.to_vec();
    all.extend(hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let done = browser.post("/complaints/bulk", &all).await;
    (asked, done)
}

#[test]
fn many_cases_change_their_owner_and_back() {
    with_app(async |app| {
        staff(&app).await;
        let (specialist, manager) = (app.user("specialist").await, app.user("manager").await);
        let mut ids = Vec::new();
        for state in ["accepted", "in_progress", "resolved"] {
            ids.push(case(&app, state).owner(manager).insert().await);
        }
        case(&app, "closed")
            .owner(manager)
            .ended("2026-11-24T01:00:00Z", "satisfied")
            .insert()
            .await;
        let foreign = case(&app, "accepted").store(app.other_store).insert().await;
        let mut browser = app.sign_in(Role::Manager).await;
        let change = format!("owner:{specialist}");
        // A ticked row of another store, and one that has ended, are none of it.
        let ticked = [ids[0].to_string(), foreign.to_string()];
        let fields = [
            ("scope", "ticked"),
            ("filter", ""),
            ("change", change.as_str()),
            ("row", ticked[0].as_str()),
            ("row", ticked[1].as_str()),
        ];
        let (asked, done) = confirmed(&mut browser, &fields).await;
        assert_eq!(
            (asked.text("h1"), asked.text(".confirm-count b")),
            ("负责专员改为 specialist".to_owned(), "1".to_owned())
        );
        assert_eq!(done.status, 303);
        let fields = [
            ("scope", "filter"),
            ("filter", "tab=all"),
            ("change", change.as_str()),
        ];
        let (asked, done) = confirmed(&mut browser, &fields).await;
        assert_eq!(asked.text(".confirm-count b"), "3");
        assert_eq!(done.location(), "/complaints?tab=all");
        let owned = "select count(*) from complaints c join users u on u.id = c.owner_id where u.username = 'specialist'";
        assert_eq!(app.count(owned).await, 3);
        assert_eq!(
            app.count("select count(*) from complaint_events where kind = 'people' and data ? 'owner' and by_id is not null").await,
            3
        );
        assert_eq!(
            app.count(
                "select count(*) from audit where action = 'complaints.change_many' and change->>'rows' = '2'"
            )
            .await,
            1
        );
        // One changes meanwhile: it stays.
        sqlx::query("update complaints set version = version + 1 where id = $1")
            .bind(ids[2])
            .execute(&app.db)
            .await
            .unwrap();
        let page = browser.get("/complaints?view=all").await;
        let undo = page.attr(".list-undo", "action").unwrap();
        assert_eq!(browser.post(&undo, &[]).await.status, 303);
        assert_eq!(app.count(owned).await, 2);
        assert_eq!(
            app.count("select count(*) from complaint_events where data ? 'undone'")
                .await,
            1
        );
        assert_eq!(browser.post(&undo, &[]).await.status, 303);
        assert_eq!(app.count(owned).await, 2);
        let nobody = browser
            .post(
                "/complaints/bulk",
                &[("scope", "filter"), ("change", "owner:999999")],
            )
            .await;
        assert_eq!(nobody.status, 303);
        let mut specialist = app.sign_in(Role::Specialist).await;
        assert_eq!(specialist.post("/complaints/bulk", &fields).await.status, 403);
        assert_eq!(specialist.get("/complaints").await.count(".row-check, #bulk"), 0);
    });
}

#[test]
fn a_handler_is_changed_in_cases_of_their_department_only() {
    with_app(async |app| {
        staff(&app).await;
        let colleague = app.add_user("colleague", Role::Handler, Some(app.store)).await;
        let departments: Vec<i64> =
            sqlx::query_scalar("select id from departments where store_id = $1 order by id limit 2")
                .bind(app.store)
                .fetch_all(&app.db)
                .await
                .unwrap();
        sqlx::query("update user_stores set department_id = $1 where user_id = $2")
            .bind(departments[0])
            .bind(colleague)
            .execute(&app.db)
            .await
            .unwrap();
        let ours = case(&app, "in_progress")
            .department(departments[0])
            .insert()
            .await;
        case(&app, "in_progress")
            .department(departments[1])
            .insert()
            .await;
        case(&app, "accepted").department(departments[0]).insert().await;
        let mut browser = app.sign_in(Role::Manager).await;
        let change = format!("handler:{colleague}");
        let fields = [("scope", "filter"), ("filter", ""), ("change", change.as_str())];
        let (asked, done) = confirmed(&mut browser, &fields).await;
        assert_eq!(asked.text(".confirm-count b"), "3");
        assert!(
            asked.text(".confirm-notes").contains("2 件"),
            "{}",
            asked.text("main")
        );
        assert_eq!(done.status, 303);
        let changed = "select coalesce(min(id) filter (where n = 1), 0) from (select c.id, count(*) over () as n
                       from complaints c join users u on u.id = c.handler_id where u.username = 'colleague') x";
        assert_eq!(app.count(changed).await, ours);
        let undo = browser
            .get("/complaints?view=all")
            .await
            .attr(".list-undo", "action")
            .unwrap();
        browser.post(&undo, &[]).await;
        assert_eq!(app.count(changed).await, 0);
        assert_eq!(
            app.count("select count(*) from complaint_events where kind = 'people' and data ? 'handler'")
                .await,
            2
        );
    });
}

#[test]
fn the_board_holds_the_open_cases_by_state_and_links_to_the_rest() {
    with_app(async |app| {
        staff(&app).await;
        let specialist = app.user("specialist").await;
        for _ in 0..53 {
            case(&app, "accepted").severity("D").insert().await;
        }
        let due = case(&app, "accepted")
            .severity("B")
            .owner(specialist)
            .words("最先到期")
            .insert()
            .await;
        clock(&app, due, "dispatch", "1", "2026-11-24T01:18:00Z", None).await;
        for state in ["dispatched", "in_progress", "waiting", "resolved"] {
            case(&app, state).insert().await;
        }
        case(&app, "closed")
            .ended("2026-11-23T01:00:00Z", "satisfied")
            .insert()
            .await;
        case(&app, "closed")
            .ended("2026-11-22T01:00:00Z", "satisfied")
            .insert()
            .await;
        case(&app, "accepted").store(app.other_store).insert().await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = browser.get("/complaints/board").await;
        assert_eq!(
            page.texts(".lane > header"),
            [
                "待上报54",
                "已上报1",
                "处理中1",
                "待客户1",
                "待二次回访1",
                "本周已关闭1"
            ]
        );
        assert_eq!(page.count("[data-lane=accepted] .deal"), 50);
        let first = page.text("[data-lane=accepted] .deal:first-child");
        assert!(first.contains("最先到期") && first.contains("逾 0:42"), "{first}");
        assert_eq!(page.text(".lane__more"), "另有 4 件");
        let more = page.attr(".lane__more", "href").unwrap();
        assert_eq!(
            browser
                .get(&format!("{more}&per_page=100"))
                .await
                .count("tbody tr"),
            54
        );
        let filtered = browser
            .get("/complaints/board?severity=B&q=%E5%88%B0%E6%9C%9F")
            .await;
        assert_eq!(
            (filtered.count(".deal"), filtered.count(".filter.is-set")),
            (1, 2)
        );
        // Filters of the board stay on the board, and go along to the list.
        assert!(
            filtered
                .attr(".filter.is-set a", "href")
                .unwrap()
                .starts_with("/complaints/board?")
        );
        let list = filtered.attr(".btn-group a", "href").unwrap();
        assert_eq!(browser.get(&list).await.count("tbody tr"), 1);
        assert_eq!(
            browser
                .get("/complaints/board?owner=none&severity=B")
                .await
                .count(".deal"),
            0
        );
    });
}

#[test]
fn a_handler_has_own_cases_only_everywhere() {
    with_app(async |app| {
        staff(&app).await;
        let other = app.add_user("colleague", Role::Handler, Some(app.store)).await;
        case(&app, "in_progress").insert().await;
        let shared = case(&app, "in_progress").handler(other).insert().await;
        case(&app, "closed")
            .handler(other)
            .ended("2026-11-24T01:00:00Z", "satisfied")
            .insert()
            .await;
        let mut browser = app.sign_in(Role::Handler).await;
        assert_eq!(rows(&mut browser, "").await, 1);
        // A search looks through the list: own cases, nothing to change, to save or to take out.
        let page = browser
            .get("/complaints?tab=all&q=%E5%88%B9%E8%BD%A6&per_page=25")
            .await;
        assert_eq!(
            (
                page.count("tbody tr"),
                page.count(".tile"),
                page.count(".row-check")
            ),
            (1, 0, 0)
        );
        assert_eq!(
            page.count(".tabs__add, [popovertarget=export], [popovertarget=columns]"),
            0
        );
        assert_eq!(page.texts(".tabs a .count"), ["1", "0", "1", "0", "0", "0", "1"]);
        assert_eq!(browser.get("/complaints/board").await.count(".deal"), 1);
        sqlx::query(
            "insert into complaint_people (store_id, complaint_id, user_id, part, added_at) values ($1, $2, $3, 'co_handler', $4)",
        )
        .bind(app.store)
        .bind(shared)
        .bind(app.user("handler").await)
        .bind(app.now())
        .execute(&app.db)
        .await
        .unwrap();
        assert_eq!(browser.get("/complaints/board").await.count(".deal"), 2);
        assert_eq!(rows(&mut browser, "q=%E5%88%B9%E8%BD%A6").await, 2);
        let export = [
            ("list", "complaints"),
            ("format", "csv"),
            ("query", "tab=all"),
            ("reason", "核对"),
        ];
        assert_eq!(browser.post("/exports", &export).await.status, 403);
        assert_eq!(browser.post("/complaints/bulk", &[]).await.status, 403);
    });
}

fn csv_rows(answer: &Answer) -> Vec<Vec<String>> {
    assert_eq!(answer.status, 200, "{}", answer.text("body"));
    let bytes = answer
        .body
        .strip_prefix("\u{FEFF}".as_bytes())
        .expect("Excel needs the mark");
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes);
    reader
        .records()
        .map(|record| record.unwrap().iter().map(str::to_owned).collect())
        .collect()
}

fn xlsx_rows(answer: &Answer) -> Vec<Vec<String>> {
    assert_eq!(answer.status, 200, "{}", answer.text("body"));
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(answer.body.to_vec())).unwrap();
    let sheet = book.sheet_names()[0].clone();
    let formulas = book.worksheet_formula(&sheet).unwrap();
    assert!(
        formulas.cells().all(|(_, _, formula)| formula.is_empty()),
        "a formula"
    );
    let range = book.worksheet_range(&sheet).unwrap();
    range
        .rows()
        .map(|row| row.iter().map(ToString::to_string).collect())
        .collect()
}

#[test]
fn two_hundred_texts_leave_in_a_file_as_they_came() {
    with_app(async |app| {
        staff(&app).await;
        let mut expected = BTreeMap::new();
        for n in 0..200 {
            case(&app, "accepted").words(&text(n)).insert().await;
            expected.insert(format!("CP-261123-{:02}", n + 1), as_cell(&text(n)));
        }
        case(&app, "accepted").store(app.other_store).insert().await;
        let mut browser = app.sign_in(Role::Manager).await;
        for format in ["csv", "xlsx"] {
            let fields = [
                ("list", "complaints"),
                ("format", format),
                ("query", "tab=open"),
                ("reason", "核对原话"),
            ];
            let answer = browser.post("/exports", &fields).await;
            let rows = if format == "csv" {
                csv_rows(&answer)
            } else {
                xlsx_rows(&answer)
            };
            assert!(rows[0][0].contains("核对原话") && rows[0][0].contains("manager"));
            let words = rows[1].iter().position(|heading| heading == "客户原话").unwrap();
            let written: BTreeMap<String, String> = rows[2..]
                .iter()
                .map(|row| (row[0].clone(), row[words].clone()))
                .collect();
            for (number, text) in &expected {
                assert_eq!(written.get(number), Some(text), "{number} {format}");
            }
            assert_eq!(written.len(), 200);
        }
        assert_eq!(app.count("select count(*) from audit where action = 'exports.create' and change->>'list' = 'complaints'").await, 2);
        assert_eq!(browser.get("/exports").await.count("tbody tr"), 2);
    });
}

#[test]
fn a_file_holds_what_was_searched_with_its_clocks_and_only_who_may_takes_it() {
    with_app(async |app| {
        staff(&app).await;
        let person = build::person(&app, "赵雅楠", "13905717715", "浙A7K2M9").await;
        let found = case(&app, "closed")
            .of(&person)
            .words("刹车异响")
            .ended("2026-11-24T01:00:00Z", "acceptable")
            .insert()
            .await;
        clock(
            &app,
            found,
            "dispatch",
            "1",
            "2026-11-23T04:00:00Z",
            Some("2026-11-23T03:00:00Z"),
        )
        .await;
        clock(
            &app,
            found,
            "second_callback",
            "1",
            "2026-11-24T04:00:00Z",
            Some("2026-11-24T01:00:00Z"),
        )
        .await;
        case(&app, "closed")
            .words("洗车水渍")
            .ended("2026-11-24T01:00:00Z", "satisfied")
            .insert()
            .await;
        let fields = [
            ("list", "complaints"),
            ("format", "csv"),
            ("query", "tab=all&q=%E5%88%B9%E8%BD%A6"),
            ("reason", "月报"),
            ("column", "owner"),
        ];
        let mut manager = app.sign_in(Role::Manager).await;
        let rows = csv_rows(&manager.post("/exports", &fields).await);
        assert_eq!(rows.len(), 3);
        let cell = |heading: &str| {
            let at = rows[1]
                .iter()
                .position(|cell| cell == heading)
                .unwrap_or_else(|| panic!("{heading}: {:?}", rows[1]));
            rows[2][at].as_str()
        };
        for (heading, expected) in [
            ("客户", "赵雅楠"),
            ("客户原话", "刹车异响"),
            ("上报责任部门：截止", "2026-11-23 12:00"),
            ("上报责任部门：完成", "2026-11-23 11:00"),
            ("二次回访：完成", "2026-11-24 09:00"),
            ("跟踪：截止", ""),
            ("客户评价", "可接受"),
            ("原因", "误诊"),
        ] {
            assert_eq!(cell(heading), expected, "{heading}");
        }
        // What was searched may be a name: the record says only that something was.
        assert_eq!(
            app.count("select count(*) from exports where filter = 'tab=all'")
                .await,
            1
        );
        assert_eq!(
            app.count("select count(*) from audit where change->'filtered_by' ? 'q'")
                .await,
            1
        );
        for role in [Role::Specialist, Role::Receptionist, Role::Clerk, Role::Group] {
            let mut browser = app.sign_in(role).await;
            assert_eq!(browser.post("/exports", &fields).await.status, 403, "{role}");
        }
        sqlx::query("update stores set exports_per_day = 1")
            .execute(&app.db)
            .await
            .unwrap();
        assert_eq!(manager.post("/exports", &fields).await.status, 429);
        let nameless = [
            ("list", "complaints"),
            ("format", "csv"),
            ("query", ""),
            ("reason", ""),
        ];
        assert_eq!(manager.post("/exports", &nameless).await.status, 422);
    });
}
