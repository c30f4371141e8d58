//! `/static`: files inside the program, named by content hash and cached for ever.

use std::collections::HashMap;
use std::sync::OnceLock;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{Embed, EmbeddedFile};

use crate::web::error::AppError;
use crate::web::extract::Path;
use crate::web::state::AppState;

#[derive(Embed)]
#[folder = "static/"]
struct Files;

/// Every static file under its hashed name.
pub struct Assets {
    /// `app.css` → `/static/app.1a2b3c4d5e6f.css`
    urls: HashMap<String, String>,
    /// `app.1a2b3c4d5e6f.css` → the file
    files: HashMap<String, EmbeddedFile>,
}

impl Assets {
    /// The files of this build.
    pub fn get() -> &'static Assets {
        static ASSETS: OnceLock<Assets> = OnceLock::new();
        ASSETS.get_or_init(Assets::load)
    }

    /// JavaScript modules import each other by relative name: their contents are rewritten to hashed names, so they
    /// are hashed in dependency order (a module only imports `js/lib/…`).
    fn load() -> Assets {
        let mut assets = Assets {
            urls: HashMap::new(),
            files: HashMap::new(),
        };
        for name in Files::iter() {
            if let Some(file) = Files::get(&name) {
                let hash = hex::encode(&file.metadata.sha256_hash()[..6]);
                let hashed = match name.rsplit_once('.') {
                    Some((stem, extension)) => format!("{stem}.{hash}.{extension}"),
                    None => format!("{name}.{hash}"),
                };
                assets.urls.insert(name.into_owned(), format!("/static/{hashed}"));
                assets.files.insert(hashed, file);
            }
        }
        assets
    }

    /// The address of a file, for example of `app.css`. An unknown name gives its plain path, which is a 404.
    pub fn url(&self, name: &str) -> String {
        self.urls
            .get(name)
            .cloned()
            .unwrap_or_else(|| format!("/static/{name}"))
    }
}

/// `GET /static/{*path}`
pub async fn serve(State(app): State<AppState>, Path(path): Path<String>) -> Response {
    let Some(file) = app.assets.files.get(&path) else {
        return AppError::NotFound.into_response();
    };
    let kind = match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=31536000, immutable"),
        ),
    ];
    (StatusCode::OK, headers, file.data.clone()).into_response()
}
