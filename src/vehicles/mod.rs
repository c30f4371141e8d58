//! Cars: VIN, plate, people around them, odometer readings, and the due days predicted from these.
//!
//! A plate is no identity (its owner may carry it to another car); the VIN is, where it is known. Facts of a car are derived
//! again in the transaction of whatever changes them: a reading, a visit, a role, the car itself. Plates that a car has
//! carried are kept by triggers (migration `keep_plate_history`): too many writers change them to leave it to one.

use crate::web::routes::Routes;

mod bulk;
mod bulk_queries;
pub mod facts;
mod form_handlers;
pub mod forms;
mod handlers;
pub mod lifecycle;
pub mod list;
mod list_handlers;
pub mod list_queries;
pub mod model;
pub mod odometer;
mod page;
mod page_queries;
mod part_handlers;
pub mod plate;
pub mod queries;
pub mod readings;
pub mod service;
pub mod timeline;
pub mod vin;
pub mod warranty_watch;

pub use model::{PersonRole, PolicyKind, ReadingSource, VehicleState, VehicleUsage, WarrantyKind};

/// Routes of `/vehicles`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/vehicles", list_handlers::index)
        .post("/vehicles", form_handlers::create)
        .post("/vehicles/bulk", bulk::change)
        .post("/vehicles/bulk/{id}/undo", bulk::undo)
        .get("/vehicles/new", form_handlers::new)
        .get("/vehicles/{id}", handlers::show)
        .post("/vehicles/{id}", form_handlers::update)
        .get("/vehicles/{id}/edit", form_handlers::edit)
        .post("/vehicles/{id}/readings", part_handlers::add_reading)
        .post("/vehicles/{id}/people", part_handlers::add_person)
        .post("/vehicles/{id}/people/{person_id}/end", part_handlers::end_person)
}

crate::id_type! {
    /// A car.
    VehicleId
}

crate::id_type! {
    /// An insurance policy of a car.
    PolicyId
}
