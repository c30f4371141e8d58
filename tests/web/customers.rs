//! Customers: search, forms, numbers and their masks.

use axum::body::Body;
use axum::http::{Method, Request};
use care_desk::auth::permission::Role;
use care_desk::customers::facts;
use care_desk::stores::StoreScope;
use chrono::TimeDelta;

use crate::support::app::{TestApp, with_app};
use crate::support::build::{self, Person};

const PHONE: &str = "13905717715";

/// 赵雅楠 with a car, a VIN and a repair order.
async fn zhao(app: &TestApp) -> Person {
    let person = build::person(app, "赵雅楠", PHONE, "浙A7K2M9").await;
    sqlx::query("update vehicles set vin = 'LSVNV4188D2014427' where id = $1")
        .bind(person.vehicle)
        .execute(&app.db)
        .await
        .unwrap();
    build::visit(app, &person, "RO-26112108").insert().await;
    facts::refresh(&app.db, app.scope(), None).await.unwrap();
    person
}

fn new_customer<'a>(key: &'a str, name: &'a str, phone: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("idem_key", key),
        ("kind", "person"),
        ("name", name),
        ("salutation", "女士"),
        ("phone", phone),
        ("preferred_channel", "call"),
    ]
}

const KEY: &str = "6f1e9f6e-8f43-4a55-9d3e-1c1b3d7a0001";

#[test]
fn every_kind_of_search_finds_the_customer_and_says_why() {
    with_app(async |app| {
        zhao(&app).await;
        build::person(&app, "钱程", "13700000001", "浙B11111").await;
        let mut browser = app.sign_in(Role::Specialist).await;
        for (typed, reason) in [
            ("赵", "姓名"),
            ("赵雅", "姓名"),
            ("雅楠", "姓名"),
            ("zhaoyanan", "拼音"),
            ("zyn", "拼音"),
            ("7715", "电话"),
            ("K2M9", "车牌"),
            ("浙A·7K2M9", "车牌"),
            ("014427", "VIN"),
            ("RO-26112108", "工单号"),
        ] {
            let query = serde_html_form::to_string([("q", typed)]).unwrap();
            // An order of a whole number would be cut to its tail in an address, so it is found by posting it.
            let page = if typed.starts_with("RO") {
                let posted = browser.post("/customers/search", &[("q", typed)]).await;
                assert!(posted.location().starts_with("/visits/"), "{}", posted.location());
                continue;
            } else {
                browser.get(&format!("/customers?{query}")).await
            };
            assert_eq!(page.status, 200, "{typed}");
            assert_eq!(page.texts("tbody .cell-main a"), ["赵雅楠"], "{typed}");
            assert_eq!(page.text("tbody .badge"), reason, "{typed}");
        }
        let nobody = browser.get("/customers?q=%E6%9D%8E").await;
        assert_eq!(nobody.text(".empty b"), "没有找到客户");
    });
}

#[test]
fn a_whole_number_is_posted_and_leads_to_the_one_it_names() {
    with_app(async |app| {
        let person = zhao(&app).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let customer = format!("/customers/{}", person.customer);
        for (typed, location) in [
            (PHONE, customer.clone()),
            ("+86 139-0571-7715", customer.clone()),
            ("LSVNV4188D2014427", format!("/vehicles/{}", person.vehicle)),
            ("13905710000", "/customers?q=0000".to_owned()),
            ("赵雅楠", "/customers?q=%E8%B5%B5%E9%9B%85%E6%A5%A0".to_owned()),
            (" ", "/customers".to_owned()),
        ] {
            let answer = browser.post("/customers/search", &[("q", typed)]).await;
            assert_eq!(
                (answer.status, answer.location()),
                (303, location.as_str()),
                "{typed}"
            );
        }
        build::person(&app, "赵雅楠的丈夫", PHONE, "浙A00001").await;
        let two = browser.post("/customers/search", &[("q", PHONE)]).await;
        assert_eq!(two.location(), "/customers?q=7715");
        let typed_in_the_address = browser.get(&format!("/customers?q={PHONE}")).await;
        assert_eq!(typed_in_the_address.location(), "/customers?q=7715");
    });
}

