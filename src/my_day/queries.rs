//! Statements of my day and of the frame's counts.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgExecutor;

use crate::callbacks::CallbackId;
use crate::complaints::ComplaintId;
use crate::customers::CustomerId;
use crate::my_day::Today;
use crate::obligations::ObligationKind;
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::web::layout::DeskCounts;

/// Which counts a role needs.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    pub callbacks: bool,
    pub complaints: bool,
    /// Only the cases this person handles.
    pub own_complaints: bool,
    pub reminders: bool,
    pub risks: bool,
}

/// Open work of the store's queue that this person may do, the earliest deadline, and what they have done today.
///
/// One statement per page of the desk: each count is a range of a partial index over open rows, or is not run at all. Calls
/// are counted up to a thousand, the most urgent first: a queue that long is not read as a number, and every page waits for it.
pub(super) async fn desk_counts(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    user: UserId,
    today: Today,
    wanted: Wanted,
) -> sqlx::Result<DeskCounts> {
    sqlx::query_as!(
        DeskCounts,
        r#"
        with mine as materialized (
          select b.id, b.callable_due_at
          from callbacks b
          where $7
            and b.store_id = $1
            and b.status in ('open', 'claimed')
            and (b.assigned_to is null or b.assigned_to = $2)
            and (b.claimed_by is null or b.claimed_by = $2)
            and not b.excluded_ids @> array[$2]
            and b.held_reason is null
            and b.next_at < $5
          order by b.callable_due_at, b.id
          limit 1000
        )
        select
          (select count(*) from mine) as "callbacks!",
          (select count(*) from mine where callable_due_at < $3) as "callbacks_overdue!",
          (select count(*) from mine where callable_due_at >= $3 and callable_due_at < $5) as "due_today!",
          (select count(*) from complaints c where $8 and c.store_id = $1 and c.ended_at is null
             and (not $9 or c.handler_id = $2
                  or exists (select from complaint_people m where m.store_id = c.store_id and m.complaint_id = c.id
                             and m.user_id = $2 and m.part = 'co_handler'))) as "complaints!",
          (select count(distinct o.complaint_id) from obligations o
           where $8 and o.store_id = $1 and o.status = 'open' and o.complaint_id is not null and o.due_at < $3
             and (not $9 or exists (select from complaints c where c.store_id = o.store_id and c.id = o.complaint_id
                                    and (c.handler_id = $2 or exists (
                                      select from complaint_people m where m.store_id = c.store_id and m.complaint_id = c.id
                                        and m.user_id = $2 and m.part = 'co_handler'))))) as "complaints_overdue!",
          (select count(*) from reminders r where $10 and r.store_id = $1 and r.status = 'pending'
             and r.send_on <= $6) as "reminders!",
          (select count(*) from complaint_warnings w where w.store_id = $1 and w.recipient_id = $2 and w.read_at is null) as "notices!",
          (select count(*) from risks k where $11 and k.store_id = $1 and k.state = 'open' and k.gone_at is null
             and coalesce(k.snoozed_until, $6) <= $6) as "risks!",
          (select count(distinct a.callback_id) from attempts a where $7 and a.store_id = $1 and a.user_id = $2
             and a.at >= $4 and a.result in ('completed', 'refused')) as "done_today!",
          first.id as "next_callback_id?",
          first.callable_due_at as "next_due_at?"
        from (select 1) one
        left join lateral (select id, callable_due_at from mine order by callable_due_at, id limit 1) first on true
        "#,
        scope.get(),
        user.get(),
        today.now,
        today.starts_at,
        today.ends_at,
        today.day,
        wanted.callbacks,
        wanted.complaints,
        wanted.own_complaints,
        wanted.reminders,
        wanted.risks,
    )
    .fetch_one(db)
    .await
}

/// A call of today's list.
#[derive(Clone, Debug)]
pub struct CallRow {
    pub id: CallbackId,
    pub name: Option<String>,
    pub salutation: Option<String>,
    pub plate: Option<String>,
    pub model: Option<String>,
    pub kind: Option<ObligationKind>,
    pub handed_over_on: Option<NaiveDate>,
    pub callable_due_at: DateTime<Utc>,
    pub next_at: DateTime<Utc>,
    pub agreed_at: Option<DateTime<Utc>>,
    pub dials: i32,
    pub is_claimed: bool,
}

