//! What the box suggests for a typed text: people, cars, repair orders, policies and complaints, a few of each.

use sqlx::PgPool;

use crate::auth::permission::{Permission, Role};
use crate::auth::session::CurrentUser;
use crate::customers::CustomerId;
use crate::customers::search::queries;
use crate::customers::search::queries::cards::{CardCar, CustomerCard, VehicleCard};
use crate::customers::search::queries::numbers::VehiclePerson;
use crate::customers::search::queries::papers::{ComplaintHit, PolicyHit, VisitHit};
use crate::customers::search::typed::Typed;
use crate::customers::search::{Hits, LIMIT, Reason, find_people, list_vehicles};
use crate::stores::StoreScope;

/// People suggested at most; everybody who shares a number is shown all the same.
const PEOPLE: i64 = 6;
/// Cars, repair orders, policies and complaints suggested at most, of each.
const OTHERS: i64 = 4;

/// Everything suggested, in the order of the groups.
#[derive(Default)]
pub struct Found {
    pub people: Vec<Person>,
    pub cars: Vec<Car>,
    pub visits: Vec<VisitHit>,
    pub policies: Vec<PolicyHit>,
    pub complaints: Vec<ComplaintHit>,
}

impl Found {
    pub fn count(&self) -> usize {
        self.people.len() + self.cars.len() + self.visits.len() + self.policies.len() + self.complaints.len()
    }
}

/// A person with why they are suggested.
pub struct Person {
    pub card: CustomerCard,
    pub reason: Reason,
    /// The number they were found by, else their main one.
    pub number: Option<String>,
    pub cars: Vec<CardCar>,
}

/// A car with the people around it.
pub struct Car {
    pub card: VehicleCard,
    pub reason: Reason,
    pub people: Vec<VehiclePerson>,
}

/// What to suggest to a person: of the archive to those who may read it, complaints to everybody, a handler's own ones.
pub async fn suggestions(db: &PgPool, user: &CurrentUser, typed: &Typed) -> sqlx::Result<Found> {
    let scope = user.scope();
    let mut found = Found::default();
    if typed.text.is_empty() {
        if user.can(Permission::ViewArchive) {
            found.people = last_contacts(db, user).await?;
        }
        return Ok(found);
    }
    if user.can(Permission::ViewArchive) {
        add_archive(db, scope, typed, &mut found).await?;
    }
    found.complaints = complaints(db, user, typed).await?;
    Ok(found)
}

/// Whom somebody dealt with last, for an empty box: read from what is kept anyway.
async fn last_contacts(db: &PgPool, user: &CurrentUser) -> sqlx::Result<Vec<Person>> {
    let mut hits = Hits::up_to(PEOPLE);
    let last = queries::names::list_recent_of_user(db, user.scope(), user.id, PEOPLE).await?;
    hits.add_all(Reason::Recent, last);
    people(db, user.scope(), hits, Vec::new()).await
}

async fn complaints(db: &PgPool, user: &CurrentUser, typed: &Typed) -> sqlx::Result<Vec<ComplaintHit>> {
    let number = typed.complaint.as_deref();
    if user.role == Role::Handler {
        let number = number.unwrap_or_default();
        return queries::papers::list_own_complaints(db, user.scope(), user.id, number, &typed.text, OTHERS)
            .await;
    }
    match number {
        Some(number) => queries::papers::list_complaints(db, user.scope(), number, OTHERS).await,
        None => Ok(Vec::new()),
    }
}

async fn add_archive(db: &PgPool, scope: StoreScope, typed: &Typed, found: &mut Found) -> sqlx::Result<()> {
    let is_number = typed.phone.is_some() || typed.phone_tail.is_some();
    let mut hits = Hits::up_to(if is_number { LIMIT } else { PEOPLE });
    let cars = list_vehicles(db, scope, typed, OTHERS).await?;
    let numbers = find_people(db, scope, typed, &cars, &mut hits).await?;
    found.people = people(db, scope, hits, numbers).await?;
    found.cars = with_people(db, scope, &cars).await?;
    if let Some(number) = &typed.ro_number {
        found.visits = queries::papers::list_visits(db, scope, number, OTHERS).await?;
    }
    if let Some(policy) = &typed.policy {
        found.policies =
            queries::papers::list_policies(db, scope, policy.spellings(), policy.tail.as_deref(), OTHERS)
                .await?;
    }
    Ok(())
}

/// The cards of the hits, in their order. Somebody merged or erased a moment ago is left out.
async fn people(
    db: &PgPool,
    scope: StoreScope,
    hits: Hits,
    mut numbers: Vec<queries::numbers::PhoneHit>,
) -> sqlx::Result<Vec<Person>> {
    if hits.list.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<i64> = hits.list.iter().map(|hit| hit.customer_id.get()).collect();
    let mut cards = queries::cards::list_cards(db, scope, &ids).await?;
    let mut cars = queries::cards::list_card_cars(db, scope, &ids).await?;
    let people = hits.list.into_iter().filter_map(|hit| {
        let card = cards.extract_if(.., |card| card.id == hit.customer_id).next()?;
        let found_by = numbers
            .extract_if(.., |number| number.customer_id == hit.customer_id)
            .next();
        Some(Person {
            number: found_by.map(|found| found.number).or_else(|| card.number.clone()),
            reason: hit.reason,
            cars: cars_of(&mut cars, hit.customer_id),
            card,
        })
    });
    Ok(people.collect())
}

fn cars_of(cars: &mut Vec<CardCar>, customer: CustomerId) -> Vec<CardCar> {
    cars.extract_if(.., |car| car.customer_id == customer).collect()
}

async fn with_people(
    db: &PgPool,
    scope: StoreScope,
    cars: &[queries::numbers::VehicleHit],
) -> sqlx::Result<Vec<Car>> {
    if cars.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<i64> = cars.iter().map(|car| car.id.get()).collect();
    let mut cards = queries::cards::list_vehicle_cards(db, scope, &ids).await?;
    let mut people = queries::numbers::list_by_vehicles(db, scope, &ids, LIMIT).await?;
    let cars = cars.iter().filter_map(|car| {
        Some(Car {
            card: cards.extract_if(.., |card| card.id == car.id).next()?,
            reason: car.reason(),
            people: people
                .extract_if(.., |person| person.vehicle_id == car.id)
                .collect(),
        })
    });
    Ok(cars.collect())
}