#[test]
fn another_stores_customers_are_not_there() {
    with_app(async |app| {
        let own = zhao(&app).await;
        let foreign = build::person_in(&app, app.other_store, "赵雅楠", "13800138000", "浙A7K2M9").await;
        facts::refresh(&app.db, StoreScope::for_job(app.other_store), None)
            .await
            .unwrap();
        let mut browser = app.sign_in(Role::Manager).await;
        for q in ["%E8%B5%B5", "%E9%9B%85%E6%A5%A0", "zyn", "K2M9"] {
            let page = browser.get(&format!("/customers?q={q}")).await;
            assert_eq!(page.count("tbody tr"), 1, "{q}");
            assert_eq!(
                page.attr("tbody .cell-main a", "href"),
                Some(format!("/customers/{}", own.customer))
            );
        }
        let (id, phone) = (foreign.customer, foreign.phone);
        for path in [format!("/customers/{id}"), format!("/customers/{id}/edit")] {
            assert_eq!(browser.get(&path).await.status, 404, "{path}");
        }
        for path in [
            format!("/customers/{id}"),
            format!("/customers/{id}/phones"),
            format!("/customers/{id}/phones/{phone}"),
            format!("/customers/{id}/phones/{phone}/reveal"),
            format!("/customers/{}/phones/{phone}/reveal", own.customer),
        ] {
            let form = [
                ("name", "x"),
                ("kind", "person"),
                ("number", "13800000000"),
                ("state", "ok"),
            ];
            assert_eq!(browser.post(&path, &form).await.status, 404, "{path}");
        }
    });
}

#[test]
fn a_customer_is_created_once_with_numbers_and_a_car() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Receptionist).await;
        let shown = browser.get("/customers/new").await;
        let key = shown.attr("input[name=idem_key]", "value").unwrap();
        let mut form = new_customer(&key, " 欧阳　建国 ", "139 0571 7715");
        form.extend([
            ("phone2", "0571-88886666"),
            ("plate", "浙a·7k2m9"),
            ("model", "柯珞克"),
        ]);
        let made = browser.post("/customers", &form).await;
        let again = browser.post("/customers", &form).await;
        assert_eq!(
            made.location(),
            again.location(),
            "a second post finds what the first made"
        );
        assert_eq!(app.count("select count(*) from customers").await, 1);
        let page = browser.follow(&made).await;
        assert_eq!(page.text("h1"), "欧阳 建国 女士");
        assert_eq!(page.text(".vehicle .plate"), "浙A·7K2M9");
        let numbers: Vec<(String, bool)> = sqlx::query_as("select number, is_main from phones order by id")
            .fetch_all(&app.db)
            .await
            .unwrap();
        assert_eq!(
            numbers,
            [(PHONE.to_owned(), true), ("0571-88886666".to_owned(), false)]
        );
        let audited = "select count(*) from audit where action in ('customers.create', 'vehicles.create')";
        assert_eq!(app.count(audited).await, 2);
        let leaked =
            "select count(*) from audit where change::text like '%7715%' or change::text like '%欧阳%'";
        assert_eq!(
            app.count(leaked).await,
            0,
            "the audit log holds no personal values"
        );
    });
}

#[test]
fn mistakes_are_named_at_their_field() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Clerk).await;
        for (field, value, message) in [
            ("phone", "1390571771", "手机号应为 11 位，当前 10 位"),
            ("phone", "1.39E+10", "号码被表格改成了科学计数，请填原号码"),
            ("phone", "", "必填"),
            ("phone2", "10086", "这是服务号码，不是客户电话"),
            ("name", " ", "必填"),
            ("plate", "浙A1234", "车牌应为 7 位，新能源 8 位，当前 6 位"),
            (
                "vin",
                "LSVNV4188D20O0001",
                "第 13 位不能是“O”，是否为 LSVNV4188D2000001",
            ),
            (
                "vin",
                "LSVNV4180D2000001",
                "第 9 位校验应为 8，当前 0；核对行驶证，确认无误请勾选下方",
            ),
        ] {
            let mut form = new_customer(KEY, "张伟", "13800138000");
            form.retain(|(name, _)| *name != field);
            form.push((field, value));
            let answer = browser.post("/customers", &form).await;
            assert_eq!(
                (answer.status, answer.field_error(field)),
                (422, message.to_owned()),
                "{field} {value}"
            );
            assert_eq!(answer.attr(&format!("#{field}"), "value").as_deref(), Some(value));
        }
        assert_eq!(app.count("select count(*) from customers").await, 0);
        let mut sure = new_customer(KEY, "张伟", "13800138000");
        sure.extend([("vin", "LSVNV4180D2000001"), ("vin_anyway", "1")]);
        assert_eq!(browser.post("/customers", &sure).await.status, 303);
    });
}

