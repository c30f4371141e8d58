//! Statements of appointments.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use sqlx::PgExecutor;

use crate::appointments::service::NewAppointment;
use crate::appointments::{AppointmentId, AppointmentState};
use crate::customers::CustomerId;
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::vehicles::VehicleId;

/// Writes a wish.
pub async fn insert(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    new: &NewAppointment,
    by: Option<UserId>,
    now: DateTime<Utc>,
) -> sqlx::Result<AppointmentId> {
    sqlx::query_scalar!(
        r#"
        insert into appointments (store_id, customer_id, vehicle_id, callback_id, wished_on, wished_at, purpose, created_by, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        returning id
        "#,
        scope.get(),
        new.customer.get(),
        new.vehicle.map(VehicleId::get),
        new.callback.map(|id| id.get()),
        new.on,
        new.at,
        new.purpose,
        by.map(UserId::get),
        now,
    )
    .fetch_one(db)
    .await
}

/// An appointment that lies ahead.
pub struct UpcomingRow {
    pub id: AppointmentId,
    pub state: AppointmentState,
    pub wished_on: NaiveDate,
    pub wished_at: Option<NaiveTime>,
    pub purpose: String,
    pub plate: Option<String>,
}

/// What a customer has ahead, the next first.
pub async fn list_upcoming(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customer: CustomerId,
    today: NaiveDate,
) -> sqlx::Result<Vec<UpcomingRow>> {
    sqlx::query_as!(
        UpcomingRow,
        r#"
        select a.id, a.state, a.wished_on, a.wished_at, a.purpose, v.plate as "plate?"
        from appointments a
        left join vehicles v on v.store_id = a.store_id and v.id = a.vehicle_id
        where a.store_id = $1
          and a.customer_id = $2
          and a.wished_on >= $3
          and a.state <> 'cancelled'
        order by a.wished_on, a.wished_at nulls last, a.id
        limit 5
        "#,
        scope.get(),
        customer.get(),
        today,
    )
    .fetch_all(db)
    .await
}
