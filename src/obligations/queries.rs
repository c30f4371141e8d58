//! Statements of the page of the ledger. The arithmetic is that of the figures: the same function, the same person.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgExecutor;

use crate::callbacks::CallbackId;
use crate::customers::CustomerId;
use crate::obligations::{ObligationClass, ObligationId, ObligationKind};
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::vehicles::VehicleId;
use crate::web::pagination::{COUNT_LIMIT, PageParams};

/// Which rows: the classes of a figure, of a person, in a range of cohort days. An empty list means all.
#[derive(Clone, Debug)]
pub struct Selection {
    pub kinds: Vec<String>,
    pub classes: Vec<String>,
    /// `connected`, `answered` or `satisfied`: what the customer did; part of some figures beside their classes.
    pub only: Option<String>,
    /// Who held it at due time, else who ended it; 0 is nobody.
    pub person: Option<i64>,
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// Due before the end of this day, and the instant at which it ends.
    pub due: Option<NaiveDate>,
    pub due_before: Option<DateTime<Utc>>,
    /// Ended on this day, and its bounds.
    pub ended: Option<NaiveDate>,
    pub ended_within: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// Ended by this person.
    pub ended_by: Option<i64>,
}

/// A row of the ledger as the list shows it.
#[derive(Clone, Debug)]
pub struct ObligationSummary {
    pub id: ObligationId,
    pub kind: ObligationKind,
    pub class: ObligationClass,
    pub cohort_on: NaiveDate,
    pub due_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    pub ended_reason: Option<String>,
    pub ended_by_name: Option<String>,
    pub person_name: Option<String>,
    pub customer_id: Option<CustomerId>,
    pub customer_name: Option<String>,
    pub vehicle_id: Option<VehicleId>,
    pub plate: Option<String>,
    pub callback_id: Option<CallbackId>,
}

/// A person to filter by.
#[derive(Clone, Debug)]
pub struct PersonChoice {
    pub id: UserId,
    pub name: String,
}

/// One page of a selection, newest cohort first.
pub async fn page(
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
          where o.store_id = $1 and o.cohort_on between $2 and $3
            and ($4::text[] = '{}' or o.kind = any($4))
            and ($5::text[] = '{}' or obligation_class(o.status, o.due_at, o.ended_at, $7) = any($5))
            and ($6::bigint is null or coalesce(o.responsible_id, o.ended_by, 0) = $6)
            and ($10::text is null
                 or ($10 = 'connected' and o.is_connected)
                 or ($10 = 'answered' and o.is_satisfied is not null)
                 or ($10 = 'satisfied' and o.is_satisfied))
            and ($11::timestamptz is null or o.due_at < $11)
            and ($12::timestamptz is null or (o.ended_at >= $12 and o.ended_at < $13))
            and ($14::bigint is null or o.ended_by = $14)
          order by o.cohort_on desc, o.id desc
          limit $8 offset $9
        )
        select p.id, p.kind, obligation_class(p.status, p.due_at, p.ended_at, $7) as "class!: ObligationClass", p.cohort_on, p.due_at,
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
        selection.from,
        selection.to,
        &selection.kinds,
        &selection.classes,
        selection.person,
        now,
        params.limit(),
        params.offset(),
        selection.only,
        selection.due_before,
        selection.ended_within.map(|(from, _)| from),
        selection.ended_within.map(|(_, to)| to),
        selection.ended_by,
    )
    .fetch_all(db)
    .await
}

/// How many rows a selection has, up to one more than the pager counts.
pub async fn count(
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
              where o.store_id = $1 and o.cohort_on between $2 and $3
                and ($4::text[] = '{}' or o.kind = any($4))
                and ($5::text[] = '{}' or obligation_class(o.status, o.due_at, o.ended_at, $7) = any($5))
                and ($6::bigint is null or coalesce(o.responsible_id, o.ended_by, 0) = $6)
                and ($9::text is null
                     or ($9 = 'connected' and o.is_connected)
                     or ($9 = 'answered' and o.is_satisfied is not null)
                     or ($9 = 'satisfied' and o.is_satisfied))
                and ($10::timestamptz is null or o.due_at < $10)
                and ($11::timestamptz is null or (o.ended_at >= $11 and o.ended_at < $12))
                and ($13::bigint is null or o.ended_by = $13)
              limit $8) rows
        "#,
        scope.get(),
        selection.from,
        selection.to,
        &selection.kinds,
        &selection.classes,
        selection.person,
        now,
        COUNT_LIMIT + 1,
        selection.only,
        selection.due_before,
        selection.ended_within.map(|(from, _)| from),
        selection.ended_within.map(|(_, to)| to),
        selection.ended_by,
    )
    .fetch_one(db)
    .await
}

/// People of the store, for the filter.
pub async fn list_people(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Vec<PersonChoice>> {
    sqlx::query_as!(
        PersonChoice,
        r#"
        select u.id, u.display_name as name
        from user_stores m
        join users u on u.id = m.user_id
        where m.store_id = $1 and m.role in ('specialist', 'clerk', 'manager')
        order by u.display_name
        "#,
        scope.get(),
    )
    .fetch_all(db)
    .await
}
