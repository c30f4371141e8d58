-- What the program derives, in one statement each, and the numbers that identities go on from.
insert into customer_facts (store_id, customer_id, initial, last_visit_on)
select c.store_id, c.id, left(c.name, 1), max(v.handed_over_on)
from customers c
left join visits v on v.store_id = c.store_id and v.customer_id = c.id
group by c.store_id, c.id, c.name;

insert into vehicle_facts (store_id, vehicle_id, customer_id, last_visit_on, computed_at)
select v.store_id, v.id, v.id, max(s.handed_over_on), max(v.created_at)
from vehicles v
left join visits s on s.store_id = v.store_id and s.vehicle_id = v.id
group by v.store_id, v.id;

insert into callbacks (store_id, customer_id, callable_due_at, due_at, next_at, kinds, open_count, created_at)
select store_id, customer_id, '2026-11-24T08:00:00Z', '2026-11-24T09:00:00Z', '2026-11-24T00:00:00Z', '{post_service}', 1,
       '2026-11-23T00:00:00Z'
from customer_facts
where last_visit_on >= '2026-11-21';

select setval(pg_get_serial_sequence('customers', 'id'), max(id)) from customers;
select setval(pg_get_serial_sequence('vehicles', 'id'), max(id)) from vehicles;
