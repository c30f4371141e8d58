-- The archive: customers, phones, cars, visits, policies, and what is derived from them.

create table customers (
  store_id        bigint not null references stores,
  id              bigint generated always as identity,
  kind            text not null default 'person' constraint customers_kind_check check (kind in ('person','company')),
  name            text,
  salutation      text,
  grade           text,
  grams           text[] not null default '{}',
  note            text not null default '',
  preferred_channel text not null default 'call' constraint customers_preferred_channel_check check (preferred_channel in ('call','sms','wechat')),
  survey_opt_out  boolean not null default false,
  marketing_opt_out boolean not null default false,
  merged_into_id  bigint,
  erased_at       timestamptz,
  version         int not null default 1,
  created_at      timestamptz not null,
  updated_at      timestamptz not null,
  primary key (store_id, id),
  constraint customers_merged_into_fkey foreign key (store_id, merged_into_id) references customers (store_id, id),
  constraint customers_merged_into_self_check check (merged_into_id <> id),
  constraint customers_name_unless_erased_check check ((name is null) = (erased_at is not null)),
  constraint customers_erased_is_empty_check check (erased_at is null or (grams = '{}' and note = ''))
);
comment on table customers is 'A person or a company. Merged rows stay as signposts (merged_into_id); erased rows stay as empty carriers of statistics.';
comment on column customers.grams is 'Search keys, each prefixed with the store ("17|张"): 1- and 2-grams of the name, prefixes of its pinyin and initials. The prefix keeps a GIN lookup inside one store.';
create index customers_grams_idx on customers using gin (grams) with (fastupdate = off);
create index customers_recent_idx on customers (store_id, updated_at desc, id);
create index customers_merged_idx on customers (store_id, merged_into_id) where merged_into_id is not null;

create table customer_facts (
  store_id       bigint not null,
  customer_id    bigint not null,
  initial        text,
  last_visit_on  date,
  last_touch_at  timestamptz,
  touches_7d     smallint not null default 0,
  primary key (store_id, customer_id),
  constraint customer_facts_customer_fkey foreign key (store_id, customer_id) references customers (store_id, id) on delete cascade
) with (fillfactor = 85);
comment on table customer_facts is 'Derived and rebuildable. Kept apart because a row of customers that changes an indexed column rewrites some twenty entries of the grams index: one mass update of a date there took 65 s.';
comment on column customer_facts.initial is 'First character of the name; null when merged or erased. Serves one-character searches in order of the last visit.';
create index customer_facts_initial_idx on customer_facts (store_id, initial, last_visit_on desc nulls last, customer_id) where initial is not null;

create table phones (
  store_id     bigint not null,
  id           bigint generated always as identity,
  customer_id  bigint not null,
  number       text not null,
  raw          text not null default '',
  kind         text not null default 'mobile' constraint phones_kind_check check (kind in ('mobile','landline','foreign','other')),
  state        text not null default 'ok' constraint phones_state_check check (state in ('ok','unverified','wrong','dead','do_not_call')),
  is_main      boolean not null default false,
  checked_on   date,
  primary key (store_id, id),
  constraint phones_customer_number_key unique (store_id, customer_id, number),
  constraint phones_customer_fkey foreign key (store_id, customer_id) references customers (store_id, id)
);
comment on table phones is 'Normalised numbers; one number may belong to several people (family, company).';
create unique index phones_main_key on phones (store_id, customer_id) where is_main;
create index phones_number_idx on phones (store_id, number);
create index phones_tail_idx on phones (store_id, right(number, 4));
comment on index phones_tail_idx is 'Equality on the last four, not LIKE: it stays indexable when the prepared statement turns generic.';

