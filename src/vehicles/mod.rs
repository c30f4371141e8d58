//! Cars: VIN, plate, people around them, odometer readings, and the due days predicted from these.
//!
//! A plate is no identity (its owner may carry it to another car); the VIN is, where it is known.

use crate::web::routes::Routes;

pub mod facts;
mod model;
pub mod odometer;
pub mod plate;
pub mod queries;
pub mod readings;
pub mod service;
pub mod vin;

pub use model::{PersonRole, PolicyKind, ReadingSource, VehicleState, VehicleUsage};

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
