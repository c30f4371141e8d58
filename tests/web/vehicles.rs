//! Cars: forms, readings, people around them, and what is derived.

use care_desk::auth::permission::Role;
use care_desk::vehicles::lifecycle::{self, Life};
use care_desk::vehicles::{VehicleState, facts, odometer, readings};
use chrono::NaiveDate;

use crate::support::app::{TestApp, with_app};
use crate::support::build;

const KEY: &str = "6f1e9f6e-8f43-4a55-9d3e-1c1b3d7a0002";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

async fn reading(app: &TestApp, vehicle: i64, on: &str, km: i32) {
    sqlx::query("insert into odometer_readings (store_id, vehicle_id, read_on, km, source) values ($1, $2, $3, $4, 'import')")
        .bind(app.store)
        .bind(vehicle)
        .bind(day(on))
        .bind(km)
        .execute(&app.db)
        .await
        .unwrap();
}

async fn judge(app: &TestApp, vehicle: i64) {
    let mut db = app.db.acquire().await.unwrap();
    readings::judge(&mut db, app.scope(), &[vehicle], day("2026-11-24"))
        .await
        .unwrap();
}

#[test]
fn a_car_is_added_changed_and_not_made_twice() {
    with_app(async |app| {
        let person = build::person(&app, "赵雅楠", "13905717715", "浙A7K2M9").await;
        let customer = person.customer.to_string();
        let mut browser = app.sign_in(Role::Clerk).await;
        let mut form = vec![
            ("idem_key", KEY),
            ("customer_id", customer.as_str()),
            ("role", "owner"),
            ("usage", "private"),
            ("plate", ""),
            ("vin", ""),
            ("model", "昕锐"),
        ];
        let nameless = browser.post("/vehicles", &form).await;
        assert_eq!(
            (nameless.status, nameless.field_error("plate")),
            (422, "必填".to_owned())
        );
        form[4] = ("plate", "浙A7K2M9");
        let same = browser.post("/vehicles", &form).await;
        assert_eq!(same.status, 422);
        assert_eq!(
            same.attr(".flash--soon a", "href"),
            Some(format!("/vehicles/{}", person.vehicle))
        );
        form[4] = ("plate", "浙A03E6T");
        form[5] = ("vin", "LSVNV4188D2000001");
        let made = browser.post("/vehicles", &form).await;
        assert_eq!(browser.post("/vehicles", &form).await.location(), made.location());
        assert_eq!(app.count("select count(*) from vehicles").await, 2);
        let page = browser.follow(&made).await;
        assert_eq!(page.text(".page-head .mono"), "LSV*******000001");
        assert_eq!(page.text("#people .vehicle b"), "赵雅楠");

        form[0] = ("idem_key", "6f1e9f6e-8f43-4a55-9d3e-1c1b3d7a0003");
        form[4] = ("plate", "浙A99999");
        form.push(("anyway", "1"));
        assert_eq!(
            browser.post("/vehicles", &form).await.status,
            422,
            "the same VIN is the same car"
        );

        let path = made.location().to_owned();
        let edit = [
            ("version", "1"),
            ("plate", "浙A03E6T"),
            ("vin", ""),
            ("usage", "taxi"),
            ("state", "sold"),
            ("warranty_ends_on", "2027-03-18"),
        ];
        assert_eq!(browser.post(&path, &edit).await.location(), path);
        assert_eq!(browser.post(&path, &edit).await.status, 409);
        assert_eq!(
            app.count("select count(*) from vehicles where state = 'sold' and vin = 'LSVNV4188D2000001'")
                .await,
            1,
            "an empty VIN keeps the one on file"
        );
        let audited = "select count(*) from audit where action in ('vehicles.create', 'vehicles.update')";
        assert_eq!(app.count(audited).await, 2);
    });
}

