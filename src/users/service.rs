//! Writes about people that are made of several statements.

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use sqlx::{Postgres, Transaction};

use crate::audit::{self, Actor, Entry};
use crate::auth::password::{self, Hasher};
use crate::auth::permission::Role;
use crate::stores::{self, StoreId};
use crate::users::{UserId, queries};

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
