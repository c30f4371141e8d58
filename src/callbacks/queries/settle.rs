//! Statements of settling a call. The lock is a statement of its own: a statement that locks and decides at once reads
//! rows older than the lock it waited for.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::callbacks::model::{CallbackStatus, Dial, Disposition, RetryPolicy};
use crate::callbacks::queue::Claim;
use crate::callbacks::{AttemptId, CallbackId};
use crate::complaints::ComplaintId;
use crate::customers::{CustomerId, PhoneId, PhoneState};
use crate::obligations::ObligationId;
use crate::scripts::ScriptVersionId;
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::vehicles::VehicleId;
use crate::visits::VisitId;

/// Locks the callback for whoever holds this lease; nothing if the lease was lost.
pub async fn lock_claim(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    claim: Claim,
    user: UserId,
) -> sqlx::Result<Option<CustomerId>> {
    sqlx::query_scalar!(
        r#"
        select customer_id
        from callbacks
        where store_id = $1
          and id = $2
          and claimed_by = $3
          and lease_token = $4
          and status = 'claimed'
        for update
        "#,
        scope.get(),
        claim.id.get(),
        user.get(),
        claim.token,
    )
    .fetch_optional(db)
    .await
}

/// Whether the form with this key was settled already.
pub async fn is_settled(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: CallbackId,
    key: Uuid,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from attempts where store_id = $1 and callback_id = $2 and idem_key = $3) as "is_settled!""#,
        scope.get(),
        id.get(),
        key,
    )
    .fetch_one(db)
    .await
}

/// A bundled obligation that is still open, as the settle sees it under the lock.
pub struct OpenItem {
    pub id: ObligationId,
    pub kind: String,
    pub visit_id: Option<VisitId>,
    pub vehicle_id: Option<VehicleId>,
    pub complaint_id: Option<ComplaintId>,
    /// When it joined the callback; dials before that were not about it.
    pub bundled_at: Option<DateTime<Utc>>,
    pub callable_due_at: DateTime<Utc>,
    /// Whether the message after the last dial has been written about it.
    pub is_written: bool,
}

impl OpenItem {
    /// Whether a dial was about it, or was made before it joined the call.
    pub fn is_about(&self, dial: &Dial) -> bool {
        self.bundled_at.is_none_or(|bundled_at| dial.at > bundled_at)
    }
}

/// Open obligations of a callback.
pub async fn list_open_items(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: CallbackId,
) -> sqlx::Result<Vec<OpenItem>> {
    sqlx::query_as!(
        OpenItem,
        r#"
        select id, kind as "kind: String", visit_id, vehicle_id, complaint_id, bundled_at, callable_due_at,
               message_id is not null as "is_written!"
        from obligations
        where store_id = $1
          and callback_id = $2
          and status = 'open'
        order by callable_due_at, id
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_all(db)
    .await
}

/// A dial that was made, oldest first.
pub async fn list_dials(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: CallbackId,
) -> sqlx::Result<Vec<Dial>> {
    sqlx::query_as!(
        Dial,
        "select at, result from attempts where store_id = $1 and callback_id = $2 order by at, id",
        scope.get(),
        id.get(),
    )
    .fetch_all(db)
    .await
}

/// The strictest policy of the rules that are in force on a day for these kinds; the default where none says otherwise.
pub async fn find_policy(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    kinds: &[String],
    day: NaiveDate,
) -> sqlx::Result<RetryPolicy> {
    let row = sqlx::query!(
        r#"
        select max(min_dials) as dials, max(min_days) as days, max(min_dayparts) as dayparts, max(retry_minutes) as minutes
        from rules
        where store_id = $1
          and kind = any($2)
          and valid_from <= $3
          and (valid_until is null or valid_until > $3)
        "#,
        scope.get(),
        kinds,
        day,
    )
    .fetch_one(db)
    .await?;
    let default = RetryPolicy::default();
    let count = |value: Option<i32>, default: usize| {
        value
            .and_then(|value| usize::try_from(value).ok())
            .unwrap_or(default)
    };
    Ok(RetryPolicy {
        min_dials: count(row.dials, default.min_dials),
        min_days: count(row.days, default.min_days),
        min_dayparts: count(row.dayparts, default.min_dayparts),
        spacing: row.minutes.map_or(default.spacing, |minutes| {
            chrono::TimeDelta::minutes(minutes.into())
        }),
    })
}

/// One dial about to be written.
pub struct NewAttempt<'a> {
    pub callback: CallbackId,
    pub customer: CustomerId,
    pub user: UserId,
    pub at: DateTime<Utc>,
    pub on_day: NaiveDate,
    /// 1 to 3, 0 outside.
    pub daypart: i16,
    pub result: Disposition,
    pub phone: Option<PhoneId>,
    pub next_at: Option<DateTime<Utc>>,
    pub note: Option<&'a str>,
    pub key: Uuid,
}

