//! Settling a call: everything that one dial has led to, in one transaction.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::audit::{self, Actor, Entry};
use crate::calendar::StoreCalendar;
use crate::callbacks::follow_ups::{self, NoCalls, Said};
use crate::callbacks::forms::{SettleInput, Survey};
use crate::callbacks::model::{
    CallbackStatus, CarEffect, ContactResult, Daypart, Dial, Follow, GivenUp, NextStep, PhoneEffect,
    RetryPolicy, Situation, next_step,
};
use crate::callbacks::queries::settle::{self, EndedBy, Endings, NewAttempt, NewResponse, OpenItem, Refresh};
use crate::callbacks::queries::{call, governor, messages as outbox};
use crate::callbacks::queue::Claim;
use crate::callbacks::{AttemptId, CallbackId, best, messages};
use crate::complaints::service::NewComplaint;
use crate::complaints::verdict::{self, Effect, calls};
use crate::complaints::{self, ComplaintChannel, Verdict};
use crate::customers::{CustomerId, PhoneState, consents};
use crate::obligations::ObligationId;
use crate::stores::{self, StoreScope};
use crate::users::UserId;
use crate::vehicles::{self, VehicleState, VehicleUsage};

/// What became of a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    Ended {
        complaint: bool,
        /// What became of a case that the customer has judged.
        case: Option<Effect>,
    },
    /// Back in the queue.
    RetryAt(DateTime<Utc>),
    /// The dials are used up: the message waits to be sent, and its answer is awaited.
    Message,
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
    verdict::queries::lock_cases_of_call(&mut *tx, scope, id).await?;
    let Some(customer) = settle::lock_claim(&mut *tx, scope, by.claim, by.user).await? else {
        let before = settle::is_settled(&mut *tx, scope, id, by.key).await?;
        return Ok(if before { Settled::Before } else { Settled::Lost });
    };
    let calendar = stores::calendar::load(&mut *tx, scope).await?;
    let open = settle::list_open_items(&mut *tx, scope, id).await?;
    follow_ups::write_phone(tx, scope, &said(by, customer, &calendar), &input.follow_ups).await?;
    let decision = decide(tx, scope, by, customer, &open, input, &calendar).await?;
    let step = decision.step;
    let attempt = write_attempt(tx, scope, by, customer, input, step, &calendar).await?;
    write_responses(tx, scope, by, customer, attempt, input).await?;
    let endings = endings(input, &decision, &open);
    let ended_by = EndedBy {
        callback: id,
        user: by.user,
        attempt,
        at: by.now,
    };
    settle::end_items(&mut *tx, scope, &endings, &ended_by).await?;
    write_message(tx, scope, by, customer, &open, &decision).await?;
    if matches!(input.result.rule().follow, Follow::Agreed | Follow::Shortly) {
        // The customer was heard after all: what was written is answered, and the calls go on.
        outbox::untie(&mut *tx, scope, id).await?;
    }
    note_phone_and_wishes(tx, scope, by, customer, input, &calendar).await?;
    note_cars(tx, scope, by, &open, input).await?;
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
    outbox::cancel_needless(&mut *tx, scope, by.now).await?;
    governor::hold(&mut *tx, scope, &[id.get()], by.now).await?;
    settle::delete_drafts(&mut *tx, scope, by.user, &draft_subject(id), is_ended).await?;
    let complaint = open_complaint(tx, scope, by, customer, &open, input).await?;
    let case = judge_cases(tx, scope, by, &open, input).await?;
    follow_ups::write(tx, scope, &said(by, customer, &calendar), &input.follow_ups).await?;
    record(tx, scope, by, attempt, input).await?;
    Ok(match step {
        NextStep::RetryAt(at) if !is_ended => Settled::RetryAt(at),
        NextStep::Message if !is_ended => Settled::Message,
        NextStep::RetryAt(_) | NextStep::Message | NextStep::Done | NextStep::Exhausted(_) => {
            Settled::Ended { complaint, case }
        }
    })
}

fn said(by: Settler, customer: CustomerId, calendar: &StoreCalendar) -> Said {
    Said {
        customer,
        callback: by.claim.id,
        actor: Actor::User(by.user),
        today: calendar.local_day(by.now),
        now: by.now,
    }
}

/// What a dial leads to.
struct Decision {
    /// For the call as a whole.
    step: NextStep,
    /// Entries of the form whose own dials are used up: they are written about, or end where nobody can be written to.
    tried: Vec<ObligationId>,
    can_write: bool,
}

