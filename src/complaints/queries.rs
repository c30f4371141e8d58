//! Statements of complaints.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgExecutor;

use crate::callbacks::CallbackId;
use crate::complaints::ComplaintId;
use crate::complaints::model::DemandKind;
use crate::complaints::service::NewComplaint;
use crate::customers::CustomerId;
use crate::stores::{DepartmentId, StoreScope};
use crate::users::UserId;
use crate::vehicles::VehicleId;
use crate::visits::VisitId;

/// Makes numbering one at a time in a store, until the transaction ends.
pub async fn lock_numbers(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<()> {
    sqlx::query!(
        "select id from stores where id = $1 for no key update",
        scope.get()
    )
    .fetch_one(db)
    .await?;
    Ok(())
}

/// The highest number so far behind a prefix such as `CP-261124-`; 0 if there is none.
pub async fn last_number(db: impl PgExecutor<'_>, scope: StoreScope, prefix: &str) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        r#"
        select coalesce(max(right(number, -length($2::text))::int), 0) as "last!"
        from complaints
        where store_id = $1
          and starts_with(number, $2)
        "#,
        scope.get(),
        prefix,
    )
    .fetch_one(db)
    .await
}

/// A case accepted and created at these instants. Whoever of the care desk takes it in leads it; what a receptionist or an
/// administrator takes in waits for the manager.
pub async fn insert(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    by: Option<UserId>,
    (accepted_at, now): (DateTime<Utc>, DateTime<Utc>),
    number: &str,
    new: &NewComplaint,
) -> sqlx::Result<ComplaintId> {
    sqlx::query_scalar!(
        r#"
        insert into complaints (store_id, number, customer_id, vehicle_id, visit_id, from_callback_id, channel, class_major,
                                class_minor, severity, department_id, words, demand, demand_kind, claimed_fen,
                                wants_replacement, external_number, external_due_on, owner_id, accepted_at, created_by,
                                created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                (select u.user_id from user_stores u
                 where u.store_id = $1 and u.user_id = $20 and u.is_active and u.role in ('specialist', 'clerk', 'manager')),
                $19, $20, $21, $21)
        returning id
        "#,
        scope.get(),
        number,
        new.customer_id.map(CustomerId::get),
        new.vehicle_id.map(VehicleId::get),
        new.visit_id.map(VisitId::get),
        new.from_callback_id.map(CallbackId::get),
        new.channel.as_str(),
        new.class.as_str(),
        new.class_minor,
        new.severity.as_str(),
        new.department_id.map(DepartmentId::get),
        new.words,
        new.demand,
        new.demand_kind.map(DemandKind::as_str),
        new.claimed_fen,
        new.wants_replacement,
        new.external_number,
        new.external_due_on,
        accepted_at,
        by.map(UserId::get),
        now,
    )
    .fetch_one(db)
    .await
}

/// The first line of a case's history.
pub async fn insert_accepted_event(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
    by: Option<UserId>,
    now: DateTime<Utc>,
    data: &Value,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into complaint_events (store_id, complaint_id, kind, at, by_id, to_state, data)
        values ($1, $2, 'accepted', $3, $4, 'accepted', $5)
        "#,
        scope.get(),
        id.get(),
        now,
        by.map(UserId::get),
        data,
    )
    .execute(db)
    .await?;
    Ok(())
}
