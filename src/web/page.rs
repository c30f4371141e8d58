//! Pages and redirects as responses.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use crate::i18n::flash::Flash;
use crate::web::error::{AppError, AppResult};

/// A rendered template. Pages of signed-in people are never stored by a browser or proxy.
pub struct Page<T>(pub T);

impl<T: Template> Page<T> {
    /// The same page with another status, for example 422 for a form with errors.
    pub fn with_status(self, status: StatusCode) -> Response {
        let mut response = self.into_response();
        if response.status() == StatusCode::OK {
            *response.status_mut() = status;
        }
        response
    }

    /// The form again, with its errors and everything that was typed.
    pub fn invalid(self) -> AppResult<Response> {
        Ok(self.with_status(StatusCode::UNPROCESSABLE_ENTITY))
    }
}

impl<T: Template> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        match self.0.render() {
            Ok(html) => {
                let mut response = Html(html).into_response();
                response
                    .headers_mut()
                    .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
                response
            }
            Err(error) => AppError::Internal(error.into()).into_response(),
        }
    }
}

/// A 303, optionally with a message that the next page shows.
pub struct Redirect {
    location: String,
    flash: Option<Flash>,
}

/// Sends the browser to a local path with GET.
pub fn redirect(location: impl Into<String>) -> Redirect {
    Redirect {
        location: location.into(),
        flash: None,
    }
}

impl Redirect {
    /// The next page that this person opens shows the message once.
    pub fn with_flash(mut self, flash: Flash) -> Redirect {
        self.flash = Some(flash);
        self
    }
}

impl IntoResponse for Redirect {
    fn into_response(self) -> Response {
        let mut response = axum::response::Redirect::to(&self.location).into_response();
        if let Some(flash) = self.flash {
            response.extensions_mut().insert(flash);
        }
        response
    }
}
