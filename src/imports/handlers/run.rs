//! Setting the machine to work, and stopping it.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::choose::{self, DecisionsForm};
use super::find;
use crate::auth::permission::{Can, ImportFiles};
use crate::i18n::flash::Flash;
use crate::imports::model::Work;
use crate::imports::{ImportId, background, pages, queries, service};
use crate::web::error::{AppError, AppResult};
use crate::web::extract::Path;
use crate::web::form::Form;
use crate::web::page::redirect;
use crate::web::state::AppState;

/// `POST /imports/{id}/confirm`: takes the accepted rows in.
pub async fn confirm(
    State(app): State<AppState>,
    user: Can<ImportFiles>,
    Path(id): Path<ImportId>,
    Form(form): Form<DecisionsForm>,
) -> AppResult<Response> {
    let import = find(&app, &user, id).await?;
    let before = pages::decisions(&import)?;
    let decisions = form.over(before.clone());
    if decisions != before {
        // Nobody has seen what this comes to.
        return choose::recount(&app, &user, id, form.version(), &decisions).await;
    }
    let has_rows = pages::counts(&import).is_some_and(|counts| counts.accepted() > 0);
    let by = user.actor().user_id();
    if !has_rows || !queries::set_running(&app.db, user.scope(), id, form.version(), by).await? {
        return Err(AppError::Conflict("import is not waiting"));
    }
    background::start(&app, user.scope(), id).await;
    Ok(redirect(format!("/imports/{id}")).into_response())
}

/// `POST /imports/{id}/discard`: gives the file up.
pub async fn discard(
    State(app): State<AppState>,
    user: Can<ImportFiles>,
    Path(id): Path<ImportId>,
) -> AppResult<Response> {
    find(&app, &user, id).await?;
    let mut tx = app.db.begin().await?;
    if !queries::set_discarded(&mut *tx, user.scope(), id).await? {
        return Err(AppError::Conflict("import is not waiting"));
    }
    let now = app.clock.now();
    service::record(
        &mut tx,
        user.scope(),
        id,
        user.actor(),
        "imports.discard",
        &json!({}),
        now,
    )
    .await?;
    tx.commit().await?;
    service::clear(&app.db, &app.uploads, user.scope(), id).await?;
    Ok(redirect("/imports")
        .with_flash(Flash::ImportDiscarded)
        .into_response())
}

/// `POST /imports/{id}/cancel`: stops the machine before it has written anything. What it has committed stays.
pub async fn cancel(
    State(app): State<AppState>,
    user: Can<ImportFiles>,
    Path(id): Path<ImportId>,
) -> AppResult<Response> {
    let import = find(&app, &user, id).await?;
    if matches!(import.work(), None | Some(Work::Undo)) {
        return Err(AppError::Conflict("import is not busy"));
    }
    let mut tx = app.db.begin().await?;
    let is_stopped = queries::set_cancelled(&mut *tx, user.scope(), id).await?;
    if is_stopped {
        let (actor, now) = (user.actor(), app.clock.now());
        service::record(
            &mut tx,
            user.scope(),
            id,
            actor,
            "imports.cancel",
            &json!({}),
            now,
        )
        .await?;
    }
    tx.commit().await?;
    if is_stopped {
        background::clear_cancelled(&app, user.scope(), id).await?;
    }
    Ok(redirect(format!("/imports/{id}")).into_response())
}
