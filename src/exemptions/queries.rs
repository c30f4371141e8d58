//! Statements of exemptions.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgExecutor;

use crate::customers::CustomerId;
use crate::exemptions::model::{ExemptionReason, ExemptionStatus, Verdict};
use crate::exemptions::{ExemptionId, forms};
use crate::obligations::{ObligationId, ObligationKind, ObligationStatus};
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::web::pagination::{COUNT_LIMIT, PageParams};

/// An entry that an exemption is asked for.
#[derive(Clone, Debug)]
pub struct ChosenEntry {
    pub id: ObligationId,
    pub kind: ObligationKind,
    pub status: ObligationStatus,
    pub cohort_on: NaiveDate,
    pub due_at: DateTime<Utc>,
    pub customer_name: Option<String>,
    pub plate: Option<String>,
    /// Somebody has asked already.
    pub is_asked: bool,
}

/// The entries of these ids, as far as the store has them.
pub async fn list_chosen(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    ids: &[ObligationId],
) -> sqlx::Result<Vec<ChosenEntry>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.get()).collect();
    sqlx::query_as!(
        ChosenEntry,
        r#"
        select o.id, o.kind, o.status, o.cohort_on, o.due_at, c.name as "customer_name?", v.plate as "plate?",
               exists (select from exemptions e
                       where e.store_id = o.store_id and e.obligation_id = o.id and e.status = 'open') as "is_asked!"
        from obligations o
        left join customers c on c.store_id = o.store_id and c.id = o.customer_id
        left join vehicles v on v.store_id = o.store_id and v.id = o.vehicle_id
        where o.store_id = $1
          and o.id = any($2)
        order by o.due_at, o.id
        "#,
        scope.get(),
        &ids,
    )
    .fetch_all(db)
    .await
}

/// Writes a request for each open entry that nobody has asked about; returns the entries.
pub async fn insert(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    ids: &[ObligationId],
    request: &forms::Request,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<i64>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.get()).collect();
    sqlx::query_scalar!(
        r#"
        insert into exemptions (store_id, obligation_id, reason, note, requested_by, requested_at)
        select o.store_id, o.id, $3, $4, $5, $6
        from obligations o
        where o.store_id = $1
          and o.id = any($2)
          and o.status = 'open'
        order by o.id
        on conflict (store_id, obligation_id) where status = 'open' do nothing
        returning obligation_id as "obligation_id: i64"
        "#,
        scope.get(),
        &ids,
        request.reason.as_str(),
        request.note,
        by.get(),
        now,
    )
    .fetch_all(db)
    .await
}

/// A request as the list shows it.
#[derive(Clone, Debug)]
pub struct ExemptionRow {
    pub id: ExemptionId,
    pub reason: ExemptionReason,
    pub note: String,
    pub status: ExemptionStatus,
    pub requested_by: UserId,
    pub requested_by_name: String,
    pub requested_at: DateTime<Utc>,
    pub decided_by_name: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
    pub answer: String,
    pub obligation_id: ObligationId,
    pub kind: ObligationKind,
    pub due_at: DateTime<Utc>,
    pub customer_id: Option<CustomerId>,
    pub customer_name: Option<String>,
    pub plate: Option<String>,
}

/// Which requests: those to decide, else the decided ones; of everybody, else of one person.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    pub is_open: bool,
    pub requested_by: Option<UserId>,
}

/// Requests to decide, oldest first.
pub async fn page_open(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    requested_by: Option<UserId>,
    params: PageParams,
) -> sqlx::Result<Vec<ExemptionRow>> {
    sqlx::query_as!(
        ExemptionRow,
        r#"
        with page as materialized (
          select e.*
          from exemptions e
          where e.store_id = $1 and e.status = 'open' and ($2::bigint is null or e.requested_by = $2)
          order by e.requested_at, e.id
          limit $3 offset $4
        )
        select p.id as "id!: ExemptionId", p.reason as "reason!: ExemptionReason", p.note as "note!", p.status as "status!: ExemptionStatus",
               p.requested_by as "requested_by!: UserId", u.display_name as requested_by_name, p.requested_at as "requested_at!",
               d.display_name as "decided_by_name?", p.decided_at, p.answer as "answer!", o.id as obligation_id, o.kind, o.due_at,
               o.customer_id, c.name as "customer_name?", v.plate as "plate?"
        from page p
        join obligations o on o.store_id = p.store_id and o.id = p.obligation_id
        join users u on u.id = p.requested_by
        left join users d on d.id = p.decided_by
        left join customers c on c.store_id = o.store_id and c.id = o.customer_id
        left join vehicles v on v.store_id = o.store_id and v.id = o.vehicle_id
        order by p.requested_at, p.id
        "#,
        scope.get(),
        requested_by.map(UserId::get),
        params.limit(),
        params.offset(),
    )
    .fetch_all(db)
    .await
}

