-- Who works when. A week without a shift of a person says nothing about it: the person works the opening hours then.

create table shifts (
  store_id  bigint not null,
  user_id   bigint not null,
  day       date not null,
  opens     time not null,
  closes    time not null,
  primary key (store_id, user_id, day, opens),
  constraint shifts_user_fkey foreign key (store_id, user_id) references user_stores (store_id, user_id),
  constraint shifts_order_check check (opens < closes)
);
comment on table shifts is 'Intervals of work by person and day. closes may be 24:00. In a week with at least one of a person, the other days of that person are free.';

create table leaves (
  store_id    bigint not null,
  id          bigint generated always as identity,
  user_id     bigint not null,
  from_on     date not null,
  until_on    date not null,
  deputy_id   bigint,
  reason      text not null default '',
  created_by  bigint references users,
  created_at  timestamptz not null,
  primary key (store_id, id),
  constraint leaves_user_fkey foreign key (store_id, user_id) references user_stores (store_id, user_id),
  constraint leaves_deputy_fkey foreign key (store_id, deputy_id) references user_stores (store_id, user_id),
  constraint leaves_order_check check (from_on <= until_on),
  constraint leaves_deputy_check check (deputy_id is null or deputy_id <> user_id)
);
comment on table leaves is 'Days on which a person does not work, both included, and who stands in. Without a deputy the work goes back to the queue.';
create index leaves_person_idx on leaves (store_id, user_id, until_on);
create index leaves_days_idx on leaves (store_id, until_on, from_on);

alter table user_stores add column daily_capacity int constraint user_stores_daily_capacity_check check (daily_capacity between 1 and 500);
comment on column user_stores.daily_capacity is 'Customers this person is meant to call in a day; next gives no more. Null: as many as there are.';

-- Whether a person may be given calls at a minute of a day: the one definition for the queue, for assigning and for the board.
create function off_duty(of_store bigint, person bigint, on_day date, minute int) returns text
language sql stable parallel safe as $$
  select case
    when exists (select from leaves l
                 where l.store_id = of_store and l.user_id = person and on_day between l.from_on and l.until_on) then 'leave'
    when exists (select from shifts s
                 where s.store_id = of_store and s.user_id = person
                   and s.day between date_trunc('week', on_day)::date and date_trunc('week', on_day)::date + 6)
     and not exists (select from shifts s
                     where s.store_id = of_store and s.user_id = person and s.day = on_day
                       and extract(epoch from s.opens) <= minute * 60 and extract(epoch from s.closes) > minute * 60) then 'shift'
  end
$$;
comment on function off_duty(bigint, bigint, date, int) is 'leave, shift (outside the shifts of a week that has some), or null: on duty.';
