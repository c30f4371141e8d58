//! Leases on callbacks: claim, extend, release. Giving work out is `bulk`, handing it over on leave is `shifts`.
//!
//! A claim is a lease of 15 minutes, renewed by every saved draft. Each claim has a new token; whoever settles must show
//! it, so a lease that was lost can write nothing. Nobody gets a customer they have served themselves.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use crate::audit::{self, Actor, Entry};
use crate::auth::permission::Role;
use crate::auth::session::CurrentUser;
use crate::callbacks::CallbackId;
use crate::callbacks::queries::claims;
use crate::shifts::model::DutyMoment;
use crate::shifts::{self, OffDuty};
use crate::stores::StoreScope;
use crate::users::UserId;

/// How long a claim lasts without a sign of life (domain.md §2).
pub const LEASE: TimeDelta = TimeDelta::minutes(15);

/// A lease on a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    pub id: CallbackId,
    pub token: Uuid,
}

/// Which callbacks a role's *next call* takes first (domain.md §16).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RenewalItems {
    First,
    Last,
    AsTheyCome,
}

impl RenewalItems {
    const fn of(role: Role) -> RenewalItems {
        match role {
            Role::Clerk => RenewalItems::First,
            Role::Specialist => RenewalItems::Last,
            Role::Receptionist | Role::Handler | Role::Manager | Role::Admin | Role::Group => {
                RenewalItems::AsTheyCome
            }
        }
    }

    /// Passes over the queue: with renewal items, without, or all.
    const fn passes(self) -> &'static [Option<bool>] {
        match self {
            RenewalItems::First => &[Some(true), Some(false)],
            RenewalItems::Last => &[Some(false), Some(true)],
            RenewalItems::AsTheyCome => &[None],
        }
    }
}

/// Why [`claim_next`] gives this person nothing now, whatever the queue holds: leave, shift, or a full day.
pub async fn off_duty(
    db: &mut PgConnection,
    user: &CurrentUser,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<OffDuty>> {
    let at = DutyMoment::at(user.store.zone, now);
    shifts::service::off_duty(db, user.scope(), user.id, at).await
}

/// The call to make next: the one already held, else the most urgent one that this person may make.
///
/// `skip` is not given again at once. The person's own row is locked, so that two windows cannot hoard. Who is on leave, out
/// of shift or has called enough for today gets no new one; see [`off_duty`].
pub async fn claim_next(
    tx: &mut PgConnection,
    user: &CurrentUser,
    skip: Option<CallbackId>,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Claim>> {
    let scope = user.scope();
    let Some(cap) = claims::lock_member(&mut *tx, scope, user.id).await? else {
        return Ok(None);
    };
    claims::release_expired(&mut *tx, now).await?;
    let held = claims::list_held(&mut *tx, scope, user.id).await?;
    if let Some(held) = held.iter().find(|held| Some(held.id) != skip) {
        return Ok(Some(*held));
    }
    if held.len() >= cap || off_duty(&mut *tx, user, now).await?.is_some() {
        return Ok(None);
    }
    for with_renewal in RenewalItems::of(user.role).passes() {
        let lease = claims::Lease::new(user.id, now);
        let claimed = claims::claim_next(&mut *tx, scope, &lease, *with_renewal, skip).await?;
        if claimed.is_some() {
            return Ok(claimed);
        }
    }
    Ok(None)
}

crate::text_enum! {
    /// Why a particular callback cannot be claimed.
    pub enum Refusal {
        /// Ended, or not of this store.
        Gone = "gone",
        /// Somebody is on the phone with this customer.
        Busy = "busy",
        /// It is another person's work.
        AssignedElsewhere = "assigned_elsewhere",
        /// This person served the customer.
        Served = "served",
        /// As many claims as allowed are held already.
        Cap = "cap",
    }
}

/// Claims one particular callback; a manager may take the work of others.
pub async fn claim(
    tx: &mut PgConnection,
    user: &CurrentUser,
    id: CallbackId,
    may_take: bool,
    now: DateTime<Utc>,
) -> sqlx::Result<Result<Claim, Refusal>> {
    let scope = user.scope();
    let Some(cap) = claims::lock_member(&mut *tx, scope, user.id).await? else {
        return Ok(Err(Refusal::Cap));
    };
    claims::release_expired(&mut *tx, now).await?;
    let held = claims::list_held(&mut *tx, scope, user.id).await?;
    if let Some(held) = held.iter().find(|held| held.id == id) {
        return Ok(Ok(*held));
    }
    if held.len() >= cap {
        return Ok(Err(Refusal::Cap));
    }
    let lease = claims::Lease::new(user.id, now);
    if let Some(claim) = claims::claim_one(&mut *tx, scope, &lease, id, may_take).await? {
        return Ok(Ok(claim));
    }
    let Some(state) = claims::find_state(&mut *tx, scope, id, user.id).await? else {
        return Ok(Err(Refusal::Gone));
    };
    Ok(Err(if state.is_ended {
        Refusal::Gone
    } else if state.has_served {
        Refusal::Served
    } else if state.is_claimed {
        Refusal::Busy
    } else {
        Refusal::AssignedElsewhere
    }))
}

/// Gives every call back to the queue whose lease has ended, in all stores; how many.
pub async fn release_expired(db: impl PgExecutor<'_>, now: DateTime<Utc>) -> sqlx::Result<u64> {
    claims::release_expired(db, now).await
}

/// Gives a call back unsettled; `false` if the lease was lost.
pub async fn skip(
    tx: &mut PgConnection,
    scope: StoreScope,
    user: UserId,
    claim: Claim,
    reason: SkipReason,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    if !claims::release(&mut *tx, scope, claim, user).await? {
        return Ok(false);
    }
    let change = json!({ "reason": reason });
    let entry = Entry {
        store: Some(scope.store_id()),
        actor: Actor::User(user),
        action: "callbacks.skip",
        subject: "callbacks",
        subject_id: Some(claim.id.get()),
        change: &change,
    };
    audit::record(&mut *tx, now, entry).await?;
    Ok(true)
}

crate::text_enum! {
    /// Why a call was given back.
    pub enum SkipReason {
        /// It needs another look before calling.
        NeedsCheck = "needs_check",
        /// A colleague knows the customer better.
        BetterColleague = "better_colleague",
        Interrupted = "interrupted",
    }
}
