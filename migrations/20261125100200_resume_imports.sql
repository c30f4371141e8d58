-- Imports that survive a restart, can be cancelled, and remember what people chose.

alter table imports
  drop constraint imports_state_check,
  add constraint imports_state_check check (state in ('reading','staged','running','confirmed','failed','discarded','cancelled')),
  add column file_key uuid,
  add column sheet text,
  add column tries int not null default 0,
  add column confirmed_by bigint references users,
  add column decisions jsonb not null default '{}';
comment on column imports.file_key is 'Name of the kept file in the data directory of the server that received it. Null: no file is kept (command line, or 30 days are over).';
comment on column imports.sheet is 'The worksheet that a person chose; null: the first one with a header.';
comment on column imports.tries is 'How often the work was taken up again after a server had stopped.';
comment on column imports.confirmed_by is 'Who confirmed: a merge that is taken up again is still theirs.';
comment on column imports.decisions is 'What to do about each kind of conflict; a kind that is absent has its default.';
create index imports_busy_idx on imports (store_id, id) where state in ('reading','running');
create unique index imports_file_key on imports (file_key) where file_key is not null;

alter table import_rows add column conflicts jsonb;
comment on column import_rows.conflicts is 'Where the row and the archive disagree about more than a value: [{kind, from, to}].';

create table import_mappings (
  store_id    bigint not null references stores,
  kind        text not null constraint import_mappings_kind_check check (kind in ('roster','visits','policies')),
  headings    bytea not null constraint import_mappings_headings_check check (octet_length(headings) = 32),
  choices     jsonb not null,
  updated_at  timestamptz not null,
  primary key (store_id, kind, headings)
);
comment on table import_mappings is 'The columns that a person chose last, by the set of headings of the file.';
comment on column import_mappings.headings is 'SHA-256 of the headings, in any order.';
comment on column import_mappings.choices is '[{heading, field}]; field null: left out.';
