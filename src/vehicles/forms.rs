//! What the browser posts about cars, readings and the people around a car.

use chrono::NaiveDate;
use serde::Deserialize;
use uuid::Uuid;

use crate::customers::CustomerId;
use crate::i18n::vehicles::{plate_error, vin_error, vin_warning};
use crate::text::clean;
use crate::vehicles::model::Vehicle;
use crate::vehicles::plate::{PlateError, PlateNumber};
use crate::vehicles::service::VehicleInput;
use crate::vehicles::vin::{Vin, VinError};
use crate::vehicles::{PersonRole, VehicleState, VehicleUsage, WarrantyKind};
use crate::web::form::{FieldError, FormErrors};
use crate::web::idempotency;

/// Longest brand or model.
const MAX_NAME: usize = 40;
/// Longest note.
const MAX_NOTE: usize = 500;
/// As in the table: no car goes further.
pub const MAX_KM: i64 = 3_000_000;

/// What names a car, wherever it is typed.
#[derive(Clone)]
pub struct CarFields {
    pub plate: Option<PlateNumber>,
    pub vin: Option<Vin>,
    pub brand: String,
    pub model: String,
}

impl CarFields {
    /// `None` if neither plate nor VIN was typed; a model alone is no car.
    pub fn read(
        errors: &mut FormErrors,
        plate: &str,
        vin: &str,
        is_vin_sure: bool,
        brand: &str,
        model: &str,
    ) -> Option<CarFields> {
        let car = CarFields {
            plate: plate_field(errors, plate),
            vin: vin_field(errors, vin, is_vin_sure),
            brand: errors.optional("brand", &clean(brand), MAX_NAME),
            model: errors.optional("model", &clean(model), MAX_NAME),
        };
        (car.plate.is_some() || car.vin.is_some()).then_some(car)
    }

    /// The VIN as a statement's parameter.
    pub fn vin_str(&self) -> Option<&str> {
        self.vin.as_ref().map(Vin::as_str)
    }

    /// The plate as a statement's parameter.
    pub fn plate_str(&self) -> Option<&str> {
        self.plate.as_ref().map(PlateNumber::as_str)
    }
}

fn plate_field(errors: &mut FormErrors, raw: &str) -> Option<PlateNumber> {
    match PlateNumber::parse(raw) {
        Ok(plate) => Some(plate),
        Err(PlateError::Empty) => None,
        Err(error) => {
            errors.add("plate", plate_error(error));
            None
        }
    }
}

/// A check digit that does not fit, and a short number from before 1997, pass when the person insists.
fn vin_field(errors: &mut FormErrors, raw: &str, is_sure: bool) -> Option<Vin> {
    match Vin::parse(raw) {
        Ok((vin, None)) => Some(vin),
        Ok((vin, Some(_))) if is_sure => Some(vin),
        Ok((_, Some(warning))) => {
            errors.add("vin", vin_warning(warning));
            None
        }
        Err(VinError::Empty) => None,
        Err(error) => match Vin::legacy(raw) {
            Ok(vin) if is_sure => Some(vin),
            Ok(_) | Err(_) => {
                errors.add("vin", vin_error(&error));
                None
            }
        },
    }
}

/// `POST /vehicles` and `POST /vehicles/{id}`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct VehicleForm {
    pub plate: String,
    pub vin: String,
    pub brand: String,
    pub model: String,
    pub usage: String,
    pub state: String,
    pub sold_here: String,
    pub delivered_on: String,
    pub warranty_ends_on: String,
    pub warranty_km: String,
    pub warranty_kind: String,
    pub extended_warranty_ends_on: String,
    pub extended_warranty_km: String,
    pub first_maintenance_due_on: String,
    pub note: String,
    pub vin_anyway: String,
    pub anyway: String,
    pub customer_id: String,
    pub role: String,
    pub version: i32,
    pub idem_key: String,
}

impl VehicleForm {
    /// The empty form, for a car of this customer.
    pub fn fresh(customer: CustomerId) -> VehicleForm {
        VehicleForm {
            usage: VehicleUsage::Private.as_str().to_owned(),
            state: VehicleState::Active.as_str().to_owned(),
            role: PersonRole::Owner.as_str().to_owned(),
            warranty_kind: WarrantyKind::Maker.as_str().to_owned(),
            customer_id: customer.to_string(),
            idem_key: idempotency::new_key().to_string(),
            ..VehicleForm::default()
        }
    }

