//! Signing in.

use fantoccini::key::Key;

use crate::harness::with_desk;
use crate::support::app::PASSWORD;

#[test]
fn a_person_signs_in_with_the_keyboard_alone() {
    with_desk(async |app, desk| {
        let browser = desk.browser().await;
        browser.visit("/?from=bookmark").await;
        assert_eq!(browser.path().await, "/login?next=/%3Ffrom%3Dbookmark");
        browser.press(&[Key::Tab.into()]).await;
        assert_eq!(browser.focus().await, "username");
        browser.type_text("specialist").await;
        browser.press(&[Key::Tab.into()]).await;
        assert_eq!(browser.focus().await, "password");
        browser.type_text(PASSWORD).await;
        browser.press_to_leave(&[Key::Enter.into()]).await;
        assert_eq!(browser.path().await, "/?from=bookmark");
        assert_eq!(app.count("select count(*) from sessions").await, 1);
    });
}

#[test]
fn a_wrong_password_keeps_the_name_and_says_what_is_wrong() {
    with_desk(async |app, desk| {
        let browser = desk.browser().await;
        browser.visit("/login").await;
        browser.fill("#username", "specialist").await;
        browser.fill("#password", "correct horse battery stable").await;
        browser.follow(".login__form [type=submit]").await;
        browser.wait_for_text("[role=alert]", "用户名或密码不对。").await;
        assert_eq!(browser.value("#username").await, "specialist");
        assert_eq!(browser.value("#password").await, "");
        assert_eq!(app.count("select count(*) from sessions").await, 0);
    });
}
