-- The questionnaire behind a message: which version it asks, and when it was answered.

alter table outbox_messages
  add column script_version_id bigint,
  add column answered_at timestamptz,
  add column is_refused boolean not null default false,
  add constraint outbox_messages_script_version_fkey foreign key (store_id, script_version_id) references script_versions (store_id, id);
comment on column outbox_messages.script_version_id is 'The questionnaire that its link shows, as it was when the message was written. Null: it has no link.';
comment on column outbox_messages.answered_at is 'When the customer answered through its link. A link works once.';
comment on column outbox_messages.is_refused is 'The answer was to be asked no more.';

-- The questionnaire that is asked after a visit now.
create function current_questionnaire(store bigint, occasion text) returns bigint
language sql stable parallel safe as $$
  select v.id
  from scripts s
  join script_versions v on v.store_id = s.store_id and v.script_id = s.id and v.published_at is not null and v.retired_at is null
  where s.store_id = store and s.kind = 'questionnaire' and s.for_kind in (occasion, '*')
  order by s.for_kind = '*', s.id
  limit 1
$$;
