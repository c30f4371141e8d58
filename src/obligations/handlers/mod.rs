//! Pages of the ledger: the rows behind the figures, one of them, and the proof that the ledger is whole.

pub mod index;
pub mod reconciliation;
pub mod show;
