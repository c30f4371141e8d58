//! Statements of the board. Each is a range of an index over open rows or over the rows of one day.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgExecutor;

use crate::callbacks::filter::AT_RISK;
use crate::callbacks::{CallbackId, Disposition};
use crate::floor::snapshot::Day;
use crate::kpi::definition::CONNECTED_RESULTS;
use crate::obligations::ObligationKind;
use crate::shifts::model::DutyMoment;
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::web::pagination::PageParams;

/// Results that the connect rate counts, here and in the figures.
fn connected() -> Vec<String> {
    CONNECTED_RESULTS.iter().map(|&code| code.to_owned()).collect()
}

/// What is owed of one kind until tonight, and what was ended since the morning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindWork {
    pub kind: ObligationKind,
    /// Open and due before the day ends.
    pub left: i64,
    /// Of those left the overdue ones.
    pub late: i64,
    /// Done or exhausted today, whatever day it was due.
    pub done: i64,
}

/// Today's work by kind.
pub async fn list_kinds(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    day: &Day,
) -> sqlx::Result<Vec<KindWork>> {
    sqlx::query_as!(
        KindWork,
        r#"
        select w.kind as "kind!: ObligationKind", sum(w.is_left)::bigint as "left!", sum(w.is_late)::bigint as "late!",
               sum(w.is_done)::bigint as "done!"
        from (
          select o.kind, 1 as is_left, case when o.due_at <= $2 then 1 else 0 end as is_late, 0 as is_done
          from obligations o
          where o.store_id = $1
            and o.status = 'open'
            and o.due_at < $4
          union all
          select o.kind, 0, 0, 1
          from obligations o
          where o.store_id = $1
            and o.ended_at is not null
            and o.ended_at >= $3
            and o.ended_at < $4
            and o.status in ('done', 'exhausted')
        ) w
        group by w.kind
        "#,
        scope.get(),
        day.now,
        day.starts_at,
        day.ends_at,
    )
    .fetch_all(db)
    .await
}

/// A quarter of an hour in which work came or went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quarter {
    /// Its beginning.
    pub at: DateTime<Utc>,
    pub came: i64,
    pub ended: i64,
}

/// Quarters of today in which something of today's work came or was ended.
pub async fn list_quarters(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    day: &Day,
) -> sqlx::Result<Vec<Quarter>> {
    sqlx::query_as!(
        Quarter,
        r#"
        with today as materialized (
          select o.created_at, null::timestamptz as ended_at
          from obligations o
          where o.store_id = $1
            and o.status = 'open'
            and o.due_at < $3
          union all
          select o.created_at, o.ended_at
          from obligations o
          where o.store_id = $1
            and o.ended_at is not null
            and o.ended_at >= $2
            and o.ended_at < $3
            and o.status in ('done', 'exhausted')
        )
        select date_bin('15 minutes', m.at, $2) as "at!", sum(m.came)::bigint as "came!", sum(m.ended)::bigint as "ended!"
        from (
          select t.created_at as at, 1 as came, 0 as ended
          from today t
          where t.created_at >= $2
          union all
          select t.ended_at, 0, 1
          from today t
          where t.ended_at is not null
        ) m
        group by 1
        order by 1
        "#,
        scope.get(),
        day.starts_at,
        day.ends_at,
    )
    .fetch_all(db)
    .await
}

/// The queue in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueWork {
    pub open: i64,
    pub overdue: i64,
    pub at_risk: i64,
    /// Nobody's, and nobody is on the call.
    pub unassigned: i64,
    pub unassigned_tonight: i64,
    pub held: i64,
}

/// The queue in numbers.
pub async fn find_queue(db: impl PgExecutor<'_>, scope: StoreScope, day: &Day) -> sqlx::Result<QueueWork> {
    sqlx::query_as!(
        QueueWork,
        r#"
        select count(*) as "open!",
               count(*) filter (where b.callable_due_at < $2) as "overdue!",
               count(*) filter (where b.callable_due_at >= $2 and b.callable_due_at < $3) as "at_risk!",
               count(*) filter (where b.assigned_to is null and b.status = 'open') as "unassigned!",
               count(*) filter (where b.assigned_to is null and b.status = 'open' and b.callable_due_at < $4)
                 as "unassigned_tonight!",
               count(*) filter (where b.held_reason is not null) as "held!"
        from callbacks b
        where b.store_id = $1
          and b.status in ('open', 'claimed')
        "#,
        scope.get(),
        day.now,
        day.now + AT_RISK,
        day.ends_at,
    )
    .fetch_one(db)
    .await
}

