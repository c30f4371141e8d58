//! The care rules: which event makes which obligation, and when it is due. Data with defaults, versioned.

use crate::web::routes::Routes;

/// Routes of `/rules`.
pub fn routes() -> Routes {
    Routes::new()
}

crate::id_type! {
    /// One version of a care rule.
    RuleId
}
