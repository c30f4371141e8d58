//! Statements of reviews. The lists are cut before names are joined to them.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use sqlx::PgExecutor;

use crate::customers::CustomerId;
use crate::customers::completeness::Field;
use crate::reviews::model::{FileFilter, Progress};
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::vehicles::VehicleId;
use crate::web::pagination::{COUNT_LIMIT, PageParams};

/// A late visit or call is still listed this many days after it happened; what comes later owes no look.
pub const LOOKBACK_DAYS: i64 = 7;

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

/// Inserts what the days up to `day` owe and the ledger lacks. Rows of a week that is over are due with the running one.
pub async fn generate(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    (from, day): (NaiveDate, NaiveDate),
    monday: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    let made = sqlx::query!(
        r#"
        with wanted as materialized (
          select c.customer_id, c.cycle_key, min(c.event_on) as event_on
          from review_candidates c
          where c.store_id = $1 and c.event_on between $2 and $3
          group by c.customer_id, c.cycle_key
        )
        insert into obligations (store_id, kind, cycle_key, customer_id, cohort_on, not_before, strict_due_at, due_at, callable_due_at,
                                 rule_version, channel, created_at)
        select $1, 'profile_review', w.cycle_key, w.customer_id, m.day, d.starts_at, s.ends_at, s.ends_at, s.ends_at, 1, 'none', $5
        from wanted w
        join store_days d on d.store_id = $1 and d.day = w.event_on
        join store_days m on m.store_id = $1 and m.day = $4
        join store_days s on s.store_id = $1 and s.day = m.day + 6
        on conflict on constraint obligations_once_key do nothing
        "#,
        scope.get(),
        from,
        day,
        monday,
        now,
    )
    .execute(db)
    .await?;
    Ok(made.rows_affected() as i64)
}

