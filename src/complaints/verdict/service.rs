//! Judging, closing and reopening a case, in the caller's transaction; shared by the call screen and the page of the case.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::audit::{self, Actor, Entry};
use crate::callbacks::CallbackId;
use crate::complaints::verdict::calls;
use crate::complaints::verdict::model::{Effect, Given, Refusal, Standing};
use crate::complaints::verdict::queries::{self, NewEvent};
use crate::complaints::{ComplaintId, ComplaintState, Verdict, clocks};
use crate::stores::StoreScope;

/// What a write came to.
pub type Done<T> = sqlx::Result<Result<T, Refusal>>;

/// Writes the customer's verdict on a case that was dealt with, and closes or reopens it by it.
///
/// `version` is the one that was shown; a call has seen none.
pub async fn give_verdict(
    tx: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    now: DateTime<Utc>,
    id: ComplaintId,
    version: Option<i32>,
    given: &Given,
) -> Done<Effect> {
    let case = match lock(tx, scope, actor, id, version).await? {
        Ok(case) => case,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if !case.awaits_verdict() {
        return Ok(Err(Refusal::NotNow));
    }
    queries::set_verdict(&mut *tx, scope, id, given, actor.user_id(), now).await?;
    let event = NewEvent {
        kind: "verdict",
        by: actor.user_id(),
        from: None,
        to: None,
        body: Some(given.words.as_str()).filter(|words| !words.is_empty()),
        data: said(given),
    };
    queries::insert_event(&mut *tx, scope, id, &event, now).await?;
    let effect = Effect::of(given.verdict);
    match effect {
        Effect::Closed => end(tx, scope, actor, now, &case, None).await?,
        Effect::Reopened => begin_anew(tx, scope, actor, now, &case, None).await?,
    }
    let change = json!({ "verdict": given.verdict, "channel": given.channel, "callback": given.callback, "effect": effect });
    finish(tx, scope, actor, now, id, "complaints.judge", &change).await?;
    Ok(Ok(effect))
}

/// Closes a case without a satisfied or acceptable verdict. The caller makes sure that it is the manager's decision.
pub async fn close(
    tx: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    now: DateTime<Utc>,
    id: ComplaintId,
    version: Option<i32>,
    reason: &str,
) -> Done<Effect> {
    let case = match lock(tx, scope, actor, id, version).await? {
        Ok(case) => case,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if !case.may_close() {
        return Ok(Err(Refusal::NotNow));
    }
    end(tx, scope, actor, now, &case, Some(reason)).await?;
    finish(
        tx,
        scope,
        actor,
        now,
        id,
        "complaints.close",
        &json!({ "verdict": case.verdict }),
    )
    .await?;
    Ok(Ok(Effect::Closed))
}

/// Reopens a closed case within its month.
pub async fn reopen(
    tx: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    now: DateTime<Utc>,
    id: ComplaintId,
    version: Option<i32>,
    reason: &str,
) -> Done<Effect> {
    let case = match lock(tx, scope, actor, id, version).await? {
        Ok(case) => case,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if !case.may_reopen(now) {
        return Ok(Err(Refusal::NotNow));
    }
    begin_anew(tx, scope, actor, now, &case, Some(reason)).await?;
    finish(
        tx,
        scope,
        actor,
        now,
        id,
        "complaints.reopen",
        &json!({ "verdict": case.verdict }),
    )
    .await?;
    Ok(Ok(Effect::Reopened))
}

/// Writes what was said in a call some days after a major case was closed. Who is dissatisfied then has it reopened.
pub async fn note_after(
    tx: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    now: DateTime<Utc>,
    id: ComplaintId,
    given: &Given,
) -> Done<Option<Effect>> {
    let case = match lock(tx, scope, actor, id, None).await? {
        Ok(case) => case,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let event = NewEvent {
        kind: "contact",
        by: actor.user_id(),
        from: None,
        to: None,
        body: Some(given.words.as_str()).filter(|words| !words.is_empty()),
        data: said(given),
    };
    queries::insert_event(&mut *tx, scope, id, &event, now).await?;
    let is_reopened = given.verdict == Verdict::Dissatisfied && case.state == ComplaintState::Closed;
    if is_reopened {
        // In this order: a closed case cannot hold such a verdict.
        begin_anew(tx, scope, actor, now, &case, None).await?;
        queries::set_verdict(&mut *tx, scope, id, given, actor.user_id(), now).await?;
    }
    let effect = is_reopened.then_some(Effect::Reopened);
    let change = json!({ "verdict": given.verdict, "callback": given.callback, "effect": effect });
    finish(tx, scope, actor, now, id, "complaints.ask_after", &change).await?;
    Ok(Ok(effect))
}

async fn lock(
    tx: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    id: ComplaintId,
    version: Option<i32>,
) -> Done<Standing> {
    let Some(case) = queries::lock(tx, scope, id).await? else {
        return Ok(Err(Refusal::Gone));
    };
    Ok(if version.is_some_and(|version| version != case.version) {
        Err(Refusal::Changed)
    } else if version.is_some() && actor.user_id().is_some_and(|user| case.was_handled_by(user)) {
        // A call is not given to a handler in the first place; what was said in one is never thrown away.
        Err(Refusal::Handler)
    } else {
        Ok(case)
    })
}

async fn end(
    tx: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    now: DateTime<Utc>,
    case: &Standing,
    reason: Option<&str>,
) -> sqlx::Result<()> {
    queries::close(&mut *tx, scope, case.id, reason, actor.user_id(), now).await?;
    let event = NewEvent {
        kind: "closed",
        by: actor.user_id(),
        from: Some(case.state),
        to: Some(ComplaintState::Closed),
        body: reason,
        data: json!({}),
    };
    queries::insert_event(tx, scope, case.id, &event, now).await
}

async fn begin_anew(
    tx: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    now: DateTime<Utc>,
    case: &Standing,
    reason: Option<&str>,
) -> sqlx::Result<()> {
    let state = queries::reopen(&mut *tx, scope, case.id, now).await?;
    let event = NewEvent {
        kind: "reopened",
        by: actor.user_id(),
        from: Some(case.state),
        to: Some(state),
        body: reason,
        data: json!({}),
    };
    queries::insert_event(tx, scope, case.id, &event, now).await
}

/// The verdict as the timeline keeps it; the words are its body.
fn said(given: &Given) -> Value {
    json!({
        "verdict": given.verdict,
        "score": given.score,
        "is_solved": given.is_solved,
        "channel": given.channel,
        "callback": given.callback.map(CallbackId::get),
    })
}

/// Clocks, calls and the audit row.
async fn finish(
    tx: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    now: DateTime<Utc>,
    id: ComplaintId,
    action: &'static str,
    change: &Value,
) -> sqlx::Result<()> {
    clocks::sync(&mut *tx, scope, id, now).await?;
    calls::follow(&mut *tx, scope, id, now).await?;
    let entry = Entry {
        store: Some(scope.store_id()),
        actor,
        action,
        subject: "complaints",
        subject_id: Some(id.get()),
        change,
    };
    audit::record(tx, now, entry).await
}
