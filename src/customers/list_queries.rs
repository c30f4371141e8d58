//! Statements of the list of customers. What its filters mean is in the function `customers_matching`; every order has a
//! statement of its own, so that it is an index that is walked.

use serde_json::Value;
use sqlx::PgExecutor;

use crate::customers::list::{ListedCustomer, RowCar, SortKey};
use crate::customers::tags::model::Tag;
use crate::stores::StoreScope;
use crate::web::list::{Named, Sort};

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
          from customers_matching($1, $2)
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
          select id, name,
                 case $3
                   when 'updated' then extract(epoch from updated_at)
                   when 'created' then extract(epoch from created_at)
                   when 'last_visit' then coalesce(last_visit_on - date '2000-01-01', -1000000)
                 end as key
          from customers_matching($1, $2)
        )
        select id as "id!"
        from matches
        order by case when $4 then key end desc,
                 case when not $4 then key end,
                 case when $3 = 'name' and $4 then name collate "zh-x-icu" end desc,
                 case when $3 = 'name' and not $4 then name collate "zh-x-icu" end,
                 case when $4 = ($3 <> 'name') then id else -id end,
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
        from customers_matching($1, $2)
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
        from customers_matching($1, $2)
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

/// Newest first.
pub async fn by_created_desc(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    conditions: &Value,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        select id as "id!"
        from customers_matching($1, $2)
        order by created_at desc, id
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
pub async fn by_created(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    conditions: &Value,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        select id as "id!"
        from customers_matching($1, $2)
        order by created_at, id desc
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

/// Who came last, first.
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
        from customers_matching($1, $2)
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

/// Who never came, then who has not come for longest.
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
        from customers_matching($1, $2)
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

/// By pinyin.
pub async fn by_name(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    conditions: &Value,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        select id as "id!"
        from customers_matching($1, $2)
        order by name collate "zh-x-icu", id
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

/// By pinyin, backwards.
pub async fn by_name_desc(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    conditions: &Value,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        select id as "id!"
        from customers_matching($1, $2)
        order by name collate "zh-x-icu" desc, id desc
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

/// Rows of these customers, in the order of the ids.
pub async fn list_rows(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    ids: &[i64],
) -> sqlx::Result<Vec<ListedCustomer>> {
    sqlx::query_as!(
        ListedCustomer,
        r#"
        select c.id, c.kind, c.name as "name!", c.salutation, c.grade, h.id as "phone_id?", h.number as "number?",
               u.display_name as "keeper?", t.names as "tags!", t.codes as "tag_codes!", f.last_visit_on as "last_visit_on?", c.created_at, c.updated_at
        from unnest($2::bigint[]) with ordinality x(id, place)
        join customers c on c.store_id = $1 and c.id = x.id
        left join customer_facts f on f.store_id = c.store_id and f.customer_id = c.id
        left join phones h on h.store_id = c.store_id and h.customer_id = c.id and h.is_main
        left join users u on u.id = c.keeper_id
        cross join lateral (
          select coalesce(array_agg(g.name order by g.kind, not g.is_system, g.id), '{}') as names,
                 coalesce(array_agg(coalesce(g.code, '') order by g.kind, not g.is_system, g.id), '{}') as codes
          from customer_tags m
          join tags g on g.store_id = m.store_id and g.id = m.tag_id
          where m.store_id = c.store_id
            and m.customer_id = c.id
            and g.is_active
        ) t
        where c.erased_at is null
        order by x.place, c.id
        "#,
        scope.get(),
        ids,
    )
    .fetch_all(db)
    .await
}

/// Current cars of these customers.
pub async fn list_row_cars(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    ids: &[i64],
) -> sqlx::Result<Vec<RowCar>> {
    sqlx::query_as!(
        RowCar,
        r#"
        select distinct p.customer_id, v.id as vehicle_id, v.plate, v.model
        from vehicle_people p
        join vehicles v on v.store_id = p.store_id and v.id = p.vehicle_id
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

/// Grades that the store uses: from value to value along the index, not through the customers.
pub async fn list_grades(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"
        with recursive grades as (
          (
            select grade
            from customers
            where store_id = $1
              and grade is not null
            order by grade, id
            limit 1
          )
          union all
          select (
            select c.grade
            from customers c
            where c.store_id = $1
              and c.grade > g.grade
            order by c.grade, c.id
            limit 1
          )
          from grades g
          where g.grade is not null
        )
        select grade as "grade!"
        from grades
        where grade is not null
        limit 50
        "#,
        scope.get(),
    )
    .fetch_all(db)
    .await
}

/// Classes and tags in use.
pub async fn list_tags(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Vec<Tag>> {
    sqlx::query_as!(
        Tag,
        r#"
        select id, code, name, kind, false as "is_set!"
        from tags
        where store_id = $1
          and is_active
        order by kind, not is_system, id
        "#,
        scope.get(),
    )
    .fetch_all(db)
    .await
}

/// People of the store, who may keep a customer's file.
pub async fn list_keepers(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Vec<Named>> {
    let people = sqlx::query!(
        r#"
        select u.id, u.display_name
        from user_stores m
        join users u on u.id = m.user_id
        where m.store_id = $1
          and m.is_active
          and u.is_active
        order by u.display_name, u.id
        "#,
        scope.get(),
    )
    .fetch_all(db)
    .await?;
    let named = people.into_iter().map(|person| Named {
        id: person.id.get(),
        name: person.display_name,
    });
    Ok(named.collect())
}
