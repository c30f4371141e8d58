//! The page of jobs: where each stands, the last runs, run now.

use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::audit::{self, Entry};
use crate::auth::permission::{Can, ManageJobs, Permission};
use crate::auth::session::CurrentUser;
use crate::i18n::flash::Flash;
use crate::i18n::jobs::T;
use crate::jobs::queries::{self, LatestRow, RunRow, RunStatus};
use crate::jobs::runner::{self, Outcome, Task, Trigger};
use crate::jobs::scheduler::{self, LastRun};
use crate::jobs::{Job, JobName, Schedule, lease};
use crate::stores::StoreId;
use crate::web::error::{AppError, AppResult};
use crate::web::extract::Path;
use crate::web::filters;
use crate::web::form::Form;
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

/// A run asked for by a person may keep their page waiting for this long.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where every job stands, and the last 50 runs.
#[derive(Template)]
#[template(path = "jobs/index.html")]
struct JobListPage {
    layout: Layout,
    has_leader: bool,
    jobs: Vec<JobLine>,
    runs: Vec<RunLine>,
}

/// A job of a store.
struct JobLine {
    job: &'static Job,
    store: Option<StoreId>,
    store_name: Option<String>,
    last: Option<RunLine>,
    next_at: DateTime<Utc>,
    late_days: i64,
}

/// A run as the table prints it.
struct RunLine {
    job: JobName,
    store_name: Option<String>,
    day: NaiveDate,
    status: RunStatus,
    tries: i32,
    started_at: DateTime<Utc>,
    seconds: Option<String>,
    /// Label and number, without those that are 0.
    counts: Vec<(String, i64)>,
    error: Option<String>,
}

impl RunLine {
    fn new(row: RunRow, t: T) -> RunLine {
        let took = row.finished_at.map(|end| end - row.started_at);
        RunLine {
            job: row.job,
            store_name: row.store_name,
            day: row.day,
            status: row.status,
            tries: row.tries,
            started_at: row.started_at,
            seconds: took.map(|took| format!("{:.1}", took.as_seconds_f64())),
            counts: counts(&row.counts)
                .into_iter()
                .map(|(key, n)| (t.count(&key).to_owned(), n))
                .collect(),
            error: row.error,
        }
    }

    fn latest(row: LatestRow, t: T) -> Option<RunLine> {
        let row = RunRow {
            store_id: row.store_id,
            store_name: None,
            job: row.job,
            day: row.day?,
            status: row.status?,
            tries: row.tries?,
            started_at: row.started_at?,
            finished_at: row.finished_at,
            counts: row.counts?,
            error: row.error,
        };
        Some(RunLine::new(row, t))
    }
}

pub async fn index(
    layout: Layout,
    user: Can<ManageJobs>,
    State(app): State<AppState>,
) -> AppResult<Response> {
    let t = layout.t.jobs();
    let stores = queries::list_stores(&app.db).await?;
    let visible: Vec<LastRun> = visible_runs(&app, &user).await?;
    let keys: Vec<i64> = visible
        .iter()
        .map(|run| run.store.map_or(0, StoreId::get))
        .collect();
    let names: Vec<String> = visible.iter().map(|run| run.job.as_str().to_owned()).collect();
    let mut latest = queries::list_latest(&app.db, &keys, &names).await?;
    let mut jobs = Vec::new();
    for run in &visible {
        let key = run.store.map_or(0, StoreId::get);
        let position = latest
            .iter()
            .position(|row| row.store_id == key && row.job == run.job);
        let job = run.job.job();
        jobs.push(JobLine {
            job,
            store: run.store,
            store_name: stores
                .iter()
                .find(|s| Some(s.id) == run.store)
                .map(|s| s.name.clone()),
            last: position.and_then(|at| RunLine::latest(latest.swap_remove(at), t)),
            next_at: scheduler::next_run(job, run.zone, run.started_at, layout.fmt.now),
            late_days: late_days(run, layout.fmt.now),
        });
    }
    let store = (!user.is_group_wide).then(|| user.store.id.get());
    let runs = queries::list_recent(&app.db, store).await?;
    let runs = runs.into_iter().map(|row| RunLine::new(row, t)).collect();
    let has_leader = lease::has_leader(&app.db).await?;
    Ok(Page(JobListPage {
        layout,
        has_leader,
        jobs,
        runs,
    })
    .into_response())
}

/// The store of the line whose button was pressed; empty for jobs over all stores.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct RunForm {
    store_id: String,
}

pub async fn run(
    user: Can<ManageJobs>,
    State(app): State<AppState>,
    Path(job): Path<JobName>,
    Form(form): Form<RunForm>,
) -> AppResult<Response> {
    let store = form.store_id.parse().ok();
    let runs = visible_runs(&app, &user).await?;
    let found = runs.iter().find(|run| run.job == job && run.store == store);
    let zone = found.ok_or(AppError::NotFound)?.zone;
    let now = app.clock.now();
    let task = Task {
        job,
        store,
        day: now.with_timezone(&zone).date_naive(),
    };
    let mut tx = app.db.begin().await?;
    let change = json!({ "job": job, "day": task.day });
    let entry = Entry {
        store,
        actor: user.actor(),
        action: "jobs.run",
        subject: "job_runs",
        subject_id: None,
        change: &change,
    };
    audit::record(&mut *tx, now, entry).await?;
    tx.commit().await?;
    // Spawned, so that a browser that goes away does not stop the run.
    let running = tokio::spawn(async move { runner::run(&app.db, &app.clock, task, Trigger::Person).await });
    let flash = match tokio::time::timeout(PATIENCE, running).await {
        Err(_) => Flash::JobStarted { job },
        Ok(Ok(Ok(Outcome::Done(done)))) => Flash::JobRan {
            job,
            counts: counts(&done),
        },
        Ok(Ok(Ok(Outcome::AlreadyDone | Outcome::LostLease))) => Flash::JobRan {
            job,
            counts: Vec::new(),
        },
        Ok(Ok(Ok(Outcome::Failed(_)))) => Flash::JobFailed { job },
        Ok(Ok(Err(error))) => return Err(error.into()),
        Ok(Err(error)) => return Err(AppError::Internal(error.into())),
    };
    Ok(redirect("/jobs").with_flash(flash).into_response())
}

/// A group-wide person sees every job, others those of their store.
async fn visible_runs(app: &AppState, user: &CurrentUser) -> sqlx::Result<Vec<LastRun>> {
    let mut runs = scheduler::last_runs(&app.db).await?;
    runs.retain(|run| user.is_group_wide || run.store == Some(user.store.id));
    Ok(runs)
}

fn late_days(run: &LastRun, now: DateTime<Utc>) -> i64 {
    match run.job.job().schedule {
        Schedule::Daily(time) if run.settled_on.is_some() => {
            scheduler::late_days(run, scheduler::latest_day(run.zone, time, now))
        }
        Schedule::Daily(_) | Schedule::Every(_) => 0,
    }
}

/// The numbers of a run that are not 0, by their keys.
fn counts(value: &Value) -> Vec<(String, i64)> {
    let entries = value.as_object().into_iter().flatten();
    let numbers = entries.filter_map(|(key, n)| n.as_i64().filter(|n| *n != 0).map(|n| (key.clone(), n)));
    numbers.collect()
}
