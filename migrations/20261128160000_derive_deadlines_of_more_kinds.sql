-- Lost customers, care visits and data tasks count as calls do; where a later visit moves the deadline of the call about the one
-- before (stores.restarts_on_revisit), it goes on doing so.
create or replace function obligation_deadlines(of_store bigint, today date)
returns table (id bigint, kind text, vehicle_id bigint, callback_id bigint, reminder_id bigint,
               due_at timestamptz, callable_due_at timestamptz, is_short boolean)
language sql stable as $$
  with wanted as (
    -- So many days after the event; when the store is closed then, the next open day.
    select o.id, o.kind, o.vehicle_id, o.callback_id, o.reminder_id, o.channel, o.created_at, n.call_end_at as due_at
    from obligations o
    join rules r on r.store_id = o.store_id and r.kind = o.kind and r.version = o.rule_version
    cross join lateral (
      select case when o.kind = 'post_service' and o.callback_id is not null
                       and (select s.restarts_on_revisit from stores s where s.id = of_store)
                  then (select max(x.cohort_on) from obligations x
                        where x.store_id = of_store and x.callback_id = o.callback_id and x.vehicle_id = o.vehicle_id
                          and x.kind = 'post_service' and x.status = 'open')
                  else o.cohort_on end as day
    ) counted
    join store_days e on e.store_id = o.store_id and e.day = counted.day + r.due_days
    join store_days n on n.store_id = o.store_id and n.day = e.next_open_day
    where o.store_id = of_store and o.status = 'open'
      and o.kind in ('post_service', 'renewal_contact', 'lost_customer', 'care_visit', 'data_task')
    union all
    -- By the predicted end of the warranty; one that is found to be over is called about today.
    select o.id, o.kind, o.vehicle_id, o.callback_id, o.reminder_id, o.channel, o.created_at, d.call_end_at
    from obligations o
    left join vehicle_facts f on f.store_id = o.store_id and f.vehicle_id = o.vehicle_id and f.warranty_cycle = o.cycle_key
    join store_days d on d.store_id = o.store_id and d.day = greatest(coalesce(f.warranty_due_on, o.cohort_on), today)
    where o.store_id = of_store and o.status = 'open' and o.kind = 'warranty_expiry'
    union all
    -- Messages: on their day, or within their week.
    select o.id, o.kind, o.vehicle_id, o.callback_id, o.reminder_id, o.channel, o.created_at, d.sms_end_at
    from obligations o
    join store_days d on d.store_id = o.store_id and d.day = o.cohort_on + case o.kind when 'periodic_maintenance' then 6 else 0 end
    where o.store_id = of_store and o.status = 'open' and o.kind in ('first_maintenance', 'periodic_maintenance')
    union all
    select o.id, o.kind, o.vehicle_id, o.callback_id, o.reminder_id, o.channel, o.created_at, d.ends_at
    from obligations o
    join rules r on r.store_id = o.store_id and r.kind = o.kind and r.version = o.rule_version
    join store_days d on d.store_id = o.store_id and d.day = o.cohort_on + r.due_days
    where o.store_id = of_store and o.status = 'open' and o.kind = 'renewal'
    union all
    select o.id, o.kind, o.vehicle_id, o.callback_id, o.reminder_id, o.channel, o.created_at, o.due_at
    from obligations o
    where o.store_id = of_store and o.status = 'open' and o.channel = 'call'
      and o.kind not in ('post_service', 'renewal_contact', 'lost_customer', 'care_visit', 'data_task', 'warranty_expiry',
                         'first_maintenance', 'periodic_maintenance', 'renewal')
  )
  select w.id, w.kind, w.vehicle_id, w.callback_id, w.reminder_id, w.due_at,
         case when w.channel = 'call' then c.at else w.due_at end,
         w.channel = 'call' and c.is_short
  from wanted w
  cross join lateral callable_due(of_store, w.due_at, w.created_at) c
$$;
