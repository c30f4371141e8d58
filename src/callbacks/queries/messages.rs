//! Statements of the message after the last dial: written, sent by hand, answered or not.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::callbacks::CallbackId;
use crate::callbacks::messages::{MessageId, MessageStatus};
use crate::customers::{CustomerId, PhoneId};
use crate::stores::StoreScope;
use crate::users::UserId;

/// A number that can get a message.
pub struct Mobile {
    pub id: PhoneId,
    pub number: String,
}

/// The customer's best number for messages: a mobile that works and takes them.
pub async fn find_mobile(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customer: CustomerId,
) -> sqlx::Result<Option<Mobile>> {
    sqlx::query_as!(
        Mobile,
        r#"
        select id, number
        from phones
        where store_id = $1
          and customer_id = $2
          and kind = 'mobile'
          and state in ('ok', 'unverified')
          and not sms_opt_out
        order by is_main desc, id
        limit 1
        "#,
        scope.get(),
        customer.get(),
    )
    .fetch_optional(db)
    .await
}

/// A message about to be written.
pub struct NewMessage<'a> {
    pub callback: CallbackId,
    pub customer: CustomerId,
    pub mobile: &'a Mobile,
    pub body: &'a str,
    /// Whether it asks the questionnaire.
    pub is_about_visit: bool,
    pub now: DateTime<Utc>,
}

/// Puts a message into the outbox; the one that still waits about this call, if there is one.
pub async fn insert(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    new: &NewMessage<'_>,
) -> sqlx::Result<MessageId> {
    sqlx::query_scalar!(
        r#"
        insert into outbox_messages as m (store_id, customer_id, callback_id, phone_id, number, purpose, body, token, created_at, script_version_id)
        values ($1, $2, $3, $4, $5, 'questionnaire', $6, $7, $8, case when $9 then current_questionnaire($1, 'post_service') end)
        on conflict (store_id, callback_id) where status = 'queued' do update set callback_id = excluded.callback_id
        returning id as "id: MessageId"
        "#,
        scope.get(),
        new.customer.get(),
        new.callback.get(),
        new.mobile.id.get(),
        new.mobile.number,
        new.body,
        Uuid::new_v4(),
        new.now,
        new.is_about_visit,
    )
    .fetch_one(db)
    .await
}

