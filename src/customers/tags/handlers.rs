//! Choosing a customer's tags, on the customer's page.

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::auth::permission::{Can, EditArchive};
use crate::customers::CustomerId;
use crate::customers::page::{CustomerPage, View};
use crate::customers::tags::forms::TagForm;
use crate::customers::tags::{queries, service};
use crate::i18n::flash::Flash;
use crate::web::error::{AppError, AppResult};
use crate::web::extract::Path;
use crate::web::form::{FieldError, Form, FormErrors};
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

/// More is no dictionary any more: nobody finds the right one.
const MAX_TAGS: i64 = 100;

pub async fn update(
    layout: Layout,
    user: Can<EditArchive>,
    State(app): State<AppState>,
    Path(id): Path<CustomerId>,
    Form(form): Form<TagForm>,
) -> AppResult<Response> {
    let (scope, now) = (user.scope(), app.clock.now());
    let checked = match form.validate() {
        Ok(choice) if choice.new_name.is_some() && queries::count(&app.db, scope).await? >= MAX_TAGS => {
            let mut errors = FormErrors::default();
            errors.add("new_tag", FieldError::OutOfRange(0, MAX_TAGS));
            Err(errors)
        }
        other => other,
    };
    let choice = match checked {
        Ok(choice) => choice,
        Err(errors) => {
            let page = CustomerPage::load(&app.db, layout, scope, id, View::default()).await?;
            return Page(page.with_tag_problem(form, errors)).invalid();
        }
    };
    let mut tx = app.db.begin().await?;
    if !service::set(&mut tx, scope, user.actor(), id, &choice, now).await? {
        return Err(AppError::NotFound);
    }
    tx.commit().await?;
    Ok(redirect(format!("/customers/{id}#tags"))
        .with_flash(Flash::Saved)
        .into_response())
}
