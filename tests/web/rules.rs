//! Care rules: versions, what a change would make and then does make, and taking one back.

use care_desk::auth::permission::Role;
use care_desk::obligations::jobs;
use care_desk::obligations::service::Summary;
use chrono::{Days, NaiveDate};

use crate::support::app::{TestApp, with_app};
use crate::support::build::{self, Person};
use crate::support::client::Answer;

async fn execute(app: &TestApp, sql: &'static str) {
    sqlx::raw_sql(sql).execute(&app.db).await.unwrap();
}

async fn texts(app: &TestApp, sql: &'static str) -> Vec<String> {
    sqlx::query_scalar(sql).fetch_all(&app.db).await.unwrap()
}

/// Id of the latest version of a kind in the first store.
async fn rule(app: &TestApp, kind: &str) -> i64 {
    sqlx::query_scalar("select max(id) from rules where store_id = $1 and kind = $2")
        .bind(app.store)
        .bind(kind)
        .fetch_one(&app.db)
        .await
        .unwrap()
}

async fn run(app: &TestApp, day: NaiveDate) -> Summary {
    let mut tx = app.db.begin().await.unwrap();
    let summary = jobs::generate_obligations(&mut tx, app.scope(), day, app.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!((summary.missing, summary.loose), (0, 0), "{day}");
    summary
}

async fn person(app: &TestApp, number: usize) -> Person {
    let (phone, plate) = (format!("138000010{number:02}"), format!("浙A9K{number:02}X"));
    build::person(app, &format!("客户{number}"), &phone, &plate).await
}

/// The fields of the form as the page fills them, with some of them changed.
fn fields<'a>(page: &'a Answer, changes: &[(&'a str, &'a str)]) -> Vec<(String, String)> {
    let names = [
        "version",
        "valid_from",
        "reason",
        "offsets",
        "month_day",
        "threshold_days",
        "cadence_days",
        "horizon_days",
        "due_days",
        "lookback_days",
        "message_days",
        "min_dials",
        "min_days",
        "min_dayparts",
        "retry_minutes",
    ];
    let mut fields = Vec::new();
    for name in names {
        if let Some(value) = page.attr(&format!("main form [name={name}]"), "value") {
            fields.push((name.to_owned(), value));
        }
    }
    for name in ["is_enabled", "visit_types", "codes"] {
        let ticked = format!("main form [name={name}][checked]");
        let document = scraper::Html::parse_document(page.html());
        for element in document.select(&scraper::Selector::parse(&ticked).unwrap()) {
            fields.push((name.to_owned(), element.value().attr("value").unwrap().to_owned()));
        }
    }
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        if !value.is_empty() {
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
    }
    fields
}

