//! Reviews: the week's list, stale and incomplete files, and one file after the other.

use care_desk::auth::permission::Role;
use care_desk::customers::completeness::{self, Field};
use care_desk::customers::facts;
use care_desk::obligations::reconcile;
use care_desk::reviews::jobs::{self, Summary};
use chrono::NaiveDate;

use crate::support::app::{TestApp, with_app};
use crate::support::build::{self, Person};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

async fn run(app: &TestApp, on: &str) -> Summary {
    let mut tx = app.db.begin().await.unwrap();
    let summary = jobs::generate_reviews(&mut tx, app.scope(), day(on), app.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    summary
}

async fn zhao(app: &TestApp) -> Person {
    build::person(app, "赵雅楠", "13905717715", "浙A7K2M9").await
}

/// Cycle, cohort day and deadline of every review, oldest first.
async fn reviews(app: &TestApp) -> Vec<(String, String, String)> {
    sqlx::query_as(
        "select cycle_key, cohort_on::text, to_char(due_at at time zone 'UTC', 'MM-DD HH24:MI') from obligations
         where kind = 'profile_review' order by id",
    )
    .fetch_all(&app.db)
    .await
    .unwrap()
}

fn review(cycle: &str, cohort: &str, due: &str) -> (String, String, String) {
    (cycle.to_owned(), cohort.to_owned(), due.to_owned())
}

#[test]
fn a_visit_puts_the_file_on_the_weeks_list_once() {
    with_app(async |app| {
        let person = zhao(&app).await;
        for ro in ["R1", "R2"] {
            build::visit(&app, &person, ro)
                .handed_over("2026-11-23T02:00:00Z")
                .insert()
                .await;
        }
        let missing = async || {
            let days = (day("2026-11-17"), day("2026-11-24"));
            reconcile::missing_reviews(&app.db, app.scope(), days)
                .await
                .unwrap()
                .len()
        };
        assert_eq!(missing().await, 1, "what the job has not made is missing");
        assert_eq!(run(&app, "2026-11-24").await.listed, 1);
        assert_eq!(
            run(&app, "2026-11-24").await.listed,
            0,
            "a second run does nothing"
        );
        assert_eq!(missing().await, 0);
        assert_eq!(
            reviews(&app).await,
            // The end of Sunday in Shanghai.
            [review("2026-W48", "2026-11-23", "11-29 16:00")]
        );
        let mut clerk = app.sign_in(Role::Clerk).await;
        let page = clerk.get("/reviews").await;
        assert_eq!(page.texts("tbody .cell-main a"), ["赵雅楠"]);
        assert_eq!(page.text(".tabs [aria-current] .count"), "1");
    });
}

#[test]
fn what_happens_up_to_saturday_night_is_owed_by_sunday() {
    with_app(async |app| {
        let person = zhao(&app).await;
        app.set_now("2026-11-30T02:00:00Z");
        // The last minute of Saturday and the first of Sunday on the store's clock.
        for (ro, at) in [("R1", "2026-11-28T15:59:00Z"), ("R2", "2026-11-28T16:00:00Z")] {
            build::visit(&app, &person, ro).handed_over(at).insert().await;
        }
        run(&app, "2026-11-29").await;
        run(&app, "2026-11-30").await;
        assert_eq!(
            reviews(&app).await,
            [
                review("2026-W48", "2026-11-23", "11-29 16:00"),
                review("2026-W49", "2026-11-30", "12-06 16:00"),
            ]
        );
    });
}

#[test]
fn what_is_learnt_late_is_due_with_the_running_week() {
    with_app(async |app| {
        let person = zhao(&app).await;
        app.set_now("2026-12-01T02:00:00Z");
        build::visit(&app, &person, "R1")
            .handed_over("2026-11-27T02:00:00Z")
            .insert()
            .await;
        run(&app, "2026-12-01").await;
        run(&app, "2026-12-02").await;
        assert_eq!(
            reviews(&app).await,
            [review("2026-W48", "2026-11-30", "12-06 16:00")]
        );
    });
}

#[test]
fn every_kind_of_activity_counts_and_history_does_not() {
    with_app(async |app| {
        let yesterday = "2026-11-23T02:00:00Z";
        let before_the_desk = build::person(&app, "早客", "13800000001", "浙A00001").await;
        build::visit(&app, &before_the_desk, "R1")
            .handed_over("2026-11-20T02:00:00Z")
            .insert()
            .await;
        let complaining = build::person(&app, "抱怨", "13800000002", "浙A00002").await;
        sqlx::query(
            "insert into complaints (store_id, number, customer_id, channel, class_major, severity, accepted_at, created_at, updated_at)
             values ($1, 'CP-1', $2, 'call', 'service', 'D', $3::timestamptz, $3::timestamptz, $3::timestamptz)",
        )
        .bind(app.store)
        .bind(complaining.customer)
        .bind(yesterday)
        .execute(&app.db)
        .await
        .unwrap();
        let insured = build::person(&app, "投保", "13800000003", "浙A00003").await;
        sqlx::query(
            "insert into policies (store_id, vehicle_id, insured_id, kind, starts_on, ends_on, created_at)
             values ($1, $2, $3, 'commercial', '2026-11-23', '2027-11-22', $4::timestamptz)",
        )
        .bind(app.store)
        .bind(insured.vehicle)
        .bind(insured.customer)
        .bind(yesterday)
        .execute(&app.db)
        .await
        .unwrap();
        let changed = build::person(&app, "变更", "13800000004", "浙A00004").await;
        sqlx::query(
            "update customers set created_at = '2026-01-01', updated_at = $2::timestamptz where id = $1",
        )
        .bind(changed.customer)
        .bind(yesterday)
        .execute(&app.db)
        .await
        .unwrap();
        assert_eq!(run(&app, "2026-11-24").await.listed, 3);
        let listed: Vec<String> = sqlx::query_scalar(
            "select c.name from obligations o join customers c on c.id = o.customer_id where o.kind = 'profile_review' order by c.id",
        )
        .fetch_all(&app.db)
        .await
        .unwrap();
        assert_eq!(listed, ["抱怨", "投保", "变更"]);
    });
}

#[test]
fn a_clerk_works_the_list_off_one_after_the_other() {
    with_app(async |app| {
        let first = zhao(&app).await;
        let second = build::person(&app, "钱程", "13700000001", "浙B11111").await;
        for (ro, person) in [("R1", &first), ("R2", &second)] {
            build::visit(&app, person, ro)
                .handed_over("2026-11-23T02:00:00Z")
                .insert()
                .await;
        }
        run(&app, "2026-11-24").await;
        let mut clerk = app.sign_in(Role::Clerk).await;
        let opened = clerk.get("/reviews/next?queue=week").await;
        let path = format!("/reviews/{}", first.customer);
        assert_eq!(opened.location(), format!("{path}?queue=week"));
        let page = clerk.follow(&opened).await;
        assert_eq!(page.text("h1 .badge"), "完整度 30%");
        let asked = [
            "vin",
            "delivered_on",
            "km",
            "insurance_ends_on",
            "class",
            "preferred_daypart",
        ];
        for field in asked {
            assert_eq!(page.count(&format!("#{field}")), 1, "{field}");
        }
        let class = page.attr("#class option:nth-child(2)", "value").unwrap();
        let mut form = vec![
            ("queue", "week"),
            ("action", "save"),
            ("version", "1"),
            ("car_version", "1"),
            ("name", "赵雅楠"),
            ("preferred_channel", "call"),
            ("preferred_daypart", "afternoon"),
            ("class", class.as_str()),
            ("consent", "1"),
            ("vin", "LSVNV4188D2000001"),
            ("delivered_on", "2024-03-01"),
            ("insurance_ends_on", "2027-02-26"),
            ("km", "-5"),
        ];
        let refused = clerk.post(&path, &form).await;
        assert_eq!(refused.status, 422);
        assert!(!refused.field_error("km").is_empty());
        assert_eq!(
            refused.attr("#insurance_ends_on", "value").as_deref(),
            Some("2027-02-26")
        );
        form.pop();
        form.push(("km", "61280"));
        let saved = clerk.post(&path, &form).await;
        assert_eq!(
            saved.location(),
            format!("/reviews/{}?queue=week", second.customer)
        );
        let next = clerk.follow(&saved).await;
        assert!(next.text(".flash--page").contains("还有 1 份"));
        assert_eq!(
            app.count("select score::bigint from customer_facts order by customer_id limit 1")
                .await,
            100
        );
        let done = "select count(*) from obligations where kind = 'profile_review' and status = 'done' and ended_reason = 'reviewed'";
        assert_eq!(app.count(done).await, 1);
        assert_eq!(
            clerk.post(&path, &form).await.status,
            409,
            "a second post of the same form"
        );
        let nothing = [("queue", "week"), ("action", "nothing")];
        let last = clerk
            .post(&format!("/reviews/{}", second.customer), &nothing)
            .await;
        assert_eq!(last.location(), "/reviews?queue=week");
        assert_eq!(app.count(done).await, 2);
        let list = clerk.get("/reviews").await;
        assert_eq!(list.count("tbody tr"), 0);
        assert_eq!(list.texts(".tile__value")[..2], ["2/ 2 份", "100%"]);
        let leaked =
            "select count(*) from audit where change::text like '%赵%' or change::text like '%61280%'";
        assert_eq!(app.count(leaked).await, 0);
    });
}

#[test]
fn skipping_goes_round_and_leaves_the_file_open() {
    with_app(async |app| {
        let mut people = Vec::new();
        for n in 1..=3 {
            let person = build::person(
                &app,
                &format!("客户{n}"),
                &format!("1380000000{n}"),
                &format!("浙A0000{n}"),
            )
            .await;
            build::visit(&app, &person, &format!("R{n}"))
                .handed_over("2026-11-23T02:00:00Z")
                .insert()
                .await;
            people.push(person.customer);
        }
        run(&app, "2026-11-24").await;
        let mut clerk = app.sign_in(Role::Clerk).await;
        for (after, next) in [(0, 1), (1, 2), (2, 0)] {
            let answer = clerk
                .get(&format!("/reviews/next?queue=week&after={}", people[after]))
                .await;
            assert_eq!(answer.location(), format!("/reviews/{}?queue=week", people[next]));
        }
        let open = "select count(*) from obligations where kind = 'profile_review' and status = 'open'";
        assert_eq!(app.count(open).await, 3);
    });
}

#[test]
fn an_edit_on_the_customers_page_ends_the_review() {
    with_app(async |app| {
        let person = zhao(&app).await;
        build::visit(&app, &person, "R1")
            .handed_over("2026-11-23T02:00:00Z")
            .insert()
            .await;
        run(&app, "2026-11-24").await;
        app.set_now("2026-11-24T03:00:00Z");
        let mut clerk = app.sign_in(Role::Clerk).await;
        let form = [
            ("version", "1"),
            ("kind", "person"),
            ("name", "赵雅楠"),
            ("preferred_channel", "wechat"),
        ];
        clerk
            .post(&format!("/customers/{}", person.customer), &form)
            .await;
        let page = clerk.get("/reviews").await;
        assert_eq!(page.count("tbody tr"), 0, "looked through from this moment on");
        assert_eq!(page.text(".tile__value"), "1/ 1 份");
        app.set_now("2026-11-25T02:00:00Z");
        assert_eq!(run(&app, "2026-11-25").await.edited, 0, "ended with the edit");
        let ended: String = sqlx::query_scalar(
            "select to_char(o.ended_at at time zone 'UTC', 'DD HH24:MI') || ' ' || u.username from obligations o join users u on u.id = o.ended_by
             where o.kind = 'profile_review'",
        )
        .fetch_one(&app.db)
        .await
        .unwrap();
        assert_eq!(ended, "24 03:00 clerk");
        assert_eq!(
            reviews(&app).await.len(),
            1,
            "an edit by hand asks for no review of its own"
        );
        // Another way of editing leaves the entry to the job.
        let other = build::person(&app, "钱程", "13700000001", "浙B11111").await;
        build::visit(&app, &other, "R2")
            .handed_over("2026-11-24T02:00:00Z")
            .insert()
            .await;
        run(&app, "2026-11-25").await;
        sqlx::query("update customers set reviewed_at = $2, reviewed_by = 1 where id = $1")
            .bind(other.customer)
            .bind(app.now())
            .execute(&app.db)
            .await
            .unwrap();
        assert_eq!(run(&app, "2026-11-26").await.edited, 1);
    });
}

#[test]
fn the_worst_file_comes_first_and_filters_narrow_the_list() {
    with_app(async |app| {
        let poor = build::person(&app, "缺项", "13800000001", "浙A00001").await;
        let poorer = build::person(&app, "无号", "13800000002", "浙A00002").await;
        sqlx::query("update phones set state = 'dead' where customer_id = $1")
            .bind(poorer.customer)
            .execute(&app.db)
            .await
            .unwrap();
        sqlx::query("update customers set updated_at = '2026-05-01' where id = $1")
            .bind(poor.customer)
            .execute(&app.db)
            .await
            .unwrap();
        facts::refresh(&app.db, app.scope(), None).await.unwrap();
        let mut clerk = app.sign_in(Role::Clerk).await;
        for (query, names) in [
            ("", vec!["无号", "缺项"]),
            ("&filter=incomplete", vec!["无号", "缺项"]),
            ("&filter=stale", vec!["缺项"]),
            ("&field=phone", vec!["无号"]),
            ("&filter=stale&field=phone", vec![]),
            ("&filter=nonsense&field=nonsense", vec!["无号", "缺项"]),
        ] {
            let page = clerk.get(&format!("/reviews?queue=files{query}")).await;
            assert_eq!(page.status, 200);
            assert_eq!(page.texts("tbody .cell-main a"), names, "{query}");
        }
        // Files touched today are not opened again; of the others the worst.
        let next = clerk.get("/reviews/next?queue=files").await;
        assert_eq!(next.location(), format!("/reviews/{}?queue=files", poor.customer));
        let nothing = [("queue", "files"), ("action", "nothing")];
        let last = clerk.post(&format!("/reviews/{}", poor.customer), &nothing).await;
        assert_eq!(last.location(), "/reviews?queue=files");
        let stale = clerk.get("/reviews?queue=files&filter=stale").await;
        assert_eq!(stale.count("tbody tr"), 0, "looked through counts as touched");
    });
}

#[test]
fn the_statement_and_the_definition_agree_on_every_field() {
    with_app(async |app| {
        let person = zhao(&app).await;
        sqlx::query("update phones set state = 'wrong'")
            .execute(&app.db)
            .await
            .unwrap();
        let mut missing: Vec<Field> = Field::ALL.to_vec();
        missing.retain(|field| *field != Field::Name);
        let fills: [(Field, &'static str); 8] = [
            (Field::Phone, "update phones set state = 'unverified'"),
            (Field::Car, "update vehicles set vin = 'LSVNV4188D2000001'"),
            (
                Field::Insurance,
                "insert into policies (store_id, vehicle_id, kind, ends_on, created_at) select store_id, id, 'compulsory', '2027-01-01', created_at from vehicles",
            ),
            (Field::Delivery, "update vehicles set delivered_on = '2024-01-01'"),
            (
                Field::Odometer,
                "insert into odometer_readings (store_id, vehicle_id, read_on, km, source) select store_id, id, '2026-01-01', 100, 'hand' from vehicles",
            ),
            (
                Field::Consent,
                "insert into consents (store_id, customer_id, purpose, channel, withdrawn_at, created_at) select store_id, id, 'survey', 'call', created_at, created_at from customers",
            ),
            (
                Field::Preference,
                "update customers set preferred_daypart = 'morning'",
            ),
            (
                Field::Class,
                "insert into customer_tags (store_id, customer_id, tag_id, added_at) select c.store_id, c.id, t.id, c.created_at from customers c join tags t on t.store_id = c.store_id and t.code = 'vip'",
            ),
        ];
        for (field, sql) in fills {
            facts::refresh(&app.db, app.scope(), Some(&[person.customer.get()]))
                .await
                .unwrap();
            let (score, found): (i16, Vec<String>) =
                sqlx::query_as("select score, missing from customer_facts")
                    .fetch_one(&app.db)
                    .await
                    .unwrap();
            let codes: Vec<String> = missing.iter().map(ToString::to_string).collect();
            assert_eq!((i32::from(score), found), (completeness::score(&missing), codes));
            sqlx::query(sql).execute(&app.db).await.unwrap();
            missing.retain(|other| *other != field);
        }
        facts::refresh(&app.db, app.scope(), None).await.unwrap();
        assert_eq!(app.count("select score::bigint from customer_facts").await, 100);
    });
}

#[test]
fn when_a_file_is_stale_is_a_setting_of_the_store() {
    with_app(async |app| {
        let person = zhao(&app).await;
        sqlx::query("update customers set updated_at = '2026-09-01' where id = $1")
            .bind(person.customer)
            .execute(&app.db)
            .await
            .unwrap();
        facts::refresh(&app.db, app.scope(), None).await.unwrap();
        let mut clerk = app.sign_in(Role::Clerk).await;
        assert_eq!(
            clerk
                .get("/reviews?queue=files&filter=stale")
                .await
                .count("tbody tr"),
            0
        );
        assert_eq!(
            clerk
                .post("/reviews/settings", &[("stale_after_days", "60")])
                .await
                .status,
            403
        );
        let mut manager = app.sign_in(Role::Manager).await;
        let refused = manager
            .post("/reviews/settings", &[("stale_after_days", "7")])
            .await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.attr("#stale_after_days", "value").as_deref(), Some("7"));
        assert_eq!(
            manager
                .post("/reviews/settings", &[("stale_after_days", "60")])
                .await
                .status,
            303
        );
        assert_eq!(
            clerk
                .get("/reviews?queue=files&filter=stale")
                .await
                .count("tbody tr"),
            1
        );
        assert_eq!(
            app.count("select stale_after_days::bigint from stores where code = 'S02'")
                .await,
            180
        );
    });
}

#[test]
fn other_stores_and_other_roles_stay_out() {
    with_app(async |app| {
        let foreign = build::person_in(&app, app.other_store, "赵雅楠", "13905717715", "浙A7K2M9").await;
        let path = format!("/reviews/{}", foreign.customer);
        let mut manager = app.sign_in(Role::Manager).await;
        assert_eq!(manager.get(&path).await.status, 404);
        assert_eq!(manager.post(&path, &[("action", "nothing")]).await.status, 404);
        for role in [Role::Specialist, Role::Receptionist, Role::Handler, Role::Group] {
            let mut browser = app.sign_in(role).await;
            assert_eq!(browser.get("/reviews").await.status, 403, "{role}");
        }
        assert_eq!(
            app.count("select count(*) from customers where reviewed_at is not null")
                .await,
            0
        );
    });
}
