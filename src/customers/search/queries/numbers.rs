//! People and cars by what belongs to one of them: a number, a plate, a VIN, and their tails.

use sqlx::PgExecutor;

use crate::customers::CustomerId;
use crate::customers::search::Reason;
use crate::stores::StoreScope;
use crate::vehicles::VehicleId;

/// The car with this VIN.
pub async fn find_vehicle_by_vin(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    vin: &str,
) -> sqlx::Result<Option<VehicleId>> {
    sqlx::query_scalar!(
        "select id from vehicles where store_id = $1 and vin = $2 and erased_at is null",
        scope.get(),
        vin
    )
    .fetch_optional(db)
    .await
}

/// Whether the store has a customer with this number who is not erased.
pub async fn find_by_number(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    number: i64,
) -> sqlx::Result<Option<CustomerId>> {
    sqlx::query_scalar!(
        r#"
        select coalesce(merged_into_id, id) as "id!: CustomerId"
        from customers
        where store_id = $1
          and id = $2
          and erased_at is null
        "#,
        scope.get(),
        number,
    )
    .fetch_optional(db)
    .await
}

/// A customer by one of their numbers.
pub struct PhoneHit {
    pub customer_id: CustomerId,
    pub number: String,
}

/// Everybody with this whole number, last seen first; a landline that is stored with an extension is found without it.
pub async fn list_by_phone(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    number: &str,
    limit: i64,
) -> sqlx::Result<Vec<PhoneHit>> {
    sqlx::query_as!(
        PhoneHit,
        r#"
        select p.customer_id as "customer_id!: CustomerId", p.number as "number!"
        from (
          select coalesce(c.merged_into_id, c.id) as customer_id, min(h.number) as number, max(f.last_visit_on) as last_visit_on
          from (
            select customer_id, number from phones where store_id = $1 and number = $2
            union all
            select customer_id, number
            from phones
            where store_id = $1
              and number like '0%-%-%'
              and right(split_part(number, '-', 1) || split_part(number, '-', 2), 4) = right($2, 4)
              and starts_with(number, $2 || '-')
          ) h
          join customers c on c.store_id = $1 and c.id = h.customer_id and c.erased_at is null
          left join customer_facts f on f.store_id = $1 and f.customer_id = c.id
          group by coalesce(c.merged_into_id, c.id)
        ) p
        order by p.last_visit_on desc nulls last, p.customer_id
        limit $3
        "#,
        scope.get(),
        number,
        limit,
    )
    .fetch_all(db)
    .await
}

/// Everybody with a number that ends in these digits, four at least, last seen first; extensions are not looked at.
pub async fn list_by_phone_tail(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    tail: &str,
    limit: i64,
) -> sqlx::Result<Vec<PhoneHit>> {
    sqlx::query_as!(
        PhoneHit,
        r#"
        select p.customer_id as "customer_id!: CustomerId", p.number as "number!"
        from (
          select coalesce(c.merged_into_id, c.id) as customer_id, min(h.number) as number, max(f.last_visit_on) as last_visit_on
          from (
            select customer_id, number
            from phones
            where store_id = $1
              and right(number, 4) = right($2, 4)
              and right(replace(number, '-', ''), length($2)) = $2
              and number not like '0%-%-%'
            union all
            select customer_id, number
            from phones
            where store_id = $1
              and number like '0%-%-%'
              and right(split_part(number, '-', 1) || split_part(number, '-', 2), 4) = right($2, 4)
              and right(split_part(number, '-', 1) || split_part(number, '-', 2), length($2)) = $2
          ) h
          join customers c on c.store_id = $1 and c.id = h.customer_id and c.erased_at is null
          left join customer_facts f on f.store_id = $1 and f.customer_id = c.id
          group by coalesce(c.merged_into_id, c.id)
        ) p
        order by p.last_visit_on desc nulls last, p.customer_id
        limit $3
        "#,
        scope.get(),
        tail,
        limit,
    )
    .fetch_all(db)
    .await
}