/// The first calls that are due today or overdue and may be made by this person.
pub(super) async fn list_calls(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    user: UserId,
    today: Today,
    limit: i64,
) -> sqlx::Result<Vec<CallRow>> {
    sqlx::query_as!(
        CallRow,
        r#"
        with page as materialized (
          select b.id, b.customer_id, b.callable_due_at, b.next_at, b.agreed_at, b.dials, b.status
          from callbacks b
          where b.store_id = $1
            and b.status in ('open', 'claimed')
            and (b.assigned_to is null or b.assigned_to = $2)
            and (b.claimed_by is null or b.claimed_by = $2)
            and not b.excluded_ids @> array[$2]
            and b.held_reason is null
            and b.callable_due_at < $3
            and b.next_at < $3
          order by b.callable_due_at, b.id
          limit $4
        )
        select p.id, c.name, c.salutation, v.plate as "plate?", v.model as "model?", o.kind as "kind?",
               s.handed_over_on as "handed_over_on?",
               p.callable_due_at, p.next_at, p.agreed_at, p.dials, p.status = 'claimed' as "is_claimed!"
        from page p
        join customers c on c.store_id = $1 and c.id = p.customer_id
        left join lateral (
          select o.kind, o.vehicle_id, o.visit_id
          from obligations o
          where o.store_id = $1 and o.callback_id = p.id and o.status = 'open'
          order by o.callable_due_at, o.id
          limit 1
        ) o on true
        left join vehicles v on v.store_id = $1 and v.id = o.vehicle_id
        left join visits s on s.store_id = $1 and s.id = o.visit_id
        order by p.callable_due_at, p.id
        "#,
        scope.get(),
        user.get(),
        today.ends_at,
        limit,
    )
    .fetch_all(db)
    .await
}

/// A call on the ruler: when it is to be made, or when it was settled.
#[derive(Clone, Debug)]
pub struct MarkRow {
    pub at: DateTime<Utc>,
    pub is_renewal: bool,
    pub is_done: bool,
}

/// Calls of today for the ruler: open ones at their retry or agreed time if later than now, else at their deadline.
pub(super) async fn list_marks(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    user: UserId,
    today: Today,
) -> sqlx::Result<Vec<MarkRow>> {
    sqlx::query_as!(
        MarkRow,
        r#"
        (select case when b.next_at > $3 and b.callable_due_at >= $3 then b.next_at else b.callable_due_at end as "at!",
                b.kinds <@ array['renewal', 'renewal_contact'] as "is_renewal!", false as "is_done!"
         from callbacks b
         where b.store_id = $1
           and b.status in ('open', 'claimed')
           and (b.assigned_to is null or b.assigned_to = $2)
           and (b.claimed_by is null or b.claimed_by = $2)
           and not b.excluded_ids @> array[$2]
           and b.held_reason is null
           and b.callable_due_at < $5
           and b.next_at < $5
         order by b.callable_due_at, b.id
         limit 300)
        union all
        (select a.at, b.kinds <@ array['renewal', 'renewal_contact'], true
         from attempts a
         join callbacks b on b.store_id = a.store_id and b.id = a.callback_id
         where a.store_id = $1
           and a.user_id = $2
           and a.at >= $4
           and a.result in ('completed', 'refused')
         order by a.at
         limit 300)
        "#,
        scope.get(),
        user.get(),
        today.now,
        today.starts_at,
        today.ends_at,
    )
    .fetch_all(db)
    .await
}

/// A clock of a case that runs and is this person's.
#[derive(Clone, Debug)]
pub struct ClockRow {
    pub complaint_id: ComplaintId,
    pub number: String,
    pub kind: ObligationKind,
    pub cycle_key: String,
    pub name: Option<String>,
    pub plate: Option<String>,
    pub model: Option<String>,
    pub words: Option<String>,
    pub due_at: DateTime<Utc>,
}

/// Clocks that this person answers for, or nobody does, and that run out by the end of the day; the most urgent first. Calls
/// stand among the calls, and a target that is paused is not urgent.
pub(super) async fn list_clocks(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    user: UserId,
    today: Today,
    limit: i64,
) -> sqlx::Result<Vec<ClockRow>> {
    sqlx::query_as!(
        ClockRow,
        r#"
        select o.complaint_id as "complaint_id!: ComplaintId", c.number, o.kind as "kind: ObligationKind", o.cycle_key,
               u.name as "name?", v.plate as "plate?", v.model as "model?", c.words, o.due_at
        from obligations o
        join complaints c on c.store_id = o.store_id and c.id = o.complaint_id
        left join customers u on u.store_id = c.store_id and u.id = c.customer_id
        left join vehicles v on v.store_id = c.store_id and v.id = c.vehicle_id
        where o.store_id = $1
          and o.status = 'open'
          and o.complaint_id is not null
          and o.due_at < $2
          and o.channel = 'none'
          and o.not_before < $2
          and (o.responsible_id is null or o.responsible_id = $4)
          and not (o.kind = 'complaint_close' and c.waiting_since is not null)
        order by o.due_at, o.id
        limit $3
        "#,
        scope.get(),
        today.ends_at,
        limit,
        user.get(),
    )
    .fetch_all(db)
    .await
}

/// A case that is open, whatever its state.
#[derive(Clone, Debug)]
pub struct OpenCase {
    pub number: String,
    pub customer_id: Option<CustomerId>,
    pub name: Option<String>,
    pub words: Option<String>,
    pub accepted_at: DateTime<Utc>,
}

/// The oldest open cases.
pub(super) async fn list_open_cases(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    limit: i64,
) -> sqlx::Result<Vec<OpenCase>> {
    sqlx::query_as!(
        OpenCase,
        r#"
        select c.number, c.customer_id, u.name as "name?", c.words, c.accepted_at
        from complaints c
        left join customers u on u.store_id = c.store_id and u.id = c.customer_id
        where c.store_id = $1 and c.ended_at is null
        order by c.accepted_at, c.id
        limit $2
        "#,
        scope.get(),
        limit,
    )
    .fetch_all(db)
    .await
}

