//! `care-desk audit verify`: whether anybody has changed what was written.

use sqlx::PgPool;

use crate::audit::queries::{self, BadEntry};

/// What a walk over all chains has found.
#[derive(Debug)]
pub struct Verdict {
    pub entries: i64,
    pub chains: i64,
    /// The first bad entry of each broken chain; none when all is well.
    pub bad: Vec<BadEntry>,
}

/// Walks every chain, in one snapshot of the database.
pub async fn verify(db: &PgPool) -> sqlx::Result<Verdict> {
    let mut tx = db
        .begin_with("begin isolation level repeatable read read only")
        .await?;
    let (entries, chains) = queries::count_any_store(&mut *tx).await?;
    let bad = queries::list_bad_any_store(&mut *tx).await?;
    tx.commit().await?;
    Ok(Verdict { entries, chains, bad })
}
