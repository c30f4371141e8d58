//! People: the list, new people and their links, changes, refusals.

use care_desk::auth::permission::Role;

use crate::support::app::{PASSWORD, TestApp, with_app};
use crate::support::client::{Answer, Client};

const FRESH: &str = "a sentence nobody else would think of";

/// Creates a person as this admin; returns the page with the one-time link.
async fn create(browser: &mut Client, fields: &[(&str, &str)]) -> Answer {
    let key = browser
        .get("/users/new")
        .await
        .attr("input[name=idem_key]", "value")
        .unwrap();
    let mut form = vec![("idem_key", key.as_str())];
    form.extend_from_slice(fields);
    browser.post("/users", &form).await
}

/// Sets the password behind the link that this page shows.
async fn use_link(app: &TestApp, page: &Answer) -> Answer {
    let url = page.attr("#link", "value").unwrap();
    let path = url.strip_prefix("http://127.0.0.1:8080").unwrap();
    let token = path.strip_prefix("/setup?token=").unwrap();
    let form = [("token", token), ("password", FRESH), ("password_again", FRESH)];
    app.client().post("/setup", &form).await
}

#[test]
fn a_new_person_gets_a_link_that_is_shown_once() {
    with_app(async |app| {
        let mut admin = app.sign_in(Role::Admin).await;
        let fields = [
            ("display_name", "林晓芸"),
            ("username", " Lin "),
            ("staff_number", "YQ0103"),
            ("role", "specialist"),
        ];
        let made = create(&mut admin, &fields).await;
        assert_eq!((made.status, made.location()), (303, "/users/link"));
        let page = admin.get("/users/link").await;
        assert_eq!(page.text("h1"), "一次性链接");
        assert!(page.text(".section").contains("林晓芸"));
        assert_eq!(admin.get("/users/link").await.location(), "/users", "shown once");

        let list = admin.get("/users?q=yq0103").await;
        assert_eq!(list.texts("tbody tr .badge"), ["客户关爱专员", "待设置密码"]);
        assert_eq!(use_link(&app, &page).await.status, 303);
        assert_eq!(use_link(&app, &page).await.status, 404, "works once");
        let mut lin = app.client();
        let signed_in = lin
            .post("/login", &[("username", "lin"), ("password", FRESH)])
            .await;
        assert_eq!(signed_in.status, 303);
        assert_eq!(lin.get("/users").await.status, 403);
        let list = admin.get("/users?q=lin").await;
        assert_eq!(list.texts("tbody tr .badge"), ["客户关爱专员", "在线"]);
        assert_eq!(
            app.count("select count(*) from audit where action = 'users.create' and actor_id is not null")
                .await,
            1
        );
    });
}

#[test]
fn a_form_sent_twice_makes_one_person() {
    with_app(async |app| {
        let mut admin = app.sign_in(Role::Admin).await;
        let key = "7f1c2e5a-0000-4000-8000-000000000001";
        let form = [
            ("idem_key", key),
            ("display_name", "林晓芸"),
            ("username", "lin"),
            ("role", "clerk"),
        ];
        assert_eq!(admin.post("/users", &form).await.location(), "/users/link");
        assert_eq!(admin.post("/users", &form).await.location(), "/users");
        assert_eq!(
            app.count("select count(*) from users where username = 'lin'")
                .await,
            1
        );
    });
}

#[test]
fn what_was_typed_stays_when_the_username_is_taken() {
    with_app(async |app| {
        let mut admin = app.sign_in(Role::Admin).await;
        let fields = [
            ("display_name", "张可欣"),
            ("username", "specialist"),
            ("role", "handler"),
        ];
        let refused = create(&mut admin, &fields).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.field_error("department_id"), "必填");
        let department: i64 = sqlx::query_scalar("select min(id) from departments where store_id = $1")
            .bind(app.store)
            .fetch_one(&app.db)
            .await
            .unwrap();
        let department = department.to_string();
        let mut fields = fields.to_vec();
        fields.push(("department_id", &department));
        let refused = create(&mut admin, &fields).await;
        assert_eq!(
            (refused.status, refused.field_error("username")),
            (422, "已被使用".to_owned())
        );
        assert_eq!(refused.attr("#display_name", "value").as_deref(), Some("张可欣"));
        assert_eq!(
            refused.attr("#role option[selected]", "value").as_deref(),
            Some("handler")
        );
        assert_eq!(
            refused.attr("#department_id option[selected]", "value"),
            Some(department.clone())
        );
        assert_eq!(app.count("select count(*) from one_time_links").await, 0);
    });
}

