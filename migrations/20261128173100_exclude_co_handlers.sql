-- Who answers beside the handler does not ask the customer either.
create or replace function complaint_handled_by(store bigint, complaint bigint) returns bigint[]
language sql stable parallel safe as $$
  select array_remove(array[k.handler_id], null)
         || array(select p.user_id from complaint_people p
                  where p.store_id = store and p.complaint_id = complaint and p.part = 'co_handler' and p.user_id is distinct from k.handler_id
                  order by p.user_id)
  from complaints k
  where k.store_id = store and k.id = complaint
$$;