create table vehicles (
  store_id       bigint not null references stores,
  id             bigint generated always as identity,
  vin            text,
  plate          text,
  brand          text not null default '',
  model          text not null default '',
  usage          text not null default 'private' constraint vehicles_usage_check check (usage in ('private','company','taxi','demo','stock')),
  state          text not null default 'active' constraint vehicles_state_check check (state in ('active','sold','scrapped','moved')),
  sold_here      boolean not null default false,
  delivered_on   date,
  warranty_ends_on date,
  warranty_km    int,
  note           text not null default '',
  erased_at      timestamptz,
  version        int not null default 1,
  created_at     timestamptz not null,
  updated_at     timestamptz not null,
  primary key (store_id, id),
  constraint vehicles_identity_check check (vin is not null or plate is not null or erased_at is not null)
);
comment on table vehicles is 'What people know about a car. What the machine computes about it is in vehicle_facts, so that nightly work never touches version.';
create unique index vehicles_vin_key on vehicles (store_id, vin) where vin is not null;
create index vehicles_vin_tail_idx on vehicles (store_id, right(vin, 6)) where vin is not null;
create index vehicles_plate_idx on vehicles (store_id, plate) where plate is not null;
create index vehicles_plate_tail_idx on vehicles (store_id, right(plate, 4)) where plate is not null;

create table vehicle_people (
  store_id     bigint not null,
  id           bigint generated always as identity,
  vehicle_id   bigint not null,
  customer_id  bigint not null,
  role         text not null constraint vehicle_people_role_check check (role in ('owner','driver','insured','payer','contact')),
  from_on      date,
  until_on     date,
  primary key (store_id, id),
  constraint vehicle_people_vehicle_fkey foreign key (store_id, vehicle_id) references vehicles (store_id, id),
  constraint vehicle_people_customer_fkey foreign key (store_id, customer_id) references customers (store_id, id)
);
comment on table vehicle_people is 'People around a car, with their role and time. until_on null = current.';
create unique index vehicle_people_current_key on vehicle_people (store_id, vehicle_id, role, customer_id) where until_on is null;
create unique index vehicle_people_owner_key on vehicle_people (store_id, vehicle_id) where role = 'owner' and until_on is null;
create index vehicle_people_customer_idx on vehicle_people (store_id, customer_id);

create table visits (
  store_id        bigint not null,
  id              bigint generated always as identity,
  ro_number       text not null,
  vehicle_id      bigint not null,
  customer_id     bigint not null,
  type            text not null constraint visits_type_check check (type in ('maintenance','repair','body','warranty','rework','wash','pdi','internal','decoration')),
  state           text not null constraint visits_state_check check (state in ('open','settled','closed','cancelled')),
  type_text       text not null default '',
  arrived_at      timestamptz not null,
  settled_at      timestamptz,
  handed_over_at  timestamptz,
  handed_over_on  date,
  odometer_km     int,
  amount_fen      bigint not null default 0,
  advisor_id      bigint,
  technician_id   bigint,
  advisor_name    text not null default '',
  technician_name text not null default '',
  contact_name    text not null default '',
  contact_phone   text,
  summary         text not null default '',
  next_km         int,
  next_on         date,
  version         int not null default 1,
  created_at      timestamptz not null,
  updated_at      timestamptz not null,
  primary key (store_id, id),
  constraint visits_ro_number_key unique (store_id, ro_number),
  constraint visits_vehicle_fkey foreign key (store_id, vehicle_id) references vehicles (store_id, id),
  constraint visits_customer_fkey foreign key (store_id, customer_id) references customers (store_id, id),
  constraint visits_advisor_fkey foreign key (store_id, advisor_id) references user_stores (store_id, user_id),
  constraint visits_technician_fkey foreign key (store_id, technician_id) references user_stores (store_id, user_id),
  constraint visits_hand_over_check check ((handed_over_at is null) = (handed_over_on is null) and handed_over_at >= arrived_at)
);
comment on table visits is 'Repair orders. Append-heavy: by month of handed_over_on if ever; until then plain.';
comment on column visits.type_text is 'What the file said when its type is outside our list; the type then counts as repair.';
comment on column visits.contact_phone is 'Normalised phone of 送修人, who brought the car; contact_name likewise as the file said.';
comment on column visits.customer_id is 'Whom to call about it: the person who brought the car, else the owner. Never the company when a driver is known.';
comment on column visits.handed_over_on is 'Day of handed_over_at in the store''s time zone, written with it: generators join on days, and a generated column cannot see the zone.';
comment on column visits.advisor_id is 'Null while the imported name matches nobody; advisor_name keeps what the file said.';
create index visits_handed_over_idx on visits (store_id, handed_over_on) where handed_over_on is not null;
create index visits_vehicle_idx on visits (store_id, vehicle_id, handed_over_on desc);
create index visits_customer_idx on visits (store_id, customer_id, handed_over_on desc);
create index visits_arrived_idx on visits (store_id, arrived_at desc, id desc);
create index visits_open_idx on visits (store_id, arrived_at) where handed_over_at is null and state <> 'cancelled';

