//! Appointments of the demonstration: around today, most of them answered in time.

use chrono::{DateTime, Utc};
use sqlx::{Postgres, Transaction};

use crate::demo::queries;
use crate::stores::{StoreId, StoreScope};

/// Two dozen wishes of customers with cars.
pub async fn fill(
    tx: &mut Transaction<'_, Postgres>,
    store: StoreId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    queries::insert_appointments(&mut **tx, StoreScope::for_job(store), now).await
}
