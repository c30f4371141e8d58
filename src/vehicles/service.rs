//! Writing cars and what belongs to them; whoever calls brings the transaction.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use sqlx::PgConnection;

use crate::audit::{self, Actor, Entry};
use crate::customers::{self, CustomerId, CustomerKind};
use crate::obligations::redate;
use crate::stores::StoreScope;
use crate::vehicles::forms::CarFields;
use crate::vehicles::model::Vehicle;
use crate::vehicles::odometer::Refusal;
use crate::vehicles::{
    PersonRole, ReadingSource, VehicleId, VehicleState, VehicleUsage, WarrantyKind, facts, queries, readings,
};
use crate::visits::VisitId;

/// What a form says about a car, checked.
#[derive(Clone)]
pub struct VehicleInput {
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
}

impl VehicleInput {
    /// The car that was typed along with a new customer; the rest is filled in on its own page.
    pub fn of_new_customer(car: CarFields, kind: CustomerKind) -> VehicleInput {
        VehicleInput {
            vin: car.vin_str().map(str::to_owned),
            plate: car.plate_str().map(str::to_owned),
            brand: car.brand,
            model: car.model,
            usage: match kind {
                CustomerKind::Person => VehicleUsage::Private,
                CustomerKind::Company => VehicleUsage::Company,
            },
            state: VehicleState::Active,
            sold_here: false,
            delivered_on: None,
            warranty_ends_on: None,
            warranty_km: None,
            warranty_kind: WarrantyKind::Maker,
            extended_warranty_ends_on: None,
            extended_warranty_km: None,
            first_maintenance_due_on: None,
            note: String::new(),
        }
    }
}

/// What an odometer showed on a day of the store's calendar.
#[derive(Clone, Copy, Debug)]
pub struct NewReading {
    pub read_on: NaiveDate,
    pub km: i32,
    pub source: ReadingSource,
    pub visit: Option<VisitId>,
}

/// A new car, with the person it belongs to.
pub async fn create(
    db: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    input: &VehicleInput,
    person: Option<(CustomerId, PersonRole)>,
    now: DateTime<Utc>,
) -> sqlx::Result<VehicleId> {
    let id = queries::insert(&mut *db, scope, input, now).await?;
    if let Some((customer, role)) = person {
        queries::insert_person(&mut *db, scope, id, customer, role, None).await?;
    }
    facts::refresh(&mut *db, scope, Some(&[id.get()]), now).await?;
    customers::facts::refresh_people_of(&mut *db, scope, id).await?;
    let change = json!({ "customer_id": person.map(|(customer, _)| customer) });
    record(db, scope, actor, "vehicles.create", id, &change, now).await?;
    Ok(id)
}

/// Changes a car. `false`: somebody else was faster.
pub async fn update(
    db: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    before: &Vehicle,
    version: i32,
    input: &VehicleInput,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    if !queries::update(&mut *db, scope, before.id, version, input, now).await? {
        return Ok(false);
    }
    facts::refresh(&mut *db, scope, Some(&[before.id.get()]), now).await?;
    customers::facts::refresh_people_of(&mut *db, scope, before.id).await?;
    let change = json!({ "fields": changed_fields(before, input) });
    record(db, scope, actor, "vehicles.update", before.id, &change, now).await?;
    Ok(true)
}

/// Notes what a customer said about a car in a call: that it has gone, or what it is used for. Known facts change nothing.
pub async fn note_said(
    db: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    vehicle: VehicleId,
    (state, usage): (Option<VehicleState>, Option<VehicleUsage>),
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    if !queries::set_said(&mut *db, scope, vehicle, state, usage, now).await? {
        return Ok(());
    }
    facts::refresh(&mut *db, scope, Some(&[vehicle.get()]), now).await?;
    customers::facts::refresh_people_of(&mut *db, scope, vehicle).await?;
    let fields = if state.is_some() { "state" } else { "usage" };
    let change = json!({ "fields": [fields], "said_in_call": true });
    record(db, scope, actor, "vehicles.update", vehicle, &change, now).await
}

