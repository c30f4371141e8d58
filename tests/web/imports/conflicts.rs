//! What a person decides about rows that disagree with the archive.

use care_desk::auth::permission::Role;
use care_desk::imports::{ConflictKind, Counts};

use crate::support::app::{TestApp, with_app};
use crate::support::client::{Answer, Client};

use super::{counts, import, preview, settled, tally, texts, upload};

const HEAD: &str = "姓名,手机号,VIN,车牌号,车型,客户级别\n";
const WANG: &str = "王建国,13057577719,LSVNV4188D2000001,浙A7K2M9,柯迪亚克,A\n";
const OWNERS: &str =
    "select concat_ws('|', coalesce(v.vin, '-'), coalesce(v.plate, '-'), c.name, c.grade) from vehicles v
     join vehicle_people p on p.vehicle_id = v.id and p.role = 'owner' and p.until_on is null
     join customers c on c.id = p.customer_id order by v.vin nulls last, v.plate";

/// The preview of a second file over the archive of the first.
async fn disagree(app: &TestApp, rows: &[&str]) -> (Client, String, Answer) {
    import(app, "roster", &format!("{HEAD}{WANG}")).await;
    let mut browser = app.sign_in(Role::Admin).await;
    let csv = format!("{HEAD}{}", rows.concat());
    let (path, columns) = upload(&mut browser, "roster", "b.csv", csv.as_bytes()).await;
    let page = preview(&mut browser, &path, &columns).await;
    (browser, path, page)
}

/// Another decision, and the preview after it.
async fn decide(browser: &mut Client, path: &str, page: &Answer, decision: (&str, &str)) -> Answer {
    let version = page.attr("input[name=version]", "value").unwrap();
    let form = [decision, ("version", version.as_str())];
    let sent = browser.post(&format!("{path}/decisions"), &form).await;
    assert_eq!(
        (sent.status, sent.location()),
        (303, path),
        "{}",
        sent.text("main")
    );
    settled(browser, path).await
}

fn found(counts: &Counts) -> Vec<(ConflictKind, i64, i32)> {
    let of = counts.conflicts.iter();
    of.map(|conflict| (conflict.kind, conflict.rows, conflict.first_row))
        .collect()
}

#[test]
fn a_known_car_with_another_owner_takes_keeps_or_refuses() {
    with_app(async |app| {
        let sold = "赵雅楠,13957577715,LSVNV4188D2000001,浙A7K2M9,速派,C\n";
        let fine = "孙晓峰,13800002222,,浙A22222,,\n";
        let (mut browser, path, page) = disagree(&app, &[sold, fine]).await;
        assert_eq!(page.count("tr[data-conflict]"), 1);
        assert_eq!(
            page.texts("tr[data-conflict=owner] td")[..3],
            ["已有车辆，车主不同", "1 行", "第 2 行 王建国 → 赵雅楠"]
        );
        assert_eq!(page.texts(".tile__value")[..2], ["1行", "1行"]);
        assert_eq!(found(&counts(&app, &path).await), [(ConflictKind::Owner, 1, 2)]);

        let page = decide(&mut browser, &path, &page, ("owner", "refuse")).await;
        assert_eq!(page.texts(".tile__value"), ["1行", "0行", "0行", "0", "1"]);
        assert_eq!(page.text(".cell-err small"), "档案中是另一位车主");
        assert_eq!(
            found(&counts(&app, &path).await),
            [(ConflictKind::Owner, 1, 2)],
            "it is still there to be decided otherwise"
        );
        assert_eq!(page.text("select[name=owner] option[selected]"), "不导入这些行");

        let page = decide(&mut browser, &path, &page, ("owner", "keep")).await;
        assert_eq!(page.texts(".tile__value")[..2], ["1行", "1行"]);
        let result = super::confirm(&mut browser, &path, &page).await;
        assert_eq!(result.texts(".dl dd")[..2], ["1", "1"]);
        assert_eq!(
            texts(&app, OWNERS).await,
            ["LSVNV4188D2000001|浙A7K2M9|王建国|A", "-|浙A22222|孙晓峰"]
        );
        assert_eq!(
            texts(&app, "select model from vehicles where vin is not null").await,
            ["速派"]
        );
        assert_eq!(
            texts(&app, "select number from phones order by number").await,
            ["13057577719", "13800002222"],
            "nothing of the other person is taken"
        );
    });
}

