//! Call scripts and questionnaires, versioned; answers belong to the version that was asked.
//!
//! Every store opens with a talk for each occasion and the default questionnaire of domain.md §2. A published version
//! never changes. Checking answers is pure: [`Questionnaire::check`].

use crate::web::routes::Routes;

pub mod defaults;
pub mod model;
pub mod queries;
pub mod service;

pub use model::{Checked, ItemKind, Questionnaire, Talk};

/// Routes of `/scripts`.
pub fn routes() -> Routes {
    Routes::new()
}

crate::id_type! {
    /// A call script or a questionnaire.
    ScriptId
}

crate::id_type! {
    /// A frozen version of a script.
    ScriptVersionId
}
