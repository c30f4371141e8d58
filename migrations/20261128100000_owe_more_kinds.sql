-- Lost customers, care visits and data tasks join the ledger; the cadence of renewal contacts is complete.

alter table rules
  add column month_day int constraint rules_month_day_check check (month_day between 1 and 28),
  add column threshold_days int constraint rules_threshold_check check (threshold_days > 0),
  add column cadence_days int constraint rules_cadence_check check (cadence_days > 0),
  add column codes text[] not null default '{}',
  add column message_days int not null default 3 constraint rules_message_days_check check (message_days >= 0),
  add column withdrawn_at timestamptz,
  add column withdrawn_by bigint references users,
  drop constraint rules_period_check,
  add constraint rules_period_check check (valid_until is null or valid_from < valid_until or withdrawn_at is not null and valid_until = valid_from),
  add constraint rules_withdrawn_check check ((withdrawn_at is null) = (withdrawn_by is null));
comment on column rules.month_day is 'Day of the month of a monthly list.';
comment on column rules.threshold_days is 'Days without a valid visit after which a car is lost.';
comment on column rules.cadence_days is 'Days from one care visit to the next.';
comment on column rules.codes is 'What the kind is about: tags of customers (care_visit), gaps of a file (data_task).';
comment on column rules.message_days is 'A message that is later than this is no longer sent: the customer is called.';
comment on column rules.withdrawn_at is 'A version taken back before its first day: its period is empty, so that no day ever uses it.';

-- Stores that are open already: from today on, so that their past owes nothing. A new store gets the same from the program.
insert into rules (store_id, kind, version, valid_from, channel, due_days, lookback_days, horizon_days, month_day, threshold_days, cadence_days, codes, created_at)
select s.id, d.kind, 1, current_date, d.channel, d.due_days, d.lookback_days, d.horizon_days, d.month_day, d.threshold_days, d.cadence_days, d.codes, now()
from stores s
cross join (values
  ('lost_customer', 'call', 25, 31, 31, 5, 366, null, '{}'::text[]),
  ('care_visit', 'call', 14, 7, 0, null, null, 90, '{vip,key_account}'),
  ('data_task', 'none', 7, 31, 0, null, null, null, '{no_phone,wrong_phone,unknown_expiry}')
) d(kind, channel, due_days, lookback_days, horizon_days, month_day, threshold_days, cadence_days, codes)
on conflict on constraint rules_version_key do nothing;

-- Who kept the short cadence that stores began with gets the complete one tomorrow.
with ended as (
  update rules
  set valid_until = current_date + 1
  where kind = 'renewal_contact' and version = 1 and valid_until is null and offsets = '{-90,-30}' and valid_from <= current_date
  returning *
)
insert into rules (store_id, kind, version, valid_from, is_enabled, channel, due_days, offsets, lookback_days, horizon_days, visit_types,
                   min_dials, min_days, min_dayparts, retry_minutes, reason, created_at)
select store_id, kind, 2, current_date + 1, is_enabled, channel, due_days, '{-90,-60,-45,-30,-15,-7,-3,-1,1,8,15,22,29}', lookback_days, horizon_days, visit_types,
       min_dials, min_days, min_dayparts, retry_minutes, '', now()
from ended;

create index phones_bad_idx on phones (store_id, checked_on) where state in ('wrong', 'dead') and checked_on is not null;
comment on index phones_bad_idx is 'Numbers that turned out bad on a day: each owes a look at the file.';

-- Every branch is driven by store_days: "event_on between" is pushed down to a range of its key, and each day is an index probe
-- into the events, so a day costs what that day holds and never what the base holds. event_on is the day the window is laid
-- over: the event itself, the day of the stage or of the list, or the day something expires; it decides the version of the rule.
-- Days before starts_on owe nothing: history does not owe. Merged and erased people, demonstration and stock cars owe nothing either.
create or replace view candidates as
-- After a visit: end of calling on D+3; when the store is closed then, of the next open day. Not before 24 hours have passed.
select v.store_id, 'post_service'::text as kind, d.day as event_on, v.id as subject_id, '1'::text as cycle_key,
       v.id as visit_id, v.vehicle_id, null::bigint as policy_id, v.customer_id, d.day as cohort_on,
       v.handed_over_at + interval '24 hours' as not_before,
       d3.call_end_at as strict_due_at, dn.call_end_at as due_at, dn.callable_end_at as callable_due_at,
       r.channel, r.version as rule_version,
       case when c.survey_opt_out then 'rule:do_not_call' end as exempt_reason, r.message_days
