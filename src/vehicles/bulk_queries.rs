//! Statements that change many cars at once. Each takes the rows that the filter lets through, keeps what they held,
//! and changes them; taking it back leaves alone what somebody has changed since.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::batches::{BatchId, Changed, Target};
use crate::stores::StoreScope;

/// How many rows a change is about, counted no further than `limit`.
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
          from vehicles_matching($1, $2) m
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

/// Says what has become of them.
pub async fn set_state(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    target: &Target,
    batch: BatchId,
    value: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<Changed> {
    sqlx::query_as!(
        Changed,
        r#"
        with hit as materialized (
          select m.id
          from vehicles_matching($1, $2) m
          where ($3::bigint[] is null or m.id = any($3))
        ),
        held as materialized (
          select x.id, x.state as before
          from vehicles x
          join hit h on h.id = x.id
          where x.store_id = $1
            and x.state is distinct from $4::text
          for update of x
        ),
        kept as (
          insert into batch_rows (store_id, batch_id, subject_id, before)
          select $1, $5, h.id, h.before
          from held h
        ),
        changed as (
          update vehicles x
          set state = $4, version = x.version + 1, updated_at = $6
          from held h
          where x.store_id = $1
            and x.id = h.id
          returning x.id
        )
        select (select count(*) from hit) as "hit!", (select count(*) from changed) as "changed!"
        "#,
        scope.get(),
        target.conditions,
        target.ids.as_deref(),
        value,
        batch.get(),
        now,
    )
    .fetch_one(db)
    .await
}

/// Says what they are used for.
pub async fn set_usage(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    target: &Target,
    batch: BatchId,
    value: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<Changed> {
    sqlx::query_as!(
        Changed,
        r#"
        with hit as materialized (
          select m.id
          from vehicles_matching($1, $2) m
          where ($3::bigint[] is null or m.id = any($3))
        ),
        held as materialized (
          select x.id, x.usage as before
          from vehicles x
          join hit h on h.id = x.id
          where x.store_id = $1
            and x.usage is distinct from $4::text
          for update of x
        ),
        kept as (
          insert into batch_rows (store_id, batch_id, subject_id, before)
          select $1, $5, h.id, h.before
          from held h
        ),
        changed as (
          update vehicles x
          set usage = $4, version = x.version + 1, updated_at = $6
          from held h
          where x.store_id = $1
            and x.id = h.id
          returning x.id
        )
        select (select count(*) from hit) as "hit!", (select count(*) from changed) as "changed!"
        "#,
        scope.get(),
        target.conditions,
        target.ids.as_deref(),
        value,
        batch.get(),
        now,
    )
    .fetch_one(db)
    .await
}

/// Gives those back their state that still have the new one.
pub async fn undo_state(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    batch: BatchId,
    value: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"
        update vehicles x
        set state = r.before, version = x.version + 1, updated_at = $4
        from batch_rows r
        where r.store_id = $1
          and r.batch_id = $2
          and x.store_id = r.store_id
          and x.id = r.subject_id
          and x.state is not distinct from $3
          and x.erased_at is null
        "#,
        scope.get(),
        batch.get(),
        value,
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Gives those back their use that still have the new one.
pub async fn undo_usage(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    batch: BatchId,
    value: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"
        update vehicles x
        set usage = r.before, version = x.version + 1, updated_at = $4
        from batch_rows r
        where r.store_id = $1
          and r.batch_id = $2
          and x.store_id = r.store_id
          and x.id = r.subject_id
          and x.usage is not distinct from $3
          and x.erased_at is null
        "#,
        scope.get(),
        batch.get(),
        value,
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
