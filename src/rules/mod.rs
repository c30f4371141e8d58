//! The care rules: which event makes which obligation, and when it is due. Data with defaults, versioned.
//!
//! A version is never edited: a change ends the one in force and adds the next, so that a day caught up later uses the
//! version that was in force on it. What the statements filter on is a column, never hidden in `params`.

use sqlx::PgExecutor;

use crate::stores::StoreScope;
pub mod model;
pub mod queries;
pub mod service;

pub use model::{Channel, Rule, RuleKind};

crate::id_type! {
    /// One version of a care rule.
    RuleId
}

/// The version in force today; `None` only for a kind that the store has never had.
pub async fn current(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    kind: RuleKind,
) -> sqlx::Result<Option<Rule>> {
    queries::find_current(db, scope, kind).await
}
