//! The search box: what it suggests, to whom, how it masks, and that its statements stay on their indexes.

use care_desk::auth::permission::Role;
use care_desk::customers::facts;
use care_desk::db::{pool_options, tuned};
use care_desk::stores::StoreScope;
use scraper::{Html, Selector};
use sqlx::{AssertSqlSafe, PgPool};

use crate::support::app::{PASSWORD, TestApp, with_app};
use crate::support::build::{self, Person};
use crate::support::client::{Answer, Client};

const PHONE: &str = "13905717715";

/// 赵雅楠 with a car, a VIN, a repair order, a policy, a complaint and an open callback.
async fn zhao(app: &TestApp) -> Person {
    let person = build::person(app, "赵雅楠", PHONE, "浙A7K2M9").await;
    run(
        app,
        "update vehicles set vin = 'LSVNV4188D2014427' where id = $1",
        person.vehicle.get(),
    )
    .await;
    run(
        app,
        "insert into policies (store_id, policy_no, vehicle_id, insured_id, kind, insurer, ends_on, created_at)
         select store_id, 'PDAA202633010000887766', vehicle_id, customer_id, 'commercial', '平安', '2027-03-01', '2026-01-01'
         from vehicle_people where vehicle_id = $1",
        person.vehicle.get(),
    )
    .await;
    run(
        app,
        "insert into complaints (store_id, number, customer_id, vehicle_id, channel, class_major, severity, accepted_at, created_at, updated_at)
         select store_id, 'CP-261124-03', customer_id, vehicle_id, 'hotline', 'attitude', 'B', '2026-11-24', '2026-11-24', '2026-11-24'
         from vehicle_people where vehicle_id = $1",
        person.vehicle.get(),
    )
    .await;
    let visit = build::visit(app, &person, "RO-26112108").insert().await;
    build::callback(app, &person, visit, "2026-11-24T08:00:00Z").await;
    facts::refresh(&app.db, app.scope(), None).await.unwrap();
    person
}

async fn run(app: &TestApp, sql: &'static str, id: i64) {
    let done = sqlx::query(sql).bind(id).execute(&app.db).await.unwrap();
    assert!(done.rows_affected() > 0, "{sql}");
}

async fn suggest(browser: &mut Client, typed: &str) -> Answer {
    let page = browser.post("/customers/suggest", &[("q", typed)]).await;
    assert_eq!(page.status, 200, "{typed}: {}", page.html());
    page
}

/// Where the options of a group lead.
fn links(page: &Answer, group: &str) -> Vec<String> {
    hrefs(
        page,
        &format!("[role=group][aria-label='{group}'] a[role=option]"),
    )
}

fn hrefs(page: &Answer, selector: &str) -> Vec<String> {
    let html = Html::parse_document(page.html());
    let selector = Selector::parse(selector).unwrap();
    let links = html.select(&selector);
    links
        .filter_map(|link| link.attr("href").map(String::from))
        .collect()
}

#[test]
fn everything_that_is_known_of_a_customer_suggests_them_and_says_why() {
    with_app(async |app| {
        let person = zhao(&app).await;
        build::person(&app, "钱程", "13700000001", "浙B11111").await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let customer = format!("/customers/{}", person.customer);
        let number = format!("C-{}", person.customer);
        for (typed, reason, mark) in [
            ("赵", "姓名", "赵"),
            ("赵雅", "姓名", "赵雅"),
            ("雅楠", "姓名", "雅楠"),
            ("赵雅楠", "姓名", "赵雅楠"),
            ("赵 雅楠", "姓名", "赵雅楠"),
            ("楠", "姓名", "楠"),
            ("zhaoyanan", "拼音", "赵雅楠"),
            ("zhaoy", "拼音", "赵雅"),
            ("ZYN", "拼音", "赵雅楠"),
            ("ｚｙ", "拼音", "赵雅"),
            ("zhao雅", "拼音", "赵雅楠"),
            ("7715", "电话", "7715"),
            ("05717715", "电话", "05717715"),
            ("139-0571 7715", "电话", "7715"),
            ("浙A·7K2M9", "车牌", "浙A·7K2M9"),
            ("浙a7k2m9", "车牌", "浙A·7K2M9"),
            ("A7K2M9", "车牌", "A·7K2M9"),
            ("7k2m9", "车牌", "7K2M9"),
            ("K2M9", "车牌", "K2M9"),
            ("014427", "VIN", ""),
            ("D2014427", "VIN", ""),
            ("LSVNV4188D2014427", "VIN", ""),
            (&number, "客户编号", ""),
        ] {
            let page = suggest(&mut browser, typed).await;
            assert_eq!(links(&page, "客户"), std::slice::from_ref(&customer), "{typed}");
            assert_eq!(page.text("[aria-label='客户'] .badge--brand"), reason, "{typed}");
            if typed != "zhao雅" && !mark.is_empty() {
                assert_eq!(page.text("[aria-label='客户'] mark"), mark, "{typed}");
            }
            for told in ["7715", "浙A·7K2M9", "轿车", "上次进站 11-24", "待回访 今日 16:00"] {
                assert!(page.text("[aria-label='客户']").contains(told), "{typed}: {told}");
            }
        }
        let nobody = suggest(&mut browser, "李").await;
        assert_eq!(links(&nobody, "客户"), Vec::<String>::new());
        assert_eq!(nobody.text(".combo__note"), "没有找到");
        assert_eq!(suggest(&mut browser, " ").await.count("[role=option]"), 0);
    });
}

