//! Care Desk: the desk of a car dealership's customer-care department.

pub mod clock;
pub mod imports;
