//! Pages of the ledger and how many rows they have, a statement for each index.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::obligations::ObligationClass;
use crate::obligations::queries::{ObligationSummary, Selection};
use crate::stores::StoreScope;
use crate::web::pagination::{COUNT_LIMIT, PageParams};

impl Selection {
    /// Whether only entries that have not ended can be in it: they have an index of their own by due time.
    fn is_open_only(&self) -> bool {
        const OPEN: [ObligationClass; 2] = [ObligationClass::NotDue, ObligationClass::Overdue];
        let is_open = |code: &String| code.parse().is_ok_and(|class| OPEN.contains(&class));
        !self.classes.is_empty() && self.ended_by.is_none() && self.classes.iter().all(is_open)
    }
}

/// One page of a selection: newest cohort first, what was ended last first, what is due first first.
///
/// Each order has its statement: a condition that chooses the index cannot be optional.
pub async fn page(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    selection: &Selection,
    now: DateTime<Utc>,
    params: PageParams,
) -> sqlx::Result<Vec<ObligationSummary>> {
    match (selection.ended_within, selection.due_before) {
        (Some(ended), _) => page_ended(db, scope, selection, ended, now, params).await,
        (None, Some(due)) if selection.is_open_only() => {
            page_open_due(db, scope, selection, due, now, params).await
        }
        (None, Some(due)) => page_due(db, scope, selection, due, now, params).await,
        (None, None) => page_of_cohorts(db, scope, selection, now, params).await,
    }
}

/// How many rows a selection has, up to one more than the pager counts.
pub async fn count(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    selection: &Selection,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    match (selection.ended_within, selection.due_before) {
        (Some(ended), _) => count_ended(db, scope, selection, ended, now).await,
        (None, Some(due)) if selection.is_open_only() => count_open_due(db, scope, selection, due, now).await,
        (None, Some(due)) => count_due(db, scope, selection, due, now).await,
        (None, None) => count_of_cohorts(db, scope, selection, now).await,
    }
}

/// By cohort day: `obligations_cohort_idx`.
async fn page_of_cohorts(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    selection: &Selection,
    now: DateTime<Utc>,
    params: PageParams,
) -> sqlx::Result<Vec<ObligationSummary>> {
    // The page is cut before names are joined to it.
    sqlx::query_as!(
        ObligationSummary,
        r#"
        with page as materialized (
          select o.store_id, o.id, o.kind, o.cohort_on, o.due_at, o.status, o.ended_at, o.ended_by, o.ended_reason,
                 coalesce(o.responsible_id, o.ended_by) as person_id, o.customer_id, o.vehicle_id, o.callback_id
          from obligations o
          where o.store_id = $1
            and o.cohort_on between $9 and $10
            and ($11::bigint is null or o.ended_by = $11)
            and ($2::text[] = '{}' or o.kind = any($2))
            and ($3::text[] = '{}' or obligation_class(o.status, o.due_at, o.ended_at, $5) = any($3))
            and ($4::bigint is null or coalesce(o.responsible_id, o.ended_by, 0) = $4)
            and ($8::text is null
                 or ($8 = 'connected' and o.is_connected)
                 or ($8 = 'answered' and o.is_satisfied is not null)
                 or ($8 = 'satisfied' and o.is_satisfied))
          order by o.cohort_on desc, o.id desc
          limit $6 offset $7
        )
        select p.id, p.kind, obligation_class(p.status, p.due_at, p.ended_at, $5) as "class!: ObligationClass", p.cohort_on, p.due_at,
               p.ended_at, p.ended_reason, e.display_name as "ended_by_name?", r.display_name as "person_name?",
               p.customer_id, c.name as "customer_name?", p.vehicle_id, v.plate as "plate?", p.callback_id
        from page p
        left join customers c on c.store_id = p.store_id and c.id = p.customer_id
        left join vehicles v on v.store_id = p.store_id and v.id = p.vehicle_id
        left join users e on e.id = p.ended_by
        left join users r on r.id = p.person_id
        order by p.cohort_on desc, p.id desc
        "#,
        scope.get(),
        &selection.kinds,
        &selection.classes,
        selection.person,
        now,
        params.limit(),
        params.offset(),
        selection.only,
        selection.from,
        selection.to,
        selection.ended_by,
    )
    .fetch_all(db)
    .await
}

