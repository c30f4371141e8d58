//! People and companies: phones, search by name, pinyin, phone; masked numbers, revealed on record.

use crate::web::routes::Routes;

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
