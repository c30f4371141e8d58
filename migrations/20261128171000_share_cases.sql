-- Who works on a case beside its handler, and what has been checked.

create table complaint_people (
  store_id      bigint not null,
  complaint_id  bigint not null,
  user_id       bigint not null,
  part          text not null constraint complaint_people_part_check check (part in ('co_handler','watcher')),
  added_by      bigint references users,
  added_at      timestamptz not null,
  primary key (store_id, complaint_id, user_id),
  constraint complaint_people_complaint_fkey foreign key (store_id, complaint_id) references complaints (store_id, id),
  constraint complaint_people_user_fkey foreign key (store_id, user_id) references user_stores (store_id, user_id)
);
comment on table complaint_people is 'A co-handler answers beside the handler and sees the case as an own one; a watcher is told and only looks.';
create index complaint_people_user_idx on complaint_people (store_id, user_id, part);

create table complaint_checks (
  store_id      bigint not null,
  complaint_id  bigint not null,
  code          text not null,
  by_id         bigint references users,
  at            timestamptz not null,
  primary key (store_id, complaint_id, code),
  constraint complaint_checks_complaint_fkey foreign key (store_id, complaint_id) references complaints (store_id, id)
);
comment on table complaint_checks is 'An item of the checklist of the case''s class that somebody has ticked. The lists are in the program, by class.';

-- What the page of a case asks for: similar ones of the last months, and how fast a department takes a case on.
create index complaints_class_idx on complaints (store_id, class_major, accepted_at desc);
create index complaints_department_idx on complaints (store_id, department_id, dispatched_at) where dispatched_at is not null;
create index complaints_of_handler_idx on complaints (store_id, handler_id) where handler_id is not null;
