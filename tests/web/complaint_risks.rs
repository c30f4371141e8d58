//! Risks: what makes one, that a finding is there once, who takes it, what becomes of it.

use care_desk::auth::permission::Role;
use care_desk::complaints::risks::jobs;
use care_desk::complaints::risks::queries::Found;
use sqlx::AssertSqlSafe;

use crate::support::app::{TestApp, with_app};
use crate::support::build::{self, Person};

async fn find(app: &TestApp) -> Found {
    let today = app.now().with_timezone(&chrono_tz::Asia::Shanghai).date_naive();
    let mut tx = app.db.begin().await.unwrap();
    let found = jobs::find(&mut tx, app.scope(), today, app.now()).await.unwrap();
    tx.commit().await.unwrap();
    found
}

/// A visit whose instants are days before now; `None`: not yet.
struct Visit<'a> {
    kind: &'a str,
    arrived: f64,
    settled: Option<f64>,
    handed_over: Option<f64>,
    waiting: Option<f64>,
    symptom: &'a str,
    rework_of: Option<i64>,
}

const REPAIR: Visit<'static> = Visit {
    kind: "repair",
    arrived: 1.0,
    settled: None,
    handed_over: None,
    waiting: None,
    symptom: "",
    rework_of: None,
};

impl Visit<'_> {
    async fn insert(self, app: &TestApp, person: &Person) -> i64 {
        let number = app.count("select count(*) from visits").await + 1;
        sqlx::query_scalar(
            "insert into visits (store_id, ro_number, vehicle_id, customer_id, type, state, arrived_at, settled_at, handed_over_at, handed_over_on,
                                 waiting_since, symptom, rework_of_id, odometer_km, created_at, updated_at)
             select $1, 'RO-' || $2, $3, $4, $5, case when $8::float8 is null then 'open' else 'closed' end, t.now - $6 * interval '1 day',
                    t.now - $7 * interval '1 day', t.now - $8 * interval '1 day', (t.now - $8 * interval '1 day')::date,
                    t.now - $9 * interval '1 day', $10, $11, 8000, t.now, t.now
             from (select $12::timestamptz as now) t returning id",
        )
        .bind(app.store)
        .bind(number.to_string())
        .bind(person.vehicle)
        .bind(person.customer)
        .bind(self.kind)
        .bind(self.arrived)
        .bind(self.settled)
        .bind(self.handed_over)
        .bind(self.waiting)
        .bind(self.symptom)
        .bind(self.rework_of)
        .bind(app.now())
        .fetch_one(&app.db)
        .await
        .unwrap()
    }
}

async fn person(app: &TestApp, number: usize) -> Person {
    build::person(
        app,
        &format!("客户{number}"),
        &format!("1380013{number:04}"),
        &format!("浙A{number:05}"),
    )
    .await
}

async fn texts(app: &TestApp, sql: &str) -> Vec<String> {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
        .fetch_all(&app.db)
        .await
        .unwrap()
}

const RISKS: &str =
    "select concat_ws('|', kind, count, rank, state, case when gone_at is null then 'there' else 'gone' end)
                     from risks where kind <> 'warranty' order by rank, kind, count";

#[test]
fn each_rule_finds_what_it_says_and_nothing_before() {
    with_app(async |app| {
        for (i, (visit, expected)) in [
            // Five days and a minute are the sixth; five days are not.
            (
                Visit {
                    arrived: 5.001,
                    ..REPAIR
                },
                "long_repair|6|1",
            ),
            (
                Visit {
                    arrived: 5.0,
                    ..REPAIR
                },
                "",
            ),
            (
                Visit {
                    arrived: 8.5,
                    settled: Some(4.0),
                    ..REPAIR
                },
                "not_handed_over|4|4",
            ),
            (
                Visit {
                    arrived: 8.5,
                    settled: Some(2.9),
                    ..REPAIR
                },
                "",
            ),
            (
                Visit {
                    arrived: 3.0,
                    waiting: Some(2.5),
                    ..REPAIR
                },
                "parts_wait|3|3",
            ),
            (
                Visit {
                    arrived: 3.0,
                    waiting: Some(1.9),
                    ..REPAIR
                },
                "",
            ),
            // A new car that waits for its customer is in no repair.
            (
                Visit {
                    kind: "pdi",
                    arrived: 20.0,
                    ..REPAIR
                },
                "",
            ),
            (
                Visit {
                    kind: "rework",
                    arrived: 10.0,
                    settled: Some(9.9),
                    handed_over: Some(9.9),
                    ..REPAIR
                },
                "rework|0|3",
            ),
            (
                Visit {
                    kind: "rework",
                    arrived: 31.0,
                    settled: Some(30.0),
                    handed_over: Some(30.0),
                    ..REPAIR
                },
                "",
            ),
        ]
        .into_iter()
        .enumerate()
        {
            let person = person(&app, i).await;
            visit.insert(&app, &person).await;
            find(&app).await;
            let found = texts(
                &app,
                &format!(
                    "select concat_ws('|', kind, count, rank) from risks where customer_id = {}",
                    person.customer
                ),
            )
            .await;
            assert_eq!(found.join(","), expected, "case {i}");
        }
    });
}

