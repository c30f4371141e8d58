//! The manager's board of the call floor: what is left of today, who is on which call, what is about to be late.
//!
//! - It only reads. Every figure is a count that opens the rows behind it; a test compares figures and rows.
//! - While anybody watches, one task per store reads the figures every two seconds and hands the same snapshot to all who
//!   watch ([`live`]): a hundred open boards cost the database as much as one.
//! - What travels is the board as the server prints it (`templates/floor/board.html`), in each watcher's language and with
//!   the links that their role may open. Without a script the page shows the same and is reloaded by a link.
//! - A watched board does not keep a session alive, and ends with it.

use crate::web::routes::Routes;

mod board;
mod burn;
mod dials;
mod handlers;
pub mod live;
mod queries;
mod snapshot;

/// Routes of `/floor`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/floor", handlers::index)
        .get("/floor/events", handlers::events)
        .get("/floor/dials", dials::index)
}