#[test]
fn a_confirmation_with_another_decision_shows_what_it_comes_to_first() {
    with_app(async |app| {
        let sold = "赵雅楠,13957577715,LSVNV4188D2000001,浙A7K2M9,,\n";
        let (mut browser, path, page) = disagree(&app, &[sold]).await;
        let version = page.attr("input[name=version]", "value").unwrap();
        let form = [("owner", "refuse"), ("version", version.as_str())];
        let sent = browser.post(&format!("{path}/confirm"), &form).await;
        assert_eq!(sent.status, 303);
        let page = settled(&mut browser, &path).await;
        assert_eq!(page.texts(".tile__value"), ["0行", "0行", "0行", "0", "1"]);
        assert_eq!(
            texts(&app, "select state from imports order by id").await,
            ["confirmed", "staged"]
        );
        let stale = browser.post(&format!("{path}/decisions"), &form).await;
        assert_eq!(stale.status, 409);
        let page = decide(&mut browser, &path, &page, ("owner", "take")).await;
        let version = page.attr("input[name=version]", "value").unwrap();
        let form = [("owner", "take"), ("version", version.as_str())];
        browser.post(&format!("{path}/confirm"), &form).await;
        settled(&mut browser, &path).await;
        assert_eq!(texts(&app, OWNERS).await, ["LSVNV4188D2000001|浙A7K2M9|赵雅楠"]);
    });
}

#[test]
fn a_known_phone_with_another_name_corrects_keeps_or_refuses() {
    with_app(async |app| {
        let corrected = "王健国,13057577719,LSVNV4188D2000001,浙A7K2M9,速派,B\n";
        let (mut browser, path, page) = disagree(&app, &[corrected]).await;
        assert_eq!(
            page.texts("tr[data-conflict=name] td")[..3],
            ["已有号码，姓名不同", "1 行", "第 2 行 王建国 → 王健国"]
        );
        let page = decide(&mut browser, &path, &page, ("name", "refuse")).await;
        assert_eq!(page.texts(".tile__value")[4], "1");
        assert_eq!(page.text(".cell-err small"), "此号码在档案中是另一个姓名");
        let page = decide(&mut browser, &path, &page, ("name", "keep")).await;
        assert_eq!(
            page.texts(".cell-notes span"),
            ["客户级别：A → B", "车型：柯迪亚克 → 速派"]
        );
        super::confirm(&mut browser, &path, &page).await;
        assert_eq!(texts(&app, OWNERS).await, ["LSVNV4188D2000001|浙A7K2M9|王建国|B"]);
    });
}

#[test]
fn a_plate_moves_stays_or_refuses() {
    for (decision, expected) in [
        (
            "take",
            [
                "LSVNV4180D2000002|浙A7K2M9|赵雅楠",
                "LSVNV4188D2000001|-|王建国|A",
            ]
            .as_slice(),
        ),
        (
            "keep",
            [
                "LSVNV4180D2000002|-|赵雅楠",
                "LSVNV4188D2000001|浙A7K2M9|王建国|A",
            ]
            .as_slice(),
        ),
        ("refuse", ["LSVNV4188D2000001|浙A7K2M9|王建国|A"].as_slice()),
    ] {
        with_app(async |app| {
            let moved = "赵雅楠,13957577715,LSVNV4180D2000002,浙A7K2M9,,\n";
            let bare = "孙晓峰,13800002222,,浙A33333,,\n";
            let (mut browser, path, page) = disagree(&app, &[moved, bare]).await;
            assert_eq!(
                page.texts("tr[data-conflict=plate] td")[..3],
                ["车牌在另一辆车上", "1 行", "第 2 行 浙A·7K2M9：王建国 → 赵雅楠"]
            );
            let page = decide(&mut browser, &path, &page, ("plate", decision)).await;
            super::confirm(&mut browser, &path, &page).await;
            let owners = texts(&app, OWNERS).await;
            assert_eq!(owners[..owners.len() - 1], *expected, "{decision}");
        });
    }
}

#[test]
fn a_car_that_has_nothing_but_a_plate_cannot_leave_it_to_another() {
    with_app(async |app| {
        let bare = "孙晓峰,13800002222,,浙A7K2M9,,\n";
        let (mut browser, path, page) = disagree(&app, &[bare]).await;
        let page = decide(&mut browser, &path, &page, ("plate", "keep")).await;
        assert_eq!(page.text(".cell-err small"), "档案中另一辆车使用此车牌");
        assert_eq!(page.count("main button.btn--primary"), 0);
    });
}

