//! Statements that look for pairs: set-based, over the rows that changed since the last time.
//!
//! Each joins the changed rows with all rows by a key: a number, a VIN, a plate with one character left out, the sound of a
//! name with the last four of a number. Nothing compares all with all, and a key that very many rows share (the number of a
//! taxi company) gives a row no more than a few partners.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::stores::{StoreId, StoreScope};

/// Stores whose search is due: never done, a night has come, or an import was confirmed since.
pub async fn list_due(db: impl PgExecutor<'_>, now: DateTime<Utc>) -> sqlx::Result<Vec<StoreId>> {
    sqlx::query_scalar!(
        r#"
        select s.id
        from stores s
        left join duplicate_searches d on d.store_id = s.id
        where s.is_active
          and (d.searched_at is null
               or d.searched_at < (date_trunc('day', ($1::timestamptz at time zone s.time_zone) - interval '2 hours')
                                   + interval '2 hours') at time zone s.time_zone
               or exists (select from imports i
                          where i.store_id = s.id and i.state = 'confirmed' and i.confirmed_at > d.searched_at))
        order by s.id
        "#,
        now,
    )
    .fetch_all(db)
    .await
}

/// How far the search has come.
pub struct Reached {
    pub customers_to: Option<DateTime<Utc>>,
    pub vehicles_to: Option<DateTime<Utc>>,
}

