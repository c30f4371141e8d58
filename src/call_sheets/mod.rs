//! Call sheets: the calls of a day on paper, for a day without a network, and keying them in afterwards.
//!
//! - A sheet is one person's list in the order of the deadlines. It is stored, so that a line can be named by its code.
//! - Each printed number is a reveal on record, with a limit of its own (`queries::record_prints`).
//! - Keyed in, a line is settled like any call, with the time of the call. What somebody else has settled meanwhile is
//!   refused with the reason, and what stood on paper is kept with the line.

use crate::web::routes::Routes;

mod forms;
mod key;
mod make;
mod model;
mod print;
pub mod queries;

/// Routes of `/call_sheets`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/call_sheets", make::index)
        .post("/call_sheets", make::create)
        .get("/call_sheets/new", make::new)
        .post("/call_sheets/print", print::print)
        .get("/call_sheets/{id}", key::show)
        .post("/call_sheets/{id}", key::key)
}

pub use model::{LineRefusal, LineState};

crate::id_type! {
    /// A printed list of calls.
    CallSheetId
}
