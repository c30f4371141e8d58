//! Customers, phones, cars, visits, readings and policies of one demonstration store.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Asia::Shanghai;
use serde::Serialize;
use sqlx::{Postgres, Transaction};

use crate::customers::search_keys::search_keys;
use crate::demo::chance::Chance;
use crate::demo::{names, queries, workshop};
use crate::stores::{StoreId, StoreScope};
use crate::vehicles::vin::Vin;

/// One row of `customers` with its main phone.
#[derive(Serialize)]
pub struct Person {
    kind: &'static str,
    name: String,
    salutation: Option<&'static str>,
    grade: Option<&'static str>,
    grams: Vec<String>,
    number: String,
    phone_state: &'static str,
    created_at: DateTime<Utc>,
}

/// One row of `vehicles`; `owner` counts the people from 0.
#[derive(Serialize)]
pub struct Car {
    owner: usize,
    vin: String,
    plate: String,
    model: &'static str,
    usage: &'static str,
    delivered_on: NaiveDate,
    warranty_ends_on: NaiveDate,
    km_per_day: i64,
    insured_here: bool,
    insurer: &'static str,
    insurance_known: bool,
}

/// One row of `visits`; `car` counts the cars from 0.
#[derive(Serialize)]
pub struct Visit {
    car: usize,
    ro_number: String,
    #[serde(rename = "type")]
    kind: &'static str,
    state: &'static str,
    summary: String,
    arrived_at: DateTime<Utc>,
    handed_over_at: Option<DateTime<Utc>>,
    handed_over_on: Option<NaiveDate>,
    odometer_km: i64,
    amount_fen: i64,
    advisor_name: &'static str,
    technician_name: &'static str,
}

/// Fills the archive of a store with `count` customers.
pub async fn fill(
    tx: &mut Transaction<'_, Postgres>,
    store: StoreId,
    seed: u64,
    count: u32,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let today = now.with_timezone(&Shanghai).date_naive();
    let (mut people, mut cars, mut visits) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..u64::from(count) {
        let mut chance = Chance::new(seed * 1_000_003 + number);
        people.push(person(&mut chance, store, seed, number, now));
        for _ in 0..=i64::from(chance.percent(12)) {
            let car = car(&mut chance, people.len() - 1, seed, cars.len(), today);
            visits_of(&mut chance, &car, cars.len(), now, &mut visits);
            cars.push(car);
        }
    }
    visits.sort_by_key(|visit| (visit.arrived_at, visit.car));
    for (number, visit) in visits.iter_mut().enumerate() {
        let day = visit.arrived_at.with_timezone(&Shanghai).date_naive();
        visit.ro_number = format!("RO{}{:05}", day.format("%y%m"), number + 1);
    }
    let scope = StoreScope::for_job(store);
    queries::insert_people(&mut **tx, scope, &serde_json::to_value(&people)?).await?;
    queries::insert_phones(&mut **tx, scope, &serde_json::to_value(&people)?).await?;
    queries::insert_cars(&mut **tx, scope, &serde_json::to_value(&cars)?).await?;
    queries::insert_owners(&mut **tx, scope, &serde_json::to_value(&cars)?).await?;
    queries::insert_visits(&mut **tx, scope, &serde_json::to_value(&visits)?, now).await?;
    workshop::add(tx, scope, now).await?;
    queries::insert_readings(&mut **tx, scope).await?;
    queries::insert_policies(&mut **tx, scope, &serde_json::to_value(&cars)?, today, now).await?;
    Ok(())
}

fn person(chance: &mut Chance, store: StoreId, seed: u64, number: u64, now: DateTime<Utc>) -> Person {
    let is_company = chance.percent(4);
    let (name, salutation) = if is_company {
        (format!("{}有限公司", chance.pick(&names::COMPANIES)), None)
    } else {
        let (given, salutation) = chance.pick(&names::GIVEN);
        (
            format!("{}{given}", chance.pick(&names::SURNAMES)),
            Some(salutation),
        )
    };
    let prefix = chance.pick(&[
        "138", "139", "136", "158", "186", "137", "133", "150", "189", "177",
    ]);
    // The last eight digits are a permutation of the number, so that no two people share a phone by accident.
    let rest = (number * 7_919 + seed * 50_000_017 + 20_460_000) % 100_000_000;
    Person {
        kind: if is_company { "company" } else { "person" },
        grams: search_keys(store.get(), &name),
        name,
        salutation,
        grade: chance.percent(8).then_some("VIP"),
        number: format!("{prefix}{rest:08}"),
        phone_state: "ok",
        created_at: now - TimeDelta::days(chance.between(70, 900)),
    }
}

fn car(chance: &mut Chance, owner: usize, seed: u64, number: usize, today: NaiveDate) -> Car {
    let age = chance.between(20, 2_200);
    let delivered_on = today - TimeDelta::days(age);
    Car {
        owner,
        vin: vin(seed, number, delivered_on.year()),
        plate: plate(chance, seed, number),
        model: chance.pick(&names::MODELS),
        usage: if chance.percent(3) { "company" } else { "private" },
        delivered_on,
        warranty_ends_on: delivered_on + TimeDelta::days(3 * 365),
        km_per_day: chance.between(18, 75),
        insured_here: chance.percent(45),
        insurer: chance.pick(&names::INSURERS),
        insurance_known: chance.percent(85),
    }
}

