//! Recording how a customer was reminded.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;

use crate::audit::{self, Actor, Entry};
use crate::callbacks::CallbackId;
use crate::reminders::forms::Record;
use crate::reminders::queries::{self, Ending, Locked};
use crate::reminders::{Method, ReminderId, Status};
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::web::error::AppError;

/// Why a reminder could not be recorded.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    #[error("no such reminder")]
    NotFound,
    /// Somebody else has recorded it since the page was opened.
    #[error("reminder has changed")]
    Changed,
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

impl From<RecordError> for AppError {
    fn from(error: RecordError) -> AppError {
        match error {
            RecordError::NotFound => AppError::NotFound,
            RecordError::Changed => AppError::Conflict("reminder"),
            RecordError::Db(error) => error.into(),
        }
    }
}

/// Records one reminder; who was not reached moves to the callback queue. Runs in the caller's transaction.
pub async fn record(
    tx: &mut PgConnection,
    scope: StoreScope,
    id: ReminderId,
    record: &Record,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<(), RecordError> {
    let locked = queries::lock(&mut *tx, scope, &[id]).await?;
    let reminder = locked.first().ok_or(RecordError::NotFound)?;
    if !is_as_seen(reminder, record.version) {
        return Err(RecordError::Changed);
    }
    let method = record.outcome.method();
    let callback = match method {
        Some(method) => {
            queries::settle_obligations(&mut *tx, scope, &[id], method, user, now).await?;
            None
        }
        None => fall_back(&mut *tx, scope, reminder, now).await?,
    };
    let ending = Ending {
        method,
        callback,
        note: &record.note,
        user,
        now,
    };
    queries::end(&mut *tx, scope, &[id], ending).await?;
    let change = json!({ "outcome": record.outcome, "callback_id": callback.map(CallbackId::get) });
    let entry = entry(scope, user, "reminders.record", Some(id), &change);
    audit::record(&mut *tx, now, entry).await?;
    Ok(())
}

/// Records reminders that were sent by SMS; how many were, as somebody may have been faster with the others.
pub async fn mark_sms(
    tx: &mut PgConnection,
    scope: StoreScope,
    ticked: &[(ReminderId, i32)],
    user: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<usize> {
    let ids: Vec<ReminderId> = ticked.iter().map(|(id, _)| *id).collect();
    let locked = queries::lock(&mut *tx, scope, &ids).await?;
    let open: Vec<ReminderId> = locked
        .iter()
        .filter(|reminder| {
            ticked
                .iter()
                .any(|(id, version)| *id == reminder.id && is_as_seen(reminder, *version))
        })
        .map(|reminder| reminder.id)
        .collect();
    if open.is_empty() {
        return Ok(0);
    }
    let ending = Ending {
        method: Some(Method::Sms),
        callback: None,
        note: "",
        user,
        now,
    };
    queries::settle_obligations(&mut *tx, scope, &open, Method::Sms, user, now).await?;
    queries::end(&mut *tx, scope, &open, ending).await?;
    let change = json!({ "outcome": Method::Sms, "ids": &open });
    audit::record(
        &mut *tx,
        now,
        entry(scope, user, "reminders.mark_sms", None, &change),
    )
    .await?;
    Ok(open.len())
}

fn is_as_seen(reminder: &Locked, version: i32) -> bool {
    reminder.status == Status::Pending && reminder.version == version
}

/// Gives the open obligations to the person's callback, or to a new one; `None` if nothing is owed any more.
async fn fall_back(
    tx: &mut PgConnection,
    scope: StoreScope,
    reminder: &Locked,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<CallbackId>> {
    if queries::count_open_obligations(&mut *tx, scope, reminder.id).await? == 0 {
        return Ok(None);
    }
    let callback = match queries::lock_open_callback(&mut *tx, scope, reminder.customer_id).await? {
        Some(callback) => Some(callback),
        None => match queries::insert_callback(&mut *tx, scope, reminder.id, now).await? {
            Some(callback) => Some(callback),
            // The daily job has just given this person one: it is there now.
            None => queries::lock_open_callback(&mut *tx, scope, reminder.customer_id).await?,
        },
    };
    if let Some(callback) = callback {
        queries::move_obligations(&mut *tx, scope, reminder.id, callback).await?;
        queries::refresh_callback(&mut *tx, scope, callback).await?;
    }
    Ok(callback)
}

fn entry<'a>(
    scope: StoreScope,
    user: UserId,
    action: &'static str,
    id: Option<ReminderId>,
    change: &'a serde_json::Value,
) -> Entry<'a> {
    Entry {
        store: Some(scope.store_id()),
        actor: Actor::User(user),
        action,
        subject: "reminders",
        subject_id: id.map(ReminderId::get),
        change,
    }
}
