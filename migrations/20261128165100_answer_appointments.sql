-- Appointments are answered: confirmed, moved to another time with the customer, or cancelled; and by when.

alter table appointments
  add column answer_due_at timestamptz,
  add column answered_at timestamptz,
  add column answered_by bigint references users,
  add column cancelled_at timestamptz,
  add column cancelled_by bigint references users,
  add column cancel_reason text constraint appointments_cancel_reason_check check (cancel_reason in ('customer','store','duplicate'));
update appointments set answer_due_at = created_at + interval '30 minutes', answered_at = confirmed_at, answered_by = confirmed_by;
update appointments set cancelled_at = created_at, cancel_reason = 'customer' where state = 'cancelled';
alter table appointments
  alter column answer_due_at set not null,
  add constraint appointments_cancelled_check check ((state = 'cancelled') = (cancelled_at is not null) and (cancelled_at is null) = (cancel_reason is null)),
  add constraint appointments_answered_check check (state <> 'confirmed' or answered_at is not null);
comment on column appointments.answer_due_at is 'A wish is answered within 30 minutes of opening hours.';
comment on column appointments.answered_at is 'The first answer: confirmed, or another time agreed with the customer. What the customer takes back before has none.';
create index appointments_waiting_idx on appointments (store_id, answer_due_at, id) where state = 'requested';
create index appointments_cancelled_idx on appointments (store_id, cancelled_at desc, id desc) where state = 'cancelled';
create index appointments_created_idx on appointments (store_id, created_at) include (answer_due_at, answered_at, state, cancel_reason);

-- An appointment as lists show it.
create view appointment_lines as
select a.store_id, a.id, a.version, a.customer_id, a.vehicle_id, a.callback_id, a.state, a.wished_on, a.wished_at, a.purpose,
       a.created_at, a.answer_due_at, a.answered_at, a.cancelled_at, a.cancel_reason,
       u.name as customer_name, u.salutation, v.plate, v.model, c.display_name as created_by_name, n.display_name as answered_by_name
from appointments a
join customers u on u.store_id = a.store_id and u.id = a.customer_id
left join vehicles v on v.store_id = a.store_id and v.id = a.vehicle_id
left join users c on c.id = a.created_by
left join users n on n.id = a.answered_by;
