//! What the browser posts about a visit. Times are typed on the store's wall clock.

use std::str::FromStr;

use chrono::{DateTime, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::customers::CustomerId;
use crate::customers::forms::phone_field;
use crate::i18n::format::Formatter;
use crate::i18n::visits::{handed_over_too_early, not_yet, waiting_before_arrival, waiting_ends_too_early};
use crate::money::Money;
use crate::text::clean;
use crate::users::UserId;
use crate::vehicles::forms::km_field;
use crate::visits::model::{Staff, Visit};
use crate::visits::service::{Contact, VisitInput, WorkInput};
use crate::visits::{VisitState, VisitType};
use crate::web::conflict;
use crate::web::form::{FieldError, FormErrors};
use crate::web::idempotency;

/// Longest repair order number.
const MAX_NUMBER: usize = 40;
/// Longest name.
const MAX_NAME: usize = 60;
/// Longest summary.
const MAX_SUMMARY: usize = 1000;
/// Longest symptom.
const MAX_SYMPTOM: usize = 500;

/// `POST /visits` and `POST /visits/{id}`
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct VisitForm {
    pub vehicle_id: String,
    pub ro_number: String,
    pub kind: String,
    pub state: String,
    pub arrived_at: String,
    pub settled_at: String,
    pub handed_over_at: String,
    pub odometer_km: String,
    pub amount: String,
    pub advisor_id: String,
    pub advisor_name: String,
    pub technician_id: String,
    pub technician_name: String,
    pub customer_id: String,
    pub contact_name: String,
    pub contact_phone: String,
    pub summary: String,
    pub next_km: String,
    pub next_on: String,
    pub promised_at: String,
    pub waiting_since: String,
    pub waiting_until: String,
    pub waits_for_special: String,
    pub symptom: String,
    pub is_safety: String,
    pub assembly: String,
    /// One of each per row of items, in their order.
    pub item_kind: Vec<String>,
    pub item_code: Vec<String>,
    pub item_name: Vec<String>,
    pub item_quantity: Vec<String>,
    pub item_amount: Vec<String>,
    /// Set where two versions were compared and the stored items stay.
    pub keep_items: String,
    /// Set by the button that asks for more rows.
    pub more: String,
    pub version: i32,
    /// What an edit was loaded with.
    pub base: String,
    pub idem_key: String,
}

/// What the form is checked against.
pub struct Known<'a> {
    pub fmt: &'a Formatter,
    pub staff: &'a [Staff],
    /// Customers that the form offers.
    pub customers: &'a [(CustomerId, String)],
    pub area_code: Option<&'a str>,
}

impl VisitForm {
    /// The empty form: the car has just arrived.
    pub fn fresh(fmt: &Formatter, customers: &[(CustomerId, String)]) -> VisitForm {
        VisitForm {
            kind: VisitType::Maintenance.as_str().to_owned(),
            state: VisitState::Open.as_str().to_owned(),
            arrived_at: fmt.local_input(&fmt.now),
            customer_id: customers
                .first()
                .map(|(id, _)| id.to_string())
                .unwrap_or_default(),
            idem_key: idempotency::new_key().to_string(),
            ..VisitForm::default()
        }
    }

    /// The form of an existing visit.
    pub fn of(visit: &Visit, fmt: &Formatter) -> VisitForm {
        let time = |at: Option<DateTime<Utc>>| at.map(|at| fmt.local_input(&at)).unwrap_or_default();
        let number = |n: Option<i32>| n.map(|n| n.to_string()).unwrap_or_default();
        let flag = |is_set: bool| if is_set { "1" } else { "" }.to_owned();
        let person = |id: Option<UserId>| id.map(|id| id.to_string()).unwrap_or_default();
        let form = VisitForm {
            vehicle_id: visit.vehicle_id.to_string(),
            ro_number: visit.ro_number.clone(),
            kind: visit.r#type.as_str().to_owned(),
            state: visit.state.as_str().to_owned(),
            arrived_at: fmt.local_input(&visit.arrived_at),
            settled_at: time(visit.settled_at),
            handed_over_at: time(visit.handed_over_at),
            odometer_km: number(visit.odometer_km),
            amount: Money::from_fen(visit.amount_fen).to_string(),
            advisor_id: person(visit.advisor_id),
            advisor_name: visit.advisor_name.clone(),
            technician_id: person(visit.technician_id),
            technician_name: visit.technician_name.clone(),
            customer_id: visit.customer_id.to_string(),
            summary: visit.summary.clone(),
            next_km: number(visit.next_km),
            next_on: visit.next_on.map(|day| day.to_string()).unwrap_or_default(),
            promised_at: time(visit.promised_at),
            waiting_since: time(visit.waiting_since),
            waiting_until: time(visit.waiting_until),
            waits_for_special: flag(visit.waits_for_special),
            symptom: visit.symptom.clone(),
            is_safety: flag(visit.is_safety),
            assembly: visit.assembly.map(|part| part.to_string()).unwrap_or_default(),
            version: visit.version,
            ..VisitForm::default()
        };
        VisitForm {
            base: conflict::base_of(&form),
            ..form
        }
    }