#[test]
fn a_store_admin_cannot_reach_beyond_the_store() {
    with_app(async |app| {
        let mut admin = app.sign_in(Role::Admin).await;
        let elsewhere = app
            .add_user("elsewhere", Role::Specialist, Some(app.other_store))
            .await;
        let group = app.user("group").await;
        for id in [elsewhere, group] {
            assert_eq!(admin.get(&format!("/users/{id}")).await.status, 404);
            let form = [("state", "inactive"), ("version", "1")];
            assert_eq!(admin.post(&format!("/users/{id}/state"), &form).await.status, 404);
            assert_eq!(admin.post(&format!("/users/{id}/reset"), &[]).await.status, 404);
        }
        assert!(
            !admin
                .get("/users")
                .await
                .texts("tbody b")
                .contains(&"group".to_owned())
        );
        let other_store = app.other_store.to_string();
        let fields = [
            ("display_name", "王梓涵"),
            ("username", "wang"),
            ("role", "clerk"),
            ("store_id", other_store.as_str()),
        ];
        assert_eq!(create(&mut admin, &fields).await.status, 303);
        assert_eq!(
            app.count("select count(*) from user_stores m join users u on u.id = m.user_id where u.username = 'wang'")
                .await,
            1
        );
        let works_in: i64 = sqlx::query_scalar(
            "select m.store_id from user_stores m join users u on u.id = m.user_id where u.username = 'wang'",
        )
        .fetch_one(&app.db)
        .await
        .unwrap();
        assert_eq!(works_in, app.store.get(), "the own store, whatever was posted");
        let fields = [
            ("display_name", "顾峰"),
            ("username", "gu"),
            ("role", "group"),
            ("store_id", "all"),
        ];
        assert_eq!(
            create(&mut admin, &fields).await.field_error("role"),
            "请从列表中选择"
        );
    });
}

#[test]
fn a_new_role_ends_the_sessions() {
    with_app(async |app| {
        let mut admin = app.sign_in(Role::Admin).await;
        let mut clerk = app.sign_in(Role::Clerk).await;
        let id = app.user("clerk").await;
        let path = format!("/users/{id}");
        let version = admin
            .get(&path)
            .await
            .attr("input[name=version]", "value")
            .unwrap();
        let mut form = vec![
            ("version", version.as_str()),
            ("display_name", "刘倩"),
            ("username", "clerk"),
            ("role", "clerk"),
        ];
        assert_eq!(admin.post(&path, &form).await.status, 303);
        assert_eq!(clerk.get("/").await.status, 200, "a new name ends nothing");
        let stale = admin.post(&path, &form).await;
        assert_eq!(stale.status, 409, "the version is an old one now");

        let version = admin
            .get(&path)
            .await
            .attr("input[name=version]", "value")
            .unwrap();
        form[0] = ("version", &version);
        form[3] = ("role", "manager");
        assert_eq!(admin.post(&path, &form).await.status, 303);
        assert_eq!(clerk.get("/").await.status, 303, "signed out");
        assert_eq!(
            app.count("select count(*) from user_stores m join users u on u.id = m.user_id where u.username = 'clerk' and m.role = 'manager'")
                .await,
            1
        );
        assert_eq!(
            app.count("select count(*) from audit where action = 'users.update'")
                .await,
            2
        );
    });
}

