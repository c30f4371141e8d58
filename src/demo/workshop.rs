//! What the workshop adds to the demonstration: lines with amounts, rework, cars near a 三包 threshold, plates that moved.

use chrono::{DateTime, Utc};
use sqlx::{Postgres, Transaction};

use crate::demo::workshop_queries;
use crate::stores::StoreScope;
use crate::visits;

/// Runs after cars and visits are there and before readings are made of them.
pub async fn add(
    tx: &mut Transaction<'_, Postgres>,
    scope: StoreScope,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    workshop_queries::word_maintenance(&mut **tx, scope).await?;
    workshop_queries::repeat_repairs(&mut **tx, scope, now).await?;
    workshop_queries::wear_out_a_car(&mut **tx, scope, now).await?;
    workshop_queries::keep_cars(&mut **tx, scope, now).await?;
    workshop_queries::price_lines(&mut **tx, scope).await?;
    visits::service::derive_work(&mut *tx, scope, None).await?;
    workshop_queries::vary_cars(&mut **tx, scope, now).await?;
    workshop_queries::move_plates(&mut **tx, scope, now).await?;
    Ok(())
}
