//! Rosters, visits and policies from files: upload, map, preview, confirm.

use crate::web::routes::Routes;

/// Routes of `/imports`.
pub fn routes() -> Routes {
    Routes::new()
}

crate::id_type! {
    /// One imported file.
    ImportId
}
