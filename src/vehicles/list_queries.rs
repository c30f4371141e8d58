//! Statements of the list of cars. What its filters mean is in the function `vehicles_matching`; every order has a statement
//! of its own, so that it is an index that is walked.

use serde_json::Value;
use sqlx::PgExecutor;

use crate::stores::StoreScope;
use crate::vehicles::list::{SortKey, VehicleRow};
use crate::web::list::Sort;

/// How many rows the filter lets through, counted no further than `limit`.
pub async fn count(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    conditions: &Value,
    limit: i64,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"
        select count(*) as "count!"
        from (
          select id
          from vehicles_matching($1, $2)
          limit $3
        ) counted
        "#,
        scope.get(),
        conditions,
        limit,
    )
    .fetch_one(db)
    .await
}

/// All that the filter lets through, found first and then sorted: right for few rows, wherever in the order they lie.
pub async fn few(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    conditions: &Value,
    sort: Sort<SortKey>,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<i64>> {
    // Materialized: else the planner walks the order and hopes to meet the few soon. What is not sorted by is not looked up:
    // the planner knows the order, so its key is one column and the table of the others leaves the plan.
    sqlx::query_scalar!(
        r#"
        with matches as materialized (
          select id,
                 case $3
                   when 'updated' then extract(epoch from updated_at)
                   when 'delivered' then coalesce(delivered_on - date '2000-01-01', -1000000)
                   when 'last_visit' then coalesce(last_visit_on - date '2000-01-01', -1000000)
                   when 'warranty' then coalesce(warranty_due_on - date '2000-01-01', 1000000)
                   when 'next_due' then coalesce(next_due_on - date '2000-01-01', 1000000)
                 end as key
          from vehicles_matching($1, $2)
        )
        select id as "id!"
        from matches
        order by case when $4 then key end desc,
                 case when not $4 then key end,
                 case when $4 = ($3 not in ('warranty', 'next_due')) then id else -id end,
                 id
        limit $5
        offset $6
        "#,
        scope.get(),
        conditions,
        sort.key.as_str(),
        sort.descending,
        limit,
        offset,
    )
    .fetch_all(db)
    .await
}

/// Last changed first.
pub async fn by_updated_desc(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    conditions: &Value,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        select id as "id!"
        from vehicles_matching($1, $2)
        order by updated_at desc, id
        limit $3
        offset $4
        "#,
        scope.get(),
        conditions,
        limit,
        offset,
    )
    .fetch_all(db)
    .await
}

/// Longest unchanged first.
pub async fn by_updated(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    conditions: &Value,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        select id as "id!"
        from vehicles_matching($1, $2)
        order by updated_at, id desc
        limit $3
        offset $4
        "#,
        scope.get(),
        conditions,
        limit,
        offset,
    )
    .fetch_all(db)
    .await
}

/// Newest cars first.
pub async fn by_delivered_desc(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    conditions: &Value,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        select id as "id!"
        from vehicles_matching($1, $2)
        order by delivered_on desc nulls last, id
        limit $3
        offset $4
        "#,
        scope.get(),
        conditions,
        limit,
        offset,
    )
    .fetch_all(db)
    .await
}

/// Unknown, then oldest cars first.
pub async fn by_delivered(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    conditions: &Value,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        select id as "id!"
        from vehicles_matching($1, $2)
        order by delivered_on nulls first, id desc
        limit $3
        offset $4
        "#,
        scope.get(),
        conditions,
        limit,
        offset,
    )
    .fetch_all(db)
    .await
}

/// Whose warranty ends first; unknown ones last.
pub async fn by_warranty(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    conditions: &Value,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        select id as "id!"
        from vehicles_matching($1, $2)
        where facts_id is not null
        order by warranty_due_on, id
        limit $3
        offset $4
        "#,
        scope.get(),
        conditions,
        limit,
        offset,
    )
    .fetch_all(db)
    .await
}

