//! 产品质量意见: what cases say about the product, collected by month as a file for the car maker.
//!
//! - Somebody who works cases marks one; cases about the product that nobody has marked are suggested.
//! - The file names no customer: no name, no number; what the words hold of either is covered ([`redact`]).
//! - It is taken out by who may, with a reason, a few a day, and leaves a record and an entry in the audit log.

use crate::web::routes::Routes;

mod export;
mod handlers;
pub mod month;
pub mod queries;
pub mod redact;

/// Routes of opinions.
pub fn routes() -> Routes {
    Routes::new()
        .get("/complaints/opinions", handlers::index)
        .post("/complaints/opinions/export", export::create)
        .post("/complaints/{id}/opinion", handlers::mark)
}

crate::id_type! {
    /// A file for the maker.
    OpinionFileId
}
