//! Statements of a message that is answered through its link.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::callbacks::CallbackId;
use crate::callbacks::messages::MessageId;
use crate::callbacks::model::CallbackStatus;
use crate::customers::{CustomerId, PhoneId};
use crate::obligations::ObligationId;
use crate::scripts::ScriptVersionId;
use crate::stores::{StoreId, StoreScope};
use crate::vehicles::VehicleId;
use crate::visits::VisitId;

/// A message with a questionnaire, found by what only its reader knows.
pub struct LinkRow {
    pub store_id: StoreId,
    pub id: MessageId,
    pub callback_id: CallbackId,
    pub customer_id: CustomerId,
    pub phone_id: PhoneId,
    pub script_version_id: ScriptVersionId,
    pub answered_at: Option<DateTime<Utc>>,
    pub is_refused: bool,
    pub store_name: String,
    pub name: Option<String>,
    pub salutation: Option<String>,
}

/// The message with this token, whichever store wrote it.
pub async fn find_any_store(db: impl PgExecutor<'_>, token: Uuid) -> sqlx::Result<Option<LinkRow>> {
    sqlx::query_as!(
        LinkRow,
        r#"
        select m.store_id as "store_id: StoreId", m.id as "id: MessageId", m.callback_id as "callback_id!: CallbackId",
               m.customer_id as "customer_id!: CustomerId", m.phone_id as "phone_id!: PhoneId",
               m.script_version_id as "script_version_id!: ScriptVersionId", m.answered_at, m.is_refused,
               s.name as store_name, u.name, u.salutation
        from outbox_messages m
        join stores s on s.id = m.store_id
        join customers u on u.store_id = m.store_id and u.id = m.customer_id
        where m.token = $1
          and m.script_version_id is not null
        "#,
        token,
    )
    .fetch_optional(db)
    .await
}

/// A visit that a message asks about and nobody has settled yet.
#[derive(Clone)]
pub struct AskedVisit {
    pub id: ObligationId,
    pub visit_id: Option<VisitId>,
    pub vehicle_id: Option<VehicleId>,
    pub handed_over_at: Option<DateTime<Utc>>,
}

/// The visits that a message still asks about, the oldest first.
pub async fn list_asked(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    message: MessageId,
) -> sqlx::Result<Vec<AskedVisit>> {
    sqlx::query_as!(
        AskedVisit,
        r#"
        select o.id, o.visit_id, coalesce(o.vehicle_id, v.vehicle_id) as "vehicle_id?: VehicleId", v.handed_over_at as "handed_over_at?"
        from obligations o
        left join visits v on v.store_id = o.store_id and v.id = o.visit_id
        where o.store_id = $1
          and o.message_id = $2
          and o.status = 'open'
          and o.kind = 'post_service'
        order by v.handed_over_at nulls last, o.id
        "#,
        scope.get(),
        message.get(),
    )
    .fetch_all(db)
    .await
}

/// Ends what was answered, for whoever dialled last; how many.
pub async fn end(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    message: MessageId,
    answered: (&[i64], &[bool]),
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"
        update obligations o
        set status = 'done', ended_at = $5, ended_reason = 'answered', is_connected = true, is_satisfied = e.satisfied,
            responsible_id = coalesce(o.responsible_id, (
              select a.user_id
              from attempts a
              where a.store_id = o.store_id and a.callback_id = o.callback_id
              order by a.at desc, a.id desc
              limit 1))
        from unnest($3::bigint[], $4::boolean[]) e(id, satisfied)
        where o.store_id = $1
          and o.message_id = $2
          and o.id = e.id
          and o.status = 'open'
        "#,
        scope.get(),
        message.get(),
        answered.0,
        answered.1,
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Uses the link up. Whoever answers has got the message, recorded by hand or not.
pub async fn mark(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    message: MessageId,
    is_refused: bool,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        update outbox_messages
        set answered_at = $4, is_refused = $3, status = 'delivered', settled_at = coalesce(settled_at, $4)
        where store_id = $1
          and id = $2
          and answered_at is null
        "#,
        scope.get(),
        message.get(),
        is_refused,
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Derives a call anew from what is left open; without anything it has ended, even in the middle of a talk: whoever
/// saves it then is told that it is no longer theirs.
pub async fn refresh(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    callback: CallbackId,
    ending: CallbackStatus,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        with left_open as materialized (
          select count(*)::int as n, min(o.callable_due_at) as callable_due_at, min(o.due_at) as due_at,
                 array_agg(distinct o.kind) as kinds
          from obligations o
          where o.store_id = $1
            and o.callback_id = $2
            and o.status = 'open'
        )
        update callbacks c
        set open_count = l.n, kinds = coalesce(l.kinds, c.kinds),
            callable_due_at = coalesce(l.callable_due_at, c.callable_due_at), due_at = coalesce(l.due_at, c.due_at),
            status = case when l.n > 0 then c.status else $3 end,
            ended_at = case when l.n > 0 then c.ended_at else $4::timestamptz end,
            held_reason = case when l.n > 0 then c.held_reason end, held_until = case when l.n > 0 then c.held_until end,
            claimed_by = case when l.n > 0 then c.claimed_by end, claimed_at = case when l.n > 0 then c.claimed_at end,
            lease_until = case when l.n > 0 then c.lease_until end, lease_token = case when l.n > 0 then c.lease_token end,
            version = c.version + 1
        from left_open l
        where c.store_id = $1
          and c.id = $2
          and c.status in ('open', 'claimed')
        "#,
        scope.get(),
        callback.get(),
        ending.as_str(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}
