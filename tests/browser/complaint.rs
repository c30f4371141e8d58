//! A case from the call that brought it to light to the customer's own verdict.

use care_desk::auth::permission::Role;
use care_desk::complaints::{ComplaintId, clocks, warnings};
use fantoccini::key::Key;

use crate::harness::browser::{Browser, control};
use crate::harness::with_desk;
use crate::support::app::TestApp;
use crate::support::build;

/// A dissatisfied customer, by keyboard; the case that comes of it.
async fn complain(app: &TestApp, browser: &Browser) -> ComplaintId {
    let person = build::person(app, "赵雅楠", "13900007715", "浙A7K2M9").await;
    let visit = build::visit(app, &person, "RO-1")
        .handed_over("2026-11-21T03:00:00Z")
        .insert()
        .await;
    build::callback(app, &person, visit, "2026-11-24T12:00:00Z").await;
    browser.press_to_leave(&['n']).await;
    browser.press(&['1']).await;
    browser.press(&[Key::Alt.into(), '3']).await;
    browser.wait_for(".scale__row input[value='3']:checked").await;
    browser.click("//label[contains(., '等待时间')]").await;
    browser.fill("#words", "说好一个半小时，等了快两个小时。").await;
    browser.press_to_leave(&control(Key::Enter)).await;
    sqlx::query_scalar("select id from complaints where state = 'accepted'")
        .fetch_one(&app.db)
        .await
        .unwrap()
}

/// The department has dealt with it, and the customer is to be asked.
async fn resolve(app: &TestApp, case: ComplaintId) {
    sqlx::query(
        "with dealt as (
           update complaints
           set state = 'resolved', handler_id = $2, dispatched_at = coalesce(dispatched_at, $3), acknowledged_at = coalesce(acknowledged_at, $3),
               cause = '派工未看预约', measure = '致歉并赠送洗车', result = '客户接受道歉', responsibility = 'responsible', agreed_at = $3,
               resolved_at = $3, version = version + 1
           where id = $1
           returning store_id, id
         )
         insert into complaint_events (store_id, complaint_id, kind, at, to_state)
         select d.store_id, d.id, e.kind, $3, e.gets
         from dealt d, (values ('dispatched', 'dispatched'), ('acknowledged', 'in_progress'), ('contact', null), ('resolved', 'resolved')) e(kind, gets)",
    )
    .bind(case)
    .bind(app.user("handler").await)
    .bind(app.now())
    .execute(&app.db)
    .await
    .unwrap();
    let mut tx = app.db.begin().await.unwrap();
    clocks::sync(&mut tx, app.scope(), case, app.now()).await.unwrap();
    tx.commit().await.unwrap();
}

/// The job that tells people that clocks run out.
async fn warn(app: &TestApp) {
    let mut tx = app.db.begin().await.unwrap();
    warnings::warn(&mut tx, app.scope(), app.now()).await.unwrap();
    tx.commit().await.unwrap();
}

#[test]
fn a_complaint_ends_with_the_customers_own_verdict() {
    with_desk(async |app, desk| {
        let browser = desk.browser().await;
        browser.sign_in(Role::Specialist).await;
        let case = complain(app, &browser).await;
        desk.lose(browser).await;

        // Two hours without a department: the manager is told.
        app.set_now("2026-11-24T04:00:30Z");
        warn(app).await;
        let manager = desk.browser().await;
        manager.sign_in(Role::Manager).await;
        manager.wait_for("[data-bell] .count:not([hidden])").await;
        manager.follow("[data-bell]").await;
        manager.wait_for_text("tbody tr", "100").await;
        manager.wait_for_text("tbody tr", "等了快两个小时").await;
        desk.lose(manager).await;

        app.set_now("2026-11-24T06:10:00Z");
        resolve(app, case).await;
        let browser = desk.browser().await;
        browser.sign_in(Role::Specialist).await;
        // Dissatisfied: nothing is saved before the customer's words are there, and nothing typed is lost.
        browser.press_to_leave(&['n']).await;
        browser.wait_for_text(".askitem", "客户接受道歉").await;
        browser.press(&['1']).await;
        browser.press(&[Key::Alt.into(), 'b']).await;
        browser
            .wait_for("[data-verdict] label:has(input[value=dissatisfied]:checked)")
            .await;
        browser.wait_for(".askitem .low").await;
        browser.press_to_leave(&control(Key::Enter)).await;
        browser.wait_for(".askitem .error").await;
        assert_eq!(
            browser
                .count("[data-verdict] label:has(input[value=dissatisfied]:checked)")
                .await,
            1
        );
        browser.press(&[Key::Alt.into(), 'w']).await;
        browser.type_text("只道歉不解决，下次还是等").await;
        browser.press_to_leave(&control(Key::Enter)).await;
        browser.visit(&format!("/complaints/{case}")).await;
        browser.wait_for_text("#verdict", "只道歉不解决").await;
        browser.wait_for_text("#verdict", "第 2 轮").await;
        assert_eq!(
            app.count("select count(*) from complaints where state = 'in_progress' and cycle = 2")
                .await,
            1
        );

        // Then it is settled in earnest.
        app.set_now("2026-11-24T06:40:00Z");
        resolve(app, case).await;
        browser.visit("/").await;
        browser.press_to_leave(&['n']).await;
        browser.wait_for_text(".askitem", "只道歉不解决").await;
        browser.press(&['1']).await;
        browser.press(&[Key::Alt.into(), 'g']).await;
        browser
            .wait_for("[data-verdict] label:has(input[value=satisfied]:checked)")
            .await;
        browser.press(&[Key::Alt.into(), 'y']).await;
        browser.press(&[Key::Alt.into(), '9']).await;
        browser.wait_for(".scale__row input[value='9']:checked").await;
        browser.press_to_leave(&control(Key::Enter)).await;
        browser.visit(&format!("/complaints/{case}")).await;
        browser.wait_for_text("#verdict", "满意").await;
        let closed = "select count(*) from complaints where state = 'closed' and verdict = 'satisfied' and verdict_score = 9 and is_solved";
        assert_eq!(app.count(closed).await, 1);
    });
}
