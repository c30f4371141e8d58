//! The analysis of complaints: what counts, and that every figure opens exactly the cases it counts.

use care_desk::auth::permission::Role;
use care_desk::complaints::analysis::model::{CaseQuery, Dimension, Figure, Span};
use care_desk::complaints::analysis::queries::{self, Bounds, Slice, Totals};

use crate::support::app::{TestApp, with_app};
use crate::support::build::{self, Person};
use crate::support::client::Client;

/// A case with everything that figures look at. Instants are of the store's wall clock, `11-03 10:00`.
struct Case<'a> {
    person: &'a Person,
    at: &'a str,
    class: &'a str,
    severity: &'a str,
    state: &'a str,
    /// Hours from acceptance.
    dispatched: Option<i64>,
    replied: Option<i64>,
    ended: Option<i64>,
    verdict: Option<&'a str>,
    cycle: i32,
    /// What an obligation to close says, in hours; none: the table of severities.
    target: Option<i64>,
    minor: &'a str,
    channel: &'a str,
    visit: Option<i64>,
}

fn case<'a>(person: &'a Person, at: &'a str, class: &'a str) -> Case<'a> {
    Case {
        person,
        at,
        class,
        severity: "C",
        state: "accepted",
        dispatched: None,
        replied: None,
        ended: None,
        verdict: None,
        cycle: 1,
        target: None,
        minor: "",
        channel: "call",
        visit: None,
    }
}

impl<'a> Case<'a> {
    fn closed(mut self, hours: i64, verdict: Option<&'a str>) -> Case<'a> {
        self.state = "closed";
        self.dispatched = Some(1);
        self.ended = Some(hours);
        self.verdict = verdict;
        self
    }

    async fn insert(self, app: &TestApp) -> i64 {
        let number = app.count("select count(*) from complaints").await + 1;
        let id: i64 = sqlx::query_scalar(
            "insert into complaints (store_id, number, customer_id, vehicle_id, visit_id, channel, class_major, class_minor, severity, state,
                                     handler_id, words, cause, result, responsibility, agreed_at, verdict, cycle, accepted_at, dispatched_at,
                                     ended_at, ended_reason, created_at, updated_at)
             select $1, 'CP-' || $2, $3, $4, $5, $6, $7, $8, $9, $10, case when $11::bigint is not null then $12::bigint end, '说好的时间没交车',
                    x.text, x.text, case when x.text is not null then 'partial' end, t.at, $13, $14, t.at, t.at + $11 * interval '1 hour',
                    t.at + $15 * interval '1 hour', '', t.at, t.at
             from (select ('2026-' || $16)::timestamp at time zone 'Asia/Shanghai' as at) t,
                  (select case when $10 = 'closed' then '已说明' end as text) x
             returning id",
        )
        .bind(app.store)
        .bind(number.to_string())
        .bind(self.person.customer)
        .bind(self.person.vehicle)
        .bind(self.visit)
        .bind(self.channel)
        .bind(self.class)
        .bind(self.minor)
        .bind(self.severity)
        .bind(self.state)
        .bind(self.dispatched)
        .bind(app.user("handler").await)
        .bind(self.verdict)
        .bind(self.cycle)
        .bind(self.ended)
        .bind(self.at)
        .fetch_one(&app.db)
        .await
        .unwrap();
        if let Some(hours) = self.replied {
            sqlx::query(
                "insert into complaint_events (store_id, complaint_id, kind, at)
                 select store_id, id, 'contact', accepted_at + $2 * interval '1 hour' from complaints where id = $1",
            )
            .bind(id)
            .bind(hours)
            .execute(&app.db)
            .await
            .unwrap();
        }
        if let Some(hours) = self.target {
            sqlx::query(
                "insert into obligations (store_id, kind, cycle_key, complaint_id, customer_id, cohort_on, not_before, strict_due_at, due_at,
                                          callable_due_at, rule_version, channel, created_at)
                 select store_id, 'complaint_close', '1', id, customer_id, accepted_at::date, accepted_at, d.at, d.at, d.at, 1, 'none', accepted_at
                 from complaints, lateral (select accepted_at + $2 * interval '1 hour' as at) d where id = $1",
            )
            .bind(id)
            .bind(hours)
            .execute(&app.db)
            .await
            .unwrap();
        }
        id
    }
}

