//! The question before an undo, the undo, and the rows that stay as a file.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use crate::auth::permission::{Can, ImportFiles};
use crate::imports::handlers::{download, find};
use crate::imports::{ImportId, ImportState, background, kept_file, pages, service};
use crate::web::error::{AppError, AppResult};
use crate::web::extract::Path;
use crate::web::form::Form;
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

use super::{KEPT_FOR, queries};

/// `GET /imports/{id}/undo`: what will happen, with counts.
pub async fn confirm(
    State(app): State<AppState>,
    user: Can<ImportFiles>,
    layout: Layout,
    Path(id): Path<ImportId>,
) -> AppResult<Response> {
    let import = find(&app, &user, id).await?;
    let now = app.clock.now();
    let page = pages::undo(&app, layout, &import, now).await?;
    Ok(Page(page).into_response())
}

/// The version that the person has seen.
#[derive(Deserialize)]
pub struct UndoForm {
    version: i32,
}

/// `POST /imports/{id}/undo`: takes the import back. Sent twice, the second finds it done.
pub async fn undo(
    State(app): State<AppState>,
    user: Can<ImportFiles>,
    Path(id): Path<ImportId>,
    Form(form): Form<UndoForm>,
) -> AppResult<Response> {
    let import = find(&app, &user, id).await?;
    let done = redirect(format!("/imports/{id}"));
    if matches!(import.state, ImportState::Undoing | ImportState::Undone) {
        return Ok(done.into_response());
    }
    let after = app.clock.now() - KEPT_FOR;
    if !queries::set_undoing(
        &app.db,
        user.scope(),
        id,
        form.version,
        user.actor().user_id(),
        after,
    )
    .await?
    {
        return Err(AppError::Conflict("import cannot be undone"));
    }
    background::start(&app, user.scope(), id).await;
    Ok(done.into_response())
}

/// `GET /imports/{id}/kept.csv`: the rows that stay, with their reasons.
pub async fn kept(
    State(app): State<AppState>,
    user: Can<ImportFiles>,
    layout: Layout,
    Path(id): Path<ImportId>,
) -> AppResult<Response> {
    let import = find(&app, &user, id).await?;
    if import.state != ImportState::Undone {
        return Err(AppError::Conflict("import is not undone"));
    }
    let staged = pages::staged(&import)?;
    let csv = kept_file::write(&app.db, user.scope(), id, &staged, &layout).await?;
    let mut tx = app.db.begin().await?;
    let (action, now) = ("imports.download_kept", app.clock.now());
    service::record(&mut tx, user.scope(), id, user.actor(), action, &json!({}), now).await?;
    tx.commit().await?;
    Ok(download(format!("kept-{id}.csv"), csv))
}
