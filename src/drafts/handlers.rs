//! Keeping a draft while the form is open, and dropping it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::auth::forms::local_path;
use crate::auth::session::CurrentUser;
use crate::drafts::model::{Draft, Subject};
use crate::drafts::queries;
use crate::i18n::flash::Flash;
use crate::web::error::{AppError, AppResult};
use crate::web::form::Form;
use crate::web::page::redirect;
use crate::web::state::AppState;

/// The form as it stands, sent by the script.
pub async fn save(user: CurrentUser, State(app): State<AppState>, body: String) -> AppResult<StatusCode> {
    let draft = Draft::of(&body).ok_or_else(|| AppError::BadRequest("no draft".to_owned()))?;
    let mut tx = app.db.begin().await?;
    queries::save(&mut tx, user.scope(), user.id, &draft, app.clock.now()).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /drafts/discard`
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct DiscardForm {
    draft: String,
    draft_page: String,
}

pub async fn discard(
    user: CurrentUser,
    State(app): State<AppState>,
    Form(form): Form<DiscardForm>,
) -> AppResult<Response> {
    let bad = || AppError::BadRequest("no draft".to_owned());
    let subject = Subject::parse(&form.draft).ok_or_else(bad)?;
    let page = local_path(&form.draft_page).ok_or_else(bad)?;
    queries::discard(&app.db, user.scope(), user.id, &subject).await?;
    Ok(redirect(page).with_flash(Flash::DraftDiscarded).into_response())
}
