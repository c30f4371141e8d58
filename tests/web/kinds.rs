//! Lost customers, care visits, data tasks and the cadence of renewals: when each is owed, and what ends it.

use care_desk::obligations::service::Summary;
use care_desk::obligations::{jobs, redate};

use crate::support::app::{TestApp, with_app};
use crate::support::build::{self, Person};

async fn execute(app: &TestApp, sql: &'static str) {
    sqlx::raw_sql(sql).execute(&app.db).await.unwrap();
}

async fn texts(app: &TestApp, sql: &'static str) -> Vec<String> {
    sqlx::query_scalar(sql).fetch_all(&app.db).await.unwrap()
}

/// The job of a day of the first store at the application's present instant, committed.
async fn run(app: &TestApp, day: &str) -> Summary {
    let mut tx = app.db.begin().await.unwrap();
    let summary = jobs::generate_obligations(&mut tx, app.scope(), day.parse().unwrap(), app.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!((summary.missing, summary.loose), (0, 0), "{day}");
    summary
}

/// The small job of every few minutes.
async fn run_between(app: &TestApp) -> Summary {
    let mut tx = app.db.begin().await.unwrap();
    let summary = jobs::attach_waiting(&mut tx, app.scope(), app.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    summary
}

async fn person(app: &TestApp, number: usize) -> Person {
    let (phone, plate) = (format!("138000010{number:02}"), format!("浙A9K{number:02}X"));
    build::person(app, &format!("客户{number}"), &phone, &plate).await
}

/// A maintenance visit on a day, at noon of the store.
async fn visit(app: &TestApp, person: &Person, day: &str) {
    build::visit(app, person, &format!("{}-{day}", person.vehicle))
        .handed_over(&format!("{day}T04:00:00Z"))
        .insert()
        .await;
}

async fn with_person(app: &TestApp, sql: &'static str, person: &Person) {
    sqlx::query(sql)
        .bind(person.customer)
        .execute(&app.db)
        .await
        .unwrap();
}

async fn with_car(app: &TestApp, sql: &'static str, person: &Person) {
    sqlx::query(sql)
        .bind(person.vehicle)
        .execute(&app.db)
        .await
        .unwrap();
}

/// Tests about other kinds: nobody asks for the insurance.
async fn without_insurance_tasks(app: &TestApp) {
    execute(
        app,
        "update rules set codes = '{no_phone,wrong_phone}' where kind = 'data_task'",
    )
    .await;
}

/// Entries of a kind: customer, cycle (`visit` for an id), cohort, due minute in Shanghai, status, reason.
const ROWS: &str = "select concat_ws('|', c.name, o.cohort_on, to_char(o.due_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'), o.status, o.ended_reason)
                    from obligations o join customers c on c.id = o.customer_id where o.kind = 'lost_customer' order by 1";

#[test]
fn who_was_lost_in_the_month_is_on_the_list_of_the_fifth() {
    with_app(async |app| {
        without_insurance_tasks(&app).await;
        app.set_now("2026-12-05T01:00:00Z");
        // 4 December 2025 is 366 days before the list of 5 December 2026.
        for (number, last) in [
            "2025-12-05",
            "2025-12-04",
            "2025-11-04",
            "2025-11-03",
            "2025-11-20",
            "2025-11-20",
            "2025-11-20",
        ]
        .into_iter()
        .enumerate()
        {
            let person = person(&app, number).await;
            visit(&app, &person, last).await;
            match number {
                4 => with_car(&app, "update vehicles set state = 'sold' where id = $1", &person).await,
                5 => {
                    with_person(
                        &app,
                        "update customers set marketing_opt_out = true where id = $1",
                        &person,
                    )
                    .await
                }
                6 => {
                    // Washed and inspected since: neither is a visit that counts.
                    for kind in ["wash", "pdi"] {
                        build::visit(&app, &person, kind)
                            .kind(kind)
                            .handed_over("2026-06-01T04:00:00Z")
                            .insert()
                            .await;
                    }
                }
                _ => {}
            }
        }
        assert_eq!(run(&app, "2026-12-04").await.made.get("lost_customer"), None);
        assert_eq!(run(&app, "2026-12-05").await.made.get("lost_customer"), Some(&4));
        assert_eq!(
            texts(&app, ROWS).await,
            [
                "客户1|2026-12-05|2026-12-30 20:00|open",
                "客户2|2026-12-05|2026-12-30 20:00|open",
                "客户5|2026-12-05|2026-12-30 20:00|exempt|rule:no_marketing",
                "客户6|2026-12-05|2026-12-30 20:00|open",
            ]
        );
        assert_eq!(run(&app, "2026-12-05").await.entries(), 0, "a second run");
        assert_eq!(run(&app, "2026-12-06").await.entries(), 0, "the next day");
        app.set_now("2027-01-05T01:00:00Z");
        // Each month lists who was lost since the one before, nobody twice.
        assert_eq!(run(&app, "2027-01-05").await.made.get("lost_customer"), Some(&1));
        assert_eq!(
            app.count("select count(*) from callbacks where kinds = '{lost_customer}'")
                .await,
            4,
            "each is called"
        );
    });
}

#[test]
fn a_missed_list_is_caught_up_under_its_own_day() {
    with_app(async |app| {
        without_insurance_tasks(&app).await;
        let person = person(&app, 1).await;
        visit(&app, &person, "2025-11-20").await;
        app.set_now("2026-12-09T01:00:00Z");
        assert_eq!(run(&app, "2026-12-09").await.made.get("lost_customer"), Some(&1));
        assert_eq!(
            texts(&app, ROWS).await,
            ["客户1|2026-12-05|2026-12-30 20:00|open"]
        );
    });
}

#[test]
fn a_car_that_drives_little_is_lost_when_its_own_rhythm_is_over() {
    with_app(async |app| {
        without_insurance_tasks(&app).await;
        let person = person(&app, 1).await;
        // 283 days apart: active for 425 days, until 19 December 2026.
        for (day, km) in [("2025-01-10", 1_000), ("2025-10-20", 3_000)] {
            visit(&app, &person, day).await;
            sqlx::query("insert into odometer_readings (store_id, vehicle_id, read_on, km, source) values ($1, $2, $3::date, $4, 'hand')")
                .bind(app.store)
                .bind(person.vehicle)
                .bind(day.parse::<chrono::NaiveDate>().unwrap())
                .bind(km)
                .execute(&app.db)
                .await
                .unwrap();
        }
        for (now, made) in [("2026-11-05", 0), ("2026-12-05", 0), ("2027-01-05", 1)] {
            execute(&app, "update stores set starts_on = '2026-10-01'").await;
            app.set_now(&format!("{now}T01:00:00Z"));
            let summary = run(&app, now).await;
            assert_eq!(
                summary.made.get("lost_customer").copied().unwrap_or_default(),
                made,
                "{now}"
            );
        }
        assert_eq!(
            texts(&app, "select active_until::text from vehicle_facts").await,
            ["2026-12-19"]
        );
    });
}

#[test]
fn who_comes_back_leaves_the_list_and_may_be_lost_again() {
    with_app(async |app| {
        without_insurance_tasks(&app).await;
        let person = person(&app, 1).await;
        visit(&app, &person, "2025-11-20").await;
        app.set_now("2026-12-05T01:00:00Z");
        run(&app, "2026-12-05").await;
        visit(&app, &person, "2026-12-07").await;
        app.set_now("2026-12-08T01:00:00Z");
        assert_eq!(run(&app, "2026-12-08").await.superseded, 1);
        assert_eq!(
            texts(&app, ROWS).await,
            ["客户1|2026-12-05|2026-12-30 20:00|cancelled|came_back"]
        );
        assert_eq!(
            texts(
                &app,
                "select concat_ws('|', status, kinds) from callbacks order by 1"
            )
            .await,
            ["cancelled|{lost_customer}", "open|{post_service}"],
            "the call that is left is about the visit"
        );
        // A year later, without another visit.
        app.set_now("2028-01-05T01:00:00Z");
        assert_eq!(run(&app, "2028-01-05").await.made.get("lost_customer"), Some(&1));
    });
}

#[test]
fn a_key_account_is_visited_once_in_each_interval() {
    with_app(async |app| {
        let (tagged, twice, other) = (
            person(&app, 1).await,
            person(&app, 2).await,
            person(&app, 3).await,
        );
        for (person, codes) in [
            (&tagged, vec!["vip"]),
            (&twice, vec!["vip", "key_account"]),
            (&other, vec!["child_seat"]),
        ] {
            for code in codes {
                sqlx::query("insert into customer_tags (store_id, customer_id, tag_id, added_at)
                             select t.store_id, $2, t.id, '2026-11-01T00:00:00Z' from tags t where t.store_id = $1 and t.code = $3")
                    .bind(app.store)
                    .bind(person.customer)
                    .bind(code)
                    .execute(&app.db)
                    .await
                    .unwrap();
            }
        }
        let quarter = "select concat_ws('|', k.name, count(*)) from candidates c join customers k on k.id = c.customer_id
                       where c.kind = 'care_visit' and c.event_on between '2026-11-24' and '2027-02-21' group by k.name order by 1";
        assert_eq!(texts(&app, quarter).await, ["客户1|1", "客户2|1"]);
        execute(
            &app,
            "update rules set cadence_days = 30 where kind = 'care_visit'",
        )
        .await;
        assert_eq!(texts(&app, quarter).await, ["客户1|3", "客户2|3"]);

        let day: chrono::NaiveDate = sqlx::query_scalar(
            "select min(event_on) from candidates where kind = 'care_visit' and customer_id = $1 and event_on >= '2026-11-24'",
        )
        .bind(tagged.customer)
        .fetch_one(&app.db)
        .await
        .unwrap();
        app.set_now(&format!("{day}T01:00:00Z"));
        let made = run(&app, &day.to_string()).await;
        assert!(made.made.contains_key("care_visit"));
        let due: Vec<i32> = sqlx::query_scalar(
            "select (due_at at time zone 'Asia/Shanghai')::date - cohort_on from obligations where kind = 'care_visit' and customer_id = $1",
        )
        .bind(tagged.customer)
        .fetch_all(&app.db)
        .await
        .unwrap();
        assert_eq!(due, [14]);
        execute(&app, "delete from customer_tags").await;
        run(&app, &day.to_string()).await;
        assert_eq!(
            texts(&app, "select distinct concat_ws('|', o.status, o.ended_reason, b.status) from obligations o join callbacks b on b.id = o.callback_id where o.kind = 'care_visit'").await,
            ["cancelled|untagged|cancelled"]
        );
    });
}

/// Data tasks: gap, cohort, due minute, status, reason.
const TASKS: &str = "select concat_ws('|', split_part(cycle_key, ':', 1), cohort_on, to_char(due_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'), channel, status, ended_reason)
                     from obligations where kind = 'data_task' order by id";

#[test]
fn whoever_must_be_called_and_has_no_number_is_a_task_until_there_is_one() {
    with_app(async |app| {
        without_insurance_tasks(&app).await;
        let (person, idle) = (person(&app, 1).await, person(&app, 2).await);
        execute(&app, "delete from phones").await;
        visit(&app, &person, "2026-11-23").await;
        assert_eq!(
            run(&app, "2026-11-24").await.made.get("data_task"),
            Some(&1),
            "nothing is owed to the other one"
        );
        assert_eq!(
            texts(&app, TASKS).await,
            ["no_phone|2026-11-23|2026-11-30 20:00|none|open"]
        );
        // A second visit is another call, but the same gap.
        visit(&app, &person, "2026-11-24").await;
        app.set_now("2026-11-25T01:00:00Z");
        assert_eq!(run(&app, "2026-11-25").await.made.get("data_task"), None);
        // The first call ends; the task goes on, and no second one begins.
        execute(&app, "update obligations set status = 'exhausted', ended_at = created_at where kind = 'post_service' and cohort_on = '2026-11-23';
                       update callbacks set open_count = 1")
            .await;
        assert_eq!(run(&app, "2026-11-25").await.made.get("data_task"), None);
        assert_eq!(run_between(&app).await.mended, 0);
        with_person(&app, "insert into phones (store_id, customer_id, number, state, is_main) select store_id, id, '13900001111', 'unverified', true from customers where id = $1", &person).await;
        assert_eq!(run_between(&app).await.mended, 1);
        assert_eq!(
            texts(&app, TASKS).await,
            ["no_phone|2026-11-23|2026-11-30 20:00|none|done|mended"]
        );
        let _ = idle;
    });
}

#[test]
fn a_wrong_main_number_is_a_task_until_another_one_is_the_main_number() {
    with_app(async |app| {
        without_insurance_tasks(&app).await;
        let (main, second) = (person(&app, 1).await, person(&app, 2).await);
        for person in [&main, &second] {
            with_person(&app, "insert into phones (store_id, customer_id, number, state) select store_id, id, '0571-2000' || id, 'ok' from customers where id = $1", person).await;
        }
        with_person(
            &app,
            "update phones set state = 'wrong', checked_on = '2026-11-23' where customer_id = $1 and is_main",
            &main,
        )
        .await;
        with_person(&app, "update phones set state = 'dead', checked_on = '2026-11-23' where customer_id = $1 and not is_main", &second).await;
        assert_eq!(run(&app, "2026-11-24").await.made.get("data_task"), Some(&1));
        assert_eq!(
            texts(&app, TASKS).await,
            ["wrong_phone|2026-11-23|2026-11-30 20:00|none|open"]
        );
        assert_eq!(run_between(&app).await.mended, 0);
        execute(&app, "update phones set is_main = false where state = 'wrong'").await;
        assert_eq!(run_between(&app).await.mended, 1);
        // Wrong once more on another day: another task.
        with_person(
            &app,
            "update phones set state = 'dead', checked_on = '2026-11-24' where customer_id = $1",
            &main,
        )
        .await;
        assert_eq!(
            run(&app, "2026-11-24").await.made.get("data_task"),
            Some(&2),
            "both numbers"
        );
    });
}

#[test]
fn a_car_that_was_here_and_whose_insurance_nobody_knows_is_a_task() {
    with_app(async |app| {
        let (unknown, known, lapsed, sold) = (
            person(&app, 1).await,
            person(&app, 2).await,
            person(&app, 3).await,
            person(&app, 4).await,
        );
        for (person, ends_on) in [(&known, "2027-06-30"), (&lapsed, "2026-09-30")] {
            sqlx::query("insert into policies (store_id, vehicle_id, kind, ends_on, created_at) values ($1, $2, 'commercial', $3::date, $4)")
                .bind(app.store)
                .bind(person.vehicle)
                .bind(ends_on.parse::<chrono::NaiveDate>().unwrap())
                .bind(app.now())
                .execute(&app.db)
                .await
                .unwrap();
        }
        for person in [&unknown, &known, &lapsed, &sold] {
            visit(&app, person, "2026-11-23").await;
        }
        assert_eq!(run(&app, "2026-11-24").await.made.get("data_task"), Some(&3));
        // Here again the next day: the same gap.
        visit(&app, &unknown, "2026-11-24").await;
        app.set_now("2026-11-25T01:00:00Z");
        assert_eq!(run(&app, "2026-11-25").await.made.get("data_task"), None);
        with_car(&app, "update vehicles set state = 'sold' where id = $1", &sold).await;
        with_car(&app, "insert into policies (store_id, vehicle_id, kind, ends_on, created_at) select store_id, id, 'commercial', '2027-11-20', created_at from vehicles where id = $1", &unknown).await;
        let summary = run(&app, "2026-11-25").await;
        assert_eq!((summary.mended, summary.superseded), (1, 1));
        assert_eq!(
            texts(&app, "select concat_ws('|', c.name, o.status, o.ended_reason) from obligations o join customers c on c.id = o.customer_id where o.kind = 'data_task' order by 1").await,
            ["客户1|done|mended", "客户3|open", "客户4|cancelled|vehicle_gone"]
        );
    });
}

/// A policy of the person's car that ends on a day.
async fn policy(app: &TestApp, person: &Person, ends_on: &str) {
    sqlx::query("insert into policies (store_id, policy_no, vehicle_id, kind, ends_on, created_at) values ($1, 'P' || $2, $2, 'commercial', $3::date, $4)")
        .bind(app.store)
        .bind(person.vehicle)
        .bind(ends_on.parse::<chrono::NaiveDate>().unwrap())
        .bind(app.now())
        .execute(&app.db)
        .await
        .unwrap();
}

#[test]
fn a_renewal_is_contacted_by_its_cadence_each_before_the_next() {
    with_app(async |app| {
        let person = person(&app, 1).await;
        policy(&app, &person, "2027-03-01").await;
        run(&app, "2026-11-24").await;
        let stages = texts(
            &app,
            "select concat_ws(' ', cycle_key, event_on, (due_at at time zone 'Asia/Shanghai')::date) from candidates
             where kind = 'renewal_contact' order by event_on",
        )
        .await;
        assert_eq!(
            stages,
            [
                "T-90 2026-12-01 2026-12-07",
                "T-60 2026-12-31 2027-01-06",
                "T-45 2027-01-15 2027-01-21",
                "T-30 2027-01-30 2027-02-05",
                "T-15 2027-02-14 2027-02-20",
                "T-7 2027-02-22 2027-02-25",
                "T-3 2027-02-26 2027-02-27",
                "T-1 2027-02-28 2027-03-01",
                "T+1 2027-03-02 2027-03-08",
                "T+8 2027-03-09 2027-03-15",
                "T+15 2027-03-16 2027-03-22",
                "T+22 2027-03-23 2027-03-29",
                "T+29 2027-03-30 2027-04-05",
            ]
        );
    });
}

#[test]
fn a_customer_who_has_decided_is_not_asked_again() {
    for (reason, asked_again) in [
        ("declined", 0),
        ("elsewhere", 0),
        ("refused", 0),
        ("interested", 1),
    ] {
        with_app(async |app| {
            let person = person(&app, 1).await;
            policy(&app, &person, "2026-12-24").await;
            run(&app, "2026-11-24").await;
            sqlx::query("update obligations set status = 'done', ended_at = created_at, ended_reason = $1 where kind = 'renewal_contact'")
                .bind(reason)
                .execute(&app.db)
                .await
                .unwrap();
            execute(
                &app,
                "update callbacks set status = 'done', ended_at = created_at, open_count = 0",
            )
            .await;
            app.set_now("2026-12-09T01:00:00Z");
            let made = run(&app, "2026-12-09")
                .await
                .made
                .get("renewal_contact")
                .copied()
                .unwrap_or_default();
            assert_eq!(made, asked_again, "{reason}");
        });
    }
}

#[test]
fn a_decision_ends_the_contacts_that_are_open() {
    with_app(async |app| {
        let person = person(&app, 1).await;
        policy(&app, &person, "2026-12-24").await;
        run(&app, "2026-11-24").await;
        app.set_now("2026-12-09T01:00:00Z");
        run(&app, "2026-12-09").await;
        execute(&app, "update obligations set status = 'done', ended_at = created_at, ended_reason = 'declined' where cycle_key = 'T-30';
                       update callbacks set open_count = open_count - 1")
            .await;
        assert_eq!(run(&app, "2026-12-09").await.superseded, 1);
        assert_eq!(
            texts(&app, "select concat_ws('|', cycle_key, status, ended_reason) from obligations where kind = 'renewal_contact' order by id").await,
            ["T-30|done|declined", "T-15|cancelled|decided"]
        );
        assert_eq!(texts(&app, "select status from callbacks").await, ["cancelled"]);
    });
}

#[test]
fn a_sold_car_owes_nothing_but_the_question_about_its_last_visit() {
    with_app(async |app| {
        without_insurance_tasks(&app).await;
        let person = person(&app, 1).await;
        with_car(
            &app,
            "update vehicles set warranty_ends_on = '2027-01-31' where id = $1",
            &person,
        )
        .await;
        policy(&app, &person, "2026-12-24").await;
        visit(&app, &person, "2026-11-23").await;
        run(&app, "2026-11-24").await;
        with_car(&app, "update vehicles set state = 'sold' where id = $1", &person).await;
        assert_eq!(run(&app, "2026-11-24").await.superseded, 3);
        assert_eq!(
            texts(
                &app,
                "select concat_ws('|', kind, status, ended_reason) from obligations order by kind"
            )
            .await,
            [
                "post_service|open",
                "renewal|cancelled|vehicle_gone",
                "renewal_contact|cancelled|vehicle_gone",
                "warranty_expiry|cancelled|vehicle_gone",
            ]
        );
    });
}

#[test]
fn a_message_that_is_days_late_becomes_a_call() {
    for (now, channel) in [
        ("2026-11-24T21:00:00Z", "sms"),
        ("2026-11-27T12:00:00Z", "sms"),
        ("2026-11-27T21:00:00Z", "call"),
    ] {
        with_app(async |app| {
            let person = person(&app, 1).await;
            // 5,000 km at 41 a day come on 24 December: stage T-30 is 24 November, its message is due at 20:30.
            with_car(
                &app,
                "update vehicles set delivered_on = '2026-08-24' where id = $1",
                &person,
            )
            .await;
            app.set_now(now);
            let summary = run(&app, "2026-11-24").await;
            assert_eq!(
                texts(
                    &app,
                    "select channel from obligations where kind = 'first_maintenance'"
                )
                .await,
                [channel],
                "{now}"
            );
            assert_eq!(summary.reminders + summary.callbacks, 1, "{now}");
        });
    }
}

#[test]
fn deadlines_of_every_kind_follow_the_calendar() {
    with_app(async |app| {
        without_insurance_tasks(&app).await;
        execute(&app, "update stores set starts_on = '2026-10-01'").await;
        let (lost, renewing) = (person(&app, 1).await, person(&app, 2).await);
        visit(&app, &lost, "2025-11-20").await;
        policy(&app, &renewing, "2026-12-08").await;
        with_person(
            &app,
            "update phones set state = 'wrong', checked_on = '2026-12-04' where customer_id = $1",
            &lost,
        )
        .await;
        app.set_now("2026-12-05T01:00:00Z");
        run(&app, "2026-12-05").await;
        let wrong = "select count(*) from obligations o join obligation_deadlines(o.store_id, '2026-12-05') d on d.id = o.id
                     where (o.due_at, o.callable_due_at) is distinct from (d.due_at, d.callable_due_at)";
        assert_eq!(app.count(wrong).await, 0, "the calendar says what was generated");
        let rows = "select concat_ws(' ', kind, (due_at at time zone 'Asia/Shanghai')::date) from obligations
                    where kind in ('lost_customer', 'renewal_contact', 'data_task') order by 1";
        assert_eq!(
            texts(&app, rows).await,
            [
                "data_task 2026-12-11",
                "lost_customer 2026-12-30",
                "renewal_contact 2026-12-06"
            ]
        );
        execute(
            &app,
            "insert into calendar_days (store_id, day, kind) select id, d.day, 'closed' from stores, (values (date '2026-12-06'), (date '2026-12-11'), (date '2026-12-30')) d(day)",
        )
        .await;
        let mut tx = app.db.begin().await.unwrap();
        care_desk::stores::calendar::rewrite_all(&mut tx, app.scope(), app.now())
            .await
            .unwrap();
        redate::follow_calendar(&mut tx, app.scope(), app.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(
            texts(&app, rows).await,
            [
                "data_task 2026-12-12",
                "lost_customer 2026-12-31",
                "renewal_contact 2026-12-07"
            ]
        );
    });
}
