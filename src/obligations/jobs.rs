//! The daily job of the ledger and its small companion during the day.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

use crate::obligations::service::{self, Summary};
use crate::obligations::{generate, supersede};
use crate::stores::StoreScope;

/// `generate-obligations`: everything that is owed by the run of `day`; also catches up a missed day.
pub async fn generate_obligations(
    tx: &mut PgConnection,
    scope: StoreScope,
    day: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<Summary> {
    service::refresh_facts(&mut *tx, scope, None, now).await?;
    let summary = service::generate_day(&mut *tx, scope, day, now).await?;
    if summary.entries() > 0 {
        generate::analyze(tx).await?;
    }
    Ok(summary)
}

/// `attach-waiting`: entries that waited for a call in progress find their callback, and tasks about files that were mended
/// meanwhile end. Does nothing on a quiet desk.
pub async fn attach_waiting(
    tx: &mut PgConnection,
    scope: StoreScope,
    now: DateTime<Utc>,
) -> sqlx::Result<Summary> {
    generate::lock(&mut *tx, scope).await?;
    let mut summary = Summary {
        mended: supersede::settle_data_tasks(&mut *tx, scope, now).await?,
        ..Summary::default()
    };
    service::attach(tx, scope, now, &mut summary).await?;
    Ok(summary)
}
