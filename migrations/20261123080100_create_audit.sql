-- Audit: an append-only hash chain per store.

create table audit (
  store_id      bigint not null,
  seq           bigint not null,
  at            timestamptz not null,
  actor_id      bigint,
  action        text not null,
  subject_kind  text not null,
  subject_id    bigint,
  change        jsonb not null default '{}',
  prev_hash     bytea not null,
  hash          bytea not null,
  primary key (store_id, seq)
);
comment on table audit is 'Append-only hash chain per store (0 = the group). Append-heavy (by at, key then (store_id, at, seq)). change holds ids and field names, never values: an erasure must not break the chain. No foreign keys: it outlives everything.';
create index audit_subject_idx on audit (store_id, subject_kind, subject_id, seq);
create index audit_actor_idx on audit (store_id, actor_id, seq);

create table audit_heads (
  store_id  bigint primary key,
  seq       bigint not null,
  hash      bytea not null
);
comment on table audit_heads is 'End of each chain; its row lock orders the chain. Take it last in a transaction.';


create function audit_append(p_store bigint, p_at timestamptz, p_actor bigint, p_action text, p_kind text, p_subject bigint, p_change jsonb)
returns bigint language plpgsql security definer set search_path = public as $$
declare head audit_heads; h bytea;
begin
  select * into head from audit_heads where store_id = p_store for update;
  if not found then
    insert into audit_heads values (p_store, 0, sha256(convert_to(p_store::text, 'UTF8'))) on conflict do nothing;
    select * into head from audit_heads where store_id = p_store for update;
  end if;
  h := sha256(head.hash || convert_to(jsonb_build_array(p_store, head.seq + 1, extract(epoch from p_at), p_actor, p_action, p_kind, p_subject, p_change)::text, 'UTF8'));
  insert into audit values (p_store, head.seq + 1, p_at, p_actor, p_action, p_kind, p_subject, p_change, head.hash, h);
  update audit_heads set seq = head.seq + 1, hash = h where store_id = p_store;
  return head.seq + 1;
end $$;

create function audit_refuse() returns trigger language plpgsql as $$ begin raise exception 'audit is append-only'; end $$;
create trigger audit_append_only before update or delete on audit for each row execute function audit_refuse();
create trigger audit_no_truncate before truncate on audit for each statement execute function audit_refuse();

create table reveals (
  store_id     bigint not null,
  id           bigint generated always as identity,
  user_id      bigint not null references users,
  at           timestamptz not null,
  customer_id  bigint,
  vehicle_id   bigint,
  field        text not null constraint reveals_field_check check (field in ('phone','vin','policy_no')),
  reason       text not null default '',
  primary key (store_id, id)
);
comment on table reveals is 'Every unmasking; also written to the audit chain. Append-heavy (by at). The index answers the hourly limit.';
create index reveals_user_idx on reveals (store_id, user_id, at);
create index reveals_customer_idx on reveals (store_id, customer_id, at);
