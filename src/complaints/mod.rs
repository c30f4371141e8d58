//! Complaints: the customer's words, the department that must answer, the clock.
//!
//! A case is accepted once, gets a number of its store and day, and owes its dispatch to a department within two hours
//! (an obligation of kind `complaint_dispatch`). A handler sees own cases only.

use crate::web::routes::Routes;

pub mod analysis;
pub mod attachments;
pub mod case;
pub mod clocks;
pub mod intake;
pub mod list;
pub mod model;
pub mod opinions;
pub mod queries;
pub mod report;
pub mod risks;
pub mod rules;
pub mod service;
pub mod sla;
pub mod verdict;
pub mod warnings;

pub use model::{
    ComplaintChannel, ComplaintClass, ComplaintState, DemandKind, Responsibility, Severity, Verdict,
};

/// Routes of `/complaints`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/complaints", list::handlers::index)
        .get("/complaints/board", list::board::board)
        .post("/complaints/bulk", list::bulk::change)
        .post("/complaints/bulk/{id}/undo", list::bulk::undo)
        .post_up_to("/complaints", attachments::UPLOAD_BYTES, intake::create)
        .get("/complaints/new", intake::new)
        .post("/complaints/new", intake::new_from_search)
        .post("/complaints/around", intake::around)
        .post_up_to(
            "/complaints/{id}/attachments",
            attachments::UPLOAD_BYTES,
            attachments::upload,
        )
        .get(
            "/complaints/{id}/attachments/{attachment_id}",
            attachments::download,
        )
        .get(
            "/complaints/{id}/attachments/{attachment_id}/remove",
            attachments::ask_removal,
        )
        .post(
            "/complaints/{id}/attachments/{attachment_id}/remove",
            attachments::remove,
        )
        .merge(case::routes())
        .merge(verdict::routes())
        .merge(rules::routes())
        .merge(analysis::routes())
        .merge(opinions::routes())
        .merge(report::routes())
        .merge(risks::routes())
}

crate::id_type! {
    /// A complaint.
    ComplaintId
}
