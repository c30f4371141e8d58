//! What a car came for, and how far its repair order has got.

use chrono::{DateTime, NaiveDate, Utc};

use crate::customers::CustomerId;
use crate::text_enum;
use crate::users::UserId;
use crate::vehicles::VehicleId;
use crate::visits::{Assembly, VisitId};

text_enum! {
    /// Why the car came. Wash, PDI and internal work owe no callback.
    pub enum VisitType {
        Maintenance = "maintenance",
        Repair = "repair",
        Body = "body",
        Warranty = "warranty",
        /// Work done again because the first time failed.
        Rework = "rework",
        Wash = "wash",
        /// Inspection of a new car before delivery.
        Pdi = "pdi",
        Internal = "internal",
        Decoration = "decoration",
    }
}

text_enum! {
    /// How far a repair order has got. Only a closed one was handed over and owes a callback.
    pub enum VisitState {
        Open = "open",
        Settled = "settled",
        Closed = "closed",
        Cancelled = "cancelled",
    }
}

/// A visit in lists.
#[derive(Clone)]
pub struct VisitRow {
    pub id: VisitId,
    pub ro_number: String,
    pub r#type: VisitType,
    pub state: VisitState,
    pub arrived_at: DateTime<Utc>,
    pub handed_over_at: Option<DateTime<Utc>>,
    pub odometer_km: Option<i32>,
    pub amount_fen: i64,
    pub summary: String,
    pub advisor: String,
    pub vehicle_id: VehicleId,
    pub plate: Option<String>,
    pub model: String,
    pub customer_id: CustomerId,
    pub customer: String,
}

/// A visit as its page and form know it.
pub struct Visit {
    pub id: VisitId,
    pub ro_number: String,
    pub vehicle_id: VehicleId,
    pub customer_id: CustomerId,
    pub r#type: VisitType,
    pub type_text: String,
    pub state: VisitState,
    pub arrived_at: DateTime<Utc>,
    pub settled_at: Option<DateTime<Utc>>,
    pub handed_over_at: Option<DateTime<Utc>>,
    pub odometer_km: Option<i32>,
    pub amount_fen: i64,
    pub advisor_id: Option<UserId>,
    pub advisor_name: String,
    pub technician_id: Option<UserId>,
    pub technician_name: String,
    pub contact_name: String,
    pub contact_phone: Option<String>,
    pub summary: String,
    pub next_km: Option<i32>,
    pub next_on: Option<NaiveDate>,
    pub promised_at: Option<DateTime<Utc>>,
    pub waiting_since: Option<DateTime<Utc>>,
    pub waiting_until: Option<DateTime<Utc>>,
    pub waits_for_special: bool,
    pub symptom: String,
    pub is_safety: bool,
    pub assembly: Option<Assembly>,
    pub version: i32,
    pub plate: Option<String>,
    pub vehicle: String,
    pub customer: String,
    pub salutation: Option<String>,
}

impl Visit {
    /// Advisor and technician, where they are people of the store.
    pub fn served_by(&self) -> Vec<(UserId, String)> {
        let advisor = self.advisor_id.map(|id| (id, self.advisor_name.clone()));
        let technician = self.technician_id.map(|id| (id, self.technician_name.clone()));
        advisor.into_iter().chain(technician).collect()
    }
}

/// Somebody of the store who may have served a customer.
pub struct Staff {
    pub id: UserId,
    pub name: String,
}
