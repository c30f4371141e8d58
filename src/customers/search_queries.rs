//! Statements of the search. Terms arrive normalised; tails are equality on `right(…)`, which stays on its index under a generic plan.

use sqlx::PgExecutor;

use crate::customers::CustomerId;
use crate::stores::StoreScope;
use crate::vehicles::VehicleId;
use crate::visits::VisitId;

/// The visit with this number, whatever its case.
pub async fn find_visit(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    number: &str,
) -> sqlx::Result<Option<VisitId>> {
    sqlx::query_scalar!(
        "select id from visits where store_id = $1 and ro_number in ($2, upper($2))",
        scope.get(),
        number,
    )
    .fetch_optional(db)
    .await
}

/// The car with this VIN.
pub async fn find_vehicle_by_vin(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    vin: &str,
) -> sqlx::Result<Option<VehicleId>> {
    sqlx::query_scalar!(
        "select id from vehicles where store_id = $1 and vin = $2",
        scope.get(),
        vin
    )
    .fetch_optional(db)
    .await
}

/// Customers with a number that ends in these four digits; extensions of landlines are not looked at.
pub async fn by_phone_tail(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    tail: &str,
    limit: i64,
) -> sqlx::Result<Vec<CustomerId>> {
    sqlx::query_scalar!(
        r#"
        select distinct c.id
        from phones h
        join customers c on c.store_id = h.store_id and c.id = h.customer_id
        where h.store_id = $1
          and right(h.number, 4) = $2
          and c.merged_into_id is null
        order by c.id
        limit $3
        "#,
        scope.get(),
        tail,
        limit,
    )
    .fetch_all(db)
    .await
}

/// People around cars with this plate, current ones only.
pub async fn by_plate(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    plate: &str,
    limit: i64,
) -> sqlx::Result<Vec<CustomerId>> {
    sqlx::query_scalar!(
        r#"
        select distinct p.customer_id
        from vehicles v
        join vehicle_people p on p.store_id = v.store_id and p.vehicle_id = v.id and p.until_on is null
        where v.store_id = $1
          and v.plate = $2
        order by p.customer_id
        limit $3
        "#,
        scope.get(),
        plate,
        limit,
    )
    .fetch_all(db)
    .await
}

/// People around cars whose plate ends in these four characters.
pub async fn by_plate_tail(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    tail: &str,
    limit: i64,
) -> sqlx::Result<Vec<CustomerId>> {
    sqlx::query_scalar!(
        r#"
        select distinct p.customer_id
        from vehicles v
        join vehicle_people p on p.store_id = v.store_id and p.vehicle_id = v.id and p.until_on is null
        where v.store_id = $1
          and v.plate is not null
          and right(v.plate, 4) = $2
        order by p.customer_id
        limit $3
        "#,
        scope.get(),
        tail,
        limit,
    )
    .fetch_all(db)
    .await
}

/// People around cars whose VIN ends in these six characters.
pub async fn by_vin_tail(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    tail: &str,
    limit: i64,
) -> sqlx::Result<Vec<CustomerId>> {
    sqlx::query_scalar!(
        r#"
        select distinct p.customer_id
        from vehicles v
        join vehicle_people p on p.store_id = v.store_id and p.vehicle_id = v.id and p.until_on is null
        where v.store_id = $1
          and v.vin is not null
          and right(v.vin, 6) = $2
        order by p.customer_id
        limit $3
        "#,
        scope.get(),
        tail,
        limit,
    )
    .fetch_all(db)
    .await
}

/// Who brought the car of this repair order.
pub async fn by_ro_number(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    number: &str,
) -> sqlx::Result<Vec<CustomerId>> {
    sqlx::query_scalar!(
        "select customer_id from visits where store_id = $1 and ro_number in ($2, upper($2))",
        scope.get(),
        number,
    )
    .fetch_all(db)
    .await
}

/// People whose name begins with this character, last seen first.
pub async fn by_initial(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    initial: &str,
    limit: i64,
) -> sqlx::Result<Vec<CustomerId>> {
    sqlx::query_scalar!(
        r#"
        select f.customer_id
        from customer_facts f
        where f.store_id = $1
          and f.initial = $2
        order by f.last_visit_on desc nulls last, f.customer_id
        limit $3
        "#,
        scope.get(),
        initial,
        limit,
    )
    .fetch_all(db)
    .await
}

/// People whose name holds all of these keys, last seen first.
pub async fn by_grams(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    keys: &[String],
    recheck: Option<&str>,
    limit: i64,
) -> sqlx::Result<Vec<CustomerId>> {
    // Materialized, with the store in the keys: "store_id = $1" beside "grams @>" tempts the planner to AND the store's whole key.
    sqlx::query_scalar!(
        r#"
        with hits as materialized (
          select c.store_id, c.id, c.name
          from customers c
          where c.grams @> $2
            and c.merged_into_id is null
          limit 200
        )
        select h.id
        from hits h
        left join customer_facts f on f.store_id = h.store_id and f.customer_id = h.id
        where h.store_id = $1
          and ($3::text is null or position($3 in replace(h.name, ' ', '')) > 0)
        order by f.last_visit_on desc nulls last, h.id
        limit $4
        "#,
        scope.get(),
        keys,
        recheck,
        limit,
    )
    .fetch_all(db)
    .await
}
