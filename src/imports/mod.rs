//! Files of a dealer's other systems become customers, visits and policies.
//!
//! - A file is read by [`parse`], always in the limited child process of [`child`]: a spreadsheet of a
//!   few kilobytes can claim all memory, and only the child may die of it.
//! - [`mapping`] says which column is which field; the user may change it.
//! - [`values`] turns one cell into a value or a [`values::Refusal`]. A row is taken whole or refused with
//!   the reason at its cell; a file is refused whole when it cannot be read, lacks a required column or
//!   repeats one.

use crate::web::routes::Routes;

pub mod child;
pub mod mapping;
pub mod parse;
pub mod values;

crate::id_type! {
    /// One imported file.
    ImportId
}

/// Routes of `/imports`.
pub fn routes() -> Routes {
    Routes::new()
}
