-- What complaints are about, whose they are and how they end: the facts of a case that figures count, and the cases of a figure.

create index obligations_target_idx on obligations (store_id, due_at) include (complaint_id) where kind = 'complaint_close';
create index visits_counted_idx on visits (store_id, handed_over_on) where handed_over_on is not null and type not in ('wash','pdi','internal');
comment on index visits_counted_idx is '台次: what complaints per thousand visits are divided by.';

-- Columns that cost something are subqueries: a statement that does not name them does not run them.
create view complaint_facts as
select c.store_id, c.id, c.number, c.customer_id, c.vehicle_id, c.visit_id, c.channel, c.class_major, c.class_minor, c.severity, c.state,
       c.department_id, c.handler_id, c.responsibility, c.verdict, c.cycle, c.is_opinion, c.words, c.accepted_at, c.dispatched_at, c.ended_at,
       -- A case that was none, or is another one, is no complaint; one that was withdrawn is, but nothing is owed to it any more.
       c.state not in ('invalid','merged') as is_case,
       c.state not in ('withdrawn','invalid','merged') as is_owed,
       c.state = 'closed' as is_closed,
       c.state = 'closed' and c.verdict is not null as is_confirmed,
       (select min(e.at) from complaint_events e
        where e.store_id = c.store_id and e.complaint_id = c.id and e.kind = 'contact') as replied_at,
       -- The target of its first cycle; cases older than the clock go by the table of severities.
       coalesce((select min(o.due_at) from obligations o
                 where o.store_id = c.store_id and o.complaint_id = c.id and o.kind = 'complaint_close'),
                c.accepted_at + case when c.severity in ('A','B') then interval '5 days' else interval '3 days' end) as target_at,
       -- 重复投诉: the same customer or car within the 90 days before.
       exists (select from complaints p
               where p.store_id = c.store_id and p.customer_id = c.customer_id and (p.accepted_at, p.id) < (c.accepted_at, c.id)
                 and p.accepted_at >= c.accepted_at - interval '90 days' and p.state not in ('invalid','merged'))
         or exists (select from complaints p
                    where p.store_id = c.store_id and p.vehicle_id = c.vehicle_id and (p.accepted_at, p.id) < (c.accepted_at, c.id)
                      and p.accepted_at >= c.accepted_at - interval '90 days' and p.state not in ('invalid','merged')) as is_repeated,
       exists (select from complaints p
               where p.store_id = c.store_id and p.customer_id = c.customer_id and p.class_major = c.class_major
                 and (p.accepted_at, p.id) < (c.accepted_at, c.id)
                 and p.accepted_at >= c.accepted_at - interval '90 days' and p.state not in ('invalid','merged'))
         or exists (select from complaints p
                    where p.store_id = c.store_id and p.vehicle_id = c.vehicle_id and p.class_major = c.class_major
                      and (p.accepted_at, p.id) < (c.accepted_at, c.id)
                      and p.accepted_at >= c.accepted_at - interval '90 days' and p.state not in ('invalid','merged')) as is_repeated_in_class,
       coalesce((select v.model from vehicles v where v.store_id = c.store_id and v.id = c.vehicle_id), '') as model,
       -- Who served: an account, or a name of a file, which does not go into an address.
       coalesce((select coalesce('u' || w.advisor_id, 'n' || left(md5(nullif(w.advisor_name, '')), 10))
                 from visits w where w.store_id = c.store_id and w.id = c.visit_id), '') as advisor
from complaints c;
comment on view complaint_facts is 'A case as the analysis counts it. Figures and the lists behind them both read it.';

-- Cases of a period by what places them in it: when they were accepted, when their target fell, when they were closed.
create function complaint_cohort(p_store bigint, p_basis text, p_from timestamptz, p_to timestamptz) returns setof bigint
language plpgsql stable rows 200 as $$
begin
  if p_basis = 'accepted' then
    return query select c.id from complaints c where c.store_id = p_store and c.accepted_at >= p_from and c.accepted_at < p_to;
  elsif p_basis = 'closed' then
    return query select c.id from complaints c
      where c.store_id = p_store and c.ended_at is not null and c.ended_at >= p_from and c.ended_at < p_to and c.state = 'closed';
  else
    return query
      with candidates as materialized (
        select o.complaint_id as id from obligations o
        where o.store_id = p_store and o.kind = 'complaint_close' and o.due_at >= p_from and o.due_at < p_to
        union
        select c.id from complaints c
        where c.store_id = p_store and c.accepted_at >= p_from - interval '5 days' and c.accepted_at < p_to
      )
      select f.id from candidates k join complaint_facts f on f.store_id = p_store and f.id = k.id
      where f.target_at >= p_from and f.target_at < p_to;
  end if;
end $$;

-- The cases of one figure. The codes are those of analysis::model::Figure.
create function complaint_figure(p_store bigint, p_figure text, p_from timestamptz, p_to timestamptz, p_now timestamptz) returns setof bigint
language sql stable rows 200 as $$
  select f.id
  from complaint_cohort(p_store, case when p_figure in ('owed','confirmed','timely') then 'target'
                                      when p_figure in ('closed','once','satisfied') then 'closed' else 'accepted' end, p_from, p_to) i (id)
  join complaint_facts f on f.store_id = p_store and f.id = i.id
  where case p_figure
          when 'accepted' then f.is_case
          when 'repeated' then f.is_case and f.is_repeated
          when 'repeated_in_class' then f.is_case and f.is_repeated_in_class
          when 'dispatched' then f.is_case and f.dispatched_at is not null
          when 'replied' then f.is_case and f.replied_at is not null
          when 'ended' then f.is_case and f.is_closed
          when 'owed' then f.is_owed and f.target_at <= p_now
          when 'confirmed' then f.is_owed and f.target_at <= p_now and f.is_confirmed
          when 'timely' then f.is_owed and f.target_at <= p_now and f.is_closed and f.ended_at <= f.target_at
          when 'closed' then true
          when 'once' then f.cycle = 1
          when 'satisfied' then f.verdict = 'satisfied'
        end
$$;
