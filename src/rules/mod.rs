//! The care rules: which event makes which obligation, and when it is due. Data with defaults, versioned.
//!
//! A version is never edited: a change ends the one in force and adds the next, so that a day caught up later uses the
//! version that was in force on it. What the statements filter on is a column, never hidden in `params`. A change is valid
//! from tomorrow at the earliest, says why, and is previewed by the statements that will act on it; until its first day it
//! can be taken back.

use sqlx::PgExecutor;

use crate::stores::StoreScope;
use crate::web::routes::Routes;

mod describe;
pub mod fields;
mod forms;
mod handlers;
pub mod model;
pub mod queries;
pub mod service;

pub use model::{Channel, Rule, RuleKind};

/// Routes of `/rules`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/rules", handlers::index::index)
        .post("/rules/settings", handlers::index::update_settings)
        .get("/rules/{id}", handlers::show::show)
        .post("/rules/{id}", handlers::show::save)
        .post("/rules/{id}/preview", handlers::show::preview)
        .post("/rules/{id}/withdraw", handlers::show::withdraw)
}

crate::id_type! {
    /// One version of a care rule.
    RuleId
}

/// The version without an end, in force today or waiting for its day; `None` only for a kind that the store has never had.
pub async fn current(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    kind: RuleKind,
) -> sqlx::Result<Option<Rule>> {
    queries::find_current(db, scope, kind).await
}
