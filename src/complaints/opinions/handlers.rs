//! The list of opinions by month, and marking a case.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use crate::audit::{self, Entry};
use crate::auth::permission::{AnalyseComplaints, Can, Permission, WorkComplaints};
use crate::complaints::ComplaintId;
use crate::complaints::opinions::export::ExportForm;
use crate::complaints::opinions::month::Month;
use crate::complaints::opinions::queries::{self, FileMade, OpinionRow, Wanted};
use crate::i18n::flash::Flash;
use crate::stores::StoreScope;
use crate::web::error::{AppError, AppResult};
use crate::web::extract::{Path, Query};
use crate::web::filters;
use crate::web::form::{Form, FormErrors};
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::pagination::{PageLink, PageParams, Paged, Pager};
use crate::web::state::AppState;

/// `?month=2026-11&tab=suggested`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    month: String,
    tab: String,
}

/// `complaints/opinions/index.html`
#[derive(Template)]
#[template(path = "complaints/opinions/index.html")]
pub struct IndexPage {
    layout: Layout,
    month: Month,
    is_marked: bool,
    /// Marked and suggested.
    counts: (i64, i64),
    rows: Vec<OpinionRow>,
    files: Vec<FileMade>,
    pager: Pager,
    form: ExportForm,
    errors: FormErrors,
}

impl IndexPage {
    /// The list as the address says, with an empty form.
    pub async fn load(
        app: &AppState,
        layout: Layout,
        scope: StoreScope,
        (month, is_marked): (Month, bool),
        params: PageParams,
    ) -> sqlx::Result<IndexPage> {
        let (from, to) = month.instants(layout.fmt.zone);
        let wanted = Wanted { is_marked, from, to };
        let rows = queries::list(&app.db, scope, wanted, params).await?;
        let counts = queries::counts(&app.db, scope, (from, to)).await?;
        let total = if is_marked { counts.0 } else { counts.1 };
        let paged = Paged::new(rows, params, Some(total));
        let tab = if is_marked { "marked" } else { "suggested" };
        Ok(IndexPage {
            files: queries::list_files(&app.db, scope).await?,
            pager: paged.pager(
                "/complaints/opinions",
                &format!("month={}&tab={tab}", month.code()),
            ),
            rows: paged.rows,
            form: ExportForm::of(month),
            errors: FormErrors::default(),
            month,
            is_marked,
            counts,
            layout,
        })
    }

    /// The same list with what is wrong with the form.
    pub fn with_errors(self, form: ExportForm, errors: FormErrors) -> IndexPage {
        IndexPage { form, errors, ..self }
    }

    fn previous(&self) -> String {
        self.month.neighbours().0.code()
    }

    fn next(&self) -> String {
        self.month.neighbours().1.code()
    }
}

pub async fn index(
    layout: Layout,
    user: Can<AnalyseComplaints>,
    State(app): State<AppState>,
    Query(query): Query<ListQuery>,
    Query(params): Query<PageParams>,
) -> AppResult<Page<IndexPage>> {
    let month = Month::parse(&query.month).unwrap_or_else(|| Month::of(layout.fmt.today()));
    let wanted = (month, query.tab != "suggested");
    Ok(Page(
        IndexPage::load(&app, layout, user.scope(), wanted, params).await?,
    ))
}

/// `POST /complaints/{id}/opinion`
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct MarkForm {
    is_opinion: String,
    /// `list`: back to the list of suggestions of a month.
    back: String,
}

pub async fn mark(
    user: Can<WorkComplaints>,
    State(app): State<AppState>,
    Path(id): Path<ComplaintId>,
    Form(form): Form<MarkForm>,
) -> AppResult<Response> {
    let (is_opinion, now) = (form.is_opinion == "yes", app.clock.now());
    let mut tx = app.db.begin().await?;
    let before = queries::lock(&mut *tx, user.scope(), id)
        .await?
        .ok_or(AppError::NotFound)?;
    if before.is_opinion != is_opinion {
        queries::set(&mut *tx, user.scope(), id, is_opinion, user.id, now).await?;
        let change = json!({ "is_opinion": is_opinion });
        let entry = Entry {
            store: Some(user.store.id),
            actor: user.actor(),
            action: "complaints.opinion",
            subject: "complaints",
            subject_id: Some(id.get()),
            change: &change,
        };
        audit::record(&mut *tx, now, entry).await?;
    }
    tx.commit().await?;
    let back = match Month::parse(&form.back) {
        Some(month) => format!("/complaints/opinions?tab=suggested&month={}", month.code()),
        None => format!("/complaints/{id}"),
    };
    Ok(redirect(back)
        .with_flash(Flash::OpinionMarked { is_opinion })
        .into_response())
}
