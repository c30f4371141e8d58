-- Calendars and care rules.

create table calendar_hours (
  store_id  bigint not null references stores,
  purpose   text not null constraint calendar_hours_purpose_check check (purpose in ('open','call','sms','marketing')),
  weekday   smallint not null constraint calendar_hours_weekday_check check (weekday between 1 and 7),
  opens     time not null,
  closes    time not null,
  primary key (store_id, purpose, weekday, opens),
  constraint calendar_hours_order_check check (opens < closes)
);
comment on table calendar_hours is 'Weekly pattern, several intervals a day. closes may be 24:00, which time can hold.';

create table calendar_days (
  store_id  bigint not null references stores,
  day       date not null,
  kind      text not null constraint calendar_days_kind_check check (kind in ('closed','special','holiday','workday')),
  name      text not null default '',
  opens     time,
  closes    time,
  primary key (store_id, day),
  constraint calendar_days_hours_check check ((kind = 'special') = (opens is not null and closes is not null))
);
comment on table calendar_days is 'Exceptions by date. holiday and workday (调休 make-up day) are information; only closed and special change opening.';

-- The two tables below are written by the calendar module (pure code) for two years ahead and rewritten when hours change.
-- List, page, job and report all read them, so there is one definition of "the last minute at which a call counts".
create table store_days (
  store_id       bigint not null references stores,
  day            date not null,
  starts_at      timestamptz not null,
  ends_at        timestamptz not null,
  is_open        boolean not null,
  open_day_no    int not null,
  next_open_day  date not null,
  call_end_at    timestamptz not null,
  callable_end_at timestamptz,
  sms_end_at     timestamptz not null,
  primary key (store_id, day)
);
comment on table store_days is 'One row per store and local day, derived from the calendar. Makes due times a join instead of a loop.';
comment on column store_days.open_day_no is 'Running number of open days: adding n working days is a lookup of open_day_no + n.';
comment on column store_days.next_open_day is 'This day if open, else the next open one (due times move there when the store is closed).';
comment on column store_days.call_end_at is 'End of the calling window of that day, whether or not the store is open.';
comment on column store_days.callable_end_at is 'Last instant inside calling window and opening hours; null on closed days.';
create index store_days_open_no_idx on store_days (store_id, open_day_no) where is_open;

create table store_windows (
  store_id   bigint not null references stores,
  purpose    text not null constraint store_windows_purpose_check check (purpose in ('open','callable','sms','marketing')),
  starts_at  timestamptz not null,
  ends_at    timestamptz not null,
  day        date not null,
  primary key (store_id, purpose, starts_at),
  constraint store_windows_order_check check (starts_at < ends_at)
);
comment on table store_windows is 'Derived intervals [starts_at, ends_at). callable = calling hours within opening hours. One index probe finds the last callable instant before any due time.';

create table rules (
  store_id       bigint not null references stores,
  id             bigint generated always as identity,
  kind           text not null,
  version        int not null,
  valid_from     date not null,
  valid_until    date,
  is_enabled     boolean not null default true,
  channel        text not null constraint rules_channel_check check (channel in ('call','sms','none')),
  due_days       int not null default 0,
  offsets        int[] not null default '{}',
  lookback_days  int not null default 31,
  horizon_days   int not null default 0,
  visit_types    text[] not null default '{}',
  min_dials      int not null default 3,
  min_days       int not null default 2,
  min_dayparts   int not null default 2,
  retry_minutes  int not null default 120,
  params         jsonb not null default '{}',
  reason         text not null default '',
  created_by     bigint references users,
  created_at     timestamptz not null,
  primary key (store_id, id),
  constraint rules_version_key unique (store_id, kind, version),
  constraint rules_period_check check (valid_until is null or valid_from < valid_until)
);
comment on table rules is 'Care rules per store and kind. Rows are never edited: a change closes valid_until and inserts the next version, so a caught-up day uses the rule that was valid on it.';
comment on column rules.offsets is 'Stages in days relative to the anchor day, negative = before (-30,-15,-7,7).';
comment on column rules.params is 'What only one kind needs and only the program reads. Whatever a generator filters on is a column: typed, checked, previewable.';
create unique index rules_current_key on rules (store_id, kind) where valid_until is null;

create table maintenance_plans (
  store_id         bigint not null references stores,
  id               bigint generated always as identity,
  brand            text not null default '*',
  model            text not null default '*',
  first_months     int not null default 6,
  first_km         int not null default 5000,
  interval_months  int not null default 6,
  interval_km      int not null default 7500,
  default_km_day   numeric(5,1) not null default 41,
  primary key (store_id, id),
  constraint maintenance_plans_model_key unique (store_id, brand, model)
);
