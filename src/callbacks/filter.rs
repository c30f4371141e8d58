//! The filter of the queue as it stands in the address, and what it means to the database.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::auth::session::CurrentUser;
use crate::callbacks::queries::list::{self, SearchTerms, TabBounds};
use crate::customers::search_keys::{QueryKeys, query_keys};
use crate::i18n::callbacks::CALL_KINDS;
use crate::i18n::format::Formatter;
use crate::stores::StoreScope;
use crate::text_enum;
use crate::users::UserId;
use crate::vehicles::plate::PlateNumber;
use crate::web::error::encode_query;
use crate::web::state::AppState;

/// Calls that are due within this are at risk.
pub const AT_RISK: TimeDelta = TimeDelta::hours(2);

text_enum! {
    /// Views of the queue.
    pub enum Tab {
        All = "all",
        Today = "today",
        Overdue = "overdue",
        Retry = "retry",
        Mine = "mine",
        /// Not given out for now, each with its reason.
        Held = "held",
        Done = "done",
    }
}

text_enum! {
    /// States that a figure of the board opens.
    pub enum Only {
        /// Due within the next two hours.
        AtRisk = "at_risk",
        /// Overdue, or due before the day ends.
        ByTonight = "by_tonight",
        /// Somebody is on the call now.
        Claimed = "claimed",
        /// Held back: too many contacts, the car is in the shop, no number.
        Held = "held",
    }
}

/// The filter of the list, as it stands in the address.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    pub tab: String,
    pub q: String,
    pub kind: String,
    pub advisor: String,
    /// Whose work it is: an id, or `none`.
    pub person: String,
    pub only: String,
    /// With `only=held`: why, if one reason is meant.
    pub reason: String,
}

impl ListQuery {
    /// The view; unknown ones are all of the queue.
    pub fn tab(&self) -> Tab {
        self.tab.parse().unwrap_or(Tab::All)
    }

    /// The occasion, if it is one.
    pub fn kind(&self) -> Option<&str> {
        CALL_KINDS
            .contains(&self.kind.as_str())
            .then_some(self.kind.as_str())
    }

    /// The state, if it is one.
    pub fn only(&self) -> Option<Only> {
        self.only.parse().ok()
    }

    /// Whether the filter asks for this advisor.
    pub fn is_advisor(&self, id: UserId) -> bool {
        self.advisor.parse() == Ok(id)
    }

    /// Whether the filter asks for the work of this person.
    pub fn is_person(&self, id: UserId) -> bool {
        self.person.parse() == Ok(id)
    }

    /// Whether anything but the tab is chosen.
    pub fn is_filtered(&self) -> bool {
        !self.q.trim().is_empty()
            || self.kind().is_some()
            || self.only().is_some()
            || !self.advisor.is_empty()
            || !self.person.is_empty()
    }

    /// The address of a tab with the filters kept.
    pub fn query(&self, tab: Tab) -> String {
        let mut query = format!("tab={tab}");
        for (name, value) in [
            ("q", &self.q),
            ("kind", &self.kind),
            ("advisor", &self.advisor),
            ("person", &self.person),
            ("only", &self.only),
            ("reason", &self.reason),
        ] {
            if !value.trim().is_empty() {
                query.push_str(&format!("&{name}={}", encode_query(value)));
            }
        }
        query
    }

    /// What `callbacks_matching` is asked; customers are those that the search found.
    fn conditions(&self, user: UserId, bounds: TabBounds, customers: Option<&[i64]>) -> Value {
        let tab = self.tab();
        let mut due_from = (tab == Tab::Today).then_some(bounds.now);
        let mut due_before: Option<DateTime<Utc>> = match tab {
            Tab::Today => Some(bounds.day_ends_at),
            Tab::Overdue => Some(bounds.now),
            Tab::All | Tab::Retry | Tab::Mine | Tab::Held | Tab::Done => None,
        };
        let border = match self.only() {
            Some(Only::AtRisk) => {
                due_from = Some(bounds.now);
                Some(bounds.now + AT_RISK)
            }
            Some(Only::ByTonight) => Some(bounds.day_ends_at),
            Some(Only::Claimed | Only::Held) | None => None,
        };
        due_before = match (due_before, border) {
            (Some(before), Some(border)) => Some(before.min(border)),
            (before, border) => before.or(border),
        };
        let flag = |is_set: bool| is_set.then_some(true);
        let all = json!({
            "due_from": due_from,
            "due_before": due_before,
            "retry": flag(tab == Tab::Retry),
            "mine": (tab == Tab::Mine).then_some(user),
            "person": self.person.parse::<UserId>().ok(),
            "unassigned": flag(self.person == "none"),
            "held": (tab == Tab::Held || self.only() == Some(Only::Held)).then_some(match self.reason.as_str() {
                "" => "any",
                reason => reason,
            }),
            "claimed": flag(self.only() == Some(Only::Claimed)),
            "kind": self.kind(),
            "advisor": self.advisor.parse::<UserId>().ok(),
            "customers": customers,
        });
        let all = all.as_object().cloned().unwrap_or_default();
        all.into_iter().filter(|(_, value)| !value.is_null()).collect()
    }
}

