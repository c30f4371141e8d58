//! Saving views, the form of one, and choosing columns.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use sqlx::PgConnection;

use crate::audit::{self, Entry};
use crate::auth::permission::{Can, Permission, Role, ViewArchive};
use crate::auth::session::CurrentUser;
use crate::i18n::flash::Flash;
use crate::views::ViewId;
use crate::views::forms::{ColumnsForm, NewViewForm, QueryForm, ViewForm, query};
use crate::views::queries::{self, Choice, View};
use crate::web::error::{AppError, AppResult};
use crate::web::extract::Path;
use crate::web::filters;
use crate::web::form::{Form, FormErrors, SelectOption};
use crate::web::idempotency;
use crate::web::layout::Layout;
use crate::web::list::ListName;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

/// `views/edit.html`
#[derive(Template)]
#[template(path = "views/edit.html")]
struct EditPage {
    layout: Layout,
    view: View,
    form: ViewForm,
    errors: FormErrors,
}

impl EditPage {
    fn may_share(&self) -> bool {
        self.layout.can(Permission::ManageViews)
    }

    fn roles(&self) -> Vec<SelectOption> {
        let t = self.layout.t.common();
        let readers = Role::ALL
            .iter()
            .filter(|role| Permission::ViewArchive.roles().contains(role));
        readers
            .map(|role| SelectOption::new(role, t.role(*role)))
            .collect()
    }
}

/// A view that this person sees and may change: what is not there for them is a 404, what others keep a 403.
async fn kept(app: &AppState, user: &CurrentUser, id: ViewId) -> AppResult<View> {
    let view = queries::find_visible(&app.db, user.scope(), user.id, id).await?;
    let view = view.ok_or(AppError::NotFound)?;
    if view.is_kept_by(user) {
        Ok(view)
    } else {
        Err(AppError::Forbidden(Permission::ManageViews))
    }
}

async fn record(
    db: &mut PgConnection,
    app: &AppState,
    user: &CurrentUser,
    action: &'static str,
    id: ViewId,
    list: ListName,
) -> sqlx::Result<()> {
    let entry = Entry {
        store: Some(user.store.id),
        actor: user.actor(),
        action,
        subject: "views",
        subject_id: Some(id.get()),
        change: &json!({ "list": list }),
    };
    audit::record(db, app.clock.now(), entry).await
}

pub async fn create(
    user: Can<ViewArchive>,
    State(app): State<AppState>,
    Form(form): Form<NewViewForm>,
) -> AppResult<Response> {
    let (Some(list), Some(key)) = (form.list(), form.idem_key()) else {
        return Err(AppError::BadRequest("list, idem_key".to_owned()));
    };
    let here = format!(
        "{}?{}",
        list.path(),
        if form.query.is_empty() {
            "view=all"
        } else {
            &form.query
        }
    );
    // The form is a panel of the list: a name that is missing or too long is said there.
    let Ok(input) = form.validate() else {
        return Ok(redirect(here).with_flash(Flash::ViewNeedsName).into_response());
    };
    let (scope, now) = (user.scope(), app.clock.now());
    let mut tx = app.db.begin().await?;
    if let Some(first) = idempotency::claim(&mut *tx, user.id, key, &here, now).await? {
        return Ok(redirect(first).into_response());
    }
    let id = queries::insert(&mut *tx, scope, list, &input, user.id, now).await?;
    let separator = if input.query.is_empty() { "" } else { "&" };
    let there = format!("{}?{}{separator}view={id}", list.path(), input.query);
    idempotency::settle(&mut *tx, user.id, key, &there).await?;
    record(&mut tx, &app, &user, "views.create", id, list).await?;
    tx.commit().await?;
    Ok(redirect(there)
        .with_flash(Flash::ViewSaved { name: input.name })
        .into_response())
}