/// Puts a message into the outbox for everybody whose call about visits has come up and who prefers messages; how many
/// entries are now tied to one. No dial is made before, and none is needed.
pub async fn write_to_who_prefers_it(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    body: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"
        with made as (
          insert into outbox_messages (store_id, customer_id, callback_id, phone_id, number, purpose, body, token, created_at, script_version_id)
          select c.store_id, c.customer_id, c.id, h.id, h.number, 'questionnaire', $2, gen_random_uuid(), $3,
                 current_questionnaire($1, 'post_service')
          from customers u
          join callbacks c on c.store_id = u.store_id and c.customer_id = u.id and c.status = 'open'
          cross join lateral (
            select x.id, x.number
            from phones x
            where x.store_id = u.store_id and x.customer_id = u.id and x.kind = 'mobile' and x.state in ('ok', 'unverified')
              and not x.sms_opt_out
            order by x.is_main desc, x.id
            limit 1
          ) h
          where u.store_id = $1 and u.preferred_channel <> 'call'
            and c.kinds = array['post_service'] and c.dials = 0 and c.agreed_at is null and c.held_reason is null and c.next_at <= $3
            and not exists (select from obligations o
                            where o.store_id = c.store_id and o.callback_id = c.id and o.status = 'open' and o.message_id is not null)
          on conflict (store_id, callback_id) where status = 'queued' do nothing
          returning store_id, id, callback_id
        )
        update obligations o
        set message_id = m.id
        from made m
        where o.store_id = m.store_id
          and o.callback_id = m.callback_id
          and o.status = 'open'
        "#,
        scope.get(),
        body,
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Ties entries that have not been written about yet to a message.
pub async fn tie(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    message: MessageId,
    obligations: &[i64],
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"
        update obligations
        set message_id = $3
        where store_id = $1
          and id = any($2)
          and status = 'open'
          and message_id is null
        "#,
        scope.get(),
        obligations,
        message.get(),
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Lets the open entries of a call go from their message: their calls go on.
pub async fn untie(db: impl PgExecutor<'_>, scope: StoreScope, callback: CallbackId) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"
        update obligations
        set message_id = null
        where store_id = $1
          and callback_id = $2
          and status = 'open'
          and message_id is not null
        "#,
        scope.get(),
        callback.get(),
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// The latest message about a call.
pub struct MessageRow {
    pub id: MessageId,
    pub phone_id: PhoneId,
    pub number: Option<String>,
    pub body: String,
    pub token: Uuid,
    pub answered_at: Option<DateTime<Utc>>,
    pub status: MessageStatus,
    pub settled_at: Option<DateTime<Utc>>,
    /// Until when the answer is awaited, once it is out.
    pub answer_until: Option<DateTime<Utc>>,
    /// Whether anything is still open that it asks about.
    pub is_open: bool,
}

/// The latest message about a call, if one was needed.
pub async fn find_latest(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    callback: CallbackId,
) -> sqlx::Result<Option<MessageRow>> {
    sqlx::query_as!(
        MessageRow,
        r#"
        select m.id as "id: MessageId", m.phone_id as "phone_id!: PhoneId", m.number, m.body, m.token, m.answered_at,
               m.status as "status: MessageStatus", m.settled_at,
               case when m.status = 'delivered' then m.settled_at + make_interval(hours => s.answer_hours) end as "answer_until?",
               exists (select from obligations o
                       where o.store_id = m.store_id and o.callback_id = m.callback_id and o.message_id = m.id and o.status = 'open') as "is_open!"
        from outbox_messages m
        join stores s on s.id = m.store_id
        where m.store_id = $1
          and m.callback_id = $2
        order by m.id desc
        limit 1
        "#,
        scope.get(),
        callback.get(),
    )
    .fetch_optional(db)
    .await
}

/// Writes what became of a message that waited; `false`: it waits no more.
pub async fn settle(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    message: MessageId,
    status: MessageStatus,
    user: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        update outbox_messages
        set status = $3, settled_at = $4, recorded_by = $5
        where store_id = $1
          and id = $2
          and status = 'queued'
        "#,
        scope.get(),
        message.get(),
        status.as_str(),
        now,
        user.get(),
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes back messages that still wait although nothing is open any more that they ask about.
pub async fn cancel_needless(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"
        update outbox_messages m
        set status = 'cancelled', settled_at = $2
        where m.store_id = $1
          and m.status = 'queued'
          and m.purpose = 'questionnaire'
          and not exists (select from obligations o
                          where o.store_id = m.store_id and o.message_id = m.id and o.status = 'open')
        "#,
        scope.get(),
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Locks the open callbacks with an entry whose answer time is over, or whose message failed.
///
/// A statement of its own: one
/// that locks and decides would read rows older than the lock it got. Calls in progress are left alone.
pub async fn lock_unanswered(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        select c.id::bigint as "id!: i64"
        from callbacks c
        where c.store_id = $1
          and c.status = 'open'
          and c.id in (
            select o.callback_id
            from obligations o
            join outbox_messages m on m.store_id = o.store_id and m.id = o.message_id
            join stores s on s.id = m.store_id
            where o.store_id = $1
              and o.status = 'open'
              and o.message_id is not null
              and (m.status = 'failed' or m.status = 'delivered' and m.settled_at + make_interval(hours => s.answer_hours) <= $2))
        order by c.id
        for update
        "#,
        scope.get(),
        now,
    )
    .fetch_all(db)
    .await
}

/// Ends what was written about and not answered as 尽责未达, for whoever made the last dial; how many. What is being talked
/// about right now waits.
pub async fn end_unanswered(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    callbacks: &[i64],
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"
        update obligations o
        set status = 'exhausted', ended_at = $3, ended_reason = 'unreachable', ended_by = a.user_id, attempt_id = a.id,
            responsible_id = coalesce(o.responsible_id, a.user_id)
        from outbox_messages m
        join stores s on s.id = m.store_id
        left join lateral (
          select x.id, x.user_id
          from attempts x
          where x.store_id = m.store_id and x.callback_id = m.callback_id
          order by x.at desc, x.id desc
          limit 1
        ) a on true
        where o.store_id = $1
          and o.callback_id = any($2)
          and o.status = 'open'
          and exists (select from callbacks c where c.store_id = o.store_id and c.id = o.callback_id and c.status = 'open')
          and m.store_id = o.store_id
          and m.id = o.message_id
          and (m.status = 'failed' or m.status = 'delivered' and m.settled_at + make_interval(hours => s.answer_hours) <= $3)
        "#,
        scope.get(),
        callbacks,
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
