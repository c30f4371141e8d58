//! The morning's search for risks.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

use crate::complaints::risks::model::warranty_risks;
use crate::complaints::risks::queries::{self, Counters, Found, RepairOf};
use crate::stores::StoreScope;
use crate::vehicles::warranty_watch::Repair;

/// Cars whose repairs are read at a time.
const PIECE: usize = 2_000;

/// Finds what is a risk now; what was found before and is no longer so is gone. The second time it changes nothing.
pub async fn find(
    tx: &mut PgConnection,
    scope: StoreScope,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<Found> {
    let cars = queries::list_watched_cars(&mut *tx, scope, today).await?;
    let mut counters = Counters::default();
    for piece in cars.chunks(PIECE) {
        let ids: Vec<i64> = piece.iter().map(|car| car.id).collect();
        let mut repairs: BTreeMap<i64, Vec<Repair>> = BTreeMap::new();
        for RepairOf { vehicle, repair } in queries::list_repairs(&mut *tx, scope, &ids).await? {
            repairs.entry(vehicle).or_default().push(repair);
        }
        for car in piece {
            let own = repairs.get(&car.id).map_or(&[][..], Vec::as_slice);
            for risk in warranty_risks(car.id, &car.car(), own, i64::from(car.margin), (now, today)) {
                counters.push(car, risk);
            }
        }
    }
    queries::refresh(tx, scope, &counters, today, now).await
}
