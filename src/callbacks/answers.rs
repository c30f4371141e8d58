//! What a customer answers through the link of a message: the same as said on the telephone, without a caller.
//!
//! A token works once and only while something is open that its message asks about. Whoever brings the transaction has
//! no session: the token is all that is known, and it is worth no more than one set of answers.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::audit::{self, Actor, Entry};
use crate::callbacks::model::CallbackStatus;
use crate::callbacks::queries::answers::{self as queries, AskedVisit, LinkRow};
use crate::callbacks::queries::settle::{self, NewResponse};
use crate::callbacks::queries::{self as calls, follow_ups, governor, messages as outbox};
use crate::complaints::service::NewComplaint;
use crate::complaints::{self, ComplaintChannel, ComplaintClass, Severity};
use crate::customers::PhoneState;
use crate::customers::consents::model::Decision;
use crate::customers::consents::{self, ConsentChannel, Purpose};
use crate::scripts::Checked;
use crate::stores::{self, StoreScope};

/// How a link stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    Open,
    Answered,
    /// The customer wants no more questions.
    Refused,
    /// Nothing is open any more that it asks about.
    Ended,
}

/// What stands behind a token.
pub struct Link {
    pub message: LinkRow,
    pub visits: Vec<AskedVisit>,
}

impl Link {
    /// The store that wrote the message.
    pub const fn scope(&self) -> StoreScope {
        StoreScope::for_job(self.message.store_id)
    }

    /// Whether it can be answered.
    pub fn state(&self) -> LinkState {
        match (self.message.answered_at, self.message.is_refused) {
            (Some(_), true) => LinkState::Refused,
            (Some(_), false) => LinkState::Answered,
            (None, _) if self.visits.is_empty() => LinkState::Ended,
            (None, _) => LinkState::Open,
        }
    }
}

/// Finds what stands behind a token; nothing where nobody was given it.
pub async fn find(db: &mut PgConnection, token: Uuid) -> sqlx::Result<Option<Link>> {
    let Some(message) = queries::find_any_store(&mut *db, token).await? else {
        return Ok(None);
    };
    let scope = StoreScope::for_job(message.store_id);
    let visits = queries::list_asked(db, scope, message.id).await?;
    Ok(Some(Link { message, visits }))
}

/// Checked answers about one visit.
pub struct VisitAnswers {
    pub visit: AskedVisit,
    pub checked: Checked,
}

/// Everything that the customer sent.
pub struct Answers {
    pub visits: Vec<VisitAnswers>,
    /// Codes of the reasons of whoever is dissatisfied.
    pub reasons: Vec<String>,
    /// What the first of them is about.
    pub class: ComplaintClass,
    pub words: Option<String>,
    /// What a complaint says where the customer wrote nothing.
    pub low: String,
    /// The customer wants no more questions after these.
    pub no_more: bool,
}

/// Locks the call and looks again at what is open.
async fn lock(tx: &mut PgConnection, link: &Link) -> sqlx::Result<Vec<AskedVisit>> {
    let scope = link.scope();
    calls::lock(&mut *tx, scope, &[link.message.callback_id.get()]).await?;
    queries::list_asked(tx, scope, link.message.id).await
}

/// Writes the answers, ends what they are about, and opens a complaint for whoever is dissatisfied. `false`: the link was
/// used up or ended meanwhile, and nothing was written.
pub async fn answer(
    tx: &mut PgConnection,
    link: &Link,
    answers: &Answers,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let (scope, message) = (link.scope(), &link.message);
    let open = lock(&mut *tx, link).await?;
    let is_open = |answer: &&VisitAnswers| open.iter().any(|visit| visit.id == answer.visit.id);
    let given: Vec<&VisitAnswers> = answers.visits.iter().filter(is_open).collect();
    if given.is_empty() || !queries::mark(&mut *tx, scope, message.id, false, now).await? {
        return Ok(false);
    }
    for answer in &given {
        write_response(&mut *tx, link, answer, answers, now).await?;
    }
    let ids: Vec<i64> = given.iter().map(|answer| answer.visit.id.get()).collect();
    let satisfied: Vec<bool> = given
        .iter()
        .map(|answer| !answer.checked.is_dissatisfied)
        .collect();
    queries::end(&mut *tx, scope, message.id, (&ids, &satisfied), now).await?;
    if let Some(low) = given.iter().find(|answer| answer.checked.is_dissatisfied) {
        open_complaint(&mut *tx, link, &low.visit, answers, now).await?;
    }
    if answers.no_more {
        refuse_surveys(&mut *tx, link, now).await?;
    }
    finish(tx, link, CallbackStatus::Done, now).await?;
    Ok(true)
}

