//! TEMPORARY, until `vehicles::facts::refresh` lands: the same statement with the plan for all models.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::stores::StoreScope;

/// Recomputes the facts of cars (`None` = all of the store).
pub async fn refresh(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    vehicles: Option<&[i64]>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into vehicle_facts as f (store_id, vehicle_id, customer_id, last_visit_id, last_visit_on, last_maintenance_id, last_maintenance_on,
                                        last_maintenance_km, km_per_day, km_confidence, first_due_on, next_due_on, next_due_by, warranty_due_on, computed_at)
        select v.store_id, v.id, p.customer_id, t.last_id, t.last_on, t.care_id, t.care_on, t.care_km, k.per_day, k.confidence,
               case when v.state = 'active' and t.care_on is null
                    then least(v.delivered_on + make_interval(months => m.first_months), v.delivered_on + ceil(m.first_km / k.per_day)::int)::date end,
               case when v.state = 'active' then least(t.care_on + make_interval(months => m.interval_months), t.care_on + ceil(m.interval_km / k.per_day)::int)::date end,
               case when v.state = 'active' and t.care_on is not null
                    then case when t.care_on + ceil(m.interval_km / k.per_day)::int < t.care_on + make_interval(months => m.interval_months) then 'km' else 'time' end end,
               case when v.state = 'active' then least(v.warranty_ends_on, r1.read_on + ceil(greatest(v.warranty_km - r1.km, 0) / k.per_day)::int) end,
               $3
        from vehicles v
        cross join lateral (select coalesce(max(p.first_months), 6) as first_months, coalesce(max(p.first_km), 5000) as first_km, coalesce(max(p.interval_months), 6) as interval_months,
                                   coalesce(max(p.interval_km), 7500) as interval_km, coalesce(max(p.default_km_day), 41) as default_km_day
                            from maintenance_plans p where p.store_id = v.store_id and p.brand = '*') m
        left join lateral (select p.customer_id from vehicle_people p
                           where p.store_id = v.store_id and p.vehicle_id = v.id and p.until_on is null and p.role in ('driver', 'owner')
                           order by p.role = 'driver' desc, p.id limit 1) p on true
        left join lateral (select max(x.handed_over_on) as last_on,
                                  (array_agg(x.id order by x.handed_over_on desc, x.id desc))[1] as last_id,
                                  max(x.handed_over_on) filter (where x.type = 'maintenance') as care_on,
                                  (array_agg(x.id order by x.handed_over_on desc, x.id desc) filter (where x.type = 'maintenance'))[1] as care_id,
                                  (array_agg(x.odometer_km order by x.handed_over_on desc, x.id desc) filter (where x.type = 'maintenance'))[1] as care_km
                           from visits x
                           where x.store_id = v.store_id and x.vehicle_id = v.id and x.handed_over_on is not null and x.state in ('settled', 'closed')
                             and x.type not in ('pdi', 'wash', 'internal')) t on true
        left join lateral (select r.read_on, r.km from odometer_readings r
                           where r.store_id = v.store_id and r.vehicle_id = v.id and r.refused is null order by r.read_on desc limit 1) r1 on true
        left join lateral (select r.read_on, r.km from odometer_readings r
                           where r.store_id = v.store_id and r.vehicle_id = v.id and r.refused is null and r.read_on <= r1.read_on - 14
                           order by r.read_on desc limit 1) r0 on true
        cross join lateral (select (r1.km - r0.km)::numeric / nullif(r1.read_on - r0.read_on, 0) as slope,
                                   case when r1.read_on - v.delivered_on >= 30 then r1.km::numeric / (r1.read_on - v.delivered_on) end as average) q
        cross join lateral (select case when q.slope between 1 and 400 then round(q.slope, 1) when q.average between 1 and 400 then round(q.average, 1) else m.default_km_day end as per_day,
                                   case when q.slope between 1 and 400 then 'good' when q.average between 1 and 400 then 'low' else 'none' end as confidence) k
        where v.store_id = $1 and ($2::bigint[] is null or v.id = any($2))
        on conflict (store_id, vehicle_id) do update
          set (customer_id, last_visit_id, last_visit_on, last_maintenance_id, last_maintenance_on, last_maintenance_km, km_per_day, km_confidence,
               first_due_on, next_due_on, next_due_by, warranty_due_on, computed_at)
            = (excluded.customer_id, excluded.last_visit_id, excluded.last_visit_on, excluded.last_maintenance_id, excluded.last_maintenance_on,
               excluded.last_maintenance_km, excluded.km_per_day, excluded.km_confidence, excluded.first_due_on, excluded.next_due_on,
               excluded.next_due_by, excluded.warranty_due_on, excluded.computed_at)
          where (f.customer_id, f.last_visit_id, f.last_maintenance_id, f.last_maintenance_km, f.km_per_day, f.first_due_on, f.next_due_on, f.warranty_due_on)
             is distinct from (excluded.customer_id, excluded.last_visit_id, excluded.last_maintenance_id, excluded.last_maintenance_km, excluded.km_per_day,
                               excluded.first_due_on, excluded.next_due_on, excluded.warranty_due_on)
        "#,
        scope.get(),
        vehicles as Option<&[i64]>,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}