/// November and October of a store on Tuesday 24 November, 10:00.
async fn season(app: &TestApp) {
    let people = [
        build::person(app, "张伟", "13800138001", "浙A0001X").await,
        build::person(app, "李娜", "13800138002", "浙A0002X").await,
        build::person(app, "王强", "13800138003", "浙A0003X").await,
    ];
    let visit = build::visit(app, &people[0], "RO-1")
        .advisor(app.user("specialist").await)
        .insert()
        .await;
    sqlx::query("update vehicles set model = case when id % 2 = 0 then '旅行车' else '' end")
        .execute(&app.db)
        .await
        .unwrap();
    let [zhang, li, wang] = &people;
    // October: one closed in time, one that is still open.
    case(zhang, "10-05 10:00", "repair")
        .closed(20, Some("satisfied"))
        .insert(app)
        .await;
    case(li, "10-20 10:00", "price").insert(app).await;
    // November: a repetition of the same class within 90 days, closed late after having been reopened.
    Case {
        cycle: 2,
        visit: Some(visit.get()),
        minor: "waiting",
        replied: Some(3),
        ..case(zhang, "11-02 10:00", "repair")
    }
    .closed(100, Some("acceptable"))
    .insert(app)
    .await;
    // The same car and person, another class.
    Case {
        severity: "B",
        channel: "regulator",
        replied: Some(1),
        ..case(zhang, "11-03 09:00", "attitude")
    }
    .closed(30, Some("satisfied"))
    .insert(app)
    .await;
    // Withdrawn: a complaint, but nothing is owed. Invalid and merged: none at all.
    Case {
        state: "withdrawn",
        ended: Some(5),
        ..case(wang, "11-04 09:00", "sales")
    }
    .insert(app)
    .await;
    Case {
        state: "invalid",
        ended: Some(5),
        ..case(wang, "11-05 09:00", "sales")
    }
    .insert(app)
    .await;
    // Closed against the verdict of nobody: no second callback.
    case(li, "11-06 09:00", "efficiency")
        .closed(10, None)
        .insert(app)
        .await;
    // Target has passed, still open; the ledger's own target decides, not the table.
    Case {
        target: Some(24),
        dispatched: Some(2),
        ..case(wang, "11-10 09:00", "product")
    }
    .insert(app)
    .await;
    // Target lies ahead.
    Case {
        target: Some(400),
        ..case(wang, "11-20 09:00", "product")
    }
    .insert(app)
    .await;
    // Its target falls into December.
    case(wang, "11-29 09:00", "parts").insert(app).await;
}

fn november() -> Span {
    Span {
        from: "2026-11-01".parse().unwrap(),
        to: "2026-11-30".parse().unwrap(),
    }
}

fn bounds(app: &TestApp) -> Bounds {
    let zone = chrono_tz::Asia::Shanghai;
    let (from, to) = november().instants(zone);
    Bounds {
        before: "2026-09-30T16:00:00Z".parse().unwrap(),
        from,
        to,
        now: app.now(),
    }
}

#[test]
fn figures_count_what_their_words_say() {
    with_app(async |app| {
        season(&app).await;
        let totals = queries::totals(&app.db, app.scope(), bounds(&app)).await.unwrap();
        let [now, then] = totals.as_slice() else {
            panic!("two periods: {totals:?}")
        };
        let counts = |t: &Totals| {
            [
                t.accepted,
                t.repeated,
                t.repeated_in_class,
                t.dispatched,
                t.replied,
                t.ended,
            ]
        };
        // Zhang's two and Wang's three after the first one repeat, and so does Li's; of the same class are one of Zhang and one of Wang.
        assert_eq!(counts(now), [7, 6, 2, 4, 2, 3]);
        assert_eq!(counts(then), [2, 0, 0, 1, 0, 1]);
        // Owed: Zhang's two, Li's, Wang's of the 10th; the withdrawn, the one ahead and the one of December are not.
        assert_eq!([now.owed, now.confirmed, now.timely], [4, 2, 2]);
        assert_eq!([then.owed, then.confirmed, then.timely], [2, 1, 1]);
        assert_eq!([now.closed, now.once, now.satisfied], [3, 2, 1]);
        assert_eq!(now.to_reply, Some(2.0 * 3600.0));
        assert_eq!(
            now.to_close,
            Some(30.0 * 3600.0),
            "the median of 10, 30 and 100 hours"
        );
        assert_eq!(now.to_dispatch, Some(3600.0));
    });
}

/// How many cases the list behind a query says it has, on all its pages.
async fn rows_behind(browser: &mut Client, href: &str) -> usize {
    let mut rows = 0;
    for page in 1..20 {
        let answer = browser.get(&format!("{href}&page={page}")).await;
        assert_eq!(answer.status, 200, "{href}");
        let found = answer.count("tr[data-case]");
        rows += found;
        if answer.count("a[rel=next]") == 0 {
            break;
        }
    }
    rows
}

