//! What is due (pure), and the loop that runs it as long as this process leads.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::calendar::{StoreCalendar, TimeOfDay};
use crate::clock::Clock;
use crate::jobs::lease::{self, Lease};
use crate::jobs::runner::{self, Outcome, Task, Trigger};
use crate::jobs::{JOBS, Job, JobName, Schedule, queries};
use crate::stores::StoreId;

/// Missed days that are run later; older ones are given up together (promises R3).
pub const CATCH_UP_DAYS: i64 = 31;
/// A day that failed so often is left to people; later days go on.
pub const MAX_TRIES: i32 = 5;
/// The calendar of jobs that run for all stores.
pub const GROUP_ZONE: Tz = chrono_tz::Asia::Shanghai;
/// How often the scheduler looks. With the lease of 10 s a new leader works within 15 s.
const TICK: Duration = Duration::from_secs(5);
/// How often the leader renews, and how often the others ask for the lease.
const RENEW: Duration = Duration::from_secs(3);

/// A failed day of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    pub day: NaiveDate,
    pub tries: i32,
    pub at: DateTime<Utc>,
}

/// Where a job stands in a store.
#[derive(Clone, Debug)]
pub struct LastRun {
    pub job: JobName,
    /// `None` for jobs over all stores.
    pub store: Option<StoreId>,
    /// The store's, or the group's.
    pub zone: Tz,
    /// Last day that is done or given up.
    pub settled_on: Option<NaiveDate>,
    pub started_at: Option<DateTime<Utc>>,
    pub failures: Vec<Failure>,
}

/// Something to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    Run(Task),
    /// Give up so many days, the last of which is the task's.
    Missed {
        task: Task,
        days: i64,
    },
}

/// Everything that is due at `now`, missed days first and in order.
pub fn due(last_runs: &[LastRun], now: DateTime<Utc>) -> Vec<Due> {
    last_runs.iter().flat_map(|last| due_of(last, now)).collect()
}

fn due_of(last: &LastRun, now: DateTime<Utc>) -> Vec<Due> {
    let job = last.job.job();
    match job.schedule {
        Schedule::Every(interval) => {
            // A clock that was set back must not stop the sweep, hence the absolute distance.
            let is_due = last.started_at.is_none_or(|at| (now - at).abs() >= interval);
            let day = now.with_timezone(&last.zone).date_naive();
            is_due.then_some(Due::Run(task(last, day))).into_iter().collect()
        }
        Schedule::Daily(time) => due_days(last, job, latest_day(last.zone, time, now), now),
    }
}

/// The latest day whose time of running has come.
pub fn latest_day(zone: Tz, time: TimeOfDay, now: DateTime<Utc>) -> NaiveDate {
    let calendar = StoreCalendar::new(zone);
    let today = calendar.local_day(now);
    if calendar.instant(today, time) <= now {
        today
    } else {
        today - TimeDelta::days(1)
    }
}

