//! Statements of the two lists. They are cut before names are joined to them.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgExecutor;

use crate::customers::CustomerId;
use crate::customers::completeness::Field;
use crate::reviews::model::FileFilter;
use crate::stores::StoreScope;
use crate::web::pagination::{COUNT_LIMIT, PageParams};

/// A file in one of the lists.
#[derive(Clone, Debug)]
pub struct FileRow {
    pub customer_id: CustomerId,
    pub name: String,
    pub salutation: Option<String>,
    pub score: i16,
    pub missing: Vec<Field>,
    pub touched_at: Option<DateTime<Utc>>,
    pub last_visit_on: Option<NaiveDate>,
    /// Of the week's list: when it is owed.
    pub due_at: Option<DateTime<Utc>>,
}

/// The week's list with what is left of earlier weeks, the earliest deadline first.
pub async fn page_week(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    params: PageParams,
) -> sqlx::Result<Vec<FileRow>> {
    sqlx::query_as!(
        FileRow,
        r#"
        with page as materialized (
          select o.store_id, o.id, o.customer_id, o.due_at, o.callable_due_at
          from obligations o
          where o.store_id = $1
            and o.kind = 'profile_review'
            and o.status = 'open'
          order by o.callable_due_at, o.id
          limit $2 offset $3
        )
        select c.id as customer_id, coalesce(c.name, '') as "name!", c.salutation, coalesce(f.score, 0::smallint) as "score!",
               coalesce(f.missing, '{}') as "missing!: Vec<Field>", f.touched_at as "touched_at?",
               f.last_visit_on as "last_visit_on?", p.due_at as "due_at?"
        from page p
        join customers c on c.store_id = p.store_id and c.id = p.customer_id
        left join customer_facts f on f.store_id = p.store_id and f.customer_id = p.customer_id
        order by p.callable_due_at, p.id
        "#,
        scope.get(),
        params.limit(),
        params.offset(),
    )
    .fetch_all(db)
    .await
}

/// How many files the week's list holds, up to what the pager counts.
pub async fn count_week(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"
        select count(*) as "n!"
        from (select 1
              from obligations
              where store_id = $1
                and kind = 'profile_review'
                and status = 'open'
              limit $2) rows
        "#,
        scope.get(),
        COUNT_LIMIT + 1,
    )
    .fetch_one(db)
    .await
}

/// The customer after this one in the week's list; after the last one the first. `None`: nothing else is left.
pub async fn next_of_week(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    after: Option<CustomerId>,
) -> sqlx::Result<Option<CustomerId>> {
    // "offset 0" keeps the look at the customer to the rows that are taken: joined, it reads every customer of the store.
    sqlx::query_scalar!(
        r#"
        with place as materialized (
          select callable_due_at, id
          from obligations
          where store_id = $1 and customer_id = $2 and kind = 'profile_review'
          order by id desc
          limit 1
        )
        select n.customer_id as "customer_id!: CustomerId"
        from (
          (select o.customer_id, 1 as part
           from obligations o
           cross join lateral (select from customers c where c.store_id = o.store_id and c.id = o.customer_id
                                 and c.merged_into_id is null and c.erased_at is null offset 0) live
           where o.store_id = $1 and o.kind = 'profile_review' and o.status = 'open' and o.customer_id is distinct from $2
             and (o.callable_due_at, o.id) > (select callable_due_at, id from place)
           order by o.callable_due_at, o.id
           limit 1)
          union all
          (select o.customer_id, 2
           from obligations o
           cross join lateral (select from customers c where c.store_id = o.store_id and c.id = o.customer_id
                                 and c.merged_into_id is null and c.erased_at is null offset 0) live
           where o.store_id = $1 and o.kind = 'profile_review' and o.status = 'open' and o.customer_id is distinct from $2
           order by o.callable_due_at, o.id
           limit 1)
        ) n
        order by n.part
        limit 1
        "#,
        scope.get(),
        after.map(CustomerId::get),
    )
    .fetch_optional(db)
    .await
}

