//! The calls of a case: its second callback and the ones after a major case, in the customer's one open callback.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::callbacks::queries::governor;
use crate::complaints::ComplaintId;
use crate::complaints::verdict::queries;
use crate::obligations::supersede;
use crate::stores::StoreScope;

/// Kinds of entry in which a customer is asked about a case.
pub fn asks_about_case(kind: &str) -> bool {
    kind == "complaint_second_callback" || is_after(kind)
}

/// Whether it is a call some time after a major case was closed.
pub fn is_after(kind: &str) -> bool {
    kind == "complaint_after"
}

/// Brings the callbacks in line with the calls that a case owes.
///
/// Entries that wait join the customer's callback at once, and callbacks whose entries have ended are counted anew. Does
/// nothing the second time.
pub async fn follow(
    tx: &mut PgConnection,
    scope: StoreScope,
    id: ComplaintId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let mut touched = queries::lock_calls(&mut *tx, scope, id).await?;
    if !touched.is_empty() {
        supersede::refresh_callbacks(&mut *tx, scope, &touched, now).await?;
    }
    if let Some(customer) = queries::find_waiting(&mut *tx, scope, id).await? {
        queries::make_call(&mut *tx, scope, id, now).await?;
        if let Some(call) = queries::lock_call_of(&mut *tx, scope, customer).await? {
            queries::join(&mut *tx, scope, id, call, now).await?;
            touched.push(call);
        }
    }
    if !touched.is_empty() {
        governor::hold(tx, scope, &touched, now).await?;
    }
    Ok(())
}

/// Lets calls go that were held back before they were about a case: nothing but the answer to their own message holds them.
pub async fn let_go(tx: &mut PgConnection, scope: StoreScope, now: DateTime<Utc>) -> sqlx::Result<()> {
    let held = queries::list_held(&mut *tx, scope).await?;
    if !held.is_empty() {
        governor::hold(tx, scope, &held, now).await?;
    }
    Ok(())
}
