//! Statements of the search. Terms arrive normalised; tails are equality on `right(…)` and beginnings a range in
//! `text_pattern_ops`, which both stay on their index under a generic plan.

pub mod cards;
pub mod names;
pub mod numbers;
pub mod papers;