#[test]
fn a_person_made_inactive_is_out_and_can_come_back() {
    with_app(async |app| {
        let mut admin = app.sign_in(Role::Admin).await;
        let mut clerk = app.sign_in(Role::Clerk).await;
        let id = app.user("clerk").await;
        let off = [("version", "1"), ("state", "inactive")];
        assert_eq!(admin.post(&format!("/users/{id}/state"), &off).await.status, 303);
        assert_eq!(clerk.get("/").await.status, 303);
        let credentials = [("username", "clerk"), ("password", PASSWORD)];
        assert_eq!(app.client().post("/login", &credentials).await.status, 422);
        assert_eq!(admin.post(&format!("/users/{id}/state"), &off).await.status, 409);
        let refused = admin.post(&format!("/users/{id}/reset"), &[]).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.text(".flash--bad"), "账号已停用。请先启用，再生成链接。");
        assert_eq!(admin.get("/users?tab=inactive").await.texts("tbody b"), ["clerk"]);

        let on = [("version", "2"), ("state", "active")];
        assert_eq!(admin.post(&format!("/users/{id}/state"), &on).await.status, 303);
        assert_eq!(app.client().post("/login", &credentials).await.status, 303);
    });
}

#[test]
fn nobody_locks_the_admins_out() {
    with_app(async |app| {
        let mut admin = app.sign_in(Role::Admin).await;
        let id = app.user("admin").await;
        let off = [("version", "1"), ("state", "inactive")];
        let refused = admin.post(&format!("/users/{id}/state"), &off).await;
        assert_eq!((refused.status, refused.count("form[action$=state]")), (422, 0));
        assert!(refused.text(".flash--bad").starts_with("不能停用自己"));
        let form = [
            ("version", "1"),
            ("display_name", "admin"),
            ("username", "admin"),
            ("role", "clerk"),
        ];
        let refused = admin.post(&format!("/users/{id}"), &form).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text(".flash--bad").starts_with("不能停用自己"));

        app.add_user("chief", Role::Admin, None).await;
        let second = app.add_user("deputy", Role::Admin, None).await;
        let mut chief = app.sign_in_as("chief").await;
        let mut deputy = app.sign_in_as("deputy").await;
        assert_eq!(
            chief.post(&format!("/users/{second}/state"), &off).await.status,
            303
        );
        assert_eq!(deputy.get("/users").await.status, 303, "signed out");
        // The store's own admin is not the last one: the chief remains.
        assert_eq!(chief.post(&format!("/users/{id}/state"), &off).await.status, 303);
        assert_eq!(
            app.count("select count(*) from users where is_active and username in ('admin', 'deputy')")
                .await,
            0
        );
    });
}

#[test]
fn two_admins_cannot_make_each_other_inactive_at_once() {
    with_app(async |app| {
        let first = app.user("admin").await;
        let second = app.add_user("deputy", Role::Admin, Some(app.store)).await;
        let mut admin = app.sign_in(Role::Admin).await;
        let mut deputy = app.sign_in_as("deputy").await;
        let off = [("version", "1"), ("state", "inactive")];
        let (path, other) = (format!("/users/{second}/state"), format!("/users/{first}/state"));
        let (one, two) = tokio::join!(admin.post(&path, &off), deputy.post(&other, &off));
        let refused = [one.status, two.status]
            .into_iter()
            .filter(|status| *status != 303)
            .count();
        assert_eq!(refused, 1, "{} {}", one.status, two.status);
        assert_eq!(
            app.count("select count(*) from user_stores m join users u on u.id = m.user_id where m.role = 'admin' and m.is_active and u.is_active")
                .await,
            1
        );
    });
}

#[test]
fn a_reset_gives_a_link_and_no_password() {
    with_app(async |app| {
        let mut admin = app.sign_in(Role::Admin).await;
        let id = app.user("specialist").await;
        let mut at_work = app.sign_in(Role::Specialist).await;
        assert_eq!(
            admin.post(&format!("/users/{id}/reset"), &[]).await.location(),
            "/users/link"
        );
        let first = admin.get("/users/link").await;
        admin.post(&format!("/users/{id}/reset"), &[]).await;
        let second = admin.get("/users/link").await;
        assert_eq!(
            at_work.get("/").await.status,
            200,
            "the old password and session still work"
        );
        assert_eq!(
            use_link(&app, &first).await.status,
            404,
            "the second link ended the first"
        );
        assert_eq!(use_link(&app, &second).await.status, 303);
        assert_eq!(at_work.get("/").await.status, 303);
        assert_eq!(
            app.count("select count(*) from audit where action = 'users.reset_link'")
                .await,
            2
        );
    });
}

