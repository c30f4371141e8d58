//! Work that outlives its request. It ends in the import's state, also when it panics; a process that dies is noticed at
//! the next start ([`super::service::fail_interrupted`]).

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use sqlx::PgPool;

use crate::audit::Actor;
use crate::imports::mapping::Mapping;
use crate::imports::parse::Limits;
use crate::imports::service::{self, ImportError};
use crate::imports::temp_file::Stored;
use crate::imports::{Failure, ImportId, ImportKind};
use crate::stores::StoreScope;
use crate::web::state::AppState;

/// A small file is done before the browser asks again: the request waits this long for it.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Reads an upload; the file is removed afterwards.
pub async fn read(app: &AppState, scope: StoreScope, id: ImportId, kind: ImportKind, file: Stored) {
    let (db, program) = (app.db.clone(), app.program.clone());
    let work = async move {
        let limits = Limits::default();
        let read = service::read(&db, scope, id, kind, &program, file.path(), &limits).await;
        read.map(|_| ())
    };
    start(app.db.clone(), scope, id, work).await;
}

/// Checks the rows against the mapping.
pub async fn preview(app: &AppState, scope: StoreScope, id: ImportId, mapping: Mapping) {
    let (db, now) = (app.db.clone(), app.clock.now());
    let work = async move { service::preview(&db, scope, id, mapping, now).await.map(|_| ()) };
    start(app.db.clone(), scope, id, work).await;
}

/// Takes the accepted rows in.
pub async fn merge(app: &AppState, scope: StoreScope, id: ImportId, mapping: Mapping, actor: Actor) {
    let (db, now) = (app.db.clone(), app.clock.now());
    let work = async move {
        let merged = service::merge(&db, scope, id, mapping, actor, now).await;
        merged.map(|_| ())
    };
    start(app.db.clone(), scope, id, work).await;
}

/// Starts the work and waits a moment for it.
async fn start(
    db: PgPool,
    scope: StoreScope,
    id: ImportId,
    work: impl Future<Output = Result<(), ImportError>> + Send + 'static,
) {
    let task = tokio::spawn(async move {
        let failure = match AssertUnwindSafe(work).catch_unwind().await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => {
                let failure = error.failure();
                // The text of a refused file quotes nothing of it.
                tracing::warn!(import = %id, error = format!("{:#}", anyhow::Error::from(error)), "import failed");
                failure
            }
            Err(_) => Failure::Internal,
        };
        if let Err(error) = service::fail(&db, scope, id, &failure).await {
            tracing::error!(import = %id, error = format!("{error:#}"), "failure of an import not stored");
        }
    });
    let _ = tokio::time::timeout(PATIENCE, task).await;
}
