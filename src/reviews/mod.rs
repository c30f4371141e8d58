//! Looking files through, so that they stay true (domain.md §1 row 14): the week's list, and files that are stale or incomplete.
//!
//! - Whatever happens with a customer puts the file on the list of the week: a `profile_review` in the ledger, due by the end of
//!   Sunday. The view `review_candidates` is the one definition; the job inserts it, reconciliation subtracts the ledger from it.
//! - A file is looked through when somebody saves it, here or on the customer's own pages, or says that nothing is to change.
//!   That ends the entry; the job ends what another way of editing has left open, at the time of the edit.
//! - Both lists are worked off one after the other, with the fields that are missing right there.

use crate::web::routes::Routes;

mod forms;
mod handlers;
pub mod jobs;
pub mod model;
pub mod queries;
pub mod service;

/// Routes of `/reviews`; a review is named by its customer.
pub fn routes() -> Routes {
    Routes::new()
        .get("/reviews", handlers::index::index)
        .get("/reviews/next", handlers::show::next)
        .post("/reviews/settings", handlers::index::update_settings)
        .get("/reviews/{id}", handlers::show::show)
        .post("/reviews/{id}", handlers::show::update)
}