/// When a job of a zone runs next, apart from what is due now.
pub fn next_run(job: &Job, zone: Tz, started_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> DateTime<Utc> {
    match job.schedule {
        Schedule::Every(interval) => started_at.map_or(now, |at| at + interval).max(now),
        Schedule::Daily(time) => {
            let day = latest_day(zone, time, now) + TimeDelta::days(1);
            StoreCalendar::new(zone).instant(day, time)
        }
    }
}

/// Days that wait between the watermark and the latest day; a job that never ran waits for one.
pub fn late_days(last: &LastRun, latest: NaiveDate) -> i64 {
    last.settled_on.map_or(1, |day| (latest - day).num_days().max(0))
}

fn due_days(last: &LastRun, job: &Job, latest: NaiveDate, now: DateTime<Utc>) -> Vec<Due> {
    let late = late_days(last, latest);
    let kept = if job.catches_up { CATCH_UP_DAYS } else { 1 };
    let mut list = Vec::new();
    if job.catches_up && late > kept {
        let days = late - kept;
        list.push(Due::Missed {
            task: task(last, latest - TimeDelta::days(kept)),
            days,
        });
    }
    let first = latest - TimeDelta::days(late.min(kept) - 1);
    for day in first.iter_days().take_while(|day| *day <= latest) {
        match last.failures.iter().find(|failure| failure.day == day) {
            Some(failure) if failure.tries >= MAX_TRIES => {}
            // In order: a day that waits for its next try holds the later ones back.
            Some(failure) if now < failure.at + pause(failure.tries) && now >= failure.at => break,
            Some(_) | None => list.push(Due::Run(task(last, day))),
        }
    }
    list
}

fn task(last: &LastRun, day: NaiveDate) -> Task {
    Task {
        job: last.job,
        store: last.store,
        day,
    }
}

/// 1, 2, 4, 8 minutes.
fn pause(tries: i32) -> TimeDelta {
    TimeDelta::minutes(1 << (tries - 1).clamp(0, 6))
}

/// Where every job of every store stands.
pub async fn last_runs(db: &PgPool) -> sqlx::Result<Vec<LastRun>> {
    let stores = queries::list_stores(db).await?;
    let mut runs = Vec::new();
    for job in JOBS {
        let mut add = |store: Option<StoreId>, zone: Tz| {
            runs.push(LastRun {
                job: job.name,
                store,
                zone,
                settled_on: None,
                started_at: None,
                failures: Vec::new(),
            });
        };
        if job.is_per_store {
            for store in &stores {
                add(Some(store.id), store.time_zone.parse().unwrap_or(GROUP_ZONE));
            }
        } else {
            add(None, GROUP_ZONE);
        }
    }
    let keys: Vec<i64> = runs.iter().map(|run| run.store.map_or(0, StoreId::get)).collect();
    let jobs: Vec<String> = runs.iter().map(|run| run.job.as_str().to_owned()).collect();
    let latest = queries::list_latest(db, &keys, &jobs).await?;
    let failed = queries::list_failed(db).await?;
    for (run, key) in runs.iter_mut().zip(keys) {
        let is_of = |store: i64, job: JobName| store == key && job == run.job;
        if let Some(row) = latest.iter().find(|row| is_of(row.store_id, row.job)) {
            (run.settled_on, run.started_at) = (row.settled_on, row.started_at);
        }
        let failures = failed.iter().filter(|row| is_of(row.store_id, row.job));
        run.failures = failures
            .map(|row| Failure {
                day: row.day,
                tries: row.tries,
                at: row.finished_at.unwrap_or_default(),
            })
            .collect();
    }
    Ok(runs)
}

/// Runs everything that is due; `false` when the lease was lost on the way.
pub async fn run_due(db: &PgPool, clock: &Clock, lease: Lease) -> sqlx::Result<bool> {
    let mut held_back = BTreeSet::new();
    for due in due(&last_runs(db).await?, clock.now()) {
        let task = match due {
            Due::Run(task) => task,
            Due::Missed { task, days } => {
                let mut tx = db.begin().await?;
                let (store, job) = (task.store_key(), task.job.as_str());
                queries::record_missed(&mut *tx, store, job, task.day, days, clock.now()).await?;
                if !lease::fence(&mut *tx, lease).await? {
                    return Ok(false);
                }
                tx.commit().await?;
                continue;
            }
        };
        if held_back.contains(&(task.store_key(), task.job)) {
            continue;
        }
        match runner::run(db, clock, task, Trigger::Leader(lease)).await? {
            Outcome::Done(counts) => {
                tracing::debug!(job = %task.job, store.id = task.store_key(), day = %task.day, %counts, "a job ran");
            }
            Outcome::AlreadyDone => {}
            Outcome::LostLease => return Ok(false),
            Outcome::Failed(_) => {
                held_back.insert((task.store_key(), task.job));
            }
        }
    }
    Ok(true)
}

/// Asks for the lease, works while it holds, gives it back when told to stop. Ends only then.
pub async fn run(db: PgPool, clock: Clock, stop: CancellationToken) {
    let holder = Uuid::new_v4();
    while !stop.is_cancelled() {
        match lease::acquire(&db, holder).await {
            Ok(Some(lease)) => lead(&db, &clock, lease, &stop).await,
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "the scheduler cannot ask for its lease"),
        }
        let _ = stop.run_until_cancelled(tokio::time::sleep(RENEW)).await;
    }
}

/// Until the lease is lost or the process stops. Work in progress is dropped then: its transaction never commits.
async fn lead(db: &PgPool, clock: &Clock, lease: Lease, stop: &CancellationToken) {
    tracing::info!(term = lease.term, "this process runs the jobs");
    tokio::select! {
        () = keep(db, lease) => tracing::warn!(term = lease.term, "the scheduler has lost its lease"),
        () = tick(db, clock, lease) => tracing::warn!(term = lease.term, "the scheduler no longer leads"),
        () = stop.cancelled() => {}
    }
    if let Err(error) = lease::resign(db, lease).await {
        tracing::warn!(%error, "the lease could not be given back; it ends by itself");
    }
}

async fn keep(db: &PgPool, lease: Lease) {
    loop {
        tokio::time::sleep(RENEW).await;
        match lease::renew(db, lease).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => tracing::warn!(%error, "the lease could not be renewed"),
        }
    }
}

async fn tick(db: &PgPool, clock: &Clock, lease: Lease) {
    loop {
        match run_due(db, clock, lease).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => tracing::error!(%error, "the scheduler could not run what is due"),
        }
        tokio::time::sleep(TICK).await;
    }
}