#[test]
fn the_third_visit_for_the_same_fault_within_a_year_is_one_risk_not_two() {
    with_app(async |app| {
        let one = person(&app, 1).await;
        let handed = |arrived: f64| Visit {
            arrived,
            settled: Some(arrived - 0.2),
            handed_over: Some(arrived - 0.2),
            symptom: "低速换挡顿挫",
            ..REPAIR
        };
        handed(300.0).insert(&app, &one).await;
        let second = handed(20.0).insert(&app, &one).await;
        assert_eq!(find(&app).await.risks, 0, "twice is not three times");
        Visit {
            rework_of: Some(second),
            ..handed(2.0)
        }
        .insert(&app, &one)
        .await;
        assert_eq!(find(&app).await, Found { risks: 1, gone: 0 });
        assert_eq!(texts(&app, RISKS).await, ["same_fault|3|2|open|there"]);
        // Another car with the same fault, the first time more than a year ago.
        let other = person(&app, 2).await;
        for arrived in [400.0, 20.0, 2.0] {
            handed(arrived).insert(&app, &other).await;
        }
        assert_eq!(find(&app).await.risks, 1);
    });
}

#[test]
fn a_finding_is_there_once_and_goes_away_by_itself() {
    with_app(async |app| {
        let person = person(&app, 1).await;
        let visit = Visit {
            arrived: 6.5,
            ..REPAIR
        }
        .insert(&app, &person)
        .await;
        assert_eq!(find(&app).await, Found { risks: 1, gone: 0 });
        assert_eq!(find(&app).await, Found { risks: 1, gone: 0 });
        assert_eq!(texts(&app, RISKS).await, ["long_repair|7|1|open|there"]);
        let mut browser = app.sign_in(Role::Specialist).await;
        assert_eq!(browser.get("/complaints/risks").await.count("tr[data-risk]"), 1);
        // The day goes on: the same risk, a day older.
        app.advance(std::time::Duration::from_secs(86_400));
        let mut browser = app.sign_in(Role::Specialist).await;
        find(&app).await;
        assert_eq!(texts(&app, RISKS).await, ["long_repair|8|1|open|there"]);
        // The car leaves at noon: it is gone from the list at once, and from the table next morning.
        sqlx::query("update visits set handed_over_at = $2, handed_over_on = $2::date, settled_at = $2, state = 'closed' where id = $1")
            .bind(visit)
            .bind(app.now())
            .execute(&app.db)
            .await
            .unwrap();
        let page = browser.get("/complaints/risks").await;
        assert_eq!((page.count("tr[data-risk]"), page.count(".empty")), (0, 1));
        assert_eq!(find(&app).await, Found { risks: 0, gone: 1 });
        assert_eq!(texts(&app, RISKS).await, ["long_repair|8|1|open|gone"]);
    });
}

#[test]
fn who_has_complained_is_a_case_and_no_risk() {
    with_app(async |app| {
        let person = person(&app, 1).await;
        Visit {
            arrived: 7.0,
            ..REPAIR
        }
        .insert(&app, &person)
        .await;
        assert_eq!(find(&app).await.risks, 1);
        sqlx::query(
            "insert into complaints (store_id, number, customer_id, vehicle_id, channel, class_major, severity, accepted_at, created_at, updated_at)
             values ($1, 'CP-1', $2, $3, 'call', 'efficiency', 'C', $4, $4, $4)",
        )
        .bind(app.store)
        .bind(person.customer)
        .bind(person.vehicle)
        .bind(app.now())
        .execute(&app.db)
        .await
        .unwrap();
        assert_eq!(find(&app).await, Found { risks: 0, gone: 1 });
    });
}