#[test]
fn a_known_number_asks_before_a_double_is_made() {
    with_app(async |app| {
        let person = zhao(&app).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let mut form = new_customer(KEY, "孙浩", PHONE);
        let asked = browser.post("/customers", &form).await;
        assert_eq!(asked.status, 422);
        assert_eq!(
            asked.attr(".flash--soon a", "href"),
            Some(format!("/customers/{}", person.customer))
        );
        assert_eq!(asked.attr("#name", "value").as_deref(), Some("孙浩"));
        form.push(("anyway", "1"));
        assert_eq!(browser.post("/customers", &form).await.status, 303);
        assert_eq!(
            app.count("select count(*) from phones where number = '13905717715'")
                .await,
            2
        );
    });
}

#[test]
fn the_second_of_two_edits_is_refused() {
    with_app(async |app| {
        let person = zhao(&app).await;
        let path = format!("/customers/{}", person.customer);
        let mut browser = app.sign_in(Role::Clerk).await;
        let form = [
            ("version", "1"),
            ("kind", "person"),
            ("name", "钱雅楠"),
            ("preferred_channel", "wechat"),
            ("preferred_daypart", "evening"),
        ];
        assert_eq!(browser.post(&path, &form).await.location(), path);
        assert_eq!(browser.post(&path, &form).await.status, 409);
        let found = browser.get("/customers?q=qianyanan").await;
        assert_eq!(
            found.count("tbody tr"),
            1,
            "the keys of the search follow the name"
        );
        assert_eq!(
            app.count("select count(*) from customer_facts where initial = '钱'")
                .await,
            1
        );
        let fields: serde_json::Value =
            sqlx::query_scalar("select change from audit where action = 'customers.update'")
                .fetch_one(&app.db)
                .await
                .unwrap();
        assert_eq!(
            fields,
            serde_json::json!({ "fields": ["name", "preferred_channel", "preferred_daypart"] })
        );
        assert_eq!(browser.get(&format!("{path}/edit")).await.status, 200);
    });
}

#[test]
fn numbers_are_added_changed_and_made_the_main_one() {
    with_app(async |app| {
        let person = zhao(&app).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let phones = format!("/customers/{}/phones", person.customer);
        let bad = browser.post(&phones, &[("number", "1390571771")]).await;
        assert_eq!(
            (bad.status, bad.field_error("number")),
            (422, "手机号应为 11 位，当前 10 位".to_owned())
        );
        let double = browser.post(&phones, &[("number", PHONE)]).await;
        assert_eq!(
            (double.status, double.field_error("number")),
            (422, "已被使用".to_owned())
        );
        assert_eq!(
            browser.post(&phones, &[("number", "15800004471")]).await.status,
            303
        );
        let second: i64 = app
            .count("select id from phones where number = '15800004471'")
            .await;
        let change = [("number", ""), ("state", "ok"), ("is_main", "1")];
        let path = format!("{phones}/{second}");
        assert_eq!(browser.post(&path, &change).await.status, 303);
        assert_eq!(app.count("select id from phones where is_main").await, second);
        let replaced = [("number", "15800004472"), ("state", "unverified")];
        assert_eq!(browser.post(&path, &replaced).await.status, 303);
        assert_eq!(
            app.count("select count(*) from phones where number = '15800004472' and is_main")
                .await,
            1
        );
    });
}

#[test]
fn a_number_is_revealed_on_record_and_not_without_end() {
    with_app(async |app| {
        let person = zhao(&app).await;
        let path = format!("/customers/{}/phones/{}/reveal", person.customer, person.phone);
        let mut browser = app.sign_in(Role::Specialist).await;
        let request = Request::post(&path)
            .header("accept", "application/json")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from("reason=call"))
            .unwrap();
        let answer = browser.send(request).await;
        assert_eq!(
            (answer.status, answer.html()),
            (200, r#"{"number":"139 0571 7715"}"#)
        );
        assert_eq!(answer.headers["cache-control"], "no-store");
        let page = browser.post(&path, &[]).await;
        assert_eq!(page.text(".phone.is-open"), "139 0571 7715");
        assert_eq!(
            app.count("select count(*) from reveals where field = 'phone' and customer_id is not null")
                .await,
            2
        );
        assert_eq!(
            app.count("select count(*) from audit where action = 'customers.reveal_phone'")
                .await,
            2
        );
        for _ in 0..58 {
            assert_eq!(browser.post(&path, &[]).await.status, 200);
        }
        let refused = browser.post(&path, &[]).await;
        assert_eq!(refused.status, 429);
        assert_eq!(app.count("select count(*) from reveals").await, 60);
        app.advance(TimeDelta::minutes(61).to_std().unwrap());
        let mut browser = app.sign_in(Role::Specialist).await;
        assert_eq!(browser.post(&path, &[]).await.status, 200);
    });
}

