-- The ledger of obligations and the work that settles it.

create table complaints (
  store_id        bigint not null references stores,
  id              bigint generated always as identity,
  number          text not null,
  customer_id     bigint,
  vehicle_id      bigint,
  visit_id        bigint,
  from_callback_id bigint,
  channel         text not null constraint complaints_channel_check check (channel in ('call','visit','callback','hotline','maker','regulator','web','media','letter')),
  class_major     text not null,
  class_minor     text not null default '',
  severity        text not null constraint complaints_severity_check check (severity in ('A','B','C','D')),
  state           text not null default 'accepted' constraint complaints_state_check check (state in
                    ('accepted','dispatched','in_progress','waiting','resolved','closed','withdrawn','invalid','merged')),
  department_id   bigint,
  handler_id      bigint,
  words           text,
  demand          text,
  cause           text,
  result          text,
  verdict         text constraint complaints_verdict_check check (verdict in ('satisfied','acceptable','dissatisfied')),
  cycle           int not null default 1,
  waiting_since   timestamptz,
  waited          interval not null default '0',
  accepted_at     timestamptz not null,
  dispatched_at   timestamptz,
  acknowledged_at timestamptz,
  followed_up_at  timestamptz,
  resolved_at     timestamptz,
  ended_at        timestamptz,
  merged_into_id  bigint,
  created_by      bigint references users,
  version         int not null default 1,
  created_at      timestamptz not null,
  updated_at      timestamptz not null,
  primary key (store_id, id),
  constraint complaints_number_key unique (store_id, number),
  constraint complaints_customer_fkey foreign key (store_id, customer_id) references customers (store_id, id),
  constraint complaints_vehicle_fkey foreign key (store_id, vehicle_id) references vehicles (store_id, id),
  constraint complaints_visit_fkey foreign key (store_id, visit_id) references visits (store_id, id),
  constraint complaints_department_fkey foreign key (store_id, department_id) references departments (store_id, id),
  constraint complaints_handler_fkey foreign key (store_id, handler_id) references user_stores (store_id, user_id),
  constraint complaints_merged_into_fkey foreign key (store_id, merged_into_id) references complaints (store_id, id),
  constraint complaints_ended_check check ((ended_at is not null) = (state in ('closed','withdrawn','invalid','merged'))),
  constraint complaints_dispatched_names_somebody_check check (dispatched_at is null or handler_id is not null),
  constraint complaints_resolved_has_evidence_check check (state not in ('resolved','closed') or (cause is not null and result is not null)),
  constraint complaints_accepted_not_later_check check (accepted_at <= created_at)
);
comment on table complaints is 'A case. Its clocks are obligations (kinds complaint_*), its history is complaint_events.';
comment on column complaints.number is 'CP-YYMMDD-nn, counted per store and day.';
comment on column complaints.words is 'Free text of the customer. Set null by an erasure; class and severity stay for the statistics.';
create index complaints_open_idx on complaints (store_id, accepted_at, id) where ended_at is null;
create index complaints_handler_idx on complaints (store_id, handler_id, accepted_at) where ended_at is null;
create index complaints_accepted_idx on complaints (store_id, accepted_at desc, id);
create index complaints_customer_idx on complaints (store_id, customer_id) where customer_id is not null;
create index complaints_vehicle_idx on complaints (store_id, vehicle_id) where vehicle_id is not null;
create index complaints_visit_idx on complaints (store_id, visit_id) where visit_id is not null;

create table complaint_events (
  store_id      bigint not null,
  id            bigint generated always as identity,
  complaint_id  bigint not null,
  kind          text not null constraint complaint_events_kind_check check (kind in
                  ('accepted','dispatched','acknowledged','note','contact','severity','state','waiting','resumed','resolved','verdict','reopened','closed','attachment','checklist')),
  at            timestamptz not null,
  by_id         bigint references users,
  from_state    text,
  to_state      text,
  is_public     boolean not null default false,
  body          text,
  data          jsonb not null default '{}',
  primary key (store_id, id),
  constraint complaint_events_complaint_fkey foreign key (store_id, complaint_id) references complaints (store_id, id)
);
comment on table complaint_events is 'Append-only timeline. Append-heavy (by at).';
create index complaint_events_complaint_idx on complaint_events (store_id, complaint_id, at, id);

