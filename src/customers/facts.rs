//! What the machine derives about customers: the character they are filed under, their last visit, how complete the file is.

use sqlx::{PgConnection, PgExecutor};

use crate::customers::completeness;
use crate::stores::StoreScope;
use crate::vehicles::VehicleId;

/// Derives the facts of these customers, or of all of the store. Rows whose values stand are left alone.
pub async fn refresh(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customers: Option<&[i64]>,
) -> sqlx::Result<u64> {
    let lowest = customers.map_or(0, |ids| ids.iter().copied().min().unwrap_or(0));
    let highest = customers.map_or(i64::MAX, |ids| ids.iter().copied().max().unwrap_or(0));
    let (fields, weights) = completeness::weights();
    // The range of ids keeps a generic plan on the key: "$2 is null or id = any($2)" alone reads every customer of the store.
    let done = sqlx::query!(
        r#"
        insert into customer_facts as f (store_id, customer_id, initial, last_visit_on, score, missing, touched_at)
        select c.store_id, c.id,
               case when c.merged_into_id is null and c.erased_at is null then left(c.name, 1) end,
               l.last_visit_on, 100 - m.weight, m.missing, greatest(c.updated_at, c.reviewed_at)
        from customers c
        left join lateral (
          select max(v.handed_over_on) as last_visit_on
          from visits v
          where v.store_id = c.store_id
            and v.customer_id = c.id
            and v.handed_over_on is not null
            and v.state <> 'cancelled'
        ) l on true
        cross join lateral (
          -- All cars in one pass: each is asked for everything that it can show.
          select coalesce(bool_or(v.vin is not null and v.plate is not null), false) as has_car,
                 coalesce(bool_or(v.delivered_on is not null), false) as has_delivery,
                 coalesce(bool_or(exists (select from odometer_readings r
                                          where r.store_id = v.store_id and r.vehicle_id = v.id and r.refused is null)), false) as has_odometer,
                 coalesce(bool_or(exists (select from policies o
                                          where o.store_id = v.store_id and o.vehicle_id = v.id)), false) as has_insurance
          from vehicle_people p
          join vehicles v on v.store_id = p.store_id and v.id = p.vehicle_id
          where p.store_id = c.store_id
            and p.customer_id = c.id
            and p.until_on is null
        ) car
        cross join lateral (
          select coalesce(array_agg(w.field order by w.position), '{}') as missing, coalesce(sum(w.weight), 0) as weight
          from unnest($5::text[], $6::int[]) with ordinality w(field, weight, position)
          where not case w.field
            when 'phone' then exists (select from phones h
                                      where h.store_id = c.store_id and h.customer_id = c.id and h.state in ('ok', 'unverified'))
            when 'car' then car.has_car
            when 'insurance' then car.has_insurance
            when 'name' then btrim(coalesce(c.name, '')) <> ''
            when 'delivery' then car.has_delivery
            when 'odometer' then car.has_odometer
            when 'consent' then exists (select from consents k where k.store_id = c.store_id and k.customer_id = c.id)
            when 'preference' then c.preferred_channel <> 'call' or c.preferred_daypart is not null
            when 'class' then c.grade is not null
                              or exists (select from customer_tags g
                                         join tags t on t.store_id = g.store_id and t.id = g.tag_id
                                         where g.store_id = c.store_id and g.customer_id = c.id and t.kind = 'class')
            else true end
        ) m
        where c.store_id = $1
          and c.id between $3 and $4
          and ($2::bigint[] is null or c.id = any($2))
        on conflict (store_id, customer_id) do update
        set initial = excluded.initial, last_visit_on = excluded.last_visit_on, score = excluded.score,
            missing = excluded.missing, touched_at = excluded.touched_at
        where (f.initial, f.last_visit_on, f.score, f.missing, f.touched_at)
              is distinct from (excluded.initial, excluded.last_visit_on, excluded.score, excluded.missing, excluded.touched_at)
        "#,
        scope.get(),
        customers,
        lowest,
        highest,
        &fields,
        &weights,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Derives the facts of a car's current people anew: what is known about the car counts for their files.
pub async fn refresh_people_of(db: &mut PgConnection, scope: StoreScope, vehicle: VehicleId) -> sqlx::Result<()> {
    let people = sqlx::query_scalar!(
        r#"
        select distinct customer_id
        from vehicle_people
        where store_id = $1
          and vehicle_id = $2
          and until_on is null
        "#,
        scope.get(),
        vehicle.get(),
    )
    .fetch_all(&mut *db)
    .await?;
    refresh(db, scope, Some(&people)).await?;
    Ok(())
}
