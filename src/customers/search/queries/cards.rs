//! What the box shows of people and cars that were found.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgExecutor;

use crate::callbacks::CallbackId;
use crate::customers::{CustomerId, CustomerKind};
use crate::stores::StoreScope;
use crate::vehicles::VehicleId;

/// A person as the box shows them.
pub struct CustomerCard {
    pub id: CustomerId,
    pub kind: CustomerKind,
    pub name: String,
    pub salutation: Option<String>,
    pub grade: Option<String>,
    pub number: Option<String>,
    pub last_visit_on: Option<NaiveDate>,
    pub callback_id: Option<CallbackId>,
    pub callback_due_at: Option<DateTime<Utc>>,
}

/// These people with what a caller asks first; the caller of this restores their order.
pub async fn list_cards(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    ids: &[i64],
) -> sqlx::Result<Vec<CustomerCard>> {
    sqlx::query_as!(
        CustomerCard,
        r#"
        select c.id, c.kind, c.name as "name!", c.salutation, c.grade, h.number as "number?",
               f.last_visit_on as "last_visit_on?", b.id as "callback_id?", b.callable_due_at as "callback_due_at?"
        from customers c
        left join customer_facts f on f.store_id = c.store_id and f.customer_id = c.id
        left join phones h on h.store_id = c.store_id and h.customer_id = c.id and h.is_main
        left join callbacks b on b.store_id = c.store_id and b.customer_id = c.id and b.status in ('open', 'claimed')
        where c.store_id = $1
          and c.id = any($2)
          and c.merged_into_id is null
          and c.erased_at is null
        "#,
        scope.get(),
        ids,
    )
    .fetch_all(db)
    .await
}

/// A car beside a person in the box.
pub struct CardCar {
    pub customer_id: CustomerId,
    pub vehicle_id: VehicleId,
    pub plate: Option<String>,
    pub model: String,
}

/// Current cars of these people.
pub async fn list_card_cars(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    ids: &[i64],
) -> sqlx::Result<Vec<CardCar>> {
    sqlx::query_as!(
        CardCar,
        r#"
        select distinct p.customer_id, v.id as vehicle_id, v.plate, v.model
        from vehicle_people p
        join vehicles v on v.store_id = p.store_id and v.id = p.vehicle_id and v.erased_at is null
        where p.store_id = $1
          and p.customer_id = any($2)
          and p.until_on is null
        order by p.customer_id, v.id
        "#,
        scope.get(),
        ids,
    )
    .fetch_all(db)
    .await
}

/// A car as the box shows it.
pub struct VehicleCard {
    pub id: VehicleId,
    pub plate: Option<String>,
    pub vin: Option<String>,
    pub model: String,
    pub last_visit_on: Option<NaiveDate>,
}

/// These cars; the caller restores their order.
pub async fn list_vehicle_cards(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    ids: &[i64],
) -> sqlx::Result<Vec<VehicleCard>> {
    sqlx::query_as!(
        VehicleCard,
        r#"
        select v.id, v.plate, v.vin, v.model, f.last_visit_on as "last_visit_on?"
        from vehicles v
        left join vehicle_facts f on f.store_id = v.store_id and f.vehicle_id = v.id
        where v.store_id = $1
          and v.id = any($2)
        "#,
        scope.get(),
        ids,
    )
    .fetch_all(db)
    .await
}
