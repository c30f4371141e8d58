//! The real application behind a real address, and real browsers that open it.
//!
//! Every test has its own database, its own server and its own ChromeDriver. A test that fails leaves pictures of its
//! windows in `target/browser-failures`; a test whose pages complained in the console fails.

#![expect(dead_code, reason = "tests and screens each use a part of it")]

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use care_desk::auth::password::Hasher;
use care_desk::clock::Clock;
use care_desk::demo;
use care_desk::floor::live::Live;
use care_desk::web::build_app;
use care_desk::web::security::PublicUrl;
use care_desk::web::state::AppState;
use futures_util::FutureExt;
use secrecy::SecretString;
use sqlx::PgPool;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub mod browser;
mod driver;
pub mod pages;

use self::browser::Browser;
use self::driver::Driver;
use crate::support::app::{NOW, PASSWORD, TestApp, program, with_app};
use crate::support::cluster::with_db;

const FAILURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/browser-failures");

/// A served application and the browsers that are open on it.
pub struct Desk {
    origin: String,
    server: JoinHandle<()>,
    driver: Driver,
    browsers: Mutex<Vec<Browser>>,
}

/// Runs a test on a fresh application that browsers can open.
pub fn with_desk(test: impl AsyncFnOnce(&TestApp, &Desk)) {
    with_app(async move |mut app| {
        let desk = Desk::open(&mut app.state).await;
        desk.run(async |desk| test(&app, desk).await).await;
    });
}

/// Runs work on a demonstration with this many customers; everybody's password is `PASSWORD`.
pub fn with_demonstration(customers: u32, work: impl AsyncFnOnce(&PgPool, &Desk)) {
    with_db(async move |db| {
        let now = NOW.parse().unwrap();
        let password = SecretString::from(PASSWORD);
        demo::prepare(&db, customers, Some(&password), now).await.unwrap();
        let anywhere = PublicUrl::parse("http://127.0.0.1").unwrap();
        let mut state = AppState::new(db.clone(), Clock::fixed(now), anywhere, Hasher::new().unwrap());
        state.program = program().into();
        let desk = Desk::open(&mut state).await;
        desk.run(async |desk| {
            pages::prepare(&db, desk).await;
            work(&db, desk).await;
        })
        .await;
    });
}

impl Desk {
    /// Serves the application on a port of its own, which becomes its public address.
    pub async fn open(state: &mut AppState) -> Desk {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        state.floor = Live::default();
        state.public_url = Arc::new(PublicUrl::parse(&origin).unwrap());
        Desk {
            server: tokio::spawn(serve(listener, state.clone())),
            driver: Driver::start().await,
            browsers: Mutex::default(),
            origin,
        }
    }

    /// Works with browsers and closes all of them, also after a panic.
    pub async fn run(self, work: impl AsyncFnOnce(&Desk)) {
        let outcome = AssertUnwindSafe(self.watch(work)).catch_unwind().await;
        if outcome.is_err() {
            self.picture_failure().await;
        }
        self.close().await;
        if let Err(panic) = outcome {
            resume_unwind(panic);
        }
    }

    /// A window that nobody has signed in with.
    pub async fn browser(&self) -> Browser {
        let browser = Browser::open(self.driver.open().await, self.origin.clone()).await;
        self.browsers.lock().unwrap().push(browser.clone());
        browser
    }

    /// The machine of a person fails: the window is gone without a word to the server.
    pub async fn lose(&self, browser: Browser) {
        self.browsers.lock().unwrap().retain(|open| !open.is(&browser));
        browser.close().await;
    }

    async fn watch(&self, work: impl AsyncFnOnce(&Desk)) {
        work(self).await;
        for browser in self.open_browsers() {
            let errors = browser.console_errors().await;
            assert!(errors.is_empty(), "the console complains: {errors:#?}");
        }
    }

    fn open_browsers(&self) -> Vec<Browser> {
        self.browsers.lock().unwrap().clone()
    }

    async fn picture_failure(&self) {
        std::fs::create_dir_all(FAILURES).unwrap();
        let test = std::thread::current().name().unwrap_or("test").replace("::", "-");
        for (number, browser) in self.open_browsers().iter().enumerate() {
            let file: PathBuf = Path::new(FAILURES).join(format!("{test}-{}.png", number + 1));
            if browser.picture_to(&file).await {
                eprintln!("{} shows {}", file.display(), browser.whereabouts().await);
            }
        }
    }

    /// Closes every window first: a killed ChromeDriver would leave its Chromium running.
    async fn close(self) {
        for browser in self.open_browsers() {
            browser.close().await;
        }
        self.server.abort();
    }
}

async fn serve(listener: TcpListener, state: AppState) {
    let service = build_app(state).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).await.unwrap();
}
