//! Service visits (repair orders): the events that make callbacks.
//!
//! A visit is closed by its hand-over, and only then owes a call. `handed_over_on` is the store's own day of the hand-over and
//! is written with it, always. Writing a visit writes its odometer reading and derives the facts of its car and its customer
//! again, in one transaction.
//!
//! What was done is kept line by line: as typed, or cut from the summary. A visit that is about the same as one handed over
//! within 30 days before it is linked to that one (`service::derive_work`); whoever writes visits derives this again.

use crate::web::routes::Routes;

mod form_handlers;
mod forms;
mod handlers;
mod item_forms;
pub mod items;
pub mod list;
mod list_handlers;
pub mod list_queries;
pub mod model;
pub mod queries;
pub mod service;
pub mod work_queries;

pub use items::{Assembly, ItemKind};
pub use model::{VisitState, VisitType};

/// Routes of `/visits`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/visits", list_handlers::index)
        .post("/visits", form_handlers::create)
        .get("/visits/new", form_handlers::new)
        .get("/visits/{id}", handlers::show)
        .post("/visits/{id}", form_handlers::update)
        .get("/visits/{id}/edit", form_handlers::edit)
}

crate::id_type! {
    /// A service visit (repair order).
    VisitId
}
