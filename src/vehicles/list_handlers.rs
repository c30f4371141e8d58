//! The page of the list of cars.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;

use crate::auth::permission::{Can, Permission, ViewArchive};
use crate::batches::{BatchList, Group, UNDO_HOURS, queries as batches};
use crate::stores::StoreScope;
use crate::vehicles::bulk;
use crate::vehicles::list::{self, COLUMNS, Column, ORDER, SortKey, VehicleFilter, VehicleRow};
use crate::vehicles::{VehicleState, list_queries};
use crate::views::{self, Parts};
use crate::web::error::AppResult;
use crate::web::extract::Query;
use crate::web::filters;
use crate::web::layout::Layout;
use crate::web::list::{Address, Asked, Filter, ListFrame, ListName, Sort, SortLink, Window, sort_link};
use crate::web::page::{Page, redirect};
use crate::web::pagination::{COUNT_LIMIT, PageLink, PageParams, Paged};
use crate::web::state::AppState;

/// `vehicles/index.html`
#[derive(Template)]
#[template(path = "vehicles/index.html")]
struct IndexPage {
    layout: Layout,
    rows: Vec<VehicleRow>,
    list: ListFrame,
    sort: Sort<SortKey>,
    changes: Vec<Group>,
}

impl IndexPage {
    fn may_change(&self) -> bool {
        self.layout.can(Permission::ChangeMany)
    }

    /// What is due begins with the nearest day, the rest with the latest.
    fn sorted(&self, key: SortKey) -> SortLink {
        let is_due = matches!(key, SortKey::NextDue | SortKey::Warranty);
        sort_link(&self.list.address, self.sort, key, !is_due)
    }
}

pub async fn index(
    layout: Layout,
    user: Can<ViewArchive>,
    State(app): State<AppState>,
    Query(filter): Query<VehicleFilter>,
    Query(asked): Query<Asked>,
    Query(params): Query<PageParams>,
) -> AppResult<Response> {
    if !layout.path.contains('?')
        && let Some(address) = views::default_address(&app.db, &user, ListName::Vehicles).await?
    {
        return Ok(redirect(address).into_response());
    }
    Ok(listed(&app, layout, user.scope(), filter, &asked, params)
        .await?
        .into_response())
}

/// The list as its address says.
async fn listed(
    app: &AppState,
    layout: Layout,
    scope: StoreScope,
    mut filter: VehicleFilter,
    asked: &Asked,
    params: PageParams,
) -> AppResult<Page<IndexPage>> {
    filter.tidy(layout.fmt.zone);
    let (db, t) = (&app.db, layout.t);
    let address = Address::new(ListName::Vehicles, &filter, asked, params);
    let opening = views::open(db, &layout.user, ListName::Vehicles, asked, t.common().all()).await?;
    let sort = Sort::parse(&asked.sort, ORDER);
    let conditions = filter.conditions();
    let total = list_queries::count(db, scope, &conditions, COUNT_LIMIT + 1).await?;
    let window = Window::page(params, !filter.pairs().is_empty(), total);
    let ids = list::ids(db, scope, &conditions, sort, window).await?;
    let page = Paged::new(ids, params, Some(total));
    let rows = list_queries::list_rows(db, scope, &page.rows).await?;
    let brands = list_queries::list_brands(db, scope).await?;
    let models = list_queries::list_models(db, scope).await?;
    let headings: Vec<_> = Column::ALL
        .iter()
        .map(|column| (column.as_str(), list::heading(t, *column)))
        .collect();
    let columns = opening.columns(&headings, &COLUMNS.map(Column::as_str));
    let pills = filter.pills(&address, t, &brands, &models);
    let undo = match layout.can(Permission::ChangeMany) {
        true => {
            let since = layout.fmt.now - TimeDelta::hours(UNDO_HOURS);
            batches::find_undoable(db, scope, BatchList::Vehicles, layout.user.id, since).await?
        }
        false => None,
    };
    let parts = Parts { pills, columns, undo };
    Ok(Page(IndexPage {
        list: opening.frame(&layout.user, address, &page, params, parts),
        layout,
        rows,
        sort,
        changes: bulk::offered(t),
    }))
}
