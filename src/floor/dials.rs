//! `/floor/dials`: the rows behind the board's calls an hour and connect rates.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::auth::permission::{Can, Permission, ViewFloor};
use crate::floor::queries::{self, DialFilter, DialRow};
use crate::floor::snapshot::Day;
use crate::kpi::definition::CONNECTED_RESULTS;
use crate::users::UserId;
use crate::web::error::AppResult;
use crate::web::extract::Query;
use crate::web::filters;
use crate::web::layout::Layout;
use crate::web::page::Page;
use crate::web::pagination::{PageLink, PageParams, Paged, Pager};
use crate::web::state::AppState;

/// `?hour=10&person=7&only=connected`; nonsense lets all through.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct DialQuery {
    hour: String,
    person: String,
    only: String,
}

impl DialQuery {
    fn filter(&self) -> DialFilter {
        DialFilter {
            hour: self.hour.parse().ok().filter(|hour| (0..24).contains(hour)),
            person: self.person.parse::<UserId>().ok(),
            connected_only: self.only == "connected",
        }
    }
}

fn address(filter: DialFilter) -> String {
    let hour = filter.hour.map(|hour| format!("hour={hour}"));
    let person = filter.person.map(|id| format!("person={id}"));
    let only = filter.connected_only.then(|| "only=connected".to_owned());
    let pairs: Vec<String> = hour.into_iter().chain(person).chain(only).collect();
    pairs.join("&")
}

/// Dials of today.
#[derive(Template)]
#[template(path = "floor/dials.html")]
struct DialsPage {
    layout: Layout,
    filter: DialFilter,
    rows: Vec<DialRow>,
    pager: Pager,
}

impl DialsPage {
    fn name<'a>(&'a self, row: &'a DialRow) -> &'a str {
        row.customer
            .as_deref()
            .unwrap_or(self.layout.t.callbacks().unnamed())
    }

    fn occasions(&self, row: &DialRow) -> String {
        let t = self.layout.t.callbacks();
        let mut labels: Vec<&str> = row.kinds.iter().map(|kind| t.kind(kind)).collect();
        labels.sort_unstable();
        labels.dedup();
        labels.join(" · ")
    }

    fn tone(&self, row: &DialRow) -> &'static str {
        if CONNECTED_RESULTS.contains(&row.result.as_str()) {
            "good"
        } else {
            ""
        }
    }
}

pub async fn index(
    layout: Layout,
    user: Can<ViewFloor>,
    State(app): State<AppState>,
    Query(query): Query<DialQuery>,
    Query(params): Query<PageParams>,
) -> AppResult<Response> {
    let (filter, day) = (query.filter(), Day::at(layout.fmt.now, user.store.zone));
    let rows = queries::list_dials(&app.db, user.scope(), &day, filter, params).await?;
    let total = queries::count_dials(&app.db, user.scope(), &day, filter).await?;
    let paged = Paged::new(rows, params, Some(total));
    Ok(Page(DialsPage {
        pager: paged.pager("/floor/dials", &address(filter)),
        rows: paged.rows,
        filter,
        layout,
    })
    .into_response())
}
