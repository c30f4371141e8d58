-- An entry of the ledger outlives the rows that an undone import takes with it.

-- The entry stays, cancelled, under its cohort day: the ledger never forgets. Its references are let go, so that the visit,
-- the car or the person can be deleted and the archive is what it was; a visit kept as a cancelled stub would hold its
-- repair order number against the corrected file that comes next. undone_subject_id keeps what the references said, as a
-- trace without a key; ids are never given twice, so the once-key stays true.
alter table obligations add column undone_subject_id bigint;
alter table obligations drop constraint obligations_once_key;
alter table obligations drop column subject_id;
alter table obligations
  add column subject_id bigint not null generated always as (coalesce(undone_subject_id, case
    when kind = 'post_service' then visit_id
    when kind in ('warranty_expiry','first_maintenance','periodic_maintenance','lost_customer') then vehicle_id
    when kind in ('renewal','renewal_contact') then policy_id
    when kind in ('data_task','care_visit') then customer_id
    when kind like 'complaint%' then complaint_id
    else 0 end)) stored,
  add constraint obligations_once_key unique (store_id, kind, subject_id, cycle_key),
  drop constraint obligations_call_needs_person_check,
  add constraint obligations_call_needs_person_check check (channel = 'none' or customer_id is not null or undone_subject_id is not null),
  add constraint obligations_undone_is_cancelled_check check (undone_subject_id is null or status = 'cancelled');
comment on column obligations.subject_id is 'Which of the typed references identifies the case. Generated, so kind and subject cannot disagree; the typed columns carry the foreign keys. A new kind adds its column, its check value and its branch here.';
comment on column obligations.undone_subject_id is 'The subject of an entry whose import was undone; its cycle_key then ends in the import, so that the same duty may arise again.';