#[test]
fn cars_orders_policies_and_complaints_are_suggested_in_groups() {
    with_app(async |app| {
        let person = zhao(&app).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let customer = format!("/customers/{}", person.customer);
        let vehicle = format!("/vehicles/{}", person.vehicle);
        for (typed, group, link, mark) in [
            ("K2M9", "车辆", vehicle.as_str(), "K2M9"),
            ("浙A7K2M9", "车辆", &vehicle, "浙A·7K2M9"),
            ("014427", "车辆", &vehicle, "014427"),
            ("d2014427", "车辆", &vehicle, "014427"),
            ("LSVNV4188D2014427", "车辆", &vehicle, "014427"),
            ("RO-26112108", "工单", "/visits/", "RO-26112108"),
            ("ro-26112108", "工单", "/visits/", "RO-26112108"),
            ("RO-2611", "工单", "/visits/", "RO-2611"),
            ("PDAA202633010000887766", "保单", &customer, "7766"),
            ("pdaa 2026 33010000 887766", "保单", &customer, "7766"),
            ("887766", "保单", &customer, "887766"),
            ("CP-261124-03", "抱怨工单", "/complaints/", "CP-261124-03"),
            ("cp2611", "抱怨工单", "/complaints/", "CP-2611"),
            ("261124-03", "抱怨工单", "/complaints/", "261124-03"),
        ] {
            let page = suggest(&mut browser, typed).await;
            let links = links(&page, group);
            assert_eq!(links.len(), 1, "{typed}: {}", page.html());
            assert!(links[0].starts_with(link), "{typed}: {}", links[0]);
            assert_eq!(
                page.text(&format!("[aria-label='{group}'] mark")),
                mark,
                "{typed}"
            );
        }
        let by_plate = suggest(&mut browser, "K2M9").await;
        assert!(
            by_plate.text("[aria-label='车辆']").contains("赵雅楠"),
            "who owns the car"
        );
    });
}

#[test]
fn everybody_with_one_phone_is_shown_with_their_cars() {
    with_app(async |app| {
        for n in 0..9 {
            build::person(&app, &format!("赵家人{n}"), PHONE, &format!("浙A0000{n}")).await;
        }
        build::person(&app, "公司", "0571-88886666-801", "浙C00001").await;
        facts::refresh(&app.db, app.scope(), None).await.unwrap();
        let mut browser = app.sign_in(Role::Specialist).await;
        for typed in [PHONE, "7715", "05717715"] {
            let page = suggest(&mut browser, typed).await;
            assert_eq!(links(&page, "客户").len(), 9, "{typed}");
            for n in 0..9 {
                assert!(page.html().contains(&format!("浙A·0000{n}")), "{typed} {n}");
            }
        }
        // A landline is found without its extension and without the store's area code.
        run(
            &app,
            "update stores set area_code = '0571' where id = $1",
            app.store.get(),
        )
        .await;
        for typed in ["0571-88886666", "88886666", "6666"] {
            assert_eq!(
                links(&suggest(&mut browser, typed).await, "客户").len(),
                1,
                "{typed}"
            );
        }
        assert_eq!(links(&suggest(&mut browser, "6801").await, "客户").len(), 0);
    });
}

