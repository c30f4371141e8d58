-- The list and the board of complaints: what their filters mean, how the customer's words are found, views, changes of many, exports.

-- Words are found in any writing: full-width letters as half-width ones, capitals as small ones, and without white space, control and direction marks:
-- what a form and `text::half_width` drop of a search must not stand in what is searched.
create function complaint_fold(p_text text) returns text
language sql immutable strict parallel safe as $$
  select translate(lower(normalize(p_text, nfkc) collate "und-x-icu"),
    E'\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u0009\u000A\u000B\u000C\u000D\u000E\u000F\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001A\u001B\u001C\u001D\u001E\u001F\u0020\u007F\u0080\u0081\u0082\u0083\u0084\u0085\u0086\u0087\u0088\u0089\u008A\u008B'
    '\u008C\u008D\u008E\u008F\u0090\u0091\u0092\u0093\u0094\u0095\u0096\u0097\u0098\u0099\u009A\u009B\u009C\u009D\u009E\u009F\u00AD\u1680\u200B\u200C\u200D\u200E\u200F\u2028\u2029\u202A\u202B\u202C\u202D\u202E\u2060\u2061\u2062\u2063\u2064\u2065\u2066\u2067\u2068\u2069\uFEFF', '')
$$;
comment on function complaint_fold is 'A text as it is searched. Index and search both use it, so that they cannot differ.';

-- Each character and each pair of neighbours, behind the store, so that one index serves all stores and no hit leaves its own.
-- Its cost is what it costs: a row is to be found by the index, never by taking its words apart.
create function complaint_grams(p_store bigint, p_folded text) returns text[]
language sql immutable parallel safe cost 1000 as $$
  select coalesce(array_agg(distinct p_store || '|' || k), '{}')
  from (
    select unnest(array[c, c || lead(c) over (order by n)]) as k
    from unnest(string_to_array(p_folded, null)) with ordinality t(c, n)
  ) pieces
  where k is not null
$$;

-- What to ask the index for: the pairs of each piece, a single character as itself. A long text is asked by its first pairs.
create function complaint_query_grams(p_store bigint, p_pieces text[]) returns text[]
language sql immutable parallel safe as $$
  select coalesce(array_agg(distinct p_store || '|' || k), '{}')
  from (
    select case when char_length(piece) = 1 then piece else substr(piece, i, 2) end as k
    from unnest(p_pieces) piece, generate_series(1, greatest(least(char_length(piece), 24) - 1, 1)) i
    where piece <> ''
  ) asked
$$;

create function complaint_holds(p_folded text, p_pieces text[]) returns boolean
language sql immutable parallel safe as $$
  select bool_and(strpos(p_folded, piece) > 0) from unnest(p_pieces) piece
$$;
comment on function complaint_holds is 'Whether a folded text holds every piece as it was typed: pairs of characters alone may stand apart.';

alter table complaints add column folded text generated always as (complaint_fold(words)) stored;
comment on column complaints.folded is 'The words as they are searched; goes with them when they are erased.';
create index complaints_words_idx on complaints using gin (complaint_grams(store_id, folded)) with (fastupdate = off);
comment on index complaints_words_idx is 'Any piece of the customer''s words, from one character on. No pending list: a search must not depend on the last vacuum.';

create index complaints_ended_idx on complaints (store_id, ended_at desc, id) where ended_at is not null;
create index complaints_of_department_idx on complaints (store_id, department_id, accepted_at desc, id) where department_id is not null;

-- A condition whose key is absent costs nothing: the planner takes the function apart and sees the values (custom plans).
-- What is searched is found first, each way by its own index: behind one "or" the words of every row would be taken apart again.
-- An array of it, so that a search that finds little reads little.
create function complaints_matching(p_store bigint, p jsonb)
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
    and (p ->> 'own' is null or c.handler_id = (p ->> 'own')::bigint)
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
comment on function complaints_matching is 'ONE definition of what the filters of /complaints let through: list, board, counts, a change of many, an export.';

-- Cases whose clock of a kind matured in days of the store, and whether it was kept. A case with several clocks of a kind in
-- these days counts once, and keeps them only if it keeps them all: a figure and the rows that it opens are the same cases.
create function complaint_clocks(p_store bigint, p_from date, p_to date, p_now timestamptz)
returns table (kind text, complaint_id bigint, is_missed boolean)
language sql stable parallel safe as $$
  select o.kind, o.complaint_id, bool_or(k.class in ('done_late','exhausted_late','overdue'))
  from obligations o
  cross join lateral (select obligation_class(o.status, o.due_at, o.ended_at, p_now) as class) k
  where o.store_id = p_store
    and o.cohort_on between p_from and p_to
    and o.kind in ('complaint_dispatch','complaint_follow_up','complaint_second_callback')
    and k.class in ('done','done_late','exhausted','exhausted_late','overdue')
  group by o.kind, o.complaint_id
$$;

alter table views drop constraint views_list_check;
alter table views add constraint views_list_check check (list in ('customers','vehicles','visits','complaints'));
alter table list_choices drop constraint list_choices_list_check;
alter table list_choices add constraint list_choices_list_check check (list in ('customers','vehicles','visits','complaints'));
alter table exports drop constraint exports_list_check;
alter table exports add constraint exports_list_check check (list in ('customers','vehicles','visits','complaints'));
alter table batches drop constraint batches_list_check;
alter table batches add constraint batches_list_check check (list in ('customers','vehicles','callbacks','complaints'));
