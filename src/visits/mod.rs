//! Service visits (repair orders): the events that make callbacks.

use crate::web::routes::Routes;

mod model;

pub use model::{VisitState, VisitType};

/// Routes of `/visits`.
pub fn routes() -> Routes {
    Routes::new()
}

crate::id_type! {
    /// A service visit (repair order).
    VisitId
}
