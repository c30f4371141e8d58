//! The callback queue: who is next, the call screen, settling what a call has done.
//!
//! - A callback is one planned conversation with one person and bundles everything that a call to them settles.
//! - Two people are never on the same customer: a claim is a lease with a token ([`queue`]).
//! - Nobody calls a customer they have served; a check of the table makes it impossible.
//! - What follows from a result is decided by [`model::next_step`] and written in one transaction ([`service::settle`]).
//! - After the last dial one message goes out; only when it stays unanswered is a customer given up ([`messages::tend`]).
//! - A customer who was touched often enough in a week is left alone until the last day ([`queries::governor`]).
//! - What is typed is kept as a draft per person until it is settled.

use crate::web::routes::Routes;

pub mod answers;
pub mod best;
pub(crate) mod bulk;
mod call_page;
pub mod filter;
pub mod follow_ups;
mod forms;
mod handlers;
pub(crate) mod keyed;
mod list;
mod message_handlers;
pub mod messages;
pub mod model;
pub mod queries;
pub mod queue;
pub mod service;
mod side;
pub mod spread;

pub use forms::CallForm;
pub use model::{CallbackStatus, Disposition, Outcome};

/// Routes of `/callbacks`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/callbacks", list::index)
        .post("/callbacks/next", handlers::next)
        .post("/callbacks/bulk", bulk::change)
        .post("/callbacks/bulk/{id}/undo", bulk::undo)
        .get("/callbacks/{id}", handlers::show)
        .post("/callbacks/{id}", handlers::settle)
        .post("/callbacks/{id}/claim", handlers::claim)
        .post("/callbacks/{id}/draft", handlers::draft)
        .post("/callbacks/{id}/presence", handlers::presence)
        .post("/callbacks/{id}/skip", handlers::skip)
        .post("/callbacks/{id}/message", message_handlers::record)
}

crate::id_type! {
    /// A planned conversation with one person.
    CallbackId
}

crate::id_type! {
    /// One dial.
    AttemptId
}
