//! When jobs are due, who runs them, what a failure leaves behind, and the page of runs.

use std::time::Duration;

use care_desk::auth::permission::Role;
use care_desk::jobs::lease;
use care_desk::jobs::runner::{self, Outcome, Task, Trigger};
use care_desk::jobs::scheduler::{self, Due, Failure, LastRun};
use care_desk::jobs::{JOBS, JobName};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::support::app::{TestApp, with_app};
use crate::support::build;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn generate(zone: Tz, settled_on: Option<&str>) -> LastRun {
    LastRun {
        job: JobName::GenerateObligations,
        store: Some(care_desk::stores::StoreId::new(1)),
        zone,
        settled_on: settled_on.map(day),
        started_at: None,
        failures: Vec::new(),
    }
}

/// The days that would run, `<n` for n days given up.
fn days(last: &LastRun, now: &str) -> String {
    let due = scheduler::due(std::slice::from_ref(last), at(now));
    let texts = due.iter().map(|due| match due {
        Due::Run(task) => task.day.format("%m-%d").to_string(),
        Due::Missed { task, days } => format!("<{days} until {}", task.day),
    });
    texts.collect::<Vec<_>>().join(" ")
}

#[test]
fn every_name_has_a_line() {
    let names: Vec<_> = JOBS.iter().map(|job| job.name).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, JobName::ALL);
    for name in JobName::ALL {
        assert_eq!(name.job().name, *name);
    }
}

#[test]
fn a_daily_job_is_due_at_its_time_of_the_stores_clock() {
    use chrono_tz::America::New_York;
    use chrono_tz::Asia::Shanghai;
    // 05:00 in Shanghai is 21:00 UTC the day before; in New York 09:00 or, in winter, 10:00 UTC.
    for (zone, settled, now, expected) in [
        (Shanghai, Some("2026-11-23"), "2026-11-23T20:59:59Z", ""),
        (Shanghai, Some("2026-11-23"), "2026-11-23T21:00:00Z", "11-24"),
        (Shanghai, Some("2026-11-24"), "2026-11-23T21:00:00Z", ""),
        (Shanghai, Some("2026-11-24"), "2026-11-23T19:00:00Z", ""),
        (
            Shanghai,
            Some("2026-11-20"),
            "2026-11-24T02:00:00Z",
            "11-21 11-22 11-23 11-24",
        ),
        (Shanghai, None, "2026-11-24T02:00:00Z", "11-24"),
        (Shanghai, None, "2026-11-23T17:00:00Z", "11-23"),
        (New_York, Some("2026-10-31"), "2026-11-01T09:59:00Z", ""),
        (New_York, Some("2026-10-31"), "2026-11-01T10:00:00Z", "11-01"),
        (New_York, Some("2027-03-13"), "2027-03-14T08:59:00Z", ""),
        (New_York, Some("2027-03-13"), "2027-03-14T09:00:00Z", "03-14"),
    ] {
        assert_eq!(
            days(&generate(zone, settled), now),
            expected,
            "{zone} {settled:?} {now}"
        );
    }
}

#[test]
fn a_day_of_any_length_runs_exactly_once() {
    for (zone, from) in [
        (chrono_tz::America::New_York, "2026-10-31T00:00:00Z"),
        (chrono_tz::America::New_York, "2027-03-13T00:00:00Z"),
        (chrono_tz::Australia::Lord_Howe, "2026-10-03T00:00:00Z"),
        (chrono_tz::Asia::Shanghai, "1986-05-03T00:00:00Z"),
    ] {
        let mut last = generate(zone, None);
        let mut ran = Vec::new();
        for minute in 0..4 * 24 * 12 {
            let now = at(from) + TimeDelta::minutes(minute * 5);
            for due in scheduler::due(std::slice::from_ref(&last), now) {
                let Due::Run(task) = due else {
                    panic!("nothing is given up")
                };
                ran.push(task.day);
                last.settled_on = Some(task.day);
            }
        }
        let expected: Vec<_> = ran[0].iter_days().take(ran.len()).collect();
        assert_eq!(ran, expected, "{zone}");
        assert!((4..=5).contains(&ran.len()), "{zone}: {ran:?}");
    }
}