pub async fn edit(
    layout: Layout,
    user: Can<ViewArchive>,
    State(app): State<AppState>,
    Path(id): Path<ViewId>,
) -> AppResult<Response> {
    let view = kept(&app, &user, id).await?;
    Ok(Page(EditPage {
        layout,
        form: ViewForm::of(&view),
        view,
        errors: FormErrors::default(),
    })
    .into_response())
}

pub async fn update(
    layout: Layout,
    user: Can<ViewArchive>,
    State(app): State<AppState>,
    Path(id): Path<ViewId>,
    Form(form): Form<ViewForm>,
) -> AppResult<Response> {
    let view = kept(&app, &user, id).await?;
    let may_share = user.can(Permission::ManageViews);
    let changed = match form.validate(&view, may_share) {
        Ok(changed) => changed,
        Err(errors) => {
            return Page(EditPage {
                layout,
                view,
                form,
                errors,
            })
            .invalid();
        }
    };
    let mut tx = app.db.begin().await?;
    if let Some(role) = changed.default_for {
        queries::clear_default(&mut *tx, user.scope(), view.list, role, id).await?;
    }
    if !queries::update(&mut *tx, user.scope(), &changed, form.version).await? {
        return Err(AppError::Conflict("views"));
    }
    record(&mut tx, &app, &user, "views.update", id, view.list).await?;
    tx.commit().await?;
    Ok(redirect(changed.href())
        .with_flash(Flash::ViewSaved { name: changed.name })
        .into_response())
}

pub async fn update_query(
    user: Can<ViewArchive>,
    State(app): State<AppState>,
    Path(id): Path<ViewId>,
    Form(form): Form<QueryForm>,
) -> AppResult<Response> {
    let mut view = kept(&app, &user, id).await?;
    view.query = query(&form.query);
    let mut tx = app.db.begin().await?;
    queries::set_query(&mut *tx, user.scope(), id, &view.query).await?;
    record(&mut tx, &app, &user, "views.update", id, view.list).await?;
    tx.commit().await?;
    Ok(redirect(view.href())
        .with_flash(Flash::ViewSaved { name: view.name })
        .into_response())
}

pub async fn delete(
    user: Can<ViewArchive>,
    State(app): State<AppState>,
    Path(id): Path<ViewId>,
) -> AppResult<Response> {
    let view = kept(&app, &user, id).await?;
    let mut tx = app.db.begin().await?;
    queries::delete(&mut *tx, user.scope(), id).await?;
    record(&mut tx, &app, &user, "views.delete", id, view.list).await?;
    tx.commit().await?;
    Ok(redirect(format!("{}?view=all", view.list.path()))
        .with_flash(Flash::ViewDeleted { name: view.name })
        .into_response())
}

pub async fn choose_columns(
    user: Can<ViewArchive>,
    State(app): State<AppState>,
    Form(form): Form<ColumnsForm>,
) -> AppResult<Response> {
    let Ok(list) = form.list.parse::<ListName>() else {
        return Err(AppError::BadRequest("list".to_owned()));
    };
    let mut choice = queries::find_choice(&app.db, user.id, list)
        .await?
        .unwrap_or_default();
    choice.is_dense = form.density == "compact";
    let view = match form.view.parse::<ViewId>() {
        Ok(id) => queries::find_visible(&app.db, user.scope(), user.id, id).await?,
        Err(_) => None,
    };
    let mut tx = app.db.begin().await?;
    match view {
        // The columns of a view are part of it; of one that others keep they stay as they are.
        Some(view) if view.is_kept_by(&user) => {
            queries::set_columns(&mut *tx, user.scope(), view.id, &form.columns()).await?;
            record(&mut tx, &app, &user, "views.update", view.id, list).await?;
        }
        Some(view) if !view.columns.is_empty() => {}
        Some(_) | None => {
            choice = Choice {
                columns: form.columns(),
                ..choice
            }
        }
    }
    queries::save_choice(&mut *tx, user.id, list, &choice).await?;
    tx.commit().await?;
    Ok(redirect(form.next(list)).into_response())
}
