//! What lists have in common: the address that holds filter, sort and view; the row of filters; columns; the page's frame.
//!
//! A list keeps nothing between two requests: what it shows is what its address says, so a link, a saved view, a change of
//! many rows and an export all carry the same text. Filters and columns are drawn by `templates/macros/list.html`.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::auth::permission::Permission;
use crate::calendar::StoreCalendar;
use crate::text_enum;
use crate::web::pagination::{COUNT_LIMIT, PageParams};

mod address;
mod frame;
mod pill;

pub use address::Address;
pub use frame::{ColumnChoice, ListFrame, SortLink, Tab, Undo, sort_link};
pub use pill::{Choice, Input, Pill};

text_enum! {
    /// Lists with views, columns and exports; the code is also the first segment of the address.
    pub enum ListName {
        Customers = "customers",
        Vehicles = "vehicles",
        Visits = "visits",
        Complaints = "complaints",
    }
}

impl ListName {
    /// What one needs to take the list out as a file.
    pub const fn export_permission(self) -> Permission {
        match self {
            ListName::Customers | ListName::Vehicles | ListName::Visits => Permission::ExportArchive,
            ListName::Complaints => Permission::ExportComplaints,
        }
    }

    /// The address without a query.
    pub const fn path(self) -> &'static str {
        match self {
            ListName::Customers => "/customers",
            ListName::Vehicles => "/vehicles",
            ListName::Visits => "/visits",
            ListName::Complaints => "/complaints",
        }
    }
}

/// The filter of a list: one struct of texts that reads the address and prints itself back.
pub trait Filter: Clone + Default + DeserializeOwned {
    /// Name and value of what is set, in the order of the fields.
    fn pairs(&self) -> Vec<(&'static str, &str)>;

    /// Takes away what means nothing: the list, its count, its export then agree on what is filtered.
    fn tidy(&mut self, zone: Tz);
}

/// Declares a filter: its fields are texts, named as in the address.
#[macro_export]
macro_rules! list_filter {
    ($(#[$doc:meta])* pub struct $name:ident { $( $field:ident, )+ } tidy($this:ident, $zone:ident) $tidy:block) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, serde::Deserialize)]
        #[serde(default)]
        pub struct $name { $( pub $field: String, )+ }

        impl $crate::web::list::Filter for $name {
            fn pairs(&self) -> Vec<(&'static str, &str)> {
                let all = [$( (stringify!($field), self.$field.trim()), )+];
                all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
            }

            fn tidy(&mut self, $zone: chrono_tz::Tz) {
                let $this = self;
                $tidy
            }
        }
    };
}

/// Empties a field whose value is none of the codes.
pub fn keep_code<T: FromStr>(field: &mut String) {
    if field.trim().parse::<T>().is_err() {
        field.clear();
    }
}

/// Empties fields that are no days a store may have seen; a lower border above the upper one empties nothing.
pub fn keep_days(fields: [&mut String; 2], zone: Tz) {
    for field in fields {
        // Around the borders of what a calendar can say, a day has no instants.
        let is_day = day(field).is_some_and(|day| (1900..=2200).contains(&chrono::Datelike::year(&day)));
        if !is_day || start_of_day(field, zone).is_none() {
            field.clear();
        }
    }
}

/// A day as browsers send it.
pub fn day(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok()
}

/// The instant a day begins in the store.
pub fn start_of_day(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    Some(StoreCalendar::new(zone).day_span(day(text)?).0)
}

/// The instant after the end of a day in the store.
pub fn end_of_day(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    Some(StoreCalendar::new(zone).day_span(day(text)?).1)
}

/// Which column orders a list, and which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort<K> {
    pub key: K,
    pub descending: bool,
}

impl<K: FromStr> Sort<K> {
    /// `name` or `-name`; anything else is the list's own order.
    pub fn parse(text: &str, default: Sort<K>) -> Sort<K> {
        let (descending, key) = match text.strip_prefix('-') {
            Some(key) => (true, key),
            None => (false, text),
        };
        key.parse().map_or(default, |key| Sort { key, descending })
    }
}

impl<K: fmt::Display> fmt::Display for Sort<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.descending { "-" } else { "" }, self.key)
    }
}

/// What every list's address may say beside its filter. `view=all` is the list without any view.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    pub sort: String,
    pub view: String,
}

/// Reads a query string that comes in a form instead of in an address. Nonsense is the empty filter.
pub fn from_query<T: DeserializeOwned + Default>(query: &str) -> T {
    let uri = format!("/?{query}").parse::<axum::http::Uri>();
    uri.ok()
        .and_then(|uri| axum_extra::extract::Query::<T>::try_from_uri(&uri).ok())
        .map(|query| query.0)
        .unwrap_or_default()
}

