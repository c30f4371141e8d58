//! Lists of the archive: filters, orders, pages, columns, changes of many rows; compared with what a plain reading of the tables says.

use std::cmp::Ordering;

use care_desk::auth::permission::Role;
use care_desk::customers::facts as customer_facts;
use care_desk::stores::StoreScope;
use care_desk::vehicles::facts as vehicle_facts;
use chrono::{DateTime, NaiveDate, Utc};

use crate::support::app::{TestApp, with_app};
use crate::support::build;
use crate::support::client::{Answer, Client};

/// A customer as the oracle sees it.
#[derive(Clone, Debug, sqlx::FromRow)]
struct Seen {
    id: i64,
    kind: String,
    grade: Option<String>,
    state: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    last_visit_on: Option<NaiveDate>,
}

/// Sixty customers whose values repeat in every combination, in both stores.
async fn seed(app: &TestApp) {
    for store in [app.store, app.other_store] {
        sqlx::query(
            "insert into customers (store_id, kind, name, grade, created_at, updated_at)
             select $1, (array['person','company'])[1 + i % 2], '客户' || i, (array['A','B',null])[1 + i % 3],
                    $2 - (i % 7) * interval '1 day', $2 - (i % 5) * interval '1 hour'
             from generate_series(1, 60) i",
        )
        .bind(store)
        .bind(app.now())
        .execute(&app.db)
        .await
        .unwrap();
        sqlx::query(
            "insert into phones (store_id, customer_id, number, state, is_main)
             select store_id, id, '138' || lpad(id::text, 8, '0'), (array['ok','wrong'])[1 + (id % 2)::int], true
             from customers where store_id = $1 and id % 4 <> 0",
        )
        .bind(store)
        .execute(&app.db)
        .await
        .unwrap();
        customer_facts::refresh(&app.db, StoreScope::for_job(store), None)
            .await
            .unwrap();
        sqlx::query(
            "update customer_facts set last_visit_on = date '2026-11-01' + (customer_id % 6)::int where store_id = $1 and customer_id % 3 > 0",
        )
        .bind(store)
        .execute(&app.db)
        .await
        .unwrap();
    }
}

async fn all(app: &TestApp) -> Vec<Seen> {
    sqlx::query_as(
        "select c.id, c.kind, c.grade, h.state, c.created_at, c.updated_at, f.last_visit_on
         from customers c
         join customer_facts f on f.store_id = c.store_id and f.customer_id = c.id
         left join phones h on h.store_id = c.store_id and h.customer_id = c.id and h.is_main
         where c.store_id = $1",
    )
    .bind(app.store)
    .fetch_all(&app.db)
    .await
    .unwrap()
}

/// Ids of the rows of a page, from their links.
fn ids(page: &Answer) -> Vec<i64> {
    assert_eq!(page.status, 200, "{}", page.text("body"));
    let document = scraper::Html::parse_document(page.html());
    let links = scraper::Selector::parse("tbody .cell-main > a").unwrap();
    let id = |href: &str| href.rsplit('/').next().unwrap().parse().unwrap();
    document
        .select(&links)
        .map(|link| id(link.attr("href").unwrap()))
        .collect()
}

/// All ids of a list, page after page; the pager says how many there are.
async fn walk(browser: &mut Client, path: &str) -> Vec<i64> {
    let mut found = Vec::new();
    for page in 1.. {
        let answer = browser.get(&format!("{path}&per_page=7&page={page}")).await;
        let rows = ids(&answer);
        let is_last = rows.len() < 7 || answer.count(".pager a[rel=next]") == 0;
        found.extend(rows);
        if is_last {
            break;
        }
    }
    found
}

type Condition = fn(&Seen) -> bool;

