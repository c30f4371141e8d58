//! What a roster does to the archive.

use crate::support::app::with_app;
use crate::support::build;

use super::{archive, import, tally, texts};

const HEAD: &str =
    "客户姓名,联系电话,车架号,车牌号,车型,购车日期,首保到期日,质保到期日,商业险到期,行驶里程,客户级别,备注\n";
const WANG: &str = "王建国,13057577719,LSVNV4188D2000001,浙A·7K2M9,柯迪亚克,2026/3/18,2026-09-18,2029-03-18,2027-02-26,\"61,280\",A,下午联系\n";

fn roster(rows: &[&str]) -> String {
    format!("{HEAD}{}", rows.concat())
}

#[test]
fn a_new_customer_with_a_car_fills_every_table() {
    with_app(async |app| {
        let counts = import(&app, "roster", &roster(&[WANG])).await;
        assert_eq!(tally(&counts), (1, 0, 0, 0));
        assert_eq!((counts.new_customers, counts.new_vehicles), (1, 1));
        assert_eq!(
            texts(
                &app,
                "select concat_ws('|', kind, name, grade, note, version) from customers"
            )
            .await,
            ["person|王建国|A|下午联系|1"]
        );
        assert_eq!(
            texts(&app, "select concat_ws('|', number, kind, is_main) from phones").await,
            ["13057577719|mobile|t"]
        );
        assert_eq!(
            texts(
                &app,
                "select concat_ws('|', vin, plate, model, usage, delivered_on, first_maintenance_due_on, warranty_ends_on) from vehicles"
            )
            .await,
            ["LSVNV4188D2000001|浙A7K2M9|柯迪亚克|private|2026-03-18|2026-09-18|2029-03-18"]
        );
        assert_eq!(
            texts(
                &app,
                "select concat_ws('|', role, from_on, until_on) from vehicle_people"
            )
            .await,
            ["owner|2026-03-18"]
        );
        assert_eq!(
            texts(
                &app,
                "select concat_ws('|', kind, policy_no, ends_on) from policies"
            )
            .await,
            ["commercial|2027-02-26"]
        );
        assert_eq!(
            texts(
                &app,
                "select concat_ws('|', read_on, km, source, refused) from odometer_readings"
            )
            .await,
            ["2026-11-24|61280|import"]
        );
        assert_eq!(
            texts(&app, "select concat_ws('|', first_due_on, warranty_due_on, customer_id is not null) from vehicle_facts").await,
            ["2026-09-18|2029-03-18|t"]
        );
        assert_eq!(texts(&app, "select initial from customer_facts").await, ["王"]);
        assert_eq!(
            app.count("select count(*) from customers where grams @> array[store_id || '|wjg']")
                .await,
            1,
            "found by the initials of the name"
        );
        assert_eq!(
            texts(&app, "select starts_on::text from stores order by id").await[0],
            "2026-11-21"
        );
    });
}

#[test]
fn what_agrees_is_left_alone_and_an_empty_cell_blanks_nothing() {
    with_app(async |app| {
        import(&app, "roster", &roster(&[WANG])).await;
        let before = archive(&app).await;
        let empty = "王 建国,+86 130-5757-7719,lsvnv4188d2000001,浙a7k2m9,,,,,,,,\n";
        let counts = import(&app, "roster", &roster(&[empty])).await;
        assert_eq!(tally(&counts), (0, 0, 1, 0));
        assert_eq!(archive(&app).await, before);
    });
}

#[test]
fn changed_fields_are_written_and_nothing_else() {
    with_app(async |app| {
        import(&app, "roster", &roster(&[WANG])).await;
        let changed = "王建国,13057577719,LSVNV4188D2000001,浙A12345,,,,2030-03-18,2027-03-01,62000,B,\n";
        let counts = import(&app, "roster", &roster(&[changed])).await;
        assert_eq!(tally(&counts), (0, 1, 0, 0));
        assert_eq!(
            texts(&app, "select concat_ws('|', grade, note, version) from customers").await,
            ["B|下午联系|2"]
        );
        assert_eq!(
            texts(
                &app,
                "select concat_ws('|', plate, model, delivered_on, warranty_ends_on, version) from vehicles"
            )
            .await,
            ["浙A12345|柯迪亚克|2026-03-18|2030-03-18|2"]
        );
        assert_eq!(
            texts(&app, "select concat_ws('|', ends_on, version) from policies").await,
            ["2027-03-01|2"],
            "within half a year a day corrects"
        );
        assert_eq!(
            texts(&app, "select km::text from odometer_readings order by id").await,
            ["61280", "62000"]
        );
        let fields = texts(
            &app,
            "select string_agg(c ->> 'field', ' ' order by o)
             from import_rows r, jsonb_array_elements(r.changes) with ordinality e(c, o)
             where r.action = 'changed'",
        )
        .await;
        assert_eq!(fields, ["grade plate warranty_ends_on insurance_ends_on mileage"]);

        import(
            &app,
            "roster",
            &roster(&["王建国,13057577719,LSVNV4188D2000001,,,,,,2028-03-01,,,\n"]),
        )
        .await;
        assert_eq!(
            texts(&app, "select ends_on::text from policies order by id").await,
            ["2027-03-01", "2028-03-01"],
            "a year later it is the next policy"
        );
    });
}

