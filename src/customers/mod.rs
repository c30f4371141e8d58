//! People and companies: what a phone number and a name are, how they are masked and how they are found.
//!
//! Names and numbers are personal information: `Debug` shows them masked, so that no log can hold them.

pub mod person_name;
pub mod phone;
pub mod search_keys;
