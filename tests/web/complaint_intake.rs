//! Taking complaints in: what the form proposes and demands, whom it is about, and that one case is not opened twice.

use std::collections::BTreeSet;

use care_desk::audit::Actor;
use care_desk::auth::permission::Role;
use care_desk::complaints::service::{NewComplaint, open};
use care_desk::complaints::{ComplaintChannel, ComplaintClass, Severity};
use care_desk::web::error::encode_query;
use sqlx::Row;

use crate::support::app::{TestApp, with_app};
use crate::support::build::{self, Person};
use crate::support::client::{Answer, Client};
use crate::support::said::complaint_texts;

const WORDS: &str = "右后门补漆色差明显，要求返工。";

async fn caller(app: &TestApp) -> Person {
    build::person(app, "刘梦洁", "13810256688", "浙AD06688").await
}

/// The form as the page shows it, with these fields set.
async fn filled(browser: &mut Client, address: &str, fields: &[(&str, &str)]) -> Vec<(String, String)> {
    let page = browser.get(address).await;
    assert_eq!(page.status, 200, "{}", page.text("main"));
    fill(&page, fields)
}

fn fill(page: &Answer, fields: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut form = page.form("intake");
    form.retain(|(name, _)| name != "files" && !fields.iter().any(|(set, _)| set == name));
    form.extend(
        fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    );
    form
}

async fn post(browser: &mut Client, form: &[(String, String)]) -> Answer {
    let pairs: Vec<(&str, &str)> = form.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    browser.post_multipart("/complaints", &pairs, &[]).await
}

const SIX: &[(&str, &str)] = &[
    ("channel", "call"),
    ("words", WORDS),
    ("class", "repair"),
    ("demand_kind", "repair"),
];

async fn text(app: &TestApp, sql: &'static str) -> String {
    sqlx::query_scalar(sql).fetch_one(&app.db).await.unwrap()
}

