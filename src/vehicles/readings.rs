//! Odometer readings: refused ones are kept and shown, never used.

use chrono::NaiveDate;
use sqlx::PgConnection;

use crate::stores::StoreScope;
use crate::vehicles::odometer::{self, Reading, Refusal};
use crate::vehicles::queries;

/// A reading as it lies in the database.
#[derive(Clone, Copy, Debug)]
pub struct Stored {
    pub id: i64,
    pub vehicle_id: i64,
    pub read_on: NaiveDate,
    pub km: i32,
    pub refused: Option<Refusal>,
}

/// Judges all readings of these cars anew and marks the ones not to be believed.
///
/// Two statements for any number of cars; the judgement between them is `odometer::judge`. A late reading of an earlier day
/// can change the verdict on later ones, so a car is always judged as a whole.
pub async fn judge(
    db: &mut PgConnection,
    scope: StoreScope,
    vehicles: &[i64],
    today: NaiveDate,
) -> sqlx::Result<u64> {
    let stored = queries::list_readings_to_judge(&mut *db, scope, vehicles).await?;
    let (ids, refusals) = changes(&stored, today);
    if ids.is_empty() {
        return Ok(0);
    }
    queries::mark_readings(&mut *db, scope, &ids, &refusals).await
}

/// Ids and new marks of the readings whose verdict differs from what is stored; `stored` is grouped by car, in order of days.
fn changes(stored: &[Stored], today: NaiveDate) -> (Vec<i64>, Vec<Option<String>>) {
    let judged = stored
        .chunk_by(|a, b| a.vehicle_id == b.vehicle_id)
        .flat_map(|car| {
            let readings: Vec<Reading> = car
                .iter()
                .map(|stored| Reading {
                    on: stored.read_on,
                    km: stored.km,
                })
                .collect();
            let verdicts = odometer::judge(&readings, today).into_iter();
            car.iter().zip(verdicts.map(|(_, refused)| refused))
        });
    judged
        .filter(|(stored, refused)| stored.refused != *refused)
        .map(|(stored, refused)| (stored.id, refused.map(|refusal| refusal.as_str().to_owned())))
        .unzip()
}
