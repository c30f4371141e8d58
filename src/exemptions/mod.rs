//! Exemptions: an open obligation that need not be met, because one person says why and another one agrees.
//!
//! - Nobody decides on an own request; the database refuses it, too.
//! - Approved, the obligation ends as exempt: it leaves the denominator of its rate and stays in sight as a share.
//! - An obligation that somebody is talking about right now waits; one that has ended meanwhile lets the request lapse.

use crate::web::routes::Routes;

mod forms;
mod handlers;
pub mod model;
pub mod queries;
pub mod service;

pub use model::{ExemptionReason, ExemptionStatus};

/// Routes of `/exemptions`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/exemptions", handlers::index)
        .post("/exemptions", handlers::create)
        .get("/exemptions/new", handlers::new)
        .post("/exemptions/decide", handlers::decide)
        .post("/exemptions/{id}/withdraw", handlers::withdraw)
}

crate::id_type! {
    /// A request for an exemption.
    ExemptionId
}