#[test]
fn a_case_is_taken_in_with_everything_that_was_said() {
    with_app(async |app| {
        let person = caller(&app).await;
        let visit = build::visit(&app, &person, "RO-26111802").insert().await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let address = format!("/complaints/new?visit={visit}");
        let page = browser.get(&address).await;
        assert!(page.text(".caller").contains("刘梦洁") && page.text(".caller").contains("138 **** 6688"));
        assert!(page.text("[data-part=people]").contains("RO-26111802"));
        let form = fill(
            &page,
            &[
                ("channel", "maker"),
                ("words", WORDS),
                ("class", "repair"),
                ("minor", "rework"),
                ("demand_kind", "compensation"),
                ("demand", "代步车 2 天"),
                ("amount", "1,500"),
                ("sign", "safety"),
                ("severity", "A"),
                ("external_number", "OEM-7781"),
                ("external_due_on", "2026-12-04"),
                ("accepted_at", "2026-11-23T16:30"),
            ],
        );
        let sent = post(&mut browser, &form).await;
        let case = browser.follow(&sent).await;
        assert!(
            case.text(".flash").contains("已受理 CP-261124-01"),
            "{}",
            case.text("main")
        );
        let row = sqlx::query(
            "select c.channel, c.class_major, c.class_minor, c.severity, c.words, c.demand, c.demand_kind, c.claimed_fen::text as claimed,
                    c.external_number, c.external_due_on::text as due, d.name as department, o.username as owner, c.state,
                    to_char(c.accepted_at at time zone 'Asia/Shanghai', 'DD HH24:MI') as accepted,
                    e.data ->> 'signs' as signs, e.data ->> 'accepted_at' as backdated,
                    a.change ->> 'accepted_at' is not null and not c.wants_replacement
                      and c.customer_id = $1 and c.vehicle_id = $2 and c.visit_id = $3 and c.from_callback_id is null as fits
             from complaints c
             join departments d on d.store_id = c.store_id and d.id = c.department_id
             join users o on o.id = c.owner_id
             join complaint_events e on e.complaint_id = c.id and e.kind = 'accepted'
             join audit a on a.action = 'complaints.accept' and a.subject_id = c.id",
        )
        .bind(person.customer)
        .bind(person.vehicle)
        .bind(visit)
        .fetch_one(&app.db)
        .await
        .unwrap();
        for (column, expected) in [
            ("channel", "maker"),
            ("class_major", "repair"),
            ("class_minor", "rework"),
            ("severity", "A"),
            ("words", WORDS),
            ("demand", "代步车 2 天"),
            ("demand_kind", "compensation"),
            ("claimed", "150000"),
            ("external_number", "OEM-7781"),
            ("due", "2026-12-04"),
            ("department", "售后服务部"),
            ("owner", "specialist"),
            ("state", "accepted"),
            ("accepted", "23 16:30"),
            ("signs", r#"["safety", "authority"]"#),
            ("backdated", "2026-11-23T08:30:00Z"),
        ] {
            assert_eq!(row.get::<String, _>(column), expected, "{column}");
        }
        assert!(row.get::<bool, _>("fits"));
        // Half an hour by the wall clock, from when it was heard.
        let due = text(
            &app,
            "select to_char(due_at at time zone 'Asia/Shanghai', 'DD HH24:MI') from obligations where kind = 'complaint_dispatch'",
        )
        .await;
        assert_eq!(due, "23 17:00");
        assert!(
            case.text("main").contains("维修质量 / 返修"),
            "{}",
            case.text("main")
        );

        // Sent once more, by a second click: the same case.
        let again = post(&mut browser, &form).await;
        assert_eq!(again.location(), sent.location());
        assert_eq!(app.count("select count(*) from complaints").await, 1);
    });
}

#[test]
fn six_fields_are_demanded_and_nothing_typed_is_lost() {
    with_app(async |app| {
        caller(&app).await;
        let mut browser = app.sign_in(Role::Receptionist).await;
        let form = filled(
            &mut browser,
            "/complaints/new",
            &[
                ("channel", ""),
                ("demand", "要一个说法"),
                ("words", " \r\n "),
                ("sign", "repeat"),
            ],
        )
        .await;
        let page = post(&mut browser, &form).await;
        assert_eq!(page.status, 422);
        let refused: Vec<&str> = [
            "channel",
            "words",
            "class",
            "demand_kind",
            "department",
            "severity",
            "minor",
            "who",
            "name",
        ]
        .into_iter()
        .filter(|field| !page.field_error(field).is_empty())
        .collect();
        // The sixth, how grave it is, always has a proposal.
        assert_eq!(
            refused,
            ["channel", "words", "class", "demand_kind", "department"]
        );
        assert_eq!(page.attr("#demand", "value").as_deref(), Some("要一个说法"));
        assert_eq!(page.count("input[name=sign][value=repeat][checked]"), 1);
        assert!(page.text("[data-part=severity]").contains("按情形：B 重要"));
        assert_eq!(app.count("select count(*) from complaints").await, 0);

        for (field, value, error) in [
            ("words", "长".repeat(5001), "最多 5000 个字"),
            ("demand", "长".repeat(2001), "最多 2000 个字"),
            ("class", "nothing".to_owned(), "请从列表中选择"),
            ("minor", "deposit".to_owned(), "请从列表中选择"),
            ("department", "987654321".to_owned(), "请从列表中选择"),
            ("amount", "很多".to_owned(), "请输入数字"),
            ("amount", "-5".to_owned(), "应在 0 到"),
            ("severity", "D".to_owned(), "至少为 C"),
            ("accepted_at", "2026-11-24T10:01".to_owned(), "不能晚于现在"),
            ("accepted_at", "2026-10-20T10:00".to_owned(), "最早 30 天前"),
            ("external_due_on", "soon".to_owned(), "日期格式"),
            ("phone", "123".to_owned(), "号"),
            ("who", "刘梦洁".to_owned(), "选一位"),
        ] {
            let mut fields = SIX.to_vec();
            fields.retain(|(name, _)| *name != field);
            fields.push((field, &value));
            let form = filled(&mut browser, "/complaints/new", &fields).await;
            let page = post(&mut browser, &form).await;
            assert_eq!(page.status, 422, "{field} {value}");
            let shown = page.field_error(field);
            assert!(shown.contains(error), "{field}: {shown}");
        }
        assert_eq!(app.count("select count(*) from complaints").await, 0);
        // A receptionist leads no case: it waits for the manager.
        let form = filled(&mut browser, "/complaints/new", SIX).await;
        assert_eq!(post(&mut browser, &form).await.status, 303);
        assert_eq!(
            app.count("select count(*) from complaints where owner_id is null and severity = 'C'")
                .await,
            1
        );
    });
}

#[test]
fn whoever_calls_is_found_chosen_or_noted() {
    with_app(async |app| {
        let person = caller(&app).await;
        build::person(&app, "刘国强", "13900002211", "浙B00001").await;
        let mut browser = app.sign_in(Role::Specialist).await;
        // Without a script: looked for, chosen by a button, and what was typed stays.
        let form = filled(
            &mut browser,
            "/complaints/new",
            &[("who", "刘"), ("find", "1"), ("words", WORDS)],
        )
        .await;
        let found = post(&mut browser, &form).await;
        assert_eq!(found.status, 200);
        let offered = found.texts(".candidates button");
        assert_eq!(offered.len(), 2, "{offered:?}");
        assert!(
            offered.iter().any(|text| text.contains("浙A·D06688")),
            "{offered:?}"
        );
        assert_eq!(found.text("#words"), WORDS);
        let pick = person.customer.to_string();
        let form = fill(&found, &[("pick", pick.as_str())]);
        let chosen = post(&mut browser, &form).await;
        assert!(chosen.text(".caller").contains("刘梦洁"));
        assert_eq!(chosen.text("#words"), WORDS);
        assert_eq!(chosen.count("[name=vehicle_id]"), 2, "the car, or none");
        let form = fill(&chosen, &[("find", "clear")]);
        let nobody = post(&mut browser, &form).await;
        assert_eq!(
            (nobody.count(".caller"), nobody.text("#words").as_str()),
            (0, WORDS)
        );
        // By a plate: the car comes with its owner.
        let form = fill(&nobody, &[("who", "浙AD06688"), ("find", "1")]);
        let by_plate = post(&mut browser, &form).await;
        let pick = format!("{}:{}", person.customer, person.vehicle);
        assert_eq!(by_plate.attr(".candidates button", "value"), Some(pick.clone()));
        let form = fill(&by_plate, &[("pick", &pick)]);
        let chosen = post(&mut browser, &form).await;
        let car = format!("[name=vehicle_id][value='{}'][checked]", person.vehicle);
        assert_eq!(chosen.count(&car), 1);
        // The box of every page leads here with what was typed, which stands in no address.
        let from_box = browser.post("/complaints/new", &[("q", "6688")]).await;
        assert_eq!(from_box.texts(".candidates button").len(), 1);

        // Somebody who is in no file gets one, once.
        for words in [WORDS, "还有一件事，发票开错了。"] {
            let class = if words == WORDS { "repair" } else { "price" };
            let form = filled(
                &mut browser,
                "/complaints/new",
                &[
                    ("channel", "hotline"),
                    ("words", words),
                    ("class", class),
                    ("demand_kind", "none"),
                    ("name", "周 敏"),
                    ("phone", "138 5710 0001"),
                ],
            )
            .await;
            let sent = post(&mut browser, &form).await;
            assert_eq!(sent.status, 303, "{}", sent.text("main"));
        }
        assert_eq!(
            app.count(
                "select count(*) from complaints c join customers u on u.id = c.customer_id join phones p on p.customer_id = u.id
                 where u.name = '周 敏' and p.number = '13857100001' and c.severity = 'D' and c.demand_kind is null"
            )
            .await,
            2
        );
        assert_eq!(
            app.count("select count(*) from customers where name = '周 敏'")
                .await,
            1
        );
        // Nobody at all is possible too.
        let form = filled(&mut browser, "/complaints/new", SIX).await;
        let sent = post(&mut browser, &form).await;
        assert_eq!(sent.status, 303);
        assert_eq!(
            app.count("select count(*) from complaints where customer_id is null")
                .await,
            1
        );
    });
}

#[test]
fn the_parts_of_the_form_follow_what_it_says() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Specialist).await;
        let department = |page: &Answer| page.text("#department option[selected]");
        for (fields, minor, chosen, severity) in [
            (vec![("class", "parts")], "缺件等待", "配件部", "D 抱怨"),
            (
                vec![("class", "product"), ("minor", "paint")],
                "车身漆面",
                "钣喷车间",
                "D 抱怨",
            ),
            (
                vec![("minor", "deposit"), ("demand_kind", "compensation")],
                "库存车",
                "销售部",
                "C 一般",
            ),
            (
                vec![("class", "finance"), ("amount", "2000")],
                "理赔",
                "保险金融部",
                "B 重要",
            ),
            (
                vec![("class", "other"), ("sign", "injury"), ("sign", "safety")],
                "",
                "客户关爱部",
                "A 重大",
            ),
            (vec![("channel", "regulator")], "", "", "B 重要"),
        ] {
            let page = browser.post("/complaints/around", &fields).await;
            assert_eq!(page.status, 200);
            assert!(page.text("[data-part=minor]").contains(minor), "{fields:?}");
            assert_eq!(department(&page), chosen, "{fields:?}");
            let proposed = format!("按情形：{severity}");
            assert!(
                page.text("[data-part=severity]").contains(&proposed),
                "{fields:?}"
            );
        }
        // A department that somebody chose stays; one that was only proposed follows the class.
        let ids = |page: &Answer| page.attr("#department option[selected]", "value").unwrap();
        let parts = ids(&browser.post("/complaints/around", &[("class", "parts")]).await);
        let sales = ids(&browser.post("/complaints/around", &[("class", "sales")]).await);
        for (was, expected) in [
            (parts.as_str(), "销售部"),
            (sales.as_str(), "配件部"),
            ("", "配件部"),
        ] {
            let fields = [
                ("class", "sales"),
                ("department", parts.as_str()),
                ("department_was", was),
            ];
            assert_eq!(
                department(&browser.post("/complaints/around", &fields).await),
                expected
            );
        }
    });
}

