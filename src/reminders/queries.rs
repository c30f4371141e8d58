//! Statements of reminders.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgExecutor;

use crate::callbacks::CallbackId;
use crate::customers::CustomerId;
use crate::reminders::{Method, ReminderId, Status};
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::web::pagination::PageParams;

/// A reminder in a list or on its page.
#[derive(Clone, Debug)]
pub struct ReminderRow {
    pub id: ReminderId,
    pub customer_id: CustomerId,
    pub name: Option<String>,
    pub salutation: Option<String>,
    pub phone: Option<String>,
    pub send_on: NaiveDate,
    pub due_at: DateTime<Utc>,
    pub status: Status,
    pub method: Option<Method>,
    pub note: String,
    pub ended_at: Option<DateTime<Utc>>,
    pub recorded_by_name: Option<String>,
    pub callback_id: Option<CallbackId>,
    pub version: i32,
}

/// Reminders to be made by `today`, the earliest deadline first; with `overdue_at` only those past it.
pub async fn list_pending(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    today: NaiveDate,
    overdue_at: Option<DateTime<Utc>>,
    page: PageParams,
) -> sqlx::Result<Vec<ReminderRow>> {
    sqlx::query_as!(
        ReminderRow,
        r#"
        select r.id, r.customer_id, c.name, c.salutation, h.number as "phone?", r.send_on, r.due_at, r.status, r.method,
               r.note, r.ended_at, null as "recorded_by_name?", r.callback_id, r.version
        from reminders r
        join customers c on c.store_id = r.store_id and c.id = r.customer_id
        left join lateral (
          select h.id, h.number
          from phones h
          where h.store_id = r.store_id and h.customer_id = r.customer_id
            and h.state in ('ok', 'unverified') and not h.sms_opt_out
          order by h.is_main desc, h.id
          limit 1
        ) h on true
        where r.store_id = $1
          and r.status = 'pending'
          and r.send_on <= $2
          and ($3::timestamptz is null or r.due_at < $3)
        order by r.due_at, r.id
        limit $4 offset $5
        "#,
        scope.get(),
        today,
        overdue_at,
        page.limit(),
        page.offset(),
    )
    .fetch_all(db)
    .await
}

/// Reminders of all days, the newest first; without open ones if `is_done`.
pub async fn list_recent(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    is_done: bool,
    page: PageParams,
) -> sqlx::Result<Vec<ReminderRow>> {
    sqlx::query_as!(
        ReminderRow,
        r#"
        with page as materialized (
          select id
          from reminders
          where store_id = $1
            and (not $2 or status <> 'pending')
          order by send_on desc, id desc
          limit $3 offset $4
        )
        select r.id, r.customer_id, c.name, c.salutation, h.number as "phone?", r.send_on, r.due_at, r.status, r.method,
               r.note, r.ended_at, u.display_name as "recorded_by_name?", r.callback_id, r.version
        from page p
        join reminders r on r.store_id = $1 and r.id = p.id
        join customers c on c.store_id = r.store_id and c.id = r.customer_id
        left join lateral (
          select h.id, h.number
          from phones h
          where h.store_id = r.store_id and h.customer_id = r.customer_id
            and h.state in ('ok', 'unverified') and not h.sms_opt_out
          order by h.is_main desc, h.id
          limit 1
        ) h on true
        left join users u on u.id = r.recorded_by
        order by r.send_on desc, r.id desc
        "#,
        scope.get(),
        is_done,
        page.limit(),
        page.offset(),
    )
    .fetch_all(db)
    .await
}