/// What one person has done since an instant.
#[derive(Clone, Copy, Debug)]
pub struct OwnWork {
    pub dials: i64,
    pub connected: i64,
    pub settled: i64,
    pub rated: i64,
    pub satisfied: i64,
}

/// Dials of this person since `from`, and what the customers said in them.
pub(super) async fn own_work(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    user: UserId,
    from: DateTime<Utc>,
) -> sqlx::Result<OwnWork> {
    sqlx::query_as!(
        OwnWork,
        r#"
        with mine as materialized (
          select a.id, a.callback_id, a.result
          from attempts a
          where a.store_id = $1 and a.user_id = $2 and a.at >= $3
        ), said as materialized (
          select r.is_dissatisfied
          from responses r
          where r.store_id = $1 and r.at >= $3 and r.attempt_id in (select id from mine)
        )
        select count(*) as "dials!",
               count(*) filter (where result in ('completed', 'inconvenient', 'refused', 'not_the_person')) as "connected!",
               count(distinct callback_id) filter (where result in ('completed', 'refused')) as "settled!",
               (select count(*) from said) as "rated!",
               (select count(*) from said where not is_dissatisfied) as "satisfied!"
        from mine
        "#,
        scope.get(),
        user.get(),
        from,
    )
    .fetch_one(db)
    .await
}

/// A stretch of the day in which customers may be called.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
}

/// Today's calling windows in order; none on a closed day.
pub(super) async fn list_windows(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    today: Today,
) -> sqlx::Result<Vec<Window>> {
    sqlx::query_as!(
        Window,
        r#"
        select starts_at, ends_at
        from store_windows
        where store_id = $1 and purpose = 'callable' and starts_at >= $2 and starts_at < $3
        order by starts_at
        "#,
        scope.get(),
        today.starts_at,
        today.ends_at,
    )
    .fetch_all(db)
    .await
}

/// The whole store's open work.
#[derive(Clone, Copy, Debug)]
pub struct StoreWork {
    pub callbacks: i64,
    pub callbacks_overdue: i64,
    /// Due today and with nobody yet.
    pub callbacks_free: i64,
    pub complaints: i64,
    /// Clocks of cases that have run out.
    pub clocks_overdue: i64,
    pub reminders: i64,
}

/// Open work of everybody: calls due by the end of the day, open cases, reminders to be made.
pub(super) async fn store_work(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    today: Today,
) -> sqlx::Result<StoreWork> {
    sqlx::query_as!(
        StoreWork,
        r#"
        with due as materialized (
          select b.callable_due_at, b.assigned_to, b.claimed_by
          from callbacks b
          where b.store_id = $1 and b.status in ('open', 'claimed') and b.callable_due_at < $3
        )
        select
          (select count(*) from due) as "callbacks!",
          (select count(*) from due where callable_due_at < $2) as "callbacks_overdue!",
          (select count(*) from due where assigned_to is null and claimed_by is null) as "callbacks_free!",
          (select count(*) from complaints c where c.store_id = $1 and c.ended_at is null) as "complaints!",
          (select count(*) from obligations o where o.store_id = $1 and o.status = 'open'
             and o.complaint_id is not null and o.due_at < $2) as "clocks_overdue!",
          (select count(*) from reminders r where r.store_id = $1 and r.status = 'pending' and r.send_on <= $4) as "reminders!"
        "#,
        scope.get(),
        today.now,
        today.ends_at,
        today.day,
    )
    .fetch_one(db)
    .await
}

/// One of the last imports.
#[derive(Clone, Debug)]
pub struct ImportRow {
    pub id: i64,
    pub file_name: String,
    pub state: String,
    pub created_at: DateTime<Utc>,
}

/// The last imports of the store.
pub(super) async fn list_imports(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    limit: i64,
) -> sqlx::Result<Vec<ImportRow>> {
    sqlx::query_as!(
        ImportRow,
        r#"
        select id as "id: i64", file_name, state as "state: String", created_at
        from imports
        where store_id = $1
        order by created_at desc, id desc
        limit $2
        "#,
        scope.get(),
        limit,
    )
    .fetch_all(db)
    .await
}

/// One of the last runs of the background jobs.
#[derive(Clone, Debug)]
pub struct JobRow {
    pub job: String,
    pub day: NaiveDate,
    pub status: String,
    pub started_at: DateTime<Utc>,
}

/// The last runs of the store's jobs.
pub(super) async fn list_job_runs(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    limit: i64,
) -> sqlx::Result<Vec<JobRow>> {
    sqlx::query_as!(
        JobRow,
        r#"
        select job as "job: String", day, status as "status: String", started_at
        from job_runs
        where store_id = $1
        order by started_at desc, job
        limit $2
        "#,
        scope.get(),
        limit,
    )
    .fetch_all(db)
    .await
}