    /// The key of a create form.
    pub fn idem_key(&self) -> Option<Uuid> {
        self.idem_key.parse().ok()
    }

    /// Checks everything.
    pub fn validate(&self, known: &Known<'_>) -> Result<VisitInput, FormErrors> {
        let mut errors = FormErrors::default();
        let (zone, today) = (known.fmt.zone, known.fmt.today());
        let arrived_at = past_time(&mut errors, "arrived_at", &self.arrived_at, known.fmt);
        if self.arrived_at.trim().is_empty() {
            errors.add("arrived_at", FieldError::Required);
        }
        let settled_at = past_time(&mut errors, "settled_at", &self.settled_at, known.fmt);
        let handed_over_at = past_time(&mut errors, "handed_over_at", &self.handed_over_at, known.fmt);
        let state = self.state(&mut errors, handed_over_at);
        if arrived_at
            .zip(handed_over_at)
            .is_some_and(|(arrived, left)| left < arrived)
        {
            errors.add("handed_over_at", handed_over_too_early());
        }
        let contact = self.contact(&mut errors, known);
        let (advisor_id, advisor_name) = staff_field(
            &mut errors,
            "advisor_id",
            &self.advisor_id,
            &self.advisor_name,
            known.staff,
        );
        let (technician_id, technician_name) = staff_field(
            &mut errors,
            "technician_id",
            &self.technician_id,
            &self.technician_name,
            known.staff,
        );
        let work = self.work(&mut errors, known.fmt, arrived_at);
        let items = self.validate_items(&mut errors);
        let arrived_at = arrived_at.unwrap_or(known.fmt.now);
        let input = VisitInput {
            ro_number: errors.required("ro_number", &clean(&self.ro_number), MAX_NUMBER),
            kind: errors
                .required_choice("kind", &self.kind)
                .unwrap_or(VisitType::Repair),
            state,
            arrived_at,
            arrived_on: arrived_at.with_timezone(&zone).date_naive(),
            settled_at: settled_at.or(handed_over_at),
            handed_over_at,
            handed_over_on: handed_over_at.map(|at| at.with_timezone(&zone).date_naive()),
            odometer_km: km_field(&mut errors, "odometer_km", &self.odometer_km),
            amount_fen: amount_field(&mut errors, &self.amount),
            advisor_id,
            advisor_name,
            technician_id,
            technician_name,
            summary: errors.optional("summary", &self.summary, MAX_SUMMARY),
            next_km: km_field(&mut errors, "next_km", &self.next_km),
            next_on: errors.date("next_on", &self.next_on),
            contact: contact.unwrap_or(Contact::Known(CustomerId::new(0))),
            work,
            items,
            today,
        };
        errors.finish(input)
    }

    /// The hand-over closes a visit, and without one it is not closed.
    fn state(&self, errors: &mut FormErrors, handed_over_at: Option<DateTime<Utc>>) -> VisitState {
        let chosen = errors
            .required_choice("state", &self.state)
            .unwrap_or(VisitState::Open);
        match (chosen, handed_over_at) {
            (VisitState::Cancelled, _) => VisitState::Cancelled,
            (VisitState::Open | VisitState::Settled | VisitState::Closed, Some(_)) => VisitState::Closed,
            (VisitState::Closed, None) => {
                if errors.get("handed_over_at").is_none() {
                    errors.add("handed_over_at", FieldError::Required);
                }
                VisitState::Closed
            }
            (VisitState::Open | VisitState::Settled, None) => chosen,
        }
    }

