//! The menu: whatever a role may open is in it, or in the row above the pages of a section.

use std::collections::BTreeSet;

use axum::http::Method;
use care_desk::auth::permission::Role;
use care_desk::web;
use care_desk::web::nav::landing;

use crate::support::app::with_app;

/// Addresses of one segment that are no pages of the desk.
/// Nobody is led to these by the menu; to notices leads the bell, from everywhere.
const NO_PAGES: [&str; 5] = ["/healthz", "/readyz", "/login", "/setup", "/notices"];

#[test]
fn every_page_that_a_role_may_open_is_in_its_menu() {
    with_app(async |app| {
        let routes = web::routes();
        let pages = routes.list().iter().filter(|(method, path)| {
            *method == Method::GET
                && path.matches('/').count() == 1
                && !path.contains('{')
                && !NO_PAGES.contains(path)
        });
        let pages: Vec<&str> = pages.map(|(_, path)| *path).collect();
        assert!(pages.contains(&"/exemptions") && pages.contains(&"/"));
        for role in Role::ALL {
            let mut browser = app.sign_in(*role).await;
            let first = browser.get(landing(*role)).await;
            let hrefs = |links: Vec<(String, String)>| links.into_iter().map(|(href, _)| href);
            let menu: BTreeSet<String> = hrefs(first.links(".nav__item")).collect();
            assert!(menu.len() <= 12, "{role}");
            let mut reached = menu.clone();
            // The name of the house leads to one's day from everywhere.
            reached.insert("/".to_owned());
            for entry in &menu {
                reached.extend(hrefs(browser.get(entry).await.links(".subnav a")));
            }
            for page in &pages {
                let answer = browser.get(page).await;
                if answer.status == 200 {
                    assert!(reached.contains(*page), "{role} does not find {page}");
                    let marked = answer.count(".nav__item[aria-current]");
                    assert!(
                        marked == 1 || *page == "/" && marked == 0,
                        "{role} on {page}: {marked}"
                    );
                } else if *page != "/" {
                    assert!(
                        !reached.contains(*page),
                        "{role} is led to {page}: {}",
                        answer.status
                    );
                }
            }
        }
    });
}
