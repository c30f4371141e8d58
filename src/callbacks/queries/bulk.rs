//! Statements that give many calls out at once. Each keeps what a call held and the version it left behind, so that taking
//! it back leaves alone whatever has changed since.

use sqlx::PgExecutor;

use crate::batches::{BatchId, Changed, Target};
use crate::callbacks::CallbackId;
use crate::callbacks::spread::{Call, Caller};
use crate::shifts::model::DutyMoment;
use crate::stores::StoreScope;
use crate::users::UserId;

/// What a change is about.
#[derive(Clone, Copy, Debug)]
pub struct Hit {
    pub count: i64,
    /// Of them those whose customer was served by the person who is to call.
    pub served: i64,
}

/// How many calls a change is about, counted no further than `limit`. Calls in progress count only if they were ticked.
pub async fn count(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    target: &Target,
    to: Option<UserId>,
    limit: i64,
) -> sqlx::Result<Hit> {
    sqlx::query_as!(
        Hit,
        r#"
        select count(*) as "count!", count(*) filter (where has_served) as "served!"
        from (
          select b.excluded_ids @> array[$4::bigint] as has_served
          from callbacks_matching($1, $2) m
          join callbacks b on b.store_id = $1 and b.id = m.id
          where ($3::bigint[] is null or m.id = any($3))
            and ($3::bigint[] is not null or b.status = 'open')
          limit $5
        ) counted
        "#,
        scope.get(),
        target.conditions,
        target.ids.as_deref(),
        to.map(UserId::get),
        limit,
    )
    .fetch_one(db)
    .await
}

/// Gives them to a person, or back to the common queue; who served the customer gets none. Nobody loses a call in
/// progress unless it is ticked and goes back.
pub async fn assign(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    target: &Target,
    batch: BatchId,
    to: Option<UserId>,
) -> sqlx::Result<Changed> {
    sqlx::query_as!(
        Changed,
        r#"
        with hit as materialized (
          select m.id
          from callbacks_matching($1, $2) m
          where ($3::bigint[] is null or m.id = any($3))
        ),
        held as materialized (
          select x.id, x.assigned_to as before, x.version
          from callbacks x
          join hit h on h.id = x.id
          where x.store_id = $1
            and ($3::bigint[] is not null or x.status = 'open')
          order by x.id
          for update of x
        ),
        changed as (
          update callbacks x
          set assigned_to = $4,
              status = case when $4::bigint is null then 'open' else x.status end,
              claimed_by = case when $4::bigint is null then null else x.claimed_by end,
              claimed_at = case when $4::bigint is null then null else x.claimed_at end,
              lease_until = case when $4::bigint is null then null else x.lease_until end,
              lease_token = case when $4::bigint is null then null else x.lease_token end,
              version = x.version + 1
          from held h
          where x.store_id = $1
            and x.id = h.id
            and x.status in ('open', 'claimed')
            and (x.assigned_to is distinct from $4 or ($4::bigint is null and x.status = 'claimed'))
            and not x.excluded_ids @> array[$4::bigint]
          returning x.id, x.version
        ),
        kept as (
          insert into batch_rows (store_id, batch_id, subject_id, before, version)
          select $1, $5, c.id, h.before::text, c.version
          from changed c
          join held h on h.id = c.id
        )
        select (select count(*) from held) as "hit!", (select count(*) from changed) as "changed!"
        "#,
        scope.get(),
        target.conditions,
        target.ids.as_deref(),
        to.map(UserId::get),
        batch.get(),
    )
    .fetch_one(db)
    .await
}

/// Calls that are to be shared out, oldest deadline first, locked until the end of the transaction. None in progress.
pub async fn lock_calls(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    target: &Target,
    limit: i64,
) -> sqlx::Result<Vec<Call>> {
    let mut rows = sqlx::query!(
        r#"
        select b.id as "id: CallbackId", b.callable_due_at, b.excluded_ids
        from callbacks_matching($1, $2) m
        join callbacks b on b.store_id = $1 and b.id = m.id
        where ($3::bigint[] is null or m.id = any($3))
          and b.status = 'open'
        order by b.id
        limit $4
        for update of b
        "#,
        scope.get(),
        target.conditions,
        target.ids.as_deref(),
        limit,
    )
    .fetch_all(db)
    .await?;
    rows.sort_by_key(|row| (row.callable_due_at, row.id));
    let calls = rows.into_iter().map(|row| Call {
        id: row.id,
        excluded: row.excluded_ids.into_iter().map(UserId::new).collect(),
    });
    Ok(calls.collect())
}