const FILTERS: [(&str, Condition); 10] = [
    ("", |_| true),
    ("kind=company", |c| c.kind == "company"),
    ("grade=B", |c| c.grade.as_deref() == Some("B")),
    ("phone=none", |c| c.state.is_none()),
    ("phone=wrong&kind=person", |c| {
        c.state.as_deref() == Some("wrong") && c.kind == "person"
    }),
    ("visited=never", |c| c.last_visit_on.is_none()),
    ("visit_from=2026-11-02&visit_to=2026-11-04", |c| {
        c.last_visit_on
            .is_some_and(|day| (2..=4).contains(&chrono::Datelike::day(&day)))
    }),
    // The store's days begin at 16:00 UTC.
    ("created_from=2026-11-20&created_to=2026-11-21", |c| {
        let (from, before) = ("2026-11-19T16:00:00Z", "2026-11-21T16:00:00Z");
        c.created_at >= from.parse::<DateTime<Utc>>().unwrap()
            && c.created_at < before.parse::<DateTime<Utc>>().unwrap()
    }),
    ("grade=A&visited=never&kind=company", |c| {
        c.grade.as_deref() == Some("A") && c.last_visit_on.is_none() && c.kind == "company"
    }),
    ("kind=houses&visit_from=yesterday&grade=", |_| true),
];

#[test]
fn every_filter_in_every_order_shows_what_a_plain_reading_finds() {
    with_app(async |app| {
        seed(&app).await;
        let seen = all(&app).await;
        assert_eq!(seen.len(), 60);
        let mut browser = app.sign_in(Role::Specialist).await;
        type Order = fn(&Seen, &Seen) -> Ordering;
        let orders: [(&str, Order); 7] = [
            ("", |a, b| b.updated_at.cmp(&a.updated_at).then(a.id.cmp(&b.id))),
            ("updated", |a, b| {
                a.updated_at.cmp(&b.updated_at).then(b.id.cmp(&a.id))
            }),
            ("-created", |a, b| {
                b.created_at.cmp(&a.created_at).then(a.id.cmp(&b.id))
            }),
            ("created", |a, b| {
                a.created_at.cmp(&b.created_at).then(b.id.cmp(&a.id))
            }),
            ("-last_visit", |a, b| {
                b.last_visit_on.cmp(&a.last_visit_on).then(a.id.cmp(&b.id))
            }),
            ("last_visit", |a, b| {
                a.last_visit_on.cmp(&b.last_visit_on).then(b.id.cmp(&a.id))
            }),
            ("nonsense", |a, b| {
                b.updated_at.cmp(&a.updated_at).then(a.id.cmp(&b.id))
            }),
        ];
        for (filter, condition) in FILTERS {
            for (sort, order) in orders {
                let mut expected: Vec<&Seen> = seen.iter().filter(|c| condition(c)).collect();
                expected.sort_by(|a, b| order(a, b));
                let expected: Vec<i64> = expected.iter().map(|c| c.id).collect();
                let path = format!("/customers?{filter}&sort={sort}");
                assert_eq!(walk(&mut browser, &path).await, expected, "{path}");
                let page = browser.get(&path).await;
                let total = page.text(".tabs a[aria-current] .count");
                assert_eq!(total, expected.len().to_string(), "{path}");
            }
        }
    });
}

#[test]
fn names_are_ordered_by_pinyin_both_ways() {
    with_app(async |app| {
        for (name, phone, plate) in [
            ("张三", "13800000001", "浙A00001"),
            ("阿强", "13800000002", "浙A00002"),
            ("王芳", "13800000003", "浙A00003"),
        ] {
            build::person(&app, name, phone, plate).await;
        }
        let mut browser = app.sign_in(Role::Specialist).await;
        for (query, expected) in [
            ("?sort=name", ["阿强", "王芳", "张三"]),
            ("?sort=-name", ["张三", "王芳", "阿强"]),
            ("?sort=-name&kind=person", ["张三", "王芳", "阿强"]),
        ] {
            let page = browser.get(&format!("/customers{query}")).await;
            assert_eq!(page.texts("tbody .cell-main > a"), expected, "{query}");
            let aria = if query.contains('-') {
                "descending"
            } else {
                "ascending"
            };
            assert_eq!(
                page.attr("thead th[aria-sort]", "aria-sort").as_deref(),
                Some(aria)
            );
        }
    });
}

