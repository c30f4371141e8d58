//! Statements of calendars. Whole calendars are written with one statement per table.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgExecutor;

use crate::calendar::{Interval, Purpose, StoreDay, StoreWindow};
use crate::stores::StoreScope;

/// An interval of the weekly pattern; 24:00 is minute 1440.
pub struct HourRow {
    pub purpose: String,
    pub weekday: i16,
    pub opens_minute: i32,
    pub closes_minute: i32,
}

/// An exception by date; minutes only on special days.
pub struct DayRow {
    pub day: NaiveDate,
    pub kind: String,
    pub name: String,
    pub opens_minute: Option<i32>,
    pub closes_minute: Option<i32>,
    /// Intervals of a special day after its first one.
    pub more_hours: String,
    /// Known from the statute only, not from the notice of its year.
    pub is_provisional: bool,
}

/// First and last materialised day.
pub struct KnownSpan {
    pub first: Option<NaiveDate>,
    pub last: Option<NaiveDate>,
}

/// Intervals of weekly patterns, column by column.
#[derive(Default)]
pub struct HourRows {
    purposes: Vec<String>,
    weekdays: Vec<i16>,
    opens: Vec<String>,
    closes: Vec<String>,
}

impl HourRows {
    /// Adds an interval; times travel as text because a `time` parameter cannot be 24:00.
    pub fn push(&mut self, purpose: Purpose, weekday: u8, interval: Interval) {
        self.purposes.push(purpose.as_str().to_owned());
        self.weekdays.push(i16::from(weekday));
        self.opens.push(interval.opens().to_string());
        self.closes.push(interval.closes().to_string());
    }
}

