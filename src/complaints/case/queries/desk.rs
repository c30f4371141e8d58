//! Statements of the small desk of those who answer for a department.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::complaints::{ComplaintId, ComplaintState, Severity};
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::web::pagination::PageParams;

/// A case as its handler's list shows it.
pub struct DeskRow {
    pub id: ComplaintId,
    pub number: String,
    pub severity: Severity,
    pub state: ComplaintState,
    pub words: Option<String>,
    pub accepted_at: DateTime<Utc>,
    pub dispatched_at: Option<DateTime<Utc>>,
    pub promised_at: Option<DateTime<Utc>>,
    pub resolved_at: Option<DateTime<Utc>>,
    pub customer_name: Option<String>,
    pub plate: Option<String>,
    pub model: Option<String>,
    pub owner: Option<String>,
    /// Whether this person is the named handler and not beside one.
    pub is_handler: bool,
    /// Whether the department has handed its opinion in since the case was last reopened.
    pub is_reported: bool,
}

/// Which of the own cases.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    pub user: UserId,
    /// Open ones, or those that have ended.
    pub is_open: bool,
}

/// A person's own cases: what waits for an answer first, then what was promised soonest; ended ones by their end.
pub async fn list(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    wanted: Wanted,
    page: PageParams,
) -> sqlx::Result<Vec<DeskRow>> {
    sqlx::query_as!(
        DeskRow,
        r#"
        with own as materialized (
          select c.id
          from complaints c
          where c.store_id = $1 and c.handler_id = $2 and (c.ended_at is null) = $3
          union
          select c.id
          from complaint_people m
          join complaints c on c.store_id = m.store_id and c.id = m.complaint_id
          where m.store_id = $1 and m.user_id = $2 and m.part = 'co_handler' and (c.ended_at is null) = $3
        ), ranked as (
          select p.*, coalesce(p.handler_id = $2, false) as is_handler, exists (
                   select from complaint_events e
                   where e.store_id = $1 and e.complaint_id = p.id and e.kind = 'note' and e.data ->> 'opinion' = 'true' and e.at >= coalesce((
                     select max(r.at) from complaint_events r where r.store_id = $1 and r.complaint_id = p.id and r.kind in ('reopened', 'dispatched')
                   ), '-infinity')) as is_reported
          from own
          join complaints p on p.store_id = $1 and p.id = own.id
        )
        select p.id as "id: ComplaintId", p.number, p.severity as "severity: Severity", p.state as "state: ComplaintState", p.words,
               p.accepted_at, p.dispatched_at, p.promised_at, p.resolved_at, u.name as "customer_name?", v.plate as "plate?",
               v.model as "model?", o.display_name as "owner?", p.is_handler as "is_handler!", p.is_reported as "is_reported!"
        from ranked p
        left join customers u on u.store_id = $1 and u.id = p.customer_id
        left join vehicles v on v.store_id = $1 and v.id = p.vehicle_id
        left join users o on o.id = p.owner_id
        order by p.ended_at desc nulls first, not (p.state = 'dispatched' and p.is_handler), p.state = 'resolved', p.is_reported,
                 p.promised_at nulls last, p.severity, p.accepted_at, p.id
        limit $4 offset $5
        "#,
        scope.get(),
        wanted.user.get(),
        wanted.is_open,
        page.limit(),
        page.offset(),
    )
    .fetch_all(db)
    .await
}

/// How many there are.
pub struct Counts {
    pub open: i64,
    pub ended: i64,
    /// Waiting for this person's word that they have it.
    pub unacknowledged: i64,
}

/// Counts of a person's own cases.
pub async fn counts(db: impl PgExecutor<'_>, scope: StoreScope, user: UserId) -> sqlx::Result<Counts> {
    sqlx::query_as!(
        Counts,
        r#"
        with own as (
          select c.id, c.ended_at, c.state = 'dispatched' as is_new
          from complaints c
          where c.store_id = $1 and c.handler_id = $2
          union
          select c.id, c.ended_at, false
          from complaint_people m
          join complaints c on c.store_id = m.store_id and c.id = m.complaint_id
          where m.store_id = $1 and m.user_id = $2 and m.part = 'co_handler' and c.handler_id is distinct from $2
        )
        select count(*) filter (where ended_at is null) as "open!", count(*) filter (where ended_at is not null) as "ended!",
               count(*) filter (where ended_at is null and is_new) as "unacknowledged!"
        from own
        "#,
        scope.get(),
        user.get(),
    )
    .fetch_one(db)
    .await
}

/// Whether a case is this person's own: as the named handler or beside one.
pub async fn is_own(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
    user: UserId,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"
        select exists (
          select from complaints c
          where c.store_id = $1 and c.id = $2
            and (c.handler_id = $3 or exists (
              select from complaint_people m
              where m.store_id = $1 and m.complaint_id = $2 and m.user_id = $3 and m.part = 'co_handler'))) as "own!"
        "#,
        scope.get(),
        id.get(),
        user.get(),
    )
    .fetch_one(db)
    .await
}
