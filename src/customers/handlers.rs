//! The page of one customer.

use axum::extract::State;
use serde::Deserialize;

use crate::auth::permission::{Can, ViewArchive};
use crate::customers::CustomerId;
use crate::customers::page::CustomerPage;
use crate::web::error::AppResult;
use crate::web::extract::{Path, Query};
use crate::web::layout::Layout;
use crate::web::page::Page;
use crate::web::state::AppState;

/// `?all=1`: the whole timeline.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ShowQuery {
    all: String,
}

pub async fn show(
    layout: Layout,
    user: Can<ViewArchive>,
    State(app): State<AppState>,
    Path(id): Path<CustomerId>,
    Query(query): Query<ShowQuery>,
) -> AppResult<Page<CustomerPage>> {
    let page = CustomerPage::load(&app.db, layout, user.scope(), id, !query.all.is_empty()).await?;
    Ok(Page(page))
}
