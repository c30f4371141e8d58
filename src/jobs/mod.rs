//! Background jobs: the table of all jobs, the scheduler, the page of runs.
//!
//! - A run is the pair (store, job, day) of `job_runs`, written in the transaction of its work: a day is wholly there or
//!   not at all. Days are days of the store's own calendar; jobs over all stores count the days of Shanghai.
//! - A missed day is caught up in order, with its own day as parameter; what is older than a month is one `missed` row.
//! - One leader at a time by a lease row on the database's clock; its term is checked again before each commit, so a leader
//!   that was stopped and wakes up writes nothing.
//! - A failure (or a panic) is a row with its error, tried again with growing pauses.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::audit::Actor;
use crate::calendar::TimeOfDay;
use crate::callbacks::messages::Tended;
use crate::stores::{self, StoreScope};
use crate::text_enum;
use crate::web::routes::Routes;
use crate::{callbacks, complaints, exemptions, imports, obligations, reviews, shifts};

pub mod handlers;
pub mod lease;
pub mod queries;
pub mod runner;
pub mod scheduler;

text_enum! {
    /// The name of a job, as on the command line and in addresses.
    pub enum JobName {
        GenerateObligations = "generate-obligations",
        GenerateReviews = "generate-reviews",
        FindRisks = "find-risks",
        ReconcileLedger = "reconcile-ledger",
        AttachWaiting = "attach-waiting",
        ReleaseExpiredLeases = "release-expired-leases",
        ExtendCalendars = "extend-calendars",
        WarnComplaints = "warn-complaints",
        FindDuplicates = "find-duplicates",
        CleanUp = "clean-up",
    }
}

/// When a job runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// Once a day at this time of the store's wall clock.
    Daily(TimeOfDay),
    /// Again and again; the row of the day counts the runs.
    Every(TimeDelta),
}

/// A line of the table of jobs.
#[derive(Clone, Copy, Debug)]
pub struct Job {
    pub name: JobName,
    pub schedule: Schedule,
    /// A run per store, by its own calendar day; else one run for all stores.
    pub is_per_store: bool,
    /// Whether a missed day is run later; else only the latest one counts.
    pub catches_up: bool,
}

/// Every job there is.
pub const JOBS: &[Job] = &[
    Job {
        name: JobName::GenerateObligations,
        schedule: Schedule::Daily(TimeOfDay::hm(5, 0)),
        is_per_store: true,
        catches_up: true,
    },
    Job {
        name: JobName::GenerateReviews,
        schedule: Schedule::Daily(TimeOfDay::hm(5, 10)),
        is_per_store: true,
        catches_up: true,
    },
    Job {
        // Before the first call of the day.
        name: JobName::FindRisks,
        schedule: Schedule::Daily(TimeOfDay::hm(6, 0)),
        is_per_store: true,
        catches_up: false,
    },
    Job {
        // After everything that writes the ledger at night.
        name: JobName::ReconcileLedger,
        schedule: Schedule::Daily(TimeOfDay::hm(5, 30)),
        is_per_store: true,
        catches_up: false,
    },
    Job {
        name: JobName::AttachWaiting,
        schedule: Schedule::Every(TimeDelta::minutes(5)),
        is_per_store: false,
        catches_up: false,
    },
    Job {
        name: JobName::ReleaseExpiredLeases,
        schedule: Schedule::Every(TimeDelta::minutes(1)),
        is_per_store: false,
        catches_up: false,
    },
    Job {
        name: JobName::WarnComplaints,
        schedule: Schedule::Every(TimeDelta::minutes(1)),
        is_per_store: false,
        catches_up: false,
    },
    Job {
        // Does something once a night and after an import; asks every few minutes whether it is time.
        name: JobName::FindDuplicates,
        schedule: Schedule::Every(TimeDelta::minutes(10)),
        is_per_store: false,
        catches_up: false,
    },
    Job {
        name: JobName::ExtendCalendars,
        schedule: Schedule::Daily(TimeOfDay::hm(4, 30)),
        is_per_store: true,
        catches_up: false,
    },
    Job {
        name: JobName::CleanUp,
        schedule: Schedule::Daily(TimeOfDay::hm(3, 30)),
        is_per_store: false,
        catches_up: false,
    },
];

impl JobName {
    /// Its line in the table.
    pub fn job(self) -> &'static Job {
        let found = JOBS.iter().find(|job| job.name == self);
        found.expect("every name has a line, and a test says so")
    }
}