/// Adds a reading and judges the car's readings anew. Facts are the caller's to refresh, once for everything it writes.
pub async fn add_reading(
    db: &mut PgConnection,
    scope: StoreScope,
    vehicle: VehicleId,
    new: NewReading,
    today: NaiveDate,
) -> sqlx::Result<i64> {
    let id = queries::insert_reading(
        &mut *db,
        scope,
        vehicle,
        new.read_on,
        new.km,
        new.source,
        new.visit,
    )
    .await?;
    readings::judge(&mut *db, scope, &[vehicle.get()], today).await?;
    Ok(id)
}

/// A reading with everything that follows from it: what the car is due for, the calls that depend on it, the record.
///
/// For whoever hears of a mileage: a form, a visit, a customer on the phone. Returns its id, and why it is not believed.
pub async fn record_reading(
    db: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    vehicle: VehicleId,
    new: NewReading,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<(i64, Option<Refusal>)> {
    let id = add_reading(&mut *db, scope, vehicle, new, today).await?;
    follow_readings(&mut *db, scope, vehicle, now).await?;
    let refused = queries::find_refusal(&mut *db, scope, id).await?;
    let change = json!({ "reading_id": id, "source": new.source });
    record(db, scope, actor, "vehicles.add_reading", vehicle, &change, now).await?;
    Ok((id, refused))
}

/// After readings of a car have changed: its facts, its people's, and the deadlines that were predicted from them.
pub async fn follow_readings(
    db: &mut PgConnection,
    scope: StoreScope,
    vehicle: VehicleId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let cars = [vehicle.get()];
    facts::refresh(&mut *db, scope, Some(&cars), now).await?;
    customers::facts::refresh_people_of(&mut *db, scope, vehicle).await?;
    redate::follow_readings(db, scope, Some(&cars), now).await?;
    Ok(())
}

/// Gives a person a role; a new owner ends the ownership of the one before. `false`: the person has it already.
pub async fn add_person(
    db: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    vehicle: VehicleId,
    (customer, role): (CustomerId, PersonRole),
    today: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    if role == PersonRole::Owner {
        queries::end_other_owners(&mut *db, scope, vehicle, customer, today).await?;
    }
    let is_new = queries::insert_person(&mut *db, scope, vehicle, customer, role, Some(today)).await?;
    facts::refresh(&mut *db, scope, Some(&[vehicle.get()]), now).await?;
    customers::facts::refresh_people_of(&mut *db, scope, vehicle).await?;
    let change = json!({ "customer_id": customer, "role": role });
    record(db, scope, actor, "vehicles.add_person", vehicle, &change, now).await?;
    Ok(is_new)
}

/// Names, never values.
fn changed_fields(before: &Vehicle, after: &VehicleInput) -> Vec<&'static str> {
    [
        ("vin", before.vin != after.vin),
        ("plate", before.plate != after.plate),
        ("brand", before.brand != after.brand),
        ("model", before.model != after.model),
        ("usage", before.usage != after.usage),
        ("state", before.state != after.state),
        ("sold_here", before.sold_here != after.sold_here),
        ("delivered_on", before.delivered_on != after.delivered_on),
        (
            "warranty_ends_on",
            before.warranty_ends_on != after.warranty_ends_on,
        ),
        ("warranty_km", before.warranty_km != after.warranty_km),
        ("warranty_kind", before.warranty_kind != after.warranty_kind),
        (
            "extended_warranty_ends_on",
            before.extended_warranty_ends_on != after.extended_warranty_ends_on,
        ),
        (
            "extended_warranty_km",
            before.extended_warranty_km != after.extended_warranty_km,
        ),
        (
            "first_maintenance_due_on",
            before.first_maintenance_due_on != after.first_maintenance_due_on,
        ),
        ("note", before.note != after.note),
    ]
    .into_iter()
    .filter_map(|(field, has_changed)| has_changed.then_some(field))
    .collect()
}

/// Appends to the audit log about a car.
pub async fn record(
    db: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    action: &'static str,
    vehicle: VehicleId,
    change: &serde_json::Value,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let entry = Entry {
        store: Some(scope.store_id()),
        actor,
        action,
        subject: "vehicles",
        subject_id: Some(vehicle.get()),
        change,
    };
    audit::record(db, now, entry).await
}