#[test]
fn a_month_is_caught_up_and_what_is_older_is_given_up_together() {
    let zone = chrono_tz::Asia::Shanghai;
    let now = "2026-11-24T02:00:00Z";
    let caught_up = days(&generate(zone, Some("2026-10-24")), now);
    assert_eq!(caught_up.split(' ').count(), 31);
    assert!(caught_up.starts_with("10-25 ") && caught_up.ends_with(" 11-24"));
    let long_ago = days(&generate(zone, Some("2026-10-20")), now);
    assert!(long_ago.starts_with("<4 until 2026-10-24 10-25 "), "{long_ago}");
    let calendars = LastRun {
        job: JobName::ExtendCalendars,
        ..generate(zone, Some("2026-10-20"))
    };
    assert_eq!(
        days(&calendars, now),
        "11-24",
        "a job without catching up runs the latest day only"
    );
}

#[test]
fn a_failed_day_waits_longer_each_time_and_holds_back_the_later_ones() {
    let mut last = generate(chrono_tz::Asia::Shanghai, Some("2026-11-22"));
    for (tries, minutes, expected) in [
        (1, 0, ""),
        (1, 1, "11-23 11-24"),
        (2, 1, ""),
        (2, 2, "11-23 11-24"),
        (4, 7, ""),
        (4, 8, "11-23 11-24"),
        (5, 0, "11-24"),
    ] {
        let failed = Failure {
            day: day("2026-11-23"),
            tries,
            at: at("2026-11-24T02:00:00Z"),
        };
        last.failures = vec![failed];
        let now = format!("2026-11-24T02:{minutes:02}:00Z");
        assert_eq!(days(&last, &now), expected, "{tries} tries, {minutes} minutes");
    }
}

#[test]
fn a_sweep_runs_every_minute_and_after_a_clock_set_back() {
    let mut last = LastRun {
        job: JobName::ReleaseExpiredLeases,
        store: None,
        ..generate(scheduler::GROUP_ZONE, None)
    };
    for (started, expected) in [
        (None, "11-24"),
        (Some("2026-11-24T01:59:30Z"), ""),
        (Some("2026-11-24T01:59:00Z"), "11-24"),
        (Some("2026-11-24T04:00:00Z"), "11-24"),
    ] {
        last.started_at = started.map(at);
        assert_eq!(days(&last, "2026-11-24T02:00:00Z"), expected, "{started:?}");
    }
}

async fn lead(app: &TestApp) -> lease::Lease {
    lease::acquire(&app.db, Uuid::new_v4()).await.unwrap().unwrap()
}

#[test]
fn a_fresh_process_catches_up_at_once_and_then_rests() {
    with_app(async |app| {
        let person = build::person(&app, "张伟", "13800002046", "浙A7K2M9").await;
        build::visit(&app, &person, "R1")
            .handed_over("2026-11-23T02:00:00Z")
            .insert()
            .await;
        let lease = lead(&app).await;
        assert!(
            scheduler::run_due(&app.db, &app.state.clock, lease)
                .await
                .unwrap()
        );
        assert_eq!(app.count("select count(*) from callbacks").await, 1);
        // Two stores generate, review, reconcile, find risks and extend; what runs again and again runs once for all.
        assert_eq!(
            app.count("select count(*) from job_runs where status = 'done'")
                .await,
            15
        );
        let made = "select (counts->>'post_service')::bigint from job_runs where job = 'generate-obligations' and counts ? 'post_service'";
        assert_eq!(app.count(made).await, 1);
        scheduler::run_due(&app.db, &app.state.clock, lease)
            .await
            .unwrap();
        assert_eq!(
            app.count("select sum(tries)::bigint from job_runs").await,
            15,
            "nothing is due twice"
        );
        app.advance(Duration::from_secs(3 * 24 * 3600));
        scheduler::run_due(&app.db, &app.state.clock, lease)
            .await
            .unwrap();
        let days = "select count(*) from job_runs where job = 'generate-obligations'";
        assert_eq!(app.count(days).await, 2 * 4, "three missed days of two stores");
    });
}

