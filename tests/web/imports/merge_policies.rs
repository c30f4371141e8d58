//! What a file of policies does to the archive and to the ledger.

use care_desk::auth::permission::Role;

use crate::support::app::with_app;
use crate::support::build;

use super::{archive, import, preview, tally, texts, upload};

const HEAD: &str = "保单号,VIN,车牌号,险种,保险公司,起保日期,到期日期,保费,被保险人,本店出单\n";
const WANG: &str =
    "PDZA 3301,LSVNV4188D2000001,浙A·7K2M9,商业险,平安,2026-02-27,2027-02-26,\"3,250.50\",王建国,是\n";
const POLICIES: &str = "select concat_ws('|', policy_no, kind, insurer, starts_on, ends_on, premium_fen, is_ours, insured_name, version) from policies order by id";
const PEOPLE: &str = "select concat_ws('|', c.name, c.kind, p.role) from vehicle_people p
     join customers c on c.id = p.customer_id where p.until_on is null order by c.name collate \"C\" desc, p.id";

fn policies(rows: &[&str]) -> String {
    format!("{HEAD}{}", rows.concat())
}

#[test]
fn a_policy_of_an_unknown_car_makes_the_car_and_its_customer() {
    with_app(async |app| {
        let compulsory = "PDAA 1,lsvnv4188d2000001,,交强险,平安,,2027-02-26,,王 建国,\n";
        let unnamed = "PDAA 2,,浙A22222,交强,,,2027-03-01,,,\n";
        let counts = import(&app, "policies", &policies(&[WANG, compulsory, unnamed])).await;
        assert_eq!(
            (tally(&counts), counts.new_customers, counts.new_vehicles),
            ((3, 0, 0, 0), 2, 2)
        );
        assert_eq!(
            texts(&app, POLICIES).await,
            [
                "PDZA3301|commercial|平安|2026-02-27|2027-02-26|325050|t|王建国|1",
                "PDAA1|compulsory|平安|2027-02-26|f|王 建国|1",
                "PDAA2|compulsory||2027-03-01|f||1",
            ]
        );
        assert_eq!(
            texts(&app, PEOPLE).await,
            ["王建国|person|owner", "浙A22222 车主|person|owner"]
        );
        assert_eq!(
            texts(
                &app,
                "select concat_ws('|', vin, plate) from vehicles order by plate desc"
            )
            .await,
            ["LSVNV4188D2000001|浙A7K2M9", "浙A22222"]
        );
        assert_eq!(
            app.count("select count(*) from policies where insured_id is not null")
                .await,
            3
        );
        assert_eq!(app.count("select count(*) from vehicle_facts").await, 2);
    });
}

#[test]
fn the_same_policy_again_changes_what_differs_and_only_that() {
    with_app(async |app| {
        import(&app, "policies", &policies(&[WANG])).await;
        let before = archive(&app).await;
        let empty = "pdza3301,,浙A7K2M9,商业,,,2027-02-26,,,\n";
        assert_eq!(
            tally(&import(&app, "policies", &policies(&[empty])).await),
            (0, 0, 1, 0)
        );
        assert_eq!(archive(&app).await, before, "an empty cell blanks nothing");
        let corrected = "PDZA3301,,浙A7K2M9,商业险,人保,,2027-02-27,3000,,否\n";
        let mut browser = app.sign_in(Role::Admin).await;
        let csv = policies(&[corrected]);
        let (path, columns) = upload(&mut browser, "policies", "p.csv", csv.as_bytes()).await;
        let page = preview(&mut browser, &path, &columns).await;
        assert_eq!(
            page.texts(".cell-notes span"),
            [
                "保险公司：平安 → 人保",
                "到期日期：2027-02-26 → 2027-02-27",
                "保费：3250.50 → 3000.00",
                "本店出单：是 → 否"
            ]
        );
        assert_eq!(
            page.texts("tbody td:nth-child(2)"),
            ["**** 3301"],
            "the number is masked"
        );
        super::confirm(&mut browser, &path, &page).await;
        assert_eq!(
            texts(&app, POLICIES).await,
            ["PDZA3301|commercial|人保|2026-02-27|2027-02-27|300000|f|王建国|2"]
        );
    });
}

#[test]
fn a_policy_known_from_a_roster_is_completed_and_not_doubled() {
    with_app(async |app| {
        import(
            &app,
            "roster",
            "姓名,手机号,VIN,保险到期日\n王建国,13057577719,LSVNV4188D2000001,2027-02-26\n",
        )
        .await;
        let last_year = "PDZA 2200,LSVNV4188D2000001,,商业险,人保,2025-02-27,2026-02-26,,,\n";
        let other_kind = "PDAA 1,LSVNV4188D2000001,,交强险,,,2027-02-26,,,\n";
        let counts = import(&app, "policies", &policies(&[last_year, WANG, other_kind])).await;
        assert_eq!((tally(&counts), counts.new_customers), ((2, 1, 0, 0), 0));
        assert_eq!(
            texts(&app, POLICIES).await,
            [
                "PDZA3301|commercial|平安|2026-02-27|2027-02-26|325050|t|王建国|2",
                "PDZA2200|commercial|人保|2025-02-27|2026-02-26|f||1",
                "PDAA1|compulsory||2027-02-26|f||1",
            ]
        );
        let again = import(
            &app,
            "roster",
            "姓名,手机号,VIN,保险到期日,备注\n王建国,13057577719,LSVNV4188D2000001,2027-02-25,好\n",
        )
        .await;
        assert_eq!(tally(&again), (0, 1, 0, 0));
        assert_eq!(
            app.count("select count(*) from policies").await,
            3,
            "a numbered policy knows its own end"
        );
    });
}

