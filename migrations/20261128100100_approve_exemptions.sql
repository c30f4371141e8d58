-- Exemptions that people ask for and others approve; what the reconciliation of each night found.

alter table stores add column exempt_limit smallint not null default 5 constraint stores_exempt_limit_check check (exempt_limit between 0 and 100);
comment on column stores.exempt_limit is 'Percent of exempt entries of a kind above which the ledger warns.';

create table exemptions (
  store_id       bigint not null,
  id             bigint generated always as identity,
  obligation_id  bigint not null,
  reason         text not null constraint exemptions_reason_check check (reason in ('vehicle_gone','duplicate','not_eligible','handled_elsewhere','customer_asked','long_absence','other')),
  note           text not null default '',
  status         text not null default 'open' constraint exemptions_status_check check (status in ('open','approved','refused','withdrawn','lapsed')),
  requested_by   bigint not null references users,
  requested_at   timestamptz not null,
  decided_by     bigint references users,
  decided_at     timestamptz,
  answer         text not null default '',
  primary key (store_id, id),
  constraint exemptions_obligation_fkey foreign key (store_id, obligation_id) references obligations (store_id, id),
  constraint exemptions_decided_check check ((status = 'open') = (decided_at is null)),
  constraint exemptions_four_eyes_check check (status not in ('approved','refused') or decided_by is not null and decided_by <> requested_by)
);
comment on table exemptions is 'A wish that an open obligation need not be met: asked by one person, decided by another. lapsed: the obligation ended before anybody decided.';
comment on column exemptions.reason is 'Goes to obligations.ended_reason when it is approved.';
create unique index exemptions_open_key on exemptions (store_id, obligation_id) where status = 'open';
create index exemptions_open_idx on exemptions (store_id, requested_at, id) where status = 'open';
create index exemptions_decided_idx on exemptions (store_id, decided_at desc, id desc) where status <> 'open';
create index exemptions_obligation_idx on exemptions (store_id, obligation_id);

create table reconciliations (
  store_id    bigint not null references stores,
  day         date not null,
  kind        text not null,
  missing     int not null,
  loose       int not null,
  findings    jsonb not null default '[]' constraint reconciliations_findings_check check (jsonb_typeof(findings) = 'array'),
  checked_at  timestamptz not null,
  primary key (store_id, day, kind)
);
comment on table reconciliations is 'What the proof of a night found, per kind; the kind ledger holds what belongs to no kind. A row for every kind, so that an empty night is known to have been looked at.';
comment on column reconciliations.findings is 'The first of them: ids and codes, nothing personal.';