/// Does the work of one run in the runner's transaction; returns what it counted.
pub async fn work(
    tx: &mut PgConnection,
    job: JobName,
    store: Option<StoreScope>,
    day: NaiveDate,
    now: DateTime<Utc>,
) -> anyhow::Result<Value> {
    match (job, store) {
        (JobName::GenerateObligations, Some(scope)) => {
            let summary = obligations::jobs::generate_obligations(&mut *tx, scope, day, now).await?;
            let clocks = complaints::clocks::mend(&mut *tx, scope, now).await?;
            let tended = callbacks::messages::tend(tx, scope, now).await?;
            let mut counts = serde_json::to_value(summary)?;
            counts["clocks"] = json!(clocks);
            counts["held"] = json!(tended.held);
            counts["unanswered"] = json!(tended.unanswered);
            Ok(counts)
        }
        (JobName::GenerateReviews, Some(scope)) => {
            let summary = reviews::jobs::generate_reviews(tx, scope, day, now).await?;
            Ok(serde_json::to_value(summary)?)
        }
        (JobName::FindRisks, Some(scope)) => {
            let found = crate::complaints::risks::jobs::find(tx, scope, day, now).await?;
            Ok(serde_json::to_value(found)?)
        }
        (JobName::ReconcileLedger, Some(scope)) => {
            Ok(obligations::nightly::reconcile_ledger(tx, scope, day, now).await?)
        }
        (JobName::ExtendCalendars, Some(scope)) => {
            let days = stores::calendar::extend_if_needed(tx, scope, day).await?;
            Ok(json!({ "days": days }))
        }
        (JobName::AttachWaiting, None) => {
            let (mut joined, mut mended, mut handed_over, mut tended) = (0, 0, 0, Tended::default());
            for store in queries::list_stores(&mut *tx).await? {
                let scope = StoreScope::for_job(store.id);
                let summary = obligations::jobs::attach_waiting(&mut *tx, scope, now).await?;
                joined += summary.joined + summary.callbacks + summary.reminders;
                tended += callbacks::messages::tend(&mut *tx, scope, now).await?;
                mended += summary.mended;
                exemptions::queries::lapse(&mut *tx, scope, now).await?;
                // Leave that has begun since it was entered.
                let today = stores::calendar::local_day(&mut *tx, scope, now).await?;
                handed_over += shifts::service::hand_over(&mut *tx, scope, Actor::System, today, now).await?;
            }
            let Tended {
                held,
                unanswered,
                written,
            } = tended;
            Ok(json!({
                "joined": joined, "held": held, "unanswered": unanswered, "written": written,
                "mended": mended, "handed_over": handed_over
            }))
        }
        (JobName::ReleaseExpiredLeases, None) => {
            Ok(json!({ "released": callbacks::queue::release_expired(tx, now).await? }))
        }
        (JobName::WarnComplaints, None) => {
            let mut told = 0;
            for store in queries::list_stores(&mut *tx).await? {
                let scope = StoreScope::for_job(store.id);
                let counts = complaints::warnings::warn(&mut *tx, scope, now).await?;
                told += counts["told"].as_i64().unwrap_or_default();
            }
            Ok(json!({ "told": told }))
        }
        (JobName::FindDuplicates, None) => {
            Ok(json!({ "pairs": crate::duplicates::jobs::find_due(tx, now).await? }))
        }
        (JobName::CleanUp, None) => clean_up(tx, now).await,
        (
            JobName::GenerateObligations
            | JobName::GenerateReviews
            | JobName::FindRisks
            | JobName::ReconcileLedger
            | JobName::ExtendCalendars,
            None,
        )
        | (
            JobName::AttachWaiting
            | JobName::ReleaseExpiredLeases
            | JobName::WarnComplaints
            | JobName::FindDuplicates
            | JobName::CleanUp,
            Some(_),
        ) => {
            anyhow::bail!("{job} was called for the wrong scope")
        }
    }
}

async fn clean_up(tx: &mut PgConnection, now: DateTime<Utc>) -> anyhow::Result<Value> {
    let ago = |days| now - TimeDelta::days(days);
    Ok(json!({
        "sessions": queries::delete_sessions(&mut *tx, now).await?,
        "keys": queries::delete_idempotency_keys(&mut *tx, ago(1)).await?,
        "links": queries::delete_links(&mut *tx, ago(7)).await?,
        "drafts": queries::delete_drafts(&mut *tx, ago(14)).await?,
        "staged_rows": queries::delete_staged_rows(&mut *tx, ago(30)).await?,
        "import_files": queries::forget_import_files(&mut *tx, ago(30)).await?,
        "import_journals": imports::undo::queries::forget_any_store(tx, ago(30)).await?,
    }))
}

/// Routes of `/jobs`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/jobs", handlers::index)
        .post("/jobs/{name}/run", handlers::run)
}
