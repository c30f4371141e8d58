//! The call screen: what a dissatisfied customer sets going, and what is left when a machine fails in the middle.

use care_desk::auth::permission::Role;
use fantoccini::key::Key;

use crate::harness::browser::control;
use crate::harness::with_desk;
use crate::support::app::TestApp;
use crate::support::build;

/// A customer who is to be called back today.
async fn due(app: &TestApp) {
    let person = build::person(app, "赵雅楠", "13900007715", "浙A7K2M9").await;
    let visit = build::visit(app, &person, "RO-1")
        .handed_over("2026-11-21T03:00:00Z")
        .insert()
        .await;
    build::callback(app, &person, visit, "2026-11-24T12:00:00Z").await;
}

#[test]
fn a_dissatisfied_answer_becomes_a_complaint_in_the_customers_words() {
    with_desk(async |app, desk| {
        due(app).await;
        let browser = desk.browser().await;
        browser.sign_in(Role::Specialist).await;
        browser.press_to_leave(&['n']).await;
        browser.press(&['1']).await;
        browser.press(&[Key::Alt.into(), '3']).await;
        browser.wait_for(".scale__row input[value='3']:checked").await;
        // What a low score asks for is refused until it is answered; nothing typed is lost.
        browser.press_to_leave(&control(Key::Enter)).await;
        browser.wait_for(".reasons .error").await;
        assert_eq!(browser.count(".scale__row input[value='3']:checked").await, 1);
        browser.click("//label[contains(., '等待时间')]").await;
        browser.fill("#words", "说好一个半小时，等了快两个小时。").await;
        browser.press_to_leave(&control(Key::Enter)).await;

        assert_eq!(app.count("select count(*) from complaints").await, 1);
        let manager = desk.browser().await;
        manager.sign_in(Role::Manager).await;
        manager.visit("/complaints").await;
        manager.wait_for_text("tbody tr", "赵雅楠").await;
        manager.wait_for_text("tbody tr", "等了快两个小时").await;
        manager.follow("tbody tr a").await;
        manager.wait_for_text("blockquote", "说好一个半小时").await;
    });
}

#[test]
fn a_machine_that_fails_in_the_middle_of_a_call_loses_no_word() {
    with_desk(async |app, desk| {
        due(app).await;
        let browser = desk.browser().await;
        browser.sign_in(Role::Specialist).await;
        browser.press_to_leave(&['n']).await;
        let call = browser.path().await;
        browser.press(&[Key::Alt.into(), '8']).await;
        browser.fill("#note", "周末方便，先打座机").await;
        browser.wait_for_text("[data-draft-state]", "草稿已保存").await;
        desk.lose(browser).await;

        let browser = desk.browser().await;
        browser.sign_in(Role::Specialist).await;
        browser.press_to_leave(&['n']).await;
        assert_eq!(browser.path().await, call, "the call that was begun comes first");
        assert_eq!(browser.value("#note").await, "周末方便，先打座机");
        assert_eq!(browser.count(".scale__row input[value='8']:checked").await, 1);
    });
}