#[test]
fn an_open_case_of_the_same_class_is_asked_about_first() {
    with_app(async |app| {
        let person = caller(&app).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let address = format!("/complaints/new?customer={}", person.customer);
        let form = filled(&mut browser, &address, SIX).await;
        let first = post(&mut browser, &form).await.location().to_owned();
        let listed = browser.get(&address).await;
        assert!(listed.text("[data-part=cases]").contains("CP-261124-01"));

        let said = [
            ("words", "又掉漆了"),
            ("class", "repair"),
            ("demand_kind", "apology"),
            ("demand", "道歉"),
        ];
        let form = filled(&mut browser, &address, &said).await;
        let asked = post(&mut browser, &form).await;
        assert_eq!(asked.status, 422);
        assert!(asked.text(".twins").contains("CP-261124-01") && asked.text(".twins").contains(WORDS));
        assert_eq!(asked.text("#words"), "又掉漆了");
        assert_eq!(app.count("select count(*) from complaints").await, 1);

        // It is the same matter: it goes to the case, whose clock stays.
        let due = text(
            &app,
            "select due_at::text from obligations where kind = 'complaint_dispatch'",
        )
        .await;
        app.advance(std::time::Duration::from_secs(600));
        let id = first.rsplit('/').next().unwrap().to_owned();
        let into = post(&mut browser, &fill(&asked, &[("twin", &id)])).await;
        assert_eq!(into.location(), first);
        let case = browser.follow(&into).await;
        assert!(case.text(".flash").contains("已记入 CP-261124-01"));
        assert!(
            case.text(".timeline").contains("又掉漆了"),
            "{}",
            case.text(".timeline")
        );
        assert_eq!(
            app.count("select count(*) from complaint_events where kind = 'note' and body = E'又掉漆了\\n\\n道歉' and data ->> 'said_again' = 'true'")
                .await,
            1
        );
        assert_eq!(app.count("select version::bigint from complaints").await, 2);
        assert_eq!(
            app.count("select count(*) from audit where action = 'complaints.join'")
                .await,
            1
        );
        let still = text(
            &app,
            "select due_at::text from obligations where kind = 'complaint_dispatch'",
        )
        .await;
        assert_eq!(still, due);

        // It is another matter.
        let form = filled(&mut browser, &address, &said).await;
        let asked = post(&mut browser, &form).await;
        let new = post(&mut browser, &fill(&asked, &[("twin", "new")])).await;
        assert_ne!(new.location(), first);
        // Another class is not asked about; neither is a case that has ended.
        let form = filled(
            &mut browser,
            &address,
            &[("words", "加价"), ("class", "price"), ("demand_kind", "none")],
        )
        .await;
        assert_eq!(post(&mut browser, &form).await.status, 303);
        assert_eq!(app.count("select count(*) from complaints").await, 3);
        sqlx::query("update complaints set state = 'withdrawn', ended_at = $1, ended_reason = ''")
            .bind(app.now())
            .execute(&app.db)
            .await
            .unwrap();
        let form = filled(&mut browser, &address, &said).await;
        assert_eq!(post(&mut browser, &form).await.status, 303);
        // By the car too, whoever calls about it.
        let other = build::person(&app, "刘国强", "13900002211", "浙B00001").await;
        let vehicle = person.vehicle.to_string();
        let address = format!("/complaints/new?customer={}", other.customer);
        let form = filled(
            &mut browser,
            &address,
            &[
                ("vehicle_id", &vehicle),
                ("words", "同一辆车"),
                ("class", "repair"),
                ("demand_kind", "none"),
            ],
        )
        .await;
        let asked = post(&mut browser, &form).await;
        assert_eq!(asked.status, 422);
        assert!(
            asked.text(".twins").contains("CP-261124-04"),
            "{}",
            asked.text("main")
        );
    });
}

