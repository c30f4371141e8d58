//! Saved views of the demonstration's lists, and a list that was taken out.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Asia::Shanghai;
use serde_json::json;
use sqlx::{Postgres, Transaction};

use crate::demo::queries;
use crate::stores::{StoreId, StoreScope};

/// Views that the store's manager shares, and the record of an export.
pub async fn fill(
    tx: &mut Transaction<'_, Postgres>,
    store: StoreId,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let today = now.with_timezone(&Shanghai).date_naive();
    let (half_a_year_ago, soon) = (today - TimeDelta::days(180), today + TimeDelta::days(30));
    let views = json!([
        { "list": "customers", "name": "重点客户", "query": "grade=VIP&sort=-last_visit", "columns": ["phone", "cars", "grade", "last_visit"] },
        { "list": "customers", "name": "半年未进站", "query": format!("visit_to={half_a_year_ago}&sort=last_visit"), "columns": [] },
        { "list": "customers", "name": "号码待核实", "query": "phone=unverified", "columns": [] },
        { "list": "vehicles", "name": "保养将到期", "query": format!("state=active&due_from={today}&due_to={soon}&sort=next_due"), "columns": [] },
        { "list": "vehicles", "name": "质保将到期", "query": format!("state=active&warranty_from={today}&warranty_to={soon}&sort=warranty"), "columns": [] },
        { "list": "visits", "name": "在店车辆", "query": "shop=now&sort=arrived", "columns": [] },
        { "list": "visits", "name": "返修", "query": "kind=rework", "columns": [] },
    ]);
    let scope = StoreScope::for_job(store);
    queries::insert_views(&mut **tx, scope, &views, now).await?;
    queries::insert_export(&mut **tx, scope, now - TimeDelta::days(2)).await?;
    Ok(())
}
