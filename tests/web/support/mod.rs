//! What every test stands on.

#![allow(dead_code, reason = "each test uses a part of it")]

pub mod app;
pub mod build;
pub mod client;
pub mod cluster;
pub mod said;
pub mod texts;
