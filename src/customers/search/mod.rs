//! Search: what was typed is recognised first, then only the look-ups that fit it run, each on an index of its own.
//!
//! Two ways lead here: the box of every page, which suggests while somebody types ([`suggest`]), and the list of
//! customers, which shows everybody found. Both are posted, because a whole number must not stand in an address. Exact
//! comes before a tail, a tail before a beginning, a beginning before a piece; within each, who came last comes first.

use std::collections::BTreeSet;

use sqlx::PgPool;

use crate::complaints::ComplaintId;
use crate::customers::CustomerId;
use crate::stores::StoreScope;
use crate::text::clean;
use crate::text_enum;
use crate::vehicles::VehicleId;
use crate::vehicles::vin::Vin;
use crate::visits::VisitId;

pub mod handlers;
mod mark;
mod names;
mod queries;
mod suggest;
mod typed;

pub use suggest::{Found, suggestions};
pub use typed::{Typed, for_address};

/// People that a search lists at most; more calls for a longer text.
pub const LIMIT: i64 = 25;

text_enum! {
    /// Why a customer was found.
    pub enum Reason {
        Phone = "phone",
        CustomerNumber = "customer_number",
        Plate = "plate",
        /// Carried by another car now, or by none.
        FormerPlate = "former_plate",
        Vin = "vin",
        RepairOrder = "repair_order",
        Policy = "policy",
        Name = "name",
        Pinyin = "pinyin",
        /// Nothing was typed: this person dealt with them last.
        Recent = "recent",
    }
}

/// A customer that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    pub customer_id: CustomerId,
    pub reason: Reason,
}

/// People found so far, each once, with the first reason.
pub struct Hits {
    list: Vec<Hit>,
    seen: BTreeSet<CustomerId>,
    limit: usize,
}

impl Hits {
    fn up_to(limit: i64) -> Hits {
        Hits {
            list: Vec::new(),
            seen: BTreeSet::new(),
            limit: usize::try_from(limit).unwrap_or_default(),
        }
    }

    fn add_all(&mut self, reason: Reason, found: impl IntoIterator<Item = CustomerId>) {
        for customer_id in found {
            if !self.is_full() && self.seen.insert(customer_id) {
                self.list.push(Hit { customer_id, reason });
            }
        }
    }

    fn is_full(&self) -> bool {
        self.list.len() >= self.limit
    }

    /// What a look-up may have to return so that the list gets full: those found already may come again.
    fn wanted(&self) -> i64 {
        i64::try_from(self.limit).unwrap_or(LIMIT)
    }
}

/// Where a posted search leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    Customer(CustomerId),
    Vehicle(VehicleId),
    Visit(VisitId),
    Complaint(ComplaintId),
    /// The list, with a text that may stand in an address.
    List(String),
}

impl Target {
    /// The local path.
    pub fn location(&self) -> String {
        match self {
            Target::Customer(id) => format!("/customers/{id}"),
            Target::Vehicle(id) => format!("/vehicles/{id}"),
            Target::Visit(id) => format!("/visits/{id}"),
            Target::Complaint(id) => format!("/complaints/{id}"),
            Target::List(text) if text.is_empty() => "/customers".to_owned(),
            Target::List(text) => format!("/customers?q={}", crate::web::error::encode_query(text)),
        }
    }
}

