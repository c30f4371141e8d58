//! Statements of verdicts. Cases are locked before callbacks, and callbacks before entries, by everybody.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgExecutor;

use crate::callbacks::CallbackId;
use crate::complaints::verdict::model::{Given, Standing};
use crate::complaints::{ComplaintClass, ComplaintId, ComplaintState, Severity, Verdict};
use crate::customers::CustomerId;
use crate::obligations::{ObligationId, ObligationStatus};
use crate::stores::StoreScope;
use crate::users::UserId;

/// Locks a case of this store.
pub async fn lock(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
) -> sqlx::Result<Option<Standing>> {
    sqlx::query_as!(
        Standing,
        r#"
        select id as "id: ComplaintId", version, state as "state: ComplaintState", verdict as "verdict: Verdict",
               cause is not null and result is not null and responsibility is not null and agreed_at is not null as "has_evidence!",
               complaint_handled_by(store_id, id) as "handled_by!: Vec<UserId>", customer_id, ended_at
        from complaints
        where store_id = $1
          and id = $2
        for no key update
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// A case of this store, as it stands now.
pub async fn find(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
) -> sqlx::Result<Option<Standing>> {
    sqlx::query_as!(
        Standing,
        r#"
        select id as "id: ComplaintId", version, state as "state: ComplaintState", verdict as "verdict: Verdict",
               cause is not null and result is not null and responsibility is not null and agreed_at is not null as "has_evidence!",
               complaint_handled_by(store_id, id) as "handled_by!: Vec<UserId>", customer_id, ended_at
        from complaints
        where store_id = $1
          and id = $2
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// Locks the cases that a call is about, before the call itself.
pub async fn lock_cases_of_call(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    callback: CallbackId,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        select id
        from complaints
        where store_id = $1
          and id in (select o.complaint_id from obligations o where o.store_id = $1 and o.callback_id = $2 and o.status = 'open')
        order by id
        for no key update
        "#,
        scope.get(),
        callback.get(),
    )
    .fetch_all(db)
    .await?;
    Ok(())
}

/// A line of the timeline before it is written.
pub struct NewEvent<'a> {
    pub kind: &'static str,
    pub by: Option<UserId>,
    pub from: Option<ComplaintState>,
    pub to: Option<ComplaintState>,
    pub body: Option<&'a str>,
    pub data: Value,
}

/// Adds a line to the timeline.
pub async fn insert_event(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
    event: &NewEvent<'_>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into complaint_events (store_id, complaint_id, kind, at, by_id, from_state, to_state, body, data)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        "#,
        scope.get(),
        id.get(),
        event.kind,
        now,
        event.by.map(UserId::get),
        event.from.map(ComplaintState::as_str),
        event.to.map(ComplaintState::as_str),
        event.body,
        event.data,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Writes what the customer says about the case.
pub async fn set_verdict(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
    given: &Given,
    by: Option<UserId>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update complaints
        set verdict = $3, verdict_words = nullif($4, ''), verdict_score = $5, is_solved = $6, verdict_at = $7, verdict_by = $8
        where store_id = $1
          and id = $2
        "#,
        scope.get(),
        id.get(),
        given.verdict.as_str(),
        given.words,
        given.score,
        given.is_solved,
        now,
        by.map(UserId::get),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Closes a case; a wait for the customer ends with it.
pub async fn close(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
    reason: Option<&str>,
    by: Option<UserId>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update complaints
        set state = 'closed', ended_at = $4, ended_by = $5, ended_reason = $3,
            waited = waited + coalesce($4 - waiting_since, interval '0'), waiting_since = null,
            version = version + 1, updated_at = $4
        where store_id = $1
          and id = $2
        "#,
        scope.get(),
        id.get(),
        reason,
        now,
        by.map(UserId::get),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Puts a case back to work in its next cycle, with whoever had it. A dissatisfied verdict stands until the next one; any
/// other is spent. The new state.
pub async fn reopen(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
    now: DateTime<Utc>,
) -> sqlx::Result<ComplaintState> {
    sqlx::query_scalar!(
        r#"
        update complaints
        set state = case when handler_id is null then 'accepted' else 'in_progress' end, cycle = cycle + 1,
            resolved_at = null, ended_at = null, ended_by = null, ended_reason = null,
            verdict_words = case when verdict = 'dissatisfied' then verdict_words end,
            verdict_score = case when verdict = 'dissatisfied' then verdict_score end,
            is_solved = case when verdict = 'dissatisfied' then is_solved end,
            verdict_at = case when verdict = 'dissatisfied' then verdict_at end,
            verdict_by = case when verdict = 'dissatisfied' then verdict_by end,
            verdict = case when verdict = 'dissatisfied' then verdict end,
            version = version + 1, updated_at = $3
        where store_id = $1
          and id = $2
        returning state as "state: ComplaintState"
        "#,
        scope.get(),
        id.get(),
        now,
    )
    .fetch_one(db)
    .await
}

/// A case that a call is about.
pub struct CaseRow {
    pub obligation_id: ObligationId,
    pub id: ComplaintId,
    pub number: String,
    pub severity: Severity,
    pub class_major: ComplaintClass,
    pub cycle: i32,
    pub accepted_at: DateTime<Utc>,
    pub resolved_at: Option<DateTime<Utc>>,
    pub words: Option<String>,
    pub demand: Option<String>,
    pub measure: Option<String>,
    pub result: Option<String>,
    /// What the customer said the time before.
    pub verdict: Option<Verdict>,
    pub verdict_words: Option<String>,
}

/// The cases that a call is about, each with its entry.
pub async fn list_of_call(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    callback: CallbackId,
) -> sqlx::Result<Vec<CaseRow>> {
    sqlx::query_as!(
        CaseRow,
        r#"
        select o.id as "obligation_id: ObligationId", k.id as "id: ComplaintId", k.number, k.severity as "severity: Severity",
               k.class_major as "class_major: ComplaintClass", k.cycle, k.accepted_at, k.resolved_at, k.words, k.demand, k.measure,
               k.result, k.verdict as "verdict: Verdict", k.verdict_words
        from obligations o
        join complaints k on k.store_id = o.store_id and k.id = o.complaint_id
        where o.store_id = $1
          and o.callback_id = $2
        order by o.id
        "#,
        scope.get(),
        callback.get(),
    )
    .fetch_all(db)
    .await
}

/// What the page of a case shows about its end.
pub struct Ending {
    pub number: String,
    pub version: i32,
    pub severity: Severity,
    pub class_major: ComplaintClass,
    pub cycle: i32,
    pub words: Option<String>,
    pub measure: Option<String>,
    pub result: Option<String>,
    pub verdict: Option<Verdict>,
    pub verdict_words: Option<String>,
    pub verdict_score: Option<i16>,
    pub is_solved: Option<bool>,
    pub verdict_at: Option<DateTime<Utc>>,
    pub verdict_by: Option<String>,
    pub resolved_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub ended_by: Option<String>,
    pub ended_reason: Option<String>,
    /// The latest second callback.
    pub call_status: Option<ObligationStatus>,
    pub call_due_at: Option<DateTime<Utc>>,
    pub call_ended_at: Option<DateTime<Utc>>,
    pub callback_id: Option<CallbackId>,
}

/// The verdict on a case, its second callback and its end.
pub async fn find_ending(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
) -> sqlx::Result<Option<Ending>> {
    sqlx::query_as!(
        Ending,
        r#"
        select k.number, k.version, k.severity as "severity: Severity", k.class_major as "class_major: ComplaintClass", k.cycle, k.words,
               k.measure, k.result, k.verdict as "verdict: Verdict", k.verdict_words, k.verdict_score, k.is_solved, k.verdict_at,
               b.display_name as "verdict_by?", k.resolved_at, k.ended_at, e.display_name as "ended_by?", k.ended_reason,
               o.status as "call_status?: ObligationStatus", o.callable_due_at as "call_due_at?", o.ended_at as "call_ended_at?",
               o.callback_id as "callback_id?: CallbackId"
        from complaints k
        left join users b on b.id = k.verdict_by
        left join users e on e.id = k.ended_by
        left join lateral (
          select x.status, x.callable_due_at, x.ended_at, x.callback_id
          from obligations x
          where x.store_id = k.store_id and x.complaint_id = k.id and x.kind = 'complaint_second_callback'
          order by x.not_before desc, x.id desc
          limit 1
        ) o on true
        where k.store_id = $1
          and k.id = $2
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// Open callbacks that are held back although they are about a case.
pub async fn list_held(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        select id::bigint as "id!: i64"
        from callbacks
        where store_id = $1
          and status = 'open'
          and held_reason in ('touch_limit', 'car_in_shop', 'awaiting_answer')
          and kinds && array['complaint_second_callback', 'complaint_after']
        order by id
        "#,
        scope.get(),
    )
    .fetch_all(db)
    .await
}

/// Open callbacks that hold entries of a case, locked in the order of their ids.
pub async fn lock_calls(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        select c.id::bigint as "id!: i64"
        from callbacks c
        where c.store_id = $1
          and c.status = 'open'
          and c.id in (select o.callback_id from obligations o where o.store_id = $1 and o.complaint_id = $2)
        order by c.id
        for update
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_all(db)
    .await
}

/// The customer whom a case owes a call that has no callback yet.
pub async fn find_waiting(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
) -> sqlx::Result<Option<CustomerId>> {
    let found = sqlx::query_scalar!(
        r#"
        select customer_id as "customer_id: CustomerId"
        from obligations
        where store_id = $1
          and complaint_id = $2
          and status = 'open'
          and channel = 'call'
          and callback_id is null
          and reminder_id is null
        limit 1
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await?;
    Ok(found.flatten())
}

/// Makes the customer an open callback, empty so far, unless there is one.
pub async fn make_call(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into callbacks (store_id, customer_id, callable_due_at, due_at, next_at, open_count, created_at)
        select o.store_id, o.customer_id, min(o.callable_due_at), min(o.due_at), callable_from(o.store_id, min(o.not_before)), 0, $3
        from obligations o
        where o.store_id = $1
          and o.complaint_id = $2
          and o.status = 'open'
          and o.channel = 'call'
          and o.callback_id is null
          and o.reminder_id is null
        group by o.store_id, o.customer_id
        on conflict (store_id, customer_id) where status in ('open', 'claimed') do nothing
        "#,
        scope.get(),
        id.get(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Locks the customer's open callback.
pub async fn lock_call_of(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customer: CustomerId,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        r#"
        select id::bigint as "id!: i64"
        from callbacks
        where store_id = $1
          and customer_id = $2
          and status in ('open', 'claimed')
        for update
        "#,
        scope.get(),
        customer.get(),
    )
    .fetch_optional(db)
    .await
}

/// The entries of a case join a callback that is locked. What a handler of the case is just talking about waits.
///
/// A call about a case is made as soon as customers may be called, whatever else the callback waits for; a time that was
/// agreed with the customer is kept if it is early enough.
pub async fn join(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ComplaintId,
    callback: i64,
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"
        with handled as materialized (
          select complaint_handled_by($1, $2) as ids
        ), linked as (
          update obligations o
          set callback_id = c.id, bundled_at = $4
          from callbacks c, handled h
          where c.store_id = $1 and c.id = $3
            and o.store_id = $1 and o.complaint_id = $2 and o.status = 'open' and o.channel = 'call'
            and o.callback_id is null and o.reminder_id is null and o.customer_id = c.customer_id
            and (c.claimed_by is null or not h.ids @> array[c.claimed_by])
          returning o.kind, o.callable_due_at, o.due_at, o.not_before
        ), sums as (
          select min(callable_due_at) as callable_due_at, min(due_at) as due_at, callable_from($1, min(not_before)) as from_at,
                 array_agg(distinct kind) as kinds, count(*) as n
          from linked
          having count(*) > 0
        )
        update callbacks c
        set callable_due_at = least(c.callable_due_at, s.callable_due_at), due_at = least(c.due_at, s.due_at),
            next_at = case when c.agreed_at <= s.callable_due_at then c.next_at else least(c.next_at, s.from_at) end,
            open_count = c.open_count + s.n,
            kinds = (select array_agg(distinct k order by k) from unnest(c.kinds || s.kinds) k),
            excluded_ids = (select coalesce(array_agg(distinct u order by u), '{}') from unnest(c.excluded_ids || h.ids) u),
            assigned_to = case when h.ids @> array[c.assigned_to] then null else c.assigned_to end,
            version = c.version + 1
        from sums s, handled h
        where c.store_id = $1 and c.id = $3
        "#,
        scope.get(),
        id.get(),
        callback,
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
