//! The page of one customer.

use axum::extract::State;

use crate::auth::permission::{Can, ViewArchive};
use crate::customers::CustomerId;
use crate::customers::page::{CustomerPage, View};
use crate::web::error::AppResult;
use crate::web::extract::{Path, Query};
use crate::web::layout::Layout;
use crate::web::page::Page;
use crate::web::state::AppState;

pub async fn show(
    layout: Layout,
    user: Can<ViewArchive>,
    State(app): State<AppState>,
    Path(id): Path<CustomerId>,
    Query(view): Query<View>,
) -> AppResult<Page<CustomerPage>> {
    Ok(Page(
        CustomerPage::load(&app.db, layout, user.scope(), id, view).await?,
    ))
}
