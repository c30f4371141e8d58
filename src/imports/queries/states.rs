//! Statements that move an import from state to state. Each asks for the state it leaves: whoever is late changes nothing.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::imports::ImportId;
use crate::imports::model::{Counts, Staged};
use crate::stores::StoreScope;
use crate::users::UserId;

/// The file is read: it waits for a person. False if it was given up meanwhile.
pub async fn set_staged(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ImportId,
    staged: &Staged,
    rows: i32,
) -> anyhow::Result<bool> {
    let done = sqlx::query!(
        r#"
        update imports
        set state = 'staged', mapping = $3, rows_total = $4, rows_done = 0, version = version + 1
        where store_id = $1
          and id = $2
          and state = 'reading'
        "#,
        scope.get(),
        id.get(),
        serde_json::to_value(staged)?,
        rows,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The user's choice of columns; what was counted by the old one is void. False if somebody was faster.
pub async fn set_mapping(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ImportId,
    version: i32,
    staged: &Staged,
) -> anyhow::Result<bool> {
    let done = sqlx::query!(
        r#"
        update imports
        set state = 'reading', phase = 'checking', mapping = $4, counts = '{}', rows_done = 0, tries = 0, version = version + 1
        where store_id = $1
          and id = $2
          and version = $3
          and state = 'staged'
        "#,
        scope.get(),
        id.get(),
        version,
        serde_json::to_value(staged)?,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The rows are checked: the preview waits for a person.
pub async fn set_previewed(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ImportId,
    counts: &Counts,
) -> anyhow::Result<bool> {
    let done = sqlx::query!(
        r#"
        update imports
        set state = 'staged', counts = $3, version = version + 1
        where store_id = $1
          and id = $2
          and state = 'reading'
        "#,
        scope.get(),
        id.get(),
        serde_json::to_value(counts)?,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A person confirms what the preview showed. False if somebody was faster.
pub async fn set_running(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ImportId,
    version: i32,
    by: Option<UserId>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        update imports
        set state = 'running', phase = 'checking', confirmed_by = $4, rows_done = 0, tries = 0, version = version + 1
        where store_id = $1
          and id = $2
          and version = $3
          and state = 'staged'
        "#,
        scope.get(),
        id.get(),
        version,
        by.map(UserId::get),
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Part of the merge's transaction. False if the import was declared dead meanwhile: then nothing may be committed.
pub async fn set_confirmed(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ImportId,
    counts: &Counts,
    now: DateTime<Utc>,
) -> anyhow::Result<bool> {
    let done = sqlx::query!(
        r#"
        update imports
        set state = 'confirmed', counts = $3, confirmed_at = $4, rows_done = rows_total, version = version + 1
        where store_id = $1
          and id = $2
          and state = 'running'
        "#,
        scope.get(),
        id.get(),
        serde_json::to_value(counts)?,
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The work came to nothing. False if it is not under way any more.
pub async fn set_failed(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ImportId,
    error: &str,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        update imports
        set state = 'failed', error = $3, version = version + 1
        where store_id = $1
          and id = $2
          and state in ('reading', 'running')
        "#,
        scope.get(),
        id.get(),
        error,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A person stops the work. False if it has ended already.
pub async fn set_cancelled(db: impl PgExecutor<'_>, scope: StoreScope, id: ImportId) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        update imports
        set state = 'cancelled', version = version + 1
        where store_id = $1
          and id = $2
          and state in ('reading', 'running')
        "#,
        scope.get(),
        id.get(),
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Another worksheet of the same file shall be read. False if somebody was faster.
pub async fn set_sheet(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ImportId,
    version: i32,
    sheet: &str,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        update imports
        set state = 'reading', phase = 'reading', sheet = $4, counts = '{}', rows_total = 0, rows_done = 0, tries = 0,
            version = version + 1
        where store_id = $1
          and id = $2
          and version = $3
          and state = 'staged'
          and file_key is not null
        "#,
        scope.get(),
        id.get(),
        version,
        sheet,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The user's decisions about conflicts; what was counted by the old ones is void. False if somebody was faster.
pub async fn set_decisions(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ImportId,
    version: i32,
    decisions: &Value,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        update imports
        set state = 'reading', phase = 'checking', decisions = $4, counts = '{}', rows_done = 0, tries = 0,
            version = version + 1
        where store_id = $1
          and id = $2
          and version = $3
          and state = 'staged'
          and counts <> '{}'
        "#,
        scope.get(),
        id.get(),
        version,
        decisions,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A person gives a file up. False if it is not waiting for anybody.
pub async fn set_discarded(db: impl PgExecutor<'_>, scope: StoreScope, id: ImportId) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        update imports
        set state = 'discarded', version = version + 1
        where store_id = $1
          and id = $2
          and state in ('staged', 'failed')
        "#,
        scope.get(),
        id.get(),
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Lets go of the file of an import that has come to nothing, and gives its name.
pub async fn take_file_key(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ImportId,
) -> sqlx::Result<Option<Uuid>> {
    sqlx::query_scalar!(
        r#"
        update imports i
        set file_key = null
        from imports before
        where i.store_id = $1
          and i.id = $2
          and i.state in ('failed', 'discarded', 'cancelled')
          and before.store_id = i.store_id
          and before.id = i.id
          and before.file_key is not null
        returning before.file_key as "file_key!"
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// Counts a try at a busy import that nobody works on. False if somebody does, or if it was tried too often.
pub async fn take_up(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ImportId,
    most: i32,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        update imports
        set tries = tries + 1
        where store_id = $1
          and id = $2
          and state in ('reading', 'running', 'undoing')
          and tries < $3
        "#,
        scope.get(),
        id.get(),
        most,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Busy imports of a command that is no more: it kept no file, so nobody can take them up. Their transactions are rolled back.
pub async fn fail_abandoned_any_store(
    db: impl PgExecutor<'_>,
    error: &str,
    before: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"
        with free as materialized (
          select store_id, id
          from imports
          where state in ('reading', 'running')
            and file_key is null
            and created_at < $2
            and pg_try_advisory_xact_lock($3, id::int)
        )
        update imports i
        set state = 'failed', error = $1, version = version + 1
        from free f
        where i.store_id = f.store_id
          and i.id = f.id
        "#,
        error,
        before,
        super::WORK_LOCK,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
