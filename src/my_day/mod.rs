//! `/`: what the signed-in person owes today, by deadline; and the counts in the frame of every page.

use chrono::{DateTime, Utc};
use sqlx::PgPool;

use crate::auth::session::CurrentUser;
use crate::web::layout::DeskCounts;
use crate::web::routes::Routes;

mod handlers;
mod queries;

/// Routes of `/`.
pub fn routes() -> Routes {
    Routes::new().get("/", handlers::index)
}

/// Open work as the frame shows it.
pub async fn desk_counts(db: &PgPool, user: &CurrentUser, now: DateTime<Utc>) -> sqlx::Result<DeskCounts> {
    queries::desk_counts(db, user.scope(), user.id, now).await
}
