//! What a customer says on a call beside the answers: odometer and plate, another number, an appointment, no more calls.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde_json::json;
use sqlx::PgConnection;

use crate::appointments;
use crate::appointments::service::NewAppointment;
use crate::audit::Actor;
use crate::callbacks::CallbackId;
use crate::callbacks::forms::{CallForm, Context};
use crate::callbacks::queries::follow_ups as queries;
use crate::customers::service::PhoneInput;
use crate::customers::{self, CustomerId, forms::phone_field};
use crate::i18n::vehicles::plate_error;
use crate::stores::StoreScope;
use crate::text_enum;
use crate::vehicles::plate::{PlateError, PlateNumber};
use crate::vehicles::service::NewReading;
use crate::vehicles::{self, ReadingSource, VehicleId};
use crate::web::form::{FieldError, FormErrors};

/// Kilometres that the table of readings holds.
const MAX_KM: i32 = 3_000_000;

text_enum! {
    /// Which calls the customer does not want any more.
    pub enum NoCalls {
        /// Satisfaction surveys; everything else stays welcome.
        Survey = "survey",
        All = "all",
    }
}

/// A car of the call, and the plate on file.
#[derive(Clone, Debug)]
pub struct CallCar {
    pub id: VehicleId,
    pub plate: Option<String>,
}

/// Everything that was said, checked.
#[derive(Clone, Default)]
pub struct FollowUps {
    pub km: Vec<(VehicleId, i32)>,
    /// Plates that differ from the ones on file.
    pub plates: Vec<(VehicleId, PlateNumber)>,
    pub phone: Option<PhoneInput>,
    pub appointment: Option<Booking>,
    pub no_calls: Option<NoCalls>,
}

/// A wish for a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booking {
    pub vehicle: Option<VehicleId>,
    pub on: NaiveDate,
    pub at: Option<NaiveTime>,
    pub purpose: String,
}

/// Name of the field of a car's odometer.
pub fn km_name(car: VehicleId) -> String {
    format!("km{car}")
}

/// Name of the field of a car's plate.
pub fn plate_name(car: VehicleId) -> String {
    format!("plate{car}")
}

impl FollowUps {
    /// Reads what was typed; an empty field says nothing. Without a conversation with the customer there is another number
    /// at most, from whoever answered.
    pub fn read(
        form: &CallForm,
        context: &Context<'_>,
        is_connected: bool,
        errors: &mut FormErrors,
    ) -> FollowUps {
        let mut read = FollowUps {
            phone: phone_field(
                errors,
                "other_phone",
                form.get("other_phone"),
                false,
                context.area_code,
            ),
            ..FollowUps::default()
        };
        if !is_connected {
            return read;
        }
        read.no_calls = errors.choice("do_not_call", form.get("do_not_call"));
        for car in context.cars {
            let name = km_name(car.id);
            match kilometres(form.get(&name)) {
                Ok(km) => read.km.extend(km.map(|km| (car.id, km))),
                Err(error) => errors.add(name, error),
            }
            let name = plate_name(car.id);
            match PlateNumber::parse(form.get(&name)) {
                Ok(plate) if car.plate.as_deref() == Some(plate.as_str()) => {}
                Ok(plate) => read.plates.push((car.id, plate)),
                Err(PlateError::Empty) => {}
                Err(error) => errors.add(name, plate_error(error)),
            }
        }
        if form.has("book", "1") {
            read.appointment = booking(form, context, errors);
        }
        read
    }
}

/// "61,280" and "61280 km" are kilometres; empty is `None`.
fn kilometres(raw: &str) -> Result<Option<i32>, FieldError> {
    let text = crate::text::half_width(raw).to_lowercase();
    let text = text.replace([',', ' '], "");
    let text = text.trim_end_matches("km").trim_end_matches("公里");
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse::<i32>() {
        Ok(km) if (0..=MAX_KM).contains(&km) => Ok(Some(km)),
        Ok(_) => Err(FieldError::OutOfRange(0, MAX_KM.into())),
        Err(_) => Err(FieldError::BadNumber),
    }
}