#[test]
fn an_unbelievable_reading_is_kept_but_not_used() {
    with_app(async |app| {
        let person = build::person(&app, "赵雅楠", "13905717715", "浙A7K2M9").await;
        let vehicle = person.vehicle;
        let mut browser = app.sign_in(Role::Specialist).await;
        let path = format!("/vehicles/{vehicle}/readings");
        for (on, km, status) in [
            ("2026-08-01", "10,000", 303),
            ("2026-11-01", "13680", 303),
            ("2026-11-10", "9000", 303),
            ("2026-11-25", "14000", 422),
            ("2026-11-20", "", 422),
            ("2026-11-20", "3000001", 422),
        ] {
            let answer = browser.post(&path, &[("read_on", on), ("km", km)]).await;
            assert_eq!(answer.status, status, "{on} {km}");
        }
        let page = browser.get(&format!("/vehicles/{vehicle}")).await;
        assert_eq!(page.texts("#readings .is-refused .badge"), ["比之前少"]);
        let facts: (String, String) =
            sqlx::query_as("select km_per_day::text, km_confidence from vehicle_facts where vehicle_id = $1")
                .bind(vehicle)
                .fetch_one(&app.db)
                .await
                .unwrap();
        assert_eq!(facts, ("40.0".to_owned(), "good".to_owned()));
    });
}

#[test]
fn a_late_reading_changes_the_verdict_on_later_ones() {
    with_app(async |app| {
        let vehicle = build::person(&app, "甲", "13800000001", "浙A00001")
            .await
            .vehicle
            .get();
        reading(&app, vehicle, "2026-06-01", 20_000).await;
        reading(&app, vehicle, "2026-09-01", 25_000).await;
        judge(&app, vehicle).await;
        let refused = "select count(*) from odometer_readings where refused is not null";
        assert_eq!(app.count(refused).await, 0);
        reading(&app, vehicle, "2026-01-01", 22_000).await;
        judge(&app, vehicle).await;
        assert_eq!(
            app.count("select km::bigint from odometer_readings where refused = 'roll_back'")
                .await,
            20_000
        );
        judge(&app, vehicle).await;
        assert_eq!(app.count(refused).await, 1, "judging again changes nothing");
    });
}

#[test]
fn facts_follow_the_rules_of_the_odometer() {
    with_app(async |app| {
        let interval = odometer::ServiceInterval { months: 6, km: 7_500 };
        let mut number = 0;
        for (served, km, later) in [
            ("2026-01-10", Some(10_000), vec![]),
            ("2026-01-10", None, vec![]),
            ("2026-01-10", Some(10_000), vec![("2026-03-01", 15_000)]),
            (
                "2026-01-10",
                Some(10_000),
                vec![("2026-03-01", 18_000), ("2026-03-05", 18_200)],
            ),
            ("2026-08-31", Some(40_000), vec![("2026-09-01", 40_010)]),
        ] {
            number += 1;
            let (plate, ro) = (format!("浙A0000{number}"), format!("RO{number}"));
            let person = build::person(&app, "甲", "13800000001", &plate).await;
            let vehicle = person.vehicle.get();
            let visit = build::visit(&app, &person, &ro).handed_over(&format!("{served}T06:00:00Z"));
            let visit = match km {
                Some(km) => visit.odometer(km),
                None => visit,
            };
            visit.insert().await;
            let mut believed: Vec<odometer::Reading> = Vec::new();
            let at_service = km.map(|km| (served, km));
            for (on, km) in at_service.into_iter().chain(later) {
                reading(&app, vehicle, on, km).await;
                believed.push(odometer::Reading { on: day(on), km });
            }
            judge(&app, vehicle).await;
            facts::refresh(&app.db, app.scope(), Some(&[vehicle]), app.now())
                .await
                .unwrap();
            let found: (NaiveDate, String, String, String) = sqlx::query_as(
                "select next_due_on, next_due_by, km_per_day::text, km_confidence from vehicle_facts where vehicle_id = $1",
            )
            .bind(vehicle)
            .fetch_one(&app.db)
            .await
            .unwrap();
            let daily = odometer::daily_km(&believed, None, 410);
            let due = odometer::next_due(day(served), km, believed.last().copied(), interval, daily);
            let tenths = format!("{}.{}", daily.tenths / 10, daily.tenths % 10);
            let expected = (
                due.on,
                due.by.as_str().to_owned(),
                tenths,
                daily.confidence.as_str().to_owned(),
            );
            assert_eq!(found, expected, "{served} {km:?}");
        }
        let again = facts::refresh(&app.db, app.scope(), None, app.now())
            .await
            .unwrap();
        assert_eq!(again, 0, "unchanged rows are left alone");
    });
}

