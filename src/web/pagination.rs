//! Numbered pages of lists.

use serde::{Deserialize, Deserializer};

/// Above this the total is not counted: the pager says "10,000+".
pub const COUNT_LIMIT: i64 = 10_000;

/// `page` and `per_page` of a query string; nonsense falls back to the defaults.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default)]
pub struct PageParams {
    #[serde(deserialize_with = "lenient")]
    page: i64,
    #[serde(deserialize_with = "lenient")]
    per_page: i64,
}

fn lenient<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    Ok(String::deserialize(deserializer)?.parse().unwrap_or(0))
}

impl Default for PageParams {
    fn default() -> PageParams {
        PageParams {
            page: 1,
            per_page: 25,
        }
    }
}

impl PageParams {
    /// The page asked for, from 1. Deep pages end at 400: a filter finds faster than paging does.
    pub fn page(self) -> i64 {
        self.page.clamp(1, 400)
    }

    /// Rows a page, 25 unless asked otherwise, 100 at most.
    pub fn per_page(self) -> i64 {
        if self.per_page < 1 {
            25
        } else {
            self.per_page.min(100)
        }
    }

    /// Rows to skip.
    pub fn offset(self) -> i64 {
        (self.page() - 1) * self.per_page()
    }

    /// Rows to fetch: one more than shown tells whether there is a next page.
    pub fn limit(self) -> i64 {
        self.per_page() + 1
    }
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Paged<T> {
    pub rows: Vec<T>,
    pub page: i64,
    pub per_page: i64,
    pub has_next: bool,
    /// Exact up to `COUNT_LIMIT`, `None` where the list is not counted.
    pub total: Option<i64>,
}

impl<T> Paged<T> {
    /// Cuts the extra row that `PageParams::limit` fetched.
    pub fn new(mut rows: Vec<T>, params: PageParams, total: Option<i64>) -> Paged<T> {
        let has_next = rows.len() as i64 > params.per_page();
        rows.truncate(params.per_page() as usize);
        Paged {
            rows,
            page: params.page(),
            per_page: params.per_page(),
            has_next,
            total,
        }
    }

    /// What the pager macro needs; `query` is the list's filter as a query string without `page`.
    pub fn pager(&self, path: &str, query: &str) -> Pager {
        let shown = self.rows.len() as i64;
        let before = (self.page - 1) * self.per_page;
        let link = |page: i64| {
            let separator = if query.is_empty() { "" } else { "&" };
            format!("{path}?{query}{separator}page={page}")
        };
        let last = match self.total {
            Some(total) if total <= COUNT_LIMIT => (total + self.per_page - 1) / self.per_page,
            Some(_) | None => self.page + i64::from(self.has_next),
        };
        Pager {
            from: if shown == 0 { 0 } else { before + 1 },
            to: before + shown,
            total: self.total,
            pages: page_links(self.page, last, link),
            previous: (self.page > 1).then(|| link(self.page - 1)),
            next: self.has_next.then(|| link(self.page + 1)),
        }
    }
}

/// The pager under a list: `templates/macros/pager.html`.
#[derive(Clone, Debug)]
pub struct Pager {
    pub from: i64,
    pub to: i64,
    pub total: Option<i64>,
    pub pages: Vec<PageLink>,
    pub previous: Option<String>,
    pub next: Option<String>,
}

/// One number of the pager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageLink {
    Current(i64),
    Other { number: i64, href: String },
    Gap,
}

impl Pager {
    /// The total as written: exact up to the limit, `10,000+` above.
    pub fn total_text(&self) -> Option<String> {
        self.total.map(|n| {
            if n > COUNT_LIMIT {
                "10,000+".to_owned()
            } else {
                n.to_string()
            }
        })
    }
}

/// First, last, and two on either side of the current page.
fn page_links(current: i64, last: i64, link: impl Fn(i64) -> String) -> Vec<PageLink> {
    let mut links = Vec::new();
    let mut previous = 0;
    for number in (1..=last).filter(|n| *n == 1 || *n == last || (n - current).abs() <= 2) {
        if number > previous + 1 {
            links.push(PageLink::Gap);
        }
        links.push(match number == current {
            true => PageLink::Current(number),
            false => PageLink::Other {
                number,
                href: link(number),
            },
        });
        previous = number;
    }
    links
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(page: i64) -> PageParams {
        PageParams { page, per_page: 25 }
    }

    #[test]
    fn a_page_knows_its_range_and_its_neighbours() {
        let paged = Paged::new((0..26).collect(), params(2), Some(76));
        assert_eq!((paged.rows.len(), paged.has_next), (25, true));
        let pager = paged.pager("/customers", "q=x");
        assert_eq!((pager.from, pager.to), (26, 50));
        assert_eq!(pager.previous.as_deref(), Some("/customers?q=x&page=1"));
        assert_eq!(pager.pages.len(), 4);
        let empty = Paged::new(Vec::<i32>::new(), params(1), Some(0)).pager("/x", "");
        assert_eq!(
            (empty.from, empty.to, empty.next, empty.pages.len()),
            (0, 0, None, 0)
        );
    }

    #[test]
    fn far_pages_are_gaps() {
        let links = page_links(10, 40, |n| n.to_string());
        let text: Vec<String> = links
            .iter()
            .map(|link| match link {
                PageLink::Current(n) => format!("[{n}]"),
                PageLink::Other { number, .. } => number.to_string(),
                PageLink::Gap => "…".to_owned(),
            })
            .collect();
        assert_eq!(text.join(" "), "1 … 8 9 [10] 11 12 … 40");
    }

    #[test]
    fn nonsense_in_the_address_falls_back() {
        let table = [
            ("page=0&per_page=9999", 1, 100),
            ("page=x", 1, 25),
            ("page=7&per_page=50", 7, 50),
            ("", 1, 25),
        ];
        for (query, page, per_page) in table {
            let uri = format!("/x?{query}").parse().unwrap();
            let params = axum_extra::extract::Query::<PageParams>::try_from_uri(&uri)
                .unwrap()
                .0;
            assert_eq!((params.page(), params.per_page()), (page, per_page), "{query}");
        }
    }
}
