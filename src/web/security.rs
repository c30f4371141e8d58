//! Headers of every response, cookie flags, and the refusal of cross-site posts (promises §3, R20).

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::{Cookie, SameSite};

use crate::web::error::AppError;
use crate::web::state::AppState;

const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                   form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const HEADERS: [(&str, &str); 6] = [
    ("content-security-policy", CSP),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

/// The address people type, which decides cookie names and flags and what counts as the same origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    /// Scheme, host and port as browsers send them in `Origin`.
    origin: String,
    is_https: bool,
    is_loopback: bool,
}

impl PublicUrl {
    /// Reads `https://desk.example.com` or `http://127.0.0.1:8080`; a path behind the host is not supported.
    pub fn parse(url: &str) -> Option<PublicUrl> {
        let url = url.trim_end_matches('/').to_ascii_lowercase();
        let (scheme, rest) = url.split_once("://")?;
        if rest.is_empty() || rest.contains('/') || !matches!(scheme, "http" | "https") {
            return None;
        }
        let host = match rest.strip_prefix('[') {
            Some(v6) => v6.split(']').next()?,
            None => rest.split(':').next()?,
        };
        let is_loopback =
            host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        let default_port = if scheme == "https" { ":443" } else { ":80" };
        let origin = url.strip_suffix(default_port).unwrap_or(&url).to_owned();
        Some(PublicUrl {
            origin,
            is_https: scheme == "https",
            is_loopback,
        })
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Whether signing in is safe here: browsers drop secure cookies on plain HTTP except on this machine.
    pub fn allows_sign_in(&self) -> bool {
        self.is_https || self.is_loopback
    }

    /// Name of the session cookie: `__Host-` over https, a plain name on this machine (Safari drops the other).
    pub fn session_cookie(&self) -> &'static str {
        if self.is_https { "__Host-desk" } else { "desk-dev" }
    }

    /// A cookie of ours with the flags that fit the address. Scripts never see it.
    pub fn cookie(&self, name: &'static str, value: String) -> Cookie<'static> {
        Cookie::build((name, value))
            .path("/")
            .http_only(true)
            .secure(self.is_https)
            .same_site(SameSite::Lax)
            .build()
    }
}

/// Sets the security headers on every response, errors included.
pub async fn headers(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        // A download brings a stricter policy of its own.
        headers
            .entry(HeaderName::from_static(name))
            .or_insert(HeaderValue::from_static(value));
    }
    if app.public_url.is_https {
        let year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    headers.append(
        header::VARY,
        HeaderValue::from_static("Sec-Fetch-Site, Origin, Cookie"),
    );
    response
}

/// Refuses every unsafe method that another site may have caused.
pub async fn refuse_cross_site(State(app): State<AppState>, request: Request, next: Next) -> Response {
    if is_without_session(request.uri().path())
        || is_same_origin(request.method(), request.headers(), &app.public_url)
    {
        next.run(request).await
    } else {
        AppError::CrossSite.into_response()
    }
}

/// Pages of customers know no session: their token is all that lets anybody write, and another site does not have it. They
/// send no referrer, so that older telephones name no origin.
fn is_without_session(path: &str) -> bool {
    path.starts_with("/q/")
}

/// `Sec-Fetch-Site` decides where the browser sends it, else `Origin` must be ours exactly; with neither a request
/// that carries a session is refused. Plain HTTP on an address of the local network sends no `Sec-Fetch-Site`.
fn is_same_origin(method: &Method, headers: &HeaderMap, public_url: &PublicUrl) -> bool {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return true;
    }
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    match (
        text(&HeaderName::from_static("sec-fetch-site")),
        text(&header::ORIGIN),
    ) {
        (Some("same-origin" | "none"), _) => true,
        (Some(_), _) => false,
        (None, Some(origin)) => origin.eq_ignore_ascii_case(public_url.origin()),
        (None, None) => !text(&header::COOKIE).is_some_and(|c| c.contains(public_url.session_cookie())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_url_decides_about_cookies() {
        let table = [
            (
                "https://desk.example.com",
                "https://desk.example.com",
                true,
                "__Host-desk",
            ),
            (
                "https://desk.example.com:443/",
                "https://desk.example.com",
                true,
                "__Host-desk",
            ),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080", true, "desk-dev"),
            ("http://[::1]:8080", "http://[::1]:8080", true, "desk-dev"),
            ("http://localhost", "http://localhost", true, "desk-dev"),
            (
                "http://192.168.1.5:8080",
                "http://192.168.1.5:8080",
                false,
                "desk-dev",
            ),
        ];
        for (url, origin, allowed, cookie) in table {
            let parsed = PublicUrl::parse(url).unwrap();
            assert_eq!(
                (parsed.origin(), parsed.allows_sign_in(), parsed.session_cookie()),
                (origin, allowed, cookie)
            );
        }
        for bad in ["desk.example.com", "ftp://x", "https://", "https://x/desk"] {
            assert_eq!(PublicUrl::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn posts_of_other_sites_are_refused() {
        let url = PublicUrl::parse("http://127.0.0.1:8080").unwrap();
        let table: [(&[(&str, &str)], bool); 10] = [
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (
                &[
                    ("sec-fetch-site", "cross-site"),
                    ("origin", "http://127.0.0.1:8080"),
                ],
                false,
            ),
            (&[("origin", "http://127.0.0.1:8080")], true),
            (&[("origin", "http://evil.example")], false),
            (&[("origin", "null")], false),
            (&[("cookie", "desk-dev=1")], false),
            (&[], true),
        ];
        for (sent, accepted) in table {
            let mut headers = HeaderMap::new();
            for (name, value) in sent {
                headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            assert_eq!(
                is_same_origin(&Method::POST, &headers, &url),
                accepted,
                "{sent:?}"
            );
            assert!(is_same_origin(&Method::GET, &headers, &url));
        }
    }
}
