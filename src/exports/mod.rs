//! Taking a list out of the house: what is seen, as XLSX or CSV, with a reason, a watermark and a record (promises R13, R16).
//!
//! - Only who may; a reason always; a few a day and person. Masks are those of the screen.
//! - The first row says who took it, when, where and why. The record and the audit entry are written before the first byte
//!   is sent: a file that arrived has left its trace. More rows a day than anybody reads is an alarm in the audit log.
//! - No cell begins with a character that a spreadsheet would calculate; numbers of people are texts.
//! - The rows go to a temporary file in pieces: memory does not grow with the list.

use crate::web::routes::Routes;

pub mod file;
mod forms;
mod handlers;
pub mod queries;
mod service;
pub mod temp_file;

pub use handlers::send;

/// Routes of `/exports`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/exports", handlers::index)
        .post("/exports", handlers::create)
}

crate::id_type! {
    /// One list that was taken out.
    ExportId
}

crate::text_enum! {
    /// What is written.
    pub enum Format {
        Xlsx = "xlsx",
        Csv = "csv",
    }
}

/// Rows of one file at most: what a request can write, and more than anybody reads.
pub const LIMIT: i64 = 50_000;
/// More rows than this on one day and by one person are an alarm: domain.md §14 [A].
pub const ALARM_ROWS: i64 = 200;
