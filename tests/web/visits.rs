//! Service visits: forms in the store's time, their readings, filters, names of files matched to people.

use care_desk::auth::permission::Role;
use care_desk::visits::queries::match_staff;
use chrono::NaiveDate;

use crate::support::app::with_app;
use crate::support::build;

const KEY: &str = "6f1e9f6e-8f43-4a55-9d3e-1c1b3d7a0004";

fn form<'a>(vehicle: &'a str, customer: &'a str, ro: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("idem_key", KEY),
        ("vehicle_id", vehicle),
        ("customer_id", customer),
        ("ro_number", ro),
        ("kind", "maintenance"),
        ("state", "open"),
        ("arrived_at", "2026-11-23T22:10"),
        ("handed_over_at", "2026-11-24T00:30"),
        ("odometer_km", "61280"),
        ("amount", "1,286.00"),
        ("summary", "60,000 km 保养"),
    ]
}

#[test]
fn a_visit_counts_on_the_stores_own_day() {
    with_app(async |app| {
        let person = build::person(&app, "赵雅楠", "13905717715", "浙A7K2M9").await;
        let (vehicle, customer) = (person.vehicle.to_string(), person.customer.to_string());
        let mut browser = app.sign_in(Role::Specialist).await;
        let form = form(&vehicle, &customer, "RO-1");
        let made = browser.post("/visits", &form).await;
        assert_eq!(browser.post("/visits", &form).await.location(), made.location());
        let row: (String, NaiveDate, chrono::DateTime<chrono::Utc>, String, i64) =
            sqlx::query_as("select state, handed_over_on, handed_over_at, ro_number, amount_fen from visits")
                .fetch_one(&app.db)
                .await
                .unwrap();
        assert_eq!(row.0, "closed", "the hand-over closes the visit");
        assert_eq!(row.1.to_string(), "2026-11-24", "half past midnight in Shanghai");
        assert_eq!(row.2.to_rfc3339(), "2026-11-23T16:30:00+00:00");
        assert_eq!(row.4, 128_600);
        let reading: (NaiveDate, i32, String) =
            sqlx::query_as("select read_on, km, source from odometer_readings")
                .fetch_one(&app.db)
                .await
                .unwrap();
        assert_eq!(
            (reading.0.to_string().as_str(), reading.1, reading.2.as_str()),
            ("2026-11-23", 61_280, "visit")
        );
        assert_eq!(
            app.count("select count(*) from vehicle_facts where last_maintenance_on = '2026-11-24' and last_maintenance_km = 61280")
                .await,
            1
        );
        assert_eq!(
            app.count("select count(*) from customer_facts where last_visit_on = '2026-11-24'")
                .await,
            1
        );
        assert_eq!(
            app.count("select count(*) from audit where action = 'visits.create'")
                .await,
            1
        );
        let page = browser.follow(&made).await;
        assert!(page.text("main").contains("11-24 00:30"));
    });
}

#[test]
fn an_edit_replaces_the_reading_and_the_second_one_is_refused() {
    with_app(async |app| {
        let person = build::person(&app, "赵雅楠", "13905717715", "浙A7K2M9").await;
        let (vehicle, customer) = (person.vehicle.to_string(), person.customer.to_string());
        let mut browser = app.sign_in(Role::Clerk).await;
        let mut form = form(&vehicle, &customer, "RO-1");
        let made = browser.post("/visits", &form).await;
        let path = made.location().to_owned();
        assert_eq!(browser.get(&format!("{path}/edit")).await.status, 200);
        form[8] = ("odometer_km", "61300");
        form.push(("version", "1"));
        assert_eq!(browser.post(&path, &form).await.location(), path);
        assert_eq!(browser.post(&path, &form).await.status, 409);
        assert_eq!(
            app.count("select sum(km)::bigint from odometer_readings").await,
            61_300
        );
        form.pop();
        form.push(("version", "2"));
        form[5] = ("state", "cancelled");
        assert_eq!(browser.post(&path, &form).await.status, 303);
        assert_eq!(app.count("select count(*) from odometer_readings").await, 0);
        assert_eq!(
            app.count("select count(*) from vehicle_facts where last_visit_id is null")
                .await,
            1
        );
    });
}

