//! Who works when: shifts, leave, deputies, and how many customers one person calls in a day.
//!
//! - A week without shifts of a person says nothing: the person works the opening hours. With one shift, the rest is free.
//! - Who is on leave or out of shift gets no call from the queue and is given none; a call in progress may be finished.
//! - Work of people on leave goes to their deputy, else back to the queue: at once, and every few minutes by the job.
//! - The order of the queue stays: the oldest callable deadline first, for whoever may have it.

use crate::web::routes::Routes;

mod forms;
mod handlers;
pub mod model;
pub mod queries;
pub mod service;

crate::id_type! {
    /// Days on which a person does not work.
    LeaveId
}

crate::text_enum! {
    /// Why the queue gives a person nothing now.
    pub enum OffDuty {
        /// On leave today.
        Leave = "leave",
        /// Has shifts this week, and none of them now.
        Shift = "shift",
        /// Has called as many customers today as the person is meant to.
        Capacity = "capacity",
    }
}

/// Routes of `/shifts`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/shifts", handlers::index)
        .post("/shifts", handlers::save)
        .post("/shifts/copy", handlers::copy)
        .post("/shifts/leave", handlers::leave)
        .post("/shifts/leave/{id}/cancel", handlers::cancel)
}
