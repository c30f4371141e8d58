//! The wizard: upload, columns, preview, confirm, result. `/imports/{id}` shows the step that an import is at.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use crate::auth::permission::{Can, ImportFiles};
use crate::imports::pages::{self, Tab, UploadPage};
use crate::imports::queries::{self, ImportRow};
use crate::imports::{ImportId, ImportKind, ImportState, refused_file, service};
use crate::web::error::{AppError, AppResult};
use crate::web::extract::{Path, Query};
use crate::web::form::FormErrors;
use crate::web::layout::Layout;
use crate::web::page::Page;
use crate::web::pagination::PageParams;
use crate::web::state::AppState;

mod choose;
mod run;
mod upload;

pub use choose::{choose_columns, choose_sheet, decide};
pub use run::{cancel, confirm, discard};
pub use upload::upload;

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
        ImportState::Confirmed | ImportState::Failed | ImportState::Discarded | ImportState::Cancelled => {
            let now = app.clock.now();
            Ok(Page(pages::result(layout, &import, now)?).into_response())
        }
        ImportState::Undone => {
            let page = pages::undone(&app, layout, &import, query.page).await?;
            Ok(Page(page).into_response())
        }
    }
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

impl std::str::FromStr for Tab {
    type Err = ();

    fn from_str(text: &str) -> Result<Tab, ()> {
        Tab::ALL.into_iter().find(|tab| tab.as_str() == text).ok_or(())
    }
}
