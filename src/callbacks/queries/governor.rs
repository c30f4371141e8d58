//! Statements of holding calls back: which reason holds is decided by the function `callback_hold` of the database.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::stores::StoreScope;

/// Open callbacks whose holding may have changed: those that are held, those of customers with many touches, and those
/// about a car that is in the shop again.
pub async fn list_to_judge(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        select c.id::bigint as "id!"
        from callbacks c
        where c.store_id = $1 and c.status = 'open' and c.held_reason is not null and c.held_reason <> 'no_phone'
        union
        select c.id::bigint
        from (
          select t.customer_id
          from touches t
          where t.store_id = $1 and t.at > $2::timestamptz - interval '168 hours' and t.at <= $2
          group by t.customer_id
          having count(*) >= (select s.touch_limit from stores s where s.id = $1)
        ) t
        join callbacks c on c.store_id = $1 and c.customer_id = t.customer_id and c.status = 'open'
        union
        select o.callback_id::bigint
        from visits w
        join obligations o on o.store_id = w.store_id and o.vehicle_id = w.vehicle_id and o.status = 'open'
          and o.kind = 'post_service' and o.callback_id is not null
        where w.store_id = $1 and w.handed_over_at is null and w.state <> 'cancelled'
        union
        select m.callback_id::bigint
        from outbox_messages m
        where m.store_id = $1 and m.status = 'queued' and m.callback_id is not null
        order by 1
        "#,
        scope.get(),
        now,
    )
    .fetch_all(db)
    .await
}

/// Holds these callbacks back or lets them go; how many changed.
///
/// A call that waited for a car in the shop comes a day after its hand-over, as the call about that visit does, so that both
/// are one; but never past the last day on which it counts.
pub async fn hold(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    ids: &[i64],
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"
        with judged as materialized (
          select c.store_id, c.id, h.reason, h.until,
                 case when c.held_reason = 'car_in_shop' and h.reason is distinct from 'car_in_shop' and c.dials = 0
                           and not exists (select from unnest(c.kinds) k where k like 'complaint%') then (
                   select least(max(w.handed_over_at) + interval '24 hours',
                                greatest(last_call_day_begins(c.store_id, c.callable_due_at), $3))
                   from obligations o
                   join visits v on v.store_id = o.store_id and v.id = o.visit_id
                   join visits w on w.store_id = v.store_id and w.vehicle_id = v.vehicle_id and w.handed_over_at > v.handed_over_at
                   where o.store_id = c.store_id and o.callback_id = c.id and o.status = 'open' and o.kind = 'post_service'
                 ) end as free_at
          from callbacks c
          left join lateral callback_hold(c.store_id, c.id, $3) h on true
          where c.store_id = $1 and c.id = any($2) and c.status = 'open'
        )
        update callbacks c
        set held_reason = j.reason, held_until = j.until,
            -- Let go before its time, because the limit was raised: now.
            next_at = case when c.held_reason = 'touch_limit' and j.reason is null and c.next_at = c.held_until then least(c.next_at, $3)
                           else greatest(c.next_at, case when j.reason = 'touch_limit' then j.until end, j.free_at) end
        from judged j
        where c.store_id = j.store_id and c.id = j.id and c.status = 'open'
          and (c.held_reason, c.held_until) is distinct from (j.reason, j.until)
        "#,
        scope.get(),
        ids,
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