#[test]
fn a_warranty_ends_by_its_day_or_its_distance() {
    with_app(async |app| {
        for (plate, ends_on, km, expected) in [
            ("浙A00001", Some("2027-03-18"), None, Some("2027-03-18")),
            ("浙A00002", Some("2027-03-18"), Some(61_000), Some("2026-11-25")),
            ("浙A00003", None, Some(60_000), Some("2026-11-01")),
            ("浙A00004", None, None, None),
        ] {
            let vehicle = build::person(&app, "甲", "13800000001", plate)
                .await
                .vehicle
                .get();
            sqlx::query("update vehicles set warranty_ends_on = $2, warranty_km = $3 where id = $1")
                .bind(vehicle)
                .bind(ends_on.map(day))
                .bind(km)
                .execute(&app.db)
                .await
                .unwrap();
            reading(&app, vehicle, "2026-11-01", 60_020).await;
            facts::refresh(&app.db, app.scope(), Some(&[vehicle]), app.now())
                .await
                .unwrap();
            let due: Option<NaiveDate> =
                sqlx::query_scalar("select warranty_due_on from vehicle_facts where vehicle_id = $1")
                    .bind(vehicle)
                    .fetch_one(&app.db)
                    .await
                    .unwrap();
            assert_eq!(due, expected.map(day), "{plate}");
        }
    });
}

#[test]
fn the_plan_closest_to_the_model_counts_and_a_sold_car_is_due_for_nothing() {
    with_app(async |app| {
        sqlx::query(
            "insert into maintenance_plans (store_id, brand, model, interval_months)
             values ($1, '*', '昕锐', 9), ($1, '斯柯达', '昕锐', 12)",
        )
        .bind(app.store)
        .execute(&app.db)
        .await
        .unwrap();
        for (plate, brand, model, state, expected) in [
            ("浙A00001", "斯柯达", "昕锐", "active", Some("2027-01-10")),
            ("浙A00002", "大众", "昕锐", "active", Some("2026-10-10")),
            ("浙A00003", "大众", "朗逸", "active", Some("2026-07-10")),
            ("浙A00004", "大众", "朗逸", "sold", None),
        ] {
            let person = build::person(&app, "甲", "13800000001", plate).await;
            build::visit(&app, &person, plate)
                .handed_over("2026-01-10T06:00:00Z")
                .insert()
                .await;
            sqlx::query("update vehicles set brand = $2, model = $3, state = $4 where id = $1")
                .bind(person.vehicle)
                .bind(brand)
                .bind(model)
                .bind(state)
                .execute(&app.db)
                .await
                .unwrap();
            facts::refresh(&app.db, app.scope(), Some(&[person.vehicle.get()]), app.now())
                .await
                .unwrap();
            let due: Option<NaiveDate> =
                sqlx::query_scalar("select next_due_on from vehicle_facts where vehicle_id = $1")
                    .bind(person.vehicle)
                    .fetch_one(&app.db)
                    .await
                    .unwrap();
            assert_eq!(due, expected.map(day), "{plate}");
        }
    });
}

