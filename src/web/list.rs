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

use crate::calendar::StoreCalendar;
use crate::i18n::Texts;
use crate::text_enum;
use crate::web::error::encode_query;
use crate::web::pagination::{COUNT_LIMIT, PageParams, Pager};

text_enum! {
    /// Lists with views, columns and exports; the code is also the first segment of the address.
    pub enum ListName {
        Customers = "customers",
        Vehicles = "vehicles",
        Visits = "visits",
    }
}

impl ListName {
    /// The address without a query.
    pub const fn path(self) -> &'static str {
        match self {
            ListName::Customers => "/customers",
            ListName::Vehicles => "/vehicles",
            ListName::Visits => "/visits",
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

/// The address of a list as it stands, without the page; makes the links around it.
#[derive(Clone, Debug)]
pub struct Address {
    list: ListName,
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
        Address { list, pairs }
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
        if query.is_empty() { "view=all".to_owned() } else { query }
    }

    /// Filter and sort alone: what a view keeps, and what a change of many rows or an export is about.
    pub fn saved(&self) -> String {
        let pairs = self.pairs.iter().filter(|(name, _)| !matches!(*name, "view" | "per_page"));
        print(pairs.map(|(name, value)| (*name, value.as_str())))
    }

    /// This address with some values put in the place of others; an empty one is taken away.
    pub fn with(&self, changes: &[(&'static str, &str)]) -> String {
        let kept = self.pairs.iter().filter(|(name, _)| !changes.iter().any(|(other, _)| other == name));
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
    fn hidden(&self, except: &[&'static str]) -> Vec<(&'static str, String)> {
        let kept = self.pairs.iter().filter(|(name, _)| !except.contains(name));
        kept.cloned().collect()
    }

    fn at(&self, query: &str) -> String {
        let query = if query.is_empty() { "view=all" } else { query };
        format!("{}?{query}", self.list.path())
    }
}

/// Pairs as a query string.
pub fn print<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    pairs
        .map(|(name, value)| format!("{name}={}", encode_query(value)))
        .collect::<Vec<_>>()
        .join("&")
}

/// One filter in the row above a list: dashed while unset, tinted with its value and a way to clear it once set.
pub struct Pill {
    /// Of the panel that opens below it.
    pub id: String,
    pub label: &'static str,
    pub value: Option<String>,
    pub clear: String,
    pub choices: Vec<Choice>,
    pub inputs: Vec<Input>,
    pub hidden: Vec<(&'static str, String)>,
}

/// A value that is one click away.
pub struct Choice {
    pub href: String,
    pub label: String,
    pub is_current: bool,
}

/// A value that is typed.
pub struct Input {
    pub name: &'static str,
    pub label: &'static str,
    pub kind: &'static str,
    pub value: String,
}

impl Pill {
    fn new(label: &'static str, address: &Address, names: &[&'static str]) -> Pill {
        let cleared: Vec<(&'static str, &str)> = names.iter().map(|name| (*name, "")).collect();
        Pill {
            id: format!("filter-{}", names.first().copied().unwrap_or_default()),
            label,
            value: None,
            clear: address.with(&cleared),
            choices: Vec::new(),
            inputs: Vec::new(),
            hidden: Vec::new(),
        }
    }

    /// One of a list of values.
    pub fn choice(
        label: &'static str,
        address: &Address,
        name: &'static str,
        value: &str,
        options: impl IntoIterator<Item = (String, String)>,
    ) -> Pill {
        let pill = Pill::new(label, address, &[name]);
        options.into_iter().fold(pill, |pill, (code, text)| {
            let is_current = code == value;
            pill.or(address.with(&[(name, &code)]), text, is_current)
        })
    }

    /// A further value, which may touch other fields.
    pub fn or(mut self, href: String, label: String, is_current: bool) -> Pill {
        if is_current {
            self.value = Some(label.clone());
        }
        self.choices.push(Choice {
            href,
            label,
            is_current,
        });
        self
    }

    /// Two borders; `unit` is what the browser offers to type them with.
    pub fn range(
        label: &'static str,
        address: &Address,
        t: Texts,
        kind: &'static str,
        from: (&'static str, &str),
        to: (&'static str, &str),
    ) -> Pill {
        let t = t.lists();
        let mut pill = Pill::new(label, address, &[from.0, to.0]);
        pill.value = match (from.1, to.1) {
            ("", "") => None,
            (from, "") => Some(t.since(from)),
            ("", to) => Some(t.until(to)),
            (from, to) if from == to => Some(from.to_owned()),
            (from, to) => Some(t.between(from, to)),
        };
        pill.hidden = address.hidden(&[from.0, to.0]);
        for (label, (name, value)) in [(t.from(), from), (t.to(), to)] {
            pill.inputs.push(Input {
                name,
                label,
                kind,
                value: value.to_owned(),
            });
        }
        pill
    }

    /// A typed word.
    pub fn word(label: &'static str, address: &Address, name: &'static str, value: &str) -> Pill {
        let mut pill = Pill::new(label, address, &[name]);
        pill.value = (!value.is_empty()).then(|| value.to_owned());
        pill.hidden = address.hidden(&[name]);
        pill.inputs.push(Input {
            name,
            label,
            kind: "text",
            value: value.to_owned(),
        });
        pill
    }

    /// Fields that a choice of this pill takes away when it is made, and the other way round.
    pub fn without(mut self, names: &[&'static str], clear: String) -> Pill {
        self.hidden.retain(|(name, _)| !names.contains(name));
        self.clear = clear;
        self
    }
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
    let descending = if is_current { !sort.descending } else { descends_first };
    let aria = if sort.descending { "descending" } else { "ascending" };
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

/// A tab above the list: everything, or a saved view.
pub struct Tab {
    pub href: String,
    pub label: String,
    pub is_current: bool,
    pub is_shared: bool,
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
        self.columns.iter().any(|column| column.code == code && column.is_shown)
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

#[cfg(test)]
mod tests {
    use super::*;

    list_filter! {
        pub struct TestFilter { kind, name, }
        tidy(filter, _zone) { keep_code::<ListName>(&mut filter.kind); }
    }

    text_enum! {
        pub enum Key {
            Name = "name",
            Age = "age",
        }
    }

    fn address(query: &str) -> Address {
        let asked = from_query::<Asked>(query);
        Address::new(ListName::Customers, &from_query::<TestFilter>(query), &asked, from_query(query))
    }

    #[test]
    fn an_address_prints_itself_back() {
        for (query, printed, saved) in [
            ("", "", ""),
            ("kind=visits&page=3", "kind=visits", "kind=visits"),
            ("view=7&sort=-age&name=%E5%BC%A0", "name=%E5%BC%A0&sort=-age&view=7", "name=%E5%BC%A0&sort=-age"),
            ("per_page=50&name=%20", "per_page=50", ""),
            ("per_page=25&other=1", "", ""),
        ] {
            assert_eq!((address(query).query().as_str(), address(query).saved().as_str()), (printed, saved), "{query}");
        }
    }

    #[test]
    fn links_change_one_thing_and_start_at_the_first_page() {
        let here = address("kind=visits&sort=age&page=4");
        assert_eq!(here.with(&[("name", "a b")]), "/customers?kind=visits&sort=age&name=a%20b");
        assert_eq!(here.with(&[("kind", ""), ("sort", "")]), "/customers?view=all");
        assert_eq!(here.cleared(), "/customers?view=all");
        assert_eq!(address("view=7&kind=visits").cleared(), "/customers?view=7");
    }

    #[test]
    fn a_heading_turns_its_own_order_round() {
        let default = Sort { key: Key::Age, descending: true };
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
        assert_eq!(end_of_day("2026-11-24", zone).unwrap().to_string(), "2026-11-24 16:00:00 UTC");
    }
}