#[test]
fn exact_comes_before_a_beginning_before_a_piece_and_the_last_visitor_first() {
    with_app(async |app| {
        for (n, name) in ["李王伟", "王伟强", "王伟", "王伟东", "王维"].iter().enumerate() {
            let person = build::person(&app, name, &format!("1390571000{n}"), &format!("浙A0000{n}")).await;
            let day = format!("2026-11-{:02}T02:00:00Z", 20 - n);
            build::visit(&app, &person, &format!("RO-{n}"))
                .handed_over(&day)
                .insert()
                .await;
        }
        facts::refresh(&app.db, app.scope(), None).await.unwrap();
        let mut browser = app.sign_in(Role::Specialist).await;
        for (typed, names) in [
            ("王伟", vec!["王伟", "王伟强", "王伟东", "李王伟"]),
            ("王", vec!["王伟强", "王伟", "王伟东", "王维", "李王伟"]),
            ("wangwei", vec!["王伟", "王维", "王伟强", "王伟东"]),
        ] {
            let found = suggest(&mut browser, typed)
                .await
                .texts("[aria-label='客户'] a b");
            assert_eq!(found, names, "{typed}");
        }
    });
}

#[test]
fn numbers_stay_masked_and_a_piece_of_one_is_refused_politely() {
    with_app(async |app| {
        zhao(&app).await;
        let mut specialist = app.sign_in(Role::Specialist).await;
        let mut receptionist = app.sign_in(Role::Receptionist).await;
        for typed in [
            "7715",
            "05717715",
            "赵",
            "zyn",
            "浙A7K2M9",
            "014427",
            "887766",
            PHONE,
            "CP-2611",
            "RO-26112108",
        ] {
            for browser in [&mut specialist, &mut receptionist] {
                let page = suggest(browser, typed).await;
                // What was typed stands in the last entries; masks are about the rest.
                let shown = page.html().replace(typed, "");
                for whole in [PHONE, "LSVNV4188D2014427", "PDAA202633010000887766"] {
                    assert!(!shown.contains(whole), "{typed} shows {whole}");
                }
            }
            let page = suggest(&mut receptionist, typed).await;
            let people = page.text("[aria-label='客户']");
            assert!(
                !people.contains("139"),
                "{typed} shows more than the last four: {people}"
            );
        }
        let by_eight = suggest(&mut specialist, "05717715").await;
        assert!(
            !by_eight.text("[aria-label='客户']").contains("139"),
            "three and eight are the whole number"
        );
        for piece in ["13905", "1390571", "057177", "1390571771"] {
            let page = suggest(&mut specialist, piece).await;
            assert_eq!(links(&page, "客户").len(), 0, "{piece}");
            assert_eq!(
                page.text(".combo__note"),
                "号码请输入后四位、后八位或完整号码。",
                "{piece}"
            );
        }
    });
}

#[test]
fn whoever_was_merged_leads_to_the_survivor_and_whoever_was_erased_is_gone() {
    with_app(async |app| {
        let survivor = build::person(&app, "孙晓峰", "13800000001", "浙A00001").await;
        let merged = build::person(&app, "孙小峰", "13800000002", "浙A00002").await;
        let erased = build::person(&app, "周敏", "13800000003", "浙A00003").await;
        sqlx::query("update customers set merged_into_id = $2 where id = $1")
            .bind(merged.customer)
            .bind(survivor.customer)
            .execute(&app.db)
            .await
            .unwrap();
        run(
            &app,
            "update customers set name = null, grams = '{}', erased_at = '2026-11-24' where id = $1",
            erased.customer.get(),
        )
        .await;
        facts::refresh(&app.db, app.scope(), None).await.unwrap();
        let mut browser = app.sign_in(Role::Specialist).await;
        let survivor = format!("/customers/{}", survivor.customer);
        let old_number = format!("C-{}", merged.customer);
        for typed in ["孙小峰", "sunxiaof", "小峰", "0002", "13800000002", &old_number] {
            let page = suggest(&mut browser, typed).await;
            assert_eq!(links(&page, "客户"), std::slice::from_ref(&survivor), "{typed}");
        }
        let erased_number = format!("C-{}", erased.customer);
        for typed in ["周敏", "周", "zhoumin", "0003", "13800000003", &erased_number] {
            assert_eq!(
                links(&suggest(&mut browser, typed).await, "客户").len(),
                0,
                "{typed}"
            );
        }
    });
}

