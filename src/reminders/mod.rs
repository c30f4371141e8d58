//! What customers must be reminded of today, and how it was done.
//!
//! A reminder is one message to one person on one day: two cars of one owner are one message. Until messages are sent by the
//! program, a specialist copies the text, sends it from the store's phone, and records how the customer was reminded; then every
//! open obligation of the reminder is done. Who was not reached moves to the callback queue with the same deadlines: the obligation
//! keeps its reminder and gains a callback, and is settled there.

use crate::web::routes::Routes;

mod forms;
mod handlers;
mod model;
mod queries;
mod service;

pub use model::{Method, Outcome, Status, Tab};

/// Routes of `/reminders`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/reminders", handlers::index)
        .post("/reminders/sms", handlers::mark_sms)
        .get("/reminders/{id}", handlers::show)
        .post("/reminders/{id}", handlers::record)
}

crate::id_type! {
    /// A message to one person on one day.
    ReminderId
}