/// Calls held back for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub reason: String,
    pub count: i64,
}

/// What is held back, by reason.
pub async fn list_held(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Vec<Held>> {
    sqlx::query_as!(
        Held,
        r#"
        select b.held_reason as "reason!", count(*) as "count!"
        from callbacks b
        where b.store_id = $1
          and b.status in ('open', 'claimed')
          and b.held_reason is not null
        group by b.held_reason
        order by count(*) desc, b.held_reason
        "#,
        scope.get(),
    )
    .fetch_all(db)
    .await
}

/// A call as the board lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallLine {
    pub id: CallbackId,
    pub customer: Option<String>,
    pub kinds: Vec<String>,
    pub callable_due_at: DateTime<Utc>,
    /// Who is on it, else whose it is.
    pub person: Option<String>,
    pub claimed_at: Option<DateTime<Utc>>,
}

/// The calls that are due first within the next two hours.
pub async fn list_at_risk(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    day: &Day,
    limit: i64,
) -> sqlx::Result<Vec<CallLine>> {
    sqlx::query_as!(
        CallLine,
        r#"
        select b.id, c.name as customer, b.kinds, b.callable_due_at, coalesce(k.display_name, u.display_name) as "person?",
               b.claimed_at
        from callbacks b
        join customers c on c.store_id = b.store_id and c.id = b.customer_id
        left join users u on u.id = b.assigned_to
        left join users k on k.id = b.claimed_by
        where b.store_id = $1
          and b.status in ('open', 'claimed')
          and b.callable_due_at >= $2
          and b.callable_due_at < $3
        order by b.callable_due_at, b.id
        limit $4
        "#,
        scope.get(),
        day.now,
        day.now + AT_RISK,
        limit,
    )
    .fetch_all(db)
    .await
}

/// Calls that somebody is on now, the longest first.
pub async fn list_claimed(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Vec<CallLine>> {
    sqlx::query_as!(
        CallLine,
        r#"
        select b.id, c.name as customer, b.kinds, b.callable_due_at, k.display_name as "person?", b.claimed_at
        from callbacks b
        join customers c on c.store_id = b.store_id and c.id = b.customer_id
        join users k on k.id = b.claimed_by
        where b.store_id = $1
          and b.status = 'claimed'
        order by b.claimed_at, b.id
        limit 100
        "#,
        scope.get(),
    )
    .fetch_all(db)
    .await
}

/// Dials of one hour of the wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HourDials {
    pub is_today: bool,
    pub hour: i32,
    pub dials: i64,
    pub connected: i64,
}

/// Dials by hour, of today and of the same day a week ago.
pub async fn list_hours(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    day: &Day,
    week_ago: NaiveDate,
) -> sqlx::Result<Vec<HourDials>> {
    sqlx::query_as!(
        HourDials,
        r#"
        select a.on_day = $2 as "is_today!", extract(hour from a.at at time zone $4)::int as "hour!", count(*) as "dials!",
               count(*) filter (where a.result = any($5)) as "connected!"
        from attempts a
        where a.store_id = $1
          and a.on_day = any(array[$2, $3]::date[])
        group by 1, 2
        order by 1, 2
        "#,
        scope.get(),
        day.day,
        week_ago,
        day.zone.name(),
        &connected(),
    )
    .fetch_all(db)
    .await
}

/// One person's day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonWork {
    pub id: UserId,
    pub name: String,
    /// Open calls that are given to this person.
    pub open: i64,
    /// Of those the ones due before the day ends.
    pub left: i64,
    /// Obligations that this person has ended today.
    pub done: i64,
    pub dials: i64,
    pub connected: i64,
    /// On a call now.
    pub is_calling: bool,
    /// On leave or out of shift: given nothing now.
    pub is_away: bool,
}

