//! Statements of changes of many rows.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::batches::{BatchId, BatchList};
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::web::list::Undo;

/// A change of many rows before it is made.
pub struct NewBatch<'a> {
    pub list: BatchList,
    pub action: &'a str,
    pub value: &'a str,
    /// Empty when rows were ticked.
    pub filter: &'a str,
    pub user: UserId,
}

/// A change that was made.
pub struct Batch {
    pub action: String,
    pub value: String,
    pub user_id: UserId,
    pub undone_at: Option<DateTime<Utc>>,
}

/// Opens the record; what is changed hangs below it.
pub async fn insert(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    batch: &NewBatch<'_>,
    now: DateTime<Utc>,
) -> sqlx::Result<BatchId> {
    let id = sqlx::query_scalar!(
        r#"
        insert into batches (store_id, list, action, value, filter, user_id, created_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        returning id
        "#,
        scope.get(),
        batch.list.as_str(),
        batch.action,
        batch.value,
        batch.filter,
        batch.user.get(),
        now,
    )
    .fetch_one(db)
    .await?;
    Ok(id)
}

/// Notes how many rows were changed.
pub async fn set_count(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: BatchId,
    row_count: i64,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update batches set row_count = $3 where store_id = $1 and id = $2",
        scope.get(),
        id.get(),
        i32::try_from(row_count).unwrap_or(i32::MAX),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A change of a list, locked: it is taken back once.
pub async fn lock(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    list: BatchList,
    id: BatchId,
) -> sqlx::Result<Option<Batch>> {
    sqlx::query_as!(
        Batch,
        r#"
        select action, value, user_id, undone_at
        from batches
        where store_id = $1
          and list = $2
          and id = $3
        for update
        "#,
        scope.get(),
        list.as_str(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// Notes that it was taken back.
pub async fn set_undone(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: BatchId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update batches set undone_at = $3 where store_id = $1 and id = $2",
        scope.get(),
        id.get(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The last change that this person made on a list, if it is recent, has changed anything and stands.
pub async fn find_undoable(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    list: BatchList,
    user: UserId,
    since: DateTime<Utc>,
) -> sqlx::Result<Option<Undo>> {
    let last = sqlx::query!(
        r#"
        select id, row_count, created_at, undone_at
        from batches
        where store_id = $1
          and user_id = $2
          and list = $3
        order by id desc
        limit 1
        "#,
        scope.get(),
        user.get(),
        list.as_str(),
    )
    .fetch_optional(db)
    .await?;
    let last = last.filter(|last| last.undone_at.is_none() && last.row_count > 0 && last.created_at >= since);
    Ok(last.map(|last| Undo {
        batch: last.id.get(),
        row_count: last.row_count,
        at: last.created_at,
    }))
}

/// Rows of a change, whose facts are derived again.
pub async fn list_changed(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    batch: BatchId,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        select subject_id
        from batch_rows
        where store_id = $1
          and batch_id = $2
        order by subject_id
        "#,
        scope.get(),
        batch.get(),
    )
    .fetch_all(db)
    .await
}
