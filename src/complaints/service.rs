//! Accepting a complaint: the case, its number, its first event and the clock of its dispatch.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use sqlx::PgConnection;

use crate::audit::{self, Actor, Entry};
use crate::callbacks::CallbackId;
use crate::complaints::intake::Sign;
use crate::complaints::model::{ComplaintChannel, ComplaintClass, DemandKind, Severity};
use crate::complaints::queries;
use crate::complaints::{ComplaintId, clocks};
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
    /// Second level: a code of [`crate::complaints::intake::minors`], or of the questionnaire's reasons; may be empty.
    pub class_minor: String,
    pub severity: Severity,
    pub department_id: Option<DepartmentId>,
    /// The customer's own words.
    pub words: String,
    /// What the customer wants done, in words.
    pub demand: Option<String>,
    pub demand_kind: Option<DemandKind>,
    /// What the customer asks for in money.
    pub claimed_fen: Option<i64>,
    /// 退换车 under 三包规定: deadlines of its own (Art. 28).
    pub wants_replacement: bool,
    /// Number of the maker or of an authority; empty if there is none.
    pub external_number: String,
    pub external_due_on: Option<NaiveDate>,
    /// When somebody of the store learnt of it first, if not now.
    pub accepted_at: Option<DateTime<Utc>>,
    /// What made it as grave as it is.
    pub signs: Vec<Sign>,
}

impl NewComplaint {
    /// A complaint of which only the words are known.
    pub fn new(
        channel: ComplaintChannel,
        class: ComplaintClass,
        severity: Severity,
        words: String,
    ) -> NewComplaint {
        NewComplaint {
            channel,
            customer_id: None,
            vehicle_id: None,
            visit_id: None,
            from_callback_id: None,
            class,
            class_minor: String::new(),
            severity,
            department_id: None,
            words,
            demand: None,
            demand_kind: None,
            claimed_fen: None,
            wants_replacement: false,
            external_number: String::new(),
            external_due_on: None,
            accepted_at: None,
            signs: Vec::new(),
        }
    }
}

/// A case as it was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    pub id: ComplaintId,
    pub number: String,
}

/// Opens a case, accepted now or earlier. Runs in the caller's transaction, before its own audit row.
pub async fn open(
    tx: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    now: DateTime<Utc>,
    new: NewComplaint,
) -> sqlx::Result<Opened> {
    let calendar = stores::calendar::load(&mut *tx, scope).await?;
    let day = calendar.local_day(now);
    // Nobody learns of something later than now (complaints_accepted_not_later_check).
    let accepted_at = new.accepted_at.map_or(now, |at| at.min(now));
    queries::lock_numbers(&mut *tx, scope).await?;
    let prefix = format!("CP-{}-", day.format("%y%m%d"));
    let last = queries::last_number(&mut *tx, scope, &prefix).await?;
    let number = format!("{prefix}{:02}", last + 1);
    let by = actor.user_id();
    let id = queries::insert(&mut *tx, scope, by, (accepted_at, now), &number, &new).await?;
    let backdated = (accepted_at < now).then_some(accepted_at);
    let data = json!({ "accepted_at": backdated, "signs": new.signs });
    queries::insert_accepted_event(&mut *tx, scope, id, by, now, &data).await?;
    clocks::sync(&mut *tx, scope, id, now).await?;
    let change = json!({
        "number": number,
        "severity": new.severity,
        "callback": new.from_callback_id,
        "accepted_at": backdated,
    });
    let entry = Entry {
        store: Some(scope.store_id()),
        actor,
        action: "complaints.accept",
        subject: "complaints",
        subject_id: Some(id.get()),
        change: &change,
    };
    audit::record(&mut *tx, now, entry).await?;
    Ok(Opened { id, number })
}