    /// The form of an existing car. The VIN stays empty: it is shown masked and kept unless a new one is typed.
    pub fn of(car: &Vehicle) -> VehicleForm {
        let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        let number = |km: Option<i32>| km.map(|km| km.to_string()).unwrap_or_default();
        VehicleForm {
            plate: car
                .plate
                .as_deref()
                .map(crate::vehicles::plate::display)
                .unwrap_or_default(),
            brand: car.brand.clone(),
            model: car.model.clone(),
            usage: car.usage.as_str().to_owned(),
            state: car.state.as_str().to_owned(),
            sold_here: if car.sold_here { "1" } else { "" }.to_owned(),
            delivered_on: day(car.delivered_on),
            warranty_ends_on: day(car.warranty_ends_on),
            warranty_km: number(car.warranty_km),
            warranty_kind: car.warranty_kind.as_str().to_owned(),
            extended_warranty_ends_on: day(car.extended_warranty_ends_on),
            extended_warranty_km: number(car.extended_warranty_km),
            first_maintenance_due_on: day(car.first_maintenance_due_on),
            note: car.note.clone(),
            version: car.version,
            ..VehicleForm::default()
        }
    }

    /// Whether the person insists on a plate that another car has.
    pub fn is_anyway(&self) -> bool {
        !self.anyway.is_empty()
    }

    /// The key of a create form.
    pub fn idem_key(&self) -> Option<Uuid> {
        self.idem_key.parse().ok()
    }

    /// Checks everything; `known_vin` is the VIN an edited car has already.
    pub fn validate(&self, known_vin: Option<&str>) -> Result<VehicleInput, FormErrors> {
        let mut errors = FormErrors::default();
        let car = CarFields::read(
            &mut errors,
            &self.plate,
            &self.vin,
            !self.vin_anyway.is_empty(),
            &self.brand,
            &self.model,
        );
        let known = known_vin.filter(|_| self.vin.trim().is_empty());
        if car.is_none() && known.is_none() && errors.is_empty() {
            errors.add("plate", FieldError::Required);
        }
        let empty = CarFields {
            plate: None,
            vin: None,
            brand: clean(&self.brand),
            model: clean(&self.model),
        };
        let car = car.unwrap_or(empty);
        let input = VehicleInput {
            vin: car.vin_str().or(known).map(str::to_owned),
            plate: car.plate_str().map(str::to_owned),
            brand: car.brand,
            model: car.model,
            usage: errors
                .required_choice("usage", &self.usage)
                .unwrap_or(VehicleUsage::Private),
            state: errors
                .choice("state", &self.state)
                .unwrap_or(VehicleState::Active),
            sold_here: !self.sold_here.is_empty(),
            delivered_on: errors.date("delivered_on", &self.delivered_on),
            warranty_ends_on: errors.date("warranty_ends_on", &self.warranty_ends_on),
            warranty_km: km_field(&mut errors, "warranty_km", &self.warranty_km),
            warranty_kind: errors
                .choice("warranty_kind", &self.warranty_kind)
                .unwrap_or(WarrantyKind::Maker),
            extended_warranty_ends_on: errors
                .date("extended_warranty_ends_on", &self.extended_warranty_ends_on),
            extended_warranty_km: km_field(&mut errors, "extended_warranty_km", &self.extended_warranty_km),
            first_maintenance_due_on: errors.date("first_maintenance_due_on", &self.first_maintenance_due_on),
            note: errors.optional("note", &self.note, MAX_NOTE),
        };
        errors.finish(input)
    }
}

/// Kilometres within what the table holds.
pub fn km_field(errors: &mut FormErrors, field: &'static str, raw: &str) -> Option<i32> {
    errors
        .number(field, raw, 0, MAX_KM)
        .and_then(|km| i32::try_from(km).ok())
}

/// `POST /vehicles/{id}/readings`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct ReadingForm {
    pub km: String,
    pub read_on: String,
}

impl ReadingForm {
    /// Day and kilometres; without a day it is today's.
    pub fn validate(&self, today: NaiveDate) -> Result<(NaiveDate, i32), FormErrors> {
        let mut errors = FormErrors::default();
        let read_on = errors.date("read_on", &self.read_on).unwrap_or(today);
        if read_on > today {
            errors.add("read_on", FieldError::InTheFuture);
        }
        if self.km.trim().is_empty() {
            errors.add("km", FieldError::Required);
        }
        let km = km_field(&mut errors, "km", &self.km).unwrap_or_default();
        errors.finish((read_on, km))
    }
}

/// `POST /vehicles/{id}/people`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct PersonForm {
    /// A phone number or the number of a customer.
    pub who: String,
    pub role: String,
}
