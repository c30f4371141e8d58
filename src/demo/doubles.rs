//! Files that somebody opened a second time: what the search for duplicates finds, and a merge to take back.

use chrono::{DateTime, Utc};
use chrono_tz::Asia::Shanghai;
use sqlx::{PgExecutor, Postgres, Transaction};

use crate::duplicates::RecordKind;
use crate::duplicates::jobs;
use crate::duplicates::merge::service::{self, By, Order};
use crate::stores::{StoreId, StoreScope};
use crate::users::UserId;

/// Second files of every fortieth customer, the pairs they make, and the first pair merged.
pub async fn fill(
    tx: &mut Transaction<'_, Postgres>,
    store: StoreId,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let scope = StoreScope::for_job(store);
    insert_doubles(&mut **tx, scope, now).await?;
    insert_cars(&mut **tx, scope, now).await?;
    jobs::find_in(tx, scope, now).await?;
    let Some(pair) = first_pair(&mut **tx, scope).await? else {
        return Ok(());
    };
    let by = By {
        scope,
        user: pair.user_id,
        now,
        today: now.with_timezone(&Shanghai).date_naive(),
    };
    let order = Order {
        kind: RecordKind::Customer,
        survivor: pair.left_id,
        loser: pair.right_id,
        versions: [1, 1],
        fields: Vec::new(),
        main_phone: None,
    };
    if let Err(refusal) = service::merge(tx, by, &order).await? {
        tracing::info!(%refusal, "the demonstration shows no merge");
    }
    Ok(())
}

/// Some under the same number, some under a misheard one.
async fn insert_doubles(db: impl PgExecutor<'_>, scope: StoreScope, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        with picked as materialized (
          select c.name, c.salutation, c.grams, c.number, row_number() over (order by c.id) as n
          from (select c.id, c.name, c.salutation, c.grams, h.number, row_number() over (order by c.id) as place
                from customers c
                join phones h on h.store_id = c.store_id and h.customer_id = c.id and h.is_main
                where c.store_id = $1 and c.kind = 'person' and c.id not in (select customer_id from callbacks where store_id = $1)) c
          where c.place % 40 = 3
        ), made as (
          insert into customers (store_id, name, salutation, grams, note, created_at, updated_at)
          select $1, name, salutation, grams, '展厅登记', $2, $2
          from picked
          order by n
          returning id
        ), numbered as (
          select id, row_number() over (order by id) as n
          from made
        )
        insert into phones (store_id, customer_id, number, raw, is_main)
        select $1, m.id, x.number, x.number, true
        from numbered m
        join picked p using (n)
        cross join lateral (select case when p.n % 3 = 0 then overlay(p.number placing '199' from 1 for 3) else p.number end as number) x
        "#,
        scope.get(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Every second one with a car whose plate was mistyped.
async fn insert_cars(db: impl PgExecutor<'_>, scope: StoreScope, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        with doubles as materialized (
          select d.id, v.plate, v.model, row_number() over (order by d.id) as n
          from customers d
          join phones h on h.store_id = d.store_id and h.customer_id = d.id
          join phones o on o.store_id = h.store_id and o.number = h.number and o.customer_id < d.id
          join vehicle_people p on p.store_id = o.store_id and p.customer_id = o.customer_id and p.role = 'owner'
          join vehicles v on v.store_id = p.store_id and v.id = p.vehicle_id
          where d.store_id = $1 and d.note = '展厅登记'
        ), picked as (
          select id, plate, model, row_number() over (order by n) as n
          from doubles
          where n % 2 = 0
        ), made as (
          insert into vehicles (store_id, plate, model, created_at, updated_at)
          select $1, overlay(plate placing case right(plate, 1) when '8' then '3' else '8' end from length(plate) for 1), model, $2, $2
          from picked
          order by n
          returning id
        ), numbered as (
          select id, row_number() over (order by id) as n
          from made
        )
        insert into vehicle_people (store_id, vehicle_id, customer_id, role)
        select $1, m.id, p.id, 'owner'
        from numbered m
        join picked p using (n)
        "#,
        scope.get(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The last pair found, and who merges it.
struct Pair {
    left_id: i64,
    right_id: i64,
    user_id: UserId,
}

async fn first_pair(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Option<Pair>> {
    sqlx::query_as!(
        Pair,
        r#"
        select d.left_id, d.right_id, m.user_id
        from duplicates d
        join user_stores m on m.store_id = d.store_id and m.role = 'manager'
        where d.store_id = $1 and d.kind = 'customer' and d.reason = 'phone' and d.strength = 3
        order by d.left_id desc, d.id, m.user_id
        limit 1
        "#,
        scope.get(),
    )
    .fetch_optional(db)
    .await
}
