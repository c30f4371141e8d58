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
fn a_call_is_made_by_keyboard_from_start_to_save_and_next() {
    with_desk(async |app, desk| {
        due(app).await;
        let person = build::person(app, "李思远", "13600000932", "浙AF5520").await;
        let visit = build::visit(app, &person, "RO-2").insert().await;
        build::callback(app, &person, visit, "2026-11-24T12:30:00Z").await;
        let browser = desk.browser().await;
        browser.sign_in(Role::Specialist).await;
        browser.press_to_leave(&['n']).await;
        let first = browser.path().await;
        // Through the talk to the questions and back.
        browser.wait_for_text("[data-step][aria-current]", "问候").await;
        for _ in 0..2 {
            browser.press(&[Key::Right.into()]).await;
        }
        browser.press(&[Key::Left.into()]).await;
        browser
            .wait_for_text("[data-step][aria-current]", "确认身份")
            .await;
        browser.press(&['1']).await;
        browser.press(&[Key::Alt.into(), '9']).await;
        browser.wait_for("[data-q=q10] input[value='9']:checked").await;
        // What hangs on a no comes with it and goes with the yes.
        browser.wait_until_gone("[data-q=q5a]").await;
        browser.press(&[Key::Alt.into(), 'n']).await;
        browser.wait_for("[data-q=q5a]").await;
        browser.wait_for(".low").await;
        browser.press(&[Key::Alt.into(), 'y']).await;
        browser.wait_until_gone("[data-q=q5a]").await;
        browser.wait_until_gone(".low").await;
        browser.press(&[Key::Alt.into(), '5']).await;
        browser.wait_for("[data-q=q11] input[value='5']:checked").await;
        browser.wait_for("[data-q=q11a]").await;
        browser.press(&[Key::Tab.into()]).await;
        browser.type_text("离家太远").await;
        browser.press(&[Key::Alt.into(), 'm']).await;
        browser.type_text("下午打").await;
        browser.press_to_leave(&control(Key::Enter)).await;

        assert_ne!(browser.path().await, first, "the next customer");
        browser.wait_for_text("h1", "李思远").await;
        let answers: serde_json::Value = sqlx::query_scalar("select answers from responses")
            .fetch_one(&app.db)
            .await
            .unwrap();
        let said = serde_json::json!({ "q10": 9, "q5": "yes", "q11": 5, "q11a": "离家太远" });
        assert_eq!(answers, said);
        assert_eq!(
            app.count("select count(*) from attempts where note = '下午打'")
                .await,
            1
        );
        assert_eq!(app.count("select count(*) from complaints").await, 0);
    });
}

#[test]
fn who_comes_second_is_told_who_has_the_call_and_cannot_settle_it() {
    with_desk(async |app, desk| {
        due(app).await;
        app.add_user("second", Role::Specialist, Some(app.store)).await;
        let first = desk.browser().await;
        first.sign_in(Role::Specialist).await;
        first.press_to_leave(&['n']).await;
        let call = first.path().await;
        let second = desk.browser().await;
        second.sign_in_as("second", crate::support::app::PASSWORD).await;
        second.visit(&call).await;
        second
            .wait_for_text(".callpanel", "specialist 正在处理这位客户")
            .await;
        assert_eq!(second.count("#call").await, 0);
        assert_eq!(second.count("[data-save-next]").await, 0);
        // The page of the first one says so by itself.
        first
            .wait_for_text("[data-presence]", "second 也在看这一页")
            .await;
        second.visit(&call).await;
        second
            .wait_for_text("[data-presence]", "specialist 正在处理这位客户")
            .await;
        first.press(&['3']).await;
        first.press_to_leave(&control(Key::Enter)).await;
        assert_eq!(app.count("select count(*) from attempts").await, 1);
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
        browser.press(&[Key::Alt.into(), 'n']).await;
        browser.fill("[data-q=q5a] textarea", "空调还是不凉").await;
        browser.fill("#note", "周末方便，先打座机").await;
        browser.wait_for_text("[data-draft-state]", "草稿已保存").await;
        desk.lose(browser).await;

        let browser = desk.browser().await;
        browser.sign_in(Role::Specialist).await;
        browser.press_to_leave(&['n']).await;
        assert_eq!(browser.path().await, call, "the call that was begun comes first");
        assert_eq!(browser.value("#note").await, "周末方便，先打座机");
        assert_eq!(browser.value("[data-q=q5a] textarea").await, "空调还是不凉");
        assert_eq!(browser.count(".scale__row input[value='8']:checked").await, 1);
    });
}