/// What the dial leads to, from the rules and everything that was tried before. An entry that joined the call between two
/// dials has only those after it: each is given up for itself, and the call goes on for the others.
async fn decide(
    tx: &mut PgConnection,
    scope: StoreScope,
    by: Settler,
    customer: CustomerId,
    open: &[OpenItem],
    input: &SettleInput,
    calendar: &StoreCalendar,
) -> sqlx::Result<Decision> {
    let kinds: Vec<String> = open.iter().map(|item| item.kind.clone()).collect();
    let earlier = settle::list_dials(&mut *tx, scope, by.claim.id).await?;
    let phones = call::list_phones(&mut *tx, scope, customer).await?;
    let situation = Situation {
        earlier: &earlier,
        agreed_at: input.agreed_at,
        has_other_phone: phones
            .iter()
            .any(|phone| phone.is_usable() && Some(phone.id) != input.phone),
        can_write: outbox::find_mobile(&mut *tx, scope, customer).await?.is_some(),
        best: best_part(tx, scope, by, customer, input, calendar).await?,
        callable_due_at: open.iter().map(|item| item.callable_due_at).min(),
        calendar,
        policy: settle::find_policy(&mut *tx, scope, &kinds, calendar.local_day(by.now)).await?,
    };
    let dial = Dial {
        at: by.now,
        result: input.result,
    };
    let listed = open.iter().filter(|item| input.listed.contains(&item.id));
    Ok(combine(listed, &situation, dial))
}

/// The part of the day to prefer, where a next try is to be found at all.
async fn best_part(
    tx: &mut PgConnection,
    scope: StoreScope,
    by: Settler,
    customer: CustomerId,
    input: &SettleInput,
    calendar: &StoreCalendar,
) -> sqlx::Result<Option<Daypart>> {
    match input.result.rule().follow {
        Follow::Again | Follow::AnotherDay => {
            let best = best::find(tx, scope, customer, calendar, by.now).await?;
            Ok(best.map(|best| best.daypart()))
        }
        Follow::Done | Follow::Refused | Follow::Agreed | Follow::NextNumber | Follow::Shortly => Ok(None),
    }
}

fn combine<'a>(items: impl Iterator<Item = &'a OpenItem>, situation: &Situation<'_>, dial: Dial) -> Decision {
    let mut decision = Decision {
        step: next_step(situation, dial),
        tried: Vec::new(),
        can_write: situation.can_write,
    };
    let mut retry: Option<DateTime<Utc>> = None;
    let mut is_awaited = false;
    for item in items {
        let about_it = situation.earlier.iter().copied();
        let its: Vec<Dial> = about_it.filter(|dial| item.is_about(dial)).collect();
        let its_situation = Situation {
            earlier: &its,
            // What has been written about waits for its answer, whatever has become of the number since.
            can_write: situation.can_write || item.is_written,
            ..*situation
        };
        match next_step(&its_situation, dial) {
            NextStep::RetryAt(at) => retry = Some(retry.map_or(at, |other| other.min(at))),
            NextStep::Message | NextStep::Exhausted(GivenUp::Unreachable) if !item.is_written => {
                decision.tried.push(item.id);
            }
            NextStep::Message => is_awaited = true,
            NextStep::Done | NextStep::Exhausted(_) => {}
        }
    }
    if let Some(at) = retry {
        decision.step = NextStep::RetryAt(at);
    } else if is_awaited {
        decision.step = NextStep::Message;
    }
    decision
}

/// Writes about what was tried often enough, while something else may go on being dialled.
async fn write_message(
    tx: &mut PgConnection,
    scope: StoreScope,
    by: Settler,
    customer: CustomerId,
    open: &[OpenItem],
    decision: &Decision,
) -> sqlx::Result<()> {
    let is_tried = |item: &&OpenItem| decision.tried.contains(&item.id);
    let items: Vec<&OpenItem> = open.iter().filter(is_tried).collect();
    if items.is_empty() || !decision.can_write {
        return Ok(());
    }
    let tried: Vec<i64> = items.iter().map(|item| item.id.get()).collect();
    let is_about_visit = items.iter().any(|item| item.visit_id.is_some());
    messages::write(tx, scope, (by.claim.id, customer), &tried, is_about_visit, by.now).await?;
    Ok(())
}

/// When the call may be tried again; after a conversation that left something open, as after a dial without an answer.
fn next_at(step: NextStep, now: DateTime<Utc>, calendar: &StoreCalendar) -> Option<DateTime<Utc>> {
    match step {
        NextStep::RetryAt(at) => Some(at),
        NextStep::Done | NextStep::Exhausted(_) | NextStep::Message => {
            calendar.first_callable_from(now + RetryPolicy::default().spacing)
        }
    }
}

