//! What somebody must know without having asked: warnings of complaints whose clocks run out. The bell in the frame counts the
//! unread ones; the page lists them, newest first.
//!
//! While a page is open and seen, the bell follows: one task per store reads all unread counts of the store every few seconds
//! and hands them to every open line ([`live`]). Without a script the count is that of the page.

use crate::web::routes::Routes;

mod handlers;
pub mod live;
pub mod queries;

/// Routes of `/notices`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/notices", handlers::index)
        .get("/notices/events", handlers::events)
        .post("/notices/read", handlers::read)
}
