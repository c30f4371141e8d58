//! `/static`: files inside the program, named by content hash and cached for ever.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::Embed;
use sha2::{Digest, Sha256};

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
    files: HashMap<String, Cow<'static, [u8]>>,
}

/// Names that a module imports from its own folder, one import a line.
fn imports(data: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(data);
    let lines = text.lines().filter(|line| line.starts_with("import "));
    let names = lines.filter_map(|line| line.split_once("'./")?.1.split_once('\''));
    names.map(|(name, _)| name.to_owned()).collect()
}

impl Assets {
    /// The files of this build.
    pub fn get() -> &'static Assets {
        static ASSETS: OnceLock<Assets> = OnceLock::new();
        ASSETS.get_or_init(Assets::load)
    }

    /// JavaScript modules import each other by relative name (`from './branch.js'`): the name is rewritten to the hashed
    /// one, so a module is named after those that it imports and gets another name when one of them changes.
    fn load() -> Assets {
        let mut assets = Assets {
            urls: HashMap::new(),
            files: HashMap::new(),
        };
        for name in Files::iter() {
            assets.add(&name, &mut Vec::new());
        }
        assets
    }

    /// Adds a file after the modules that it imports; `open` are those that wait for it: modules that import each other
    /// in a circle would have no name, which a test finds.
    fn add(&mut self, name: &str, open: &mut Vec<String>) {
        if self.urls.contains_key(name) || open.iter().any(|waiting| waiting == name) {
            return;
        }
        let Some(file) = Files::get(name) else {
            return;
        };
        let mut data = file.data;
        let imports = if name.ends_with(".js") {
            imports(&data)
        } else {
            Vec::new()
        };
        if !imports.is_empty() {
            let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
            let mut text = String::from_utf8_lossy(&data).into_owned();
            open.push(name.to_owned());
            for import in imports {
                let target = format!("{folder}/{import}");
                let target = target.trim_start_matches('/');
                self.add(target, open);
                text = text.replace(&format!("'./{import}'"), &format!("'{}'", self.url(target)));
            }
            open.pop();
            data = text.into_bytes().into();
        }
        let hash = hex::encode(&Sha256::digest(&data)[..6]);
        let hashed = match name.rsplit_once('.') {
            Some((stem, extension)) => format!("{stem}.{hash}.{extension}"),
            None => format!("{name}.{hash}"),
        };
        self.urls.insert(name.to_owned(), format!("/static/{hashed}"));
        self.files.insert(hashed, data);
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
    (StatusCode::OK, headers, file.clone()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_import_of_a_module_names_a_file_that_is_served() {
        let assets = Assets::get();
        let mut found = 0;
        for (name, data) in assets.files.iter().filter(|(name, _)| name.ends_with(".js")) {
            let text = String::from_utf8_lossy(data);
            for line in text.lines().filter(|line| line.starts_with("import ")) {
                let path = line.split('\'').nth(1).unwrap_or_default();
                let file = path.strip_prefix("/static/").unwrap_or_default();
                assert!(assets.files.contains_key(file), "{name}: {line}");
                found += 1;
            }
        }
        assert!(found > 0, "no module imports another");
    }

    #[test]
    fn a_module_is_found_by_its_imports() {
        let text = b"// import './no.js'\nimport { a } from './a.js';\nimport './b.js';\n import('./c.js')";
        assert_eq!(imports(text), ["a.js", "b.js"]);
    }
}
