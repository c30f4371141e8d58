//! What holds on every page: whoever cannot see it, or has no mouse, finds their way.

use care_desk::web;

use crate::harness::browser::{Browser, Size};
use crate::harness::pages::{PAGES, person_of};
use crate::harness::with_demonstration;
use crate::support::app::PASSWORD;

/// Sentences about what a screen reader would stumble over.
const STUMBLES: &str = r#"
    const stumbles = [];
    const must = (holds, sentence) => { if (!holds) stumbles.push(sentence); };
    const count = (selector) => document.querySelectorAll(selector).length;
    const name = (el) => el.outerHTML.slice(0, 120);
    must(document.documentElement.lang, 'the page has no language');
    must(document.title.trim(), 'the page has no title');
    must(count('h1') === 1, `${count('h1')} first headings`);
    must(count('main') === 1, `${count('main')} main landmarks`);
    for (const field of document.querySelectorAll('input:not([type=hidden]), select, textarea')) {
        const label = field.labels?.[0]?.textContent || field.getAttribute('aria-label')
            || document.getElementById(field.getAttribute('aria-labelledby'))?.textContent;
        must(label?.trim(), `no label: ${name(field)}`);
    }
    for (const control of document.querySelectorAll('a[href], button')) {
        const label = control.textContent.trim() || control.getAttribute('aria-label')
            || document.getElementById(control.getAttribute('aria-labelledby'))?.textContent;
        must(label?.trim(), `no name: ${name(control)}`);
    }
    for (const image of document.querySelectorAll('img:not([alt])')) must(false, `no text: ${name(image)}`);
    for (const button of document.querySelectorAll('[popovertarget]'))
        must(document.getElementById(button.getAttribute('popovertarget')), `opens nothing: ${name(button)}`);
    for (const ref of ['aria-describedby', 'aria-labelledby', 'aria-controls'])
        for (const el of document.querySelectorAll(`[${ref}]`))
            for (const id of el.getAttribute(ref).split(/\s+/))
                must(document.getElementById(id), `${ref} names nothing: ${name(el)}`);
    const ids = [...document.querySelectorAll('[id]')].map((el) => el.id);
    for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) must(false, `twice on the page: #${id}`);
    return stumbles;
"#;

/// The status that the page was answered with.
const STATUS: &str = "return performance.getEntriesByType('navigation')[0].responseStatus";

/// How far the page is wider than its window, in pixels.
const TOO_WIDE: &str = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";

/// How far the window scrolls beside the sheet, in pixels: on a desktop only the sheet does.
const SCROLLS_TWICE: &str = "const sheet = document.querySelector('main.sheet'); \
     return sheet ? document.documentElement.scrollHeight - document.documentElement.clientHeight : 0";

/// Routes that answer with something else than a page.
const NO_PAGES: &[&str] = &[
    "/healthz",
    "/readyz",
    "/static/{*path}",
    "/floor/events",
    "/notices/events",
    "/complaints/{id}/attachments/{attachment_id}",
    // A token is in nobody's sight but the customer's: the web tests look at it.
    "/q/{token}",
    // The demonstration has no files: the web tests look at it.
    "/complaints/{id}/attachments/{attachment_id}/remove",
    "/imports/templates/{kind}",
    "/imports/{id}/kept.csv",
    "/reviews/next",
    "/imports/{id}/refused.csv",
];

#[test]
fn every_route_is_in_the_table_of_pages() {
    let missing: Vec<&str> = web::routes()
        .list()
        .iter()
        .filter(|(method, path)| method == "GET" && !NO_PAGES.contains(path))
        .map(|(_, path)| *path)
        .filter(|path| !PAGES.iter().any(|page| page.route() == *path))
        .collect();
    assert!(
        missing.is_empty(),
        "add these to tests/browser/harness/pages.rs: {missing:?}"
    );
}

#[test]
fn every_page_can_be_read_aloud_and_fits_a_telephone() {
    with_demonstration(200, async |db, desk| {
        let mut wrong = Vec::new();
        let mut person = None;
        let mut browser = desk.browser().await;
        let mut pages = PAGES.to_vec();
        pages.sort_by_key(|page| page.role.map(|role| role.as_str()));
        for page in pages {
            if page.role != person
                && let Some(role) = page.role
            {
                desk.lose(browser).await;
                browser = desk.browser().await;
                browser.sign_in_as(&person_of(db, role).await, PASSWORD).await;
                person = page.role;
            }
            browser.visit(&page.address(db).await).await;
            let status = browser.evaluate(STATUS).await;
            if status != page.status {
                wrong.push(format!("{}: answered with {status}", page.name));
            }
            wrong.extend(
                faults(&browser)
                    .await
                    .into_iter()
                    .map(|fault| format!("{}: {fault}", page.name)),
            );
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    });
}

async fn faults(browser: &Browser) -> Vec<String> {
    let stumbles = browser.evaluate(STUMBLES).await;
    let mut faults: Vec<String> = serde_json::from_value(stumbles).unwrap();
    let twice = browser.evaluate(SCROLLS_TWICE).await;
    if twice != 0 {
        faults.push(format!("the window scrolls {twice} px beside the sheet"));
    }
    browser.resize(Size::Mobile).await;
    let too_wide = browser.evaluate(TOO_WIDE).await;
    browser.resize(Size::Desktop).await;
    if too_wide != 0 {
        faults.push(format!("{too_wide} px wider than a telephone"));
    }
    faults.extend(browser.console_errors().await);
    faults
}
