-- The executable definition of store_days and store_windows: what src/calendar computes must equal what this writes.
create or replace function calendar_materialise(p_store bigint, p_from date, p_to date) returns void language plpgsql as $$
begin
  delete from store_windows where store_id = p_store and day between p_from and p_to;

  -- "date + time" is local wall time; "at time zone" resolves it, also on 23, 24.5 and 25 hour days; time '24:00' is the next midnight.
  -- range_agg merges touching intervals, multirange * is the intersection.
  insert into store_windows (store_id, purpose, starts_at, ends_at, day)
  with days as (
    select s.id as store_id, s.time_zone, g::date as day, x.kind, x.opens, x.closes
    from stores s, generate_series(p_from::timestamp, p_to::timestamp, interval '1 day') g
    left join calendar_days x on x.store_id = p_store and x.day = g::date
    where s.id = p_store
  ), ranges as (
    select d.store_id, d.day, h.purpose,
           range_agg(tstzrange((d.day + h.opens) at time zone d.time_zone, (d.day + h.closes) at time zone d.time_zone)) as r
    from days d
    join calendar_hours h on h.store_id = d.store_id and h.weekday = extract(isodow from d.day)
    where h.purpose <> 'open' or d.kind is null or d.kind in ('holiday', 'workday')
    group by 1, 2, 3
    union all
    select d.store_id, d.day, 'open', tstzmultirange(tstzrange((d.day + d.opens) at time zone d.time_zone, (d.day + d.closes) at time zone d.time_zone))
    from days d where d.kind = 'special'
  ), purposes as (
    select store_id, day, purpose, r from ranges where purpose <> 'call'
    union all
    select c.store_id, c.day, 'callable', c.r * o.r from ranges c join ranges o using (store_id, day) where c.purpose = 'call' and o.purpose = 'open'
  )
  select store_id, purpose, lower(i), upper(i), day from purposes, unnest(r) i where not isempty(i);

  insert into store_days (store_id, day, starts_at, ends_at, is_open, open_day_no, next_open_day, call_end_at, callable_end_at, sms_end_at)
  with per_day as (          -- one pass; a correlated subquery per day took 2 s a store
    select day, bool_or(purpose = 'open') as is_open,
           max(ends_at) filter (where purpose = 'callable') as callable_end_at,
           max(ends_at) filter (where purpose = 'sms') as sms_end_at
    from store_windows where store_id = p_store and day between p_from and p_to
    group by day
  ), call_hours as (
    select weekday, max(closes) as closes from calendar_hours where store_id = p_store and purpose = 'call' group by weekday
  ), base as (
    select s.id as store_id, g::date as day,
           g at time zone s.time_zone as starts_at, (g + interval '1 day') at time zone s.time_zone as ends_at,
           coalesce(w.is_open, false) as is_open, w.callable_end_at,
           coalesce(w.sms_end_at, (g + interval '1 day') at time zone s.time_zone) as sms_end_at,
           coalesce((g::date + h.closes) at time zone s.time_zone, (g + interval '1 day') at time zone s.time_zone) as call_end_at
    from stores s
    cross join generate_series(p_from::timestamp, p_to::timestamp, interval '1 day') g
    left join per_day w on w.day = g::date
    left join call_hours h on h.weekday = extract(isodow from g)
    where s.id = p_store
  )
  select store_id, day, starts_at, ends_at, is_open,
         coalesce((select max(open_day_no) from store_days where store_id = p_store and day = p_from - 1), 0) + (sum(is_open::int) over (order by day))::int,
         coalesce(min(day) filter (where is_open) over (order by day rows between current row and unbounded following), day),
         call_end_at, callable_end_at, sms_end_at
  from base
  on conflict (store_id, day) do update set (starts_at, ends_at, is_open, open_day_no, next_open_day, call_end_at, callable_end_at, sms_end_at)
    = (excluded.starts_at, excluded.ends_at, excluded.is_open, excluded.open_day_no, excluded.next_open_day, excluded.call_end_at, excluded.callable_end_at, excluded.sms_end_at);
end $$;
