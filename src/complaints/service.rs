//! Accepting a complaint: the case, its number, its first event and the clock of its dispatch.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;

use crate::audit::{self, Actor, Entry};
use crate::callbacks::CallbackId;
use crate::complaints::model::{ComplaintChannel, ComplaintClass, Severity};
use crate::complaints::queries::{self, DispatchRow};
use crate::complaints::{ComplaintId, clocks, sla};
use crate::customers::CustomerId;
use crate::stores::{self, DepartmentId, StoreScope};
use crate::vehicles::VehicleId;
use crate::visits::VisitId;

/// A complaint as it was heard.
pub struct NewComplaint {
    pub channel: ComplaintChannel,
    pub customer_id: Option<CustomerId>,
    pub vehicle_id: Option<VehicleId>,
    pub visit_id: Option<VisitId>,
    pub from_callback_id: Option<CallbackId>,
    pub class: ComplaintClass,
    /// Second level, a code of the questionnaire's reasons; may be empty.
    pub class_minor: String,
    pub severity: Severity,
    pub department_id: Option<DepartmentId>,
    /// The customer's own words.
    pub words: String,
    /// What the customer wants done.
    pub demand: Option<String>,
}

/// Opens a case accepted now. Runs in the caller's transaction, before its own audit row.
pub async fn open(
    tx: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    now: DateTime<Utc>,
    new: NewComplaint,
) -> sqlx::Result<ComplaintId> {
    let calendar = stores::calendar::load(&mut *tx, scope).await?;
    let day = calendar.local_day(now);
    queries::lock_numbers(&mut *tx, scope).await?;
    let prefix = format!("CP-{}-", day.format("%y%m%d"));
    let last = queries::last_number(&mut *tx, scope, &prefix).await?;
    let number = format!("{prefix}{:02}", last + 1);
    let id = queries::insert(&mut *tx, scope, actor.user_id(), now, &number, &new).await?;
    queries::insert_accepted_event(&mut *tx, scope, id, actor.user_id(), now).await?;
    let due = sla::dispatch_due(new.severity, now, &calendar);
    let row = DispatchRow {
        complaint: id,
        customer: new.customer_id,
        cohort_on: day,
        strict_due_at: due.strict_at,
        due_at: due.at,
        now,
    };
    queries::insert_dispatch(&mut *tx, scope, &row).await?;
    clocks::sync(&mut *tx, scope, id, now).await?;
    let change = json!({ "number": number, "severity": new.severity, "callback": new.from_callback_id });
    let entry = Entry {
        store: Some(scope.store_id()),
        actor,
        action: "complaints.accept",
        subject: "complaints",
        subject_id: Some(id.get()),
        change: &change,
    };
    audit::record(&mut *tx, now, entry).await?;
    Ok(id)
}