create table callbacks (
  store_id          bigint not null,
  id                bigint generated always as identity,
  customer_id       bigint not null,
  status            text not null default 'open' constraint callbacks_status_check check (status in ('open','claimed','done','exhausted','cancelled')),
  callable_due_at   timestamptz not null,
  due_at            timestamptz not null,
  next_at           timestamptz not null,
  kinds             text[] not null default '{}',
  excluded_ids      bigint[] not null default '{}',
  open_count        int not null default 0,
  assigned_to       bigint,
  claimed_by        bigint,
  claimed_at        timestamptz,
  lease_until       timestamptz,
  lease_token       uuid,
  dials             int not null default 0,
  last_result       text,
  last_attempt_at   timestamptz,
  agreed_at         timestamptz,
  held_reason       text constraint callbacks_held_reason_check check (held_reason in ('touch_limit','car_in_shop','no_phone')),
  ended_at          timestamptz,
  version           int not null default 1,
  created_at        timestamptz not null,
  primary key (store_id, id),
  constraint callbacks_customer_fkey foreign key (store_id, customer_id) references customers (store_id, id),
  constraint callbacks_assigned_fkey foreign key (store_id, assigned_to) references user_stores (store_id, user_id),
  constraint callbacks_claimed_fkey foreign key (store_id, claimed_by) references user_stores (store_id, user_id),
  constraint callbacks_claim_complete_check check ((status = 'claimed') = (claimed_by is not null)
    and (claimed_by is null) = (lease_until is null) and (claimed_by is null) = (lease_token is null)),
  constraint callbacks_ended_check check ((ended_at is null) = (status in ('open','claimed'))),
  constraint callbacks_not_by_who_served_check check (
    (claimed_by is null or not excluded_ids @> array[claimed_by]) and (assigned_to is null or not excluded_ids @> array[assigned_to]))
) with (fillfactor = 80);
comment on table callbacks is 'One planned conversation with one person; bundles every open obligation that a call to this person settles.';
comment on column callbacks.callable_due_at is 'Smallest callable deadline of the open obligations: sorts every queue. Derived with due_at, kinds, excluded_ids and open_count by one statement (refresh).';
comment on column callbacks.excluded_ids is 'Who served this person on a bundled visit. The check makes it impossible, not just unlikely, that they get the call.';
comment on column callbacks.next_at is 'Not before: retry time, agreed time, governor, or the day the obligation becomes askable.';
comment on column callbacks.lease_token is 'Changes with every claim: a settle from an expired lease finds no row.';
create unique index callbacks_one_open_per_customer_key on callbacks (store_id, customer_id) where status in ('open','claimed');
create index callbacks_queue_idx on callbacks (store_id, callable_due_at, id) include (next_at) where status in ('open','claimed');
create index callbacks_mine_idx on callbacks (store_id, assigned_to, callable_due_at, id) where status in ('open','claimed');
create index callbacks_claimed_idx on callbacks (store_id, claimed_by) where status = 'claimed';
create index callbacks_customer_idx on callbacks (store_id, customer_id, id desc);
comment on index callbacks_claimed_idx is 'Tiny (one row per call in progress). lease_until is in no index, so heartbeats stay HOT.';
alter table complaints add constraint complaints_from_callback_fkey foreign key (store_id, from_callback_id) references callbacks (store_id, id);
create index complaints_from_callback_idx on complaints (store_id, from_callback_id) where from_callback_id is not null;

create table reminders (
  store_id      bigint not null,
  id            bigint generated always as identity,
  customer_id   bigint not null,
  send_on       date not null,
  status        text not null default 'pending' constraint reminders_status_check check (status in ('pending','delivered','failed','fell_back','cancelled')),
  due_at        timestamptz not null,
  kinds         text[] not null default '{}',
  open_count    int not null default 0,
  method        text constraint reminders_method_check check (method in ('sms','wechat','phone','in_person')),
  note          text not null default '',
  callback_id   bigint,
  recorded_by   bigint references users,
  ended_at      timestamptz,
  version       int not null default 1,
  created_at    timestamptz not null,
  primary key (store_id, id),
  constraint reminders_customer_day_key unique (store_id, customer_id, send_on),
  constraint reminders_customer_fkey foreign key (store_id, customer_id) references customers (store_id, id),
  constraint reminders_callback_fkey foreign key (store_id, callback_id) references callbacks (store_id, id)
);
comment on table reminders is 'One message to one person on one day; two cars of one owner are one message. callback_id is set when it fell back to a call.';
comment on column reminders.method is 'How the person was reminded, as recorded by hand by recorded_by.';
create index reminders_pending_idx on reminders (store_id, send_on, due_at, id) where status = 'pending';
create index reminders_callback_idx on reminders (store_id, callback_id) where callback_id is not null;