#[test]
fn roles_see_and_do_what_they_may() {
    with_app(async |app| {
        let person = zhao(&app).await;
        let page = format!("/customers/{}", person.customer);
        let reveal = format!("{page}/phones/{}/reveal", person.phone);
        let mut reception = app.sign_in(Role::Receptionist).await;
        let shown = reception.get(&page).await;
        assert_eq!(shown.text(".page-head .phone"), "**** 7715");
        assert_eq!(shown.count("form[data-reveal]"), 0);
        assert_eq!(reception.post(&reveal, &[]).await.status, 403);
        assert_eq!(app.count("select count(*) from reveals").await, 0);
        let mut handler = app.sign_in(Role::Handler).await;
        assert_eq!(handler.get(&page).await.status, 403);
        assert_eq!(
            handler
                .post("/customers", &new_customer(KEY, "甲", PHONE))
                .await
                .status,
            403
        );
        let mut group = app.sign_in(Role::Specialist).await;
        assert_eq!(group.request(Method::DELETE, &page).await.status, 405);
    });
}

#[test]
fn no_page_of_the_archive_holds_a_whole_number() {
    with_app(async |app| {
        let person = zhao(&app).await;
        let visit = app.count("select id from visits").await;
        // The role that sees every page of it.
        let mut browser = app.sign_in(Role::Clerk).await;
        for path in [
            "/customers".to_owned(),
            "/customers?q=7715".to_owned(),
            "/customers?q=014427".to_owned(),
            format!("/customers/{}", person.customer),
            format!("/customers/{}/edit", person.customer),
            format!("/customers/{}/consents", person.customer),
            format!("/reviews/{}", person.customer),
            format!("/vehicles/{}", person.vehicle),
            format!("/vehicles/{}/edit", person.vehicle),
            format!("/vehicles/new?customer={}", person.customer),
            "/visits".to_owned(),
            format!("/visits/{visit}"),
            format!("/visits/{visit}/edit"),
            format!("/visits/new?vehicle={}", person.vehicle),
        ] {
            let page = browser.get(&path).await;
            assert_eq!(page.status, 200, "{path}");
            for canary in [PHONE, "139 0571 7715", "LSVNV4188D2014427"] {
                assert!(!page.html().contains(canary), "{path} shows {canary}");
            }
        }
    });
}

#[test]
fn a_file_holds_birthday_district_source_preference_and_keeper() {
    with_app(async |app| {
        let person = zhao(&app).await;
        let path = format!("/customers/{}", person.customer);
        let keeper = app.user("specialist").await.to_string();
        let mut browser = app.sign_in(Role::Clerk).await;
        let mut form = vec![
            ("version", "1"),
            ("kind", "person"),
            ("name", "赵雅楠"),
            ("preferred_channel", "call"),
            ("preferred_days", "workday"),
            ("preferred_daypart", "afternoon"),
            ("birth_month", "4"),
            ("birth_day", "16"),
            ("district", "杭州市滨江区"),
            ("address", "江晖路 200 号 3 幢"),
            ("source", "referral"),
            ("source_note", "王建国"),
            ("habits", "只做原厂保养"),
            ("keeper_id", &keeper),
        ];
        for (field, value) in [
            ("birth_day", "31"),
            ("keeper_id", "987654"),
            ("parent_id", "987654"),
        ] {
            let mut wrong = form.clone();
            wrong.retain(|(name, _)| *name != field);
            wrong.push((field, value));
            let refused = browser.post(&path, &wrong).await;
            assert_eq!(refused.status, 422, "{field}");
            assert!(!refused.field_error(field).is_empty(), "{field}");
        }
        assert_eq!(browser.post(&path, &form).await.status, 303);
        let page = browser.get(&path).await;
        let basics = page.text(".split aside .dl");
        for text in [
            "4月16日",
            "杭州市滨江区 ******",
            "转介绍（王建国）",
            "工作日",
            "下午",
            "只做原厂保养",
        ] {
            assert!(basics.contains(text), "{text}: {basics}");
        }
        assert!(page.text(".page-head__meta").contains("负责专员 specialist"));
        for shown in [&page, &browser.get(&format!("{path}/edit")).await] {
            assert!(!shown.html().contains("江晖路"), "the address stays masked");
        }
        // An empty address keeps the one there is.
        form.retain(|(name, _)| !matches!(*name, "address" | "version"));
        form.push(("version", "2"));
        assert_eq!(browser.post(&path, &form).await.status, 303);
        let address: String = sqlx::query_scalar("select address from customers")
            .fetch_one(&app.db)
            .await
            .unwrap();
        assert_eq!(address, "江晖路 200 号 3 幢");
    });
}