create table odometer_readings (
  store_id    bigint not null,
  id          bigint generated always as identity,
  vehicle_id  bigint not null,
  read_on     date not null,
  km          int not null constraint odometer_readings_km_check check (km between 0 and 3000000),
  source      text not null constraint odometer_readings_source_check check (source in ('visit','phone','import','hand')),
  visit_id    bigint,
  refused     text constraint odometer_readings_refused_check check (refused in ('roll_back','too_fast','future','typo')),
  primary key (store_id, id),
  constraint odometer_readings_vehicle_fkey foreign key (store_id, vehicle_id) references vehicles (store_id, id),
  constraint odometer_readings_visit_fkey foreign key (store_id, visit_id) references visits (store_id, id) on delete cascade
);
comment on table odometer_readings is 'Append-heavy (by read_on). Refused readings are kept and shown, never used.';
create index odometer_readings_valid_idx on odometer_readings (store_id, vehicle_id, read_on desc) include (km) where refused is null;
create index odometer_readings_visit_idx on odometer_readings (store_id, visit_id) where visit_id is not null;

create table vehicle_facts (
  store_id          bigint not null,
  vehicle_id        bigint not null,
  customer_id       bigint,
  last_visit_id     bigint,
  last_visit_on     date,
  last_maintenance_id      bigint,
  last_maintenance_on      date,
  last_maintenance_km      int,
  km_per_day        numeric(5,1) not null default 41,
  km_confidence     text not null default 'none' constraint vehicle_facts_confidence_check check (km_confidence in ('none','low','good')),
  first_due_on      date,
  next_due_on       date,
  next_due_by       text constraint vehicle_facts_due_by_check check (next_due_by in ('time','km')),
  warranty_due_on   date,
  computed_at       timestamptz not null,
  primary key (store_id, vehicle_id),
  constraint vehicle_facts_vehicle_fkey foreign key (store_id, vehicle_id) references vehicles (store_id, id) on delete cascade
) with (fillfactor = 85);
comment on table vehicle_facts is 'Derived and rebuildable: who to talk to about the car, its last visits, kilometres a day, predicted due days. Recomputed for a car whenever a reading, a visit or a role arrives.';
comment on column vehicle_facts.last_maintenance_id is 'Last maintenance visit: names the maintenance cycle.';
create index vehicle_facts_first_due_idx on vehicle_facts (store_id, first_due_on) where first_due_on is not null;
create index vehicle_facts_next_due_idx on vehicle_facts (store_id, next_due_on) where next_due_on is not null;
create index vehicle_facts_warranty_idx on vehicle_facts (store_id, warranty_due_on) where warranty_due_on is not null;
create index vehicle_facts_last_visit_idx on vehicle_facts (store_id, last_visit_on) where last_visit_on is not null;

create table policies (
  store_id     bigint not null,
  id           bigint generated always as identity,
  policy_no    text,
  vehicle_id   bigint not null,
  insured_id   bigint,
  kind         text not null constraint policies_kind_check check (kind in ('compulsory','commercial')),
  insurer      text not null default '',
  starts_on    date,
  ends_on      date not null,
  premium_fen  bigint,
  is_ours      boolean not null default false,
  version      int not null default 1,
  created_at   timestamptz not null,
  primary key (store_id, id),
  constraint policies_policy_no_key unique (store_id, policy_no),
  constraint policies_period_check check (starts_on is null or starts_on <= ends_on),
  constraint policies_vehicle_fkey foreign key (store_id, vehicle_id) references vehicles (store_id, id),
  constraint policies_insured_fkey foreign key (store_id, insured_id) references customers (store_id, id)
);
comment on column policies.policy_no is 'Null while only the expiry is known (from a roster or a customer''s word).';
comment on column policies.ends_on is 'The last covered day (until 24:00).';
create index policies_ends_idx on policies (store_id, kind, ends_on);
create index policies_vehicle_idx on policies (store_id, vehicle_id, ends_on desc);
create index policies_insured_idx on policies (store_id, insured_id) where insured_id is not null;
create unique index policies_unnumbered_key on policies (store_id, vehicle_id, kind, ends_on) where policy_no is null;
