//! The whole application on a database of its own, with a clock that stands still and two stores with people.

use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;

use care_desk::audit::Actor;
use care_desk::auth::password::Hasher;
use care_desk::auth::permission::Role;
use care_desk::clock::Clock;
use care_desk::floor::live::{Live, Timing};
use care_desk::notices::live::{self, Bells};
use care_desk::stores::{self, StoreId, StoreScope};
use care_desk::users::{self, UserId};
use care_desk::web::security::PublicUrl;
use care_desk::web::state::AppState;
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use sqlx::PgPool;

use super::client::Client;
use super::cluster::with_db;

/// Where every test begins: Tuesday 24 November 2026, 10:00 in Shanghai.
pub const NOW: &str = "2026-11-24T02:00:00Z";
/// Password of everybody in the tests.
pub const PASSWORD: &str = "correct horse battery staple";

/// A running application: two stores, and in the first one a person of every role.
pub struct TestApp {
    pub state: AppState,
    pub db: PgPool,
    /// The store that most tests work in, code `S01`.
    pub store: StoreId,
    /// Another store, code `S02`, whose rows must stay invisible.
    pub other_store: StoreId,
    /// Where uploads are kept; gone with the application.
    _uploads: tempfile::TempDir,
}

/// The program that reads import files: no test's own executable can.
pub fn program() -> PathBuf {
    match option_env!("CARGO_BIN_EXE_care-desk") {
        Some(path) => path.into(),
        // Cargo tells tests only; an example lies in a folder beside the program.
        None => std::env::current_exe()
            .unwrap()
            .ancestors()
            .nth(2)
            .unwrap()
            .join("care-desk"),
    }
}

/// Runs a test on a fresh application.
pub fn with_app<F, Fut>(test: F)
where
    F: FnOnce(TestApp) -> Fut,
    Fut: Future<Output = ()>,
{
    with_db(async |db| test(TestApp::new(db).await).await);
}

impl TestApp {
    async fn new(db: PgPool) -> TestApp {
        let clock = Clock::fixed(NOW.parse().unwrap());
        let hasher = Hasher::with_cost(32, 1).unwrap();
        let url = PublicUrl::parse("http://127.0.0.1:8080").unwrap();
        let mut state = AppState::new(db.clone(), clock, url, hasher);
        state.program = program().into();
        // A line to the board closes after its first event, so that a test can read it to its end.
        state.floor = Live::with(Timing {
            every: Duration::from_millis(20),
            limit: Duration::ZERO,
            ..Timing::default()
        });
        state.notices = Bells::with(live::Timing {
            every: Duration::from_millis(20),
            limit: Duration::ZERO,
            ..live::Timing::default()
        });
        let uploads = tempfile::tempdir().unwrap();
        state.uploads = uploads.path().into();
        let now = state.clock.now();
        let mut tx = db.begin().await.unwrap();
        let store = stores::service::open(&mut tx, "S01", "滨江店", Actor::System, now)
            .await
            .unwrap();
        let other_store = stores::service::open(&mut tx, "S02", "高新店", Actor::System, now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let app = TestApp {
            state,
            db,
            store,
            other_store,
            _uploads: uploads,
        };
        for role in Role::ALL {
            let store = (!matches!(role, Role::Group)).then_some(store);
            app.add_user(role.as_str(), *role, store).await;
        }
        app
    }

    /// Adds a person who can sign in with `PASSWORD`; without a store group-wide.
    pub async fn add_user(&self, username: &str, role: Role, store: Option<StoreId>) -> UserId {
        let phc = self
            .state
            .hasher
            .hash(&SecretString::from(PASSWORD))
            .await
            .unwrap();
        let group_role = store.is_none().then_some(role);
        let now = self.now();
        let user =
            users::queries::insert(&self.db, username, username, None, Some(&phc), group_role, now).await;
        let user = user.unwrap();
        if let Some(store) = store {
            users::queries::insert_membership(&self.db, store, user, role, None)
                .await
                .unwrap();
        }
        user
    }

    /// The person with this username.
    pub async fn user(&self, username: &str) -> UserId {
        sqlx::query_scalar("select id from users where username = $1")
            .bind(username)
            .fetch_one(&self.db)
            .await
            .unwrap()
    }

    /// A browser nobody has signed in with.
    pub fn client(&self) -> Client {
        Client::new(self.state.clone())
    }

    /// A browser signed in as the person of this role in the first store.
    pub async fn sign_in(&self, role: Role) -> Client {
        self.sign_in_as(role.as_str()).await
    }

    /// A browser signed in as this person.
    pub async fn sign_in_as(&self, username: &str) -> Client {
        let mut client = self.client();
        let page = client
            .post("/login", &[("username", username), ("password", PASSWORD)])
            .await;
        assert_eq!(
            page.status,
            303,
            "{username} cannot sign in: {}",
            page.text("body")
        );
        client
    }

    /// The present instant of the application.
    pub fn now(&self) -> DateTime<Utc> {
        self.state.clock.now()
    }

    /// Moves the clock.
    pub fn advance(&self, by: Duration) {
        self.state.clock.advance(by);
    }

    /// Sets the clock.
    pub fn set_now(&self, at: &str) {
        self.state.clock.set(at.parse().unwrap());
    }

    /// The scope of the first store, for calling services directly.
    pub fn scope(&self) -> StoreScope {
        StoreScope::for_job(self.store)
    }

    /// One number from the database.
    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.db).await.unwrap()
    }
}
