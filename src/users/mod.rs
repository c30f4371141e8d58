//! People who work here: accounts, roles per store, one-time links.
//!
//! Nobody sets another's password: an admin hands over a one-time link. People are never deleted, only made inactive,
//! because history points at them; being made inactive ends every session at the next request.

use crate::web::routes::Routes;

pub mod queries;
pub mod service;

crate::id_type! {
    /// A person who signs in.
    UserId
}

/// Routes of `/users`.
pub fn routes() -> Routes {
    Routes::new()
}
