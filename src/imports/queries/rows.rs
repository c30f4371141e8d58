//! Statements of staged rows: as they were read, and what became of them.

use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};

use crate::imports::ImportId;
use crate::imports::copy::CopyRows;
use crate::imports::model::RowAction;
use crate::imports::parse::Row;
use crate::stores::StoreScope;

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

/// Takes the staged rows away if the import has come to nothing.
pub async fn delete_rows_of_ended(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ImportId,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        delete from import_rows r
        using imports i
        where r.store_id = $1
          and r.import_id = $2
          and i.store_id = r.store_id
          and i.id = r.import_id
          and i.state in ('failed', 'discarded', 'cancelled')
        "#,
        scope.get(),
        id.get(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What a row and the archive disagree about, as [`crate::imports::Conflict`]s.
pub async fn find_conflict(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ImportId,
    row_no: i32,
) -> sqlx::Result<Option<Value>> {
    let found = sqlx::query_scalar!(
        "select conflicts from import_rows where store_id = $1 and import_id = $2 and row_no = $3",
        scope.get(),
        id.get(),
        row_no,
    )
    .fetch_optional(db)
    .await?;
    Ok(found.flatten())
}
