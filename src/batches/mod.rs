//! Changes of many rows at once: the ticked ones of a list, or all that its filter lets through.
//!
//! The count is shown first; the confirmation carries it, and if it no longer holds the page asks again. One statement
//! changes the rows and keeps what they held, so that the person can take it back while nobody has changed them since.
//! The lists own the statements on their tables (`customers/bulk.rs`, `vehicles/bulk.rs`,
//! `callbacks/bulk.rs`, `complaints/list/bulk.rs`); here is the record of it.

use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::audit::{self, Entry};
use crate::auth::session::CurrentUser;
use crate::text_enum;
use crate::web::form::SelectOption;
use crate::web::pagination::COUNT_LIMIT;

pub mod forms;
pub mod page;
pub mod queries;

text_enum! {
    /// Lists whose rows can be changed many at once; the code is also the first segment of the address.
    pub enum BatchList {
        Customers = "customers",
        Vehicles = "vehicles",
        Callbacks = "callbacks",
        Complaints = "complaints",
    }
}

impl BatchList {
    /// The address without a query.
    pub const fn path(self) -> &'static str {
        match self {
            BatchList::Customers => "/customers",
            BatchList::Vehicles => "/vehicles",
            BatchList::Callbacks => "/callbacks",
            BatchList::Complaints => "/complaints",
        }
    }
}

crate::id_type! {
    /// One change of many rows.
    BatchId
}

/// As many rows as are counted exactly. More would also take longer than a request may: a customer has some twenty index entries.
pub const LIMIT: i64 = COUNT_LIMIT;

/// How long a list offers to take a change back, in hours.
pub const UNDO_HOURS: i64 = 24;

/// Changes under one heading, as a list offers them; their values are `action:value`.
pub struct Group {
    pub label: &'static str,
    pub options: Vec<SelectOption>,
}

/// The rows that a change is about: those that the conditions let through, of them the ticked ones if any are.
pub struct Target {
    pub conditions: Value,
    pub ids: Option<Vec<i64>>,
}

/// Writes down in the audit log that many rows were changed, or changed back: how many, and by which filter.
pub async fn record(
    db: &mut PgConnection,
    user: &CurrentUser,
    list: BatchList,
    action: &'static str,
    id: BatchId,
    (what, rows, filter): (&str, i64, &str),
    now: chrono::DateTime<chrono::Utc>,
) -> sqlx::Result<()> {
    let entry = Entry {
        store: Some(user.store.id),
        actor: user.actor(),
        action,
        subject: list.as_str(),
        subject_id: None,
        change: &json!({ "batch": id, "change": what, "rows": rows, "filter": filter }),
    };
    audit::record(db, now, entry).await
}

/// What a change of many rows has done.
pub struct Changed {
    /// Rows that the filter let through.
    pub hit: i64,
    /// Those among them that did not hold the value already.
    pub changed: i64,
}
