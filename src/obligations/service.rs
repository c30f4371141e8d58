//! The day's work on the ledger, in the caller's transaction.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use serde::Serialize;
use sqlx::PgConnection;

use crate::obligations::reconcile::{self, Loose, Missing};
use crate::obligations::{generate, redate, supersede};
use crate::rules::{self, Rule, RuleKind};
use crate::stores::{StoreScope, calendar};
use crate::vehicles::facts;

/// What one run did, and what the proof after it found. Written to `job_runs.counts` as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// New entries per kind; a kind without any is left out.
    #[serde(flatten)]
    pub made: BTreeMap<&'static str, i64>,
    pub callbacks: i64,
    /// Entries that joined a callback which was open already.
    pub joined: i64,
    pub reminders: i64,
    pub superseded: i64,
    pub renewed: i64,
    /// Data tasks whose gap has been filled.
    pub mended: i64,
    /// Findings of the reconciliation; both must be 0.
    pub missing: i64,
    pub loose: i64,
}

impl Summary {
    /// New entries of all kinds.
    pub fn entries(&self) -> i64 {
        self.made.values().sum()
    }
}

/// Generates everything that the run of `day` owes, bundles it, ends what has lost its reason, and proves the result.
///
/// Runs again and again without harm. Facts of cars must be fresh; see [`refresh_facts`].
pub async fn generate_day(
    tx: &mut PgConnection,
    scope: StoreScope,
    day: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<Summary> {
    let mut summary = make_day(&mut *tx, scope, day, now).await?;
    let (missing, loose) = reconcile(&mut *tx, scope, day).await?;
    (summary.missing, summary.loose) = (missing.len() as i64, loose.len() as i64);
    if summary.missing + summary.loose > 0 {
        tracing::error!(store.id = scope.get(), %day, missing = summary.missing, loose = summary.loose, "the ledger does not reconcile");
    }
    Ok(summary)
}

/// [`generate_day`] without the proof, for whoever runs many days and proves the result once.
pub async fn make_day(
    tx: &mut PgConnection,
    scope: StoreScope,
    day: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<Summary> {
    generate::lock(&mut *tx, scope).await?;
    let monday = day - TimeDelta::days(i64::from(day.weekday().num_days_from_monday()));
    let rules = in_order(rules::queries::list_on(&mut *tx, scope, day).await?);
    let mut summary = Summary::default();
    generate::fix_join_order(&mut *tx).await?;
    for rule in rules.iter().filter(|rule| rule.is_enabled) {
        let made = generate::generate(&mut *tx, scope, rule.kind, rule.window(day), monday, now).await?;
        if made > 0 {
            summary.made.insert(rule.kind.as_str(), made);
        }
    }
    generate::free_join_order(&mut *tx).await?;
    redate::follow_readings(&mut *tx, scope, None, now).await?;
    end_superseded(&mut *tx, scope, now, &mut summary).await?;
    attach(tx, scope, now, &mut summary).await?;
    Ok(summary)
}

/// Kinds in the order of their enum: what one reads another must have written.
fn in_order(mut rules: Vec<Rule>) -> Vec<Rule> {
    rules.sort_by_key(|rule| RuleKind::ALL.iter().position(|kind| *kind == rule.kind));
    rules
}

/// After a confirmed import: facts of the cars it touched (`None` = all of the store), then today's run.
pub async fn generate_after_import(
    tx: &mut PgConnection,
    scope: StoreScope,
    vehicles: Option<&[i64]>,
    now: DateTime<Utc>,
) -> sqlx::Result<Summary> {
    let today = calendar::local_day(&mut *tx, scope, now).await?;
    refresh_facts(&mut *tx, scope, vehicles, now).await?;
    generate_day(tx, scope, today, now).await
}

/// Recomputes what is derived about cars: whom to call, last visits, forecasts.
pub async fn refresh_facts(
    tx: &mut PgConnection,
    scope: StoreScope,
    vehicles: Option<&[i64]>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    facts::refresh(tx, scope, vehicles, now).await?;
    Ok(())
}

/// Bundles entries that wait: new ones, and those whose caller in possession had served the visit.
pub async fn attach(
    tx: &mut PgConnection,
    scope: StoreScope,
    now: DateTime<Utc>,
    summary: &mut Summary,
) -> sqlx::Result<()> {
    let moved = generate::restart(&mut *tx, scope).await?;
    if !moved.is_empty() {
        supersede::refresh_callbacks(&mut *tx, scope, &moved, now).await?;
    }
    // First into open callbacks: a callback made here already holds everything that its customer is owed.
    summary.joined += generate::attach_open(&mut *tx, scope, now).await?;
    summary.callbacks += generate::attach_new(&mut *tx, scope, now).await?.made;
    summary.reminders += generate::attach_reminders(tx, scope, now).await?.made;
    Ok(())
}

async fn end_superseded(
    tx: &mut PgConnection,
    scope: StoreScope,
    now: DateTime<Utc>,
    summary: &mut Summary,
) -> sqlx::Result<()> {
    summary.renewed = supersede::settle_renewals(&mut *tx, scope, now).await?;
    summary.mended = supersede::settle_data_tasks(&mut *tx, scope, now).await?;
    supersede::lock_callbacks(&mut *tx, scope).await?;
    supersede::lock_reminders(&mut *tx, scope).await?;
    let cancelled = supersede::cancel(&mut *tx, scope, now).await?;
    summary.superseded = cancelled.entries;
    supersede::refresh_callbacks(&mut *tx, scope, &cancelled.callbacks, now).await?;
    supersede::refresh_reminders(tx, scope, &cancelled.reminders, now).await
}

/// What the run of `day` should have left behind but did not: candidates without an entry, and loose ends. In a transaction.
pub async fn reconcile(
    tx: &mut PgConnection,
    scope: StoreScope,
    day: NaiveDate,
) -> sqlx::Result<(Vec<Missing>, Vec<Loose>)> {
    let mut missing = Vec::new();
    generate::fix_join_order(&mut *tx).await?;
    for rule in rules::queries::list_on(&mut *tx, scope, day).await? {
        if rule.is_enabled {
            let kind: RuleKind = rule.kind;
            missing.extend(reconcile::missing(&mut *tx, scope, kind, rule.window(day)).await?);
        }
    }
    generate::free_join_order(&mut *tx).await?;
    let loose = reconcile::loose(tx, scope).await?;
    Ok((missing, loose))
}
