//! Statements of the search. Terms arrive normalised; tails are equality on `right(…)` and beginnings a range in
//! `text_pattern_ops`, which both stay on their index under a generic plan.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgExecutor;

use crate::callbacks::CallbackId;
use crate::complaints::{ComplaintId, ComplaintState, Severity};
use crate::customers::search::Reason;
use crate::customers::{CustomerId, CustomerKind};
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::vehicles::{PolicyKind, VehicleId};
use crate::visits::VisitId;

/// The visit with this number, whatever its case.
pub async fn find_visit(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    number: &str,
) -> sqlx::Result<Option<VisitId>> {
    sqlx::query_scalar!(
        "select id from visits where store_id = $1 and ro_number in ($2, upper($2)) order by ro_number = $2 desc limit 1",
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
            select v.id, v.erased_at, false, true, true
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

/// A repair order as the box shows it.
pub struct VisitHit {
    pub id: VisitId,
    pub ro_number: String,
    pub customer_id: CustomerId,
    pub customer_name: Option<String>,
    pub plate: Option<String>,
    pub arrived_at: DateTime<Utc>,
}

/// Repair orders with this number or beginning with it in upper case, the number itself first, then the highest.
pub async fn list_visits(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    number: &str,
    limit: i64,
) -> sqlx::Result<Vec<VisitHit>> {
    // The last character there is ends the range: text_pattern_ops compares bytes.
    sqlx::query_as!(
        VisitHit,
        r#"
        with hits as materialized (
          (select id, true as is_exact from visits where store_id = $1 and ro_number in ($2, upper($2)))
          union
          (
            select id, ro_number in ($2, upper($2))
            from visits
            where store_id = $1
              and ro_number ~>=~ upper($2)
              and ro_number ~<~ (upper($2) || U&'\+10FFFF')
            order by ro_number using ~>~
            limit $3
          )
        )
        select v.id, v.ro_number, v.customer_id, c.name as "customer_name?", a.plate as "plate?", v.arrived_at
        from hits h
        join visits v on v.store_id = $1 and v.id = h.id
        left join customers c on c.store_id = v.store_id and c.id = v.customer_id
        left join vehicles a on a.store_id = v.store_id and a.id = v.vehicle_id
        order by h.is_exact desc, v.ro_number desc, v.id
        limit $3
        "#,
        scope.get(),
        number,
        limit,
    )
    .fetch_all(db)
    .await
}

/// A policy as the box shows it.
pub struct PolicyHit {
    pub policy_no: String,
    pub kind: PolicyKind,
    pub insurer: String,
    pub ends_on: NaiveDate,
    pub vehicle_id: VehicleId,
    pub plate: Option<String>,
    pub insured_id: Option<CustomerId>,
    pub insured_name: Option<String>,
}

/// Policies with this number, in the first two spellings, or ending in these six characters.
pub async fn list_policies(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    spellings: [&str; 2],
    tail: Option<&str>,
    limit: i64,
) -> sqlx::Result<Vec<PolicyHit>> {
    sqlx::query_as!(
        PolicyHit,
        r#"
        select o.policy_no as "policy_no!", o.kind as "kind!: PolicyKind", o.insurer as "insurer!", o.ends_on as "ends_on!",
               v.id as vehicle_id, v.plate, coalesce(c.merged_into_id, c.id) as "insured_id?: CustomerId",
               c.name as "insured_name?"
        from (
          (
            select store_id, id, policy_no, kind, insurer, ends_on, vehicle_id, insured_id, true as is_exact
            from policies
            where store_id = $1 and policy_no in ($2, $3)
            limit 100
          )
          union all
          (
            select store_id, id, policy_no, kind, insurer, ends_on, vehicle_id, insured_id, false
            from policies
            where store_id = $1
              and policy_no is not null
              and right(policy_no, 6) = $4
            limit 100
          )
        ) o
        join vehicles v on v.store_id = o.store_id and v.id = o.vehicle_id and v.erased_at is null
        left join customers c on c.store_id = o.store_id and c.id = o.insured_id and c.erased_at is null
        order by o.is_exact desc, o.ends_on desc, o.id
        limit $5
        "#,
        scope.get(),
        spellings[0],
        spellings[1],
        tail,
        limit,
    )
    .fetch_all(db)
    .await
}

/// A complaint as the box shows it.
pub struct ComplaintHit {
    pub id: ComplaintId,
    pub number: String,
    pub severity: Severity,
    pub state: ComplaintState,
    pub accepted_at: DateTime<Utc>,
    pub customer_name: Option<String>,
    pub plate: Option<String>,
}

/// Complaints whose number begins like this, the highest number first.
pub async fn list_complaints(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    number: &str,
    limit: i64,
) -> sqlx::Result<Vec<ComplaintHit>> {
    sqlx::query_as!(
        ComplaintHit,
        r#"
        select p.id as "id!: ComplaintId", p.number as "number!", p.severity as "severity!: Severity",
               p.state as "state!: ComplaintState", p.accepted_at as "accepted_at!", c.name as "customer_name?", v.plate as "plate?"
        from (
          select store_id, id, number, severity, state, accepted_at, customer_id, vehicle_id
          from complaints
          where store_id = $1
            and number ~>=~ $2
            and number ~<~ ($2 || U&'\+10FFFF')
          order by number using ~>~
          limit $3
        ) p
        left join customers c on c.store_id = p.store_id and c.id = p.customer_id
        left join vehicles v on v.store_id = p.store_id and v.id = p.vehicle_id
        order by p.number desc, p.id
        "#,
        scope.get(),
        number,
        limit,
    )
    .fetch_all(db)
    .await
}

/// Open complaints that this person handles, by the beginning of their number or a piece of their customer's name.
pub async fn list_own_complaints(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    handler: UserId,
    number: &str,
    name: &str,
    limit: i64,
) -> sqlx::Result<Vec<ComplaintHit>> {
    sqlx::query_as!(
        ComplaintHit,
        r#"
        select p.id, p.number, p.severity, p.state, p.accepted_at, c.name as "customer_name?", v.plate as "plate?"
        from complaints p
        left join customers c on c.store_id = p.store_id and c.id = p.customer_id
        left join vehicles v on v.store_id = p.store_id and v.id = p.vehicle_id
        where p.store_id = $1
          and p.handler_id = $2
          and p.ended_at is null
          and (($3 <> '' and starts_with(p.number, $3)) or ($4 <> '' and position($4 in c.name) > 0))
        order by p.accepted_at desc, p.id
        limit $5
        "#,
        scope.get(),
        handler.get(),
        number,
        name,
        limit,
    )
    .fetch_all(db)
    .await
}

/// People with exactly this name, last seen first.
pub async fn list_by_name(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    name: &str,
    limit: i64,
) -> sqlx::Result<Vec<CustomerId>> {
    sqlx::query_scalar!(
        r#"
        select h.id as "id!: CustomerId"
        from (
          select coalesce(merged_into_id, id) as id from customers where store_id = $1 and name = $2 limit 300
        ) h
        left join customer_facts f on f.store_id = $1 and f.customer_id = h.id
        group by h.id, f.last_visit_on
        order by f.last_visit_on desc nulls last, h.id
        limit $3
        "#,
        scope.get(),
        name,
        limit,
    )
    .fetch_all(db)
    .await
}

/// People whose name begins with this character, last seen first.
pub async fn list_by_initial(
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

/// How names that hold the same keys are told apart.
#[derive(Clone, Copy, Debug)]
pub struct NameOrder<'a> {
    /// Must stand in the name as it is.
    pub recheck: Option<&'a str>,
    /// Names that begin with this come first.
    pub beginning: &'a str,
    /// Then names of so many characters: what was typed is all of them.
    pub length: i32,
}

/// People whose name holds all of these keys, among the first `among` that the index gives.
pub async fn list_by_keys(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    keys: &[String],
    order: NameOrder<'_>,
    among: i64,
    limit: i64,
) -> sqlx::Result<Vec<CustomerId>> {
    // Materialized, with the store in the keys: "store_id = $1" beside "grams @>" tempts the planner to AND the store's whole key.
    sqlx::query_scalar!(
        r#"
        with hits as materialized (
          select c.store_id, coalesce(c.merged_into_id, c.id) as id, replace(c.name, ' ', '') as name
          from customers c
          where c.grams @> $2
          limit $6
        )
        select h.id as "id!: CustomerId"
        from hits h
        left join customer_facts f on f.store_id = h.store_id and f.customer_id = h.id
        where h.store_id = $1
          and ($3::text is null or position($3 in h.name) > 0)
        group by h.id, f.last_visit_on
        order by bool_or(starts_with(h.name, $4)) desc, bool_or(char_length(h.name) = $5) desc,
                 f.last_visit_on desc nulls last, h.id
        limit $7
        "#,
        scope.get(),
        keys,
        order.recheck,
        order.beginning,
        order.length,
        among,
        limit,
    )
    .fetch_all(db)
    .await
}

/// People whose name holds all of these keys among the `among` who came last, last seen first.
pub async fn list_recent_by_keys(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    keys: &[String],
    among: i64,
    limit: i64,
) -> sqlx::Result<Vec<CustomerId>> {
    // "offset 0" keeps the walk in order and each look-up on the primary key, so that it ends with the last hit wanted.
    sqlx::query_scalar!(
        r#"
        select c.id as "id!: CustomerId"
        from (
          select store_id, customer_id
          from customer_facts
          where store_id = $1
          order by last_visit_on desc nulls last, customer_id
          limit $3
        ) r
        cross join lateral (
          select coalesce(x.merged_into_id, x.id) as id
          from customers x
          where x.store_id = r.store_id
            and x.id = r.customer_id
            and x.grams @> $2
          offset 0
        ) c
        limit $4
        "#,
        scope.get(),
        keys,
        among,
        limit,
    )
    .fetch_all(db)
    .await
}

/// People whom this person of the staff called or whose number they looked at, the latest first.
pub async fn list_recent_of_user(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    user: UserId,
    limit: i64,
) -> sqlx::Result<Vec<CustomerId>> {
    sqlx::query_scalar!(
        r#"
        select r.customer_id as "customer_id!: CustomerId"
        from (
          (select customer_id, at from attempts where store_id = $1 and user_id = $2 order by at desc limit 30)
          union all
          (select customer_id, at from reveals where store_id = $1 and user_id = $2 order by at desc limit 30)
        ) r
        group by r.customer_id
        order by max(r.at) desc, r.customer_id
        limit $3
        "#,
        scope.get(),
        user.get(),
        limit,
    )
    .fetch_all(db)
    .await
}

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
