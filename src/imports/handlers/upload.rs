//! Taking a file.

use std::path::Path;

use axum::extract::multipart::Field as Part;
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::auth::permission::{Can, ImportFiles};
use crate::i18n::flash::Flash;
use crate::imports::background;
use crate::imports::files::{Stored, Upload};
use crate::imports::pages::UploadPage;
use crate::imports::service::{self, Begun, SourceFile};
use crate::web::error::{AppError, AppResult};
use crate::web::form::{FieldError, FormErrors};
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::pagination::PageParams;
use crate::web::state::AppState;

/// Longest name of a file that is kept.
const FILE_NAME_CHARS: usize = 200;

/// `POST /imports`: takes a file, begins to read it.
pub async fn upload(
    State(app): State<AppState>,
    user: Can<ImportFiles>,
    layout: Layout,
    multipart: Multipart,
) -> AppResult<Response> {
    let upload = Form::receive(multipart, &app.uploads).await?;
    let mut errors = FormErrors::default();
    let kind = upload.kind.parse().ok();
    if kind.is_none() {
        errors.add("kind", FieldError::BadChoice);
    }
    let file = upload
        .file
        .filter(|(name, file)| !name.is_empty() && file.bytes > 0);
    if file.is_none() {
        errors.add("file", FieldError::Required);
    }
    let (Some(kind), Some((name, file))) = (kind, file) else {
        let params = PageParams::default();
        let page = UploadPage::load(&app, &user, layout, params, errors, upload.kind).await?;
        return Page(page).invalid();
    };
    let source = SourceFile {
        path: file.path(),
        name: &name,
        bytes: file.bytes,
        sha256: file.sha256,
        key: Some(file.key),
    };
    let now = app.clock.now();
    match service::begin(&app.db, user.scope(), kind, &source, user.actor(), now).await? {
        Begun::Known(id) => {
            let known = super::find(&app, &user, id).await?;
            let at = known.confirmed_at.unwrap_or(known.created_at);
            let flash = Flash::ImportKnown {
                at: layout.fmt.datetime(&at),
            };
            Ok(redirect(format!("/imports/{id}"))
                .with_flash(flash)
                .into_response())
        }
        Begun::New(id) => {
            file.keep();
            background::start(&app, user.scope(), id).await;
            Ok(redirect(format!("/imports/{id}")).into_response())
        }
    }
}

/// What the upload form sends.
#[derive(Default)]
struct Form {
    kind: String,
    file: Option<(String, Stored)>,
}

impl Form {
    async fn receive(mut multipart: Multipart, folder: &Path) -> AppResult<Form> {
        let mut upload = Form::default();
        while let Some(part) = multipart.next_field().await.map_err(refuse_body)? {
            match part.name() {
                Some("kind") => upload.kind = part.text().await.map_err(refuse_body)?,
                Some("file") => upload.file = Some(store(part, folder).await?),
                Some(_) | None => {}
            }
        }
        Ok(upload)
    }
}

async fn store(mut part: Part<'_>, folder: &Path) -> AppResult<(String, Stored)> {
    let name = part.file_name().unwrap_or_default();
    // Some browsers send a path.
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name
        .chars()
        .filter(|c| !c.is_control())
        .take(FILE_NAME_CHARS)
        .collect();
    let mut file = Upload::create(folder).map_err(anyhow::Error::from)?;
    while let Some(chunk) = part.chunk().await.map_err(refuse_body)? {
        file.write(&chunk).await.map_err(anyhow::Error::from)?;
    }
    let stored = file.finish().await.map_err(anyhow::Error::from)?;
    Ok((name, stored))
}

fn refuse_body(error: axum::extract::multipart::MultipartError) -> AppError {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => AppError::TooLarge,
        _ => AppError::BadRequest(error.body_text()),
    }
}
