//! What customers must be reminded of today, and how it was done.

use crate::web::routes::Routes;

/// Routes of `/reminders`.
pub fn routes() -> Routes {
    Routes::new()
}

crate::id_type! {
    /// A message to one person on one day.
    ReminderId
}
