//! Writes about people that are made of several statements.

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use sqlx::{Postgres, Transaction};

use crate::audit::{self, Actor, Entry};
use crate::auth;
use crate::auth::links::{self, LinkPurpose};
use crate::auth::password::{self, Hasher};
use crate::auth::permission::Role;
use crate::auth::session::CurrentUser;
use crate::stores::{self, StoreId};
use crate::users::forms::{AccountInput, PersonChange};
use crate::users::model::{Membership, Person, Place, Reach, Refusal, leaves_an_admin};
use crate::users::{UserId, queries};
use crate::web::form::{FieldError, FormErrors};

/// Why a person cannot be added on the command line.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    #[error("{0} works in one store: name it with --store")]
    NeedsStore(Role),
    #[error("{0} works over all stores: leave --store away")]
    GroupWide(Role),
    #[error("there is no store {0}")]
    NoSuchStore(String),
    #[error("there is already a person {0}")]
    Taken(String),
    #[error("the password must have {min} to {max} characters and not be easy to guess", min = password::MIN_LENGTH, max = password::MAX_LENGTH)]
    WeakPassword,
    #[error(transparent)]
    Sqlx(#[from] sqlx::Error),
    #[error(transparent)]
    Hash(#[from] anyhow::Error),
}

/// A person as given on the command line.
pub struct NewAccount<'a> {
    pub username: &'a str,
    pub role: Role,
    pub store_code: Option<&'a str>,
    pub password: &'a SecretString,
}

/// Adds a person who can sign in at once; the way in when everyone is locked out.
pub async fn add_with_password(
    tx: &mut Transaction<'_, Postgres>,
    new: NewAccount<'_>,
    hasher: &Hasher,
    now: DateTime<Utc>,
) -> Result<UserId, AddError> {
    let store = match (new.store_code, new.role) {
        (None, Role::Admin | Role::Group) => None,
        (None, role) => return Err(AddError::NeedsStore(role)),
        (Some(_), Role::Group) => return Err(AddError::GroupWide(new.role)),
        (Some(code), _) => {
            let store = stores::queries::find_by_code(&mut **tx, code).await?;
            Some(store.ok_or_else(|| AddError::NoSuchStore(code.to_owned()))?)
        }
    };
    if password::check_strength(new.password.expose_secret(), &[new.username]).is_err() {
        return Err(AddError::WeakPassword);
    }
    let phc = hasher.hash(new.password).await?;
    let username = new.username.to_lowercase();
    let group_role = store.is_none().then_some(new.role);
    let user = queries::insert(
        &mut **tx,
        &username,
        new.username,
        None,
        Some(&phc),
        group_role,
        now,
    )
    .await;
    let user = match user {
        Err(error) if crate::db::is_unique_violation(&error, "users_username_key") => {
            return Err(AddError::Taken(username));
        }
        other => other?,
    };
    if let Some(store) = store {
        queries::insert_membership(&mut **tx, store, user, new.role, None).await?;
    }
    record(tx, store, user, new.role, now).await?;
    Ok(user)
}

async fn record(
    tx: &mut Transaction<'_, Postgres>,
    store: Option<StoreId>,
    user: UserId,
    role: Role,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let change = json!({ "role": role });
    let entry = Entry {
        store,
        actor: Actor::System,
        action: "users.create",
        subject: "users",
        subject_id: Some(user.get()),
        change: &change,
    };
    audit::record(&mut **tx, now, entry).await
}

