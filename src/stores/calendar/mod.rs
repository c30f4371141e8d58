//! A store's calendar in the database: hours, exceptions by date, and the derived rows of `store_days` and `store_windows`.
//!
//! The rows are a cache of [`crate::calendar::materialise`]: whoever changes hours or days calls [`rewrite_all`] in the same
//! transaction, and the job `extend-calendars` keeps the horizon two years away. Nobody else writes them.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sqlx::PgConnection;

use crate::calendar::{
    DayException, DayKind, Hours, Interval, NationalYear, Purpose, StoreCalendar, TimeOfDay, WeeklyHours,
    materialise, national_years,
};
use crate::stores::{StoreScope, hours};

pub mod queries;

/// Days before today that rows exist for: late imports look back a year.
const PAST_DAYS: i64 = 400;
/// Days after today that rows are written for: the longest horizon is a policy's next term, and two years pass any test.
const FUTURE_DAYS: i64 = 800;
/// The job extends a calendar whose last day is nearer than this.
const EXTEND_BELOW_DAYS: i64 = 730;

/// The calendar of a store with all of its exceptions.
pub async fn load(db: &mut PgConnection, scope: StoreScope) -> sqlx::Result<StoreCalendar> {
    let zone = queries::find_time_zone(&mut *db, scope).await?;
    let zone = zone
        .parse()
        .map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
    let hours = hours_of(&queries::list_hours(&mut *db, scope).await?);
    let mut exceptions = std::collections::BTreeMap::new();
    for row in queries::list_days(&mut *db, scope).await? {
        let Some(kind) = day_kind(&row) else { continue };
        exceptions.insert(row.day, DayException { kind, name: row.name });
    }
    Ok(StoreCalendar {
        zone,
        hours,
        exceptions,
    })
}

