//! The proof of each night: what the reconciliation found, kept per store, day and kind.
//!
//! A night without findings is kept, too: the manager sees that somebody looked. [`queries::nightly::gauges_any_store`](crate::obligations::queries::nightly::gauges_any_store) gives the latest figures
//! as numbers for whoever watches the machine.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::obligations::ObligationKind;
use crate::obligations::queries::nightly::{Columns, record};
use crate::obligations::reconcile::{self, Loose, Missing};
use crate::obligations::service;
use crate::rules::RuleKind;
use crate::stores::StoreScope;

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
        ObligationKind::ComplaintFirstReply.as_str(),
        ObligationKind::ComplaintFollowUp.as_str(),
        ObligationKind::ComplaintPlan.as_str(),
        ObligationKind::ComplaintClose.as_str(),
        ObligationKind::ComplaintSecondCallback.as_str(),
        ObligationKind::ComplaintExternal.as_str(),
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
