//! Statements of reviews, cut by what they are about; here the setting and the car that a review asks about.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgExecutor;

use crate::customers::CustomerId;
use crate::stores::StoreScope;
use crate::vehicles::VehicleId;

mod ledger;
mod lists;

pub use ledger::{
    Base, LOOKBACK_DAYS, cancel_gone, count_base, generate, last_counts, progress, settle, settle_edited,
};
pub use lists::{
    FileRow, count_files, count_week, next_file, next_of_week, page_stale, page_week, page_worst,
};

/// After how many days without a change a file is stale.
pub async fn stale_after_days(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<i16> {
    sqlx::query_scalar!("select stale_after_days from stores where id = $1", scope.get())
        .fetch_one(db)
        .await
}

/// Changes that number of days.
pub async fn set_stale_after_days(db: impl PgExecutor<'_>, scope: StoreScope, days: i16) -> sqlx::Result<()> {
    sqlx::query!(
        "update stores set stale_after_days = $2 where id = $1",
        scope.get(),
        days
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The car that a review asks about: a current one, those that lack the most first.
pub struct ReviewCar {
    pub id: VehicleId,
    pub plate: Option<String>,
    pub vin: Option<String>,
    pub name: String,
    pub delivered_on: Option<NaiveDate>,
    pub has_reading: bool,
    pub has_insurance: bool,
    pub version: i32,
}

/// One car of the customer, if there is any.
pub async fn find_car(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customer: CustomerId,
) -> sqlx::Result<Option<ReviewCar>> {
    sqlx::query_as!(
        ReviewCar,
        r#"
        select c.id, c.plate, c.vin, c.name as "name!", c.delivered_on, c.has_reading as "has_reading!",
               c.has_insurance as "has_insurance!", c.version
        from (
          select v.id, v.plate, v.vin, btrim(v.brand || ' ' || v.model) as name, v.delivered_on, v.version, v.state,
                 exists (select from odometer_readings r
                         where r.store_id = v.store_id and r.vehicle_id = v.id and r.refused is null) as has_reading,
                 exists (select from policies o where o.store_id = v.store_id and o.vehicle_id = v.id) as has_insurance
          from vehicles v
          where v.store_id = $1
            and v.erased_at is null
            and v.id in (select p.vehicle_id
                         from vehicle_people p
                         where p.store_id = $1 and p.customer_id = $2 and p.until_on is null)
        ) c
        order by c.state <> 'active', (c.plate is null)::int + (c.vin is null)::int + (c.delivered_on is null)::int
                 + (not c.has_reading)::int + (not c.has_insurance)::int desc, c.id
        limit 1
        "#,
        scope.get(),
        customer.get(),
    )
    .fetch_optional(db)
    .await
}

/// The end of a car's insurance as the customer says it, without a number of a policy. Known already: nothing happens.
pub async fn insert_insurance_end(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    vehicle: VehicleId,
    ends_on: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into policies (store_id, vehicle_id, kind, ends_on, created_at)
        select $1, $2, 'commercial', $3, $4
        where not exists (select from policies
                          where store_id = $1 and vehicle_id = $2 and kind = 'commercial' and ends_on = $3)
        on conflict do nothing
        "#,
        scope.get(),
        vehicle.get(),
        ends_on,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}
