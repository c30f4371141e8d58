//! Care Desk: the desk of a car dealership's customer-care department.

pub mod clock;
/// Pools, migrations, errors of the database, the private cluster.
pub mod db;
