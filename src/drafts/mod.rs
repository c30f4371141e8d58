//! What is typed but not saved, per person and form: kept on the server, so that an ended session or a closed window costs
//! nothing.
//!
//! A form that wants it carries three hidden fields (`macros/draft.html`): `draft`, its subject such as `customer:42`;
//! `draft_page`, where it is opened again; and what it posts anyway. `static/js/draft.js` sends it every few seconds. A post
//! that meets an ended session is kept under the person of that session (`keep`), script or not. The draft is dropped in the
//! transaction that saves the form. A draft belongs to one person in one store and goes after 14 days.
//!
//! Calls keep theirs under `callback:…` by their own means: a lease belongs to it.

use crate::web::routes::Routes;

mod handlers;
pub mod keep;
pub mod model;
pub mod queries;
pub mod service;

pub use model::{Note, Subject};

/// Routes of `/drafts`.
pub fn routes() -> Routes {
    Routes::new()
        .post("/drafts", handlers::save)
        .post("/drafts/discard", handlers::discard)
}
