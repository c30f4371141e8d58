//! Statements of complaints.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use sqlx::PgExecutor;

use crate::callbacks::CallbackId;
use crate::complaints::ComplaintId;
use crate::complaints::model::{ComplaintChannel, ComplaintClass, ComplaintState, DemandKind, Severity};
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

/// One case with the names around it.
pub struct Complaint {
    pub id: ComplaintId,
    pub number: String,
    pub severity: Severity,
    pub class_major: ComplaintClass,
    pub class_minor: String,
    pub channel: ComplaintChannel,
    pub state: ComplaintState,
    pub words: Option<String>,
    pub demand: Option<String>,
    pub accepted_at: DateTime<Utc>,
    pub handler_id: Option<UserId>,
    pub from_callback_id: Option<CallbackId>,
    pub customer_id: Option<CustomerId>,
    pub customer_name: Option<String>,
    pub salutation: Option<String>,
    pub plate: Option<String>,
    pub model: Option<String>,
    pub vehicle_id: Option<VehicleId>,
    pub ro_number: Option<String>,
    pub handed_over_at: Option<DateTime<Utc>>,
    pub summary: Option<String>,
    pub advisor: Option<String>,
    pub department: Option<String>,
    pub created_by: Option<String>,
    pub dispatch_due_at: Option<DateTime<Utc>>,
    pub dispatch_ended_at: Option<DateTime<Utc>>,
}

/// A case of this store.
pub async fn find(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
) -> sqlx::Result<Option<Complaint>> {
    sqlx::query_as!(
        Complaint,
        r#"
        select p.id, p.number, p.severity, p.class_major, p.class_minor, p.channel, p.state, p.words, p.demand, p.accepted_at,
               p.handler_id, p.from_callback_id, p.customer_id, u.name as "customer_name?", u.salutation as "salutation?",
               v.plate as "plate?", v.model as "model?", p.vehicle_id, w.ro_number as "ro_number?",
               w.handed_over_at as "handed_over_at?", w.summary as "summary?",
               coalesce(a.display_name, nullif(w.advisor_name, '')) as "advisor?",
               d.name as "department?", b.display_name as "created_by?",
               o.due_at as "dispatch_due_at?", o.ended_at as "dispatch_ended_at?"
        from complaints p
        left join obligations o on o.store_id = p.store_id and o.complaint_id = p.id and o.kind = 'complaint_dispatch'
        left join customers u on u.store_id = p.store_id and u.id = p.customer_id
        left join vehicles v on v.store_id = p.store_id and v.id = p.vehicle_id
        left join visits w on w.store_id = p.store_id and w.id = p.visit_id
        left join users a on a.id = w.advisor_id
        left join departments d on d.store_id = p.store_id and d.id = p.department_id
        left join users b on b.id = p.created_by
        where p.store_id = $1
          and p.id = $2
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// One line of a case's history.
pub struct EventRow {
    pub kind: String,
    pub at: DateTime<Utc>,
    pub by_name: Option<String>,
    pub body: Option<String>,
}

/// The history of a case, newest first.
pub async fn list_events(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
) -> sqlx::Result<Vec<EventRow>> {
    sqlx::query_as!(
        EventRow,
        r#"
        select e.kind, e.at, u.display_name as "by_name?", e.body
        from complaint_events e
        left join users u on u.id = e.by_id
        where e.store_id = $1
          and e.complaint_id = $2
        order by e.at desc, e.id desc
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_all(db)
    .await
}
