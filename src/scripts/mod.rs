//! Call scripts and questionnaires, versioned; answers belong to the version that was asked.

use crate::web::routes::Routes;

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
