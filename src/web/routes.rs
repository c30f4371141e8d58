//! A router that remembers its routes, so that tests can walk all of them.

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{get, post};

use crate::web::state::AppState;

/// Routes of a feature: `Routes::new().get("/customers", handlers::index)`.
#[derive(Default)]
pub struct Routes {
    router: Router<AppState>,
    list: Vec<(Method, &'static str)>,
}

impl Routes {
    /// No routes yet.
    pub fn new() -> Routes {
        Routes::default()
    }

    /// A page.
    pub fn get<H, T>(mut self, path: &'static str, handler: H) -> Routes
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        self.list.push((Method::GET, path));
        self.router = self.router.route(path, get(handler));
        self
    }

    /// A write; answers 303 when done.
    pub fn post<H, T>(mut self, path: &'static str, handler: H) -> Routes
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        self.list.push((Method::POST, path));
        self.router = self.router.route(path, post(handler));
        self
    }

    /// A write whose body may be larger than the 1 MB of all others, in bytes.
    pub fn post_up_to<H, T>(mut self, path: &'static str, bytes: usize, handler: H) -> Routes
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        self.list.push((Method::POST, path));
        let limit = axum::extract::DefaultBodyLimit::max(bytes);
        self.router = self.router.route(path, post(handler).layer(limit));
        self
    }

    /// Adds the routes of another feature.
    pub fn merge(mut self, other: Routes) -> Routes {
        self.list.extend(other.list);
        self.router = self.router.merge(other.router);
        self
    }

    /// Method and path of every route.
    pub fn list(&self) -> &[(Method, &'static str)] {
        &self.list
    }

    /// The axum router.
    pub fn into_router(self) -> Router<AppState> {
        self.router
    }
}