#[test]
fn two_who_hear_the_same_do_not_open_it_twice() {
    with_app(async |app| {
        let person = caller(&app).await;
        let mut tasks = Vec::new();
        for n in 0..6 {
            let name = format!("desk{n}");
            app.add_user(&name, Role::Specialist, Some(app.store)).await;
            let mut browser = app.sign_in_as(&name).await;
            let address = format!("/complaints/new?customer={}", person.customer);
            let form = filled(&mut browser, &address, SIX).await;
            tasks.push(tokio::spawn(
                async move { post(&mut browser, &form).await.status },
            ));
        }
        let mut statuses = Vec::new();
        for task in tasks {
            statuses.push(task.await.unwrap());
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 422, 422, 422, 422, 422]);
        assert_eq!(app.count("select count(*) from complaints").await, 1);
    });
}

#[test]
fn twenty_at_once_get_twenty_numbers_without_a_gap() {
    with_app(async |app| {
        let by = app.user("specialist").await;
        let mut tasks = Vec::new();
        for n in 0..20 {
            let (db, scope, now) = (app.db.clone(), app.scope(), app.now());
            tasks.push(tokio::spawn(async move {
                let mut tx = db.begin().await.unwrap();
                let (channel, class) = (ComplaintChannel::Call, ComplaintClass::Other);
                let new = NewComplaint::new(channel, class, Severity::D, format!("第 {n} 件"));
                let opened = open(&mut tx, scope, Actor::User(by), now, new).await.unwrap();
                // One in four is given up: its number is used by the next.
                if n % 4 == 3 {
                    tx.rollback().await.unwrap();
                    return None;
                }
                tx.commit().await.unwrap();
                Some(opened.number)
            }));
        }
        let mut numbers = BTreeSet::new();
        for task in tasks {
            numbers.extend(task.await.unwrap());
        }
        let expected: BTreeSet<String> = (1..=15).map(|n| format!("CP-261124-{n:02}")).collect();
        assert_eq!(numbers, expected);
        let owed = "select count(*) from obligations where kind = 'complaint_dispatch'";
        assert_eq!(app.count(owed).await, 15);
    });
}