/// Incomplete files, then complete ones that are stale unless only the incomplete are asked for: the worst first.
pub async fn page_worst(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    filter: FileFilter,
    field: Option<Field>,
    stale_before: DateTime<Utc>,
    params: PageParams,
) -> sqlx::Result<Vec<FileRow>> {
    // Two ranges of one index: an "or" of both reads on to the end of the index behind the last row.
    sqlx::query_as!(
        FileRow,
        r#"
        with page as materialized (
          select w.*
          from (
            (select f.store_id, f.customer_id, f.score, f.missing, f.touched_at, f.last_visit_on
             from customer_facts f
             where f.store_id = $1 and f.initial is not null and f.score < 100 and ($4::text is null or f.missing @> array[$4])
             order by f.score, f.touched_at, f.customer_id
             limit $5::bigint + $6::bigint)
            union all
            (select f.store_id, f.customer_id, f.score, f.missing, f.touched_at, f.last_visit_on
             from customer_facts f
             where $2 and $4 is null and f.store_id = $1 and f.initial is not null and f.score = 100 and f.touched_at < $3
             order by f.score, f.touched_at, f.customer_id
             limit $5::bigint + $6::bigint)
          ) w
          order by w.score, w.touched_at, w.customer_id
          limit $5::bigint offset $6::bigint
        )
        select p.customer_id as "customer_id!: CustomerId", coalesce(c.name, '') as "name!", c.salutation, p.score as "score!",
               p.missing as "missing!: Vec<Field>", p.touched_at, p.last_visit_on, null::timestamptz as due_at
        from page p
        join customers c on c.store_id = p.store_id and c.id = p.customer_id
        order by p.score, p.touched_at, p.customer_id
        "#,
        scope.get(),
        filter == FileFilter::All,
        stale_before,
        field.map(Field::as_str),
        params.limit(),
        params.offset(),
    )
    .fetch_all(db)
    .await
}

/// Stale files alone, the oldest first: another index.
pub async fn page_stale(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    field: Option<Field>,
    stale_before: DateTime<Utc>,
    params: PageParams,
) -> sqlx::Result<Vec<FileRow>> {
    sqlx::query_as!(
        FileRow,
        r#"
        with page as materialized (
          select f.store_id, f.customer_id, f.score, f.missing, f.touched_at, f.last_visit_on
          from customer_facts f
          where f.store_id = $1
            and f.initial is not null
            and f.touched_at < $2
            and ($3::text is null or f.missing @> array[$3])
          order by f.touched_at, f.customer_id
          limit $4 offset $5
        )
        select p.customer_id, coalesce(c.name, '') as "name!", c.salutation, p.score, p.missing as "missing!: Vec<Field>",
               p.touched_at, p.last_visit_on, null::timestamptz as due_at
        from page p
        join customers c on c.store_id = p.store_id and c.id = p.customer_id
        order by p.touched_at, p.customer_id
        "#,
        scope.get(),
        stale_before,
        field.map(Field::as_str),
        params.limit(),
        params.offset(),
    )
    .fetch_all(db)
    .await
}

/// How many files a filter holds, up to what the pager counts.
pub async fn count_files(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    filter: FileFilter,
    field: Option<Field>,
    stale_before: DateTime<Utc>,
) -> sqlx::Result<i64> {
    // A range of an index for each part of a filter; parts that are not asked for are not run.
    sqlx::query_scalar!(
        r#"
        select (select count(*)
                from (select 1 from customer_facts f
                      where $2 <> 'stale' and f.store_id = $1 and f.initial is not null and f.score < 100
                        and ($4::text is null or f.missing @> array[$4])
                      limit $5) incomplete)
             + (select count(*)
                from (select 1 from customer_facts f
                      where $2 = 'all' and $4 is null and f.store_id = $1 and f.initial is not null and f.score = 100 and f.touched_at < $3
                      limit $5) stale_only)
             + (select count(*)
                from (select 1 from customer_facts f
                      where $2 = 'stale' and f.store_id = $1 and f.initial is not null and f.touched_at < $3
                        and ($4 is null or f.missing @> array[$4])
                      limit $5) stale) as "n!"
        "#,
        scope.get(),
        filter.as_str(),
        stale_before,
        field.map(Field::as_str),
        COUNT_LIMIT + 1,
    )
    .fetch_one(db)
    .await
}

/// The worst file behind this one that nobody has touched since the day began. Without `after`, the worst of all.
pub async fn next_file(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    after: Option<CustomerId>,
    stale_before: DateTime<Utc>,
    day_starts_at: DateTime<Utc>,
) -> sqlx::Result<Option<CustomerId>> {
    sqlx::query_scalar!(
        r#"
        with place as materialized (
          select score, touched_at, customer_id from customer_facts where store_id = $1 and customer_id = $2
          union all
          select -1::smallint, '-infinity'::timestamptz, 0 where $2::bigint is null
        )
        select n.customer_id as "customer_id!: CustomerId"
        from (
          (select f.customer_id, 1 as part
           from customer_facts f
           where f.store_id = $1 and f.initial is not null and f.score < 100 and f.touched_at < $4
             and (f.score, f.touched_at, f.customer_id) > (select score, touched_at, customer_id from place)
           order by f.score, f.touched_at, f.customer_id
           limit 1)
          union all
          (select f.customer_id, 2
           from customer_facts f
           where f.store_id = $1 and f.initial is not null and f.score = 100 and f.touched_at < least($3, $4)
             and (f.score, f.touched_at, f.customer_id) > (select score, touched_at, customer_id from place)
           order by f.score, f.touched_at, f.customer_id
           limit 1)
        ) n
        order by n.part
        limit 1
        "#,
        scope.get(),
        after.map(CustomerId::get),
        stale_before,
        day_starts_at,
    )
    .fetch_optional(db)
    .await
}