#[test]
fn a_new_owner_takes_the_car_over() {
    with_app(async |app| {
        let first = build::person(&app, "赵雅楠", "13905717715", "浙A7K2M9").await;
        let second = build::person(&app, "孙浩", "13800000002", "浙A00002").await;
        let mut browser = app.sign_in(Role::Clerk).await;
        let path = format!("/vehicles/{}/people", first.vehicle);
        let unknown = browser
            .post(&path, &[("who", "13811112222"), ("role", "owner")])
            .await;
        assert_eq!(
            (unknown.status, unknown.field_error("who")),
            (422, "档案中没有这个号码的客户".to_owned())
        );
        let added = browser
            .post(&path, &[("who", "138 0000 0002"), ("role", "owner")])
            .await;
        assert_eq!(added.status, 303);
        let owner = format!(
            "select customer_id from vehicle_people where vehicle_id = {} and role = 'owner' and until_on is null",
            first.vehicle
        );
        let current: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(owner))
            .fetch_one(&app.db)
            .await
            .unwrap();
        assert_eq!(current, second.customer.get());
        assert_eq!(
            app.count("select count(*) from vehicle_people where until_on = '2026-11-24'")
                .await,
            1
        );
        let fact: i64 = sqlx::query_scalar("select customer_id from vehicle_facts where vehicle_id = $1")
            .bind(first.vehicle)
            .fetch_one(&app.db)
            .await
            .unwrap();
        assert_eq!(fact, second.customer.get(), "the new owner is the one to talk to");
        let by_number = second.customer.to_string();
        let driver = [("who", by_number.as_str()), ("role", "driver")];
        assert_eq!(browser.post(&path, &driver).await.status, 303);
        let role: i64 = app
            .count("select id from vehicle_people where role = 'driver'")
            .await;
        let end = format!("{path}/{role}/end");
        assert_eq!(browser.post(&end, &[]).await.status, 303);
        assert_eq!(browser.post(&end, &[]).await.status, 404, "a role ends once");
    });
}

#[test]
fn another_stores_cars_are_not_there() {
    with_app(async |app| {
        let foreign = build::person_in(&app, app.other_store, "甲", "13800000001", "浙A00001").await;
        let mut browser = app.sign_in(Role::Admin).await;
        let path = format!("/vehicles/{}", foreign.vehicle);
        for get in [
            path.clone(),
            format!("{path}/edit"),
            format!("/vehicles/new?customer={}", foreign.customer),
        ] {
            assert_eq!(browser.get(&get).await.status, 404, "{get}");
        }
        for post in [path.clone(), format!("{path}/readings"), format!("{path}/people")] {
            let form = [("usage", "private"), ("km", "1"), ("who", "1"), ("role", "owner")];
            assert_eq!(browser.post(&post, &form).await.status, 404, "{post}");
        }
        let customer = foreign.customer.to_string();
        let form = [
            ("idem_key", KEY),
            ("customer_id", customer.as_str()),
            ("plate", "浙A00009"),
            ("usage", "private"),
        ];
        assert_eq!(browser.post("/vehicles", &form).await.status, 404);
        let mut reader = app.sign_in(Role::Handler).await;
        assert_eq!(reader.get(&path).await.status, 403);
    });
}

/// Plates of a car as `plate from until`, in order.
async fn plates(app: &TestApp, vehicle: i64) -> Vec<String> {
    sqlx::query_scalar(
        "select concat_ws(' ', plate, from_on, coalesce(until_on::text, '-')) from vehicle_plates where vehicle_id = $1 order by id",
    )
    .bind(vehicle)
    .fetch_all(&app.db)
    .await
    .unwrap()
}

