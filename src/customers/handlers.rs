//! The list of customers with its search, and the page of one.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::auth::permission::{Can, Permission, ViewArchive};
use crate::customers::model::{CustomerRow, RowCar};
use crate::customers::page::{CustomerPage, View};
use crate::customers::search::{self, Hit, Reason, Target};
use crate::customers::{CustomerId, queries};
use crate::stores::StoreScope;
use crate::web::error::AppResult;
use crate::web::extract::{Path, Query};
use crate::web::filters;
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::pagination::{PageLink, PageParams, Paged, Pager};
use crate::web::state::AppState;

/// `customers/index.html`
#[derive(Template)]
#[template(path = "customers/index.html")]
struct IndexPage {
    layout: Layout,
    /// What was searched, empty on the list of recent changes.
    q: String,
    rows: Vec<ListRow>,
    pager: Option<Pager>,
    is_cut: bool,
}

/// A customer in the list with their cars and, after a search, why they are there.
struct ListRow {
    customer: CustomerRow,
    cars: Vec<RowCar>,
    reason: Option<Reason>,
}

/// `?q=` of the list.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct SearchQuery {
    q: String,
}

pub async fn index(
    layout: Layout,
    user: Can<ViewArchive>,
    State(app): State<AppState>,
    Query(query): Query<SearchQuery>,
    Query(params): Query<PageParams>,
) -> AppResult<Response> {
    let scope = user.scope();
    let typed = query.q.trim();
    if !typed.is_empty() {
        app.searches.note(user.id, app.clock.now())?;
        let target = search::for_address(typed);
        if target != crate::text::clean(typed) {
            return Ok(redirect(Target::List(target).location()).into_response());
        }
        let hits = search::find(&app.db, scope, typed).await?;
        let rows = found_rows(&app, scope, &hits).await?;
        return Ok(Page(IndexPage {
            layout,
            q: typed.to_owned(),
            is_cut: rows.len() as i64 >= search::LIMIT,
            rows,
            pager: None,
        })
        .into_response());
    }
    let recent = queries::list_recent(&app.db, scope, params.limit(), params.offset()).await?;
    let total = queries::count_up_to_limit(&app.db, scope).await?;
    let paged = Paged::new(recent, params, Some(total));
    let pager = paged.pager("/customers", "");
    let rows = with_cars(&app, scope, paged.rows).await?;
    Ok(Page(IndexPage {
        layout,
        q: String::new(),
        rows,
        pager: Some(pager),
        is_cut: false,
    })
    .into_response())
}

/// Rows of the hits, in their order, each with its reason. A customer merged or erased meanwhile is left out.
async fn found_rows(app: &AppState, scope: StoreScope, hits: &[Hit]) -> sqlx::Result<Vec<ListRow>> {
    let ids: Vec<i64> = hits.iter().map(|hit| hit.customer_id.get()).collect();
    let place = |id: CustomerId| hits.iter().position(|hit| hit.customer_id == id);
    let mut found = queries::list_rows(&app.db, scope, &ids).await?;
    found.sort_by_key(|row| place(row.id));
    let mut rows = with_cars(app, scope, found).await?;
    for row in &mut rows {
        row.reason = place(row.customer.id).map(|index| hits[index].reason);
    }
    Ok(rows)
}

async fn with_cars(
    app: &AppState,
    scope: StoreScope,
    customers: Vec<CustomerRow>,
) -> sqlx::Result<Vec<ListRow>> {
    let ids: Vec<i64> = customers.iter().map(|row| row.id.get()).collect();
    let mut cars = queries::list_row_cars(&app.db, scope, &ids).await?;
    let rows = customers.into_iter().map(|customer| {
        let own = cars
            .extract_if(.., |car| car.customer_id == customer.id)
            .collect();
        ListRow {
            customer,
            cars: own,
            reason: None,
        }
    });
    Ok(rows.collect())
}

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