#[test]
fn a_group_wide_admin_moves_people_between_stores() {
    with_app(async |app| {
        app.add_user("chief", Role::Admin, None).await;
        let mut chief = app.sign_in_as("chief").await;
        let id = app.user("clerk").await;
        let other_store = app.other_store.to_string();
        let form = [("store_id", other_store.as_str()), ("member_role", "manager")];
        let mut admin = app.sign_in(Role::Admin).await;
        assert_eq!(
            admin.post(&format!("/users/{id}/stores"), &form).await.status,
            403
        );
        assert_eq!(
            chief.post(&format!("/users/{id}/stores"), &form).await.status,
            303
        );
        let again = chief.post(&format!("/users/{id}/stores"), &form).await;
        assert_eq!(again.status, 422, "belongs there already");
        let page = chief.get(&format!("/users/{id}")).await;
        assert_eq!(page.texts("main dl dd"), ["客户管理员", "客户关爱经理"]);

        // Now the account is the group's: the store's admin changes the role here, nothing else.
        assert_eq!(admin.post(&format!("/users/{id}/reset"), &[]).await.status, 422);
        let form = [
            ("version", "1"),
            ("display_name", "stolen"),
            ("username", "stolen"),
            ("role", "specialist"),
        ];
        assert_eq!(admin.post(&format!("/users/{id}"), &form).await.status, 303);
        assert_eq!(
            app.count("select count(*) from users where username = 'clerk' and display_name = 'clerk'")
                .await,
            1
        );
        let off = [("version", "2"), ("state", "inactive")];
        assert_eq!(admin.post(&format!("/users/{id}/state"), &off).await.status, 303);
        let credentials = [("username", "clerk"), ("password", PASSWORD)];
        assert_eq!(
            app.client().post("/login", &credentials).await.status,
            303,
            "still works in the other store"
        );
    });
}

#[test]
fn a_group_wide_admin_adds_people_anywhere() {
    with_app(async |app| {
        app.add_user("chief", Role::Admin, None).await;
        let mut chief = app.sign_in_as("chief").await;
        let other_store = app.other_store.to_string();
        for (name, role, store) in [
            ("one", "specialist", other_store.as_str()),
            ("two", "group", "all"),
            ("three", "admin", "all"),
        ] {
            let fields = [
                ("display_name", name),
                ("username", name),
                ("role", role),
                ("store_id", store),
            ];
            let made = create(&mut chief, &fields).await;
            assert_eq!((made.status, made.location()), (303, "/users/link"), "{name}");
            assert_eq!(chief.get("/users/link").await.status, 200);
        }
        let mismatch = [
            ("display_name", "four"),
            ("username", "four"),
            ("role", "clerk"),
            ("store_id", "all"),
        ];
        assert_eq!(
            create(&mut chief, &mismatch).await.field_error("role"),
            "请从列表中选择"
        );
        let department: i64 = sqlx::query_scalar("select min(id) from departments where store_id = $1")
            .bind(app.store)
            .fetch_one(&app.db)
            .await
            .unwrap();
        let department = department.to_string();
        let foreign = [
            ("display_name", "five"),
            ("username", "five"),
            ("role", "handler"),
            ("store_id", other_store.as_str()),
            ("department_id", department.as_str()),
        ];
        assert_eq!(
            create(&mut chief, &foreign).await.field_error("department_id"),
            "请从列表中选择"
        );
        let names = chief.get("/users").await.texts("tbody b");
        assert!(
            names.contains(&"two".to_owned()) && !names.contains(&"one".to_owned()),
            "{names:?}"
        );
    });
}