/// Everybody who calls, and whoever has ended something today.
pub async fn list_people(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    day: &Day,
) -> sqlx::Result<Vec<PersonWork>> {
    sqlx::query_as!(
        PersonWork,
        r#"
        with open as materialized (
          select b.assigned_to, count(*) as n, count(*) filter (where b.callable_due_at < $3) as tonight
          from callbacks b
          where b.store_id = $1
            and b.status in ('open', 'claimed')
            and b.assigned_to is not null
          group by b.assigned_to
        ),
        ended as materialized (
          select o.ended_by, count(*) as n
          from obligations o
          where o.store_id = $1
            and o.ended_at is not null
            and o.ended_at >= $2
            and o.ended_at < $3
            and o.status in ('done', 'exhausted')
            and o.ended_by is not null
          group by o.ended_by
        ),
        dialled as materialized (
          select a.user_id, count(*) as n,
                 count(*) filter (where a.result = any($5)) as connected
          from attempts a
          where a.store_id = $1
            and a.on_day = $4
          group by a.user_id
        )
        select u.id, u.display_name as name, coalesce(o.n, 0) as "open!", coalesce(o.tonight, 0) as "left!",
               coalesce(e.n, 0) as "done!", coalesce(d.n, 0) as "dials!", coalesce(d.connected, 0) as "connected!",
               exists (select from callbacks b where b.store_id = $1 and b.claimed_by = u.id and b.status = 'claimed')
                 as "is_calling!",
               off_duty($1, u.id, $4, $6) is not null as "is_away!"
        from user_stores m
        join users u on u.id = m.user_id
        left join open o on o.assigned_to = u.id
        left join ended e on e.ended_by = u.id
        left join dialled d on d.user_id = u.id
        where m.store_id = $1
          and ((m.is_active and u.is_active and m.role in ('specialist', 'clerk')) or o.n > 0 or e.n > 0 or d.n > 0)
        order by u.display_name, u.id
        "#,
        scope.get(),
        day.starts_at,
        day.ends_at,
        day.day,
        &connected(),
        DutyMoment::at(day.zone, day.now).minute,
    )
    .fetch_all(db)
    .await
}

/// A span in which customers may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
}

/// Today's calling windows in order; none on a closed day.
pub async fn list_windows(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    day: &Day,
) -> sqlx::Result<Vec<Window>> {
    sqlx::query_as!(
        Window,
        r#"
        select starts_at, ends_at
        from store_windows
        where store_id = $1
          and purpose = 'callable'
          and starts_at >= $2
          and starts_at < $3
        order by starts_at
        "#,
        scope.get(),
        day.starts_at,
        day.ends_at,
    )
    .fetch_all(db)
    .await
}

/// One dial of today.
#[derive(Clone, Debug)]
pub struct DialRow {
    pub callback_id: CallbackId,
    pub at: DateTime<Utc>,
    pub person: String,
    pub customer: Option<String>,
    pub kinds: Vec<String>,
    pub result: Disposition,
    pub note: Option<String>,
}

/// Which dials of a day.
#[derive(Clone, Copy, Debug, Default)]
pub struct DialFilter {
    pub hour: Option<i32>,
    pub person: Option<UserId>,
    pub connected_only: bool,
}

/// A page of the dials of a day, the latest first.
pub async fn list_dials(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    day: &Day,
    filter: DialFilter,
    page: PageParams,
) -> sqlx::Result<Vec<DialRow>> {
    sqlx::query_as!(
        DialRow,
        r#"
        with page as materialized (
          select a.id, a.callback_id, a.customer_id, a.user_id, a.at, a.result, a.note
          from attempts a
          where a.store_id = $1
            and a.on_day = $2
            and ($3::int is null or extract(hour from a.at at time zone $4) = $3)
            and ($5::bigint is null or a.user_id = $5)
            and (not $6 or a.result = any($9))
          order by a.at desc, a.id desc
          limit $7 offset $8
        )
        select p.callback_id, p.at, u.display_name as person, c.name as "customer?", b.kinds, p.result, p.note
        from page p
        join users u on u.id = p.user_id
        join customers c on c.store_id = $1 and c.id = p.customer_id
        join callbacks b on b.store_id = $1 and b.id = p.callback_id
        order by p.at desc, p.id desc
        "#,
        scope.get(),
        day.day,
        filter.hour,
        day.zone.name(),
        filter.person.map(UserId::get),
        filter.connected_only,
        page.limit(),
        page.offset(),
        &connected(),
    )
    .fetch_all(db)
    .await
}

/// How many rows `list_dials` has in all.
pub async fn count_dials(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    day: &Day,
    filter: DialFilter,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"
        select count(*) as "count!"
        from attempts a
        where a.store_id = $1
          and a.on_day = $2
          and ($3::int is null or extract(hour from a.at at time zone $4) = $3)
          and ($5::bigint is null or a.user_id = $5)
          and (not $6 or a.result = any($7))
        "#,
        scope.get(),
        day.day,
        filter.hour,
        day.zone.name(),
        filter.person.map(UserId::get),
        filter.connected_only,
        &connected(),
    )
    .fetch_one(db)
    .await
}
