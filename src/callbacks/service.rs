//! Settling a call: everything that one dial has led to, in one transaction.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::audit::{self, Actor, Entry};
use crate::calendar::StoreCalendar;
use crate::callbacks::forms::{SettleInput, Survey};
use crate::callbacks::model::{
    CallbackStatus, ContactResult, Daypart, Dial, NextStep, PhoneEffect, RetryPolicy, next_step,
};
use crate::callbacks::queries::call;
use crate::callbacks::queries::settle::{self, EndedBy, Endings, NewAttempt, NewResponse, OpenItem, Refresh};
use crate::callbacks::queue::Claim;
use crate::callbacks::{AttemptId, CallbackId};
use crate::complaints::service::NewComplaint;
use crate::complaints::{self, ComplaintChannel};
use crate::customers::{CustomerId, PhoneState, consents};
use crate::stores::{self, StoreScope};
use crate::users::UserId;

/// What became of a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    Ended {
        complaint: bool,
    },
    /// Back in the queue.
    RetryAt(DateTime<Utc>),
    /// The same form was settled before; nothing was written.
    Before,
    /// The lease was lost; nothing was written.
    Lost,
}

/// Subject of the draft of a call.
pub fn draft_subject(id: CallbackId) -> String {
    format!("callback:{id}")
}

/// Who settles which lease with which form.
#[derive(Clone, Copy, Debug)]
pub struct Settler {
    pub user: UserId,
    pub claim: Claim,
    /// Of the form: a second post of it changes nothing.
    pub key: Uuid,
    /// When the call was.
    pub now: DateTime<Utc>,
    /// Who wrote it down and when, if not the caller at once: a call from paper.
    pub recorded: Option<(UserId, DateTime<Utc>)>,
}

/// Writes the dial, the answers, the endings, what is known about the number, the complaint and the next try.
pub async fn settle(
    tx: &mut PgConnection,
    scope: StoreScope,
    by: Settler,
    input: &SettleInput,
) -> sqlx::Result<Settled> {
    let id = by.claim.id;
    let Some(customer) = settle::lock_claim(&mut *tx, scope, by.claim, by.user).await? else {
        let before = settle::is_settled(&mut *tx, scope, id, by.key).await?;
        return Ok(if before { Settled::Before } else { Settled::Lost });
    };
    let calendar = stores::calendar::load(&mut *tx, scope).await?;
    let open = settle::list_open_items(&mut *tx, scope, id).await?;
    let step = decide(tx, scope, by, customer, &open, input, &calendar).await?;
    let attempt = write_attempt(tx, scope, by, customer, input, step, &calendar).await?;
    write_responses(tx, scope, by, customer, attempt, input).await?;
    let endings = endings(input, step, &open);
    let ended_by = EndedBy {
        callback: id,
        user: by.user,
        attempt,
        at: by.now,
    };
    settle::end_items(&mut *tx, scope, &endings, &ended_by).await?;
    note_phone_and_wishes(tx, scope, by, customer, input, &calendar).await?;
    let refresh = Refresh {
        id,
        result: input.result,
        at: by.now,
        next_at: next_at(step, by.now, &calendar),
        agreed_at: input.agreed_at,
        counts_as_dial: input.result.consumes_attempt(),
        ending: ending(step),
    };
    let status = settle::refresh(&mut *tx, scope, &refresh).await?;
    let is_ended = status != CallbackStatus::Open;
    settle::delete_drafts(&mut *tx, scope, by.user, &draft_subject(id), is_ended).await?;
    let complaint = open_complaint(tx, scope, by, customer, &open, input).await?;
    record(tx, scope, by, attempt, input).await?;
    Ok(match step {
        NextStep::RetryAt(at) if !is_ended => Settled::RetryAt(at),
        NextStep::RetryAt(_) | NextStep::Done | NextStep::Exhausted(_) => Settled::Ended { complaint },
    })
}

/// What the dial leads to, from the rules and everything that was tried before.
async fn decide(
    tx: &mut PgConnection,
    scope: StoreScope,
    by: Settler,
    customer: CustomerId,
    open: &[OpenItem],
    input: &SettleInput,
    calendar: &StoreCalendar,
) -> sqlx::Result<NextStep> {
    let kinds: Vec<String> = open.iter().map(|item| item.kind.clone()).collect();
    let policy: RetryPolicy = settle::find_policy(&mut *tx, scope, &kinds).await?;
    let earlier = settle::list_dials(&mut *tx, scope, by.claim.id).await?;
    let phones = call::list_phones(&mut *tx, scope, customer).await?;
    let has_other = phones
        .iter()
        .any(|phone| phone.is_usable() && Some(phone.id) != input.phone);
    let dial = Dial {
        at: by.now,
        result: input.result,
    };
    Ok(next_step(
        &earlier,
        dial,
        input.agreed_at,
        has_other,
        calendar,
        &policy,
    ))
}

/// When the call may be tried again; after a conversation that left something open, as after a dial without an answer.
fn next_at(step: NextStep, now: DateTime<Utc>, calendar: &StoreCalendar) -> Option<DateTime<Utc>> {
    match step {
        NextStep::RetryAt(at) => Some(at),
        NextStep::Done | NextStep::Exhausted(_) => {
            calendar.first_callable_from(now + RetryPolicy::default().spacing)
        }
    }
}

const fn ending(step: NextStep) -> CallbackStatus {
    match step {
        NextStep::Done => CallbackStatus::Done,
        NextStep::Exhausted(_) => CallbackStatus::Exhausted,
        // Everything was ended by somebody else while the call was made.
        NextStep::RetryAt(_) => CallbackStatus::Cancelled,
    }
}

