//! Requests to decide, asking for one, deciding.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use uuid::Uuid;

use crate::auth::permission::{Can, DecideExemptions, Permission, RequestExemptions, ViewExemptions};
use crate::exemptions::forms::{Chosen, DecideForm, RequestForm};
use crate::exemptions::model::{ExemptionReason, Verdict};
use crate::exemptions::queries::{self, ChosenEntry, ExemptionRow, Wanted};
use crate::exemptions::{ExemptionId, service};
use crate::i18n::flash::Flash;
use crate::obligations::ObligationStatus;
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::web::error::{AppError, AppResult};
use crate::web::extract::{Path, Query};
use crate::web::filters;
use crate::web::form::{Form, FormErrors, SelectOption};
use crate::web::idempotency;
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::pagination::{PageLink, PageParams, Paged, Pager};
use crate::web::state::AppState;

/// `?tab=decided`; anything else is what waits.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    tab: String,
}

/// `exemptions/index.html`
#[derive(Template)]
#[template(path = "exemptions/index.html")]
struct IndexPage {
    layout: Layout,
    is_open: bool,
    /// Whether this person decides on the requests of others.
    is_judge: bool,
    me: UserId,
    waiting: i64,
    rows: Vec<ExemptionRow>,
    pager: Pager,
}

impl IndexPage {
    fn is_mine(&self, row: &ExemptionRow) -> bool {
        row.requested_by == self.me
    }

    /// Whether there is a row that this person may decide on.
    fn has_work(&self) -> bool {
        self.is_open && self.is_judge && self.rows.iter().any(|row| !self.is_mine(row))
    }
}

pub async fn index(
    layout: Layout,
    user: Can<ViewExemptions>,
    State(app): State<AppState>,
    Query(query): Query<ListQuery>,
    Query(params): Query<PageParams>,
) -> AppResult<Response> {
    let is_judge = user.can(Permission::DecideExemptions);
    let requested_by = (!is_judge).then_some(user.id);
    let is_open = query.tab != "decided";
    let (db, scope) = (&app.db, user.scope());
    let rows = if is_open {
        queries::page_open(db, scope, requested_by, params).await?
    } else {
        queries::page_decided(db, scope, requested_by, params).await?
    };
    let wanted = |is_open| Wanted {
        is_open,
        requested_by,
    };
    let waiting = queries::count(db, scope, wanted(true)).await?;
    let total = if is_open {
        waiting
    } else {
        queries::count(db, scope, wanted(false)).await?
    };
    let paged = Paged::new(rows, params, Some(total));
    let tab = if is_open { "tab=open" } else { "tab=decided" };
    Ok(Page(IndexPage {
        layout,
        is_open,
        is_judge,
        me: user.id,
        waiting,
        pager: paged.pager("/exemptions", tab),
        rows: paged.rows,
    })
    .into_response())
}

/// `exemptions/new.html`
#[derive(Template)]
#[template(path = "exemptions/new.html")]
struct NewPage {
    layout: Layout,
    /// Those that can be asked for.
    entries: Vec<ChosenEntry>,
    /// How many of the chosen have ended or were asked for before.
    left_out: usize,
    form: RequestForm,
    errors: FormErrors,
}

impl NewPage {
    async fn load(
        app: &AppState,
        layout: Layout,
        scope: StoreScope,
        form: RequestForm,
    ) -> AppResult<NewPage> {
        let ids = form.ids();
        let chosen = queries::list_chosen(&app.db, scope, &ids).await?;
        let can_be_asked = |entry: &ChosenEntry| entry.status == ObligationStatus::Open && !entry.is_asked;
        let (entries, others): (Vec<_>, Vec<_>) = chosen.into_iter().partition(can_be_asked);
        Ok(NewPage {
            layout,
            left_out: others.len(),
            entries,
            form,
            errors: FormErrors::default(),
        })
    }

    fn reasons(&self) -> Vec<SelectOption> {
        let t = self.layout.t.exemptions();
        let reasons = ExemptionReason::ALL.iter();
        reasons
            .map(|reason| SelectOption::new(reason, t.reason(*reason)))
            .collect()
    }
}

pub async fn new(
    layout: Layout,
    user: Can<RequestExemptions>,
    State(app): State<AppState>,
    Query(chosen): Query<Chosen>,
) -> AppResult<Response> {
    let form = RequestForm {
        idem_key: idempotency::new_key().to_string(),
        id: chosen.id,
        ..RequestForm::default()
    };
    let page = NewPage::load(&app, layout, user.scope(), form).await?;
    Ok(Page(page).into_response())
}

pub async fn create(
    layout: Layout,
    user: Can<RequestExemptions>,
    State(app): State<AppState>,
    Form(form): Form<RequestForm>,
) -> AppResult<Response> {
    let request = match form.validate() {
        Ok(request) => request,
        Err(errors) => {
            let page = NewPage::load(&app, layout, user.scope(), form).await?;
            return Page(NewPage { errors, ..page }).invalid();
        }
    };
    let key: Uuid = form
        .idem_key
        .parse()
        .map_err(|_| AppError::BadRequest("idem_key".to_owned()))?;
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if let Some(location) = idempotency::claim(&mut *tx, user.id, key, "/exemptions", now).await? {
        return Ok(redirect(location).into_response());
    }
    let count = service::request(&mut tx, &user, &form.ids(), &request, now).await?;
    tx.commit().await?;
    let flash = match count {
        0 => Flash::NothingToExempt,
        count => Flash::ExemptionsAsked { count },
    };
    Ok(redirect("/exemptions").with_flash(flash).into_response())
}

pub async fn decide(
    user: Can<DecideExemptions>,
    State(app): State<AppState>,
    Form(form): Form<DecideForm>,
) -> AppResult<Response> {
    let (ids, Some(verdict)) = (form.ids(), form.verdict()) else {
        return Ok(redirect("/exemptions")
            .with_flash(Flash::NothingTicked)
            .into_response());
    };
    if ids.is_empty() {
        return Ok(redirect("/exemptions")
            .with_flash(Flash::NothingTicked)
            .into_response());
    }
    let mut tx = app.db.begin().await?;
    let decided = service::decide(&mut tx, &user, &ids, (verdict, &form.answer()), app.clock.now()).await?;
    tx.commit().await?;
    let flash = Flash::ExemptionsDecided {
        is_approved: verdict == Verdict::Approve,
        done: decided.done,
        own: decided.own,
        left: decided.left,
    };
    Ok(redirect("/exemptions").with_flash(flash).into_response())
}

pub async fn withdraw(
    user: Can<RequestExemptions>,
    State(app): State<AppState>,
    Path(id): Path<ExemptionId>,
) -> AppResult<Response> {
    let mut tx = app.db.begin().await?;
    if !service::withdraw(&mut tx, &user, id, app.clock.now()).await? {
        return Err(AppError::NotFound);
    }
    tx.commit().await?;
    Ok(redirect("/exemptions")
        .with_flash(Flash::ExemptionWithdrawn)
        .into_response())
}
