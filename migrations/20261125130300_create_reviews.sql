-- The weekly review of files: a kind of the ledger. Its subject is the customer, its cycle the ISO week.

alter table obligations drop constraint obligations_kind_check;
alter table obligations add constraint obligations_kind_check check (kind in (
  'post_service','warranty_expiry','first_maintenance','periodic_maintenance','renewal','renewal_contact','lost_customer','data_task','care_visit','profile_review',
  'complaint_dispatch','complaint_first_reply','complaint_follow_up','complaint_close','complaint_second_callback','complaint_after'));

-- The expression of a generated column cannot be altered before PostgreSQL 17: the column is made anew.
alter table obligations drop constraint obligations_once_key;
alter table obligations drop column subject_id;
-- What an undone import leaves behind names its subject elsewhere; that column may be there already.
do $$ begin
  execute format($sql$
    alter table obligations add column subject_id bigint not null generated always as (coalesce(%s, case
      when kind = 'post_service' then visit_id
      when kind in ('warranty_expiry','first_maintenance','periodic_maintenance','lost_customer') then vehicle_id
      when kind in ('renewal','renewal_contact') then policy_id
      when kind in ('data_task','care_visit','profile_review') then customer_id
      when kind like 'complaint%%' then complaint_id
      else 0 end)) stored
    $sql$,
    case when exists (select from information_schema.columns
                      where table_schema = 'public' and table_name = 'obligations' and column_name = 'undone_subject_id')
         then 'undone_subject_id' else 'null::bigint' end);
end $$;
alter table obligations add constraint obligations_once_key unique (store_id, kind, subject_id, cycle_key);
comment on column obligations.subject_id is 'Which of the typed references identifies the case. Generated, so kind and subject cannot disagree; the typed columns carry the foreign keys. A new kind adds its column, its check value and its branch here.';

create index policies_starts_idx on policies (store_id, starts_on) where starts_on is not null;

-- Whose file is to be looked through: whatever happened on a day is listed on the next, in the week of that next day. So
-- everything up to Saturday night is owed by the end of Sunday, and what happens on a Sunday belongs to the week after.
create view review_candidates as
select d.store_id, d.day as event_on, to_char(d.day, 'IYYY-"W"IW') as cycle_key, a.customer_id
from store_days d
join stores s on s.id = d.store_id and d.day > s.starts_on
join store_days y on y.store_id = d.store_id and y.day = d.day - 1
cross join lateral (
  select v.customer_id
  from visits v
  where v.store_id = y.store_id and v.handed_over_on = y.day and v.state <> 'cancelled'
  union all
  -- Calls that proved a number wrong.
  select t.customer_id
  from attempts t
  where t.store_id = y.store_id and t.on_day = y.day and t.result in ('not_the_person', 'suspended', 'vacant', 'wrong')
  union all
  select m.customer_id
  from complaints m
  where m.store_id = y.store_id and m.accepted_at >= y.starts_at and m.accepted_at < y.ends_at and m.customer_id is not null
  union all
  select p.insured_id
  from policies p
  where p.store_id = y.store_id and p.starts_on = y.day and p.insured_id is not null
  union all
  -- Changed by an import or a call: whoever changes a file by hand has looked it through.
  select k.id
  from customers k
  where k.store_id = y.store_id and k.updated_at >= y.starts_at and k.updated_at < y.ends_at
    and k.updated_at > k.created_at and (k.reviewed_at is null or k.reviewed_at < k.updated_at)
) a
join customers c on c.store_id = d.store_id and c.id = a.customer_id and c.merged_into_id is null and c.erased_at is null;
comment on view review_candidates is 'ONE definition of which files a week owes a look: the job inserts it, reconciliation subtracts the ledger from it. A customer appears once per event. Pass store and days as parameters.';
