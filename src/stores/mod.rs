//! Dealerships: departments, opening and calling hours, closed days; and the scope that keeps their rows apart.
//!
//! A store's admin changes the own store, a group-wide admin every store and opens new ones. Hours and days that change
//! rewrite the derived calendar in the same transaction, so that due times and pages never disagree.

use sqlx::PgExecutor;

use crate::auth::session::CurrentUser;
use crate::web::layout::StoreChoice;
use crate::web::routes::Routes;

pub mod calendar;
mod changes;
mod forms;
mod handlers;
pub(crate) mod hours;
mod import;
mod preview;
pub mod queries;
pub mod service;
mod settings;
mod year;

pub use forms::ExceptionKind;

/// A calendar file with the form around it.
const UPLOAD_LIMIT: usize = crate::calendar::ics::MAX_BYTES + 16 * 1024;

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

    /// A store that this admin may change: the own one, for a group-wide admin every one.
    pub fn managed_by(user: &CurrentUser, store: StoreId) -> Option<StoreScope> {
        (user.is_group_wide || user.store.id == store).then_some(StoreScope(store))
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
        .get("/stores", handlers::index)
        .post("/stores", handlers::create)
        .get("/stores/new", handlers::new)
        .post("/stores/enter", handlers::enter)
        .get("/stores/{id}", settings::show)
        .post("/stores/{id}", settings::update)
        .post("/stores/{id}/departments", settings::add_department)
        .post(
            "/stores/{id}/departments/{department_id}",
            settings::update_department,
        )
        .post("/stores/{id}/hours", settings::update_hours)
        .get("/stores/{id}/calendar", year::show)
        .post("/stores/{id}/calendar", year::add_days)
        .post("/stores/{id}/calendar/remove", year::remove_days)
        .post("/stores/{id}/calendar/national", year::load_national)
        .post_up_to("/stores/{id}/calendar/upload", UPLOAD_LIMIT, import::upload)
        .post("/stores/{id}/calendar/import", import::import)
}
