//! What the machine derives about cars: whom to talk to, last visits, kilometres a day, predicted due days.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::stores::StoreScope;

/// Derives the facts of these cars, or of all cars of the store. Rows whose values stand are left alone.
///
/// The rules are those of `odometer` and `lifecycle`, as one statement; a test compares the two. Returns how many rows changed.
pub async fn refresh(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    vehicles: Option<&[i64]>,
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let lowest = vehicles.map_or(0, |ids| ids.iter().copied().min().unwrap_or(0));
    let highest = vehicles.map_or(i64::MAX, |ids| ids.iter().copied().max().unwrap_or(0));
    // The range of ids keeps a generic plan on the key: "$2 is null or id = any($2)" alone reads every car of the store.
    let done = sqlx::query!(
        r#"
        insert into vehicle_facts as f (store_id, vehicle_id, customer_id, last_visit_id, last_visit_on,
                                        last_maintenance_id, last_maintenance_on, last_maintenance_km,
                                        km_per_day, km_confidence, first_due_on, next_due_on, next_due_by,
                                        warranty_due_on, warranty_cycle, active_until, computed_at)
        select v.store_id, v.id, p.customer_id, t.last_id, t.last_on,
               t.maintenance_id, t.maintenance_on, t.maintenance_km,
               k.per_day, k.confidence,
               case when a.is_active and t.maintenance_on is null
                    then coalesce(v.first_maintenance_due_on,
                                  least(v.delivered_on + make_interval(months => m.first_months), d.first_km_on)::date) end,
               case when a.is_active then least(d.next_time_on, d.next_km_on) end,
               case when a.is_active and d.next_time_on is not null
                    then case when d.next_km_on < d.next_time_on then 'km' else 'time' end end,
               -- An extended warranty that outlasts the maker's is the end to call about; a lifetime one has none.
               case when a.is_active then greatest(w.base_on, w.extended_on) end,
               case when w.extended_on > coalesce(w.base_on, '-infinity') then 'extended' else 'base' end,
               t.last_on + case when k.confidence <> 'none' and k.per_day <= 20 and t.visits > 1
                                then greatest(180, ceil((t.last_on - t.first_on) * 1.5 / (t.visits - 1))::int) else 180 end,
               $5
        from vehicles v
        cross join lateral (select v.state = 'active' and v.erased_at is null as is_active) a
        cross join lateral (
          select m.*
          from maintenance_plans m
          where m.store_id = v.store_id
            and m.brand in (v.brand, '*')
            and m.model in (v.model, '*')
          order by m.model = '*', m.brand = '*'
          limit 1
        ) m
        left join lateral (
          -- Who drives a car is nearer to it than who owns it.
          select p.customer_id
          from vehicle_people p
          join customers c on c.store_id = p.store_id and c.id = p.customer_id
          where p.store_id = v.store_id
            and p.vehicle_id = v.id
            and p.until_on is null
            and p.role in ('driver', 'owner', 'contact')
            and c.erased_at is null
            and c.merged_into_id is null
          order by p.role = 'driver' desc, p.role = 'owner' desc, p.id
          limit 1
        ) p on true
        left join lateral (
          select max(x.handed_over_on) as last_on, min(x.handed_over_on) as first_on, count(*) as visits,
                 (array_agg(x.id order by x.handed_over_on desc, x.id desc))[1] as last_id,
                 max(x.handed_over_on) filter (where x.type = 'maintenance') as maintenance_on,
                 (array_agg(x.id order by x.handed_over_on desc, x.id desc) filter (where x.type = 'maintenance'))[1] as maintenance_id,
                 (array_agg(x.odometer_km order by x.handed_over_on desc, x.id desc) filter (where x.type = 'maintenance'))[1] as maintenance_km
          from visits x
          where x.store_id = v.store_id
            and x.vehicle_id = v.id
            and x.handed_over_on is not null
            and x.state = 'closed'
            and x.type not in ('pdi', 'wash', 'internal')
        ) t on true
        left join lateral (
          select r.read_on, r.km
          from odometer_readings r
          where r.store_id = v.store_id and r.vehicle_id = v.id and r.refused is null
          order by r.read_on desc, r.km desc
          limit 1
        ) r1 on true
        left join lateral (
          -- Readings closer than 14 days tell a trip, not a habit.
          select r.read_on, r.km
          from odometer_readings r
          where r.store_id = v.store_id and r.vehicle_id = v.id and r.refused is null and r.read_on <= r1.read_on - 14
          order by r.read_on desc, r.km desc
          limit 1
        ) r0 on true
        cross join lateral (
          select (r1.km - r0.km)::numeric / nullif(r1.read_on - r0.read_on, 0) as slope,
                 case when r1.read_on - v.delivered_on >= 30 then r1.km::numeric / (r1.read_on - v.delivered_on) end as average
        ) q
        cross join lateral (
          select case when q.slope between 1 and 400 then round(q.slope, 1)
                      when q.average between 1 and 400 then round(q.average, 1)
                      else m.default_km_day end as per_day,
                 case when q.slope between 1 and 400 then 'good'
                      when q.average between 1 and 400 then 'low'
                      else 'none' end as confidence
        ) k
        cross join lateral (
          select coalesce(r1.read_on + ceil(greatest(m.first_km - r1.km, 0) / k.per_day)::int,
                          v.delivered_on + ceil(m.first_km / k.per_day)::int) as first_km_on,
                 (t.maintenance_on + make_interval(months => m.interval_months))::date as next_time_on,
                 case when r1.read_on > t.maintenance_on and r1.km >= t.maintenance_km
                      then r1.read_on + ceil(greatest(t.maintenance_km + m.interval_km - r1.km, 0) / k.per_day)::int
                      when t.maintenance_km is not null
                      then t.maintenance_on + ceil(m.interval_km / k.per_day)::int end as next_km_on,
                 -- greatest(null, 0) is 0: without the guard a warranty without a distance would end with the last reading.
                 case when v.warranty_km is not null
                      then r1.read_on + ceil(greatest(v.warranty_km - r1.km, 0) / k.per_day)::int end as warranty_km_on,
                 case when v.extended_warranty_km is not null
                      then r1.read_on + ceil(greatest(v.extended_warranty_km - r1.km, 0) / k.per_day)::int end as extended_km_on
        ) d
        cross join lateral (
          select case when v.warranty_kind = 'maker' then least(v.warranty_ends_on, d.warranty_km_on) end as base_on,
                 least(v.extended_warranty_ends_on, d.extended_km_on) as extended_on
        ) w
        where v.store_id = $1
          and v.id between $3 and $4
          and ($2::bigint[] is null or v.id = any($2))
        on conflict (store_id, vehicle_id) do update
        set (customer_id, last_visit_id, last_visit_on, last_maintenance_id, last_maintenance_on, last_maintenance_km,
             km_per_day, km_confidence, first_due_on, next_due_on, next_due_by, warranty_due_on, warranty_cycle,
             active_until, computed_at)
          = (excluded.customer_id, excluded.last_visit_id, excluded.last_visit_on, excluded.last_maintenance_id,
             excluded.last_maintenance_on, excluded.last_maintenance_km, excluded.km_per_day, excluded.km_confidence,
             excluded.first_due_on, excluded.next_due_on, excluded.next_due_by, excluded.warranty_due_on, excluded.warranty_cycle,
             excluded.active_until, excluded.computed_at)
        where (f.customer_id, f.last_visit_id, f.last_visit_on, f.last_maintenance_id, f.last_maintenance_on, f.last_maintenance_km,
               f.km_per_day, f.km_confidence, f.first_due_on, f.next_due_on, f.next_due_by, f.warranty_due_on, f.warranty_cycle, f.active_until)
           is distinct from
              (excluded.customer_id, excluded.last_visit_id, excluded.last_visit_on, excluded.last_maintenance_id,
               excluded.last_maintenance_on, excluded.last_maintenance_km, excluded.km_per_day, excluded.km_confidence,
               excluded.first_due_on, excluded.next_due_on, excluded.next_due_by, excluded.warranty_due_on, excluded.warranty_cycle, excluded.active_until)
        "#,
        scope.get(),
        vehicles,
        lowest,
        highest,
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