/// One reminder.
pub async fn find(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ReminderId,
) -> sqlx::Result<Option<ReminderRow>> {
    sqlx::query_as!(
        ReminderRow,
        r#"
        select r.id, r.customer_id, c.name, c.salutation, h.number as "phone?", r.send_on, r.due_at, r.status, r.method,
               r.note, r.ended_at, u.display_name as "recorded_by_name?", r.callback_id, r.version
        from reminders r
        join customers c on c.store_id = r.store_id and c.id = r.customer_id
        left join lateral (
          select h.id, h.number
          from phones h
          where h.store_id = r.store_id and h.customer_id = r.customer_id
            and h.state in ('ok', 'unverified') and not h.sms_opt_out
          order by h.is_main desc, h.id
          limit 1
        ) h on true
        left join users u on u.id = r.recorded_by
        where r.store_id = $1 and r.id = $2
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// Why somebody is reminded: a car and the maintenance it is due for.
#[derive(Clone, Debug)]
pub struct ReasonRow {
    pub reminder_id: Option<ReminderId>,
    pub is_first: bool,
    pub cohort_on: NaiveDate,
    pub plate: Option<String>,
    pub model: Option<String>,
    pub due_on: Option<NaiveDate>,
    /// `time` or `km`: which of the two is reached first; unknown for a first maintenance.
    pub due_by: Option<String>,
}

/// The reasons of some reminders.
pub async fn list_reasons(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    ids: &[ReminderId],
) -> sqlx::Result<Vec<ReasonRow>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.get()).collect();
    sqlx::query_as!(
        ReasonRow,
        r#"
        select o.reminder_id, o.kind = 'first_maintenance' as "is_first!", o.cohort_on, v.plate as "plate?", v.model as "model?",
               case when o.kind = 'first_maintenance' then f.first_due_on else f.next_due_on end as "due_on?",
               case when o.kind = 'first_maintenance' then null else f.next_due_by end as "due_by?"
        from obligations o
        left join vehicles v on v.store_id = o.store_id and v.id = o.vehicle_id
        left join vehicle_facts f on f.store_id = o.store_id and f.vehicle_id = o.vehicle_id
        where o.store_id = $1 and o.reminder_id = any($2)
        order by o.reminder_id, o.kind, o.id
        "#,
        scope.get(),
        &ids,
    )
    .fetch_all(db)
    .await
}

/// Open reminders for the tabs.
#[derive(Clone, Copy, Debug)]
pub struct Counts {
    pub today: i64,
    pub overdue: i64,
}

/// How many reminders are to be made by today, and how many of them are late.
pub async fn count_pending(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<Counts> {
    sqlx::query_as!(
        Counts,
        r#"
        select count(*) as "today!", count(*) filter (where due_at < $3) as "overdue!"
        from reminders
        where store_id = $1 and status = 'pending' and send_on <= $2
        "#,
        scope.get(),
        today,
        now,
    )
    .fetch_one(db)
    .await
}

/// A locked reminder.
#[derive(Clone, Copy, Debug)]
pub struct Locked {
    pub id: ReminderId,
    pub customer_id: CustomerId,
    pub status: Status,
    pub version: i32,
}

/// Locks reminders for the rest of the transaction, in one order for everybody.
///
/// A statement of its own: what follows sees what was committed while it waited.
pub async fn lock(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    ids: &[ReminderId],
) -> sqlx::Result<Vec<Locked>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.get()).collect();
    sqlx::query_as!(
        Locked,
        r#"
        select id, customer_id, status, version
        from reminders
        where store_id = $1 and id = any($2)
        order by id
        for update
        "#,
        scope.get(),
        &ids,
    )
    .fetch_all(db)
    .await
}

/// How reminders ended: by a method, or at a callback (`method` is then `None`).
#[derive(Clone, Copy, Debug)]
pub struct Ending<'a> {
    pub method: Option<Method>,
    pub callback: Option<CallbackId>,
    pub note: &'a str,
    pub user: UserId,
    pub now: DateTime<Utc>,
}

