-- 尽责未达 is never early: whoever ends an entry as unreachable, the database has counted the dials and looked at the message.

create function refuse_early_exhaustion() returns trigger
language plpgsql as $$
declare
  -- The mildest rule that was in force while the entry was open: a rule that became stricter since binds later entries.
  needed record;
  made record;
  message record;
  local_zone text;
  hours int;
begin
  select s.time_zone, s.answer_hours into local_zone, hours from stores s where s.id = new.store_id;
  if new.message_id is not null then
    select m.status, m.settled_at, m.created_at into message from outbox_messages m where m.store_id = new.store_id and m.id = new.message_id;
    if not (message.status = 'failed' or message.status = 'delivered' and message.settled_at + make_interval(hours => hours) <= new.ended_at) then
      raise exception 'the message about this entry still waits for its answer'
        using errcode = 'check_violation', constraint = 'obligations_exhausted_not_early_check', table = 'obligations';
    end if;
  end if;
  select coalesce(min(r.min_dials), 3) as dials, coalesce(min(r.min_days), 2) as days, least(coalesce(min(r.min_dayparts), 2), 3) as dayparts
  into needed
  from rules r
  where r.store_id = new.store_id and r.kind = new.kind
    and r.valid_from <= (new.ended_at at time zone local_zone)::date
    and (r.valid_until is null or r.valid_until > (new.created_at at time zone local_zone)::date);
  select count(*) as dials, count(distinct t.at::date) as days,
         count(distinct case when t.at::time >= '09:00' and t.at::time < '12:00' then 1
                             when t.at::time >= '13:30' and t.at::time < '17:30' then 2
                             when t.at::time >= '17:30' and t.at::time < '20:00' then 3 end) as dayparts
  into made
  from (select a.at at time zone local_zone as at
        from attempts a
        where a.store_id = new.store_id and a.customer_id = new.customer_id and a.at >= new.created_at and a.at <= new.ended_at
          and a.result not in ('inconvenient', 'signal_lost', 'suspended', 'vacant', 'wrong')) t;
  -- Who prefers messages is written to before any dial.
  if new.message_id is not null and made.dials = 0 then
    return new;
  end if;
  if made.dials < needed.dials or made.days < needed.days or made.dayparts < needed.dayparts then
    raise exception 'this entry was not tried as often as its rule asks for'
      using errcode = 'check_violation', constraint = 'obligations_exhausted_not_early_check', table = 'obligations';
  end if;
  return new;
end
$$;
comment on function refuse_early_exhaustion is 'Counts what may count at most: dials to the customer since the entry arose, however near together. The program asks for no less.';
create trigger obligations_exhausted_not_early before update of status on obligations
  for each row when (new.status = 'exhausted' and old.status <> 'exhausted' and new.ended_reason = 'unreachable')
  execute function refuse_early_exhaustion();
