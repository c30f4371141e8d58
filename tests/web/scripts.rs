//! Scripts of a new store, the editor and its versions, trials, and answers that stay with the version that was asked.

use care_desk::auth::permission::Role;

use crate::support::app::{TestApp, with_app};
use crate::support::build;
use crate::support::client::{Answer, Client};

#[test]
fn every_store_opens_with_its_scripts() {
    with_app(async |app| {
        let rows: Vec<String> = sqlx::query_scalar(
            "select concat_ws('/', s.kind, s.for_kind, v.version, (v.published_at is not null)::text)
             from scripts s join script_versions v on v.store_id = s.store_id and v.script_id = s.id
             where s.store_id = $1 order by s.id",
        )
        .bind(app.store)
        .fetch_all(&app.db)
        .await
        .unwrap();
        assert_eq!(
            rows,
            [
                "talk/post_service/1/true",
                "talk/*/1/true",
                "talk/complaint_second_callback/1/true",
                "talk/complaint_after/1/true",
                "questionnaire/post_service/1/true"
            ]
        );
        let per_store = app
            .count("select count(distinct store_id) from script_versions")
            .await;
        assert_eq!(per_store, 2);
    });
}

#[test]
fn a_retired_version_is_still_readable_and_the_new_one_is_asked() {
    with_app(async |app| {
        let mut db = app.db.acquire().await.unwrap();
        let scope = app.scope();
        let first = care_desk::scripts::service::current_questionnaire(&mut db, scope, "post_service")
            .await
            .unwrap()
            .unwrap();
        sqlx::query("update script_versions set retired_at = $2 where id = $1")
            .bind(first.id)
            .bind(app.now())
            .execute(&app.db)
            .await
            .unwrap();
        sqlx::query(
            "insert into script_versions (store_id, script_id, version, body, published_at)
             select store_id, script_id, 2, jsonb_set(body, '{dissatisfied_up_to}', '5'), $2 from script_versions where id = $1",
        )
        .bind(first.id)
        .bind(app.now())
        .execute(&app.db)
        .await
        .unwrap();
        let second = care_desk::scripts::service::current_questionnaire(&mut db, scope, "post_service")
            .await
            .unwrap()
            .unwrap();
        assert_eq!((second.version, second.body.dissatisfied_up_to), (2, 5));
        let old = care_desk::scripts::service::asked_questionnaire(&mut db, scope, first.id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((old.version, old.body.dissatisfied_up_to), (1, 6));
    });
}

/// The script of this kind for the visits.
async fn script(app: &TestApp, kind: &'static str) -> i64 {
    let sql = "select id from scripts where store_id = $1 and kind = $2 and for_kind = 'post_service'";
    sqlx::query_scalar(sql)
        .bind(app.store)
        .bind(kind)
        .fetch_one(&app.db)
        .await
        .unwrap()
}

async fn post(browser: &mut Client, path: &str, fields: &[(String, String)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    browser.post(path, &fields).await
}

/// Sets the field of the part with this code; columns stand in the order of the codes.
fn set(form: &mut [(String, String)], code: &str, column: &str, value: &str) {
    let codes = form.iter().filter(|(name, _)| name == "code");
    let at = codes
        .map(|(_, value)| value.as_str())
        .position(|known| known == code);
    let at = at.unwrap_or_else(|| panic!("no part {code}"));
    let field = form.iter_mut().filter(|(name, _)| name == column).nth(at);
    field.unwrap_or_else(|| panic!("no {column}")).1 = value.to_owned();
}

fn put(form: &mut Vec<(String, String)>, name: &str, value: &str) {
    form.retain(|(known, _)| known != name);
    form.push((name.to_owned(), value.to_owned()));
}

fn codes(page: &Answer) -> Vec<String> {
    let form = page.form("script");
    let codes = form.into_iter().filter(|(name, _)| name == "code");
    codes.map(|(_, code)| code).collect()
}

/// Numbers, whether published and whether retired, of a script's versions.
async fn versions(app: &TestApp, id: i64) -> Vec<String> {
    sqlx::query_scalar(
        "select concat_ws('/', version, (published_at is not null)::text, (retired_at is not null)::text)
         from script_versions where script_id = $1 order by version",
    )
    .bind(id)
    .fetch_all(&app.db)
    .await
    .unwrap()
}

#[test]
fn a_question_is_added_saved_tried_and_published() {
    with_app(async |app| {
        let id = script(&app, "questionnaire").await;
        let mut manager = app.sign_in(Role::Manager).await;
        let list = manager.get("/scripts").await;
        assert_eq!(list.count("tbody tr"), 5);
        let edit = manager.get(&format!("/scripts/{id}/edit")).await;
        let mut form = edit.form("script");
        put(&mut form, "add_kind", "multi");
        put(&mut form, "action", "add");
        let save = format!("/scripts/{id}/draft");
        let longer = post(&mut manager, &save, &form).await;
        assert_eq!(
            (longer.status, codes(&longer).last().map(String::as_str)),
            (200, Some("s1"))
        );
        assert_eq!(versions(&app, id).await, ["1/true/false"], "not saved yet");
        // Up over the words at the end; then what is wrong with it is said, and nothing typed is lost.
        let mut form = longer.form("script");
        put(&mut form, "action", "up:s1");
        let moved = post(&mut manager, &save, &form).await;
        assert_eq!(codes(&moved).iter().rev().nth(1).map(String::as_str), Some("s1"));
        let mut form = moved.form("script");
        set(&mut form, "s1", "choices", "太远");
        set(&mut form, "s1", "if_code", "q11");
        set(&mut form, "s1", "if_test", "at_most");
        set(&mut form, "s1", "if_value", "eleven");
        let refused = post(&mut manager, &save, &form).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.field_error("zh_s1"), "请填写内容");
        assert_eq!(refused.field_error("choices_s1"), "至少写两个选项");
        assert_eq!(refused.field_error("if_s1"), "这个条件不可能成立");
        let mut form = refused.form("script");
        set(&mut form, "s1", "zh", "为什么不推荐？");
        set(&mut form, "s1", "choices", "太远\n!far=太贵 | Too dear");
        set(&mut form, "s1", "if_value", "6");
        let saved = post(&mut manager, &save, &form).await;
        assert_eq!(saved.location(), format!("/scripts/{id}?version=2"));
        assert_eq!(versions(&app, id).await, ["1/true/false", "2/false/false"]);
        let page = manager.follow(&saved).await;
        assert!(
            page.text(".versions").contains("新增：为什么不推荐？"),
            "{}",
            page.text(".versions")
        );

        // A trial of the draft: the branch, the score, and nothing in the database.
        let trial = format!("/scripts/{id}/trial");
        let open = manager.get(&trial).await;
        assert!(open.text("h1").contains("v2 草稿"), "{}", open.text("h1"));
        assert_eq!(
            open.attr("[data-when~=q_q11][data-test=at_most]", "data-value")
                .as_deref(),
            Some("6")
        );
        let low = [
            ("q_q10", "9"),
            ("q_q11", "3"),
            ("q_s1", "far"),
            ("q_q5", "yes"),
            ("q_q5a", "left over"),
        ];
        let result = manager.post(&trial, &low).await;
        let words = result.text("[data-result]");
        assert!(words.contains("总体满意度 9 分 · NPS 3 分 · 不满意"), "{words}");
        assert!(words.contains("1 题因条件未问"), "{words}");
        let refused = manager.post(&trial, &[("q_q11", "12")]).await;
        assert_eq!(
            (refused.status, refused.field_error("q_q10")),
            (422, "必填".to_owned())
        );
        assert_eq!(app.count("select count(*) from responses").await, 0);

        let revision = page.attr("#publish input", "value").unwrap();
        let published = manager
            .post(&format!("/scripts/{id}/publish"), &[("revision", &revision)])
            .await;
        assert_eq!(
            manager.follow(&published).await.text(".flash--page"),
            "v2 已发布，新的通话开始使用"
        );
        assert_eq!(versions(&app, id).await, ["1/true/true", "2/true/false"]);
        assert_eq!(
            app.count("select count(*) from audit where action in ('scripts.edit', 'scripts.publish')")
                .await,
            2
        );
    });
}

#[test]
fn a_published_version_never_changes() {
    with_app(async |app| {
        for sql in [
            "update script_versions set body = '{}'",
            "update script_versions set version = 7 where version = 1",
            "update script_versions set published_at = null",
            "delete from script_versions",
        ] {
            let error = sqlx::query(sql).execute(&app.db).await.unwrap_err();
            assert!(error.to_string().contains("never changes"), "{sql}: {error}");
        }
    });
}

#[test]
fn who_saves_over_a_colleagues_draft_is_told_and_loses_nothing() {
    with_app(async |app| {
        let id = script(&app, "talk").await;
        let (edit, save) = (format!("/scripts/{id}/edit"), format!("/scripts/{id}/draft"));
        let mut manager = app.sign_in(Role::Manager).await;
        let mut admin = app.sign_in(Role::Admin).await;
        let (mut mine, mut theirs) = (
            manager.get(&edit).await.form("script"),
            admin.get(&edit).await.form("script"),
        );
        set(&mut theirs, "closing", "zh", "再见。");
        assert_eq!(post(&mut admin, &save, &theirs).await.status, 303);
        set(&mut mine, "greeting", "zh", "您好，我是{store}的{me}{plate}。");
        let wrong = post(&mut manager, &save, &mine).await;
        assert_eq!(
            wrong.field_error("zh_greeting"),
            "花括号里的名称不在可填入的资料中"
        );
        set(&mut mine, "greeting", "zh", "早上好，我是{store}的{me}。");
        let late = post(&mut manager, &save, &mine).await;
        assert_eq!(late.status, 409);
        assert!(
            late.text("[role=alert]").contains("admin 在"),
            "{}",
            late.text("[role=alert]")
        );
        assert_eq!(late.text("#zh_greeting"), "早上好，我是{store}的{me}。");
        // Decided to save all the same: the form knows the newer draft now.
        let again = post(&mut manager, &save, &late.form("script")).await;
        let page = manager.follow(&again).await;
        assert!(page.text(".script").contains("早上好，我是滨江店的manager。"));
        let stale = manager
            .post(&format!("/scripts/{id}/publish"), &[("revision", "1")])
            .await;
        assert_eq!(
            stale.status, 409,
            "another draft than the one that was on the page"
        );
        assert_eq!(versions(&app, id).await, ["1/true/false", "2/false/false"]);
        let gone = manager.post(&format!("/scripts/{id}/discard"), &[]).await;
        assert_eq!(manager.follow(&gone).await.text(".flash--page"), "草稿已丢弃");
        assert_eq!(versions(&app, id).await, ["1/true/false"]);
    });
}

#[test]
fn an_occasion_gets_a_talk_of_its_own_and_an_old_version_comes_back() {
    with_app(async |app| {
        let mut manager = app.sign_in(Role::Manager).await;
        let missing = manager.post("/scripts", &[]).await;
        assert_eq!(
            (missing.status, missing.field_error("for_kind")),
            (422, "必填".to_owned())
        );
        let made = manager.post("/scripts", &[("for_kind", "lost_customer")]).await;
        let edit = manager.follow(&made).await;
        let mut form = edit.form("script");
        assert_eq!(form.iter().filter(|(name, _)| name == "code").count(), 7);
        set(&mut form, "purpose", "zh", "好久没见到您的{car}了。");
        let id: i64 = app.count("select max(id) from scripts").await;
        let saved = post(&mut manager, &format!("/scripts/{id}/draft"), &form).await;
        let page = manager.follow(&saved).await;
        let revision = page.attr("#publish input", "value").unwrap();
        manager
            .post(&format!("/scripts/{id}/publish"), &[("revision", &revision)])
            .await;
        let twice = manager.post("/scripts", &[("for_kind", "lost_customer")]).await;
        assert_eq!(
            (twice.status, twice.field_error("for_kind")),
            (422, "这个事由已有话术".to_owned())
        );

        set(&mut form, "purpose", "zh", "换一句。");
        put(&mut form, "revision", "0");
        let saved = post(&mut manager, &format!("/scripts/{id}/draft"), &form).await;
        let page = manager.follow(&saved).await;
        let revision = page.attr("#publish input", "value").unwrap();
        manager
            .post(&format!("/scripts/{id}/publish"), &[("revision", &revision)])
            .await;
        let old = manager.get(&format!("/scripts/{id}/edit?from=1")).await;
        assert_eq!(old.text("#zh_purpose"), "好久没见到您的{car}了。");
        let person = build::person(&app, "赵雅楠", "13900007715", "浙A7K2M9").await;
        let visit = build::visit(&app, &person, "RO-1").insert().await;
        let call = build::callback(&app, &person, visit, "2026-11-24T12:00:00Z").await;
        sqlx::query("update obligations set kind = 'lost_customer', vehicle_id = $1, visit_id = null where callback_id = $2")
            .bind(person.vehicle)
            .bind(call)
            .execute(&app.db)
            .await
            .unwrap();
        let talk = manager.get(&format!("/callbacks/{call}")).await.text(".script");
        assert!(talk.contains("换一句。"), "{talk}");
    });
}

#[test]
fn only_who_manages_scripts_sees_them_and_only_the_stores_own() {
    with_app(async |app| {
        let id = script(&app, "talk").await;
        for role in [Role::Specialist, Role::Clerk, Role::Group] {
            let mut browser = app.sign_in(role).await;
            assert_eq!(browser.get("/scripts").await.status, 403, "{role}");
            assert_eq!(
                browser.get(&format!("/scripts/{id}/edit")).await.status,
                403,
                "{role}"
            );
        }
        let foreign: i64 = sqlx::query_scalar("select min(id) from scripts where store_id = $1")
            .bind(app.other_store)
            .fetch_one(&app.db)
            .await
            .unwrap();
        let mut manager = app.sign_in(Role::Manager).await;
        for path in ["", "/edit", "/trial"] {
            assert_eq!(
                manager.get(&format!("/scripts/{foreign}{path}")).await.status,
                404,
                "{path}"
            );
        }
        let forged = [("code", "x y"), ("kind", "say")];
        assert_eq!(
            manager
                .post(&format!("/scripts/{id}/draft"), &forged)
                .await
                .status,
            400
        );
        assert_eq!(manager.get(&format!("/scripts/{id}?version=9")).await.status, 404);
    });
}
