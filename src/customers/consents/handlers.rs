//! The ledger of a customer's consents, with the form that adds a row.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::auth::permission::{Can, EditArchive, Permission, ViewArchive};
use crate::customers::consents::forms::ConsentForm;
use crate::customers::consents::model::{Consent, Standing, standings};
use crate::customers::consents::{ConsentChannel, queries, service};
use crate::customers::model::Customer;
use crate::customers::{self, CustomerId};
use crate::i18n::flash::Flash;
use crate::stores::StoreScope;
use crate::web::error::{AppError, AppResult};
use crate::web::extract::{Path, Query};
use crate::web::filters;
use crate::web::form::{Form, FormErrors, SelectOption};
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::pagination::{PageLink, PageParams, Paged, Pager};
use crate::web::state::AppState;

/// `customers/consents.html`
#[derive(Template)]
#[template(path = "customers/consents.html")]
struct ConsentsPage {
    layout: Layout,
    customer: Customer,
    standings: Vec<Standing>,
    rows: Vec<Consent>,
    pager: Pager,
    form: ConsentForm,
    errors: FormErrors,
}

impl ConsentsPage {
    async fn load(
        app: &AppState,
        layout: Layout,
        scope: StoreScope,
        id: CustomerId,
        params: PageParams,
    ) -> AppResult<ConsentsPage> {
        let Some(customer) = customers::queries::find(&app.db, scope, id).await? else {
            return Err(AppError::NotFound);
        };
        let rows = queries::page(&app.db, scope, id, params).await?;
        let paged = Paged::new(rows, params, None);
        Ok(ConsentsPage {
            standings: standings(queries::list_current(&app.db, scope, id).await?),
            pager: paged.pager(&format!("/customers/{id}/consents"), ""),
            rows: paged.rows,
            form: ConsentForm::default(),
            errors: FormErrors::default(),
            layout,
            customer,
        })
    }

    fn channels(&self) -> Vec<SelectOption> {
        let t = self.layout.t.customers();
        // An import brings its own.
        let by_hand = ConsentChannel::ALL
            .iter()
            .filter(|channel| **channel != ConsentChannel::Import);
        by_hand
            .map(|channel| SelectOption::new(channel, t.consent_channel(*channel)))
            .collect()
    }

    fn purposes(&self) -> Vec<SelectOption> {
        let t = self.layout.t.customers();
        self.standings
            .iter()
            .map(|standing| SelectOption::new(standing.purpose, t.purpose(standing.purpose)))
            .collect()
    }

    fn is_editable(&self) -> bool {
        self.layout.can(Permission::EditArchive) && self.customer.is_live()
    }
}

pub async fn index(
    layout: Layout,
    user: Can<ViewArchive>,
    State(app): State<AppState>,
    Path(id): Path<CustomerId>,
    Query(params): Query<PageParams>,
) -> AppResult<Response> {
    let page = ConsentsPage::load(&app, layout, user.scope(), id, params).await?;
    Ok(Page(page).into_response())
}

pub async fn create(
    layout: Layout,
    user: Can<EditArchive>,
    State(app): State<AppState>,
    Path(id): Path<CustomerId>,
    Form(form): Form<ConsentForm>,
) -> AppResult<Response> {
    let (scope, now) = (user.scope(), app.clock.now());
    let decision = match form.validate() {
        Ok(decision) => decision,
        Err(errors) => {
            let page = ConsentsPage::load(&app, layout, scope, id, PageParams::default()).await?;
            return Page(ConsentsPage { form, errors, ..page }).invalid();
        }
    };
    let is_given = decision.is_given;
    let mut tx = app.db.begin().await?;
    let Some(news) = service::record(&mut tx, scope, user.actor(), id, &decision, now).await? else {
        return Err(AppError::NotFound);
    };
    if !news.is_empty() {
        customers::queries::touch(&mut *tx, scope, id, Some(user.id), now).await?;
        customers::facts::refresh(&mut *tx, scope, Some(&[id.get()])).await?;
    }
    tx.commit().await?;
    let flash = if is_given {
        Flash::ConsentGiven
    } else {
        Flash::ConsentWithdrawn
    };
    Ok(redirect(format!("/customers/{id}"))
        .with_flash(flash)
        .into_response())
}