/// What was ended within a span: `obligations_ended_idx`.
async fn page_ended(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    selection: &Selection,
    ended: (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
    params: PageParams,
) -> sqlx::Result<Vec<ObligationSummary>> {
    // The page is cut before names are joined to it.
    sqlx::query_as!(
        ObligationSummary,
        r#"
        with page as materialized (
          select o.store_id, o.id, o.kind, o.cohort_on, o.due_at, o.status, o.ended_at, o.ended_by, o.ended_reason,
                 coalesce(o.responsible_id, o.ended_by) as person_id, o.customer_id, o.vehicle_id, o.callback_id
          from obligations o
          where o.store_id = $1
            and o.ended_at >= $9 and o.ended_at < $10
            and o.cohort_on between $11 and $12
            and ($13::bigint is null or o.ended_by = $13)
            and ($14::timestamptz is null or o.due_at < $14)
            and ($2::text[] = '{}' or o.kind = any($2))
            and ($3::text[] = '{}' or obligation_class(o.status, o.due_at, o.ended_at, $5) = any($3))
            and ($4::bigint is null or coalesce(o.responsible_id, o.ended_by, 0) = $4)
            and ($8::text is null
                 or ($8 = 'connected' and o.is_connected)
                 or ($8 = 'answered' and o.is_satisfied is not null)
                 or ($8 = 'satisfied' and o.is_satisfied))
          order by o.ended_at desc, o.id desc
          limit $6 offset $7
        )
        select p.id, p.kind, obligation_class(p.status, p.due_at, p.ended_at, $5) as "class!: ObligationClass", p.cohort_on, p.due_at,
               p.ended_at, p.ended_reason, e.display_name as "ended_by_name?", r.display_name as "person_name?",
               p.customer_id, c.name as "customer_name?", p.vehicle_id, v.plate as "plate?", p.callback_id
        from page p
        left join customers c on c.store_id = p.store_id and c.id = p.customer_id
        left join vehicles v on v.store_id = p.store_id and v.id = p.vehicle_id
        left join users e on e.id = p.ended_by
        left join users r on r.id = p.person_id
        order by p.ended_at desc, p.id desc
        "#,
        scope.get(),
        &selection.kinds,
        &selection.classes,
        selection.person,
        now,
        params.limit(),
        params.offset(),
        selection.only,
        ended.0,
        ended.1,
        selection.from,
        selection.to,
        selection.ended_by,
        selection.due_before,
    )
    .fetch_all(db)
    .await
}

/// What is open and due before an instant: `obligations_due_idx`.
async fn page_open_due(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    selection: &Selection,
    due_before: DateTime<Utc>,
    now: DateTime<Utc>,
    params: PageParams,
) -> sqlx::Result<Vec<ObligationSummary>> {
    // The page is cut before names are joined to it.
    sqlx::query_as!(
        ObligationSummary,
        r#"
        with page as materialized (
          select o.store_id, o.id, o.kind, o.cohort_on, o.due_at, o.status, o.ended_at, o.ended_by, o.ended_reason,
                 coalesce(o.responsible_id, o.ended_by) as person_id, o.customer_id, o.vehicle_id, o.callback_id
          from obligations o
          where o.store_id = $1
            and o.status = 'open' and o.due_at < $9
            and o.cohort_on between $10 and $11
            and ($2::text[] = '{}' or o.kind = any($2))
            and ($3::text[] = '{}' or obligation_class(o.status, o.due_at, o.ended_at, $5) = any($3))
            and ($4::bigint is null or coalesce(o.responsible_id, o.ended_by, 0) = $4)
            and ($8::text is null
                 or ($8 = 'connected' and o.is_connected)
                 or ($8 = 'answered' and o.is_satisfied is not null)
                 or ($8 = 'satisfied' and o.is_satisfied))
          order by o.due_at, o.id
          limit $6 offset $7
        )
        select p.id, p.kind, obligation_class(p.status, p.due_at, p.ended_at, $5) as "class!: ObligationClass", p.cohort_on, p.due_at,
               p.ended_at, p.ended_reason, e.display_name as "ended_by_name?", r.display_name as "person_name?",
               p.customer_id, c.name as "customer_name?", p.vehicle_id, v.plate as "plate?", p.callback_id
        from page p
        left join customers c on c.store_id = p.store_id and c.id = p.customer_id
        left join vehicles v on v.store_id = p.store_id and v.id = p.vehicle_id
        left join users e on e.id = p.ended_by
        left join users r on r.id = p.person_id
        order by p.due_at, p.id
        "#,
        scope.get(),
        &selection.kinds,
        &selection.classes,
        selection.person,
        now,
        params.limit(),
        params.offset(),
        selection.only,
        due_before,
        selection.from,
        selection.to,
    )
    .fetch_all(db)
    .await
}

/// What is or was due before an instant, ended or not.
async fn page_due(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    selection: &Selection,
    due_before: DateTime<Utc>,
    now: DateTime<Utc>,
    params: PageParams,
) -> sqlx::Result<Vec<ObligationSummary>> {
    // The page is cut before names are joined to it.
    sqlx::query_as!(
        ObligationSummary,
        r#"
        with page as materialized (
          select o.store_id, o.id, o.kind, o.cohort_on, o.due_at, o.status, o.ended_at, o.ended_by, o.ended_reason,
                 coalesce(o.responsible_id, o.ended_by) as person_id, o.customer_id, o.vehicle_id, o.callback_id
          from obligations o
          where o.store_id = $1
            and o.due_at < $9
            and o.cohort_on between $10 and $11
            and ($12::bigint is null or o.ended_by = $12)
            and ($2::text[] = '{}' or o.kind = any($2))
            and ($3::text[] = '{}' or obligation_class(o.status, o.due_at, o.ended_at, $5) = any($3))
            and ($4::bigint is null or coalesce(o.responsible_id, o.ended_by, 0) = $4)
            and ($8::text is null
                 or ($8 = 'connected' and o.is_connected)
                 or ($8 = 'answered' and o.is_satisfied is not null)
                 or ($8 = 'satisfied' and o.is_satisfied))
          order by o.cohort_on desc, o.id desc
          limit $6 offset $7
        )
        select p.id, p.kind, obligation_class(p.status, p.due_at, p.ended_at, $5) as "class!: ObligationClass", p.cohort_on, p.due_at,
               p.ended_at, p.ended_reason, e.display_name as "ended_by_name?", r.display_name as "person_name?",
               p.customer_id, c.name as "customer_name?", p.vehicle_id, v.plate as "plate?", p.callback_id
        from page p
        left join customers c on c.store_id = p.store_id and c.id = p.customer_id
        left join vehicles v on v.store_id = p.store_id and v.id = p.vehicle_id
        left join users e on e.id = p.ended_by
        left join users r on r.id = p.person_id
        order by p.cohort_on desc, p.id desc
        "#,
        scope.get(),
        &selection.kinds,
        &selection.classes,
        selection.person,
        now,
        params.limit(),
        params.offset(),
        selection.only,
        due_before,
        selection.from,
        selection.to,
        selection.ended_by,
    )
    .fetch_all(db)
    .await
}

/// As [`page_of_cohorts`].
async fn count_of_cohorts(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    selection: &Selection,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"
        select count(*) as "count!"
        from (select 1
              from obligations o
              where o.store_id = $1
                and o.cohort_on between $8 and $9
                and ($10::bigint is null or o.ended_by = $10)
                and ($2::text[] = '{}' or o.kind = any($2))
                and ($3::text[] = '{}' or obligation_class(o.status, o.due_at, o.ended_at, $5) = any($3))
                and ($4::bigint is null or coalesce(o.responsible_id, o.ended_by, 0) = $4)
                and ($7::text is null
                     or ($7 = 'connected' and o.is_connected)
                     or ($7 = 'answered' and o.is_satisfied is not null)
                     or ($7 = 'satisfied' and o.is_satisfied))
              limit $6) rows
        "#,
        scope.get(),
        &selection.kinds,
        &selection.classes,
        selection.person,
        now,
        COUNT_LIMIT + 1,
        selection.only,
        selection.from,
        selection.to,
        selection.ended_by,
    )
    .fetch_one(db)
    .await
}

