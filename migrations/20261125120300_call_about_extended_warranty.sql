-- An extended warranty has a call of its own about its end: the one about the maker's may have been made before it was bought.

alter table vehicle_facts add column warranty_cycle text not null default 'base'
  constraint vehicle_facts_warranty_cycle_check check (warranty_cycle in ('base','extended'));
comment on column vehicle_facts.warranty_cycle is 'Which warranty warranty_due_on is the end of: the cycle key of its obligation.';

-- Every branch is driven by store_days: "event_on between" is pushed down to a range of its key, and each day is an index probe
-- into the events, so a day costs what that day holds and never what the base holds. event_on is the day the window is laid
-- over: the event itself, the day of the stage, or the day something expires; it decides the version of the rule. Days before
-- starts_on owe nothing: history does not owe. Merged and erased people, demonstration and stock cars owe nothing either.
create or replace view candidates as
-- After a visit: end of calling on D+3; when the store is closed then, of the next open day. Not before 24 hours have passed.
select v.store_id, 'post_service'::text as kind, d.day as event_on, v.id as subject_id, '1'::text as cycle_key,
       v.id as visit_id, v.vehicle_id, null::bigint as policy_id, v.customer_id, d.day as cohort_on,
       v.handed_over_at + interval '24 hours' as not_before,
       d3.call_end_at as strict_due_at, dn.call_end_at as due_at, dn.callable_end_at as callable_due_at,
       r.channel, r.version as rule_version,
       case when c.survey_opt_out then 'rule:do_not_call' end as exempt_reason
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
       r.channel, r.version, null
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
       d.starts_at, d.sms_end_at, d.sms_end_at, d.sms_end_at, r.channel, r.version, null
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
       null, null, null, null, r.channel, r.version, null
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
       d.starts_at - make_interval(days => r.horizon_days), e.ends_at, e.ends_at, e.ends_at, r.channel, r.version, null
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
-- Renewal contacts: a cadence of calls, until a later policy is known. Commercial, so the refusal of marketing exempts.
select p.store_id, 'renewal_contact', d.day, p.id, 'T' || to_char(stage.days, 'FMSG999'), null, p.vehicle_id, p.id, c.id, d.day,
       d.starts_at, e.call_end_at, n.call_end_at, n.callable_end_at, r.channel, r.version,
       case when c.marketing_opt_out then 'rule:no_marketing' end
from rules r
join stores s on s.id = r.store_id
cross join unnest(r.offsets) stage(days)
join store_days d on d.store_id = r.store_id and d.day >= greatest(r.valid_from, s.starts_on) and (r.valid_until is null or d.day < r.valid_until)
join policies p on p.store_id = d.store_id and p.kind = 'commercial' and p.ends_on = d.day - stage.days
join vehicles car on car.store_id = p.store_id and car.id = p.vehicle_id and car.state = 'active' and car.usage not in ('demo', 'stock')
left join vehicle_facts f on f.store_id = p.store_id and f.vehicle_id = p.vehicle_id
join customers c on c.store_id = p.store_id and c.id = coalesce(p.insured_id, f.customer_id) and c.merged_into_id is null and c.erased_at is null
join store_days e on e.store_id = d.store_id and e.day = d.day + r.due_days
join store_days n on n.store_id = d.store_id and n.day = e.next_open_day
where r.kind = 'renewal_contact' and r.is_enabled
  and not exists (select 1 from policies q where q.store_id = p.store_id and q.vehicle_id = p.vehicle_id and q.kind = 'commercial'
                    and (q.ends_on > p.ends_on or q.ends_on = p.ends_on and q.policy_no is not null and p.policy_no is null));

-- Open obligations whose reason has gone before anybody acted on them. A maintenance cycle ends by any newer maintenance visit.
create or replace view superseded_obligations as
select o.store_id, o.id, o.callback_id, o.reminder_id, 'superseded'::text as reason
from obligations o
join policies p on p.store_id = o.store_id and p.id = o.policy_id
where o.status = 'open' and o.kind = 'renewal_contact'
  and exists (select 1 from policies q where q.store_id = p.store_id and q.vehicle_id = p.vehicle_id and q.kind = 'commercial'
                and (q.ends_on > p.ends_on or q.ends_on = p.ends_on and q.policy_no is not null and p.policy_no is null))
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
select o.store_id, o.id, o.callback_id, o.reminder_id, 'vehicle_gone'
from obligations o
join vehicles car on car.store_id = o.store_id and car.id = o.vehicle_id
where o.status = 'open' and o.kind = 'warranty_expiry' and car.state <> 'active'
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
where o.status = 'open' and o.kind = 'post_service' and v.state = 'cancelled';
