//! Readings of a car and the people around it, on the page of the car.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::auth::permission::{Can, EditArchive};
use crate::customers;
use crate::customers::CustomerId;
use crate::customers::phone::Phone;
use crate::i18n::flash::Flash;
use crate::stores::StoreScope;
use crate::vehicles::forms::{PersonForm, ReadingForm};
use crate::vehicles::page::VehiclePage;
use crate::vehicles::service::{self, NewReading};
use crate::vehicles::{ReadingSource, VehicleId, facts, queries};
use crate::web::error::{AppError, AppResult};
use crate::web::extract::Path;
use crate::web::form::{FieldError, Form, FormErrors};
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

/// Customer numbers are shorter than phone numbers.
const MAX_CUSTOMER_DIGITS: usize = 9;

pub async fn add_reading(
    layout: Layout,
    user: Can<EditArchive>,
    State(app): State<AppState>,
    Path(id): Path<VehicleId>,
    Form(form): Form<ReadingForm>,
) -> AppResult<Response> {
    let (scope, now, today) = (user.scope(), app.clock.now(), layout.fmt.today());
    if queries::find(&app.db, scope, id).await?.is_none() {
        return Err(AppError::NotFound);
    }
    let (read_on, km) = match form.validate(today) {
        Ok(reading) => reading,
        Err(errors) => {
            let mut page = VehiclePage::load(&app, layout, scope, id, 1).await?;
            (page.reading, page.errors) = (form, errors);
            return Page(page).invalid();
        }
    };
    let new = NewReading {
        read_on,
        km,
        source: ReadingSource::Hand,
        visit: None,
    };
    let mut tx = app.db.begin().await?;
    service::record_reading(&mut tx, scope, user.actor(), id, new, today, now).await?;
    tx.commit().await?;
    Ok(done(id))
}

pub async fn add_person(
    layout: Layout,
    user: Can<EditArchive>,
    State(app): State<AppState>,
    Path(id): Path<VehicleId>,
    Form(form): Form<PersonForm>,
) -> AppResult<Response> {
    let (scope, now, today) = (user.scope(), app.clock.now(), layout.fmt.today());
    if queries::find(&app.db, scope, id).await?.is_none() {
        return Err(AppError::NotFound);
    }
    let mut errors = FormErrors::default();
    let role = errors.required_choice("role", &form.role);
    let customer = find_customer(&app, scope, &form.who, &mut errors).await?;
    let (Some(role), Some(customer)) = (role, customer) else {
        let mut page = VehiclePage::load(&app, layout, scope, id, 1).await?;
        (page.person, page.errors) = (form, errors);
        return Page(page).invalid();
    };
    let mut tx = app.db.begin().await?;
    service::add_person(&mut tx, scope, user.actor(), id, (customer, role), today, now).await?;
    tx.commit().await?;
    Ok(done(id))
}

/// The one customer that a typed number names; an error at the field otherwise.
async fn find_customer(
    app: &AppState,
    scope: StoreScope,
    typed: &str,
    errors: &mut FormErrors,
) -> AppResult<Option<CustomerId>> {
    let text = crate::text::clean(typed);
    if text.is_empty() {
        errors.add("who", FieldError::Required);
        return Ok(None);
    }
    if text.len() <= MAX_CUSTOMER_DIGITS
        && let Ok(id) = text.parse::<CustomerId>()
        && let Some(customer) = customers::queries::find(&app.db, scope, id).await?
        && customer.merged_into_id.is_none()
        && customer.erased_at.is_none()
    {
        return Ok(Some(id));
    }
    let area_code = customers::queries::area_code(&app.db, scope).await?;
    let found = match Phone::parse(&text, area_code.as_deref()) {
        Ok(phone) => customers::queries::list_by_phone(&app.db, scope, phone.as_str(), 2).await?,
        Err(_) => Vec::new(),
    };
    match found[..] {
        [customer] => return Ok(Some(customer)),
        [] => errors.add("who", crate::i18n::vehicles::nobody()),
        [..] => errors.add("who", crate::i18n::vehicles::several()),
    }
    Ok(None)
}

pub async fn end_person(
    layout: Layout,
    user: Can<EditArchive>,
    State(app): State<AppState>,
    Path((id, person)): Path<(VehicleId, i64)>,
) -> AppResult<Response> {
    let (scope, now, today) = (user.scope(), app.clock.now(), layout.fmt.today());
    let mut tx = app.db.begin().await?;
    if !queries::end_person(&mut *tx, scope, id, person, today).await? {
        return Err(AppError::NotFound);
    }
    facts::refresh(&mut *tx, scope, Some(&[id.get()]), now).await?;
    let change = json!({ "person_id": person });
    service::record(
        &mut tx,
        scope,
        user.actor(),
        "vehicles.end_person",
        id,
        &change,
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(done(id))
}

fn done(id: VehicleId) -> Response {
    redirect(format!("/vehicles/{id}"))
        .with_flash(Flash::Saved)
        .into_response()
}
