//! One run of one job: its row and its work in one transaction.

use std::panic::AssertUnwindSafe;

use chrono::NaiveDate;
use futures_util::FutureExt;
use serde_json::Value;
use sqlx::PgPool;

use crate::clock::Clock;
use crate::jobs::lease::{self, Lease};
use crate::jobs::{JobName, Schedule, queries, work};
use crate::stores::{StoreId, StoreScope};

/// What to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task {
    pub job: JobName,
    /// `None` for jobs over all stores.
    pub store: Option<StoreId>,
    pub day: NaiveDate,
}

impl Task {
    /// `store_id` of its row: 0 stands for all stores.
    pub fn store_key(&self) -> i64 {
        self.store.map_or(0, StoreId::get)
    }
}

/// Who asks for the run.
#[derive(Clone, Copy, Debug)]
pub enum Trigger {
    /// The scheduler, as long as it leads.
    Leader(Lease),
    /// A person, who may run a day that is done once more.
    Person,
}

/// How it went.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Done(Value),
    /// Another process has done this day in the meantime.
    AlreadyDone,
    /// The scheduler no longer leads: nothing was written.
    LostLease,
    /// The row carries the error too.
    Failed(String),
}

/// Runs the task. An error of the work is an outcome; `Err` is a database that could not be told about it.
pub async fn run(db: &PgPool, clock: &Clock, task: Task, trigger: Trigger) -> sqlx::Result<Outcome> {
    let started_at = clock.now();
    let attempt = AssertUnwindSafe(attempt(db, clock, task, trigger))
        .catch_unwind()
        .await;
    let error = match attempt {
        Ok(Ok(outcome)) => return Ok(outcome),
        Ok(Err(error)) => format!("{error:#}"),
        Err(panic) => panic_text(panic.as_ref()),
    };
    tracing::error!(job = %task.job, store.id = task.store_key(), day = %task.day, error, "a job failed");
    let mut tx = db.begin().await?;
    let span = (started_at, clock.now());
    queries::record_failure(
        &mut *tx,
        task.store_key(),
        task.job.as_str(),
        task.day,
        &error,
        span,
    )
    .await?;
    if !may_commit(&mut tx, trigger).await? {
        return Ok(Outcome::LostLease);
    }
    tx.commit().await?;
    Ok(Outcome::Failed(error))
}

async fn attempt(db: &PgPool, clock: &Clock, task: Task, trigger: Trigger) -> anyhow::Result<Outcome> {
    let (store, job) = (task.store_key(), task.job.as_str());
    let again = match (trigger, task.job.job().schedule) {
        (Trigger::Person, _) | (Trigger::Leader(_), Schedule::Every(_)) => true,
        (Trigger::Leader(_), Schedule::Daily(_)) => false,
    };
    let mut tx = db.begin().await?;
    if !queries::start(&mut *tx, store, job, task.day, again, clock.now()).await? {
        return Ok(Outcome::AlreadyDone);
    }
    let scope = task.store.map(StoreScope::for_job);
    let counts = work(&mut tx, task.job, scope, task.day, clock.now()).await?;
    queries::finish(&mut *tx, store, job, task.day, &counts, clock.now()).await?;
    if !may_commit(&mut tx, trigger).await? {
        return Ok(Outcome::LostLease);
    }
    tx.commit().await?;
    Ok(Outcome::Done(counts))
}

/// The last statement before a commit: a stale leader must not get past it.
async fn may_commit(tx: &mut sqlx::PgConnection, trigger: Trigger) -> sqlx::Result<bool> {
    match trigger {
        Trigger::Leader(lease) => lease::fence(tx, lease).await,
        Trigger::Person => Ok(true),
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("panicked: {}", text.unwrap_or("without a word"))
}
