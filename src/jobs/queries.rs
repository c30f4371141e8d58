//! Statements of runs and of the small cleaning jobs. Store 0 stands for all stores.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use sqlx::PgExecutor;

use crate::jobs::JobName;
use crate::stores::StoreId;
use crate::text_enum;

text_enum! {
    /// How a run stands.
    pub enum RunStatus {
        Running = "running",
        Done = "done",
        Failed = "failed",
        /// Given up with all days before it.
        Missed = "missed",
    }
}

impl RunStatus {
    /// The badge's colour in the design.
    pub const fn tone(self) -> &'static str {
        match self {
            RunStatus::Done => "good",
            RunStatus::Failed => "bad",
            RunStatus::Missed => "soon",
            RunStatus::Running => "info",
        }
    }
}

/// A store that jobs run for.
#[derive(Clone, Debug)]
pub struct JobStore {
    pub id: StoreId,
    pub name: String,
    pub time_zone: String,
}

/// Where a job of a store stands.
#[derive(Clone, Debug)]
pub struct LatestRow {
    pub store_id: i64,
    pub job: JobName,
    /// Last day that is done or given up.
    pub settled_on: Option<NaiveDate>,
    pub day: Option<NaiveDate>,
    pub status: Option<RunStatus>,
    pub tries: Option<i32>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    pub counts: Option<Value>,
    pub error: Option<String>,
}

/// A day whose run has failed.
#[derive(Clone, Debug)]
pub struct FailedRow {
    pub store_id: i64,
    pub job: JobName,
    pub day: NaiveDate,
    pub tries: i32,
    pub finished_at: Option<DateTime<Utc>>,
}

/// A run in the history.
#[derive(Clone, Debug)]
pub struct RunRow {
    pub store_id: i64,
    pub store_name: Option<String>,
    pub job: JobName,
    pub day: NaiveDate,
    pub status: RunStatus,
    pub tries: i32,
    pub started_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    pub counts: Value,
    pub error: Option<String>,
}

