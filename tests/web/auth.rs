//! Signing in and out, one-time links, sessions, cross-site posts.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request};
use care_desk::auth::links::{self, LinkPurpose};
use care_desk::auth::permission::Role;

use crate::support::app::{PASSWORD, with_app};

#[test]
fn a_person_signs_in_and_out() {
    with_app(async |app| {
        let mut browser = app.client();
        let asked = browser.get("/callbacks?tab=mine").await;
        assert_eq!(
            (asked.status, asked.location()),
            (303, "/login?next=/callbacks%3Ftab%3Dmine")
        );
        let form = [
            ("username", " Specialist "),
            ("password", PASSWORD),
            ("next", "/customers"),
        ];
        let signed_in = browser.post("/login", &form).await;
        assert_eq!((signed_in.status, signed_in.location()), (303, "/customers"));
        let home = browser.get("/").await;
        assert_eq!(home.status, 200);
        assert_eq!(home.text(".flash--page"), "你好，specialist");
        assert_eq!(
            browser.get("/").await.count(".flash--page"),
            0,
            "a message is shown once"
        );
        assert_eq!(
            app.count("select count(*) from audit where action = 'auth.sign_in'")
                .await,
            1
        );

        assert_eq!(browser.post("/logout", &[]).await.location(), "/login");
        assert_eq!(browser.get("/").await.location(), "/login?next=/");
        assert_eq!(app.count("select count(*) from sessions").await, 0);
    });
}

#[test]
fn a_wrong_password_and_an_unknown_name_look_the_same() {
    with_app(async |app| {
        let mut browser = app.client();
        let wrong = browser
            .post("/login", &[("username", "specialist"), ("password", "wrong")])
            .await;
        let unknown = browser
            .post("/login", &[("username", "nobody"), ("password", "wrong")])
            .await;
        assert_eq!((wrong.status, unknown.status), (422, 422));
        assert_eq!(wrong.text(".flash--bad"), "用户名或密码不对。");
        assert_eq!(
            wrong.html().replace("specialist", ""),
            unknown.html().replace("nobody", "")
        );
    });
}

#[test]
fn guessing_is_slowed_down() {
    with_app(async |app| {
        let mut browser = app.client();
        for _ in 0..10 {
            let answer = browser
                .post("/login", &[("username", "specialist"), ("password", "wrong")])
                .await;
            assert_eq!(answer.status, 422);
        }
        let form = [("username", "specialist"), ("password", PASSWORD)];
        let refused = browser.post("/login", &form).await;
        assert_eq!(refused.status, 429);
        assert_eq!(refused.headers["retry-after"], "900");
        app.advance(Duration::from_secs(901));
        assert_eq!(browser.post("/login", &form).await.status, 303);
    });
}

#[test]
fn a_session_ends_when_it_says() {
    with_app(async |app| {
        let mut idle = app.sign_in(Role::Specialist).await;
        app.advance(Duration::from_secs(59 * 60));
        assert_eq!(idle.get("/").await.status, 200);
        app.advance(Duration::from_secs(61 * 60));
        assert_eq!(idle.get("/").await.status, 303);
        let posted = idle.post("/callbacks/next", &[]).await;
        assert_eq!(posted.status, 401);
        assert_eq!(posted.text("h1"), "登录已结束");

        let mut busy = app.sign_in(Role::Manager).await;
        for _ in 0..13 {
            app.advance(Duration::from_secs(55 * 60));
            assert_eq!(busy.get("/").await.status, 200);
        }
        app.advance(Duration::from_secs(6 * 60));
        assert_eq!(
            busy.get("/").await.status,
            303,
            "twelve hours are the end in any case"
        );
    });
}

#[test]
fn a_person_made_inactive_is_out_at_the_next_request() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Specialist).await;
        sqlx::query("update users set is_active = false where username = 'specialist'")
            .execute(&app.db)
            .await
            .unwrap();
        assert_eq!(browser.get("/").await.status, 303);
        let again = browser
            .post("/login", &[("username", "specialist"), ("password", PASSWORD)])
            .await;
        assert_eq!(again.status, 422);
    });
}