/// Why a change of a person was not made.
#[derive(Debug, thiserror::Error)]
pub enum PersonError {
    #[error("not found")]
    NotFound,
    #[error("somebody changed the person meanwhile")]
    Conflict,
    /// Shown at the field.
    #[error("invalid form")]
    Invalid(FormErrors),
    #[error("refused: {0:?}")]
    Refused(Refusal),
    #[error(transparent)]
    Sqlx(#[from] sqlx::Error),
    #[error(transparent)]
    Internal(#[from] anyhow::Error),
}

impl PersonError {
    fn at(field: &'static str, error: FieldError) -> PersonError {
        let mut errors = FormErrors::default();
        errors.add(field, error);
        PersonError::Invalid(errors)
    }

    /// What the database says about a username in use, a department or store of somewhere else.
    fn of_constraint(error: sqlx::Error) -> PersonError {
        match error.as_database_error().and_then(|error| error.constraint()) {
            Some("users_username_key") => PersonError::at("username", FieldError::Taken),
            Some("user_stores_department_fkey") => PersonError::at("department_id", FieldError::BadChoice),
            Some("user_stores_store_id_fkey") => PersonError::at("store_id", FieldError::BadChoice),
            Some("user_stores_pkey") => PersonError::at("store_id", FieldError::Taken),
            Some(_) | None => PersonError::Sqlx(error),
        }
    }
}

/// Creates a person without a password and the link that sets one; returns the link's path.
pub async fn create(
    tx: &mut Transaction<'_, Postgres>,
    by: &CurrentUser,
    account: &AccountInput,
    place: Place,
    now: DateTime<Utc>,
) -> Result<String, PersonError> {
    let group_role = match place {
        Place::AllStores(role) => Some(role),
        Place::Store(_) => None,
    };
    let user = queries::insert(
        &mut **tx,
        &account.username,
        &account.display_name,
        account.staff_number.as_deref(),
        None,
        group_role,
        now,
    )
    .await
    .map_err(PersonError::of_constraint)?;
    let (store, role) = match place {
        Place::AllStores(role) => (None, role),
        Place::Store(member) => {
            insert_member(tx, user, member).await?;
            (Some(member.store), member.role)
        }
    };
    let link = links::create(&mut **tx, LinkPurpose::NewPerson, Some(user), Some(by.id), now).await?;
    log(tx, by, store, "users.create", user, json!({ "role": role }), now).await?;
    Ok(link)
}

async fn insert_member(
    tx: &mut Transaction<'_, Postgres>,
    user: UserId,
    member: Membership,
) -> Result<(), PersonError> {
    queries::insert_membership(&mut **tx, member.store, user, member.role, member.department)
        .await
        .map_err(PersonError::of_constraint)
}

/// The person in reach, unchanged by others until the transaction ends.
async fn lock(tx: &mut Transaction<'_, Postgres>, reach: Reach, id: UserId) -> Result<Person, PersonError> {
    queries::lock(&mut **tx, id).await?;
    let person = queries::find(&mut **tx, reach, id).await?;
    person.ok_or(PersonError::NotFound)
}

/// Writes a changed person. A new role ends the person's sessions.
pub async fn update(
    tx: &mut Transaction<'_, Postgres>,
    by: &CurrentUser,
    id: UserId,
    change: &PersonChange,
    now: DateTime<Utc>,
) -> Result<(), PersonError> {
    let reach = Reach::of(by);
    let admins = queries::lock_admins(&mut **tx, reach.scope).await?;
    let person = lock(tx, reach, id).await?;
    let has_new_role = change.role != person.role;
    if has_new_role && id == by.id {
        return Err(PersonError::Refused(Refusal::Yourself));
    }
    if has_new_role && person.role == Role::Admin && !leaves_an_admin(&admins, id) {
        return Err(PersonError::Refused(Refusal::LastAdmin));
    }
    let is_current = if person.account_is_in(reach) {
        queries::update_account(&mut **tx, id, change.version, &change.account)
            .await
            .map_err(PersonError::of_constraint)?
    } else {
        queries::touch(&mut **tx, id, change.version).await?
    };
    if !is_current {
        return Err(PersonError::Conflict);
    }
    if person.is_group_wide {
        queries::set_group_role(&mut **tx, id, change.role).await?;
    } else {
        queries::update_membership(&mut **tx, reach.scope, id, change.role, change.department)
            .await
            .map_err(PersonError::of_constraint)?;
    }
    if has_new_role {
        auth::queries::delete_sessions_of(&mut **tx, id).await?;
    }
    let fields = changed_fields(&person, change);
    log(
        tx,
        by,
        store_of(&person, reach),
        "users.update",
        id,
        json!({ "fields": fields }),
        now,
    )
    .await?;
    Ok(())
}

/// Names only: values of people do not belong into the audit chain. A role is none.
fn changed_fields(person: &Person, change: &PersonChange) -> Vec<String> {
    let mut fields = Vec::new();
    for (name, is_changed) in [
        ("display_name", person.display_name != change.account.display_name),
        ("username", person.username != change.account.username),
        ("staff_number", person.staff_number != change.account.staff_number),
        ("department", person.department_id != change.department),
    ] {
        if is_changed {
            fields.push(name.to_owned());
        }
    }
    if person.role != change.role {
        fields.push(format!("role: {} → {}", person.role, change.role));
    }
    fields
}

/// Lets a person work here again, or no longer; the latter ends every session.
pub async fn set_active(
    tx: &mut Transaction<'_, Postgres>,
    by: &CurrentUser,
    id: UserId,
    version: i32,
    is_active: bool,
    now: DateTime<Utc>,
) -> Result<Person, PersonError> {
    let reach = Reach::of(by);
    let admins = queries::lock_admins(&mut **tx, reach.scope).await?;
    let person = lock(tx, reach, id).await?;
    if !is_active && id == by.id {
        return Err(PersonError::Refused(Refusal::Yourself));
    }
    if !is_active && person.role == Role::Admin && person.is_active && !leaves_an_admin(&admins, id) {
        return Err(PersonError::Refused(Refusal::LastAdmin));
    }
    if !person.is_group_wide {
        queries::set_membership_active(&mut **tx, reach.scope, id, is_active).await?;
    }
    if !queries::settle_account(&mut **tx, id, version, is_active).await? {
        return Err(PersonError::Conflict);
    }
    if !is_active {
        auth::queries::delete_sessions_of(&mut **tx, id).await?;
    }
    let action = if is_active {
        "users.activate"
    } else {
        "users.deactivate"
    };
    log(tx, by, store_of(&person, reach), action, id, json!({}), now).await?;
    Ok(person)
}

/// Makes a link with which the person sets a new password; returns the person and the link's path.
pub async fn reset(
    tx: &mut Transaction<'_, Postgres>,
    by: &CurrentUser,
    id: UserId,
    now: DateTime<Utc>,
) -> Result<(Person, String), PersonError> {
    let reach = Reach::of(by);
    let person = lock(tx, reach, id).await?;
    if !person.account_is_in(reach) {
        return Err(PersonError::Refused(Refusal::Shared));
    }
    if !person.is_active {
        return Err(PersonError::Refused(Refusal::Inactive));
    }
    let purpose = if person.has_password {
        LinkPurpose::Reset
    } else {
        LinkPurpose::NewPerson
    };
    let link = links::create(&mut **tx, purpose, Some(id), Some(by.id), now).await?;
    let change = json!({ "purpose": purpose });
    log(
        tx,
        by,
        store_of(&person, reach),
        "users.reset_link",
        id,
        change,
        now,
    )
    .await?;
    Ok((person, link))
}

/// Gives somebody of this store a role in another one. For group-wide admins, who reach both.
pub async fn add_to_store(
    tx: &mut Transaction<'_, Postgres>,
    by: &CurrentUser,
    id: UserId,
    member: Membership,
    now: DateTime<Utc>,
) -> Result<Person, PersonError> {
    let person = lock(tx, Reach::of(by), id).await?;
    if person.is_group_wide {
        return Err(PersonError::NotFound);
    }
    insert_member(tx, id, member).await?;
    log(
        tx,
        by,
        Some(member.store),
        "users.add_to_store",
        id,
        json!({ "role": member.role }),
        now,
    )
    .await?;
    Ok(person)
}

/// Whose chain records it: the store's, for a group-wide person the group's.
fn store_of(person: &Person, reach: Reach) -> Option<StoreId> {
    (!person.is_group_wide).then(|| reach.scope.store_id())
}

async fn log(
    tx: &mut Transaction<'_, Postgres>,
    by: &CurrentUser,
    store: Option<StoreId>,
    action: &'static str,
    user: UserId,
    change: Value,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let entry = Entry {
        store,
        actor: by.actor(),
        action,
        subject: "users",
        subject_id: Some(user.get()),
        change: &change,
    };
    audit::record(&mut **tx, now, entry).await
}
