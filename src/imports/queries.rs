//! Statements of imports and their staged rows.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};

use crate::imports::copy::CopyRows;
use crate::imports::model::{Counts, ImportPhase, ImportState, RowAction, Staged};
use crate::imports::parse::Row;
use crate::imports::{ImportId, ImportKind};
use crate::stores::StoreScope;
use crate::users::UserId;

/// An import as its pages need it.
#[derive(Clone, Debug)]
pub struct ImportRow {
    pub id: ImportId,
    pub kind: ImportKind,
    pub file_name: String,
    pub file_bytes: i64,
    pub state: ImportState,
    pub phase: ImportPhase,
    /// [`Staged`], or empty while the file is read.
    pub mapping: Value,
    /// [`Counts`], or empty before the rows were checked.
    pub counts: Value,
    /// [`crate::imports::model::Failure`] as JSON text.
    pub error: Option<String>,
    pub rows_total: i32,
    pub rows_done: i32,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub confirmed_at: Option<DateTime<Utc>>,
    pub created_by: Option<String>,
}

/// What a person may know of the store that the rules need.
pub struct StoreFacts {
    pub time_zone: String,
    pub area_code: Option<String>,
}

/// A staged row before it is checked.
pub struct CellsRow {
    pub row_no: i32,
    pub cells: Vec<String>,
    pub is_slipped: bool,
}

/// A checked row; `refusals`, `warnings` are lists of `At`, `changes` of `Change`.
pub struct VerdictRow {
    pub row_no: i32,
    pub cells: Vec<String>,
    pub refusals: Option<Value>,
    pub warnings: Option<Value>,
    pub changes: Option<Value>,
}

/// A file that is about to be read.
pub struct NewImport<'a> {
    pub kind: ImportKind,
    pub file_name: &'a str,
    pub file_bytes: i64,
    pub sha256: &'a [u8],
    pub created_by: Option<UserId>,
}

pub async fn insert(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    new: &NewImport<'_>,
    now: DateTime<Utc>,
) -> sqlx::Result<ImportId> {
    sqlx::query_scalar!(
        r#"
        insert into imports (store_id, kind, file_name, file_bytes, sha256, state, created_by, created_at)
        values ($1, $2, $3, $4, $5, 'reading', $6, $7)
        returning id
        "#,
        scope.get(),
        new.kind.as_str(),
        new.file_name,
        new.file_bytes,
        new.sha256,
        new.created_by.map(UserId::get),
        now,
    )
    .fetch_one(db)
    .await
}

