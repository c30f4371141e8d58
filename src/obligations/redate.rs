//! Deadlines follow the calendar and the readings: open entries, and the callbacks and reminders around them.
//!
//! The definition is the function `obligation_deadlines`. What is past stays as it was, nothing moves into the past, and a
//! change of the calendar never touches `strict_due_at`: a promise may come earlier only as far as it was first made.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgConnection, PgExecutor};

use crate::stores::{StoreScope, calendar};

/// How many open entries have got another deadline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    pub earlier: i64,
    pub later: i64,
}

impl Moved {
    /// Whether any deadline moved.
    pub const fn is_any(self) -> bool {
        self.earlier + self.later > 0
    }
}

/// After hours or closed days have changed and the derived days are written anew.
pub async fn follow_calendar(
    tx: &mut PgConnection,
    scope: StoreScope,
    now: DateTime<Utc>,
) -> sqlx::Result<Moved> {
    let today = calendar::local_day(&mut *tx, scope, now).await?;
    lock_by_calendar(&mut *tx, scope, today).await?;
    let done = move_by_calendar(&mut *tx, scope, today, now).await?;
    refresh(tx, scope, &done).await?;
    Ok(done.moved())
}

/// After the facts of these cars (`None` = all of the store) have changed: a predicted end of a warranty moves its call.
pub async fn follow_readings(
    tx: &mut PgConnection,
    scope: StoreScope,
    vehicles: Option<&[i64]>,
    now: DateTime<Utc>,
) -> sqlx::Result<Moved> {
    let today = calendar::local_day(&mut *tx, scope, now).await?;
    let cars = Cars::new(vehicles);
    lock_by_readings(&mut *tx, scope, today, cars).await?;
    let done = move_by_readings(&mut *tx, scope, today, cars, now).await?;
    refresh(tx, scope, &done).await?;
    Ok(done.moved())
}

/// What a statement moved, and what is bundled around it.
struct Done {
    earlier: i64,
    later: i64,
    callbacks: Vec<i64>,
    reminders: Vec<i64>,
}

impl Done {
    const fn moved(&self) -> Moved {
        Moved {
            earlier: self.earlier,
            later: self.later,
        }
    }
}

/// Callbacks before their entries, in the order of every other writer.
async fn lock_by_calendar(db: impl PgExecutor<'_>, scope: StoreScope, today: NaiveDate) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        select c.id
        from callbacks c
        where c.store_id = $1
          and c.status in ('open', 'claimed')
          and c.id in (select d.callback_id
                       from obligation_deadlines($1, $2) d
                       join obligations o on o.store_id = $1 and o.id = d.id
                       where (o.due_at, o.callable_due_at) is distinct from (d.due_at, d.callable_due_at))
        order by c.id
        for update
        "#,
        scope.get(),
        today,
    )
    .fetch_all(db)
    .await?;
    Ok(())
}

/// Cars, as a list or all of the store, with the range of their ids: it keeps a plan for any list on the index of cars.
#[derive(Clone, Copy)]
struct Cars<'a> {
    ids: Option<&'a [i64]>,
    lowest: i64,
    highest: i64,
}

impl<'a> Cars<'a> {
    fn new(ids: Option<&'a [i64]>) -> Cars<'a> {
        Cars {
            ids,
            lowest: ids.map_or(0, |ids| ids.iter().copied().min().unwrap_or(0)),
            highest: ids.map_or(i64::MAX, |ids| ids.iter().copied().max().unwrap_or(0)),
        }
    }
}

async fn lock_by_readings(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    today: NaiveDate,
    cars: Cars<'_>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        select c.id
        from callbacks c
        where c.store_id = $1
          and c.status in ('open', 'claimed')
          and c.id in (select d.callback_id
                       from obligation_deadlines($1, $2) d
                       join obligations o on o.store_id = $1 and o.id = d.id
                       where d.kind = 'warranty_expiry'
                         and d.vehicle_id between $4 and $5
                         and ($3::bigint[] is null or d.vehicle_id = any($3))
                         and o.due_at <> d.due_at)
        order by c.id
        for update
        "#,
        scope.get(),
        today,
        cars.ids,
        cars.lowest,
        cars.highest,
    )
    .fetch_all(db)
    .await?;
    Ok(())
}

