//! What a customer has agreed to and what not (PIPL 13 to 16): an append-only ledger, a row for every yes and every no.
//!
//! - The last row about a purpose is what holds; nothing is ever changed or deleted, the database refuses it.
//! - [`service::record`] is the one place that writes it, and with it the columns of `customers` that the queue reads.
//! - A refusal is as easy as a consent: one click, with a note if there is something to say.

pub mod forms;
pub mod handlers;
pub mod model;
pub mod queries;
pub mod service;

pub use model::{Basis, ConsentChannel, Purpose};