/// The store's time zone.
pub async fn time_zone(db: &mut PgConnection, scope: StoreScope) -> sqlx::Result<chrono_tz::Tz> {
    let zone = queries::find_time_zone(db, scope).await?;
    zone.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

/// The store's calendar day at an instant.
pub async fn local_day(
    db: &mut PgConnection,
    scope: StoreScope,
    at: DateTime<Utc>,
) -> sqlx::Result<NaiveDate> {
    Ok(at.with_timezone(&time_zone(db, scope).await?).date_naive())
}

/// Default hours of a store that has just been opened, and its derived rows.
pub async fn open(tx: &mut PgConnection, scope: StoreScope, now: DateTime<Utc>) -> sqlx::Result<()> {
    let hours = Hours::default();
    let mut rows = queries::HourRows::default();
    for purpose in Purpose::ALL {
        for weekday in 1..=7 {
            for interval in hours.of(*purpose).of_weekday(weekday) {
                rows.push(*purpose, weekday, *interval);
            }
        }
    }
    queries::insert_hours(&mut *tx, scope, &rows).await?;
    let national = national_rows(national_years());
    queries::upsert_dated(&mut *tx, scope, &national).await?;
    rewrite_all(tx, scope, now).await
}

/// Writes the holidays and make-up days of a year; what the store has closed or given hours of its own stays.
///
/// They are information: opening and deadlines do not move, so the derived rows stay as they are.
pub async fn load_national(
    tx: &mut PgConnection,
    scope: StoreScope,
    year: &NationalYear,
) -> sqlx::Result<u64> {
    if !year.is_provisional {
        queries::delete_provisional(&mut *tx, scope, &[year.year]).await?;
    }
    queries::upsert_dated(tx, scope, &national_rows(std::slice::from_ref(year))).await
}

fn national_rows(years: &[NationalYear]) -> queries::DatedRows {
    let mut rows = queries::DatedRows::default();
    for year in years {
        for day in &year.days {
            rows.push(day.date, day.kind.as_str(), &day.name, year.is_provisional);
        }
    }
    rows
}

/// Writes all derived rows anew; call it in the transaction that changed hours, days or the time zone.
pub async fn rewrite_all(tx: &mut PgConnection, scope: StoreScope, now: DateTime<Utc>) -> sqlx::Result<()> {
    let today = local_day(&mut *tx, scope, now).await?;
    let known = queries::find_span(&mut *tx, scope).await?;
    let from = known.first.unwrap_or(today - TimeDelta::days(PAST_DAYS));
    rewrite(tx, scope, from, today + TimeDelta::days(FUTURE_DAYS)).await
}

/// Writes the derived rows of `from..=to` anew, and those after `to`: the running number of open days goes on there.
pub async fn rewrite(
    tx: &mut PgConnection,
    scope: StoreScope,
    from: NaiveDate,
    to: NaiveDate,
) -> sqlx::Result<()> {
    let calendar = load(&mut *tx, scope).await?;
    let known = queries::find_span(&mut *tx, scope).await?;
    let to = known.last.map_or(to, |last| last.max(to));
    write(tx, scope, &calendar, from, to).await
}

/// Adds the days that passing time has brought within the horizon; returns how many.
pub async fn extend_if_needed(
    tx: &mut PgConnection,
    scope: StoreScope,
    today: NaiveDate,
) -> sqlx::Result<i64> {
    let known = queries::find_span(&mut *tx, scope).await?;
    let last = known.last.unwrap_or(today - TimeDelta::days(PAST_DAYS + 1));
    if last >= today + TimeDelta::days(EXTEND_BELOW_DAYS) {
        return Ok(0);
    }
    let calendar = load(&mut *tx, scope).await?;
    let to = today + TimeDelta::days(FUTURE_DAYS);
    write(tx, scope, &calendar, last + TimeDelta::days(1), to).await?;
    Ok((to - last).num_days())
}

async fn write(
    tx: &mut PgConnection,
    scope: StoreScope,
    calendar: &StoreCalendar,
    from: NaiveDate,
    to: NaiveDate,
) -> sqlx::Result<()> {
    let before = queries::find_open_day_no(&mut *tx, scope, from - TimeDelta::days(1)).await?;
    let (days, windows) = materialise(calendar, from, to, before.unwrap_or(0));
    queries::delete_windows(&mut *tx, scope, from, to).await?;
    queries::upsert_days(&mut *tx, scope, &days).await?;
    queries::insert_windows(&mut *tx, scope, &windows).await
}

fn hours_of(rows: &[queries::HourRow]) -> Hours {
    let week = |purpose: Purpose| {
        let mut week = WeeklyHours::default();
        for weekday in 1..=7_u8 {
            let of_day = rows
                .iter()
                .filter(|row| row.purpose == purpose.as_str() && row.weekday == i16::from(weekday));
            let intervals: Vec<Interval> = of_day
                .filter_map(|row| interval(row.opens_minute, row.closes_minute))
                .collect();
            week.set(weekday, &intervals);
        }
        week
    };
    Hours {
        open: week(Purpose::Open),
        call: week(Purpose::Call),
        sms: week(Purpose::Sms),
        marketing: week(Purpose::Marketing),
    }
}

fn interval(opens: i32, closes: i32) -> Option<Interval> {
    Interval::new(
        TimeOfDay::from_minutes(opens).ok()?,
        TimeOfDay::from_minutes(closes).ok()?,
    )
}

/// `None` for a special day whose hours the table's check would have refused.
pub(super) fn day_kind(row: &queries::DayRow) -> Option<DayKind> {
    match (row.kind.as_str(), row.opens_minute, row.closes_minute) {
        ("closed", ..) => Some(DayKind::Closed),
        ("holiday", ..) => Some(DayKind::Holiday),
        ("workday", ..) => Some(DayKind::Workday),
        ("special", Some(opens), Some(closes)) => {
            let mut intervals = vec![interval(opens, closes)?];
            intervals.extend(hours::parse(&row.more_hours).ok()?);
            Some(DayKind::Special(intervals))
        }
        _ => None,
    }
}