async fn write_attempt(
    tx: &mut PgConnection,
    scope: StoreScope,
    by: Settler,
    customer: CustomerId,
    input: &SettleInput,
    step: NextStep,
    calendar: &StoreCalendar,
) -> sqlx::Result<AttemptId> {
    let attempt = NewAttempt {
        callback: by.claim.id,
        customer,
        user: by.user,
        at: by.now,
        on_day: calendar.local_day(by.now),
        daypart: Daypart::of(calendar, by.now).map_or(0, Daypart::number),
        result: input.result,
        phone: input.phone,
        next_at: match step {
            NextStep::RetryAt(at) => Some(at),
            NextStep::Done | NextStep::Exhausted(_) => None,
        },
        note: input.note.as_deref(),
        key: by.key,
    };
    settle::insert_attempt(tx, scope, attempt).await
}

/// One set of answers per visit asked about; reasons go with every dissatisfied one.
async fn write_responses(
    tx: &mut PgConnection,
    scope: StoreScope,
    by: Settler,
    customer: CustomerId,
    attempt: AttemptId,
    input: &SettleInput,
) -> sqlx::Result<()> {
    for Survey {
        obligation,
        version,
        checked,
    } in &input.surveys
    {
        let mut answers = checked.answers.clone();
        if !input.reasons.is_empty() {
            answers.insert("reasons".to_owned(), json!(input.reasons));
        }
        let response = NewResponse {
            obligation: *obligation,
            attempt,
            customer,
            script_version: *version,
            answers: &answers.into(),
            overall: checked.overall,
            nps: checked.nps,
            is_dissatisfied: checked.is_dissatisfied,
            words: input.words.as_deref(),
            at: by.now,
        };
        settle::insert_response(&mut *tx, scope, response).await?;
    }
    Ok(())
}

/// Which of the open obligations end and how; what was not on the screen stays open.
fn endings(input: &SettleInput, step: NextStep, open: &[OpenItem]) -> Endings {
    let mut endings = Endings {
        is_connected: input.result.is_connected(),
        ..Endings::default()
    };
    let mut add = |id: i64, status: &str, reason: Option<&str>, satisfied: Option<bool>| {
        endings.ids.push(id);
        endings.statuses.push(status.to_owned());
        endings.reasons.push(reason.map(str::to_owned));
        endings.satisfied.push(satisfied);
    };
    match step {
        NextStep::RetryAt(_) => {}
        NextStep::Exhausted(why) => {
            for item in open.iter().filter(|item| input.listed.contains(&item.id)) {
                add(item.id.get(), "exhausted", Some(why.as_str()), None);
            }
        }
        NextStep::Done => {
            for survey in &input.surveys {
                let satisfied = !survey.checked.is_dissatisfied;
                add(survey.obligation.get(), "done", None, Some(satisfied));
            }
            for (id, result) in &input.contacts {
                if *result != ContactResult::NotReached {
                    add(id.get(), "done", Some(result.as_str()), None);
                }
            }
        }
    }
    endings
}

async fn note_phone_and_wishes(
    tx: &mut PgConnection,
    scope: StoreScope,
    by: Settler,
    customer: CustomerId,
    input: &SettleInput,
    calendar: &StoreCalendar,
) -> sqlx::Result<()> {
    let state = match input.result.phone_effect() {
        PhoneEffect::None => None,
        PhoneEffect::Proven => Some(PhoneState::Ok),
        PhoneEffect::Unverified => Some(PhoneState::Unverified),
        PhoneEffect::Dead => Some(PhoneState::Dead),
        PhoneEffect::Wrong => Some(PhoneState::Wrong),
    };
    if let (Some(state), Some(phone)) = (state, input.phone) {
        let day = calendar.local_day(by.now);
        settle::set_phone_state(&mut *tx, scope, customer, phone, state, day).await?;
    }
    if input.wants_no_calls {
        consents::service::refuse_calls(&mut *tx, scope, Actor::User(by.user), customer, by.now).await?;
        settle::exempt_calls(&mut *tx, scope, customer, by.now).await?;
    }
    Ok(())
}

async fn open_complaint(
    tx: &mut PgConnection,
    scope: StoreScope,
    by: Settler,
    customer: CustomerId,
    open: &[OpenItem],
    input: &SettleInput,
) -> sqlx::Result<bool> {
    let Some(complaint) = &input.complaint else {
        return Ok(false);
    };
    let dissatisfied = input.surveys.iter().find(|survey| survey.checked.is_dissatisfied);
    let about = dissatisfied
        .and_then(|survey| open.iter().find(|item| item.id == survey.obligation))
        .or_else(|| open.first());
    let new = NewComplaint {
        channel: ComplaintChannel::Callback,
        customer_id: Some(customer),
        vehicle_id: about.and_then(|item| item.vehicle_id),
        visit_id: about.and_then(|item| item.visit_id),
        from_callback_id: Some(by.claim.id),
        class: complaint.class,
        class_minor: complaint.class_minor.clone(),
        severity: complaint.severity,
        department_id: complaint.department,
        words: complaint.words.clone(),
        demand: complaint.demand.clone(),
    };
    complaints::service::open(tx, scope, Actor::User(by.user), by.now, new).await?;
    Ok(true)
}

async fn record(
    tx: &mut PgConnection,
    scope: StoreScope,
    by: Settler,
    attempt: AttemptId,
    input: &SettleInput,
) -> sqlx::Result<()> {
    let change = json!({ "attempt": attempt, "result": input.result });
    let (actor, at) = by.recorded.unwrap_or((by.user, by.now));
    let entry = Entry {
        store: Some(scope.store_id()),
        actor: Actor::User(actor),
        action: "callbacks.settle",
        subject: "callbacks",
        subject_id: Some(by.claim.id.get()),
        change: &change,
    };
    audit::record(tx, at, entry).await
}