#[test]
fn counters_of_the_law_are_found_and_counted_anew_with_the_next_repair() {
    with_app(async |app| {
        let person = person(&app, 1).await;
        sqlx::query("update vehicles set delivered_on = $1::date - 200, usage = 'private'")
            .bind(app.now())
            .execute(&app.db)
            .await
            .unwrap();
        let warranty = |arrived: f64| Visit {
            kind: "warranty",
            arrived,
            settled: Some(arrived - 6.9),
            handed_over: Some(arrived - 6.9),
            symptom: "低速换挡顿挫",
            ..REPAIR
        };
        for arrived in [150.0, 120.0, 90.0] {
            warranty(arrived).insert(&app, &person).await;
        }
        find(&app).await;
        let counters = "select concat_ws('|', counter, count, rank, subject, state) from risks where kind = 'warranty' order by counter, count";
        assert!(
            texts(&app, counters).await.is_empty(),
            "21 days and three times are calm"
        );
        warranty(60.0).insert(&app, &person).await;
        find(&app).await;
        let found = texts(&app, counters).await;
        assert_eq!(
            found,
            ["repair_days|28|2||open", "same_fault|4|2|低速换挡顿挫|open"]
        );
        sqlx::query("update risks set state = 'handled', ended_at = $1, ended_by = (select min(id) from users) where kind = 'warranty'")
            .bind(app.now())
            .execute(&app.db)
            .await
            .unwrap();
        warranty(40.0).insert(&app, &person).await;
        find(&app).await;
        assert_eq!(
            texts(&app, counters).await,
            [
                "repair_days|28|2||handled",
                "repair_days|35|1||open",
                "same_fault|4|2|低速换挡顿挫|handled",
                "same_fault|5|1|低速换挡顿挫|open"
            ],
            "what was handled stays handled, the next count is a new risk"
        );
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = browser.get("/complaints/risks?kind=warranty").await;
        assert_eq!(page.count("tr[data-risk]"), 2);
        assert!(
            page.text("tbody").contains("同一故障修理次数"),
            "{}",
            page.text("tbody")
        );
        // A taxi is not protected.
        sqlx::query("update vehicles set usage = 'taxi'")
            .execute(&app.db)
            .await
            .unwrap();
        assert_eq!(find(&app).await.gone, 2);
    });
}

#[test]
fn a_missed_appointment_is_one_that_was_confirmed_and_nobody_came_to() {
    with_app(async |app| {
        for (i, (days, state, comes, expected)) in [
            (1, "confirmed", false, 1),
            (7, "confirmed", false, 1),
            (8, "confirmed", false, 0),
            (0, "confirmed", false, 0),
            (1, "requested", false, 0),
            (1, "confirmed", true, 0),
        ]
        .into_iter()
        .enumerate()
        {
            let person = person(&app, i).await;
            sqlx::query(
                "insert into appointments (store_id, customer_id, vehicle_id, state, wished_on, confirmed_at, answer_due_at, answered_at, created_at)
                 values ($1, $2, $3, $4, ($5::timestamptz at time zone 'Asia/Shanghai')::date - $6::int, $5, $5, $5, $5)",
            )
            .bind(app.store)
            .bind(person.customer)
            .bind(person.vehicle)
            .bind(state)
            .bind(app.now())
            .bind(days)
            .execute(&app.db)
            .await
            .unwrap();
            if comes {
                Visit {
                    arrived: 1.0,
                    settled: Some(0.9),
                    handed_over: Some(0.9),
                    ..REPAIR
                }
                .insert(&app, &person)
                .await;
            }
            find(&app).await;
            let found = texts(
                &app,
                &format!(
                    "select kind from risks where kind = 'missed' and customer_id = {}",
                    person.customer
                ),
            )
            .await;
            assert_eq!(found.len(), expected, "{days} {state} {comes}");
        }
    });
}

