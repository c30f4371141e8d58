//! Stores: details, departments, hours, days; opening and entering stores.

use care_desk::auth::permission::Role;

use crate::support::app::{TestApp, with_app};
use crate::support::build;
use crate::support::client::Client;

/// The fields of the hours form as the page shows them.
async fn hours(browser: &mut Client, app: &TestApp) -> Vec<(String, String)> {
    let page = browser.get(&format!("/stores/{}", app.store)).await;
    let mut fields = vec![(
        "version".to_owned(),
        page.attr("#hours input[name=version]", "value").unwrap(),
    )];
    for purpose in ["open", "call", "sms", "marketing"] {
        for weekday in 1..=7 {
            let name = format!("{purpose}_{weekday}");
            let value = page.attr(&format!("#{name}"), "value").unwrap();
            fields.push((name, value));
        }
    }
    fields
}

fn set(fields: &mut [(String, String)], name: &str, value: &str) {
    fields.iter_mut().find(|(field, _)| field == name).unwrap().1 = value.to_owned();
}

async fn post(
    browser: &mut Client,
    path: &str,
    fields: &[(String, String)],
) -> crate::support::client::Answer {
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    browser.post(path, &fields).await
}

#[test]
fn hours_rewrite_the_calendar() {
    with_app(async |app| {
        let mut admin = app.sign_in(Role::Admin).await;
        let path = format!("/stores/{}/hours", app.store);
        let mut fields = hours(&mut admin, &app).await;
        // 24 November 2026 is a Tuesday.
        set(&mut fields, "open_2", "08:00-12:00，14:00-24:00");
        set(&mut fields, "call_2", "9:00-11:30 15:00-24:00");
        set(&mut fields, "open_3", "");
        assert_eq!(post(&mut admin, &path, &fields).await.status, 303);
        let windows: Vec<String> = sqlx::query_scalar(
            "select to_char(starts_at at time zone 'Asia/Shanghai', 'HH24:MI') || '-' || to_char(ends_at at time zone 'Asia/Shanghai', 'HH24:MI')
             from store_windows where store_id = $1 and day = '2026-11-24' and purpose = 'callable' order by starts_at",
        )
        .bind(app.store)
        .fetch_all(&app.db)
        .await
        .unwrap();
        assert_eq!(windows, ["09:00-11:30", "15:00-00:00"]);
        assert_eq!(
            app.count(
                "select count(*) from store_days where day = '2026-11-25' and is_open and store_id = 1"
            )
            .await,
            0
        );
        assert_eq!(
            hours(&mut admin, &app)
                .await
                .iter()
                .find(|(name, _)| name == "open_2")
                .unwrap()
                .1,
            "08:00-12:00 14:00-24:00"
        );
        assert_eq!(
            post(&mut admin, &path, &fields).await.status,
            409,
            "an old version"
        );
        assert_eq!(
            app.count("select count(*) from audit where action = 'stores.hours'")
                .await,
            1
        );
    });
}

#[test]
fn wrong_hours_are_told_at_their_field() {
    with_app(async |app| {
        let mut admin = app.sign_in(Role::Admin).await;
        let path = format!("/stores/{}/hours", app.store);
        let mut fields = hours(&mut admin, &app).await;
        set(&mut fields, "open_1", "nine to five");
        set(&mut fields, "call_1", "12:00-09:00");
        set(&mut fields, "sms_7", "09:00-12:00 11:00-13:00");
        let refused = post(&mut admin, &path, &fields).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.field_error("open_1"), "写成 09:00-12:00，多段用空格隔开");
        assert_eq!(refused.field_error("call_1"), "结束时间应晚于开始时间");
        assert_eq!(refused.field_error("sms_7"), "各段应按先后排列，不能重叠");
        assert_eq!(refused.attr("#open_1", "value").as_deref(), Some("nine to five"));
        assert_eq!(
            post(&mut admin, &path, &[]).await.status,
            422,
            "a form without fields closes nothing"
        );
        assert_eq!(
            app.count("select count(*) from calendar_hours where store_id = 1 and purpose = 'open'")
                .await,
            7
        );
    });
}