#[test]
fn only_one_process_leads_and_a_stale_one_writes_nothing() {
    with_app(async |app| {
        let (first, second) = (Uuid::new_v4(), Uuid::new_v4());
        let stale = lease::acquire(&app.db, first).await.unwrap().unwrap();
        assert_eq!(lease::acquire(&app.db, second).await.unwrap(), None);
        assert!(lease::renew(&app.db, stale).await.unwrap());
        assert_eq!(
            lease::acquire(&app.db, first).await.unwrap(),
            Some(stale),
            "asking again keeps the term"
        );
        sqlx::query("update leases set expires_at = clock_timestamp() - interval '1 second'")
            .execute(&app.db)
            .await
            .unwrap();
        let taken = lease::acquire(&app.db, second).await.unwrap().unwrap();
        assert_eq!(taken.term, stale.term + 1);
        assert!(!lease::renew(&app.db, stale).await.unwrap());

        let person = build::person(&app, "张伟", "13800002046", "浙A7K2M9").await;
        build::visit(&app, &person, "R1")
            .handed_over("2026-11-23T02:00:00Z")
            .insert()
            .await;
        assert!(
            !scheduler::run_due(&app.db, &app.state.clock, stale)
                .await
                .unwrap()
        );
        assert_eq!(
            app.count("select count(*) from obligations").await
                + app.count("select count(*) from job_runs").await,
            0
        );
        assert!(
            scheduler::run_due(&app.db, &app.state.clock, taken)
                .await
                .unwrap()
        );
        assert_eq!(
            app.count("select count(*) from obligations where kind = 'post_service'")
                .await,
            1
        );

        lease::resign(&app.db, taken).await.unwrap();
        assert!(
            lease::acquire(&app.db, first).await.unwrap().is_some(),
            "a lease given back is free at once"
        );
    });
}

#[test]
fn a_failure_is_a_row_with_its_error_and_is_tried_again() {
    with_app(async |app| {
        sqlx::raw_sql("alter table obligations add constraint nothing_goes check (id < 0)")
            .execute(&app.db)
            .await
            .unwrap();
        let person = build::person(&app, "张伟", "13800002046", "浙A7K2M9").await;
        build::visit(&app, &person, "R1")
            .handed_over("2026-11-23T02:00:00Z")
            .insert()
            .await;
        let lease = lead(&app).await;
        let failed = "select count(*) from job_runs where job = 'generate-obligations' and status = 'failed' and error like '%nothing_goes%'";
        let tries = "select sum(tries)::bigint from job_runs where job = 'generate-obligations' and status = 'failed'";
        scheduler::run_due(&app.db, &app.state.clock, lease)
            .await
            .unwrap();
        assert_eq!(app.count(failed).await, 1);
        scheduler::run_due(&app.db, &app.state.clock, lease)
            .await
            .unwrap();
        assert_eq!(app.count(tries).await, 1, "it pauses first");
        app.advance(Duration::from_secs(60));
        scheduler::run_due(&app.db, &app.state.clock, lease)
            .await
            .unwrap();
        assert_eq!(app.count(tries).await, 2);
        sqlx::raw_sql("alter table obligations drop constraint nothing_goes")
            .execute(&app.db)
            .await
            .unwrap();
        app.advance(Duration::from_secs(120));
        scheduler::run_due(&app.db, &app.state.clock, lease)
            .await
            .unwrap();
        let mended = "select tries::bigint from job_runs where job = 'generate-obligations' and status = 'done' and error is null and counts ? 'post_service'";
        assert_eq!(app.count(mended).await, 3);
    });
}