/// Decides where a search from the top bar leads: to the one row it names, else to the list.
pub async fn resolve(
    db: &PgPool,
    scope: StoreScope,
    text: &str,
    area_code: Option<&str>,
) -> sqlx::Result<Target> {
    let typed = Typed::read(scope.get(), text, area_code);
    if let Some(visit) = queries::papers::find_visit(db, scope, &typed.text).await? {
        return Ok(Target::Visit(visit));
    }
    if let Some(number) = &typed.complaint {
        let complaints = queries::papers::list_complaints(db, scope, number, 1).await?;
        if let Some(complaint) = complaints
            .into_iter()
            .find(|complaint| complaint.number == *number)
        {
            return Ok(Target::Complaint(complaint.id));
        }
    }
    if let Some(phone) = &typed.phone {
        let hits = queries::numbers::list_by_phone(db, scope, phone.as_str(), 2).await?;
        return Ok(match &hits[..] {
            [one] => Target::Customer(one.customer_id),
            _ => Target::List(phone.tail4().to_owned()),
        });
    }
    if let Ok((vin, _)) = Vin::parse(&typed.text)
        && let Some(vehicle) = queries::numbers::find_vehicle_by_vin(db, scope, vin.as_str()).await?
    {
        return Ok(Target::Vehicle(vehicle));
    }
    if let Some(policy) = &typed.policy
        && let [one] = &queries::papers::list_policies(db, scope, policy.spellings(), None, 2).await?[..]
    {
        return Ok(match one.insured_id {
            Some(customer) => Target::Customer(customer),
            None => Target::Vehicle(one.vehicle_id),
        });
    }
    Ok(Target::List(for_address(&clean(text))))
}

/// Customers that fit a typed text, each once with the strongest reason.
pub async fn find(db: &PgPool, scope: StoreScope, text: &str) -> sqlx::Result<Vec<Hit>> {
    let area_code = crate::customers::queries::area_code(db, scope).await?;
    let typed = Typed::read(scope.get(), text, area_code.as_deref());
    let cars = list_vehicles(db, scope, &typed, LIMIT).await?;
    let mut hits = Hits::up_to(LIMIT);
    find_people(db, scope, &typed, &cars, &mut hits).await?;
    if let (Some(number), false) = (&typed.ro_number, hits.is_full()) {
        let visits = queries::papers::list_visits(db, scope, number, LIMIT).await?;
        hits.add_all(
            Reason::RepairOrder,
            visits.into_iter().map(|visit| visit.customer_id),
        );
    }
    if let (Some(policy), false) = (&typed.policy, hits.is_full()) {
        let policies =
            queries::papers::list_policies(db, scope, policy.spellings(), policy.tail.as_deref(), LIMIT)
                .await?;
        hits.add_all(
            Reason::Policy,
            policies.into_iter().filter_map(|policy| policy.insured_id),
        );
    }
    Ok(hits.list)
}

async fn list_vehicles(
    db: &PgPool,
    scope: StoreScope,
    typed: &Typed,
    limit: i64,
) -> sqlx::Result<Vec<queries::numbers::VehicleHit>> {
    if typed.vehicle == queries::numbers::VehicleTerms::default() {
        return Ok(Vec::new());
    }
    queries::numbers::list_vehicles(db, scope, &typed.vehicle, limit).await
}

/// People by number, by the cars around them and by name, in this order; the numbers by which they were found.
async fn find_people(
    db: &PgPool,
    scope: StoreScope,
    typed: &Typed,
    cars: &[queries::numbers::VehicleHit],
    hits: &mut Hits,
) -> sqlx::Result<Vec<queries::numbers::PhoneHit>> {
    let mut numbers = Vec::new();
    if let Some(phone) = &typed.phone {
        numbers.extend(queries::numbers::list_by_phone(db, scope, phone.as_str(), LIMIT).await?);
    }
    if let Some(tail) = &typed.phone_tail {
        numbers.extend(queries::numbers::list_by_phone_tail(db, scope, tail, LIMIT).await?);
    }
    if let Some(number) = typed.customer_number {
        let found = queries::numbers::find_by_number(db, scope, number).await?;
        hits.add_all(Reason::CustomerNumber, found);
    }
    hits.add_all(Reason::Phone, numbers.iter().map(|hit| hit.customer_id));
    if !cars.is_empty() {
        let ids: Vec<i64> = cars.iter().map(|car| car.id.get()).collect();
        let people = queries::numbers::list_by_vehicles(db, scope, &ids, LIMIT).await?;
        for car in cars {
            let around = people.iter().filter(|person| person.vehicle_id == car.id);
            hits.add_all(car.reason(), around.map(|person| person.customer_id));
        }
    }
    if !hits.is_full() {
        names::find(db, scope, typed, hits).await?;
    }
    Ok(numbers)
}