/// As [`page_ended`].
async fn count_ended(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    selection: &Selection,
    ended: (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"
        select count(*) as "count!"
        from (select 1
              from obligations o
              where o.store_id = $1
                and o.ended_at >= $8 and o.ended_at < $9
                and o.cohort_on between $10 and $11
                and ($12::bigint is null or o.ended_by = $12)
                and ($13::timestamptz is null or o.due_at < $13)
                and ($2::text[] = '{}' or o.kind = any($2))
                and ($3::text[] = '{}' or obligation_class(o.status, o.due_at, o.ended_at, $5) = any($3))
                and ($4::bigint is null or coalesce(o.responsible_id, o.ended_by, 0) = $4)
                and ($7::text is null
                     or ($7 = 'connected' and o.is_connected)
                     or ($7 = 'answered' and o.is_satisfied is not null)
                     or ($7 = 'satisfied' and o.is_satisfied))
              limit $6) rows
        "#,
        scope.get(),
        &selection.kinds,
        &selection.classes,
        selection.person,
        now,
        COUNT_LIMIT + 1,
        selection.only,
        ended.0,
        ended.1,
        selection.from,
        selection.to,
        selection.ended_by,
        selection.due_before,
    )
    .fetch_one(db)
    .await
}

/// As [`page_open_due`].
async fn count_open_due(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    selection: &Selection,
    due_before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"
        select count(*) as "count!"
        from (select 1
              from obligations o
              where o.store_id = $1
                and o.status = 'open' and o.due_at < $8
                and o.cohort_on between $9 and $10
                and ($2::text[] = '{}' or o.kind = any($2))
                and ($3::text[] = '{}' or obligation_class(o.status, o.due_at, o.ended_at, $5) = any($3))
                and ($4::bigint is null or coalesce(o.responsible_id, o.ended_by, 0) = $4)
                and ($7::text is null
                     or ($7 = 'connected' and o.is_connected)
                     or ($7 = 'answered' and o.is_satisfied is not null)
                     or ($7 = 'satisfied' and o.is_satisfied))
              limit $6) rows
        "#,
        scope.get(),
        &selection.kinds,
        &selection.classes,
        selection.person,
        now,
        COUNT_LIMIT + 1,
        selection.only,
        due_before,
        selection.from,
        selection.to,
    )
    .fetch_one(db)
    .await
}

/// As [`page_due`].
async fn count_due(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    selection: &Selection,
    due_before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"
        select count(*) as "count!"
        from (select 1
              from obligations o
              where o.store_id = $1
                and o.due_at < $8
                and o.cohort_on between $9 and $10
                and ($11::bigint is null or o.ended_by = $11)
                and ($2::text[] = '{}' or o.kind = any($2))
                and ($3::text[] = '{}' or obligation_class(o.status, o.due_at, o.ended_at, $5) = any($3))
                and ($4::bigint is null or coalesce(o.responsible_id, o.ended_by, 0) = $4)
                and ($7::text is null
                     or ($7 = 'connected' and o.is_connected)
                     or ($7 = 'answered' and o.is_satisfied is not null)
                     or ($7 = 'satisfied' and o.is_satisfied))
              limit $6) rows
        "#,
        scope.get(),
        &selection.kinds,
        &selection.classes,
        selection.person,
        now,
        COUNT_LIMIT + 1,
        selection.only,
        due_before,
        selection.from,
        selection.to,
        selection.ended_by,
    )
    .fetch_one(db)
    .await
}
