-- What a file holds beside name and phones, and the ledger of consents.

alter table customers
  add column if not exists birth_year smallint constraint customers_birth_year_check check (birth_year between 1900 and 2100),
  add column if not exists birth_month smallint constraint customers_birth_month_check check (birth_month between 1 and 12),
  add column if not exists birth_day smallint constraint customers_birth_day_check check (birth_day between 1 and 31),
  add column if not exists district text not null default '',
  add column if not exists address text not null default '',
  add column if not exists source text constraint customers_source_check check (source in
    ('sale','walk_in','referral','hotline','online','activity','maker','import','other')),
  add column if not exists source_note text not null default '',
  add column if not exists preferred_days text not null default 'any'
    constraint customers_preferred_days_check check (preferred_days in ('any','workday','weekend')),
  add column if not exists preferred_daypart text
    constraint customers_preferred_daypart_check check (preferred_daypart in ('morning','afternoon','evening')),
  add column if not exists habits text not null default '',
  add column if not exists parent_id bigint,
  add column if not exists insurance_opt_out boolean not null default false,
  add column if not exists reviewed_at timestamptz,
  add column if not exists reviewed_by bigint references users;
alter table customers
  add constraint customers_birthday_complete_check check ((birth_month is null) = (birth_day is null) and (birth_year is null or birth_month is not null)),
  add constraint customers_parent_fkey foreign key (store_id, parent_id) references customers (store_id, id),
  add constraint customers_parent_self_check check (parent_id <> id),
  add constraint customers_reviewed_by_somebody_check check ((reviewed_at is null) = (reviewed_by is null)),
  drop constraint customers_erased_is_empty_check,
  add constraint customers_erased_is_empty_check check (erased_at is null or (grams = '{}' and note = '' and habits = '' and source_note = ''
    and district = '' and address = '' and birth_month is null));
create index customers_parent_idx on customers (store_id, parent_id) where parent_id is not null;
comment on column customers.birth_month is 'Birthdays are kept as month and day; many people do not tell the year.';
comment on column customers.district is 'Province to district: shown. address is the rest and is masked on screen.';
comment on column customers.parent_id is 'The company that a contact person belongs to.';
comment on column customers.survey_opt_out is 'Follows the last row about survey in consents; written with it, in one place. marketing_opt_out and insurance_opt_out likewise.';
comment on column customers.reviewed_at is 'When a person last looked through the file: an edit, or "nothing to change".';

alter table phones add column sms_opt_out boolean not null default false;
comment on column phones.sms_opt_out is 'This number gets no messages. Calls are another matter: see state.';

create table consents (
  store_id      bigint not null,
  id            bigint generated always as identity,
  customer_id   bigint not null,
  purpose       text not null constraint consents_purpose_check check (purpose in ('service','survey','marketing','insurance','recording')),
  basis         text not null default 'consent' constraint consents_basis_check check (basis in ('consent','contract','law')),
  text_version  text not null default '',
  channel       text not null constraint consents_channel_check check (channel in ('paper','call','sms','wechat','visit','web','import')),
  given_at      timestamptz,
  withdrawn_at  timestamptz,
  evidence      text not null default '',
  by_id         bigint references users,
  created_at    timestamptz not null,
  primary key (store_id, id),
  constraint consents_customer_fkey foreign key (store_id, customer_id) references customers (store_id, id),
  constraint consents_given_or_withdrawn_check check (num_nonnulls(given_at, withdrawn_at) = 1)
);
comment on table consents is 'Append-only: a withdrawal is a row of its own, and the last row about a purpose is what holds. Only its customer (a merge) and its evidence (an erasure) ever change.';
create index consents_customer_idx on consents (store_id, customer_id, purpose, id desc);

create function consents_refuse() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and (old.purpose, old.basis, old.text_version, old.channel, old.given_at, old.withdrawn_at, old.by_id, old.created_at)
      is not distinct from (new.purpose, new.basis, new.text_version, new.channel, new.given_at, new.withdrawn_at, new.by_id, new.created_at) then
    return new;
  end if;
  raise exception 'consents is append-only';
end $$;
create trigger consents_append_only before update or delete on consents for each row execute function consents_refuse();

-- Refusals known so far, so that the ledger and the columns agree from the first row on.
insert into consents (store_id, customer_id, purpose, channel, withdrawn_at, created_at)
select c.store_id, c.id, p.purpose, 'import', c.updated_at, c.updated_at
from customers c
cross join (values ('survey'), ('marketing')) p(purpose)
where case p.purpose when 'survey' then c.survey_opt_out else c.marketing_opt_out end;
