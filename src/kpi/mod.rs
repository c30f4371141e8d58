//! The figures: each is arithmetic over obligations and opens exactly its rows.

use crate::web::routes::Routes;

/// Routes of `/kpi`.
pub fn routes() -> Routes {
    Routes::new()
}
