//! Opening a store: the row and everything a store needs on its first day.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use sqlx::{PgConnection, Postgres, Transaction};

use crate::audit::{self, Actor, Entry};
use crate::complaints;
use crate::customers;
use crate::rules;
use crate::scripts;
use crate::stores::{StoreId, StoreScope, calendar, queries};
use crate::vehicles;

/// Events older than this many days before the first day owe nothing (domain.md §1: history does not owe).
const HISTORY_DAYS: i64 = 3;

/// Opens a store in the default time zone with departments, hours, care rules, maintenance plan and call scripts.
pub async fn open(
    tx: &mut Transaction<'_, Postgres>,
    code: &str,
    name: &str,
    actor: Actor,
    now: DateTime<Utc>,
) -> sqlx::Result<StoreId> {
    let today = now.with_timezone(&chrono_tz::Asia::Shanghai).date_naive();
    let store = queries::insert(&mut **tx, code, name, today - TimeDelta::days(HISTORY_DAYS), now).await?;
    fill_defaults(tx, store, now).await?;
    let change = json!({ "code": code });
    let entry = Entry {
        store: Some(store),
        actor,
        action: "stores.open",
        subject: "stores",
        subject_id: Some(store.get()),
        change: &change,
    };
    audit::record(&mut **tx, now, entry).await?;
    Ok(store)
}

/// What features above this one need in every store. The one place that knows all of them, so that none is forgotten.
async fn fill_defaults(tx: &mut PgConnection, store: StoreId, now: DateTime<Utc>) -> sqlx::Result<()> {
    queries::insert_default_departments(&mut *tx, store).await?;
    let scope = StoreScope::for_job(store);
    calendar::open(&mut *tx, scope, now).await?;
    vehicles::queries::insert_default_plan(&mut *tx, store).await?;
    rules::service::insert_defaults(&mut *tx, store, now).await?;
    scripts::service::insert_defaults(&mut *tx, scope, now).await?;
    complaints::rules::insert_defaults(&mut *tx, scope, now).await?;
    customers::tags::service::insert_defaults(tx, scope, now).await
}