async fn move_by_calendar(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<Done> {
    sqlx::query_as!(
        Done,
        r#"
        with wanted as materialized (
          select o.id, o.due_at as old_due_at, o.callable_due_at as old_callable_at, d.is_short,
                 case when o.due_at > $3 and greatest(d.due_at, o.strict_due_at) > $3
                      then greatest(d.due_at, o.strict_due_at) else o.due_at end as due_at,
                 case when o.callable_due_at > $3 and d.callable_due_at > $3
                      then d.callable_due_at else o.callable_due_at end as callable_due_at
          from obligation_deadlines($1, $2) d
          join obligations o on o.store_id = $1 and o.id = d.id
          -- A clock of a complaint that runs is a promise of so many minutes: the calendar moves it no more.
          where o.kind not in ('complaint_dispatch', 'complaint_first_reply') or o.not_before > $3
        ), moved as (
          update obligations o
          set due_at = w.due_at, callable_due_at = w.callable_due_at,
              not_before = case when o.kind in ('complaint_dispatch', 'complaint_first_reply')
                                then o.not_before + (w.due_at - w.old_due_at) else o.not_before end,
              is_short_window = case when w.callable_due_at = w.old_callable_at then o.is_short_window else w.is_short end
          from wanted w
          where o.store_id = $1 and o.id = w.id and o.status = 'open'
            and (w.due_at, w.callable_due_at) is distinct from (w.old_due_at, w.old_callable_at)
          returning o.callback_id, o.reminder_id,
                    coalesce(nullif(w.callable_due_at > w.old_callable_at, w.callable_due_at < w.old_callable_at), w.due_at > w.old_due_at) as is_later
        )
        select count(*) filter (where not is_later) as "earlier!", count(*) filter (where is_later) as "later!",
               coalesce(array_agg(distinct callback_id) filter (where callback_id is not null), '{}') as "callbacks!: Vec<i64>",
               coalesce(array_agg(distinct reminder_id) filter (where reminder_id is not null), '{}') as "reminders!: Vec<i64>"
        from moved
        "#,
        scope.get(),
        today,
        now,
    )
    .fetch_one(db)
    .await
}

/// The predicted day is the promise itself, so the strict deadline goes with it.
async fn move_by_readings(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    today: NaiveDate,
    cars: Cars<'_>,
    now: DateTime<Utc>,
) -> sqlx::Result<Done> {
    sqlx::query_as!(
        Done,
        r#"
        with wanted as materialized (
          select o.id, o.callable_due_at as old_callable_at, d.due_at, d.callable_due_at, d.is_short
          from obligation_deadlines($1, $2) d
          join obligations o on o.store_id = $1 and o.id = d.id
          where d.kind = 'warranty_expiry'
            and d.vehicle_id between $5 and $6
            and ($4::bigint[] is null or d.vehicle_id = any($4))
            and o.due_at > $3 and d.due_at > $3
            and o.due_at <> d.due_at
        ), moved as (
          update obligations o
          set strict_due_at = w.due_at, due_at = w.due_at, callable_due_at = w.callable_due_at, is_short_window = w.is_short
          from wanted w
          where o.store_id = $1 and o.id = w.id and o.status = 'open'
          returning o.callback_id, o.reminder_id, w.callable_due_at > w.old_callable_at as is_later
        )
        select count(*) filter (where not is_later) as "earlier!", count(*) filter (where is_later) as "later!",
               coalesce(array_agg(distinct callback_id) filter (where callback_id is not null), '{}') as "callbacks!: Vec<i64>",
               coalesce(array_agg(distinct reminder_id) filter (where reminder_id is not null), '{}') as "reminders!: Vec<i64>"
        from moved
        "#,
        scope.get(),
        today,
        now,
        cars.ids,
        cars.lowest,
        cars.highest,
    )
    .fetch_one(db)
    .await
}

/// Callbacks sort and reminders end by the earliest of what they hold.
async fn refresh(tx: &mut PgConnection, scope: StoreScope, done: &Done) -> sqlx::Result<()> {
    if !done.callbacks.is_empty() {
        refresh_callbacks(&mut *tx, scope, &done.callbacks).await?;
    }
    if !done.reminders.is_empty() {
        refresh_reminders(tx, scope, &done.reminders).await?;
    }
    Ok(())
}

async fn refresh_callbacks(db: impl PgExecutor<'_>, scope: StoreScope, ids: &[i64]) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update callbacks c
        set callable_due_at = x.callable_due_at, due_at = x.due_at
        from (select o.callback_id as id, min(o.callable_due_at) as callable_due_at, min(o.due_at) as due_at
              from obligations o
              where o.store_id = $1 and o.status = 'open' and o.callback_id = any($2)
              group by o.callback_id) x
        where c.store_id = $1 and c.id = x.id and c.status in ('open', 'claimed')
        "#,
        scope.get(),
        ids,
    )
    .execute(db)
    .await?;
    Ok(())
}

async fn refresh_reminders(db: impl PgExecutor<'_>, scope: StoreScope, ids: &[i64]) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update reminders r
        set due_at = x.due_at
        from (select o.reminder_id as id, min(o.due_at) as due_at
              from obligations o
              where o.store_id = $1 and o.status = 'open' and o.reminder_id = any($2)
              group by o.reminder_id) x
        where r.store_id = $1 and r.id = x.id and r.status = 'pending'
        "#,
        scope.get(),
        ids,
    )
    .execute(db)
    .await?;
    Ok(())
}
