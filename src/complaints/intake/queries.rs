//! Statements around the form: who complains, about which car and visit, and which cases are open.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::callbacks::CallbackId;
use crate::complaints::{ComplaintClass, ComplaintId, ComplaintState, Severity};
use crate::customers::CustomerId;
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::vehicles::VehicleId;
use crate::visits::{VisitId, VisitState, VisitType};

/// Who complains, as the form shows it.
pub struct CallerRow {
    pub id: CustomerId,
    pub name: String,
    pub salutation: Option<String>,
    pub number: Option<String>,
}

/// A customer who is there and not merged away.
pub async fn find_caller(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: CustomerId,
) -> sqlx::Result<Option<CallerRow>> {
    sqlx::query_as!(
        CallerRow,
        r#"
        select c.id, c.name as "name!", c.salutation, h.number as "number?"
        from customers c
        left join phones h on h.store_id = c.store_id and h.customer_id = c.id and h.is_main
        where c.store_id = $1
          and c.id = $2
          and c.merged_into_id is null
          and c.erased_at is null
          and c.name is not null
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// A car that the complaint may be about.
pub struct CarRow {
    pub id: VehicleId,
    pub plate: Option<String>,
    pub model: String,
}

/// The cars of a customer, and the one that the form came with.
pub async fn list_cars(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customer: Option<CustomerId>,
    vehicle: Option<VehicleId>,
) -> sqlx::Result<Vec<CarRow>> {
    sqlx::query_as!(
        CarRow,
        r#"
        select v.id, v.plate, v.model
        from vehicles v
        where v.store_id = $1
          and v.merged_into_id is null
          and v.id in (
            select p.vehicle_id from vehicle_people p
            where p.store_id = $1 and p.customer_id = $2 and p.until_on is null
            union
            select $3
          )
        order by v.id = $3 desc, v.id
        limit 8
        "#,
        scope.get(),
        customer.map(CustomerId::get),
        vehicle.map(VehicleId::get),
    )
    .fetch_all(db)
    .await
}

/// A visit that the complaint may be about.
pub struct VisitRow {
    pub id: VisitId,
    pub vehicle_id: VehicleId,
    pub ro_number: String,
    pub kind: VisitType,
    pub state: VisitState,
    pub arrived_at: DateTime<Utc>,
    pub plate: Option<String>,
    pub summary: String,
}

/// The latest visits of a customer or a car.
pub async fn list_visits(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customer: Option<CustomerId>,
    vehicle: Option<VehicleId>,
) -> sqlx::Result<Vec<VisitRow>> {
    sqlx::query_as!(
        VisitRow,
        r#"
        select w.id, w.vehicle_id, w.ro_number, w.type as kind, w.state, w.arrived_at, v.plate as "plate?", w.summary
        from visits w
        join vehicles v on v.store_id = w.store_id and v.id = w.vehicle_id
        where w.store_id = $1
          and (w.customer_id = $2 or w.vehicle_id = $3)
        order by w.arrived_at desc, w.id desc
        limit 4
        "#,
        scope.get(),
        customer.map(CustomerId::get),
        vehicle.map(VehicleId::get),
    )
    .fetch_all(db)
    .await
}

/// A case that is not closed.
pub struct OpenCase {
    pub id: ComplaintId,
    pub number: String,
    pub severity: Severity,
    pub state: ComplaintState,
    pub class_major: ComplaintClass,
    pub class_minor: String,
    pub words: Option<String>,
    pub accepted_at: DateTime<Utc>,
    pub department: Option<String>,
    pub plate: Option<String>,
}

/// Open cases of a customer or a car, the latest first.
pub async fn list_open_cases(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customer: Option<CustomerId>,
    vehicle: Option<VehicleId>,
) -> sqlx::Result<Vec<OpenCase>> {
    sqlx::query_as!(
        OpenCase,
        r#"
        select c.id, c.number, c.severity, c.state, c.class_major, c.class_minor, c.words, c.accepted_at,
               d.name as "department?", v.plate as "plate?"
        from complaints c
        left join departments d on d.store_id = c.store_id and d.id = c.department_id
        left join vehicles v on v.store_id = c.store_id and v.id = c.vehicle_id
        where c.store_id = $1
          and (c.customer_id = $2 or c.vehicle_id = $3)
          and c.ended_at is null
        order by c.accepted_at desc, c.id desc
        limit 8
        "#,
        scope.get(),
        customer.map(CustomerId::get),
        vehicle.map(VehicleId::get),
    )
    .fetch_all(db)
    .await
}

/// What a page knows that the form was opened from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Subject {
    pub customer_id: Option<CustomerId>,
    pub vehicle_id: Option<VehicleId>,
    pub visit_id: Option<VisitId>,
}

/// Whose visit it was, with which car.
pub async fn find_subject_of_visit(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: VisitId,
) -> sqlx::Result<Option<Subject>> {
    let row = sqlx::query!(
        "select customer_id, vehicle_id, id from visits where store_id = $1 and id = $2",
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Subject {
        customer_id: Some(row.customer_id),
        vehicle_id: Some(row.vehicle_id),
        visit_id: Some(row.id),
    }))
}

/// Who comes with a car: whoever owns it now.
pub async fn find_owner(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: VehicleId,
) -> sqlx::Result<Option<CustomerId>> {
    sqlx::query_scalar!(
        r#"
        select p.customer_id
        from vehicle_people p
        where p.store_id = $1
          and p.vehicle_id = $2
          and p.until_on is null
        order by p.role <> 'owner', p.role <> 'driver', p.id
        limit 1
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// Who is called, about which car and visit: the visit first.
pub async fn find_subject_of_callback(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: CallbackId,
) -> sqlx::Result<Option<Subject>> {
    let row = sqlx::query!(
        r#"
        select c.customer_id, o.vehicle_id as "vehicle_id?", o.visit_id as "visit_id?"
        from callbacks c
        left join obligations o on o.store_id = c.store_id and o.callback_id = c.id
        where c.store_id = $1
          and c.id = $2
        order by o.visit_id is null, o.vehicle_id is null, o.id
        limit 1
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Subject {
        customer_id: Some(row.customer_id),
        vehicle_id: row.vehicle_id,
        visit_id: row.visit_id,
    }))
}

/// Notes that something was added to a case that is open; its number. `None`: it has ended meanwhile.
pub async fn touch_open(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        r#"
        update complaints
        set version = version + 1, updated_at = $3
        where store_id = $1
          and id = $2
          and ended_at is null
        returning number
        "#,
        scope.get(),
        id.get(),
        now,
    )
    .fetch_optional(db)
    .await
}

/// What a customer said once more about a case, as a note of its history.
pub async fn insert_said_again(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
    by: UserId,
    now: DateTime<Utc>,
    body: &str,
    data: &serde_json::Value,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into complaint_events (store_id, complaint_id, kind, at, by_id, body, data)
        values ($1, $2, 'note', $3, $4, $5, $6)
        "#,
        scope.get(),
        id.get(),
        now,
        by.get(),
        body,
        data,
    )
    .execute(db)
    .await?;
    Ok(())
}
