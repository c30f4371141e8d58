//! The message after the last dial: written when the dials are used up, sent by hand until a provider is connected, and
//! awaited. What is not answered in time ends as 尽责未达 by [`tend`], and never earlier.

use std::ops::AddAssign;

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::audit::{self, Actor, Entry};
use crate::callbacks::CallbackId;
use crate::callbacks::queries::messages::{self as queries, NewMessage};
use crate::callbacks::queries::{governor, settle};
use crate::customers::CustomerId;
use crate::i18n::Lang;
use crate::i18n::callbacks::T;
use crate::stores::{self, StoreScope};
use crate::text_enum;
use crate::users::UserId;

crate::id_type! {
    /// A message on its way out of the house.
    MessageId
}

text_enum! {
    /// Life of a message.
    pub enum MessageStatus {
        Queued = "queued",
        Delivered = "delivered",
        Failed = "failed",
        /// Needed no more before it went out.
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// What a person records about a message that they sent by hand.
    pub enum ByHand {
        Sent = "sent",
        Failed = "failed",
    }
}

impl ByHand {
    const fn status(self) -> MessageStatus {
        match self {
            ByHand::Sent => MessageStatus::Delivered,
            ByHand::Failed => MessageStatus::Failed,
        }
    }
}

/// Stands in the text of a message where its link goes: the address of the house may change, the text stays.
pub const LINK: &str = "{link}";

/// The text of a message as it goes out, from the address that people type.
pub fn text(body: &str, token: Uuid, origin: &str) -> String {
    body.replace(LINK, &format!("{origin}/q/{}", token.simple()))
}

/// Customers are written to in the language of the store's country.
const TO_CUSTOMERS: T = T(Lang::Zh);

/// Puts the message about these entries into the outbox; `false` where no number takes messages.
pub async fn write(
    tx: &mut PgConnection,
    scope: StoreScope,
    (callback, customer): (CallbackId, CustomerId),
    obligations: &[i64],
    is_about_visit: bool,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let Some(mobile) = queries::find_mobile(&mut *tx, scope, customer).await? else {
        return Ok(false);
    };
    let store = stores::queries::find_name(&mut *tx, scope).await?;
    let body = if is_about_visit {
        TO_CUSTOMERS.sms_after_visit(&store, LINK)
    } else {
        TO_CUSTOMERS.sms_please_call(&store)
    };
    let new = NewMessage {
        callback,
        customer,
        mobile: &mobile,
        body: &body,
        is_about_visit,
        now,
    };
    let message = queries::insert(&mut *tx, scope, &new).await?;
    queries::tie(tx, scope, message, obligations).await?;
    Ok(true)
}

/// Records what became of a message; one that failed ends what it was about. `false`: it waits no more.
pub async fn record(
    tx: &mut PgConnection,
    scope: StoreScope,
    user: UserId,
    (callback, message): (CallbackId, MessageId),
    outcome: ByHand,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    crate::callbacks::queries::lock(&mut *tx, scope, &[callback.get()]).await?;
    if !queries::settle(&mut *tx, scope, message, outcome.status(), user, now).await? {
        return Ok(false);
    }
    let change = json!({ "message_id": message, "outcome": outcome });
    let entry = Entry {
        store: Some(scope.store_id()),
        actor: Actor::User(user),
        action: "callbacks.message",
        subject: "callbacks",
        subject_id: Some(callback.get()),
        change: &change,
    };
    audit::record(&mut *tx, now, entry).await?;
    // This call alone: the others are locked in the order of their ids, by the job.
    let ids = [callback.get()];
    if outcome == ByHand::Failed {
        queries::end_unanswered(&mut *tx, scope, &ids, now).await?;
        settle::refresh_exhausted(&mut *tx, scope, &ids, now).await?;
    }
    governor::hold(tx, scope, &ids, now).await?;
    Ok(true)
}

/// Who prefers messages is written to about a visit when the time of the call has come.
async fn write_to_who_prefers_it(
    tx: &mut PgConnection,
    scope: StoreScope,
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let store = stores::queries::find_name(&mut *tx, scope).await?;
    let body = TO_CUSTOMERS.sms_prefers_messages(&store, LINK);
    let tied = queries::write_to_who_prefers_it(&mut *tx, scope, &body, now).await?;
    Ok(tied)
}

/// What a round over the held calls did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tended {
    /// Calls that are held back now, or no longer.
    pub held: u64,
    /// Entries that ended because nobody answered the message.
    pub unanswered: u64,
    /// Entries that are written about instead of called about.
    pub written: u64,
}

impl AddAssign for Tended {
    fn add_assign(&mut self, other: Tended) {
        self.held += other.held;
        self.unanswered += other.unanswered;
        self.written += other.written;
    }
}

/// Ends what was written about and not answered, and holds calls back or lets them go. Does nothing the second time.
pub async fn tend(tx: &mut PgConnection, scope: StoreScope, now: DateTime<Utc>) -> sqlx::Result<Tended> {
    let over = queries::lock_unanswered(&mut *tx, scope, now).await?;
    let mut tended = Tended::default();
    if !over.is_empty() {
        tended.unanswered = queries::end_unanswered(&mut *tx, scope, &over, now).await?;
        settle::refresh_exhausted(&mut *tx, scope, &over, now).await?;
    }
    queries::cancel_needless(&mut *tx, scope, now).await?;
    tended.written = write_to_who_prefers_it(&mut *tx, scope, now).await?;
    let ids = governor::list_to_judge(&mut *tx, scope, now).await?;
    if !ids.is_empty() {
        tended.held = governor::hold(tx, scope, &ids, now).await?;
    }
    Ok(tended)
}
