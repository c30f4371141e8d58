//! The page of the analysis.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use crate::auth::permission::{AnalyseComplaints, Can, Permission};
use crate::complaints::analysis::model::{Period, Span};
use crate::complaints::analysis::queries::{self, Bounds, Totals};
use crate::complaints::analysis::view::{Board, Strip, Table, Tile, Trend};
use crate::web::error::AppResult;
use crate::web::extract::Query;
use crate::web::filters;
use crate::web::layout::Layout;
use crate::web::page::Page;
use crate::web::state::AppState;

/// Cases that are drawn as dots.
const DOTS: i64 = 300;

/// `?period=…&from=…&to=…`; unknown words mean the running month.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct AnalysisQuery {
    period: String,
    from: String,
    to: String,
}

impl AnalysisQuery {
    /// The days typed, and the period: days without a word mean days of one's own.
    fn read(&self) -> (Period, Option<Span>) {
        let own = match (self.from.parse(), self.to.parse()) {
            (Ok(from), Ok(to)) => Some(Span { from, to }),
            (Ok(_), Err(_)) | (Err(_), Ok(_)) | (Err(_), Err(_)) => None,
        };
        let period = match (self.period.parse(), own) {
            (Ok(Period::Own) | Err(_), Some(_)) => Period::Own,
            (Ok(Period::Own) | Err(_), None) => Period::Month,
            (Ok(period), _) => period,
        };
        (period, own)
    }
}

/// `complaints/analysis/index.html`
#[derive(Template)]
#[template(path = "complaints/analysis/index.html")]
pub struct AnalysisPage {
    layout: Layout,
    /// Code, label, whether it is the one shown.
    periods: Vec<(Period, &'static str, bool)>,
    span: Span,
    before: Span,
    tiles: Vec<Tile>,
    trend: Trend,
    strips: Vec<Strip>,
    /// Only the newest cases are drawn.
    is_cut: bool,
    tables: Vec<Table>,
    is_empty: bool,
}

pub async fn index(
    layout: Layout,
    user: Can<AnalyseComplaints>,
    State(app): State<AppState>,
    Query(query): Query<AnalysisQuery>,
) -> AppResult<Page<AnalysisPage>> {
    let (scope, zone, today) = (user.scope(), layout.fmt.zone, layout.fmt.today());
    let (period, own) = query.read();
    let (span, before) = Span::of(period, own, today);
    let bounds = Bounds {
        before: before.instants(zone).0,
        from: span.instants(zone).0,
        to: span.instants(zone).1,
        now: layout.fmt.now,
    };
    let totals = queries::totals(&app.db, scope, bounds).await?;
    let of = |is_current: bool| -> Totals {
        let found = totals.iter().find(|totals| totals.is_current == is_current);
        found.copied().unwrap_or_default()
    };
    let visits = (
        queries::count_visits(&app.db, scope, span.from, span.to).await?,
        queries::count_visits(&app.db, scope, before.from, before.to).await?,
    );
    let slices = queries::slices(&app.db, scope, bounds).await?;
    let months = queries::months(&app.db, scope, span.year()).await?;
    let courses = queries::courses(&app.db, scope, bounds, DOTS).await?;
    let board = Board {
        layout: &layout,
        span,
        before,
        now: of(true),
        then: of(false),
        visits,
    };
    let periods = Period::ALL.iter().filter(|option| **option != Period::Own);
    Ok(Page(AnalysisPage {
        periods: periods
            .map(|option| {
                let label = layout.t.complaint_analysis().period(*option);
                (*option, label, *option == period)
            })
            .collect(),
        tiles: board.tiles(),
        trend: board.trend(&months),
        strips: board.strips(&courses),
        is_cut: board.now.accepted > DOTS,
        tables: board.tables(&slices),
        is_empty: board.now.accepted == 0 && board.then.accepted == 0,
        span,
        before,
        layout,
    }))
}
