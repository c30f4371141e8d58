//! The ledger: everything the store owes a customer, each once, each with exactly one ending.
//!
//! - The view `candidates` is the one definition of what must exist: [`generate`] inserts it, [`reconcile`] subtracts the
//!   ledger from it. A second run does nothing, a run that is killed leaves nothing behind.
//! - A missed day is caught up by running its day: windows, rule version and cohort follow the day, not the clock.
//! - An entry ends as done, exhausted, exempt or cancelled and never changes after that; late is a class, not an ending.
//! - Entries for one person are bundled: one open callback per person, one message per person and day.

use crate::web::routes::Routes;

pub mod forecast;
pub mod generate;
pub mod handlers;
pub mod jobs;
pub mod model;
pub mod nightly;
pub mod queries;
pub mod reconcile;
pub mod redate;
pub mod service;
pub mod supersede;
pub mod why;

pub use model::{ObligationClass, ObligationKind, ObligationStatus};

/// Routes of `/obligations`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/obligations", handlers::index::index)
        .get("/obligations/reconciliation", handlers::reconciliation::show)
        .get("/obligations/{id}", handlers::show::show)
}

crate::id_type! {
    /// One entry of the ledger.
    ObligationId
}