    /// Symptom, promise and waiting. Waiting lies between the arrival and now, and ends after it began.
    fn work(&self, errors: &mut FormErrors, fmt: &Formatter, arrived_at: Option<DateTime<Utc>>) -> WorkInput {
        let promised = errors.local_datetime("promised_at", &self.promised_at);
        let promised_at = promised.and_then(|local| to_utc(fmt.zone, local));
        if promised.is_some() && promised_at.is_none() {
            errors.add("promised_at", FieldError::BadDateTime);
        }
        let waiting_since = past_time(errors, "waiting_since", &self.waiting_since, fmt);
        let waiting_until = past_time(errors, "waiting_until", &self.waiting_until, fmt);
        if arrived_at
            .zip(waiting_since)
            .is_some_and(|(arrived, since)| since < arrived)
        {
            errors.add("waiting_since", waiting_before_arrival());
        }
        if waiting_until.is_some() && self.waiting_since.trim().is_empty() {
            errors.add("waiting_since", FieldError::Required);
        }
        if waiting_since
            .zip(waiting_until)
            .is_some_and(|(since, until)| until < since)
        {
            errors.add("waiting_until", waiting_ends_too_early());
        }
        WorkInput {
            promised_at,
            waiting_since,
            waiting_until,
            waits_for_special: !self.waits_for_special.is_empty(),
            symptom: errors.optional("symptom", &self.symptom, MAX_SYMPTOM),
            is_safety: !self.is_safety.is_empty(),
            assembly: errors.choice("assembly", &self.assembly),
        }
    }

    fn contact(&self, errors: &mut FormErrors, known: &Known<'_>) -> Option<Contact> {
        let chosen = self.customer_id.trim();
        if !chosen.is_empty() {
            let found = known.customers.iter().find(|(id, _)| id.to_string() == chosen);
            if found.is_none() {
                errors.add("customer_id", FieldError::BadChoice);
            }
            return found.map(|(id, _)| Contact::Known(*id));
        }
        let name = errors.required("contact_name", &clean(&self.contact_name), MAX_NAME);
        let phone = phone_field(
            errors,
            "contact_phone",
            &self.contact_phone,
            true,
            known.area_code,
        )?;
        Some(Contact::New { name, phone })
    }
}

/// A time on the store's wall clock that lies in the past. In a repeated hour the earlier one is meant.
fn past_time(
    errors: &mut FormErrors,
    field: &'static str,
    raw: &str,
    fmt: &Formatter,
) -> Option<DateTime<Utc>> {
    let local = errors.local_datetime(field, raw)?;
    let Some(at) = to_utc(fmt.zone, local) else {
        errors.add(field, FieldError::BadDateTime);
        return None;
    };
    if at > fmt.now {
        errors.add(field, not_yet());
        return None;
    }
    Some(at)
}

/// `None` of a time that the clock skips, in zones that have summer time.
fn to_utc(zone: Tz, local: NaiveDateTime) -> Option<DateTime<Utc>> {
    zone.from_local_datetime(&local)
        .earliest()
        .map(|at| at.with_timezone(&Utc))
}

/// Somebody of the list, else the name as typed.
fn staff_field(
    errors: &mut FormErrors,
    field: &'static str,
    raw: &str,
    name: &str,
    staff: &[Staff],
) -> (Option<UserId>, String) {
    if raw.trim().is_empty() {
        return (None, errors.optional(field, &clean(name), MAX_NAME));
    }
    match staff.iter().find(|person| person.id.to_string() == raw.trim()) {
        Some(person) => (Some(person.id), person.name.clone()),
        None => {
            errors.add(field, FieldError::BadChoice);
            (None, String::new())
        }
    }
}

fn amount_field(errors: &mut FormErrors, raw: &str) -> i64 {
    if raw.trim().is_empty() {
        return 0;
    }
    match Money::from_str(raw) {
        Ok(amount) => amount.fen(),
        Err(_) => {
            errors.add("amount", FieldError::BadNumber);
            0
        }
    }
}
