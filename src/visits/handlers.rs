//! The page of a visit.

use askama::Template;
use axum::extract::State;
use chrono::TimeDelta;

use crate::auth::permission::{Can, Permission, ViewArchive};
use crate::visits::items::{self, Item};
use crate::visits::model::Visit;
use crate::visits::work_queries::{self, LinkedVisit, NextStep, VisitComplaint};
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
    items: Vec<Item>,
    /// The visit that this one repeats, and those that repeat it.
    first: Option<LinkedVisit>,
    reworks: Vec<LinkedVisit>,
    steps: Vec<NextStep>,
    complaints: Vec<VisitComplaint>,
}

impl ShowPage {
    /// The sum of the lines, where it cannot be the amount.
    fn unequal_total(&self) -> Option<i64> {
        let lines: Vec<Option<i64>> = self.items.iter().map(|item| item.amount_fen).collect();
        items::unequal_total(&lines, self.visit.amount_fen)
    }

    /// How long the car has been, or was, in the shop.
    fn stay(&self) -> TimeDelta {
        self.visit.handed_over_at.unwrap_or(self.layout.fmt.now) - self.visit.arrived_at
    }

    /// Not handed over by the promised time.
    fn is_late(&self) -> bool {
        let left_at = self.visit.handed_over_at.unwrap_or(self.layout.fmt.now);
        self.visit.state != VisitState::Cancelled
            && self.visit.promised_at.is_some_and(|promised| left_at > promised)
    }
}

pub async fn show(
    layout: Layout,
    user: Can<ViewArchive>,
    State(app): State<AppState>,
    Path(id): Path<VisitId>,
) -> AppResult<Page<ShowPage>> {
    let (db, scope) = (&app.db, user.scope());
    let found = queries::find(db, scope, id).await?;
    let visit = found.ok_or(AppError::NotFound)?;
    Ok(Page(ShowPage {
        layout,
        visit,
        items: work_queries::list_items(db, scope, id).await?,
        first: work_queries::find_first(db, scope, id).await?,
        reworks: work_queries::list_reworks(db, scope, id).await?,
        steps: work_queries::list_next_steps(db, scope, id).await?,
        complaints: work_queries::list_complaints(db, scope, id).await?,
    }))
}
