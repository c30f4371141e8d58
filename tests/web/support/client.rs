//! A browser without a screen: the router in process, a cookie jar, same-origin posts.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Request, header};
use care_desk::web::build_app;
use care_desk::web::state::AppState;
use http_body_util::BodyExt;
use scraper::{Html, Selector};
use tower::ServiceExt;

/// Keeps cookies from answer to request.
#[derive(Clone)]
pub struct Client {
    app: Router,
    cookies: BTreeMap<String, String>,
}

/// An answer, read to its end.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Client {
    /// A browser without cookies.
    pub fn new(state: AppState) -> Client {
        Client {
            app: build_app(state),
            cookies: BTreeMap::new(),
        }
    }

    /// `GET path`
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// `POST path` with a form, as a browser on our own page sends it.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = serde_html_form::to_string(fields).unwrap();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(body))
            .unwrap();
        self.send(request).await
    }

    /// `POST path` with files and fields; `files` are `(field, file name, bytes)`.
    pub async fn post_multipart(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Answer {
        const BOUNDARY: &str = "----care-desk-test";
        let mut body = Vec::new();
        for (name, value) in fields {
            let part =
                format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        for (name, file, bytes) in files {
            let head = format!(
                "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\
                 content-type: application/octet-stream\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        let request = Request::post(path)
            .header(
                header::CONTENT_TYPE,
                format!("multipart/form-data; boundary={BOUNDARY}"),
            )
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(body))
            .unwrap();
        self.send(request).await
    }

    /// `GET path` of an answer that goes on: server-sent events.
    pub async fn listen(&mut self, path: &str) -> Line {
        let mut request = Request::get(path).body(Body::empty()).unwrap();
        self.add_cookies(&mut request);
        let response = self.app.clone().oneshot(request).await.unwrap();
        Line {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.into_body(),
            read: String::new(),
        }
    }

    fn add_cookies(&self, request: &mut Request<Body>) {
        if !self.cookies.is_empty() {
            let jar: Vec<String> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            request
                .headers_mut()
                .insert(header::COOKIE, jar.join("; ").parse().unwrap());
        }
    }

    /// Any request, with this browser's cookies.
    pub async fn send(&mut self, mut request: Request<Body>) -> Answer {
        self.add_cookies(&mut request);
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let (name, value) = cookie
                .to_str()
                .unwrap()
                .split(';')
                .next()
                .unwrap()
                .split_once('=')
                .unwrap();
            match value {
                "" => self.cookies.remove(name),
                _ => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        }
    }

    /// A request of any method without a body.
    pub async fn request(&mut self, method: Method, path: &str) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("sec-fetch-site", "same-origin");
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Follows a redirect, which the answer must be.
    pub async fn follow(&mut self, answer: &Answer) -> Answer {
        let location = answer.location().to_owned();
        self.get(&location).await
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// Sets a cookie, as an attacker or a second tab might.
    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }
}

/// An open line of server-sent events.
pub struct Line {
    pub status: u16,
    pub headers: HeaderMap,
    body: Body,
    read: String,
}

impl Line {
    /// The next event as name and data; a sign of life has neither. `None` when the server has closed the line.
    pub async fn next(&mut self) -> Option<(String, String)> {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let field = |name: &str| {
                    let lines = event
                        .lines()
                        .filter_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
                    lines
                        .map(|line| line.strip_prefix(' ').unwrap_or(line))
                        .collect::<Vec<_>>()
                        .join("\n")
                };
                let found = (field("event"), field("data"));
                self.read = rest.to_owned();
                return Some(found);
            }
            let frame = self.body.frame().await?.unwrap();
            let data = frame.into_data().unwrap();
            self.read.push_str(std::str::from_utf8(&data).unwrap());
        }
    }

    /// The next event that says something, as an answer whose elements can be looked at.
    pub async fn board(&mut self) -> Answer {
        loop {
            let (event, data) = self.next().await.expect("the line is open");
            if event == "board" {
                return Answer {
                    status: self.status,
                    headers: self.headers.clone(),
                    body: data.into(),
                };
            }
            assert_eq!(event, "", "{data}");
        }
    }
}

impl Answer {
    /// Where a redirect leads.
    pub fn location(&self) -> &str {
        let location = self.headers.get(header::LOCATION);
        location
            .unwrap_or_else(|| panic!("no redirect but {}: {}", self.status, self.text("body")))
            .to_str()
            .unwrap()
    }

    /// The body as text.
    pub fn html(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// Text of the first element that the selector finds, white space collapsed; empty if there is none.
    pub fn text(&self, selector: &str) -> String {
        self.texts(selector).into_iter().next().unwrap_or_default()
    }

    /// Texts of every element that the selector finds.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        let collapse = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        Html::parse_document(self.html())
            .select(&selector)
            .map(|el| collapse(el.text().collect()))
            .collect()
    }

    /// How many elements the selector finds.
    pub fn count(&self, selector: &str) -> usize {
        let selector = Selector::parse(selector).unwrap();
        Html::parse_document(self.html()).select(&selector).count()
    }

    /// Address and text of every link that the selector finds.
    pub fn links(&self, selector: &str) -> Vec<(String, String)> {
        let selector = Selector::parse(selector).unwrap();
        Html::parse_document(self.html())
            .select(&selector)
            .map(|el| {
                let href = el.value().attr("href").unwrap_or_default().to_owned();
                (href, el.text().collect::<String>().trim().to_owned())
            })
            .collect()
    }

    /// An attribute of the first element that the selector finds.
    pub fn attr(&self, selector: &str, name: &str) -> Option<String> {
        let parsed = Selector::parse(selector).unwrap();
        let document = Html::parse_document(self.html());
        document
            .select(&parsed)
            .next()
            .and_then(|el| el.value().attr(name))
            .map(str::to_owned)
    }

    /// What a browser would post of the form with this id: its controls, wherever they stand, in the order of the page.
    pub fn form(&self, id: &str) -> Vec<(String, String)> {
        let document = Html::parse_document(self.html());
        let parsed = |selector: &str| Selector::parse(selector).unwrap();
        let controls = parsed(&format!(
            "#{id} input, #{id} textarea, #{id} select, [form={id}]:is(input, textarea, select)"
        ));
        let option = parsed("option");
        let mut fields = Vec::new();
        for control in document.select(&controls) {
            let element = control.value();
            let (Some(name), false) = (element.attr("name"), element.attr("disabled").is_some()) else {
                continue;
            };
            let value = match (element.name(), element.attr("type").unwrap_or_default()) {
                ("textarea", _) => control.text().collect(),
                ("select", _) => {
                    let chosen = control
                        .select(&option)
                        .find(|o| o.value().attr("selected").is_some());
                    let chosen = chosen.or_else(|| control.select(&option).next());
                    chosen
                        .and_then(|o| o.value().attr("value"))
                        .unwrap_or_default()
                        .to_owned()
                }
                (_, "checkbox" | "radio") if element.attr("checked").is_none() => continue,
                _ => element.attr("value").unwrap_or_default().to_owned(),
            };
            fields.push((name.to_owned(), value));
        }
        fields
    }

    /// The sentence under a field.
    pub fn field_error(&self, field: &str) -> String {
        self.text(&format!("#{field}-error"))
    }
}
