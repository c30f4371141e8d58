-- Scripts are edited as drafts; what was published never changes, whoever tries.

alter table script_versions
  add column revision int not null default 1,
  add column changed_at timestamptz,
  add column changed_by bigint references users,
  add column published_by bigint references users;
comment on column script_versions.revision is 'Counts the saves of a draft: who saves an older one is told.';
create unique index script_versions_draft_key on script_versions (store_id, script_id) where published_at is null;
comment on index script_versions_draft_key is 'A script has one draft at most.';

create function refuse_changed_script() returns trigger
language plpgsql as $$
begin
  raise exception 'a published script version never changes' using errcode = 'restrict_violation';
end
$$;
create trigger script_versions_frozen before update on script_versions
  for each row when (old.published_at is not null and (old.body is distinct from new.body or old.version is distinct from new.version
                     or new.published_at is distinct from old.published_at))
  execute function refuse_changed_script();
create trigger script_versions_kept before delete on script_versions
  for each row when (old.published_at is not null)
  execute function refuse_changed_script();
create index responses_script_version_idx on responses (store_id, script_version_id);
create unique index scripts_occasion_key on scripts (store_id, kind, for_kind);
