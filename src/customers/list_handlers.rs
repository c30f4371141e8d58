//! The page of the list of customers, and its search.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use serde::Deserialize;

use crate::auth::permission::{Can, Permission, ViewArchive};
use crate::batches::{BatchList, Group, UNDO_HOURS, queries as batches};
use crate::customers::bulk;
use crate::customers::list::{self, COLUMNS, Column, CustomerFilter, ListRow, ORDER, Offers, SortKey};
use crate::customers::search::{self, Hit, Target};
use crate::customers::{CustomerId, list_queries};
use crate::stores::StoreScope;
use crate::views::{self, Parts};
use crate::web::error::AppResult;
use crate::web::extract::Query;
use crate::web::filters;
use crate::web::layout::Layout;
use crate::web::list::{Address, Asked, Filter, ListFrame, ListName, Sort, SortLink, Window, sort_link};
use crate::web::page::{Page, redirect};
use crate::web::pagination::{COUNT_LIMIT, PageLink, PageParams, Paged};
use crate::web::state::AppState;

/// `customers/index.html`
#[derive(Template)]
#[template(path = "customers/index.html")]
struct IndexPage {
    layout: Layout,
    /// What was searched, empty on the list.
    q: String,
    rows: Vec<ListRow>,
    list: ListFrame,
    sort: Sort<SortKey>,
    changes: Vec<Group>,
    is_cut: bool,
}

impl IndexPage {
    fn is_search(&self) -> bool {
        !self.q.is_empty()
    }

    fn may_change(&self) -> bool {
        self.layout.can(Permission::ChangeMany) && !self.is_search()
    }

    /// Dates and counts begin at the end, names at the beginning.
    fn sorted(&self, key: SortKey) -> SortLink {
        sort_link(&self.list.address, self.sort, key, key != SortKey::Name)
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
    Query(filter): Query<CustomerFilter>,
    Query(asked): Query<Asked>,
    Query(params): Query<PageParams>,
) -> AppResult<Response> {
    let typed = query.q.trim();
    if !typed.is_empty() {
        app.searches.note(user.id, app.clock.now())?;
        let target = search::for_address(typed);
        if target != crate::text::clean(typed) {
            return Ok(redirect(Target::List(target).location()).into_response());
        }
        return found(&app, layout, user.scope(), typed).await;
    }
    if !layout.path.contains('?')
        && let Some(address) = views::default_address(&app.db, &user, ListName::Customers).await?
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
    mut filter: CustomerFilter,
    asked: &Asked,
    params: PageParams,
) -> AppResult<Page<IndexPage>> {
    filter.tidy(layout.fmt.zone);
    let (db, t) = (&app.db, layout.t);
    let address = Address::new(ListName::Customers, &filter, asked, params);
    let opening = views::open(db, &layout.user, ListName::Customers, asked, t.common().all()).await?;
    let sort = Sort::parse(&asked.sort, ORDER);
    let conditions = filter.conditions(layout.fmt.zone);
    let total = list_queries::count(db, scope, &conditions, COUNT_LIMIT + 1).await?;
    let window = Window::page(params, !filter.pairs().is_empty(), total);
    let ids = list::ids(db, scope, &conditions, sort, window).await?;
    let page = Paged::new(ids, params, Some(total));
    let rows = list::rows(db, scope, &page.rows).await?;
    let offers = Offers::load(db, scope).await?;
    let headings: Vec<_> = Column::ALL
        .iter()
        .map(|column| (column.as_str(), list::heading(t, *column)))
        .collect();
    let columns = opening.columns(&headings, &COLUMNS.map(Column::as_str));
    let pills = filter.pills(&address, t, &offers);
    let undo = match layout.can(Permission::ChangeMany) {
        true => {
            let since = layout.fmt.now - TimeDelta::hours(UNDO_HOURS);
            batches::find_undoable(db, scope, BatchList::Customers, layout.user.id, since).await?
        }
        false => None,
    };
    let changes = bulk::offered(t, &offers);
    let parts = Parts { pills, columns, undo };
    Ok(Page(IndexPage {
        list: opening.frame(&layout.user, address, &page, params, parts),
        layout,
        q: String::new(),
        rows,
        sort,
        changes,
        is_cut: false,
    }))
}

/// What a search has found, with the reason of each.
async fn found(app: &AppState, layout: Layout, scope: StoreScope, typed: &str) -> AppResult<Response> {
    let hits = search::find(&app.db, scope, typed).await?;
    let rows = found_rows(app, scope, &hits).await?;
    let (asked, params) = (Asked::default(), PageParams::default());
    let address = Address::new(ListName::Customers, &CustomerFilter::default(), &asked, params);
    let all = layout.t.common().all();
    let opening = views::open(&app.db, &layout.user, ListName::Customers, &asked, all).await?;
    let headings: Vec<_> = Column::ALL
        .iter()
        .map(|column| (column.as_str(), list::heading(layout.t, *column)))
        .collect();
    let columns = opening.columns(&headings, &COLUMNS.map(Column::as_str));
    let page = Paged::new(Vec::<i64>::new(), params, None);
    let parts = Parts {
        columns,
        ..Parts::default()
    };
    Ok(Page(IndexPage {
        list: opening.frame(&layout.user, address, &page, params, parts),
        layout,
        q: typed.to_owned(),
        is_cut: rows.len() as i64 >= search::LIMIT,
        rows,
        sort: ORDER,
        changes: Vec::new(),
    })
    .into_response())
}

/// Rows of the hits, in their order, each with its reason. A customer merged or erased meanwhile is left out.
async fn found_rows(app: &AppState, scope: StoreScope, hits: &[Hit]) -> sqlx::Result<Vec<ListRow>> {
    let ids: Vec<i64> = hits.iter().map(|hit| hit.customer_id.get()).collect();
    let reason = |id: CustomerId| {
        hits.iter()
            .find(|hit| hit.customer_id == id)
            .map(|hit| hit.reason)
    };
    let mut rows = list::rows(&app.db, scope, &ids).await?;
    for row in &mut rows {
        row.reason = reason(row.customer.id);
    }
    Ok(rows)
}