#[test]
fn a_person_may_run_a_done_day_again() {
    with_app(async |app| {
        let task = Task {
            job: JobName::GenerateObligations,
            store: Some(app.store),
            day: day("2026-11-24"),
        };
        for tries in 1..=2 {
            let outcome = runner::run(&app.db, &app.state.clock, task, Trigger::Person)
                .await
                .unwrap();
            assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
            assert_eq!(app.count("select sum(tries)::bigint from job_runs").await, tries);
        }
        let lease = lead(&app).await;
        let outcome = runner::run(&app.db, &app.state.clock, task, Trigger::Leader(lease))
            .await
            .unwrap();
        assert_eq!(outcome, Outcome::AlreadyDone);
        let wrong = Task { store: None, ..task };
        let outcome = runner::run(&app.db, &app.state.clock, wrong, Trigger::Person)
            .await
            .unwrap();
        assert!(matches!(outcome, Outcome::Failed(_)));
    });
}

#[test]
fn calls_whose_lease_ran_out_go_back_to_the_queue() {
    with_app(async |app| {
        let person = build::person(&app, "张伟", "13800002046", "浙A7K2M9").await;
        let visit = build::visit(&app, &person, "R1").insert().await;
        build::callback(&app, &person, visit, "2026-11-27T12:00:00Z").await;
        sqlx::query("update callbacks set status = 'claimed', claimed_by = $1, claimed_at = $2, lease_until = $2, lease_token = gen_random_uuid()")
            .bind(app.user("specialist").await)
            .bind(app.now())
            .execute(&app.db)
            .await
            .unwrap();
        let task = Task {
            job: JobName::ReleaseExpiredLeases,
            store: None,
            day: day("2026-11-24"),
        };
        let released = async || {
            let outcome = runner::run(&app.db, &app.state.clock, task, Trigger::Person)
                .await
                .unwrap();
            let Outcome::Done(counts) = &outcome else {
                panic!("{outcome:?}")
            };
            counts["released"].as_i64()
        };
        assert_eq!(
            released().await,
            Some(0),
            "at its last instant a lease still holds"
        );
        app.advance(Duration::from_secs(1));
        assert_eq!(released().await, Some(1));
        assert_eq!(
            app.count("select count(*) from callbacks where status = 'open' and claimed_by is null")
                .await,
            1
        );
    });
}

#[test]
fn what_has_ended_is_cleaned_up() {
    with_app(async |app| {
        let _browser = app.sign_in(Role::Admin).await;
        let task = Task {
            job: JobName::CleanUp,
            store: None,
            day: day("2026-11-24"),
        };
        runner::run(&app.db, &app.state.clock, task, Trigger::Person)
            .await
            .unwrap();
        assert_eq!(
            app.count("select count(*) from sessions").await,
            1,
            "a session in use stays"
        );
        app.advance(Duration::from_secs(13 * 3600));
        runner::run(&app.db, &app.state.clock, task, Trigger::Person)
            .await
            .unwrap();
        assert_eq!(app.count("select count(*) from sessions").await, 0);
    });
}

