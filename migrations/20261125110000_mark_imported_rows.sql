-- Where a row of the archive comes from, and what an import changed in rows that were there: what an undo needs.

-- Without an index (an undo is rare and reads a table once) and without a key (each costs some microseconds a row, and
-- the row outlives the file).
alter table customers         add column import_id bigint, add column import_row int;
alter table phones            add column import_id bigint, add column import_row int;
alter table vehicles          add column import_id bigint, add column import_row int;
alter table vehicle_people    add column import_id bigint, add column import_row int;
alter table visits            add column import_id bigint, add column import_row int;
alter table odometer_readings add column import_id bigint, add column import_row int;
alter table policies          add column import_id bigint, add column import_row int;
comment on column customers.import_id is 'The import that made the row; null = made by hand. Rows that it found and changed are in import_changes.';
comment on column customers.import_row is 'The row of the file that made it, the first of several. The undo asks this row whether it may go.';

create table import_links (
  store_id     bigint not null,
  import_id    bigint not null,
  row_no       int not null,
  vehicle_id   bigint,
  customer_id  bigint,
  visit_id     bigint,
  policy_id    bigint,
  primary key (store_id, import_id, row_no),
  constraint import_links_import_fkey foreign key (store_id, import_id) references imports (store_id, id) on delete cascade
);
comment on table import_links is 'What each taken row of a file came to mean: its car, person, visit, policy. Beside import_rows, whose wide rows would be written anew for it. Traces without keys.';

create table import_changes (
  store_id    bigint not null,
  import_id   bigint not null,
  table_name  text not null constraint import_changes_table_name_check check (table_name in
                ('customers','phones','vehicles','vehicle_people','visits','odometer_readings','policies')),
  row_id      bigint not null,
  row_no      int not null,
  before      jsonb not null,
  after       jsonb not null,
  primary key (store_id, import_id, table_name, row_id),
  constraint import_changes_import_fkey foreign key (store_id, import_id) references imports (store_id, id) on delete cascade
);
comment on table import_changes is 'Rows that an import found and changed, once each, written in the transaction of the change: the changed columns alone, as they were and as the import left them. Goes with the staged rows.';

-- The columns of one row in which another version of it differs.
create function changed_part(a jsonb, b jsonb) returns jsonb
language sql immutable parallel safe as $$
  select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(a) where b -> key is distinct from value
$$;

alter table imports drop constraint imports_state_check;
alter table imports
  add constraint imports_state_check check (state in ('reading','staged','running','confirmed','failed','discarded','cancelled','undoing','undone')),
  add column undone_at timestamptz,
  add column undone_by bigint references users,
  add column undo_counts jsonb not null default '{}';
comment on column imports.undo_counts is 'What the undo took back and what stays; empty before it.';
-- An undo on its way still holds the file: it may yet come to nothing.
drop index imports_same_file_key;
create unique index imports_same_file_key on imports (store_id, kind, sha256) where state in ('confirmed', 'undoing');

alter table import_rows
  add column is_taken_back boolean not null default false,
  add column kept jsonb;
comment on column import_rows.kept is 'Why the undo left the row: [{code, …}].';