from rules r
join stores s on s.id = r.store_id
join store_days d on d.store_id = r.store_id and d.day >= greatest(r.valid_from, s.starts_on) and (r.valid_until is null or d.day < r.valid_until)
join visits v on v.store_id = d.store_id and v.handed_over_on = d.day and v.state in ('settled', 'closed') and v.type = any(r.visit_types)
join vehicles car on car.store_id = v.store_id and car.id = v.vehicle_id and car.usage not in ('demo', 'stock')
join customers c on c.store_id = v.store_id and c.id = v.customer_id and c.merged_into_id is null and c.erased_at is null
join store_days d3 on d3.store_id = d.store_id and d3.day = d.day + r.due_days
join store_days dn on dn.store_id = d.store_id and dn.day = d3.next_open_day
where r.kind = 'post_service' and r.is_enabled
union all
-- Warranty: one call per car and warranty, from 90 days before its predicted end, due by that end.
select f.store_id, 'warranty_expiry', d.day, f.vehicle_id, f.warranty_cycle, null, f.vehicle_id, null, f.customer_id, d.day,
       d.starts_at - make_interval(days => r.horizon_days), d.call_end_at, d.call_end_at,
       (select max(w.ends_at) from store_windows w
        where w.store_id = d.store_id and w.purpose = 'callable' and w.starts_at < d.call_end_at and w.ends_at <= d.call_end_at
          and w.starts_at > d.call_end_at - interval '30 days'),
       r.channel, r.version, null, r.message_days
from rules r
join stores s on s.id = r.store_id
join store_days d on d.store_id = r.store_id and d.day >= greatest(r.valid_from, s.starts_on) and (r.valid_until is null or d.day < r.valid_until)
join vehicle_facts f on f.store_id = d.store_id and f.warranty_due_on = d.day
join vehicles car on car.store_id = f.store_id and car.id = f.vehicle_id and car.state = 'active' and car.usage not in ('demo', 'stock')
join customers c on c.store_id = f.store_id and c.id = f.customer_id and c.merged_into_id is null and c.erased_at is null
where r.kind = 'warranty_expiry' and r.is_enabled
union all
-- First maintenance: one message per stage, due the same day. A car in the shop is not reminded.
select f.store_id, 'first_maintenance', d.day, f.vehicle_id, 'T' || to_char(stage.days, 'FMSG999'), null, f.vehicle_id, null, f.customer_id, d.day,
       d.starts_at, d.sms_end_at, d.sms_end_at, d.sms_end_at, r.channel, r.version, null, r.message_days
from rules r
join stores s on s.id = r.store_id
cross join unnest(r.offsets) stage(days)
join store_days d on d.store_id = r.store_id and d.day >= greatest(r.valid_from, s.starts_on) and (r.valid_until is null or d.day < r.valid_until)
join vehicle_facts f on f.store_id = d.store_id and f.first_due_on = d.day - stage.days
join vehicles car on car.store_id = f.store_id and car.id = f.vehicle_id and car.state = 'active' and car.usage not in ('demo', 'stock')
join customers c on c.store_id = f.store_id and c.id = f.customer_id and c.merged_into_id is null and c.erased_at is null
where r.kind = 'first_maintenance' and r.is_enabled
  and not exists (select 1 from visits v where v.store_id = f.store_id and v.vehicle_id = f.vehicle_id and v.handed_over_on is null and v.state <> 'cancelled')
union all
-- Periodic maintenance: one message per maintenance cycle, on the list of the Monday of the day of the run (cohort null = that Monday).
select f.store_id, 'periodic_maintenance', d.day, f.vehicle_id, f.last_maintenance_id::text, null, f.vehicle_id, null, f.customer_id, null,
       null, null, null, null, r.channel, r.version, null, r.message_days
