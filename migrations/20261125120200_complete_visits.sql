-- The rest of a repair order: what was complained of, what was done item by item, what it waited for, and whether it repeats
-- an earlier one.

-- What a text of work or symptom is about, without the words that say nothing: routine maintenance, verbs, quantities.
-- "更换前刹车片" and "前刹车片更换" are the same, "机油" and "60,000 km 保养" are nothing (null). THE LIST of routine words is here
-- and nowhere else; after a change of it the generated columns below must be rewritten (update t set name = name).
create function work_key(words text) returns text
language sql immutable parallel safe as $$
  select case when length(k.key) > 1 then k.key end
  from (
    select regexp_replace(
             regexp_replace(
               regexp_replace(lower(normalize(words, nfkc)), '[×x*]\s*\d+|\d[\d,.]*\s*(万公里|公里|km|升|l|次|个|只|条|片|支|瓶)', '', 'g'),
               '机油滤清器|机油滤芯|机油格|机滤|机油|空气滤清器|空气滤芯|空气格|空滤|空调滤清器|空调滤芯|空调格|汽油滤清器|燃油滤清器|汽滤|滤芯|玻璃水'
               || '|保养套餐|小保养|大保养|常规|定期|例行|首次|首保|定保|保养|免费|洗车|清洗|全车|整车|外观'
               || '|检查|检测|检修|诊断|复检|更换|维修|修理|修复|拆装|安装|调整|质保|索赔|工时费|工时|材料费|辅料'
               || '|oil change|oil filter|maintenance|inspection|car wash', '', 'g'),
             '[^[:alnum:]一-龥]', '', 'g') as key
  ) k
$$;

-- 维修内容 cut into items: at 、，；/ and line ends, also half-width as imports write them, but not inside a number ("235/45 R18",
-- "60,000 km"). Forms and imports both use it.
create function split_work(summary text) returns table (line_no bigint, name text, kind text)
language sql immutable parallel safe as $$
  select min(w.line_no), w.name, case when w.name ~ '更换|加装|加注|添加' then 'part' else 'labour' end
  from (
    select p.line_no, left(btrim(p.piece), 100) as name
    from regexp_split_to_table(summary, '[、，；;\n\r]+|(?<!\d)[/,]|[/,](?!\d)') with ordinality p (piece, line_no)
  ) w
  where w.name <> ''
  group by w.name
  order by 1
  limit 60
$$;

alter table visits
  add column promised_at timestamptz,
  add column waiting_since timestamptz,
  add column waiting_until timestamptz,
  add column waits_for_special boolean not null default false,
  add column symptom text not null default '',
  add column symptom_key text generated always as (work_key(symptom)) stored,
  add column is_safety boolean not null default false,
  add column assembly text constraint visits_assembly_check check (assembly in ('engine','gearbox','battery','motor')),
  add column rework_of_id bigint,
  add constraint visits_waiting_check check (waiting_until is null or (waiting_since is not null and waiting_until >= waiting_since)),
  add constraint visits_rework_of_fkey foreign key (store_id, rework_of_id) references visits (store_id, id) on delete set null (rework_of_id),
  add constraint visits_rework_of_self_check check (rework_of_id <> id);
comment on column visits.promised_at is 'Promised hand-over, as told to the customer.';
comment on column visits.waiting_since is 'The car waits for parts from here to waiting_until; counts as repair time all the same (三包 21).';
comment on column visits.waits_for_special is 'Special parts or a traction battery on the way: the waiting does not count towards the 30 days (三包 24).';
comment on column visits.symptom is 'What the customer complained of, in their words; symptom_key is what it is about.';
comment on column visits.is_safety is 'Repair of a severe safety fault (严重安全性能故障).';
comment on column visits.assembly is 'Assembly that was replaced.';
comment on column visits.rework_of_id is 'Derived: the first visit within 30 days before this one that was about the same symptom or item. A person or a file says rework by the type.';
create index visits_rework_idx on visits (store_id, rework_of_id) where rework_of_id is not null;

create table visit_items (
  store_id    bigint not null,
  id          bigint generated always as identity,
  visit_id    bigint not null,
  kind        text not null constraint visit_items_kind_check check (kind in ('labour','part')),
  code        text not null default '',
  name        text not null,
  quantity    numeric(9,2) not null default 1 constraint visit_items_quantity_check check (quantity > 0),
  amount_fen  bigint,
  is_derived  boolean not null default false,
  key         text generated always as (work_key(name)) stored,
  primary key (store_id, id),
  constraint visit_items_visit_fkey foreign key (store_id, visit_id) references visits (store_id, id) on delete cascade
);
comment on table visit_items is 'Lines of a repair order. Append-heavy: with its visits.';
comment on column visit_items.amount_fen is 'Of the whole line. Null: not said.';
comment on column visit_items.is_derived is 'Cut from the summary of the visit and replaced with it; a visit with lines typed by hand has none of these.';
comment on column visit_items.key is 'What the line is about; null of routine maintenance. Two visits that share one are about the same.';
create index visit_items_visit_idx on visit_items (store_id, visit_id, id);
