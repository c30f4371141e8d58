-- Who is about to complain: what the archive says about cars and people before anybody does.

create table risks (
  store_id       bigint not null references stores,
  id             bigint generated always as identity,
  kind           text not null constraint risks_kind_check check (kind in
                 ('long_repair','warranty','same_fault','rework','parts_wait','not_handed_over','missed')),
  cycle_key      text not null,
  rank           smallint not null,
  customer_id    bigint not null,
  vehicle_id     bigint,
  visit_id       bigint,
  appointment_id bigint,
  since          timestamptz not null,
  count          int not null default 0,
  counter        text constraint risks_counter_check check (counter in ('repair_days','same_fault','safety','assembly','same_part','single_repair')),
  subject        text not null default '',
  state          text not null default 'open' constraint risks_state_check check (state in ('open','handled','dismissed')),
  snoozed_until  date,
  taken_by       bigint,
  taken_at       timestamptz,
  ended_at       timestamptz,
  ended_by       bigint references users,
  found_at       timestamptz not null,
  gone_at        timestamptz,
  version        int not null default 1,
  primary key (store_id, id),
  constraint risks_once_key unique (store_id, kind, cycle_key),
  constraint risks_customer_fkey foreign key (store_id, customer_id) references customers (store_id, id) on delete cascade,
  constraint risks_vehicle_fkey foreign key (store_id, vehicle_id) references vehicles (store_id, id) on delete cascade,
  constraint risks_visit_fkey foreign key (store_id, visit_id) references visits (store_id, id) on delete cascade,
  constraint risks_appointment_fkey foreign key (store_id, appointment_id) references appointments (store_id, id) on delete cascade,
  constraint risks_taken_fkey foreign key (store_id, taken_by) references user_stores (store_id, user_id),
  constraint risks_taken_check check ((taken_by is null) = (taken_at is null)),
  constraint risks_ended_check check ((state = 'open') = (ended_at is null))
);
comment on table risks is 'Found every morning by find_risks and the watch over 三包; a person ends it, or it goes away by itself (gone_at).';
comment on column risks.cycle_key is 'What it is about, once: the visit, the appointment, or car and counter. A new count is a new risk.';
comment on column risks.rank is 'What comes first in the list: 1 where the law has a consequence, then by how near the customer is to complaining.';
comment on column risks.count is 'Days or times, as the kind says.';
create index risks_open_idx on risks (store_id, rank, since, id) where state = 'open' and gone_at is null;
create index risks_ended_idx on risks (store_id, ended_at desc, id) where ended_at is not null;
create index risks_customer_idx on risks (store_id, customer_id);
create index risks_vehicle_idx on risks (store_id, vehicle_id) where vehicle_id is not null;
create index risks_visit_idx on risks (store_id, visit_id) where visit_id is not null;
create index risks_appointment_idx on risks (store_id, appointment_id) where appointment_id is not null;

create table risk_actions (
  store_id   bigint not null,
  id         bigint generated always as identity,
  risk_id    bigint not null,
  action     text not null constraint risk_actions_action_check check (action in ('taken','released','handled','snoozed','dismissed','reopened')),
  note       text not null default '',
  until_on   date,
  by_id      bigint not null references users,
  at         timestamptz not null,
  primary key (store_id, id),
  constraint risk_actions_risk_fkey foreign key (store_id, risk_id) references risks (store_id, id) on delete cascade
);
comment on table risk_actions is 'What people did about a risk. Append-only; the note is emptied by an erasure.';
create index risk_actions_risk_idx on risk_actions (store_id, risk_id, id);

create index visits_repeated_idx on visits (store_id, arrived_at) where rework_of_id is not null or type = 'rework';
create index visits_fault_idx on visits (store_id, vehicle_id, arrived_at) where type in ('warranty','rework') or is_safety or assembly is not null;

-- What follows from visits and appointments. The watch over 三包 counters is the program's (vehicles::warranty_watch).
create function find_risks(p_store bigint, p_now timestamptz, p_today date)
returns table (kind text, cycle_key text, rank int, customer_id bigint, vehicle_id bigint, visit_id bigint, appointment_id bigint,
               since timestamptz, count int, subject text)
