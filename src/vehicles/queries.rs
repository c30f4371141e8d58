//! Statements of cars, the people around them, readings and maintenance plans.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgExecutor;

use crate::customers::CustomerId;
use crate::stores::{StoreId, StoreScope};
use crate::vehicles::model::Vehicle;
use crate::vehicles::odometer::Refusal;
use crate::vehicles::readings::Stored;
use crate::vehicles::service::VehicleInput;
use crate::vehicles::{PersonRole, ReadingSource, VehicleId, VehicleState, VehicleUsage};
use crate::visits::VisitId;

/// One car.
pub async fn find(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: VehicleId,
) -> sqlx::Result<Option<Vehicle>> {
    sqlx::query_as!(
        Vehicle,
        r#"
        select id, vin, plate, brand, model, usage, state, sold_here, delivered_on, warranty_ends_on, warranty_km,
               warranty_kind, extended_warranty_ends_on, extended_warranty_km, first_maintenance_due_on, note, merged_into_id, erased_at, version
        from vehicles
        where store_id = $1
          and id = $2
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// A car that may be the one being typed.
pub struct SameCar {
    pub id: VehicleId,
    pub plate: Option<String>,
    pub brand: String,
    pub model: String,
    pub is_same_vin: bool,
}

/// Cars with this VIN, and cars in use with this plate.
pub async fn list_same(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    vin: Option<&str>,
    plate: Option<&str>,
    except: Option<VehicleId>,
) -> sqlx::Result<Vec<SameCar>> {
    sqlx::query_as!(
        SameCar,
        r#"
        select v.id, v.plate, v.brand, v.model, coalesce(v.vin = $2, false) as "is_same_vin!"
        from vehicles v
        where v.store_id = $1
          and (v.vin = $2 or (v.plate = $3 and v.state = 'active'))
          and ($4::bigint is null or v.id <> $4)
        order by v.id
        limit 5
        "#,
        scope.get(),
        vin,
        plate,
        except.map(VehicleId::get),
    )
    .fetch_all(db)
    .await
}

/// A new car.
pub async fn insert(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    input: &VehicleInput,
    now: DateTime<Utc>,
) -> sqlx::Result<VehicleId> {
    sqlx::query_scalar!(
        r#"
        insert into vehicles (store_id, vin, plate, brand, model, usage, state, sold_here, delivered_on, warranty_ends_on,
                              warranty_km, note, created_at, updated_at, warranty_kind, extended_warranty_ends_on,
                              extended_warranty_km, first_maintenance_due_on)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $14, $15, $16, $17)
        returning id
        "#,
        scope.get(),
        input.vin.as_deref(),
        input.plate.as_deref(),
        input.brand,
        input.model,
        input.usage.as_str(),
        input.state.as_str(),
        input.sold_here,
        input.delivered_on,
        input.warranty_ends_on,
        input.warranty_km,
        input.note,
        now,
        input.warranty_kind.as_str(),
        input.extended_warranty_ends_on,
        input.extended_warranty_km,
        input.first_maintenance_due_on,
    )
    .fetch_one(db)
    .await
}

/// Changes a car. `false`: somebody else has changed it since `version`, or it was erased.
pub async fn update(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: VehicleId,
    version: i32,
    input: &VehicleInput,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        update vehicles
        set vin = $4, plate = $5, brand = $6, model = $7, usage = $8, state = $9, sold_here = $10, delivered_on = $11,
            warranty_ends_on = $12, warranty_km = $13, note = $14, version = version + 1, updated_at = $15,
            warranty_kind = $16, extended_warranty_ends_on = $17, extended_warranty_km = $18, first_maintenance_due_on = $19
        where store_id = $1
          and id = $2
          and version = $3
          and merged_into_id is null
          and erased_at is null
        "#,
        scope.get(),
        id.get(),
        version,
        input.vin.as_deref(),
        input.plate.as_deref(),
        input.brand,
        input.model,
        input.usage.as_str(),
        input.state.as_str(),
        input.sold_here,
        input.delivered_on,
        input.warranty_ends_on,
        input.warranty_km,
        input.note,
        now,
        input.warranty_kind.as_str(),
        input.extended_warranty_ends_on,
        input.extended_warranty_km,
        input.first_maintenance_due_on,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives a person a role from a day on. `false`: they have it already.
pub async fn insert_person(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    vehicle: VehicleId,
    customer: CustomerId,
    role: PersonRole,
    from_on: Option<NaiveDate>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        insert into vehicle_people (store_id, vehicle_id, customer_id, role, from_on)
        values ($1, $2, $3, $4, $5)
        on conflict (store_id, vehicle_id, role, customer_id) where until_on is null do nothing
        "#,
        scope.get(),
        vehicle.get(),
        customer.get(),
        role.as_str(),
        from_on,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends the ownership of everybody but the new owner: a car has one owner at a time.
pub async fn end_other_owners(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    vehicle: VehicleId,
    new_owner: CustomerId,
    until_on: NaiveDate,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update vehicle_people
        set until_on = $4
        where store_id = $1
          and vehicle_id = $2
          and role = 'owner'
          and until_on is null
          and customer_id <> $3
        "#,
        scope.get(),
        vehicle.get(),
        new_owner.get(),
        until_on,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Ends one current role. `false`: there is no such current role at this car.
pub async fn end_person(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    vehicle: VehicleId,
    person: i64,
    until_on: NaiveDate,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        update vehicle_people
        set until_on = $4
        where store_id = $1
          and vehicle_id = $2
          and id = $3
          and until_on is null
        "#,
        scope.get(),
        vehicle.get(),
        person,
        until_on,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The plan for every model that has none of its own: 6 months or 5,000 km, then 6 months or 7,500 km, at 41 km a day.
pub async fn insert_default_plan(db: impl PgExecutor<'_>, store: StoreId) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into maintenance_plans (store_id) values ($1)",
        store.get()
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A reading, not judged yet.
pub async fn insert_reading(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    vehicle: VehicleId,
    read_on: NaiveDate,
    km: i32,
    source: ReadingSource,
    visit: Option<VisitId>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"
        insert into odometer_readings (store_id, vehicle_id, read_on, km, source, visit_id)
        values ($1, $2, $3, $4, $5, $6)
        returning id
        "#,
        scope.get(),
        vehicle.get(),
        read_on,
        km,
        source.as_str(),
        visit.map(VisitId::get),
    )
    .fetch_one(db)
    .await
}

/// Why a reading is not believed, once it has been judged.
pub async fn find_refusal(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    reading: i64,
) -> sqlx::Result<Option<Refusal>> {
    sqlx::query_scalar!(
        "select refused from odometer_readings where store_id = $1 and id = $2",
        scope.get(),
        reading,
    )
    .fetch_one(db)
    .await
}

/// Removes the reading of a visit, before it is written anew.
pub async fn delete_reading_of_visit(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    visit: VisitId,
) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from odometer_readings where store_id = $1 and visit_id = $2",
        scope.get(),
        visit.get(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Every reading of these cars in the order in which `odometer::judge` wants them.
pub async fn list_readings_to_judge(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    vehicles: &[i64],
) -> sqlx::Result<Vec<Stored>> {
    sqlx::query_as!(
        Stored,
        r#"
        select r.id, r.vehicle_id as "vehicle_id: i64", r.read_on, r.km, r.refused
        from odometer_readings r
        where r.store_id = $1
          and r.vehicle_id = any($2)
        order by r.vehicle_id, r.read_on, r.km, r.id
        "#,
        scope.get(),
        vehicles,
    )
    .fetch_all(db)
    .await
}

/// Writes the verdicts; `None` = believed.
pub async fn mark_readings(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    ids: &[i64],
    refusals: &[Option<String>],
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"
        update odometer_readings r
        set refused = j.refused
        from unnest($2::bigint[], $3::text[]) j(id, refused)
        where r.store_id = $1
          and r.id = j.id
        "#,
        scope.get(),
        ids,
        refusals as _,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Writes what was said about a car that is still with us; `false`: it was known.
pub async fn set_said(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    vehicle: VehicleId,
    state: Option<VehicleState>,
    usage: Option<VehicleUsage>,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        update vehicles
        set state = coalesce($3, state), usage = coalesce($4, usage), version = version + 1, updated_at = $5
        where store_id = $1
          and id = $2
          and state = 'active'
          and (state <> coalesce($3, state) or usage <> coalesce($4, usage))
        "#,
        scope.get(),
        vehicle.get(),
        state.map(VehicleState::as_str),
        usage.map(VehicleUsage::as_str),
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}
