-- Opinions about the product: collected for the car maker by month, and the files that left the house.

create index complaints_opinions_idx on complaints (store_id, accepted_at, id) where is_opinion;
create index complaints_product_idx on complaints (store_id, accepted_at, id) where class_major = 'product' and not is_opinion;

create table opinion_files (
  store_id    bigint not null references stores,
  id          bigint generated always as identity,
  month_on    date not null constraint opinion_files_month_check check (extract(day from month_on) = 1),
  format      text not null constraint opinion_files_format_check check (format in ('xlsx','csv')),
  reason      text not null,
  row_count   int not null default 0,
  user_id     bigint not null references users,
  created_at  timestamptz not null,
  primary key (store_id, id)
);
comment on table opinion_files is 'Who took the opinions of which month out of the house, and why. Never deleted. No customer is named in such a file.';
create index opinion_files_recent_idx on opinion_files (store_id, created_at desc, id desc);
create index opinion_files_user_idx on opinion_files (store_id, user_id, created_at desc);
