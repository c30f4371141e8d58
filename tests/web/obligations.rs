//! What the daily job owes: every kind, exactly once, over outages, reruns and late files.

use care_desk::auth::permission::Role;
use care_desk::customers::CustomerId;
use care_desk::obligations::service::{self, Summary};
use care_desk::obligations::{ObligationClass, ObligationStatus, jobs};
use care_desk::reviews::jobs::generate_reviews;
use care_desk::stores::{StoreId, StoreScope};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sqlx::Row;

use crate::support::app::{TestApp, with_app};
use crate::support::build::{self, Person};

async fn execute(app: &TestApp, sql: &'static str) {
    sqlx::raw_sql(sql).execute(&app.db).await.unwrap();
}

/// The job of one day, committed.
async fn run(app: &TestApp, store: StoreId, day: &str) -> Summary {
    let mut tx = app.db.begin().await.unwrap();
    let scope = StoreScope::for_job(store);
    let summary = jobs::generate_obligations(&mut tx, scope, day.parse().unwrap(), app.now()).await;
    tx.commit().await.unwrap();
    summary.unwrap()
}

/// The ledger without ids and instants of writing: what must be equal however the days were run.
async fn ledger(app: &TestApp) -> Vec<String> {
    let rows = sqlx::query(
        "select concat_ws(' ', store_id, kind, subject_id, cycle_key, cohort_on, not_before, strict_due_at, due_at, channel, status, ended_reason) as row
         from obligations order by 1",
    )
    .fetch_all(&app.db)
    .await
    .unwrap();
    rows.iter().map(|row| row.get("row")).collect()
}

/// Rows as `a|b|…` texts, from a statement with one text column.
async fn texts(app: &TestApp, sql: &'static str) -> Vec<String> {
    sqlx::query_scalar(sql).fetch_all(&app.db).await.unwrap()
}

/// Nobody asks for the insurance of these cars: `kinds` tests that.
async fn without_insurance_tasks(app: &TestApp) {
    execute(
        app,
        "update rules set codes = '{no_phone,wrong_phone}' where kind = 'data_task'",
    )
    .await;
}

/// A person per entry of `what`, each with a car; the text becomes the plate.
async fn people(app: &TestApp, count: usize) -> Vec<Person> {
    without_insurance_tasks(app).await;
    let mut people = Vec::new();
    for i in 0..count {
        let (phone, plate) = (format!("138000010{i:02}"), format!("浙A9K{i:02}X"));
        people.push(build::person(app, &format!("客户{i}"), &phone, &plate).await);
    }
    people
}

