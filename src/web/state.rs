//! What handlers share.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use axum::extract::FromRef;
use sqlx::PgPool;
use uuid::Uuid;

use crate::auth::password::Hasher;
use crate::auth::throttle::Throttle;
use crate::clock::Clock;
use crate::floor::live::Live;
use crate::notices::live::Bells;
use crate::web::assets::Assets;
use crate::web::rate::{LINK_MISSES, LINK_VISITS, RateLimit, SEARCHES};
use crate::web::security::PublicUrl;

/// Cheap to clone: pools and handles only.
#[derive(Clone)]
pub struct AppState {
    pub db: PgPool,
    pub clock: Clock,
    pub public_url: Arc<PublicUrl>,
    pub hasher: Hasher,
    pub throttle: Arc<Throttle>,
    pub searches: Arc<RateLimit>,
    /// Customers' links that were opened, and addresses that asked for links nobody was given.
    pub links: Arc<RateLimit<Uuid>>,
    pub link_misses: Arc<RateLimit<IpAddr>>,
    /// Who watches the board of the call floor.
    pub floor: Live,
    /// Whose bell is seen.
    pub notices: Bells,
    pub assets: &'static Assets,
    /// This program, which reads import files in a child of itself. In tests the executable is another.
    pub program: Arc<Path>,
    /// Where uploads are kept.
    pub uploads: Arc<Path>,
}

impl AppState {
    /// State over a migrated database. `hasher` is cheap in tests only.
    pub fn new(db: PgPool, clock: Clock, public_url: PublicUrl, hasher: Hasher) -> AppState {
        AppState {
            db,
            clock,
            public_url: Arc::new(public_url),
            hasher,
            throttle: Arc::new(Throttle::new()),
            floor: Live::default(),
            notices: Bells::default(),
            searches: Arc::new(RateLimit::per_minute(SEARCHES)),
            links: Arc::new(RateLimit::per_minute(LINK_VISITS)),
            link_misses: Arc::new(RateLimit::per_minute(LINK_MISSES)),
            assets: Assets::get(),
            program: crate::imports::child::own_program(),
            uploads: std::env::temp_dir().into(),
        }
    }
}

impl FromRef<AppState> for PgPool {
    fn from_ref(state: &AppState) -> PgPool {
        state.db.clone()
    }
}
