//! What is typed about an appointment.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::Deserialize;

use crate::appointments::model::{self, NotThen};
use crate::calendar::StoreCalendar;
use crate::i18n::callbacks::{closed_day, closed_time};
use crate::vehicles::VehicleId;
use crate::web::form::{FieldError, FormErrors};

/// Longest words about what an appointment is for.
pub const MAX_PURPOSE: usize = 200;

/// A new appointment, or another time for one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AppointmentForm {
    pub idem_key: String,
    pub version: String,
    pub customer: String,
    pub vehicle: String,
    pub on: String,
    pub at: String,
    pub purpose: String,
    /// The workshop has agreed already.
    pub confirmed: String,
}

/// What was agreed with the customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    pub vehicle: Option<VehicleId>,
    pub on: NaiveDate,
    pub at: Option<NaiveTime>,
    pub purpose: String,
}

impl AppointmentForm {
    /// Checks it against the customer's cars and the store's opening hours.
    pub fn validate(
        &self,
        cars: &[VehicleId],
        calendar: &StoreCalendar,
        now: DateTime<Utc>,
    ) -> Result<Wish, FormErrors> {
        let mut errors = FormErrors::default();
        let vehicle: Option<VehicleId> = errors.choice("vehicle", &self.vehicle);
        if vehicle.is_some_and(|id| !cars.contains(&id)) {
            errors.add("vehicle", FieldError::BadChoice);
        }
        let purpose = errors.optional("purpose", &self.purpose, MAX_PURPOSE);
        if self.on.trim().is_empty() {
            errors.add("on", FieldError::Required);
        }
        let on = (!self.on.trim().is_empty())
            .then(|| errors.date("on", &self.on))
            .flatten();
        let at = clock(&self.at).unwrap_or_else(|error| {
            errors.add("at", error);
            None
        });
        if let Some(on) = on
            && let Some((field, error)) = refused(calendar, now, on, at)
        {
            errors.add(field, error);
        }
        errors.finish(Wish {
            vehicle,
            on: on.unwrap_or_default(),
            at,
            purpose,
        })
    }
}

/// The time of a `time` field; empty is any time of the day.
pub fn clock(raw: &str) -> Result<Option<NaiveTime>, FieldError> {
    match raw.trim() {
        "" => Ok(None),
        text => NaiveTime::parse_from_str(text, "%H:%M")
            .or_else(|_| NaiveTime::parse_from_str(text, "%H:%M:%S"))
            .map(Some)
            .map_err(|_| FieldError::BadTime),
    }
}

/// What speaks against a day and a time, with the field (`on` or `at`) that it is said of.
pub fn refused(
    calendar: &StoreCalendar,
    now: DateTime<Utc>,
    on: NaiveDate,
    at: Option<NaiveTime>,
) -> Option<(&'static str, FieldError)> {
    let why = model::objection(calendar, now, on, at)?;
    let error = match why {
        NotThen::DayIsPast | NotThen::TimeIsPast => FieldError::InThePast,
        NotThen::TooFar => FieldError::InTheFuture,
        NotThen::ClosedDay => closed_day(),
        NotThen::ClosedTime => closed_time(),
    };
    Some((if why.is_about_day() { "on" } else { "at" }, error))
}

/// Buttons of one row: which version of it was seen.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AnswerForm {
    pub version: String,
    pub reason: String,
    /// Path and query of the list to come back to.
    pub next: String,
}
