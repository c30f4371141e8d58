-- What the filters of the archive's lists mean, once: the page, its count, a change of many rows and an export ask the same
-- function. Each is a plain select that the planner takes apart, so that a condition whose key is absent costs nothing and
-- one that is there may choose its index. Instants arrive as text with their offset, days as dates.

-- Every row of the archive has its facts row: what is ordered by a fact may then walk the facts.
insert into customer_facts (store_id, customer_id)
select c.store_id, c.id
from customers c
where not exists (select from customer_facts f where f.store_id = c.store_id and f.customer_id = c.id);

insert into vehicle_facts (store_id, vehicle_id, computed_at)
select v.store_id, v.id, v.updated_at
from vehicles v
where not exists (select from vehicle_facts f where f.store_id = v.store_id and f.vehicle_id = v.id);

alter table customer_facts add column phone_state text not null default 'none'
  constraint customer_facts_phone_state_check check (phone_state in ('none','ok','unverified','wrong','dead','do_not_call'));
comment on column customer_facts.phone_state is 'State of the main number, none without one. Written by the triggers of phones and nobody else.';

update customer_facts f
set phone_state = h.state
from phones h
where h.store_id = f.store_id and h.customer_id = f.customer_id and h.is_main;

-- Triggers, because numbers are written by forms, calls, imports, merging and undo; they run once a statement over its rows.
-- A new customer's facts row may come after the number: the trigger of customer_facts looks then.
create function note_phone_state() returns trigger language plpgsql as $$
begin
  update customer_facts f
  set phone_state = coalesce(h.state, 'none')
  from (select distinct store_id, customer_id from touched) t
  left join phones h on h.store_id = t.store_id and h.customer_id = t.customer_id and h.is_main
  where f.store_id = t.store_id and f.customer_id = t.customer_id and f.phone_state <> coalesce(h.state, 'none');
  return null;
end
$$;
create trigger phones_note_new after insert on phones
  referencing new table as touched for each statement execute function note_phone_state();
create trigger phones_note_changed after update on phones
  referencing new table as touched for each statement execute function note_phone_state();
create trigger phones_note_moved after update on phones
  referencing old table as touched for each statement execute function note_phone_state();
create trigger phones_note_gone after delete on phones
  referencing old table as touched for each statement execute function note_phone_state();
create trigger customer_facts_note_new after insert on customer_facts
  referencing new table as touched for each statement execute function note_phone_state();

-- Sorts: each order of a list is an index read forwards or backwards.
create index customers_created_idx on customers (store_id, created_at desc, id);
create index customers_name_order_idx on customers (store_id, name collate "zh-x-icu", id);
comment on index customers_name_order_idx is 'Names by pinyin. Only an order hangs on it, so another ICU version may misplace a name but lose none.';
create index vehicles_recent_idx on vehicles (store_id, updated_at desc, id);
create index vehicles_delivered_idx on vehicles (store_id, delivered_on desc nulls last, id);
create index visits_amount_idx on visits (store_id, amount_fen desc, id desc);

-- With the id behind the day, and without the condition: a list sorts rows without a day too.
create index vehicle_facts_next_due_order_idx on vehicle_facts (store_id, next_due_on, vehicle_id);
create index vehicle_facts_warranty_order_idx on vehicle_facts (store_id, warranty_due_on, vehicle_id);
create index vehicle_facts_visit_order_idx on vehicle_facts (store_id, last_visit_on desc nulls last, vehicle_id);
drop index vehicle_facts_next_due_idx;
drop index vehicle_facts_warranty_idx;
drop index vehicle_facts_last_visit_idx;

-- Rare values: what most rows have is found by walking the order, what few have by these.
create index customers_company_idx on customers (store_id, id) where kind = 'company';
create index customers_grade_idx on customers (store_id, grade) where grade is not null;
create index customer_facts_bad_phone_idx on customer_facts (store_id, phone_state, customer_id) where phone_state <> 'ok';
create index vehicles_model_idx on vehicles (store_id, model);
create index vehicles_brand_idx on vehicles (store_id, brand);
create index vehicles_region_idx on vehicles (store_id, left(plate, 2)) where plate is not null;
create index vehicles_rare_usage_idx on vehicles (store_id, usage) where usage <> 'private';
create index vehicles_rare_state_idx on vehicles (store_id, state) where state <> 'active';
create index vehicle_facts_nobody_idx on vehicle_facts (store_id, vehicle_id) where customer_id is null;
create index visits_rare_type_idx on visits (store_id, type, arrived_at desc, id desc) where type not in ('maintenance', 'repair');
create index visits_rare_state_idx on visits (store_id, state, arrived_at desc, id desc) where state <> 'closed';
create index visits_advisor_idx on visits (store_id, advisor_id, arrived_at desc, id desc) where advisor_id is not null;
create index visits_unlisted_advisor_idx on visits (store_id, advisor_name, arrived_at desc, id desc) where advisor_id is null;

