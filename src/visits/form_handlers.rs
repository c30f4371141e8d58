//! Recording and changing visits.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::auth::permission::{Can, EditArchive, Permission};
use crate::customers::{self, CustomerId};
use crate::db::is_unique_violation;
use crate::i18n::flash::Flash;
use crate::stores::StoreScope;
use crate::vehicles::{self, VehicleId};
use crate::visits::forms::{Known, VisitForm};
use crate::visits::handlers::{kinds, states};
use crate::visits::model::{Staff, Visit};
use crate::visits::{Assembly, ItemKind, VisitId, queries, service, work_queries};
use crate::web::error::{AppError, AppResult};
use crate::web::extract::{Path, Query};
use crate::web::filters;
use crate::web::form::{FieldError, Form, FormErrors, SelectOption};
use crate::web::idempotency;
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

/// `visits/form.html`, for a new visit and for an existing one.
#[derive(Template)]
#[template(path = "visits/form.html")]
struct FormPage {
    layout: Layout,
    /// The visit being changed; `None` for a new one.
    visit: Option<Visit>,
    vehicle_id: VehicleId,
    vehicle: String,
    plate: Option<String>,
    form: VisitForm,
    errors: FormErrors,
    staff: Vec<Staff>,
    customers: Vec<(CustomerId, String)>,
    area_code: Option<String>,
}

impl FormPage {
    async fn load(
        app: &AppState,
        layout: Layout,
        scope: StoreScope,
        vehicle: VehicleId,
        visit: Option<Visit>,
    ) -> AppResult<FormPage> {
        let found = vehicles::queries::find(&app.db, scope, vehicle).await?;
        let car = found.ok_or(AppError::NotFound)?;
        let mut customers = queries::list_customers_of_vehicle(&app.db, scope, vehicle).await?;
        if let Some(visit) = &visit
            && !customers.iter().any(|(id, _)| *id == visit.customer_id)
        {
            customers.push((visit.customer_id, visit.customer.clone()));
        }
        let form = match &visit {
            Some(visit) => {
                let items = work_queries::list_items(&app.db, scope, visit.id).await?;
                VisitForm::of(visit, &layout.fmt).with_items(&items)
            }
            None => VisitForm::fresh(&layout.fmt, &customers),
        };
        let mut staff = queries::list_staff(&app.db, scope).await?;
        for (id, name) in visit.iter().flat_map(Visit::served_by) {
            // Who has left the store since stays in the visits they served.
            if !staff.iter().any(|person| person.id == id) {
                staff.push(Staff { id, name });
            }
        }
        Ok(FormPage {
            layout,
            visit,
            vehicle_id: vehicle,
            vehicle: car.name(),
            plate: car.plate,
            form,
            errors: FormErrors::default(),
            staff,
            customers,
            area_code: customers::queries::area_code(&app.db, scope).await?,
        })
    }

    fn known(&self) -> Known<'_> {
        Known {
            fmt: &self.layout.fmt,
            staff: &self.staff,
            customers: &self.customers,
            area_code: self.area_code.as_deref(),
        }
    }

    fn kinds(&self) -> Vec<SelectOption> {
        kinds(&self.layout)
    }

    fn states(&self) -> Vec<SelectOption> {
        states(&self.layout)
    }

    fn assemblies(&self) -> Vec<SelectOption> {
        let t = self.layout.t.visits();
        let option = |part: &Assembly| SelectOption::new(part, t.assembly(*part));
        Assembly::ALL.iter().map(option).collect()
    }

    fn item_kinds(&self) -> Vec<SelectOption> {
        let t = self.layout.t.visits();
        let option = |kind: &ItemKind| SelectOption::new(kind, t.item_kind(*kind));
        ItemKind::ALL.iter().map(option).collect()
    }

    fn row_error(&self, field: &str, row: &usize) -> Option<String> {
        self.layout.field_error(&self.errors, &format!("{field}_{row}"))
    }

    fn staff_options(&self) -> Vec<SelectOption> {
        let option = |person: &Staff| SelectOption::new(person.id, person.name.clone());
        self.staff.iter().map(option).collect()
    }

    fn customer_options(&self) -> Vec<SelectOption> {
        let option = |(id, name): &(CustomerId, String)| SelectOption::new(id, name.clone());
        self.customers.iter().map(option).collect()
    }
}

