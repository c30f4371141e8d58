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

/// Walks every chain; one statement, so that what is appended meanwhile does not disturb it.
pub async fn verify(db: &PgPool) -> sqlx::Result<Verdict> {
    let bad = queries::list_bad_any_store(db).await?;
    let (entries, chains) = queries::count_any_store(db).await?;
    Ok(Verdict { entries, chains, bad })
}
