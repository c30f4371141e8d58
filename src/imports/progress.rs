//! How far a busy import is, for the page that looks at it.

use sqlx::PgPool;

use crate::imports::model::ImportPhase;
use crate::imports::{ImportId, queries};
use crate::stores::StoreScope;

/// Writes progress on a connection of its own: the merge's transaction shows nothing before it ends.
#[derive(Clone)]
pub struct Progress {
    db: PgPool,
    scope: StoreScope,
    import: ImportId,
}

impl Progress {
    /// Progress of one import.
    pub const fn new(db: PgPool, scope: StoreScope, import: ImportId) -> Progress {
        Progress { db, scope, import }
    }

    /// The next phase begins.
    pub async fn enter(&self, phase: ImportPhase) {
        let told = queries::set_phase(&self.db, self.scope, self.import, phase).await;
        self.log(told);
    }

    /// So many rows are done within the phase.
    pub async fn rows(&self, done: i32) {
        let told = queries::set_rows_done(&self.db, self.scope, self.import, done).await;
        self.log(told);
    }

    /// Progress that cannot be told is no reason to give the import up.
    fn log(&self, told: sqlx::Result<()>) {
        if let Err(error) = told {
            tracing::warn!(import = %self.import, error = %error, "progress not stored");
        }
    }
}
