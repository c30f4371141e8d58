//! The four reasons for a pair, that a pair called different stays so, and the list.

use care_desk::auth::permission::Role;
use care_desk::duplicates::jobs;
use sqlx::AssertSqlSafe;

use crate::support::app::{TestApp, with_app};
use crate::support::build;

async fn search(app: &TestApp) -> u64 {
    let mut tx = app.db.begin().await.unwrap();
    let found = jobs::find_in(&mut tx, app.scope(), app.now()).await.unwrap();
    tx.commit().await.unwrap();
    found
}

/// Pairs as `kind left right reason strength`, names for customers and plates for cars.
async fn pairs(app: &TestApp) -> Vec<String> {
    sqlx::query_scalar(
        "select concat_ws(' ', coalesce(l.name, a.plate, a.vin), coalesce(r.name, b.plate, b.vin), d.reason, d.strength)
         from duplicates d
         left join customers l on d.kind = 'customer' and l.id = d.left_id
         left join customers r on d.kind = 'customer' and r.id = d.right_id
         left join vehicles a on d.kind = 'vehicle' and a.id = d.left_id
         left join vehicles b on d.kind = 'vehicle' and b.id = d.right_id
         order by d.id",
    )
    .fetch_all(&app.db)
    .await
    .unwrap()
}

async fn run(app: &TestApp, sql: String) {
    sqlx::query(AssertSqlSafe(sql)).execute(&app.db).await.unwrap();
}

#[test]
fn customers_are_proposed_for_a_shared_number_or_a_sound_with_the_same_tail() {
    // (first name, its number, second name, its number, what is proposed)
    for (left, left_number, right, right_number, expected) in [
        ("张伟", "13805711234", "张伟", "13805711234", Some("phone 3")),
        ("张伟", "13805711234", "张伟强", "13805711234", Some("phone 3")),
        ("张伟", "13805711234", "李娜", "13805711234", Some("phone 1")),
        ("张伟", "13805711234", "张玮", "13900001234", Some("sound 1")),
        ("张伟", "13805711234", "章炜", "13900001234", Some("sound 1")),
        ("张伟", "13805711234", "张伟", "13900001234", Some("sound 2")),
        ("张伟", "13805711234", "张芳", "13900001234", None),
        ("张伟", "13805711234", "张玮", "13900001235", None),
    ] {
        with_app(async move |app| {
            build::person(&app, left, left_number, "浙A00001").await;
            build::person(&app, right, right_number, "浙A99999").await;
            build::person_in(&app, app.other_store, left, left_number, "浙A00001").await;
            search(&app).await;
            let expected: Vec<String> = expected
                .map(|why| format!("{left} {right} {why}"))
                .into_iter()
                .collect();
            assert_eq!(pairs(&app).await, expected, "{left} {right}");
        });
    }
}

#[test]
fn a_number_known_to_be_wrong_proposes_nobody() {
    with_app(async |app| {
        let a = build::person(&app, "张伟", "13805711234", "浙A00001").await;
        build::person(&app, "张伟", "13805711234", "浙A99999").await;
        run(
            &app,
            format!("update phones set state = 'wrong' where id = {}", a.phone),
        )
        .await;
        search(&app).await;
        assert!(pairs(&app).await.is_empty());
    });
}

