//! What the browser posts about customers and their numbers.

use serde::Deserialize;
use uuid::Uuid;

use crate::customers::model::{Birthday, Customer};
use crate::customers::phone::{Phone, PhoneError};
use crate::customers::service::{CustomerInput, PhoneChange, PhoneInput};
use crate::customers::{ContactChannel, CustomerKind, PhoneState, PreferredDays};
use crate::i18n::customers::phone_error;
use crate::text::clean;
use crate::vehicles::forms::CarFields;
use crate::vehicles::plate::PlateNumber;
use crate::vehicles::vin::Vin;
use crate::web::form::{FieldError, FormErrors};
use crate::web::idempotency;

/// Longest name: companies have long ones.
const MAX_NAME: usize = 60;
/// Longest grade, such as A or VIP.
const MAX_GRADE: usize = 10;
/// Longest note, and longest text about habits.
const MAX_NOTE: usize = 500;
/// Longest district or address.
const MAX_ADDRESS: usize = 100;
/// Longest note on where the customer came from.
const MAX_SOURCE: usize = 40;

/// `POST /customers` and `POST /customers/{id}`; phones and car are on the first only.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct CustomerForm {
    pub kind: String,
    pub name: String,
    pub salutation: String,
    pub grade: String,
    pub note: String,
    pub preferred_channel: String,
    pub preferred_days: String,
    pub preferred_daypart: String,
    pub birth_year: String,
    pub birth_month: String,
    pub birth_day: String,
    pub district: String,
    pub address: String,
    pub source: String,
    pub source_note: String,
    pub habits: String,
    pub parent_id: String,
    pub keeper_id: String,
    /// On the form of a new customer: refuses surveys from the start.
    pub survey_opt_out: String,
    pub phone: String,
    pub phone2: String,
    pub phone3: String,
    pub plate: String,
    pub vin: String,
    pub brand: String,
    pub model: String,
    pub vin_anyway: String,
    /// Create although somebody has the same number or a car the same plate.
    pub anyway: String,
    pub version: i32,
    pub idem_key: String,
}

/// A new customer, checked.
pub struct NewCustomer {
    pub customer: CustomerInput,
    pub refuses_surveys: bool,
    pub phones: Vec<PhoneInput>,
    pub car: Option<CarFields>,
}

impl CustomerForm {
    /// The empty form.
    pub fn fresh() -> CustomerForm {
        CustomerForm {
            kind: CustomerKind::Person.as_str().to_owned(),
            preferred_channel: ContactChannel::Call.as_str().to_owned(),
            idem_key: idempotency::new_key().to_string(),
            ..CustomerForm::default()
        }
    }

    /// The empty form with a text that nobody was found by: a plate, a VIN, a number or a name.
    pub fn searched(text: &str) -> CustomerForm {
        let mut form = CustomerForm::fresh();
        let field = if PlateNumber::parse(text).is_ok() {
            &mut form.plate
        } else if Vin::parse(text).is_ok() {
            &mut form.vin
        } else if text.bytes().any(|b| b.is_ascii_digit()) {
            &mut form.phone
        } else {
            &mut form.name
        };
        *field = clean(text);
        form
    }

    /// The form of an existing customer. The address stays empty: it is never shown whole, and kept unless one is typed.
    pub fn of(customer: &Customer) -> CustomerForm {
        CustomerForm {
            kind: customer.kind.as_str().to_owned(),
            name: customer.name.clone(),
            salutation: customer.salutation.clone().unwrap_or_default(),
            grade: customer.grade.clone().unwrap_or_default(),
            note: customer.note.clone(),
            preferred_channel: customer.preferred_channel.as_str().to_owned(),
            preferred_days: customer.preferred_days.as_str().to_owned(),
            preferred_daypart: text(customer.preferred_daypart.as_ref()),
            birth_year: text(customer.birth_year.as_ref()),
            birth_month: text(customer.birth_month.as_ref()),
            birth_day: text(customer.birth_day.as_ref()),
            district: customer.district.clone(),
            source: text(customer.source.as_ref()),
            source_note: customer.source_note.clone(),
            habits: customer.habits.clone(),
            parent_id: text(customer.parent_id.as_ref()),
            keeper_id: text(customer.keeper_id.as_ref()),
            version: customer.version,
            ..CustomerForm::default()
        }
    }

    /// Whether the person insists on a new customer beside the one with the same number.
    pub fn is_anyway(&self) -> bool {
        !self.anyway.is_empty()
    }

    /// The key of a create form; a form without one is not ours.
    pub fn idem_key(&self) -> Option<Uuid> {
        self.idem_key.parse().ok()
    }

    /// Checks the fields of an edit.
    pub fn validate(&self) -> Result<CustomerInput, FormErrors> {
        let mut errors = FormErrors::default();
        let input = self.customer(&mut errors);
        errors.finish(input)
    }

