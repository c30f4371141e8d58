//! `/healthz`: the process is alive. `/readyz`: it can serve. Plain text, no session, no detail.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;

use crate::web::state::AppState;

/// Never asks the database: an outage there must not make anybody restart this process.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// The database answers within a second and its schema is the one this program was built for.
pub async fn readyz(State(app): State<AppState>) -> (StatusCode, &'static str) {
    let expected = crate::db::MIGRATOR.iter().map(|m| m.version).max().unwrap_or(0);
    let applied =
        sqlx::query_scalar::<_, Option<i64>>("select max(version) from _sqlx_migrations where success")
            .fetch_one(&app.db);
    match tokio::time::timeout(Duration::from_secs(1), applied).await {
        Ok(Ok(Some(version))) if version >= expected => (StatusCode::OK, "ready\n"),
        Ok(Ok(_)) => (StatusCode::SERVICE_UNAVAILABLE, "migrations pending\n"),
        Ok(Err(_)) | Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "database unavailable\n"),
    }
}
