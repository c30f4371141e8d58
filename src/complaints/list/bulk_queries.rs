//! Statements that share out many cases at once. Each keeps what a case held and the version it left behind, and writes a
//! line into the case's history; taking it back leaves alone whatever has changed since.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::batches::{BatchId, Changed, Target};
use crate::stores::{DepartmentId, StoreScope};
use crate::users::UserId;

/// Who shares out, when, and under which record.
#[derive(Clone, Copy, Debug)]
pub struct By {
    pub scope: StoreScope,
    pub user: UserId,
    pub batch: BatchId,
    pub now: DateTime<Utc>,
}

/// How many open cases a change is about, counted no further than `limit`. What has ended stays with whom it was.
pub async fn count(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    target: &Target,
    limit: i64,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"
        select count(*) as "count!"
        from (
          select m.id
          from complaints_matching($1, $2) m
          join complaints x on x.store_id = $1 and x.id = m.id and x.ended_at is null
          where ($3::bigint[] is null or m.id = any($3))
          limit $4
        ) counted
        "#,
        scope.get(),
        target.conditions,
        target.ids.as_deref(),
        limit,
    )
    .fetch_one(db)
    .await
}

/// How many of them have not reached this department.
pub async fn count_others(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    target: &Target,
    department: DepartmentId,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"
        select count(*) as "count!"
        from complaints_matching($1, $2) m
        join complaints x on x.store_id = $1 and x.id = m.id and x.ended_at is null
        where ($3::bigint[] is null or m.id = any($3))
          and (x.department_id is distinct from $4 or x.dispatched_at is null)
        "#,
        scope.get(),
        target.conditions,
        target.ids.as_deref(),
        department.get(),
    )
    .fetch_one(db)
    .await
}

/// Says who leads them.
pub async fn set_owner(
    db: impl PgExecutor<'_>,
    target: &Target,
    by: By,
    to: UserId,
) -> sqlx::Result<Changed> {
    sqlx::query_as!(
        Changed,
        r#"
        with hit as materialized (
          select m.id
          from complaints_matching($1, $2) m
          where ($3::bigint[] is null or m.id = any($3))
        ),
        held as materialized (
          select x.id, x.owner_id as before
          from complaints x
          join hit h on h.id = x.id
          where x.store_id = $1
            and x.ended_at is null
          order by x.id
          for update of x
        ),
        changed as (
          update complaints x
          set owner_id = $4, version = x.version + 1, updated_at = $6
          from held h
          where x.store_id = $1
            and x.id = h.id
            and x.owner_id is distinct from $4
          returning x.id, x.version, h.before
        ),
        kept as (
          insert into batch_rows (store_id, batch_id, subject_id, before, version)
          select $1, $5, c.id, c.before::text, c.version
          from changed c
        ),
        told as (
          insert into complaint_events (store_id, complaint_id, kind, at, by_id, data)
          select $1, c.id, 'people', $6, $7, jsonb_build_object('owner', $4::bigint, 'was', c.before, 'batch', $5::bigint)
          from changed c
        )
        select (select count(*) from held) as "hit!", (select count(*) from changed) as "changed!"
        "#,
        by.scope.get(),
        target.conditions,
        target.ids.as_deref(),
        to.get(),
        by.batch.get(),
        by.now,
        by.user.get(),
    )
    .fetch_one(db)
    .await
}

/// Says who answers for the department in cases that have reached it; where they stand in their life stays as it is.
pub async fn set_handler(
    db: impl PgExecutor<'_>,
    target: &Target,
    by: By,
    to: UserId,
    department: DepartmentId,
) -> sqlx::Result<Changed> {
    sqlx::query_as!(
        Changed,
        r#"
        with hit as materialized (
          select m.id
          from complaints_matching($1, $2) m
          where ($3::bigint[] is null or m.id = any($3))
        ),
        held as materialized (
          select x.id, x.handler_id as before
          from complaints x
          join hit h on h.id = x.id
          where x.store_id = $1
            and x.ended_at is null
          order by x.id
          for update of x
        ),
        changed as (
          update complaints x
          set handler_id = $4, version = x.version + 1, updated_at = $6
          from held h
          where x.store_id = $1
            and x.id = h.id
            and x.department_id = $8
            and x.dispatched_at is not null
            and x.handler_id is distinct from $4
          returning x.id, x.version, h.before
        ),
        kept as (
          insert into batch_rows (store_id, batch_id, subject_id, before, version)
          select $1, $5, c.id, c.before::text, c.version
          from changed c
        ),
        told as (
          insert into complaint_events (store_id, complaint_id, kind, at, by_id, data)
          select $1, c.id, 'people', $6, $7, jsonb_build_object('handler', $4::bigint, 'was', c.before, 'batch', $5::bigint)
          from changed c
        )
        select (select count(*) from held) as "hit!", (select count(*) from changed) as "changed!"
        "#,
        by.scope.get(),
        target.conditions,
        target.ids.as_deref(),
        to.get(),
        by.batch.get(),
        by.now,
        by.user.get(),
        department.get(),
    )
    .fetch_one(db)
    .await
}

/// Gives the cases of a change back to who led them, unless they have changed since; how many.
pub async fn undo_owner(db: impl PgExecutor<'_>, by: By) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"
        with held as materialized (
          select x.id, r.before::bigint as before, x.owner_id as was
          from batch_rows r
          join complaints x on x.store_id = r.store_id and x.id = r.subject_id
          where r.store_id = $1
            and r.batch_id = $2
            and x.version = r.version
          order by x.id
          for update of x
        ),
        changed as (
          update complaints x
          set owner_id = h.before, version = x.version + 1, updated_at = $3
          from held h
          where x.store_id = $1
            and x.id = h.id
          returning x.id, h.before, h.was
        ),
        told as (
          insert into complaint_events (store_id, complaint_id, kind, at, by_id, data)
          select $1, c.id, 'people', $3, $4, jsonb_build_object('owner', c.before, 'was', c.was, 'batch', $2::bigint, 'undone', true)
          from changed c
        )
        select count(*) as "count!" from changed
        "#,
        by.scope.get(),
        by.batch.get(),
        by.now,
        by.user.get(),
    )
    .fetch_one(db)
    .await
}

/// Gives the cases of a change back to who answered for the department, unless they have changed since; how many.
pub async fn undo_handler(db: impl PgExecutor<'_>, by: By) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"
        with held as materialized (
          select x.id, r.before::bigint as before, x.handler_id as was
          from batch_rows r
          join complaints x on x.store_id = r.store_id and x.id = r.subject_id
          where r.store_id = $1
            and r.batch_id = $2
            and x.version = r.version
          order by x.id
          for update of x
        ),
        changed as (
          update complaints x
          set handler_id = h.before, version = x.version + 1, updated_at = $3
          from held h
          where x.store_id = $1
            and x.id = h.id
          returning x.id, h.before, h.was
        ),
        told as (
          insert into complaint_events (store_id, complaint_id, kind, at, by_id, data)
          select $1, c.id, 'people', $3, $4, jsonb_build_object('handler', c.before, 'was', c.was, 'batch', $2::bigint, 'undone', true)
          from changed c
        )
        select count(*) as "count!" from changed
        "#,
        by.scope.get(),
        by.batch.get(),
        by.now,
        by.user.get(),
    )
    .fetch_one(db)
    .await
}
