//! Appointments that customers ask for (`/appointments`): a wished day, and what the workshop says to it.
//!
//! - A wish is answered within 30 minutes of opening time: confirmed, or moved to another time with the customer
//!   ([`model::answer_due`]). What the customer takes back before that counts on neither side of 受理率.
//! - Days and times are those of the store's wall clock, and within its opening hours ([`model::objection`]).
//! - Noted in a call ([`service::request`]) or on the page of a customer.

use crate::web::routes::Routes;

pub mod forms;
mod handlers;
pub mod model;
pub mod queries;
pub mod service;

pub use model::{AppointmentState, CancelReason};

crate::id_type! {
    /// A wish for a visit.
    AppointmentId
}

/// Routes of `/appointments`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/appointments", handlers::index)
        .post("/appointments", handlers::create)
        .get("/appointments/new", handlers::new)
        .get("/appointments/{id}", handlers::show)
        .post("/appointments/{id}", handlers::update)
        .post("/appointments/{id}/confirm", handlers::confirm)
        .post("/appointments/{id}/cancel", handlers::cancel)
}
