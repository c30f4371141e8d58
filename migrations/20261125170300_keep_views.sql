-- How people want their lists, what they change many rows of at once, and what they take out.

create table views (
  store_id    bigint not null references stores,
  id          bigint generated always as identity,
  list        text not null constraint views_list_check check (list in ('customers','vehicles','visits')),
  name        text not null,
  query       text not null default '',
  columns     text[] not null default '{}',
  owner_id    bigint not null references users,
  is_shared   boolean not null default false,
  default_for text constraint views_default_for_check check (default_for in ('specialist','receptionist','clerk','handler','manager','admin','group')),
  position    int not null default 0,
  version     int not null default 1,
  created_at  timestamptz not null,
  primary key (store_id, id),
  constraint views_default_is_shared_check check (default_for is null or is_shared)
);
comment on table views is 'Saved views of lists: the tabs above them. One''s own, or shared in the store; at most one of a list opens by itself for a role.';
comment on column views.query is 'Filter and sort as they stand in the address. Never what was searched: that may be a name.';
create index views_list_idx on views (store_id, list, position, id);
create unique index views_default_key on views (store_id, list, default_for) where default_for is not null;

create table list_choices (
  user_id   bigint not null references users,
  list      text not null constraint list_choices_list_check check (list in ('customers','vehicles','visits')),
  columns   text[] not null default '{}',
  is_dense  boolean not null default false,
  primary key (user_id, list)
);
comment on table list_choices is 'Columns and density that a person has chosen for a list, in every store.';

create table batches (
  store_id    bigint not null references stores,
  id          bigint generated always as identity,
  list        text not null constraint batches_list_check check (list in ('customers','vehicles')),
  action      text not null,
  value       text not null default '',
  filter      text not null default '',
  row_count   int not null default 0,
  user_id     bigint not null references users,
  created_at  timestamptz not null,
  undone_at   timestamptz,
  primary key (store_id, id)
);
comment on table batches is 'One change of many rows at once, with what is needed to take it back.';
comment on column batches.filter is 'The filter as in the address, empty when rows were ticked.';
create index batches_user_idx on batches (store_id, user_id, list, id desc);

create table batch_rows (
  store_id    bigint not null,
  batch_id    bigint not null,
  subject_id  bigint not null,
  before      text,
  primary key (store_id, batch_id, subject_id),
  constraint batch_rows_batch_fkey foreign key (store_id, batch_id) references batches (store_id, id) on delete cascade
);
comment on table batch_rows is 'What a changed row held before. subject_id is a customer or a car, as the batch''s list says; no foreign key, a merge leaves it behind.';

create table exports (
  store_id    bigint not null references stores,
  id          bigint generated always as identity,
  list        text not null constraint exports_list_check check (list in ('customers','vehicles','visits')),
  format      text not null constraint exports_format_check check (format in ('xlsx','csv')),
  filter      text not null default '',
  columns     text[] not null,
  reason      text not null,
  row_count   int not null default 0,
  user_id     bigint not null references users,
  created_at  timestamptz not null,
  primary key (store_id, id)
);
comment on table exports is 'Who took which list out of the house, and why. Never deleted.';
comment on column exports.filter is 'Filter and sort as in the address, without what was searched.';
create index exports_user_idx on exports (store_id, user_id, created_at desc);
create index exports_recent_idx on exports (store_id, created_at desc, id desc);

alter table stores add column exports_per_day smallint not null default 5
  constraint stores_exports_per_day_check check (exports_per_day between 0 and 100);
comment on column stores.exports_per_day is 'How many lists one person may take out on one day.';
