//! What cars are used for, what has become of them, and who stands around them.

use chrono::{DateTime, NaiveDate, Utc};

use crate::customers::{CustomerId, PhoneId};
use crate::text_enum;
use crate::vehicles::VehicleId;
use crate::vehicles::odometer::{Confidence, DueBy, Refusal};

text_enum! {
    /// A taxi drives and is billed differently; demo and stock cars have no customer to care for.
    pub enum VehicleUsage {
        Private = "private",
        Company = "company",
        Taxi = "taxi",
        /// Any other business with the car itself: hire, ride hailing, freight.
        Commercial = "commercial",
        Demo = "demo",
        Stock = "stock",
    }
}

text_enum! {
    /// Only an active car is due for anything.
    pub enum VehicleState {
        Active = "active",
        Sold = "sold",
        Scrapped = "scrapped",
        /// The customer lives elsewhere now.
        Moved = "moved",
    }
}

text_enum! {
    /// How the maker's warranty ends.
    pub enum WarrantyKind {
        /// By its day or its distance.
        Maker = "maker",
        /// By neither, as long as the first owner keeps the car.
        Lifetime = "lifetime",
    }
}

text_enum! {
    /// What a person is to a car; at most one current owner, any number of the others.
    pub enum PersonRole {
        Owner = "owner",
        Driver = "driver",
        Insured = "insured",
        Payer = "payer",
        Contact = "contact",
    }
}

text_enum! {
    /// Where an odometer reading comes from.
    pub enum ReadingSource {
        Visit = "visit",
        Phone = "phone",
        Import = "import",
        Hand = "hand",
    }
}

text_enum! {
    /// What a policy covers: 交强险 and 商业险.
    pub enum PolicyKind {
        Compulsory = "compulsory",
        Commercial = "commercial",
    }
}

/// A car as the pages and forms know it. The VIN is whole: pages print it masked.
pub struct Vehicle {
    pub id: VehicleId,
    pub vin: Option<String>,
    pub plate: Option<String>,
    pub brand: String,
    pub model: String,
    pub usage: VehicleUsage,
    pub state: VehicleState,
    pub sold_here: bool,
    pub delivered_on: Option<NaiveDate>,
    pub warranty_ends_on: Option<NaiveDate>,
    pub warranty_km: Option<i32>,
    pub warranty_kind: WarrantyKind,
    pub extended_warranty_ends_on: Option<NaiveDate>,
    pub extended_warranty_km: Option<i32>,
    pub first_maintenance_due_on: Option<NaiveDate>,
    pub note: String,
    /// Which car this one turned out to be.
    pub merged_into_id: Option<VehicleId>,
    pub erased_at: Option<DateTime<Utc>>,
    pub version: i32,
}

impl Vehicle {
    /// Brand and model as far as they are known.
    pub fn name(&self) -> String {
        format!("{} {}", self.brand, self.model).trim().to_owned()
    }
}

/// Somebody around a car, now or earlier.
pub struct VehiclePerson {
    pub id: i64,
    pub customer_id: CustomerId,
    pub name: String,
    pub salutation: Option<String>,
    pub role: PersonRole,
    pub from_on: Option<NaiveDate>,
    pub until_on: Option<NaiveDate>,
    pub phone_id: Option<PhoneId>,
    pub number: Option<String>,
}

/// A reading in the list of a car.
pub struct ReadingRow {
    pub read_on: NaiveDate,
    pub km: i32,
    pub source: ReadingSource,
    pub refused: Option<Refusal>,
}

/// A plate in the history of a car.
pub struct PlateRow {
    pub plate: String,
    pub from_on: NaiveDate,
    pub until_on: Option<NaiveDate>,
}

/// What is predicted about a car, and from what.
pub struct Facts {
    pub km_per_day: String,
    pub km_confidence: Confidence,
    pub first_due_on: Option<NaiveDate>,
    pub next_due_on: Option<NaiveDate>,
    pub next_due_by: Option<DueBy>,
    pub warranty_due_on: Option<NaiveDate>,
    pub last_visit_on: Option<NaiveDate>,
    pub active_until: Option<NaiveDate>,
    pub last_maintenance_on: Option<NaiveDate>,
    pub last_maintenance_km: Option<i32>,
    /// The newest reading that was believed.
    pub read_on: Option<NaiveDate>,
    pub km: Option<i32>,
    /// The plan of its model.
    pub first_months: i32,
    pub first_km: i32,
    pub interval_months: i32,
    pub interval_km: i32,
}

impl Facts {
    /// What a day predicted from the mileage rests on, where that is less than two good readings.
    pub fn guess(&self) -> Option<Confidence> {
        guess(self.next_due_on, self.next_due_by, self.km_confidence)
    }

    /// The distance at which maintenance is due, where the last one had a mileage.
    pub fn next_km(&self) -> Option<i32> {
        self.last_maintenance_km
            .map(|km| km.saturating_add(self.interval_km))
    }
}

/// A maintenance day by mileage, or a first one, that rests on less than two good readings carries a badge.
pub fn guess(next_on: Option<NaiveDate>, by: Option<DueBy>, confidence: Confidence) -> Option<Confidence> {
    let is_by_km = next_on.is_none() || by == Some(DueBy::Km);
    (is_by_km && confidence != Confidence::Good).then_some(confidence)
}