#[test]
fn a_set_filter_is_tinted_and_its_link_clears_it_alone() {
    with_app(async |app| {
        seed(&app).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = browser
            .get("/customers?kind=company&grade=A&sort=-created&page=2")
            .await;
        assert_eq!(page.count(".filter.is-set"), 2);
        assert_eq!(page.texts(".filter.is-set b"), ["单位", "A"]);
        assert_eq!(
            page.attr(".filter.is-set a", "href").as_deref(),
            Some("/customers?grade=A&sort=-created"),
        );
        let cleared = browser.get("/customers?view=all").await;
        assert_eq!(cleared.count(".filter.is-set"), 0);
        let nothing = browser.get("/customers?grade=A&kind=company&phone=dead").await;
        assert_eq!(nothing.text(".empty b"), "没有符合条件的记录");
    });
}

#[test]
fn cars_are_filtered_by_what_is_known_and_what_is_derived() {
    with_app(async |app| {
        let one = build::person(&app, "甲", "13800000001", "浙A00001").await;
        let two = build::person(&app, "乙", "13800000002", "浙B00002").await;
        let three = build::person(&app, "丙", "13800000003", "苏A00003").await;
        build::person_in(&app, app.other_store, "丁", "13800000004", "浙A00004").await;
        build::visit(&app, &one, "RO-1")
            .handed_over("2026-11-20T02:00:00Z")
            .insert()
            .await;
        for (vehicle, set) in [
            (one.vehicle, "usage = 'taxi', delivered_on = '2025-01-01'"),
            (two.vehicle, "state = 'sold', model = 'SUV'"),
        ] {
            let sql = format!("update vehicles set {set} where id = {vehicle}");
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
                .execute(&app.db)
                .await
                .unwrap();
        }
        sqlx::query("update vehicle_people set until_on = '2026-11-01' where vehicle_id = $1")
            .bind(three.vehicle)
            .execute(&app.db)
            .await
            .unwrap();
        vehicle_facts::refresh(&app.db, app.scope(), None, app.now())
            .await
            .unwrap();
        let mut browser = app.sign_in(Role::Specialist).await;
        let (one, two, three) = (one.vehicle.get(), two.vehicle.get(), three.vehicle.get());
        for (query, mut expected) in [
            ("view=all", vec![one, two, three]),
            ("usage=taxi", vec![one]),
            ("state=sold", vec![two]),
            ("model=SUV", vec![two]),
            ("region=%E6%B5%99", vec![one, two]),
            ("region=%E6%B5%99b", vec![two]),
            ("people=nobody", vec![three]),
            ("visited=never", vec![two, three]),
            ("visit_from=2026-11-20&visit_to=2026-11-20", vec![one]),
            ("delivered_to=2025-06-01", vec![one]),
            ("region=%25&usage=rocket", vec![one, two, three]),
        ] {
            let mut found = ids(&browser.get(&format!("/vehicles?{query}")).await);
            for sort in [
                "-delivered",
                "delivered",
                "warranty",
                "-warranty",
                "next_due",
                "-next_due",
                "last_visit",
                "-last_visit",
                "updated",
            ] {
                let mut other = ids(&browser.get(&format!("/vehicles?{query}&sort={sort}")).await);
                other.sort_unstable();
                found.sort_unstable();
                assert_eq!(other, found, "{query} {sort}");
            }
            expected.sort_unstable();
            assert_eq!(found, expected, "{query}");
        }
        let first = browser.get("/vehicles?sort=-last_visit").await;
        assert_eq!(ids(&first)[0], one);
        let whole = "LSVNV4188D2014427";
        sqlx::query("update vehicles set vin = $2 where id = $1")
            .bind(one)
            .bind(whole)
            .execute(&app.db)
            .await
            .unwrap();
        browser
            .post(
                "/views/columns",
                &[
                    ("list", "vehicles"),
                    ("column", "vin"),
                    ("next", "/vehicles?view=all"),
                ],
            )
            .await;
        let page = browser.get("/vehicles?view=all").await;
        assert!(page.html().contains("LSV*******014427") && !page.html().contains(whole));
    });
}

