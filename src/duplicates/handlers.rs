//! The list of pairs, and calling a pair different.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use crate::audit::{self, Entry};
use crate::auth::permission::{Can, MergeArchive, Permission, ViewDuplicates};
use crate::duplicates::model::PairState;
use crate::duplicates::queries::{self, Filter, Pair};
use crate::duplicates::{DuplicateId, Reason, RecordKind};
use crate::i18n::flash::Flash;
use crate::web::error::{AppError, AppResult};
use crate::web::extract::{Path, Query};
use crate::web::filters;
use crate::web::form::SelectOption;
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::pagination::{COUNT_LIMIT, PageLink, PageParams, Paged, Pager};
use crate::web::state::AppState;

/// `duplicates/index.html`
#[derive(Template)]
#[template(path = "duplicates/index.html")]
struct IndexPage {
    layout: Layout,
    query: PairFilter,
    rows: Vec<Pair>,
    pager: Pager,
}

/// Filters of the list, as in the address. Nonsense filters nothing.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct PairFilter {
    kind: String,
    reason: String,
    state: String,
}

impl PairFilter {
    fn state(&self) -> PairState {
        match self.state.parse() {
            Ok(PairState::Dismissed) => PairState::Dismissed,
            Ok(PairState::Open | PairState::Merged) | Err(_) => PairState::Open,
        }
    }

    fn is_dismissed(&self) -> bool {
        self.state() == PairState::Dismissed
    }

    fn is_set(&self) -> bool {
        self.filter().kind.is_some() || self.filter().reason.is_some()
    }

    fn filter(&self) -> Filter<'_> {
        let kind: Option<RecordKind> = self.kind.parse().ok();
        let reason: Option<Reason> = self.reason.parse().ok();
        Filter {
            state: self.state(),
            kind: kind.map(RecordKind::as_str),
            reason: reason.map(Reason::as_str),
        }
    }

    fn query(&self) -> String {
        let filter = self.filter();
        let state = self.is_dismissed().then_some("dismissed");
        [("state", state), ("kind", filter.kind), ("reason", filter.reason)]
            .into_iter()
            .filter_map(|(name, value)| value.map(|value| format!("{name}={value}")))
            .collect::<Vec<_>>()
            .join("&")
    }
}

impl IndexPage {
    fn kinds(&self) -> Vec<SelectOption> {
        let t = self.layout.t.duplicates();
        let option = |kind: &RecordKind| SelectOption::new(kind, t.kind(*kind));
        RecordKind::ALL.iter().map(option).collect()
    }

    fn reasons(&self) -> Vec<SelectOption> {
        let t = self.layout.t.duplicates();
        let option = |reason: &Reason| SelectOption::new(reason, t.reason(*reason));
        Reason::ALL.iter().map(option).collect()
    }

    /// How likely it is, with the tone of its badge.
    fn strength(&self, pair: &Pair) -> (&'static str, &'static str) {
        let t = self.layout.t.duplicates();
        match pair.strength {
            3 => ("bad", t.likely()),
            2 => ("soon", t.possible()),
            _ => ("", t.weak()),
        }
    }
}

pub async fn index(
    layout: Layout,
    user: Can<ViewDuplicates>,
    State(app): State<AppState>,
    Query(query): Query<PairFilter>,
    Query(params): Query<PageParams>,
) -> AppResult<Response> {
    let (scope, filter) = (user.scope(), query.filter());
    let rows = queries::page(&app.db, scope, filter, params.limit(), params.offset()).await?;
    let total = queries::count(&app.db, scope, filter, COUNT_LIMIT + 1).await?;
    let paged = Paged::new(rows, params, Some(total));
    let pager = paged.pager("/duplicates", &query.query());
    Ok(Page(IndexPage {
        layout,
        query,
        rows: paged.rows,
        pager,
    })
    .into_response())
}

pub async fn dismiss(
    user: Can<MergeArchive>,
    State(app): State<AppState>,
    Path(id): Path<DuplicateId>,
) -> AppResult<Response> {
    let states = (PairState::Open, PairState::Dismissed);
    decide(&app, &user, id, states, "duplicates.dismiss").await?;
    Ok(redirect("/duplicates")
        .with_flash(Flash::PairDismissed)
        .into_response())
}

pub async fn reopen(
    user: Can<MergeArchive>,
    State(app): State<AppState>,
    Path(id): Path<DuplicateId>,
) -> AppResult<Response> {
    let states = (PairState::Dismissed, PairState::Open);
    decide(&app, &user, id, states, "duplicates.reopen").await?;
    Ok(redirect("/duplicates?state=dismissed")
        .with_flash(Flash::PairReopened)
        .into_response())
}

async fn decide(
    app: &AppState,
    user: &Can<MergeArchive>,
    id: DuplicateId,
    states: (PairState, PairState),
    action: &'static str,
) -> AppResult<()> {
    let (scope, now) = (user.scope(), app.clock.now());
    let mut tx = app.db.begin().await?;
    match queries::decide(&mut *tx, scope, id, states, user.id, now).await? {
        None => return Err(AppError::NotFound),
        Some(false) => return Err(AppError::Conflict("the pair was decided meanwhile")),
        Some(true) => {}
    }
    let entry = Entry {
        store: Some(scope.store_id()),
        actor: user.actor(),
        action,
        subject: "duplicates",
        subject_id: Some(id.get()),
        change: &json!({}),
    };
    audit::record(&mut *tx, now, entry).await?;
    tx.commit().await?;
    Ok(())
}
