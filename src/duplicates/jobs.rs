//! Looking for pairs: every night, and soon after an import.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

use crate::customers::search_keys::sound;
use crate::duplicates::find::{self, Changed, Reached};
use crate::stores::StoreScope;

/// Rows of a kind that one step looks at: some seconds of work and some megabytes at a million customers.
const STEP: i64 = 50_000;
/// Steps of one run and store; what is left waits for the next run, minutes later.
const STEPS: usize = 4;

/// What changed this shortly before a search is looked at by the next one too: a transaction writes the instant at which it
/// began, and a long import is seen only when it has committed.
const OVERLAP: TimeDelta = TimeDelta::hours(2);

/// `find-duplicates`: looks at what changed since the last time, in the stores where it is due. Returns new and stronger pairs.
pub async fn find_due(tx: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<u64> {
    let mut found = 0;
    for store in find::list_due(&mut *tx, now).await? {
        found += find_in(&mut *tx, StoreScope::for_job(store), now).await?;
    }
    Ok(found)
}

/// Looks at what changed in one store since the last time.
pub async fn find_in(tx: &mut PgConnection, scope: StoreScope, now: DateTime<Utc>) -> sqlx::Result<u64> {
    let mut reached = find::lock_reached(&mut *tx, scope).await?.unwrap_or(Reached {
        customers_to: None,
        vehicles_to: None,
    });
    let mut found = 0;
    let mut is_finished = false;
    for _ in 0..STEPS {
        let customers = find::changed_customers(&mut *tx, scope, reached.customers_to, STEP).await?;
        let vehicles = find::changed_vehicles(&mut *tx, scope, reached.vehicles_to, STEP).await?;
        found += look_at_customers(&mut *tx, scope, &customers, now).await?;
        found += look_at_vehicles(&mut *tx, scope, &vehicles, now).await?;
        reached.customers_to = customers
            .last()
            .map(|row| row.updated_at)
            .or(reached.customers_to);
        reached.vehicles_to = vehicles.last().map(|row| row.updated_at).or(reached.vehicles_to);
        is_finished = (customers.len() as i64) < STEP && (vehicles.len() as i64) < STEP;
        if is_finished {
            break;
        }
    }
    if is_finished {
        reached.customers_to = reached.customers_to.map(|at| at.min(now - OVERLAP));
        reached.vehicles_to = reached.vehicles_to.map(|at| at.min(now - OVERLAP));
    }
    find::set_reached(tx, scope, &reached, is_finished, now).await?;
    Ok(found)
}

async fn look_at_customers(
    tx: &mut PgConnection,
    scope: StoreScope,
    changed: &[Changed],
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    if changed.is_empty() {
        return Ok(0);
    }
    let all: Vec<i64> = changed.iter().map(|row| row.id).collect();
    find::delete_keys(&mut *tx, scope, &all).await?;
    let named = changed
        .iter()
        .filter_map(|row| Some((row.id, sound(row.name.as_deref()?))));
    let (ids, sounds): (Vec<i64>, Vec<String>) = named.unzip();
    find::insert_keys(&mut *tx, scope, &ids, &sounds).await?;
    let by_phone = find::propose_same_phone(&mut *tx, scope, &ids, now).await?;
    Ok(by_phone + find::propose_same_sound(tx, scope, &ids, now).await?)
}

async fn look_at_vehicles(
    tx: &mut PgConnection,
    scope: StoreScope,
    changed: &[Changed],
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let live = changed.iter().filter(|row| row.name.is_some());
    let ids: Vec<i64> = live.map(|row| row.id).collect();
    if ids.is_empty() {
        return Ok(0);
    }
    let by_vin = find::propose_same_vin(&mut *tx, scope, &ids, now).await?;
    Ok(by_vin + find::propose_near_plates(tx, scope, &ids, now).await?)
}
