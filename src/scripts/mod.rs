//! Call scripts and questionnaires, versioned; answers belong to the version that was asked.
//!
//! - Every store opens with a talk for each occasion and the default questionnaire of the trade.
//! - What is changed is a draft; publishing it retires the version before it. A published version never changes: the table
//!   refuses it.
//! - A question or a step may hang on an earlier answer. What an answer leads to and what makes answers valid is pure:
//!   [`Questionnaire::check`].
//! - A trial fills a script in as on a call and writes nothing.

use crate::text_enum;

pub mod defaults;
pub mod model;
pub mod queries;
pub mod service;
pub mod views;

pub use model::{Checked, ItemKind, Questionnaire, Talk};

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
