-- Classes and tags of customers, and who keeps a customer's file.

create table tags (
  store_id   bigint not null references stores,
  id         bigint generated always as identity,
  code       text,
  name       text not null,
  kind       text not null default 'tag' constraint tags_kind_check check (kind in ('class','tag')),
  is_system  boolean not null default false,
  is_active  boolean not null default true,
  created_at timestamptz not null,
  primary key (store_id, id),
  constraint tags_code_key unique (store_id, code),
  constraint tags_name_key unique (store_id, name),
  constraint tags_system_has_code_check check (not is_system or code is not null)
);
comment on table tags is 'Dictionary of a store: classes (who the customer is to the store) and tags (what people noticed). Never deleted, only inactive.';
comment on column tags.code is 'Set for what the program ships with, whose name it translates; null for what a store has added.';

create table customer_tags (
  store_id     bigint not null,
  customer_id  bigint not null,
  tag_id       bigint not null,
  added_at     timestamptz not null,
  primary key (store_id, customer_id, tag_id),
  constraint customer_tags_customer_fkey foreign key (store_id, customer_id) references customers (store_id, id),
  constraint customer_tags_tag_fkey foreign key (store_id, tag_id) references tags (store_id, id)
);
create index customer_tags_tag_idx on customer_tags (store_id, tag_id, customer_id);

-- Stores opened before tags were invented; a new store gets the same from the program.
insert into tags (store_id, code, name, kind, is_system, created_at)
select s.id, d.code, d.name, d.kind, true, s.created_at
from stores s
cross join (values
  ('vip', 'VIP', 'class'), ('key_account', '大客户', 'class'), ('employee', '员工', 'class'),
  ('commercial_use', '出租/营运', 'class'), ('company_customer', '企业客户', 'class'),
  ('price_sensitive', '价格敏感', 'tag'), ('wechat_work', '企业微信', 'tag'), ('child_seat', '儿童座椅', 'tag'),
  ('referrer', '转介绍', 'tag'), ('self_driving', '自驾', 'tag')) d(code, name, kind);

alter table customers add column if not exists keeper_id bigint;
do $$ begin
  if not exists (select 1 from pg_constraint where conname = 'customers_keeper_fkey') then
    alter table customers add constraint customers_keeper_fkey foreign key (store_id, keeper_id) references user_stores (store_id, user_id);
  end if;
end $$;
comment on column customers.keeper_id is 'Who keeps this customer''s file and is asked first; a person of the store.';
create index if not exists customers_keeper_idx on customers (store_id, keeper_id) where keeper_id is not null;
