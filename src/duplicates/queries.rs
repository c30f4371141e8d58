//! Statements of the list of pairs.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgExecutor;

use crate::duplicates::model::PairState;
use crate::duplicates::{DuplicateId, Reason, RecordKind};
use crate::stores::StoreScope;
use crate::users::UserId;

/// A pair in the list, each side in a line or two.
pub struct Pair {
    pub id: DuplicateId,
    pub kind: RecordKind,
    pub left_id: i64,
    pub right_id: i64,
    pub reason: Reason,
    pub strength: i16,
    pub found_at: DateTime<Utc>,
    pub left_name: Option<String>,
    pub right_name: Option<String>,
    pub left_plate: Option<String>,
    pub right_plate: Option<String>,
    pub left_vin: Option<String>,
    pub right_vin: Option<String>,
    pub left_number: Option<String>,
    pub right_number: Option<String>,
    pub left_visit_on: Option<NaiveDate>,
    pub right_visit_on: Option<NaiveDate>,
}

/// What the list is limited to.
#[derive(Clone, Copy)]
pub struct Filter<'a> {
    pub state: PairState,
    pub kind: Option<&'a str>,
    pub reason: Option<&'a str>,
}

/// Pairs of which both files are still there, the strongest first.
pub async fn page(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    filter: Filter<'_>,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<Pair>> {
    sqlx::query_as!(
        Pair,
        r#"
        with page as materialized (
          select d.*
          from duplicates d
          where d.store_id = $1
            and d.state = $2
            and ($3::text is null or d.kind = $3)
            and ($4::text is null or d.reason = $4)
            and (d.kind = 'vehicle' or (select count(*) from customers c
                                        where c.store_id = d.store_id and c.id in (d.left_id, d.right_id)
                                          and c.merged_into_id is null and c.erased_at is null) = 2)
            and (d.kind = 'customer' or (select count(*) from vehicles v
                                         where v.store_id = d.store_id and v.id in (d.left_id, d.right_id)
                                           and v.merged_into_id is null and v.erased_at is null) = 2)
          order by d.strength desc, d.found_at desc, d.id
          limit $5
          offset $6
        )
        select p.id as "id!: DuplicateId", p.kind as "kind!: RecordKind", p.left_id as "left_id!", p.right_id as "right_id!",
               p.reason as "reason!: Reason", p.strength as "strength!", p.found_at as "found_at!",
               coalesce(lc.name, nullif(trim(lv.brand || ' ' || lv.model), '')) as left_name,
               coalesce(rc.name, nullif(trim(rv.brand || ' ' || rv.model), '')) as right_name,
               lv.plate as "left_plate?", rv.plate as "right_plate?", lv.vin as "left_vin?", rv.vin as "right_vin?",
               lh.number as "left_number?", rh.number as "right_number?",
               coalesce(lf.last_visit_on, lg.last_visit_on) as left_visit_on,
               coalesce(rf.last_visit_on, rg.last_visit_on) as right_visit_on
        from page p
        left join customers lc on p.kind = 'customer' and lc.store_id = p.store_id and lc.id = p.left_id
        left join customers rc on p.kind = 'customer' and rc.store_id = p.store_id and rc.id = p.right_id
        left join customer_facts lf on p.kind = 'customer' and lf.store_id = p.store_id and lf.customer_id = p.left_id
        left join customer_facts rf on p.kind = 'customer' and rf.store_id = p.store_id and rf.customer_id = p.right_id
        left join phones lh on lh.store_id = lc.store_id and lh.customer_id = lc.id and lh.is_main
        left join phones rh on rh.store_id = rc.store_id and rh.customer_id = rc.id and rh.is_main
        left join vehicles lv on p.kind = 'vehicle' and lv.store_id = p.store_id and lv.id = p.left_id
        left join vehicles rv on p.kind = 'vehicle' and rv.store_id = p.store_id and rv.id = p.right_id
        left join vehicle_facts lg on p.kind = 'vehicle' and lg.store_id = p.store_id and lg.vehicle_id = p.left_id
        left join vehicle_facts rg on p.kind = 'vehicle' and rg.store_id = p.store_id and rg.vehicle_id = p.right_id
        order by p.strength desc, p.found_at desc, p.id
        "#,
        scope.get(),
        filter.state.as_str(),
        filter.kind,
        filter.reason,
        limit,
        offset,
    )
    .fetch_all(db)
    .await
}

/// Which two a pair is of.
pub struct Two {
    pub kind: RecordKind,
    pub left_id: i64,
    pub right_id: i64,
}

/// One pair.
pub async fn find(db: impl PgExecutor<'_>, scope: StoreScope, id: DuplicateId) -> sqlx::Result<Option<Two>> {
    sqlx::query_as!(
        Two,
        "select kind, left_id, right_id from duplicates where store_id = $1 and id = $2",
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// How many the list holds, counted no further than the pager shows.
pub async fn count(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    filter: Filter<'_>,
    up_to: i64,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"
        select count(*) as "count!"
        from (
          select 1
          from duplicates d
          where d.store_id = $1
            and d.state = $2
            and ($3::text is null or d.kind = $3)
            and ($4::text is null or d.reason = $4)
            and (d.kind = 'vehicle' or (select count(*) from customers c
                                        where c.store_id = d.store_id and c.id in (d.left_id, d.right_id)
                                          and c.merged_into_id is null and c.erased_at is null) = 2)
            and (d.kind = 'customer' or (select count(*) from vehicles v
                                         where v.store_id = d.store_id and v.id in (d.left_id, d.right_id)
                                           and v.merged_into_id is null and v.erased_at is null) = 2)
          limit $5
        ) counted
        "#,
        scope.get(),
        filter.state.as_str(),
        filter.kind,
        filter.reason,
        up_to,
    )
    .fetch_one(db)
    .await
}

/// Decides about a pair, or takes that back. `None`: there is no such pair; `Some(false)`: somebody was faster.
pub async fn decide(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: DuplicateId,
    (from, to): (PairState, PairState),
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<bool>> {
    sqlx::query_scalar!(
        r#"
        with decided as (
          update duplicates
          set state = $4, version = version + 1,
              decided_at = case when $4 <> 'open' then $5::timestamptz end,
              decided_by = case when $4 <> 'open' then $6::bigint end
          where store_id = $1
            and id = $2
            and state = $3
          returning id
        )
        select exists (select from decided) as "is_done!"
        from duplicates
        where store_id = $1
          and id = $2
        "#,
        scope.get(),
        id.get(),
        from.as_str(),
        to.as_str(),
        now,
        by.get(),
    )
    .fetch_optional(db)
    .await
}