/// The other way round.
pub async fn by_warranty_desc(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    conditions: &Value,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        select id as "id!"
        from vehicles_matching($1, $2)
        where facts_id is not null
        order by warranty_due_on desc, id desc
        limit $3
        offset $4
        "#,
        scope.get(),
        conditions,
        limit,
        offset,
    )
    .fetch_all(db)
    .await
}

/// What is due first; unknown ones last.
pub async fn by_next_due(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    conditions: &Value,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        select id as "id!"
        from vehicles_matching($1, $2)
        where facts_id is not null
        order by next_due_on, id
        limit $3
        offset $4
        "#,
        scope.get(),
        conditions,
        limit,
        offset,
    )
    .fetch_all(db)
    .await
}

/// The other way round.
pub async fn by_next_due_desc(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    conditions: &Value,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        select id as "id!"
        from vehicles_matching($1, $2)
        where facts_id is not null
        order by next_due_on desc, id desc
        limit $3
        offset $4
        "#,
        scope.get(),
        conditions,
        limit,
        offset,
    )
    .fetch_all(db)
    .await
}

/// What came last, first.
pub async fn by_last_visit_desc(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    conditions: &Value,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        select id as "id!"
        from vehicles_matching($1, $2)
        where facts_id is not null
        order by last_visit_on desc nulls last, id
        limit $3
        offset $4
        "#,
        scope.get(),
        conditions,
        limit,
        offset,
    )
    .fetch_all(db)
    .await
}

/// What never came, then what has not come for longest.
pub async fn by_last_visit(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    conditions: &Value,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        select id as "id!"
        from vehicles_matching($1, $2)
        where facts_id is not null
        order by last_visit_on nulls first, id desc
        limit $3
        offset $4
        "#,
        scope.get(),
        conditions,
        limit,
        offset,
    )
    .fetch_all(db)
    .await
}

/// Brands of the store: from value to value along the index, not through the cars.
pub async fn list_brands(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"
        with recursive found as (
          (
            select brand as value
            from vehicles
            where store_id = $1
            order by brand, id
            limit 1
          )
          union all
          select (
            select v.brand
            from vehicles v
            where v.store_id = $1
              and v.brand > f.value
            order by v.brand, v.id
            limit 1
          )
          from found f
          where f.value is not null
        )
        select value as "value!"
        from found
        where value <> ''
        limit 100
        "#,
        scope.get(),
    )
    .fetch_all(db)
    .await
}

/// Models of the store: from value to value along the index, not through the cars.
pub async fn list_models(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"
        with recursive found as (
          (
            select model as value
            from vehicles
            where store_id = $1
            order by model, id
            limit 1
          )
          union all
          select (
            select v.model
            from vehicles v
            where v.store_id = $1
              and v.model > f.value
            order by v.model, v.id
            limit 1
          )
          from found f
          where f.value is not null
        )
        select value as "value!"
        from found
        where value <> ''
        limit 100
        "#,
        scope.get(),
    )
    .fetch_all(db)
    .await
}

/// Rows of these cars, in the order of the ids, with the person to talk to about each.
pub async fn list_rows(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    ids: &[i64],
) -> sqlx::Result<Vec<VehicleRow>> {
    sqlx::query_as!(
        VehicleRow,
        r#"
        select v.id, v.vin, v.plate, v.brand, v.model, v.usage, v.state, v.delivered_on, v.updated_at,
               f.warranty_due_on as "warranty_due_on?", f.next_due_on as "next_due_on?",
               f.next_due_by as "next_due_by?", f.km_confidence as "km_confidence?", f.last_visit_on as "last_visit_on?",
               c.id as "customer_id?", c.name as "customer?"
        from unnest($2::bigint[]) with ordinality x(id, place)
        join vehicles v on v.store_id = $1 and v.id = x.id
        left join vehicle_facts f on f.store_id = v.store_id and f.vehicle_id = v.id
        left join customers c on c.store_id = f.store_id and c.id = f.customer_id
        where v.erased_at is null
        order by x.place, v.id
        "#,
        scope.get(),
        ids,
    )
    .fetch_all(db)
    .await
}
