//! People by their names.

use sqlx::PgExecutor;

use crate::customers::CustomerId;
use crate::stores::StoreScope;
use crate::users::UserId;

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
