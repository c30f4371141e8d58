//! Pictures of every page: desktop, telephone, dark and English. Run by scripts/screens.
//!
//! `screens FOLDER [NAME...]`: all pages, or those with these names. The clock stands still, so that pictures of two
//! versions can be compared.
#![expect(
    clippy::unwrap_used,
    reason = "a picture that cannot be taken ends the program"
)]

#[path = "../../tests/browser/harness/mod.rs"]
mod harness;
#[path = "../../tests/web/support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use care_desk::auth::permission::Role;
use care_desk::demo::CUSTOMERS;
use sqlx::PgPool;

use crate::harness::browser::{Browser, Size};
use crate::harness::pages::{PAGES, Page, person_of};
use crate::harness::{Desk, with_demonstration};
use crate::support::app::PASSWORD;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().unwrap_or_else(|| "screens".to_owned()));
    let names: Vec<String> = arguments.collect();
    std::fs::create_dir_all(&folder).unwrap();
    with_demonstration(CUSTOMERS, async |db, desk| {
        for (role, pages) in by_role(&names) {
            let camera = Camera::set_up(desk, db, role, &folder).await;
            camera.shoot(&pages).await;
        }
    });
}

/// The pages asked for, by who looks at them: one signs in once.
fn by_role(names: &[String]) -> BTreeMap<Option<&'static str>, Vec<Page>> {
    let mut pages = BTreeMap::<_, Vec<Page>>::new();
    for page in PAGES {
        if names.is_empty() || names.iter().any(|name| name == page.name) {
            pages.entry(page.role.map(Role::as_str)).or_default().push(*page);
        }
    }
    pages
}

/// A person's browser, and where its pictures go.
struct Camera<'a> {
    browser: Browser,
    db: &'a PgPool,
    is_signed_in: bool,
    folder: &'a Path,
}

impl<'a> Camera<'a> {
    async fn set_up(desk: &Desk, db: &'a PgPool, role: Option<&str>, folder: &'a Path) -> Camera<'a> {
        let browser = desk.browser().await;
        if let Some(role) = role {
            let person = person_of(db, role.parse().unwrap()).await;
            browser.sign_in_as(&person, PASSWORD).await;
        }
        Camera {
            browser,
            db,
            is_signed_in: role.is_some(),
            folder,
        }
    }

    /// Every page in every look; `call.png`, `call.mobile.png`, `call.dark.png`, `call.en.png`.
    async fn shoot(&self, pages: &[Page]) {
        self.shoot_as(pages, "").await;
        self.browser.resize(Size::Mobile).await;
        self.shoot_as(pages, ".mobile").await;
        self.browser.resize(Size::Desktop).await;
        self.browser.darken(true).await;
        self.shoot_as(pages, ".dark").await;
        self.browser.darken(false).await;
        self.speak("en").await;
        self.shoot_as(pages, ".en").await;
        self.speak("zh-CN").await;
    }

    async fn shoot_as(&self, pages: &[Page], look: &str) {
        for page in pages {
            self.browser.visit(&page.address(self.db).await).await;
            // A picture before the last letter is drawn would show another font.
            self.browser
                .evaluate("return document.fonts.ready.then(() => null)")
                .await;
            let file = self.folder.join(format!("{}{look}.png", page.name));
            std::fs::write(&file, self.browser.screenshot().await).unwrap();
            eprintln!("{}", file.display());
        }
    }

    async fn speak(&self, locale: &str) {
        if self.is_signed_in {
            self.browser.visit("/").await;
            self.browser.choose_language(locale).await;
        } else {
            self.browser.visit("/login").await;
            self.browser
                .follow(&format!("[name=locale][value={locale}]"))
                .await;
        }
    }
}