#[test]
fn a_visit_is_called_back_by_the_third_day() {
    with_app(async |app| {
        execute(
            &app,
            "update stores set starts_on = '2026-10-01';
             insert into calendar_days (store_id, day, kind) select id, date '2026-11-27' + n, 'closed' from stores, generate_series(0, 1) n;",
        )
        .await;
        let mut tx = app.db.begin().await.unwrap();
        care_desk::stores::calendar::rewrite_all(&mut tx, app.scope(), app.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        // Hand-over on the store's clock (UTC+8), the strict due time and the one over closed days, in UTC.
        let table = [
            (
                "2026-11-20T03:00:00Z",
                "2026-11-23 12:00:00+00",
                "2026-11-23 12:00:00+00",
                "a Friday, due on Monday: the store is open at weekends",
            ),
            (
                "2026-11-19T15:59:00Z",
                "2026-11-22 12:00:00+00",
                "2026-11-22 12:00:00+00",
                "23:59 still belongs to its day",
            ),
            (
                "2026-11-19T16:00:00Z",
                "2026-11-23 12:00:00+00",
                "2026-11-23 12:00:00+00",
                "midnight belongs to the next one",
            ),
            (
                "2026-11-23T16:30:00Z",
                "2026-11-27 12:00:00+00",
                "2026-11-29 12:00:00+00",
                "two closed days move it to the next open one",
            ),
            (
                "2026-10-31T02:00:00Z",
                "2026-11-03 12:00:00+00",
                "2026-11-03 12:00:00+00",
                "the last day of a month is called in the next",
            ),
        ];
        let people = people(&app, table.len()).await;
        for (i, (handed_over, ..)) in table.iter().enumerate() {
            build::visit(&app, &people[i], &format!("R{i}"))
                .handed_over(handed_over)
                .insert()
                .await;
        }
        execute(&app, "set time zone 'UTC'").await;
        let summary = run(&app, app.store, "2026-11-24").await;
        assert_eq!(summary.made.get("post_service"), Some(&5));
        assert_eq!((summary.callbacks, summary.missing, summary.loose), (5, 0, 0));
        for (i, (handed_over, strict, due, why)) in table.iter().enumerate() {
            let row = sqlx::query(
                "select (strict_due_at at time zone 'UTC')::text || '+00' as strict, (due_at at time zone 'UTC')::text || '+00' as due, cohort_on, not_before
                 from obligations where customer_id = $1",
            )
            .bind(people[i].customer)
            .fetch_one(&app.db)
            .await
            .unwrap();
            assert_eq!(
                (
                    row.get::<String, _>("strict").as_str(),
                    row.get::<String, _>("due").as_str()
                ),
                (*strict, *due),
                "{why}"
            );
            let handed_over: DateTime<Utc> = handed_over.parse().unwrap();
            assert_eq!(
                row.get::<NaiveDate, _>("cohort_on"),
                (handed_over + TimeDelta::hours(8)).date_naive(),
                "{why}"
            );
            assert_eq!(
                row.get::<DateTime<Utc>, _>("not_before"),
                handed_over + TimeDelta::hours(24),
                "{why}"
            );
        }
        let short = "select count(*) from obligations where is_short_window and callable_due_at = '2026-11-24T02:00:00Z'";
        assert_eq!(
            app.count(short).await,
            4,
            "what is late already is called at the first callable minute"
        );
    });
}

#[test]
fn what_owes_nothing_makes_nothing() {
    with_app(async |app| {
        let people = people(&app, 8).await;
        let yesterday = "2026-11-23T02:00:00Z";
        for (i, kind) in ["pdi", "wash", "internal", "decoration"].into_iter().enumerate() {
            build::visit(&app, &people[i], kind)
                .kind(kind)
                .handed_over(yesterday)
                .insert()
                .await;
        }
        build::visit(&app, &people[4], "IN-SHOP").in_shop().insert().await;
        // The store's first day is 21 November: three days before it was opened here.
        build::visit(&app, &people[5], "HISTORY")
            .handed_over("2026-11-20T02:00:00Z")
            .insert()
            .await;
        let cancelled = build::visit(&app, &people[6], "CANCELLED")
            .handed_over(yesterday)
            .insert()
            .await;
        build::visit(&app, &people[7], "DEMO-CAR")
            .handed_over(yesterday)
            .insert()
            .await;
        sqlx::query("update visits set state = 'cancelled' where id = $1")
            .bind(cancelled)
            .execute(&app.db)
            .await
            .unwrap();
        sqlx::query("update vehicles set usage = 'demo' where id = $1")
            .bind(people[7].vehicle)
            .execute(&app.db)
            .await
            .unwrap();
        let elsewhere = build::person_in(&app, app.other_store, "陈二", "13900000002", "浙B00002").await;
        build::visit(&app, &elsewhere, "OTHER")
            .store(app.other_store)
            .handed_over(yesterday)
            .insert()
            .await;
        assert_eq!(run(&app, app.store, "2026-11-24").await.entries(), 0);
        assert_eq!(run(&app, app.other_store, "2026-11-24").await.entries(), 1);
        assert_eq!(
            texts(&app, "select store_id::text from obligations").await,
            [app.other_store.to_string()]
        );
    });
}

#[test]
fn people_who_refused_are_exempt_and_gone_people_owe_nothing() {
    with_app(async |app| {
        let people = people(&app, 3).await;
        for (i, person) in people.iter().enumerate() {
            build::visit(&app, person, &format!("R{i}"))
                .handed_over("2026-11-23T02:00:00Z")
                .insert()
                .await;
        }
        let set = async |sql: &'static str, customer: CustomerId| {
            sqlx::query(sql).bind(customer).execute(&app.db).await.unwrap();
        };
        set(
            "update customers set survey_opt_out = true where id = $1",
            people[0].customer,
        )
        .await;
        set(
            "update customers set merged_into_id = id + 1 where id = $1",
            people[1].customer,
        )
        .await;
        sqlx::query("delete from phones").execute(&app.db).await.unwrap();
        let summary = run(&app, app.store, "2026-11-24").await;
        assert_eq!((summary.entries(), summary.callbacks), (3, 1));
        let rows = texts(&app, "select concat_ws('|', kind, status, ended_reason, callback_id is not null) from obligations order by 1").await;
        assert_eq!(
            rows,
            [
                "data_task|open|f",
                "post_service|exempt|rule:do_not_call|f",
                "post_service|open|t"
            ],
            "without a phone it is owed all the same, and the file is to be mended"
        );
    });
}

