//! Asking for exemptions and deciding on them; whoever calls brings the transaction.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::audit::{self, Entry};
use crate::auth::session::CurrentUser;
use crate::exemptions::ExemptionId;
use crate::exemptions::forms::Request;
use crate::exemptions::model::Verdict;
use crate::exemptions::queries::{self, Decision};
use crate::obligations::{ObligationId, supersede};

/// Asks for the open ones among these entries; how many.
pub async fn request(
    tx: &mut PgConnection,
    user: &CurrentUser,
    ids: &[ObligationId],
    request: &Request,
    now: DateTime<Utc>,
) -> sqlx::Result<usize> {
    let asked = queries::insert(&mut *tx, user.scope(), ids, request, user.id, now).await?;
    if !asked.is_empty() {
        let change = json!({ "obligations": asked, "reason": request.reason });
        record(tx, user, "exemptions.request", &change, now).await?;
    }
    Ok(asked.len())
}

/// What became of the requests that somebody decided on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    pub done: i64,
    /// Own requests: somebody else decides.
    pub own: i64,
    /// Somebody is talking about it right now, or it ended meanwhile.
    pub left: i64,
}

/// Approves or refuses requests of other people.
pub async fn decide(
    tx: &mut PgConnection,
    user: &CurrentUser,
    ids: &[ExemptionId],
    (verdict, answer): (Verdict, &str),
    now: DateTime<Utc>,
) -> sqlx::Result<Decided> {
    let scope = user.scope();
    let locked = queries::lock_open(&mut *tx, scope, ids).await?;
    let (own, others): (Vec<_>, Vec<_>) = locked
        .into_iter()
        .partition(|request| request.requested_by == user.id);
    let mut decided: Vec<i64> = others.iter().map(|request| request.id).collect();
    let wanted = decided.len() as i64;
    if verdict == Verdict::Approve {
        let obligations: Vec<i64> = others.iter().map(|request| request.obligation_id).collect();
        queries::lock_callbacks(&mut *tx, scope, &obligations).await?;
        queries::lock_reminders(&mut *tx, scope, &obligations).await?;
        let ended = queries::exempt(&mut *tx, scope, &decided, user.id, now).await?;
        supersede::refresh_callbacks(&mut *tx, scope, &ended.callbacks, now).await?;
        supersede::refresh_reminders(&mut *tx, scope, &ended.reminders, now).await?;
        decided = ended.requests;
    }
    let decision = Decision {
        verdict,
        by: user.id,
        answer,
        now,
    };
    let done = queries::decide(&mut *tx, scope, &decided, decision).await?;
    queries::lapse(&mut *tx, scope, now).await?;
    if done > 0 {
        let action = match verdict {
            Verdict::Approve => "exemptions.approve",
            Verdict::Refuse => "exemptions.refuse",
        };
        record(tx, user, action, &json!({ "exemptions": decided }), now).await?;
    }
    Ok(Decided {
        done,
        own: own.len() as i64,
        left: wanted - done,
    })
}

/// Takes an own request back. `false`: the store has no open one of this person.
pub async fn withdraw(
    tx: &mut PgConnection,
    user: &CurrentUser,
    id: ExemptionId,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let Some(obligation) = queries::withdraw(&mut *tx, user.scope(), id, user.id, now).await? else {
        return Ok(false);
    };
    record(
        tx,
        user,
        "exemptions.withdraw",
        &json!({ "obligations": [obligation] }),
        now,
    )
    .await?;
    Ok(true)
}

async fn record(
    tx: &mut PgConnection,
    user: &CurrentUser,
    action: &'static str,
    change: &Value,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let entry = Entry {
        store: Some(user.scope().store_id()),
        actor: user.actor(),
        action,
        subject: "exemptions",
        subject_id: None,
        change,
    };
    audit::record(tx, now, entry).await
}
