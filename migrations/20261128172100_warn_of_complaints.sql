-- Warnings of clocks that run out, up the chain, in the desk and as messages that wait for a provider.

alter table departments
  add column lead_id bigint,
  add constraint departments_lead_fkey foreign key (store_id, lead_id) references user_stores (store_id, user_id);
comment on column departments.lead_id is '部门经理: hears of clocks of the department''s cases from 75 % on.';

alter table stores
  add column service_director_id bigint,
  add column sales_director_id   bigint,
  add column general_manager_id  bigint,
  add constraint stores_service_director_fkey foreign key (id, service_director_id) references user_stores (store_id, user_id),
  add constraint stores_sales_director_fkey foreign key (id, sales_director_id) references user_stores (store_id, user_id),
  add constraint stores_general_manager_fkey foreign key (id, general_manager_id) references user_stores (store_id, user_id);
comment on column stores.service_director_id is '服务总监: hears of clocks of serious cases that have run out.';
comment on column stores.sales_director_id is '销售总监: the same for cases of sales, finance and registration.';
comment on column stores.general_manager_id is '总经理: hears of clocks of a crisis at half as much time again.';

create table complaint_warnings (
  store_id       bigint not null,
  id             bigint generated always as identity,
  complaint_id   bigint not null,
  obligation_id  bigint not null,
  level          int not null constraint complaint_warnings_level_check check (level in (50, 75, 90, 100, 150)),
  recipient_id   bigint not null,
  deputy_for_id  bigint,
  read_at        timestamptz,
  created_at     timestamptz not null,
  primary key (store_id, id),
  constraint complaint_warnings_once_key unique (store_id, obligation_id, level, recipient_id),
  constraint complaint_warnings_complaint_fkey foreign key (store_id, complaint_id) references complaints (store_id, id),
  constraint complaint_warnings_obligation_fkey foreign key (store_id, obligation_id) references obligations (store_id, id),
  constraint complaint_warnings_recipient_fkey foreign key (store_id, recipient_id) references user_stores (store_id, user_id),
  constraint complaint_warnings_deputy_fkey foreign key (store_id, deputy_for_id) references user_stores (store_id, user_id)
);
comment on table complaint_warnings is 'A clock at so many percent of its time, and who was told. Once for each clock, level and person, whoever runs the job how often.';
comment on column complaint_warnings.deputy_for_id is 'Whom the recipient stands in for.';
create index complaint_warnings_recipient_idx on complaint_warnings (store_id, recipient_id, id desc);
create index complaint_warnings_unread_idx on complaint_warnings (store_id, recipient_id) where read_at is null;
create index complaint_warnings_complaint_idx on complaint_warnings (store_id, complaint_id);

alter table outbox_messages
  alter column customer_id drop not null,
  alter column callback_id drop not null,
  alter column phone_id drop not null,
  add column recipient_id bigint,
  add column warning_id   bigint,
  drop constraint outbox_messages_purpose_check,
  add constraint outbox_messages_purpose_check check (purpose in ('questionnaire', 'warning')),
  add constraint outbox_messages_to_whom_check check (case purpose
    when 'warning' then recipient_id is not null and warning_id is not null and customer_id is null and callback_id is null and phone_id is null
    else customer_id is not null and callback_id is not null and phone_id is not null and recipient_id is null and warning_id is null end),
  add constraint outbox_messages_recipient_fkey foreign key (store_id, recipient_id) references user_stores (store_id, user_id),
  add constraint outbox_messages_warning_fkey foreign key (store_id, warning_id) references complaint_warnings (store_id, id);
comment on column outbox_messages.recipient_id is 'Staff, of a warning; a provider looks up how to reach them.';
create unique index outbox_messages_warning_key on outbox_messages (store_id, warning_id) where warning_id is not null;
create index outbox_messages_staff_idx on outbox_messages (store_id, id desc) where purpose = 'warning' and status = 'queued';