#[test]
fn mistakes_are_named_at_their_field() {
    with_app(async |app| {
        let person = build::person(&app, "赵雅楠", "13905717715", "浙A7K2M9").await;
        build::visit(&app, &person, "RO-9").insert().await;
        let (vehicle, customer) = (person.vehicle.to_string(), person.customer.to_string());
        let mut browser = app.sign_in(Role::Specialist).await;
        for (field, value, at, message) in [
            ("ro_number", "", "ro_number", "必填"),
            ("ro_number", "RO-9", "ro_number", "已被使用"),
            ("arrived_at", "", "arrived_at", "必填"),
            ("arrived_at", "2026-11-24T10:01", "arrived_at", "不能晚于现在"),
            (
                "handed_over_at",
                "2026-11-23T21:00",
                "handed_over_at",
                "交车不能早于进站",
            ),
            (
                "handed_over_at",
                "2026-11-24T10:30",
                "handed_over_at",
                "不能晚于现在",
            ),
            ("odometer_km", "3000001", "odometer_km", "应在 0 到 3000000 之间"),
            ("amount", "一千", "amount", "请输入数字"),
            ("customer_id", "", "contact_phone", "必填"),
            ("customer_id", "999", "customer_id", "请从列表中选择"),
        ] {
            let mut form = form(&vehicle, &customer, "RO-1");
            form.retain(|(name, _)| *name != field);
            form.push((field, value));
            let answer = browser.post("/visits", &form).await;
            assert_eq!(
                (answer.status, answer.field_error(at)),
                (422, message.to_owned()),
                "{field} {value}"
            );
        }
        let mut closed = form(&vehicle, &customer, "RO-1");
        closed[5] = ("state", "closed");
        closed[7] = ("handed_over_at", "");
        let answer = browser.post("/visits", &closed).await;
        assert_eq!(answer.field_error("handed_over_at"), "必填");
        assert_eq!(app.count("select count(*) from visits").await, 1);
    });
}

#[test]
fn whoever_brings_the_car_is_the_one_to_call() {
    with_app(async |app| {
        let owner = build::person(&app, "赵雅楠", "13905717715", "浙A7K2M9").await;
        let vehicle = owner.vehicle.to_string();
        let mut browser = app.sign_in(Role::Receptionist).await;
        let mut form = form(&vehicle, "", "RO-1");
        form.extend([("contact_name", "孙浩"), ("contact_phone", "138-0000-0002")]);
        assert_eq!(browser.post("/visits", &form).await.status, 303);
        let sql = "select count(*) from visits v join customers c on c.id = v.customer_id
                   where c.name = '孙浩' and v.contact_phone = '13800000002'";
        assert_eq!(app.count(sql).await, 1);
        assert_eq!(
            app.count("select count(*) from vehicle_people where role = 'contact'")
                .await,
            1
        );
        let to_talk_to: i64 = app.count("select customer_id from vehicle_facts").await;
        assert_eq!(to_talk_to, owner.customer.get(), "reminders stay with the owner");
        form[0] = ("idem_key", "6f1e9f6e-8f43-4a55-9d3e-1c1b3d7a0005");
        form[3] = ("ro_number", "RO-2");
        assert_eq!(browser.post("/visits", &form).await.status, 303);
        assert_eq!(
            app.count("select count(*) from customers where name = '孙浩'")
                .await,
            1,
            "the same name and number is the same person"
        );
    });
}

#[test]
fn the_list_is_filtered_by_day_type_state_advisor_and_car() {
    with_app(async |app| {
        let one = build::person(&app, "赵雅楠", "13905717715", "浙A7K2M9").await;
        let two = build::person(&app, "孙浩", "13800000002", "浙B00002").await;
        let advisor = app.user("manager").await;
        // 17:00 UTC is the next day in Shanghai.
        build::visit(&app, &one, "RO-1")
            .handed_over("2026-11-20T19:00:00Z")
            .advisor(advisor)
            .insert()
            .await;
        build::visit(&app, &two, "RO-2")
            .kind("body")
            .handed_over("2026-11-20T08:00:00Z")
            .insert()
            .await;
        build::visit(&app, &two, "RO-3").in_shop().insert().await;
        let foreign = build::person_in(&app, app.other_store, "甲", "13800000001", "浙A7K2M9").await;
        build::visit(&app, &foreign, "RO-4")
            .store(app.other_store)
            .insert()
            .await;
        let mut browser = app.sign_in(Role::Manager).await;
        for (query, expected) in [
            ("", vec!["RO-3", "RO-1", "RO-2"]),
            ("?from=2026-11-21&to=2026-11-21", vec!["RO-1"]),
            ("?to=2026-11-20", vec!["RO-2"]),
            ("?kind=body", vec!["RO-2"]),
            ("?state=open", vec!["RO-3"]),
            ("?advisor=mana", vec!["RO-1"]),
            ("?q=K2M9", vec!["RO-1"]),
            ("?q=%E6%B5%99B00002", vec!["RO-3", "RO-2"]),
            ("?q=RO-2", vec!["RO-2"]),
            ("?q=RO-4", vec![]),
            ("?per_page=1&page=2", vec!["RO-1"]),
        ] {
            let page = browser.get(&format!("/visits{query}")).await;
            let found: Vec<String> = page.texts("tbody td:first-child a");
            assert_eq!(found, expected, "{query}");
        }
        let empty = browser.get("/visits?q=nothing").await;
        assert_eq!(empty.text(".empty b"), "没有符合条件的进站记录");
    });
}