#[test]
fn another_stores_rows_are_never_suggested() {
    with_app(async |app| {
        build::person_in(&app, app.other_store, "赵雅楠", PHONE, "浙A7K2M9").await;
        run(
            &app,
            "insert into complaints (store_id, number, channel, class_major, severity, accepted_at, created_at, updated_at)
             values ($1, 'CP-261124-03', 'hotline', 'attitude', 'B', '2026-11-24', '2026-11-24', '2026-11-24')",
            app.other_store.get(),
        )
        .await;
        facts::refresh(&app.db, StoreScope::for_job(app.other_store), None)
            .await
            .unwrap();
        let mut browser = app.sign_in(Role::Manager).await;
        for typed in [
            "赵",
            "雅楠",
            "zyn",
            "z",
            "7715",
            PHONE,
            "K2M9",
            "浙A7K2M9",
            "CP-2611",
            "1",
        ] {
            let page = suggest(&mut browser, typed).await;
            assert_eq!(page.count("a[role=option]"), 0, "{typed}: {}", page.html());
        }
    });
}

#[test]
fn a_handler_is_suggested_own_complaints_and_nothing_of_the_archive() {
    with_app(async |app| {
        let person = zhao(&app).await;
        let handler = app.user("handler").await;
        let mut browser = app.sign_in(Role::Handler).await;
        for typed in ["CP-2611", "赵雅楠"] {
            assert_eq!(
                suggest(&mut browser, typed).await.count("a[role=option]"),
                0,
                "not theirs: {typed}"
            );
        }
        run(&app, "update complaints set handler_id = $1", handler.get()).await;
        let own: i64 = app.count("select id from complaints").await;
        for typed in ["CP-2611", "cp261124-03", "赵雅楠", "雅"] {
            let page = suggest(&mut browser, typed).await;
            assert_eq!(
                hrefs(&page, "a[role=option]"),
                [format!("/complaints/{own}")],
                "{typed}"
            );
            assert_eq!(page.count("[formaction]"), 0, "no right to create");
        }
        for typed in [PHONE, "7715", "浙A7K2M9", "RO-26112108", "887766"] {
            assert_eq!(
                suggest(&mut browser, typed).await.count("a[role=option]"),
                0,
                "{typed}"
            );
        }
        let sent = browser.post("/customers/search", &[("q", "cp-2611")]).await;
        assert_eq!(sent.location(), format!("/complaints/{own}"));
        let elsewhere = browser.post("/customers/search", &[("q", PHONE)]).await;
        assert_eq!(elsewhere.location(), "/complaints?tab=all&q=7715");
        assert_eq!(
            browser
                .get(&format!("/customers/{}", person.customer))
                .await
                .status,
            403
        );
    });
}

#[test]
fn what_was_not_found_begins_a_new_customer() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Specialist).await;
        for (typed, field, value) in [
            ("13800000009", "phone", "13800000009"),
            ("林一鸣", "name", "林一鸣"),
            ("浙A00009", "plate", "浙A00009"),
        ] {
            let offered = suggest(&mut browser, typed).await;
            let is_offered = offered.count("button[formaction='/customers/new']") == 1;
            assert_eq!(is_offered, field != "plate", "{typed}");
            let form = browser.post("/customers/new", &[("q", typed)]).await;
            assert_eq!(form.status, 200);
            assert_eq!(
                form.attr(&format!("[name={field}]"), "value").as_deref(),
                Some(value)
            );
        }
        let mut group = app.sign_in(Role::Group).await;
        group
            .post(
                "/stores/enter",
                &[("store_id", &app.store.to_string()), ("next", "/")],
            )
            .await;
        assert_eq!(suggest(&mut group, "林一鸣").await.count("[formaction]"), 0);
    });
}

