//! Looking a file through; whoever calls brings the transaction.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use sqlx::PgConnection;

use crate::auth::session::CurrentUser;
use crate::customers::consents::model::Decision;
use crate::customers::consents::{self, ConsentChannel, Purpose};
use crate::customers::model::Customer;
use crate::customers::{self, CustomerId, tags};
use crate::reviews::forms::ReviewInput;
use crate::reviews::queries;
use crate::vehicles::model::Vehicle;
use crate::vehicles::service::NewReading;
use crate::vehicles::{self, ReadingSource, VehicleId};

/// Why a review could not be saved.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// Somebody else has changed the customer or the car since the page was opened.
    #[error("file has changed")]
    Changed,
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

/// The car of a review, and the version that the person saw.
pub struct SeenCar<'a> {
    pub vehicle: &'a Vehicle,
    pub version: i32,
}

/// Notes that a file was looked through and nothing was to change. Twice is as good as once.
pub async fn confirm(
    db: &mut PgConnection,
    user: &CurrentUser,
    customer: &Customer,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    customers::queries::set_reviewed(&mut *db, user.scope(), customer.id, user.id, now).await?;
    close(db, user, customer, "reviews.confirm", now).await
}

/// An edit on the customer's own pages is a look, too.
pub async fn note_edit(
    db: &mut PgConnection,
    user: &CurrentUser,
    customer: CustomerId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    queries::settle(db, user.scope(), customer, user.id, now).await
}

/// Saves what was filled in and ends the entries about the file.
pub async fn save(
    db: &mut PgConnection,
    user: &CurrentUser,
    (before, version): (&Customer, i32),
    car: Option<SeenCar<'_>>,
    input: &ReviewInput,
    (now, today): (DateTime<Utc>, NaiveDate),
) -> Result<(), ReviewError> {
    let (scope, actor, id) = (user.scope(), user.actor(), before.id);
    if !customers::service::update(&mut *db, scope, actor, before, version, &input.customer, now).await? {
        return Err(ReviewError::Changed);
    }
    if let Some(car) = car {
        save_car(&mut *db, user, &car, input, (now, today)).await?;
    }
    if let Some(phone) = &input.phone {
        customers::service::add_phone(&mut *db, scope, actor, id, phone, now).await?;
    }
    if let Some(class) = input.class {
        tags::service::add(&mut *db, scope, actor, id, class, now).await?;
    }
    if input.agrees {
        let yes = Decision {
            purposes: vec![Purpose::Service],
            is_given: true,
            channel: ConsentChannel::Call,
            evidence: String::new(),
        };
        consents::service::record(&mut *db, scope, actor, id, &yes, now).await?;
    }
    close(db, user, before, "reviews.save", now).await?;
    Ok(())
}

async fn save_car(
    db: &mut PgConnection,
    user: &CurrentUser,
    car: &SeenCar<'_>,
    input: &ReviewInput,
    (now, today): (DateTime<Utc>, NaiveDate),
) -> Result<(), ReviewError> {
    let (scope, actor, id): (_, _, VehicleId) = (user.scope(), user.actor(), car.vehicle.id);
    if let Some(changed) = &input.car
        && !vehicles::service::update(&mut *db, scope, actor, car.vehicle, car.version, changed, now).await?
    {
        return Err(ReviewError::Changed);
    }
    if let Some(ends_on) = input.insurance_ends_on {
        queries::insert_insurance_end(&mut *db, scope, id, ends_on, now).await?;
    }
    if let Some(km) = input.km {
        let reading = NewReading {
            read_on: today,
            km,
            source: ReadingSource::Phone,
            visit: None,
        };
        vehicles::service::add_reading(&mut *db, scope, id, reading, today).await?;
        vehicles::service::follow_readings(&mut *db, scope, id, now).await?;
    }
    Ok(())
}

async fn close(
    db: &mut PgConnection,
    user: &CurrentUser,
    customer: &Customer,
    action: &'static str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let (scope, id) = (user.scope(), customer.id);
    customers::facts::refresh(&mut *db, scope, Some(&[id.get()])).await?;
    queries::settle(&mut *db, scope, id, user.id, now).await?;
    let change = json!({ "score": customer.score });
    customers::service::record(db, scope, user.actor(), action, id, &change, now).await
}
