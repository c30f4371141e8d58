//! A person at a browser: every method is something that a person does or sees.
//!
//! A place on the page is a CSS selector or, when it begins with `/`, an XPath. Every act waits until its place is there.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use care_desk::auth::permission::Role;
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};

use super::driver::{console, devtools};
use crate::support::app::PASSWORD;

/// What never comes is given up after this time; a page of ours takes a hundredth of it, a large import on a busy machine a third.
const PATIENCE: Duration = Duration::from_secs(180);
const LOOK_AGAIN: Duration = Duration::from_millis(40);

/// A window with a profile of its own: no two share a session.
#[derive(Clone)]
pub struct Browser {
    client: Client,
    session: String,
    origin: String,
}

/// Size of the window in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// 1440 × 900
    Desktop,
    /// 390 × 844, touch, two device pixels each
    Mobile,
}

impl Browser {
    /// A window of the desk's size; paths are paths of `origin`.
    pub async fn open(client: Client, origin: String) -> Browser {
        let session = client.session_id().await.unwrap().unwrap_or_default();
        let browser = Browser {
            client,
            session,
            origin,
        };
        browser.resize(Size::Desktop).await;
        browser
    }

    /// Whether both are the same window.
    pub fn is(&self, other: &Browser) -> bool {
        self.session == other.session
    }