#[test]
fn closed_days_move_due_days_and_can_be_removed() {
    with_app(async |app| {
        let mut admin = app.sign_in(Role::Admin).await;
        let path = format!("/stores/{}/calendar", app.store);
        let closed = [
            ("from", "2027-02-05"),
            ("to", "2027-02-11"),
            ("kind", "closed"),
            ("day_name", "春节"),
        ];
        assert_eq!(admin.post(&path, &closed).await.status, 303);
        let special = [
            ("from", "2027-02-12"),
            ("kind", "special"),
            ("hours_special", "09:00-12:00，14:00-16:00"),
        ];
        assert_eq!(admin.post(&path, &special).await.status, 303);
        let next = "select count(*) from store_days where store_id = 1 and day = '2027-02-06' and next_open_day = '2027-02-12'";
        assert_eq!(app.count(next).await, 1);
        let page = admin.get(&format!("{path}?year=2027")).await;
        assert_eq!(page.count(".year__d--closed"), 7);
        assert_eq!(page.count(".year__d--special"), 1);
        assert!(page.html().contains("09:00-12:00 14:00-16:00"));
        let twice = "select count(*) from store_windows where store_id = 1 and purpose = 'open' and day = '2027-02-12'";
        assert_eq!(app.count(twice).await, 2);

        let backwards = [("from", "2027-02-05"), ("to", "2027-02-01"), ("kind", "closed")];
        let refused = admin.post(&path, &backwards).await;
        assert_eq!(
            (refused.status, refused.field_error("to")),
            (422, "结束日期早于开始日期".to_owned())
        );
        let run = [("from", "2027-02-05"), ("to", "2027-02-11")];
        assert_eq!(admin.post(&format!("{path}/remove"), &run).await.status, 303);
        assert_eq!(app.count(next).await, 0);
        let ordinary = [("from", "2027-02-09"), ("to", "2027-02-11")];
        assert_eq!(
            admin.post(&format!("{path}/remove"), &ordinary).await.status,
            404,
            "gone already"
        );
    });
}

#[test]
fn details_are_checked_and_a_new_time_zone_moves_the_days() {
    with_app(async |app| {
        let mut admin = app.sign_in(Role::Admin).await;
        let path = format!("/stores/{}", app.store);
        let mut form = vec![
            ("version", "1"),
            ("name", "滨江旗舰店"),
            ("time_zone", "Asia/Nowhere"),
            ("area_code", "571"),
            ("is_active", ""),
        ];
        let refused = admin.post(&path, &form).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.field_error("time_zone"), "请从列表中选择");
        assert_eq!(refused.field_error("area_code"), "区号为 0 开头的三到四位数字");
        form[2] = ("time_zone", "Asia/Urumqi");
        form[3] = ("area_code", "0571");
        assert_eq!(admin.post(&path, &form).await.status, 303);
        assert_eq!(
            admin.get(&path).await.count(".flash--soon"),
            1,
            "a new time zone warns"
        );
        assert_eq!(
            app.count("select count(*) from store_days where store_id = 1 and day = '2026-11-24' and starts_at = '2026-11-23T18:00:00Z'").await,
            1
        );
        assert_eq!(
            app.count("select count(*) from stores where id = 1 and is_active")
                .await,
            1,
            "a store's admin cannot close it"
        );
        assert_eq!(admin.post(&path, &form).await.status, 409);
    });
}

#[test]
fn departments_are_added_renamed_and_retired() {
    with_app(async |app| {
        let mut admin = app.sign_in(Role::Admin).await;
        let path = format!("/stores/{}/departments", app.store);
        assert_eq!(
            admin.post(&path, &[("department_name", "二手车部")]).await.status,
            303
        );
        let taken = admin.post(&path, &[("department_name", "二手车部")]).await;
        assert_eq!(
            (taken.status, taken.field_error("department_name")),
            (422, "已被使用".to_owned())
        );
        let id: i64 = sqlx::query_scalar("select id from departments where name = '二手车部'")
            .fetch_one(&app.db)
            .await
            .unwrap();
        let one = format!("{path}/{id}");
        let form = [
            ("version", "1"),
            ("department_name", "二手车中心"),
            ("state", "inactive"),
        ];
        assert_eq!(admin.post(&one, &form).await.status, 303);
        assert_eq!(
            app.count("select count(*) from departments where name = '二手车中心' and not is_active")
                .await,
            1
        );
        assert_eq!(admin.post(&one, &form).await.status, 409);
        let taken = admin
            .post(&one, &[("version", "2"), ("department_name", "配件部")])
            .await;
        assert_eq!(
            (taken.status, taken.text(&format!("#department-{id}-error"))),
            (422, "已被使用".to_owned())
        );
        let foreign: i64 = sqlx::query_scalar("select min(id) from departments where store_id = $1")
            .bind(app.other_store)
            .fetch_one(&app.db)
            .await
            .unwrap();
        assert_eq!(admin.post(&format!("{path}/{foreign}"), &form).await.status, 404);
    });
}