/// Where the tabs are cut at the present instant.
pub fn bounds(fmt: &Formatter) -> TabBounds {
    let today = fmt.today();
    let tomorrow = today + TimeDelta::days(1);
    let midnight = crate::calendar::StoreCalendar::new(fmt.zone).day_span(tomorrow).0;
    TabBounds {
        now: fmt.now,
        day_ends_at: midnight,
        week_starts_on: today - TimeDelta::days(i64::from(today.weekday().num_days_from_monday())),
    }
}

/// What the filter means, with the customers that its search finds.
pub async fn conditions(
    app: &AppState,
    user: &CurrentUser,
    query: &ListQuery,
    bounds: TabBounds,
) -> sqlx::Result<Value> {
    let customers = match query.q.trim() {
        "" => None,
        typed => Some(search(app, user.scope(), typed).await?),
    };
    Ok(query.conditions(user.id, bounds, customers.as_deref()))
}

/// Customers found by name, plate or repair order.
async fn search(app: &AppState, scope: StoreScope, typed: &str) -> sqlx::Result<Vec<i64>> {
    let typed = crate::text::half_width(typed);
    let keys = match query_keys(scope.get(), &typed) {
        QueryKeys::Nothing => Vec::new(),
        QueryKeys::Initial(letter) => vec![format!("{}|{letter}", scope.get())],
        QueryKeys::Pinyin(key) => vec![key],
        QueryKeys::Grams { keys, recheck: _ } => keys,
    };
    let plate = match PlateNumber::parse(&typed) {
        Ok(plate) => plate.as_str().to_owned(),
        Err(_) => typed.trim().to_uppercase(),
    };
    let terms = SearchTerms {
        keys: &keys,
        plate: &plate,
        ro_number: typed.trim(),
    };
    list::search_customers(&app.db, scope, terms).await
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_filters_read_back_from_the_address_of_every_tab(
            q in "[&=+%#张a-z]{1,8}( [a-z]{1,3})?",
            kind in "|post_service|[a-z_&]{1,8}",
            advisor in "|[0-9]{1,4}",
            person in "|none|[0-9]{1,4}",
            only in "|held|[a-z]{1,4}",
            reason in "|[a-z_]{1,4}",
        ) {
            for tab in Tab::ALL.iter().copied() {
                let filters = ListQuery {
                    tab: String::new(),
                    q: q.clone(),
                    kind: kind.clone(),
                    advisor: advisor.clone(),
                    person: person.clone(),
                    only: only.clone(),
                    reason: reason.clone(),
                };
                let read: ListQuery = serde_html_form::from_str(&filters.query(tab)).unwrap();
                prop_assert_eq!(read.tab(), tab);
                prop_assert_eq!(
                    (&read.q, &read.kind, &read.advisor, &read.person, &read.only, &read.reason),
                    (&filters.q, &filters.kind, &filters.advisor, &filters.person, &filters.only, &filters.reason)
                );
            }
        }
    }

    #[test]
    fn what_is_at_risk_is_due_within_two_hours_and_not_yet_overdue() {
        let now: DateTime<Utc> = "2026-11-24T02:00:00Z".parse().unwrap();
        let bounds = TabBounds {
            now,
            day_ends_at: now + TimeDelta::hours(1),
            week_starts_on: now.date_naive(),
        };
        for (tab, until) in [
            ("all", now + AT_RISK),
            ("today", bounds.day_ends_at),
            ("overdue", now),
        ] {
            let query = ListQuery {
                tab: tab.to_owned(),
                only: "at_risk".to_owned(),
                ..ListQuery::default()
            };
            let conditions = query.conditions(UserId::new(7), bounds, None);
            assert_eq!(
                conditions,
                json!({ "due_from": now, "due_before": until }),
                "{tab}"
            );
        }
    }
}
