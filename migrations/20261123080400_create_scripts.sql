-- Call scripts and questionnaires, versioned from the start.

create table scripts (
  store_id  bigint not null references stores,
  id        bigint generated always as identity,
  kind      text not null constraint scripts_kind_check check (kind in ('talk','questionnaire')),
  for_kind  text not null,
  name      text not null,
  primary key (store_id, id),
  constraint scripts_name_key unique (store_id, name)
);
create table script_versions (
  store_id      bigint not null,
  id            bigint generated always as identity,
  script_id     bigint not null,
  version       int not null,
  body          jsonb not null,
  published_at  timestamptz,
  retired_at    timestamptz,
  created_by    bigint references users,
  primary key (store_id, id),
  constraint script_versions_version_key unique (store_id, script_id, version),
  constraint script_versions_script_fkey foreign key (store_id, script_id) references scripts (store_id, id)
);
comment on table script_versions is 'A published version is frozen; answers point at the version that was asked.';
create unique index script_versions_current_key on script_versions (store_id, script_id) where published_at is not null and retired_at is null;