pub async fn find(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ImportId,
) -> sqlx::Result<Option<ImportRow>> {
    sqlx::query_as!(
        ImportRow,
        r#"
        select i.id, i.kind, i.file_name, i.file_bytes, i.state, i.phase, i.mapping, i.counts, i.error, i.rows_total,
               i.rows_done, i.version, i.created_at, i.confirmed_at, u.display_name as "created_by?"
        from imports i
        left join users u on u.id = i.created_by
        where i.store_id = $1 and i.id = $2
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// The newest imports first.
pub async fn list(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<ImportRow>> {
    sqlx::query_as!(
        ImportRow,
        r#"
        select i.id, i.kind, i.file_name, i.file_bytes, i.state, i.phase, i.mapping, i.counts, i.error, i.rows_total,
               i.rows_done, i.version, i.created_at, i.confirmed_at, u.display_name as "created_by?"
        from imports i
        left join users u on u.id = i.created_by
        where i.store_id = $1
          and i.state <> 'discarded'
        order by i.created_at desc, i.id desc
        limit $2 offset $3
        "#,
        scope.get(),
        limit,
        offset,
    )
    .fetch_all(db)
    .await
}

/// The confirmed import of a file with the same content.
pub async fn find_same_file(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    kind: ImportKind,
    sha256: &[u8],
) -> sqlx::Result<Option<ImportId>> {
    sqlx::query_scalar!(
        "select id from imports where store_id = $1 and kind = $2 and sha256 = $3 and state in ('confirmed', 'undoing')",
        scope.get(),
        kind.as_str(),
        sha256,
    )
    .fetch_optional(db)
    .await
}

/// Content of an import's file, to recognise it again.
pub async fn sha256(db: impl PgExecutor<'_>, scope: StoreScope, id: ImportId) -> sqlx::Result<Vec<u8>> {
    sqlx::query_scalar!(
        "select sha256 from imports where store_id = $1 and id = $2",
        scope.get(),
        id.get(),
    )
    .fetch_one(db)
    .await
}

pub async fn store_facts(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<StoreFacts> {
    sqlx::query_as!(
        StoreFacts,
        "select time_zone, area_code from stores where id = $1",
        scope.get(),
    )
    .fetch_one(db)
    .await
}

/// One merge at a time in a store. Not `for update`: rows of other tables that point at the store may be written meanwhile.
pub async fn lock_store(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<()> {
    sqlx::query_scalar!(
        "select id from stores where id = $1 for no key update",
        scope.get(),
    )
    .fetch_one(db)
    .await?;
    Ok(())
}

/// History does not owe: with its first import a store's duties begin three days ago.
pub async fn start_store_with_first_import(
    db: &mut PgConnection,
    scope: StoreScope,
    today: NaiveDate,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update stores
        set starts_on = $2::date - 3
        where id = $1
          and starts_on <> $2::date - 3
          and not exists (select from imports i where i.store_id = $1 and i.state = 'confirmed')
        "#,
        scope.get(),
        today,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Stages rows as they were read.
pub async fn copy_rows(
    db: &mut PgConnection,
    scope: StoreScope,
    id: ImportId,
    rows: &[Row],
) -> anyhow::Result<()> {
    let mut copy = CopyRows::new();
    for row in rows {
        copy.plain(Some(scope.get()))
            .plain(Some(id))
            .plain(Some(i32::try_from(row.number)?))
            .array(&row.cells)
            .plain(Some(row.extra))
            .end();
    }
    copy.send(
        db,
        "copy import_rows (store_id, import_id, row_no, cells, is_slipped) from stdin",
    )
    .await?;
    Ok(())
}

/// The next rows to check, in the order of the file.
pub async fn list_cells(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ImportId,
    after: i32,
    limit: i64,
) -> sqlx::Result<Vec<CellsRow>> {
    sqlx::query_as!(
        CellsRow,
        r#"
        select row_no, cells, is_slipped
        from import_rows
        where store_id = $1
          and import_id = $2
          and row_no > $3
        order by row_no
        limit $4
        "#,
        scope.get(),
        id.get(),
        after,
        limit,
    )
    .fetch_all(db)
    .await
}

/// Rows of one outcome, in the order of the file.
pub async fn list_verdicts(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ImportId,
    action: RowAction,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<VerdictRow>> {
    sqlx::query_as!(
        VerdictRow,
        r#"
        select row_no, cells, refusals, warnings, changes
        from import_rows
        where store_id = $1
          and import_id = $2
          and action = $3
        order by row_no
        limit $4 offset $5
        "#,
        scope.get(),
        id.get(),
        action.as_str(),
        limit,
        offset,
    )
    .fetch_all(db)
    .await
}

/// Taken rows with a word of warning, in the order of the file.
pub async fn list_warned(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ImportId,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<VerdictRow>> {
    sqlx::query_as!(
        VerdictRow,
        r#"
        select row_no, cells, refusals, warnings, changes
        from import_rows
        where store_id = $1
          and import_id = $2
          and action <> 'refused'
          and warnings is not null
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

/// How many rows have something in each column, in the order of the columns.
pub async fn count_filled(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ImportId,
) -> sqlx::Result<Vec<(i64, i64)>> {
    let rows = sqlx::query!(
        r#"
        select c.position as "position!", count(*) filter (where c.cell <> '') as "filled!"
        from import_rows r
        cross join lateral unnest(r.cells) with ordinality c(cell, position)
        where r.store_id = $1 and r.import_id = $2
        group by c.position
        order by c.position
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.position, row.filled)).collect())
}

pub async fn set_phase(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ImportId,
    phase: ImportPhase,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update imports set phase = $3, rows_done = 0 where store_id = $1 and id = $2",
        scope.get(),
        id.get(),
        phase.as_str(),
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn set_rows_done(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ImportId,
    done: i32,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update imports set rows_done = $3 where store_id = $1 and id = $2",
        scope.get(),
        id.get(),
        done,
    )
    .execute(db)
    .await?;
    Ok(())
}

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
        set state = 'staged', mapping = $3, rows_total = $4, version = version + 1
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
        set state = 'reading', phase = 'checking', mapping = $4, counts = '{}', rows_done = 0, version = version + 1
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
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        update imports
        set state = 'running', phase = 'checking', rows_done = 0, version = version + 1
        where store_id = $1
          and id = $2
          and version = $3
          and state = 'staged'
        "#,
        scope.get(),
        id.get(),
        version,
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

pub async fn set_failed(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ImportId,
    error: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
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
    Ok(())
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

/// Takes the staged rows of a file away that nobody will take in.
pub async fn delete_rows(db: impl PgExecutor<'_>, scope: StoreScope, id: ImportId) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from import_rows where store_id = $1 and import_id = $2",
        scope.get(),
        id.get(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Takes an import away that was only tried.
pub async fn delete(db: impl PgExecutor<'_>, scope: StoreScope, id: ImportId) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from imports where store_id = $1 and id = $2",
        scope.get(),
        id.get(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Work of a server that is no more: its transactions are rolled back, so the imports have come to nothing.
pub async fn fail_unfinished_any_store(db: impl PgExecutor<'_>, error: &str) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"
        update imports
        set state = 'failed', error = $1, version = version + 1
        where state in ('reading', 'running')
        "#,
        error,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
