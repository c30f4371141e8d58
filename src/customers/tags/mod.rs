//! Classes and tags of customers: a dictionary per store, and who carries what.
//!
//! A class says who the customer is to the store (VIP, employee, taxi), a tag what somebody noticed. The store ships with a
//! few of each; people add their own as they write.

pub mod forms;
pub mod handlers;
pub mod model;
pub mod queries;
pub mod service;

pub use model::{Tag, TagKind};

crate::id_type! {
    /// An entry of the dictionary.
    TagId
}
