-- What a case carries from acceptance to the customer's own verdict.

alter table complaints
  add column owner_id          bigint,
  add column demand_kind       text constraint complaints_demand_kind_check check (demand_kind in ('repair','replace','compensation','apology','explanation')),
  add column claimed_fen       bigint constraint complaints_claimed_check check (claimed_fen >= 0),
  add column wants_replacement boolean not null default false,
  add column external_number   text not null default '',
  add column external_due_on   date,
  add column course            text,
  add column measure           text,
  add column promised_at       timestamptz,
  add column cost_fen          bigint constraint complaints_cost_check check (cost_fen >= 0),
  add column responsibility    text constraint complaints_responsibility_check check (responsibility in ('responsible','partial','none','third_party')),
  add column agreed_at         timestamptz,
  add column verdict_words     text,
  add column verdict_at        timestamptz,
  add column verdict_by        bigint references users,
  add column ended_by          bigint references users,
  add column ended_reason      text,
  add column is_opinion        boolean not null default false,
  add constraint complaints_owner_fkey foreign key (store_id, owner_id) references user_stores (store_id, user_id);

comment on column complaints.owner_id is '负责专员: who of the care desk leads the case; handler_id is who answers for the department.';
comment on column complaints.claimed_fen is 'What the customer asks for in money, in fen.';
comment on column complaints.wants_replacement is '退换车 under 三包规定: an answer within 10 working days, completion within 20 (Art. 28).';
comment on column complaints.external_number is 'Number of the maker, of 12315 or of another authority.';
comment on column complaints.external_due_on is 'The day by which an authority wants an answer, as its notice says.';
comment on column complaints.course is 'What happened, as the department found (经过); cause, measure and result stand beside it.';
comment on column complaints.promised_at is 'When the department has promised to be done.';
comment on column complaints.cost_fen is 'What the store bears, in fen.';
comment on column complaints.responsibility is '责任性质.';
comment on column complaints.agreed_at is 'When the customer agreed to the result. Demanded before a case is dealt with.';
comment on column complaints.verdict_words is 'The verdict in the customer''s words. Set null by an erasure.';
comment on column complaints.ended_reason is 'Why it was withdrawn, is invalid, or was closed without a satisfied verdict.';
comment on column complaints.is_opinion is 'Goes to the maker as an opinion about the quality of the product.';

-- Before this nobody could end a case on a page; what demonstrations wrote is completed.
update complaints c set owner_id = c.created_by
where exists (select from user_stores u where u.store_id = c.store_id and u.user_id = c.created_by);
update complaints set responsibility = 'responsible', agreed_at = resolved_at where state in ('resolved', 'closed');
update complaints set verdict = 'satisfied' where state = 'closed' and verdict is null;
update complaints set ended_reason = '' where state in ('withdrawn', 'invalid') and ended_reason is null;

alter table complaints
  add constraint complaints_resolved_is_agreed_check check (state not in ('resolved','closed') or (responsibility is not null and agreed_at is not null)),
  add constraint complaints_closed_has_verdict_check check (state <> 'closed' or verdict in ('satisfied','acceptable') or ended_reason is not null),
  add constraint complaints_dropped_has_reason_check check (state not in ('withdrawn','invalid') or ended_reason is not null),
  add constraint complaints_merged_names_case_check check ((state = 'merged') = (merged_into_id is not null) and merged_into_id <> id);
create index complaints_owner_idx on complaints (store_id, owner_id, accepted_at) where ended_at is null;
create index complaints_merged_into_idx on complaints (store_id, merged_into_id) where merged_into_id is not null;

alter table complaint_events drop constraint complaint_events_kind_check;
alter table complaint_events add constraint complaint_events_kind_check check (kind in
  ('accepted','edited','dispatched','acknowledged','plan','note','contact','severity','state','waiting','resumed','resolved','verdict','reopened','closed',
   'withdrawn','invalid','merged','attachment','checklist','people','warning','report'));
comment on column complaint_events.is_public is 'The customer may be told this; all else is internal.';

alter table obligations drop constraint obligations_kind_check;
alter table obligations add constraint obligations_kind_check check (kind in (
  'post_service','warranty_expiry','first_maintenance','periodic_maintenance','renewal','renewal_contact','lost_customer','data_task','care_visit','profile_review',
  'complaint_dispatch','complaint_first_reply','complaint_follow_up','complaint_close','complaint_second_callback','complaint_after','complaint_external'));