/// Calls of a day that a person can make, where nobody has said otherwise.
const CAPACITY: i32 = 40;

/// Those who may get calls, with the open ones they have beside these. Who is away at that moment can take none.
pub async fn list_loads(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    beside: &[CallbackId],
    not: Option<UserId>,
    at: DutyMoment,
) -> sqlx::Result<Vec<(Caller, String)>> {
    let beside: Vec<i64> = beside.iter().map(|id| id.get()).collect();
    let rows = sqlx::query!(
        r#"
        select u.id as "id: UserId", u.display_name as name, coalesce(l.n, 0) as "load!",
               case when off_duty(m.store_id, u.id, $4, $5) is null then coalesce(m.daily_capacity, $6) else 0 end as "capacity!"
        from user_stores m
        join users u on u.id = m.user_id and u.is_active
        left join (
          select b.assigned_to, count(*) as n
          from callbacks b
          where b.store_id = $1
            and b.status in ('open', 'claimed')
            and b.assigned_to is not null
            and not b.id = any($2)
          group by b.assigned_to
        ) l on l.assigned_to = u.id
        where m.store_id = $1
          and m.is_active
          and m.role in ('specialist', 'clerk')
          and ($3::bigint is null or u.id <> $3)
        order by u.display_name, u.id
        "#,
        scope.get(),
        &beside,
        not.map(UserId::get),
        at.day,
        at.minute,
        CAPACITY,
    )
    .fetch_all(db)
    .await?;
    let callers = rows.into_iter().map(|row| {
        let caller = Caller {
            id: row.id,
            load: row.load,
            capacity: i64::from(row.capacity),
        };
        (caller, row.name)
    });
    Ok(callers.collect())
}

/// Gives each call to its person, or back to the common queue where there is none; how many changed hands.
pub async fn assign_each(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    batch: BatchId,
    calls: &[i64],
    people: &[Option<i64>],
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"
        with held as materialized (
          select x.id, x.assigned_to as before, p.who
          from callbacks x
          join unnest($3::bigint[], $4::bigint[]) p(id, who) on p.id = x.id
          where x.store_id = $1
            and x.status = 'open'
            and x.assigned_to is distinct from p.who
            and not x.excluded_ids @> array[p.who]
          order by x.id
          for update of x
        ),
        changed as (
          update callbacks x
          set assigned_to = h.who, version = x.version + 1
          from held h
          where x.store_id = $1
            and x.id = h.id
          returning x.id, x.version
        ),
        kept as (
          insert into batch_rows (store_id, batch_id, subject_id, before, version)
          select $1, $2, c.id, h.before::text, c.version
          from changed c
          join held h on h.id = c.id
        )
        select count(*) as "count!" from changed
        "#,
        scope.get(),
        batch.get(),
        calls,
        people as &[Option<i64>],
    )
    .fetch_one(db)
    .await
}

/// Gives the calls of a change back to whom they belonged, unless they have changed since; how many.
pub async fn undo(db: impl PgExecutor<'_>, scope: StoreScope, batch: BatchId) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"
        with held as materialized (
          select x.id, r.before::bigint as before
          from batch_rows r
          join callbacks x on x.store_id = r.store_id and x.id = r.subject_id
          where r.store_id = $1
            and r.batch_id = $2
            and x.version = r.version
            and x.status in ('open', 'claimed')
            and not x.excluded_ids @> array[r.before::bigint]
          order by x.id
          for update of x
        )
        update callbacks x
        set assigned_to = h.before, version = x.version + 1
        from held h
        where x.store_id = $1
          and x.id = h.id
        "#,
        scope.get(),
        batch.get(),
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
