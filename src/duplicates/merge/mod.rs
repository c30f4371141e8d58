//! Merging two files into one, and taking it back.

mod bundles;
pub mod fields;
pub mod handlers;
pub mod history;
mod page;
mod queries;
pub mod relations;
pub mod service;
pub mod undo;

pub use service::Refusal;
