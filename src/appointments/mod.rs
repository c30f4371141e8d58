//! Appointments that customers ask for: a wished day, confirmed by the workshop or not.

use crate::text_enum;

pub mod queries;
pub mod service;

crate::id_type! {
    /// A wish for a visit.
    AppointmentId
}

text_enum! {
    /// Life of an appointment.
    pub enum AppointmentState {
        Requested = "requested",
        Confirmed = "confirmed",
        Cancelled = "cancelled",
    }
}