#[test]
fn visits_are_filtered_by_amount_and_by_cars_still_in_the_shop() {
    with_app(async |app| {
        let person = build::person(&app, "甲", "13800000001", "浙A00001").await;
        for (ro, fen) in [("RO-1", 10_000), ("RO-2", 250_000), ("RO-3", 99_900)] {
            let visit = build::visit(&app, &person, ro);
            let visit = if ro == "RO-3" { visit.in_shop() } else { visit };
            let id = visit.insert().await;
            sqlx::query("update visits set amount_fen = $2, advisor_name = '李\"娜' where id = $1")
                .bind(id)
                .bind(fen)
                .execute(&app.db)
                .await
                .unwrap();
        }
        let mut browser = app.sign_in(Role::Specialist).await;
        for (query, expected) in [
            ("sort=-amount", vec!["RO-2", "RO-3", "RO-1"]),
            ("sort=amount&amount_from=100", vec!["RO-1", "RO-3", "RO-2"]),
            ("amount_from=999&amount_to=2500&sort=amount", vec!["RO-3", "RO-2"]),
            ("amount_from=lots&sort=amount", vec!["RO-1", "RO-3", "RO-2"]),
            ("shop=now", vec!["RO-3"]),
            ("advisor=%E6%9D%8E%22&sort=amount", vec!["RO-1", "RO-3", "RO-2"]),
            ("advisor=nobody", vec![]),
        ] {
            let page = browser.get(&format!("/visits?{query}")).await;
            assert_eq!(page.texts("tbody td:first-child a"), expected, "{query}");
        }
    });
}

#[test]
fn columns_and_density_are_kept_per_person_and_list() {
    with_app(async |app| {
        seed(&app).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let heads = |page: &Answer| page.texts("thead th");
        let before = browser.get("/customers").await;
        assert_eq!(heads(&before), ["客户", "手机", "车辆", "上次进站", "更新"]);
        let form = [
            ("list", "customers"),
            ("column", "grade"),
            ("column", "created"),
            ("column", "no such"),
            ("density", "compact"),
            ("next", "/customers?kind=company"),
        ];
        let chosen = browser.post("/views/columns", &form).await;
        assert_eq!(
            (chosen.status, chosen.location()),
            (303, "/customers?kind=company")
        );
        let after = browser.follow(&chosen).await;
        assert_eq!(heads(&after), ["客户", "客户级别", "建档时间"]);
        assert_eq!(after.count("table.table--tight"), 1);
        let mut other = app.sign_in(Role::Receptionist).await;
        assert_eq!(heads(&other.get("/customers").await).len(), 5);
        let away = browser
            .post(
                "/views/columns",
                &[("list", "customers"), ("next", "https://evil.example")],
            )
            .await;
        assert_eq!(away.location(), "/customers?view=all");
    });
}

const KEY: &str = "6f1e9f6e-8f43-4a55-9d3e-1c1b3d7a0001";

async fn graded(app: &TestApp) -> i64 {
    app.count("select count(*) from customers where grade = 'C'")
        .await
}

#[test]
fn a_change_of_a_whole_filter_shows_its_count_first_and_happens_once() {
    with_app(async |app| {
        seed(&app).await;
        let mut clerk = app.sign_in(Role::Clerk).await;
        let first = [
            ("change", "grade:C"),
            ("scope", "filter"),
            ("filter", "kind=company&grade=A"),
        ];
        let asked = clerk.post("/customers/bulk", &first).await;
        assert_eq!(
            (asked.status, asked.text(".confirm-count b")),
            (200, "10".to_owned())
        );
        assert_eq!(graded(&app).await, 0, "nothing is changed before it is confirmed");
        let key = asked.attr("input[name=idem_key]", "value").unwrap();
        // Somebody else changes one of them in between: the page asks again.
        sqlx::query("update customers set grade = 'B' where id = (select min(id) from customers where store_id = $1 and grade = 'A' and kind = 'company')")
            .bind(app.store)
            .execute(&app.db)
            .await
            .unwrap();
        let stale = [&first[..], &[("expected", "10"), ("idem_key", &key)]].concat();
        let again = clerk.post("/customers/bulk", &stale).await;
        assert_eq!(
            (again.status, again.text(".confirm-count b")),
            (200, "9".to_owned())
        );
        assert_eq!(again.count(".flash--soon"), 1);
        assert_eq!(graded(&app).await, 0);
        let key = again.attr("input[name=idem_key]", "value").unwrap();
        let right = [&first[..], &[("expected", "9"), ("idem_key", &key)]].concat();
        for _ in 0..2 {
            let done = clerk.post("/customers/bulk", &right).await;
            assert_eq!(
                (done.status, done.location()),
                (303, "/customers?kind=company&grade=A")
            );
            assert_eq!(graded(&app).await, 9);
        }
        assert_eq!(app.count("select count(*) from batches").await, 1);
        let foreign = "select count(*) from customers where grade = 'C' and store_id <> (select id from stores where code = 'S01')";
        assert_eq!(app.count(foreign).await, 0);
        let entry: serde_json::Value =
            sqlx::query_scalar("select change from audit where action = 'customers.change_many'")
                .fetch_one(&app.db)
                .await
                .unwrap();
        assert_eq!(entry["rows"], 9);
        assert_eq!(entry["filter"], "kind=company&grade=A");
    });
}

