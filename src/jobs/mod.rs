//! Background jobs: the table of all jobs, the scheduler, the page of runs.

use crate::web::routes::Routes;

/// Routes of `/jobs`.
pub fn routes() -> Routes {
    Routes::new()
}