    /// Checks everything of a new customer.
    pub fn validate_new(&self, area_code: Option<&str>) -> Result<NewCustomer, FormErrors> {
        let mut errors = FormErrors::default();
        // Company and keeper are chosen on the page that edits a customer.
        let customer = CustomerInput {
            parent_id: None,
            keeper_id: None,
            ..self.customer(&mut errors)
        };
        let mut phones: Vec<PhoneInput> = Vec::new();
        let fields = [
            ("phone", &self.phone, true),
            ("phone2", &self.phone2, false),
            ("phone3", &self.phone3, false),
        ];
        for (field, raw, is_required) in fields {
            let Some(phone) = phone_field(&mut errors, field, raw, is_required, area_code) else {
                continue;
            };
            if phones.iter().any(|other| other.number == phone.number) {
                errors.add(field, FieldError::Taken);
            } else {
                phones.push(phone);
            }
        }
        let car = CarFields::read(
            &mut errors,
            &self.plate,
            &self.vin,
            !self.vin_anyway.is_empty(),
            &self.brand,
            &self.model,
        );
        errors.finish(NewCustomer {
            customer,
            refuses_surveys: !self.survey_opt_out.is_empty(),
            phones,
            car,
        })
    }

    fn customer(&self, errors: &mut FormErrors) -> CustomerInput {
        let salutation = errors.optional("salutation", &self.salutation, MAX_GRADE);
        let grade = errors.optional("grade", &self.grade, MAX_GRADE);
        let address = errors.optional("address", &clean(&self.address), MAX_ADDRESS);
        CustomerInput {
            kind: errors
                .required_choice("kind", &self.kind)
                .unwrap_or(CustomerKind::Person),
            name: errors.required("name", &clean(&self.name), MAX_NAME),
            salutation: (!salutation.is_empty()).then_some(salutation),
            grade: (!grade.is_empty()).then_some(grade),
            note: errors.optional("note", &self.note, MAX_NOTE),
            preferred_channel: errors
                .choice("preferred_channel", &self.preferred_channel)
                .unwrap_or(ContactChannel::Call),
            preferred_days: errors
                .choice("preferred_days", &self.preferred_days)
                .unwrap_or(PreferredDays::Any),
            preferred_daypart: errors.choice("preferred_daypart", &self.preferred_daypart),
            birthday: self.birthday(errors),
            district: errors.optional("district", &clean(&self.district), MAX_ADDRESS),
            address: (!address.is_empty()).then_some(address),
            source: errors.choice("source", &self.source),
            source_note: errors.optional("source_note", &clean(&self.source_note), MAX_SOURCE),
            habits: errors.optional("habits", &self.habits, MAX_NOTE),
            parent_id: errors.choice("parent_id", &self.parent_id),
            keeper_id: errors.choice("keeper_id", &self.keeper_id),
        }
    }

    /// Month and day belong together; the year may stay out.
    fn birthday(&self, errors: &mut FormErrors) -> Option<Birthday> {
        let year = errors.number("birth_year", &self.birth_year, 1900, 2100);
        let month = errors.number("birth_month", &self.birth_month, 1, 12);
        let day = errors.number("birth_day", &self.birth_day, 1, 31);
        let small = |number: i64| i16::try_from(number).ok();
        let birthday = match (month.and_then(small), day.and_then(small)) {
            (Some(month), Some(day)) => Birthday::new(year.and_then(small), month, day),
            _ => None,
        };
        let is_empty = [&self.birth_year, &self.birth_month, &self.birth_day]
            .iter()
            .all(|text| text.trim().is_empty());
        if birthday.is_none() && !is_empty && errors.get("birth_month").is_none() {
            errors.add("birth_day", FieldError::BadDate);
        }
        birthday
    }
}

fn text<T: ToString>(value: Option<&T>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

/// Reads a number at a field; what was typed is kept beside it.
pub fn phone_field(
    errors: &mut FormErrors,
    field: &'static str,
    raw: &str,
    is_required: bool,
    area_code: Option<&str>,
) -> Option<PhoneInput> {
    match Phone::parse(raw, area_code) {
        Ok(number) => Some(PhoneInput {
            number,
            raw: clean(raw),
            state: PhoneState::Unverified,
        }),
        Err(PhoneError::Empty) if !is_required => None,
        Err(error) => {
            errors.add(field, phone_error(error));
            None
        }
    }
}

/// `POST /customers/{id}/phones` and `POST /customers/{id}/phones/{phone_id}`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct PhoneForm {
    pub number: String,
    pub state: String,
    pub is_main: String,
    pub sms_opt_out: String,
}

impl PhoneForm {
    /// Checks a number that is being added.
    pub fn validate_new(&self, area_code: Option<&str>) -> Result<PhoneInput, FormErrors> {
        let mut errors = FormErrors::default();
        match phone_field(&mut errors, "number", &self.number, true, area_code) {
            Some(phone) => Ok(phone),
            None => Err(errors),
        }
    }

    /// Checks a change; an empty number keeps the one there is.
    pub fn validate(&self, area_code: Option<&str>) -> Result<PhoneChange, FormErrors> {
        let mut errors = FormErrors::default();
        let number = phone_field(&mut errors, "number", &self.number, false, area_code);
        let state = errors.required_choice("state", &self.state);
        errors.finish(PhoneChange {
            number,
            state: state.unwrap_or(PhoneState::Ok),
            make_main: !self.is_main.is_empty(),
            sms_opt_out: !self.sms_opt_out.is_empty(),
        })
    }
}