const fn ending(step: NextStep) -> CallbackStatus {
    match step {
        NextStep::Done => CallbackStatus::Done,
        NextStep::Exhausted(_) => CallbackStatus::Exhausted,
        // Everything was ended by somebody else while the call was made.
        NextStep::RetryAt(_) | NextStep::Message => CallbackStatus::Cancelled,
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
            NextStep::Done | NextStep::Exhausted(_) | NextStep::Message => None,
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
        reasons,
    } in &input.surveys
    {
        let mut answers = checked.answers.clone();
        if !reasons.is_empty() {
            answers.insert("reasons".to_owned(), json!(reasons));
        }
        let response = NewResponse {
            obligation: *obligation,
            attempt: Some(attempt),
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
fn endings(input: &SettleInput, decision: &Decision, open: &[OpenItem]) -> Endings {
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
    match decision.step {
        NextStep::RetryAt(_) | NextStep::Message if decision.can_write => {}
        NextStep::RetryAt(_) | NextStep::Message | NextStep::Exhausted(GivenUp::Unreachable) => {
            for id in &decision.tried {
                add(id.get(), "exhausted", Some(GivenUp::Unreachable.as_str()), None);
            }
        }
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
            for (id, given) in &input.cases {
                let satisfied = given.verdict != Verdict::Dissatisfied;
                add(id.get(), "done", Some(given.verdict.as_str()), Some(satisfied));
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
    if input.follow_ups.no_calls == Some(NoCalls::Survey) {
        follow_ups::refuse_surveys(&mut *tx, scope, &said(by, customer, calendar)).await?;
    }
    if input.wants_no_calls {
        consents::service::refuse_calls(&mut *tx, scope, Actor::User(by.user), customer, by.now).await?;
        settle::exempt_calls(&mut *tx, scope, customer, by.now).await?;
    }
    Ok(())
}

/// A car that was sold, given away, taken elsewhere or put to business is noted as such, once per car.
async fn note_cars(
    tx: &mut PgConnection,
    scope: StoreScope,
    by: Settler,
    open: &[OpenItem],
    input: &SettleInput,
) -> sqlx::Result<()> {
    for (id, result) in &input.contacts {
        let (state, usage) = match result.car_effect() {
            CarEffect::None => continue,
            CarEffect::Sold => (Some(VehicleState::Sold), None),
            CarEffect::Moved => (Some(VehicleState::Moved), None),
            CarEffect::Commercial => (None, Some(VehicleUsage::Commercial)),
        };
        let item = open.iter().find(|item| item.id == *id);
        if let Some(vehicle) = item.and_then(|item| item.vehicle_id) {
            let actor = Actor::User(by.user);
            vehicles::service::note_said(&mut *tx, scope, actor, vehicle, (state, usage), by.now).await?;
        }
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
    let (class, severity, words) = (complaint.class, complaint.severity, complaint.words.clone());
    let new = NewComplaint {
        customer_id: Some(customer),
        vehicle_id: about.and_then(|item| item.vehicle_id),
        visit_id: about.and_then(|item| item.visit_id),
        from_callback_id: Some(by.claim.id),
        class_minor: complaint.class_minor.clone(),
        department_id: complaint.department,
        demand: complaint.demand.clone(),
        ..NewComplaint::new(ComplaintChannel::Callback, class, severity, words)
    };
    complaints::service::open(tx, scope, Actor::User(by.user), by.now, new).await?;
    Ok(true)
}

/// Writes the verdicts on the cases; what became of the last one that closed or reopened.
async fn judge_cases(
    tx: &mut PgConnection,
    scope: StoreScope,
    by: Settler,
    open: &[OpenItem],
    input: &SettleInput,
) -> sqlx::Result<Option<Effect>> {
    let mut last = None;
    for (id, given) in &input.cases {
        let Some(item) = open.iter().find(|item| item.id == *id) else {
            continue;
        };
        let Some(case) = item.complaint_id else { continue };
        let actor = Actor::User(by.user);
        let judged = if calls::is_after(&item.kind) {
            None
        } else {
            verdict::service::give_verdict(&mut *tx, scope, actor, by.now, case, None, given)
                .await?
                .ok()
        };
        // A case that is not to be judged now keeps the words all the same.
        let effect = match judged {
            Some(effect) => Some(effect),
            None => verdict::service::note_after(&mut *tx, scope, actor, by.now, case, given)
                .await?
                .unwrap_or_default(),
        };
        last = effect.or(last);
    }
    Ok(last)
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
