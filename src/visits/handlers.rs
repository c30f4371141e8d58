//! The page of a visit.

use askama::Template;
use axum::extract::State;

use crate::auth::permission::{Can, Permission, ViewArchive};
use crate::visits::model::Visit;
use crate::visits::{VisitId, VisitState, VisitType, queries};
use crate::web::error::{AppError, AppResult};
use crate::web::extract::Path;
use crate::web::filters;
use crate::web::form::SelectOption;
use crate::web::layout::Layout;
use crate::web::page::Page;
use crate::web::state::AppState;

/// Types for a select.
pub fn kinds(layout: &Layout) -> Vec<SelectOption> {
    let t = layout.t.visits();
    VisitType::ALL
        .iter()
        .map(|kind| SelectOption::new(kind, t.visit_type(*kind)))
        .collect()
}

/// States for a select.
pub fn states(layout: &Layout) -> Vec<SelectOption> {
    let t = layout.t.visits();
    VisitState::ALL
        .iter()
        .map(|state| SelectOption::new(state, t.visit_state(*state)))
        .collect()
}

/// `visits/show.html`
#[derive(Template)]
#[template(path = "visits/show.html")]
pub struct ShowPage {
    layout: Layout,
    visit: Visit,
}

pub async fn show(
    layout: Layout,
    user: Can<ViewArchive>,
    State(app): State<AppState>,
    Path(id): Path<VisitId>,
) -> AppResult<Page<ShowPage>> {
    let found = queries::find(&app.db, user.scope(), id).await?;
    let visit = found.ok_or(AppError::NotFound)?;
    Ok(Page(ShowPage { layout, visit }))
}
