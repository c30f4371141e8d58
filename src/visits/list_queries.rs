//! Statements of the list of visits. What its filters mean is in the function `visits_matching`; every order has a statement
//! of its own, so that it is an index that is walked.

use serde_json::Value;
use sqlx::PgExecutor;

use crate::stores::StoreScope;
use crate::visits::list::SortKey;
use crate::visits::model::VisitRow;
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
          from visits_matching($1, $2)
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
          select id, case $3 when 'arrived' then extract(epoch from arrived_at) when 'amount' then amount_fen end as key
          from visits_matching($1, $2)
        )
        select id as "id!"
        from matches
        order by case when $4 then key end desc,
                 case when not $4 then key end,
                 case when $4 then -id else id end,
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

/// Newest first.
pub async fn by_arrived_desc(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    conditions: &Value,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        select id as "id!"
        from visits_matching($1, $2)
        order by arrived_at desc, id desc
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

/// Oldest first.
pub async fn by_arrived(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    conditions: &Value,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        select id as "id!"
        from visits_matching($1, $2)
        order by arrived_at, id
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

/// Largest first.
pub async fn by_amount_desc(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    conditions: &Value,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        select id as "id!"
        from visits_matching($1, $2)
        order by amount_fen desc, id desc
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

/// Smallest first.
pub async fn by_amount(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    conditions: &Value,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        select id as "id!"
        from visits_matching($1, $2)
        order by amount_fen, id
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

/// People whose name holds a text, and names of a file that hold it: from name to name along the index.
pub async fn list_advisors(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    part: &str,
) -> sqlx::Result<(Vec<i64>, Vec<String>)> {
    let found = sqlx::query!(
        r#"
        with recursive names as (
          (
            select advisor_name
            from visits
            where store_id = $1
              and advisor_id is null
            order by advisor_name, arrived_at desc, id desc
            limit 1
          )
          union all
          select (
            select v.advisor_name
            from visits v
            where v.store_id = $1
              and v.advisor_id is null
              and v.advisor_name > n.advisor_name
            order by v.advisor_name, v.arrived_at desc, v.id desc
            limit 1
          )
          from names n
          where n.advisor_name is not null
        )
        select array(
                 select u.id
                 from user_stores m
                 join users u on u.id = m.user_id
                 where m.store_id = $1
                   and position($2 in u.display_name) > 0
                 order by u.id
               ) as "ids!",
               array(
                 select n.advisor_name
                 from names n
                 where position($2 in n.advisor_name) > 0
                 limit 1000
               ) as "names!"
        "#,
        scope.get(),
        part,
    )
    .fetch_one(db)
    .await?;
    Ok((found.ids, found.names))
}

/// Rows of these visits, in the order of the ids.
pub async fn list_rows(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    ids: &[i64],
) -> sqlx::Result<Vec<VisitRow>> {
    sqlx::query_as!(
        VisitRow,
        r#"
        select v.id, v.ro_number, v.type, v.state, v.arrived_at, v.handed_over_at, v.odometer_km, v.amount_fen, v.summary,
               coalesce(u.display_name, v.advisor_name) as "advisor!", v.vehicle_id, c.plate, c.model, v.customer_id,
               coalesce(k.name, '') as "customer!"
        from unnest($2::bigint[]) with ordinality x(id, place)
        join visits v on v.store_id = $1 and v.id = x.id
        join vehicles c on c.store_id = v.store_id and c.id = v.vehicle_id
        join customers k on k.store_id = v.store_id and k.id = v.customer_id
        left join users u on u.id = v.advisor_id
        order by x.place, v.id
        "#,
        scope.get(),
        ids,
    )
    .fetch_all(db)
    .await
}
