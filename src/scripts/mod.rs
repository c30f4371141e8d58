//! Call scripts and questionnaires, versioned; answers belong to the version that was asked.
//!
//! - Every store opens with a talk for each occasion and the default questionnaire of the trade.
//! - What is changed is a draft; publishing it retires the version before it. A published version never changes: the table
//!   refuses it.
//! - A question or a step may hang on an earlier answer. What an answer leads to and what makes answers valid is pure:
//!   [`Questionnaire::check`].
//! - A trial fills a script in as on a call and writes nothing.

use crate::text_enum;
use crate::web::routes::Routes;

pub mod defaults;
mod forms;
mod handlers;
pub mod model;
pub mod queries;
pub mod service;
pub mod views;

pub use model::{Checked, ItemKind, Questionnaire, Talk};

/// Routes of `/scripts`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/scripts", handlers::index::index)
        .post("/scripts", handlers::index::create)
        .get("/scripts/{id}", handlers::show::show)
        .get("/scripts/{id}/edit", handlers::edit::edit)
        .post("/scripts/{id}/draft", handlers::edit::save)
        .post("/scripts/{id}/publish", handlers::show::publish)
        .post("/scripts/{id}/discard", handlers::show::discard)
        .get("/scripts/{id}/trial", handlers::trial::trial)
        .post("/scripts/{id}/trial", handlers::trial::evaluate)
}

text_enum! {
    /// What a script is.
    pub enum ScriptKind {
        /// What is said, step by step.
        Talk = "talk",
        Questionnaire = "questionnaire",
    }
}

crate::id_type! {
    /// A call script or a questionnaire.
    ScriptId
}

crate::id_type! {
    /// A version of a script.
    ScriptVersionId
}
