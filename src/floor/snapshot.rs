//! The figures of one store at one instant, the same for everybody who watches.

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use sqlx::PgPool;

use crate::calendar::StoreCalendar;
use crate::floor::queries::{
    self, CallLine, Held, HourDials, KindWork, PersonWork, Quarter, QueueWork, Window,
};
use crate::stores::StoreScope;

/// The store's calendar day at an instant, with its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    pub now: DateTime<Utc>,
    pub zone: Tz,
    pub day: NaiveDate,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
}

impl Day {
    /// The day of the store in which the instant lies.
    pub fn at(now: DateTime<Utc>, zone: Tz) -> Day {
        let calendar = StoreCalendar::new(zone);
        let day = calendar.local_day(now);
        let (starts_at, ends_at) = calendar.day_span(day);
        Day {
            now,
            zone,
            day,
            starts_at,
            ends_at,
        }
    }
}

/// Calls at risk that are listed; the queue has them all.
const AT_RISK_LIST: i64 = 8;

/// Everything the board shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    pub day: Day,
    pub kinds: Vec<KindWork>,
    pub quarters: Vec<Quarter>,
    pub queue: QueueWork,
    pub held: Vec<Held>,
    pub at_risk: Vec<CallLine>,
    pub claimed: Vec<CallLine>,
    pub hours: Vec<HourDials>,
    pub people: Vec<PersonWork>,
    pub windows: Vec<Window>,
}

impl Snapshot {
    /// Reads them, one after the other on one connection: a board must not crowd out those who call.
    pub async fn load(db: &PgPool, scope: StoreScope, day: Day) -> sqlx::Result<Snapshot> {
        let mut db = db.acquire().await?;
        Ok(Snapshot {
            kinds: queries::list_kinds(&mut *db, scope, &day).await?,
            quarters: queries::list_quarters(&mut *db, scope, &day).await?,
            queue: queries::find_queue(&mut *db, scope, &day).await?,
            held: queries::list_held(&mut *db, scope).await?,
            at_risk: queries::list_at_risk(&mut *db, scope, &day, AT_RISK_LIST).await?,
            claimed: queries::list_claimed(&mut *db, scope).await?,
            hours: queries::list_hours(&mut *db, scope, &day, day.day - Days::new(7)).await?,
            people: queries::list_people(&mut *db, scope, &day).await?,
            windows: queries::list_windows(&mut *db, scope, &day).await?,
            day,
        })
    }
}
