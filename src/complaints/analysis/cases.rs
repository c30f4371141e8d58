//! The cases behind a figure.

use askama::Template;
use axum::extract::State;

use crate::auth::permission::{AnalyseComplaints, Can, Permission};
use crate::complaints::analysis::model::{CaseQuery, Dimension, Figure, Period, Span};
use crate::complaints::analysis::queries::{self, Bounds, CaseRow, Wanted};
use crate::complaints::analysis::view::label;
use crate::web::error::AppResult;
use crate::web::extract::Query;
use crate::web::filters;
use crate::web::layout::Layout;
use crate::web::page::Page;
use crate::web::pagination::{PageLink, PageParams, Paged, Pager};
use crate::web::state::AppState;

/// `complaints/analysis/cases.html`
#[derive(Template)]
#[template(path = "complaints/analysis/cases.html")]
pub struct CasesPage {
    layout: Layout,
    figure: Figure,
    span: Span,
    /// What the list is cut to, in words.
    cuts: Vec<(&'static str, String)>,
    rows: Vec<CaseRow>,
    pager: Pager,
}

pub async fn index(
    layout: Layout,
    user: Can<AnalyseComplaints>,
    State(app): State<AppState>,
    Query(mut query): Query<CaseQuery>,
    Query(params): Query<PageParams>,
) -> AppResult<Page<CasesPage>> {
    let (figure, span) = match query.read() {
        Some(known) => known,
        None => {
            // An address without sense: what was accepted in the running month.
            let (span, _) = Span::of(Period::Month, None, layout.fmt.today());
            query = CaseQuery::of(Figure::Accepted, span);
            (Figure::Accepted, span)
        }
    };
    let (from, to) = span.instants(layout.fmt.zone);
    let wanted = Wanted {
        figure,
        bounds: Bounds {
            before: from,
            from,
            to,
            now: layout.fmt.now,
        },
        query: &query,
    };
    let rows = queries::list_cases(&app.db, user.scope(), wanted, params).await?;
    let total = queries::count_cases(&app.db, user.scope(), wanted).await?;
    let t = layout.t.complaint_analysis();
    let mut cuts = Vec::new();
    for (dimension, value) in query.cuts() {
        let name = match dimension {
            Dimension::Department | Dimension::Advisor => {
                queries::find_name(&app.db, user.scope(), dimension, value).await?
            }
            Dimension::Class
            | Dimension::Minor
            | Dimension::Responsibility
            | Dimension::Channel
            | Dimension::Severity
            | Dimension::Model => None,
        };
        let text = label(&layout, dimension, value, name.as_deref());
        cuts.push((t.value_of(dimension), text));
    }
    let paged = Paged::new(rows, params, Some(total));
    Ok(Page(CasesPage {
        pager: paged.pager("/complaints/analysis/cases", &query.query()),
        rows: paged.rows,
        figure,
        span,
        cuts,
        layout,
    }))
}
