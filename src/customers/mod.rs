//! People and companies: phones, search by name, pinyin, phone; masked numbers, revealed on record.
//!
//! Names and numbers are personal information: `Debug` shows them masked, so that no log can hold them.

use crate::web::routes::Routes;

pub mod facts;
mod model;
pub mod person_name;
pub mod phone;
pub mod search_keys;

pub use model::{ContactChannel, CustomerKind, PhoneState};

/// Routes of `/customers`.
pub fn routes() -> Routes {
    Routes::new()
}

crate::id_type! {
    /// A customer, person or company.
    CustomerId
}

crate::id_type! {
    /// One phone number of one customer.
    PhoneId
}