#[test]
fn cars_are_proposed_for_one_vin_in_two_spellings_or_a_plate_one_character_off() {
    struct Case {
        plates: [&'static str; 2],
        vins: [Option<&'static str>; 2],
        is_same_person: bool,
        expected: Option<&'static str>,
    }
    let near = |left, right, is_same_person, expected| Case {
        plates: [left, right],
        vins: [None, None],
        is_same_person,
        expected,
    };
    let vin = |left, right, expected| Case {
        plates: ["浙A00001", "浙A99999"],
        vins: [left, right],
        is_same_person: false,
        expected,
    };
    for case in [
        near("浙A12345", "浙A12845", true, Some("plate 2")),
        near("浙A12345", "浙A1234", true, Some("plate 2")),
        near("浙A12345", "浙A13245", true, Some("plate 2")),
        near("浙A12345", "浙B12345", true, Some("plate 2")),
        near("浙A12345", "浙A12855", true, None),
        near("浙A12345", "浙A12845", false, None),
        vin(
            Some("LSV0A61B012000001"),
            Some("LSVOA61B012000001"),
            Some("vin 3"),
        ),
        vin(
            Some("LSV1Q61B012000001"),
            Some("LSVI061B012000001"),
            Some("vin 3"),
        ),
        vin(Some("LSV0A61B012000001"), Some("B012000001"), Some("vin 2")),
        vin(Some("LSV0A61B012000001"), Some("LSV0A61B012000002"), None),
        vin(Some("LSV0A61B012000001"), None, None),
    ] {
        with_app(async move |app| {
            let a = build::person(&app, "周敏", "13805710001", case.plates[0]).await;
            let name = if case.is_same_person { "周敏" } else { "李娜" };
            let b = build::person(&app, name, "13905720002", case.plates[1]).await;
            for (person, vin) in [(&a, case.vins[0]), (&b, case.vins[1])] {
                if let Some(vin) = vin {
                    run(
                        &app,
                        format!("update vehicles set vin = '{vin}' where id = {}", person.vehicle),
                    )
                    .await;
                }
            }
            search(&app).await;
            let [left, right] = case.plates;
            let expected: Vec<String> = case
                .expected
                .map(|why| format!("{left} {right} {why}"))
                .into_iter()
                .collect();
            assert_eq!(pairs(&app).await, expected, "{left} {right} {:?}", case.vins);
        });
    }
}

#[test]
fn two_cars_with_vins_of_their_own_are_two_cars_whatever_their_plates() {
    with_app(async |app| {
        let a = build::person(&app, "周敏", "13805710001", "浙A12345").await;
        let b = build::person(&app, "周敏", "13905720002", "浙A12346").await;
        run(
            &app,
            format!(
                "update vehicles set vin = 'LSV0A61B012000001' where id = {}",
                a.vehicle
            ),
        )
        .await;
        run(
            &app,
            format!(
                "update vehicles set vin = 'LSV0A61B012000077' where id = {}",
                b.vehicle
            ),
        )
        .await;
        search(&app).await;
        assert!(pairs(&app).await.is_empty());
    });
}

#[test]
fn only_what_changed_is_looked_at_and_finds_what_was_there_before() {
    with_app(async |app| {
        build::person(&app, "张伟", "13805711234", "浙A00001").await;
        assert_eq!(search(&app).await, 0);
        assert_eq!(search(&app).await, 0, "nothing changed");
        app.advance(std::time::Duration::from_secs(60));
        build::person(&app, "张玮", "13900001234", "浙A99999").await;
        assert_eq!(search(&app).await, 1);
        assert_eq!(pairs(&app).await, ["张伟 张玮 sound 1"]);
        // A stronger reason takes the place of a weaker one; the pair stays one row.
        app.advance(std::time::Duration::from_secs(60));
        run(&app, "update phones set number = '13805711234'".to_owned()).await;
        run(
            &app,
            format!(
                "update customers set name = '张伟', updated_at = '{}' where name = '张玮'",
                app.now()
            ),
        )
        .await;
        search(&app).await;
        assert_eq!(pairs(&app).await, ["张伟 张伟 phone 3"]);
    });
}

#[test]
fn the_job_runs_once_a_night_and_after_an_import() {
    with_app(async |app| {
        build::person(&app, "张伟", "13805711234", "浙A00001").await;
        build::person(&app, "张伟", "13805711234", "浙A11112").await;
        let due = async || {
            let mut tx = app.db.begin().await.unwrap();
            let found = jobs::find_due(&mut tx, app.now()).await.unwrap();
            tx.commit().await.unwrap();
            found
        };
        assert_eq!(due().await, 1);
        app.advance(std::time::Duration::from_secs(600));
        build::person(&app, "张伟", "13805711234", "浙A22223").await;
        assert_eq!(due().await, 0, "not before the night");
        run(
            &app,
            format!(
                "insert into imports (store_id, kind, file_name, sha256, state, created_at, confirmed_at)
             values ({}, 'roster', 'x.csv', '', 'confirmed', '{now}', '{now}')",
                app.store,
                now = app.now()
            ),
        )
        .await;
        assert_eq!(due().await, 2, "an import was confirmed");
        build::person(&app, "李娜", "13805711234", "浙A33334").await;
        app.advance(std::time::Duration::from_secs(600));
        assert_eq!(due().await, 0);
        // 03:00 the next morning in Shanghai.
        app.set_now("2026-11-24T19:00:00Z");
        assert_eq!(due().await, 3);
    });
}

#[test]
fn a_pair_called_different_is_never_proposed_again() {
    with_app(async |app| {
        let a = build::person(&app, "张伟", "13805711234", "浙A00001").await;
        let b = build::person(&app, "张伟", "13805711234", "浙A99999").await;
        search(&app).await;
        let mut clerk = app.sign_in(Role::Clerk).await;
        let list = clerk.get("/duplicates").await;
        assert_eq!(list.count("tbody tr"), 1);
        assert!(list.text("tbody").contains("号码相同"), "{}", list.text("tbody"));
        assert!(!list.html().contains("13805711234"), "numbers are masked");
        assert_eq!(list.count("tbody form"), 0, "a clerk looks");
        let mut manager = app.sign_in(Role::Manager).await;
        let list = manager.get("/duplicates?kind=customer&reason=phone").await;
        let compare = list.attr("tbody .cell-acts a", "href").unwrap();
        let page = manager.get(&compare).await;
        assert_eq!(
            page.attr("input[name=left]", "value"),
            Some(a.customer.to_string())
        );
        assert_eq!(
            page.attr("input[name=right]", "value"),
            Some(b.customer.to_string())
        );
        assert_eq!(manager.get("/duplicates?reason=vin").await.count("tbody tr"), 0);
        let dismiss = list.attr("tbody form", "action").unwrap();
        assert_eq!(clerk.post(&dismiss, &[]).await.status, 403);
        let done = manager.post(&dismiss, &[]).await;
        assert_eq!(manager.follow(&done).await.count("tbody tr"), 0);
        assert_eq!(manager.post(&dismiss, &[]).await.status, 409, "decided already");
        app.advance(std::time::Duration::from_secs(60));
        run(&app, format!("update customers set updated_at = '{}'", app.now())).await;
        search(&app).await;
        assert_eq!(manager.get("/duplicates").await.count("tbody tr"), 0);
        assert_eq!(
            app.count("select count(*) from audit where action = 'duplicates.dismiss'")
                .await,
            1
        );
        // It can be thought over.
        let dismissed = manager.get("/duplicates?state=dismissed").await;
        let reopen = dismissed.attr("tbody form", "action").unwrap();
        manager.post(&reopen, &[]).await;
        assert_eq!(manager.get("/duplicates").await.count("tbody tr"), 1);
        // A file that was merged or erased since takes its pairs off the list.
        run(
            &app,
            format!(
                "update customers set merged_into_id = {} where id = {}",
                a.customer, b.customer
            ),
        )
        .await;
        assert_eq!(manager.get("/duplicates").await.count("tbody tr"), 0);
    });
}

#[test]
fn the_list_has_numbered_pages() {
    with_app(async |app| {
        for n in 0..8 {
            build::person(
                &app,
                &format!("张伟{n}"),
                "13805711234",
                &format!("浙A1{n}{n}{n}{n}"),
            )
            .await;
        }
        search(&app).await;
        let mut manager = app.sign_in(Role::Manager).await;
        let pairs = app.count("select count(*) from duplicates").await;
        assert!(pairs > 20, "{pairs}");
        let first = manager.get("/duplicates?per_page=10").await;
        assert_eq!(first.count("tbody tr"), 10);
        let last = manager.get("/duplicates?per_page=10&page=3").await;
        assert_eq!(last.count("tbody tr") as i64, (pairs - 20).min(10));
    });
}
