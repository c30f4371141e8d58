//! People who work here: accounts, roles per store, one-time links.
//!
//! Nobody sets another's password: an admin hands over a one-time link. People are never deleted, only made inactive,
//! because history points at them; that and a new role end every session of the person at once. A store's admin
//! manages the people of that store, a group-wide admin group-wide people as well. Who belongs to two stores keeps an
//! account that only a group-wide admin may rename or reset: a link is a way into every store of that person.

use crate::web::routes::Routes;

mod forms;
mod handlers;
mod list;
pub mod model;
pub mod queries;
pub mod service;

crate::id_type! {
    /// A person who signs in.
    UserId
}

/// Routes of `/users`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/users", list::index)
        .post("/users", handlers::create)
        .get("/users/new", handlers::new)
        .get("/users/link", handlers::link)
        .get("/users/{id}", handlers::show)
        .post("/users/{id}", handlers::update)
        .post("/users/{id}/state", handlers::set_state)
        .post("/users/{id}/reset", handlers::reset)
        .post("/users/{id}/stores", handlers::add_to_store)
}
