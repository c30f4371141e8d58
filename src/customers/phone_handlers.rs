//! Adding and changing a customer's numbers, on the page that edits the customer.

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::auth::permission::{Can, EditArchive};
use crate::customers::form_handlers::EditPage;
use crate::customers::forms::PhoneForm;
use crate::customers::{CustomerId, PhoneId, queries, service};
use crate::db::is_unique_violation;
use crate::i18n::flash::Flash;
use crate::reviews;
use crate::web::error::{AppError, AppResult};
use crate::web::extract::Path;
use crate::web::form::{FieldError, Form, FormErrors};
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

/// A number that could not be saved, as it was typed.
pub struct PhoneProblem {
    /// `None`: the one being added.
    pub phone: Option<PhoneId>,
    pub number: String,
    pub errors: FormErrors,
}

pub async fn create(
    layout: Layout,
    user: Can<EditArchive>,
    State(app): State<AppState>,
    Path(id): Path<CustomerId>,
    Form(form): Form<PhoneForm>,
) -> AppResult<Response> {
    let (scope, now) = (user.scope(), app.clock.now());
    if queries::find(&app.db, scope, id).await?.is_none() {
        return Err(AppError::NotFound);
    }
    let area_code = queries::area_code(&app.db, scope).await?;
    let phone = match form.validate_new(area_code.as_deref()) {
        Ok(phone) => phone,
        Err(errors) => return invalid(&app, layout, &user, id, None, form, errors).await,
    };
    let mut tx = app.db.begin().await?;
    let added = service::add_phone(&mut tx, scope, user.actor(), id, &phone, now).await;
    if let Some(errors) = taken(&added) {
        return invalid(&app, layout, &user, id, None, form, errors).await;
    }
    added?;
    reviews::service::note_edit(&mut tx, &user, id, now).await?;
    tx.commit().await?;
    Ok(done(id))
}

pub async fn update(
    layout: Layout,
    user: Can<EditArchive>,
    State(app): State<AppState>,
    Path((id, phone_id)): Path<(CustomerId, PhoneId)>,
    Form(form): Form<PhoneForm>,
) -> AppResult<Response> {
    let (scope, now) = (user.scope(), app.clock.now());
    let Some(before) = queries::find_phone(&app.db, scope, id, phone_id).await? else {
        return Err(AppError::NotFound);
    };
    let area_code = queries::area_code(&app.db, scope).await?;
    let change = match form.validate(area_code.as_deref()) {
        Ok(change) => change,
        Err(errors) => return invalid(&app, layout, &user, id, Some(phone_id), form, errors).await,
    };
    let mut tx = app.db.begin().await?;
    let changed = service::update_phone(&mut tx, scope, user.actor(), id, &before, &change, now).await;
    if let Some(errors) = taken(&changed) {
        return invalid(&app, layout, &user, id, Some(phone_id), form, errors).await;
    }
    changed?;
    reviews::service::note_edit(&mut tx, &user, id, now).await?;
    tx.commit().await?;
    Ok(done(id))
}

/// One customer has a number once.
fn taken<T>(result: &sqlx::Result<T>) -> Option<FormErrors> {
    let error = result.as_ref().err()?;
    is_unique_violation(error, "phones_customer_number_key").then(|| {
        let mut errors = FormErrors::default();
        errors.add("number", FieldError::Taken);
        errors
    })
}

async fn invalid(
    app: &AppState,
    layout: Layout,
    user: &Can<EditArchive>,
    id: CustomerId,
    phone: Option<PhoneId>,
    form: PhoneForm,
    errors: FormErrors,
) -> AppResult<Response> {
    let problem = PhoneProblem {
        phone,
        number: form.number,
        errors,
    };
    let page = EditPage::load(app, layout, user.scope(), id, Some(problem)).await?;
    Page(page).invalid()
}

fn done(id: CustomerId) -> Response {
    redirect(format!("/customers/{id}/edit"))
        .with_flash(Flash::Saved)
        .into_response()
}