from rules r
join stores s on s.id = r.store_id
join store_days d on d.store_id = r.store_id and d.day >= greatest(r.valid_from, s.starts_on) and (r.valid_until is null or d.day < r.valid_until)
join vehicle_facts f on f.store_id = d.store_id and f.next_due_on = d.day and f.last_maintenance_id is not null
join vehicles car on car.store_id = f.store_id and car.id = f.vehicle_id and car.state = 'active' and car.usage not in ('demo', 'stock')
join customers c on c.store_id = f.store_id and c.id = f.customer_id and c.merged_into_id is null and c.erased_at is null
where r.kind = 'periodic_maintenance' and r.is_enabled
  and not exists (select 1 from visits v where v.store_id = f.store_id and v.vehicle_id = f.vehicle_id and v.handed_over_on is null and v.state <> 'cancelled')
union all
-- Renewal: the case itself, open until 30 days after expiry. No channel: its contacts carry the calls. A policy known from a
-- roster only (no number) steps back behind the numbered one of the same end.
select p.store_id, 'renewal', d.day, p.id, 'term', null, p.vehicle_id, p.id, c.id, d.day,
       d.starts_at - make_interval(days => r.horizon_days), e.ends_at, e.ends_at, e.ends_at, r.channel, r.version, null, r.message_days
from rules r
join stores s on s.id = r.store_id
join store_days d on d.store_id = r.store_id and d.day >= greatest(r.valid_from, s.starts_on) and (r.valid_until is null or d.day < r.valid_until)
join policies p on p.store_id = d.store_id and p.kind = 'commercial' and p.ends_on = d.day
join vehicles car on car.store_id = p.store_id and car.id = p.vehicle_id and car.state = 'active' and car.usage not in ('demo', 'stock')
left join vehicle_facts f on f.store_id = p.store_id and f.vehicle_id = p.vehicle_id
join customers c on c.store_id = p.store_id and c.id = coalesce(p.insured_id, f.customer_id) and c.merged_into_id is null and c.erased_at is null
join store_days e on e.store_id = d.store_id and e.day = d.day + r.due_days
where r.kind = 'renewal' and r.is_enabled
  and not exists (select 1 from policies q where q.store_id = p.store_id and q.vehicle_id = p.vehicle_id and q.kind = 'commercial'
                    and q.ends_on = p.ends_on and q.policy_no is not null and p.policy_no is null)
union all
-- Renewal contacts: a cadence of calls, each due before the next begins, until a later policy is known or the customer has
-- decided. Commercial, so the refusal of marketing exempts.
select p.store_id, 'renewal_contact', d.day, p.id, 'T' || to_char(stage.days, 'FMSG999'), null, p.vehicle_id, p.id, c.id, d.day,
       d.starts_at, e.call_end_at, n.call_end_at, n.callable_end_at, r.channel, r.version,
       case when c.marketing_opt_out then 'rule:no_marketing' end, r.message_days
from rules r
join stores s on s.id = r.store_id
cross join lateral (select x.days, (select min(y.days) from unnest(r.offsets) y(days) where y.days > x.days) as next_days
            from unnest(r.offsets) x(days)) stage
join store_days d on d.store_id = r.store_id and d.day >= greatest(r.valid_from, s.starts_on) and (r.valid_until is null or d.day < r.valid_until)
join policies p on p.store_id = d.store_id and p.kind = 'commercial' and p.ends_on = d.day - stage.days
join vehicles car on car.store_id = p.store_id and car.id = p.vehicle_id and car.state = 'active' and car.usage not in ('demo', 'stock')
left join vehicle_facts f on f.store_id = p.store_id and f.vehicle_id = p.vehicle_id
join customers c on c.store_id = p.store_id and c.id = coalesce(p.insured_id, f.customer_id) and c.merged_into_id is null and c.erased_at is null
join store_days e on e.store_id = d.store_id and e.day = d.day + least(r.due_days, stage.next_days - stage.days - 1)
join store_days n on n.store_id = d.store_id and n.day = e.next_open_day
where r.kind = 'renewal_contact' and r.is_enabled
  and not exists (select 1 from policies q where q.store_id = p.store_id and q.vehicle_id = p.vehicle_id and q.kind = 'commercial'
                    and (q.ends_on > p.ends_on or q.ends_on = p.ends_on and q.policy_no is not null and p.policy_no is null))
  and not exists (select 1 from obligations x where x.store_id = p.store_id and x.policy_id = p.id and x.kind = 'renewal_contact'
                    and x.ended_reason in ('renewed', 'elsewhere', 'declined', 'car_sold', 'refused'))
