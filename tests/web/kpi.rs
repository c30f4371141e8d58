//! Figures: each equals the rows behind it, in the period, for the person, as of now.

use std::collections::BTreeSet;

use care_desk::auth::permission::Role;
use care_desk::kpi::Cube;
use care_desk::kpi::definition::{Count, Duty, Whose};
use care_desk::kpi::queries::{self, Span};
use care_desk::obligations::{ObligationClass as Class, ObligationId};
use care_desk::users::UserId;

use crate::support::app::{TestApp, with_app};
use crate::support::build;

const FROM: &str = "2026-11-01";
const TO: &str = "2026-11-30";

/// One or more callbacks of every class in November, as of Tuesday 24 November 10:00; two classes also in October.
async fn every_class(app: &TestApp) {
    let specialist = app.user("specialist").await;
    let clerk = app.user("clerk").await;
    let person = build::person(app, "张伟", "13800138000", "浙A7K2M9").await;
    let past = "2026-11-20T12:00:00Z";
    let (before, after) = ("2026-11-20T11:00:00Z", "2026-11-21T02:00:00Z");
    let tomorrow = "2026-11-25T12:00:00Z";
    let mut visit = 0;
    let mut next = async |cohort: &'static str| {
        visit += 1;
        let id = build::visit(app, &person, &format!("RO{visit}")).insert().await;
        build::obligation(app, &person, "post_service", "1")
            .visit(id)
            .cohort(cohort)
            .due(past)
    };
    for satisfied in [Some(true), Some(true), Some(false), None] {
        let row = next("2026-11-17").await;
        row.ended("done", before, specialist)
            .talked(satisfied)
            .insert()
            .await;
    }
    next("2026-11-17")
        .await
        .ended("done", after, clerk)
        .insert()
        .await;
    next("2026-11-17")
        .await
        .ended("exhausted", before, clerk)
        .insert()
        .await;
    next("2026-11-17")
        .await
        .ended("exhausted", after, clerk)
        .insert()
        .await;
    next("2026-11-17").await.responsible(specialist).insert().await;
    next("2026-11-17").await.insert().await;
    next("2026-11-18")
        .await
        .ended("exempt", before, clerk)
        .insert()
        .await;
    next("2026-11-18")
        .await
        .ended("cancelled", before, clerk)
        .insert()
        .await;
    next("2026-11-22").await.due(tomorrow).insert().await;
    let early = next("2026-11-22").await.due(tomorrow);
    early
        .ended("done", before, specialist)
        .talked(Some(true))
        .insert()
        .await;
    next("2026-10-31")
        .await
        .ended("done", before, specialist)
        .insert()
        .await;
    next("2026-10-31").await.insert().await;
}

fn span(app: &TestApp, person: Option<UserId>) -> Span {
    Span {
        from: FROM.parse().unwrap(),
        to: TO.parse().unwrap(),
        now: app.now(),
        person,
    }
}

/// The rows that a link of the page asks the ledger for, by its own words.
async fn rows_of(app: &TestApp, link: &str) -> BTreeSet<ObligationId> {
    let query = link.strip_prefix("/obligations?").unwrap();
    let values = |name: &str| -> Vec<String> {
        let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap());
        pairs
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value.to_owned())
            .collect()
    };
    let one = |name: &str| values(name).into_iter().next();
    let rows: Vec<ObligationId> = sqlx::query_scalar(
        "select id from obligations
         where store_id = $1 and kind = $2 and obligation_class(status, due_at, ended_at, $3) = any($4)
           and cohort_on between $5::date and $6::date
           and ($7::bigint is null or coalesce(responsible_id, ended_by, 0) = $7)
           and case $8 when 'connected' then is_connected when 'answered' then is_satisfied is not null
                       when 'satisfied' then is_satisfied else $8 is null end",
    )
    .bind(app.store)
    .bind(one("kind").unwrap())
    .bind(app.now())
    .bind(values("class"))
    .bind(one("from").unwrap().parse::<chrono::NaiveDate>().unwrap())
    .bind(one("to").unwrap().parse::<chrono::NaiveDate>().unwrap())
    .bind(one("person").map(|id| id.parse::<i64>().unwrap()))
    .bind(one("only"))
    .fetch_all(&app.db)
    .await
    .unwrap();
    rows.into_iter().collect()
}

