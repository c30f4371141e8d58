//! When a customer is best called, from the dials that were made.

use chrono::{DateTime, Days, Utc};
use sqlx::PgConnection;

use crate::calendar::StoreCalendar;
use crate::callbacks::model::{BestTime, best_time};
use crate::callbacks::queries::dayparts;
use crate::customers::CustomerId;
use crate::stores::StoreScope;

/// Days of the store's dials that are looked at: long enough for a habit, short enough to be read while a call is saved.
const STORE_DAYS: u64 = 14;

/// The best part of the day for this customer; the store's dials are read only when the customer's own say nothing.
pub async fn find(
    db: &mut PgConnection,
    scope: StoreScope,
    customer: CustomerId,
    calendar: &StoreCalendar,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<BestTime>> {
    let own = dayparts::of_customer(&mut *db, scope, customer).await?;
    if let Some(best) = best_time(&own, &[]) {
        return Ok(Some(best));
    }
    let since = calendar.local_day(now) - Days::new(STORE_DAYS);
    let store = dayparts::of_store(db, scope, since).await?;
    Ok(best_time(&[], &store))
}
