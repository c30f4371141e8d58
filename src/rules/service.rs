//! Rules of a new store.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::rules::model::DEFAULTS;
use crate::rules::queries;
use crate::stores::{StoreId, StoreScope};

/// Version 1 of every rule and the plan for all models; a second call changes nothing.
pub async fn insert_defaults(tx: &mut PgConnection, store: StoreId, now: DateTime<Utc>) -> sqlx::Result<()> {
    let scope = StoreScope::for_job(store);
    for rule in DEFAULTS {
        queries::insert_default(&mut *tx, scope, rule, now).await?;
    }
    queries::insert_default_plan(tx, scope).await
}