/// Decided requests, the last decision first.
pub async fn page_decided(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    requested_by: Option<UserId>,
    params: PageParams,
) -> sqlx::Result<Vec<ExemptionRow>> {
    sqlx::query_as!(
        ExemptionRow,
        r#"
        with page as materialized (
          select e.*
          from exemptions e
          where e.store_id = $1 and e.status <> 'open' and ($2::bigint is null or e.requested_by = $2)
          order by e.decided_at desc, e.id desc
          limit $3 offset $4
        )
        select p.id as "id!: ExemptionId", p.reason as "reason!: ExemptionReason", p.note as "note!", p.status as "status!: ExemptionStatus",
               p.requested_by as "requested_by!: UserId", u.display_name as requested_by_name, p.requested_at as "requested_at!",
               d.display_name as "decided_by_name?", p.decided_at, p.answer as "answer!", o.id as obligation_id, o.kind, o.due_at,
               o.customer_id, c.name as "customer_name?", v.plate as "plate?"
        from page p
        join obligations o on o.store_id = p.store_id and o.id = p.obligation_id
        join users u on u.id = p.requested_by
        left join users d on d.id = p.decided_by
        left join customers c on c.store_id = o.store_id and c.id = o.customer_id
        left join vehicles v on v.store_id = o.store_id and v.id = o.vehicle_id
        order by p.decided_at desc, p.id desc
        "#,
        scope.get(),
        requested_by.map(UserId::get),
        params.limit(),
        params.offset(),
    )
    .fetch_all(db)
    .await
}

/// How many there are, up to one more than the pager counts.
pub async fn count(db: impl PgExecutor<'_>, scope: StoreScope, wanted: Wanted) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"
        select count(*) as "count!"
        from (select from exemptions e
              where e.store_id = $1 and (e.status = 'open') = $2 and ($3::bigint is null or e.requested_by = $3)
              limit $4) rows
        "#,
        scope.get(),
        wanted.is_open,
        wanted.requested_by.map(UserId::get),
        COUNT_LIMIT + 1,
    )
    .fetch_one(db)
    .await
}

/// A request under its lock.
pub struct Locked {
    pub id: i64,
    pub obligation_id: i64,
    pub requested_by: UserId,
}

/// Locks requests that nobody has decided.
pub async fn lock_open(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    ids: &[ExemptionId],
) -> sqlx::Result<Vec<Locked>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.get()).collect();
    sqlx::query_as!(
        Locked,
        r#"
        select id as "id: i64", obligation_id as "obligation_id: i64", requested_by as "requested_by: UserId"
        from exemptions
        where store_id = $1
          and id = any($2)
          and status = 'open'
        order by id
        for update
        "#,
        scope.get(),
        &ids,
    )
    .fetch_all(db)
    .await
}

/// Locks the callbacks that entries sit in: a claim waits, one that stands is seen.
pub async fn lock_callbacks(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    obligations: &[i64],
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        select c.id
        from callbacks c
        where c.store_id = $1
          and c.status in ('open', 'claimed')
          and c.id in (select o.callback_id from obligations o where o.store_id = $1 and o.id = any($2))
        order by c.id
        for update
        "#,
        scope.get(),
        obligations,
    )
    .fetch_all(db)
    .await?;
    Ok(())
}

/// Locks the reminders that entries sit in.
pub async fn lock_reminders(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    obligations: &[i64],
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        select r.id
        from reminders r
        where r.store_id = $1
          and r.status = 'pending'
          and r.id in (select o.reminder_id from obligations o where o.store_id = $1 and o.id = any($2))
        order by r.id
        for update
        "#,
        scope.get(),
        obligations,
    )
    .fetch_all(db)
    .await?;
    Ok(())
}

/// What an approval ended, and where it sat.
pub struct Exempted {
    pub requests: Vec<i64>,
    pub callbacks: Vec<i64>,
    pub reminders: Vec<i64>,
}

