//! The figures: each is arithmetic over obligations and opens exactly its rows in the ledger.
//!
//! What a figure means is said once, in [`definition`]: the page, its hints, its links and the tests derive from it. An obligation
//! counts under its cohort day for ever (domain.md §1); what is not due yet, what ended before its due time came (`early`), what is
//! exempt and what is cancelled stays out of both sides of a rate and is shown beside it. People who may see only their own
//! figures see the obligations they were responsible for, else those they ended.

use crate::web::routes::Routes;

mod cube;
pub mod definition;
mod handlers;
mod period;
pub mod queries;
mod view;

pub use cube::{Cell, Cube, Dials};
pub use period::Period;

/// Routes of `/kpi`.
pub fn routes() -> Routes {
    Routes::new().get("/kpi", handlers::index)
}
