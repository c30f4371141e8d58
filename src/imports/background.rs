//! Work that outlives its request, and its server: what a busy import is owed is read from its row, so a server that starts
//! takes up what another left behind.
//!
//! - A work is one transaction that holds the import's lock: of two processes one works, and a dead one holds nothing.
//! - It ends in the import's state, also when it panics. An import that stops its server again and again is given up.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::FutureExt;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::audit::Actor;
use crate::imports::child::Source;
use crate::imports::model::Work;
use crate::imports::parse::Limits;
use crate::imports::queries::{self, BusyRow};
use crate::imports::service::{self, ImportError};
use crate::imports::{Failure, ImportId, files, undo};
use crate::stores::StoreScope;
use crate::web::state::AppState;

/// A small file is done before the browser asks again: the request waits this long for it.
const PATIENCE: Duration = Duration::from_millis(1500);
/// How often work without a worker is looked for.
const TICK: Duration = Duration::from_secs(10);
/// How often files that no import names are looked for, in ticks.
const SWEEP_TICKS: u64 = 360;
/// A merge that has stopped its server so often would do it again.
const MOST_TRIES: i32 = 3;
/// How long the server that has the file may be away.
const ABANDONED: TimeDelta = TimeDelta::hours(1);
/// A command holds the lock of its import but for moments between its steps.
const COMMAND: TimeDelta = TimeDelta::seconds(10);

/// Starts what the import is owed, and waits a moment for it.
pub async fn start(app: &AppState, scope: StoreScope, id: ImportId) {
    let _ = tokio::time::timeout(PATIENCE, spawn(app.clone(), scope, id)).await;
}

fn spawn(app: AppState, scope: StoreScope, id: ImportId) -> JoinHandle<()> {
    tokio::spawn(async move {
        let failure = match AssertUnwindSafe(work(&app, scope, id)).catch_unwind().await {
            Ok(Ok(()) | Err(ImportError::Busy)) => return,
            Ok(Err(error)) => {
                let failure = error.failure();
                // The text of a refused file quotes nothing of it.
                tracing::warn!(import = %id, error = format!("{:#}", anyhow::Error::from(error)), "import ended");
                failure
            }
            Err(_) => Failure::Internal,
        };
        if let Err(error) = service::give_up(&app.db, &app.uploads, scope, id, &failure).await {
            tracing::error!(import = %id, error = format!("{error:#}"), "end of an import not stored");
        }
    })
}

async fn work(app: &AppState, scope: StoreScope, id: ImportId) -> Result<(), ImportError> {
    let Some(import) = queries::find(&app.db, scope, id).await? else {
        return Ok(());
    };
    let now = app.clock.now();
    match import.work() {
        Some(Work::Read) => {
            let key = import.file_key.ok_or(ImportError::Busy)?;
            let file = files::path(&app.uploads, key);
            let limits = Limits::default();
            let source = Source {
                program: &app.program,
                file: &file,
                limits: &limits,
                sheet: import.sheet.as_deref(),
            };
            service::read(&app.db, scope, id, import.kind, &source)
                .await
                .map(|_| ())
        }
        Some(Work::Check) => {
            let mapping = import.staged().map_err(anyhow::Error::from)?.mapping;
            service::preview(&app.db, scope, id, mapping, now)
                .await
                .map(|_| ())
        }
        Some(Work::Merge) => {
            let mapping = import.staged().map_err(anyhow::Error::from)?.mapping;
            let actor = import.confirmed_by.map_or(Actor::System, Actor::User);
            let merged = service::merge(&app.db, scope, id, mapping, actor, now).await;
            merged.map(|_| ())
        }
        Some(Work::Undo) => {
            let actor = import.undone_by.map_or(Actor::System, Actor::User);
            let undone = undo::undo(&app.db, scope, id, actor, now).await;
            undone.map(|_| ())
        }
        None => Ok(()),
    }
}

/// Removes what a cancelled import leaves, unless its worker has yet to notice: then that does it.
pub async fn clear_cancelled(app: &AppState, scope: StoreScope, id: ImportId) -> anyhow::Result<()> {
    let mut tx = app.db.begin().await?;
    let is_idle = queries::try_lock(&mut *tx, id).await?;
    tx.rollback().await?;
    if is_idle {
        service::clear(&app.db, &app.uploads, scope, id).await?;
    }
    Ok(())
}

/// Takes up what stopped servers left behind, now and again and again, and sweeps the kept files.
pub async fn run(app: AppState, stop: CancellationToken) {
    for tick in 0_u64.. {
        if let Err(error) = take_up(&app).await {
            tracing::warn!(error = format!("{error:#}"), "imports are not taken up for now");
        }
        if tick % SWEEP_TICKS == 0
            && let Err(error) = files::sweep(&app.db, &app.uploads, app.clock.now()).await
        {
            tracing::warn!(
                error = format!("{error:#}"),
                "files of imports are not swept for now"
            );
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(TICK) => {}
        }
    }
}

/// Starts the work of every busy import that nobody works on; gives the tasks.
pub async fn take_up(app: &AppState) -> anyhow::Result<Vec<JoinHandle<()>>> {
    let interrupted = serde_json::to_string(&Failure::Interrupted)?;
    let now = app.clock.now();
    queries::fail_abandoned_any_store(&app.db, &interrupted, now - COMMAND).await?;
    let mut taken = Vec::new();
    for busy in queries::list_busy_any_store(&app.db).await? {
        let scope = StoreScope::for_job(busy.store);
        let is_here = is_here(app, &busy);
        // The file lies with another server, which will take it up unless it stays away.
        if !is_here && busy.created_at > now - ABANDONED {
            continue;
        }
        let mut tx = app.db.begin().await?;
        if !queries::try_lock(&mut *tx, busy.id).await? {
            continue;
        }
        let may_try = is_here && queries::take_up(&mut *tx, scope, busy.id, MOST_TRIES).await?;
        tx.commit().await?;
        if may_try {
            tracing::info!(import = %busy.id, "an import is taken up again");
            taken.push(spawn(app.clone(), scope, busy.id));
        } else {
            service::give_up(&app.db, &app.uploads, scope, busy.id, &Failure::Interrupted).await?;
        }
    }
    Ok(taken)
}

fn is_here(app: &AppState, busy: &BusyRow) -> bool {
    let is_kept = |key| files::path(&app.uploads, key).exists();
    !busy.needs_file || busy.file_key.is_some_and(is_kept)
}
