//! The address of a list: its filter, order and view, and the links that change one of them.

use crate::web::error::encode_query;
use crate::web::list::{Asked, Filter, ListName};
use crate::web::pagination::PageParams;

/// The address of a list as it stands, without the page; makes the links around it.
#[derive(Clone, Debug)]
pub struct Address {
    list: ListName,
    path: &'static str,
    pairs: Vec<(&'static str, String)>,
}

impl Address {
    /// Filter, sort (empty: the list's own order), view and page size.
    pub fn new(list: ListName, filter: &impl Filter, asked: &Asked, params: PageParams) -> Address {
        let mut pairs: Vec<(&'static str, String)> = Vec::new();
        for (name, value) in filter.pairs() {
            pairs.push((name, value.to_owned()));
        }
        let per_page = if params.per_page() == PageParams::default().per_page() {
            String::new()
        } else {
            params.per_page().to_string()
        };
        for (name, value) in [
            ("sort", asked.sort.clone()),
            ("view", asked.view.clone()),
            ("per_page", per_page),
        ] {
            if !value.is_empty() {
                pairs.push((name, value));
            }
        }
        Address {
            list,
            path: list.path(),
            pairs,
        }
    }

    /// The same filter shown on another page of the list, as on a board.
    pub fn on(self, path: &'static str) -> Address {
        Address { path, ..self }
    }

    /// The page that this is the address of, without a query.
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// The list that this is the address of.
    pub const fn list(&self) -> ListName {
        self.list
    }

    /// Everything after the question mark.
    pub fn query(&self) -> String {
        print(self.pairs.iter().map(|(name, value)| (*name, value.as_str())))
    }

    /// What the pager's links carry. Never empty: the bare path opens the view of one's role.
    pub fn pager_query(&self) -> String {
        let query = self.query();
        if query.is_empty() {
            "view=all".to_owned()
        } else {
            query
        }
    }

    /// Filter and sort alone: what a view keeps, and what a change of many rows or an export is about.
    pub fn saved(&self) -> String {
        let pairs = self
            .pairs
            .iter()
            .filter(|(name, _)| !matches!(*name, "view" | "per_page"));
        print(pairs.map(|(name, value)| (*name, value.as_str())))
    }

    /// This address with some values put in the place of others; an empty one is taken away.
    pub fn with(&self, changes: &[(&'static str, &str)]) -> String {
        let kept = self
            .pairs
            .iter()
            .filter(|(name, _)| !changes.iter().any(|(other, _)| other == name));
        let kept = kept.map(|(name, value)| (*name, value.as_str()));
        let query = print(kept.chain(changes.iter().copied().filter(|(_, value)| !value.is_empty())));
        self.at(&query)
    }

    /// The list with no filter at all, in its own order. Not the bare path, which opens the view of one's role.
    pub fn cleared(&self) -> String {
        let view = self.pairs.iter().find(|(name, _)| *name == "view");
        self.at(&view.map_or_else(String::new, |(_, value)| format!("view={}", encode_query(value))))
    }

    /// Hidden fields of a form that changes the named ones.
    pub fn hidden(&self, except: &[&'static str]) -> Vec<(&'static str, String)> {
        let kept = self.pairs.iter().filter(|(name, _)| !except.contains(name));
        kept.cloned().collect()
    }

    fn at(&self, query: &str) -> String {
        let query = if query.is_empty() { "view=all" } else { query };
        format!("{}?{query}", self.path)
    }
}

/// Pairs as a query string.
fn print<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    pairs
        .map(|(name, value)| format!("{name}={}", encode_query(value)))
        .collect::<Vec<_>>()
        .join("&")
}