#[test]
fn a_plate_that_moves_to_another_car_stays_in_the_history_of_the_first() {
    with_app(async |app| {
        let old = build::person(&app, "赵雅楠", "13905717715", "浙A7K2M9").await;
        let new = build::person(&app, "赵雅楠", "13905717715", "浙A00002").await;
        let (old, new) = (old.vehicle.get(), new.vehicle.get());
        assert_eq!(plates(&app, old).await, ["浙A7K2M9 2026-11-24 -"]);
        let edit = |version: &'static str, plate: &'static str| {
            [
                ("version", version),
                ("plate", plate),
                ("usage", "private"),
                ("state", "active"),
                ("anyway", "1"),
            ]
        };
        let mut browser = app.sign_in(Role::Clerk).await;
        assert_eq!(
            browser
                .post(&format!("/vehicles/{old}"), &edit("1", "浙A7K2M8"))
                .await
                .status,
            303
        );
        assert_eq!(
            browser
                .post(&format!("/vehicles/{old}"), &edit("2", "浙A7K2M9"))
                .await
                .status,
            303
        );
        assert_eq!(
            plates(&app, old).await.len(),
            1,
            "a slip mended the same day leaves no trace"
        );

        // 01:30 of the 26th in Shanghai, still the 25th in UTC.
        app.set_now("2026-11-25T17:30:00Z");
        let mut browser = app.sign_in(Role::Clerk).await;
        assert_eq!(
            browser
                .post(&format!("/vehicles/{old}"), &edit("3", "浙B11111"))
                .await
                .status,
            303
        );
        assert_eq!(
            browser
                .post(&format!("/vehicles/{new}"), &edit("1", "浙A7K2M9"))
                .await
                .status,
            303
        );
        assert_eq!(
            plates(&app, old).await,
            ["浙A7K2M9 2026-11-24 2026-11-26", "浙B11111 2026-11-26 -"]
        );
        assert_eq!(
            plates(&app, new).await,
            ["浙A00002 2026-11-24 2026-11-26", "浙A7K2M9 2026-11-26 -"]
        );
        let page = browser.get(&format!("/vehicles/{old}")).await;
        assert_eq!(page.texts("#plates .plate"), ["浙B·11111", "浙A·7K2M9"]);
        assert_eq!(page.texts("#plates .badge"), ["现用", "曾用车牌"]);
        assert_eq!(page.text("#timeline li b"), "换牌为 浙B·11111");
        let former: i64 = sqlx::query_scalar(
            "select vehicle_id from vehicle_plates where store_id = $1 and plate = '浙A7K2M9' and until_on is not null",
        )
        .bind(app.store)
        .fetch_one(&app.db)
        .await
        .unwrap();
        assert_eq!(former, old);
        // Whoever asks by the plate finds the car that has it, and then the one that had it.
        let list = browser.get("/customers?q=%E6%B5%99A7K2M9").await;
        let rows = list.texts("tbody tr");
        assert_eq!(rows.len(), 2);
        assert!(
            !rows[0].contains("曾用车牌") && rows[1].contains("曾用车牌"),
            "{rows:?}"
        );

        // Any other writer, many rows in one statement: back on the same day is as if it had never been.
        for (plate, rows) in [("old.plate || 'X'", 3), ("old.plate", 2)] {
            let sql = format!(
                "update vehicles v set plate = {plate}, updated_at = '2026-12-31 20:00+00'
                 from (values ({old}, '浙B11111'), ({new}, '浙A7K2M9')) old (id, plate) where v.id = old.id"
            );
            sqlx::query(sqlx::AssertSqlSafe(sql))
                .execute(&app.db)
                .await
                .unwrap();
            assert_eq!(plates(&app, old).await.len(), rows, "{plate}");
            assert_eq!(
                app.count("select count(*) from vehicle_plates where until_on is null")
                    .await,
                2
            );
        }
        assert_eq!(plates(&app, old).await[1], "浙B11111 2026-11-26 -");
    });
}

