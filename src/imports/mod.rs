//! Files of a dealer's other systems become customers, cars, visits and policies.
//!
//! - A file is read by [`parse`], always in the limited child process of [`child`]: a spreadsheet of a
//!   few kilobytes can claim all memory, and only the child may die of it.
//! - [`mapping`] says which column is which field; the user may change it.
//! - [`values`] turns one cell into a value or a [`values::Refusal`], [`check`] a row into a typed row or the reasons at its
//!   cells. A row is taken whole or refused; a file is refused whole when it cannot be read, lacks a required column or
//!   repeats one.
//! - [`merge`] writes the accepted rows in one transaction, all or none. Imports alone write tables of the archive without
//!   its services: set by set, not row by row.
//! - A file that was confirmed before is recognised by its content and changes nothing.
//! - What a person chose is remembered: columns for the next file with the same headings ([`remembered`]), what to do about
//!   conflicts with the import ([`decisions`]).
//! - The machine's part is done in [`background`], and taken up again where a server has stopped.
//! - [`undo`] takes an import back, row by row, where nobody has built on it since.

use crate::web::routes::Routes;

pub mod background;
pub mod check;
pub mod child;
pub mod command;
pub mod copy;
mod decisions;
pub mod files;
mod handlers;
mod kept_file;
pub mod mapping;
pub mod merge;
mod model;
mod pages;
pub mod parse;
mod progress;
pub mod queries;
pub mod reason;
mod refused_file;
mod remembered;
pub mod service;
pub mod undo;
pub mod values;

pub use decisions::{Conflict, ConflictKind, Decision, Decisions};
pub use mapping::ImportKind;
pub use model::{Change, Counts, Failure, ImportPhase, ImportState, RowAction, Staged};

crate::id_type! {
    /// One imported file.
    ImportId
}

/// The largest file and the form around it.
const UPLOAD_BYTES: usize = (20 << 20) + (64 << 10);

/// Routes of `/imports`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/imports", handlers::index)
        .post_up_to("/imports", UPLOAD_BYTES, handlers::upload)
        .get("/imports/templates/{kind}", handlers::template)
        .get("/imports/{id}", handlers::show)
        .post("/imports/{id}/sheet", handlers::choose_sheet)
        .post("/imports/{id}/columns", handlers::choose_columns)
        .post("/imports/{id}/decisions", handlers::decide)
        .post("/imports/{id}/confirm", handlers::confirm)
        .post("/imports/{id}/cancel", handlers::cancel)
        .post("/imports/{id}/discard", handlers::discard)
        .get("/imports/{id}/refused.csv", handlers::refused)
        .get("/imports/{id}/undo", undo::handlers::confirm)
        .post("/imports/{id}/undo", undo::handlers::undo)
        .get("/imports/{id}/kept.csv", undo::handlers::kept)
}
