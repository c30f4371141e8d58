//! Pairs of files that may be one customer or one car, and merging the two.
//!
//! - A search proposes pairs for four reasons: the same phone, the same VIN, a plate one character off, a name that sounds
//!   the same with the same last four of a phone. A pair that somebody has called different is never proposed again.
//! - A merge is one transaction over THE TABLE of relations (`merge::relations`), which a test compares with the database's
//!   own catalogue. Rows move, nothing is added up, so every figure stays what it was. The other file stays as a signpost.
//! - A merge can be taken back: what moved goes back, what was added or changed since stays with the survivor.

use crate::web::routes::Routes;

mod find;
mod handlers;
pub mod jobs;
pub mod merge;
pub mod model;
mod queries;

pub use model::{Reason, RecordKind};

/// Routes of `/duplicates`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/duplicates", handlers::index)
        .get("/duplicates/{id}", merge::handlers::show)
        .post("/duplicates/{id}/dismiss", handlers::dismiss)
        .post("/duplicates/{id}/reopen", handlers::reopen)
        .get("/duplicates/merge", merge::handlers::compare)
        .post("/duplicates/merge", merge::handlers::merge)
        .post("/duplicates/merge/find", merge::handlers::find)
        .get("/duplicates/merges", merge::history::index)
        .post("/duplicates/merges/{id}/undo", merge::history::undo)
}

crate::id_type! {
    /// A proposed pair.
    DuplicateId
}

crate::id_type! {
    /// A merge of two files.
    MergeId
}
