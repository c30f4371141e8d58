//! The web shell: the router with its layers, and what every handler uses.

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, Request, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

use crate::auth::session;
use crate::web::error::AppError;
use crate::web::routes::Routes;
use crate::web::state::AppState;

pub mod assets;
pub mod chart;
pub mod conflict;
pub mod error;
pub mod error_page;
pub mod extract;
pub mod filters;
pub mod form;
pub mod health;
pub mod idempotency;
pub mod layout;
pub mod list;
pub mod nav;
pub mod page;
pub mod pagination;
pub mod rate;
pub mod routes;
pub mod security;
pub mod sla;
pub mod state;

/// Largest body of an ordinary form; uploads have their own limit.
const BODY_LIMIT: usize = 1 << 20;
/// A request that takes longer is given up.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

/// All routes of all features.
pub fn routes() -> Routes {
    Routes::new()
        .get("/healthz", health::healthz)
        .get("/readyz", health::readyz)
        .get("/static/{*path}", assets::serve)
        .merge(crate::appointments::routes())
        .merge(crate::auth::routes())
        .merge(crate::audit::routes())
        .merge(crate::my_day::routes())
        .merge(crate::call_sheets::routes())
        .merge(crate::callbacks::routes())
        .merge(crate::complaints::routes())
        .merge(crate::customers::routes())
        .merge(crate::drafts::routes())
        .merge(crate::duplicates::routes())
        .merge(crate::exports::routes())
        .merge(crate::floor::routes())
        .merge(crate::imports::routes())
        .merge(crate::jobs::routes())
        .merge(crate::notices::routes())
        .merge(crate::kpi::routes())
        .merge(crate::exemptions::routes())
        .merge(crate::obligations::routes())
        .merge(crate::questionnaires::routes())
        .merge(crate::reminders::routes())
        .merge(crate::reviews::routes())
        .merge(crate::rules::routes())
        .merge(crate::scripts::routes())
        .merge(crate::shifts::routes())
        .merge(crate::stores::routes())
        .merge(crate::users::routes())
        .merge(crate::vehicles::routes())
        .merge(crate::views::routes())
        .merge(crate::visits::routes())
}

/// The whole application.
pub fn build_app(app: AppState) -> Router {
    let request_id = HeaderName::from_static("x-request-id");
    routes()
        .into_router()
        .fallback(async || AppError::NotFound)
        .method_not_allowed_fallback(async || AppError::MethodNotAllowed)
        .layer(from_fn_with_state(app.clone(), session::identify))
        .layer(from_fn_with_state(app.clone(), security::refuse_cross_site))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            REQUEST_TIMEOUT,
        ))
        .layer(CatchPanicLayer::custom(|_| {
            AppError::Internal(anyhow::anyhow!("a handler panicked")).into_response()
        }))
        .layer(from_fn_with_state(app.clone(), error_page::render))
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(app.clone(), security::headers))
        .layer(PropagateRequestIdLayer::new(request_id.clone()))
        .layer(TraceLayer::new_for_http().make_span_with(|request: &Request<_>| {
            let id = request
                .headers()
                .get("x-request-id")
                .and_then(|id| id.to_str().ok())
                .unwrap_or("");
            tracing::info_span!("request", method = %request.method(), id)
        }))
        .layer(SetRequestIdLayer::new(request_id, MakeRequestUuid))
        .with_state(app)
}
