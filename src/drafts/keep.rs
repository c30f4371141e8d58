//! A form that meets an ended session: what was typed is kept under the person whose session it was.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{Method, header};
use chrono::TimeDelta;

use crate::drafts::model::{Draft, MAX_BYTES};
use crate::drafts::queries;
use crate::stores::StoreScope;
use crate::web::state::AppState;

/// A cookie older than this keeps nothing any more.
const AFTER_THE_END: TimeDelta = TimeDelta::days(1);

/// Where the kept form is opened again; travels in the response's extensions to the page "session ended".
#[derive(Clone, Debug)]
pub struct Kept {
    pub page: String,
}

/// Whether a request may carry a form worth keeping.
fn is_form(request: &Request) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    *request.method() == Method::POST
        && kind.starts_with("application/x-www-form-urlencoded")
        && length.is_none_or(|length| length <= MAX_BYTES)
}

/// Keeps the form of a request without a session, if the cookie's session has ended not long ago. The request goes on as it
/// came; a form that cannot be kept is answered as any other without a session.
pub async fn form_of_ended_session(
    app: &AppState,
    request: Request,
    token_hash: &[u8; 32],
) -> (Request, Option<Kept>) {
    if !is_form(&request) {
        return (request, None);
    }
    let (parts, body) = request.into_parts();
    // Beyond the limit the body is gone and the handler sees none; without a session it reads none.
    let Ok(bytes) = to_bytes(body, MAX_BYTES).await else {
        return (Request::from_parts(parts, Body::empty()), None);
    };
    let draft = std::str::from_utf8(&bytes).ok().and_then(Draft::of);
    let kept = match draft {
        Some(draft) => match keep(app, &draft, token_hash).await {
            Ok(true) => Some(Kept { page: draft.page }),
            Ok(false) => None,
            Err(error) => {
                tracing::warn!(error = %error, "form of an ended session not kept");
                None
            }
        },
        None => None,
    };
    (Request::from_parts(parts, Body::from(bytes)), kept)
}

async fn keep(app: &AppState, draft: &Draft, token_hash: &[u8; 32]) -> sqlx::Result<bool> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let ended = queries::find_ended_session(&mut *tx, token_hash, now - AFTER_THE_END).await?;
    let Some((user, store)) = ended.and_then(|ended| Some((ended.user_id, ended.store_id?))) else {
        return Ok(false);
    };
    queries::save(&mut tx, StoreScope::for_job(store), user, draft, now).await?;
    tx.commit().await?;
    Ok(true)
}