union all
-- Lost customers: on the day of the monthly list, every car that was lost in the days before it. Lost means so many days without
-- a valid visit; a car that drives little is lost once its own rhythm is over, too. Cycle: the last visit, so a car that came
-- back and is lost again owes again. Commercial, so the refusal of marketing exempts.
select f.store_id, 'lost_customer', d.day, f.vehicle_id, f.last_visit_id::text, null, f.vehicle_id, null, f.customer_id, d.day,
       d.starts_at, e.call_end_at, n.call_end_at, n.callable_end_at, r.channel, r.version,
       case when c.marketing_opt_out then 'rule:no_marketing' end, r.message_days
from rules r
join stores s on s.id = r.store_id
join store_days d on d.store_id = r.store_id and d.day >= greatest(r.valid_from, s.starts_on) and (r.valid_until is null or d.day < r.valid_until)
  and extract(day from d.day) = r.month_day
join vehicle_facts f on f.store_id = d.store_id and f.active_until < d.day and f.last_visit_on > d.day - 731
  and (f.last_visit_on between d.day - r.threshold_days - r.horizon_days + 1 and d.day - r.threshold_days
       or f.active_until between d.day - r.horizon_days and d.day - 1 and f.last_visit_on <= d.day - r.threshold_days)
join vehicles car on car.store_id = f.store_id and car.id = f.vehicle_id and car.state = 'active' and car.usage not in ('demo', 'stock')
join customers c on c.store_id = f.store_id and c.id = f.customer_id and c.merged_into_id is null and c.erased_at is null
join store_days e on e.store_id = d.store_id and e.day = d.day + r.due_days
join store_days n on n.store_id = d.store_id and n.day = e.next_open_day
where r.kind = 'lost_customer' and r.is_enabled
union all
-- Care visits: every so many days to each customer who carries one of the tags, spread over the days by the customer's number.
select c.store_id, 'care_visit', d.day, c.id, d.day::text, null, null, null, c.id, d.day,
       d.starts_at, e.call_end_at, n.call_end_at, n.callable_end_at, r.channel, r.version, null, r.message_days
from rules r
join stores s on s.id = r.store_id
join store_days d on d.store_id = r.store_id and d.day >= greatest(r.valid_from, s.starts_on) and (r.valid_until is null or d.day < r.valid_until)
join tags t on t.store_id = r.store_id and t.code = any(r.codes) and t.is_active
join customer_tags g on g.store_id = t.store_id and g.tag_id = t.id and (d.day - date '2000-01-01' + g.customer_id) % r.cadence_days = 0
  and g.added_at < d.starts_at
join customers c on c.store_id = g.store_id and c.id = g.customer_id and c.merged_into_id is null and c.erased_at is null
join store_days e on e.store_id = d.store_id and e.day = d.day + r.due_days
join store_days n on n.store_id = d.store_id and n.day = e.next_open_day
where r.kind = 'care_visit' and r.is_enabled
  and not exists (select 1 from tags u
                  join customer_tags h on h.store_id = u.store_id and h.tag_id = u.id and h.customer_id = g.customer_id and h.added_at < d.starts_at
                  where u.store_id = t.store_id and u.code = any(r.codes) and u.is_active and u.id < t.id)
union all
-- Data: somebody must be contacted and no number works. One task per file, whatever else is owed meanwhile. A warranty is owed
-- long before the day it counts under, hence the lags.
select o.store_id, 'data_task', d.day, o.customer_id, 'no_phone:' || o.id, null, null, null, o.customer_id, d.day,
       d.starts_at, e.call_end_at, n.call_end_at, n.call_end_at, r.channel, r.version, null, r.message_days
from rules r
join stores s on s.id = r.store_id
join store_days d on d.store_id = r.store_id and d.day >= greatest(r.valid_from, s.starts_on) and (r.valid_until is null or d.day < r.valid_until)
cross join (values (0), (30), (60), (90)) lag(days)
join obligations o on o.store_id = d.store_id and o.cohort_on = d.day + lag.days and (o.kind = 'warranty_expiry') = (lag.days > 0)
  and o.status = 'open' and o.channel <> 'none'
