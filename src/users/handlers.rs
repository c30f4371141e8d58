//! New people, a person's page, one-time links.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::auth::permission::{Can, ManageUsers, Permission, Role};
use crate::auth::session::CurrentUser;
use crate::i18n::Texts;
use crate::i18n::flash::Flash;
use crate::users::UserId;
use crate::users::forms::{ALL_STORES, MembershipForm, PersonForm, StateForm, version};
use crate::users::model::{Person, Reach, STORE_ROLES};
use crate::users::queries::{self, MembershipRow};
use crate::users::service::{self, PersonError};
use crate::web::error::{AppError, AppResult};
use crate::web::extract::Path;
use crate::web::filters;
use crate::web::form::{Form, FormErrors, SelectOption};
use crate::web::idempotency;
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

impl From<PersonError> for AppError {
    /// What no page of a form can show; `Invalid` and `Refused` are shown before it comes to this.
    fn from(error: PersonError) -> AppError {
        match error {
            PersonError::NotFound => AppError::NotFound,
            PersonError::Conflict => AppError::Conflict("users"),
            PersonError::Invalid(_) | PersonError::Refused(_) => AppError::BadRequest(error.to_string()),
            PersonError::Sqlx(error) => error.into(),
            PersonError::Internal(error) => AppError::Internal(error),
        }
    }
}

/// The form of a new person.
#[derive(Template)]
#[template(path = "users/new.html")]
pub struct NewPage {
    layout: Layout,
    values: PersonForm,
    errors: FormErrors,
    choices: Choices,
}

/// What the selects of a person's form offer.
struct Choices {
    roles: Vec<SelectOption>,
    departments: Vec<SelectOption>,
    /// Empty for a store admin, whose people work in the own store.
    stores: Vec<SelectOption>,
}

fn role_options(roles: &[Role], t: Texts) -> Vec<SelectOption> {
    let options = roles.iter();
    options
        .map(|role| SelectOption::new(role, t.common().role(*role)))
        .collect()
}

async fn new_choices(app: &AppState, layout: &Layout) -> sqlx::Result<Choices> {
    let is_group_wide = layout.user.is_group_wide;
    let departments = queries::list_departments(&app.db, layout.user.scope(), is_group_wide, None).await?;
    let mut roles = role_options(STORE_ROLES, layout.t);
    let mut stores: Vec<SelectOption> = Vec::new();
    if is_group_wide {
        roles.push(SelectOption::new(
            Role::Group,
            layout.t.common().role(Role::Group),
        ));
        stores.extend(
            layout
                .stores
                .iter()
                .map(|store| SelectOption::new(store.id, &store.name)),
        );
        stores.push(SelectOption::new(ALL_STORES, layout.t.users().all_stores()));
    }
    let name = |d: &queries::DepartmentChoice| match is_group_wide {
        true => format!("{} · {}", d.store_name, d.name),
        false => d.name.clone(),
    };
    Ok(Choices {
        roles,
        departments: departments
            .iter()
            .map(|d| SelectOption::new(d.id, name(d)))
            .collect(),
        stores,
    })
}

pub async fn new(
    layout: Layout,
    user: Can<ManageUsers>,
    State(app): State<AppState>,
) -> AppResult<Page<NewPage>> {
    let values = PersonForm {
        idem_key: idempotency::new_key().to_string(),
        store_id: user.store.id.to_string(),
        ..PersonForm::default()
    };
    Ok(Page(NewPage {
        choices: new_choices(&app, &layout).await?,
        values,
        errors: FormErrors::default(),
        layout,
    }))
}

pub async fn create(
    layout: Layout,
    user: Can<ManageUsers>,
    State(app): State<AppState>,
    Form(values): Form<PersonForm>,
) -> AppResult<Response> {
    let own_store = (!user.is_group_wide).then_some(user.store.id);
    let made = match values.validate_new(own_store) {
        Ok((account, place)) => {
            let now = app.clock.now();
            let mut tx = app.db.begin().await?;
            if let Some(location) = seen_before(&mut tx, &user, &values.idem_key, now).await? {
                return Ok(redirect(location).into_response());
            }
            match service::create(&mut tx, &user, &account, place, now).await {
                Ok(path) => {
                    tx.commit().await?;
                    return Ok(to_link(account.display_name, path));
                }
                Err(PersonError::Invalid(errors)) => errors,
                Err(other) => return Err(other.into()),
            }
        }
        Err(errors) => errors,
    };
    Page(NewPage {
        choices: new_choices(&app, &layout).await?,
        values,
        errors: made,
        layout,
    })
    .invalid()
}

