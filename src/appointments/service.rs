//! Writing appointments; whoever calls brings the transaction.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::appointments::forms::Wish;
use crate::appointments::{AppointmentId, CancelReason, model, queries};
use crate::audit::{self, Actor, Entry};
use crate::auth::session::CurrentUser;
use crate::callbacks::CallbackId;
use crate::customers::CustomerId;
use crate::stores::{self, StoreScope};
use crate::vehicles::VehicleId;

/// A wish as it was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAppointment {
    pub customer: CustomerId,
    pub vehicle: Option<VehicleId>,
    /// The call in which it was said.
    pub callback: Option<CallbackId>,
    pub on: NaiveDate,
    /// `None`: any time of the day.
    pub at: Option<NaiveTime>,
    pub purpose: String,
}

/// Notes a wish for a visit.
pub async fn request(
    tx: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    new: &NewAppointment,
    now: DateTime<Utc>,
) -> sqlx::Result<AppointmentId> {
    let calendar = stores::calendar::load(&mut *tx, scope).await?;
    let due = model::answer_due(now, &calendar);
    let id = queries::insert(&mut *tx, scope, new, actor.user_id(), due, now).await?;
    let change = json!({ "callback": new.callback });
    record(tx, scope, actor, "appointments.request", id, &change, now).await?;
    Ok(id)
}

/// Tells the customer that it stands. `false`: it is another version by now, or waits no more.
pub async fn confirm(
    tx: &mut PgConnection,
    user: &CurrentUser,
    id: AppointmentId,
    version: i32,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let scope = user.scope();
    if !queries::confirm(&mut *tx, scope, (id, version), user.id, now).await? {
        return Ok(false);
    }
    let change = json!({});
    record(tx, scope, user.actor(), "appointments.confirm", id, &change, now).await?;
    Ok(true)
}

/// Agrees on something else with the customer. `false` as in [`confirm`].
pub async fn change(
    tx: &mut PgConnection,
    user: &CurrentUser,
    id: AppointmentId,
    version: i32,
    wish: &Wish,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let scope = user.scope();
    if !queries::change(&mut *tx, scope, (id, version), wish, user.id, now).await? {
        return Ok(false);
    }
    let change = json!({ "fields": ["wished_on", "wished_at", "purpose", "vehicle_id"] });
    record(tx, scope, user.actor(), "appointments.change", id, &change, now).await?;
    Ok(true)
}

/// Cancels it. `false` as in [`confirm`].
pub async fn cancel(
    tx: &mut PgConnection,
    user: &CurrentUser,
    id: AppointmentId,
    version: i32,
    reason: CancelReason,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let scope = user.scope();
    if !queries::cancel(&mut *tx, scope, (id, version), reason, user.id, now).await? {
        return Ok(false);
    }
    let change = json!({ "reason": reason });
    record(tx, scope, user.actor(), "appointments.cancel", id, &change, now).await?;
    Ok(true)
}

async fn record(
    tx: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    action: &'static str,
    id: AppointmentId,
    change: &Value,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let entry = Entry {
        store: Some(scope.store_id()),
        actor,
        action,
        subject: "appointments",
        subject_id: Some(id.get()),
        change,
    };
    audit::record(tx, now, entry).await
}
