//! What the browser posts about tags.

use serde::Deserialize;

use crate::text::clean;
use crate::web::form::FormErrors;

/// Longest name of a tag: it stands on a badge.
const MAX_NAME: usize = 12;

/// `POST /customers/{id}/tags`: everything that is ticked, and a new name.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct TagForm {
    pub tag: Vec<String>,
    pub new_tag: String,
}

/// What a customer is to carry, checked.
pub struct TagChoice {
    pub tags: Vec<i64>,
    pub new_name: Option<String>,
}

impl TagForm {
    /// Ids that are none are passed over, as a tag that was put away meanwhile is.
    pub fn validate(&self) -> Result<TagChoice, FormErrors> {
        let mut errors = FormErrors::default();
        let name = errors.optional("new_tag", &clean(&self.new_tag), MAX_NAME);
        errors.finish(TagChoice {
            tags: self.tag.iter().filter_map(|id| id.parse().ok()).collect(),
            new_name: (!name.is_empty()).then_some(name),
        })
    }
}
