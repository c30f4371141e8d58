//! The append-only log of who did what (promises R15).
//!
//! A hash chain per store, store 0 for what concerns the whole group. `change` holds field names, never personal values:
//! erasing a person must not break the chain. The chain's head row is locked, so record last in a transaction.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgExecutor;

use crate::auth::session::CurrentUser;
use crate::stores::{StoreId, StoreScope};
use crate::users::UserId;
use crate::web::routes::Routes;

mod handlers;
pub mod queries;
pub mod verify;

/// Routes of `/audit`.
pub fn routes() -> Routes {
    Routes::new().get("/audit", handlers::index)
}

/// One chain of entries: a store's, or the group's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain(i64);

impl Chain {
    /// The chain of the store of a scope.
    pub const fn of_store(scope: StoreScope) -> Chain {
        Chain(scope.get())
    }

    /// The group's chain; a person of one store sees that store's.
    pub fn of_group(user: &CurrentUser) -> Chain {
        Chain(if user.is_group_wide { 0 } else { user.scope().get() })
    }

    /// The bare number for `store_id = $1`.
    pub const fn get(self) -> i64 {
        self.0
    }
}

/// Who acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    User(UserId),
    /// A job or a command on the server.
    System,
}

impl Actor {
    /// The person, if it was one.
    pub const fn user_id(self) -> Option<UserId> {
        match self {
            Actor::User(id) => Some(id),
            Actor::System => None,
        }
    }
}

/// One entry before it is chained.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// `None` = the group's own chain.
    pub store: Option<StoreId>,
    pub actor: Actor,
    /// `area.verb`, for example `customers.update`.
    pub action: &'static str,
    /// Table name of the subject.
    pub subject: &'static str,
    pub subject_id: Option<i64>,
    /// Ids and names of changed fields.
    pub change: &'a Value,
}

/// Appends an entry; call it last in the transaction of the change itself.
pub async fn record(db: impl PgExecutor<'_>, now: DateTime<Utc>, entry: Entry<'_>) -> sqlx::Result<()> {
    sqlx::query!(
        "select audit_append($1, $2, $3, $4, $5, $6, $7)",
        entry.store.map_or(0, StoreId::get),
        now,
        entry.actor.user_id().map(UserId::get),
        entry.action,
        entry.subject,
        entry.subject_id,
        entry.change,
    )
    .fetch_one(db)
    .await?;
    Ok(())
}