#[test]
fn names_of_a_file_are_matched_to_people_of_the_store_only_when_certain() {
    with_app(async |app| {
        let person = build::person(&app, "赵雅楠", "13905717715", "浙A7K2M9").await;
        sqlx::query(
            "update users set display_name = '孙浩', staff_number = 'YQ0103' where username = 'specialist'",
        )
        .execute(&app.db)
        .await
        .unwrap();
        sqlx::query("update users set display_name = '李娜' where username in ('clerk', 'manager')")
            .execute(&app.db)
            .await
            .unwrap();
        for (ro, advisor, technician) in [("RO-1", "孙浩", "李娜"), ("RO-2", "YQ0103", "没有这个人")]
        {
            let id = build::visit(&app, &person, ro).insert().await;
            sqlx::query("update visits set advisor_name = $2, technician_name = $3 where id = $1")
                .bind(id)
                .bind(advisor)
                .bind(technician)
                .execute(&app.db)
                .await
                .unwrap();
        }
        assert_eq!(match_staff(&app.db, app.scope(), None).await.unwrap(), 2);
        assert_eq!(match_staff(&app.db, app.scope(), None).await.unwrap(), 0);
        let matched = "select count(*) from visits where advisor_id is not null and technician_id is null";
        assert_eq!(app.count(matched).await, 2);
    });
}

#[test]
fn another_stores_visits_are_not_there() {
    with_app(async |app| {
        let foreign = build::person_in(&app, app.other_store, "甲", "13800000001", "浙A00001").await;
        let visit = build::visit(&app, &foreign, "RO-1")
            .store(app.other_store)
            .insert()
            .await;
        let (vehicle, customer) = (foreign.vehicle.to_string(), foreign.customer.to_string());
        let mut browser = app.sign_in(Role::Specialist).await;
        for path in [
            format!("/visits/{visit}"),
            format!("/visits/{visit}/edit"),
            format!("/visits/new?vehicle={vehicle}"),
        ] {
            assert_eq!(browser.get(&path).await.status, 404, "{path}");
        }
        let form = form(&vehicle, &customer, "RO-2");
        assert_eq!(browser.post("/visits", &form).await.status, 404);
        assert_eq!(browser.post(&format!("/visits/{visit}"), &form).await.status, 404);
        let mut handler = app.sign_in(Role::Handler).await;
        assert_eq!(handler.get("/visits").await.status, 403);
        assert_eq!(handler.post("/visits", &form).await.status, 403);
    });
}