/// A form sent twice is led to the list: the link was shown to whoever sent it first.
async fn seen_before(
    tx: &mut sqlx::PgConnection,
    user: &CurrentUser,
    key: &str,
    now: DateTime<Utc>,
) -> AppResult<Option<String>> {
    let key: Uuid = key
        .parse()
        .map_err(|_| AppError::BadRequest("idem_key".to_owned()))?;
    Ok(idempotency::claim(tx, user.id, key, "/users", now).await?)
}

/// The link travels in the session's one-shot message, never in an address.
fn to_link(name: String, path: String) -> Response {
    redirect("/users/link")
        .with_flash(Flash::OneTimeLink { name, path })
        .into_response()
}

/// The one-time link, shown once.
#[derive(Template)]
#[template(path = "users/link.html")]
pub struct LinkPage {
    layout: Layout,
    name: String,
    url: String,
}

pub async fn link(
    layout: Layout,
    _user: Can<ManageUsers>,
    State(app): State<AppState>,
) -> AppResult<Response> {
    match layout.flash.clone() {
        Some(Flash::OneTimeLink { name, path }) => Ok(Page(LinkPage {
            url: format!("{}{path}", app.public_url.origin()),
            name,
            layout,
        })
        .into_response()),
        Some(_) | None => Ok(redirect("/users").into_response()),
    }
}

/// A person: the form, the account's switches, for group-wide admins the other stores.
#[derive(Template)]
#[template(path = "users/show.html")]
pub struct ShowPage {
    layout: Layout,
    person: Person,
    values: PersonForm,
    errors: FormErrors,
    problem: Option<&'static str>,
    choices: Choices,
    memberships: Vec<MembershipRow>,
    join: JoinForm,
}

/// The form that adds a store to a person.
struct JoinForm {
    values: MembershipForm,
    errors: FormErrors,
    roles: Vec<SelectOption>,
}

impl ShowPage {
    /// Whether this admin may change the account, not only the role here.
    fn account_is_mine(&self) -> bool {
        self.person.account_is_in(Reach::of(&self.layout.user))
    }

    /// What to know about the role before changing it.
    fn role_hint(&self) -> &'static str {
        let t = self.layout.t.users();
        if self.is_myself() {
            t.own_role_hint()
        } else {
            t.role_change_hint()
        }
    }

    /// Nobody locks themselves out.
    fn is_myself(&self) -> bool {
        self.person.id == self.layout.user.id
    }

    async fn load(app: &AppState, layout: Layout, id: UserId) -> AppResult<ShowPage> {
        let reach = Reach::of(&layout.user);
        let person = queries::find(&app.db, reach, id)
            .await?
            .ok_or(AppError::NotFound)?;
        let departments =
            queries::list_departments(&app.db, reach.scope, false, person.department_id).await?;
        let (mut memberships, mut stores) = (Vec::new(), Vec::new());
        if reach.is_group_wide && !person.is_group_wide {
            memberships = queries::list_memberships_any_store(&app.db, id).await?;
            stores = queries::list_other_stores_any_store(&app.db, id).await?;
        }
        let choices = Choices {
            roles: role_options(person.possible_roles(), layout.t),
            departments: departments
                .into_iter()
                .map(|d| SelectOption::new(d.id, d.name))
                .collect(),
            stores: stores
                .into_iter()
                .map(|(id, name)| SelectOption::new(id, name))
                .collect(),
        };
        Ok(ShowPage {
            values: values_of(&person),
            errors: FormErrors::default(),
            problem: None,
            choices,
            memberships,
            join: JoinForm {
                values: MembershipForm::default(),
                errors: FormErrors::default(),
                roles: role_options(STORE_ROLES, layout.t),
            },
            person,
            layout,
        })
    }

    /// The page again with what went wrong; what it cannot show is an error page.
    fn refused(mut self, error: PersonError) -> AppResult<Response> {
        match error {
            PersonError::Invalid(errors) => self.errors = errors,
            PersonError::Refused(refusal) => {
                self.problem = Some(self.layout.t.users().refusal(refusal));
            }
            PersonError::NotFound
            | PersonError::Conflict
            | PersonError::Sqlx(_)
            | PersonError::Internal(_) => return Err(error.into()),
        }
        Page(self).invalid()
    }
}