/// Ends locked reminders.
pub async fn end(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    ids: &[ReminderId],
    ending: Ending<'_>,
) -> sqlx::Result<u64> {
    let ids: Vec<i64> = ids.iter().map(|id| id.get()).collect();
    let status = match ending.method {
        Some(_) => Status::Delivered,
        None => Status::FellBack,
    };
    let done = sqlx::query!(
        r#"
        update reminders
        set status = $3, method = $4, callback_id = $5, note = $6, recorded_by = $7, ended_at = $8, version = version + 1
        where store_id = $1 and id = any($2) and status = 'pending'
        "#,
        scope.get(),
        &ids,
        status.as_str(),
        ending.method.map(Method::as_str),
        ending.callback.map(CallbackId::get),
        ending.note,
        ending.user.get(),
        ending.now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Every open obligation of these reminders is done, by this person and in this way.
pub async fn settle_obligations(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    ids: &[ReminderId],
    method: Method,
    user: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let ids: Vec<i64> = ids.iter().map(|id| id.get()).collect();
    let done = sqlx::query!(
        r#"
        update obligations
        set status = 'done', ended_at = $4, ended_by = $3, ended_reason = $5, is_connected = $6
        where store_id = $1 and reminder_id = any($2) and status = 'open'
        "#,
        scope.get(),
        &ids,
        user.get(),
        now,
        method.as_str(),
        method.is_connected(),
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Locks the open callback of a person, if there is one.
pub async fn lock_open_callback(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customer: CustomerId,
) -> sqlx::Result<Option<CallbackId>> {
    sqlx::query_scalar!(
        r#"
        select id
        from callbacks
        where store_id = $1 and customer_id = $2 and status in ('open', 'claimed')
        for update
        "#,
        scope.get(),
        customer.get(),
    )
    .fetch_optional(db)
    .await
}

/// A callback for the open obligations of a reminder. `None`: the person has just got one from somebody else.
pub async fn insert_callback(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    reminder: ReminderId,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<CallbackId>> {
    sqlx::query_scalar!(
        r#"
        insert into callbacks (store_id, customer_id, callable_due_at, due_at, next_at, kinds, open_count, created_at)
        select store_id, customer_id, min(callable_due_at), min(due_at), $3, array_agg(distinct kind), 0, $3
        from obligations
        where store_id = $1 and reminder_id = $2 and status = 'open'
        group by store_id, customer_id
        on conflict (store_id, customer_id) where status in ('open', 'claimed') do nothing
        returning id
        "#,
        scope.get(),
        reminder.get(),
        now,
    )
    .fetch_optional(db)
    .await
}

/// How many obligations of a reminder are open.
pub async fn count_open_obligations(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    reminder: ReminderId,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"
        select count(*) as "n!"
        from obligations
        where store_id = $1 and reminder_id = $2 and status = 'open'
        "#,
        scope.get(),
        reminder.get(),
    )
    .fetch_one(db)
    .await
}

/// Moves the open obligations of a reminder to a callback; they keep their deadlines and remember the reminder.
pub async fn move_obligations(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    reminder: ReminderId,
    callback: CallbackId,
) -> sqlx::Result<u64> {
    let moved = sqlx::query!(
        r#"
        update obligations
        -- Earlier dials of that call were not about it.
        set callback_id = $3, bundled_at = (select b.last_attempt_at from callbacks b where b.store_id = $1 and b.id = $3)
        where store_id = $1 and reminder_id = $2 and status = 'open' and callback_id is null
        "#,
        scope.get(),
        reminder.get(),
        callback.get(),
    )
    .execute(db)
    .await?;
    Ok(moved.rows_affected())
}

/// Derives a locked callback's deadlines, kinds and count from its open obligations.
pub async fn refresh_callback(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    callback: CallbackId,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update callbacks b
        set callable_due_at = o.callable_due_at, due_at = o.due_at, kinds = o.kinds, open_count = o.n
        from (
          select min(callable_due_at) as callable_due_at, min(due_at) as due_at, array_agg(distinct kind) as kinds, count(*)::int as n
          from obligations
          where store_id = $1 and callback_id = $2 and status = 'open'
          having count(*) > 0
        ) o
        where b.store_id = $1 and b.id = $2
        "#,
        scope.get(),
        callback.get(),
    )
    .execute(db)
    .await?;
    Ok(())
}
