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
    // The range of ids keeps a generic plan on the key: "$2 is null or id = any($2)" alone reads every customer of the store.
    let done = sqlx::query!(
        r#"
        insert into customer_facts as f (store_id, customer_id, initial, last_visit_on, score, missing, touched_at, phone_state)
        select c.store_id, c.id,
               case when c.merged_into_id is null and c.erased_at is null then left(c.name, 1) end,
               l.last_visit_on,
               100 - case when has.phone then 0 else w.phone end - case when car.complete then 0 else w.car end
                 - case when car.insured then 0 else w.insurance end - case when has.name then 0 else w.name end
                 - case when car.delivered then 0 else w.delivery end - case when car.read then 0 else w.odometer end
                 - case when has.consent then 0 else w.consent end - case when has.preference then 0 else w.preference end
                 - case when has.class then 0 else w.class end,
               array_remove(array[
                 case when not has.phone then 'phone' end, case when not coalesce(car.complete, false) then 'car' end,
                 case when not coalesce(car.insured, false) then 'insurance' end, case when not has.name then 'name' end,
                 case when not coalesce(car.delivered, false) then 'delivery' end, case when not coalesce(car.read, false) then 'odometer' end,
                 case when not has.consent then 'consent' end, case when not has.preference then 'preference' end,
                 case when not has.class then 'class' end], null),
               greatest(c.updated_at, c.reviewed_at),
               -- Of a new row only: its trigger then finds nothing to write. Later the triggers of phones keep it.
               coalesce((select h.state from phones h where h.store_id = c.store_id and h.customer_id = c.id and h.is_main), 'none')
        from customers c
        -- In the order of Field::ALL. "offset 0" keeps each look-up from being repeated where its answer is used.
        cross join (select ($5::int[])[1] as phone, ($5::int[])[2] as car, ($5::int[])[3] as insurance, ($5::int[])[4] as name,
                           ($5::int[])[5] as delivery, ($5::int[])[6] as odometer, ($5::int[])[7] as consent,
                           ($5::int[])[8] as preference, ($5::int[])[9] as class offset 0) w
        left join lateral (
          select max(v.handed_over_on) as last_visit_on
          from visits v
          where v.store_id = c.store_id and v.customer_id = c.id and v.handed_over_on is not null and v.state <> 'cancelled'
        ) l on true
        left join lateral (
          select bool_or(v.vin is not null and v.plate is not null) as complete,
                 bool_or(v.delivered_on is not null) as delivered,
                 bool_or(exists (select from odometer_readings r
                                 where r.store_id = v.store_id and r.vehicle_id = v.id and r.refused is null)) as read,
                 bool_or(exists (select from policies o where o.store_id = v.store_id and o.vehicle_id = v.id)) as insured
          from vehicle_people p
          join vehicles v on v.store_id = p.store_id and v.id = p.vehicle_id
          where p.store_id = c.store_id and p.customer_id = c.id and p.until_on is null
        ) car on true
        cross join lateral (
          select exists (select from phones h
                         where h.store_id = c.store_id and h.customer_id = c.id and h.state in ('ok', 'unverified')) as phone,
                 btrim(coalesce(c.name, '')) <> '' as name,
                 exists (select from consents k where k.store_id = c.store_id and k.customer_id = c.id) as consent,
                 c.preferred_channel <> 'call' or c.preferred_daypart is not null as preference,
                 c.grade is not null
                 or exists (select from customer_tags g
                            join tags t on t.store_id = g.store_id and t.id = g.tag_id
                            where g.store_id = c.store_id and g.customer_id = c.id and t.kind = 'class') as class
          offset 0
        ) has
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
        &completeness::weights(),
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Derives the facts of a car's current people anew: what is known about the car counts for their files.
pub async fn refresh_people_of(
    db: &mut PgConnection,
    scope: StoreScope,
    vehicle: VehicleId,
) -> sqlx::Result<()> {
    let people = sqlx::query_scalar!(
        r#"
        select distinct customer_id as "id: i64"
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
