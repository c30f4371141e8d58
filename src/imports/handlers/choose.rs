//! What a person chooses before the merge: the sheet, what each column gives, what becomes of conflicts.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::auth::permission::{Can, ImportFiles};
use crate::imports::decisions::ConflictKind;
use crate::imports::{Decision, Decisions, ImportId, ImportState, background, pages, queries, service};
use crate::web::error::{AppError, AppResult};
use crate::web::extract::Path;
use crate::web::form::Form;
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

/// Another worksheet of the file.
#[derive(Deserialize)]
pub struct SheetForm {
    #[serde(default)]
    sheet: String,
    version: i32,
}

/// `POST /imports/{id}/sheet`: reads another worksheet of the kept file.
pub async fn choose_sheet(
    State(app): State<AppState>,
    user: Can<ImportFiles>,
    Path(id): Path<ImportId>,
    Form(form): Form<SheetForm>,
) -> AppResult<Response> {
    let import = super::find(&app, &user, id).await?;
    let is_there = pages::staged(&import)?.header.sheets.contains(&form.sheet);
    if !is_there || !queries::set_sheet(&app.db, user.scope(), id, form.version, &form.sheet).await? {
        return Err(AppError::Conflict("import was changed"));
    }
    background::start(&app, user.scope(), id).await;
    Ok(redirect(format!("/imports/{id}")).into_response())
}

/// The chosen field of every column, in the order of the columns; empty: left out.
#[derive(Deserialize)]
pub struct ColumnsForm {
    #[serde(default)]
    field: Vec<String>,
    version: i32,
    /// Whether files with these headings shall come up like this.
    #[serde(default)]
    remember: String,
}

/// `POST /imports/{id}/columns`: what each column gives; checks the rows by it.
pub async fn choose_columns(
    State(app): State<AppState>,
    user: Can<ImportFiles>,
    layout: Layout,
    Path(id): Path<ImportId>,
    Form(form): Form<ColumnsForm>,
) -> AppResult<Response> {
    let import = super::find(&app, &user, id).await?;
    if import.state != ImportState::Staged {
        return Err(AppError::Conflict("import is not waiting"));
    }
    let mut staged = pages::staged(&import)?;
    let chosen = pages::ChosenColumns::of(&mut staged.mapping, &form.field);
    if !chosen.is_valid() {
        let page = pages::columns(&app, layout, &import, Some(chosen)).await?;
        return Page(page).invalid();
    }
    staged.is_remembered = !form.remember.is_empty();
    let now = app.clock.now();
    if !service::choose_columns(&app.db, user.scope(), id, form.version, &staged, now).await? {
        return Err(AppError::Conflict("import was changed"));
    }
    background::start(&app, user.scope(), id).await;
    Ok(redirect(format!("/imports/{id}")).into_response())
}

/// A decision for every kind of conflict; absent: as it was.
#[derive(Deserialize)]
pub struct DecisionsForm {
    owner: Option<Decision>,
    name: Option<Decision>,
    plate: Option<Decision>,
    edited: Option<Decision>,
    version: i32,
}

impl DecisionsForm {
    /// What was decided before, with what the form says.
    pub fn over(&self, mut decisions: Decisions) -> Decisions {
        for (kind, decision) in [
            (ConflictKind::Owner, self.owner),
            (ConflictKind::Name, self.name),
            (ConflictKind::Plate, self.plate),
            (ConflictKind::Edited, self.edited),
        ] {
            if let Some(decision) = decision {
                decisions.decide(kind, decision);
            }
        }
        decisions
    }

    pub const fn version(&self) -> i32 {
        self.version
    }
}

/// `POST /imports/{id}/decisions`: what becomes of conflicts; counts the rows anew by it.
pub async fn decide(
    State(app): State<AppState>,
    user: Can<ImportFiles>,
    Path(id): Path<ImportId>,
    Form(form): Form<DecisionsForm>,
) -> AppResult<Response> {
    let import = super::find(&app, &user, id).await?;
    let decisions = form.over(pages::decisions(&import)?);
    recount(&app, &user, id, form.version, &decisions).await
}

/// Stores the decisions and checks the rows by them.
pub(super) async fn recount(
    app: &AppState,
    user: &Can<ImportFiles>,
    id: ImportId,
    version: i32,
    decisions: &Decisions,
) -> AppResult<Response> {
    let decisions = serde_json::to_value(decisions).map_err(anyhow::Error::from)?;
    if !queries::set_decisions(&app.db, user.scope(), id, version, &decisions).await? {
        return Err(AppError::Conflict("import was changed"));
    }
    background::start(app, user.scope(), id).await;
    Ok(redirect(format!("/imports/{id}")).into_response())
}
