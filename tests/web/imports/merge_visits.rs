//! What visits do to the archive.

use crate::support::app::with_app;
use crate::support::build;

use super::{archive, import, tally, texts};

const HEAD: &str = "工单号,进站时间,交车时间,结算时间,VIN,车牌号,送修人,送修人电话,维修类型,行驶里程,金额,服务顾问,维修技师,维修内容,下次保养里程,下次保养日期\n";
const FULL: &str = "RO-1,2026-11-20 08:30,2026-11-20 17:05,,LSVNV4188D2000001,浙A7K2M9,王建国,13057577719,定期保养,\"61,280\",\"1,286.00\",specialist,老周,更换机油,68780,2027-05-20\n";

fn visits(rows: &[&str]) -> String {
    format!("{HEAD}{}", rows.concat())
}

#[test]
fn a_visit_of_an_unknown_car_makes_the_car_and_its_customer() {
    with_app(async |app| {
        let counts = import(&app, "visits", &visits(&[FULL])).await;
        assert_eq!(
            (tally(&counts), counts.new_customers, counts.new_vehicles),
            ((1, 0, 0, 0), 1, 1)
        );
        assert_eq!(
            texts(
                &app,
                "select concat_ws('|', ro_number, type, state, arrived_at at time zone 'UTC', handed_over_at at time zone 'UTC', handed_over_on,
                                  settled_at = handed_over_at, odometer_km, amount_fen, advisor_name, technician_name, contact_name, contact_phone,
                                  summary, next_km, next_on) from visits"
            )
            .await,
            ["RO-1|maintenance|closed|2026-11-20 00:30:00|2026-11-20 09:05:00|2026-11-20|t|61280|128600|specialist|老周|王建国|13057577719|更换机油|68780|2027-05-20"]
        );
        assert_eq!(
            texts(&app, "select concat_ws('|', u.username, v.technician_id) from visits v join users u on u.id = v.advisor_id").await,
            ["specialist"],
            "a name of the store becomes its person, another stays a name"
        );
        assert_eq!(
            texts(&app, "select concat_ws('|', c.name, p.role, p.customer_id = v.customer_id) from vehicle_people p join customers c on c.id = p.customer_id cross join visits v").await,
            ["王建国|owner|t"]
        );
        assert_eq!(
            texts(
                &app,
                "select concat_ws('|', read_on, km, source, visit_id is not null) from odometer_readings"
            )
            .await,
            ["2026-11-20|61280|visit|t"]
        );
        assert_eq!(
            texts(&app, "select concat_ws('|', last_visit_on, last_maintenance_on, next_due_on is not null) from vehicle_facts").await,
            ["2026-11-20|2026-11-20|t"]
        );
        assert_eq!(
            texts(&app, "select last_visit_on::text from customer_facts").await,
            ["2026-11-20"]
        );
        assert!(
            app.count("select count(*) from obligations where kind = 'post_service'")
                .await
                <= 1
        );
    });
}

#[test]
fn a_hand_over_that_is_recent_owes_a_callback_at_once() {
    with_app(async |app| {
        let recent = FULL.replace("2026-11-20", "2026-11-23");
        import(&app, "visits", &visits(&[&recent])).await;
        assert_eq!(
            texts(&app, "select o.kind from obligations o join visits v on v.id = o.visit_id where o.kind = 'post_service'").await,
            ["post_service"]
        );
    });
}

#[test]
fn the_same_visit_again_changes_what_differs_and_only_that() {
    with_app(async |app| {
        import(
            &app,
            "visits",
            &visits(&["RO-1,2026-11-20 08:30,,,,浙A7K2M9,王建国,13057577719,一般维修,61280,,,,,,\n"]),
        )
        .await;
        assert_eq!(
            texts(&app, "select concat_ws('|', state, handed_over_at) from visits").await,
            ["open"]
        );
        let before = archive(&app).await;
        let same = import(
            &app,
            "visits",
            &visits(&["RO-1,2026/11/20 08:30:00,,,,浙A·7K2M9,王建国,,一般维修,,,,,,,\n"]),
        )
        .await;
        assert_eq!(tally(&same), (0, 0, 1, 0));
        assert_eq!(archive(&app).await, before);

        let done = import(
            &app,
            "visits",
            &visits(&["RO-1,2026-11-20 08:30,2026-11-21,,,浙A7K2M9,,,,61290,880,,,,,\n"]),
        )
        .await;
        assert_eq!(tally(&done), (0, 1, 0, 0));
        assert_eq!(
            texts(&app, "select concat_ws('|', state, handed_over_at at time zone 'UTC', handed_over_on, odometer_km, amount_fen, contact_name, version) from visits").await,
            ["closed|2026-11-21 04:00:00|2026-11-21|61290|88000|王建国|2"],
            "a day alone is noon"
        );
        assert_eq!(
            texts(&app, "select km::text from odometer_readings").await,
            ["61290"]
        );
    });
}