/// Something of the store that a filter or a change offers: its id and what is read.
pub struct Named {
    pub id: i64,
    pub name: String,
}

/// Which rows of an ordered list are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub limit: i64,
    pub offset: i64,
    /// No more than are counted exactly: all of them are found and sorted. Of more, the order is walked instead.
    pub is_few: bool,
}

impl Window {
    /// A page: the filter decides whether few rows are left, the count of all that it lets through says so.
    pub fn page(params: PageParams, is_filtered: bool, total: i64) -> Window {
        Window {
            limit: params.limit(),
            offset: params.offset(),
            is_few: is_filtered && total <= COUNT_LIMIT,
        }
    }
}

/// A value as an export writes it.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Text(String),
    Number(f64),
}

impl Cell {
    /// A text, also for everything that looks like a number and is none.
    pub fn text(text: impl Into<String>) -> Cell {
        Cell::Text(text.into())
    }

    /// A day as `2026-11-24`; empty where there is none.
    pub fn day(day: Option<NaiveDate>) -> Cell {
        Cell::Text(day.map(|day| day.to_string()).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    list_filter! {
        pub struct TestFilter { kind, name, }
        tidy(filter, _zone) { keep_code::<ListName>(&mut filter.kind); }
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Key {
        Name,
        Age,
    }

    impl FromStr for Key {
        type Err = ();

        fn from_str(text: &str) -> Result<Key, ()> {
            match text {
                "name" => Ok(Key::Name),
                "age" => Ok(Key::Age),
                _ => Err(()),
            }
        }
    }

    impl fmt::Display for Key {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(match self {
                Key::Name => "name",
                Key::Age => "age",
            })
        }
    }

    fn address(query: &str) -> Address {
        let asked = from_query::<Asked>(query);
        Address::new(
            ListName::Customers,
            &from_query::<TestFilter>(query),
            &asked,
            from_query(query),
        )
    }

    #[test]
    fn an_address_prints_itself_back() {
        for (query, printed, saved) in [
            ("", "", ""),
            ("kind=visits&page=3", "kind=visits", "kind=visits"),
            (
                "view=7&sort=-age&name=%E5%BC%A0",
                "name=%E5%BC%A0&sort=-age&view=7",
                "name=%E5%BC%A0&sort=-age",
            ),
            ("per_page=50&name=%20", "per_page=50", ""),
            ("per_page=25&other=1", "", ""),
        ] {
            assert_eq!(
                (address(query).query().as_str(), address(query).saved().as_str()),
                (printed, saved),
                "{query}"
            );
        }
    }

    #[test]
    fn links_change_one_thing_and_start_at_the_first_page() {
        let here = address("kind=visits&sort=age&page=4");
        assert_eq!(
            here.with(&[("name", "a b")]),
            "/customers?kind=visits&sort=age&name=a%20b"
        );
        assert_eq!(here.with(&[("kind", ""), ("sort", "")]), "/customers?view=all");
        assert_eq!(here.cleared(), "/customers?view=all");
        assert_eq!(address("view=7&kind=visits").cleared(), "/customers?view=7");
    }

    #[test]
    fn a_heading_turns_its_own_order_round() {
        let default = Sort {
            key: Key::Age,
            descending: true,
        };
        let here = address("");
        for (text, key, href, aria) in [
            ("", Key::Age, "/customers?sort=age", Some("descending")),
            ("age", Key::Age, "/customers?sort=-age", Some("ascending")),
            ("-name", Key::Age, "/customers?sort=-age", None),
            ("nonsense", Key::Name, "/customers?sort=name", None),
        ] {
            let link = sort_link(&here, Sort::parse(text, default), key, key == Key::Age);
            assert_eq!((link.href.as_str(), link.aria), (href, aria), "{text}");
        }
    }

    #[test]
    fn nonsense_filters_nothing() {
        let zone = chrono_tz::Asia::Shanghai;
        let mut filter = from_query::<TestFilter>("kind=houses&name=x");
        filter.tidy(zone);
        assert_eq!(filter.pairs(), [("name", "x")]);
        let (mut from, mut to) = ("2026-02-30".to_owned(), "9999-01-01".to_owned());
        keep_days([&mut from, &mut to], zone);
        assert_eq!((from.as_str(), to.as_str()), ("", ""));
        assert_eq!(
            end_of_day("2026-11-24", zone).unwrap().to_string(),
            "2026-11-24 16:00:00 UTC"
        );
    }
}