/// Ends the entries of these locked requests as exempt; one that is being talked about stays as it is.
pub async fn exempt(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    requests: &[i64],
    approved_by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<Exempted> {
    sqlx::query_as!(
        Exempted,
        r#"
        with ended as (
          update obligations o
          set status = 'exempt', ended_at = $4, ended_by = e.requested_by, approved_by = $3, ended_reason = e.reason
          from exemptions e
          left join obligations x on x.store_id = e.store_id and x.id = e.obligation_id
          left join callbacks c on c.store_id = x.store_id and c.id = x.callback_id
          where e.store_id = $1 and e.id = any($2) and o.store_id = $1 and o.id = e.obligation_id and o.status = 'open'
            and (c.id is null or c.status <> 'claimed')
          returning e.id as request_id, o.callback_id, o.reminder_id
        )
        select coalesce(array_agg(request_id), '{}') as "requests!: Vec<i64>",
               coalesce(array_agg(distinct callback_id) filter (where callback_id is not null), '{}') as "callbacks!: Vec<i64>",
               coalesce(array_agg(distinct reminder_id) filter (where reminder_id is not null), '{}') as "reminders!: Vec<i64>"
        from ended
        "#,
        scope.get(),
        requests,
        approved_by.get(),
        now,
    )
    .fetch_one(db)
    .await
}

/// Who decided what, when and with which words.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    pub verdict: Verdict,
    pub by: UserId,
    pub answer: &'a str,
    pub now: DateTime<Utc>,
}

/// Writes a decision on requests.
pub async fn decide(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    requests: &[i64],
    decision: Decision<'_>,
) -> sqlx::Result<i64> {
    let status = match decision.verdict {
        Verdict::Approve => ExemptionStatus::Approved,
        Verdict::Refuse => ExemptionStatus::Refused,
    };
    let done = sqlx::query!(
        r#"
        update exemptions
        set status = $3, decided_by = $4, decided_at = $5, answer = $6
        where store_id = $1
          and id = any($2)
          and status = 'open'
        "#,
        scope.get(),
        requests,
        status.as_str(),
        decision.by.get(),
        decision.now,
        decision.answer,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() as i64)
}

/// Requests about entries that have ended meanwhile lapse.
pub async fn lapse(db: impl PgExecutor<'_>, scope: StoreScope, now: DateTime<Utc>) -> sqlx::Result<i64> {
    let done = sqlx::query!(
        r#"
        update exemptions e
        set status = 'lapsed', decided_at = $2
        from obligations o
        where e.store_id = $1 and e.status = 'open' and o.store_id = e.store_id and o.id = e.obligation_id and o.status <> 'open'
        "#,
        scope.get(),
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() as i64)
}

/// Takes an own request back that nobody has decided. `None`: the store has no such request of this person.
pub async fn withdraw(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ExemptionId,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        r#"
        update exemptions
        set status = 'withdrawn', decided_by = $3, decided_at = $4
        where store_id = $1
          and id = $2
          and requested_by = $3
          and status = 'open'
        returning obligation_id as "obligation_id: i64"
        "#,
        scope.get(),
        id.get(),
        by.get(),
        now,
    )
    .fetch_optional(db)
    .await
}

/// Requests about an entry, the latest first.
pub async fn list_of(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    obligation: ObligationId,
) -> sqlx::Result<Vec<ExemptionRow>> {
    sqlx::query_as!(
        ExemptionRow,
        r#"
        select e.id as "id!: ExemptionId", e.reason as "reason!: ExemptionReason", e.note, e.status as "status!: ExemptionStatus",
               e.requested_by as "requested_by!: UserId", u.display_name as requested_by_name, e.requested_at,
               d.display_name as "decided_by_name?", e.decided_at, e.answer, o.id as obligation_id, o.kind, o.due_at,
               o.customer_id, null as "customer_name?: String", null as "plate?: String"
        from exemptions e
        join obligations o on o.store_id = e.store_id and o.id = e.obligation_id
        join users u on u.id = e.requested_by
        left join users d on d.id = e.decided_by
        where e.store_id = $1
          and e.obligation_id = $2
        order by e.requested_at desc, e.id desc
        "#,
        scope.get(),
        obligation.get(),
    )
    .fetch_all(db)
    .await
}