/// A VIN whose check digit fits.
fn vin(seed: u64, number: usize, year: i32) -> String {
    const YEARS: &[u8] = b"ABCDEFGHJKLMNPRSTVWXY123456789";
    let letter = char::from(YEARS[usize::try_from((year - 2010).clamp(0, 29)).unwrap_or(0)]);
    let candidates = "0123456789X"
        .chars()
        .map(|check| format!("LCD{}A61B{check}{letter}2{:06}", 7 + seed, number + 1));
    candidates
        .into_iter()
        .find(|text| matches!(Vin::parse(text), Ok((_, None))))
        .unwrap_or_else(|| format!("LCD7A61B0{letter}2{:06}", number + 1))
}

fn plate(chance: &mut Chance, seed: u64, number: usize) -> String {
    const LETTERS: &[char] = &[
        'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'L', 'M', 'N', 'P', 'Q', 'R', 'S', 'T', 'U', 'V',
        'W', 'X', 'Y', 'Z',
    ];
    let city = if seed == 0 { "浙A" } else { "浙B" };
    let letter = chance.pick(LETTERS);
    format!("{city}{}{letter}{:03}", number / 1_000 % 10, number % 1_000)
}

/// Maintenance every half year or so from delivery until the customer drifts away, and repairs in between.
fn visits_of(chance: &mut Chance, car: &Car, index: usize, now: DateTime<Utc>, visits: &mut Vec<Visit>) {
    let today = now.with_timezone(&Shanghai).date_naive();
    let mut day = car.delivered_on + TimeDelta::days(chance.between(150, 210));
    while day <= today {
        let (kind, summary) = work(chance, car, day);
        let minute = chance.between(8 * 60 + 30, 16 * 60 + 30);
        let arrived_at = local(day, minute);
        if arrived_at < now {
            let stays = TimeDelta::minutes(chance.between(50, if kind == "body" { 3_000 } else { 240 }));
            visits.push(visit(
                chance,
                car,
                index,
                kind,
                summary,
                arrived_at,
                arrived_at + stays,
                now,
            ));
        }
        if chance.percent(11) {
            return;
        }
        let is_soon = chance.percent(30);
        day += TimeDelta::days(if is_soon {
            chance.between(15, 70)
        } else {
            chance.between(120, 200)
        });
    }
}

fn work(chance: &mut Chance, car: &Car, day: NaiveDate) -> (&'static str, String) {
    let km = (day - car.delivered_on).num_days() * car.km_per_day;
    match chance.between(1, 100) {
        1..=62 => (
            "maintenance",
            format!("常规保养 · {} km", (km / 5_000).max(1) * 5_000),
        ),
        63..=84 => ("repair", chance.pick(&names::REPAIRS).to_owned()),
        85..=93 => ("body", chance.pick(&names::BODY_WORK).to_owned()),
        _ => ("warranty", chance.pick(&names::WARRANTY_WORK).to_owned()),
    }
}

#[expect(clippy::too_many_arguments, reason = "one row, made in one place")]
fn visit(
    chance: &mut Chance,
    car: &Car,
    index: usize,
    kind: &'static str,
    summary: String,
    arrived_at: DateTime<Utc>,
    leaves_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Visit {
    let leaves_at = within_opening_hours(leaves_at);
    let handed_over_at = (leaves_at <= now).then_some(leaves_at);
    let days = (arrived_at.with_timezone(&Shanghai).date_naive() - car.delivered_on).num_days();
    Visit {
        car: index,
        ro_number: String::new(),
        kind,
        state: if handed_over_at.is_some() {
            "closed"
        } else {
            "open"
        },
        summary,
        arrived_at,
        handed_over_at,
        handed_over_on: handed_over_at.map(|at| at.with_timezone(&Shanghai).date_naive()),
        odometer_km: days * car.km_per_day + chance.between(0, 400),
        amount_fen: if kind == "warranty" {
            0
        } else {
            chance.between(28_000, 260_000)
        },
        advisor_name: chance.pick(&names::ADVISORS),
        technician_name: chance.pick(&names::TECHNICIANS),
    }
}

/// A hand-over late in the evening happens the next morning.
fn within_opening_hours(at: DateTime<Utc>) -> DateTime<Utc> {
    let wall = at.with_timezone(&Shanghai);
    match wall.hour() {
        9..=18 => at,
        0..=8 => local(wall.date_naive(), 9 * 60 + 30),
        _ => local(wall.date_naive() + TimeDelta::days(1), 9 * 60 + 30),
    }
}

/// A wall-clock minute of a day in the stores' zone, which has no clock changes.
fn local(day: NaiveDate, minute: i64) -> DateTime<Utc> {
    let midnight = day.and_hms_opt(0, 0, 0).unwrap_or_default();
    Shanghai
        .from_utc_datetime(&(midnight - TimeDelta::hours(8)))
        .to_utc()
        + TimeDelta::minutes(minute)
}