/// Notes that the customer wants no questions any more, these ones included. `false` as in [`answer`].
pub async fn refuse(tx: &mut PgConnection, link: &Link, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let open = lock(&mut *tx, link).await?;
    if open.is_empty() || !queries::mark(&mut *tx, link.scope(), link.message.id, true, now).await? {
        return Ok(false);
    }
    refuse_surveys(&mut *tx, link, now).await?;
    finish(tx, link, CallbackStatus::Cancelled, now).await?;
    Ok(true)
}

async fn write_response(
    tx: &mut PgConnection,
    link: &Link,
    answer: &VisitAnswers,
    answers: &Answers,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let mut given = answer.checked.answers.clone();
    if answer.checked.is_dissatisfied && !answers.reasons.is_empty() {
        given.insert("reasons".to_owned(), json!(answers.reasons));
    }
    let response = NewResponse {
        obligation: answer.visit.id,
        attempt: None,
        customer: link.message.customer_id,
        script_version: link.message.script_version_id,
        answers: &given.into(),
        overall: answer.checked.overall,
        nps: answer.checked.nps,
        is_dissatisfied: answer.checked.is_dissatisfied,
        words: answers.words.as_deref(),
        at: now,
    };
    settle::insert_response(tx, link.scope(), response).await
}

async fn open_complaint(
    tx: &mut PgConnection,
    link: &Link,
    about: &AskedVisit,
    answers: &Answers,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let words = answers.words.clone().unwrap_or_else(|| answers.low.clone());
    let new = NewComplaint {
        customer_id: Some(link.message.customer_id),
        vehicle_id: about.vehicle_id,
        visit_id: about.visit_id,
        from_callback_id: Some(link.message.callback_id),
        class_minor: answers.reasons.first().cloned().unwrap_or_default(),
        ..NewComplaint::new(ComplaintChannel::Callback, answers.class, Severity::D, words)
    };
    complaints::service::open(tx, link.scope(), Actor::System, now, new).await?;
    Ok(())
}

async fn refuse_surveys(tx: &mut PgConnection, link: &Link, now: DateTime<Utc>) -> sqlx::Result<()> {
    let (scope, customer) = (link.scope(), link.message.customer_id);
    let decision = Decision {
        purposes: vec![Purpose::Survey],
        is_given: false,
        channel: ConsentChannel::Web,
        evidence: String::new(),
    };
    consents::service::record(&mut *tx, scope, Actor::System, customer, &decision, now).await?;
    follow_ups::exempt_surveys(&mut *tx, scope, customer, now).await?;
    Ok(())
}

/// Brings the call and the number into step. What else was written about goes on as a call: its customer is there.
async fn finish(
    tx: &mut PgConnection,
    link: &Link,
    ending: CallbackStatus,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let (scope, message) = (link.scope(), &link.message);
    outbox::untie(&mut *tx, scope, message.callback_id).await?;
    queries::refresh(&mut *tx, scope, message.callback_id, ending, now).await?;
    governor::hold(&mut *tx, scope, &[message.callback_id.get()], now).await?;
    let day = stores::calendar::local_day(&mut *tx, scope, now).await?;
    let (customer, phone) = (message.customer_id, message.phone_id);
    settle::set_phone_state(&mut *tx, scope, customer, phone, PhoneState::Ok, day).await?;
    let change = json!({ "message_id": message.id, "refused": ending == CallbackStatus::Cancelled });
    let entry = Entry {
        store: Some(scope.store_id()),
        actor: Actor::System,
        action: "callbacks.answer",
        subject: "callbacks",
        subject_id: Some(message.callback_id.get()),
        change: &change,
    };
    audit::record(tx, now, entry).await
}
