//! Adding and changing cars.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::auth::permission::{Can, EditArchive, Permission};
use crate::customers;
use crate::customers::CustomerId;
use crate::db::is_unique_violation;
use crate::i18n::flash::Flash;
use crate::vehicles::forms::VehicleForm;
use crate::vehicles::handlers::roles;
use crate::vehicles::model::Vehicle;
use crate::vehicles::queries::SameCar;
use crate::vehicles::{PersonRole, VehicleId, VehicleState, VehicleUsage, WarrantyKind, queries, service};
use crate::web::error::{AppError, AppResult};
use crate::web::extract::{Path, Query};
use crate::web::filters;
use crate::web::form::{FieldError, Form, FormErrors, SelectOption};
use crate::web::idempotency;
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

/// `vehicles/form.html`, for a new car and for an existing one.
#[derive(Template)]
#[template(path = "vehicles/form.html")]
struct FormPage {
    layout: Layout,
    /// The car being changed; `None` for a new one.
    car: Option<Vehicle>,
    /// Whose car it is to be: number and name.
    customer: Option<(CustomerId, String)>,
    form: VehicleForm,
    errors: FormErrors,
    existing: Vec<SameCar>,
}

impl FormPage {
    /// The VIN on file is named masked, never filled in.
    fn vin_hint(&self) -> String {
        let vin = self.car.as_ref().and_then(|car| car.vin.as_deref());
        vin.map(|vin| self.layout.t.vehicles().keep_hint(self.layout.fmt.vin(vin)))
            .unwrap_or_default()
    }

    fn usages(&self) -> Vec<SelectOption> {
        let t = self.layout.t.vehicles();
        VehicleUsage::ALL
            .iter()
            .map(|usage| SelectOption::new(usage, t.usage(*usage)))
            .collect()
    }

    fn states(&self) -> Vec<SelectOption> {
        let t = self.layout.t.vehicles();
        VehicleState::ALL
            .iter()
            .map(|state| SelectOption::new(state, t.state(*state)))
            .collect()
    }

    fn warranty_kinds(&self) -> Vec<SelectOption> {
        let t = self.layout.t.vehicles();
        WarrantyKind::ALL
            .iter()
            .map(|kind| SelectOption::new(kind, t.warranty_kind(*kind)))
            .collect()
    }

    fn roles(&self) -> Vec<SelectOption> {
        roles(&self.layout)
    }
}

/// `?customer=` of a new car.
#[derive(Deserialize)]
pub struct NewQuery {
    customer: CustomerId,
}

pub async fn new(
    layout: Layout,
    user: Can<EditArchive>,
    State(app): State<AppState>,
    Query(query): Query<NewQuery>,
) -> AppResult<Response> {
    let found = customers::queries::find(&app.db, user.scope(), query.customer).await?;
    let customer = found.ok_or(AppError::NotFound)?;
    Ok(Page(FormPage {
        layout,
        car: None,
        form: VehicleForm::fresh(customer.id),
        customer: Some((customer.id, customer.name)),
        errors: FormErrors::default(),
        existing: Vec::new(),
    })
    .into_response())
}

