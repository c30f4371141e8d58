-- How complete a customer's file is, derived with the other facts; and when a file counts as stale.

alter table customer_facts
  add column score smallint not null default 0 constraint customer_facts_score_check check (score between 0 and 100),
  add column missing text[] not null default '{}',
  add column touched_at timestamptz;
comment on column customer_facts.score is 'Sum of the weights of the mandatory fields that are filled: 100 is complete. Fields and weights: customers/completeness.rs.';
comment on column customer_facts.missing is 'Codes of the mandatory fields that are empty, the heaviest first.';
comment on column customer_facts.touched_at is 'When the file was last changed or looked through. Null only in rows from before this column: the job of reviews fills them.';
create index customer_facts_score_idx on customer_facts (store_id, score, touched_at, customer_id) where initial is not null;
create index customer_facts_touched_idx on customer_facts (store_id, touched_at, customer_id) where initial is not null;
comment on index customer_facts_score_idx is 'Files that want work, the worst first: incomplete ones, then complete ones by age.';

alter table stores add column stale_after_days smallint not null default 180
  constraint stores_stale_after_days_check check (stale_after_days between 30 and 1000);
comment on column stores.stale_after_days is 'A file that nobody changed or looked through for so long is stale.';