/// Cars for every kind but post-service; the first run of 24 November owes one entry of each.
async fn cars_of_every_kind(app: &TestApp) -> Vec<Person> {
    let people = people(app, 4).await;
    let set = async |sql: &'static str, person: &Person| {
        sqlx::query(sql)
            .bind(person.vehicle)
            .execute(&app.db)
            .await
            .unwrap();
    };
    set(
        "update vehicles set warranty_ends_on = '2027-01-31' where id = $1",
        &people[0],
    )
    .await;
    // 5,000 km at 41 a day come on 24 December, 30 days from now: stage T-30.
    set(
        "update vehicles set delivered_on = '2026-08-24' where id = $1",
        &people[1],
    )
    .await;
    set("insert into policies (store_id, policy_no, vehicle_id, kind, ends_on, created_at) select store_id, 'P1', id, 'commercial', '2026-12-24', now() from vehicles where id = $1", &people[3]).await;
    // Maintained on 1 June: 7,500 km at 41 a day come first, on 1 December.
    build::visit(app, &people[2], "OLD")
        .handed_over("2026-06-01T02:00:00Z")
        .insert()
        .await;
    people
}

#[test]
fn every_kind_is_owed_by_its_day() {
    with_app(async |app| {
        cars_of_every_kind(&app).await;
        let summary = run(&app, app.store, "2026-11-24").await;
        assert_eq!(
            (
                summary.entries(),
                summary.callbacks,
                summary.reminders,
                summary.missing,
                summary.loose
            ),
            (5, 2, 2, 0, 0)
        );
        let rows = texts(
            &app,
            "select concat_ws('|', kind, case when kind = 'periodic_maintenance' then 'visit' else cycle_key end, cohort_on, to_char(due_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'),
                              channel, callback_id is not null, reminder_id is not null)
             from obligations order by kind",
        )
        .await;
        assert_eq!(
            rows,
            [
                "first_maintenance|T-30|2026-11-24|2026-11-24 20:30|sms|f|t",
                "periodic_maintenance|visit|2026-11-23|2026-11-29 20:30|sms|f|t",
                "renewal|term|2026-12-24|2027-01-24 00:00|none|f|f",
                "renewal_contact|T-30|2026-11-24|2026-11-30 20:00|call|t|f",
                "warranty_expiry|base|2027-01-31|2027-01-31 20:00|call|t|f",
            ]
        );
        let reminders = texts(
            &app,
            "select concat_ws('|', send_on, status, open_count) from reminders order by 1",
        )
        .await;
        assert_eq!(reminders, ["2026-11-23|pending|1", "2026-11-24|pending|1"]);
    });
}

