//! Seeing one whole number: an act of its own, on record, at most 60 an hour (promises R16).

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::json;

use crate::auth::permission::{Can, RevealPhone};
use crate::customers::page::{CustomerPage, View};
use crate::customers::{CustomerId, PhoneId, phone, queries, service};
use crate::web::error::{AppError, AppResult};
use crate::web::extract::Path;
use crate::web::form::Form;
use crate::web::layout::Layout;
use crate::web::page::Page;
use crate::web::state::AppState;

/// More in an hour is not a conversation but a collection.
const LIMIT: i64 = 60;
const WINDOW: TimeDelta = TimeDelta::hours(1);
/// Longest code of a reason, such as `call` or `address_check`.
const MAX_REASON: usize = 40;

/// `POST /customers/{id}/phones/{phone_id}/reveal`
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct RevealForm {
    reason: String,
}

pub async fn reveal(
    layout: Layout,
    user: Can<RevealPhone>,
    State(app): State<AppState>,
    Path((id, phone_id)): Path<(CustomerId, PhoneId)>,
    headers: HeaderMap,
    Form(form): Form<RevealForm>,
) -> AppResult<Response> {
    let (scope, now) = (user.scope(), app.clock.now());
    let Some(found) = queries::find_phone(&app.db, scope, id, phone_id).await? else {
        return Err(AppError::NotFound);
    };
    let so_far = queries::revealed_since(&app.db, scope, user.id, now - WINDOW).await?;
    if so_far.count >= LIMIT {
        let free_at = so_far.first_at.unwrap_or(now) + WINDOW;
        return Err(AppError::TooMany((free_at - now).to_std().unwrap_or_default()));
    }
    let reason = code(&form.reason);
    let mut tx = app.db.begin().await?;
    queries::insert_reveal(&mut *tx, scope, user.id, id, &reason, now).await?;
    let change = json!({ "phone_id": phone_id, "reason": reason });
    service::record(
        &mut tx,
        scope,
        user.actor(),
        "customers.reveal_phone",
        id,
        &change,
        now,
    )
    .await?;
    tx.commit().await?;
    let number = phone::on_screen(&found.number);
    if wants_json(&headers) {
        let mut response = Json(json!({ "number": number })).into_response();
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        return Ok(response);
    }
    let page = CustomerPage::load(&app.db, layout, scope, id, View::default()).await?;
    Ok(Page(page.with_revealed(phone_id, number)).into_response())
}

fn wants_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.starts_with("application/json"))
}

/// Only a code may reach the audit log, never free text.
fn code(reason: &str) -> String {
    let is_code = reason.len() <= MAX_REASON && reason.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if is_code { reason.to_owned() } else { String::new() }
}
