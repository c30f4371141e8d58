//! Statements of an import that is taken back.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgExecutor;

use crate::imports::ImportId;
use crate::imports::model::ImportPhase;
use crate::imports::undo::UndoCounts;
use crate::stores::StoreScope;
use crate::users::UserId;

/// What is stored about an undo.
pub struct UndoRow {
    /// [`UndoCounts`], or empty when nothing was tried.
    pub undo_counts: Value,
    pub undone_at: Option<DateTime<Utc>>,
    pub undone_by: Option<String>,
}

/// A row of the file that stays; `kept` is a list of [`super::Kept`].
pub struct KeptRow {
    pub row_no: i32,
    pub cells: Vec<String>,
    pub kept: Option<Value>,
}

pub async fn find(db: impl PgExecutor<'_>, scope: StoreScope, id: ImportId) -> sqlx::Result<Option<UndoRow>> {
    sqlx::query_as!(
        UndoRow,
        r#"
        select i.undo_counts, i.undone_at, u.display_name as "undone_by?"
        from imports i
        left join users u on u.id = i.undone_by
        where i.store_id = $1 and i.id = $2
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// Rows that stay, in the order of the file.
pub async fn list_kept(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ImportId,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<KeptRow>> {
    sqlx::query_as!(
        KeptRow,
        r#"
        select row_no, cells, kept
        from import_rows
        where store_id = $1
          and import_id = $2
          and kept is not null
        order by row_no
        limit $3 offset $4
        "#,
        scope.get(),
        id.get(),
        limit,
        offset,
    )
    .fetch_all(db)
    .await
}

/// A person wants the import undone. False if it is not confirmed, too old, or somebody was faster.
pub async fn set_undoing(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ImportId,
    version: i32,
    by: Option<UserId>,
    created_after: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        update imports
        set state = 'undoing', phase = 'matching', undone_by = $5, tries = 0, error = null, version = version + 1
        where store_id = $1
          and id = $2
          and version = $3
          and state = 'confirmed'
          and created_at > $4
        "#,
        scope.get(),
        id.get(),
        version,
        created_after,
        by.map(UserId::get),
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// How far an undo is; on a connection of its own, for others to see.
pub async fn set_phase(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ImportId,
    phase: ImportPhase,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update imports set phase = $3 where store_id = $1 and id = $2 and state = 'undoing'",
        scope.get(),
        id.get(),
        phase.as_str(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Part of the undo's transaction; an import of which every row stays is still confirmed. False if it was given up meanwhile.
pub async fn set_undone(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ImportId,
    by: Option<UserId>,
    counts: &UndoCounts,
    now: DateTime<Utc>,
) -> anyhow::Result<bool> {
    let done = sqlx::query!(
        r#"
        update imports
        set state = case when $6 then 'undone' else 'confirmed' end,
            undo_counts = $3,
            undone_at = case when $6 then $4::timestamptz end,
            undone_by = case when $6 then $5::bigint end,
            version = version + 1
        where store_id = $1
          and id = $2
          and state = 'undoing'
        "#,
        scope.get(),
        id.get(),
        serde_json::to_value(counts)?,
        now,
        by.map(UserId::get),
        counts.taken_back > 0,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The undo has come to nothing: the import is as it was, with the reason.
pub async fn set_confirmed_again(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ImportId,
    error: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update imports
        set state = 'confirmed', error = $3, undone_by = null, version = version + 1
        where store_id = $1
          and id = $2
          and state = 'undoing'
        "#,
        scope.get(),
        id.get(),
        error,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Journals and staged rows of imports that are too old to be undone; how many imports they were of.
pub async fn forget_any_store(db: impl PgExecutor<'_>, created_before: DateTime<Utc>) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"
        with old as (
          select store_id, id, state
          from imports
          where state in ('confirmed', 'undone')
            and created_at < $1
        ), links as (
          delete from import_links l using old where l.store_id = old.store_id and l.import_id = old.id
        ), staged as (
          delete from import_rows r using old where r.store_id = old.store_id and r.import_id = old.id and old.state = 'undone'
        ), changes as (
          delete from import_changes x using old where x.store_id = old.store_id and x.import_id = old.id
          returning x.import_id
        )
        select count(distinct import_id) as "imports!" from changes
        "#,
        created_before,
    )
    .fetch_one(db)
    .await
}
