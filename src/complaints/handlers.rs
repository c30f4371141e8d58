//! The list of complaints and the page of one.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::auth::permission::{Can, Permission, Role, ViewComplaints};
use crate::auth::session::CurrentUser;
use crate::callbacks::queries::call::{DepartmentRow, list_departments};
use crate::callbacks::queries::list::{SearchTerms, search_customers};
use crate::complaints::queries::{self, ComplaintRow, Counts, ListFilter};
use crate::complaints::{Severity, case};
use crate::customers::search_keys::{QueryKeys, query_keys};
use crate::stores::DepartmentId;
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::vehicles::plate::PlateNumber;
use crate::web::error::{AppResult, encode_query};
use crate::web::extract::Query;
use crate::web::filters;
use crate::web::layout::Layout;
use crate::web::page::Page;
use crate::web::pagination::{PageLink, PageParams, Paged, Pager};
use crate::web::sla::SlaChip;
use crate::web::state::AppState;

/// The filter of the list, as it stands in the address.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    tab: String,
    q: String,
    severity: String,
    department: String,
}

impl ListQuery {
    fn is_all(&self) -> bool {
        self.tab == "all"
    }

    fn is_department(&self, id: DepartmentId) -> bool {
        self.department.parse() == Ok(id)
    }

    fn is_filtered(&self) -> bool {
        !(self.q.trim().is_empty() && self.severity.is_empty() && self.department.is_empty())
    }

    fn query(&self, tab: &str) -> String {
        let mut query = format!("tab={tab}");
        for (name, value) in [
            ("q", &self.q),
            ("severity", &self.severity),
            ("department", &self.department),
        ] {
            if !value.trim().is_empty() {
                query.push_str(&format!("&{name}={}", encode_query(value)));
            }
        }
        query
    }
}

/// The list of complaints.
#[derive(Template)]
#[template(path = "complaints/index.html")]
struct ListPage {
    layout: Layout,
    query: ListQuery,
    counts: Counts,
    rows: Vec<ComplaintRow>,
    pager: Pager,
    departments: Vec<DepartmentRow>,
    is_handler: bool,
}

impl ListPage {
    fn chip(&self, row: &ComplaintRow) -> Option<SlaChip> {
        chip(&self.layout, row.dispatch_due_at, row.dispatch_ended_at)
    }

    fn severities(&self) -> &'static [Severity] {
        Severity::ALL
    }
}

fn chip(
    layout: &Layout,
    due_at: Option<chrono::DateTime<chrono::Utc>>,
    ended_at: Option<chrono::DateTime<chrono::Utc>>,
) -> Option<SlaChip> {
    let due_at = due_at?;
    Some(match ended_at {
        Some(ended_at) => SlaChip::ended(&layout.fmt, due_at, ended_at),
        None => layout.sla(&due_at),
    })
}

/// A handler sees own cases only (contract.md, Roles).
fn only_own(user: &CurrentUser) -> Option<UserId> {
    (user.role == Role::Handler).then_some(user.id)
}

pub async fn index(
    layout: Layout,
    user: Can<ViewComplaints>,
    State(app): State<AppState>,
    Query(query): Query<ListQuery>,
    Query(params): Query<PageParams>,
) -> AppResult<Response> {
    if user.role == Role::Handler {
        return case::handler_desk(layout, &app, !query.is_all(), params).await;
    }
    let (scope, handler) = (user.scope(), only_own(&user));
    let typed = query.q.trim().to_uppercase();
    let customers = match typed.as_str() {
        "" => None,
        _ => Some(search(&app, scope, &query.q).await?),
    };
    let filter = ListFilter {
        open_only: !query.is_all(),
        handler,
        severity: query.severity.parse().ok(),
        department: query.department.parse().ok(),
        customers: customers.as_deref(),
        number: &typed,
    };
    let rows = queries::list(&app.db, scope, filter, params).await?;
    let counts = queries::counts(&app.db, scope, handler, app.clock.now()).await?;
    let total = match (query.is_filtered(), query.is_all()) {
        (true, _) => None,
        (false, true) => Some(counts.all),
        (false, false) => Some(counts.open),
    };
    let paged = Paged::new(rows, params, total);
    let tab = if query.is_all() { "all" } else { "open" };
    let page = ListPage {
        pager: paged.pager("/complaints", &query.query(tab)),
        rows: paged.rows,
        departments: list_departments(&app.db, scope).await?,
        is_handler: handler.is_some(),
        counts,
        query,
        layout,
    };
    Ok(Page(page).into_response())
}

/// Customers found by name or plate.
async fn search(app: &AppState, scope: StoreScope, typed: &str) -> sqlx::Result<Vec<i64>> {
    let typed = crate::text::half_width(typed);
    let keys = match query_keys(scope.get(), &typed) {
        QueryKeys::Nothing => Vec::new(),
        QueryKeys::Initial(letter) => vec![format!("{}|{letter}", scope.get())],
        QueryKeys::Pinyin(key) => vec![key],
        QueryKeys::Grams { keys, recheck: _ } => keys,
    };
    let plate = match PlateNumber::parse(&typed) {
        Ok(plate) => plate.as_str().to_owned(),
        Err(_) => typed.trim().to_uppercase(),
    };
    let terms = SearchTerms {
        keys: &keys,
        plate: &plate,
        ro_number: "",
    };
    search_customers(&app.db, scope, terms).await
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_filters_read_back_from_the_address_of_a_tab(
            q in "[&=+%#张a-z]{1,8}( [a-z]{1,3})?",
            severity in "|[a-z_&]{1,8}",
            department in "|[0-9]{1,4}",
        ) {
            let filters = ListQuery { tab: String::new(), q: q.clone(), severity: severity.clone(), department: department.clone() };
            let read: ListQuery = serde_html_form::from_str(&filters.query("all")).unwrap();
            prop_assert!(read.is_all() && read.is_filtered());
            prop_assert_eq!((read.q, read.severity, read.department), (q, severity, department));
        }
    }
}