#[test]
fn the_page_shows_where_jobs_stand_and_runs_one_now() {
    with_app(async |app| {
        let person = build::person(&app, "张伟", "13800002046", "浙A7K2M9").await;
        build::visit(&app, &person, "R1")
            .handed_over("2026-11-23T02:00:00Z")
            .insert()
            .await;
        let mut admin = app.sign_in(Role::Admin).await;
        let page = admin.get("/jobs").await;
        assert_eq!(
            (page.status, page.count("tr[data-job]")),
            (200, 5),
            "the jobs of the own store"
        );
        assert!(page.text(".page-head__meta").contains("没有运行"));
        assert_eq!(page.text(".empty b"), "还没有运行记录");

        let store = app.store.to_string();
        let ran = admin
            .post("/jobs/generate-obligations/run", &[("store_id", &store)])
            .await;
        assert_eq!((ran.status, ran.location()), (303, "/jobs"));
        let page = admin.get("/jobs").await;
        assert_eq!(
            page.text(".flash--page"),
            "生成应办事项：新回访 1，信息核实 1，售后回访 1"
        );
        assert_eq!(page.text("tr[data-job=generate-obligations] .badge"), "完成");
        assert_eq!(app.count("select count(*) from callbacks").await, 1);
        assert_eq!(
            app.count("select count(*) from audit where action = 'jobs.run'")
                .await,
            1
        );

        let other = app.other_store.to_string();
        for (path, store) in [
            ("/jobs/generate-obligations/run", other.as_str()),
            ("/jobs/clean-up/run", ""),
            ("/jobs/generate-obligations/run", ""),
            ("/jobs/no-such-job/run", store.as_str()),
        ] {
            assert_eq!(
                admin.post(path, &[("store_id", store)]).await.status,
                404,
                "{path} {store}"
            );
        }
        let mut manager = app.sign_in(Role::Manager).await;
        assert_eq!(manager.get("/jobs").await.status, 403);
        assert_eq!(manager.post("/jobs/clean-up/run", &[]).await.status, 403);
    });
}

#[test]
fn a_group_wide_admin_sees_all_stores_and_what_failed() {
    with_app(async |app| {
        app.add_user("root", Role::Admin, None).await;
        let mut root = app.sign_in_as("root").await;
        sqlx::raw_sql("alter table store_days add constraint nothing_goes check (open_day_no < 0) not valid; delete from store_days")
            .execute(&app.db)
            .await
            .unwrap();
        let store = app.other_store.to_string();
        root.post("/jobs/extend-calendars/run", &[("store_id", &store)])
            .await;
        let page = root.get("/jobs").await;
        assert_eq!(page.count("tr[data-job]"), 2 * 5 + 5);
        assert_eq!(page.text(".flash--page"), "延长营业日历失败，原因见下");
        assert!(page.html().contains("nothing_goes") && page.html().contains("高新店"));
        let cleaned = root.post("/jobs/clean-up/run", &[]).await;
        assert_eq!(cleaned.status, 303);
        assert_eq!(
            app.count("select count(*) from job_runs where store_id = 0 and status = 'done'")
                .await,
            1
        );
    });
}

/// Everything that the nightly jobs write, without ids and instants of writing: equal however the days were run.
async fn work_of_the_nights(app: &TestApp) -> Vec<String> {
    sqlx::query_scalar(
        "select concat_ws(' ', 'obligation', o.store_id, o.kind, o.subject_id, o.cycle_key, o.cohort_on, o.not_before, o.strict_due_at,
                          o.due_at, o.channel, o.status, o.ended_reason, b.customer_id, r.send_on) as row
         from obligations o
         left join callbacks b on b.store_id = o.store_id and b.id = o.callback_id
         left join reminders r on r.store_id = o.store_id and r.id = o.reminder_id
         union all
         select concat_ws(' ', 'callback', store_id, customer_id, status, due_at, next_at, kinds, excluded_ids, open_count) from callbacks
         union all
         select concat_ws(' ', 'reminder', store_id, customer_id, send_on, status, due_at, kinds, open_count) from reminders
         order by 1",
    )
    .fetch_all(&app.db)
    .await
    .unwrap()
}