#[test]
fn ticked_rows_are_changed_and_changed_back_unless_somebody_else_was_at_them() {
    with_app(async |app| {
        seed(&app).await;
        let mut manager = app.sign_in(Role::Manager).await;
        let own: Vec<i64> = sqlx::query_scalar(
            "select id from customers where store_id = $1 and grade = 'A' order by id limit 3",
        )
        .bind(app.store)
        .fetch_all(&app.db)
        .await
        .unwrap();
        let foreign: i64 = sqlx::query_scalar("select min(id) from customers where store_id = $1")
            .bind(app.other_store)
            .fetch_one(&app.db)
            .await
            .unwrap();
        let rows: Vec<String> = own.iter().chain([&foreign]).map(i64::to_string).collect();
        let mut form = vec![
            ("change", "grade:C"),
            ("scope", "ticked"),
            ("expected", "3"),
            ("idem_key", KEY),
        ];
        form.extend(rows.iter().map(|id| ("row", id.as_str())));
        assert_eq!(manager.post("/customers/bulk", &form).await.status, 303);
        assert_eq!(graded(&app).await, 3, "a foreign row is not there");
        let list = manager.get("/customers?view=all").await;
        let undo = list.attr(".list-undo", "action").unwrap();
        sqlx::query("update customers set grade = 'D' where id = $1")
            .bind(own[0])
            .execute(&app.db)
            .await
            .unwrap();
        let undone = manager.post(&undo, &[]).await;
        assert_eq!(undone.status, 303);
        let grades: Vec<Option<String>> =
            sqlx::query_scalar("select grade from customers where id = any($1) order by id")
                .bind(&own)
                .fetch_all(&app.db)
                .await
                .unwrap();
        assert_eq!(
            grades,
            [Some("D".to_owned()), Some("A".to_owned()), Some("A".to_owned())]
        );
        let version = app.count("select max(version)::bigint from customers").await;
        manager.post(&undo, &[]).await;
        assert_eq!(
            app.count("select max(version)::bigint from customers").await,
            version,
            "it is taken back once"
        );
        assert_eq!(manager.get("/customers?view=all").await.count(".list-undo"), 0);
    });
}

