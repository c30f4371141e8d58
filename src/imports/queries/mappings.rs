//! Statements of the columns that people chose last.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgExecutor;

use crate::imports::ImportKind;
use crate::stores::StoreScope;

/// What was chosen for these headings.
pub async fn find_mapping(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    kind: ImportKind,
    headings: &[u8],
) -> sqlx::Result<Option<Value>> {
    sqlx::query_scalar!(
        "select choices from import_mappings where store_id = $1 and kind = $2 and headings = $3",
        scope.get(),
        kind.as_str(),
        headings,
    )
    .fetch_optional(db)
    .await
}

/// Remembers a choice in the place of an older one.
pub async fn upsert_mapping(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    kind: ImportKind,
    headings: &[u8],
    choices: &Value,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into import_mappings (store_id, kind, headings, choices, updated_at)
        values ($1, $2, $3, $4, $5)
        on conflict (store_id, kind, headings) do update
          set choices = excluded.choices, updated_at = excluded.updated_at
        "#,
        scope.get(),
        kind.as_str(),
        headings,
        choices,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets a choice.
pub async fn delete_mapping(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    kind: ImportKind,
    headings: &[u8],
) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from import_mappings where store_id = $1 and kind = $2 and headings = $3",
        scope.get(),
        kind.as_str(),
        headings,
    )
    .execute(db)
    .await?;
    Ok(())
}
