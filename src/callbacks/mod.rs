//! The callback queue: who is next, the call screen, settling what a call has done.

use crate::web::routes::Routes;

/// Routes of `/callbacks`.
pub fn routes() -> Routes {
    Routes::new()
}

crate::id_type! {
    /// A planned conversation with one person.
    CallbackId
}

crate::id_type! {
    /// One dial.
    AttemptId
}
