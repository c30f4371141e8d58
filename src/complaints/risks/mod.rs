//! Who is about to complain: a list to act on before anybody does.
//!
//! - Found every morning from visits, appointments and the 三包 counters ([`jobs`]); the same finding is there once.
//! - Nobody's is everybody's: who takes one is shown, and only a manager takes it from them.
//! - A person ends it (handled, no risk) or puts it off; what is no longer so goes away by itself, what grows comes again.
//! - Who has complained since is a case, not a risk.

use crate::web::routes::Routes;

mod forms;
mod handlers;
pub mod jobs;
pub mod model;
pub mod queries;

pub use model::{RiskAction, RiskKind, RiskState};

/// Routes of `/complaints/risks`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/complaints/risks", handlers::index)
        .get("/complaints/risks/{id}", handlers::show)
        .post("/complaints/risks/{id}/take", handlers::take)
        .post("/complaints/risks/{id}/release", handlers::release)
        .post("/complaints/risks/{id}/settle", handlers::settle)
}

crate::id_type! {
    /// A risk.
    RiskId
}
