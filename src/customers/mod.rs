//! People and companies: phones, search by name, pinyin, phone; masked numbers, revealed on record.
//!
//! Names and numbers are personal information: `Debug` shows them masked, so that no log can hold them. A whole number never
//! stands in an address (promises §3): it is posted and answered by a redirect to what it found. Seeing a whole number is an
//! act of its own that leaves a row in `reveals` and one in the audit log.
//!
//! A file has a score ([`completeness`]): what it lacks is shown on its page and worked off under `/reviews`.

use crate::web::routes::Routes;

mod bulk;
mod bulk_queries;
pub mod completeness;
pub mod consents;
pub mod facts;
mod form_handlers;
pub mod forms;
mod handlers;
pub mod list;
mod list_handlers;
pub mod list_queries;
pub mod model;
pub mod page;
pub mod person_name;
pub mod phone;
mod phone_handlers;
pub mod queries;
mod reveal;
pub mod search;
pub mod search_keys;
pub mod service;
pub mod tags;

pub use model::{ContactChannel, CustomerKind, CustomerSource, Daypart, PhoneState, PreferredDays};

/// Routes of `/customers`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/customers", list_handlers::index)
        .post("/customers", form_handlers::create)
        .post("/customers/search", search::handlers::search)
        .post("/customers/suggest", search::handlers::suggest)
        .post("/customers/bulk", bulk::change)
        .post("/customers/bulk/{id}/undo", bulk::undo)
        .get("/customers/new", form_handlers::new)
        .post("/customers/new", form_handlers::new_from_search)
        .get("/customers/{id}", handlers::show)
        .post("/customers/{id}", form_handlers::update)
        .get("/customers/{id}/edit", form_handlers::edit)
        .get("/customers/{id}/consents", consents::handlers::index)
        .post("/customers/{id}/consents", consents::handlers::create)
        .post("/customers/{id}/tags", tags::handlers::update)
        .post("/customers/{id}/phones", phone_handlers::create)
        .post("/customers/{id}/phones/{phone_id}", phone_handlers::update)
        .post("/customers/{id}/phones/{phone_id}/reveal", reveal::reveal)
}

crate::id_type! {
    /// A customer, person or company.
    CustomerId
}

crate::id_type! {
    /// One phone number of one customer.
    PhoneId
}
