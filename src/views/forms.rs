//! What the browser posts about a view.

use serde::Deserialize;
use uuid::Uuid;

use crate::auth::permission::Role;
use crate::views::View;
use crate::web::form::FormErrors;
use crate::web::list::ListName;

/// Longest name of a view.
const MAX_NAME: usize = 30;
/// Longest filter as it stands in an address.
const MAX_QUERY: usize = 1000;
/// More columns than any list has.
const MAX_COLUMNS: usize = 20;

/// `POST /views`: the list as it is shown, under a name.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct NewViewForm {
    pub list: String,
    pub name: String,
    pub query: String,
    pub column: Vec<String>,
    pub idem_key: String,
}

/// A view that is to be saved, checked.
pub struct ViewInput {
    pub name: String,
    pub query: String,
    pub columns: Vec<String>,
}

impl NewViewForm {
    /// The list it is of.
    pub fn list(&self) -> Option<ListName> {
        self.list.parse().ok()
    }

    /// The key of a create form.
    pub fn idem_key(&self) -> Option<Uuid> {
        self.idem_key.parse().ok()
    }

    /// Checks everything.
    pub fn validate(&self) -> Result<ViewInput, FormErrors> {
        let mut errors = FormErrors::default();
        let input = ViewInput {
            name: errors.required("name", &self.name, MAX_NAME),
            query: query(&self.query),
            columns: columns(&self.column),
        };
        errors.finish(input)
    }
}

/// A filter as posted: what a view may keep of it. A search stays out, it may be somebody's name.
pub fn query(posted: &str) -> String {
    let is_kept = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default();
        !matches!(name, "" | "q" | "page" | "per_page" | "view")
            && pair.bytes().all(|b| b.is_ascii_graphic() && b != b'#')
    };
    let kept: Vec<&str> = posted.split('&').filter(is_kept).collect();
    let query = kept.join("&");
    if query.len() > MAX_QUERY {
        String::new()
    } else {
        query
    }
}

fn columns(posted: &[String]) -> Vec<String> {
    let is_code =
        |code: &&String| code.len() <= 30 && code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    posted.iter().filter(is_code).take(MAX_COLUMNS).cloned().collect()
}

/// `POST /views/{id}`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct ViewForm {
    pub name: String,
    pub is_shared: String,
    pub default_for: String,
    pub position: String,
    pub version: i32,
}

impl ViewForm {
    /// The form of a view.
    pub fn of(view: &View) -> ViewForm {
        ViewForm {
            name: view.name.clone(),
            is_shared: if view.is_shared { "1" } else { "" }.to_owned(),
            default_for: view
                .default_for
                .map(|role| role.as_str().to_owned())
                .unwrap_or_default(),
            position: view.position.to_string(),
            version: view.version,
        }
    }

    /// The view as the form wants it; who may not keep shared views changes the name and the place only.
    pub fn validate(&self, view: &View, may_share: bool) -> Result<View, FormErrors> {
        let mut errors = FormErrors::default();
        let mut changed = view.clone();
        changed.name = errors.required("name", &self.name, MAX_NAME);
        changed.position = errors
            .number("position", &self.position, 0, 999)
            .and_then(|position| i32::try_from(position).ok())
            .unwrap_or(view.position);
        if may_share {
            changed.default_for = errors.choice::<Role>("default_for", &self.default_for);
            changed.is_shared = !self.is_shared.is_empty() || changed.default_for.is_some();
        }
        errors.finish(changed)
    }
}

/// `POST /views/{id}/query`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct QueryForm {
    pub query: String,
}

/// `POST /views/columns`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct ColumnsForm {
    pub list: String,
    pub view: String,
    pub column: Vec<String>,
    pub density: String,
    pub next: String,
}

impl ColumnsForm {
    /// The chosen codes; a list without any column but its first one keeps that code.
    pub fn columns(&self) -> Vec<String> {
        columns(&self.column)
    }

    /// The list it was chosen on.
    pub fn next(&self, list: ListName) -> String {
        let path = list.path();
        match self.next.strip_prefix(path) {
            Some(rest) if rest.is_empty() || rest.starts_with('?') => self.next.clone(),
            Some(_) | None => format!("{path}?view=all"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_keeps_filter_and_sort_only() {
        for (posted, kept) in [
            ("", ""),
            ("kind=company&sort=-name", "kind=company&sort=-name"),
            (
                "q=%E5%BC%A0&kind=company&page=3&view=7&per_page=50",
                "kind=company",
            ),
            ("kind=a b&x=1#y", ""),
            ("&&kind=company", "kind=company"),
        ] {
            assert_eq!(query(posted), kept, "{posted}");
        }
        assert_eq!(query(&"a".repeat(MAX_QUERY + 1)), "");
    }
}
