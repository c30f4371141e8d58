//! What the browser posts to take a list out.

use serde::Deserialize;

use crate::exports::Format;
use crate::views::clean_query;
use crate::web::form::FormErrors;
use crate::web::list::{ListName, from_query};

/// Longest reason.
const MAX_REASON: usize = 100;
/// A reason of fewer characters is none.
const MIN_REASON: usize = 2;

/// `POST /exports`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct ExportForm {
    pub list: String,
    pub format: String,
    pub reason: String,
    pub query: String,
    pub column: Vec<String>,
}

/// The search of a list, of all that its address says.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Search {
    q: String,
}

/// A list that is to be taken out, checked.
pub struct NewExport {
    pub list: ListName,
    pub format: Format,
    pub reason: String,
    /// Filter and sort as in the address.
    pub query: String,
    /// What was searched in the list; the record does not keep it, it may be somebody's name.
    pub search: String,
    pub columns: Vec<String>,
}

impl ExportForm {
    /// Checks everything.
    pub fn validate(&self) -> Result<NewExport, FormErrors> {
        let mut errors = FormErrors::default();
        let reason = errors.required("reason", &self.reason, MAX_REASON);
        if !reason.is_empty() && reason.chars().count() < MIN_REASON {
            errors.add("reason", crate::web::form::FieldError::TooShort(MIN_REASON));
        }
        let input = NewExport {
            list: errors
                .required_choice("list", &self.list)
                .unwrap_or(ListName::Customers),
            format: errors
                .required_choice("format", &self.format)
                .unwrap_or(Format::Xlsx),
            reason,
            query: clean_query(&self.query),
            search: from_query::<Search>(&self.query).q,
            columns: self.column.clone(),
        };
        errors.finish(input)
    }
}
