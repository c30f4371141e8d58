//! The clocks of the complaints of a demonstration, and who has been warned of them.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};

use crate::complaints::{ComplaintId, clocks, warnings};
use crate::stores::StoreScope;

/// Gives every case its clocks, and warns of those that run out.
pub(super) async fn keep_time(
    tx: &mut PgConnection,
    scope: StoreScope,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    call_back(&mut *tx, scope).await?;
    let ids = list(&mut *tx, scope).await?;
    clocks::sync_all(&mut *tx, scope, &ids, now).await?;
    warnings::warn(tx, scope, now).await?;
    Ok(())
}

/// Cases that are closed were dealt with an hour before the customer said how content they are.
async fn call_back(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update complaints
        set resolved_at = ended_at - interval '1 hour', verdict_at = ended_at
        where store_id = $1 and state = 'closed' and resolved_at is null
        "#,
        scope.get(),
    )
    .execute(db)
    .await?;
    Ok(())
}

async fn list(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Vec<ComplaintId>> {
    sqlx::query_scalar!(
        "select id from complaints where store_id = $1 order by id",
        scope.get()
    )
    .fetch_all(db)
    .await
}
