-- Calls on paper, for a day without a network: who got which calls in which order, and what was keyed in afterwards.

create table call_sheets (
  store_id    bigint not null references stores,
  id          bigint generated always as identity,
  number      text not null,
  on_day      date not null,
  user_id     bigint not null,
  made_by     bigint not null references users,
  made_at     timestamptz not null,
  prints      int not null default 0,
  printed_at  timestamptz,
  primary key (store_id, id),
  constraint call_sheets_number_key unique (store_id, number),
  constraint call_sheets_user_fkey foreign key (store_id, user_id) references user_stores (store_id, user_id)
);
comment on table call_sheets is 'A printed list of calls for one person.';
comment on column call_sheets.number is 'CS-YYMMDD-nn, counted per store and day.';
create index call_sheets_user_idx on call_sheets (store_id, user_id, id desc);

create table call_sheet_lines (
  store_id     bigint not null,
  sheet_id     bigint not null,
  position     int not null,
  callback_id  bigint not null,
  idem_key     uuid not null default gen_random_uuid(),
  state        text not null default 'open' constraint call_sheet_lines_state_check check (state in ('open','keyed','refused')),
  keyed_at     timestamptz,
  keyed_by     bigint references users,
  refusal      text constraint call_sheet_lines_refusal_check check (refusal in ('settled','busy','served','gone')),
  typed        jsonb,
  primary key (store_id, sheet_id, position),
  constraint call_sheet_lines_callback_key unique (store_id, sheet_id, callback_id),
  constraint call_sheet_lines_sheet_fkey foreign key (store_id, sheet_id) references call_sheets (store_id, id),
  constraint call_sheet_lines_callback_fkey foreign key (store_id, callback_id) references callbacks (store_id, id),
  constraint call_sheet_lines_keyed_check check ((state = 'open') = (keyed_at is null)),
  constraint call_sheet_lines_refused_check check ((state = 'refused') = (refusal is not null))
);
comment on table call_sheet_lines is 'One call of a sheet. The code on paper is the number of the sheet and the position.';
comment on column call_sheet_lines.idem_key is 'Of the dial that the line becomes: keyed in twice, it is settled once.';
comment on column call_sheet_lines.typed is 'What a refused line said on paper: a call that somebody else has settled meanwhile loses no word.';
create index call_sheet_lines_callback_idx on call_sheet_lines (store_id, callback_id) where state = 'open';

alter table reveals add column sheet_id bigint;
alter table reveals add constraint reveals_sheet_fkey foreign key (store_id, sheet_id) references call_sheets (store_id, id);
comment on column reveals.sheet_id is 'The call sheet on which the number was printed. Such rows have a limit of their own.';