/// Writes a dial.
pub async fn insert_attempt(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    new: NewAttempt<'_>,
) -> sqlx::Result<AttemptId> {
    sqlx::query_scalar!(
        r#"
        insert into attempts (store_id, callback_id, customer_id, user_id, at, on_day, daypart, result, phone_id, next_at, note, idem_key)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        returning id
        "#,
        scope.get(),
        new.callback.get(),
        new.customer.get(),
        new.user.get(),
        new.at,
        new.on_day,
        new.daypart,
        new.result.as_str(),
        new.phone.map(PhoneId::get),
        new.next_at,
        new.note,
        new.key,
    )
    .fetch_one(db)
    .await
}

/// How obligations end in one call, as columns of equal length.
#[derive(Default)]
pub struct Endings {
    pub ids: Vec<i64>,
    /// `done` or `exhausted`.
    pub statuses: Vec<String>,
    pub reasons: Vec<Option<String>>,
    pub satisfied: Vec<Option<bool>>,
    pub is_connected: bool,
}

/// Who ended them when with which dial.
pub struct EndedBy {
    pub callback: CallbackId,
    pub user: UserId,
    pub attempt: AttemptId,
    pub at: DateTime<Utc>,
}

/// Ends obligations of this callback that are still open; how many.
pub async fn end_items(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    endings: &Endings,
    by: &EndedBy,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"
        update obligations o
        set status = e.status, ended_at = $7, ended_by = $8, attempt_id = $9, ended_reason = e.reason, is_connected = $6,
            is_satisfied = e.satisfied, responsible_id = coalesce(o.responsible_id, $8)
        from unnest($2::bigint[], $3::text[], $4::text[], $5::boolean[]) e(id, status, reason, satisfied)
        where o.store_id = $1
          and o.id = e.id
          and o.callback_id = $10
          and o.status = 'open'
        "#,
        scope.get(),
        &endings.ids,
        &endings.statuses,
        &endings.reasons as &[Option<String>],
        &endings.satisfied as &[Option<bool>],
        endings.is_connected,
        by.at,
        by.user.get(),
        by.attempt.get(),
        by.callback.get(),
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Answers about one obligation.
pub struct NewResponse<'a> {
    pub obligation: ObligationId,
    /// The dial in which they were given; none if they were given in writing.
    pub attempt: Option<AttemptId>,
    pub customer: CustomerId,
    pub script_version: ScriptVersionId,
    pub answers: &'a serde_json::Value,
    pub overall: Option<i16>,
    pub nps: Option<i16>,
    pub is_dissatisfied: bool,
    pub words: Option<&'a str>,
    pub at: DateTime<Utc>,
}

