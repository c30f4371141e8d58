-- More result codes, the message after the last dial, and how often a customer may be disturbed.

alter table attempts drop constraint attempts_result_check;
alter table attempts add constraint attempts_result_check check (result in (
  'completed','inconvenient','refused','not_the_person','no_answer','busy','rejected','cut_off','signal_lost','other','off',
  'suspended','vacant','wrong','no_coverage','voicemail','hung_up'));

alter table stores
  add column touch_limit smallint not null default 3 constraint stores_touch_limit_check check (touch_limit between 1 and 20),
  add column answer_hours smallint not null default 48 constraint stores_answer_hours_check check (answer_hours between 0 and 168),
  add column restarts_on_revisit boolean not null default false;
comment on column stores.touch_limit is 'Answered calls and delivered messages that one customer gets in seven days, over all kinds. Complaints are not held back.';
comment on column stores.answer_hours is 'How long the answer to the message after the last dial is awaited before a duty ends as exhausted.';
comment on column stores.restarts_on_revisit is 'A visit before the call about the one before moves that one''s deadline to its own.';

create table outbox_messages (
  store_id      bigint not null references stores,
  id            bigint generated always as identity,
  customer_id   bigint not null,
  callback_id   bigint not null,
  phone_id      bigint not null,
  number        text,
  purpose       text not null constraint outbox_messages_purpose_check check (purpose in ('questionnaire')),
  body          text not null,
  status        text not null default 'queued' constraint outbox_messages_status_check check (status in ('queued','delivered','failed','cancelled')),
  token         uuid not null constraint outbox_messages_token_key unique,
  recorded_by   bigint references users,
  settled_at    timestamptz,
  created_at    timestamptz not null,
  primary key (store_id, id),
  constraint outbox_messages_customer_fkey foreign key (store_id, customer_id) references customers (store_id, id),
  constraint outbox_messages_callback_fkey foreign key (store_id, callback_id) references callbacks (store_id, id),
  constraint outbox_messages_settled_check check ((status = 'queued') = (settled_at is null))
);
comment on table outbox_messages is 'Messages on their way out of the house. Until a provider is connected a person sends them by hand and records it.';
comment on column outbox_messages.number is 'As it was written to. Set null by an erasure; phone_id is a trace without a key: numbers may be erased.';
comment on column outbox_messages.token is 'Names the questionnaire in a link without naming the customer.';
comment on column outbox_messages.settled_at is 'When it was delivered, failed, or was needed no more.';
create unique index outbox_messages_waiting_key on outbox_messages (store_id, callback_id) where status = 'queued';
create index outbox_messages_callback_idx on outbox_messages (store_id, callback_id, id desc);
create index outbox_messages_customer_idx on outbox_messages (store_id, customer_id, settled_at desc);
create index outbox_messages_delivered_idx on outbox_messages (store_id, settled_at) where status = 'delivered';

alter table obligations
  add column bundled_at timestamptz,
  add column message_id bigint,
  add constraint obligations_message_fkey foreign key (store_id, message_id) references outbox_messages (store_id, id);
comment on column obligations.bundled_at is 'When it joined its callback: dials before that were not about it. Null: with the callback.';
comment on column obligations.message_id is 'The message after the last dial that asks about it. Given up no earlier than its answer time has passed.';
create index obligations_message_idx on obligations (store_id, message_id) where message_id is not null and status = 'open';

alter table callbacks
  add column held_until timestamptz,
  drop constraint callbacks_held_reason_check,
  add constraint callbacks_held_reason_check check (held_reason in ('touch_limit','car_in_shop','no_phone','awaiting_answer')),
  add constraint callbacks_held_until_check check (held_until is null or held_reason is not null);
comment on column callbacks.held_reason is 'Why it is not given out; held_until says for how long, where that is known.';
create index callbacks_held_idx on callbacks (store_id, held_reason, callable_due_at, id) where status in ('open','claimed') and held_reason is not null;