#[test]
fn a_contact_person_belongs_to_a_company() {
    with_app(async |app| {
        let person = zhao(&app).await;
        let company = build::person(&app, "云桥物流有限公司", "13800000009", "浙A00009").await;
        sqlx::query("update customers set kind = 'company' where id = $1")
            .bind(company.customer)
            .execute(&app.db)
            .await
            .unwrap();
        let (path, parent) = (
            format!("/customers/{}", person.customer),
            company.customer.to_string(),
        );
        let form = [
            ("version", "1"),
            ("kind", "person"),
            ("name", "赵雅楠"),
            ("parent_id", parent.as_str()),
        ];
        let mut browser = app.sign_in(Role::Clerk).await;
        assert_eq!(browser.post(&path, &form).await.status, 303);
        let page = browser.get(&path).await;
        assert!(page.text(".split aside .dl").contains("云桥物流有限公司"));
    });
}

#[test]
fn classes_and_tags_are_chosen_on_the_page() {
    with_app(async |app| {
        let person = zhao(&app).await;
        let path = format!("/customers/{}", person.customer);
        let vip = app
            .count("select id from tags where store_id = 1 and code = 'vip'")
            .await
            .to_string();
        let foreign = app
            .count("select id from tags where store_id = 2 and code = 'vip'")
            .await
            .to_string();
        let mut browser = app.sign_in(Role::Specialist).await;
        let form = [
            ("tag", vip.as_str()),
            ("tag", foreign.as_str()),
            ("new_tag", "养猫"),
        ];
        let tags = format!("{path}/tags");
        assert_eq!(browser.post(&tags, &form).await.status, 303);
        let page = browser.get(&path).await;
        assert_eq!(page.texts("#tags > .tags .badge"), ["VIP", "养猫"]);
        let too_long = [("new_tag", "一个写得实在太长的标签名称")];
        let refused = browser.post(&tags, &too_long).await;
        assert_eq!(refused.status, 422);
        assert!(!refused.field_error("new_tag").is_empty());
        assert_eq!(browser.post(&tags, &[]).await.status, 303);
        assert_eq!(app.count("select count(*) from customer_tags").await, 0);
        assert_eq!(
            app.count("select count(*) from tags where name = '养猫'").await,
            1
        );
    });
}

#[test]
fn one_timeline_holds_everything_and_its_tabs_count_it() {
    with_app(async |app| {
        let person = zhao(&app).await;
        let path = format!("/customers/{}", person.customer);
        let visit = app.count("select id from visits").await;
        let callback = build::callback(
            &app,
            &person,
            care_desk::visits::VisitId::new(visit),
            "2026-11-27T12:00:00Z",
        )
        .await;
        for (n, result) in ["no_answer", "completed"].iter().enumerate() {
            sqlx::query(
                "insert into attempts (store_id, callback_id, customer_id, user_id, at, on_day, daypart, result, seconds, idem_key)
                 values ($1, $2, $3, $4, $5::timestamptz + make_interval(hours => $6), '2026-11-24', 1, $7, 185, gen_random_uuid())",
            )
            .bind(app.store)
            .bind(callback)
            .bind(person.customer)
            .bind(app.user("specialist").await)
            .bind(app.now())
            .bind(n as i32)
            .bind(result)
            .execute(&app.db)
            .await
            .unwrap();
        }
        build::reminder(&app, &person, "2026-11-24", "2026-11-24T08:00:00Z").await;
        sqlx::query(
            "insert into policies (store_id, policy_no, vehicle_id, kind, insurer, starts_on, ends_on, created_at)
             select $1, p.no, $2, 'commercial', '人保财险', p.starts_on, p.ends_on, $3
             from (values ('P1', '2025-02-26'::date, '2026-02-25'::date), ('P2', '2026-02-26', '2027-02-25')) p(no, starts_on, ends_on)",
        )
        .bind(app.store)
        .bind(person.vehicle)
        .bind(app.now())
        .execute(&app.db)
        .await
        .unwrap();
        let mut browser = app.sign_in(Role::Specialist).await;
        browser
            .post(
                &format!("{path}/consents"),
                &[("purpose", "survey"), ("decision", "yes")],
            )
            .await;
        let page = browser.get(&path).await;
        assert_eq!(
            page.texts(".tabs a"),
            ["时间线", "进站1", "回访2", "短信1", "保单3", "许可1"]
        );
        // What is owed, then everything that happened.
        assert_eq!(page.count(".timeline > li"), 1 + 8);
        assert!(page.text(".timeline > li").contains("售后回访"));
        for (kind, texts) in [
            (
                "policy",
                vec![
                    "续保 人保财险 商业险",
                    "保单到期 人保财险 商业险",
                    "保单生效 人保财险 商业险",
                ],
            ),
            ("consent", vec!["同意 电话回访"]),
            ("visit", vec!["进站 RO-26112108"]),
            ("complaint", vec![]),
        ] {
            let page = browser.get(&format!("{path}?kind={kind}")).await;
            let mut shown = page.texts(".timeline .tl-head b");
            shown.sort_by_key(|text| texts.iter().position(|wanted| wanted == text));
            assert_eq!(shown, texts, "{kind}");
            assert_eq!(page.text(".tabs a:nth-child(3) .count"), "2");
        }
    });
}