create table obligations (
  store_id         bigint not null,
  id               bigint generated always as identity,
  kind             text not null constraint obligations_kind_check check (kind in (
                     'post_service','warranty_expiry','first_maintenance','periodic_maintenance','renewal','renewal_contact','lost_customer','data_task','care_visit',
                     'complaint_dispatch','complaint_first_reply','complaint_follow_up','complaint_close','complaint_second_callback','complaint_after')),
  cycle_key        text not null,
  visit_id         bigint,
  vehicle_id       bigint,
  policy_id        bigint,
  complaint_id     bigint,
  customer_id      bigint,
  subject_id       bigint not null generated always as (case
                     when kind = 'post_service' then visit_id
                     when kind in ('warranty_expiry','first_maintenance','periodic_maintenance','lost_customer') then vehicle_id
                     when kind in ('renewal','renewal_contact') then policy_id
                     when kind in ('data_task','care_visit') then customer_id
                     when kind like 'complaint%' then complaint_id
                     else 0 end) stored,
  cohort_on        date not null,
  not_before       timestamptz not null,
  strict_due_at    timestamptz not null,
  due_at           timestamptz not null,
  callable_due_at  timestamptz not null,
  is_short_window  boolean not null default false,
  rule_version     int not null,
  channel          text not null constraint obligations_channel_check check (channel in ('call','sms','none')),
  callback_id      bigint,
  reminder_id      bigint,
  responsible_id   bigint,
  status           text not null default 'open' constraint obligations_status_check check (status in ('open','done','exhausted','exempt','cancelled')),
  ended_at         timestamptz,
  ended_by         bigint references users,
  ended_reason     text,
  attempt_id       bigint,
  approved_by      bigint references users,
  is_connected     boolean not null default false,
  is_satisfied     boolean,
  created_at       timestamptz not null,
  primary key (store_id, id),
  constraint obligations_once_key unique (store_id, kind, subject_id, cycle_key),
  constraint obligations_visit_fkey foreign key (store_id, visit_id) references visits (store_id, id),
  constraint obligations_vehicle_fkey foreign key (store_id, vehicle_id) references vehicles (store_id, id),
  constraint obligations_policy_fkey foreign key (store_id, policy_id) references policies (store_id, id),
  constraint obligations_complaint_fkey foreign key (store_id, complaint_id) references complaints (store_id, id),
  constraint obligations_customer_fkey foreign key (store_id, customer_id) references customers (store_id, id),
  constraint obligations_callback_fkey foreign key (store_id, callback_id) references callbacks (store_id, id),
  constraint obligations_reminder_fkey foreign key (store_id, reminder_id) references reminders (store_id, id),
  constraint obligations_responsible_fkey foreign key (store_id, responsible_id) references user_stores (store_id, user_id),
  constraint obligations_ends_once_check check ((status = 'open') = (ended_at is null)),
  constraint obligations_exempt_has_reason_check check (status <> 'exempt' or (ended_reason is not null and (approved_by is not null or ended_reason like 'rule:%'))),
  constraint obligations_exempt_four_eyes_check check (status <> 'exempt' or approved_by is null or ended_by is null or approved_by <> ended_by),
  constraint obligations_call_needs_person_check check (channel = 'none' or customer_id is not null),
  constraint obligations_due_order_check check (strict_due_at <= due_at)
) with (fillfactor = 90);
-- No key to stores of its own: the composite keys imply it and each key costs 3 to 6 microseconds a row.
comment on table obligations is 'The ledger: one thing the store owes one customer by a deadline, from the day it arose, with exactly one ending. Append-heavy (by cohort_on; the once key would gain it).';
comment on column obligations.subject_id is 'Which of the typed references identifies the case. Generated, so kind and subject cannot disagree; the typed columns carry the foreign keys. A new kind adds its column, its check value and its branch here.';
comment on column obligations.cycle_key is 'Distinguishes repetitions for one subject: stage, maintenance cycle, number of the follow-up.';
comment on column obligations.cohort_on is 'The store day that every figure counts it under. Never changes.';
comment on column obligations.strict_due_at is 'Deadline without the extension for closed days: the strict rate uses it.';
comment on column obligations.callable_due_at is 'Last minute at which a call still counts; the first callable one when none was left at creation (is_short_window).';
comment on column obligations.responsible_id is 'Who held it at due time: the denominator by person. ended_by is who did it: the numerator by person.';
comment on column obligations.ended_reason is 'Code. An exemption made by a rule starts with rule: and needs no approver; one made by a person does.';
create index obligations_cohort_idx on obligations (store_id, cohort_on, kind) include (status, due_at, strict_due_at, ended_at, ended_by, responsible_id, is_connected, is_satisfied);
create index obligations_open_idx on obligations (store_id, kind, callable_due_at, id) where status = 'open';
create index obligations_unattached_idx on obligations (store_id, channel, customer_id) where status = 'open' and callback_id is null and reminder_id is null and channel <> 'none';
create index obligations_callback_idx on obligations (store_id, callback_id) where callback_id is not null;
create index obligations_reminder_idx on obligations (store_id, reminder_id) where reminder_id is not null;
create index obligations_customer_idx on obligations (store_id, customer_id, cohort_on desc) where customer_id is not null;
create index obligations_vehicle_idx on obligations (store_id, vehicle_id) where vehicle_id is not null;
create index obligations_visit_idx on obligations (store_id, visit_id) where visit_id is not null;
create index obligations_policy_idx on obligations (store_id, policy_id) where policy_id is not null;
create index obligations_complaint_idx on obligations (store_id, complaint_id) where complaint_id is not null;
comment on index obligations_cohort_idx is 'Covers the arithmetic of a KPI page: a month of a big store is read without touching the table.';

