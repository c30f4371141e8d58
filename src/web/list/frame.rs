//! What stands around the rows of a list: tabs, filters, headings, columns, pager.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::web::list::{Address, Choice, Pill, Sort};
use crate::web::pagination::{COUNT_LIMIT, PageParams, Pager};

/// Whether and how a heading sorts.
pub struct SortLink {
    pub href: String,
    /// `ascending` or `descending` when the list is sorted by it.
    pub aria: Option<&'static str>,
}

/// The link of a heading: the other way round if the list is sorted by it already, else the column's first way.
pub fn sort_link<K: PartialEq + fmt::Display + Copy>(
    address: &Address,
    sort: Sort<K>,
    key: K,
    descends_first: bool,
) -> SortLink {
    let is_current = sort.key == key;
    let descending = if is_current {
        !sort.descending
    } else {
        descends_first
    };
    let aria = if sort.descending {
        "descending"
    } else {
        "ascending"
    };
    SortLink {
        href: address.with(&[("sort", &Sort { key, descending }.to_string())]),
        aria: is_current.then_some(aria),
    }
}

/// A column that a person may show or hide.
pub struct ColumnChoice {
    pub code: &'static str,
    pub label: &'static str,
    pub is_shown: bool,
}

/// A tab above the list: everything, a view of the house, or a saved one.
#[derive(Default)]
pub struct Tab {
    pub href: String,
    pub label: String,
    pub is_current: bool,
    pub is_shared: bool,
    /// How many rows it holds, where that is counted beside the open tab.
    pub count: Option<i64>,
    /// Some of them are late.
    pub is_late: bool,
}

/// A change of many rows that its author may still take back.
pub struct Undo {
    pub batch: i64,
    pub row_count: i32,
    pub at: DateTime<Utc>,
}

/// Everything around the rows of a list.
pub struct ListFrame {
    pub address: Address,
    pub tabs: Vec<Tab>,
    pub pills: Vec<Pill>,
    pub columns: Vec<ColumnChoice>,
    pub is_dense: bool,
    /// The columns belong to the view, which only its keepers may change.
    pub has_fixed_columns: bool,
    /// The saved view that is open, and whether this person may change it.
    pub view: Option<(i64, bool)>,
    /// The list is filtered or sorted otherwise than the open view.
    pub has_changed: bool,
    pub is_filtered: bool,
    /// Of the panel that saves the list as a view.
    pub idem_key: String,
    pub pager: Pager,
    pub total: i64,
    pub sizes: Vec<Choice>,
    pub undo: Option<Undo>,
}

impl ListFrame {
    /// Whether a column is shown.
    pub fn has(&self, code: &str) -> bool {
        self.columns
            .iter()
            .any(|column| column.code == code && column.is_shown)
    }

    /// Whether there are more rows than are counted.
    pub fn has_many(&self) -> bool {
        self.total > COUNT_LIMIT
    }

    /// Page sizes of the pager.
    pub fn sizes(address: &Address, params: PageParams) -> Vec<Choice> {
        let size = |size: i64| Choice {
            href: address.with(&[("per_page", &size.to_string())]),
            label: size.to_string(),
            is_current: params.per_page() == size,
        };
        [25, 50, 100].into_iter().map(size).collect()
    }
}
