-- Conventions of every migration
--   * A store-owned table has primary key (store_id, id): id is a bigint identity, every foreign key inside a store is
--     composite, so the database itself refuses a row that points into another store.
--   * "_at" is an instant (timestamptz), "_on" is a day of the store's own calendar (date, never converted), "day" likewise.
--   * Enumerations are text with a named check. Money is bigint fen. version counts edits by people (409 on a lost update).
--   * Constraint names say what they protect; the program maps them to messages.
--   * No now() in rules: the program passes the time.
--   * "Append-heavy" in a comment: grows for ever, is never updated after its first minutes, and would be partitioned by month
--     on the column that the comment names once it passes some 50 million rows.

create table stores (
  id           bigint generated always as identity primary key,
  code         text not null constraint stores_code_key unique,
  name         text not null,
  time_zone    text not null default 'Asia/Shanghai',
  area_code    text,
  starts_on    date not null,
  is_active    boolean not null default true,
  version      int not null default 1,
  created_at   timestamptz not null
);
comment on table stores is 'A dealership. Global: every other table hangs below one row of it.';
comment on column stores.area_code is 'Put before a landline number that comes without one.';
comment on column stores.starts_on is 'First day whose events owe anything: history before it makes no callback and no reminder. Three days before the first import.';

create table users (
  id             bigint generated always as identity primary key,
  username       text not null constraint users_username_key unique,
  display_name   text not null,
  staff_number   text,
  password_hash  text,
  group_role     text constraint users_group_role_check check (group_role in ('group', 'admin')),
  locale         text constraint users_locale_check check (locale in ('zh-CN', 'en')),
  is_active      boolean not null default true,
  version        int not null default 1,
  created_at     timestamptz not null
);
comment on table users is 'Sign-in names are unique over the group, so this small table is global. Never deleted, only inactive: history points here.';
comment on column users.password_hash is 'argon2id in PHC form. Null until the person has used the one-time link.';
comment on column users.group_role is 'Set for people who work over all stores; everybody else has rows in user_stores.';

create table departments (
  store_id  bigint not null references stores,
  id        bigint generated always as identity,
  name      text not null,
  is_active boolean not null default true,
  version   int not null default 1,
  primary key (store_id, id),
  constraint departments_name_key unique (store_id, name)
);
comment on table departments is '责任部门: who answers a complaint.';

create table user_stores (
  store_id      bigint not null references stores,
  user_id       bigint not null references users,
  role          text not null constraint user_stores_role_check check (role in ('specialist','receptionist','clerk','handler','manager','admin')),
  department_id bigint,
  max_claims    int not null default 3 constraint user_stores_max_claims_check check (max_claims between 1 and 20),
  is_active     boolean not null default true,
  primary key (store_id, user_id),
  constraint user_stores_department_fkey foreign key (store_id, department_id) references departments (store_id, id)
);
comment on table user_stores is 'Who works in which store in which role. Work can only be given to people listed here (composite foreign keys).';
create index user_stores_user_idx on user_stores (user_id);

create table sessions (
  token_hash    bytea primary key constraint sessions_token_hash_check check (octet_length(token_hash) = 32),
  user_id       bigint not null references users,
  store_id      bigint references stores,
  flash         jsonb,
  created_at    timestamptz not null,
  last_seen_at  timestamptz not null,
  expires_at    timestamptz not null,
  user_agent    text
);
comment on table sessions is 'Only the SHA-256 of the cookie is kept. last_seen_at is written at most once a minute.';
comment on column sessions.store_id is 'The store this person works in now; null only while a group-wide person has not chosen one.';
comment on column sessions.flash is 'One-shot message across a redirect. Here and not in a cookie: it may name a customer.';
create index sessions_by_user_idx on sessions (user_id);
create index sessions_expiry_idx on sessions (expires_at);

create table one_time_links (
  token_hash  bytea primary key constraint one_time_links_token_hash_check check (octet_length(token_hash) = 32),
  purpose     text not null constraint one_time_links_purpose_check check (purpose in ('first_admin','new_person','reset')),
  user_id     bigint references users,
  created_by  bigint references users,
  created_at  timestamptz not null,
  expires_at  timestamptz not null,
  used_at     timestamptz,
  constraint one_time_links_names_a_person_check check ((user_id is null) = (purpose = 'first_admin'))
);
comment on table one_time_links is 'Links of /setup: first admin, new person, reset. An admin hands the link over and never sees a password.';
create index one_time_links_user_idx on one_time_links (user_id);

create table idempotency_keys (
  user_id     bigint not null references users,
  key         uuid not null,
  location    text not null,
  created_at  timestamptz not null,
  primary key (user_id, key)
);
comment on table idempotency_keys is 'A create form sent twice finds its key here and is sent to the page of the first time. Emptied after a day.';
create index idempotency_keys_created_idx on idempotency_keys (created_at);