fn pairs(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

/// The last two figures of the lines of a table of the preview: proposed and difference are checked, in force is returned too.
fn figures(page: &Answer, table: usize) -> Vec<[i64; 2]> {
    let cells = page.texts(&format!("table.effect:nth-of-type({table}) tbody td"));
    assert_eq!(cells.len(), 12, "{}", page.text("main"));
    let number = |text: &String| {
        text.replace(',', "")
            .replace('−', "-")
            .replace('+', "")
            .parse::<i64>()
            .unwrap()
    };
    cells
        .chunks(3)
        .map(|line| {
            let (before, after) = (number(&line[0]), number(&line[1]));
            assert_eq!(number(&line[2]), after - before);
            [before, after]
        })
        .collect()
}

#[test]
fn every_kind_of_rule_is_listed_with_what_it_says() {
    with_app(async |app| {
        let mut manager = app.sign_in(Role::Manager).await;
        let page = manager.get("/rules").await;
        assert_eq!((page.status, page.count("tr[data-rule]")), (200, 9));
        assert!(
            page.text("tr[data-rule=renewal_contact]")
                .contains("T-90、T-60、T-45")
        );
        assert!(
            page.text("tr[data-rule=lost_customer]")
                .contains("每月 5 日，366 天未回厂的")
        );
        assert!(page.text("tr[data-rule=care_visit]").contains("每 90 天"));
        assert_eq!(
            app.sign_in(Role::Specialist).await.get("/rules").await.status,
            403
        );
        for kind in [
            "post_service",
            "lost_customer",
            "care_visit",
            "data_task",
            "first_maintenance",
        ] {
            let page = manager.get(&format!("/rules/{}", rule(&app, kind).await)).await;
            assert_eq!((page.status, page.count("[data-version]")), (200, 1), "{kind}");
        }
    });
}

#[test]
fn a_change_is_a_new_version_from_its_day_on() {
    with_app(async |app| {
        let mut manager = app.sign_in(Role::Manager).await;
        let id = rule(&app, "post_service").await;
        let page = manager.get(&format!("/rules/{id}")).await;
        assert_eq!(
            page.attr("[name=valid_from]", "value").as_deref(),
            Some("2026-11-25")
        );
        let change = fields(
            &page,
            &[("due_days", "2"), ("min_dials", "5"), ("reason", "厂家要求")],
        );
        let preview = manager
            .post(&format!("/rules/{id}/preview"), &pairs(&change))
            .await;
        assert_eq!(preview.status, 200, "{}", preview.text("main"));
        assert_eq!(
            preview.texts("main tbody tr:first-child td")[..2],
            ["3 天", "2 天"]
        );
        assert_eq!(
            app.count("select count(*) from rules where kind = 'post_service'")
                .await,
            2,
            "nothing written"
        );
        let saved = manager.post(&format!("/rules/{id}"), &pairs(&change)).await;
        let page = manager.follow(&saved).await;
        assert_eq!(page.text(".flash--good"), "规则已保存，2026-11-25 起生效");
        assert_eq!(
            texts(&app, "select concat_ws('|', version, valid_from, valid_until, due_days, min_dials, reason, created_by is not null)
                         from rules where kind = 'post_service' and store_id = 1 order by version")
                .await,
            ["1|2000-01-01|2026-11-25|3|3||f", "2|2026-11-25|2|5|厂家要求|t"]
        );
        assert_eq!(page.count("[data-version]"), 2);
        let newest = page.text("[data-version='2']");
        assert!(
            newest.contains("厂家要求") && newest.contains("3 天 → 2 天") && newest.contains("3 次 → 5 次"),
            "{newest}"
        );
        let change = "select change ->> 'kind' || ' ' || (change -> 'fields' -> 'due_days')::text from audit where action = 'rules.change'";
        assert_eq!(texts(&app, change).await, ["post_service [3, 2]"]);

        // A visit of the last day under the old rule and one of the first day under the new.
        for (number, day) in [(1, "2026-11-24"), (2, "2026-11-25")] {
            let person = person(&app, number).await;
            build::visit(&app, &person, day)
                .handed_over(&format!("{day}T04:00:00Z"))
                .insert()
                .await;
        }
        app.set_now("2026-11-26T01:00:00Z");
        run(&app, "2026-11-26".parse().unwrap()).await;
        assert_eq!(
            texts(&app, "select concat_ws('|', cohort_on, rule_version, (due_at at time zone 'Asia/Shanghai')::date) from obligations where kind = 'post_service' order by 1").await,
            ["2026-11-24|1|2026-11-27", "2026-11-25|2|2026-11-27"]
        );
    });
}

#[test]
fn what_cannot_be_a_rule_is_refused_with_everything_typed() {
    with_app(async |app| {
        let mut manager = app.sign_in(Role::Manager).await;
        let contact = rule(&app, "renewal_contact").await;
        let page = manager.get(&format!("/rules/{contact}")).await;
        for (field, value, expected) in [
            ("offsets", "soon", "用逗号分开的天数"),
            ("due_days", "99", "应在 0 到 60 之间"),
            ("min_days", "9", "天数不能多于拨打次数"),
            ("valid_from", "2026-11-24", "最早明天生效"),
            ("valid_from", "2028-11-24", "一年之内"),
            ("reason", "", "必填"),
        ] {
            let mut change = vec![("reason", "试一试"), ("lookback_days", "4")];
            change.retain(|(known, _)| *known != field);
            change.push((field, value));
            let change = fields(&page, &change);
            for path in [format!("/rules/{contact}/preview"), format!("/rules/{contact}")] {
                let refused = manager.post(&path, &pairs(&change)).await;
                assert_eq!(refused.status, 422, "{field}={value}");
                assert!(
                    refused.field_error(field).contains(expected),
                    "{field}: {}",
                    refused.field_error(field)
                );
                if field != "lookback_days" {
                    assert_eq!(refused.attr("#lookback_days", "value").as_deref(), Some("4"));
                }
            }
        }
        let unchanged = manager
            .post(
                &format!("/rules/{contact}"),
                &pairs(&fields(&page, &[("reason", "无")])),
            )
            .await;
        assert_eq!(
            (unchanged.status, unchanged.field_error("reason").as_str()),
            (422, "还没有改动任何项目")
        );
        let service = rule(&app, "post_service").await;
        let page = manager.get(&format!("/rules/{service}")).await;
        let none = fields(&page, &[("visit_types", ""), ("reason", "无")]);
        assert_eq!(
            manager
                .post(&format!("/rules/{service}"), &pairs(&none))
                .await
                .status,
            422
        );
        let stale = fields(&page, &[("version", "7"), ("due_days", "2"), ("reason", "晚了")]);
        assert_eq!(
            manager
                .post(&format!("/rules/{service}"), &pairs(&stale))
                .await
                .status,
            409
        );
        assert_eq!(app.count("select count(*) from rules where version > 1").await, 0);
    });
}

#[test]
fn a_version_that_waits_can_be_withdrawn_and_blocks_another_change() {
    with_app(async |app| {
        let mut manager = app.sign_in(Role::Manager).await;
        let first = rule(&app, "lost_customer").await;
        let page = manager.get(&format!("/rules/{first}")).await;
        let change = fields(
            &page,
            &[
                ("month_day", "8"),
                ("valid_from", "2026-12-01"),
                ("reason", "月报改期"),
            ],
        );
        assert_eq!(
            manager
                .post(&format!("/rules/{first}"), &pairs(&change))
                .await
                .status,
            303
        );
        let second = rule(&app, "lost_customer").await;
        assert!(
            manager
                .get("/rules")
                .await
                .text("tr[data-rule=lost_customer]")
                .contains("新版本")
        );
        let blocked = manager.post(&format!("/rules/{first}"), &pairs(&change)).await;
        assert!(
            manager
                .follow(&blocked)
                .await
                .text(".flash--soon")
                .contains("先撤回")
        );
        let page = manager.get(&format!("/rules/{second}")).await;
        assert_eq!(page.count("form[action$='/preview']"), 0);
        let done = manager.post(&format!("/rules/{second}/withdraw"), &[]).await;
        let page = manager.follow(&done).await;
        assert_eq!(page.text(".flash--good"), "新版本已撤回，现行规则继续有效");
        assert_eq!(page.count("form[action$='/preview']"), 1);
        assert_eq!(
            texts(&app, "select concat_ws('|', version, month_day, valid_until is null, withdrawn_by is not null) from rules
                         where kind = 'lost_customer' and store_id = 1 order by version").await,
            ["1|5|t|f", "2|8|f|t"]
        );
        let again = manager.post(&format!("/rules/{second}/withdraw"), &[]).await;
        assert_eq!(manager.follow(&again).await.count(".flash--soon"), 1);
        let again = manager.post(&format!("/rules/{first}/withdraw"), &[]).await;
        assert_eq!(
            manager.follow(&again).await.count(".flash--soon"),
            1,
            "one that is in force stays"
        );
        // The next change gets the next number and follows the version that is in force.
        let page = manager.get(&format!("/rules/{first}")).await;
        let change = fields(&page, &[("month_day", "9"), ("reason", "再改")]);
        assert_eq!(
            manager
                .post(&format!("/rules/{first}"), &pairs(&change))
                .await
                .status,
            303
        );
        assert_eq!(
            texts(&app, "select concat_ws('|', version, month_day) from rules where kind = 'lost_customer' and store_id = 1 and valid_until is null").await,
            ["3|9"]
        );
    });
}

#[test]
fn a_rule_that_is_off_makes_nothing_from_its_day_on() {
    with_app(async |app| {
        let mut manager = app.sign_in(Role::Manager).await;
        let id = rule(&app, "post_service").await;
        let page = manager.get(&format!("/rules/{id}")).await;
        let change = fields(&page, &[("is_enabled", ""), ("reason", "停用一周")]);
        assert_eq!(
            manager
                .post(&format!("/rules/{id}"), &pairs(&change))
                .await
                .status,
            303
        );
        for (number, day) in [(1, "2026-11-23"), (2, "2026-11-25")] {
            let person = person(&app, number).await;
            build::visit(&app, &person, day)
                .handed_over(&format!("{day}T04:00:00Z"))
                .insert()
                .await;
        }
        assert_eq!(
            run(&app, "2026-11-24".parse().unwrap())
                .await
                .made
                .get("post_service"),
            Some(&1)
        );
        app.set_now("2026-11-26T01:00:00Z");
        assert_eq!(
            run(&app, "2026-11-26".parse().unwrap())
                .await
                .made
                .get("post_service"),
            None
        );
        assert_eq!(
            texts(&app, "select concat_ws('|', store_id, version, is_enabled) from rules where kind = 'post_service' and valid_until is null order by 1").await,
            ["1|2|f", "2|1|t"],
            "the other store has its own rules"
        );
    });
}

/// Cars whose next maintenance is due one after the other from tomorrow on, a policy, and a first maintenance.
async fn busy_store(app: &TestApp) {
    for number in 0..12u64 {
        let person = person(app, number as usize).await;
        // 7,500 km at 41 a day come 183 days after the visit.
        let last: NaiveDate = "2026-05-27".parse::<NaiveDate>().unwrap() + Days::new(number * 4);
        build::visit(app, &person, &format!("R{number}"))
            .handed_over(&format!("{last}T04:00:00Z"))
            .insert()
            .await;
        let ends_on: NaiveDate = "2026-12-10".parse::<NaiveDate>().unwrap() + Days::new(number * 3);
        sqlx::query("insert into policies (store_id, policy_no, vehicle_id, kind, ends_on, created_at) values ($1, 'P' || $2, $2, 'commercial', $3, $4)")
            .bind(app.store)
            .bind(person.vehicle)
            .bind(ends_on)
            .bind(app.now())
            .execute(&app.db)
            .await
            .unwrap();
    }
    execute(
        app,
        "update customers set marketing_opt_out = true where id % 5 = 0",
    )
    .await;
}

#[test]
fn the_preview_says_what_the_runs_will_really_make() {
    for (kind, changes) in [
        ("periodic_maintenance", vec![("horizon_days", "30")]),
        ("periodic_maintenance", vec![("horizon_days", "7")]),
        ("renewal_contact", vec![("offsets", "-20, -10")]),
        ("renewal_contact", vec![("is_enabled", "")]),
        (
            "renewal",
            vec![("horizon_days", "20"), ("valid_from", "2026-12-04")],
        ),
        (
            "renewal_contact",
            vec![("offsets", "-20, -10"), ("valid_from", "2026-12-04")],
        ),
    ] {
        with_app(async |app| {
            busy_store(&app).await;
            run(&app, "2026-11-24".parse().unwrap()).await;
            let mut manager = app.sign_in(Role::Manager).await;
            let id = rule(&app, kind).await;
            let page = manager.get(&format!("/rules/{id}")).await;
            let mut changes = changes.clone();
            changes.push(("reason", "试算"));
            let change = fields(&page, &changes);
            let before = app.count("select count(*) from obligations").await;
            let preview = manager
                .post(&format!("/rules/{id}/preview"), &pairs(&change))
                .await;
            assert_eq!(preview.status, 200, "{}", preview.text("main"));
            assert_eq!(
                app.count("select count(*) from obligations").await,
                before,
                "a preview leaves nothing"
            );
            let (tomorrow, month) = (figures(&preview, 1), figures(&preview, 2));
            assert_eq!(
                manager
                    .post(&format!("/rules/{id}"), &pairs(&change))
                    .await
                    .status,
                303
            );
            // Only this rule acts, so that calls and messages are those of the preview.
            sqlx::query("update rules set is_enabled = false where kind <> $1")
                .bind(kind)
                .execute(&app.db)
                .await
                .unwrap();
            let made = |summary: &Summary| summary.made.get(kind).copied().unwrap_or_default();
            let mut total = 0;
            for offset in 0..30u64 {
                let day: NaiveDate = "2026-11-25".parse::<NaiveDate>().unwrap() + Days::new(offset);
                app.set_now(&format!("{}T21:00:00Z", day - Days::new(1)));
                let summary = run(&app, day).await;
                total += made(&summary);
                if offset == 0 {
                    assert_eq!(made(&summary), tomorrow[0][1], "{kind} {changes:?}");
                    assert_eq!(summary.callbacks, tomorrow[2][1], "calls of {kind} {changes:?}");
                    assert_eq!(
                        summary.reminders, tomorrow[3][1],
                        "messages of {kind} {changes:?}"
                    );
                }
            }
            assert_eq!(total, month[0][1], "{kind} {changes:?}");
            let exempt = "select count(*) from obligations where status = 'exempt' and created_at > '2026-11-24T12:00:00Z'";
            assert_eq!(
                app.count(exempt).await,
                month[1][1],
                "exempt of {kind} {changes:?}"
            );
        });
    }
}

#[test]
fn the_limit_of_exemptions_is_a_setting_of_the_store() {
    with_app(async |app| {
        let mut manager = app.sign_in(Role::Manager).await;
        let refused = manager.post("/rules/settings", &[("exempt_limit", "101")]).await;
        assert_eq!(
            (refused.status, refused.attr("#exempt_limit", "value").as_deref()),
            (422, Some("101"))
        );
        let saved = manager.post("/rules/settings", &[("exempt_limit", "8")]).await;
        assert_eq!(
            manager
                .follow(&saved)
                .await
                .attr("#exempt_limit", "value")
                .as_deref(),
            Some("8")
        );
        assert_eq!(
            texts(&app, "select exempt_limit::text from stores order by id").await,
            ["8", "5"]
        );
    });
}
