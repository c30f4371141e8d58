//! Statements of exports.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::exports::forms::NewExport;
use crate::exports::{ExportId, Format};
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::web::list::ListName;

/// An export in the list of them.
pub struct ExportRow {
    pub id: ExportId,
    pub list: ListName,
    pub format: Format,
    pub filter: String,
    pub reason: String,
    pub row_count: i32,
    pub person: String,
    pub created_at: DateTime<Utc>,
}

/// What a person has taken out since an instant.
pub struct Taken {
    pub files: i64,
    pub rows: i64,
}

/// Locks the person: exports of one person are counted one after the other.
pub async fn lock_person(db: impl PgExecutor<'_>, user: UserId) -> sqlx::Result<()> {
    sqlx::query!("select id from users where id = $1 for no key update", user.get())
        .fetch_one(db)
        .await?;
    Ok(())
}

/// How much this person has taken out since an instant.
pub async fn taken_since(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    user: UserId,
    since: DateTime<Utc>,
) -> sqlx::Result<Taken> {
    sqlx::query_as!(
        Taken,
        r#"
        select count(*) as "files!", coalesce(sum(row_count), 0) as "rows!"
        from exports
        where store_id = $1
          and user_id = $2
          and created_at >= $3
        "#,
        scope.get(),
        user.get(),
        since,
    )
    .fetch_one(db)
    .await
}

/// How many files one person may take out on one day.
pub async fn find_limit(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<i64> {
    let limit = sqlx::query_scalar!("select exports_per_day from stores where id = $1", scope.get())
        .fetch_one(db)
        .await?;
    Ok(i64::from(limit))
}

/// The record of an export, before its rows are written.
pub async fn insert(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    export: &NewExport,
    user: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<ExportId> {
    sqlx::query_scalar!(
        r#"
        insert into exports (store_id, list, format, filter, columns, reason, user_id, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        returning id
        "#,
        scope.get(),
        export.list.as_str(),
        export.format.as_str(),
        export.query,
        &export.columns,
        export.reason,
        user.get(),
        now,
    )
    .fetch_one(db)
    .await
}

/// Notes how many rows were written.
pub async fn set_count(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ExportId,
    row_count: i32,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update exports set row_count = $3 where store_id = $1 and id = $2",
        scope.get(),
        id.get(),
        row_count,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Exports of the store, newest first.
pub async fn list(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<ExportRow>> {
    sqlx::query_as!(
        ExportRow,
        r#"
        select e.id, e.list, e.format, e.filter, e.reason, e.row_count, u.display_name as person, e.created_at
        from exports e
        join users u on u.id = e.user_id
        where e.store_id = $1
        order by e.created_at desc, e.id desc
        limit $2
        offset $3
        "#,
        scope.get(),
        limit,
        offset,
    )
    .fetch_all(db)
    .await
}
