//! Files of a case: put in, sent back, taken away.

use askama::Template;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::auth::permission::{AnswerComplaints, Can, Permission, Role, ViewComplaints};
use crate::auth::session::CurrentUser;
use crate::complaints::ComplaintId;
use crate::complaints::attachments::panel::may_remove;
use crate::complaints::attachments::queries::{self, CaseRow, ContentRow, Removable};
use crate::complaints::attachments::receive::{Received, refuse_body};
use crate::complaints::attachments::{AttachmentId, service};
use crate::i18n::flash::Flash;
use crate::users::UserId;
use crate::web::error::{AppError, AppResult};
use crate::web::extract::Path;
use crate::web::filters;
use crate::web::form::{Form, FormErrors};
use crate::web::layout::Layout;
use crate::web::page::{Page, Redirect, redirect};
use crate::web::state::AppState;

/// Longest reason.
const MAX_REASON: usize = 200;

/// A case that this person may see; a handler sees own ones only.
async fn find_case(app: &AppState, user: &CurrentUser, id: ComplaintId) -> AppResult<CaseRow> {
    let own: Option<UserId> = (user.role == Role::Handler).then_some(user.id);
    let found = queries::find_case(&app.db, user.scope(), id, own).await?;
    found.ok_or(AppError::NotFound)
}

/// `POST /complaints/{id}/attachments`: several at once; what is refused is named with its reason.
pub async fn upload(
    user: Can<AnswerComplaints>,
    State(app): State<AppState>,
    Path(id): Path<ComplaintId>,
    multipart: Result<Multipart, MultipartRejection>,
) -> AppResult<Redirect> {
    find_case(&app, &user, id).await?;
    let mut multipart = multipart.map_err(|error| AppError::BadRequest(error.body_text()))?;
    let mut received = Received::default();
    while let Some(part) = multipart.next_field().await.map_err(refuse_body)? {
        if part.name() == Some("files") {
            received.take(part).await?;
        }
    }
    let mut tx = app.db.begin().await?;
    let now = app.clock.now();
    let added = service::attach(&mut tx, user.scope(), user.id, id, &mut received, now).await?;
    tx.commit().await?;
    Ok(
        redirect(format!("/complaints/{id}#attachments")).with_flash(Flash::Attached {
            added,
            refused: received.refused,
        }),
    )
}

/// `GET /complaints/{id}/attachments/{attachment_id}`: a download, never a page of this address.
pub async fn download(
    user: Can<ViewComplaints>,
    State(app): State<AppState>,
    Path((id, attachment)): Path<(ComplaintId, AttachmentId)>,
) -> AppResult<Response> {
    find_case(&app, &user, id).await?;
    let found = queries::find_content(&app.db, user.scope(), id, attachment).await?;
    let ContentRow {
        name,
        media_type,
        content,
    } = found.ok_or(AppError::NotFound)?;
    let disposition = HeaderValue::from_str(&disposition(&name, attachment, media_type.endings()[0]))
        .map_err(anyhow::Error::from)?;
    let headers: [(HeaderName, HeaderValue); 4] = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static(media_type.as_str()),
        ),
        (header::CONTENT_DISPOSITION, disposition),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-store"),
        ),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; sandbox; frame-ancestors 'none'"),
        ),
    ];
    Ok((headers, content).into_response())
}

/// The name twice: in ASCII for old programs, and as it is.
fn disposition(name: &str, id: AttachmentId, ending: &str) -> String {
    let mut encoded = String::new();
    for byte in name.bytes() {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    format!("attachment; filename=\"attachment-{id}.{ending}\"; filename*=UTF-8''{encoded}")
}

/// `complaints/attachment_remove.html`
#[derive(Template)]
#[template(path = "complaints/attachment_remove.html")]
struct RemovePage {
    layout: Layout,
    case: ComplaintId,
    number: String,
    id: AttachmentId,
    file: Removable,
    reason: String,
    errors: FormErrors,
}

/// A file that this person may take away.
async fn find_removable(
    app: &AppState,
    user: &CurrentUser,
    case: ComplaintId,
    id: AttachmentId,
) -> AppResult<(CaseRow, Removable)> {
    let row = find_case(app, user, case).await?;
    let found = queries::find_removable(&app.db, user.scope(), case, id).await?;
    let is_manager = user.role == Role::Manager;
    let file = found.filter(|file| may_remove(is_manager, file.uploaded_by == user.id, row.is_ended));
    Ok((row, file.ok_or(AppError::NotFound)?))
}

/// `GET /complaints/{id}/attachments/{attachment_id}/remove`
pub async fn ask_removal(
    layout: Layout,
    user: Can<AnswerComplaints>,
    State(app): State<AppState>,
    Path((case, id)): Path<(ComplaintId, AttachmentId)>,
) -> AppResult<Page<impl Template>> {
    let (row, file) = find_removable(&app, &user, case, id).await?;
    Ok(Page(RemovePage {
        layout,
        case,
        number: row.number,
        id,
        file,
        reason: String::new(),
        errors: FormErrors::default(),
    }))
}

/// Why a file is taken away.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct RemoveForm {
    reason: String,
}

/// `POST /complaints/{id}/attachments/{attachment_id}/remove`
pub async fn remove(
    layout: Layout,
    user: Can<AnswerComplaints>,
    State(app): State<AppState>,
    Path((case, id)): Path<(ComplaintId, AttachmentId)>,
    Form(form): Form<RemoveForm>,
) -> AppResult<Response> {
    let (row, file) = find_removable(&app, &user, case, id).await?;
    let mut errors = FormErrors::default();
    let reason = errors.required("reason", &form.reason, MAX_REASON);
    if !errors.is_empty() {
        let page = RemovePage {
            layout,
            case,
            number: row.number,
            id,
            file,
            reason: form.reason,
            errors,
        };
        return Page(page).invalid();
    }
    let mut tx = app.db.begin().await?;
    let (what, why) = ((case, id), (file.name.as_str(), reason.as_str()));
    if !service::remove(&mut tx, user.scope(), user.id, what, why, app.clock.now()).await? {
        return Err(AppError::NotFound);
    }
    tx.commit().await?;
    Ok(redirect(format!("/complaints/{case}#attachments"))
        .with_flash(Flash::AttachmentRemoved { name: file.name })
        .into_response())
}
