//! The search box by keyboard, with an input method, and on a telephone.

use care_desk::auth::permission::Role;
use care_desk::customers::facts;
use fantoccini::key::Key;

use crate::harness::browser::{Browser, Size};
use crate::harness::{Desk, with_desk};
use crate::support::app::TestApp;
use crate::support::build;

/// Which option is active, by its text.
const ACTIVE: &str = "return document.getElementById(document.querySelector('#omni').getAttribute('aria-activedescendant'))?.textContent ?? ''";
const EXPANDED: &str = "return document.querySelector('#omni').getAttribute('aria-expanded')";

async fn specialist(app: &TestApp, desk: &Desk) -> Browser {
    for (name, phone, plate) in [
        ("赵雅楠", "13905717715", "浙A7K2M9"),
        ("赵国强", "15100002203", "浙B00001"),
    ] {
        build::person(app, name, phone, plate).await;
    }
    facts::refresh(&app.db, app.scope(), None).await.unwrap();
    let browser = desk.browser().await;
    browser.sign_in(Role::Specialist).await;
    browser.visit("/callbacks").await;
    browser
}

async fn active(browser: &Browser) -> String {
    browser.evaluate(ACTIVE).await.as_str().unwrap().to_owned()
}

#[test]
fn a_customer_is_found_and_opened_without_a_mouse() {
    with_desk(async |app, desk| {
        let browser = specialist(app, desk).await;
        browser.press(&[Key::Control.into(), 'k']).await;
        assert_eq!(browser.focus().await, "omni");
        browser.type_text("zhao").await;
        browser.wait_for_text("#omni-list", "赵国强").await;
        assert_eq!(browser.evaluate(EXPANDED).await, "true");
        assert_eq!(active(&browser).await, "", "nothing is chosen before an arrow is");
        browser.press(&[Key::Down.into()]).await;
        let first = active(&browser).await;
        browser.press(&[Key::Down.into()]).await;
        let second = active(&browser).await;
        assert!(
            first.contains('赵') && second.contains('赵') && first != second,
            "{first} {second}"
        );
        browser.press(&[Key::End.into()]).await;
        assert!(
            active(&browser).await.contains("新建客户"),
            "the last entry creates"
        );
        browser.press(&[Key::Down.into()]).await;
        assert_eq!(active(&browser).await, first, "after the last comes the first");
        browser.press(&[Key::Up.into()]).await;
        browser.press(&[Key::Home.into()]).await;
        assert_eq!(active(&browser).await, first);
        assert_eq!(browser.focus().await, "omni", "the field keeps the focus");
        browser.press_to_leave(&[Key::Enter.into()]).await;
        assert!(browser.path().await.starts_with("/customers/"));
        assert!(first.contains(&browser.text("h1").await));
    });
}

#[test]
fn escape_closes_the_list_and_keeps_what_was_typed() {
    with_desk(async |app, desk| {
        let browser = specialist(app, desk).await;
        browser.press(&['/']).await;
        browser.type_text("7715").await;
        browser.wait_for_text("#omni-list", "浙A·7K2M9").await;
        browser.press(&[Key::Escape.into()]).await;
        browser.wait_until_gone("#omni-list").await;
        assert_eq!(browser.evaluate(EXPANDED).await, "false");
        assert_eq!(browser.value("#omni").await, "7715");
        // Enter without a choice sends the box.
        browser.press_to_leave(&[Key::Enter.into()]).await;
        assert_eq!(browser.path().await, "/customers?q=7715");
    });
}

#[test]
fn nothing_is_asked_while_an_input_method_composes() {
    with_desk(async |app, desk| {
        let browser = specialist(app, desk).await;
        // WebDriver has no input method: the events are those that one sends.
        let compose = "window.asked = 0;
             const real = window.fetch;
             window.fetch = (...all) => { window.asked += 1; return real(...all); };
             const box = document.querySelector('#omni');
             box.focus();
             box.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true }));
             box.value = 'zhao';
             box.dispatchEvent(new InputEvent('input', { bubbles: true, isComposing: true }));
             const enter = new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true });
             box.dispatchEvent(enter);
             return new Promise((done) => setTimeout(() => done([window.asked, location.pathname]), 400));";
        assert_eq!(
            browser.evaluate(compose).await,
            serde_json::json!([0, "/callbacks"])
        );
        browser
            .evaluate(
                "const box = document.querySelector('#omni');
                 box.value = '赵雅';
                 box.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true }));
                 return 0",
            )
            .await;
        browser.wait_for_text("#omni-list", "赵雅楠").await;
        assert_eq!(browser.evaluate("return window.asked").await, 1);
    });
}

#[test]
fn a_telephone_gives_the_whole_screen_to_the_search() {
    with_desk(async |app, desk| {
        let browser = specialist(app, desk).await;
        browser.resize(Size::Mobile).await;
        browser.click("[data-omni-open]").await;
        assert_eq!(browser.focus().await, "omni");
        browser.type_text("zyn").await;
        browser.wait_for_text("#omni-list", "赵雅楠").await;
        let covers = "const box = document.querySelector('.omni').getBoundingClientRect();
                      return [box.left, box.top, box.width - innerWidth, box.height - innerHeight]";
        assert_eq!(browser.evaluate(covers).await, serde_json::json!([0, 0, 0, 0]));
        browser.click(".omni__close").await;
        browser.wait_until_gone(".omni").await;
    });
}
