//! Signing in and out, one-time links, preferences; sessions and permissions that every other feature asks.
//!
//! Passwords are argon2id, sessions live in the database and end after 60 idle minutes or 12 hours. Guessing is slowed
//! per account and per address. Nobody sets another's password: `/setup` with a one-time link does.

use crate::web::routes::Routes;

pub mod forms;
mod handlers;
pub mod links;
pub mod password;
pub mod permission;
pub mod queries;
pub mod session;
pub mod throttle;

/// Routes of `/login`, `/logout`, `/setup` and `/preferences`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/login", handlers::show_login)
        .post("/login", handlers::login)
        .post("/logout", handlers::logout)
        .get("/setup", handlers::show_setup)
        .post("/setup", handlers::setup)
        .post("/preferences", handlers::preferences)
}