/// What a car can be found by; absent parts find nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VehicleTerms {
    pub plate: Option<String>,
    /// The end of a plate, four characters at least.
    pub plate_tail: Option<String>,
    pub vin: Option<String>,
    /// The end of a VIN, six characters at least.
    pub vin_tail: Option<String>,
}

/// A car that was found, by its plate, by one that it carried before, or by its VIN.
pub struct VehicleHit {
    pub id: VehicleId,
    pub is_by_plate: bool,
    pub is_by_former_plate: bool,
}

impl VehicleHit {
    /// Why it is there; the plate it has now goes before the others.
    pub fn reason(&self) -> Reason {
        if self.is_by_plate {
            Reason::Plate
        } else if self.is_by_former_plate {
            Reason::FormerPlate
        } else {
            Reason::Vin
        }
    }
}

/// Cars by plate, VIN and their tails: whole ones first, then those that came last. A plate that was carried to another car
/// finds both.
pub async fn list_vehicles(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    terms: &VehicleTerms,
    limit: i64,
) -> sqlx::Result<Vec<VehicleHit>> {
    // The limits tell the planner that a tail has few rows: it takes them for one row in 200, and would start workers.
    sqlx::query_as!(
        VehicleHit,
        r#"
        select h.id as "id!: VehicleId", bool_or(h.is_by_plate) as "is_by_plate!",
               bool_or(h.is_former) as "is_by_former_plate!"
        from (
          (
            select id, erased_at, true as is_by_plate, false as is_former, true as is_exact
            from vehicles
            where store_id = $1 and plate = $2
            limit 100
          )
          union all
          (
            select coalesce(v.merged_into_id, v.id), v.erased_at, false, true, true
            from vehicle_plates p
            join vehicles v on v.store_id = p.store_id and v.id = p.vehicle_id
            where p.store_id = $1 and p.plate = $2 and p.until_on is not null
            limit 100
          )
          union all
          (
            select id, erased_at, true, false, false
            from vehicles
            where store_id = $1
              and plate is not null
              and right(plate, 4) = right($3, 4)
              and right(plate, length($3)) = $3
            limit 100
          )
          union all
          (
            select id, erased_at, false, false, true
            from vehicles
            where store_id = $1 and vin = $4
            limit 100
          )
          union all
          (
            select id, erased_at, false, false, false
            from vehicles
            where store_id = $1
              and vin is not null
              and right(vin, 6) = right($5, 6)
              and right(vin, length($5)) = $5
            limit 100
          )
        ) h
        left join vehicle_facts f on f.store_id = $1 and f.vehicle_id = h.id
        where h.erased_at is null
        group by h.id, f.last_visit_on
        order by bool_or(h.is_exact) desc, bool_and(h.is_former), f.last_visit_on desc nulls last, h.id
        limit $6
        "#,
        scope.get(),
        terms.plate,
        terms.plate_tail,
        terms.vin,
        terms.vin_tail,
        limit,
    )
    .fetch_all(db)
    .await
}

/// People around these cars now: owners first.
pub async fn list_by_vehicles(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    vehicles: &[i64],
    limit: i64,
) -> sqlx::Result<Vec<VehiclePerson>> {
    sqlx::query_as!(
        VehiclePerson,
        r#"
        select p.vehicle_id, coalesce(c.merged_into_id, c.id) as "customer_id!: CustomerId",
               min(c.name) as "name!"
        from vehicle_people p
        join customers c on c.store_id = p.store_id and c.id = p.customer_id and c.erased_at is null
        where p.store_id = $1
          and p.vehicle_id = any($2)
          and p.until_on is null
        group by p.vehicle_id, coalesce(c.merged_into_id, c.id)
        order by bool_or(p.role = 'owner') desc, p.vehicle_id, coalesce(c.merged_into_id, c.id)
        limit $3
        "#,
        scope.get(),
        vehicles,
        limit,
    )
    .fetch_all(db)
    .await
}

/// Somebody around a car.
pub struct VehiclePerson {
    pub vehicle_id: VehicleId,
    pub customer_id: CustomerId,
    pub name: String,
}
