//! Two months of worked days: each day the real job runs, then people call, remind and complain as people do.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Asia::Shanghai;
use serde_json::json;
use sqlx::{Postgres, Transaction};

use crate::demo::{cases, clocks, ledger, names, profile, queries};
use crate::jobs::JobName;
use crate::stores::{StoreId, StoreScope};
use crate::{customers, obligations, reviews, vehicles};

/// How far back the store has worked with the desk.
const DAYS: i64 = 45;
/// Nights whose reconciliation is kept.
const NIGHTS: i64 = 7;
/// The daily job runs at 05:00 in the stores' zone, 21:00 UTC of the day before.
const JOB_HOUR_BEFORE_MIDNIGHT_UTC: i64 = 3;

/// Generates and works off every day up to now; what a real day leaves open stays open.
pub async fn live_through(
    tx: &mut Transaction<'_, Postgres>,
    store: StoreId,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let scope = StoreScope::for_job(store);
    let today = now.with_timezone(&Shanghai).date_naive();
    let first = today - TimeDelta::days(DAYS);
    queries::analyze(&mut **tx).await?;
    queries::set_starts_on(&mut **tx, scope, first).await?;
    vehicles::facts::refresh(&mut **tx, scope, None, now).await?;
    customers::facts::refresh(&mut **tx, scope, None).await?;
    for day in first.iter_days().take_while(|day| *day <= today) {
        if (day - first).num_days() % 10 == 1 {
            // The ledger has just grown from nothing: without statistics each run would cost a hundred times more.
            queries::analyze(&mut **tx).await?;
        }
        let job_at = start_of_job(day).min(now);
        obligations::service::make_day(tx, scope, day, job_at).await?;
        queries::record_job(
            &mut **tx,
            scope,
            JobName::GenerateObligations,
            day,
            job_at,
            &json!({}),
        )
        .await?;
        let summary = reviews::jobs::list(&mut *tx, scope, day, job_at).await?;
        let counts = serde_json::to_value(summary)?;
        queries::record_job(&mut **tx, scope, JobName::GenerateReviews, day, job_at, &counts).await?;
        if (today - day).num_days() < NIGHTS {
            let counts = obligations::nightly::reconcile_ledger(&mut *tx, scope, day, job_at).await?;
            queries::record_job(&mut **tx, scope, JobName::ReconcileLedger, day, job_at, &counts).await?;
        }
        let until = (start_of_job(day) + TimeDelta::hours(15)).min(now);
        queries::make_calls(&mut **tx, scope, day, until).await?;
        queries::remind(&mut **tx, scope, day, until).await?;
        profile::review_files(&mut **tx, scope, day, until).await?;
        ledger::mend_files(&mut *tx, scope, day, until).await?;
    }
    ledger::fill(&mut *tx, scope, now).await?;
    let grumbles = serde_json::to_value(names::GRUMBLES)?;
    queries::complain(&mut **tx, scope, &grumbles, now).await?;
    cases::fill(&mut *tx, store, now).await?;
    clocks::keep_time(tx, scope, now).await?;
    // Complaints are files to look through like those of other days.
    reviews::jobs::list(&mut *tx, scope, today, now).await?;
    // Looking through and complaints have changed what files say of themselves.
    customers::facts::refresh(&mut **tx, scope, None).await?;
    crate::complaints::risks::jobs::find(&mut *tx, scope, today, now).await?;
    Ok(())
}

fn start_of_job(day: NaiveDate) -> DateTime<Utc> {
    day.and_hms_opt(0, 0, 0).unwrap_or_default().and_utc() - TimeDelta::hours(JOB_HOUR_BEFORE_MIDNIGHT_UTC)
}
