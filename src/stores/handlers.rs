//! The list of stores, new stores, and entering another one.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use crate::audit::{self, Entry};
use crate::auth;
use crate::auth::permission::{Can, ManageStores, Permission, SwitchStore};
use crate::auth::session::Visitor;
use crate::db::OnConstraint;
use crate::i18n::flash::Flash;
use crate::stores::changes::StoreError;
use crate::stores::forms::{EnterForm, NewStoreForm};
use crate::stores::queries::{self, Store};
use crate::stores::service;
use crate::web::error::{AppError, AppResult};
use crate::web::filters;
use crate::web::form::{FieldError, Form, FormErrors};
use crate::web::idempotency;
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

impl From<StoreError> for AppError {
    /// What no form can show; `Taken` and `LastStore` are shown before it comes to this.
    fn from(error: StoreError) -> AppError {
        match error {
            StoreError::Conflict => AppError::Conflict("stores"),
            StoreError::NotFound => AppError::NotFound,
            StoreError::Taken | StoreError::LastStore => AppError::BadRequest(error.to_string()),
            StoreError::Sqlx(error) => error.into(),
        }
    }
}

/// The list of stores.
#[derive(Template)]
#[template(path = "stores/index.html")]
pub struct IndexPage {
    layout: Layout,
    stores: Vec<Store>,
}

pub async fn index(
    layout: Layout,
    user: Can<ManageStores>,
    State(app): State<AppState>,
) -> AppResult<Page<IndexPage>> {
    let stores = queries::list(&app.db, user.scope(), user.is_group_wide).await?;
    Ok(Page(IndexPage { layout, stores }))
}

/// The form of a new store.
#[derive(Template)]
#[template(path = "stores/new.html")]
pub struct NewPage {
    layout: Layout,
    values: NewStoreForm,
    errors: FormErrors,
}

/// Stores are opened by the group.
fn demand_group_wide(user: &Can<ManageStores>) -> AppResult<()> {
    match user.is_group_wide {
        true => Ok(()),
        false => Err(AppError::Forbidden(Permission::ManageStores)),
    }
}

pub async fn new(layout: Layout, user: Can<ManageStores>) -> AppResult<Page<NewPage>> {
    demand_group_wide(&user)?;
    let values = NewStoreForm {
        idem_key: idempotency::new_key().to_string(),
        ..NewStoreForm::default()
    };
    Ok(Page(NewPage {
        layout,
        values,
        errors: FormErrors::default(),
    }))
}

pub async fn create(
    layout: Layout,
    user: Can<ManageStores>,
    State(app): State<AppState>,
    Form(values): Form<NewStoreForm>,
) -> AppResult<Response> {
    demand_group_wide(&user)?;
    let new = match values.validate() {
        Ok(new) => new,
        Err(errors) => {
            return Page(NewPage {
                layout,
                values,
                errors,
            })
            .invalid();
        }
    };
    let key: Uuid = values
        .idem_key
        .parse()
        .map_err(|_| AppError::BadRequest("idem_key".to_owned()))?;
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if let Some(location) = idempotency::claim(&mut *tx, user.id, key, "/stores", now).await? {
        return Ok(redirect(location).into_response());
    }
    let opened = service::open(&mut tx, &new.code, &new.name, user.actor(), now)
        .await
        .on_constraint("stores_code_key", |_| StoreError::Taken);
    let store = match opened {
        Ok(store) => store,
        Err(StoreError::Taken) => {
            let mut errors = FormErrors::default();
            errors.add("store_code", FieldError::Taken);
            return Page(NewPage {
                layout,
                values,
                errors,
            })
            .invalid();
        }
        Err(other) => return Err(other.into()),
    };
    let location = format!("/stores/{store}");
    idempotency::settle(&mut *tx, user.id, key, &location).await?;
    tx.commit().await?;
    Ok(redirect(location)
        .with_flash(Flash::StoreOpened { name: new.name })
        .into_response())
}

pub async fn enter(
    user: Can<SwitchStore>,
    visitor: Visitor,
    State(app): State<AppState>,
    Form(form): Form<EnterForm>,
) -> AppResult<Response> {
    let (Some(store), Some(session)) = (form.store(), visitor.token_hash()) else {
        return Err(AppError::NotFound);
    };
    let choices = queries::list_choices_any_store(&app.db, store).await?;
    let chosen = choices.into_iter().find(|choice| choice.is_current);
    let Some(chosen) = chosen else {
        return Err(AppError::NotFound);
    };
    let mut tx = app.db.begin().await?;
    auth::queries::set_session_store(&mut *tx, session, store).await?;
    let entry = Entry {
        store: Some(store),
        actor: user.actor(),
        action: "stores.enter",
        subject: "stores",
        subject_id: Some(store.get()),
        change: &serde_json::json!({}),
    };
    audit::record(&mut *tx, app.clock.now(), entry).await?;
    tx.commit().await?;
    Ok(redirect(form.next())
        .with_flash(Flash::StoreEntered { name: chosen.name })
        .into_response())
}
