//! Consents: a ledger that only grows, and the opt-outs that follow it.

use care_desk::audit::Actor;
use care_desk::auth::permission::Role;
use care_desk::customers::consents;
use care_desk::obligations;

use crate::support::app::with_app;
use crate::support::build;

/// Purpose, given, withdrawn, channel and note of every row, oldest first.
type Row = (String, bool, bool, String, String);

async fn ledger(app: &crate::support::app::TestApp) -> Vec<Row> {
    sqlx::query_as(
        "select purpose, given_at is not null, withdrawn_at is not null, channel, evidence from consents order by id",
    )
    .fetch_all(&app.db)
    .await
    .unwrap()
}

fn row(purpose: &str, is_given: bool, channel: &str, evidence: &str) -> Row {
    (
        purpose.to_owned(),
        is_given,
        !is_given,
        channel.to_owned(),
        evidence.to_owned(),
    )
}

#[test]
fn one_click_gives_and_takes_back_and_every_decision_is_a_row() {
    with_app(async |app| {
        let person = build::person(&app, "赵雅楠", "13905717715", "浙A7K2M9").await;
        let page = format!("/customers/{}", person.customer);
        let path = format!("{page}/consents");
        let mut browser = app.sign_in(Role::Specialist).await;
        let shown = browser.get(&page).await;
        assert_eq!(shown.count(".consents [aria-checked=true]"), 0);
        let yes = [("purpose", "survey"), ("decision", "yes")];
        let given = browser.post(&path, &yes).await;
        assert_eq!((given.status, given.location()), (303, page.as_str()));
        assert_eq!(browser.post(&path, &yes).await.status, 303, "a double click");
        let shown = browser.get(&page).await;
        assert_eq!(shown.count(".consents [aria-checked=true]"), 1);
        let no = [
            ("purpose", "survey"),
            ("decision", "no"),
            ("channel", "paper"),
            ("evidence", "2026-031 号"),
        ];
        browser.post(&path, &no).await;
        assert_eq!(
            ledger(&app).await,
            [
                row("survey", true, "call", ""),
                row("survey", false, "paper", "2026-031 号")
            ]
        );
        let shown = browser.get(&page).await;
        assert_eq!(shown.count(".consents [aria-checked=true]"), 0);
        let history = browser.get(&path).await;
        assert_eq!(history.texts("tbody .badge"), ["已撤回", "已同意"]);
        assert!(history.text("tbody").contains("2026-031 号"));
        assert_eq!(
            app.count("select count(*) from audit where action = 'customers.consent'")
                .await,
            2
        );
        assert_eq!(
            app.count("select count(*) from audit where change::text like '%2026-031%'")
                .await,
            0,
            "the audit log holds no note"
        );
    });
}

#[test]
fn the_opt_outs_follow_the_last_row() {
    with_app(async |app| {
        let person = build::person(&app, "赵雅楠", "13905717715", "浙A7K2M9").await;
        let path = format!("/customers/{}/consents", person.customer);
        let mut browser = app.sign_in(Role::Clerk).await;
        let opt_outs = async || -> (bool, bool, bool) {
            sqlx::query_as("select survey_opt_out, marketing_opt_out, insurance_opt_out from customers")
                .fetch_one(&app.db)
                .await
                .unwrap()
        };
        for (purpose, decision, expected) in [
            ("survey", "no", (true, false, false)),
            ("marketing", "no", (true, true, false)),
            ("service", "no", (true, true, false)),
            ("survey", "yes", (false, true, false)),
            ("insurance", "no", (false, true, true)),
            ("marketing", "yes", (false, false, true)),
        ] {
            let form = [("purpose", purpose), ("decision", decision)];
            assert_eq!(browser.post(&path, &form).await.status, 303);
            assert_eq!(opt_outs().await, expected, "{purpose} {decision}");
        }
        for (field, form) in [
            ("purpose", [("purpose", "spam"), ("decision", "yes")]),
            ("decision", [("purpose", "survey"), ("decision", "perhaps")]),
        ] {
            let refused = browser.post(&path, &form).await;
            assert_eq!(refused.status, 422);
            assert!(!refused.field_error(field).is_empty(), "{field}");
        }
        assert_eq!(ledger(&app).await.len(), 6);
    });
}

#[test]
fn the_queue_respects_a_refusal() {
    with_app(async |app| {
        let person = build::person(&app, "赵雅楠", "13905717715", "浙A7K2M9").await;
        build::visit(&app, &person, "R1")
            .handed_over("2026-11-23T02:00:00Z")
            .insert()
            .await;
        let mut browser = app.sign_in(Role::Clerk).await;
        let path = format!("/customers/{}/consents", person.customer);
        browser
            .post(&path, &[("purpose", "survey"), ("decision", "no")])
            .await;
        let mut tx = app.db.begin().await.unwrap();
        let day = "2026-11-24".parse().unwrap();
        obligations::jobs::generate_obligations(&mut tx, app.scope(), day, app.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let exempt = "select count(*) from obligations where kind = 'post_service' and ended_reason = 'rule:do_not_call'";
        assert_eq!(app.count(exempt).await, 1);
        assert_eq!(app.count("select count(*) from callbacks").await, 0);
    });
}

#[test]
fn the_database_refuses_to_change_or_delete_a_consent() {
    with_app(async |app| {
        let person = build::person(&app, "赵雅楠", "13905717715", "浙A7K2M9").await;
        let mut tx = app.db.begin().await.unwrap();
        consents::service::refuse_calls(&mut tx, app.scope(), Actor::System, person.customer, app.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        for sql in [
            "update consents set withdrawn_at = null, given_at = created_at",
            "update consents set purpose = 'service'",
            "delete from consents",
        ] {
            let error = sqlx::query(sql).execute(&app.db).await.unwrap_err();
            assert!(error.to_string().contains("append-only"), "{sql}: {error}");
        }
        // An erasure empties the note, a merge moves the row.
        sqlx::query("update consents set evidence = ''")
            .execute(&app.db)
            .await
            .unwrap();
        assert_eq!(ledger(&app).await.len(), 2);
    });
}

#[test]
fn who_may_not_change_the_archive_reads_consents_only() {
    with_app(async |app| {
        let person = build::person(&app, "赵雅楠", "13905717715", "浙A7K2M9").await;
        let foreign = build::person_in(&app, app.other_store, "赵雅楠", "13905717715", "浙A7K2M9").await;
        let path = format!("/customers/{}/consents", person.customer);
        let yes = [("purpose", "survey"), ("decision", "yes")];
        let mut handler = app.sign_in(Role::Handler).await;
        assert_eq!(handler.get(&path).await.status, 403);
        assert_eq!(handler.post(&path, &yes).await.status, 403);
        let mut browser = app.sign_in(Role::Manager).await;
        let other = format!("/customers/{}/consents", foreign.customer);
        assert_eq!(browser.get(&other).await.status, 404);
        assert_eq!(browser.post(&other, &yes).await.status, 404);
        assert!(ledger(&app).await.is_empty());
    });
}
