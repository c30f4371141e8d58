//! 二次回访: the customer's own verdict, and how a case ends or begins anew by it.
//!
//! - A case that was dealt with is closed by the customer, who is satisfied or finds it acceptable; a dissatisfied one
//!   reopens it, for the same handler, with the next cycle (domain.md §6).
//! - Closing without such a verdict takes the manager and a reason. Whoever answered for a case neither asks nor closes.
//! - The calls that ask belong to the customer's open callback like every other call ([`calls`]); what was said there is
//!   written by the settling of that call.

use crate::web::routes::Routes;

pub mod calls;
pub(crate) mod forms;
mod handlers;
pub mod model;
pub mod pane;
pub mod queries;
pub mod service;

pub use model::{Effect, VerdictChannel};

/// Routes of a case's verdict.
pub fn routes() -> Routes {
    Routes::new()
        .get("/complaints/{id}/verdict", handlers::ask_verdict)
        .post("/complaints/{id}/verdict", handlers::give_verdict)
        .get("/complaints/{id}/close", handlers::ask_close)
        .post("/complaints/{id}/close", handlers::close)
        .get("/complaints/{id}/reopen", handlers::ask_reopen)
        .post("/complaints/{id}/reopen", handlers::reopen)
}
