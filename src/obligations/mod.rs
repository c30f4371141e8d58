//! The ledger: everything the store owes a customer, each once, each with exactly one ending.

use crate::web::routes::Routes;

/// Routes of `/obligations`.
pub fn routes() -> Routes {
    Routes::new()
}

crate::id_type! {
    /// One entry of the ledger.
    ObligationId
}
