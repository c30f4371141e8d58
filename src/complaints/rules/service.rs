//! Changes of the severity table and of the people of the chain, each with its audit row.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;

use crate::audit::{self, Entry};
use crate::auth::session::CurrentUser;
use crate::complaints::rules::forms::Posts;
use crate::complaints::rules::queries;
use crate::complaints::sla::Limits;

/// Adds the version after `before`. `false`: somebody else changed the table meanwhile.
pub async fn change(
    tx: &mut PgConnection,
    user: &CurrentUser,
    before: i32,
    rows: &[Limits],
    reason: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let because = (Some(user.id), reason, now);
    if queries::latest(&mut *tx, user.scope()).await? != before
        || !queries::insert(&mut *tx, user.scope(), before + 1, rows, because).await?
    {
        return Ok(false);
    }
    let change = json!({ "version": before + 1 });
    record(tx, user, "rules.complaints", &change, now).await?;
    Ok(true)
}

/// Names who stands at the posts. `false`: somebody else changed the store meanwhile.
pub async fn set_posts(
    tx: &mut PgConnection,
    user: &CurrentUser,
    version: i32,
    posts: &Posts,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    if !queries::set_posts(&mut *tx, user.scope(), version, posts).await? {
        return Ok(false);
    }
    queries::set_leads(&mut *tx, user.scope(), posts).await?;
    let change = json!({
        "service_director_id": posts.service_director, "sales_director_id": posts.sales_director,
        "general_manager_id": posts.general_manager, "leads": posts.leads,
    });
    record(tx, user, "rules.chain", &change, now).await?;
    Ok(true)
}

async fn record(
    tx: &mut PgConnection,
    user: &CurrentUser,
    action: &'static str,
    change: &serde_json::Value,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let entry = Entry {
        store: Some(user.scope().store_id()),
        actor: user.actor(),
        action,
        subject: "stores",
        subject_id: Some(user.scope().get()),
        change,
    };
    audit::record(tx, now, entry).await
}