fn booking(form: &CallForm, context: &Context<'_>, errors: &mut FormErrors) -> Option<Booking> {
    let purpose = errors.optional("book_for", form.get("book_for"), appointments::forms::MAX_PURPOSE);
    let chosen: Option<VehicleId> = form.get("book_car").parse().ok();
    let known = |id: VehicleId| context.cars.iter().any(|car| car.id == id);
    let vehicle = chosen
        .filter(|id| known(*id))
        .or(context.cars.first().map(|car| car.id));
    if form.get("book_on").trim().is_empty() {
        errors.add("book_on", FieldError::Required);
        return None;
    }
    let on = errors.date("book_on", form.get("book_on"))?;
    let at = appointments::forms::clock(form.get("book_at")).unwrap_or_else(|error| {
        errors.add("book_at", error);
        None
    });
    if let Some((field, error)) = appointments::forms::refused(context.calendar, context.now, on, at) {
        errors.add(if field == "on" { "book_on" } else { "book_at" }, error);
    }
    Some(Booking {
        vehicle,
        on,
        at,
        purpose,
    })
}

/// Who said it, on which call, to whom.
pub struct Said {
    pub customer: CustomerId,
    pub callback: CallbackId,
    pub actor: Actor,
    pub today: NaiveDate,
    pub now: DateTime<Utc>,
}

/// Adds the other number, before it is decided what comes next: it may be the one to call.
pub async fn write_phone(
    tx: &mut PgConnection,
    scope: StoreScope,
    said: &Said,
    follow_ups: &FollowUps,
) -> sqlx::Result<()> {
    if let Some(phone) = &follow_ups.phone
        && !queries::has_number(&mut *tx, scope, said.customer, phone.number.as_str()).await?
    {
        customers::service::add_phone(&mut *tx, scope, said.actor, said.customer, phone, said.now).await?;
    }
    Ok(())
}

/// Writes everything else; part of the transaction that settles the call.
pub async fn write(
    tx: &mut PgConnection,
    scope: StoreScope,
    said: &Said,
    follow_ups: &FollowUps,
) -> sqlx::Result<()> {
    write_cars(tx, scope, said, follow_ups).await?;
    if let Some(booking) = &follow_ups.appointment {
        let new = NewAppointment {
            customer: said.customer,
            vehicle: booking.vehicle,
            callback: Some(said.callback),
            on: booking.on,
            at: booking.at,
            purpose: booking.purpose.clone(),
        };
        crate::appointments::service::request(&mut *tx, scope, said.actor, &new, said.now).await?;
    }
    Ok(())
}

async fn write_cars(
    tx: &mut PgConnection,
    scope: StoreScope,
    said: &Said,
    follow_ups: &FollowUps,
) -> sqlx::Result<()> {
    for (car, km) in &follow_ups.km {
        let new = NewReading {
            read_on: said.today,
            km: *km,
            source: ReadingSource::Phone,
            visit: None,
        };
        let record = vehicles::service::record_reading;
        record(&mut *tx, scope, said.actor, *car, new, said.today, said.now).await?;
    }
    for (car, plate) in &follow_ups.plates {
        queries::set_plate(&mut *tx, scope, *car, plate.as_str(), said.now).await?;
        let change = json!({ "fields": ["plate"], "callback": said.callback });
        let action = "vehicles.update";
        vehicles::service::record(&mut *tx, scope, said.actor, action, *car, &change, said.now).await?;
        vehicles::facts::refresh(&mut *tx, scope, Some(&[car.get()]), said.now).await?;
        customers::facts::refresh_people_of(&mut *tx, scope, *car).await?;
    }
    Ok(())
}

/// Notes that the customer wants no more surveys, and frees them from those that wait.
pub async fn refuse_surveys(tx: &mut PgConnection, scope: StoreScope, said: &Said) -> sqlx::Result<()> {
    use customers::consents::model::Decision;
    use customers::consents::{ConsentChannel, Purpose};
    let decision = Decision {
        purposes: vec![Purpose::Survey],
        is_given: false,
        channel: ConsentChannel::Call,
        evidence: String::new(),
    };
    let consent = customers::consents::service::record;
    consent(&mut *tx, scope, said.actor, said.customer, &decision, said.now).await?;
    queries::exempt_surveys(&mut *tx, scope, said.customer, said.now).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kilometres_are_read_as_people_say_them() {
        for (raw, km) in [
            ("", Ok(None)),
            ("  ", Ok(None)),
            ("61280", Ok(Some(61_280))),
            ("61,280 km", Ok(Some(61_280))),
            ("６１２８０公里", Ok(Some(61_280))),
            ("about 6", Err(FieldError::BadNumber)),
            ("-1", Err(FieldError::OutOfRange(0, 3_000_000))),
            ("3000001", Err(FieldError::OutOfRange(0, 3_000_000))),
        ] {
            assert_eq!(kilometres(raw), km, "{raw}");
        }
    }
}
