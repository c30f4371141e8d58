//! Statements of what a customer says on a call beside the answers, and of who looks at a call.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgExecutor;

use crate::callbacks::CallbackId;
use crate::customers::CustomerId;
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::vehicles::VehicleId;

/// Who was not heard of for so long does not look any more.
pub const PRESENT_FOR: TimeDelta = TimeDelta::seconds(120);

/// Whether the customer has this number.
pub async fn has_number(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customer: CustomerId,
    number: &str,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from phones where store_id = $1 and customer_id = $2 and number = $3) as "is_there!""#,
        scope.get(),
        customer.get(),
        number,
    )
    .fetch_one(db)
    .await
}

/// Corrects the plate of a car.
pub async fn set_plate(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    vehicle: VehicleId,
    plate: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update vehicles
        set plate = $3, version = version + 1, updated_at = $4
        where store_id = $1
          and id = $2
          and merged_into_id is null
          and erased_at is null
        "#,
        scope.get(),
        vehicle.get(),
        plate,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Frees a customer who wants no more surveys from the callbacks after visits that are still owed.
pub async fn exempt_surveys(
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
          and kind = 'post_service'
        "#,
        scope.get(),
        customer.get(),
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Notes that a person has the page of a call open, and forgets who has long gone.
pub async fn note_presence(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: CallbackId,
    user: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        with gone as (
          delete from call_presence where store_id = $1 and seen_at < $5
        )
        insert into call_presence (store_id, callback_id, user_id, seen_at)
        values ($1, $2, $3, $4)
        on conflict (store_id, callback_id, user_id) do update
        set seen_at = excluded.seen_at
        "#,
        scope.get(),
        id.get(),
        user.get(),
        now,
        now - TimeDelta::hours(1),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Names of the people who look at calls of a list without having them in hand.
pub async fn list_looking(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    ids: &[CallbackId],
    me: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<HashMap<CallbackId, String>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.get()).collect();
    let rows = sqlx::query!(
        r#"
        select p.callback_id as "id: CallbackId", string_agg(u.display_name, '、' order by u.display_name) as "names!"
        from call_presence p
        join callbacks b on b.store_id = p.store_id and b.id = p.callback_id
        join users u on u.id = p.user_id
        where p.store_id = $1
          and p.callback_id = any($2)
          and p.seen_at >= $4
          and p.user_id <> $3
          and b.claimed_by is distinct from p.user_id
        group by p.callback_id
        "#,
        scope.get(),
        &ids,
        me.get(),
        now - PRESENT_FOR,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.names)).collect())
}

/// A colleague on the page of a call.
pub struct PresentRow {
    pub name: String,
    /// Has the call in hand; else only looks.
    pub holds: bool,
}

/// Colleagues who have the call in hand or look at it, the one in hand first.
pub async fn list_present(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: CallbackId,
    me: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<PresentRow>> {
    sqlx::query_as!(
        PresentRow,
        r#"
        select u.display_name as name, x.holds as "holds!"
        from (
          select b.claimed_by as user_id, true as holds
          from callbacks b
          where b.store_id = $1 and b.id = $2 and b.status = 'claimed' and b.lease_until >= $4
          union all
          select p.user_id, false
          from call_presence p
          join callbacks b on b.store_id = p.store_id and b.id = p.callback_id
          where p.store_id = $1 and p.callback_id = $2 and p.seen_at >= $5
            and (b.claimed_by is distinct from p.user_id or b.lease_until < $4)
        ) x
        join users u on u.id = x.user_id
        where x.user_id <> $3
        order by x.holds desc, u.display_name
        limit 5
        "#,
        scope.get(),
        id.get(),
        me.get(),
        now,
        now - PRESENT_FOR,
    )
    .fetch_all(db)
    .await
}
