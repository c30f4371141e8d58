//! Repair orders, policies and complaints by their numbers.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgExecutor;

use crate::complaints::{ComplaintId, ComplaintState, Severity};
use crate::customers::CustomerId;
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

/// Open complaints that this person handles or helps with, by the beginning of their number or a piece of their customer's name.
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
        from (
          select x.id from complaints x where x.store_id = $1 and x.handler_id = $2 and x.ended_at is null
          union
          select m.complaint_id from complaint_people m where m.store_id = $1 and m.user_id = $2 and m.part = 'co_handler'
        ) own
        join complaints p on p.store_id = $1 and p.id = own.id
        left join customers c on c.store_id = p.store_id and c.id = p.customer_id
        left join vehicles v on v.store_id = p.store_id and v.id = p.vehicle_id
        where p.ended_at is null
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
