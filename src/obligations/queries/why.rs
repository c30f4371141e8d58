//! Statements behind the words that say why something is due.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::calendar::Deadline;
use crate::stores::StoreScope;

/// A deadline and whose it is.
pub struct Row {
    pub id: i64,
    strict_due_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
    callable_due_at: DateTime<Utc>,
    is_short_window: bool,
}

impl Row {
    /// Its instants.
    pub const fn deadline(&self) -> Deadline {
        Deadline {
            strict_due_at: self.strict_due_at,
            due_at: self.due_at,
            callable_due_at: self.callable_due_at,
            is_short_window: self.is_short_window,
        }
    }
}

/// The most urgent open thing in each callback.
pub async fn list_of_callbacks(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    ids: &[i64],
) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        r#"
        select distinct on (o.callback_id) o.callback_id as "id!: i64", o.strict_due_at, o.due_at, o.callable_due_at, o.is_short_window
        from obligations o
        where o.store_id = $1 and o.callback_id = any($2) and o.status = 'open'
        order by o.callback_id, o.callable_due_at, o.id
        "#,
        scope.get(),
        ids,
    )
    .fetch_all(db)
    .await
}

/// Entries by their ids.
pub async fn list_of_entries(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    ids: &[i64],
) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        r#"
        select o.id as "id: i64", o.strict_due_at, o.due_at, o.callable_due_at, o.is_short_window
        from obligations o
        where o.store_id = $1 and o.id = any($2)
        "#,
        scope.get(),
        ids,
    )
    .fetch_all(db)
    .await
}
