//! The pages of reviews: the lists with their figures, and one file after the other.

pub mod index;
pub mod show;