fn values_of(person: &Person) -> PersonForm {
    PersonForm {
        version: person.version.to_string(),
        display_name: person.display_name.clone(),
        username: person.username.clone(),
        staff_number: person.staff_number.clone().unwrap_or_default(),
        role: person.role.to_string(),
        department_id: person.department_id.map(|id| id.to_string()).unwrap_or_default(),
        ..PersonForm::default()
    }
}

pub async fn show(
    layout: Layout,
    _user: Can<ManageUsers>,
    State(app): State<AppState>,
    Path(id): Path<UserId>,
) -> AppResult<Page<ShowPage>> {
    Ok(Page(ShowPage::load(&app, layout, id).await?))
}

pub async fn update(
    layout: Layout,
    user: Can<ManageUsers>,
    State(app): State<AppState>,
    Path(id): Path<UserId>,
    Form(values): Form<PersonForm>,
) -> AppResult<Response> {
    let mut page = ShowPage::load(&app, layout, id).await?;
    let is_group_wide = page.person.is_group_wide;
    page.values = values;
    if !page.account_is_mine() {
        let stored = values_of(&page.person);
        page.values.display_name = stored.display_name;
        page.values.username = stored.username;
        page.values.staff_number = stored.staff_number;
    }
    let change = match page
        .values
        .validate_change(page.person.possible_roles(), is_group_wide)
    {
        Ok(change) => change,
        Err(errors) => return page.refused(PersonError::Invalid(errors)),
    };
    let mut tx = app.db.begin().await?;
    match service::update(&mut tx, &user, id, &change, app.clock.now()).await {
        Ok(()) => tx.commit().await?,
        Err(error) => return page.refused(error),
    }
    Ok(redirect("/users").with_flash(Flash::Saved).into_response())
}

pub async fn set_state(
    layout: Layout,
    user: Can<ManageUsers>,
    State(app): State<AppState>,
    Path(id): Path<UserId>,
    Form(form): Form<StateForm>,
) -> AppResult<Response> {
    let is_active = match form.state.as_str() {
        "active" => true,
        "inactive" => false,
        other => return Err(AppError::BadRequest(format!("state {other:?}"))),
    };
    let mut tx = app.db.begin().await?;
    let version = version(&form.version);
    let person = match service::set_active(&mut tx, &user, id, version, is_active, app.clock.now()).await {
        Ok(person) => person,
        Err(error) => {
            tx.rollback().await?;
            return ShowPage::load(&app, layout, id).await?.refused(error);
        }
    };
    tx.commit().await?;
    let name = person.display_name;
    let flash = match is_active {
        true => Flash::PersonActive { name },
        false => Flash::PersonInactive { name },
    };
    Ok(redirect(format!("/users/{id}")).with_flash(flash).into_response())
}

pub async fn reset(
    layout: Layout,
    user: Can<ManageUsers>,
    State(app): State<AppState>,
    Path(id): Path<UserId>,
) -> AppResult<Response> {
    let mut tx = app.db.begin().await?;
    match service::reset(&mut tx, &user, id, app.clock.now()).await {
        Ok((person, path)) => {
            tx.commit().await?;
            Ok(to_link(person.display_name, path))
        }
        Err(error) => {
            tx.rollback().await?;
            ShowPage::load(&app, layout, id).await?.refused(error)
        }
    }
}

pub async fn add_to_store(
    layout: Layout,
    user: Can<ManageUsers>,
    State(app): State<AppState>,
    Path(id): Path<UserId>,
    Form(form): Form<MembershipForm>,
) -> AppResult<Response> {
    if !user.is_group_wide {
        return Err(AppError::Forbidden(Permission::SwitchStore));
    }
    let mut page = ShowPage::load(&app, layout, id).await?;
    let made = match form.validate() {
        Ok(member) => {
            let mut tx = app.db.begin().await?;
            match service::add_to_store(&mut tx, &user, id, member, app.clock.now()).await {
                Ok(_) => {
                    tx.commit().await?;
                    let done = redirect(format!("/users/{id}")).with_flash(Flash::Saved);
                    return Ok(done.into_response());
                }
                Err(PersonError::Invalid(errors)) => errors,
                Err(other) => return Err(other.into()),
            }
        }
        Err(errors) => errors,
    };
    page.join.values = form;
    page.join.errors = made;
    Page(page).invalid()
}
