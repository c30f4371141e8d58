-- What the calendar says about open obligations now: read when hours, closed days or a predicted day have changed.

-- The last instant inside calling and opening hours that is not after the deadline; when that left less than 15 minutes after
-- the promise was made, the first callable instant from then on (窗口不足). StoreCalendar::callable_due is the same in Rust.
create function callable_due(of_store bigint, due timestamptz, made timestamptz) returns table (at timestamptz, is_short boolean)
language sql stable parallel safe as $$
  select case when l.at >= made + interval '15 minutes' then l.at else coalesce(f.at, due) end,
         coalesce(l.at < made + interval '15 minutes', true)
  from (select 1) one
  left join lateral (select least(w.ends_at, due) as at
                     from store_windows w
                     where w.store_id = of_store and w.purpose = 'callable' and w.starts_at <= due
                       and w.starts_at > due - interval '60 days'
                     order by w.starts_at desc
                     limit 1) l on true
  left join lateral (select greatest(w.starts_at, made) as at
                     from store_windows w
                     where w.store_id = of_store and w.purpose = 'callable' and w.starts_at > made - interval '1 day' and w.ends_at > made
                     order by w.starts_at
                     limit 1) f on true
$$;
comment on function callable_due(bigint, timestamptz, timestamptz) is 'The callable deadline of a promise: one index probe, the second only when the first finds no time to call.';

-- One branch for each way of counting; a kind that no branch names keeps its deadline, only its callable instant is looked up.
-- candidates says the same for entries that are not made yet, and a test compares the two.
create function obligation_deadlines(of_store bigint, today date)
returns table (id bigint, kind text, vehicle_id bigint, callback_id bigint, reminder_id bigint,
               due_at timestamptz, callable_due_at timestamptz, is_short boolean)
language sql stable as $$
  with wanted as (
    -- So many days after the event; when the store is closed then, the next open day.
    select o.id, o.kind, o.vehicle_id, o.callback_id, o.reminder_id, o.channel, o.created_at, n.call_end_at as due_at
    from obligations o
    join rules r on r.store_id = o.store_id and r.kind = o.kind and r.version = o.rule_version
    join store_days e on e.store_id = o.store_id and e.day = o.cohort_on + r.due_days
    join store_days n on n.store_id = o.store_id and n.day = e.next_open_day
    where o.store_id = of_store and o.status = 'open' and o.kind in ('post_service', 'renewal_contact')
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
      and o.kind not in ('post_service', 'renewal_contact', 'warranty_expiry', 'first_maintenance', 'periodic_maintenance', 'renewal')
  )
  select w.id, w.kind, w.vehicle_id, w.callback_id, w.reminder_id, w.due_at,
         case when w.channel = 'call' then c.at else w.due_at end,
         w.channel = 'call' and c.is_short
  from wanted w
  cross join lateral callable_due(of_store, w.due_at, w.created_at) c
$$;
comment on function obligation_deadlines(bigint, date) is 'Deadlines of open entries by the calendar and the predictions of today. Whoever writes them keeps what is past as it is.';
