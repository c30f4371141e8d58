//! The wizard: upload, columns, preview, confirm, result. `/imports/{id}` shows the step that an import is at.

use axum::extract::{Multipart, State, multipart::Field as Part};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use crate::auth::permission::{Can, ImportFiles};
use crate::i18n::flash::Flash;
use crate::imports::pages::{self, Tab, UploadPage};
use crate::imports::queries::{self, ImportRow};
use crate::imports::service::{self, Begun, SourceFile};
use crate::imports::temp_file::{Stored, TempFile};
use crate::imports::{ImportId, ImportKind, ImportState, background, refused_file};
use crate::web::error::{AppError, AppResult};
use crate::web::extract::{Path, Query};
use crate::web::form::{FieldError, Form, FormErrors};
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::pagination::PageParams;
use crate::web::state::AppState;

/// Longest name of a file that is kept.
const FILE_NAME_CHARS: usize = 200;

/// `GET /imports`: the upload, and what was imported before.
pub async fn index(
    State(app): State<AppState>,
    user: Can<ImportFiles>,
    layout: Layout,
    Query(params): Query<PageParams>,
) -> AppResult<Response> {
    let page = UploadPage::load(&app, &user, layout, params, FormErrors::default(), String::new()).await?;
    Ok(Page(page).into_response())
}

/// `POST /imports`: takes a file, begins to read it.
pub async fn upload(
    State(app): State<AppState>,
    user: Can<ImportFiles>,
    layout: Layout,
    multipart: Multipart,
) -> AppResult<Response> {
    let upload = Upload::receive(multipart).await?;
    let mut errors = FormErrors::default();
    let kind = upload
        .kind
        .parse()
        .ok()
        .filter(|kind| *kind != ImportKind::Policies);
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
    };
    let now = app.clock.now();
    match service::begin(&app.db, user.scope(), kind, &source, user.actor(), now).await? {
        Begun::Known(id) => {
            let known = find(&app, &user, id).await?;
            let at = known.confirmed_at.unwrap_or(known.created_at);
            let flash = Flash::ImportKnown {
                at: layout.fmt.datetime(&at),
            };
            Ok(redirect(format!("/imports/{id}"))
                .with_flash(flash)
                .into_response())
        }
        Begun::New(id) => {
            background::read(&app, user.scope(), id, kind, file).await;
            Ok(redirect(format!("/imports/{id}")).into_response())
        }
    }
}

/// Which part of an import to show.
#[derive(Deserialize)]
pub struct ShowQuery {
    /// `map`: the columns again, although there is a preview.
    #[serde(default)]
    step: String,
    #[serde(default)]
    tab: String,
    #[serde(flatten)]
    page: PageParams,
}

/// `GET /imports/{id}`: the step the import is at.
pub async fn show(
    State(app): State<AppState>,
    user: Can<ImportFiles>,
    layout: Layout,
    Path(id): Path<ImportId>,
    Query(query): Query<ShowQuery>,
) -> AppResult<Response> {
    let import = find(&app, &user, id).await?;
    let tab = query.tab.parse().ok();
    match import.state {
        ImportState::Reading | ImportState::Running | ImportState::Undoing => {
            Ok(pages::progress(layout, &import).into_response())
        }
        ImportState::Staged if query.step == "map" || pages::counts(&import).is_none() => {
            let page = pages::columns(&app, layout, &import, None).await?;
            Ok(Page(page).into_response())
        }
        ImportState::Staged => {
            let page = pages::preview(&app, layout, &import, tab, query.page).await?;
            Ok(Page(page).into_response())
        }
        ImportState::Confirmed | ImportState::Failed | ImportState::Discarded => {
            let now = app.clock.now();
            Ok(Page(pages::result(layout, &import, now)?).into_response())
        }
        ImportState::Undone => {
            let page = pages::undone(&app, layout, &import, query.page).await?;
            Ok(Page(page).into_response())
        }
    }
}

/// The chosen field of every column, in the order of the columns; empty: left out.
#[derive(Deserialize)]
pub struct ColumnsForm {
    #[serde(default)]
    field: Vec<String>,
    version: i32,
}