/// Writes answers; one set per obligation, and the first one stands: a customer may have answered in writing while the
/// call was made.
pub async fn insert_response(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    new: NewResponse<'_>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into responses (store_id, obligation_id, attempt_id, customer_id, script_version_id, answers, overall, nps,
                               is_dissatisfied, words, at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        on conflict on constraint responses_obligation_key do nothing
        "#,
        scope.get(),
        new.obligation.get(),
        new.attempt.map(AttemptId::get),
        new.customer.get(),
        new.script_version.get(),
        new.answers,
        new.overall,
        new.nps,
        new.is_dissatisfied,
        new.words,
        new.at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Notes what a dial has shown about a number of this customer.
pub async fn set_phone_state(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customer: CustomerId,
    phone: PhoneId,
    state: PhoneState,
    on: NaiveDate,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update phones set state = $4, checked_on = $5 where store_id = $1 and customer_id = $2 and id = $3",
        scope.get(),
        customer.get(),
        phone.get(),
        state.as_str(),
        on,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Frees a customer who wants no more calls from every call that is still owed; calls about complaints stay allowed.
pub async fn exempt_calls(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customer: CustomerId,
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"
        update obligations
        set status = 'exempt', ended_at = $3, ended_reason = 'rule:do_not_call'
        where store_id = $1
          and customer_id = $2
          and status = 'open'
          and channel = 'call'
          and kind not like 'complaint%'
        "#,
        scope.get(),
        customer.get(),
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// What a dial changes in the callback itself.
pub struct Refresh {
    pub id: CallbackId,
    pub result: Disposition,
    pub at: DateTime<Utc>,
    /// `None` leaves the time as it is.
    pub next_at: Option<DateTime<Utc>>,
    pub agreed_at: Option<DateTime<Utc>>,
    pub counts_as_dial: bool,
    /// Status if nothing is left open.
    pub ending: CallbackStatus,
}

/// Ends the lease and derives the callback anew from what is left open.
pub async fn refresh(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    new: &Refresh,
) -> sqlx::Result<CallbackStatus> {
    sqlx::query_scalar!(
        r#"
        with left_open as materialized (
          select count(*) as n, min(o.callable_due_at) as callable_due_at, min(o.due_at) as due_at,
                 array_agg(distinct o.kind) as kinds
          from obligations o
          where o.store_id = $1
            and o.callback_id = $2
            and o.status = 'open'
        )
        update callbacks b
        set status = case when l.n > 0 then 'open' else $8 end,
            ended_at = case when l.n > 0 then null else $4::timestamptz end,
            callable_due_at = coalesce(l.callable_due_at, b.callable_due_at), due_at = coalesce(l.due_at, b.due_at),
            kinds = coalesce(l.kinds, b.kinds), open_count = l.n,
            next_at = coalesce($5, b.next_at), agreed_at = $6, dials = b.dials + case when $7 then 1 else 0 end,
            last_result = $3, last_attempt_at = $4, held_reason = null, held_until = null,
            claimed_by = null, claimed_at = null, lease_until = null, lease_token = null, version = b.version + 1
        from left_open l
        where b.store_id = $1
          and b.id = $2
        returning b.status
        "#,
        scope.get(),
        new.id.get(),
        new.result.as_str(),
        new.at,
        new.next_at,
        new.agreed_at,
        new.counts_as_dial,
        new.ending.as_str(),
    )
    .fetch_one(db)
    .await
}

/// Derives callbacks anew from what is left open, after a job has ended entries of theirs; one without any ends as exhausted.
pub async fn refresh_exhausted(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    callbacks: &[i64],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update callbacks c
        set open_count = x.n, kinds = coalesce(x.kinds, c.kinds),
            callable_due_at = coalesce(x.callable_due_at, c.callable_due_at), due_at = coalesce(x.due_at, c.due_at),
            status = case when x.n = 0 then 'exhausted' else c.status end,
            ended_at = case when x.n = 0 then $3::timestamptz end,
            held_reason = case when x.n > 0 then c.held_reason end, held_until = case when x.n > 0 then c.held_until end,
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

/// Removes what this person typed about the call; everybody's, once the callback has ended.
pub async fn delete_drafts(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    user: UserId,
    subject: &str,
    of_everybody: bool,
) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from drafts where store_id = $1 and subject = $3 and (user_id = $2 or $4)",
        scope.get(),
        user.get(),
        subject,
        of_everybody,
    )
    .execute(db)
    .await?;
    Ok(())
}