#[test]
fn who_is_insured_is_found_among_the_people_of_the_car() {
    with_app(async |app| {
        let person = build::person(&app, "王建国", "13057577719", "浙A7K2M9").await;
        build::person(&app, "赵雅楠", "13957577715", "浙A22222").await;
        let owner = "P1,,浙A7K2M9,商业险,,,2027-02-26,,王 建国,\n";
        let stranger = "P2,,浙A22222,商业险,,,2027-02-26,,孙晓峰,\n";
        let fleet = "P3,,浙A33333,商业险,,,2027-02-26,,杭州云桥汽车租赁有限公司,\nP4,,浙A44444,商业险,,,2027-02-26,,杭州云桥汽车租赁有限公司,\n";
        let counts = import(&app, "policies", &policies(&[owner, stranger, fleet])).await;
        assert_eq!(
            (tally(&counts), counts.new_customers, counts.warned),
            ((4, 0, 0, 0), 1, 1)
        );
        assert_eq!(
            texts(&app, "select concat_ws('|', y.policy_no, c.name, y.insured_name) from policies y left join customers c on c.id = y.insured_id order by y.id").await,
            [
                "P1|王建国|王 建国",
                "P2|孙晓峰",
                "P3|杭州云桥汽车租赁有限公司|杭州云桥汽车租赁有限公司",
                "P4|杭州云桥汽车租赁有限公司|杭州云桥汽车租赁有限公司",
            ]
        );
        assert_eq!(
            texts(
                &app,
                "select warnings::text from import_rows where warnings is not null"
            )
            .await,
            [r#"[{"code": "unknown_insured", "field": "insured_name"}]"#]
        );
        assert_eq!(
            app.count("select count(*) from customers where name = '孙晓峰'")
                .await,
            0,
            "without a phone a name of an owned car would double a customer"
        );
        let before = archive(&app).await;
        let again = format!("{HEAD}{owner}{stranger}{fleet}\n\n");
        assert_eq!(tally(&import(&app, "policies", &again).await), (0, 0, 4, 0));
        assert_eq!(archive(&app).await, before);
        assert_eq!(person.customer.get(), 1);
    });
}

#[test]
fn what_cannot_be_is_refused_at_its_cell() {
    with_app(async |app| {
        import(&app, "policies", &policies(&[WANG])).await;
        let counts = import(
            &app,
            "policies",
            &policies(&[
                "P1,,浙A22222,商业险,,,2027-02-26,,,\n",
                "p 1,,浙A22222,商业险,,,2027-02-26,,,\n",
                "PDZA3301,,浙A7K2M9,商业险,,,2026-01-01,,,\n",
                "P3,,浙A22222,玻璃险,,,,,,\n",
            ]),
        )
        .await;
        assert_eq!((tally(&counts), counts.doubled), ((1, 0, 0, 3), 1));
        assert_eq!(
            texts(&app, "select concat_ws(' ', row_no, refusals) from import_rows where import_id = 2 and action = 'refused' order by row_no").await,
            [
                r#"3 [{"row": 2, "code": "doubled", "field": "policy_number"}]"#,
                r#"4 [{"code": "ends_before_start", "field": "ends_on"}]"#,
                r#"5 [{"code": "bad_choice", "field": "insurance_kind"}, {"code": "required", "field": "ends_on"}]"#,
            ]
        );
    });
}

#[test]
fn a_commercial_policy_that_ends_soon_owes_its_renewal_at_once() {
    with_app(async |app| {
        let soon = "P1,,浙A22222,商业险,平安,2025-12-20,2026-12-19,,李娜,是\n";
        let compulsory = "P2,,浙A33333,交强险,平安,2025-12-20,2026-12-19,,孙晓峰,是\n";
        let mut browser = app.sign_in(Role::Admin).await;
        let csv = policies(&[soon, compulsory]);
        let (path, columns) = upload(&mut browser, "policies", "p.csv", csv.as_bytes()).await;
        let page = preview(&mut browser, &path, &columns).await;
        let result = super::confirm(&mut browser, &path, &page).await;
        assert_eq!(result.texts(".dl dd")[..5], ["2", "0", "0", "2", "2"]);
        let owed = texts(
            &app,
            "select distinct o.kind || ' ' || p.policy_no from obligations o join policies p on p.id = o.policy_id order by 1",
        )
        .await;
        assert!(owed.contains(&"renewal P1".to_owned()), "{owed:?}");
        assert!(!owed.iter().any(|kind| kind.ends_with("P2")), "{owed:?}");
        let template = browser.get("/imports/templates/policies").await;
        assert!(template.html().starts_with("\u{FEFF}保单号,VIN,车牌号,险种,"));
    });
}