    /// Makes the window a desk's or a telephone's.
    pub async fn resize(&self, size: Size) {
        let metrics = match size {
            Size::Desktop => json!({ "width": 1440, "height": 900, "deviceScaleFactor": 1, "mobile": false }),
            Size::Mobile => json!({ "width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": true }),
        };
        devtools(&self.client, "Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// Lets the system ask for dark colours, or for light ones.
    pub async fn darken(&self, is_dark: bool) {
        let value = if is_dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        devtools(&self.client, "Emulation.setEmulatedMedia", features).await;
    }

    /// Types an address of the application, for example `/callbacks`.
    pub async fn visit(&self, path: &str) {
        let address = format!("{}{path}", self.origin);
        self.client.goto(&address).await.unwrap();
    }

    /// Signs in as the person of this role in the first store.
    pub async fn sign_in(&self, role: Role) {
        self.sign_in_as(role.as_str(), PASSWORD).await;
    }

    /// Signs in with a name and a password, as a person does.
    pub async fn sign_in_as(&self, username: &str, password: &str) {
        self.visit("/login").await;
        self.fill("#username", username).await;
        self.fill("#password", password).await;
        self.follow(".login__form [type=submit]").await;
        let page = self.path().await;
        assert!(!page.starts_with("/login"), "{username} cannot sign in");
    }

    /// Chooses a theme, `light`, `dark` or `system`, in the account menu.
    pub async fn choose_theme(&self, theme: &str) {
        self.click("[popovertarget=user-menu]").await;
        self.follow(&format!("#user-menu [name=theme][value={theme}]"))
            .await;
    }

    /// Chooses a language, `zh-CN` or `en`, in the account menu.
    pub async fn choose_language(&self, locale: &str) {
        self.click("[popovertarget=user-menu]").await;
        self.follow(&format!("#user-menu [name=locale][value={locale}]"))
            .await;
    }

    /// Clicks something that stays on the page.
    pub async fn click(&self, place: &str) {
        let what = format!("{place} to click");
        self.until(&what, async || {
            let element = self.client.find(locator(place)).await.ok()?;
            element.click().await.ok()
        })
        .await;
    }

    /// Clicks something that leads to another page, and waits for that page.
    pub async fn follow(&self, place: &str) {
        let before = self.document().await;
        self.click(place).await;
        self.arrive(before, place).await;
    }

    /// Empties a field and types into it.
    pub async fn fill(&self, place: &str, text: &str) {
        let field = self.wait_for(place).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Chooses the option with this value.
    pub async fn select(&self, place: &str, value: &str) {
        let field = self.wait_for(place).await;
        field.select_by_value(value).await.unwrap();
    }

    /// Chooses a file from the disk.
    pub async fn choose_file(&self, place: &str, file: &Path) {
        // A file field is often hidden behind a nicer place to drop files on: it need not be visible.
        let what = format!("{place} for a file");
        let find = async || self.client.find(locator(place)).await.ok();
        let field = self.until(&what, find).await;
        field.send_keys(file.to_str().unwrap()).await.unwrap();
    }

    /// Uploads a file, `roster` or `visits`, for import.
    pub async fn upload(&self, kind: &str, file: &Path) {
        self.visit("/imports").await;
        self.click(&format!("input[name=kind][value={kind}]")).await;
        self.choose_file("#file", file).await;
        self.follow(".import-form [type=submit]").await;
    }

    /// Clicks a link to a file and gives the file, once all of it is in the folder.
    pub async fn download(&self, place: &str, folder: &Path) -> PathBuf {
        let parameters = json!({ "behavior": "allow", "downloadPath": folder });
        devtools(&self.client, "Browser.setDownloadBehavior", parameters).await;
        self.click(place).await;
        let what = format!("the file behind {place}");
        self.until(&what, async || {
            let files = std::fs::read_dir(folder)
                .unwrap()
                .flatten()
                .map(|entry| entry.path());
            // Chromium writes under another name until it has everything.
            files
                .into_iter()
                .find(|file| file.extension().is_some_and(|end| end == "csv"))
        })
        .await
    }

    /// Types where the cursor is.
    pub async fn type_text(&self, text: &str) {
        let field = self.client.active_element().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Presses keys together, the last one last: `[Key::Control.into(), Key::Enter.into()]`.
    pub async fn press(&self, keys: &[char]) {
        let mut chord = KeyActions::new("keyboard".to_owned());
        for key in keys {
            chord = chord.then(KeyAction::Down { value: *key });
        }
        for key in keys.iter().rev() {
            chord = chord.then(KeyAction::Up { value: *key });
        }
        self.client.perform_actions(chord).await.unwrap();
    }

    /// Presses keys that lead to another page, and waits for that page.
    pub async fn press_to_leave(&self, keys: &[char]) {
        let before = self.document().await;
        self.press(keys).await;
        self.arrive(before, &format!("{keys:?}")).await;
    }

    /// Waits until something is there to be seen.
    pub async fn wait_for(&self, place: &str) -> Element {
        self.until(&format!("{place} to be seen"), async || {
            let element = self.client.find(locator(place)).await.ok()?;
            element.is_displayed().await.ok()?.then_some(element)
        })
        .await
    }

    /// Waits until something is gone or hidden.
    pub async fn wait_until_gone(&self, place: &str) {
        self.until(&format!("{place} to go"), async || {
            match self.client.find(locator(place)).await {
                Ok(element) => (!element.is_displayed().await.ok()?).then_some(()),
                Err(err) => err.is_no_such_element().then_some(()),
            }
        })
        .await;
    }

    /// Waits until a place holds this text among other words.
    pub async fn wait_for_text(&self, place: &str, text: &str) {
        self.until(&format!("“{text}” in {place}"), async || {
            let element = self.client.find(locator(place)).await.ok()?;
            element.text().await.ok()?.contains(text).then_some(())
        })
        .await;
    }

    /// What a place says, once it is there.
    pub async fn text(&self, place: &str) -> String {
        self.wait_for(place).await.text().await.unwrap()
    }

    /// What is typed in a field.
    pub async fn value(&self, place: &str) -> String {
        let field = self.wait_for(place).await;
        field.prop("value").await.unwrap().unwrap_or_default()
    }

    /// How often something is on the page now, seen or not.
    pub async fn count(&self, place: &str) -> usize {
        self.client.find_all(locator(place)).await.unwrap().len()
    }

    /// Path and query of the page.
    pub async fn path(&self) -> String {
        let url = self.client.current_url().await.unwrap();
        url[url::Position::BeforePath..].to_owned()
    }

    /// The value of a script's `return`, run in the page.
    pub async fn evaluate(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// The id of the element that has the focus; empty if it has none.
    pub async fn focus(&self) -> String {
        let id = self.evaluate("return document.activeElement?.id ?? ''").await;
        id.as_str().unwrap_or_default().to_owned()
    }

    /// What went wrong in the console since the last question: errors of scripts, refusals of the content security
    /// policy, static files that are missing. That a page itself answered with an error is no such thing.
    pub async fn console_errors(&self) -> Vec<String> {
        let entries = console(&self.client).await;
        let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        entries
            .iter()
            .filter(|entry| text(entry, "level") == "SEVERE")
            .filter(|entry| text(entry, "source") != "network" || text(entry, "message").contains("/static/"))
            .map(|entry| text(entry, "message"))
            .collect()
    }

    /// The window as PNG.
    pub async fn screenshot(&self) -> Vec<u8> {
        self.client.screenshot().await.unwrap()
    }

    /// The whole page as PNG, however long it is.
    pub async fn screenshot_of_page(&self) -> Vec<u8> {
        // The frame scrolls inside: the window grows until nothing has to.
        let size = "const main = document.querySelector('main') ?? document.body;
                    return innerHeight + Math.max(0, main.scrollHeight - main.clientHeight,
                        document.documentElement.scrollHeight - innerHeight)";
        let height = self.evaluate(size).await;
        let metrics = json!({ "width": 1440, "height": height, "deviceScaleFactor": 1, "mobile": false });
        devtools(&self.client, "Emulation.setDeviceMetricsOverride", metrics).await;
        let png = self.screenshot().await;
        self.resize(Size::Desktop).await;
        png
    }

    /// Closes the window.
    pub async fn close(self) {
        // One that crashed is closed already.
        let _ = self.client.close().await;
    }

    /// Where the page is, for a failure's report; empty when the browser is gone.
    pub async fn whereabouts(&self) -> String {
        let url = self.client.current_url().await;
        url.map(|url| url.to_string()).unwrap_or_default()
    }

    /// Writes the window to a file, if the browser is still there.
    pub async fn picture_to(&self, file: &Path) -> bool {
        match self.client.screenshot().await {
            Ok(png) => std::fs::write(file, png).is_ok(),
            Err(_) => false,
        }
    }

    /// Which document this is: another page has another, the same page loaded again too.
    async fn document(&self) -> Value {
        self.evaluate("return performance.timeOrigin").await
    }

    async fn arrive(&self, before: Value, by: &str) {
        self.until(&format!("the page after {by}"), async || {
            let script = "return document.readyState === 'complete' ? performance.timeOrigin : null";
            let now = self.client.execute(script, Vec::new()).await.ok()?;
            (!now.is_null() && now != before).then_some(())
        })
        .await;
    }

    /// Looks again and again until `look` finds what it looks for.
    async fn until<T>(&self, what: &str, look: impl AsyncFn() -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(found) = look().await {
                return found;
            }
            if begun.elapsed() > PATIENCE {
                let page = self.evaluate("return document.body?.innerText ?? ''").await;
                let page: String = page.as_str().unwrap_or_default().chars().take(600).collect();
                panic!("waited in vain for {what} at {}:\n{page}", self.path().await);
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }
}

fn locator(place: &str) -> Locator<'_> {
    if place.starts_with('/') {
        Locator::XPath(place)
    } else {
        Locator::Css(place)
    }
}

/// Control and another key.
pub fn control(key: Key) -> [char; 2] {
    [Key::Control.into(), key.into()]
}
