//! The life of one case: its page, everything that can be done to it, and the small desk of those who answer for a department.
//!
//! `flow` is the table of acts, states and people; pages ask it for their buttons and handlers for their answers. Every act
//! locks the case, asks the table, writes the case, one line of its history and the audit, and brings the clocks in line, in
//! one transaction. A handler sees own cases only: as the named handler or beside one.

use crate::web::routes::Routes;

pub mod checklist;
pub mod flow;
mod forms;
mod handlers;
mod headline;
pub mod queries;
pub mod service;
mod steps;

pub use checklist::Check;
pub use flow::{Action, Relation};
pub use forms::Way;
pub use handlers::desk::index as handler_desk;
pub use headline::headline;

crate::text_enum! {
    /// What somebody does in a case beside its handler.
    pub enum Part {
        CoHandler = "co_handler",
        Watcher = "watcher",
    }
}

/// The page of a case, and its acts.
pub fn routes() -> Routes {
    let routes = Routes::new()
        .get("/complaints/{id}", handlers::show::show)
        .get("/complaints/{id}/edit", handlers::edit::edit)
        .post("/complaints/{id}/edit", handlers::edit::update)
        .get("/complaints/{id}/investigation", handlers::investigation::edit)
        .post("/complaints/{id}/investigation", handlers::investigation::update)
        .post("/complaints/{id}/acknowledge", handlers::act::acknowledge)
        .post("/complaints/{id}/resume", handlers::act::resume)
        .post("/complaints/{id}/note", handlers::act::note)
        .post("/complaints/{id}/checks", handlers::act::checks)
        .post("/complaints/{id}/people", handlers::act::people)
        .post("/complaints/{id}/people/remove", handlers::act::remove);
    handlers::act::FORMS
        .iter()
        .fold(routes, |routes, (action, path)| {
            routes
                .get(path, handlers::act::opened(*action))
                .post(path, handlers::act::posted(*action))
        })
}