#[test]
fn a_sent_box_leads_to_the_row_that_it_names() {
    with_app(async |app| {
        let person = zhao(&app).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let complaint = app.count("select id from complaints").await;
        for (typed, location) in [
            ("cp-261124-03", format!("/complaints/{complaint}")),
            (
                "pdaa202633010000887766",
                format!("/customers/{}", person.customer),
            ),
            ("K2M9", "/customers?q=K2M9".to_owned()),
        ] {
            let answer = browser.post("/customers/search", &[("q", typed)]).await;
            assert_eq!(answer.location(), location, "{typed}");
        }
    });
}

#[test]
fn an_empty_box_suggests_whom_one_dealt_with_last() {
    with_app(async |app| {
        let person = zhao(&app).await;
        let other = build::person(&app, "钱程", "13700000001", "浙B11111").await;
        let mut browser = app.sign_in(Role::Specialist).await;
        for (person, phone) in [(&other, other.phone), (&person, person.phone)] {
            let path = format!("/customers/{}/phones/{phone}/reveal", person.customer);
            browser.post(&path, &[]).await;
            app.advance(std::time::Duration::from_secs(1));
        }
        let page = suggest(&mut browser, "").await;
        let last = [person.customer, other.customer].map(|id| format!("/customers/{id}"));
        assert_eq!(links(&page, "客户"), last);
        assert_eq!(page.text(".badge--brand"), "最近联系");
        assert_eq!(page.count("button"), 0);
        let mut colleague = app.sign_in(Role::Clerk).await;
        assert_eq!(suggest(&mut colleague, "").await.count("[role=option]"), 0);
    });
}

#[test]
fn whoever_searches_faster_than_people_type_waits() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Specialist).await;
        for _ in 0..120 {
            assert_eq!(browser.post("/customers/suggest", &[("q", "")]).await.status, 200);
        }
        let refused = browser.post("/customers/suggest", &[("q", "赵")]).await;
        assert_eq!(refused.status, 429);
        assert_eq!(refused.text(".combo__note"), "搜索太频繁，请 60 秒后再试。");
        assert_eq!(refused.headers["retry-after"], "60");
        for path in ["/customers/search", "/customers?q=%E8%B5%B5"] {
            let answer = if path.contains('?') {
                browser.get(path).await
            } else {
                browser.post(path, &[("q", "赵")]).await
            };
            assert_eq!(answer.status, 429, "{path}");
        }
        let mut other = app.sign_in(Role::Manager).await;
        assert_eq!(suggest(&mut other, "赵").await.status, 200);
        app.advance(std::time::Duration::from_secs(61));
        assert_eq!(suggest(&mut browser, "赵").await.status, 200);
    });
}

/// Twenty thousand customers with a phone, a car, a visit and a policy each: enough that reading a table is dearer than its index.
const MANY: &str = "
    insert into customers (store_id, id, name, grams, created_at, updated_at) overriding system value
    select $1, i, s || g, array[$1 || '|' || s, $1 || '|' || left(g, 1), $1 || '|' || s || left(g, 1), $1 || '|' || g, $1 || '|' || p, $1 || '|' || left(p, 1)],
           '2026-01-01', '2026-01-01'
    from (
      select i, substr('王李张刘陈杨黄赵吴周', i % 10 + 1, 1) as s, chr(20000 + i % 3000) || chr(24000 + i / 5 % 3000) as g,
             (array['wang', 'li', 'zhang', 'liu', 'chen', 'yang', 'huang', 'zhao', 'wu', 'zhou'])[i % 10 + 1] as p
      from generate_series(100, 20099) i
    ) x";

const MANY_OTHERS: [&str; 6] = [
    "insert into customer_facts (store_id, customer_id, initial, last_visit_on)
     select store_id, id, left(name, 1), date '2026-11-20' - (id % 700)::int from customers",
    "insert into phones (store_id, customer_id, number, is_main)
     select store_id, id, case when id % 100 = 0 then '0571-8' || lpad(id::text, 7, '0') || '-801' else '138' || lpad((id * 7919 % 100000000)::text, 8, '0') end, true
     from customers",
    "insert into vehicles (store_id, id, vin, plate, created_at, updated_at) overriding system value
     select store_id, id, 'LSV' || lpad((id * 104729 % 100000000000000)::text, 14, '0'), '浙A' || lpad(id::text, 5, '0'), '2026-01-01', '2026-01-01' from customers",
    "insert into vehicle_people (store_id, vehicle_id, customer_id, role) select store_id, id, id, 'owner' from customers",
    "insert into visits (store_id, ro_number, vehicle_id, customer_id, type, state, arrived_at, created_at, updated_at)
     select store_id, 'RO-26' || lpad(id::text, 8, '0'), id, id, 'repair', 'open', '2026-11-20', '2026-11-20', '2026-11-20' from customers",
    "insert into policies (store_id, policy_no, vehicle_id, insured_id, kind, ends_on, created_at)
     select store_id, 'PD' || lpad((id * 7907)::text, 20, '0'), id, id, 'commercial', '2027-01-01', '2026-01-01' from customers",
];