-- The outer joins go away where nothing asks for them, and become inner ones where a condition needs their row: both do not
-- happen to a sub-select behind an "or". facts_id is for the orders by a fact: "facts_id is not null" lets the facts lead.
create function customers_matching(p_store bigint, p jsonb)
returns table (id bigint, name text, created_at timestamptz, updated_at timestamptz, last_visit_on date, facts_id bigint)
language sql stable parallel safe as $$
  select c.id, c.name, c.created_at, c.updated_at, f.last_visit_on, f.customer_id
  from customers c
  left join customer_facts f on f.store_id = c.store_id and f.customer_id = c.id
  left join customer_tags m on m.store_id = c.store_id and m.customer_id = c.id and m.tag_id = (p ->> 'tag')::bigint
  where c.store_id = p_store
    and c.merged_into_id is null
    and c.erased_at is null
    and (p ->> 'kind' is null or c.kind = p ->> 'kind')
    and (p ->> 'grade' is null or c.grade = p ->> 'grade')
    and (p ->> 'keeper' is null or c.keeper_id = (p ->> 'keeper')::bigint)
    and (p ->> 'tag' is null or m.tag_id is not null)
    and (p ->> 'phone' is null or f.phone_state = p ->> 'phone')
    and (p ->> 'visited' is null or (f.customer_id is not null and f.last_visit_on is null))
    and (p ->> 'visit_from' is null or f.last_visit_on >= (p ->> 'visit_from')::date)
    and (p ->> 'visit_to' is null or f.last_visit_on <= (p ->> 'visit_to')::date)
    and (p ->> 'created_from' is null or c.created_at >= (p ->> 'created_from')::timestamptz)
    and (p ->> 'created_before' is null or c.created_at < (p ->> 'created_before')::timestamptz)
    and (p ->> 'changed_from' is null or c.updated_at >= (p ->> 'changed_from')::timestamptz)
    and (p ->> 'changed_before' is null or c.updated_at < (p ->> 'changed_before')::timestamptz)
$$;
comment on function customers_matching is 'ONE definition of what the filters of /customers let through, with the columns it sorts by.';

create function vehicles_matching(p_store bigint, p jsonb)
returns table (id bigint, updated_at timestamptz, delivered_on date, warranty_due_on date, next_due_on date, last_visit_on date,
               facts_id bigint)
language sql stable parallel safe as $$
  select v.id, v.updated_at, v.delivered_on, f.warranty_due_on, f.next_due_on, f.last_visit_on, f.vehicle_id
  from vehicles v
  left join vehicle_facts f on f.store_id = v.store_id and f.vehicle_id = v.id
  where v.store_id = p_store
    and v.merged_into_id is null
    and v.erased_at is null
    and (p ->> 'brand' is null or v.brand = p ->> 'brand')
    and (p ->> 'model' is null or v.model = p ->> 'model')
    and (p ->> 'usage' is null or v.usage = p ->> 'usage')
    and (p ->> 'state' is null or v.state = p ->> 'state')
    and (p ->> 'region' is null or left(v.plate, 2) between rpad(p ->> 'region', 2, 'A') and rpad(p ->> 'region', 2, 'Z'))
    and (p ->> 'people' is null or (f.vehicle_id is not null and f.customer_id is null))
    and (p ->> 'visited' is null or (f.vehicle_id is not null and f.last_visit_on is null))
    and (p ->> 'delivered_from' is null or v.delivered_on >= (p ->> 'delivered_from')::date)
    and (p ->> 'delivered_to' is null or v.delivered_on <= (p ->> 'delivered_to')::date)
    and (p ->> 'warranty_from' is null or f.warranty_due_on >= (p ->> 'warranty_from')::date)
    and (p ->> 'warranty_to' is null or f.warranty_due_on <= (p ->> 'warranty_to')::date)
    and (p ->> 'due_from' is null or f.next_due_on >= (p ->> 'due_from')::date)
    and (p ->> 'due_to' is null or f.next_due_on <= (p ->> 'due_to')::date)
    and (p ->> 'visit_from' is null or f.last_visit_on >= (p ->> 'visit_from')::date)
    and (p ->> 'visit_to' is null or f.last_visit_on <= (p ->> 'visit_to')::date)
$$;
comment on function vehicles_matching is 'ONE definition of what the filters of /vehicles let through, with the columns it sorts by.';

create function visits_matching(p_store bigint, p jsonb)
returns table (id bigint, arrived_at timestamptz, amount_fen bigint)
language sql stable parallel safe as $$
  select v.id, v.arrived_at, v.amount_fen
  from visits v
  where v.store_id = p_store
    and (p ->> 'kind' is null or v.type = p ->> 'kind')
    and (p ->> 'state' is null or v.state = p ->> 'state')
    and (p ->> 'shop' is null or (v.handed_over_at is null and v.state <> 'cancelled'))
    and (p ->> 'advisors' is null
         or v.advisor_id = any((p ->> 'advisors')::bigint[])
         or (v.advisor_id is null and v.advisor_name = any((p ->> 'advisor_names')::text[])))
    and (p ->> 'from' is null or v.arrived_at >= (p ->> 'from')::timestamptz)
    and (p ->> 'before' is null or v.arrived_at < (p ->> 'before')::timestamptz)
    and (p ->> 'amount_from' is null or v.amount_fen >= (p ->> 'amount_from')::bigint)
    and (p ->> 'amount_to' is null or v.amount_fen <= (p ->> 'amount_to')::bigint)
$$;
comment on function visits_matching is 'ONE definition of what the filters of /visits let through, with the columns it sorts by.';