join customers c on c.store_id = o.store_id and c.id = o.customer_id and c.merged_into_id is null and c.erased_at is null
join store_days e on e.store_id = d.store_id and e.day = d.day + r.due_days
join store_days n on n.store_id = d.store_id and n.day = e.next_open_day
where r.kind = 'data_task' and r.is_enabled and 'no_phone' = any(r.codes)
  and not exists (select 1 from phones h where h.store_id = o.store_id and h.customer_id = o.customer_id
                    and (h.state in ('ok', 'unverified') or h.state in ('wrong', 'dead') and h.checked_on >= d.day - r.lookback_days))
  and not exists (select 1 from obligations x where x.store_id = o.store_id and x.customer_id = o.customer_id and x.status = 'open'
                    and (x.channel <> 'none' and x.id < o.id and x.cohort_on >= d.day - r.lookback_days
                         or x.kind = 'data_task' and x.cycle_key like 'no\_phone:%' and x.cycle_key <> 'no_phone:' || o.id))
union all
-- Data: the number that a customer is called on turned out to be wrong or out of service.
select h.store_id, 'data_task', d.day, h.customer_id, 'wrong_phone:' || h.id || ':' || d.day, null, null, null, h.customer_id, d.day,
       d.starts_at, e.call_end_at, n.call_end_at, n.call_end_at, r.channel, r.version, null, r.message_days
from rules r
join stores s on s.id = r.store_id
join store_days d on d.store_id = r.store_id and d.day >= greatest(r.valid_from, s.starts_on) and (r.valid_until is null or d.day < r.valid_until)
join phones h on h.store_id = d.store_id and h.checked_on = d.day and h.state in ('wrong', 'dead')
join customers c on c.store_id = h.store_id and c.id = h.customer_id and c.merged_into_id is null and c.erased_at is null
join store_days e on e.store_id = d.store_id and e.day = d.day + r.due_days
join store_days n on n.store_id = d.store_id and n.day = e.next_open_day
where r.kind = 'data_task' and r.is_enabled and 'wrong_phone' = any(r.codes)
  and (h.is_main or not exists (select 1 from phones g where g.store_id = h.store_id and g.customer_id = h.customer_id and g.state in ('ok', 'unverified')))
union all
-- Data: a car was here and nobody knows until when it is insured.
select f.store_id, 'data_task', d.day, f.customer_id, 'expiry:' || f.vehicle_id || ':' || f.last_visit_id, null, f.vehicle_id, null, f.customer_id, d.day,
       d.starts_at, e.call_end_at, n.call_end_at, n.call_end_at, r.channel, r.version, null, r.message_days
from rules r
join stores s on s.id = r.store_id
join store_days d on d.store_id = r.store_id and d.day >= greatest(r.valid_from, s.starts_on) and (r.valid_until is null or d.day < r.valid_until)
join vehicle_facts f on f.store_id = d.store_id and f.last_visit_on = d.day
join vehicles car on car.store_id = f.store_id and car.id = f.vehicle_id and car.state = 'active' and car.usage not in ('demo', 'stock')
join customers c on c.store_id = f.store_id and c.id = f.customer_id and c.merged_into_id is null and c.erased_at is null
join store_days e on e.store_id = d.store_id and e.day = d.day + r.due_days
join store_days n on n.store_id = d.store_id and n.day = e.next_open_day
where r.kind = 'data_task' and r.is_enabled and 'unknown_expiry' = any(r.codes)
  and not exists (select 1 from policies p where p.store_id = f.store_id and p.vehicle_id = f.vehicle_id and p.kind = 'commercial' and p.ends_on >= d.day - 30)
  and not exists (select 1 from obligations x where x.store_id = f.store_id and x.vehicle_id = f.vehicle_id and x.kind = 'data_task' and x.status = 'open'
                    and x.cycle_key <> 'expiry:' || f.vehicle_id || ':' || f.last_visit_id);