#[test]
fn a_known_vin_with_another_name_and_phone_has_changed_hands() {
    with_app(async |app| {
        import(&app, "roster", &roster(&[WANG])).await;
        let counts = import(
            &app,
            "roster",
            &roster(&["赵雅楠,13957577715,LSVNV4188D2000001,,,,,,,,,\n"]),
        )
        .await;
        assert_eq!((tally(&counts), counts.new_customers), ((0, 1, 0, 0), 1));
        assert_eq!(
            texts(
                &app,
                "select concat_ws('|', c.name, p.role, p.from_on, coalesce(p.until_on::text, 'now'))
                 from vehicle_people p join customers c on c.id = p.customer_id order by p.id"
            )
            .await,
            [
                "王建国|owner|2026-03-18|2026-11-24",
                "赵雅楠|owner|2026-11-24|now"
            ]
        );
        assert_eq!(
            texts(
                &app,
                "select c.name from vehicle_facts f join customers c on c.id = f.customer_id"
            )
            .await,
            ["赵雅楠"]
        );
        assert_eq!(
            texts(
                &app,
                "select concat(c ->> 'from', '→', c ->> 'to') from import_rows r, jsonb_array_elements(r.changes) c where c ->> 'field' = 'owner'"
            )
            .await,
            ["王建国→赵雅楠"]
        );
    });
}

#[test]
fn the_same_owner_may_change_number_or_spelling() {
    with_app(async |app| {
        import(&app, "roster", &roster(&[WANG])).await;
        let number = import(
            &app,
            "roster",
            &roster(&["王建国,13900001111,LSVNV4188D2000001,,,,,,,,,\n"]),
        )
        .await;
        assert_eq!((tally(&number), number.new_customers), ((0, 1, 0, 0), 0));
        assert_eq!(
            texts(
                &app,
                "select concat_ws('|', number, is_main) from phones order by id"
            )
            .await,
            ["13057577719|f", "13900001111|t"]
        );
        let name = import(
            &app,
            "roster",
            &roster(&["王健国,13900001111,LSVNV4188D2000001,,,,,,,,,\n"]),
        )
        .await;
        assert_eq!((tally(&name), name.new_customers), ((0, 1, 0, 0), 0));
        assert_eq!(texts(&app, "select name from customers").await, ["王健国"]);
        assert_eq!(
            app.count("select count(*) from vehicle_people").await,
            1,
            "neither is a new owner"
        );
    });
}

#[test]
fn a_plate_names_a_car_only_together_with_a_phone() {
    with_app(async |app| {
        let person = build::person(&app, "吴国栋", "13800002222", "浙A7K2M9").await;
        let same = import(
            &app,
            "roster",
            &roster(&["吴国栋,13800002222,LSVNV4188D2000001,浙A7K2M9,,,,,,,,\n"]),
        )
        .await;
        assert_eq!(tally(&same), (0, 1, 0, 0));
        assert_eq!(
            texts(&app, "select concat_ws('|', id, vin) from vehicles").await,
            [format!("{}|LSVNV4188D2000001", person.vehicle)]
        );
        let other = import(
            &app,
            "roster",
            &roster(&["孙晓峰,13800003333,,浙A7K2M9,,,,,,,,\n"]),
        )
        .await;
        assert_eq!((tally(&other), other.new_vehicles), ((1, 0, 0, 0), 1));
    });
}

#[test]
fn one_person_may_have_two_cars_and_one_phone_two_people() {
    with_app(async |app| {
        let counts = import(
            &app,
            "roster",
            &roster(&[
                "张伟,13800001111,,浙A11111,,,,,,,A,\n",
                "张 伟,13800001111,,浙A22222,,,,,,,B,\n",
                "李娜,13800001111,,浙A33333,,,,,,,,\n",
                "杭州云桥汽车租赁有限公司,0571-88886666,,浙A44444,,,,,,,,\n",
            ]),
        )
        .await;
        assert_eq!(
            (tally(&counts), counts.new_customers, counts.new_vehicles),
            ((4, 0, 0, 0), 3, 4)
        );
        assert_eq!(
            texts(
                &app,
                "select concat_ws('|', kind, name, grade) from customers order by name collate \"C\""
            )
            .await,
            ["person|张伟|A", "person|李娜", "company|杭州云桥汽车租赁有限公司"]
        );
        assert_eq!(
            texts(&app, "select usage from vehicles where plate = '浙A44444'").await,
            ["company"]
        );
    });
}

#[test]
fn the_same_car_twice_is_refused_with_the_first_rows_number() {
    with_app(async |app| {
        let counts = import(
            &app,
            "roster",
            &roster(&[
                WANG,
                "王建国,13057577719,,浙A7K2M9,,,,,,,C,\n",
                "王建国,13057577719,LSVNV4188D2000001,,,,,,,,C,\n",
            ]),
        )
        .await;
        assert_eq!((tally(&counts), counts.doubled), ((1, 0, 0, 2), 2));
        assert_eq!(
            texts(&app, "select concat_ws(' ', row_no, refusals) from import_rows where action = 'refused' order by row_no").await,
            [
                r#"3 [{"row": 2, "code": "doubled", "field": "plate"}]"#,
                r#"4 [{"row": 2, "code": "doubled", "field": "vin"}]"#
            ]
        );
        assert_eq!(texts(&app, "select grade from customers").await, ["A"]);
    });
}

#[test]
fn a_landline_gets_the_area_code_of_the_store() {
    with_app(async |app| {
        let row = roster(&["张伟,88886666,,浙A11111,,,,,,,,\n"]);
        let mut browser = app.sign_in(care_desk::auth::permission::Role::Admin).await;
        let (path, columns) = super::upload(&mut browser, "roster", "a.csv", row.as_bytes()).await;
        let page = super::preview(&mut browser, &path, &columns).await;
        assert_eq!(page.text(".cell-err small"), "固定电话缺少区号");
        sqlx::query("update stores set area_code = '0571'")
            .execute(&app.db)
            .await
            .unwrap();
        import(&app, "roster", &row).await;
        assert_eq!(texts(&app, "select number from phones").await, ["0571-88886666"]);
    });
}
