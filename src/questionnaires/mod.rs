//! The questionnaire behind a message (`/q/{token}`): the one page that customers open themselves.
//!
//! - No session, no cookie, nothing of the store but its name, nothing of the customer but surname and title.
//! - A token works once, and only while something is open that its message asks about; whoever guesses is told the same
//!   for every token that nobody was given.
//! - The questions are those of the version that was in use when the message was written.
//! - A dissatisfied answer opens a complaint, as it does on the telephone ([`crate::callbacks::answers`]).

use crate::web::routes::Routes;

mod forms;
mod handlers;

/// Routes of `/q`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/q/{token}", handlers::show)
        .post("/q/{token}", handlers::answer)
}