#[test]
fn a_run_again_three_at_once_and_a_killed_one_give_the_same_rows() {
    with_app(async |app| {
        let people = cars_of_every_kind(&app).await;
        for (i, person) in people.iter().enumerate() {
            build::visit(&app, person, &format!("R{i}"))
                .kind("repair")
                .handed_over("2026-11-23T02:00:00Z")
                .insert()
                .await;
        }
        let day: NaiveDate = "2026-11-24".parse().unwrap();
        let mut killed = app.db.begin().await.unwrap();
        let summary = jobs::generate_obligations(&mut killed, app.scope(), day, app.now())
            .await
            .unwrap();
        assert_eq!(summary.entries(), 9);
        drop(killed);
        assert_eq!(app.count("select count(*) from obligations").await, 0);

        let once = || {
            let (db, scope, now) = (app.db.clone(), app.scope(), app.now());
            async move {
                let mut tx = db.begin().await.unwrap();
                let summary = jobs::generate_obligations(&mut tx, scope, day, now)
                    .await
                    .unwrap();
                tx.commit().await.unwrap();
                summary.entries()
            }
        };
        let (a, b, c) = tokio::join!(tokio::spawn(once()), tokio::spawn(once()), tokio::spawn(once()));
        assert_eq!(a.unwrap() + b.unwrap() + c.unwrap(), 9);
        let before = ledger(&app).await;
        assert_eq!(before.len(), 9);
        let again = run(&app, app.store, "2026-11-24").await;
        assert_eq!(
            (
                again.entries(),
                again.callbacks,
                again.reminders,
                again.missing,
                again.loose
            ),
            (0, 0, 0, 0, 0)
        );
        app.advance(std::time::Duration::from_secs(3600));
        app.set_now("2026-11-24T00:00:00Z");
        assert_eq!(
            run(&app, app.store, "2026-11-24").await.entries(),
            0,
            "the clock went back two hours"
        );
        assert_eq!(ledger(&app).await, before);
        let counts = "select count(*) from callbacks c where open_count <> (select count(*) from obligations o where o.callback_id = c.id)";
        assert_eq!(app.count(counts).await, 0);
    });
}

#[test]
fn three_days_of_outage_end_as_if_there_had_been_none() {
    let mut ledgers = Vec::new();
    for is_stopped in [false, true] {
        let result = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let out = result.clone();
        with_app(async move |app| {
            let people = cars_of_every_kind(&app).await;
            for (i, person) in people.iter().enumerate() {
                let at = format!("2026-11-2{}T02:00:00Z", 3 + i);
                build::visit(&app, person, &format!("R{i}"))
                    .kind("repair")
                    .handed_over(&at)
                    .insert()
                    .await;
            }
            sqlx::query("update vehicles set delivered_on = '2026-08-26' where id = $1")
                .bind(people[0].vehicle)
                .execute(&app.db)
                .await
                .unwrap();
            for day in 24..=28 {
                if !is_stopped || day == 24 {
                    app.set_now(&format!("2026-11-{day}T21:00:00Z"));
                    run(&app, app.store, &format!("2026-11-{day}")).await;
                }
            }
            if is_stopped {
                app.set_now("2026-11-28T21:00:00Z");
                for day in 25..=28 {
                    run(&app, app.store, &format!("2026-11-{day}")).await;
                }
            }
            *out.lock().unwrap() = ledger(&app).await;
        });
        let rows = result.lock().unwrap().clone();
        ledgers.push(rows);
    }
    assert_eq!(ledgers[0].len(), 10);
    assert_eq!(ledgers[0], ledgers[1]);
}