-- Each obligation is in exactly one class at a given moment; a KPI figure is a set of classes, and the rows behind it are the
-- rows of those classes. Simple enough for the planner to inline, so figure and rows cannot drift apart.
create function obligation_class(status text, due_at timestamptz, ended_at timestamptz, at timestamptz) returns text
language sql immutable parallel safe as $$
  select case
    when status = 'cancelled' then 'cancelled'
    when status = 'exempt' then 'exempt'
    when due_at > at then case when status = 'open' then 'not_due' else 'early' end
    when status = 'open' then 'overdue'
    when status = 'done' then case when ended_at <= due_at then 'done' else 'done_late' end
    else case when ended_at <= due_at then 'exhausted' else 'exhausted_late' end
  end
$$;

create table attempts (
  store_id     bigint not null,
  id           bigint generated always as identity,
  callback_id  bigint not null,
  customer_id  bigint not null,
  user_id      bigint not null references users,
  at           timestamptz not null,
  on_day       date not null,
  daypart      smallint not null,
  result       text not null constraint attempts_result_check check (result in (
                 'completed','inconvenient','refused','not_the_person','no_answer','busy','off','suspended','vacant','wrong','no_coverage','voicemail','hung_up')),
  seconds      int not null default 0,
  phone_id     bigint,
  next_at      timestamptz,
  note         text,
  idem_key     uuid not null,
  primary key (store_id, id),
  constraint attempts_idem_key unique (store_id, idem_key),
  constraint attempts_callback_fkey foreign key (store_id, callback_id) references callbacks (store_id, id),
  constraint attempts_customer_fkey foreign key (store_id, customer_id) references customers (store_id, id)
);
comment on table attempts is 'One dial with its result. Append-heavy (by at). phone_id is a trace without a key: numbers may be erased.';
create index attempts_callback_idx on attempts (store_id, callback_id, at);
create index attempts_user_idx on attempts (store_id, user_id, at) include (result, callback_id);
create index attempts_day_idx on attempts (store_id, on_day) include (user_id, result);
create index attempts_customer_idx on attempts (store_id, customer_id, at desc);

create table responses (
  store_id           bigint not null,
  id                 bigint generated always as identity,
  obligation_id      bigint not null,
  attempt_id         bigint,
  customer_id        bigint not null,
  script_version_id  bigint not null,
  answers            jsonb not null constraint responses_answers_check check (jsonb_typeof(answers) = 'object'),
  overall            smallint,
  nps                smallint,
  is_dissatisfied    boolean not null default false,
  words              text,
  at                 timestamptz not null,
  primary key (store_id, id),
  constraint responses_obligation_key unique (store_id, obligation_id),
  constraint responses_obligation_fkey foreign key (store_id, obligation_id) references obligations (store_id, id),
  constraint responses_attempt_fkey foreign key (store_id, attempt_id) references attempts (store_id, id),
  constraint responses_customer_fkey foreign key (store_id, customer_id) references customers (store_id, id),
  constraint responses_script_version_fkey foreign key (store_id, script_version_id) references script_versions (store_id, id)
);
comment on table responses is 'Answers to one questionnaire about one obligation, tied to the version asked. Append-heavy (by at). Scores that lists filter on are columns, the rest is answers.';
create index responses_at_idx on responses (store_id, at) include (overall, nps, is_dissatisfied);
create index responses_customer_idx on responses (store_id, customer_id);

create table drafts (
  store_id    bigint not null references stores,
  user_id     bigint not null references users,
  subject     text not null,
  body        jsonb not null,
  updated_at  timestamptz not null,
  primary key (store_id, user_id, subject)
) with (fillfactor = 60);
comment on table drafts is 'What is typed but not saved, per person and form ("callback:42"). Overwritten every few seconds: low fill factor, no other index.';