#[test]
fn lines_are_kept_row_by_row_and_more_rows_lose_nothing() {
    with_app(async |app| {
        let person = build::person(&app, "赵雅楠", "13905717715", "浙A7K2M9").await;
        let (vehicle, customer) = (person.vehicle.to_string(), person.customer.to_string());
        let mut browser = app.sign_in(Role::Specialist).await;
        let mut form = form(&vehicle, &customer, "RO-1");
        for [kind, code, name, quantity, amount] in [
            ["part", "BP-100", "前刹车片", "2", "900.00"],
            ["labour", "", "", "", ""],
            ["labour", "", "更换前刹车片", "1.5", "300"],
            ["labour", "", "", "1", ""],
        ] {
            form.extend([
                ("item_kind", kind),
                ("item_code", code),
                ("item_name", name),
                ("item_quantity", quantity),
                ("item_amount", amount),
            ]);
        }
        let mut asking = form.clone();
        asking.push(("more", "1"));
        let more = browser.post("/visits", &asking).await;
        assert_eq!((more.status, more.count("#items tbody tr")), (200, 7));
        assert_eq!(
            more.attr("#item_name_1", "value").as_deref(),
            Some("更换前刹车片")
        );
        assert_eq!(more.attr("#ro_number", "value").as_deref(), Some("RO-1"));
        assert_eq!(app.count("select count(*) from visits").await, 0);

        let mut wrong = form.clone();
        wrong.extend([
            ("item_kind", "part"),
            ("item_code", "X"),
            ("item_name", ""),
            ("item_quantity", "0"),
            ("item_amount", "1"),
        ]);
        let refused = browser.post("/visits", &wrong).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.field_error("item_name_2"), "必填");
        assert_eq!(refused.field_error("item_quantity_2"), "请输入数字");

        let made = browser.post("/visits", &form).await;
        assert_eq!(made.status, 303);
        let page = browser.follow(&made).await;
        assert_eq!(page.count("#items tbody tr"), 2);
        assert!(
            page.text("#unequal")
                .contains("1,200.00 元，与工单金额 1,286.00 元"),
            "a sum that does not fit is named, not refused: {}",
            page.text("#items")
        );
        let rows: Vec<(String, String, String, i64, bool)> = sqlx::query_as(
            "select kind, code, quantity::text, amount_fen, is_derived from visit_items order by id",
        )
        .fetch_all(&app.db)
        .await
        .unwrap();
        assert_eq!(
            rows[0],
            ("part".into(), "BP-100".into(), "2.00".into(), 90_000, false)
        );
        assert_eq!(
            rows[1],
            ("labour".into(), String::new(), "1.50".into(), 30_000, false)
        );

        // Without typed lines they come from the summary.
        let path = made.location().to_owned();
        let edit = browser.get(&format!("{path}/edit")).await;
        assert_eq!(edit.attr("#item_quantity_1", "value").as_deref(), Some("1.5"));
        form.retain(|(name, _)| !name.starts_with("item_"));
        form.push(("version", "1"));
        assert_eq!(browser.post(&path, &form).await.status, 303);
        let names: Vec<(String, bool)> = sqlx::query_as("select name, is_derived from visit_items")
            .fetch_all(&app.db)
            .await
            .unwrap();
        assert_eq!(names, [("60,000 km 保养".to_owned(), true)]);
        assert_eq!(browser.get(&path).await.count("#unequal"), 0);
    });
}

#[test]
fn the_same_again_within_thirty_days_is_rework() {
    with_app(async |app| {
        let person = build::person(&app, "赵雅楠", "13905717715", "浙A7K2M9").await;
        let other = build::person(&app, "孙浩", "13800000002", "浙A00002").await;
        let (vehicle, customer) = (person.vehicle.to_string(), person.customer.to_string());
        let (other_vehicle, other_customer) = (other.vehicle.to_string(), other.customer.to_string());
        let mut browser = app.sign_in(Role::Clerk).await;
        // The hand-over of RO-1 is at 00:30 of 24 October in Shanghai, still the 23rd in UTC.
        let mut number = 0;
        for (ro, of, kind, arrived, symptom, summary, is_rework) in [
            (
                "RO-1",
                true,
                "repair",
                "2026-10-23T22:10",
                "低速 异响！",
                "更换平衡杆胶套、更换机油机滤",
                false,
            ),
            (
                "RO-2",
                true,
                "repair",
                "2026-11-23T23:00",
                "",
                "平衡杆胶套更换",
                true,
            ),
            (
                "RO-3",
                true,
                "repair",
                "2026-11-22T09:00",
                "低速异响",
                "检查",
                true,
            ),
            (
                "RO-4",
                true,
                "maintenance",
                "2026-11-01T09:00",
                "",
                "更换机油机滤、全车检查、洗车",
                false,
            ),
            ("RO-5", true, "wash", "2026-11-02T09:00", "低速异响", "", false),
            ("RO-6", false, "repair", "2026-11-03T09:00", "低速异响", "", false),
        ] {
            number += 1;
            let key = format!("6f1e9f6e-8f43-4a55-9d3e-1c1b3d7a01{number:02}");
            let (vehicle, customer) = if of {
                (&vehicle, &customer)
            } else {
                (&other_vehicle, &other_customer)
            };
            let mut form = form(vehicle, customer, ro);
            form.retain(|(name, _)| ["vehicle_id", "customer_id", "ro_number", "state"].contains(name));
            let handed_over_at = if ro == "RO-1" { "2026-10-24T00:30" } else { "" };
            form.extend([
                ("idem_key", key.as_str()),
                ("kind", kind),
                ("arrived_at", arrived),
                ("handed_over_at", handed_over_at),
                ("symptom", symptom),
                ("summary", summary),
            ]);
            let made = browser.post("/visits", &form).await;
            let page = browser.follow(&made).await;
            assert_eq!(page.count("#rework"), usize::from(is_rework), "{ro}");
            if is_rework {
                assert!(
                    page.text("#rework").contains("RO-1"),
                    "{ro}: linked to the first visit"
                );
            }
        }
        assert_eq!(
            app.count("select count(*) from visits where rework_of_id is not null")
                .await,
            2
        );
        // 30 days after the hand-over and not one more, by the days of the store.
        for (at, expected) in [("2026-11-23 23:59+08", 2), ("2026-11-24 00:00+08", 1)] {
            sqlx::query("update visits set arrived_at = $1::text::timestamptz where ro_number = 'RO-2'")
                .bind(at)
                .execute(&app.db)
                .await
                .unwrap();
            let mut db = app.db.acquire().await.unwrap();
            care_desk::visits::service::derive_work(&mut db, app.scope(), None)
                .await
                .unwrap();
            assert_eq!(
                app.count("select count(*) from visits where rework_of_id is not null")
                    .await,
                expected,
                "{at}"
            );
        }
        let car = browser.get(&format!("/vehicles/{vehicle}")).await;
        assert_eq!(car.count("#timeline .badge--bad"), 1);
        // A cancelled visit was never there to be repeated.
        sqlx::query("update visits set state = 'cancelled' where ro_number = 'RO-1'")
            .execute(&app.db)
            .await
            .unwrap();
        let mut db = app.db.acquire().await.unwrap();
        care_desk::visits::service::derive_work(&mut db, app.scope(), Some(&[person.vehicle.get()]))
            .await
            .unwrap();
        assert_eq!(
            app.count("select count(*) from visits where rework_of_id is not null")
                .await,
            0
        );
    });
}

