-- How long each clock of a case runs, by severity; one set of four rows is a version, and a case keeps the one it was accepted under.

create table complaint_rules (
  store_id                bigint not null references stores,
  version                 int not null,
  severity                text not null constraint complaint_rules_severity_check check (severity in ('A','B','C','D')),
  dispatch_minutes        int not null constraint complaint_rules_dispatch_check check (dispatch_minutes between 5 and 120),
  reply_minutes           int not null constraint complaint_rules_reply_check check (reply_minutes between 5 and 1440),
  follow_up_hours         int not null default 24 constraint complaint_rules_follow_up_check check (follow_up_hours between 1 and 24),
  second_callback_hours   int not null default 24 constraint complaint_rules_second_callback_check check (second_callback_hours between 1 and 24),
  close_days              int not null constraint complaint_rules_close_check check (close_days between 1 and 30),
  is_wall_clock           boolean not null,
  chain_end               text not null constraint complaint_rules_chain_check check (chain_end in ('care_manager','department_head','director','general_manager')),
  reason                  text not null default '',
  valid_from              timestamptz not null,
  created_by              bigint references users,
  created_at              timestamptz not null,
  primary key (store_id, version, severity),
  constraint complaint_rules_grave_is_wall_clock_check check (severity not in ('A','B') or is_wall_clock)
);
comment on table complaint_rules is 'Severity table. Never edited: a change adds the four rows of the next version. The checks are the floor of 2 h, 24 h and 24 h: stricter is allowed, looser is not.';
comment on column complaint_rules.is_wall_clock is 'Dispatch and reply run while the store is closed; otherwise they start at the next opening.';
comment on column complaint_rules.close_days is 'Days to the target close. Of A it is the day of the plan, then the promised time; the number is not used.';
comment on column complaint_rules.chain_end is 'The highest person whom a warning reaches.';

insert into complaint_rules (store_id, version, severity, dispatch_minutes, reply_minutes, close_days, is_wall_clock, chain_end, valid_from, created_at)
select s.id, 1, d.severity, d.dispatch, d.reply, d.days, d.is_wall, d.chain_end, s.created_at, s.created_at
from stores s
cross join (values ('A', 30, 30, 1, true, 'general_manager'), ('B', 60, 60, 5, true, 'director'),
                   ('C', 120, 120, 3, false, 'department_head'), ('D', 120, 1440, 3, false, 'care_manager'))
           d(severity, dispatch, reply, days, is_wall, chain_end);

alter table obligations drop constraint obligations_kind_check;
alter table obligations add constraint obligations_kind_check check (kind in (
  'post_service','warranty_expiry','first_maintenance','periodic_maintenance','renewal','renewal_contact','lost_customer','data_task','care_visit','profile_review',
  'complaint_dispatch','complaint_first_reply','complaint_follow_up','complaint_plan','complaint_close','complaint_second_callback','complaint_after','complaint_external'));
create index obligations_complaint_due_idx on obligations (store_id, due_at, id) where status = 'open' and complaint_id is not null;
comment on index obligations_complaint_due_idx is 'Clocks that run, for my day and the warnings.';

-- Of complaints, only what has not begun and what is called about follows the calendar.
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
    cross join lateral (
      select case when o.kind = 'renewal_contact'
                  then least(r.due_days, (select min(y.days) from unnest(r.offsets) y(days) where y.days > substr(o.cycle_key, 2)::int)
                                           - substr(o.cycle_key, 2)::int - 1)
                  else r.due_days end as days
    ) given
    join store_days e on e.store_id = o.store_id and e.day = counted.day + given.days
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
    -- A clock of a complaint accepted while the store was closed starts with the opening.
    select o.id, o.kind, o.vehicle_id, o.callback_id, o.reminder_id, o.channel, o.created_at, begins.at + (o.due_at - o.not_before)
    from obligations o
    join complaints p on p.store_id = o.store_id and p.id = o.complaint_id
    cross join lateral (select greatest(w.starts_at, p.accepted_at) as at
                        from store_windows w
                        where w.store_id = of_store and w.purpose = 'open' and w.starts_at > p.accepted_at - interval '1 day'
                          and w.ends_at > p.accepted_at
                        order by w.starts_at
                        limit 1) begins
    where o.store_id = of_store and o.status = 'open' and o.kind in ('complaint_dispatch', 'complaint_first_reply')
      and o.not_before > p.accepted_at
    union all
    -- Calls so many days after the closing of a case, on an open day.
    select o.id, o.kind, o.vehicle_id, o.callback_id, o.reminder_id, o.channel, o.created_at, n.call_end_at
    from obligations o
    join store_days e on e.store_id = o.store_id and e.day = o.cohort_on + split_part(o.cycle_key, ':', 2)::int
    join store_days n on n.store_id = o.store_id and n.day = e.next_open_day
    where o.store_id = of_store and o.status = 'open' and o.kind = 'complaint_after'
    union all
    select o.id, o.kind, o.vehicle_id, o.callback_id, o.reminder_id, o.channel, o.created_at, o.due_at
    from obligations o
    where o.store_id = of_store and o.status = 'open' and o.channel = 'call'
      and o.kind not in ('complaint_after', 'post_service', 'renewal_contact', 'lost_customer', 'care_visit', 'data_task', 'warranty_expiry',
                         'first_maintenance', 'periodic_maintenance', 'renewal')
  )
  select w.id, w.kind, w.vehicle_id, w.callback_id, w.reminder_id, w.due_at,
         case when w.channel = 'call' then c.at else w.due_at end,
         w.channel = 'call' and c.is_short
  from wanted w
  cross join lateral callable_due(of_store, w.due_at, w.created_at) c
$$;

-- What the night proves: clocks that every case in its state has, and the ledger lacks. Must be empty.
create view lacking_clocks as
select p.store_id, p.id as complaint_id, k.kind, k.cycle_key
from complaints p
cross join lateral (
  values ('complaint_dispatch', '1'), ('complaint_first_reply', '1'), ('complaint_follow_up', '1'),
         (case when p.severity = 'A' then 'complaint_plan' else 'complaint_close' end, p.cycle::text),
         (case when p.state = 'resolved' then 'complaint_second_callback' end, null),
         (case when p.wants_replacement and p.resolved_at is null then 'complaint_external' end, 'answer'),
         (case when p.external_due_on is not null and p.resolved_at is null then 'complaint_external' end, 'authority:' || p.external_due_on)
) k(kind, cycle_key)
where p.ended_at is null and k.kind is not null
  and not exists (select from obligations o
                  where o.store_id = p.store_id and o.kind = k.kind and o.complaint_id = p.id
                    and (o.cycle_key = k.cycle_key or k.cycle_key is null and o.status <> 'cancelled'));
comment on view lacking_clocks is 'Open cases without a clock that they owe.';