/// Ends entries whose file was edited on the customer's own page, at the time of the edit.
pub async fn settle_edited(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<i64> {
    let done = sqlx::query!(
        r#"
        update obligations o
        set status = 'done', ended_at = c.reviewed_at, ended_by = c.reviewed_by, ended_reason = 'reviewed'
        from customers c
        where o.store_id = $1
          and o.kind = 'profile_review'
          and o.status = 'open'
          and c.store_id = o.store_id
          and c.id = o.customer_id
          and c.reviewed_at >= o.created_at
        "#,
        scope.get(),
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() as i64)
}

/// Cancels entries about files that are no longer there: merged into another, or erased.
pub async fn cancel_gone(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    let done = sqlx::query!(
        r#"
        update obligations o
        set status = 'cancelled', ended_at = $2, ended_reason = 'customer_gone'
        from customers c
        where o.store_id = $1
          and o.kind = 'profile_review'
          and o.status = 'open'
          and c.store_id = o.store_id
          and c.id = o.customer_id
          and (c.merged_into_id is not null or c.erased_at is not null)
        "#,
        scope.get(),
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() as i64)
}

/// Ends every open entry about a customer: the file has just been looked through.
pub async fn settle(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customer: CustomerId,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update obligations
        set status = 'done', ended_at = $4, ended_by = $3, ended_reason = 'reviewed'
        where store_id = $1
          and customer_id = $2
          and kind = 'profile_review'
          and status = 'open'
        "#,
        scope.get(),
        customer.get(),
        by.get(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
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

/// How far the list of a week is worked off.
pub async fn progress(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    monday: NaiveDate,
) -> sqlx::Result<Progress> {
    sqlx::query_as!(
        Progress,
        r#"
        select count(*) as "total!", count(*) filter (where status <> 'open') as "done!",
               count(*) filter (where ended_at <= due_at) as "in_time!"
        from obligations
        where store_id = $1
          and cohort_on = $2
          and kind = 'profile_review'
          and status not in ('cancelled', 'exempt')
        "#,
        scope.get(),
        monday,
    )
    .fetch_one(db)
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

/// Files of the store and the mandatory fields they lack; how many are incomplete or stale; the same of the week's files.
pub struct Base {
    pub files: i64,
    pub missing: i64,
    pub incomplete: i64,
    pub stale: i64,
    pub week_files: i64,
    pub week_missing: i64,
}

/// Reads every file: for the job, not for a page.
pub async fn count_base(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    stale_before: DateTime<Utc>,
    monday: NaiveDate,
) -> sqlx::Result<Base> {
    sqlx::query_as!(
        Base,
        r#"
        with week as materialized (
          select distinct customer_id
          from obligations
          where store_id = $1 and cohort_on = $3 and kind = 'profile_review' and status not in ('cancelled', 'exempt')
        )
        select count(*) as "files!", coalesce(sum(cardinality(f.missing)), 0)::bigint as "missing!",
               count(*) filter (where f.score < 100) as "incomplete!", count(*) filter (where f.touched_at < $2) as "stale!",
               count(w.customer_id) as "week_files!",
               coalesce(sum(cardinality(f.missing)) filter (where w.customer_id is not null), 0)::bigint as "week_missing!"
        from customer_facts f
        left join week w on w.customer_id = f.customer_id
        where f.store_id = $1
          and f.initial is not null
        "#,
        scope.get(),
        stale_before,
        monday,
    )
    .fetch_one(db)
    .await
}

/// What the last run of the job counted.
pub async fn last_counts(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Option<Value>> {
    sqlx::query_scalar!(
        r#"
        select counts
        from job_runs
        where store_id = $1
          and job = 'generate-reviews'
          and status = 'done'
        order by day desc
        limit 1
        "#,
        scope.get(),
    )
    .fetch_optional(db)
    .await
}

/// After how many days without a change a file is stale.
pub async fn stale_after_days(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<i16> {
    sqlx::query_scalar!("select stale_after_days from stores where id = $1", scope.get())
        .fetch_one(db)
        .await
}

/// Changes that number of days.
pub async fn set_stale_after_days(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    days: i16,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update stores set stale_after_days = $2 where id = $1",
        scope.get(),
        days
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The car that a review asks about: a current one, those that lack the most first.
pub struct ReviewCar {
    pub id: VehicleId,
    pub plate: Option<String>,
    pub vin: Option<String>,
    pub name: String,
    pub delivered_on: Option<NaiveDate>,
    pub has_reading: bool,
    pub has_insurance: bool,
    pub version: i32,
}

/// One car of the customer, if there is any.
pub async fn find_car(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customer: CustomerId,
) -> sqlx::Result<Option<ReviewCar>> {
    sqlx::query_as!(
        ReviewCar,
        r#"
        select c.id, c.plate, c.vin, c.name as "name!", c.delivered_on, c.has_reading as "has_reading!",
               c.has_insurance as "has_insurance!", c.version
        from (
          select v.id, v.plate, v.vin, btrim(v.brand || ' ' || v.model) as name, v.delivered_on, v.version, v.state,
                 exists (select from odometer_readings r
                         where r.store_id = v.store_id and r.vehicle_id = v.id and r.refused is null) as has_reading,
                 exists (select from policies o where o.store_id = v.store_id and o.vehicle_id = v.id) as has_insurance
          from vehicles v
          where v.store_id = $1
            and v.erased_at is null
            and v.id in (select p.vehicle_id
                         from vehicle_people p
                         where p.store_id = $1 and p.customer_id = $2 and p.until_on is null)
        ) c
        order by c.state <> 'active', (c.plate is null)::int + (c.vin is null)::int + (c.delivered_on is null)::int
                 + (not c.has_reading)::int + (not c.has_insurance)::int desc, c.id
        limit 1
        "#,
        scope.get(),
        customer.get(),
    )
    .fetch_optional(db)
    .await
}

/// The end of a car's insurance as the customer says it, without a number of a policy. Known already: nothing happens.
pub async fn insert_insurance_end(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    vehicle: VehicleId,
    ends_on: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into policies (store_id, vehicle_id, kind, ends_on, created_at)
        select $1, $2, 'commercial', $3, $4
        where not exists (select from policies
                          where store_id = $1 and vehicle_id = $2 and kind = 'commercial' and ends_on = $3)
        on conflict do nothing
        "#,
        scope.get(),
        vehicle.get(),
        ends_on,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}
