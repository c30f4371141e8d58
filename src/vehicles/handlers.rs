//! The page of a car.

use axum::extract::State;
use serde::Deserialize;

use crate::auth::permission::{Can, ViewArchive};
use crate::vehicles::page::VehiclePage;
use crate::vehicles::{PersonRole, VehicleId};
use crate::web::error::AppResult;
use crate::web::extract::{Path, Query};
use crate::web::form::SelectOption;
use crate::web::layout::Layout;
use crate::web::page::Page;
use crate::web::state::AppState;

/// Pages of a timeline that can be asked for: 8,000 entries, more than any car has.
const MAX_PAGE: i64 = 400;

/// Roles for a select.
pub fn roles(layout: &Layout) -> Vec<SelectOption> {
    let t = layout.t.vehicles();
    PersonRole::ALL
        .iter()
        .map(|role| SelectOption::new(role, t.role(*role)))
        .collect()
}

/// `?page=` of the timeline.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ShowQuery {
    page: String,
}

pub async fn show(
    layout: Layout,
    user: Can<ViewArchive>,
    State(app): State<AppState>,
    Path(id): Path<VehicleId>,
    Query(query): Query<ShowQuery>,
) -> AppResult<Page<VehiclePage>> {
    let page = query.page.parse().unwrap_or(1).clamp(1, MAX_PAGE);
    Ok(Page(
        VehiclePage::load(&app, layout, user.scope(), id, page).await?,
    ))
}
