//! Writing a visit: the row, its odometer reading, and what is derived from both.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use sqlx::PgConnection;

use crate::audit::{self, Actor, Entry};
use crate::customers::service::{CustomerInput, PhoneInput};
use crate::customers::{self, CustomerId};
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::vehicles::service::NewReading;
use crate::vehicles::{self, PersonRole, ReadingSource, VehicleId};
use crate::visits::items::NewItem;
use crate::visits::model::Visit;
use crate::visits::{Assembly, VisitId, VisitState, VisitType, queries, work_queries};

/// What a form says about a visit, checked. The days are of the store's own calendar.
#[derive(Clone)]
pub struct VisitInput {
    pub ro_number: String,
    pub kind: VisitType,
    pub state: VisitState,
    pub arrived_at: DateTime<Utc>,
    pub arrived_on: NaiveDate,
    pub settled_at: Option<DateTime<Utc>>,
    pub handed_over_at: Option<DateTime<Utc>>,
    pub handed_over_on: Option<NaiveDate>,
    pub odometer_km: Option<i32>,
    pub amount_fen: i64,
    pub advisor_id: Option<UserId>,
    pub advisor_name: String,
    pub technician_id: Option<UserId>,
    pub technician_name: String,
    pub summary: String,
    pub next_km: Option<i32>,
    pub next_on: Option<NaiveDate>,
    pub contact: Contact,
    pub work: WorkInput,
    /// Lines as typed; none: they are cut from the summary.
    pub items: Vec<NewItem>,
    /// The store's day now: readings after it are not believed.
    pub today: NaiveDate,
}

/// What a form says about symptom, waiting and promise.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct WorkInput {
    pub promised_at: Option<DateTime<Utc>>,
    pub waiting_since: Option<DateTime<Utc>>,
    pub waiting_until: Option<DateTime<Utc>>,
    pub waits_for_special: bool,
    pub symptom: String,
    pub is_safety: bool,
    pub assembly: Option<Assembly>,
}

impl WorkInput {
    fn of(visit: &Visit) -> WorkInput {
        WorkInput {
            promised_at: visit.promised_at,
            waiting_since: visit.waiting_since,
            waiting_until: visit.waiting_until,
            waits_for_special: visit.waits_for_special,
            symptom: visit.symptom.clone(),
            is_safety: visit.is_safety,
            assembly: visit.assembly,
        }
    }
}

/// Who brought the car, as the form says it.
#[derive(Clone)]
pub enum Contact {
    /// Somebody on file.
    Known(CustomerId),
    /// Somebody with a name and a number, who may be on file all the same.
    New { name: String, phone: PhoneInput },
}

/// Who brought the car, as it is written: whom to call, and the words of the form.
pub struct Who {
    pub customer: CustomerId,
    pub contact_name: String,
    pub contact_phone: Option<String>,
}

/// A new visit.
pub async fn create(
    db: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    vehicle: VehicleId,
    input: &VisitInput,
    now: DateTime<Utc>,
) -> sqlx::Result<VisitId> {
    let who = who(db, scope, actor, vehicle, &input.contact, now).await?;
    let id = queries::insert(&mut *db, scope, vehicle, input, &who, now).await?;
    derive(db, scope, (id, vehicle), input, &[who.customer.get()], now).await?;
    record(db, scope, actor, "visits.create", id, &json!({}), now).await?;
    Ok(id)
}

/// Changes a visit. `false`: somebody else was faster.
pub async fn update(
    db: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    before: &Visit,
    version: i32,
    input: &VisitInput,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let mut who = who(db, scope, actor, before.vehicle_id, &input.contact, now).await?;
    if who.customer == before.customer_id && who.contact_phone.is_none() {
        who.contact_name.clone_from(&before.contact_name);
        who.contact_phone.clone_from(&before.contact_phone);
    }
    if !queries::update(&mut *db, scope, (before.id, version), input, &who, now).await? {
        return Ok(false);
    }
    vehicles::queries::delete_reading_of_visit(&mut *db, scope, before.id).await?;
    let customers = [before.customer_id.get(), who.customer.get()];
    derive(db, scope, (before.id, before.vehicle_id), input, &customers, now).await?;
    let change = json!({ "fields": changed_fields(before, input, &who) });
    record(db, scope, actor, "visits.update", before.id, &change, now).await?;
    Ok(true)
}

