-- Work of the queue that is shared out: one meaning of the queue's filters, changes of many callbacks that can be taken
-- back, and what the manager's board counts.

create function callbacks_matching(p_store bigint, p jsonb)
returns table (id bigint, callable_due_at timestamptz)
language sql stable parallel safe as $$
  select b.id, b.callable_due_at
  from callbacks b
  where b.store_id = p_store
    and b.status in ('open', 'claimed')
    and (p ->> 'due_from' is null or b.callable_due_at >= (p ->> 'due_from')::timestamptz)
    and (p ->> 'due_before' is null or b.callable_due_at < (p ->> 'due_before')::timestamptz)
    and (p ->> 'retry' is null or b.dials > 0)
    and (p ->> 'mine' is null or b.assigned_to = (p ->> 'mine')::bigint or b.claimed_by = (p ->> 'mine')::bigint)
    and (p ->> 'person' is null or b.assigned_to = (p ->> 'person')::bigint)
    and (p ->> 'unassigned' is null or (b.assigned_to is null and b.status = 'open'))
    and (p ->> 'held' is null or (b.held_reason is not null and b.status = 'open' and p ->> 'held' in ('any', b.held_reason)))
    and (p ->> 'claimed' is null or b.status = 'claimed')
    and (p ->> 'kind' is null or b.kinds @> array[p ->> 'kind'])
    and (p ->> 'advisor' is null or exists (
      select from obligations o
      join visits v on v.store_id = o.store_id and v.id = o.visit_id
      where o.store_id = b.store_id and o.callback_id = b.id and o.status = 'open' and v.advisor_id = (p ->> 'advisor')::bigint))
    and (p -> 'customers' is null or b.customer_id in (select jsonb_array_elements_text(p -> 'customers')::bigint))
$$;
comment on function callbacks_matching is 'ONE definition of what the filters of /callbacks let through: the page, its count, a change of many, a call sheet.';

alter table batches drop constraint batches_list_check;
alter table batches add constraint batches_list_check check (list in ('customers','vehicles','callbacks'));
alter table batch_rows add column version int;
comment on column batch_rows.version is 'Version of a callback after the change: taken back only while it is still that one. Lists that compare values leave it null.';

-- A day's work on the board: what is open and due before the night, and what was ended since the morning.
create index obligations_due_idx on obligations (store_id, due_at) include (kind, callback_id) where status = 'open';
create index obligations_ended_idx on obligations (store_id, ended_at) include (kind, status, ended_by) where ended_at is not null;
