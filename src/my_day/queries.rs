//! Statements of my day and of the frame's counts.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::stores::StoreScope;
use crate::users::UserId;
use crate::web::layout::DeskCounts;

/// Open work of the store's queue that this person may do, the earliest deadline, and what they have done today.
///
/// One statement per page of the desk: each count is a range of a partial index over open rows only.
pub async fn desk_counts(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    user: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<DeskCounts> {
    sqlx::query_as!(
        DeskCounts,
        r#"
        with today as materialized (
          select d.starts_at, d.ends_at, d.day
          from store_days d
          where d.store_id = $1 and d.starts_at <= $3 and d.ends_at > $3
        ), mine as materialized (
          select b.id, b.callable_due_at, b.next_at
          from callbacks b
          where b.store_id = $1
            and b.status in ('open', 'claimed')
            and (b.assigned_to is null or b.assigned_to = $2)
            and (b.claimed_by is null or b.claimed_by = $2)
            and not b.excluded_ids @> array[$2]
            and b.next_at <= coalesce((select ends_at from today), $3)
        )
        select
          (select count(*) from mine) as "callbacks!",
          (select count(*) from mine where callable_due_at < $3) as "callbacks_overdue!",
          (select count(*) from mine where callable_due_at >= $3 and callable_due_at < (select ends_at from today)) as "due_today!",
          (select count(*) from complaints c where c.store_id = $1 and c.ended_at is null) as "complaints!",
          (select count(*) from obligations o where o.store_id = $1 and o.status = 'open'
             and o.kind = 'complaint_dispatch' and o.callable_due_at < $3) as "complaints_overdue!",
          (select count(*) from reminders r where r.store_id = $1 and r.status = 'pending'
             and r.send_on <= (select day from today)) as "reminders!",
          (select count(distinct a.callback_id) from attempts a where a.store_id = $1 and a.user_id = $2
             and a.at >= (select starts_at from today) and a.result in ('completed', 'refused')) as "done_today!",
          first.id as "next_callback_id?",
          first.callable_due_at as "next_due_at?"
        from (select 1) one
        left join lateral (select id, callable_due_at from mine order by callable_due_at, id limit 1) first on true
        "#,
        scope.get(),
        user.get(),
        now,
    )
    .fetch_one(db)
    .await
}
