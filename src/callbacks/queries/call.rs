//! Statements of the call screen: one customer, everything that one call settles, what was said before.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::callbacks::{CallbackId, CallbackStatus, Disposition};
use crate::complaints::ComplaintId;
use crate::customers::{CustomerId, PhoneId, PhoneState};
use crate::obligations::ObligationId;
use crate::stores::{DepartmentId, StoreScope};
use crate::users::UserId;
use crate::vehicles::VehicleId;
use crate::visits::{VisitId, VisitType};

/// A callback with its customer.
pub struct Call {
    pub id: CallbackId,
    pub version: i32,
    pub status: CallbackStatus,
    pub callable_due_at: DateTime<Utc>,
    pub next_at: DateTime<Utc>,
    pub agreed_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub dials: i32,
    pub held_reason: Option<String>,
    pub held_until: Option<DateTime<Utc>>,
    pub excluded_ids: Vec<i64>,
    pub assigned_to: Option<UserId>,
    pub assigned_name: Option<String>,
    pub claimed_by: Option<UserId>,
    pub lease_until: Option<DateTime<Utc>>,
    pub lease_token: Option<Uuid>,
    pub customer_id: CustomerId,
    pub name: Option<String>,
    pub salutation: Option<String>,
    pub grade: Option<String>,
    pub note: String,
    pub survey_opt_out: bool,
    pub marketing_opt_out: bool,
}

