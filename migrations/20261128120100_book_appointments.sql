-- What a customer agrees to on the phone beside the answers: an appointment; and which colleagues look at a call.

create table appointments (
  store_id      bigint not null references stores,
  id            bigint generated always as identity,
  customer_id   bigint not null,
  vehicle_id    bigint,
  callback_id   bigint,
  state         text not null default 'requested' constraint appointments_state_check check (state in ('requested','confirmed','cancelled')),
  wished_on     date not null,
  wished_at     time,
  purpose       text not null default '',
  confirmed_at  timestamptz,
  confirmed_by  bigint references users,
  created_by    bigint references users,
  created_at    timestamptz not null,
  version       int not null default 1,
  primary key (store_id, id),
  constraint appointments_customer_fkey foreign key (store_id, customer_id) references customers (store_id, id),
  constraint appointments_vehicle_fkey foreign key (store_id, vehicle_id) references vehicles (store_id, id),
  constraint appointments_callback_fkey foreign key (store_id, callback_id) references callbacks (store_id, id),
  constraint appointments_confirmed_check check (state <> 'confirmed' or confirmed_at is not null)
);
comment on table appointments is 'A wish for a visit, and whether the workshop has confirmed it.';
comment on column appointments.wished_on is 'Day and time of the store''s wall clock; no time: any on that day.';
create index appointments_day_idx on appointments (store_id, wished_on, id) where state <> 'cancelled';
create index appointments_customer_idx on appointments (store_id, customer_id);
create index appointments_vehicle_idx on appointments (store_id, vehicle_id) where vehicle_id is not null;
create index appointments_callback_idx on appointments (store_id, callback_id) where callback_id is not null;

create unlogged table call_presence (
  store_id     bigint not null,
  callback_id  bigint not null,
  user_id      bigint not null references users on delete cascade,
  seen_at      timestamptz not null,
  primary key (store_id, callback_id, user_id),
  constraint call_presence_callback_fkey foreign key (store_id, callback_id) references callbacks (store_id, id) on delete cascade
) with (fillfactor = 60);
comment on table call_presence is 'Who has the page of a call open: a heartbeat, worth nothing after two minutes; lost in a crash and not missed.';
create index call_presence_seen_idx on call_presence (store_id, seen_at);
