//! Statements of reviews in the ledger, and how the files of the store stand.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use sqlx::PgExecutor;

use crate::customers::CustomerId;
use crate::reviews::model::Progress;
use crate::stores::StoreScope;
use crate::users::UserId;

/// A late visit or call is still listed this many days after it happened; what comes later owes no look.
pub const LOOKBACK_DAYS: i64 = 7;

/// Inserts what the days up to `day` owe and the ledger lacks. Rows of a week that is over are due with the running one.
pub async fn generate(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    (from, day): (NaiveDate, NaiveDate),
    monday: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    let made = sqlx::query!(
        r#"
        with wanted as materialized (
          select c.customer_id, c.cycle_key, min(c.event_on) as event_on
          from review_candidates c
          where c.store_id = $1 and c.event_on between $2 and $3
          group by c.customer_id, c.cycle_key
        )
        insert into obligations (store_id, kind, cycle_key, customer_id, cohort_on, not_before, strict_due_at, due_at, callable_due_at,
                                 rule_version, channel, created_at)
        select $1, 'profile_review', w.cycle_key, w.customer_id, m.day, d.starts_at, s.ends_at, s.ends_at, s.ends_at, 1, 'none', $5
        from wanted w
        join store_days d on d.store_id = $1 and d.day = w.event_on
        join store_days m on m.store_id = $1 and m.day = $4
        join store_days s on s.store_id = $1 and s.day = m.day + 6
        on conflict on constraint obligations_once_key do nothing
        "#,
        scope.get(),
        from,
        day,
        monday,
        now,
    )
    .execute(db)
    .await?;
    Ok(made.rows_affected() as i64)
}

/// Ends entries whose file was edited on the customer's own page, at the time of the edit.
pub async fn settle_edited(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<i64> {
    let done = sqlx::query!(
        r#"
        update obligations o
        set status = 'done', ended_at = c.reviewed_at, ended_by = c.reviewed_by, ended_reason = 'reviewed'
        from customers c
        where o.store_id = $1
          and o.kind = 'profile_review'
          and o.status = 'open'
          and c.store_id = o.store_id
          and c.id = o.customer_id
          and c.reviewed_at >= o.created_at
        "#,
        scope.get(),
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() as i64)
}

/// Cancels entries about files that are no longer there: merged into another, or erased.
pub async fn cancel_gone(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    let done = sqlx::query!(
        r#"
        update obligations o
        set status = 'cancelled', ended_at = $2, ended_reason = 'customer_gone'
        from customers c
        where o.store_id = $1
          and o.kind = 'profile_review'
          and o.status = 'open'
          and c.store_id = o.store_id
          and c.id = o.customer_id
          and (c.merged_into_id is not null or c.erased_at is not null)
        "#,
        scope.get(),
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() as i64)
}

/// Ends every open entry about a customer: the file has just been looked through.
pub async fn settle(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customer: CustomerId,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update obligations
        set status = 'done', ended_at = $4, ended_by = $3, ended_reason = 'reviewed'
        where store_id = $1
          and customer_id = $2
          and kind = 'profile_review'
          and status = 'open'
        "#,
        scope.get(),
        customer.get(),
        by.get(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// How far the list of a week is worked off.
pub async fn progress(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    monday: NaiveDate,
) -> sqlx::Result<Progress> {
    sqlx::query_as!(
        Progress,
        r#"
        select count(*) as "total!", count(*) filter (where status <> 'open') as "done!",
               count(*) filter (where ended_at <= due_at) as "in_time!"
        from obligations
        where store_id = $1
          and cohort_on = $2
          and kind = 'profile_review'
          and status not in ('cancelled', 'exempt')
        "#,
        scope.get(),
        monday,
    )
    .fetch_one(db)
    .await
}

/// Files of the store and the mandatory fields they lack; how many are incomplete or stale; the same of the week's files.
pub struct Base {
    pub files: i64,
    pub missing: i64,
    pub incomplete: i64,
    pub stale: i64,
    pub week_files: i64,
    pub week_missing: i64,
}

/// Reads every file: for the job, not for a page.
pub async fn count_base(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    stale_before: DateTime<Utc>,
    monday: NaiveDate,
) -> sqlx::Result<Base> {
    sqlx::query_as!(
        Base,
        r#"
        with week as materialized (
          select distinct customer_id
          from obligations
          where store_id = $1 and cohort_on = $3 and kind = 'profile_review' and status not in ('cancelled', 'exempt')
        )
        select count(*) as "files!", coalesce(sum(cardinality(f.missing)), 0)::bigint as "missing!",
               count(*) filter (where f.score < 100) as "incomplete!", count(*) filter (where f.touched_at < $2) as "stale!",
               count(w.customer_id) as "week_files!",
               coalesce(sum(cardinality(f.missing)) filter (where w.customer_id is not null), 0)::bigint as "week_missing!"
        from customer_facts f
        left join week w on w.customer_id = f.customer_id
        where f.store_id = $1
          and f.initial is not null
        "#,
        scope.get(),
        stale_before,
        monday,
    )
    .fetch_one(db)
    .await
}

/// What the last run of the job counted.
pub async fn last_counts(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Option<Value>> {
    sqlx::query_scalar!(
        r#"
        select counts
        from job_runs
        where store_id = $1
          and job = 'generate-reviews'
          and status = 'done'
        order by day desc
        limit 1
        "#,
        scope.get(),
    )
    .fetch_optional(db)
    .await
}
