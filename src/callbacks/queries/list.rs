//! Statements of the queue's list. The rows of a page are cut first, from one partial index; names, cars and visits are
//! looked up for those rows only.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use sqlx::PgExecutor;

use crate::callbacks::{CallbackId, CallbackStatus, Disposition};
use crate::customers::{CustomerId, PhoneId};
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::visits::VisitType;
use crate::web::pagination::PageParams;

/// One row of the queue.
pub struct QueueRow {
    pub id: CallbackId,
    pub version: i32,
    pub customer_id: CustomerId,
    pub status: CallbackStatus,
    pub callable_due_at: DateTime<Utc>,
    pub next_at: DateTime<Utc>,
    pub agreed_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub kinds: Vec<String>,
    pub dials: i32,
    pub last_result: Option<Disposition>,
    pub last_attempt_at: Option<DateTime<Utc>>,
    pub held_reason: Option<String>,
    pub held_until: Option<DateTime<Utc>>,
    pub name: Option<String>,
    pub salutation: Option<String>,
    pub phone_id: Option<PhoneId>,
    pub number: Option<String>,
    pub plate: Option<String>,
    pub model: Option<String>,
    pub handed_over_at: Option<DateTime<Utc>>,
    pub visit_type: Option<VisitType>,
    pub summary: Option<String>,
    pub advisor: Option<String>,
    pub assigned_to: Option<String>,
    pub claimed_by: Option<String>,
}

/// A page of open callbacks by callable deadline.
pub async fn list_open(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    conditions: &Value,
    page: PageParams,
) -> sqlx::Result<Vec<QueueRow>> {
    sqlx::query_as!(
        QueueRow,
        r#"
        with page as materialized (
          select m.id
          from callbacks_matching($1, $2) m
          order by m.callable_due_at, m.id
          limit $3 offset $4
        )
        select b.id, b.version, b.customer_id, b.status, b.callable_due_at, b.next_at, b.agreed_at, b.ended_at, b.kinds, b.dials,
               b.last_result, b.last_attempt_at, b.held_reason, b.held_until, u.name, u.salutation,
               h.id as "phone_id?", h.number as "number?", e.plate as "plate?", e.model as "model?",
               w.handed_over_at as "handed_over_at?", w.type as "visit_type?: VisitType", w.summary as "summary?",
               coalesce(a.display_name, nullif(w.advisor_name, '')) as "advisor?",
               s.display_name as "assigned_to?", c.display_name as "claimed_by?"
        from page p
        join callbacks b on b.store_id = $1 and b.id = p.id
        join customers u on u.store_id = b.store_id and u.id = b.customer_id
        left join lateral (
          select x.id, x.number
          from phones x
          where x.store_id = b.store_id and x.customer_id = b.customer_id
          order by x.state in ('dead', 'wrong', 'do_not_call'), x.is_main desc, x.id
          limit 1
        ) h on true
        left join lateral (
          select o.visit_id, o.vehicle_id
          from obligations o
          where o.store_id = b.store_id and o.callback_id = b.id and o.status = 'open'
          order by o.callable_due_at, o.id
          limit 1
        ) o on true
        left join vehicles e on e.store_id = b.store_id and e.id = o.vehicle_id
        left join visits w on w.store_id = b.store_id and w.id = o.visit_id
        left join users a on a.id = w.advisor_id
        left join users s on s.id = b.assigned_to
        left join users c on c.id = b.claimed_by
        order by b.callable_due_at, b.id
        "#,
        scope.get(),
        conditions,
        page.limit(),
        page.offset(),
    )
    .fetch_all(db)
    .await
}

/// How many rows `list_open` has in all, counted no further than `limit`.
pub async fn count_open(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    conditions: &Value,
    limit: i64,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"
        select count(*) as "count!"
        from (select 1 from callbacks_matching($1, $2) m limit $3) counted
        "#,
        scope.get(),
        conditions,
        limit,
    )
    .fetch_one(db)
    .await
}

/// A page of callbacks with a conversation since a day, the latest first; of one person where given.
pub async fn list_done(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    since: NaiveDate,
    by: Option<UserId>,
    page: PageParams,
) -> sqlx::Result<Vec<QueueRow>> {
    sqlx::query_as!(
        QueueRow,
        r#"
        with page as materialized (
          select a.callback_id, max(a.at) as at
          from attempts a
          where a.store_id = $1
            and a.on_day >= $2
            and ($3::bigint is null or a.user_id = $3)
            and a.result in ('completed', 'refused')
          group by a.callback_id
          order by max(a.at) desc, a.callback_id desc
          limit $4 offset $5
        )
        select b.id, b.version, b.customer_id, b.status, b.callable_due_at, b.next_at, b.agreed_at, b.ended_at, b.kinds, b.dials,
               b.last_result, b.last_attempt_at, b.held_reason, b.held_until, u.name, u.salutation,
               h.id as "phone_id?", h.number as "number?", e.plate as "plate?", e.model as "model?",
               w.handed_over_at as "handed_over_at?", w.type as "visit_type?: VisitType", w.summary as "summary?",
               coalesce(a.display_name, nullif(w.advisor_name, '')) as "advisor?",
               s.display_name as "assigned_to?", null::text as "claimed_by?"
        from page p
        join callbacks b on b.store_id = $1 and b.id = p.callback_id
        join customers u on u.store_id = b.store_id and u.id = b.customer_id
        left join phones h on h.store_id = b.store_id and h.customer_id = b.customer_id and h.is_main
        left join lateral (
          select o.visit_id, o.vehicle_id
          from obligations o
          where o.store_id = b.store_id and o.callback_id = b.id
          order by o.callable_due_at, o.id
          limit 1
        ) o on true
        left join vehicles e on e.store_id = b.store_id and e.id = o.vehicle_id
        left join visits w on w.store_id = b.store_id and w.id = o.visit_id
        left join users a on a.id = w.advisor_id
        left join users s on s.id = b.assigned_to
        order by p.at desc, b.id desc
        "#,
        scope.get(),
        since,
        by.map(UserId::get),
        page.limit(),
        page.offset(),
    )
    .fetch_all(db)
    .await
}

