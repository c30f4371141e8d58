//! Recording by hand what became of the message after the last dial.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::auth::permission::{Can, WorkCallbacks};
use crate::callbacks::messages::{self, ByHand, MessageId};
use crate::callbacks::queries::messages as queries;
use crate::callbacks::{CallbackId, queries::call};
use crate::i18n::flash::Flash;
use crate::web::error::{AppError, AppResult};
use crate::web::extract::Path;
use crate::web::form::Form;
use crate::web::page::redirect;
use crate::web::state::AppState;

/// `POST /callbacks/{id}/message`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct MessageForm {
    message: String,
    outcome: String,
}

pub async fn record(
    user: Can<WorkCallbacks>,
    State(app): State<AppState>,
    Path(id): Path<CallbackId>,
    Form(form): Form<MessageForm>,
) -> AppResult<Response> {
    let scope = user.scope();
    if call::find(&app.db, scope, id).await?.is_none() {
        return Err(AppError::NotFound);
    }
    let outcome: ByHand = form
        .outcome
        .parse()
        .map_err(|_| AppError::BadRequest("what became of the message".to_owned()))?;
    let seen: Option<MessageId> = form.message.parse().ok();
    let latest = queries::find_latest(&app.db, scope, id).await?;
    let Some(message) = latest.filter(|message| Some(message.id) == seen) else {
        return Err(AppError::Conflict("the message is another one"));
    };
    let mut tx = app.db.begin().await?;
    let now = app.clock.now();
    if !messages::record(&mut tx, scope, user.id, (id, message.id), outcome, now).await? {
        return Err(AppError::Conflict("the message was recorded before"));
    }
    tx.commit().await?;
    Ok(redirect(format!("/callbacks/{id}"))
        .with_flash(Flash::MessageRecorded { outcome })
        .into_response())
}