#[test]
fn the_database_classes_a_car_as_the_rules_do() {
    with_app(async |app| {
        let today = day("2026-11-24");
        let days = [0, 1, 180, 181, 270, 271, 300, 301, 365, 366, 730, 731]
            .map(|away| today - chrono::Days::new(away));
        let mut checked = 0;
        for state in [VehicleState::Active, VehicleState::Sold] {
            for last in days.iter().copied().map(Some).chain([None]) {
                for active_until in [
                    None,
                    last.map(|day| day + chrono::Days::new(180)),
                    last.map(|day| day + chrono::Days::new(300)),
                ] {
                    for first_due_on in [None, Some(today), Some(today - chrono::Days::new(1))] {
                        let found: String = sqlx::query_scalar("select lifecycle_class($1, $2, $3, $4, $5)")
                            .bind(state.as_str())
                            .bind(first_due_on)
                            .bind(last)
                            .bind(active_until)
                            .bind(today)
                            .fetch_one(&app.db)
                            .await
                            .unwrap();
                        let life = Life {
                            state,
                            first_due_on,
                            last_visit_on: last,
                            active_until,
                        };
                        assert_eq!(found, lifecycle::class(life, today).as_str(), "{life:?}");
                        checked += 1;
                    }
                }
            }
        }
        assert_eq!(checked, 2 * 13 * 3 * 3);
    });
}

#[test]
fn facts_say_how_long_a_car_counts_as_active() {
    with_app(async |app| {
        let mut number = 0;
        for (visits, readings) in [
            (
                vec!["2025-01-01", "2026-01-01"],
                vec![("2025-01-01", 1_000), ("2026-01-01", 4_650)],
            ),
            (
                vec!["2025-01-01", "2026-01-01"],
                vec![("2025-01-01", 1_000), ("2026-01-01", 14_650)],
            ),
            (
                vec!["2025-01-01", "2025-06-01", "2026-01-01"],
                vec![("2025-01-01", 1_000), ("2026-01-01", 4_650)],
            ),
            (
                vec!["2026-01-01"],
                vec![("2025-01-01", 1_000), ("2026-01-01", 4_650)],
            ),
            (vec!["2025-01-01", "2026-01-01"], vec![]),
            (vec![], vec![("2026-01-01", 4_650)]),
        ] {
            number += 1;
            let person = build::person(&app, "甲", "13800000001", &format!("浙A0000{number}")).await;
            let vehicle = person.vehicle.get();
            for (index, visit) in visits.iter().enumerate() {
                let ro = format!("RO{number}{index}");
                build::visit(&app, &person, &ro)
                    .handed_over(&format!("{visit}T06:00:00Z"))
                    .insert()
                    .await;
            }
            let mut believed = Vec::new();
            for (on, km) in readings {
                reading(&app, vehicle, on, km).await;
                believed.push(odometer::Reading { on: day(on), km });
            }
            facts::refresh(&app.db, app.scope(), Some(&[vehicle]), app.now())
                .await
                .unwrap();
            let found: Option<NaiveDate> =
                sqlx::query_scalar("select active_until from vehicle_facts where vehicle_id = $1")
                    .bind(vehicle)
                    .fetch_one(&app.db)
                    .await
                    .unwrap();
            let days: Vec<NaiveDate> = visits.iter().map(|text| day(text)).collect();
            let daily = odometer::daily_km(&believed, None, 410);
            assert_eq!(
                found,
                lifecycle::active_until(&days, daily),
                "{visits:?} {daily:?}"
            );
        }
    });
}