#[test]
fn waiting_and_promise_are_kept_and_checked() {
    with_app(async |app| {
        let person = build::person(&app, "赵雅楠", "13905717715", "浙A7K2M9").await;
        let (vehicle, customer) = (person.vehicle.to_string(), person.customer.to_string());
        let mut browser = app.sign_in(Role::Specialist).await;
        for (since, until, at, message) in [
            ("2026-11-23T22:00", "", "waiting_since", "待件不能早于进站"),
            ("", "2026-11-23T23:00", "waiting_since", "必填"),
            (
                "2026-11-23T23:30",
                "2026-11-23T23:00",
                "waiting_until",
                "结束不能早于开始",
            ),
            ("2026-11-24T10:01", "", "waiting_since", "不能晚于现在"),
        ] {
            let mut form = form(&vehicle, &customer, "RO-1");
            form.extend([("waiting_since", since), ("waiting_until", until)]);
            let answer = browser.post("/visits", &form).await;
            assert_eq!(
                (answer.status, answer.field_error(at)),
                (422, message.to_owned()),
                "{since} {until}"
            );
        }
        let mut form = form(&vehicle, &customer, "RO-1");
        form[7] = ("handed_over_at", "");
        form.extend([
            ("promised_at", "2026-11-24T09:00"),
            ("waiting_since", "2026-11-23T23:00"),
            ("waits_for_special", "1"),
            ("symptom", "行驶中失去动力"),
            ("is_safety", "1"),
            ("assembly", "gearbox"),
        ]);
        let made = browser.post("/visits", &form).await;
        let page = browser.follow(&made).await;
        assert_eq!(page.text("#times .badge--soon"), "晚于预计");
        assert!(page.text("#times").contains("仍在等待"));
        assert_eq!(
            app.count("select count(*) from visits where is_safety and waits_for_special and assembly = 'gearbox' and symptom_key = '行驶中失去动力'
                       and promised_at = '2026-11-24 01:00+00' and waiting_since = '2026-11-23 15:00+00'")
                .await,
            1
        );
        let edit = browser.get(&format!("{}/edit", made.location())).await;
        assert_eq!(
            edit.attr("#waiting_since", "value").as_deref(),
            Some("2026-11-23T23:00")
        );
        assert_eq!(
            edit.attr("#assembly option[selected]", "value").as_deref(),
            Some("gearbox")
        );
        assert_eq!(edit.count("input[name=is_safety][checked]"), 1);
    });
}