/// IANA name of the store's time zone.
pub async fn find_time_zone(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<String> {
    sqlx::query_scalar!("select time_zone from stores where id = $1", scope.get())
        .fetch_one(db)
        .await
}

/// The weekly pattern in order.
pub async fn list_hours(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Vec<HourRow>> {
    sqlx::query_as!(
        HourRow,
        r#"
        select purpose, weekday,
               (extract(epoch from opens) / 60)::int as "opens_minute!",
               (extract(epoch from closes) / 60)::int as "closes_minute!"
        from calendar_hours
        where store_id = $1
        order by purpose, weekday, opens
        "#,
        scope.get(),
    )
    .fetch_all(db)
    .await
}

/// Every exception by date.
pub async fn list_days(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Vec<DayRow>> {
    sqlx::query_as!(
        DayRow,
        r#"
        select day, kind, name,
               (extract(epoch from opens) / 60)::int as opens_minute,
               (extract(epoch from closes) / 60)::int as closes_minute, more_hours, is_provisional
        from calendar_days
        where store_id = $1
        order by day
        "#,
        scope.get(),
    )
    .fetch_all(db)
    .await
}

/// Adds intervals to the weekly pattern.
pub async fn insert_hours(db: impl PgExecutor<'_>, scope: StoreScope, rows: &HourRows) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into calendar_hours (store_id, purpose, weekday, opens, closes)
        select $1, u.purpose, u.weekday, u.opens::time, u.closes::time
        from unnest($2::text[], $3::smallint[], $4::text[], $5::text[]) u(purpose, weekday, opens, closes)
        "#,
        scope.get(),
        &rows.purposes,
        &rows.weekdays,
        &rows.opens,
        &rows.closes,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Which days have been written.
pub async fn find_span(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<KnownSpan> {
    sqlx::query_as!(
        KnownSpan,
        "select min(day) as first, max(day) as last from store_days where store_id = $1",
        scope.get(),
    )
    .fetch_one(db)
    .await
}

/// Running number of open days up to and with this day.
pub async fn find_open_day_no(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    day: NaiveDate,
) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!(
        "select open_day_no from store_days where store_id = $1 and day = $2",
        scope.get(),
        day,
    )
    .fetch_optional(db)
    .await
}

/// Makes room for new windows of these days, both included.
pub async fn delete_windows(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    from: NaiveDate,
    to: NaiveDate,
) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from store_windows where store_id = $1 and day between $2 and $3",
        scope.get(),
        from,
        to,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Writes days, over those that are there.
pub async fn upsert_days(db: impl PgExecutor<'_>, scope: StoreScope, days: &[StoreDay]) -> sqlx::Result<()> {
    let open: Vec<bool> = days.iter().map(|d| d.is_open).collect();
    let numbers: Vec<i32> = days.iter().map(|d| d.open_day_no).collect();
    let next_open: Vec<NaiveDate> = days.iter().map(|d| d.next_open_day).collect();
    let callable_ends: Vec<Option<DateTime<Utc>>> = days.iter().map(|d| d.callable_end_at).collect();
    let instants = |of: fn(&StoreDay) -> DateTime<Utc>| days.iter().map(of).collect::<Vec<_>>();
    sqlx::query!(
        r#"
        insert into store_days (store_id, day, starts_at, ends_at, is_open, open_day_no, next_open_day,
                                call_end_at, callable_end_at, sms_end_at)
        select $1, u.day, u.starts_at, u.ends_at, u.is_open, u.open_day_no, u.next_open_day,
               u.call_end_at, u.callable_end_at, u.sms_end_at
        from unnest($2::date[], $3::timestamptz[], $4::timestamptz[], $5::bool[], $6::int[], $7::date[],
                    $8::timestamptz[], $9::timestamptz[], $10::timestamptz[])
          u(day, starts_at, ends_at, is_open, open_day_no, next_open_day, call_end_at, callable_end_at, sms_end_at)
        on conflict (store_id, day) do update
          set (starts_at, ends_at, is_open, open_day_no, next_open_day, call_end_at, callable_end_at, sms_end_at)
            = (excluded.starts_at, excluded.ends_at, excluded.is_open, excluded.open_day_no, excluded.next_open_day,
               excluded.call_end_at, excluded.callable_end_at, excluded.sms_end_at)
        "#,
        scope.get(),
        &days.iter().map(|d| d.day).collect::<Vec<_>>(),
        &instants(|d| d.starts_at),
        &instants(|d| d.ends_at),
        &open,
        &numbers,
        &next_open,
        &instants(|d| d.call_end_at),
        &callable_ends as &[Option<DateTime<Utc>>],
        &instants(|d| d.sms_end_at),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Adds windows; those of the same days must be gone.
pub async fn insert_windows(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    windows: &[StoreWindow],
) -> sqlx::Result<()> {
    let purposes: Vec<String> = windows.iter().map(|w| w.purpose.as_str().to_owned()).collect();
    sqlx::query!(
        r#"
        insert into store_windows (store_id, purpose, starts_at, ends_at, day)
        select $1, u.purpose, u.starts_at, u.ends_at, u.day
        from unnest($2::text[], $3::timestamptz[], $4::timestamptz[], $5::date[]) u(purpose, starts_at, ends_at, day)
        "#,
        scope.get(),
        &purposes,
        &windows.iter().map(|w| w.starts_at).collect::<Vec<_>>(),
        &windows.iter().map(|w| w.ends_at).collect::<Vec<_>>(),
        &windows.iter().map(|w| w.day).collect::<Vec<_>>(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Dated days in one statement: holidays and make-up days leave closed and special days alone, closed days replace everything.
pub async fn upsert_dated(db: impl PgExecutor<'_>, scope: StoreScope, days: &DatedRows) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"
        insert into calendar_days as c (store_id, day, kind, name, is_provisional)
        select $1, u.day, u.kind, u.name, u.is_provisional
        from unnest($2::date[], $3::text[], $4::text[], $5::bool[]) u(day, kind, name, is_provisional)
        on conflict (store_id, day) do update
          set kind = excluded.kind, name = excluded.name, is_provisional = excluded.is_provisional, opens = null, closes = null,
              more_hours = ''
          where (c.kind in ('holiday', 'workday') or excluded.kind = 'closed')
            and (c.kind, c.name, c.is_provisional) is distinct from (excluded.kind, excluded.name, excluded.is_provisional)
        "#,
        scope.get(),
        &days.days,
        &days.kinds,
        &days.names,
        &days.provisional,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Days for [`upsert_dated`], column by column.
#[derive(Default)]
pub struct DatedRows {
    days: Vec<NaiveDate>,
    kinds: Vec<String>,
    names: Vec<String>,
    provisional: Vec<bool>,
}

impl DatedRows {
    /// Adds a day.
    pub fn push(&mut self, day: NaiveDate, kind: &'static str, name: &str, is_provisional: bool) {
        self.days.push(day);
        self.kinds.push(kind.to_owned());
        self.names.push(name.to_owned());
        self.provisional.push(is_provisional);
    }

    /// The same, each day once: the last word counts.
    pub fn unique(self) -> DatedRows {
        let mut rows = DatedRows::default();
        for at in 0..self.days.len() {
            if !self.days[at + 1..].contains(&self.days[at]) {
                rows.days.push(self.days[at]);
                rows.kinds.push(self.kinds[at].clone());
                rows.names.push(self.names[at].clone());
                rows.provisional.push(self.provisional[at]);
            }
        }
        rows
    }
}

/// Takes the days of the statute out of a year, before its notice is written.
pub async fn delete_provisional(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    years: &[i32],
) -> sqlx::Result<u64> {
    let gone = sqlx::query!(
        "delete from calendar_days where store_id = $1 and is_provisional and extract(year from day)::int = any($2)",
        scope.get(),
        years,
    )
    .execute(db)
    .await?;
    Ok(gone.rows_affected())
}