#[test]
fn every_figure_equals_the_rows_that_its_link_asks_for() {
    with_app(async |app| {
        every_class(&app).await;
        let (from, to) = (FROM.parse().unwrap(), TO.parse().unwrap());
        let cells = queries::count(&app.db, app.scope(), span(&app, None))
            .await
            .unwrap();
        let cube = Cube::new(cells);
        let people = [
            Some(app.user("specialist").await),
            Some(app.user("clerk").await),
            None,
        ];
        let whose = people.map(Whose::Person);
        for whose in whose.into_iter().chain([Whose::Everybody]) {
            let mut seen = 0;
            for count in Count::ALL {
                let link = count.rows().link(&[Duty::PostService], whose, from, to);
                let figure = cube.count(Duty::PostService, whose, *count);
                let rows = rows_of(&app, &link).await;
                assert_eq!(figure, rows.len() as i64, "{count} of {whose:?}: {link}");
                seen += figure;
            }
            assert!(seen > 0, "{whose:?} has rows to compare");
        }
    });
}

#[test]
fn one_persons_figures_are_those_of_their_line() {
    with_app(async |app| {
        every_class(&app).await;
        let all = Cube::new(
            queries::count(&app.db, app.scope(), span(&app, None))
                .await
                .unwrap(),
        );
        for name in ["specialist", "clerk"] {
            let person = app.user(name).await;
            let cells = queries::count(&app.db, app.scope(), span(&app, Some(person)))
                .await
                .unwrap();
            let own = Cube::new(cells);
            for count in Count::ALL {
                let line = all.count(Duty::PostService, Whose::Person(Some(person)), *count);
                assert_eq!(own.total(Duty::PostService, *count), line, "{count} of {name}");
            }
        }
    });
}

#[test]
fn early_stays_out_of_both_sides_and_tomorrow_is_not_due() {
    with_app(async |app| {
        every_class(&app).await;
        let cells = queries::count(&app.db, app.scope(), span(&app, None))
            .await
            .unwrap();
        let cube = Cube::new(cells);
        let expected = [
            (Count::Due, 9),
            (Count::InTime, 5),
            (Count::Late, 2),
            (Count::Overdue, 2),
            (Count::Exhausted, 2),
            (Count::Connected, 4),
            (Count::Answered, 3),
            (Count::Satisfied, 2),
            (Count::NotDue, 1),
            (Count::Early, 1),
            (Count::Exempt, 1),
            (Count::Cancelled, 1),
        ];
        for (count, n) in expected {
            assert_eq!(cube.total(Duty::PostService, count), n, "{count}");
        }
        // A day later the early one has matured and counts on both sides; the open one is overdue.
        app.set_now("2026-11-26T02:00:00Z");
        let cells = queries::count(&app.db, app.scope(), span(&app, None))
            .await
            .unwrap();
        let cube = Cube::new(cells);
        let due = cube.total(Duty::PostService, Count::Due);
        let in_time = cube.total(Duty::PostService, Count::InTime);
        assert_eq!((due, in_time), (11, 6));
        assert_eq!(cube.total(Duty::PostService, Count::Early), 0);
    });
}

#[test]
fn the_classes_of_the_program_are_those_of_the_database() {
    with_app(async |app| {
        every_class(&app).await;
        let classes: Vec<String> = sqlx::query_scalar(
            "select distinct obligation_class(status, due_at, ended_at, $1) from obligations order by 1",
        )
        .bind(app.now())
        .fetch_all(&app.db)
        .await
        .unwrap();
        let mut known: Vec<String> = Class::ALL.iter().map(ToString::to_string).collect();
        known.sort();
        assert_eq!(classes, known);
    });
}

