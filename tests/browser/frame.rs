//! The frame around every page: menus, theme, language, keys, under the headers that a deployment sends.

use care_desk::auth::permission::Role;
use fantoccini::key::Key;

use crate::harness::browser::Size;
use crate::harness::with_desk;

/// The colour behind the page, as drawn.
const GROUND: &str = "return getComputedStyle(document.body).backgroundColor";

#[test]
fn menus_open_and_close_by_mouse_and_by_keyboard() {
    with_desk(async |_, desk| {
        let browser = desk.browser().await;
        browser.sign_in(Role::Specialist).await;
        browser.click("[popovertarget=user-menu]").await;
        browser.wait_for_text("#user-menu", "客户关爱专员").await;
        browser.press(&[Key::Escape.into()]).await;
        browser.wait_until_gone("#user-menu").await;
        browser.press(&['?']).await;
        browser.wait_for_text("#keys", "呼叫下一位").await;
        browser.press(&[Key::Escape.into()]).await;
        browser.wait_until_gone("#keys").await;
        browser.press(&['/']).await;
        assert_eq!(browser.focus().await, "omni");
    });
}

#[test]
fn a_telephone_shows_the_rest_of_the_menu_in_a_sheet() {
    with_desk(async |_, desk| {
        let browser = desk.browser().await;
        browser.resize(Size::Mobile).await;
        browser.sign_in(Role::Manager).await;
        browser.visit("/").await;
        browser.click("[popovertarget=nav-sheet]").await;
        browser.wait_for_text("#nav-sheet", "保养提醒").await;
        let covers = "const sheet = document.querySelector('#nav-sheet').getBoundingClientRect();
                      return sheet.bottom - document.querySelector('.nav').getBoundingClientRect().top";
        let covered = browser.evaluate(covers).await.as_f64().unwrap();
        assert!(covered <= 0.0, "the sheet covers {covered} px of the tabs");
        let overflow = "return document.documentElement.scrollWidth - innerWidth";
        assert_eq!(browser.evaluate(overflow).await, 0);
    });
}

#[test]
fn the_chosen_theme_stays_on_the_next_page() {
    with_desk(async |_, desk| {
        let browser = desk.browser().await;
        browser.sign_in(Role::Specialist).await;
        let light = browser.evaluate(GROUND).await;
        browser.choose_theme("dark").await;
        let dark = browser.evaluate(GROUND).await;
        assert_ne!(dark, light);
        browser.visit("/no-such-page").await;
        assert_eq!(browser.evaluate(GROUND).await, dark);
        browser.visit("/").await;
        browser.choose_theme("light").await;
        assert_eq!(browser.evaluate(GROUND).await, light);
    });
}

#[test]
fn the_chosen_language_is_the_persons_in_every_browser() {
    with_desk(async |_, desk| {
        let browser = desk.browser().await;
        browser.sign_in(Role::Specialist).await;
        browser.wait_for_text(".nav", "我的一天").await;
        browser.choose_language("en").await;
        browser.wait_for_text(".nav", "My day").await;
        let other = desk.browser().await;
        other.sign_in(Role::Specialist).await;
        other.wait_for_text(".nav", "My day").await;
        assert_eq!(other.evaluate("return document.documentElement.lang").await, "en");
    });
}

#[test]
fn icons_and_styles_load_under_the_content_security_policy() {
    with_desk(async |_, desk| {
        let browser = desk.browser().await;
        browser.sign_in(Role::Admin).await;
        browser.visit("/").await;
        browser.wait_for(".nav .icon").await;
        let drawn = "return [...document.querySelectorAll('.nav .icon')]
                         .filter((icon) => icon.checkVisibility())
                         .every((icon) => icon.getBBox().width > 0 && icon.getBBox().height > 0)";
        assert_eq!(browser.evaluate(drawn).await, true, "an icon is empty");
        let refused = "const style = document.createElement('style');
                       style.textContent = 'body { outline: 9px solid red }';
                       document.head.append(style);
                       return getComputedStyle(document.body).outlineWidth";
        assert_ne!(
            browser.evaluate(refused).await,
            "9px",
            "a style from outside is taken"
        );
        let complaints = browser.console_errors().await;
        assert!(
            complaints.iter().any(|text| text.contains("style-src")),
            "{complaints:?}"
        );
    });
}
