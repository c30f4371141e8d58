//! An undo outlives its request, as a merge does. It ends in the import's state, also when it panics.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;

use crate::audit::Actor;
use crate::imports::{Failure, ImportId};
use crate::stores::StoreScope;
use crate::web::state::AppState;

use super::{queries, undo};

/// A small import is undone before the browser asks again: the request waits this long for it.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Starts the undo of an import that is `undoing` and waits a moment for it.
pub async fn start(app: &AppState, scope: StoreScope, id: ImportId, actor: Actor) {
    let (db, now) = (app.db.clone(), app.clock.now());
    let task = tokio::spawn(async move {
        match AssertUnwindSafe(undo(&db, scope, id, actor, now))
            .catch_unwind()
            .await
        {
            Ok(Ok(_)) => return,
            Ok(Err(error)) => {
                let error = anyhow::Error::from(error);
                tracing::warn!(import = %id, error = format!("{error:#}"), "undo of an import failed");
            }
            Err(_) => tracing::error!(import = %id, "undo of an import panicked"),
        }
        let failure = serde_json::to_string(&Failure::Internal).unwrap_or_default();
        if let Err(error) = queries::set_confirmed_again(&db, scope, id, &failure).await {
            tracing::error!(import = %id, error = %error, "failure of an undo not stored");
        }
    });
    let _ = tokio::time::timeout(PATIENCE, task).await;
}