#[test]
fn every_statement_of_the_search_stays_on_its_index_however_often_it_ran() {
    with_app(async |app| {
        // One connection: what it prepared can be asked how it is run, and nobody else counts scans.
        let options = app.db.connect_options().as_ref().clone();
        let one = pool_options(1).connect_with(tuned(options)).await.unwrap();
        sqlx::query(MANY).bind(app.store).execute(&one).await.unwrap();
        for statement in MANY_OTHERS {
            sqlx::query(statement).execute(&one).await.unwrap();
        }
        sqlx::query("analyze").execute(&one).await.unwrap();
        let before = scans(&one).await;
        let mut state = app.state.clone();
        state.db = one.clone();
        let mut browser = Client::new(state);
        let signed_in = browser
            .post("/login", &[("username", "specialist"), ("password", PASSWORD)])
            .await;
        assert_eq!(signed_in.status, 303);
        for _ in 0..6 {
            for typed in [
                "王",
                "丠",
                "王丠",
                "wang",
                "w",
                "zhangwei",
                "wang丠",
                "0119",
                "81780119",
                "13881780119",
                "浙A00120",
                "A00120",
                "000120",
                "RO-2600000120",
                "PD00000000000000948840",
                "948840",
                "C-120",
                "0571-80000200",
            ] {
                suggest(&mut browser, typed).await;
            }
        }
        let mode: String = sqlx::query_scalar("show plan_cache_mode")
            .fetch_one(&one)
            .await
            .unwrap();
        assert_eq!(mode, "force_custom_plan", "the planner looks at the text");
        assert_eq!(scans(&one).await, before, "tables that were read from end to end");
        assert!(generic_plans(&one).await > 12, "not all statements are looked at");
    });
}

/// How often each table of the archive was read from end to end.
async fn scans(one: &PgPool) -> Vec<(String, i64)> {
    sqlx::query("select pg_stat_force_next_flush()")
        .execute(one)
        .await
        .unwrap();
    sqlx::query_as(
        "select relname::text, seq_scan
         from pg_stat_user_tables
         where relname in ('customers', 'customer_facts', 'phones', 'vehicles', 'vehicle_people', 'visits', 'policies')
         order by relname",
    )
    .fetch_all(one)
    .await
    .unwrap()
}

/// Plans of all statements of this connection as they are run without looking at the text; returns how many.
async fn generic_plans(one: &PgPool) -> usize {
    sqlx::query("set plan_cache_mode = force_generic_plan")
        .execute(one)
        .await
        .unwrap();
    let prepared: Vec<(String, String, i32)> = sqlx::query_as(
        "select name, statement, coalesce(array_length(parameter_types, 1), 0)
         from pg_prepared_statements
         where statement ~ '(customer_facts|phones|vehicles|visits|policies)' and statement ~* '^[[:space:]]*(select|with)'",
    )
    .fetch_all(one)
    .await
    .unwrap();
    for (name, statement, parameters) in &prepared {
        let nulls = match usize::try_from(*parameters).unwrap() {
            0 => String::new(),
            count => format!("({})", vec!["null"; count].join(", ")),
        };
        let explain = format!("explain execute \"{name}\" {nulls}");
        let plan: Vec<String> = sqlx::query_scalar(AssertSqlSafe(explain))
            .persistent(false)
            .fetch_all(one)
            .await
            .unwrap();
        let plan = plan.join("\n");
        for table in [
            "customers",
            "customer_facts",
            "phones",
            "vehicles",
            "vehicle_people",
            "visits",
            "policies",
        ] {
            assert!(
                !plan.contains(&format!("Seq Scan on {table}")),
                "{statement}\n{plan}"
            );
        }
    }
    prepared.len()
}