#[test]
fn older_entries_are_on_further_pages() {
    with_app(async |app| {
        let person = zhao(&app).await;
        for n in 1..=30 {
            build::visit(&app, &person, &format!("RO-{n}")).insert().await;
        }
        let path = format!("/customers/{}", person.customer);
        let mut browser = app.sign_in(Role::Specialist).await;
        let first = browser.get(&path).await;
        assert_eq!(first.count(".timeline > li"), 20);
        assert_eq!(first.text("a[rel=next]"), "更早的 11 条");
        let second = browser.get(&first.attr("a[rel=next]", "href").unwrap()).await;
        assert_eq!(second.count(".timeline > li"), 11);
        assert_eq!(second.count("a[rel=next]"), 0);
    });
}

#[test]
fn what_a_file_lacks_is_shown_with_the_way_to_fill_it() {
    with_app(async |app| {
        let person = zhao(&app).await;
        let path = format!("/customers/{}", person.customer);
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = browser.get(&path).await;
        assert_eq!(page.text("#completeness b"), "45%");
        assert_eq!(
            page.texts("#completeness a"),
            [
                "保险到期日",
                "购车日期",
                "里程",
                "联系许可",
                "方便联系的时段",
                "客户类别"
            ]
        );
        assert_eq!(page.attr("#completeness a", "href"), Some(format!("{path}#cars")));
    });
}

#[test]
fn a_number_without_messages_turns_a_reminder_into_a_call() {
    with_app(async |app| {
        for (name, phone, plate, opts_out) in [
            ("不收短信", "13800000001", "浙A00001", true),
            ("照常", "13800000002", "浙A00002", false),
        ] {
            let person = build::person(&app, name, phone, plate).await;
            sqlx::query("update phones set sms_opt_out = $2 where id = $1")
                .bind(person.phone)
                .bind(opts_out)
                .execute(&app.db)
                .await
                .unwrap();
            // First maintenance in seven days.
            sqlx::query("update vehicles set first_maintenance_due_on = '2026-12-01', delivered_on = '2026-06-01' where id = $1")
                .bind(person.vehicle)
                .execute(&app.db)
                .await
                .unwrap();
        }
        let mut tx = app.db.begin().await.unwrap();
        let day = "2026-11-24".parse().unwrap();
        care_desk::obligations::jobs::generate_obligations(&mut tx, app.scope(), day, app.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let ways: Vec<(String, String)> = sqlx::query_as(
            "select c.name, o.channel from obligations o join customers c on c.id = o.customer_id
             where o.kind = 'first_maintenance' order by o.customer_id",
        )
        .fetch_all(&app.db)
        .await
        .unwrap();
        let way = |name: &str, channel: &str| (name.to_owned(), channel.to_owned());
        assert_eq!(ways, [way("不收短信", "call"), way("照常", "sms")]);
        assert_eq!(app.count("select count(*) from reminders").await, 1);
        assert_eq!(app.count("select count(*) from callbacks").await, 1);
    });
}
