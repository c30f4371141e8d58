//! Errors of requests: an enum with a page for each; the page is rendered by the outermost layer.

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

use crate::auth::permission::Permission;
use crate::db;

/// What a handler returns.
pub type AppResult<T> = Result<T, AppError>;

/// Why a request was not served. The text is for logs; people see `i18n/errors.rs`.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Nobody is signed in: a GET goes to `/login?next=…`, anything else gets the page "session ended".
    #[error("not signed in")]
    SignInRequired { next: Option<String> },
    #[error("not allowed: {0:?}")]
    Forbidden(Permission),
    /// A post that another site caused (promises R20).
    #[error("cross-site request refused")]
    CrossSite,
    /// Also the answer for rows of other stores.
    #[error("not found")]
    NotFound,
    #[error("method not allowed")]
    MethodNotAllowed,
    /// Somebody else was faster: a lost update, a lost claim.
    #[error("conflict: {0}")]
    Conflict(&'static str),
    #[error("bad request: {0}")]
    BadRequest(String),
    #[error("body too large")]
    TooLarge,
    #[error("too many tries")]
    TooMany(Duration),
    /// Overload, or the database is away.
    #[error("unavailable")]
    Unavailable,
    #[error(transparent)]
    Internal(#[from] anyhow::Error),
}

/// Which page the outermost layer renders; travels in the response's extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorPage {
    SessionEnded,
    Forbidden,
    CrossSite,
    NotFound,
    MethodNotAllowed,
    Conflict,
    BadRequest,
    TooLarge,
    TooMany { seconds: u64 },
    Internal,
    Unavailable,
}

impl ErrorPage {
    /// The status that goes with the page (contract.md, Addresses).
    pub const fn status(self) -> StatusCode {
        match self {
            ErrorPage::SessionEnded => StatusCode::UNAUTHORIZED,
            ErrorPage::Forbidden | ErrorPage::CrossSite => StatusCode::FORBIDDEN,
            ErrorPage::NotFound => StatusCode::NOT_FOUND,
            ErrorPage::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            ErrorPage::Conflict => StatusCode::CONFLICT,
            ErrorPage::BadRequest => StatusCode::BAD_REQUEST,
            ErrorPage::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ErrorPage::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            ErrorPage::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            ErrorPage::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl From<sqlx::Error> for AppError {
    fn from(error: sqlx::Error) -> AppError {
        if db::is_unavailable(&error) {
            tracing::warn!(error = %error, "database unavailable");
            AppError::Unavailable
        } else {
            AppError::Internal(error.into())
        }
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let page = match self {
            AppError::SignInRequired { next: Some(next) } => {
                return Redirect::to(&format!("/login?next={}", encode_query(&next))).into_response();
            }
            AppError::SignInRequired { next: None } => ErrorPage::SessionEnded,
            AppError::Forbidden(permission) => {
                tracing::info!(permission = permission.as_str(), "refused");
                ErrorPage::Forbidden
            }
            AppError::CrossSite => ErrorPage::CrossSite,
            AppError::NotFound => ErrorPage::NotFound,
            AppError::MethodNotAllowed => ErrorPage::MethodNotAllowed,
            AppError::Conflict(what) => {
                tracing::info!(what, "conflict");
                ErrorPage::Conflict
            }
            AppError::BadRequest(reason) => {
                tracing::debug!(reason, "bad request");
                ErrorPage::BadRequest
            }
            AppError::TooLarge => ErrorPage::TooLarge,
            AppError::TooMany(wait) => ErrorPage::TooMany {
                seconds: wait.as_secs().max(1),
            },
            AppError::Unavailable => ErrorPage::Unavailable,
            AppError::Internal(error) => {
                tracing::error!(error = format!("{error:#}"), "request failed");
                ErrorPage::Internal
            }
        };
        let mut response = page.status().into_response();
        let retry = match page {
            ErrorPage::TooMany { seconds } => Some(seconds),
            ErrorPage::Unavailable => Some(5),
            ErrorPage::SessionEnded
            | ErrorPage::Forbidden
            | ErrorPage::CrossSite
            | ErrorPage::NotFound
            | ErrorPage::MethodNotAllowed
            | ErrorPage::Conflict
            | ErrorPage::BadRequest
            | ErrorPage::TooLarge
            | ErrorPage::Internal => None,
        };
        if let Some(seconds) = retry {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(page);
        response
    }
}

/// A path and query for use as one query value.
pub fn encode_query(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                out.push(char::from(byte))
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_value_in_an_address_reads_back(text in "\\PC{0,20}|[&=+%#?; /张]{0,12}") {
            let query = format!("q={}&page=2", encode_query(&text));
            let read: Vec<(String, String)> = serde_html_form::from_str(&query).unwrap();
            prop_assert_eq!(read, [("q".to_owned(), text), ("page".to_owned(), "2".to_owned())]);
        }
    }
}
