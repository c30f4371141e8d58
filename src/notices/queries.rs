//! Statements of notices.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::complaints::warnings::WarningId;
use crate::complaints::{ComplaintId, Severity};
use crate::obligations::{ObligationKind, ObligationStatus};
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::web::pagination::PageParams;

/// A warning that this person got.
pub struct Notice {
    pub id: WarningId,
    pub complaint_id: ComplaintId,
    pub level: i32,
    pub created_at: DateTime<Utc>,
    pub read_at: Option<DateTime<Utc>>,
    pub deputy_for: Option<String>,
    pub number: String,
    pub severity: Severity,
    pub words: Option<String>,
    pub kind: ObligationKind,
    pub cycle_key: String,
    pub status: ObligationStatus,
    pub due_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

/// A page of a person's notices, newest first.
pub async fn list(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    user: UserId,
    unread_only: bool,
    page: PageParams,
) -> sqlx::Result<Vec<Notice>> {
    sqlx::query_as!(
        Notice,
        r#"
        with page as materialized (
          select w.id, w.complaint_id, w.obligation_id, w.level, w.created_at, w.read_at, w.deputy_for_id
          from complaint_warnings w
          where w.store_id = $1 and w.recipient_id = $2 and (not $3 or w.read_at is null)
          order by w.id desc
          limit $4 offset $5
        )
        select w.id as "id: WarningId", w.complaint_id as "complaint_id: ComplaintId", w.level, w.created_at, w.read_at,
               d.display_name as "deputy_for?", p.number, p.severity as "severity: Severity", p.words, o.kind as "kind: ObligationKind",
               o.cycle_key, o.status as "status: ObligationStatus", o.due_at, o.ended_at
        from page w
        join complaints p on p.store_id = $1 and p.id = w.complaint_id
        join obligations o on o.store_id = $1 and o.id = w.obligation_id
        left join users d on d.id = w.deputy_for_id
        order by w.id desc
        "#,
        scope.get(),
        user.get(),
        unread_only,
        page.limit(),
        page.offset(),
    )
    .fetch_all(db)
    .await
}

/// Unread notices of one person.
pub async fn count_unread(db: impl PgExecutor<'_>, scope: StoreScope, user: UserId) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "n!" from complaint_warnings where store_id = $1 and recipient_id = $2 and read_at is null"#,
        scope.get(),
        user.get(),
    )
    .fetch_one(db)
    .await
}

/// Unread notices of everybody in the store who has some.
pub async fn list_unread(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<HashMap<UserId, i64>> {
    let rows = sqlx::query!(
        r#"
        select recipient_id as "recipient_id: UserId", count(*) as "n!"
        from complaint_warnings
        where store_id = $1 and read_at is null
        group by recipient_id
        "#,
        scope.get(),
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.recipient_id, row.n)).collect())
}

/// Marks one of this person's notices as read, or all of them; how many it were.
pub async fn read(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    user: UserId,
    only: Option<WarningId>,
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"
        update complaint_warnings
        set read_at = $4
        where store_id = $1 and recipient_id = $2 and read_at is null and ($3::bigint is null or id = $3)
        "#,
        scope.get(),
        user.get(),
        only.map(WarningId::get),
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// A message to staff that waits for a provider.
pub struct Waiting {
    pub recipient: String,
    pub body: String,
    pub created_at: DateTime<Utc>,
}

/// Messages to staff that wait, newest first: everybody's, or one person's.
pub async fn list_waiting(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    user: Option<UserId>,
    page: PageParams,
) -> sqlx::Result<Vec<Waiting>> {
    sqlx::query_as!(
        Waiting,
        r#"
        select u.display_name as recipient, m.body, m.created_at
        from outbox_messages m
        join users u on u.id = m.recipient_id
        where m.store_id = $1 and m.purpose = 'warning' and m.status = 'queued' and ($2::bigint is null or m.recipient_id = $2)
        order by m.id desc
        limit $3 offset $4
        "#,
        scope.get(),
        user.map(UserId::get),
        page.limit(),
        page.offset(),
    )
    .fetch_all(db)
    .await
}
