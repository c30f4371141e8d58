-- A store with $customers customers, a car and a visit each; $calls of them are to be called back today. Runs in the database
-- of one measurement and goes with it.
set session_replication_role = replica;
insert into customers (store_id, name, created_at, updated_at)
select $store, '客户' || i, '2026-01-01', '2026-01-01' from generate_series(1, $customers::bigint) i;
create temporary table people as
  select id, row_number() over (order by id) as n from customers where store_id = $store;
insert into phones (store_id, customer_id, number, is_main)
select $store, id, '1' || (3000000000 + n), true from people;
insert into vehicles (store_id, plate, brand, model, created_at, updated_at)
select $store, '浙' || chr(65 + (n / 100000)::int) || lpad((n % 100000)::text, 5, '0'), '斯柯达', '明锐', '2026-01-01', '2026-01-01' from people;
create temporary table cars as
  select id, row_number() over (order by id) as n from vehicles where store_id = $store;
insert into vehicle_people (store_id, vehicle_id, customer_id, role)
select $store, c.id, p.id, 'owner' from people p join cars c using (n);
insert into visits (store_id, ro_number, vehicle_id, customer_id, type, state, arrived_at, handed_over_at, handed_over_on, amount_fen, created_at, updated_at)
select $store, 'RO' || n, c.id, p.id, 'maintenance', 'closed', '2026-11-21 01:00Z', '2026-11-21 03:00Z', '2026-11-21', 128600, '2026-11-21', '2026-11-21'
from people p join cars c using (n);
create temporary table due as
  select p.id, v.id as visit_id, v.vehicle_id, p.n
  from people p
  join visits v on v.store_id = $store and v.customer_id = p.id
  where p.n % greatest(1, $customers::bigint / $calls::bigint) = 0;
insert into callbacks (store_id, customer_id, callable_due_at, due_at, next_at, kinds, open_count, created_at)
select $store, id, timestamptz '2026-11-24 12:00Z' + n * interval '1 millisecond', '2026-11-24 12:00Z', '2026-11-24 01:00Z', array['post_service'], 1, '2026-11-24'
from due;
insert into obligations (store_id, kind, cycle_key, visit_id, vehicle_id, customer_id, cohort_on, not_before, strict_due_at, due_at, callable_due_at,
                         rule_version, channel, callback_id, created_at)
select $store, 'post_service', '1', d.visit_id, d.vehicle_id, d.id, '2026-11-21', '2026-11-22', '2026-11-24 12:00Z', '2026-11-24 12:00Z', '2026-11-24 12:00Z',
       1, 'call', b.id, '2026-11-22'
from due d
join callbacks b on b.store_id = $store and b.customer_id = d.id;
set session_replication_role = origin;
analyze;
