//! The outermost layer: renders error responses in the visitor's language, with the reference they can quote.

use askama::Template;
use axum::extract::{Request, State};
use axum::http::HeaderName;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::CookieJar;

use crate::auth::session::Visitor;
use crate::drafts::keep::Kept;
use crate::web::error::{ErrorPage, encode_query};
use crate::web::layout::Plain;
use crate::web::page::Page;
use crate::web::state::AppState;

#[derive(Template)]
#[template(path = "errors/error.html")]
struct ErrorTemplate {
    plain: Plain,
    status: u16,
    title: &'static str,
    text: String,
    request_id: String,
    action: Action,
    /// Where the form is opened again whose words were kept.
    kept: Option<String>,
}

/// What the page offers as the way out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Action {
    Home,
    Back,
    Retry,
    SignIn,
}

/// Replaces the empty body of an `AppError` by its page.
pub async fn render(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let jar = CookieJar::from_headers(request.headers());
    let request_id = HeaderName::from_static("x-request-id");
    let id = request
        .headers()
        .get(&request_id)
        .and_then(|id| id.to_str().ok())
        .unwrap_or("")
        .to_owned();
    let response = next.run(request).await;
    let page = match response.extensions().get::<ErrorPage>() {
        Some(page) => *page,
        // The timeout layer and axum's own refusals answer without an `AppError`.
        None => match response.status().as_u16() {
            400 => ErrorPage::BadRequest,
            413 => ErrorPage::TooLarge,
            503 if response.headers().get("content-type").is_none() => ErrorPage::Unavailable,
            _ => return response,
        },
    };
    let visitor = response
        .extensions()
        .get::<Visitor>()
        .cloned()
        .unwrap_or_else(|| Visitor::anonymous(&jar));
    let (title, text, action) = words(page, &visitor);
    let kept = response
        .extensions()
        .get::<Kept>()
        .filter(|_| page == ErrorPage::SessionEnded);
    let kept = kept.map(|kept| format!("/login?next={}", encode_query(&kept.page)));
    let text = match kept {
        Some(_) => crate::i18n::Texts(visitor.lang)
            .errors()
            .session_kept()
            .to_owned(),
        None => text,
    };
    let plain = Plain::of(&visitor, app.assets);
    let template = ErrorTemplate {
        plain,
        status: page.status().as_u16(),
        title,
        text,
        request_id: short(&id),
        action,
        kept,
    };
    let mut rendered = Page(template).with_status(page.status());
    for (name, value) in response.headers() {
        if !rendered.headers().contains_key(name) && *name != axum::http::header::CONTENT_LENGTH {
            rendered.headers_mut().insert(name.clone(), value.clone());
        }
    }
    if rendered.status() != page.status() {
        return page.status().into_response();
    }
    rendered
}

/// The first block of the request's id is enough to find it in the log.
fn short(id: &str) -> String {
    id.split('-').next().unwrap_or("").to_owned()
}

fn words(page: ErrorPage, visitor: &Visitor) -> (&'static str, String, Action) {
    let t = crate::i18n::Texts(visitor.lang).errors();
    match page {
        ErrorPage::SessionEnded => (t.session_title(), t.session().to_owned(), Action::SignIn),
        ErrorPage::Forbidden => (t.forbidden_title(), t.forbidden().to_owned(), Action::Home),
        ErrorPage::CrossSite => (t.forbidden_title(), t.cross_site().to_owned(), Action::Home),
        ErrorPage::NotFound => (t.not_found_title(), t.not_found().to_owned(), Action::Home),
        ErrorPage::MethodNotAllowed => (t.method_title(), t.bad_request().to_owned(), Action::Home),
        ErrorPage::Conflict => (t.conflict_title(), t.conflict().to_owned(), Action::Back),
        ErrorPage::BadRequest => (t.bad_request_title(), t.bad_request().to_owned(), Action::Back),
        ErrorPage::TooLarge => (t.too_large_title(), t.too_large().to_owned(), Action::Back),
        ErrorPage::TooMany { seconds } => {
            (t.too_many_title(), t.too_many(seconds.div_ceil(60)), Action::Back)
        }
        ErrorPage::Internal => (t.internal_title(), t.internal().to_owned(), Action::Retry),
        ErrorPage::Unavailable => (t.unavailable_title(), t.unavailable().to_owned(), Action::Retry),
    }
}
