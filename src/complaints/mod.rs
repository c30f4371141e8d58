//! Complaints: the customer's words, the department that must answer, the clock.
//!
//! A case is accepted once, gets a number of its store and day, and owes its dispatch to a department within two hours
//! (an obligation of kind `complaint_dispatch`). A handler sees own cases only.

use crate::web::routes::Routes;

pub mod case;
pub mod clocks;
mod handlers;
pub mod model;
pub mod queries;
pub mod service;
pub mod sla;

pub use model::{
    ComplaintChannel, ComplaintClass, ComplaintState, DemandKind, Responsibility, Severity, Verdict,
};

/// Routes of `/complaints`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/complaints", handlers::index)
        .merge(case::routes())
}

crate::id_type! {
    /// A complaint.
    ComplaintId
}
