//! Statements of the demonstration's workshop. Which rows they take follows from ids: the same every time.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::stores::StoreScope;

/// Says what a maintenance was made of, and what was promised.
pub async fn word_maintenance(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update visits
        set summary = case when type = 'maintenance'
                           then summary || '、更换机油机滤' || case id % 3 when 0 then '、更换空调滤芯' when 1 then '、更换空气滤芯，轮胎换位' else '' end
                           else summary end,
            promised_at = arrived_at + case when type = 'body' then interval '30 hours' else interval '2 hours' end
        where store_id = $1
        "#,
        scope.get(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Some repairs do not hold: the car comes back within weeks with the same.
pub async fn repeat_repairs(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into visits (store_id, ro_number, vehicle_id, customer_id, type, state, arrived_at, settled_at, handed_over_at,
                            handed_over_on, odometer_km, amount_fen, advisor_name, technician_name, summary, symptom, created_at, updated_at)
        select v.store_id, v.ro_number || 'R', v.vehicle_id, v.customer_id, 'rework', 'closed', t.arrived_at,
               t.arrived_at + interval '95 minutes', t.arrived_at + interval '2 hours',
               (t.arrived_at + interval '2 hours')::timestamptz at time zone 'Asia/Shanghai', v.odometer_km + 240, 0, v.advisor_name,
               v.technician_name, v.summary, '修过以后还是老样子', t.arrived_at, $2
        from visits v
        cross join lateral (select v.arrived_at + make_interval(days => 5 + (v.id % 17)::int) as arrived_at) t
        where v.store_id = $1
          and v.type = 'repair'
          and v.handed_over_at is not null
          and v.id % 9 = 0
          and t.arrived_at + interval '2 hours' < $2
        order by v.id
        "#,
        scope.get(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// One young private car per store has had its gearbox repaired again and again: close to what 三包 allows.
pub async fn wear_out_a_car(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        with car as (
          select v.id, o.customer_id, v.delivered_on
          from vehicles v
          join vehicle_people o on o.store_id = v.store_id and o.vehicle_id = v.id and o.role = 'owner'
          join customers c on c.store_id = o.store_id and c.id = o.customer_id and c.kind = 'person'
          where v.store_id = $1
            and v.usage = 'private'
            and v.delivered_on between ($2::timestamptz - interval '540 days')::date and ($2::timestamptz - interval '240 days')::date
          order by v.id
          limit 1
        )
        insert into visits (store_id, ro_number, vehicle_id, customer_id, type, state, arrived_at, settled_at, handed_over_at,
                            handed_over_on, odometer_km, amount_fen, advisor_name, technician_name, summary, symptom, is_safety,
                            waiting_since, waiting_until, waits_for_special, promised_at, created_at, updated_at)
        select $1, 'RW' || to_char(a.at, 'YYMM') || lpad(n.number::text, 3, '0'), car.id, car.customer_id, 'warranty', 'closed', a.at,
               a.at + n.days * interval '23 hours', a.at + n.days * interval '23 hours',
               (a.at + n.days * interval '23 hours') at time zone 'Asia/Shanghai', ((a.at at time zone 'Asia/Shanghai')::date - car.delivered_on) * 40,
               0, '孙浩', '沈毅', n.work, n.symptom, n.is_safety, a.at + interval '1 day',
               case when n.is_special then a.at + interval '4 days' end, n.is_special, a.at + interval '3 days', a.at, $2
        from car
        cross join (values
          (1, 190, 7, '质保更换变速器阀体、软件升级', '低速换挡顿挫', false, false),
          (2, 150, 6, '质保更换变速器油泵', '低速换挡顿挫', false, false),
          (3, 96, 9, '质保检查变速器、更换变速器线束', '行驶中失去动力', true, true),
          (4, 40, 8, '质保检查变速器、软件升级', '低速换挡顿挫', false, false)
        ) n (number, ago, days, work, symptom, is_safety, is_special)
        cross join lateral (
          select date_trunc('day', $2::timestamptz) - make_interval(days => n.ago) + interval '2 hours' as at
        ) a
        order by n.number
        "#,
        scope.get(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Every second repair has lines with amounts: the part and the labour.
pub async fn price_lines(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into visit_items (store_id, visit_id, kind, code, name, quantity, amount_fen)
        select v.store_id, v.id, n.kind, n.prefix || lpad((v.id * 37 % 10000)::text, 4, '0'),
               regexp_replace(v.summary, ' × 2', ''), case when v.summary ~ '× 2' and n.kind = 'part' then 2 else 1 end,
               case n.kind when 'part' then v.amount_fen * 7 / 10 else v.amount_fen - v.amount_fen * 7 / 10 end
        from visits v
        cross join (values ('part', 'BJ-'), ('labour', 'GS-')) n (kind, prefix)
        where v.store_id = $1
          and v.type = 'repair'
          and v.summary like '更换%'
          and v.id % 2 = 0
        order by v.id, n.kind desc
        "#,
        scope.get(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Cars that are still here: in repair for over five days, waiting for parts, settled and not fetched, and one that came yesterday.
pub async fn keep_cars(db: impl PgExecutor<'_>, scope: StoreScope, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        with cars as (
          select v.id, o.customer_id, row_number() over (order by v.id) as number
          from vehicles v
          join vehicle_people o on o.store_id = v.store_id and o.vehicle_id = v.id and o.role = 'owner' and o.until_on is null
          where v.store_id = $1
            and v.state = 'active'
            and v.id % 7 = 3
            and not exists (select from visits x where x.store_id = v.store_id and x.vehicle_id = v.id and x.handed_over_at is null)
          order by v.id
          limit 5
        )
        insert into visits (store_id, ro_number, vehicle_id, customer_id, type, state, arrived_at, settled_at, odometer_km, amount_fen,
                            advisor_name, technician_name, summary, symptom, waiting_since, promised_at, created_at, updated_at)
        select $1, 'RK' || lpad(n.number::text, 4, '0'), c.id, c.customer_id, n.kind, case when n.settled is null then 'open' else 'settled' end,
               a.at, $2::timestamptz - n.settled * interval '1 hour', null, 0, n.advisor, '沈毅', n.work, n.symptom,
               $2::timestamptz - n.waiting * interval '1 hour', a.at + interval '2 days', a.at, $2
        from cars c
        join (values
          (1, 190, null::int, null::int, 'warranty', '孙浩', '质保更换转向机', '低速转向异响'),
          (2, 150, null, 100, 'repair', '朱静', '更换前减振器、四轮定位', '过坎异响'),
          (3, 76, null, 55, 'body', '孙浩', '左前门钣金喷漆', '停车被刮'),
          (4, 210, 110, null, 'repair', '朱静', '更换水泵', '水温偏高'),
          (5, 22, null, null, 'repair', '孙浩', '检查空调不制冷', '空调不凉')
        ) n (number, ago, settled, waiting, kind, advisor, work, symptom) on n.number = c.number
        cross join lateral (select $2::timestamptz - n.ago * interval '1 hour' as at) a
        order by n.number
        "#,
        scope.get(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Taxis and hired cars, lifetime and extended warranties.
pub async fn vary_cars(db: impl PgExecutor<'_>, scope: StoreScope, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update vehicles
        set usage = case when id % 61 = 7 then 'taxi' when id % 67 = 11 then 'commercial' else usage end,
            warranty_kind = case when id % 29 = 5 then 'lifetime' else warranty_kind end,
            extended_warranty_ends_on = case when id % 17 = 3 then warranty_ends_on + 730 end,
            extended_warranty_km = case when id % 17 = 3 then 150000 end,
            updated_at = $2
        where store_id = $1
          and (id % 61 = 7 or id % 67 = 11 or id % 29 = 5 or id % 17 = 3)
          and not exists (
            select from visits x where x.store_id = vehicles.store_id and x.vehicle_id = vehicles.id and x.is_safety
          )
        "#,
        scope.get(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A few owners carried their plate from an old car, since sold, to a newer one. The triggers keep who had it when.
pub async fn move_plates(db: impl PgExecutor<'_>, scope: StoreScope, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        with pairs as (
          select p.customer_id, min(v.id) as old_id, max(v.id) as new_id
          from vehicle_people p
          join vehicles v on v.store_id = p.store_id and v.id = p.vehicle_id
          where p.store_id = $1
            and p.role = 'owner'
          group by p.customer_id
          having count(*) > 1
          order by p.customer_id
          limit 6
        ), moved as (
          select q.new_id as id, o.plate, 'active' as state, $2::timestamptz - interval '70 days' as at
          from pairs q
          join vehicles o on o.store_id = $1 and o.id = q.old_id
          union all
          select q.old_id, n.plate, 'sold', $2::timestamptz - interval '70 days'
          from pairs q
          join vehicles n on n.store_id = $1 and n.id = q.new_id
        )
        update vehicles v
        set plate = m.plate, state = m.state, version = v.version + 1, updated_at = m.at
        from moved m
        where v.store_id = $1
          and v.id = m.id
        "#,
        scope.get(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}
