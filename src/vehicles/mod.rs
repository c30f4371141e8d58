//! Cars: VIN, plate, people around them, odometer readings, and the due days predicted from these.

use crate::web::routes::Routes;

/// Routes of `/vehicles`.
pub fn routes() -> Routes {
    Routes::new()
}

crate::id_type! {
    /// A car.
    VehicleId
}

crate::id_type! {
    /// An insurance policy of a car.
    PolicyId
}
