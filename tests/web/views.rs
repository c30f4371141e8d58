//! Saved views: own, shared, a role's default.

use care_desk::auth::permission::Role;

use crate::support::app::{TestApp, with_app};
use crate::support::build;
use crate::support::client::{Answer, Client};

const KEY: &str = "6f1e9f6e-8f43-4a55-9d3e-1c1b3d7a0001";

fn new<'a>(name: &'a str, query: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("list", "customers"),
        ("name", name),
        ("query", query),
        ("column", "grade"),
        ("idem_key", KEY),
    ]
}

async fn id(app: &TestApp) -> i64 {
    app.count("select max(id) from views").await
}

fn tabs(page: &Answer) -> Vec<String> {
    page.texts(".tabs a")
}

async fn edit(browser: &mut Client, id: i64, fields: &[(&str, &str)]) -> Answer {
    browser.post(&format!("/views/{id}"), fields).await
}

#[test]
fn what_is_shown_is_saved_under_a_name_and_opens_again() {
    with_app(async |app| {
        build::person(&app, "赵雅楠", "13905717715", "浙A7K2M9").await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let saved = browser
            .post(
                "/views",
                &new("单位客户", "kind=company&sort=-name&q=%E8%B5%B5&page=4"),
            )
            .await;
        let view = id(&app).await;
        assert_eq!(
            saved.location(),
            format!("/customers?kind=company&sort=-name&view={view}")
        );
        let again = browser.post("/views", &new("单位客户", "kind=company")).await;
        assert_eq!(again.location(), saved.location(), "a double click saves once");
        let page = browser.follow(&saved).await;
        assert_eq!(tabs(&page), ["全部", "单位客户0"]);
        assert_eq!(page.text(".filter.is-set b"), "单位");
        let kept: Vec<String> = sqlx::query_scalar("select columns from views")
            .fetch_one(&app.db)
            .await
            .unwrap();
        assert_eq!(kept, ["grade"]);
        let nameless = browser.post("/views", &new(" ", "kind=company")).await;
        assert_eq!(nameless.status, 303);
        assert_eq!(app.count("select count(*) from views").await, 1);
        browser
            .post(
                &format!("/views/{view}/query"),
                &[("query", "kind=person&page=2")],
            )
            .await;
        let page = browser.get(&format!("/customers?kind=person&view={view}")).await;
        assert_eq!(
            (page.texts("thead th"), page.count("form[action$='/query']")),
            (vec!["客户".to_owned(), "客户级别".to_owned()], 0)
        );
        assert_eq!(
            browser
                .post(&format!("/views/{view}/delete"), &[])
                .await
                .location(),
            "/customers?view=all"
        );
        assert_eq!(app.count("select count(*) from views").await, 0);
    });
}

#[test]
fn anothers_view_is_not_there_until_it_is_shared() {
    with_app(async |app| {
        let mut manager = app.sign_in(Role::Manager).await;
        manager.post("/views", &new("重点", "grade=A")).await;
        let view = id(&app).await;
        let mut specialist = app.sign_in(Role::Specialist).await;
        let address = format!("/customers?grade=A&view={view}");
        for path in [
            address.clone(),
            format!("/views/{view}/edit"),
            "/customers?view=x".to_owned(),
        ] {
            assert_eq!(specialist.get(&path).await.status, 404, "{path}");
        }
        for path in ["", "/query", "/delete"] {
            let answer = specialist
                .post(
                    &format!("/views/{view}{path}"),
                    &[("name", "x"), ("version", "1")],
                )
                .await;
            assert_eq!(answer.status, 404, "{path}");
        }
        let share = [
            ("name", "重点"),
            ("is_shared", "1"),
            ("position", "2"),
            ("version", "1"),
        ];
        assert_eq!(edit(&mut manager, view, &share).await.status, 303);
        assert_eq!(
            tabs(&specialist.get("/customers").await),
            ["全部0", "重点全店共享"].map(str::to_owned).to_vec()
        );
        assert_eq!(specialist.get(&address).await.status, 200);
        assert_eq!(
            specialist.get(&format!("/views/{view}/edit")).await.status,
            403,
            "others keep it"
        );
        assert_eq!(
            specialist
                .post(&format!("/views/{view}/delete"), &[])
                .await
                .status,
            403
        );
        assert_eq!(
            edit(&mut manager, view, &share).await.status,
            409,
            "changed since it was opened"
        );
    });
}

#[test]
fn only_who_keeps_views_shares_them() {
    with_app(async |app| {
        let mut specialist = app.sign_in(Role::Specialist).await;
        specialist.post("/views", &new("我的", "grade=A")).await;
        let view = id(&app).await;
        let fields = [
            ("name", "我的客户"),
            ("is_shared", "1"),
            ("default_for", "manager"),
            ("version", "1"),
        ];
        assert_eq!(edit(&mut specialist, view, &fields).await.status, 303);
        let kept =
            "select count(*) from views where name = '我的客户' and not is_shared and default_for is null";
        assert_eq!(app.count(kept).await, 1);
        let wrong = [("name", ""), ("position", "first"), ("version", "2")];
        let page = edit(&mut specialist, view, &wrong).await;
        assert_eq!((page.status, page.field_error("name")), (422, "必填".to_owned()));
        assert_eq!(page.attr("#position", "value").as_deref(), Some("first"));
    });
}

#[test]
fn a_roles_default_opens_by_itself_and_there_is_one() {
    with_app(async |app| {
        let mut manager = app.sign_in(Role::Manager).await;
        manager.post("/views", &new("甲", "grade=A")).await;
        let first = id(&app).await;
        let second = [("idem_key", "6f1e9f6e-8f43-4a55-9d3e-1c1b3d7a0002")];
        let form: Vec<(&str, &str)> = new("乙", "grade=B")
            .into_iter()
            .filter(|(name, _)| *name != "idem_key")
            .chain(second)
            .collect();
        manager.post("/views", &form).await;
        let other = id(&app).await;
        for view in [first, other] {
            let fields = [("name", "默认"), ("default_for", "specialist"), ("version", "1")];
            assert_eq!(edit(&mut manager, view, &fields).await.status, 303);
        }
        assert_eq!(
            app.count("select count(*) from views where default_for = 'specialist'")
                .await,
            1
        );
        let mut specialist = app.sign_in(Role::Specialist).await;
        let opened = specialist.get("/customers").await;
        assert_eq!(
            (opened.status, opened.location()),
            (303, &*format!("/customers?grade=B&view={other}"))
        );
        assert_eq!(specialist.get("/customers?view=all").await.status, 200);
        assert_eq!(specialist.get("/customers?kind=person").await.status, 200);
        assert_eq!(specialist.get("/vehicles").await.status, 200, "of this list only");
        assert_eq!(manager.get("/customers").await.status, 200, "of this role only");
    });
}
