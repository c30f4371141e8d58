//! Adding and changing cars.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::audit;
use crate::auth::permission::{Can, EditArchive, Permission};
use crate::customers;
use crate::customers::CustomerId;
use crate::db::is_unique_violation;
use crate::drafts::{self, Note, Subject};
use crate::i18n::flash::Flash;
use crate::stores::StoreScope;
use crate::vehicles::forms::VehicleForm;
use crate::vehicles::handlers::roles;
use crate::vehicles::model::Vehicle;
use crate::vehicles::queries::SameCar;
use crate::vehicles::{PersonRole, VehicleId, VehicleState, VehicleUsage, WarrantyKind, queries, service};
use crate::web::conflict::{self, ConflictPage, Named};
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
    draft: Note,
}

fn edit_note(id: VehicleId) -> Note {
    Note::new(Subject::edit("vehicle", id), format!("/vehicles/{id}/edit"))
}

fn new_note(customer: CustomerId) -> Note {
    let page = format!("/vehicles/new?customer={customer}");
    Note::new(Subject::new("vehicle", customer), page)
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
    let (mut form, mut draft) = (VehicleForm::fresh(customer.id), new_note(customer.id));
    drafts::service::restore(&app.db, user.scope(), user.id, &mut form, &mut draft).await?;
    Ok(Page(FormPage {
        layout,
        car: None,
        form,
        customer: Some((customer.id, customer.name)),
        errors: FormErrors::default(),
        existing: Vec::new(),
        draft,
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
        draft: new_note(customer.id),
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
    drafts::queries::discard(&mut *tx, scope, user.id, &page.draft.subject).await?;
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
    let (mut form, mut draft) = (VehicleForm::of(&car), edit_note(id));
    drafts::service::restore(&app.db, user.scope(), user.id, &mut form, &mut draft).await?;
    Ok(Page(FormPage {
        layout,
        form,
        car: Some(car),
        customer: None,
        errors: FormErrors::default(),
        existing: Vec::new(),
        draft,
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
        draft: edit_note(id),
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
        tx.rollback().await?;
        return conflict(&app, page, scope, id).await;
    }
    drafts::queries::discard(&mut *tx, scope, user.id, &page.draft.subject).await?;
    tx.commit().await?;
    Ok(redirect(format!("/vehicles/{id}"))
        .with_flash(Flash::Saved)
        .into_response())
}

/// Somebody saved while the form was open: both versions side by side.
async fn conflict(app: &AppState, page: FormPage, scope: StoreScope, id: VehicleId) -> AppResult<Response> {
    let found = queries::find(&app.db, scope, id).await?;
    let is_there = |car: &Vehicle| car.merged_into_id.is_none() && car.erased_at.is_none();
    let Some(car) = found.filter(is_there) else {
        return Err(AppError::Conflict("vehicle was merged or erased meanwhile"));
    };
    let last = audit::queries::last_change(&app.db, scope, "vehicles", id.get()).await?;
    let last = last.ok_or(AppError::NotFound)?;
    let t = page.layout.t.vehicles();
    let fields = [
        Named::text("plate", t.plate()),
        Named::text("vin", t.vin()),
        Named::text("brand", t.brand()),
        Named::text("model", t.model()),
        Named::choice("usage", t.usage_label(), page.usages()),
        Named::choice("state", t.state_label(), page.states()),
        Named::text("delivered_on", t.delivered_on()),
        Named::text("warranty_ends_on", t.warranty_ends_on()),
        Named::text("warranty_km", t.warranty_km()),
        Named::choice("warranty_kind", t.warranty_kind_label(), page.warranty_kinds()),
        Named::text("extended_warranty_ends_on", t.extended_warranty_ends_on()),
        Named::text("extended_warranty_km", t.extended_warranty_km()),
        Named::text("first_maintenance_due_on", t.first_maintenance_due_on()),
        Named::tick("sold_here", t.sold_here(), &page.layout),
        Named::text("note", t.note()),
    ];
    let comparison = conflict::compare(&page.form, &page.form.base, &VehicleForm::of(&car), &fields);
    Ok(ConflictPage {
        layout: page.layout,
        title: car.name(),
        action: format!("/vehicles/{id}"),
        draft: page.draft,
        version: car.version,
        by: last.by,
        at: last.at,
        comparison,
    }
    .respond())
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