#[test]
fn a_file_that_comes_late_is_still_owed() {
    with_app(async |app| {
        execute(&app, "update stores set starts_on = '2026-11-01'").await;
        assert_eq!(run(&app, app.store, "2026-11-24").await.entries(), 0);
        without_insurance_tasks(&app).await;
        let person = build::person(&app, "张伟", "13800002046", "浙A7K2M9").await;
        build::visit(&app, &person, "LATE")
            .handed_over("2026-11-17T02:00:00Z")
            .insert()
            .await;
        let mut tx = app.db.begin().await.unwrap();
        let cars = [person.vehicle.get()];
        let summary = service::generate_after_import(&mut tx, app.scope(), Some(&cars), app.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!((summary.entries(), summary.callbacks), (1, 1));
        let facts = "select count(*) from vehicle_facts where last_visit_on = '2026-11-17' and customer_id is not null";
        assert_eq!(app.count(facts).await, 1);
    });
}

#[test]
fn two_visits_within_three_days_are_one_call_by_neither_advisor() {
    with_app(async |app| {
        without_insurance_tasks(&app).await;
        let person = build::person(&app, "张伟", "13800002046", "浙A7K2M9").await;
        let (first, second) = (app.user("specialist").await, app.user("clerk").await);
        build::visit(&app, &person, "R1")
            .handed_over("2026-11-22T02:00:00Z")
            .advisor(second)
            .insert()
            .await;
        build::visit(&app, &person, "R2")
            .handed_over("2026-11-23T02:00:00Z")
            .advisor(first)
            .insert()
            .await;
        run(&app, app.store, "2026-11-24").await;
        let rows = texts(
            &app,
            "select concat_ws('|', open_count, kinds, callable_due_at at time zone 'UTC') from callbacks",
        )
        .await;
        assert_eq!(rows, ["2|{post_service}|2026-11-25 12:00:00"]);
        let excluded: Vec<i64> = sqlx::query_scalar("select excluded_ids from callbacks")
            .fetch_one(&app.db)
            .await
            .unwrap();
        let mut both = [first.get(), second.get()];
        both.sort_unstable();
        assert_eq!(excluded, both);
    });
}

/// A callback of a first visit, claimed by `claimer`, then a second visit served by `advisor`.
async fn second_visit_during_a_call(app: &TestApp, claimer: &str, advisor: &str) -> Person {
    without_insurance_tasks(app).await;
    let person = build::person(app, "张伟", "13800002046", "浙A7K2M9").await;
    build::visit(app, &person, "R1")
        .handed_over("2026-11-22T02:00:00Z")
        .insert()
        .await;
    run(app, app.store, "2026-11-24").await;
    sqlx::query("update callbacks set status = 'claimed', claimed_by = $1, claimed_at = $2, lease_until = $2, lease_token = gen_random_uuid()")
        .bind(app.user(claimer).await)
        .bind(app.now())
        .execute(&app.db)
        .await
        .unwrap();
    let advisor = app.user(advisor).await;
    build::visit(app, &person, "R2")
        .handed_over("2026-11-23T02:00:00Z")
        .advisor(advisor)
        .insert()
        .await;
    person
}

#[test]
fn an_entry_waits_while_the_caller_in_possession_served_the_visit() {
    with_app(async |app| {
        second_visit_during_a_call(&app, "specialist", "specialist").await;
        let summary = run(&app, app.store, "2026-11-24").await;
        assert_eq!(
            (
                summary.entries(),
                summary.joined,
                summary.callbacks,
                summary.loose
            ),
            (1, 0, 0, 0)
        );
        execute(&app, "update callbacks set status = 'open', claimed_by = null, claimed_at = null, lease_until = null, lease_token = null").await;
        let mut tx = app.db.begin().await.unwrap();
        let summary = jobs::attach_waiting(&mut tx, app.scope(), app.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(summary.joined, 1);
        assert_eq!(app.count("select open_count::bigint from callbacks").await, 2);
    });
}

#[test]
fn an_entry_joins_the_call_of_somebody_else() {
    with_app(async |app| {
        second_visit_during_a_call(&app, "specialist", "clerk").await;
        let summary = run(&app, app.store, "2026-11-24").await;
        assert_eq!((summary.joined, summary.callbacks), (1, 0));
        let excluded = app.user("clerk").await.get().to_string();
        assert_eq!(
            texts(&app, "select array_to_string(excluded_ids, ',') from callbacks").await,
            [excluded]
        );
    });
}

#[test]
fn a_second_car_after_the_message_went_out_is_reminded_the_next_day() {
    with_app(async |app| {
        cars_of_every_kind(&app).await;
        run(&app, app.store, "2026-11-24").await;
        execute(
            &app,
            "update obligations set status = 'done', ended_at = '2026-11-24T02:00:00Z' where kind = 'first_maintenance';
             update reminders set status = 'delivered', open_count = 0, ended_at = '2026-11-24T02:00:00Z' where send_on = '2026-11-24';
             with car as (insert into vehicles (store_id, plate, delivered_on, created_at, updated_at)
                          select store_id, '浙A55555', '2026-08-24', created_at, created_at from reminders where status = 'delivered' returning store_id, id)
             insert into vehicle_people (store_id, vehicle_id, customer_id, role)
             select car.store_id, car.id, r.customer_id, 'owner' from car, reminders r where r.status = 'delivered'",
        )
        .await;
        let summary = run(&app, app.store, "2026-11-24").await;
        assert_eq!((summary.entries(), summary.reminders, summary.loose), (1, 1, 0));
        let days = texts(
            &app,
            "select concat_ws('|', send_on, status) from reminders order by 1",
        )
        .await;
        assert_eq!(
            days,
            ["2026-11-23|pending", "2026-11-24|delivered", "2026-11-25|pending"]
        );
    });
}

#[test]
fn what_has_lost_its_reason_is_cancelled_with_its_callback_and_reminder() {
    with_app(async |app| {
        let people = cars_of_every_kind(&app).await;
        run(&app, app.store, "2026-11-24").await;
        build::visit(&app, &people[1], "NEW1")
            .handed_over("2026-11-24T01:00:00Z")
            .insert()
            .await;
        build::visit(&app, &people[2], "NEW2")
            .handed_over("2026-11-24T01:00:00Z")
            .insert()
            .await;
        sqlx::query("insert into policies (store_id, policy_no, vehicle_id, kind, starts_on, ends_on, is_ours, created_at) values ($1, 'P2', $2, 'commercial', '2026-12-25', '2027-12-24', true, $3)")
            .bind(app.store)
            .bind(people[3].vehicle)
            .bind(app.now())
            .execute(&app.db)
            .await
            .unwrap();
        let summary = run(&app, app.store, "2026-11-24").await;
        assert_eq!(
            (
                summary.superseded,
                summary.renewed,
                summary.missing,
                summary.loose
            ),
            (3, 1, 0, 0)
        );
        let rows = texts(&app, "select concat_ws('|', kind, status, ended_reason) from obligations where status <> 'open' order by kind").await;
        assert_eq!(
            rows,
            [
                "first_maintenance|cancelled|superseded",
                "periodic_maintenance|cancelled|superseded",
                "renewal|done|renewed",
                "renewal_contact|cancelled|superseded",
            ]
        );
        assert_eq!(
            texts(
                &app,
                "select concat_ws('|', status, count(*)) from callbacks group by status order by 1"
            )
            .await,
            ["cancelled|1", "open|3"]
        );
        assert_eq!(
            app.count("select count(*) from reminders where status <> 'cancelled' or open_count <> 0")
                .await,
            0
        );
    });
}

#[test]
fn the_reconciliation_names_what_is_missing_and_what_is_loose() {
    with_app(async |app| {
        let people = cars_of_every_kind(&app).await;
        build::visit(&app, &people[0], "R1")
            .handed_over("2026-11-23T02:00:00Z")
            .insert()
            .await;
        run(&app, app.store, "2026-11-24").await;
        let findings = async || {
            let mut db = app.db.begin().await.unwrap();
            let (missing, loose) = service::reconcile(&mut db, app.scope(), "2026-11-24".parse().unwrap())
                .await
                .unwrap();
            let missing: Vec<_> = missing.iter().map(|row| row.kind.as_str()).collect();
            let mut loose: Vec<_> = loose.iter().map(|row| row.finding.as_str()).collect();
            loose.sort_unstable();
            (missing.join(" "), loose.join(" "))
        };
        assert_eq!(findings().await, (String::new(), String::new()));
        execute(
            &app,
            "delete from obligations where kind in ('renewal', 'post_service')",
        )
        .await;
        assert_eq!(
            findings().await,
            ("post_service renewal".to_owned(), "callback_count".to_owned())
        );
        execute(
            &app,
            "update obligations set reminder_id = null where kind = 'periodic_maintenance';
             update callbacks set status = 'cancelled', ended_at = created_at where kinds = '{renewal_contact}'",
        )
        .await;
        assert_eq!(
            findings().await.1,
            "attached_to_nothing callback_count callback_ended reminder_count"
        );
    });
}

#[test]
fn the_classes_of_the_program_and_of_the_database_agree() {
    with_app(async |app| {
        let at = app.now();
        let hour = TimeDelta::hours(1);
        for status in ObligationStatus::ALL {
            for due in [at - hour * 2, at, at + hour * 2] {
                for ended in [due - hour, due, due + hour] {
                    let ended = (*status != ObligationStatus::Open).then_some(ended);
                    let class: ObligationClass =
                        sqlx::query_scalar("select obligation_class($1, $2, $3, $4)")
                            .bind(status)
                            .bind(due)
                            .bind(ended)
                            .bind(at)
                            .fetch_one(&app.db)
                            .await
                            .unwrap();
                    assert_eq!(
                        class,
                        ObligationClass::of(*status, due, ended, at),
                        "{status} {due} {ended:?}"
                    );
                }
            }
        }
    });
}

/// The ledger's rows on a page, as their texts.
fn kinds_on(page: &crate::support::client::Answer) -> usize {
    page.count("tr[data-obligation]")
}

#[test]
fn a_figure_opens_exactly_its_rows() {
    with_app(async |app| {
        let people = cars_of_every_kind(&app).await;
        for (i, person) in people.iter().enumerate() {
            build::visit(&app, person, &format!("R{i}"))
                .kind("repair")
                .handed_over("2026-11-23T02:00:00Z")
                .insert()
                .await;
        }
        run(&app, app.store, "2026-11-24").await;
        let specialist = app.user("specialist").await;
        sqlx::query("update obligations set status = 'done', ended_at = due_at - interval '1 hour', ended_by = $1 where kind = 'post_service' and id % 2 = 0")
            .bind(specialist)
            .execute(&app.db)
            .await
            .unwrap();
        app.set_now("2026-11-28T02:00:00Z");
        let done = app
            .count("select count(*) from obligations where status = 'done'")
            .await as usize;
        let mut manager = app.sign_in(Role::Manager).await;
        let mine = format!("kind=post_service&person={specialist}");
        for (query, rows) in [
            ("from=2026-11-01&to=2027-12-31", 9),
            ("kind=&class=&person=&from=2026-11-01&to=2027-12-31", 9),
            ("", 7),
            ("kind=post_service", 4),
            ("kind=post_service&kind=renewal&to=2026-12-31", 5),
            ("kind=post_service&class=done&class=done_late", done),
            ("kind=post_service&class=overdue", 4 - done),
            (
                "class=overdue&class=done&from=2026-11-23&to=2026-11-23&person=0&kind=post_service",
                4 - done,
            ),
            (mine.as_str(), done),
            ("kind=nonsense&from=yesterday", 7),
        ] {
            let page = manager.get(&format!("/obligations?{query}")).await;
            assert_eq!((page.status, kinds_on(&page)), (200, rows), "{query}");
        }
        let mut tx = app.db.begin().await.unwrap();
        let (scope, today) = (app.scope(), "2026-11-28".parse().unwrap());
        generate_reviews(&mut tx, scope, today, app.now()).await.unwrap();
        tx.commit().await.unwrap();
        let page = manager.get("/obligations?kind=renewal&from=2027-01-01").await;
        assert_eq!(page.text(".empty b"), "没有符合条件的事项");
        let page = manager.get("/obligations/reconciliation").await;
        assert_eq!(page.text(".badge--good"), "缺失 0");
    });
}

#[test]
fn the_ledger_is_the_managers_and_ones_own_rows_are_everybodys() {
    with_app(async |app| {
        let people = people(&app, 2).await;
        for (i, person) in people.iter().enumerate() {
            build::visit(&app, person, &format!("R{i}"))
                .handed_over("2026-11-23T02:00:00Z")
                .insert()
                .await;
        }
        run(&app, app.store, "2026-11-24").await;
        let (specialist, clerk) = (app.user("specialist").await, app.user("clerk").await);
        for (person, owner) in people.iter().zip([specialist, clerk]) {
            sqlx::query("update obligations set responsible_id = $1 where customer_id = $2")
                .bind(owner)
                .bind(person.customer)
                .execute(&app.db)
                .await
                .unwrap();
        }
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = browser.get(&format!("/obligations?person={clerk}")).await;
        assert_eq!(
            (page.status, kinds_on(&page), page.count(".ledger-proof")),
            (200, 1, 0)
        );
        assert!(page.html().contains("客户0") && !page.html().contains("客户1"));
        assert_eq!(
            app.sign_in(Role::Handler).await.get("/obligations").await.status,
            403
        );
        execute(&app, "delete from obligations").await;
        let mut group = app.sign_in(Role::Manager).await;
        let page = group.get("/obligations/reconciliation").await;
        assert_eq!(
            page.count(".ledger-findings tbody tr"),
            6,
            "two calls and two reviews missing, two callbacks with wrong counts"
        );
    });
}

#[test]
fn what_is_due_or_was_ended_on_a_day_is_listed_in_its_own_order() {
    with_app(async |app| {
        let person = build::person(&app, "赵雅楠", "13800000001", "浙A00001").await;
        let clerk = app.user("clerk").await;
        let entry = |cycle| build::obligation(&app, &person, "lost_customer", cycle).cohort("2026-09-01");
        let later = entry("1").due("2026-11-24T12:00:00Z").insert().await;
        let sooner = entry("2").due("2026-11-23T12:00:00Z").insert().await;
        entry("3").due("2026-11-25T12:00:00Z").insert().await;
        let first = entry("4")
            .due("2026-11-24T12:00:00Z")
            .ended("done", "2026-11-24T01:00:00Z", clerk)
            .insert()
            .await;
        let last = entry("5")
            .due("2026-11-22T12:00:00Z")
            .ended("done", "2026-11-24T01:30:00Z", clerk)
            .insert()
            .await;
        entry("6")
            .due("2026-11-24T12:00:00Z")
            .ended("done", "2026-11-23T01:00:00Z", clerk)
            .insert()
            .await;
        let mut browser = app.sign_in(Role::Manager).await;
        let by_clerk = format!("ended=2026-11-24&by={clerk}&class=early&class=done_late");
        for (query, expected) in [
            ("due=2026-11-24&class=not_due&class=overdue", vec![sooner, later]),
            ("due=2026-11-24&class=overdue", vec![sooner]),
            ("ended=2026-11-24", vec![last, first]),
            (by_clerk.as_str(), vec![last, first]),
            ("ended=2026-11-24&class=done_late", vec![last]),
            ("ended=2026-11-24&due=2026-11-23", vec![last]),
            ("ended=2026-11-25", vec![]),
        ] {
            let page = browser.get(&format!("/obligations?{query}")).await;
            let links = page
                .links("tr[data-obligation] a")
                .into_iter()
                .map(|(href, _)| href);
            let shown: Vec<String> = links.filter(|href| href.starts_with("/obligations/")).collect();
            let expected: Vec<String> = expected.iter().map(|id| format!("/obligations/{id}")).collect();
            assert_eq!(shown, expected, "{query}");
        }
        // Without a class the ended ones are among what was due, by the days they arose.
        let page = browser.get("/obligations?due=2026-11-24").await;
        assert_eq!(page.count("tr[data-obligation]"), 5);
    });
}
