-- Which plate a car carried when: a plate may move to another car, and people still ask by the old one.

create table vehicle_plates (
  store_id    bigint not null,
  id          bigint generated always as identity,
  vehicle_id  bigint not null,
  plate       text not null,
  from_on     date not null,
  until_on    date,
  primary key (store_id, id),
  constraint vehicle_plates_vehicle_fkey foreign key (store_id, vehicle_id) references vehicles (store_id, id) on delete cascade,
  constraint vehicle_plates_period_check check (from_on <= until_on)
);
comment on table vehicle_plates is 'Plates of a car, now and before; until_on null = current. Written by the triggers of vehicles and nobody else. To be emptied with the car when it is erased.';
comment on column vehicle_plates.from_on is 'Day on which the store learned of it, not the day of the registration.';
create unique index vehicle_plates_current_key on vehicle_plates (store_id, vehicle_id) where until_on is null;
create index vehicle_plates_vehicle_idx on vehicle_plates (store_id, vehicle_id, from_on desc);
create index vehicle_plates_former_idx on vehicle_plates (store_id, plate) where until_on is not null;
comment on index vehicle_plates_former_idx is 'Finds a car by a plate it no longer has.';

-- Why triggers, where everything else is written by services: plates are changed by forms, two kinds of import, merging and
-- undo, most of them in statements over temporary tables; a history that one writer forgets is worse than none. They run
-- once a statement, over all of its rows, so 100,000 imported cars cost three more statements and not 100,000 calls.
-- Days come from updated_at, which every writer sets, in the store's own zone; now() would differ in tests and in back-filled data.
create function keep_first_plates() returns trigger language plpgsql as $$
begin
  insert into vehicle_plates (store_id, vehicle_id, plate, from_on)
  select a.store_id, a.id, a.plate, (a.updated_at at time zone s.time_zone)::date
  from added a
  join stores s on s.id = a.store_id
  where a.plate is not null;
  return null;
end
$$;

-- What was typed and mended on one day leaves no trace; nor does an import that is undone, which puts updated_at back too.
create function keep_changed_plates() returns trigger language plpgsql as $$
declare
  stores_of bigint[];
  cars bigint[];
  plates text[];
  days date[];
begin
  -- Planned anew each time: a plan made for one edited car would join 100,000 imported ones row by row.
  execute '
    select array_agg(a.store_id), array_agg(a.id), array_agg(a.plate), array_agg((a.updated_at at time zone s.time_zone)::date)
    from before b
    join after a on a.store_id = b.store_id and a.id = b.id
    join stores s on s.id = a.store_id
    where a.plate is distinct from b.plate'
  into stores_of, cars, plates, days;
  if cars is null then
    return null;
  end if;
  delete from vehicle_plates p
  using unnest(stores_of, cars, days) c (store_id, vehicle_id, day)
  where p.store_id = c.store_id and p.vehicle_id = c.vehicle_id and p.until_on is null and p.from_on >= c.day;
  update vehicle_plates p
  set until_on = c.day
  from unnest(stores_of, cars, days) c (store_id, vehicle_id, day)
  where p.store_id = c.store_id and p.vehicle_id = c.vehicle_id and p.until_on is null;
  update vehicle_plates p
  set until_on = null
  from unnest(stores_of, cars, plates, days) c (store_id, vehicle_id, plate, day)
  where p.store_id = c.store_id and p.vehicle_id = c.vehicle_id and p.plate = c.plate and p.until_on >= c.day
    and p.id = (select max(q.id) from vehicle_plates q where q.store_id = c.store_id and q.vehicle_id = c.vehicle_id);
  insert into vehicle_plates (store_id, vehicle_id, plate, from_on)
  select c.store_id, c.vehicle_id, c.plate, c.day
  from unnest(stores_of, cars, plates, days) c (store_id, vehicle_id, plate, day)
  where c.plate is not null
    and not exists (
      select from vehicle_plates p where p.store_id = c.store_id and p.vehicle_id = c.vehicle_id and p.until_on is null
    );
  return null;
end
$$;

create trigger vehicles_keep_first_plates after insert on vehicles
  referencing new table as added for each statement execute function keep_first_plates();
-- Transition tables allow no list of columns: a statement that changes no plate costs one join of its own rows.
create trigger vehicles_keep_changed_plates after update on vehicles
  referencing old table as before new table as after for each statement execute function keep_changed_plates();

-- What is on file already: known since the car is.
insert into vehicle_plates (store_id, vehicle_id, plate, from_on)
select v.store_id, v.id, v.plate, (v.created_at at time zone s.time_zone)::date
from vehicles v
join stores s on s.id = v.store_id
where v.plate is not null;
