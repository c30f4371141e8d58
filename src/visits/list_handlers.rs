//! The page of the list of visits.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::auth::permission::{Can, Permission, ViewArchive};
use crate::customers::search::for_address;
use crate::stores::StoreScope;
use crate::vehicles::plate::PlateNumber;
use crate::views::{self, Parts};
use crate::visits::list::{self, COLUMNS, Column, ORDER, SortKey, VisitFilter};
use crate::visits::model::VisitRow;
use crate::visits::{list_queries, queries};
use crate::web::error::{AppResult, encode_query};
use crate::web::extract::Query;
use crate::web::filters;
use crate::web::layout::Layout;
use crate::web::list::{Address, Asked, Filter, ListFrame, ListName, Sort, SortLink, Window, sort_link};
use crate::web::page::{Page, redirect};
use crate::web::pagination::{COUNT_LIMIT, PageLink, PageParams, Paged, Pager};
use crate::web::state::AppState;

/// `visits/index.html`
#[derive(Template)]
#[template(path = "visits/index.html")]
struct IndexPage {
    layout: Layout,
    /// What was searched, empty on the list.
    q: String,
    rows: Vec<VisitRow>,
    list: ListFrame,
    sort: Sort<SortKey>,
}

impl IndexPage {
    fn is_search(&self) -> bool {
        !self.q.is_empty()
    }

    fn sorted(&self, key: SortKey) -> SortLink {
        sort_link(&self.list.address, self.sort, key, true)
    }
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
    Query(filter): Query<VisitFilter>,
    Query(asked): Query<Asked>,
    Query(params): Query<PageParams>,
) -> AppResult<Response> {
    let typed = query.q.trim();
    if !typed.is_empty() {
        return Ok(found(&app, layout, user.scope(), typed, params)
            .await?
            .into_response());
    }
    if !layout.path.contains('?')
        && let Some(address) = views::default_address(&app.db, &user, ListName::Visits).await?
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
    mut filter: VisitFilter,
    asked: &Asked,
    params: PageParams,
) -> AppResult<Page<IndexPage>> {
    filter.tidy(layout.fmt.zone);
    let (db, t) = (&app.db, layout.t);
    let address = Address::new(ListName::Visits, &filter, asked, params);
    let opening = views::open(db, &layout.user, ListName::Visits, asked, t.common().all()).await?;
    let sort = Sort::parse(&asked.sort, ORDER);
    let advisors = filter.advisors(db, scope).await?;
    let conditions = filter.conditions(layout.fmt.zone, advisors.as_ref());
    let total = list_queries::count(db, scope, &conditions, COUNT_LIMIT + 1).await?;
    let window = Window::page(params, !filter.pairs().is_empty(), total);
    let ids = list::ids(db, scope, &conditions, sort, window).await?;
    let page = Paged::new(ids, params, Some(total));
    let rows = list_queries::list_rows(db, scope, &page.rows).await?;
    let headings: Vec<_> = Column::ALL
        .iter()
        .map(|column| (column.as_str(), list::heading(t, *column)))
        .collect();
    let columns = opening.columns(&headings, &COLUMNS.map(Column::as_str));
    let pills = filter.pills(&address, t);
    let parts = Parts {
        pills,
        columns,
        undo: None,
    };
    Ok(Page(IndexPage {
        list: opening.frame(&layout.user, address, &page, params, parts),
        layout,
        q: String::new(),
        rows,
        sort,
    }))
}

/// What a plate, a VIN's tail or a number finds.
async fn found(
    app: &AppState,
    layout: Layout,
    scope: StoreScope,
    typed: &str,
    params: PageParams,
) -> AppResult<Page<IndexPage>> {
    let car = car_key(typed);
    let rows = queries::search(&app.db, scope, &car, typed, params.limit(), params.offset()).await?;
    let page = Paged::new(rows, params, None);
    let pager: Pager = page.pager(ListName::Visits.path(), &format!("q={}", encode_query(typed)));
    let (filter, asked) = (VisitFilter::default(), Asked::default());
    let address = Address::new(ListName::Visits, &filter, &asked, params);
    let all = layout.t.common().all();
    let opening = views::open(&app.db, &layout.user, ListName::Visits, &asked, all).await?;
    let headings: Vec<_> = Column::ALL
        .iter()
        .map(|column| (column.as_str(), list::heading(layout.t, *column)))
        .collect();
    let columns = opening.columns(&headings, &COLUMNS.map(Column::as_str));
    let parts = Parts {
        columns,
        ..Parts::default()
    };
    let mut list = opening.frame(&layout.user, address, &page, params, parts);
    list.pager = pager;
    Ok(Page(IndexPage {
        layout,
        q: typed.to_owned(),
        rows: page.rows,
        list,
        sort: ORDER,
    }))
}

/// What a car is looked up by: its plate, or the tail of plate or VIN.
fn car_key(typed: &str) -> String {
    PlateNumber::parse(typed).map_or_else(
        |_| for_address(typed).to_uppercase(),
        |plate| plate.as_str().to_owned(),
    )
}