#[test]
fn a_one_time_link_sets_a_password_once() {
    with_app(async |app| {
        let user = app.user("clerk").await;
        let path = links::create(&app.db, LinkPurpose::Reset, Some(user), None, app.now())
            .await
            .unwrap();
        let mut old = app.sign_in(Role::Clerk).await;
        let mut browser = app.client();
        let shown = browser.get(&path).await;
        assert_eq!((shown.status, shown.text("h1")), (200, "设置密码".to_owned()));
        let token = shown.attr("input[name=token]", "value").unwrap();
        let short = [
            ("token", token.as_str()),
            ("password", "short"),
            ("password_again", "short"),
        ];
        let refused = browser.post("/setup", &short).await;
        assert_eq!(
            (refused.status, refused.field_error("password")),
            (422, "至少 15 个字符".to_owned())
        );
        let fresh = "a sentence nobody else would think of";
        let differing = [
            ("token", token.as_str()),
            ("password", fresh),
            ("password_again", "another"),
        ];
        assert_eq!(
            browser
                .post("/setup", &differing)
                .await
                .field_error("password_again"),
            "两次输入不一致"
        );

        let good = [
            ("token", token.as_str()),
            ("password", fresh),
            ("password_again", fresh),
        ];
        assert_eq!(browser.post("/setup", &good).await.location(), "/");
        assert_eq!(browser.get("/").await.status, 200);
        assert_eq!(old.get("/").await.status, 303, "older sessions have ended");
        assert_eq!(browser.get(&path).await.status, 404, "a link works once");
        assert_eq!(
            app.client()
                .post("/login", &[("username", "clerk"), ("password", fresh)])
                .await
                .status,
            303
        );
    });
}

#[test]
fn the_first_admin_sets_up_the_first_store() {
    with_app(async |app| {
        let path = links::create(&app.db, LinkPurpose::FirstAdmin, None, None, app.now())
            .await
            .unwrap();
        let token = path.rsplit('=').next().unwrap();
        let mut browser = app.client();
        let mut form = vec![
            ("token", token),
            ("store_name", "城北店"),
            ("store_code", "s03"),
            ("display_name", "周敏"),
            ("username", "admin"),
            ("password", "sentences are long passwords"),
            ("password_again", "sentences are long passwords"),
        ];
        let taken = browser.post("/setup", &form).await;
        assert_eq!(
            (taken.status, taken.field_error("username")),
            (422, "已被使用".to_owned())
        );
        assert_eq!(
            taken.attr("#store_name", "value").as_deref(),
            Some("城北店"),
            "nothing typed is lost"
        );
        form[4] = ("username", "zhou");
        assert_eq!(browser.post("/setup", &form).await.status, 303);
        assert_eq!(
            app.count("select count(*) from stores where code = 'S03'").await,
            1
        );
        assert_eq!(
            app.count("select count(*) from users where username = 'zhou' and group_role = 'admin'")
                .await,
            1
        );
        assert_eq!(browser.post("/setup", &form).await.status, 404);
    });
}

#[test]
fn a_post_of_another_site_changes_nothing() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Specialist).await;
        for (name, value) in [
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://evil.example"),
        ] {
            let request = Request::post("/logout")
                .header(name, value)
                .body(Body::empty())
                .unwrap();
            let refused = browser.send(request).await;
            assert_eq!(refused.status, 403);
            assert_eq!(refused.text("h1"), "你没有这项权限");
        }
        let bare = browser
            .send(Request::post("/logout").body(Body::empty()).unwrap())
            .await;
        assert_eq!(bare.status, 403);
        assert_eq!(browser.get("/").await.status, 200, "still signed in");
    });
}

#[test]
fn every_answer_has_the_security_headers() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Specialist).await;
        for path in ["/", "/nope", "/healthz", "/static/nope"] {
            let answer = browser.get(path).await;
            let csp = answer.headers["content-security-policy"].to_str().unwrap();
            assert!(
                csp.starts_with("default-src 'none'") && !csp.contains("unsafe"),
                "{path}"
            );
            assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        }
        let home = browser.get("/").await;
        assert_eq!(home.headers["cache-control"], "no-store");
        assert!(!home.html().contains(" style=") && !home.html().contains(" onclick="));
    });
}

#[test]
fn language_and_theme_are_a_persons_own() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Specialist).await;
        let answer = browser
            .post(
                "/preferences",
                &[("locale", "en"), ("theme", "dark"), ("next", "//evil")],
            )
            .await;
        assert_eq!(answer.location(), "/");
        let home = browser.get("/").await;
        assert_eq!(home.attr("html", "lang").as_deref(), Some("en"));
        assert_eq!(home.attr("html", "data-theme").as_deref(), Some("dark"));
        let elsewhere = app.sign_in(Role::Specialist).await.get("/").await;
        assert_eq!(
            elsewhere.attr("html", "lang").as_deref(),
            Some("en"),
            "the language follows the person"
        );
    });
}

#[test]
fn a_wrong_method_and_a_wrong_address_have_pages() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Specialist).await;
        assert_eq!(browser.request(Method::PUT, "/login").await.status, 405);
        assert_eq!(browser.get("/callbacks/not-a-number").await.status, 404);
        let missing = browser.get("/nowhere").await;
        assert_eq!(
            (missing.status, missing.text("h1")),
            (404, "找不到这个页面".to_owned())
        );
    });
}
