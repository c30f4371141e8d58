//! Files of a dealer's other systems become customers, cars and visits.
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

use crate::web::routes::Routes;

pub mod check;
pub mod child;
mod copy;
pub mod mapping;
pub mod merge;
mod model;
pub mod parse;
mod progress;
pub mod queries;
pub mod reason;
pub mod service;
pub mod values;

pub use mapping::ImportKind;
pub use model::{Change, Counts, Failure, ImportPhase, ImportState, RowAction, Staged};

crate::id_type! {
    /// One imported file.
    ImportId
}

/// Routes of `/imports`.
pub fn routes() -> Routes {
    Routes::new()
}
