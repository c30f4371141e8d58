//! Statements of service visits.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgExecutor;

use crate::customers::CustomerId;
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::vehicles::VehicleId;
use crate::visits::VisitId;
use crate::visits::model::{Staff, Visit, VisitRow};
use crate::visits::service::{VisitInput, Who};

/// Visits that a typed text names: a whole plate or its last four, the last six of a VIN, or a repair order.
pub async fn search(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    plate: &str,
    number: &str,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<VisitRow>> {
    sqlx::query_as!(
        VisitRow,
        r#"
        with hits as materialized (
          select x.id
          from vehicles c
          join visits x on x.store_id = c.store_id and x.vehicle_id = c.id
          where c.store_id = $1
            and (c.plate = $2 or (c.plate is not null and right(c.plate, 4) = $2) or (c.vin is not null and right(c.vin, 6) = $2))
          union
          select id from visits where store_id = $1 and ro_number in ($3, upper($3))
        )
        select v.id, v.ro_number, v.type, v.state, v.arrived_at, v.handed_over_at, v.odometer_km, v.amount_fen, v.summary,
               coalesce(u.display_name, v.advisor_name) as "advisor!", v.vehicle_id, c.plate, c.model, v.customer_id,
               coalesce(k.name, '') as "customer!"
        from hits h
        join visits v on v.store_id = $1 and v.id = h.id
        join vehicles c on c.store_id = v.store_id and c.id = v.vehicle_id
        join customers k on k.store_id = v.store_id and k.id = v.customer_id
        left join users u on u.id = v.advisor_id
        order by v.arrived_at desc, v.id desc
        limit $4
        offset $5
        "#,
        scope.get(),
        plate,
        number,
        limit,
        offset,
    )
    .fetch_all(db)
    .await
}

/// Visits of one car, newest first.
pub async fn list_of_vehicle(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    vehicle: VehicleId,
    limit: i64,
) -> sqlx::Result<Vec<VisitRow>> {
    sqlx::query_as!(
        VisitRow,
        r#"
        select v.id, v.ro_number, v.type, v.state, v.arrived_at, v.handed_over_at, v.odometer_km, v.amount_fen, v.summary,
               coalesce(u.display_name, v.advisor_name) as "advisor!", v.vehicle_id, c.plate, c.model, v.customer_id,
               coalesce(k.name, '') as "customer!"
        from visits v
        join vehicles c on c.store_id = v.store_id and c.id = v.vehicle_id
        join customers k on k.store_id = v.store_id and k.id = v.customer_id
        left join users u on u.id = v.advisor_id
        where v.store_id = $1
          and v.vehicle_id = $2
        order by v.arrived_at desc, v.id desc
        limit $3
        "#,
        scope.get(),
        vehicle.get(),
        limit,
    )
    .fetch_all(db)
    .await
}

/// One visit with the names beside it.
pub async fn find(db: impl PgExecutor<'_>, scope: StoreScope, id: VisitId) -> sqlx::Result<Option<Visit>> {
    sqlx::query_as!(
        Visit,
        r#"
        select v.id, v.ro_number, v.vehicle_id, v.customer_id, v.type, v.type_text, v.state, v.arrived_at, v.settled_at,
               v.handed_over_at, v.odometer_km, v.amount_fen, v.advisor_id, coalesce(a.display_name, v.advisor_name) as "advisor_name!",
               v.technician_id, coalesce(t.display_name, v.technician_name) as "technician_name!", v.contact_name,
               v.contact_phone, v.summary, v.next_km, v.next_on, v.promised_at, v.waiting_since, v.waiting_until,
               v.waits_for_special, v.symptom, v.is_safety, v.assembly, v.version, c.plate,
               btrim(c.brand || ' ' || c.model) as "vehicle!", coalesce(k.name, '') as "customer!", k.salutation
        from visits v
        join vehicles c on c.store_id = v.store_id and c.id = v.vehicle_id
        join customers k on k.store_id = v.store_id and k.id = v.customer_id
        left join users a on a.id = v.advisor_id
        left join users t on t.id = v.technician_id
        where v.store_id = $1
          and v.id = $2
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// People who work in the store, by name.
pub async fn list_staff(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Vec<Staff>> {
    sqlx::query_as!(
        Staff,
        r#"
        select u.id, u.display_name as name
        from user_stores m
        join users u on u.id = m.user_id
        where m.store_id = $1
          and m.is_active
          and u.is_active
        order by u.display_name, u.id
        "#,
        scope.get(),
    )
    .fetch_all(db)
    .await
}

/// A new visit.
pub async fn insert(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    vehicle: VehicleId,
    input: &VisitInput,
    who: &Who,
    now: DateTime<Utc>,
) -> sqlx::Result<VisitId> {
    sqlx::query_scalar!(
        r#"
        insert into visits (store_id, ro_number, vehicle_id, customer_id, type, state, arrived_at, settled_at, handed_over_at,
                            handed_over_on, odometer_km, amount_fen, advisor_id, technician_id, advisor_name,
                            technician_name, contact_name, contact_phone, summary, next_km, next_on, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $22)
        returning id
        "#,
        scope.get(),
        input.ro_number,
        vehicle.get(),
        who.customer.get(),
        input.kind.as_str(),
        input.state.as_str(),
        input.arrived_at,
        input.settled_at,
        input.handed_over_at,
        input.handed_over_on,
        input.odometer_km,
        input.amount_fen,
        input.advisor_id.map(UserId::get),
        input.technician_id.map(UserId::get),
        input.advisor_name,
        input.technician_name,
        who.contact_name,
        who.contact_phone.as_deref(),
        input.summary,
        input.next_km,
        input.next_on,
        now,
    )
    .fetch_one(db)
    .await
}

/// Changes a visit; its car stays. `false`: somebody else has changed it since `version`.
pub async fn update(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    (id, version): (VisitId, i32),
    input: &VisitInput,
    who: &Who,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        update visits
        set ro_number = $4, customer_id = $5, type = $6, state = $7, arrived_at = $8, settled_at = $9, handed_over_at = $10,
            handed_over_on = $11, odometer_km = $12, amount_fen = $13, advisor_id = $14, technician_id = $15,
            advisor_name = $16, technician_name = $17, contact_name = $18, contact_phone = $19, summary = $20,
            next_km = $21, next_on = $22, version = version + 1, updated_at = $23
        where store_id = $1
          and id = $2
          and version = $3
        "#,
        scope.get(),
        id.get(),
        version,
        input.ro_number,
        who.customer.get(),
        input.kind.as_str(),
        input.state.as_str(),
        input.arrived_at,
        input.settled_at,
        input.handed_over_at,
        input.handed_over_on,
        input.odometer_km,
        input.amount_fen,
        input.advisor_id.map(UserId::get),
        input.technician_id.map(UserId::get),
        input.advisor_name,
        input.technician_name,
        who.contact_name,
        who.contact_phone.as_deref(),
        input.summary,
        input.next_km,
        input.next_on,
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Fills in who served, where a file gave a name or a staff number that belongs to exactly one person of the store.
///
/// For imports; `visits` limits it to what was imported. Two people of one name stay unmatched: a wrong match would keep the
/// wrong person from calling.
pub async fn match_staff(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    visits: Option<&[i64]>,
) -> sqlx::Result<u64> {
    let lowest = visits.map_or(0, |ids| ids.iter().copied().min().unwrap_or(0));
    let highest = visits.map_or(i64::MAX, |ids| ids.iter().copied().max().unwrap_or(0));
    let done = sqlx::query!(
        r#"
        with names as materialized (
          select n.name, min(n.user_id) as user_id
          from (
            select u.display_name as name, u.id as user_id
            from user_stores m join users u on u.id = m.user_id
            where m.store_id = $1
            union
            select u.staff_number, u.id
            from user_stores m join users u on u.id = m.user_id
            where m.store_id = $1 and u.staff_number is not null
          ) n
          where n.name <> ''
          group by n.name
          having count(*) = 1
        )
        update visits v
        set advisor_id = coalesce(v.advisor_id, a.user_id), technician_id = coalesce(v.technician_id, t.user_id)
        from visits x
        left join names a on a.name = x.advisor_name
        left join names t on t.name = x.technician_name
        where x.store_id = $1
          and x.id between $3 and $4
          and ($2::bigint[] is null or x.id = any($2))
          and v.store_id = x.store_id
          and v.id = x.id
          and ((v.advisor_id is null and a.user_id is not null) or (v.technician_id is null and t.user_id is not null))
        "#,
        scope.get(),
        visits,
        lowest,
        highest,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Day and kilometres of the reading that a visit left, if it left one.
pub struct VisitReading {
    pub read_on: NaiveDate,
    pub km: i32,
}

/// The reading of a visit.
pub async fn find_reading(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: VisitId,
) -> sqlx::Result<Option<VisitReading>> {
    sqlx::query_as!(
        VisitReading,
        "select read_on, km from odometer_readings where store_id = $1 and visit_id = $2 order by id limit 1",
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// Customers who can have brought a car: those around it now.
pub async fn list_customers_of_vehicle(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    vehicle: VehicleId,
) -> sqlx::Result<Vec<(CustomerId, String)>> {
    let rows = sqlx::query!(
        r#"
        select p.customer_id, c.name as "name!"
        from vehicle_people p
        join customers c on c.store_id = p.store_id and c.id = p.customer_id
        where p.store_id = $1
          and p.vehicle_id = $2
          and p.until_on is null
          and c.erased_at is null
          and c.merged_into_id is null
        group by p.customer_id, c.name
        order by min(case p.role when 'driver' then 0 when 'owner' then 1 else 2 end), p.customer_id
        "#,
        scope.get(),
        vehicle.get(),
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.customer_id, row.name)).collect())
}
