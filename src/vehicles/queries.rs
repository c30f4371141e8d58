//! Statements of cars, the people around them, readings and maintenance plans.

use chrono::NaiveDate;
use sqlx::PgExecutor;

use crate::stores::{StoreId, StoreScope};
use crate::vehicles::readings::Stored;
use crate::vehicles::{ReadingSource, VehicleId};
use crate::visits::VisitId;

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
