//! Entries whose reason has gone: cancelled, and the callbacks and reminders around them counted anew.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::stores::StoreScope;

/// Locks the callbacks that superseded entries sit in. A statement of its own: one that locks and decides would read
/// rows older than the lock it got.
pub async fn lock_callbacks(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        select c.id
        from callbacks c
        where c.store_id = $1 and c.status = 'open'
          and c.id in (select s.callback_id from superseded_obligations s where s.store_id = $1)
        order by c.id
        for update
        "#,
        scope.get(),
    )
    .fetch_all(db)
    .await?;
    Ok(())
}

/// Locks the reminders that superseded entries sit in.
pub async fn lock_reminders(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        select r.id
        from reminders r
        where r.store_id = $1 and r.status = 'pending'
          and r.id in (select s.reminder_id from superseded_obligations s where s.store_id = $1)
        order by r.id
        for update
        "#,
        scope.get(),
    )
    .fetch_all(db)
    .await?;
    Ok(())
}

/// What was cancelled and where it sat.
pub struct Cancelled {
    pub entries: i64,
    pub callbacks: Vec<i64>,
    pub reminders: Vec<i64>,
}

/// Cancels superseded entries, but none that somebody is talking about right now: those wait for the next run.
pub async fn cancel(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    now: DateTime<Utc>,
) -> sqlx::Result<Cancelled> {
    sqlx::query_as!(
        Cancelled,
        r#"
        with ended as (
          update obligations o
          set status = 'cancelled', ended_at = $2, ended_reason = s.reason
          from superseded_obligations s
          left join callbacks c on c.store_id = s.store_id and c.id = s.callback_id
          where s.store_id = $1 and o.store_id = s.store_id and o.id = s.id and o.status = 'open'
            and (c.id is null or c.status = 'open')
          returning o.callback_id, o.reminder_id
        )
        select count(*) as "entries!",
               coalesce(array_agg(distinct callback_id) filter (where callback_id is not null), '{}') as "callbacks!: Vec<i64>",
               coalesce(array_agg(distinct reminder_id) filter (where reminder_id is not null), '{}') as "reminders!: Vec<i64>"
        from ended
        "#,
        scope.get(),
        now,
    )
    .fetch_one(db)
    .await
}

/// Derives deadlines, kinds and count of callbacks from their open entries; one without any is cancelled.
pub async fn refresh_callbacks(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    callbacks: &[i64],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update callbacks c
        set open_count = x.n,
            kinds = coalesce(x.kinds, c.kinds),
            callable_due_at = coalesce(x.callable_due_at, c.callable_due_at),
            due_at = coalesce(x.due_at, c.due_at),
            status = case when x.n = 0 then 'cancelled' else c.status end,
            ended_at = case when x.n = 0 then $3::timestamptz end,
            version = c.version + 1
        from (select b.id, count(o.id)::int as n, min(o.callable_due_at) as callable_due_at, min(o.due_at) as due_at,
                     array_agg(distinct o.kind order by o.kind) filter (where o.id is not null) as kinds
              from unnest($2::bigint[]) b(id)
              left join obligations o on o.store_id = $1 and o.callback_id = b.id and o.status = 'open'
              group by b.id) x
        where c.store_id = $1 and c.id = x.id and c.status = 'open'
        "#,
        scope.get(),
        callbacks,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The same for reminders that are still to be sent.
pub async fn refresh_reminders(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    reminders: &[i64],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update reminders r
        set open_count = x.n,
            kinds = coalesce(x.kinds, r.kinds),
            due_at = coalesce(x.due_at, r.due_at),
            status = case when x.n = 0 then 'cancelled' else r.status end,
            ended_at = case when x.n = 0 then $3::timestamptz end,
            version = r.version + 1
        from (select b.id, count(o.id)::int as n, min(o.due_at) as due_at,
                     array_agg(distinct o.kind order by o.kind) filter (where o.id is not null) as kinds
              from unnest($2::bigint[]) b(id)
              left join obligations o on o.store_id = $1 and o.reminder_id = b.id and o.status = 'open'
              group by b.id) x
        where r.store_id = $1 and r.id = x.id and r.status = 'pending'
        "#,
        scope.get(),
        reminders,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Renewal cases whose car has a later commercial policy of this store, begun within 30 days of expiry: done.
pub async fn settle_renewals(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    let done = sqlx::query!(
        r#"
        update obligations o
        set status = 'done', ended_at = $2, ended_reason = 'renewed'
        from policies p
        where o.store_id = $1 and o.kind = 'renewal' and o.status = 'open' and p.store_id = o.store_id and p.id = o.policy_id
          and exists (select 1 from policies q
                      where q.store_id = p.store_id and q.vehicle_id = p.vehicle_id and q.kind = 'commercial' and q.is_ours
                        and q.ends_on > p.ends_on and coalesce(q.starts_on, q.ends_on - 364) <= p.ends_on + 30)
        "#,
        scope.get(),
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() as i64)
}

/// Data tasks whose gap has been filled: a number that works, an insurance whose end is known. Done, whoever did it.
pub async fn settle_data_tasks(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    // The cycle key names the gap and its row, as the view `candidates` writes it.
    let done = sqlx::query!(
        r#"
        update obligations o
        set status = 'done', ended_at = $2, ended_reason = 'mended'
        where o.store_id = $1 and o.kind = 'data_task' and o.status = 'open'
          and case split_part(o.cycle_key, ':', 1)
                when 'expiry'
                then exists (select from policies p
                             where p.store_id = o.store_id and p.vehicle_id = o.vehicle_id and p.kind = 'commercial'
                               and p.ends_on >= o.cohort_on - 30)
                else exists (select from phones h
                             where h.store_id = o.store_id and h.customer_id = o.customer_id and h.state in ('ok', 'unverified'))
                 and not exists (select from phones h
                                 where split_part(o.cycle_key, ':', 1) = 'wrong_phone' and h.store_id = o.store_id
                                   and h.id = split_part(o.cycle_key, ':', 2)::bigint and h.customer_id = o.customer_id
                                   and h.state in ('wrong', 'dead') and h.is_main)
              end
        "#,
        scope.get(),
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() as i64)
}
