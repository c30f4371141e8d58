//! What is typed outlives the window and the session, for its person alone.

use std::time::Duration;

use care_desk::auth::permission::Role;

use crate::support::app::{PASSWORD, TestApp, with_app};
use crate::support::build;

const NEW: &[(&str, &str)] = &[
    ("draft", "customer:new:-"),
    ("draft_page", "/customers/new"),
    ("idem_key", "6b2b6f0e-0f0e-4c58-9f6a-0a5d6c7f1e11"),
    ("kind", "person"),
    ("name", "周敏"),
    ("phone", "13805710001"),
    ("preferred_channel", "call"),
    ("note", "要求周末致电"),
];

async fn drafts(app: &TestApp) -> i64 {
    app.count("select count(*) from drafts").await
}

#[test]
fn a_form_opens_again_with_what_was_typed_until_it_is_saved() {
    with_app(async |app| {
        let mut clerk = app.sign_in(Role::Clerk).await;
        let fresh = clerk.get("/customers/new").await;
        assert_eq!(fresh.count("form[data-draft] input[name=draft]"), 1);
        assert_eq!(fresh.count(".flash--info"), 0);
        assert_eq!(clerk.post("/drafts", NEW).await.status, 204);
        app.advance(Duration::from_secs(600));
        let again = clerk.get("/customers/new").await;
        assert_eq!(again.attr("input[name=name]", "value").as_deref(), Some("周敏"));
        assert_eq!(again.text("textarea[name=note]"), "要求周末致电");
        assert!(
            again.text(".flash--info").contains("10:00"),
            "{}",
            again.text(".flash--info")
        );
        // Nobody else sees it: not another person, not the same one in another store.
        let mut other = app.sign_in(Role::Manager).await;
        assert_eq!(
            other
                .get("/customers/new")
                .await
                .attr("input[name=name]", "value")
                .as_deref(),
            Some("")
        );
        sqlx::query("update drafts set store_id = $1")
            .bind(app.other_store)
            .execute(&app.db)
            .await
            .unwrap();
        assert_eq!(clerk.get("/customers/new").await.count(".flash--info"), 0);
        sqlx::query("update drafts set store_id = $1")
            .bind(app.store)
            .execute(&app.db)
            .await
            .unwrap();
        // Saved, it is gone.
        assert_eq!(clerk.post("/customers", NEW).await.status, 303);
        assert_eq!(drafts(&app).await, 0);
    });
}

#[test]
fn a_draft_is_discarded_on_request() {
    with_app(async |app| {
        let person = build::person(&app, "周敏", "13805710001", "浙A00001").await;
        let page = format!("/customers/{}/edit", person.customer);
        let subject = format!("customer:{}", person.customer);
        let mut clerk = app.sign_in(Role::Clerk).await;
        let form = [
            ("draft", &*subject),
            ("draft_page", &page),
            ("name", "周敏敏"),
            ("version", "1"),
        ];
        assert_eq!(clerk.post("/drafts", &form).await.status, 204);
        let open = clerk.get(&page).await;
        assert_eq!(open.attr("input[name=name]", "value").as_deref(), Some("周敏敏"));
        let done = clerk
            .post("/drafts/discard", &[("draft", &subject), ("draft_page", &page)])
            .await;
        assert_eq!(done.location(), page);
        let open = clerk.follow(&done).await;
        assert_eq!(open.attr("input[name=name]", "value").as_deref(), Some("周敏"));
        assert_eq!(drafts(&app).await, 0);
    });
}

#[test]
fn cars_and_visits_keep_drafts_too() {
    with_app(async |app| {
        let person = build::person(&app, "周敏", "13805710001", "浙A00001").await;
        let visit = build::visit(&app, &person, "RO-1").insert().await;
        let mut clerk = app.sign_in(Role::Clerk).await;
        for (page, field) in [
            (format!("/vehicles/{}/edit", person.vehicle), "note"),
            (format!("/vehicles/new?customer={}", person.customer), "note"),
            (format!("/visits/{visit}/edit"), "summary"),
            (format!("/visits/new?vehicle={}", person.vehicle), "summary"),
        ] {
            let open = clerk.get(&page).await;
            let subject = open.attr("form[data-draft] input[name=draft]", "value").unwrap();
            assert_eq!(
                open.attr("form[data-draft] input[name=draft_page]", "value")
                    .as_deref(),
                Some(&*page)
            );
            let form = [("draft", &*subject), ("draft_page", &page), (field, "没保存的话")];
            assert_eq!(clerk.post("/drafts", &form).await.status, 204, "{page}");
            let again = clerk.get(&page).await;
            assert_eq!(
                again.text(&format!("textarea[name={field}]")),
                "没保存的话",
                "{page}"
            );
        }
        assert_eq!(drafts(&app).await, 4);
    });
}

