//! Writing cars and what belongs to them; whoever calls brings the transaction.

use chrono::NaiveDate;
use sqlx::PgConnection;

use crate::stores::StoreScope;
use crate::vehicles::{ReadingSource, VehicleId, queries, readings};
use crate::visits::VisitId;

/// What an odometer showed on a day of the store's calendar.
#[derive(Clone, Copy, Debug)]
pub struct NewReading {
    pub read_on: NaiveDate,
    pub km: i32,
    pub source: ReadingSource,
    pub visit: Option<VisitId>,
}

/// Adds a reading and judges the car's readings anew. Facts are the caller's to refresh, once for everything it writes.
pub async fn add_reading(
    db: &mut PgConnection,
    scope: StoreScope,
    vehicle: VehicleId,
    new: NewReading,
    today: NaiveDate,
) -> sqlx::Result<i64> {
    let id = queries::insert_reading(
        &mut *db,
        scope,
        vehicle,
        new.read_on,
        new.km,
        new.source,
        new.visit,
    )
    .await?;
    readings::judge(&mut *db, scope, &[vehicle.get()], today).await?;
    Ok(id)
}