/// Finds or creates who brought the car. A stranger becomes a customer and a contact of the car, never its driver: bringing
/// it once must not turn the owner's reminders to somebody else.
async fn who(
    db: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    vehicle: VehicleId,
    contact: &Contact,
    now: DateTime<Utc>,
) -> sqlx::Result<Who> {
    let (name, phone) = match contact {
        Contact::Known(customer) => {
            return Ok(Who {
                customer: *customer,
                contact_name: String::new(),
                contact_phone: None,
            });
        }
        Contact::New { name, phone } => (name, phone),
    };
    let number = phone.number.as_str();
    let same = customers::queries::list_by_phone(&mut *db, scope, number, 20).await?;
    let same: Vec<i64> = same.into_iter().map(CustomerId::get).collect();
    let rows = customers::queries::list_rows(&mut *db, scope, &same).await?;
    let known = rows.into_iter().find(|row| row.name == *name);
    let customer = match known {
        Some(row) => row.id,
        None => create_contact(db, scope, actor, name, phone, now).await?,
    };
    vehicles::queries::insert_person(&mut *db, scope, vehicle, customer, PersonRole::Contact, None).await?;
    Ok(Who {
        customer,
        contact_name: name.clone(),
        contact_phone: Some(number.to_owned()),
    })
}

async fn create_contact(
    db: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    name: &str,
    phone: &PhoneInput,
    now: DateTime<Utc>,
) -> sqlx::Result<CustomerId> {
    let input = CustomerInput::person(name);
    customers::service::create(db, scope, actor, &input, std::slice::from_ref(phone), now).await
}

/// Cuts summaries into lines and links rework to its first visit, for these cars or all of the store.
///
/// Two statements for any number of cars; rows whose values stand are left alone. Imports call it as forms do.
pub async fn derive_work(
    db: &mut PgConnection,
    scope: StoreScope,
    vehicles: Option<&[i64]>,
) -> sqlx::Result<()> {
    work_queries::derive_items(&mut *db, scope, vehicles).await?;
    work_queries::derive_rework(&mut *db, scope, vehicles).await?;
    Ok(())
}

/// Lines and reading of the visit, then the facts of the car and of the customers.
async fn derive(
    db: &mut PgConnection,
    scope: StoreScope,
    (visit, vehicle): (VisitId, VehicleId),
    input: &VisitInput,
    customers: &[i64],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    work_queries::set_work(&mut *db, scope, visit, &input.work).await?;
    work_queries::replace_items(&mut *db, scope, visit, &input.items).await?;
    derive_work(&mut *db, scope, Some(&[vehicle.get()])).await?;
    let km = input.odometer_km.filter(|_| input.state != VisitState::Cancelled);
    if let Some(km) = km {
        let reading = NewReading {
            read_on: input.arrived_on,
            km,
            source: ReadingSource::Visit,
            visit: Some(visit),
        };
        vehicles::service::add_reading(&mut *db, scope, vehicle, reading, input.today).await?;
    } else {
        vehicles::readings::judge(&mut *db, scope, &[vehicle.get()], input.today).await?;
    }
    vehicles::service::follow_readings(&mut *db, scope, vehicle, now).await?;
    customers::facts::refresh(&mut *db, scope, Some(customers)).await?;
    Ok(())
}

/// Names, never values.
fn changed_fields(before: &Visit, after: &VisitInput, who: &Who) -> Vec<&'static str> {
    [
        ("ro_number", before.ro_number != after.ro_number),
        ("customer_id", before.customer_id != who.customer),
        ("type", before.r#type != after.kind),
        ("state", before.state != after.state),
        ("arrived_at", before.arrived_at != after.arrived_at),
        ("settled_at", before.settled_at != after.settled_at),
        ("handed_over_at", before.handed_over_at != after.handed_over_at),
        ("odometer_km", before.odometer_km != after.odometer_km),
        ("amount_fen", before.amount_fen != after.amount_fen),
        ("advisor_id", before.advisor_id != after.advisor_id),
        ("technician_id", before.technician_id != after.technician_id),
        ("summary", before.summary != after.summary),
        ("next_km", before.next_km != after.next_km),
        ("next_on", before.next_on != after.next_on),
        ("work", WorkInput::of(before) != after.work),
    ]
    .into_iter()
    .filter_map(|(field, has_changed)| has_changed.then_some(field))
    .collect()
}

async fn record(
    db: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    action: &'static str,
    visit: VisitId,
    change: &serde_json::Value,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let entry = Entry {
        store: Some(scope.store_id()),
        actor,
        action,
        subject: "visits",
        subject_id: Some(visit.get()),
        change,
    };
    audit::record(db, now, entry).await
}
