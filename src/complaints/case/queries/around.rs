//! Statements of what stands around a case: similar ones, others of the same people, how fast departments answer.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::complaints::case::queries::Case;
use crate::complaints::{ComplaintId, ComplaintState};
use crate::customers::CustomerId;
use crate::stores::{DepartmentId, StoreScope};
use crate::vehicles::VehicleId;

/// Another case, named by its words.
pub struct OtherCase {
    pub id: ComplaintId,
    pub number: String,
    pub state: ComplaintState,
    pub accepted_at: DateTime<Utc>,
    pub words: Option<String>,
    /// How many there are in all.
    pub total: i64,
}

/// Cases about the same since an instant, the newest first.
pub async fn list_similar(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    case: &Case,
    since: DateTime<Utc>,
    limit: i64,
) -> sqlx::Result<Vec<OtherCase>> {
    sqlx::query_as!(
        OtherCase,
        r#"
        select c.id, c.number, c.state, c.accepted_at, c.words, count(*) over () as "total!"
        from complaints c
        where c.store_id = $1
          and c.class_major = $2
          and ($3 = '' or c.class_minor = $3)
          and c.accepted_at >= $4
          and c.id <> $5
        order by c.accepted_at desc, c.id desc
        limit $6
        "#,
        scope.get(),
        case.class_major.as_str(),
        case.class_minor,
        since,
        case.id.get(),
        limit,
    )
    .fetch_all(db)
    .await
}

/// Other open cases of this customer or of this car, the oldest first: one case is not worked on twice.
pub async fn list_open_of_same(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    case: &Case,
    limit: i64,
) -> sqlx::Result<Vec<OtherCase>> {
    sqlx::query_as!(
        OtherCase,
        r#"
        select c.id, c.number, c.state, c.accepted_at, c.words, count(*) over () as "total!"
        from complaints c
        where c.store_id = $1
          and c.ended_at is null
          and (c.customer_id = $2 or c.vehicle_id = $3)
          and c.id <> $4
        order by c.accepted_at, c.id
        limit $5
        "#,
        scope.get(),
        case.customer_id.map(CustomerId::get),
        case.vehicle_id.map(VehicleId::get),
        case.id.get(),
        limit,
    )
    .fetch_all(db)
    .await
}

/// How often a customer has complained before, and been here.
pub struct Past {
    pub complaints: i64,
    pub visits: i64,
}

/// The customer's past with the store, without this case.
pub async fn past_of(db: impl PgExecutor<'_>, scope: StoreScope, case: &Case) -> sqlx::Result<Past> {
    sqlx::query_as!(
        Past,
        r#"
        select (select count(*) from complaints c where c.store_id = $1 and c.customer_id = $2 and c.id <> $3) as "complaints!",
               (select count(*) from visits v where v.store_id = $1 and v.customer_id = $2) as "visits!"
        "#,
        scope.get(),
        case.customer_id.map(CustomerId::get),
        case.id.get(),
    )
    .fetch_one(db)
    .await
}

/// A department and what it has to do.
pub struct DepartmentLoad {
    pub id: DepartmentId,
    pub name: String,
    pub open: i64,
    /// Seconds from dispatch until somebody took a case on, on average.
    pub answers_in: Option<f64>,
}

/// Departments with their open cases, and how fast they have answered since an instant.
pub async fn list_loads(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    since: DateTime<Utc>,
) -> sqlx::Result<Vec<DepartmentLoad>> {
    sqlx::query_as!(
        DepartmentLoad,
        r#"
        with open as (
          select c.department_id, count(*) as cases
          from complaints c
          where c.store_id = $1 and c.ended_at is null
          group by c.department_id
        )
        select d.id, d.name, coalesce(o.cases, 0) as "open!", a.seconds as "answers_in?"
        from departments d
        left join open o on o.department_id = d.id
        left join lateral (
          select avg(extract(epoch from c.acknowledged_at - c.dispatched_at))::float8 as seconds
          from complaints c
          where c.store_id = $1 and c.department_id = d.id and c.dispatched_at >= $2 and c.acknowledged_at >= c.dispatched_at
        ) a on true
        where d.store_id = $1
          and d.is_active
        order by d.id
        "#,
        scope.get(),
        since,
    )
    .fetch_all(db)
    .await
}