#[test]
fn an_extended_warranty_moves_the_end_and_a_lifetime_one_has_none() {
    with_app(async |app| {
        let person = build::person(&app, "赵雅楠", "13905717715", "浙A7K2M9").await;
        reading(&app, person.vehicle.get(), "2026-11-01", 60_000).await;
        build::obligation(&app, &person, "warranty_expiry", "base")
            .insert()
            .await;
        let path = format!("/vehicles/{}", person.vehicle);
        let mut browser = app.sign_in(Role::Clerk).await;
        let mut version = 0;
        for (kind, ends_on, km, extended_on, extended_km, expected, is_superseded) in [
            ("maker", "2027-03-18", "", "", "", Some("2027-03-18"), 0),
            ("maker", "2027-03-18", "", "2029-03-18", "", Some("2029-03-18"), 1),
            (
                "maker",
                "2027-03-18",
                "",
                "2029-03-18",
                "60,410",
                Some("2027-03-18"),
                0,
            ),
            (
                "maker",
                "2027-03-18",
                "60410",
                "2029-03-18",
                "",
                Some("2029-03-18"),
                1,
            ),
            ("maker", "2027-03-18", "60410", "", "", Some("2026-11-11"), 0),
            ("lifetime", "2027-03-18", "60410", "", "", None, 0),
        ] {
            version += 1;
            let version = version.to_string();
            let form = [
                ("version", version.as_str()),
                ("plate", "浙A7K2M9"),
                ("usage", "commercial"),
                ("state", "active"),
                ("warranty_kind", kind),
                ("warranty_ends_on", ends_on),
                ("warranty_km", km),
                ("extended_warranty_ends_on", extended_on),
                ("extended_warranty_km", extended_km),
            ];
            assert_eq!(browser.post(&path, &form).await.status, 303, "{form:?}");
            let due: Option<NaiveDate> =
                sqlx::query_scalar("select warranty_due_on from vehicle_facts where vehicle_id = $1")
                    .bind(person.vehicle)
                    .fetch_one(&app.db)
                    .await
                    .unwrap();
            assert_eq!(due, expected.map(day), "{form:?}");
            // The call about the maker's end has lost its reason, and the later end has a cycle of its own.
            assert_eq!(
                app.count("select count(*) from superseded_obligations").await,
                is_superseded,
                "{form:?}"
            );
            assert_eq!(
                app.count("select count(*) from vehicle_facts where warranty_cycle = 'extended'")
                    .await,
                is_superseded
            );
        }
        let page = browser.get(&path).await;
        assert!(page.text(".page-head").contains("其他营运"));
        assert!(page.text("#watch").contains("用途为其他营运"));
    });
}

/// Warranty repairs of a car, each of so many days, with the same symptom.
async fn repairs(app: &TestApp, person: &build::Person, count: i32, days: i32) {
    sqlx::query(
        "insert into visits (store_id, ro_number, vehicle_id, customer_id, type, state, arrived_at, settled_at, handed_over_at, handed_over_on,
                             symptom, created_at, updated_at)
         select $1, 'W' || n, $2, $3, 'warranty', 'closed', a.at, a.at + make_interval(days => $5), a.at + make_interval(days => $5),
                (a.at + make_interval(days => $5))::date, '低速顿挫', a.at, a.at
         from generate_series(1, $4) n
         cross join lateral (select '2026-03-01 02:00+00'::timestamptz + n * interval '20 days' as at) a",
    )
    .bind(app.store)
    .bind(person.vehicle)
    .bind(person.customer)
    .bind(count)
    .bind(days)
    .execute(&app.db)
    .await
    .unwrap();
}

