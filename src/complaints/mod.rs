//! Complaints: the customer's words, the department that must answer, the clock.

use crate::web::routes::Routes;

/// Routes of `/complaints`.
pub fn routes() -> Routes {
    Routes::new()
}

crate::id_type! {
    /// A complaint.
    ComplaintId
}
