//! Keeping files with a case, and taking them away; whoever calls brings the transaction.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::audit::{self, Actor, Entry};
use crate::complaints::attachments::kinds::Refusal;
use crate::complaints::attachments::queries::{self, Place};
use crate::complaints::attachments::receive::{File, Received};
use crate::complaints::attachments::{AttachmentId, MAX_FILES};
use crate::complaints::{ComplaintId, clocks};
use crate::stores::StoreScope;
use crate::users::UserId;

/// How long files wait for the case of their form.
const WAIT: TimeDelta = TimeDelta::days(2);

/// Keeps what was received with a case, as far as it has room; says what was kept.
pub async fn attach(
    tx: &mut PgConnection,
    scope: StoreScope,
    by: UserId,
    case: ComplaintId,
    received: &mut Received,
    now: DateTime<Utc>,
) -> sqlx::Result<usize> {
    if received.files.is_empty() || !queries::lock_case(&mut *tx, scope, case, now).await? {
        return Ok(0);
    }
    let room = room(&mut *tx, scope, case).await?;
    let files = std::mem::take(&mut received.files);
    let mut names = Vec::new();
    for file in files {
        if names.len() >= room {
            received.refused.push((file.name, Refusal::TooMany));
            continue;
        }
        queries::insert(&mut *tx, scope, Place::Case(case), &file, by, now).await?;
        names.push(file.name);
    }
    tell(tx, scope, by, case, &names, now).await?;
    Ok(names.len())
}

/// Keeps what was received with a form that has to be shown again.
pub async fn wait_with_form(
    tx: &mut PgConnection,
    scope: StoreScope,
    by: UserId,
    form: Uuid,
    files: &[File],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    queries::sweep(&mut *tx, scope, now - WAIT).await?;
    let waiting = queries::list_waiting(&mut *tx, scope, form, by).await?.len();
    for file in files.iter().take(MAX_FILES.saturating_sub(waiting)) {
        queries::insert(&mut *tx, scope, Place::Form(form), file, by, now).await?;
    }
    Ok(())
}

/// Gives a case what waited with its form.
pub async fn move_to_case(
    tx: &mut PgConnection,
    scope: StoreScope,
    by: UserId,
    form: Uuid,
    case: ComplaintId,
    now: DateTime<Utc>,
) -> sqlx::Result<usize> {
    let room = room(&mut *tx, scope, case).await?;
    let limit = i64::try_from(room).unwrap_or(0);
    let names = queries::move_to_case(&mut *tx, scope, form, by, case, limit).await?;
    tell(tx, scope, by, case, &names, now).await?;
    Ok(names.len())
}

async fn room(tx: &mut PgConnection, scope: StoreScope, case: ComplaintId) -> sqlx::Result<usize> {
    let kept = queries::count_kept(tx, scope, case).await?;
    Ok(MAX_FILES.saturating_sub(usize::try_from(kept).unwrap_or(MAX_FILES)))
}

/// One line of the history and one of the audit log, however many files.
async fn tell(
    tx: &mut PgConnection,
    scope: StoreScope,
    by: UserId,
    case: ComplaintId,
    names: &[String],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    if names.is_empty() {
        return Ok(());
    }
    let data = json!({ "added": names.len() });
    queries::insert_event(&mut *tx, scope, case, by, now, &names.join("\n"), &data).await?;
    clocks::sync(&mut *tx, scope, case, now).await?;
    record(tx, scope, by, case, "complaints.attach", &data, now).await
}

/// Takes a file away. `false`: it was gone before.
pub async fn remove(
    tx: &mut PgConnection,
    scope: StoreScope,
    by: UserId,
    (case, id): (ComplaintId, AttachmentId),
    (name, reason): (&str, &str),
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    if !queries::lock_case(&mut *tx, scope, case, now).await?
        || !queries::remove(&mut *tx, scope, case, id, by, reason, now).await?
    {
        return Ok(false);
    }
    let data = json!({ "removed": id });
    let body = format!("{name}\n{reason}");
    queries::insert_event(&mut *tx, scope, case, by, now, &body, &data).await?;
    clocks::sync(&mut *tx, scope, case, now).await?;
    record(tx, scope, by, case, "complaints.detach", &data, now).await?;
    Ok(true)
}

async fn record(
    tx: &mut PgConnection,
    scope: StoreScope,
    by: UserId,
    case: ComplaintId,
    action: &'static str,
    change: &serde_json::Value,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let entry = Entry {
        store: Some(scope.store_id()),
        actor: Actor::User(by),
        action,
        subject: "complaints",
        subject_id: Some(case.get()),
        change,
    };
    audit::record(tx, now, entry).await
}