#[test]
fn a_car_near_a_threshold_of_the_law_is_warned_about() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Specialist).await;
        let mut number = 0;
        for (count, days, warning, days_said) in [
            (3, 8, "", "24 / 30"),
            (3, 9, "接近三包", "27 / 30"),
            (4, 8, "已达到三包", "32 / 30"),
            (4, 1, "接近三包", "4 / 30"),
        ] {
            number += 1;
            sqlx::query("delete from visits").execute(&app.db).await.unwrap();
            let person = build::person(&app, "甲", "13800000001", &format!("浙A0000{number}")).await;
            sqlx::query("update vehicles set delivered_on = '2026-01-01' where id = $1")
                .bind(person.vehicle)
                .execute(&app.db)
                .await
                .unwrap();
            repairs(&app, &person, count, days).await;
            let page = browser.get(&format!("/vehicles/{}", person.vehicle)).await;
            let said = if warning.is_empty() {
                String::new()
            } else {
                page.text("#watch-warning")
            };
            assert!(said.starts_with(warning), "{count} × {days}: {said}");
            assert_eq!(
                page.count("#watch-warning"),
                usize::from(!warning.is_empty()),
                "{count} × {days}"
            );
            assert!(
                page.text("#counters").contains(days_said),
                "{}",
                page.text("#counters")
            );
        }
        // The same car, bought by a company: later owners change nothing.
        let vehicle = app.count("select max(id) from vehicles").await;
        sqlx::query("update customers set kind = 'company'")
            .execute(&app.db)
            .await
            .unwrap();
        let page = browser.get(&format!("/vehicles/{vehicle}")).await;
        assert_eq!((page.count("#watch-warning"), page.count("#counters")), (0, 0));
        assert!(page.text("#watch").contains("首任车主是单位"));
        sqlx::query("update customers set kind = 'person'")
            .execute(&app.db)
            .await
            .unwrap();
        sqlx::query("update vehicles set delivered_on = null")
            .execute(&app.db)
            .await
            .unwrap();
        let page = browser.get(&format!("/vehicles/{vehicle}")).await;
        assert!(page.text("#watch").contains("没有购车日期"));
    });
}

#[test]
fn the_page_says_what_it_predicts_from_and_turns_its_timeline() {
    with_app(async |app| {
        let person = build::person(&app, "赵雅楠", "13905717715", "浙A7K2M9").await;
        let vehicle = person.vehicle.get();
        let mut browser = app.sign_in(Role::Specialist).await;
        let path = format!("/vehicles/{vehicle}");
        let bare = browser.get(&path).await;
        assert_eq!(bare.status, 200, "without facts, visits and mileage");
        assert_eq!(bare.text("#lifecycle"), "未进站");

        let visit = build::visit(&app, &person, "RO-1")
            .handed_over("2026-08-20T06:00:00Z")
            .odometer(57_560)
            .insert()
            .await;
        reading(&app, vehicle, "2026-08-20", 57_560).await;
        reading(&app, vehicle, "2026-11-20", 63_080).await;
        reading(&app, vehicle, "2026-11-21", 6_308).await;
        judge(&app, vehicle).await;
        facts::refresh(&app.db, app.scope(), Some(&[vehicle]), app.now())
            .await
            .unwrap();
        build::callback(&app, &person, visit, "2026-11-24T08:00:00Z").await;
        sqlx::query(
            "insert into attempts (store_id, callback_id, customer_id, user_id, at, on_day, daypart, result, idem_key)
             select store_id, id, customer_id, (select min(id) from users), '2026-11-23 02:00+00', '2026-11-23', 1, 'no_answer', gen_random_uuid()
             from callbacks",
        )
        .execute(&app.db)
        .await
        .unwrap();
        let page = browser.get(&path).await;
        assert_eq!(page.text("#lifecycle"), "活跃");
        assert!(
            page.text("#predictions")
                .contains("按里程：11-20 为 63,080 km，日均 60.0 km，到 65,060 km"),
            "{}",
            page.text("#predictions")
        );
        let heads = page.texts("#timeline .tl-head b");
        assert_eq!(heads[0], "回访 无人接听");
        assert_eq!(heads[1..3], ["里程读数", "里程读数"]);
        assert_eq!(page.texts("#timeline .badge--bad"), ["疑似多写或少写一位"]);
        assert_eq!(page.count("#timeline a[rel=next]"), 0);

        for n in 0..25 {
            reading(&app, vehicle, "2026-08-01", 50_000 + n).await;
        }
        let first = browser.get(&path).await;
        assert_eq!(first.count("#timeline li"), 20);
        let older = first.attr("#timeline a[rel=next]", "href").unwrap();
        let second = browser.get(older.trim_end_matches("#timeline")).await;
        assert_eq!(
            first.count("#timeline li") + second.count("#timeline li"),
            25 + 4 + 1
        );
        assert_eq!(second.count("#timeline a[rel=next]"), 0);
    });
}
