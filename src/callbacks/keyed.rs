//! Calls that were made without the screen and are keyed in afterwards: settled like any call, with the time of the call.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::auth::session::CurrentUser;
use crate::callbacks::call_page::CallData;
use crate::callbacks::forms::CallForm;
use crate::callbacks::queries::{self, claims};
use crate::callbacks::queue::Claim;
use crate::callbacks::service::{self, Settled, Settler};
use crate::callbacks::{CallbackId, queue};
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::web::error::AppResult;
use crate::web::form::FormErrors;
use crate::web::state::AppState;

/// A call as it stands on paper.
pub struct PaperCall {
    pub id: CallbackId,
    /// Who made it.
    pub caller: UserId,
    pub called_at: DateTime<Utc>,
    /// Of the line: keyed in twice, it is settled once.
    pub key: Uuid,
    /// What was typed, under the names of the call screen.
    pub pairs: Vec<(String, String)>,
}

/// What became of it.
pub enum Keyed {
    Settled,
    /// The same line was keyed in before.
    Before,
    /// Something typed is wrong, by the names of the call screen.
    Invalid(FormErrors),
    Refused(Refusal),
}

/// Why a call on paper is not taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Ended meanwhile.
    Ended,
    /// Somebody is on it now.
    Busy,
    /// The caller has served this customer.
    Served,
}

/// Settles one call from paper in a transaction of its own, so that one that is refused keeps back no other.
///
/// The lease is taken for the moment of writing, whatever else the caller holds.
pub async fn settle(
    app: &AppState,
    by: &CurrentUser,
    paper: PaperCall,
    now: DateTime<Utc>,
) -> AppResult<Keyed> {
    let scope = by.scope();
    if queries::settle::is_settled(&app.db, scope, paper.id, paper.key).await? {
        return Ok(Keyed::Before);
    }
    // What has ended is not worth a word about its fields.
    let state = claims::find_state(&app.db, scope, paper.id, paper.caller).await?;
    if state.is_none_or(|state| state.is_ended) {
        return Ok(Keyed::Refused(Refusal::Ended));
    }
    let form = CallForm::new(paper.pairs);
    let data = CallData::load(app, by, paper.id, &form, paper.called_at).await?;
    let listed = data.listed(&form);
    let input = match form.validate(&data.context(&listed)) {
        Ok(input) => input,
        Err(errors) => return Ok(Keyed::Invalid(errors)),
    };
    let mut tx = app.db.begin().await?;
    let claim = match claim(&mut tx, scope, paper.id, paper.caller, now).await? {
        Ok(claim) => claim,
        Err(refusal) => return Ok(Keyed::Refused(refusal)),
    };
    let settler = Settler {
        user: paper.caller,
        claim,
        key: paper.key,
        now: paper.called_at,
        recorded: Some((by.id, now)),
    };
    let settled = service::settle(&mut tx, scope, settler, &input).await?;
    match settled {
        Settled::Before => return Ok(Keyed::Before),
        Settled::Lost => return Ok(Keyed::Refused(Refusal::Busy)),
        Settled::Ended { .. } | Settled::RetryAt(_) | Settled::Message => {}
    }
    tx.commit().await?;
    Ok(Keyed::Settled)
}

/// The caller's own lease if they hold one, else a new one.
async fn claim(
    tx: &mut PgConnection,
    scope: StoreScope,
    id: CallbackId,
    caller: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<Result<Claim, Refusal>> {
    queue::release_expired(&mut *tx, now).await?;
    let held = claims::list_held(&mut *tx, scope, caller).await?;
    if let Some(held) = held.into_iter().find(|held| held.id == id) {
        return Ok(Ok(held));
    }
    let lease = claims::Lease::new(caller, now);
    if let Some(claim) = claims::claim_one(&mut *tx, scope, &lease, id, true).await? {
        return Ok(Ok(claim));
    }
    let state = claims::find_state(&mut *tx, scope, id, caller).await?;
    Ok(Err(match state {
        Some(state) if state.is_ended => Refusal::Ended,
        Some(state) if state.has_served => Refusal::Served,
        Some(_) => Refusal::Busy,
        None => Refusal::Ended,
    }))
}