/// Every store that works.
pub async fn list_stores(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<JobStore>> {
    sqlx::query_as!(
        JobStore,
        "select id, name, time_zone from stores where is_active order by code"
    )
    .fetch_all(db)
    .await
}

/// The latest run and the watermark of each pair of store and job, from the newest key entries only.
pub async fn list_latest(
    db: impl PgExecutor<'_>,
    stores: &[i64],
    jobs: &[String],
) -> sqlx::Result<Vec<LatestRow>> {
    sqlx::query_as!(
        LatestRow,
        r#"
        select w.store_id as "store_id!", w.job as "job!: JobName", settled.day as "settled_on?", last.day as "day?", last.status as "status?",
               last.tries as "tries?", last.started_at as "started_at?", last.finished_at, last.counts as "counts?", last.error
        from unnest($1::bigint[], $2::text[]) w(store_id, job)
        left join lateral (select r.day
                           from job_runs r
                           where r.store_id = w.store_id and r.job = w.job and r.status in ('done', 'missed')
                           order by r.day desc
                           limit 1) settled on true
        left join lateral (select r.day, r.status, r.tries, r.started_at, r.finished_at, r.counts, r.error
                           from job_runs r
                           where r.store_id = w.store_id and r.job = w.job
                           order by r.day desc
                           limit 1) last on true
        "#,
        stores,
        jobs,
    )
    .fetch_all(db)
    .await
}

/// Days that have failed, newest first.
pub async fn list_failed(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<FailedRow>> {
    sqlx::query_as!(
        FailedRow,
        r#"
        select store_id, job, day, tries, finished_at
        from job_runs
        where status = 'failed'
        order by day desc
        limit 1000
        "#,
    )
    .fetch_all(db)
    .await
}

/// The last runs; `store` limits them to one store.
pub async fn list_recent(db: impl PgExecutor<'_>, store: Option<i64>) -> sqlx::Result<Vec<RunRow>> {
    sqlx::query_as!(
        RunRow,
        r#"
        select r.store_id as "store_id!: i64", s.name as "store_name?", r.job, r.day, r.status, r.tries, r.started_at, r.finished_at, r.counts, r.error
        from job_runs r
        left join stores s on s.id = r.store_id
        where ($1::bigint is null or r.store_id = $1)
        order by r.started_at desc, r.store_id, r.job
        limit 50
        "#,
        store,
    )
    .fetch_all(db)
    .await
}

/// Begins a run. `false`: that day is done, and `again` was not asked for. Waits while another process runs it.
pub async fn start(
    db: impl PgExecutor<'_>,
    store: i64,
    job: &str,
    day: NaiveDate,
    again: bool,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let started = sqlx::query!(
        r#"
        insert into job_runs as r (store_id, job, day, status, tries, started_at)
        values ($1, $2, $3, 'running', 1, $5)
        on conflict (store_id, job, day) do update
          set status = 'running', tries = r.tries + 1, started_at = excluded.started_at, finished_at = null, error = null
          where $4 or r.status <> 'done'
        "#,
        store,
        job,
        day,
        again,
        now,
    )
    .execute(db)
    .await?;
    Ok(started.rows_affected() == 1)
}

/// Ends a run well.
pub async fn finish(
    db: impl PgExecutor<'_>,
    store: i64,
    job: &str,
    day: NaiveDate,
    counts: &Value,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update job_runs set status = 'done', finished_at = $4, counts = $5 where store_id = $1 and job = $2 and day = $3",
        store,
        job,
        day,
        now,
        counts,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The row of a run whose own row was rolled back with its work. A done day stays done.
pub async fn record_failure(
    db: impl PgExecutor<'_>,
    store: i64,
    job: &str,
    day: NaiveDate,
    error: &str,
    (started_at, finished_at): (DateTime<Utc>, DateTime<Utc>),
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into job_runs as r (store_id, job, day, status, tries, started_at, finished_at, error)
        values ($1, $2, $3, 'failed', 1, $5, $6, $4)
        on conflict (store_id, job, day) do update
          set status = case when r.status = 'done' then 'done' else 'failed' end, tries = r.tries + 1,
              started_at = excluded.started_at, finished_at = excluded.finished_at, error = excluded.error
        "#,
        store,
        job,
        day,
        error,
        started_at,
        finished_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Closes the days before this one as given up: one row for all of them.
pub async fn record_missed(
    db: impl PgExecutor<'_>,
    store: i64,
    job: &str,
    day: NaiveDate,
    days: i64,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into job_runs (store_id, job, day, status, started_at, finished_at, counts)
        values ($1, $2, $3, 'missed', $5, $5, jsonb_build_object('days', $4::bigint))
        on conflict (store_id, job, day) do nothing
        "#,
        store,
        job,
        day,
        days,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Sessions that have ended.
pub async fn delete_sessions(db: impl PgExecutor<'_>, before: DateTime<Utc>) -> sqlx::Result<i64> {
    let gone = sqlx::query!("delete from sessions where expires_at < $1", before)
        .execute(db)
        .await?;
    Ok(gone.rows_affected() as i64)
}

/// Keys of create forms, which nobody sends again after a day.
pub async fn delete_idempotency_keys(db: impl PgExecutor<'_>, before: DateTime<Utc>) -> sqlx::Result<i64> {
    let gone = sqlx::query!("delete from idempotency_keys where created_at < $1", before)
        .execute(db)
        .await?;
    Ok(gone.rows_affected() as i64)
}

/// One-time links that ended some time ago.
pub async fn delete_links(db: impl PgExecutor<'_>, before: DateTime<Utc>) -> sqlx::Result<i64> {
    let gone = sqlx::query!("delete from one_time_links where expires_at < $1", before)
        .execute(db)
        .await?;
    Ok(gone.rows_affected() as i64)
}

/// Drafts that nobody came back to.
pub async fn delete_drafts(db: impl PgExecutor<'_>, before: DateTime<Utc>) -> sqlx::Result<i64> {
    let gone = sqlx::query!("delete from drafts where updated_at < $1", before)
        .execute(db)
        .await?;
    Ok(gone.rows_affected() as i64)
}

/// Staged rows of imports that were settled some time ago.
pub async fn delete_staged_rows(db: impl PgExecutor<'_>, before: DateTime<Utc>) -> sqlx::Result<i64> {
    let gone = sqlx::query!(
        r#"
        delete from import_rows r
        using imports i
        where i.store_id = r.store_id and i.id = r.import_id
          and i.state in ('confirmed', 'failed', 'discarded', 'cancelled') and i.created_at < $1
        "#,
        before,
    )
    .execute(db)
    .await?;
    Ok(gone.rows_affected() as i64)
}

/// Kept files of imports that were settled some time ago: the server that has them sweeps what no import names.
pub async fn forget_import_files(db: impl PgExecutor<'_>, before: DateTime<Utc>) -> sqlx::Result<i64> {
    let gone = sqlx::query!(
        r#"
        update imports
        set file_key = null
        where state in ('confirmed', 'failed', 'discarded', 'cancelled')
          and file_key is not null
          and created_at < $1
        "#,
        before,
    )
    .execute(db)
    .await?;
    Ok(gone.rows_affected() as i64)
}
