//! Call scripts and questionnaires, versioned; answers belong to the version that was asked.
//!
//! Every store opens with a talk for each occasion and the default questionnaire of domain.md §2. A published version
//! never changes. Checking answers is pure: [`Questionnaire::check`].

pub mod defaults;
pub mod model;
pub mod queries;
pub mod service;

pub use model::{Checked, ItemKind, Questionnaire, Talk};

crate::id_type! {
    /// A call script or a questionnaire.
    ScriptId
}

crate::id_type! {
    /// A frozen version of a script.
    ScriptVersionId
}
