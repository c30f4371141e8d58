-- Two files of one customer or one car become one, and that can be taken back.

-- A merged car stays as a signpost without VIN and plate, so that no search, no file and no unique key can meet it; and it is
-- no car in use, so that nothing falls due for it. What it held is in merges.
alter table vehicles
  add column merged_into_id bigint,
  add constraint vehicles_merged_into_fkey foreign key (store_id, merged_into_id) references vehicles (store_id, id),
  add constraint vehicles_merged_into_self_check check (merged_into_id <> id),
  drop constraint vehicles_identity_check,
  add constraint vehicles_identity_check check (vin is not null or plate is not null or erased_at is not null or merged_into_id is not null),
  add constraint vehicles_merged_is_bare_check check (merged_into_id is null or (vin is null and plate is null and state <> 'active'));
comment on column vehicles.merged_into_id is 'Which car this one turned out to be. Lists show rows without it.';
create index vehicles_merged_idx on vehicles (store_id, merged_into_id) where merged_into_id is not null;

create table merges (
  store_id     bigint not null references stores,
  id           bigint generated always as identity,
  kind         text not null constraint merges_kind_check check (kind in ('customer','vehicle')),
  survivor_id  bigint not null,
  loser_id     bigint not null,
  fields       text[] not null default '{}',
  before       jsonb not null,
  moved        jsonb not null default '{}',
  changed      jsonb not null default '[]',
  removed      jsonb not null default '[]',
  merged_at    timestamptz not null,
  merged_by    bigint references users,
  undone_at    timestamptz,
  undone_by    bigint references users,
  undo_counts  jsonb,
  primary key (store_id, id),
  constraint merges_two_rows_check check (survivor_id <> loser_id),
  constraint merges_undone_by_somebody_check check ((undone_at is null) = (undone_by is null))
);
comment on table merges is 'Everything that an undo needs. Holds personal values: an erasure of the survivor empties before, changed and removed.';
comment on column merges.survivor_id is 'In customers or vehicles, as kind says; without a key, it is history.';
comment on column merges.fields is 'Columns whose value the survivor took from the loser.';
comment on column merges.before is 'Both rows as they were: {survivor, loser}.';
comment on column merges.moved is 'Ids of the rows that moved, by the name of the relation: {visits_customer_fkey: [7, 9]}.';
comment on column merges.changed is 'Other columns that the merge wrote: [{table, id, before, after}]. An undo gives back those that still hold what the merge wrote.';
comment on column merges.removed is 'Rows that both had, taken away once: [{table, row}].';
create index merges_recent_idx on merges (store_id, merged_at desc, id desc);
create index merges_survivor_idx on merges (store_id, kind, survivor_id) where undone_at is null;
