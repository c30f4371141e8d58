-- What imports need beyond their first shape: progress, the reasons and changes of each row, 首保到期日 of a roster.

alter table vehicles add column first_maintenance_due_on date;
comment on column vehicles.first_maintenance_due_on is '首保到期日 as a roster or a person says it; null = derived from delivery and kilometres.';

alter table imports
  add column phase text not null default 'reading'
    constraint imports_phase_check check (phase in ('reading','checking','matching','writing','deriving')),
  add column file_bytes bigint not null default 0;
comment on table imports is 'A file on its way in. reading: rows are read or checked; staged: waits for a person; running: being merged.';
comment on column imports.mapping is 'Which column gives which field, and how the file was read.';
comment on column imports.counts is 'Empty until the rows were checked against the mapping; new, changed, unchanged, refused and so on after that.';
comment on column imports.phase is 'What the machine does while the state is reading or running. Written outside the merge''s transaction, so that others see it.';

alter table import_rows
  add column is_slipped boolean not null default false,
  add column warnings jsonb,
  add column changes jsonb;
comment on column import_rows.is_slipped is 'The row has more filled cells than the header has columns.';
comment on column import_rows.changes is 'Field by field what the row changes: [{field, from, to}].';
create index import_rows_action_idx on import_rows (store_id, import_id, action, row_no);