/// `?vehicle=` of a new visit.
#[derive(Deserialize)]
pub struct NewQuery {
    vehicle: VehicleId,
}

pub async fn new(
    layout: Layout,
    user: Can<EditArchive>,
    State(app): State<AppState>,
    Query(query): Query<NewQuery>,
) -> AppResult<Response> {
    let page = FormPage::load(&app, layout, user.scope(), query.vehicle, None).await?;
    Ok(Page(page).into_response())
}

pub async fn create(
    layout: Layout,
    user: Can<EditArchive>,
    State(app): State<AppState>,
    Form(form): Form<VisitForm>,
) -> AppResult<Response> {
    let (scope, now) = (user.scope(), app.clock.now());
    let bad = || AppError::BadRequest("no key or vehicle".to_owned());
    let key = form.idem_key().ok_or_else(bad)?;
    let vehicle: VehicleId = form.vehicle_id.parse().map_err(|_| bad())?;
    let page = FormPage::load(&app, layout, scope, vehicle, None).await?;
    let page = FormPage { form, ..page };
    if page.form.wants_rows() {
        return Ok(Page(page).into_response());
    }
    let input = match page.form.validate(&page.known()) {
        Ok(input) => input,
        Err(errors) => return Page(FormPage { errors, ..page }).invalid(),
    };
    let mut tx = app.db.begin().await?;
    if let Some(location) = idempotency::claim(&mut *tx, user.id, key, "/visits", now).await? {
        return Ok(redirect(location).into_response());
    }
    let made = service::create(&mut tx, scope, user.actor(), vehicle, &input, now).await;
    if let Some(errors) = taken(&made) {
        return Page(FormPage { errors, ..page }).invalid();
    }
    let location = format!("/visits/{}", made?);
    idempotency::settle(&mut *tx, user.id, key, &location).await?;
    tx.commit().await?;
    Ok(redirect(location).with_flash(Flash::Saved).into_response())
}

pub async fn edit(
    layout: Layout,
    user: Can<EditArchive>,
    State(app): State<AppState>,
    Path(id): Path<VisitId>,
) -> AppResult<Response> {
    let found = queries::find(&app.db, user.scope(), id).await?;
    let visit = found.ok_or(AppError::NotFound)?;
    let vehicle = visit.vehicle_id;
    let page = FormPage::load(&app, layout, user.scope(), vehicle, Some(visit)).await?;
    Ok(Page(page).into_response())
}

pub async fn update(
    layout: Layout,
    user: Can<EditArchive>,
    State(app): State<AppState>,
    Path(id): Path<VisitId>,
    Form(form): Form<VisitForm>,
) -> AppResult<Response> {
    let (scope, now) = (user.scope(), app.clock.now());
    let visit = queries::find(&app.db, scope, id)
        .await?
        .ok_or(AppError::NotFound)?;
    let (vehicle, version) = (visit.vehicle_id, form.version);
    let page = FormPage::load(&app, layout, scope, vehicle, Some(visit)).await?;
    let page = FormPage { form, ..page };
    if page.form.wants_rows() {
        return Ok(Page(page).into_response());
    }
    let input = match page.form.validate(&page.known()) {
        Ok(input) => input,
        Err(errors) => return Page(FormPage { errors, ..page }).invalid(),
    };
    let before = page.visit.as_ref().ok_or(AppError::NotFound)?;
    let mut tx = app.db.begin().await?;
    let changed = service::update(&mut tx, scope, user.actor(), before, version, &input, now).await;
    if let Some(errors) = taken(&changed) {
        return Page(FormPage { errors, ..page }).invalid();
    }
    if !changed? {
        return Err(AppError::Conflict("visit changed meanwhile"));
    }
    tx.commit().await?;
    Ok(redirect(format!("/visits/{id}"))
        .with_flash(Flash::Saved)
        .into_response())
}

/// A repair order number is there once in a store.
fn taken<T>(result: &sqlx::Result<T>) -> Option<FormErrors> {
    let error = result.as_ref().err()?;
    is_unique_violation(error, "visits_ro_number_key").then(|| {
        let mut errors = FormErrors::default();
        errors.add("ro_number", FieldError::Taken);
        errors
    })
}