#[test]
fn every_figure_of_the_page_opens_its_cases() {
    with_app(async |app| {
        season(&app).await;
        let mut browser = app.sign_in(Role::Manager).await;
        let page = browser.get("/complaints/analysis").await;
        assert_eq!(page.status, 200);
        let mut links = page.links(".slices td a");
        links.extend(page.links("details td a"));
        assert!(links.len() > 40, "{}", links.len());
        links.sort();
        links.dedup();
        for (href, text) in links {
            let count: usize = text.parse().unwrap();
            assert_eq!(rows_behind(&mut browser, &href).await, count, "{href}");
        }
        // Tiles: the number itself, or what the rate is of.
        let tiles = page.links("a.tile");
        let values = page.texts("a.tile .tile__value");
        let bases = page.texts("a.tile .tile__foot span:first-child");
        assert_eq!(tiles.len(), 8);
        assert_eq!(
            values,
            ["7", "7000.0", "6", "2", "50%", "50%", "66.7%", "33.3%"],
            "{bases:?}"
        );
        for (i, (href, _)) in tiles.iter().enumerate() {
            let expected = match i {
                0 | 1 => 7,
                2 => 6,
                3 => 2,
                _ => bases[i]
                    .split(['/', ' '])
                    .filter(|piece| !piece.is_empty())
                    .nth(1)
                    .unwrap()
                    .parse()
                    .unwrap(),
            };
            assert_eq!(rows_behind(&mut browser, href).await, expected, "{href}");
        }
    });
}

#[test]
fn each_figure_and_each_slice_agree_with_their_lists() {
    with_app(async |app| {
        season(&app).await;
        let bounds = bounds(&app);
        let totals = queries::totals(&app.db, app.scope(), bounds).await.unwrap();
        let now = totals[0];
        for figure in Figure::ALL {
            let counted = match figure {
                Figure::Accepted => now.accepted,
                Figure::Repeated => now.repeated,
                Figure::RepeatedInClass => now.repeated_in_class,
                Figure::Dispatched => now.dispatched,
                Figure::Replied => now.replied,
                Figure::Ended => now.ended,
                Figure::Owed => now.owed,
                Figure::Confirmed => now.confirmed,
                Figure::Timely => now.timely,
                Figure::Closed => now.closed,
                Figure::Once => now.once,
                Figure::Satisfied => now.satisfied,
            };
            let query = CaseQuery::of(*figure, november());
            let wanted = queries::Wanted {
                figure: *figure,
                bounds,
                query: &query,
            };
            assert_eq!(
                queries::count_cases(&app.db, app.scope(), wanted).await.unwrap(),
                counted,
                "{figure}"
            );
        }
        let slices = queries::slices(&app.db, app.scope(), bounds).await.unwrap();
        for dimension in Dimension::ALL {
            let of = |count: fn(&Slice) -> i64| -> i64 {
                slices
                    .iter()
                    .filter(|slice| slice.dimension == *dimension)
                    .map(count)
                    .sum()
            };
            assert_eq!(
                (of(|s| s.count), of(|s| s.before), of(|s| s.repeated)),
                (7, 2, 6),
                "{dimension}"
            );
        }
        let advisor = slices
            .iter()
            .find(|s| s.dimension == Dimension::Advisor && s.value != "none")
            .unwrap();
        assert_eq!((advisor.name.as_deref(), advisor.count), (Some("specialist"), 1));
    });
}

#[test]
fn a_period_without_cases_has_no_rates() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Manager).await;
        let page = browser.get("/complaints/analysis?period=last_quarter").await;
        assert_eq!(page.count(".empty"), 1);
        assert_eq!(page.texts("a.tile .tile__value")[4..], ["—", "—", "—", "—"]);
        for nonsense in [
            "period=x",
            "from=2026-13-01&to=x",
            "period=own",
            "from=2026-11-30&to=2026-11-01",
        ] {
            let page = browser.get(&format!("/complaints/analysis?{nonsense}")).await;
            assert_eq!(page.status, 200, "{nonsense}");
        }
        assert_eq!(
            browser.get("/complaints/analysis/cases?figure=x").await.status,
            200
        );
    });
}

#[test]
fn the_analysis_is_of_ones_own_store_and_not_for_everybody() {
    with_app(async |app| {
        season(&app).await;
        app.add_user("elsewhere", Role::Manager, Some(app.other_store))
            .await;
        let mut other = app.sign_in_as("elsewhere").await;
        let page = other.get("/complaints/analysis").await;
        assert_eq!(page.text("a.tile .tile__value"), "0");
        let all = "/complaints/analysis/cases?figure=accepted&from=2026-01-01&to=2026-12-31";
        assert_eq!(other.get(all).await.count("tr[data-case]"), 0);
        for role in [Role::Specialist, Role::Receptionist, Role::Clerk, Role::Handler] {
            let mut browser = app.sign_in(role).await;
            assert_eq!(browser.get("/complaints/analysis").await.status, 403, "{role}");
            assert_eq!(browser.get(all).await.status, 403, "{role}");
        }
    });
}