#[test]
fn two_cars_that_change_plates_with_each_other_are_no_conflict() {
    with_app(async |app| {
        let zhao = "赵雅楠,13957577715,LSVNV4180D2000002,浙A11111,,\n";
        import(&app, "roster", &format!("{HEAD}{WANG}{zhao}")).await;
        let swapped = format!(
            "{HEAD}{}{}",
            WANG.replace("浙A7K2M9", "浙A11111"),
            zhao.replace("浙A11111", "浙A7K2M9")
        );
        let counts = import(&app, "roster", &swapped).await;
        assert_eq!((tally(&counts), found(&counts)), ((0, 2, 0, 0), vec![]));
        assert_eq!(
            texts(&app, "select plate from vehicles order by vin desc").await,
            ["浙A11111", "浙A7K2M9"]
        );
    });
}

#[test]
fn what_a_person_edited_by_hand_yields_or_stays() {
    with_app(async |app| {
        import(&app, "roster", &format!("{HEAD}{WANG}")).await;
        for (subject, action, fields) in [
            ("customers", "customers.update", r#"["grade"]"#),
            ("vehicles", "vehicles.update", r#"["model"]"#),
        ] {
            sqlx::query(
                "select audit_append($1, $2, (select min(id) from users), $3, $4, 1, jsonb_build_object('fields', $5::jsonb))",
            )
            .bind(app.store)
            .bind(app.now())
            .bind(action)
            .bind(subject)
            .bind(fields)
            .execute(&app.db)
            .await
            .unwrap();
        }
        let mut browser = app.sign_in(Role::Admin).await;
        let csv = format!("{HEAD}王建国,13057577719,LSVNV4188D2000001,浙A12345,速派,B\n");
        let (path, columns) = upload(&mut browser, "roster", "b.csv", csv.as_bytes()).await;
        let page = preview(&mut browser, &path, &columns).await;
        assert_eq!(found(&counts(&app, &path).await), [(ConflictKind::Edited, 1, 2)]);
        assert_eq!(
            page.texts("tr[data-conflict=edited] td")[..3],
            ["人工改过的内容不同", "1 行", "第 2 行 客户级别：A → B"]
        );
        assert_eq!(page.texts(".cell-notes span").len(), 3);
        assert_eq!(
            page.count("select[name=edited] option"),
            2,
            "rows are not refused for it"
        );
        let page = decide(&mut browser, &path, &page, ("edited", "keep")).await;
        assert_eq!(page.texts(".cell-notes span"), ["车牌号：浙A·7K2M9 → 浙A·12345"]);
        super::confirm(&mut browser, &path, &page).await;
        assert_eq!(
            texts(
                &app,
                "select concat_ws('|', c.grade, v.model, v.plate) from customers c, vehicles v"
            )
            .await,
            ["A|柯迪亚克|浙A12345"]
        );
    });
}

#[test]
fn a_visit_that_a_person_corrected_keeps_the_correction_if_that_is_decided() {
    with_app(async |app| {
        let head = "工单号,进站时间,交车时间,车牌号,送修人,送修人电话,行驶里程,维修内容\n";
        let row = "RO1,2026-11-20 09:00,2026-11-20 17:00,浙A7K2M9,王建国,13057577719,61280,首保\n";
        import(&app, "visits", &format!("{head}{row}")).await;
        sqlx::query(
            r#"select audit_append($1, $2, (select min(id) from users), 'visits.update', 'visits', 1, '{"fields": ["odometer_km", "arrived_at"]}')"#,
        )
        .bind(app.store)
        .bind(app.now())
        .execute(&app.db)
        .await
        .unwrap();
        let mut browser = app.sign_in(Role::Admin).await;
        let newer = "RO1,2026-11-20 10:00,2026-11-20 17:00,浙A7K2M9,王建国,13057577719,61300,首次保养\n";
        let csv = format!("{head}{newer}");
        let (path, columns) = upload(&mut browser, "visits", "b.csv", csv.as_bytes()).await;
        let page = preview(&mut browser, &path, &columns).await;
        let page = decide(&mut browser, &path, &page, ("edited", "keep")).await;
        assert_eq!(page.texts(".cell-notes span"), ["维修内容：首保 → 首次保养"]);
        super::confirm(&mut browser, &path, &page).await;
        assert_eq!(
            texts(
                &app,
                "select concat_ws('|', arrived_at at time zone 'UTC', odometer_km, summary) from visits"
            )
            .await,
            ["2026-11-20 01:00:00|61280|首次保养"]
        );
    });
}
