//! What every test stands on.

pub mod app;
pub mod client;
pub mod cluster;