-- Open obligations whose reason has gone before anybody acted on them. A maintenance cycle ends by any newer maintenance visit.
create or replace view superseded_obligations as
select o.store_id, o.id, o.callback_id, o.reminder_id, 'superseded'::text as reason
from obligations o
join policies p on p.store_id = o.store_id and p.id = o.policy_id
where o.status = 'open' and o.kind = 'renewal_contact'
  and exists (select 1 from policies q where q.store_id = p.store_id and q.vehicle_id = p.vehicle_id and q.kind = 'commercial'
                and (q.ends_on > p.ends_on or q.ends_on = p.ends_on and q.policy_no is not null and p.policy_no is null))
union all
-- The customer has decided: later contacts about the same policy would only annoy.
select o.store_id, o.id, o.callback_id, o.reminder_id, 'decided'
from obligations o
where o.status = 'open' and o.kind = 'renewal_contact'
  and exists (select 1 from obligations x where x.store_id = o.store_id and x.policy_id = o.policy_id and x.kind = 'renewal_contact'
                and x.ended_reason in ('renewed', 'elsewhere', 'declined', 'car_sold', 'refused'))
union all
select o.store_id, o.id, o.callback_id, o.reminder_id, 'superseded'
from obligations o
join vehicle_facts f on f.store_id = o.store_id and f.vehicle_id = o.vehicle_id
where o.status = 'open' and o.kind = 'first_maintenance' and f.last_maintenance_id is not null
union all
select o.store_id, o.id, o.callback_id, o.reminder_id, 'superseded'
from obligations o
join vehicle_facts f on f.store_id = o.store_id and f.vehicle_id = o.vehicle_id
where o.status = 'open' and o.kind = 'periodic_maintenance' and f.last_maintenance_id::text is distinct from o.cycle_key
union all
select o.store_id, o.id, o.callback_id, o.reminder_id, 'came_back'
from obligations o
join vehicle_facts f on f.store_id = o.store_id and f.vehicle_id = o.vehicle_id
where o.status = 'open' and o.kind = 'lost_customer' and f.last_visit_id::text is distinct from o.cycle_key
union all
-- Sold, scrapped, moved: nothing about the car is owed any more, but how the last visit was may still be asked.
select o.store_id, o.id, o.callback_id, o.reminder_id, 'vehicle_gone'
from obligations o
join vehicles car on car.store_id = o.store_id and car.id = o.vehicle_id
where o.status = 'open' and o.kind in ('warranty_expiry', 'first_maintenance', 'periodic_maintenance', 'renewal', 'renewal_contact', 'lost_customer', 'data_task')
  and car.state <> 'active'
union all
-- The maker's warranty ends, but an extended one goes on: its own end is called about.
select o.store_id, o.id, o.callback_id, o.reminder_id, 'superseded'
from obligations o
join vehicles car on car.store_id = o.store_id and car.id = o.vehicle_id and car.state = 'active'
join vehicle_facts f on f.store_id = o.store_id and f.vehicle_id = o.vehicle_id
where o.status = 'open' and o.kind = 'warranty_expiry' and f.warranty_due_on is not null and f.warranty_cycle <> o.cycle_key
union all
select o.store_id, o.id, o.callback_id, o.reminder_id, 'visit_cancelled'
from obligations o
join visits v on v.store_id = o.store_id and v.id = o.visit_id
where o.status = 'open' and o.kind = 'post_service' and v.state = 'cancelled'
union all
-- No longer one of those who are visited.
select o.store_id, o.id, o.callback_id, o.reminder_id, 'untagged'
from obligations o
join rules r on r.store_id = o.store_id and r.kind = o.kind and r.version = o.rule_version
where o.status = 'open' and o.kind = 'care_visit'
  and not exists (select 1 from customer_tags g join tags t on t.store_id = g.store_id and t.id = g.tag_id and t.is_active
                  where g.store_id = o.store_id and g.customer_id = o.customer_id and t.code = any(r.codes))
union all
select o.store_id, o.id, o.callback_id, o.reminder_id, 'customer_gone'
from obligations o
join customers c on c.store_id = o.store_id and c.id = o.customer_id
where o.status = 'open' and o.kind in ('data_task', 'care_visit') and (c.merged_into_id is not null or c.erased_at is not null);
comment on view superseded_obligations is 'Open obligations to be cancelled, with the code of a reason; one that has two reasons is there twice, and either is right.';