-- What a customer has felt of us: the governor counts these over seven days. Each branch has its index by time and by person.
create view touches as
select a.store_id, a.customer_id, a.at
from attempts a
where a.result in ('completed','inconvenient','cut_off','refused')
union all
select r.store_id, r.customer_id, r.ended_at
from reminders r
where r.status = 'delivered' and r.method in ('sms','wechat','phone')
union all
select m.store_id, m.customer_id, m.settled_at
from outbox_messages m
where m.status = 'delivered';
create index attempts_touch_idx on attempts (store_id, at) include (customer_id) where result in ('completed','inconvenient','cut_off','refused');
create index reminders_delivered_idx on reminders (store_id, ended_at) include (customer_id) where status = 'delivered';
-- The connect rate by part of the day is read from the index alone.
drop index attempts_day_idx;
create index attempts_day_idx on attempts (store_id, on_day) include (user_id, result, daypart);

-- The beginning of the last day on which a call still counts: nothing is held back past it. One probe each into the windows.
create function last_call_day_begins(store bigint, callable_due_at timestamptz) returns timestamptz
language sql stable parallel safe as $$
  select min(w.starts_at)
  from store_windows w
  where w.store_id = store and w.purpose = 'callable' and w.starts_at < callable_due_at and w.starts_at > callable_due_at - interval '48 hours'
    and w.day = (select l.day
                 from store_windows l
                 where l.store_id = store and l.purpose = 'callable' and l.starts_at < callable_due_at
                 order by l.starts_at desc
                 limit 1)
$$;

-- Why one open callback is not to be given out now: the first of three reasons that holds. Derived by one definition, so
-- that the queue, the call screen and the jobs never disagree.
create function callback_hold(store bigint, callback bigint, moment timestamptz) returns table (reason text, until timestamptz)
language sql stable as $$
  select h.reason, h.until
  from callbacks c
  join stores s on s.id = c.store_id
  cross join lateral (
    select 1 as rank, 'awaiting_answer' as reason,
           (select max(m.settled_at) + make_interval(hours => s.answer_hours)
            from obligations o
            join outbox_messages m on m.store_id = o.store_id and m.id = o.message_id and m.status = 'delivered'
            where o.store_id = c.store_id and o.callback_id = c.id and o.status = 'open') as until
    where exists (select from obligations o where o.store_id = c.store_id and o.callback_id = c.id and o.status = 'open')
      and not exists (select from obligations o
                      where o.store_id = c.store_id and o.callback_id = c.id and o.status = 'open' and o.message_id is null)
    union all
    select 2, 'car_in_shop', null
    where c.agreed_at is null
      and exists (select
                  from obligations o
                  join visits v on v.store_id = o.store_id and v.id = o.visit_id
                  join visits w on w.store_id = v.store_id and w.vehicle_id = v.vehicle_id and w.id <> v.id
                  where o.store_id = c.store_id and o.callback_id = c.id and o.status = 'open' and o.kind = 'post_service'
                    and w.handed_over_at is null and w.state <> 'cancelled' and w.arrived_at >= v.handed_over_at and w.arrived_at <= moment)
    union all
    select 3, 'touch_limit', least(t.at + interval '168 hours', last_call_day_begins(c.store_id, c.callable_due_at))
    from (select x.at
          from touches x
          where x.store_id = c.store_id and x.customer_id = c.customer_id and x.at > moment - interval '168 hours' and x.at <= moment
          order by x.at desc
          offset s.touch_limit - 1 limit 1) t
    where c.agreed_at is null
      and not exists (select from unnest(c.kinds) k where k like 'complaint%' or k = 'recall')
      and least(t.at + interval '168 hours', last_call_day_begins(c.store_id, c.callable_due_at)) > moment
  ) h
  where c.store_id = store and c.id = callback
  order by h.rank
  limit 1
$$;
comment on function callback_hold is 'A car in the shop holds until its hand-over, the limit of touches never past the last day for the call; a time that was agreed with the customer is kept.';
