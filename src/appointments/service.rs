//! Writing appointments; whoever calls brings the transaction.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde_json::json;
use sqlx::PgConnection;

use crate::appointments::{AppointmentId, queries};
use crate::audit::{self, Actor, Entry};
use crate::callbacks::CallbackId;
use crate::customers::CustomerId;
use crate::stores::StoreScope;
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
    let id = queries::insert(&mut *tx, scope, new, actor.user_id(), now).await?;
    let change = json!({ "callback": new.callback });
    let entry = Entry {
        store: Some(scope.store_id()),
        actor,
        action: "appointments.request",
        subject: "appointments",
        subject_id: Some(id.get()),
        change: &change,
    };
    audit::record(tx, now, entry).await?;
    Ok(id)
}