#[test]
fn the_person_who_brought_the_car_is_called() {
    with_app(async |app| {
        let owner = build::person(&app, "王建国", "13057577719", "浙A7K2M9").await;
        let rows = [
            "RO-1,2026-11-20 08:30,2026-11-20 17:00,,,浙A7K2M9,,,保养,,,,,,,\n",
            "RO-2,2026-11-20 08:30,2026-11-20 17:00,,,浙A7K2M9,王建国,,保养,,,,,,,\n",
            "RO-3,2026-11-20 08:30,2026-11-20 17:00,,,浙A7K2M9,,13057577719,保养,,,,,,,\n",
            "RO-4,2026-11-20 08:30,2026-11-20 17:00,,,浙A7K2M9,李娜,13800001111,保养,,,,,,,\n",
            "RO-5,2026-11-20 08:30,2026-11-20 17:00,,,浙A7K2M9,小张,,保养,,,,,,,\n",
        ];
        let counts = import(&app, "visits", &visits(&rows)).await;
        assert_eq!(
            (tally(&counts), counts.new_customers, counts.new_vehicles),
            ((5, 0, 0, 0), 1, 0)
        );
        assert_eq!(
            texts(&app, "select concat_ws('|', v.ro_number, c.name, v.contact_name) from visits v join customers c on c.id = v.customer_id order by 1").await,
            ["RO-1|王建国|", "RO-2|王建国|王建国", "RO-3|王建国|", "RO-4|李娜|李娜", "RO-5|王建国|小张"]
        );
        assert_eq!(
            texts(&app, "select concat_ws('|', c.name, p.role) from vehicle_people p join customers c on c.id = p.customer_id order by p.id").await,
            ["王建国|owner", "李娜|contact"]
        );
        assert_eq!(
            app.count("select count(distinct vehicle_id) from visits").await,
            1
        );
        let _ = owner;
    });
}

#[test]
fn of_a_companys_car_the_driver_is_called() {
    with_app(async |app| {
        import(
            &app,
            "roster",
            "姓名,手机号,车牌号\n云桥租赁有限公司,0571-88886666,浙A44444\n",
        )
        .await;
        let rows = [
            "RO-1,2026-11-20 08:30,2026-11-20 17:00,,,浙A44444,张师傅,13800001111,保养,,,,,,,\n",
            "RO-2,2026-11-21 08:30,2026-11-21 17:00,,,浙A44444,,,保养,,,,,,,\n",
        ];
        import(&app, "visits", &visits(&rows[..1])).await;
        import(&app, "visits", &visits(&rows)).await;
        assert_eq!(
            texts(&app, "select concat_ws('|', v.ro_number, c.name) from visits v join customers c on c.id = v.customer_id order by 1").await,
            ["RO-1|张师傅", "RO-2|张师傅"]
        );
        assert_eq!(
            texts(&app, "select concat_ws('|', c.name, p.role) from vehicle_people p join customers c on c.id = p.customer_id order by p.id").await,
            ["云桥租赁有限公司|owner", "张师傅|driver"]
        );
    });
}

#[test]
fn rows_of_one_unknown_car_make_one_car_and_its_people_once() {
    with_app(async |app| {
        let rows = [
            "RO-1,2026-11-20 08:30,2026-11-20 17:00,,LSVNV4188D2000001,浙A7K2M9,王建国,13057577719,保养,61000,,,,,,\n",
            "RO-2,2026-11-21 08:30,2026-11-21 17:00,,,浙A7K2M9,王建国,,洗车,,,,,,,\n",
            "RO-3,2026-11-22 08:30,2026-11-22 17:00,,LSVNV4188D2000001,,李娜,13800001111,保养,60500,,,,,,\n",
            "RO-4,2026-11-22 08:30,,,,浙A99999,,,新奇项目,,,,,,,\n",
        ];
        let counts = import(&app, "visits", &visits(&rows)).await;
        assert_eq!(
            (counts.new_customers, counts.new_vehicles, counts.warned),
            (3, 2, 1)
        );
        assert_eq!(counts.unknown_types, [("新奇项目".to_owned(), 1)]);
        assert_eq!(
            texts(&app, "select concat_ws('|', v.ro_number, c.name, w.plate, v.type, v.type_text) from visits v join customers c on c.id = v.customer_id join vehicles w on w.id = v.vehicle_id order by 1").await,
            [
                "RO-1|王建国|浙A7K2M9|maintenance|",
                "RO-2|王建国|浙A7K2M9|wash|",
                "RO-3|李娜|浙A7K2M9|maintenance|",
                "RO-4|浙A99999 车主|浙A99999|repair|新奇项目"
            ],
            "a customer nobody names is made all the same"
        );
        assert_eq!(
            texts(&app, "select concat_ws('|', c.name, p.role) from vehicle_people p join customers c on c.id = p.customer_id order by 1").await,
            ["李娜|contact", "浙A99999 车主|owner", "王建国|owner"]
        );
        assert_eq!(
            texts(
                &app,
                "select concat_ws('|', km, refused) from odometer_readings order by read_on"
            )
            .await,
            ["61000", "60500|roll_back"],
            "a reading that runs backwards is kept and not believed"
        );
        let again = import(
            &app,
            "visits",
            &visits(&[
                &rows.concat(),
                "RO-9,2026-11-22 09:00,,,,浙A99999,,,洗车,,,,,,,\n",
            ]),
        )
        .await;
        assert_eq!(tally(&again), (1, 0, 4, 0));
        assert_eq!(app.count("select count(*) from customers").await, 3);
    });
}

