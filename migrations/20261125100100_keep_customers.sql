-- 建档人: who of the store keeps a customer's file.

alter table customers
  add column keeper_id bigint,
  add constraint customers_keeper_fkey foreign key (store_id, keeper_id) references user_stores (store_id, user_id);
comment on column customers.keeper_id is 'The person of the store who answers for this customer. Null: nobody in particular.';
create index customers_keeper_idx on customers (store_id, keeper_id) where keeper_id is not null;
