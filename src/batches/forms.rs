//! What the browser posts about a change of many rows.

use serde::Deserialize;
use uuid::Uuid;

/// Ticked rows or a filter, and what to do with them. Posted twice: first to see the count, then with it.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct BulkForm {
    /// Ticked ids.
    pub row: Vec<String>,
    /// `filter`: all rows that the filter lets through, whatever is ticked.
    pub scope: String,
    pub filter: String,
    /// `action:value`.
    pub change: String,
    pub expected: String,
    pub idem_key: String,
}

impl BulkForm {
    /// The ticked ids; `None`: the whole filter.
    pub fn ids(&self) -> Option<Vec<i64>> {
        (self.scope != "filter").then(|| self.row.iter().filter_map(|id| id.parse().ok()).collect())
    }

    /// Action and value.
    pub fn change(&self) -> Option<(&str, &str)> {
        self.change.split_once(':')
    }

    /// The key of the confirmation.
    pub fn idem_key(&self) -> Option<Uuid> {
        self.idem_key.parse().ok()
    }

    /// The count that the person has seen.
    pub fn expected(&self) -> Option<i64> {
        self.expected.parse().ok()
    }

    /// Where the list is that it was chosen on.
    pub fn back(&self, path: &str) -> String {
        let query = crate::views::clean_query(&self.filter);
        if query.is_empty() {
            format!("{path}?view=all")
        } else {
            format!("{path}?{query}")
        }
    }
}