#[test]
fn a_manager_sees_the_store_with_links_and_people() {
    with_app(async |app| {
        every_class(&app).await;
        let other = build::person_in(&app, app.other_store, "李四", "13900139000", "浙B12345").await;
        build::obligation(&app, &other, "warranty_expiry", "T")
            .store(app.other_store)
            .cohort("2026-11-17")
            .insert()
            .await;
        let mut browser = app.sign_in(Role::Manager).await;
        let page = browser.get("/kpi").await;
        assert_eq!(page.status, 200);
        assert_eq!(page.text("h1"), "指标看板");
        assert_eq!(page.text(".page-head .segmented [aria-current]"), "本月");
        assert_eq!(page.text(".tile .tile__value"), "55.6%");
        assert_eq!(page.text(".tile .tile__foot"), "5 / 9目标 100%");
        assert_eq!(page.text(".tile .badge"), "未达标");
        let href = page.attr(".tile", "href").unwrap();
        assert_eq!(rows_of(&app, &href).await.len(), 9);
        let cells = page.texts(".ktable tbody tr:first-child td");
        assert_eq!(
            cells[..13],
            [
                "9", "5", "2", "2", "2", "4", "2", "1", "1", "1", "1", "55.6%", "10%"
            ]
        );
        let duties = page.texts(".ktable tbody tr");
        let warranty = duties
            .iter()
            .find(|line| line.starts_with("质保到期电话"))
            .unwrap();
        assert!(
            warranty.starts_with("质保到期电话00000"),
            "another store's rows are seen: {warranty}"
        );
        assert!(warranty.ends_with("——"), "nothing due is no rate: {warranty}");
        let people = page.texts(".ktable tbody th");
        assert!(people.contains(&"未分配".to_owned()), "{people:?}");
        let last = browser.get("/kpi?period=last_month").await;
        assert_eq!(last.text(".tile .tile__foot"), "1 / 2目标 100%");
        assert_eq!(browser.get("/kpi?period=nonsense").await.status, 200);
    });
}

#[test]
fn the_trend_says_its_conclusion_and_has_its_figures_in_a_table() {
    with_app(async |app| {
        every_class(&app).await;
        let page = app.sign_in(Role::Manager).await.get("/kpi").await;
        let label = page.attr(".chart svg", "aria-label").unwrap();
        assert_eq!(label, "近 30 天中 2 天有到期回访，0 天全部及时，合计及时率 54.5%");
        assert_eq!(page.count(".chart rect.ch-bar--miss"), 2);
        assert_eq!(
            page.texts(".figures tbody tr"),
            ["11月17日 周二9555.6%", "10月31日 周六2150%"]
        );
    });
}

#[test]
fn a_specialist_sees_their_own_figures_only() {
    with_app(async |app| {
        every_class(&app).await;
        let page = app.sign_in(Role::Specialist).await.get("/kpi").await;
        assert_eq!((page.status, page.text("h1").as_str()), (200, "我的指标"));
        assert_eq!(page.text(".tile .tile__foot"), "4 / 5目标 100%");
        let href = page.attr(".tile", "href").unwrap();
        assert!(
            !href.contains("person="),
            "the ledger shows a specialist own rows only: {href}"
        );
        assert_eq!(page.count(".ktable"), 1, "no table of people");
        assert!(!page.html().contains("clerk"));
    });
}

#[test]
fn roles_without_figures_are_refused() {
    with_app(async |app| {
        for (role, status) in [
            (Role::Receptionist, 403),
            (Role::Handler, 403),
            (Role::Clerk, 200),
            (Role::Admin, 200),
            (Role::Group, 200),
        ] {
            let page = app.sign_in(role).await.get("/kpi").await;
            assert_eq!(page.status, status, "{role}");
        }
    });
}

#[test]
fn dials_make_the_connect_rate() {
    with_app(async |app| {
        let person = build::person(&app, "张伟", "13800138000", "浙A7K2M9").await;
        let visit = build::visit(&app, &person, "RO1").insert().await;
        let callback = build::callback(&app, &person, visit, "2026-11-24T12:00:00Z").await;
        let user = app.user("specialist").await;
        for result in ["completed", "no_answer", "busy", "refused"] {
            sqlx::query(
                "insert into attempts (store_id, callback_id, customer_id, user_id, at, on_day, daypart, result, idem_key)
                 values ($1, $2, $3, $4, $5, '2026-11-24', 1, $6, gen_random_uuid())",
            )
            .bind(app.store)
            .bind(callback)
            .bind(person.customer)
            .bind(user)
            .bind(app.now())
            .bind(result)
            .execute(&app.db)
            .await
            .unwrap();
        }
        let page = app.sign_in(Role::Manager).await.get("/kpi?period=today").await;
        assert_eq!(page.text(".dl--big"), "拨打4接通2接通率50% 未结抱怨0");
    });
}