/// A callback of this store.
pub async fn find(db: impl PgExecutor<'_>, scope: StoreScope, id: CallbackId) -> sqlx::Result<Option<Call>> {
    sqlx::query_as!(
        Call,
        r#"
        select b.id, b.version, b.status, b.callable_due_at, b.next_at, b.agreed_at, b.ended_at, b.dials, b.held_reason, b.held_until,
               b.excluded_ids, b.assigned_to, s.display_name as "assigned_name?", b.claimed_by,
               b.lease_until, b.lease_token, b.customer_id,
               u.name, u.salutation, u.grade, u.note, u.survey_opt_out, u.marketing_opt_out
        from callbacks b
        join customers u on u.store_id = b.store_id and u.id = b.customer_id
        left join users s on s.id = b.assigned_to
        where b.store_id = $1
          and b.id = $2
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// One thing that the call is about, with the car, the visit or the policy behind it.
pub struct ItemRow {
    pub id: ObligationId,
    pub kind: String,
    pub status: String,
    pub callable_due_at: DateTime<Utc>,
    pub visit_id: Option<VisitId>,
    /// The car that the item, its visit or its policy is about.
    pub car_id: Option<VehicleId>,
    pub plate: Option<String>,
    pub brand: Option<String>,
    pub model: Option<String>,
    pub vin: Option<String>,
    pub warranty_ends_on: Option<NaiveDate>,
    pub policy_ends_on: Option<NaiveDate>,
    pub next_due_on: Option<NaiveDate>,
    pub odometer_km: Option<i32>,
    pub ro_number: Option<String>,
    pub visit_type: Option<VisitType>,
    pub handed_over_at: Option<DateTime<Utc>>,
    pub summary: Option<String>,
    pub amount_fen: Option<i64>,
    pub advisor: Option<String>,
    pub technician: Option<String>,
    pub next_km: Option<i32>,
    pub next_on: Option<NaiveDate>,
}

/// What a callback bundles.
pub async fn list_items(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: CallbackId,
) -> sqlx::Result<Vec<ItemRow>> {
    sqlx::query_as!(
        ItemRow,
        r#"
        select o.id, o.kind as "kind: String", o.status as "status: String", o.callable_due_at, o.visit_id,
               v.id as "car_id?: VehicleId",
               v.plate as "plate?", v.brand as "brand?", v.model as "model?", v.vin as "vin?",
               v.warranty_ends_on as "warranty_ends_on?",
               coalesce(p.ends_on, q.ends_on) as "policy_ends_on?",
               f.next_due_on as "next_due_on?", w.odometer_km as "odometer_km?", w.ro_number as "ro_number?",
               w.type as "visit_type?: VisitType", w.handed_over_at as "handed_over_at?", w.summary as "summary?",
               w.amount_fen as "amount_fen?", coalesce(a.display_name, nullif(w.advisor_name, '')) as "advisor?",
               coalesce(t.display_name, nullif(w.technician_name, '')) as "technician?",
               w.next_km as "next_km?", w.next_on as "next_on?"
        from obligations o
        left join visits w on w.store_id = o.store_id and w.id = o.visit_id
        left join policies p on p.store_id = o.store_id and p.id = o.policy_id
        left join vehicles v on v.store_id = o.store_id and v.id = coalesce(o.vehicle_id, w.vehicle_id, p.vehicle_id)
        left join vehicle_facts f on f.store_id = v.store_id and f.vehicle_id = v.id
        left join lateral (
          select max(x.ends_on) as ends_on
          from policies x
          where x.store_id = v.store_id and x.vehicle_id = v.id and x.kind = 'commercial'
        ) q on true
        left join users a on a.id = w.advisor_id
        left join users t on t.id = w.technician_id
        where o.store_id = $1
          and o.callback_id = $2
        order by o.callable_due_at, o.id
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_all(db)
    .await
}

/// A number of the customer.
pub struct PhoneRow {
    pub id: PhoneId,
    pub number: String,
    pub state: PhoneState,
    pub is_main: bool,
}

impl PhoneRow {
    /// Whether a dial can reach the customer on it.
    pub fn is_usable(&self) -> bool {
        match self.state {
            PhoneState::Ok | PhoneState::Unverified => true,
            PhoneState::Wrong | PhoneState::Dead | PhoneState::DoNotCall => false,
        }
    }
}

/// Numbers in the order in which they are tried.
pub async fn list_phones(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customer: CustomerId,
) -> sqlx::Result<Vec<PhoneRow>> {
    sqlx::query_as!(
        PhoneRow,
        r#"
        select id, number, state, is_main
        from phones
        where store_id = $1
          and customer_id = $2
        order by state in ('dead', 'wrong', 'do_not_call'), is_main desc, id
        "#,
        scope.get(),
        customer.get(),
    )
    .fetch_all(db)
    .await
}

/// One dial of the past.
pub struct AttemptRow {
    pub callback_id: CallbackId,
    pub at: DateTime<Utc>,
    pub result: Disposition,
    pub user_name: String,
    pub note: Option<String>,
    pub overall: Option<i16>,
    pub words: Option<String>,
}

/// The latest dials to this customer and what was answered, newest first.
pub async fn list_recent_attempts(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customer: CustomerId,
) -> sqlx::Result<Vec<AttemptRow>> {
    sqlx::query_as!(
        AttemptRow,
        r#"
        select a.callback_id, a.at, a.result, u.display_name as user_name, a.note, r.overall as "overall?", r.words as "words?"
        from attempts a
        join users u on u.id = a.user_id
        left join lateral (
          select x.overall, x.words
          from responses x
          where x.store_id = a.store_id and x.attempt_id = a.id
          order by x.id
          limit 1
        ) r on true
        where a.store_id = $1
          and a.customer_id = $2
        order by a.at desc, a.id desc
        limit 8
        "#,
        scope.get(),
        customer.get(),
    )
    .fetch_all(db)
    .await
}

/// A complaint of the customer.
pub struct ComplaintRow {
    pub id: ComplaintId,
    pub number: String,
    pub accepted_at: DateTime<Utc>,
    pub is_open: bool,
    pub words: Option<String>,
}

/// The latest complaints of this customer, newest first.
pub async fn list_complaints(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customer: CustomerId,
) -> sqlx::Result<Vec<ComplaintRow>> {
    sqlx::query_as!(
        ComplaintRow,
        r#"
        select id, number, accepted_at, ended_at is null as "is_open!", words
        from complaints
        where store_id = $1
          and customer_id = $2
        order by accepted_at desc, id desc
        limit 3
        "#,
        scope.get(),
        customer.get(),
    )
    .fetch_all(db)
    .await
}

/// Departments that may answer a complaint.
pub struct DepartmentRow {
    pub id: DepartmentId,
    pub name: String,
}

/// Active departments of the store.
pub async fn list_departments(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
) -> sqlx::Result<Vec<DepartmentRow>> {
    sqlx::query_as!(
        DepartmentRow,
        "select id, name from departments where store_id = $1 and is_active order by id",
        scope.get(),
    )
    .fetch_all(db)
    .await
}

/// What this person has typed about a subject and not saved.
pub async fn find_draft(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    user: UserId,
    subject: &str,
) -> sqlx::Result<Option<(Value, DateTime<Utc>)>> {
    let row = sqlx::query!(
        "select body, updated_at from drafts where store_id = $1 and user_id = $2 and subject = $3",
        scope.get(),
        user.get(),
        subject,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| (row.body, row.updated_at)))
}

/// Keeps what is typed; the last one wins.
pub async fn save_draft(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    user: UserId,
    subject: &str,
    body: &Value,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into drafts (store_id, user_id, subject, body, updated_at)
        values ($1, $2, $3, $4, $5)
        on conflict (store_id, user_id, subject) do update
        set body = excluded.body, updated_at = excluded.updated_at
        "#,
        scope.get(),
        user.get(),
        subject,
        body,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}
