-- Who prefers messages is written to instead of being called after a visit; and the first level of the result codes.

create index customers_prefer_messages_idx on customers (store_id, id) where preferred_channel <> 'call';
comment on index customers_prefer_messages_idx is 'Few: the round over the open calls looks for theirs every few minutes.';

-- 通话成功, 通话失败, 无效通话: the first level of a result, for figures. The table of the program is the definition; a test compares.
create function result_group(result text) returns text
language sql immutable parallel safe as $$
  select case
    when result in ('completed','inconvenient') then 'succeeded'
    when result in ('cut_off','signal_lost','other','not_the_person','refused') then 'invalid'
    else 'failed'
  end
$$;
