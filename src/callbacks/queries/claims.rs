//! Statements of leases. Each claim is one statement; rows that others hold locked are skipped.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::callbacks::CallbackId;
use crate::callbacks::queue::{Claim, LEASE};
use crate::stores::StoreScope;
use crate::users::UserId;

/// A lease about to be taken.
pub struct Lease {
    user: UserId,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    token: Uuid,
}

impl Lease {
    /// With a fresh token.
    pub fn new(user: UserId, now: DateTime<Utc>) -> Lease {
        Lease {
            user,
            now,
            until: now + LEASE,
            token: Uuid::new_v4(),
        }
    }
}

/// How many claims this person may hold; `None` for people who do not work in the store. Serialises the person's claims.
pub async fn lock_member(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    user: UserId,
) -> sqlx::Result<Option<usize>> {
    let cap = sqlx::query_scalar!(
        "select max_claims from user_stores where store_id = $1 and user_id = $2 and is_active for no key update",
        scope.get(),
        user.get(),
    )
    .fetch_optional(db)
    .await?;
    Ok(cap.and_then(|cap| usize::try_from(cap).ok()))
}

/// What this person holds, the most urgent first.
pub async fn list_held(db: impl PgExecutor<'_>, scope: StoreScope, user: UserId) -> sqlx::Result<Vec<Claim>> {
    sqlx::query_as!(
        Claim,
        r#"
        select id, lease_token as "token!"
        from callbacks
        where store_id = $1
          and claimed_by = $2
          and status = 'claimed'
        order by callable_due_at, id
        "#,
        scope.get(),
        user.get(),
    )
    .fetch_all(db)
    .await
}

/// Claims the most urgent callback that may be called now. `with_renewal`: only with, or only without renewal items.
pub async fn claim_next(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    lease: &Lease,
    with_renewal: Option<bool>,
    skip: Option<CallbackId>,
) -> sqlx::Result<Option<Claim>> {
    sqlx::query_as!(
        Claim,
        r#"
        update callbacks b
        set status = 'claimed', claimed_by = $2, claimed_at = $3, lease_until = $4, lease_token = $5, version = b.version + 1
        where b.store_id = $1
          and b.status = 'open'
          and b.id = (
            select q.id
            from callbacks q
            where q.store_id = $1
              and q.status = 'open'
              and q.next_at <= $3
              and (q.assigned_to is null or q.assigned_to = $2)
              and not q.excluded_ids @> array[$2::bigint]
              and q.held_reason is null
              and ($6::boolean is null or (q.kinds && array['renewal', 'renewal_contact']) = $6)
              and ($7::bigint is null or q.id <> $7)
            order by q.callable_due_at, q.id
            limit 1
            for update of q skip locked
          )
        returning b.id, b.lease_token as "token!"
        "#,
        scope.get(),
        lease.user.get(),
        lease.now,
        lease.until,
        lease.token,
        with_renewal,
        skip.map(CallbackId::get),
    )
    .fetch_optional(db)
    .await
}

/// Claims one open callback, also before its time.
pub async fn claim_one(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    lease: &Lease,
    id: CallbackId,
    may_take: bool,
) -> sqlx::Result<Option<Claim>> {
    sqlx::query_as!(
        Claim,
        r#"
        update callbacks b
        set status = 'claimed', claimed_by = $2, claimed_at = $3, lease_until = $4, lease_token = $5, version = b.version + 1
        where b.store_id = $1
          and b.id = $6
          and b.status = 'open'
          and not b.excluded_ids @> array[$2::bigint]
          and (b.assigned_to is null or b.assigned_to = $2 or $7)
        returning b.id, b.lease_token as "token!"
        "#,
        scope.get(),
        lease.user.get(),
        lease.now,
        lease.until,
        lease.token,
        id.get(),
        may_take,
    )
    .fetch_optional(db)
    .await
}

/// Why a claim may have been refused.
pub struct ClaimState {
    pub is_ended: bool,
    pub is_claimed: bool,
    pub has_served: bool,
}

/// The state of a callback towards a person.
pub async fn find_state(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: CallbackId,
    user: UserId,
) -> sqlx::Result<Option<ClaimState>> {
    sqlx::query_as!(
        ClaimState,
        r#"
        select ended_at is not null as "is_ended!", claimed_by is not null as "is_claimed!",
               excluded_ids @> array[$3::bigint] as "has_served!"
        from callbacks
        where store_id = $1
          and id = $2
        "#,
        scope.get(),
        id.get(),
        user.get(),
    )
    .fetch_optional(db)
    .await
}

/// Renews a lease; `false` if it was lost.
pub async fn extend(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    claim: Claim,
    user: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        update callbacks
        set lease_until = $5
        where store_id = $1
          and id = $2
          and lease_token = $3
          and claimed_by = $4
          and status = 'claimed'
        "#,
        scope.get(),
        claim.id.get(),
        claim.token,
        user.get(),
        now + LEASE,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends a lease without a result; `false` if it was lost.
pub async fn release(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    claim: Claim,
    user: UserId,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        update callbacks
        set status = 'open', claimed_by = null, claimed_at = null, lease_until = null, lease_token = null, version = version + 1
        where store_id = $1
          and id = $2
          and lease_token = $3
          and claimed_by = $4
          and status = 'claimed'
        "#,
        scope.get(),
        claim.id.get(),
        claim.token,
        user.get(),
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The sweep over all stores: a settle in flight holds its row locked and wins.
pub async fn release_expired(db: impl PgExecutor<'_>, now: DateTime<Utc>) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"
        update callbacks b
        set status = 'open', claimed_by = null, claimed_at = null, lease_until = null, lease_token = null, version = b.version + 1
        from (
          select store_id, id
          from callbacks
          where status = 'claimed'
            and lease_until < $1
          order by store_id, id
          for update skip locked
        ) x
        where b.store_id = x.store_id
          and b.id = x.id
        "#,
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
