//! Statements of appointments.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use sqlx::PgExecutor;

use crate::appointments::forms::Wish;
use crate::appointments::service::NewAppointment;
use crate::appointments::{AppointmentId, AppointmentState, CancelReason};
use crate::callbacks::CallbackId;
use crate::customers::CustomerId;
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::vehicles::VehicleId;
use crate::web::pagination::PageParams;

/// Writes a wish.
pub async fn insert(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    new: &NewAppointment,
    by: Option<UserId>,
    answer_due_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> sqlx::Result<AppointmentId> {
    sqlx::query_scalar!(
        r#"
        insert into appointments (store_id, customer_id, vehicle_id, callback_id, wished_on, wished_at, purpose, created_by, created_at, answer_due_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
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
        answer_due_at,
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

/// An appointment as lists and its own page show it.
pub struct AppointmentRow {
    pub id: AppointmentId,
    pub version: i32,
    pub customer_id: CustomerId,
    pub vehicle_id: Option<VehicleId>,
    pub callback_id: Option<CallbackId>,
    pub state: AppointmentState,
    pub wished_on: NaiveDate,
    pub wished_at: Option<NaiveTime>,
    pub purpose: String,
    pub created_at: DateTime<Utc>,
    pub answer_due_at: DateTime<Utc>,
    pub answered_at: Option<DateTime<Utc>>,
    pub cancelled_at: Option<DateTime<Utc>>,
    pub cancel_reason: Option<CancelReason>,
    pub customer_name: Option<String>,
    pub salutation: Option<String>,
    pub plate: Option<String>,
    pub model: Option<String>,
    pub created_by_name: Option<String>,
    pub answered_by_name: Option<String>,
}

/// What is agreed or wished for one day, by the clock.
pub async fn page_of_day(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    day: NaiveDate,
    params: PageParams,
) -> sqlx::Result<Vec<AppointmentRow>> {
    sqlx::query_as!(
        AppointmentRow,
        r#"
        select id as "id!: AppointmentId", version as "version!", customer_id as "customer_id!: CustomerId", vehicle_id as "vehicle_id?: VehicleId",
               callback_id as "callback_id?: CallbackId", state as "state!: AppointmentState", wished_on as "wished_on!", wished_at,
               purpose as "purpose!", created_at as "created_at!", answer_due_at as "answer_due_at!", answered_at, cancelled_at,
               cancel_reason as "cancel_reason?: CancelReason", customer_name, salutation, plate, model, created_by_name, answered_by_name
        from appointment_lines
        where store_id = $1
          and wished_on = $2
          and state <> 'cancelled'
        order by wished_at nulls last, id
        limit $3 offset $4
        "#,
        scope.get(),
        day,
        params.limit(),
        params.offset(),
    )
    .fetch_all(db)
    .await
}

/// What waits for an answer, the earliest due first.
pub async fn page_waiting(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    params: PageParams,
) -> sqlx::Result<Vec<AppointmentRow>> {
    sqlx::query_as!(
        AppointmentRow,
        r#"
        select id as "id!: AppointmentId", version as "version!", customer_id as "customer_id!: CustomerId", vehicle_id as "vehicle_id?: VehicleId",
               callback_id as "callback_id?: CallbackId", state as "state!: AppointmentState", wished_on as "wished_on!", wished_at,
               purpose as "purpose!", created_at as "created_at!", answer_due_at as "answer_due_at!", answered_at, cancelled_at,
               cancel_reason as "cancel_reason?: CancelReason", customer_name, salutation, plate, model, created_by_name, answered_by_name
        from appointment_lines
        where store_id = $1
          and state = 'requested'
        order by answer_due_at, id
        limit $2 offset $3
        "#,
        scope.get(),
        params.limit(),
        params.offset(),
    )
    .fetch_all(db)
    .await
}

/// What was cancelled, the latest first.
pub async fn page_cancelled(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    params: PageParams,
) -> sqlx::Result<Vec<AppointmentRow>> {
    sqlx::query_as!(
        AppointmentRow,
        r#"
        select id as "id!: AppointmentId", version as "version!", customer_id as "customer_id!: CustomerId", vehicle_id as "vehicle_id?: VehicleId",
               callback_id as "callback_id?: CallbackId", state as "state!: AppointmentState", wished_on as "wished_on!", wished_at,
               purpose as "purpose!", created_at as "created_at!", answer_due_at as "answer_due_at!", answered_at, cancelled_at,
               cancel_reason as "cancel_reason?: CancelReason", customer_name, salutation, plate, model, created_by_name, answered_by_name
        from appointment_lines
        where store_id = $1
          and state = 'cancelled'
        order by cancelled_at desc, id desc
        limit $2 offset $3
        "#,
        scope.get(),
        params.limit(),
        params.offset(),
    )
    .fetch_all(db)
    .await
}

/// One appointment of this store.
pub async fn find(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: AppointmentId,
) -> sqlx::Result<Option<AppointmentRow>> {
    sqlx::query_as!(
        AppointmentRow,
        r#"
        select id as "id!: AppointmentId", version as "version!", customer_id as "customer_id!: CustomerId", vehicle_id as "vehicle_id?: VehicleId",
               callback_id as "callback_id?: CallbackId", state as "state!: AppointmentState", wished_on as "wished_on!", wished_at,
               purpose as "purpose!", created_at as "created_at!", answer_due_at as "answer_due_at!", answered_at, cancelled_at,
               cancel_reason as "cancel_reason?: CancelReason", customer_name, salutation, plate, model, created_by_name, answered_by_name
        from appointment_lines
        where store_id = $1
          and id = $2
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// How many there are on a day, and how many of them wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayCount {
    pub day: NaiveDate,
    pub all: i64,
    pub waiting: i64,
}

impl DayCount {
    /// A day without any.
    pub const fn none(day: NaiveDate) -> DayCount {
        DayCount {
            day,
            all: 0,
            waiting: 0,
        }
    }
}

/// The days from one to another that have any.
pub async fn count_days(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    first: NaiveDate,
    last: NaiveDate,
) -> sqlx::Result<Vec<DayCount>> {
    sqlx::query_as!(
        DayCount,
        r#"
        select wished_on as day, count(*) as "all!", count(*) filter (where state = 'requested') as "waiting!"
        from appointments
        where store_id = $1
          and wished_on between $2 and $3
          and state <> 'cancelled'
        group by wished_on
        order by wished_on
        "#,
        scope.get(),
        first,
        last,
    )
    .fetch_all(db)
    .await
}

/// What waits for an answer.
pub struct Waiting {
    pub all: i64,
    pub overdue: i64,
}

/// Counts what waits for an answer, and what waits too long.
pub async fn count_waiting(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    now: DateTime<Utc>,
) -> sqlx::Result<Waiting> {
    sqlx::query_as!(
        Waiting,
        r#"
        select count(*) as "all!", count(*) filter (where answer_due_at < $2) as "overdue!"
        from appointments
        where store_id = $1
          and state = 'requested'
        "#,
        scope.get(),
        now,
    )
    .fetch_one(db)
    .await
}

/// How wishes were answered.
pub struct Answered {
    pub all: i64,
    pub answered: i64,
    pub in_time: i64,
}

/// Wishes since an instant that were answered, or should have been by now; one that the customer took back, or that was
/// noted twice, counts only if it was answered.
pub async fn answered(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> sqlx::Result<Answered> {
    sqlx::query_as!(
        Answered,
        r#"
        select count(*) as "all!", count(answered_at) as "answered!",
               count(*) filter (where answered_at <= answer_due_at) as "in_time!"
        from appointments
        where store_id = $1
          and created_at >= $2
          and (answered_at is not null or answer_due_at <= $3)
          and (answered_at is not null or cancel_reason is null or cancel_reason = 'store')
        "#,
        scope.get(),
        since,
        now,
    )
    .fetch_one(db)
    .await
}

/// A customer's name, which may be empty; nothing if the store has no such customer.
pub async fn find_name(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: CustomerId,
) -> sqlx::Result<Option<Option<String>>> {
    sqlx::query_scalar!(
        r#"
        select name
        from customers
        where store_id = $1
          and id = $2
          and merged_into_id is null
          and erased_at is null
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// A car that an appointment may be for.
pub struct CarRow {
    pub id: VehicleId,
    pub plate: Option<String>,
    pub model: Option<String>,
}

/// The cars that somebody has to do with.
pub async fn list_cars(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: CustomerId,
) -> sqlx::Result<Vec<CarRow>> {
    sqlx::query_as!(
        CarRow,
        r#"
        select v.id, v.plate, v.model
        from vehicles v
        where v.store_id = $1
          and v.id in (select p.vehicle_id from vehicle_people p where p.store_id = $1 and p.customer_id = $2 and p.until_on is null)
        order by v.id
        limit 50
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_all(db)
    .await
}

/// Confirms what waits; `false`: it is another version by now, or waits no more.
pub async fn confirm(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    (id, version): (AppointmentId, i32),
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        update appointments
        set state = 'confirmed', confirmed_at = $5, confirmed_by = $4, answered_at = coalesce(answered_at, $5),
            answered_by = coalesce(answered_by, $4), version = version + 1
        where store_id = $1
          and id = $2
          and version = $3
          and state = 'requested'
        "#,
        scope.get(),
        id.get(),
        version,
        by.get(),
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes what was agreed with the customer instead: that is an answer, and a confirmed one is confirmed anew.
pub async fn change(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    (id, version): (AppointmentId, i32),
    wish: &Wish,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        update appointments
        set wished_on = $4, wished_at = $5, purpose = $6, vehicle_id = $7, answered_at = coalesce(answered_at, $9),
            answered_by = coalesce(answered_by, $8), version = version + 1
        where store_id = $1
          and id = $2
          and version = $3
          and state <> 'cancelled'
        "#,
        scope.get(),
        id.get(),
        version,
        wish.on,
        wish.at,
        wish.purpose,
        wish.vehicle.map(VehicleId::get),
        by.get(),
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Cancels what is not cancelled yet.
pub async fn cancel(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    (id, version): (AppointmentId, i32),
    reason: CancelReason,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        update appointments
        set state = 'cancelled', cancelled_at = $6, cancelled_by = $5, cancel_reason = $4, version = version + 1
        where store_id = $1
          and id = $2
          and version = $3
          and state <> 'cancelled'
        "#,
        scope.get(),
        id.get(),
        version,
        reason.as_str(),
        by.get(),
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}
