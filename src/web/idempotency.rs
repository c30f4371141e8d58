//! Create forms carry a key: sent twice, the second one is led to what the first one made.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::users::UserId;

/// A fresh key for a form that is about to be shown.
pub fn new_key() -> Uuid {
    Uuid::new_v4()
}

/// Claims the key for `location`. `None`: it is new, go on. `Some`: an earlier post made it, go there instead.
///
/// Runs in the transaction of the write: a second post waits at the unique key until the first one commits.
pub async fn claim(
    db: impl PgExecutor<'_>,
    user: UserId,
    key: Uuid,
    location: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<String>> {
    let row = sqlx::query!(
        r#"
        insert into idempotency_keys as k (user_id, key, location, created_at)
        values ($1, $2, $3, $4)
        on conflict (user_id, key) do update set location = k.location
        returning k.location, (xmax = 0) as "is_new!"
        "#,
        user.get(),
        key,
        location,
        now,
    )
    .fetch_one(db)
    .await?;
    Ok((!row.is_new).then_some(row.location))
}

/// Where the key's write led to, once its id is known; same transaction.
pub async fn settle(db: impl PgExecutor<'_>, user: UserId, key: Uuid, location: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "update idempotency_keys set location = $3 where user_id = $1 and key = $2",
        user.get(),
        key,
        location,
    )
    .execute(db)
    .await?;
    Ok(())
}
