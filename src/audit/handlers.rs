//! The page of the audit log.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;
use serde_json::Value;

use crate::audit::Chain;
use crate::audit::queries::{self, EntryRow, Wanted};
use crate::auth::permission::{Can, Permission, ViewAudit};
use crate::i18n::audit::ACTIONS;
use crate::users::UserId;
use crate::web::error::{AppResult, encode_query};
use crate::web::extract::Query;
use crate::web::filters;
use crate::web::form::SelectOption;
use crate::web::layout::Layout;
use crate::web::page::Page;
use crate::web::state::AppState;

/// Entries a page.
const PER_PAGE: usize = 50;

/// `?action=&person=&chain=&before=`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct AuditFilter {
    action: String,
    person: String,
    /// `group` for the group's own chain, for group-wide admins.
    chain: String,
    before: String,
}

impl AuditFilter {
    fn query(&self, before: i64) -> String {
        let mut query = format!("/audit?before={before}");
        for (name, value) in [
            ("action", &self.action),
            ("person", &self.person),
            ("chain", &self.chain),
        ] {
            if !value.is_empty() {
                query.push_str(&format!("&{name}={}", encode_query(value)));
            }
        }
        query
    }
}

/// The audit log of the store, newest first.
#[derive(Template)]
#[template(path = "audit/index.html")]
pub struct IndexPage {
    layout: Layout,
    filter: AuditFilter,
    actions: Vec<SelectOption>,
    people: Vec<SelectOption>,
    rows: Vec<EntryRow>,
    older: Option<String>,
    is_first: bool,
    is_group: bool,
}

impl EntryRow {
    /// Where the subject can be seen, if it has a page.
    fn href(&self) -> Option<String> {
        let id = self.subject_id?;
        let has_page = matches!(
            self.subject_kind.as_str(),
            "callbacks" | "complaints" | "customers" | "imports" | "stores" | "users" | "vehicles"
        );
        has_page.then(|| format!("/{}/{id}", self.subject_kind))
    }

    /// What changed, compact: `role: manager`, `fields: name, area_code`.
    fn details(&self) -> String {
        let Value::Object(change) = &self.change else {
            return String::new();
        };
        let parts = change
            .iter()
            .filter(|(_, value)| !value.is_null() && **value != Value::Array(Vec::new()));
        parts
            .map(|(name, value)| format!("{name}: {}", compact(value)))
            .collect::<Vec<_>>()
            .join("; ")
    }
}

fn compact(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(compact).collect::<Vec<_>>().join(", "),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

pub async fn index(
    layout: Layout,
    user: Can<ViewAudit>,
    State(app): State<AppState>,
    Query(filter): Query<AuditFilter>,
) -> AppResult<Page<IndexPage>> {
    let is_group = user.is_group_wide && filter.chain == "group";
    let chain = if is_group {
        Chain::of_group(&user)
    } else {
        Chain::of_store(user.scope())
    };
    let wanted = Wanted {
        before: filter.before.parse().ok(),
        action: Some(filter.action.as_str()).filter(|action| !action.is_empty()),
        actor: filter.person.parse::<UserId>().ok(),
        limit: PER_PAGE as i64 + 1,
    };
    let is_first = wanted.before.is_none();
    let mut rows = queries::list(&app.db, chain, wanted).await?;
    let has_older = rows.len() > PER_PAGE;
    rows.truncate(PER_PAGE);
    let older = rows.last().filter(|_| has_older).map(|row| filter.query(row.seq));
    let t = layout.t.audit();
    let people = queries::list_actors(&app.db, chain).await?;
    Ok(Page(IndexPage {
        actions: ACTIONS
            .iter()
            .map(|(code, ..)| SelectOption::new(code, t.action(code)))
            .collect(),
        people: people
            .into_iter()
            .map(|(id, name)| SelectOption::new(id, name))
            .collect(),
        rows,
        older,
        is_first,
        is_group,
        filter,
        layout,
    }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn changes_are_written_compactly() {
        for (change, text) in [
            (json!({}), ""),
            (json!({ "role": "manager" }), "role: manager"),
            (
                json!({ "fields": ["name", "area_code"] }),
                "fields: name, area_code",
            ),
            (json!({ "fields": [], "days": 3 }), "days: 3"),
        ] {
            let row = EntryRow {
                seq: 1,
                at: chrono::DateTime::UNIX_EPOCH,
                actor_name: None,
                action: "users.update".to_owned(),
                subject_kind: "users".to_owned(),
                subject_id: Some(7),
                change,
            };
            assert_eq!(row.details(), text);
            assert_eq!(row.href().as_deref(), Some("/users/7"));
        }
    }

    proptest! {
        #[test]
        fn the_filter_reads_back_from_the_address_of_an_older_page(
            action in "|[a-z_.&]{1,12}",
            person in "|[0-9]{1,4}",
            chain in "|group",
            before in 1..i64::MAX,
        ) {
            let filter = AuditFilter { action: action.clone(), person: person.clone(), chain: chain.clone(), before: String::new() };
            let address = filter.query(before);
            let read: AuditFilter = serde_html_form::from_str(address.trim_start_matches("/audit?")).unwrap();
            prop_assert_eq!((read.action, read.person, read.chain), (action, person, chain));
            prop_assert_eq!(read.before, before.to_string());
        }
    }
}