#[test]
fn two_hundred_texts_are_found_and_read_as_they_were_said() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = browser.get("/complaints/new").await;
        let blank = fill(&page, SIX);
        let texts = complaint_texts();
        assert_eq!(texts.iter().collect::<BTreeSet<_>>().len(), 200);
        for (n, words) in texts.iter().enumerate() {
            let key = format!("00000000-0000-4000-8000-{n:012}");
            // Line ends as browsers send them.
            let sent_words = words.replace('\n', "\r\n");
            let mut form = blank.clone();
            form.retain(|(name, _)| name != "words" && name != "idem_key");
            form.push(("words".to_owned(), sent_words));
            form.push(("idem_key".to_owned(), key));
            let sent = post(&mut browser, &form).await;
            assert_eq!(sent.status, 303, "{words}: {}", sent.text("main"));
        }
        let stored: Vec<(i64, String, String)> =
            sqlx::query_as("select id, number, words from complaints order by id")
                .fetch_all(&app.db)
                .await
                .unwrap();
        assert_eq!(stored.len(), 200);
        for (words, (id, number, kept)) in texts.iter().zip(&stored) {
            assert_eq!(kept, words);
            if id % 4 != 0 && words.chars().count() < 3000 {
                continue;
            }
            let list = browser
                .get(&format!("/complaints?q={}", encode_query(number)))
                .await;
            let found = list.links("tbody a");
            assert!(found.iter().any(|(_, text)| text == number), "{words}: {found:?}");
            let case = browser.get(&format!("/complaints/{id}")).await;
            let collapsed = words.split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(case.text("blockquote"), collapsed);
            assert_eq!(
                case.count("blockquote *"),
                0,
                "nothing of it became an element: {words}"
            );
        }
    });
}

