//! How far a busy import is, for the page that looks at it, and whether it is still wanted.

use sqlx::PgPool;

use crate::imports::model::ImportPhase;
use crate::imports::{ImportId, queries};
use crate::stores::StoreScope;

/// A person has stopped the import; its transaction is rolled back.
#[derive(Debug, thiserror::Error)]
#[error("the import was cancelled")]
pub struct Cancelled;

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

    /// The next phase begins, unless somebody has cancelled the import.
    pub async fn enter(&self, phase: ImportPhase) -> Result<(), Cancelled> {
        let told = queries::set_phase(&self.db, self.scope, self.import, phase).await;
        self.is_wanted(told)
    }

    /// So many rows are done within the phase, unless somebody has cancelled the import.
    pub async fn rows(&self, done: i32) -> Result<(), Cancelled> {
        let told = queries::set_rows_done(&self.db, self.scope, self.import, done).await;
        self.is_wanted(told)
    }

    /// Progress that cannot be told is no reason to give the import up.
    fn is_wanted(&self, told: sqlx::Result<bool>) -> Result<(), Cancelled> {
        match told {
            Ok(true) => Ok(()),
            Ok(false) => Err(Cancelled),
            Err(error) => {
                tracing::warn!(import = %self.import, error = %error, "progress not stored");
                Ok(())
            }
        }
    }
}
