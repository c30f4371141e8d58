//! Care Desk: the desk of a car dealership's customer-care department.

/// Store days, opening and calling hours, due times (pure).
pub mod calendar;
pub mod clock;
/// Amounts in 分.
pub mod money;
/// Full-width, spaces and invisible marks in typed text.
pub mod text;

/// People and companies: their phones and names.
pub mod customers;
/// Cars: plate, VIN, mileage.
pub mod vehicles;