#[test]
fn a_repair_order_that_stands_twice_counts_once() {
    with_app(async |app| {
        let counts = import(
            &app,
            "visits",
            &visits(&[FULL, &FULL.replace("更换机油", "别的")]),
        )
        .await;
        assert_eq!((tally(&counts), counts.doubled), ((1, 0, 0, 1), 1));
        assert_eq!(texts(&app, "select summary from visits").await, ["更换机油"]);
    });
}

#[test]
fn the_work_of_a_file_is_cut_into_lines_as_the_form_cuts_it_and_rework_is_found() {
    with_app(async |app| {
        let work = "60,000 km 保养、更换前刹车片，四轮定位；更换轮胎 235/45 R18/洗车";
        let first = format!(
            "RO-1,2026-10-20 08:30,2026-10-20 17:05,,LSVNV4188D2000001,浙A7K2M9,王建国,13057577719,一般维修,,,,,\"{work}\",,\n"
        );
        let again = "RO-2,2026-11-19 08:30,2026-11-19 17:05,,LSVNV4188D2000001,,王建国,13057577719,一般维修,,,,,前刹车片更换、更换机油,,\n";
        import(&app, "visits", &visits(&[&first, again])).await;
        let lines = "select concat_ws('|', v.ro_number, i.kind, i.name, i.key) from visit_items i join visits v on v.id = i.visit_id
                     where v.ro_number <> 'RO-2' order by v.ro_number, i.id";
        let cut = texts(&app, lines).await;
        assert_eq!(
            cut,
            [
                "RO-1|labour|60,000 km 保养",
                "RO-1|part|更换前刹车片|前刹车片",
                "RO-1|labour|四轮定位|四轮定位",
                "RO-1|part|更换轮胎 235/45 R18|轮胎23545r18",
                "RO-1|labour|洗车",
            ]
        );
        let linked = "select concat_ws('|', n.ro_number, f.ro_number) from visits n join visits f on f.id = n.rework_of_id";
        assert_eq!(texts(&app, linked).await, ["RO-2|RO-1"]);

        let person = build::person(&app, "赵雅楠", "13905717715", "浙A00002").await;
        let (vehicle, customer) = (person.vehicle.to_string(), person.customer.to_string());
        let mut browser = app.sign_in(care_desk::auth::permission::Role::Clerk).await;
        let form = [
            ("idem_key", "6f1e9f6e-8f43-4a55-9d3e-1c1b3d7a0077"),
            ("vehicle_id", vehicle.as_str()),
            ("customer_id", customer.as_str()),
            ("ro_number", "RO-1F"),
            ("kind", "repair"),
            ("state", "open"),
            ("arrived_at", "2026-11-20T08:30"),
            ("summary", work),
        ];
        assert_eq!(browser.post("/visits", &form).await.status, 303);
        let typed: Vec<String> = texts(&app, lines).await.split_off(cut.len());
        let same: Vec<String> = typed.iter().map(|line| line.replace("RO-1F", "RO-1")).collect();
        assert_eq!(same, cut);

        // Another wording in a later file takes the place of the lines, and with them of the link.
        import(
            &app,
            "visits",
            &visits(&[&again.replace("前刹车片更换", "更换后刹车片")]),
        )
        .await;
        assert_eq!(texts(&app, linked).await, [""; 0]);
        assert_eq!(
            app.count("select count(*) from visit_items i join visits v on v.id = i.visit_id where v.ro_number = 'RO-2'").await,
            2
        );
    });
}