language sql stable rows 200 as $$
  with in_shop as materialized (
    select v.id, v.customer_id, v.vehicle_id, v.arrived_at, v.settled_at, v.waiting_since, v.waiting_until
    from visits v
    where v.store_id = p_store and v.handed_over_at is null and v.state <> 'cancelled'
      and v.arrived_at between p_now - interval '1 year' and p_now and v.type not in ('pdi','internal','wash')
  ), recent as materialized (
    select v.id, v.customer_id, v.vehicle_id, v.arrived_at, v.symptom_key
    from visits v
    where v.store_id = p_store and v.arrived_at between p_now - interval '30 days' and p_now and v.state <> 'cancelled'
      and v.type in ('repair','warranty','rework')
  ), thirds as materialized (
    -- The same key of a symptom or an item in at least two earlier visits of the car within a year.
    select distinct on (r.id) r.id, r.customer_id, r.vehicle_id, r.arrived_at, k.key, n.times + 1 as times
    from recent r
    cross join lateral (
      select r.symptom_key as key where r.symptom_key is not null
      union
      select i.key from visit_items i where i.store_id = p_store and i.visit_id = r.id and i.key is not null
    ) k
    cross join lateral (
      select count(*) as times
      from visits e
      where e.store_id = p_store and e.vehicle_id = r.vehicle_id and e.arrived_at < r.arrived_at
        and e.arrived_at >= r.arrived_at - interval '365 days' and e.state <> 'cancelled' and e.type not in ('pdi','wash','internal')
        and (e.symptom_key = k.key
             or exists (select from visit_items i where i.store_id = p_store and i.visit_id = e.id and i.key = k.key))
    ) n
    where n.times >= 2
    order by r.id, n.times desc, k.key
  ), found as (
    -- 三包规定 Art. 21 and 40: every begun day of 24 hours counts; from the sixth a loaner or money is owed.
    select 'long_repair' as kind, s.id::text as cycle_key, 1 as rank, s.customer_id, s.vehicle_id, s.id as visit_id, null::bigint as appointment_id,
           s.arrived_at as since, ceil(extract(epoch from p_now - s.arrived_at) / 86400)::int as count, '' as subject
    from in_shop s
    where s.settled_at is null and s.arrived_at < p_now - interval '5 days'
    union all
    select 'parts_wait', s.id::text, 3, s.customer_id, s.vehicle_id, s.id, null, s.waiting_since,
           ceil(extract(epoch from p_now - s.waiting_since) / 86400)::int, ''
    from in_shop s
    where s.settled_at is null and s.waiting_since < p_now - interval '2 days' and (s.waiting_until is null or s.waiting_until > p_now)
    union all
    select 'not_handed_over', s.id::text, 4, s.customer_id, s.vehicle_id, s.id, null, s.settled_at,
           ceil(extract(epoch from p_now - s.settled_at) / 86400)::int, ''
    from in_shop s
    where s.settled_at < p_now - interval '3 days'
    union all
    select 'same_fault', t.id::text, 2, t.customer_id, t.vehicle_id, t.id, null, t.arrived_at, t.times::int, t.key
    from thirds t
    union all
    select 'rework', v.id::text, 3, v.customer_id, v.vehicle_id, v.id, null, v.arrived_at,
           greatest(extract(day from v.arrived_at - f.handed_over_at)::int, 0), v.symptom
    from visits v
    left join visits f on f.store_id = v.store_id and f.id = v.rework_of_id
    where v.store_id = p_store and (v.rework_of_id is not null or v.type = 'rework') and v.state <> 'cancelled'
      and v.arrived_at between p_now - interval '30 days' and p_now
      and not exists (select from thirds t where t.id = v.id)
    union all
    select 'missed', a.id::text, 4, a.customer_id, a.vehicle_id, null, a.id, (a.wished_on + coalesce(a.wished_at, time '12:00')) at time zone z.time_zone,
           p_today - a.wished_on, a.purpose
    from appointments a
    join stores z on z.id = a.store_id
    where a.store_id = p_store and a.state <> 'cancelled' and a.state = 'confirmed' and a.wished_on between p_today - 7 and p_today - 1
      and not exists (select from visits v where v.store_id = a.store_id and v.customer_id = a.customer_id
                        and v.arrived_at >= (a.wished_on - 1)::timestamp at time zone z.time_zone)
  )
  select f.kind, f.cycle_key, f.rank, f.customer_id, f.vehicle_id, f.visit_id, f.appointment_id, f.since, coalesce(f.count, 0), f.subject
  from found f
  -- Who has complained since is no risk any more but a case.
  where not exists (select from complaints c where c.store_id = p_store and c.customer_id = f.customer_id and c.accepted_at >= f.since
                      and c.state not in ('invalid','merged'))
    and not exists (select from complaints c where c.store_id = p_store and c.vehicle_id = f.vehicle_id and c.accepted_at >= f.since
                      and c.state not in ('invalid','merged'))
$$;