#[test]
fn a_form_that_meets_an_ended_session_is_there_after_signing_in() {
    with_app(async |app| {
        let mut clerk = app.sign_in(Role::Clerk).await;
        clerk.get("/customers/new").await;
        app.advance(Duration::from_secs(61 * 60));
        // Without a script: the ordinary post of the form.
        let ended = clerk.post("/customers", NEW).await;
        assert_eq!(ended.status, 401);
        assert_eq!(app.count("select count(*) from customers").await, 0);
        let login = ended.attr(".btn--primary", "href").unwrap();
        assert_eq!(login, "/login?next=/customers/new");
        assert!(
            ended.text(".err__body").contains("草稿"),
            "{}",
            ended.text(".err__body")
        );
        let form = [
            ("username", "clerk"),
            ("password", PASSWORD),
            ("next", "/customers/new"),
        ];
        let signed_in = clerk.post("/login", &form).await;
        assert_eq!(signed_in.location(), "/customers/new");
        let open = clerk.follow(&signed_in).await;
        assert_eq!(open.attr("input[name=name]", "value").as_deref(), Some("周敏"));
        assert_eq!(
            open.attr("input[name=phone]", "value").as_deref(),
            Some("13805710001")
        );
        assert_eq!(open.text("textarea[name=note]"), "要求周末致电");
        // The script's save after the end is kept in the same way.
        app.advance(Duration::from_secs(61 * 60));
        let mut changed = NEW.to_vec();
        changed[4] = ("name", "周敏敏");
        assert_eq!(clerk.post("/drafts", &changed).await.status, 401);
        let form = [
            ("username", "clerk"),
            ("password", PASSWORD),
            ("next", "/customers/new"),
        ];
        let signed_in = clerk.post("/login", &form).await;
        assert_eq!(
            clerk
                .follow(&signed_in)
                .await
                .attr("input[name=name]", "value")
                .as_deref(),
            Some("周敏敏")
        );
    });
}

#[test]
fn nothing_is_kept_for_a_stranger_or_long_after_the_end() {
    with_app(async |app| {
        let mut nobody = app.client();
        assert_eq!(nobody.post("/customers", NEW).await.status, 401);
        nobody.set_cookie("desk-dev", "0000");
        let refused = nobody.post("/customers", NEW).await;
        assert_eq!(refused.status, 401);
        assert_eq!(refused.attr(".btn--primary", "href").as_deref(), Some("/login"));
        let mut clerk = app.sign_in(Role::Clerk).await;
        app.advance(Duration::from_secs(26 * 3600));
        assert_eq!(clerk.post("/customers", NEW).await.status, 401);
        // Who signed out left on purpose.
        let mut left = app.sign_in(Role::Clerk).await;
        let cookie = left.cookie("desk-dev").unwrap().to_owned();
        left.post("/logout", &[]).await;
        left.set_cookie("desk-dev", &cookie);
        assert_eq!(left.post("/customers", NEW).await.status, 401);
        assert_eq!(drafts(&app).await, 0);
    });
}

#[test]
fn drafts_are_small_few_and_short_lived() {
    with_app(async |app| {
        let mut clerk = app.sign_in(Role::Clerk).await;
        let long = "长".repeat(30_000);
        let too_long = [
            ("draft", "customer:1"),
            ("draft_page", "/customers/1/edit"),
            ("note", &long),
        ];
        assert_eq!(clerk.post("/drafts", &too_long).await.status, 400);
        for subject in ["callback:1", "customer", "x y:1"] {
            let form = [("draft", subject), ("draft_page", "/")];
            assert_eq!(clerk.post("/drafts", &form).await.status, 400, "{subject}");
        }
        for n in 0..55 {
            app.advance(Duration::from_secs(1));
            let form = [("draft", &*format!("customer:{n}")), ("draft_page", "/customers")];
            assert_eq!(clerk.post("/drafts", &form).await.status, 204);
        }
        assert_eq!(drafts(&app).await, 50);
        assert_eq!(
            app.count("select count(*) from drafts where subject = 'customer:4'")
                .await,
            0,
            "the oldest go"
        );
        app.advance(Duration::from_secs(15 * 24 * 3600));
        let mut tx = app.db.begin().await.unwrap();
        let job = care_desk::jobs::JobName::CleanUp;
        care_desk::jobs::work(&mut tx, job, None, app.now().date_naive(), app.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(drafts(&app).await, 0);
    });
}
