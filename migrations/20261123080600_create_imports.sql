-- Imports: a file, its staged rows, its result.

create table imports (
  store_id      bigint not null references stores,
  id            bigint generated always as identity,
  kind          text not null constraint imports_kind_check check (kind in ('roster','visits','policies')),
  file_name     text not null,
  sha256        bytea not null,
  state         text not null constraint imports_state_check check (state in ('reading','staged','running','confirmed','failed','discarded')),
  mapping       jsonb not null default '{}',
  counts        jsonb not null default '{}',
  created_by    bigint references users,
  created_at    timestamptz not null,
  confirmed_at  timestamptz,
  error         text,
  rows_total    int not null default 0,
  rows_done     int not null default 0,
  version       int not null default 1,
  primary key (store_id, id)
);
create index imports_recent_idx on imports (store_id, created_at desc);
create unique index imports_same_file_key on imports (store_id, kind, sha256) where state = 'confirmed';

create table import_rows (
  store_id   bigint not null,
  import_id  bigint not null,
  row_no     int not null,
  cells      text[] not null,
  action     text constraint import_rows_action_check check (action in ('new','changed','unchanged','refused')),
  refusals   jsonb,
  primary key (store_id, import_id, row_no),
  constraint import_rows_import_fkey foreign key (store_id, import_id) references imports (store_id, id) on delete cascade
);
comment on table import_rows is 'Staging, filled by COPY. Logged on purpose: a staged file survives a crash. Emptied 30 days after the import is settled.';

