//! Dealerships: departments, opening and calling hours, closed days; and the scope that keeps their rows apart.

use sqlx::PgExecutor;

use crate::auth::session::CurrentUser;
use crate::web::layout::StoreChoice;
use crate::web::routes::Routes;

pub mod calendar;
pub mod queries;
pub mod service;

crate::id_type! {
    /// A dealership.
    StoreId
}

crate::id_type! {
    /// A department that answers complaints (责任部门).
    DepartmentId
}

/// The one store that a statement may see. Made from the signed-in person only, or by a job for the store it runs for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreScope(StoreId);

impl StoreScope {
    /// The store this person works in now.
    pub fn of(user: &CurrentUser) -> StoreScope {
        StoreScope(user.store.id)
    }

    /// For jobs and commands, which have no signed-in person.
    pub const fn for_job(store: StoreId) -> StoreScope {
        StoreScope(store)
    }

    /// The store.
    pub const fn store_id(self) -> StoreId {
        self.0
    }

    /// The bare number for `store_id = $1`.
    pub const fn get(self) -> i64 {
        self.0.get()
    }
}

/// Every store that a group-wide person may choose.
pub async fn choices(db: impl PgExecutor<'_>, current: StoreId) -> sqlx::Result<Vec<StoreChoice>> {
    queries::list_choices_any_store(db, current).await
}

/// Routes of `/stores`.
pub fn routes() -> Routes {
    Routes::new()
}