/// Locks the store's row; the first time there is none.
pub async fn lock_reached(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Option<Reached>> {
    sqlx::query_as!(
        Reached,
        "select customers_to, vehicles_to from duplicate_searches where store_id = $1 for update",
        scope.get(),
    )
    .fetch_optional(db)
    .await
}

/// Notes how far the search has come. While something is left, the store stays due.
pub async fn set_reached(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    reached: &Reached,
    is_finished: bool,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into duplicate_searches as d (store_id, searched_at, customers_to, vehicles_to)
        values ($1, case when $5 then $4::timestamptz else '-infinity' end, $2, $3)
        on conflict (store_id) do update
        set customers_to = excluded.customers_to, vehicles_to = excluded.vehicles_to,
            searched_at = case when $5 then excluded.searched_at else d.searched_at end
        "#,
        scope.get(),
        reached.customers_to,
        reached.vehicles_to,
        now,
        is_finished,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A customer that changed; `name` is missing once merged or erased.
pub struct Changed {
    pub id: i64,
    pub name: Option<String>,
    pub updated_at: DateTime<Utc>,
}

/// Customers that changed after an instant, the longest ago first, and all of the last instant: an import has only one.
pub async fn changed_customers(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    after: Option<DateTime<Utc>>,
    limit: i64,
) -> sqlx::Result<Vec<Changed>> {
    sqlx::query_as!(
        Changed,
        r#"
        select c.id as "id: i64", case when c.merged_into_id is null and c.erased_at is null then c.name end as name, c.updated_at
        from customers c
        where c.store_id = $1
          and c.updated_at > coalesce($2, '-infinity'::timestamptz)
          and c.updated_at <= (select max(s.updated_at)
                               from (select u.updated_at
                                     from customers u
                                     where u.store_id = $1 and u.updated_at > coalesce($2, '-infinity'::timestamptz)
                                     order by u.updated_at
                                     limit $3) s)
        order by c.updated_at, c.id
        "#,
        scope.get(),
        after,
        limit,
    )
    .fetch_all(db)
    .await
}

/// The same of cars.
pub async fn changed_vehicles(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    after: Option<DateTime<Utc>>,
    limit: i64,
) -> sqlx::Result<Vec<Changed>> {
    sqlx::query_as!(
        Changed,
        r#"
        select c.id as "id: i64", case when c.merged_into_id is null and c.erased_at is null then '' end as name, c.updated_at
        from vehicles c
        where c.store_id = $1
          and c.updated_at > coalesce($2, '-infinity'::timestamptz)
          and c.updated_at <= (select max(s.updated_at)
                               from (select u.updated_at
                                     from vehicles u
                                     where u.store_id = $1 and u.updated_at > coalesce($2, '-infinity'::timestamptz)
                                     order by u.updated_at
                                     limit $3) s)
        order by c.updated_at, c.id
        "#,
        scope.get(),
        after,
        limit,
    )
    .fetch_all(db)
    .await
}

/// Takes the keys of changed customers away, before they are written anew.
pub async fn delete_keys(db: impl PgExecutor<'_>, scope: StoreScope, ids: &[i64]) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from duplicate_keys where store_id = $1 and row_id = any($2)",
        scope.get(),
        ids,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// How the names of customers sound, with the last four of each of their numbers.
pub async fn insert_keys(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    ids: &[i64],
    sounds: &[String],
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into duplicate_keys (store_id, key, row_id)
        select distinct p.store_id, t.sound || '|' || right(p.number, 4), p.customer_id
        from unnest($2::bigint[], $3::text[]) t(id, sound)
        join phones p on p.store_id = $1 and p.customer_id = t.id and p.state <> 'wrong'
        where t.sound <> ''
        on conflict do nothing
        "#,
        scope.get(),
        ids,
        sounds,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The same number. A family or a company shares one, so only equal or contained names make it strong.
pub async fn propose_same_phone(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    ids: &[i64],
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"
        insert into duplicates as d (store_id, kind, left_id, right_id, reason, strength, found_at)
        select $1, 'customer', least(a.id, b.id), greatest(a.id, b.id), 'phone',
               max(case when strpos(a.name, b.name) > 0 or strpos(b.name, a.name) > 0 then 3 else 1 end), $3
        from unnest($2::bigint[]) t(id)
        join phones p on p.store_id = $1 and p.customer_id = t.id and p.state <> 'wrong'
        cross join lateral (
          select o.customer_id
          from phones o
          where o.store_id = $1 and o.number = p.number and o.customer_id <> p.customer_id and o.state <> 'wrong'
          order by o.customer_id
          limit 5
        ) q
        join customers a on a.store_id = $1 and a.id = p.customer_id and a.merged_into_id is null and a.erased_at is null
        join customers b on b.store_id = $1 and b.id = q.customer_id and b.merged_into_id is null and b.erased_at is null
        group by least(a.id, b.id), greatest(a.id, b.id)
        on conflict on constraint duplicates_pair_key do update
        set reason = excluded.reason, strength = excluded.strength
        where d.state = 'open' and d.strength < excluded.strength
        "#,
        scope.get(),
        ids,
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Names that sound the same with numbers that end alike: the number was misheard, or the name written otherwise.
pub async fn propose_same_sound(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    ids: &[i64],
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"
        insert into duplicates as d (store_id, kind, left_id, right_id, reason, strength, found_at)
        select $1, 'customer', least(a.id, b.id), greatest(a.id, b.id), 'sound',
               max(case when a.name = b.name then 2 else 1 end), $3
        from duplicate_keys k
        cross join lateral (
          select o.row_id
          from duplicate_keys o
          where o.store_id = $1 and o.key = k.key and o.row_id <> k.row_id
          order by o.row_id
          limit 5
        ) q
        join customers a on a.store_id = $1 and a.id = k.row_id and a.merged_into_id is null and a.erased_at is null
        join customers b on b.store_id = $1 and b.id = q.row_id and b.merged_into_id is null and b.erased_at is null
        where k.store_id = $1
          and k.row_id = any($2)
        group by least(a.id, b.id), greatest(a.id, b.id)
        on conflict on constraint duplicates_pair_key do update
        set reason = excluded.reason, strength = excluded.strength
        where d.state = 'open' and d.strength < excluded.strength
        "#,
        scope.get(),
        ids,
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// The same VIN once O, I and Q are read as the digits they look like; or the short number of an old car, which is the tail
/// of the whole one.
pub async fn propose_same_vin(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    ids: &[i64],
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"
        with mine as materialized (
          select v.id, v.vin
          from unnest($2::bigint[]) t(id)
          join vehicles v on v.store_id = $1 and v.id = t.id
          where v.vin is not null and v.merged_into_id is null and v.erased_at is null
        ), pairs as (
          select m.id, o.id as other, 3 as strength
          from mine m
          join vehicles o on translate(o.vin, 'OIQ', '010') = translate(m.vin, 'OIQ', '010')
          where o.store_id = $1 and o.vin is not null and o.id <> m.id and o.merged_into_id is null and o.erased_at is null
          union all
          select m.id, o.id, 2
          from mine m
          join vehicles o on o.store_id = $1 and right(o.vin, 6) = right(m.vin, 6)
          where o.vin is not null and o.id <> m.id and o.merged_into_id is null and o.erased_at is null
            and least(length(o.vin), length(m.vin)) between 6 and 16 and greatest(length(o.vin), length(m.vin)) = 17
            and (right(o.vin, length(m.vin)) = m.vin or right(m.vin, length(o.vin)) = o.vin)
        )
        insert into duplicates as d (store_id, kind, left_id, right_id, reason, strength, found_at)
        select $1, 'vehicle', least(id, other), greatest(id, other), 'vin', max(strength), $3
        from pairs
        group by least(id, other), greatest(id, other)
        on conflict on constraint duplicates_pair_key do update
        set reason = excluded.reason, strength = excluded.strength
        where d.state = 'open' and d.strength < excluded.strength
        "#,
        scope.get(),
        ids,
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// A plate one character off (another one, one missing or too many, two exchanged) at the same person or somebody with the
/// same name or number, where not both VINs are known: in a big city every plate has a neighbour, so the plate alone says
/// nothing. Two plates are near when they share a key: the plate, or the plate without one of its characters.
pub async fn propose_near_plates(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    ids: &[i64],
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"
        with holders as materialized (
          select v.id, v.plate, v.vin, p.customer_id, c.name
          from unnest($2::bigint[]) t(id)
          join vehicles v on v.store_id = $1 and v.id = t.id
          join vehicle_people p on p.store_id = $1 and p.vehicle_id = v.id and p.until_on is null
          join customers c on c.store_id = $1 and c.id = p.customer_id and c.name is not null
          where v.plate is not null and v.merged_into_id is null and v.erased_at is null
        ), known as materialized (
          select h.id, h.plate, h.vin, w.who
          from holders h
          cross join lateral (
            select h.name
            union all
            select n.number from phones n where n.store_id = $1 and n.customer_id = h.customer_id
          ) w(who)
        ), mine as materialized (
          select distinct k.id, k.vin, k.who, e.key
          from known k
          cross join lateral (
            select k.plate
            union all
            select overlay(k.plate placing '' from i for 1) from generate_series(1, length(k.plate)) i
          ) e(key)
        ), people as materialized (
          select c.id, c.name as who
          from customers c
          where c.store_id = $1 and c.merged_into_id is null and c.name in (select name from holders)
          union
          select n.customer_id, n.number
          from phones n
          where n.store_id = $1 and n.number in (select who from known)
        ), others as materialized (
          select distinct v.id, v.vin, q.who, e.key
          from people q
          join vehicle_people p on p.store_id = $1 and p.customer_id = q.id and p.until_on is null
          join vehicles v on v.store_id = $1 and v.id = p.vehicle_id and v.plate is not null
            and v.merged_into_id is null and v.erased_at is null
          cross join lateral (
            select v.plate
            union all
            select overlay(v.plate placing '' from i for 1) from generate_series(1, length(v.plate)) i
          ) e(key)
        ), pairs as (
          select distinct m.id, o.id as other
          from mine m
          join others o on o.who = m.who and o.key = m.key and o.id <> m.id
          where m.vin is null or o.vin is null
        ), few as (
          select id, other, row_number() over (partition by id order by other) as n
          from pairs
        )
        insert into duplicates as d (store_id, kind, left_id, right_id, reason, strength, found_at)
        select distinct $1::bigint, 'vehicle', least(id, other), greatest(id, other), 'plate', 2, $3::timestamptz
        from few
        where n <= 5
        on conflict on constraint duplicates_pair_key do update
        set reason = excluded.reason, strength = excluded.strength
        where d.state = 'open' and d.strength < excluded.strength
        "#,
        scope.get(),
        ids,
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