#[test]
fn one_takes_it_others_see_who_and_what_came_of_it() {
    with_app(async |app| {
        let person = person(&app, 1).await;
        Visit {
            arrived: 7.0,
            ..REPAIR
        }
        .insert(&app, &person)
        .await;
        find(&app).await;
        app.add_user("second", Role::Specialist, Some(app.store)).await;
        let (mut first, mut second) = (
            app.sign_in(Role::Specialist).await,
            app.sign_in_as("second").await,
        );
        let path = first
            .get("/complaints/risks")
            .await
            .attr("tbody .cell-main a", "href")
            .unwrap();
        let answer = first.post(&format!("{path}/take"), &[]).await;
        assert_eq!(first.follow(&answer).await.text(".flash--good"), "已由你处理");
        let answer = second.post(&format!("{path}/take"), &[]).await;
        assert!(second.follow(&answer).await.text(".flash--soon").contains("别人"));
        let answer = second.post(&format!("{path}/release"), &[]).await;
        second.follow(&answer).await;
        assert_eq!(
            texts(
                &app,
                "select username from risks r join users u on u.id = r.taken_by"
            )
            .await,
            ["specialist"]
        );
        assert!(
            second
                .get("/complaints/risks")
                .await
                .text("tbody")
                .contains("specialist")
        );
        assert_eq!(
            first
                .get("/complaints/risks?tab=mine")
                .await
                .count("tr[data-risk]"),
            1
        );
        assert_eq!(
            second
                .get("/complaints/risks?tab=mine")
                .await
                .count("tr[data-risk]"),
            0
        );

        // Without a word nothing is handled, and what was typed stays.
        let page = first.get(&path).await;
        let version = page.attr("input[name=version]", "value").unwrap();
        let settle = format!("{path}/settle");
        let fields = |outcome, note, until| {
            [
                ("version", version.as_str()),
                ("outcome", outcome),
                ("note", note),
                ("until", until),
            ]
        };
        let answer = first
            .post(&settle, &fields("snoozed", "周五再问", "2026-11-24"))
            .await;
        assert_eq!(answer.status, 422);
        assert!(answer.text("#until-error").contains("过去") || !answer.text("#until-error").is_empty());
        assert_eq!(answer.text("textarea"), "周五再问");
        let answer = first
            .post(&settle, &fields("snoozed", "周五再问", "2026-11-27"))
            .await;
        first.follow(&answer).await;
        assert_eq!(first.get("/complaints/risks").await.count("tr[data-risk]"), 0);
        assert_eq!(
            first
                .get("/complaints/risks?tab=snoozed")
                .await
                .count("tr[data-risk]"),
            1
        );
        // The form that was open meanwhile is refused, nothing is lost.
        assert_eq!(
            second
                .post(&settle, &fields("handled", "已处理", ""))
                .await
                .status,
            409
        );
        app.advance(std::time::Duration::from_secs(3 * 86_400));
        let (mut first, mut second) = (
            app.sign_in(Role::Specialist).await,
            app.sign_in_as("second").await,
        );
        assert_eq!(
            first.get("/complaints/risks").await.count("tr[data-risk]"),
            1,
            "it is Friday"
        );
        let version = first
            .get(&path)
            .await
            .attr("input[name=version]", "value")
            .unwrap();
        let answer = first
            .post(
                &settle,
                &[
                    ("version", &version),
                    ("outcome", "handled"),
                    ("note", "客户同意周六取车"),
                ],
            )
            .await;
        assert!(
            first
                .follow(&answer)
                .await
                .text(".flash--good")
                .contains("已联系并处理")
        );
        let page = second.get("/complaints/risks?tab=done").await;
        assert!(page.text("tbody").contains("已处理") && page.text("tbody").contains("specialist"));
        assert!(
            second
                .get(&path)
                .await
                .text(".timeline")
                .contains("客户同意周六取车")
        );
        assert_eq!(
            texts(&app, "select action from risk_actions order by id").await,
            ["taken", "snoozed", "handled"]
        );
        assert_eq!(
            texts(
                &app,
                "select change ->> 'action' from audit where action = 'complaints.risk' order by seq"
            )
            .await,
            ["taken", "snoozed", "handled"]
        );
        // The next morning finds it again; what a person has ended stays ended.
        find(&app).await;
        assert_eq!(texts(&app, "select state from risks").await, ["handled"]);
    });
}

#[test]
fn risks_are_seen_and_worked_by_who_may() {
    with_app(async |app| {
        let person = person(&app, 1).await;
        Visit {
            arrived: 7.0,
            ..REPAIR
        }
        .insert(&app, &person)
        .await;
        find(&app).await;
        let id = app.count("select id from risks").await;
        for (role, sees, works) in [
            (Role::Specialist, 200, 303),
            (Role::Receptionist, 200, 403),
            (Role::Handler, 403, 403),
            (Role::Group, 200, 403),
        ] {
            let mut browser = app.sign_in(role).await;
            assert_eq!(browser.get("/complaints/risks").await.status, sees, "{role}");
            assert_eq!(
                browser
                    .post(&format!("/complaints/risks/{id}/take"), &[])
                    .await
                    .status,
                works,
                "{role}"
            );
        }
        app.add_user("elsewhere", Role::Specialist, Some(app.other_store))
            .await;
        let mut other = app.sign_in_as("elsewhere").await;
        assert_eq!(other.get("/complaints/risks").await.count("tr[data-risk]"), 0);
        assert_eq!(other.get(&format!("/complaints/risks/{id}")).await.status, 404);
        assert_eq!(
            other
                .post(&format!("/complaints/risks/{id}/take"), &[])
                .await
                .status,
            404
        );
        // My day says how many there are.
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = browser.get("/").await;
        assert!(
            page.text("main").contains("1 项客户风险待处理"),
            "{}",
            page.text("main")
        );
    });
}
