//! Pages of one case and the answers to what is done on them.

pub mod act;
pub mod desk;
pub mod edit;
pub mod investigation;
pub mod show;
mod timeline;
