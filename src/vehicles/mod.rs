//! Cars: what a plate, a VIN and a mileage are, and what mileages predict.
//!
//! A plate is no identity (its owner may carry it to another car); the VIN is, where it is known.

pub mod odometer;
pub mod plate;
pub mod vin;