#[test]
fn characters_that_nobody_sees_are_left_out() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Specialist).await;
        let mut fields = SIX.to_vec();
        fields.retain(|(name, _)| *name != "words");
        fields.push(("words", "刹车\0异响\u{7}，\u{1b}[31m红色\r\n第二行\t完 \u{85}"));
        let form = filled(&mut browser, "/complaints/new", &fields).await;
        assert_eq!(post(&mut browser, &form).await.status, 303);
        assert_eq!(
            text(&app, "select words from complaints").await,
            "刹车异响，[31m红色\n第二行\t完"
        );
    });
}

#[test]
fn a_complaint_leads_from_every_page_to_the_form() {
    with_app(async |app| {
        let person = caller(&app).await;
        let visit = build::visit(&app, &person, "RO-1").insert().await;
        let callback = build::callback(&app, &person, visit, "2026-11-24T12:00:00Z").await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let (customer, vehicle) = (person.customer, person.vehicle);
        for (page, expected) in [
            ("/".to_owned(), "/complaints/new".to_owned()),
            ("/complaints".to_owned(), "/complaints/new".to_owned()),
            (
                format!("/customers/{customer}"),
                format!("/complaints/new?customer={customer}"),
            ),
            (
                format!("/vehicles/{vehicle}"),
                format!("/complaints/new?vehicle={vehicle}"),
            ),
            (
                format!("/visits/{visit}"),
                format!("/complaints/new?visit={visit}"),
            ),
        ] {
            let shown = browser.get(&page).await;
            assert_eq!(
                shown.attr("a[data-key=c]", "href"),
                Some(expected.clone()),
                "{page}"
            );
            let form = browser.get(&expected).await;
            assert_eq!(form.status, 200);
            let is_chosen = form.text(".caller").contains("刘梦洁");
            assert_eq!(is_chosen, expected.contains('?'), "{expected}");
        }
        assert_eq!(
            browser
                .get(&format!("/customers/{customer}"))
                .await
                .count("main a[href^='/complaints/new']"),
            1
        );
        assert_eq!(
            browser
                .get(&format!("/vehicles/{vehicle}"))
                .await
                .count("main a[href^='/complaints/new']"),
            1
        );
        // On the call screen it is part of the call.
        browser.post(&format!("/callbacks/{callback}/claim"), &[]).await;
        let call = browser.get(&format!("/callbacks/{callback}")).await;
        assert_eq!(
            (call.count("a[data-key=c]"), call.count("input[data-key=c]")),
            (0, 1)
        );
        // From a call that has ended the case knows which.
        let form = filled(&mut browser, &format!("/complaints/new?callback={callback}"), SIX).await;
        assert!(form.contains(&("visit_id".to_owned(), visit.to_string())));
        assert_eq!(post(&mut browser, &form).await.status, 303);
        assert_eq!(
            app.count("select count(*) from complaints where from_callback_id is not null")
                .await,
            1
        );
        let mut handler = app.sign_in(Role::Handler).await;
        assert_eq!(
            handler
                .get("/complaints")
                .await
                .count("a[href^='/complaints/new']"),
            0
        );
        assert_eq!(handler.get("/complaints/new").await.status, 403);
    });
}

#[test]
fn what_is_typed_outlives_the_window() {
    with_app(async |app| {
        let person = caller(&app).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let address = format!("/complaints/new?customer={}", person.customer);
        let mut form = filled(&mut browser, &address, SIX).await;
        form.retain(|(name, _)| name != "files");
        let pairs: Vec<(&str, &str)> = form.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert!(browser.post("/drafts", &pairs).await.status < 300);
        let again = browser.get(&address).await;
        assert_eq!(again.text("#words"), WORDS);
        assert!(again.text(".caller").contains("刘梦洁"));
        assert_eq!(again.count("input[name=class][value=repair][checked]"), 1);
        assert_eq!(post(&mut browser, &form).await.status, 303);
        assert_eq!(browser.get(&address).await.text("#words"), "");
    });
}
