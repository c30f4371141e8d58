-- A co-handler sees a case as an own one, in lists and on the board too.
create or replace function complaints_matching(p_store bigint, p jsonb)
returns table (id bigint, accepted_at timestamptz, updated_at timestamptz, severity text, state text)
language sql stable parallel safe as $$
  select c.id, c.accepted_at, c.updated_at, c.severity, c.state
  from complaints c
  where c.store_id = p_store
    and (p ->> 'open' is null or c.ended_at is null)
    and (p ->> 'states' is null or c.state = any((p ->> 'states')::text[]))
    and (p ->> 'state' is null or c.state = p ->> 'state')
    and (p ->> 'board_from' is null or c.ended_at is null or (c.state = 'closed' and c.ended_at >= (p ->> 'board_from')::timestamptz))
    and (p ->> 'escalated' is null or (c.ended_at is null and (c.severity = 'A' or c.id in (
      select o.complaint_id from obligations o
      where o.store_id = p_store and o.complaint_id is not null and o.status = 'open' and o.due_at < (p ->> 'now')::timestamptz))))
    and (p ->> 'overdue' is null or c.id in (
      select o.complaint_id from obligations o
      where o.store_id = p_store and o.complaint_id is not null and o.status = 'open' and o.due_at < (p ->> 'now')::timestamptz))
    and (p ->> 'own' is null or c.handler_id = (p ->> 'own')::bigint or c.id in (
      select x.complaint_id from complaint_people x
      where x.store_id = p_store and x.user_id = (p ->> 'own')::bigint and x.part = 'co_handler'))
    and (p ->> 'department' is null or c.department_id = (p ->> 'department')::bigint)
    and (p ->> 'no_department' is null or c.department_id is null)
    and (p ->> 'owner' is null or c.owner_id = (p ->> 'owner')::bigint)
    and (p ->> 'no_owner' is null or c.owner_id is null)
    and (p ->> 'handler' is null or c.handler_id = (p ->> 'handler')::bigint)
    and (p ->> 'no_handler' is null or c.handler_id is null)
    and (p ->> 'severity' is null or c.severity = p ->> 'severity')
    and (p ->> 'channel' is null or c.channel = p ->> 'channel')
    and (p ->> 'class' is null or c.class_major = p ->> 'class')
    and (p ->> 'verdict' is null or c.verdict = p ->> 'verdict')
    and (p ->> 'judged' is null or c.verdict is not null)
    and (p ->> 'from' is null or c.accepted_at >= (p ->> 'from')::timestamptz)
    and (p ->> 'before' is null or c.accepted_at < (p ->> 'before')::timestamptz)
    and (p ->> 'ended_from' is null or c.ended_at >= (p ->> 'ended_from')::timestamptz)
    and (p ->> 'ended_before' is null or c.ended_at < (p ->> 'ended_before')::timestamptz)
    and (p ->> 'ids' is null or c.id = any((p ->> 'ids')::bigint[]))
    and (p ->> 'search' is null or c.id = any(array(
      select w.id from complaints w
      where w.store_id = p_store and complaint_grams(w.store_id, w.folded) @> (p ->> 'grams')::text[]
        and (p ->> 'pieces' is null or complaint_holds(w.folded, (p ->> 'pieces')::text[]))
      union all
      select w.id from complaints w where w.store_id = p_store and w.number like p ->> 'number'
      union all
      select w.id from complaints w where w.store_id = p_store and w.customer_id = any((p ->> 'customers')::bigint[])
      union all
      select w.id from complaints w where w.store_id = p_store and w.vehicle_id = any((p ->> 'vehicles')::bigint[]))))
$$;