#[test]
fn only_the_group_opens_stores_and_changes_foreign_ones() {
    with_app(async |app| {
        let mut admin = app.sign_in(Role::Admin).await;
        let form = [
            ("idem_key", "7f1c2e5a-0000-4000-8000-000000000001"),
            ("name", "城北店"),
            ("store_code", "s03"),
        ];
        assert_eq!(admin.get("/stores/new").await.status, 403);
        assert_eq!(admin.post("/stores", &form).await.status, 403);
        assert_eq!(
            admin.get(&format!("/stores/{}", app.other_store)).await.status,
            404
        );
        assert_eq!(admin.get("/stores").await.count("tbody tr"), 1);

        app.add_user("chief", Role::Admin, None).await;
        let mut chief = app.sign_in_as("chief").await;
        assert_eq!(chief.get("/stores").await.count("tbody tr"), 2);
        let made = chief.post("/stores", &form).await;
        assert_eq!(made.status, 303);
        assert_eq!(
            chief.post("/stores", &form).await.location(),
            made.location(),
            "sent twice"
        );
        assert_eq!(chief.get(made.location()).await.text("h1"), "城北店");
        let mut taken = form;
        taken[0].1 = "7f1c2e5a-0000-4000-8000-000000000002";
        assert_eq!(
            chief.post("/stores", &taken).await.field_error("store_code"),
            "已被使用"
        );
    });
}

#[test]
fn the_last_store_stays_open() {
    with_app(async |app| {
        app.add_user("chief", Role::Admin, None).await;
        let mut chief = app.sign_in_as("chief").await;
        let close = [("version", "1"), ("name", "店"), ("time_zone", "Asia/Shanghai")];
        assert_eq!(
            chief
                .post(&format!("/stores/{}", app.other_store), &close)
                .await
                .status,
            303
        );
        let refused = chief.post(&format!("/stores/{}", app.store), &close).await;
        assert_eq!(
            (refused.status, refused.field_error("is_active")),
            (422, "这是最后一家在用的门店，不能停用".to_owned())
        );
    });
}

#[test]
fn group_wide_people_enter_other_stores() {
    with_app(async |app| {
        let mut group = app.sign_in(Role::Group).await;
        let other_store = app.other_store.to_string();
        let form = [
            ("store_id", other_store.as_str()),
            ("next", "/customers/42?tab=cars"),
        ];
        let entered = group.post("/stores/enter", &form).await;
        assert_eq!((entered.status, entered.location()), (303, "/customers"));
        assert!(group.get("/").await.text(".topbtn--store").contains("高新店"));
        assert_eq!(
            app.count("select count(*) from audit where action = 'stores.enter' and store_id = 2")
                .await,
            1
        );
        assert_eq!(
            group.post("/stores/enter", &[("store_id", "99")]).await.status,
            404
        );
        for role in [Role::Admin, Role::Manager] {
            let mut store_person = app.sign_in(role).await;
            assert_eq!(
                store_person.post("/stores/enter", &form).await.status,
                403,
                "{role}"
            );
        }
    });
}

#[test]
fn a_new_time_zone_says_first_how_many_deadlines_it_moves() {
    with_app(async |app| {
        let person = build::person(&app, "赵雅楠", "13800000001", "浙A00001").await;
        let visit = build::visit(&app, &person, "RO-1")
            .handed_over("2026-11-23T03:00:00Z")
            .insert()
            .await;
        build::callback(&app, &person, visit, "2026-11-26T12:00:00Z").await;
        let due = "select count(*) from obligations where due_at = '2026-11-26T12:00:00Z'";
        let mut admin = app.sign_in(Role::Admin).await;
        let path = format!("/stores/{}", app.store);
        let form = [
            ("version", "1"),
            ("name", "滨江店"),
            ("time_zone", "Asia/Urumqi"),
            ("area_code", "0571"),
        ];
        let preview = admin.post(&path, &form).await;
        assert_eq!(
            (preview.status, preview.text("[data-moved=later]")),
            (200, "1".to_owned())
        );
        assert_eq!(app.count(due).await, 1, "nothing is saved by looking");
        assert_eq!(
            app.count("select count(*) from stores where time_zone = 'Asia/Urumqi'")
                .await,
            0
        );
        let confirmed = [form.as_slice(), &[("confirm", "1")]].concat();
        assert_eq!(admin.post(&path, &confirmed).await.status, 303);
        assert_eq!(app.count(due).await, 0);
        assert_eq!(
            app.count("select count(*) from stores where time_zone = 'Asia/Urumqi'")
                .await,
            1
        );
    });
}
