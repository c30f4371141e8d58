//! What the browser posts when a file was looked through.

use chrono::NaiveDate;
use serde::Deserialize;

use crate::customers::forms::{CustomerForm, phone_field};
use crate::customers::model::Customer;
use crate::customers::service::{CustomerInput, PhoneInput};
use crate::reviews::model::Queue;
use crate::reviews::queries::ReviewCar;
use crate::vehicles::forms::{VehicleForm, km_field};
use crate::vehicles::model::Vehicle;
use crate::vehicles::service::VehicleInput;
use crate::web::form::{FieldError, FormErrors};

/// `POST /reviews/{id}`: what is missing, and what is worth asking each time. Empty fields change nothing that is on file.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct ReviewForm {
    pub queue: String,
    /// `nothing`: looked through, nothing to change.
    pub action: String,
    pub version: i32,
    pub name: String,
    pub salutation: String,
    pub district: String,
    pub address: String,
    pub preferred_channel: String,
    pub preferred_days: String,
    pub preferred_daypart: String,
    pub note: String,
    /// A number to add.
    pub phone: String,
    /// A class to add, by its id.
    pub class: String,
    /// The customer agrees to service notices.
    pub consent: String,
    pub car_version: i32,
    pub plate: String,
    pub vin: String,
    pub vin_anyway: String,
    pub delivered_on: String,
    pub km: String,
    pub insurance_ends_on: String,
}

/// Everything that a review writes, checked.
pub struct ReviewInput {
    pub customer: CustomerInput,
    pub phone: Option<PhoneInput>,
    pub class: Option<i64>,
    pub agrees: bool,
    /// `None`: the car stays as it is.
    pub car: Option<VehicleInput>,
    pub km: Option<i32>,
    pub insurance_ends_on: Option<NaiveDate>,
}

impl ReviewForm {
    /// The form of a file.
    pub fn of(customer: &Customer, car: Option<&ReviewCar>, queue: Queue) -> ReviewForm {
        let known = CustomerForm::of(customer);
        ReviewForm {
            queue: queue.to_string(),
            version: customer.version,
            name: known.name,
            salutation: known.salutation,
            district: known.district,
            preferred_channel: known.preferred_channel,
            preferred_days: known.preferred_days,
            preferred_daypart: known.preferred_daypart,
            note: known.note,
            car_version: car.map_or(0, |car| car.version),
            ..ReviewForm::default()
        }
    }

    /// Which list is worked off.
    pub fn queue(&self) -> Queue {
        self.queue.parse().unwrap_or(Queue::Week)
    }

    /// Whether the person found nothing to change.
    pub fn is_nothing(&self) -> bool {
        self.action == "nothing"
    }

    /// Checks everything with the rules of the customer's and the car's own forms.
    pub fn validate(
        &self,
        customer: &Customer,
        car: Option<&Vehicle>,
        area_code: Option<&str>,
        today: NaiveDate,
    ) -> Result<ReviewInput, FormErrors> {
        let mut errors = FormErrors::default();
        let customer = errors.collect(self.customer_form(customer).validate());
        let phone = phone_field(&mut errors, "phone", &self.phone, false, area_code);
        let km = km_field(&mut errors, "km", &self.km);
        let insurance_ends_on = errors.date("insurance_ends_on", &self.insurance_ends_on);
        if errors
            .date("delivered_on", &self.delivered_on)
            .is_some_and(|day| day > today)
        {
            errors.add("delivered_on", FieldError::InTheFuture);
        }
        let car = match car.filter(|_| self.names_car()) {
            Some(car) => errors.collect(self.vehicle_form(car).validate(car.vin.as_deref())),
            None => None,
        };
        match customer {
            Some(customer) => errors.finish(ReviewInput {
                customer,
                phone,
                class: self.class.parse().ok(),
                agrees: !self.consent.is_empty(),
                car,
                km,
                insurance_ends_on,
            }),
            None => Err(errors),
        }
    }

    /// Whether anything about the car itself was typed.
    fn names_car(&self) -> bool {
        [&self.plate, &self.vin, &self.delivered_on]
            .iter()
            .any(|text| !text.trim().is_empty())
    }

    fn customer_form(&self, customer: &Customer) -> CustomerForm {
        CustomerForm {
            name: self.name.clone(),
            salutation: self.salutation.clone(),
            district: self.district.clone(),
            address: self.address.clone(),
            preferred_channel: self.preferred_channel.clone(),
            preferred_days: self.preferred_days.clone(),
            preferred_daypart: self.preferred_daypart.clone(),
            note: self.note.clone(),
            ..CustomerForm::of(customer)
        }
    }

    fn vehicle_form(&self, car: &Vehicle) -> VehicleForm {
        let known = VehicleForm::of(car);
        let typed = |text: &String, known: String| {
            if text.trim().is_empty() {
                known
            } else {
                text.clone()
            }
        };
        VehicleForm {
            plate: typed(&self.plate, known.plate.clone()),
            vin: typed(&self.vin, known.vin.clone()),
            vin_anyway: self.vin_anyway.clone(),
            delivered_on: typed(&self.delivered_on, known.delivered_on.clone()),
            ..known
        }
    }
}

/// `POST /reviews/settings`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct SettingsForm {
    pub stale_after_days: String,
}

impl SettingsForm {
    /// Between a month and three years.
    pub fn validate(&self) -> Result<i16, FormErrors> {
        let mut errors = FormErrors::default();
        if self.stale_after_days.trim().is_empty() {
            errors.add("stale_after_days", FieldError::Required);
        }
        let days = errors.number("stale_after_days", &self.stale_after_days, 30, 1000);
        errors.finish(days.and_then(|days| i16::try_from(days).ok()).unwrap_or(180))
    }
}