/// People, cars, visits and policies that owe something of every kind between Thursday 26 November and Tuesday 1 December.
async fn work_of_every_kind(app: &TestApp) {
    for n in 0..12 {
        let (phone, plate) = (format!("138000010{n:02}"), format!("浙A9K{n:02}X"));
        let person = build::person(app, &format!("客户{n}"), &phone, &plate).await;
        let day = 24 + n % 6;
        build::visit(app, &person, &format!("R{n}"))
            .kind("repair")
            .handed_over(&format!("2026-11-{day}T02:00:00Z"))
            .odometer(20_000 + n * 100)
            .insert()
            .await;
        if n % 4 == 2 {
            let served = format!("2026-06-0{}T02:00:00Z", 1 + n % 6);
            build::visit(app, &person, &format!("M{n}"))
                .handed_over(&served)
                .insert()
                .await;
        }
    }
    for sql in [
        "update stores set starts_on = '2026-10-01'",
        "update vehicles set warranty_ends_on = date '2027-02-20' + id::int where id % 4 = 0",
        "update vehicles set delivered_on = date '2026-08-24' + id::int % 7 where id % 4 = 1",
        "insert into policies (store_id, policy_no, vehicle_id, kind, ends_on, created_at)
         select store_id, 'P' || id, id, 'commercial', date '2026-12-24' + id::int, '2026-11-20' from vehicles where id % 4 = 3",
    ] {
        sqlx::query(sql).execute(&app.db).await.unwrap();
    }
}

/// The work of the nights when the scheduler looks at these instants only.
fn nights_at(instants: &'static [&'static str]) -> Vec<String> {
    let result = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let out = result.clone();
    with_app(async move |app| {
        work_of_every_kind(&app).await;
        let lease = lead(&app).await;
        for instant in instants {
            app.set_now(instant);
            assert!(
                scheduler::run_due(&app.db, &app.state.clock, lease)
                    .await
                    .unwrap()
            );
        }
        assert_eq!(
            app.count("select count(*) from job_runs where status <> 'done'")
                .await,
            0
        );
        *out.lock().unwrap() = work_of_the_nights(&app).await;
    });
    let rows = result.lock().unwrap();
    rows.clone()
}

/// 05:15 in Shanghai of every day from Thursday to Tuesday: after the nightly jobs' times.
const EVERY_NIGHT: &[&str] = &[
    "2026-11-25T21:15:00Z",
    "2026-11-26T21:15:00Z",
    "2026-11-27T21:15:00Z",
    "2026-11-28T21:15:00Z",
    "2026-11-29T21:15:00Z",
    "2026-11-30T21:15:00Z",
];

/// The same, with nobody there for three of them.
const STOPPED: &[&str] = &[EVERY_NIGHT[0], EVERY_NIGHT[1], EVERY_NIGHT[EVERY_NIGHT.len() - 1]];

#[test]
fn three_days_of_outage_leave_the_work_of_a_run_that_never_stopped() {
    let never_stopped = nights_at(EVERY_NIGHT);
    let stopped = nights_at(STOPPED);
    for kind in [
        "post_service",
        "warranty_expiry",
        "first_maintenance",
        "periodic_maintenance",
        "renewal",
        "renewal_contact",
        "profile_review",
    ] {
        let is_of = |row: &&String| row.starts_with("obligation") && row.contains(&format!(" {kind} "));
        assert!(
            never_stopped.iter().any(|row| is_of(&row)),
            "nothing of {kind} in the test"
        );
    }
    assert!(never_stopped.iter().any(|row| row.starts_with("callback")));
    assert!(never_stopped.iter().any(|row| row.starts_with("reminder")));
    assert_eq!(stopped, never_stopped);
}

#[test]
fn a_clock_that_is_wrong_for_a_while_makes_nothing_twice() {
    let right = nights_at(&EVERY_NIGHT[..4]);
    // Two hours back after the second night, a day ahead after the third, and right again.
    let wrong = nights_at(&[
        "2026-11-25T21:15:00Z",
        "2026-11-26T21:15:00Z",
        "2026-11-26T19:15:00Z",
        "2026-11-27T21:15:00Z",
        "2026-11-28T21:15:00Z",
        "2026-11-27T21:20:00Z",
        "2026-11-27T21:15:00Z",
        "2026-11-28T21:15:00Z",
    ]);
    assert_eq!(wrong, right);
}