/// `POST /imports/{id}/columns`: what each column gives; checks the rows by it.
pub async fn choose_columns(
    State(app): State<AppState>,
    user: Can<ImportFiles>,
    layout: Layout,
    Path(id): Path<ImportId>,
    Form(form): Form<ColumnsForm>,
) -> AppResult<Response> {
    let import = find(&app, &user, id).await?;
    if import.state != ImportState::Staged {
        return Err(AppError::Conflict("import is not waiting"));
    }
    let mut staged = pages::staged(&import)?;
    let chosen = pages::ChosenColumns::of(&mut staged.mapping, &form.field);
    if !chosen.is_valid() {
        let page = pages::columns(&app, layout, &import, Some(chosen)).await?;
        return Page(page).invalid();
    }
    if !queries::set_mapping(&app.db, user.scope(), id, form.version, &staged).await? {
        return Err(AppError::Conflict("import was changed"));
    }
    background::preview(&app, user.scope(), id, staged.mapping).await;
    Ok(redirect(format!("/imports/{id}")).into_response())
}

/// The version that the person has seen.
#[derive(Deserialize)]
pub struct VersionForm {
    version: i32,
}

/// `POST /imports/{id}/confirm`: takes the accepted rows in.
pub async fn confirm(
    State(app): State<AppState>,
    user: Can<ImportFiles>,
    Path(id): Path<ImportId>,
    Form(form): Form<VersionForm>,
) -> AppResult<Response> {
    let import = find(&app, &user, id).await?;
    let has_rows = pages::counts(&import).is_some_and(|counts| counts.accepted() > 0);
    if !has_rows || !queries::set_running(&app.db, user.scope(), id, form.version).await? {
        return Err(AppError::Conflict("import is not waiting"));
    }
    let mapping = pages::staged(&import)?.mapping;
    background::merge(&app, user.scope(), id, mapping, user.actor()).await;
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
    queries::delete_rows(&mut *tx, user.scope(), id).await?;
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
    Ok(redirect("/imports")
        .with_flash(Flash::ImportDiscarded)
        .into_response())
}

/// `GET /imports/{id}/refused.csv`: the refused rows with their reasons, to be mended and imported again.
pub async fn refused(
    State(app): State<AppState>,
    user: Can<ImportFiles>,
    layout: Layout,
    Path(id): Path<ImportId>,
) -> AppResult<Response> {
    let import = find(&app, &user, id).await?;
    let staged = pages::staged(&import)?;
    let csv = refused_file::write(&app.db, user.scope(), id, &staged, layout.t.imports()).await?;
    let mut tx = app.db.begin().await?;
    let (change, now) = (json!({}), app.clock.now());
    service::record(
        &mut tx,
        user.scope(),
        id,
        user.actor(),
        "imports.download_refused",
        &change,
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(download(format!("refused-{id}.csv"), csv))
}

/// `GET /imports/templates/{kind}`: a file with the headings alone.
pub async fn template(_user: Can<ImportFiles>, Path(kind): Path<String>) -> AppResult<Response> {
    let kind: ImportKind = kind.parse().map_err(|_| AppError::NotFound)?;
    if kind == ImportKind::Policies {
        return Err(AppError::NotFound);
    }
    let csv = refused_file::template(kind)?;
    Ok(download(format!("{kind}.csv"), csv))
}

/// The import, in the store of the person.
pub async fn find(app: &AppState, user: &Can<ImportFiles>, id: ImportId) -> AppResult<ImportRow> {
    let import = queries::find(&app.db, user.scope(), id).await?;
    import.ok_or(AppError::NotFound)
}

/// A CSV that the browser saves.
pub fn download(name: String, csv: Vec<u8>) -> Response {
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    let disposition = disposition.unwrap_or(HeaderValue::from_static("attachment"));
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/csv; charset=utf-8"),
        ),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (StatusCode::OK, headers, csv).into_response()
}

/// What the upload form sends.
#[derive(Default)]
struct Upload {
    kind: String,
    file: Option<(String, Stored)>,
}

impl Upload {
    async fn receive(mut multipart: Multipart) -> AppResult<Upload> {
        let mut upload = Upload::default();
        while let Some(part) = multipart.next_field().await.map_err(refuse_body)? {
            match part.name() {
                Some("kind") => upload.kind = part.text().await.map_err(refuse_body)?,
                Some("file") => upload.file = Some(store(part).await?),
                Some(_) | None => {}
            }
        }
        Ok(upload)
    }
}

async fn store(mut part: Part<'_>) -> AppResult<(String, Stored)> {
    let name = part.file_name().unwrap_or_default();
    // Some browsers send a path.
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name
        .chars()
        .filter(|c| !c.is_control())
        .take(FILE_NAME_CHARS)
        .collect();
    let mut file = TempFile::create().map_err(anyhow::Error::from)?;
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

impl std::str::FromStr for Tab {
    type Err = ();

    fn from_str(text: &str) -> Result<Tab, ()> {
        Tab::ALL.into_iter().find(|tab| tab.as_str() == text).ok_or(())
    }
}
