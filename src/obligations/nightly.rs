//! The proof of each night: what the reconciliation found, kept per store, day and kind.
//!
//! A night without findings is kept, too: the manager sees that somebody looked. [`gauges_any_store`] gives the latest figures
//! as numbers for whoever watches the machine.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::{Value, json};
use sqlx::{PgConnection, PgExecutor};

use crate::obligations::ObligationKind;
use crate::obligations::reconcile::{self, Loose, Missing};
use crate::obligations::service;
use crate::rules::RuleKind;
use crate::stores::{StoreId, StoreScope};

/// The kind under which findings are kept that belong to no kind: callbacks and reminders with wrong counts.
pub const LEDGER: &str = "ledger";
/// Findings that are kept with a night.
const KEPT: usize = 50;
/// As far back as the job of reviews looks.
const REVIEW_DAYS: i64 = 7;

/// Everything that does not fit.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    pub missing: Vec<Missing>,
    pub loose: Vec<Loose>,
}

/// Compares what the run of `day` owes with what the ledger holds, for every kind. In a transaction.
pub async fn prove(tx: &mut PgConnection, scope: StoreScope, day: NaiveDate) -> sqlx::Result<Proof> {
    let (mut missing, loose) = service::reconcile(&mut *tx, scope, day).await?;
    let days = (day - TimeDelta::days(REVIEW_DAYS), day);
    missing.extend(reconcile::missing_reviews(&mut *tx, scope, days).await?);
    missing.extend(reconcile::missing_complaints(tx, scope).await?);
    Ok(Proof { missing, loose })
}

/// Kinds that are proved: those of rules, and those that have a reconciliation of their own.
fn proved_kinds() -> impl Iterator<Item = &'static str> {
    let own = [
        ObligationKind::ProfileReview.as_str(),
        ObligationKind::ComplaintDispatch.as_str(),
        LEDGER,
    ];
    RuleKind::ALL.iter().map(|kind| kind.as_str()).chain(own)
}

/// What one kind of a night is.
#[derive(Default)]
struct Found {
    missing: i32,
    loose: i32,
    findings: Vec<Value>,
}

/// `reconcile-ledger`: proves the day and writes a row for every kind; returns how much was found.
pub async fn reconcile_ledger(
    tx: &mut PgConnection,
    scope: StoreScope,
    day: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<Value> {
    let proof = prove(&mut *tx, scope, day).await?;
    let mut kinds: BTreeMap<&'static str, Found> =
        proved_kinds().map(|kind| (kind, Found::default())).collect();
    for row in &proof.missing {
        let found = kinds.entry(row.kind.as_str()).or_default();
        found.missing += 1;
        found
            .findings
            .push(json!({ "finding": "missing", "subject_id": row.subject_id, "cycle_key": row.cycle_key }));
    }
    for row in &proof.loose {
        let found = kinds
            .entry(row.kind.map_or(LEDGER, ObligationKind::as_str))
            .or_default();
        found.loose += 1;
        found
            .findings
            .push(json!({ "finding": row.finding, "id": row.id }));
    }
    let columns = Columns {
        kinds: kinds.keys().map(|kind| (*kind).to_owned()).collect(),
        missing: kinds.values().map(|found| found.missing).collect(),
        loose: kinds.values().map(|found| found.loose).collect(),
        findings: kinds
            .values()
            .map(|found| Value::from(found.findings.iter().take(KEPT).cloned().collect::<Vec<_>>()))
            .collect(),
    };
    record(tx, scope, day, &columns, now).await?;
    Ok(json!({ "missing": proof.missing.len(), "loose": proof.loose.len() }))
}

/// Rows of a night as columns of equal length.
struct Columns {
    kinds: Vec<String>,
    missing: Vec<i32>,
    loose: Vec<i32>,
    findings: Vec<Value>,
}

/// A night that is proved again is written anew.
async fn record(
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
