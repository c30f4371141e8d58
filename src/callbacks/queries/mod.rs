//! Statements of the callback queue: leases, the list, the call screen, settling.

use sqlx::PgExecutor;

use crate::stores::StoreScope;

pub mod answers;
pub mod bulk;
pub mod call;
pub mod claims;
pub mod dayparts;
pub mod follow_ups;
pub mod governor;
pub mod list;
pub mod messages;
pub mod settle;

/// Locks callbacks in the order of their ids, so that two people who change many never wait for each other in a circle.
pub async fn lock(db: impl PgExecutor<'_>, scope: StoreScope, ids: &[i64]) -> sqlx::Result<()> {
    sqlx::query!(
        "select id from callbacks where store_id = $1 and id = any($2) order by id for update",
        scope.get(),
        ids,
    )
    .fetch_all(db)
    .await?;
    Ok(())
}
