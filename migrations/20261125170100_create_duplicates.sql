-- Pairs of files that may be one customer or one car, and how far the search for them has come.

create table duplicates (
  store_id    bigint not null references stores,
  id          bigint generated always as identity,
  kind        text not null constraint duplicates_kind_check check (kind in ('customer','vehicle')),
  left_id     bigint not null,
  right_id    bigint not null,
  reason      text not null constraint duplicates_reason_check check (reason in ('phone','vin','plate','sound')),
  strength    smallint not null constraint duplicates_strength_check check (strength between 1 and 3),
  found_at    timestamptz not null,
  state       text not null default 'open' constraint duplicates_state_check check (state in ('open','dismissed','merged')),
  decided_at  timestamptz,
  decided_by  bigint references users,
  version     int not null default 1,
  primary key (store_id, id),
  constraint duplicates_pair_key unique (store_id, kind, left_id, right_id),
  constraint duplicates_order_check check (left_id < right_id),
  constraint duplicates_decided_check check ((state = 'open') = (decided_at is null))
);
comment on table duplicates is 'One row per pair, with its strongest reason. A dismissed pair stays, so that it is never proposed again.';
comment on column duplicates.left_id is 'The smaller number of the two, in customers or vehicles as kind says. No key: a pair whose row has gone is not shown.';
comment on column duplicates.strength is '3: hardly anything else. 2: likely. 1: worth a look, such as a family''s shared phone.';
create index duplicates_open_idx on duplicates (store_id, strength desc, found_at desc, id) where state = 'open';
create index duplicates_right_idx on duplicates (store_id, kind, right_id);

create table duplicate_keys (
  store_id  bigint not null,
  key       text not null,
  row_id    bigint not null,
  primary key (store_id, key, row_id)
);
comment on table duplicate_keys is 'Derived and rebuildable: how a customer''s name sounds, with the last four of a number ("zhangwei|1234"). PostgreSQL knows no pinyin; row_id is in customers.';
create index duplicate_keys_row_idx on duplicate_keys (store_id, row_id);

create table duplicate_searches (
  store_id     bigint primary key references stores,
  searched_at  timestamptz not null,
  customers_to timestamptz,
  vehicles_to  timestamptz
);
comment on table duplicate_searches is 'How far the search has come in a store. Rows changed after customers_to and vehicles_to are looked at next.';
