//! Pages of the rules: all of them, and one with its form, its preview and its history.

pub mod index;
pub mod show;
