//! Statements of the customer page: each reads one range of an index.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::callbacks::CallbackId;
use crate::customers::CustomerId;
use crate::customers::page::{CallEntry, Car, ComplaintEntry, OpenWork, Policy, Totals, VisitEntry};
use crate::stores::StoreScope;

/// Current cars of a customer with what is predicted about them.
pub async fn list_cars(db: impl PgExecutor<'_>, scope: StoreScope, id: CustomerId) -> sqlx::Result<Vec<Car>> {
    sqlx::query_as!(
        Car,
        r#"
        select v.id, v.plate, v.vin, v.brand, v.model, v.state, p.roles as "roles!: Vec<crate::vehicles::PersonRole>",
               v.warranty_ends_on, f.warranty_due_on as "warranty_due_on?",
               f.next_due_on as "next_due_on?", f.next_due_by as "next_due_by?", f.first_due_on as "first_due_on?",
               f.last_visit_on as "last_visit_on?", r.km as "km?"
        from (
          select store_id, vehicle_id, array_agg(role order by role) as roles
          from vehicle_people
          where store_id = $1
            and customer_id = $2
            and until_on is null
          group by store_id, vehicle_id
        ) p
        join vehicles v on v.store_id = p.store_id and v.id = p.vehicle_id
        left join vehicle_facts f on f.store_id = v.store_id and f.vehicle_id = v.id
        left join lateral (
          select r.km
          from odometer_readings r
          where r.store_id = v.store_id and r.vehicle_id = v.id and r.refused is null
          order by r.read_on desc, r.km desc
          limit 1
        ) r on true
        order by v.state <> 'active', v.id
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_all(db)
    .await
}

/// The latest policy of each kind of the customer's current cars.
pub async fn list_policies(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: CustomerId,
) -> sqlx::Result<Vec<Policy>> {
    sqlx::query_as!(
        Policy,
        r#"
        select distinct on (o.vehicle_id, o.kind) o.kind, o.insurer, o.ends_on, o.premium_fen, v.plate
        from vehicle_people p
        join vehicles v on v.store_id = p.store_id and v.id = p.vehicle_id
        join policies o on o.store_id = p.store_id and o.vehicle_id = p.vehicle_id
        where p.store_id = $1
          and p.customer_id = $2
          and p.until_on is null
        order by o.vehicle_id, o.kind, o.ends_on desc
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_all(db)
    .await
}

/// Visits that the customer made and visits of their cars, newest first.
pub async fn list_visits(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: CustomerId,
    limit: i64,
) -> sqlx::Result<Vec<VisitEntry>> {
    sqlx::query_as!(
        VisitEntry,
        r#"
        select v.id, v.ro_number, v.type, v.state, v.arrived_at, v.handed_over_at, v.odometer_km, v.amount_fen,
               coalesce(u.display_name, v.advisor_name) as "advisor!", v.summary, c.plate as "plate?"
        from (
          select id from visits where store_id = $1 and customer_id = $2
          union
          select x.id
          from vehicle_people p
          join visits x on x.store_id = p.store_id and x.vehicle_id = p.vehicle_id
          where p.store_id = $1 and p.customer_id = $2 and p.until_on is null
        ) own
        join visits v on v.store_id = $1 and v.id = own.id
        left join vehicles c on c.store_id = v.store_id and c.id = v.vehicle_id
        left join users u on u.id = v.advisor_id
        order by v.arrived_at desc, v.id desc
        limit $3
        "#,
        scope.get(),
        id.get(),
        limit,
    )
    .fetch_all(db)
    .await
}

/// Dials, newest first, with what the customer answered.
pub async fn list_calls(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: CustomerId,
    limit: i64,
) -> sqlx::Result<Vec<CallEntry>> {
    sqlx::query_as!(
        CallEntry,
        r#"
        select a.at, a.result as "result: String", a.seconds, a.note, u.display_name as by_name,
               r.overall as "overall?", r.words as "words?"
        from attempts a
        join users u on u.id = a.user_id
        left join lateral (
          select r.overall, r.words
          from responses r
          where r.store_id = a.store_id and r.customer_id = a.customer_id and r.attempt_id = a.id
          order by r.id
          limit 1
        ) r on true
        where a.store_id = $1
          and a.customer_id = $2
        order by a.at desc, a.id desc
        limit $3
        "#,
        scope.get(),
        id.get(),
        limit,
    )
    .fetch_all(db)
    .await
}

/// Complaints, newest first.
pub async fn list_complaints(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: CustomerId,
    limit: i64,
) -> sqlx::Result<Vec<ComplaintEntry>> {
    sqlx::query_as!(
        ComplaintEntry,
        r#"
        select c.number, c.severity as "severity: String", c.accepted_at, c.ended_at is null as "is_open!", c.words,
               d.name as "department?"
        from complaints c
        left join departments d on d.store_id = c.store_id and d.id = c.department_id
        where c.store_id = $1
          and c.customer_id = $2
        order by c.accepted_at desc, c.id desc
        limit $3
        "#,
        scope.get(),
        id.get(),
        limit,
    )
    .fetch_all(db)
    .await
}

/// What the store owes the customer now, the most urgent first.
pub async fn list_open_work(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: CustomerId,
) -> sqlx::Result<Vec<OpenWork>> {
    sqlx::query_as!(
        OpenWork,
        r#"
        select o.kind, o.callable_due_at, v.ro_number as "ro_number?"
        from obligations o
        left join visits v on v.store_id = o.store_id and v.id = o.visit_id
        where o.store_id = $1
          and o.customer_id = $2
          and o.status = 'open'
        order by o.callable_due_at, o.id
        limit 20
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_all(db)
    .await
}

/// The open callback of a customer; there is at most one.
pub async fn find_open_callback(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: CustomerId,
) -> sqlx::Result<Option<CallbackId>> {
    sqlx::query_scalar!(
        r#"
        select id
        from callbacks
        where store_id = $1
          and customer_id = $2
          and status in ('open', 'claimed')
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// Visits made and money spent, in all and since an instant.
pub async fn totals(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: CustomerId,
    since: DateTime<Utc>,
) -> sqlx::Result<Totals> {
    sqlx::query_as!(
        Totals,
        r#"
        select count(*) as "visits!",
               coalesce(sum(amount_fen), 0)::bigint as "spent_fen!",
               coalesce(sum(amount_fen) filter (where arrived_at >= $3), 0)::bigint as "spent_year_fen!"
        from visits
        where store_id = $1
          and customer_id = $2
          and state <> 'cancelled'
        "#,
        scope.get(),
        id.get(),
        since,
    )
    .fetch_one(db)
    .await
}
