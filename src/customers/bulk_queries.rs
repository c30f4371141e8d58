//! Statements that change many customers at once. Each takes the rows that the filter lets through, keeps what they held,
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
          from customers_matching($1, $2) m
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

/// Gives them a grade, or none.
pub async fn set_grade(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    target: &Target,
    batch: BatchId,
    value: Option<&str>,
    now: DateTime<Utc>,
) -> sqlx::Result<Changed> {
    sqlx::query_as!(
        Changed,
        r#"
        with hit as materialized (
          select m.id
          from customers_matching($1, $2) m
          where ($3::bigint[] is null or m.id = any($3))
        ),
        held as materialized (
          select x.id, x.grade as before
          from customers x
          join hit h on h.id = x.id
          where x.store_id = $1
            and x.grade is distinct from $4::text
          for update of x
        ),
        kept as (
          insert into batch_rows (store_id, batch_id, subject_id, before)
          select $1, $5, h.id, h.before
          from held h
        ),
        changed as (
          update customers x
          set grade = $4, version = x.version + 1, updated_at = $6
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

/// Gives them a keeper, or none.
pub async fn set_keeper(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    target: &Target,
    batch: BatchId,
    value: Option<i64>,
    now: DateTime<Utc>,
) -> sqlx::Result<Changed> {
    sqlx::query_as!(
        Changed,
        r#"
        with hit as materialized (
          select m.id
          from customers_matching($1, $2) m
          where ($3::bigint[] is null or m.id = any($3))
        ),
        held as materialized (
          select x.id, x.keeper_id as before
          from customers x
          join hit h on h.id = x.id
          where x.store_id = $1
            and x.keeper_id is distinct from $4::bigint
          for update of x
        ),
        kept as (
          insert into batch_rows (store_id, batch_id, subject_id, before)
          select $1, $5, h.id, h.before::text
          from held h
        ),
        changed as (
          update customers x
          set keeper_id = $4, version = x.version + 1, updated_at = $6
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

/// Puts a tag on them.
pub async fn add_tag(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    target: &Target,
    batch: BatchId,
    tag: i64,
    now: DateTime<Utc>,
) -> sqlx::Result<Changed> {
    sqlx::query_as!(
        Changed,
        r#"
        with hit as materialized (
          select m.id
          from customers_matching($1, $2) m
          where ($3::bigint[] is null or m.id = any($3))
        ),
        changed as (
          insert into customer_tags (store_id, customer_id, tag_id, added_at)
          select $1, h.id, $4, $6
          from hit h
          on conflict do nothing
          returning customer_id
        ),
        kept as (
          insert into batch_rows (store_id, batch_id, subject_id)
          select $1, $5, c.customer_id
          from changed c
        )
        select (select count(*) from hit) as "hit!", (select count(*) from changed) as "changed!"
        "#,
        scope.get(),
        target.conditions,
        target.ids.as_deref(),
        tag,
        batch.get(),
        now,
    )
    .fetch_one(db)
    .await
}

/// Takes a tag off them.
pub async fn remove_tag(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    target: &Target,
    batch: BatchId,
    tag: i64,
) -> sqlx::Result<Changed> {
    sqlx::query_as!(
        Changed,
        r#"
        with hit as materialized (
          select m.id
          from customers_matching($1, $2) m
          where ($3::bigint[] is null or m.id = any($3))
        ),
        changed as (
          delete from customer_tags t
          using hit h
          where t.store_id = $1
            and t.tag_id = $4
            and t.customer_id = h.id
          returning t.customer_id
        ),
        kept as (
          insert into batch_rows (store_id, batch_id, subject_id)
          select $1, $5, c.customer_id
          from changed c
        )
        select (select count(*) from hit) as "hit!", (select count(*) from changed) as "changed!"
        "#,
        scope.get(),
        target.conditions,
        target.ids.as_deref(),
        tag,
        batch.get(),
    )
    .fetch_one(db)
    .await
}

/// Gives those back their grade that still have the new one.
pub async fn undo_grade(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    batch: BatchId,
    value: Option<&str>,
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"
        update customers x
        set grade = r.before, version = x.version + 1, updated_at = $4
        from batch_rows r
        where r.store_id = $1
          and r.batch_id = $2
          and x.store_id = r.store_id
          and x.id = r.subject_id
          and x.grade is not distinct from $3
          and x.merged_into_id is null
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

/// Gives those back their keeper that still have the new one.
pub async fn undo_keeper(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    batch: BatchId,
    value: Option<i64>,
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"
        update customers x
        set keeper_id = r.before::bigint, version = x.version + 1, updated_at = $4
        from batch_rows r
        where r.store_id = $1
          and r.batch_id = $2
          and x.store_id = r.store_id
          and x.id = r.subject_id
          and x.keeper_id is not distinct from $3
          and x.merged_into_id is null
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

/// Takes a tag off those again that got it.
pub async fn undo_add_tag(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    batch: BatchId,
    tag: i64,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"
        delete from customer_tags t
        using batch_rows r
        where r.store_id = $1
          and r.batch_id = $2
          and t.store_id = r.store_id
          and t.customer_id = r.subject_id
          and t.tag_id = $3
        "#,
        scope.get(),
        batch.get(),
        tag,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Puts a tag on those again that lost it.
pub async fn undo_remove_tag(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    batch: BatchId,
    tag: i64,
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"
        insert into customer_tags (store_id, customer_id, tag_id, added_at)
        select r.store_id, c.id, $3, $4
        from batch_rows r
        join customers c on c.store_id = r.store_id and c.id = r.subject_id
        where r.store_id = $1
          and r.batch_id = $2
          and c.merged_into_id is null
          and c.erased_at is null
        on conflict do nothing
        "#,
        scope.get(),
        batch.get(),
        tag,
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