#[test]
fn keepers_and_tags_are_given_to_many_and_taken_back() {
    with_app(async |app| {
        seed(&app).await;
        let keeper = app.user("specialist").await;
        let tag: i64 = sqlx::query_scalar(
            "insert into tags (store_id, name, created_at) values ($1, '样车', $2) returning id",
        )
        .bind(app.store)
        .bind(app.now())
        .fetch_one(&app.db)
        .await
        .unwrap();
        let mut admin = app.sign_in(Role::Admin).await;
        let kept = "select count(*) from customers where keeper_id is not null";
        let tagged = "select count(*) from customer_tags";
        for (change, key, effect, count) in [
            (
                format!("keeper:{keeper}"),
                "6f1e9f6e-8f43-4a55-9d3e-1c1b3d7a0002",
                kept,
                30,
            ),
            (
                format!("add_tag:{tag}"),
                "6f1e9f6e-8f43-4a55-9d3e-1c1b3d7a0003",
                tagged,
                30,
            ),
            (
                format!("remove_tag:{tag}"),
                "6f1e9f6e-8f43-4a55-9d3e-1c1b3d7a0004",
                tagged,
                0,
            ),
        ] {
            let form = [
                ("change", &*change),
                ("scope", "filter"),
                ("filter", "kind=company"),
                ("expected", "30"),
                ("idem_key", key),
            ];
            assert_eq!(admin.post("/customers/bulk", &form).await.status, 303, "{change}");
            assert_eq!(app.count(effect).await, count, "{change}");
        }
        let filtered = admin.get(&format!("/customers?keeper={keeper}")).await;
        assert_eq!(filtered.text(".tabs a[aria-current] .count"), "30");
        for (batch, effect, count) in [(3, tagged, 30), (2, tagged, 0), (1, kept, 0)] {
            let id: i64 = sqlx::query_scalar("select id from batches order by id offset $1 limit 1")
                .bind(batch - 1)
                .fetch_one(&app.db)
                .await
                .unwrap();
            admin.post(&format!("/customers/bulk/{id}/undo"), &[]).await;
            assert_eq!(app.count(effect).await, count, "{batch}");
        }
        for change in ["keeper:999999", "grade:Z", "add_tag:999999", "delete:all", ""] {
            let form = [
                ("change", change),
                ("scope", "filter"),
                ("filter", ""),
                ("expected", "60"),
                ("idem_key", KEY),
            ];
            let refused = admin.post("/customers/bulk", &form).await;
            assert_eq!(refused.status, 303, "{change}");
            assert_eq!(app.count("select count(*) from batches").await, 3, "{change}");
        }
    });
}

#[test]
fn cars_change_their_state_together() {
    with_app(async |app| {
        for n in 1..=3 {
            build::person(&app, "甲", &format!("1380000000{n}"), &format!("浙A0000{n}")).await;
        }
        let mut clerk = app.sign_in(Role::Clerk).await;
        let form = [
            ("change", "state:scrapped"),
            ("scope", "filter"),
            ("filter", "state=active"),
            ("expected", "3"),
            ("idem_key", KEY),
        ];
        assert_eq!(
            clerk.post("/vehicles/bulk", &form).await.location(),
            "/vehicles?state=active"
        );
        let scrapped = "select count(*) from vehicles where state = 'scrapped'";
        assert_eq!(app.count(scrapped).await, 3);
        let list = clerk.get("/vehicles?view=all").await;
        clerk.post(&list.attr(".list-undo", "action").unwrap(), &[]).await;
        assert_eq!(app.count(scrapped).await, 0);
        let mut specialist = app.sign_in(Role::Specialist).await;
        assert_eq!(specialist.post("/vehicles/bulk", &form).await.status, 403);
        assert_eq!(specialist.get("/vehicles").await.count(".row-check"), 0);
    });
}

#[test]
fn the_state_of_the_main_number_follows_every_writer() {
    with_app(async |app| {
        let person = build::person(&app, "甲", "13800000001", "浙A00001").await;
        let state = async || -> String {
            sqlx::query_scalar("select phone_state from customer_facts where customer_id = $1")
                .bind(person.customer)
                .fetch_one(&app.db)
                .await
                .unwrap()
        };
        customer_facts::refresh(&app.db, app.scope(), None).await.unwrap();
        assert_eq!(state().await, "ok", "facts that come after the number");
        for (sql, expected) in [
            ("update phones set state = 'dead'", "dead"),
            ("update phones set is_main = false", "none"),
            (
                "update phones set is_main = true, state = 'do_not_call'",
                "do_not_call",
            ),
            ("delete from phones", "none"),
            (
                "insert into phones (store_id, customer_id, number, is_main) select store_id, id, '13800000002', true from customers",
                "ok",
            ),
        ] {
            sqlx::query(sql).execute(&app.db).await.unwrap();
            assert_eq!(state().await, expected, "{sql}");
        }
    });
}
