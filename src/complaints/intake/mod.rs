//! Taking a complaint in, in under a minute: one form from anywhere, six fields that must be filled, by keyboard.
//!
//! The form proposes and the person decides: how grave it is by what is ticked, which department by the class, which case
//! it may belong to by who complains. Every proposal is made by the server, for the first page and for each change.

mod around;
mod forms;
mod handlers;
mod model;
pub mod queries;
mod receive;
mod service;

pub use handlers::{around, create, new, new_from_search};
pub use model::{Minor, Sign, Signs, minors, suggested_severity};

/// A complaint may be noted this many days after somebody of the store learnt of it.
pub const BACKDATE_DAYS: i64 = 30;
/// Longest words of a customer.
pub const MAX_WORDS: usize = 5000;