#[test]
fn a_time_that_a_clock_change_skips_or_repeats_comes_once() {
    use care_desk::calendar::TimeOfDay;
    use chrono_tz::America::New_York;
    use chrono_tz::Asia::Shanghai;
    use chrono_tz::Australia::Lord_Howe;
    // Just before its instant the day is the one before, from then on it is this one and stays it.
    for (zone, date, time, instant) in [
        (New_York, "2027-03-14", (2, 30), "2027-03-14T07:30:00Z"),
        (New_York, "2027-03-14", (1, 30), "2027-03-14T06:30:00Z"),
        (New_York, "2026-11-01", (1, 30), "2026-11-01T05:30:00Z"),
        (New_York, "2026-11-01", (2, 30), "2026-11-01T07:30:00Z"),
        (Lord_Howe, "2026-10-04", (2, 15), "2026-10-03T15:45:00Z"),
        (Lord_Howe, "2027-04-04", (1, 45), "2027-04-03T14:45:00Z"),
        (Shanghai, "1986-05-04", (2, 30), "1986-05-03T18:30:00Z"),
        (Shanghai, "1986-09-14", (1, 30), "1986-09-13T16:30:00Z"),
        (Shanghai, "1991-09-15", (5, 0), "1991-09-14T21:00:00Z"),
        (Shanghai, "2028-02-29", (5, 0), "2028-02-28T21:00:00Z"),
    ] {
        let (time, date, instant) = (TimeOfDay::hm(time.0, time.1), day(date), at(instant));
        let second = TimeDelta::seconds(1);
        assert_eq!(
            scheduler::latest_day(zone, time, instant - second),
            date.pred_opt().unwrap(),
            "{zone} {date}"
        );
        for hours in [0, 1, 2, 12] {
            let later = instant + TimeDelta::hours(hours);
            assert_eq!(
                scheduler::latest_day(zone, time, later),
                date,
                "{zone} {date} +{hours} h"
            );
        }
    }
}

#[test]
fn of_many_processes_that_ask_at_once_one_leads() {
    with_app(async |app| {
        let asking = (0..8).map(|_| {
            let db = app.db.clone();
            tokio::spawn(async move { lease::acquire(&db, Uuid::new_v4()).await.unwrap() })
        });
        let mut leases = Vec::new();
        for asked in asking.collect::<Vec<_>>() {
            leases.extend(asked.await.unwrap());
        }
        assert_eq!(leases.len(), 1);
        assert!(lease::fence(&app.db, leases[0]).await.unwrap());
    });
}

/// Until the statement finds so many; each look is a round trip, so nothing spins.
async fn until(app: &TestApp, sql: &'static str, wanted: i64) {
    let look = async {
        while app.count(sql).await < wanted {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), look).await.unwrap();
}

#[test]
fn two_schedulers_share_the_work_and_one_goes_on_alone() {
    with_app(async |app| {
        let stops = [CancellationToken::new(), CancellationToken::new()];
        let schedulers = stops.clone().map(|stop| {
            let (db, clock) = (app.db.clone(), app.state.clock.clone());
            tokio::spawn(scheduler::run(db, clock, stop))
        });
        let [first, second] = schedulers;
        // Two stores with four daily jobs each; four jobs run once for all.
        let a_day = 12;
        const DONE: &str = "select count(*) from job_runs where status = 'done'";
        until(&app, DONE, a_day).await;
        assert_eq!(
            app.count("select sum(tries)::bigint from job_runs").await,
            a_day,
            "each once"
        );
        assert_eq!(app.count("select max(term) from leases").await, 1, "one has led");
        stops[0].cancel();
        first.await.unwrap();
        app.advance(Duration::from_secs(24 * 3600));
        until(&app, DONE, 2 * a_day).await;
        assert_eq!(
            app.count("select count(*) from job_runs where tries > 1").await,
            0
        );
        stops[1].cancel();
        second.await.unwrap();
        assert!(!lease::has_leader(&app.db).await.unwrap(), "given back at once");
    });
}
