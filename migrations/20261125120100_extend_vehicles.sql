-- What care about a car needs to know beyond its first shape: other commercial use, the kind of warranty, an extended one,
-- and until when a car counts as active.

alter table vehicles
  drop constraint vehicles_usage_check,
  add constraint vehicles_usage_check check (usage in ('private','company','taxi','commercial','demo','stock')),
  add column warranty_kind text not null default 'maker'
    constraint vehicles_warranty_kind_check check (warranty_kind in ('maker','lifetime')),
  add column extended_warranty_ends_on date,
  add column extended_warranty_km int;
comment on column vehicles.warranty_kind is 'maker: ends by warranty_ends_on or warranty_km. lifetime: the maker''s promise to the first owner, which ends by neither.';
comment on column vehicles.extended_warranty_ends_on is 'Bought in addition (延保): the calls about the end of the warranty wait for its end.';

alter table vehicle_facts add column active_until date;
comment on column vehicle_facts.active_until is 'Last day on which the car counts as active without another visit: 180 days after the last one, of a car that drives little one and a half of its own intervals. A day and not a class: classes change overnight, this changes with a visit.';
create index vehicle_facts_active_until_idx on vehicle_facts (store_id, active_until) where active_until is not null;

alter table stores add column watch_margin smallint not null default 80
  constraint stores_watch_margin_check check (watch_margin between 50 and 100);
comment on column stores.watch_margin is 'Percent of a 三包 threshold from which a car is warned about.';

-- The class of a car in its life with the store, as vehicles::lifecycle has it; a test compares the two. A list filters by
-- ranges over the columns (last_visit_on, active_until, first_due_on), which have indexes; this names the class of a row.
create function lifecycle_class(state text, first_due_on date, last_visit_on date, active_until date, today date) returns text
language sql immutable parallel safe as $$
  select case
    when state <> 'active' then 'gone'
    when last_visit_on is null then case when first_due_on is null then 'unknown' when first_due_on >= today then 'new' else 'first_overdue' end
    when today <= active_until or today - last_visit_on <= 180 then 'active'
    when today - last_visit_on <= 270 then 'fading'
    when today - last_visit_on <= 365 then 'at_risk'
    when today - last_visit_on <= 730 then 'lost'
    else 'long_lost'
  end
$$;