pub async fn create(
    layout: Layout,
    user: Can<EditArchive>,
    State(app): State<AppState>,
    Form(form): Form<VehicleForm>,
) -> AppResult<Response> {
    let (scope, now) = (user.scope(), app.clock.now());
    let bad = || AppError::BadRequest("no key or customer".to_owned());
    let key = form.idem_key().ok_or_else(bad)?;
    let customer: CustomerId = form.customer_id.parse().map_err(|_| bad())?;
    let found = customers::queries::find(&app.db, scope, customer).await?;
    let customer = found.ok_or(AppError::NotFound)?;
    let person = (customer.id, form.role.parse().unwrap_or(PersonRole::Owner));
    let mut page = FormPage {
        layout,
        car: None,
        customer: Some((customer.id, customer.name)),
        form,
        errors: FormErrors::default(),
        existing: Vec::new(),
    };
    let input = match page.form.validate(None) {
        Ok(input) => input,
        Err(errors) => return Page(FormPage { errors, ..page }).invalid(),
    };
    let mut tx = app.db.begin().await?;
    if let Some(location) = idempotency::claim(&mut *tx, user.id, key, "/customers", now).await? {
        return Ok(redirect(location).into_response());
    }
    let (vin, plate) = (input.vin.as_deref(), input.plate.as_deref());
    page.existing = queries::list_same(&app.db, scope, vin, plate, None).await?;
    if blocks(&page.existing, page.form.is_anyway()) {
        return Page(page).invalid();
    }
    let made = service::create(&mut tx, scope, user.actor(), &input, Some(person), now).await;
    if let Some(errors) = taken(&made) {
        return Page(FormPage { errors, ..page }).invalid();
    }
    let location = format!("/vehicles/{}", made?);
    idempotency::settle(&mut *tx, user.id, key, &location).await?;
    tx.commit().await?;
    Ok(redirect(location).with_flash(Flash::Saved).into_response())
}

pub async fn edit(
    layout: Layout,
    user: Can<EditArchive>,
    State(app): State<AppState>,
    Path(id): Path<VehicleId>,
) -> AppResult<Response> {
    let found = queries::find(&app.db, user.scope(), id).await?;
    let car = found.ok_or(AppError::NotFound)?;
    Ok(Page(FormPage {
        layout,
        form: VehicleForm::of(&car),
        car: Some(car),
        customer: None,
        errors: FormErrors::default(),
        existing: Vec::new(),
    })
    .into_response())
}

pub async fn update(
    layout: Layout,
    user: Can<EditArchive>,
    State(app): State<AppState>,
    Path(id): Path<VehicleId>,
    Form(form): Form<VehicleForm>,
) -> AppResult<Response> {
    let (scope, now) = (user.scope(), app.clock.now());
    let before = queries::find(&app.db, scope, id)
        .await?
        .ok_or(AppError::NotFound)?;
    let checked = form.validate(before.vin.as_deref());
    let version = form.version;
    let page = FormPage {
        layout,
        car: Some(before),
        customer: None,
        form,
        errors: FormErrors::default(),
        existing: Vec::new(),
    };
    let input = match checked {
        Ok(input) => input,
        Err(errors) => return Page(FormPage { errors, ..page }).invalid(),
    };
    let (vin, plate) = (input.vin.as_deref(), input.plate.as_deref());
    let existing = queries::list_same(&app.db, scope, vin, plate, Some(id)).await?;
    if blocks(&existing, page.form.is_anyway()) {
        return Page(FormPage { existing, ..page }).invalid();
    }
    let mut tx = app.db.begin().await?;
    let before = page.car.as_ref().ok_or(AppError::NotFound)?;
    let changed = service::update(&mut tx, scope, user.actor(), before, version, &input, now).await;
    if let Some(errors) = taken(&changed) {
        return Page(FormPage { errors, ..page }).invalid();
    }
    if !changed? {
        return Err(AppError::Conflict("vehicle changed meanwhile"));
    }
    tx.commit().await?;
    Ok(redirect(format!("/vehicles/{id}"))
        .with_flash(Flash::Saved)
        .into_response())
}

/// The same VIN is the same car; the same plate may have been carried over, if the person says so.
fn blocks(existing: &[SameCar], is_anyway: bool) -> bool {
    existing.iter().any(|car| car.is_same_vin || !is_anyway)
}

/// Somebody saved the same VIN in this very moment.
fn taken<T>(result: &sqlx::Result<T>) -> Option<FormErrors> {
    let error = result.as_ref().err()?;
    is_unique_violation(error, "vehicles_vin_key").then(|| {
        let mut errors = FormErrors::default();
        errors.add("vin", FieldError::Taken);
        errors
    })
}
