//! Statements of what the reconciliation of each night found.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use sqlx::PgExecutor;

use crate::stores::{StoreId, StoreScope};

/// Rows of a night as columns of equal length.
pub struct Columns {
    pub kinds: Vec<String>,
    pub missing: Vec<i32>,
    pub loose: Vec<i32>,
    pub findings: Vec<Value>,
}

/// A night that is proved again is written anew.
pub async fn record(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    day: NaiveDate,
    columns: &Columns,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into reconciliations (store_id, day, kind, missing, loose, findings, checked_at)
        select $1, $2, r.kind, r.missing, r.loose, r.findings, $7
        from unnest($3::text[], $4::int[], $5::int[], $6::jsonb[]) r(kind, missing, loose, findings)
        on conflict (store_id, day, kind) do update
        set missing = excluded.missing, loose = excluded.loose, findings = excluded.findings, checked_at = excluded.checked_at
        "#,
        scope.get(),
        day,
        &columns.kinds,
        &columns.missing,
        &columns.loose,
        &columns.findings,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A night in sum.
#[derive(Clone, Debug)]
pub struct Night {
    pub day: NaiveDate,
    pub checked_at: DateTime<Utc>,
    pub missing: i64,
    pub loose: i64,
    /// Kinds with findings, as `kind n`.
    pub kinds: Vec<String>,
}

impl Night {
    /// Whether nothing was found.
    pub fn is_clean(&self) -> bool {
        self.missing + self.loose == 0
    }
}

/// The last nights, the latest first.
pub async fn list_nights(db: impl PgExecutor<'_>, scope: StoreScope, limit: i64) -> sqlx::Result<Vec<Night>> {
    sqlx::query_as!(
        Night,
        r#"
        select r.day, max(r.checked_at) as "checked_at!", sum(r.missing) as "missing!", sum(r.loose) as "loose!",
               coalesce(array_agg(r.kind order by r.kind) filter (where r.missing + r.loose > 0), '{}') as "kinds!"
        from reconciliations r
        where r.store_id = $1
        group by r.day
        order by r.day desc
        limit $2
        "#,
        scope.get(),
        limit,
    )
    .fetch_all(db)
    .await
}

/// Days up to yesterday whose run is not done, of the last month since the store was opened: given up, failed, or never begun.
pub async fn list_days_not_run(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    today: NaiveDate,
) -> sqlx::Result<Vec<NaiveDate>> {
    sqlx::query_scalar!(
        r#"
        select d.day
        from store_days d
        join stores s on s.id = d.store_id
        where d.store_id = $1 and d.day between greatest($2::date - 31, (s.created_at at time zone s.time_zone)::date) and $2::date - 1
          and not exists (select from job_runs j
                          where j.store_id = d.store_id and j.job = 'generate-obligations' and j.day = d.day and j.status = 'done')
        order by d.day
        "#,
        scope.get(),
        today,
    )
    .fetch_all(db)
    .await
}

/// The latest night of a store and kind, as numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gauge {
    pub store_id: StoreId,
    pub kind: String,
    pub day: NaiveDate,
    pub missing: i32,
    pub loose: i32,
}

/// The latest figures of every store and kind: `care_desk_ledger_missing{store, kind}` and `…_loose` of a page of metrics.
pub async fn gauges_any_store(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<Gauge>> {
    sqlx::query_as!(
        Gauge,
        r#"
        select r.store_id as "store_id: StoreId", r.kind, r.day, r.missing, r.loose
        from (select store_id, max(day) as day from reconciliations group by store_id) l
        join reconciliations r on r.store_id = l.store_id and r.day = l.day
        order by r.store_id, r.kind
        "#,
    )
    .fetch_all(db)
    .await
}