/// How many callbacks the tabs hold.
#[derive(Clone, Copy, Debug)]
pub struct TabCounts {
    pub all: i64,
    pub due_today: i64,
    pub overdue: i64,
    pub retry: i64,
    pub mine: i64,
    pub held: i64,
    pub done: i64,
}

/// Instants and days that the tabs are cut at.
#[derive(Clone, Copy, Debug)]
pub struct TabBounds {
    pub now: DateTime<Utc>,
    pub day_ends_at: DateTime<Utc>,
    pub week_starts_on: NaiveDate,
}

/// Counts of every tab for a person; `done_by` limits what counts as done this week.
pub async fn tab_counts(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    user: UserId,
    done_by: Option<UserId>,
    bounds: TabBounds,
) -> sqlx::Result<TabCounts> {
    sqlx::query_as!(
        TabCounts,
        r#"
        select count(*) as "all!",
               count(*) filter (where b.callable_due_at >= $4 and b.callable_due_at < $5) as "due_today!",
               count(*) filter (where b.callable_due_at < $4) as "overdue!",
               count(*) filter (where b.dials > 0) as "retry!",
               count(*) filter (where b.assigned_to = $2 or b.claimed_by = $2) as "mine!",
               count(*) filter (where b.held_reason is not null and b.status = 'open') as "held!",
               (select count(distinct a.callback_id)
                from attempts a
                where a.store_id = $1 and a.on_day >= $6 and ($3::bigint is null or a.user_id = $3)
                  and a.result in ('completed', 'refused')) as "done!"
        from callbacks b
        where b.store_id = $1
          and b.status in ('open', 'claimed')
        "#,
        scope.get(),
        user.get(),
        done_by.map(UserId::get),
        bounds.now,
        bounds.day_ends_at,
        bounds.week_starts_on,
    )
    .fetch_one(db)
    .await
}

/// Search terms, each empty where it does not apply.
pub struct SearchTerms<'a> {
    /// Prefixed keys of a name.
    pub keys: &'a [String],
    /// A whole plate, normalised, or its last four.
    pub plate: &'a str,
    pub ro_number: &'a str,
}

/// Customers whom a search in the list finds, at most 500.
pub async fn search_customers(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    terms: SearchTerms<'_>,
) -> sqlx::Result<Vec<i64>> {
    let ids = sqlx::query_scalar!(
        r#"
        with named as materialized (
          select store_id, id
          from customers
          where cardinality($2::text[]) > 0
            and grams @> $2
            and merged_into_id is null
          limit 500
        )
        select id::bigint as "id!" from named where store_id = $1
        union
        select p.customer_id
        from vehicles v
        join vehicle_people p on p.store_id = v.store_id and p.vehicle_id = v.id and p.until_on is null
        where v.store_id = $1
          and $3 <> ''
          and (v.plate = $3 or right(v.plate, 4) = $3)
        union
        select w.customer_id
        from visits w
        where w.store_id = $1
          and $4 <> ''
          and w.ro_number = $4
        limit 500
        "#,
        scope.get(),
        terms.keys,
        terms.plate,
        terms.ro_number,
    )
    .fetch_all(db)
    .await?;
    Ok(ids)
}

/// A person to choose from.
pub struct Colleague {
    pub id: UserId,
    pub name: String,
}

/// People of the store who make calls.
pub async fn list_callers(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Vec<Colleague>> {
    sqlx::query_as!(
        Colleague,
        r#"
        select u.id, u.display_name as name
        from user_stores m
        join users u on u.id = m.user_id and u.is_active
        where m.store_id = $1
          and m.is_active
          and m.role in ('specialist', 'clerk', 'manager')
        order by u.display_name, u.id
        "#,
        scope.get(),
    )
    .fetch_all(db)
    .await
}

/// People who served customers of open callbacks, for the filter by advisor.
pub async fn list_advisors(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Vec<Colleague>> {
    sqlx::query_as!(
        Colleague,
        r#"
        select u.id, u.display_name as name
        from users u
        where u.id in (
          select v.advisor_id
          from obligations o
          join visits v on v.store_id = o.store_id and v.id = o.visit_id
          where o.store_id = $1
            and o.kind = 'post_service'
            and o.status = 'open'
        )
        order by u.display_name, u.id
        "#,
        scope.get(),
    )
    .fetch_all(db)
    .await
}
