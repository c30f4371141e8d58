-- One store with $customers customers, as many cars and three visits each. Every value is a hash of the row's number, so that
-- no column goes along with another and every run is the same.
set session_replication_role = replica;
set work_mem = '64MB';
set maintenance_work_mem = '512MB';
create function pick(i bigint, salt bigint, n bigint) returns bigint language sql immutable as
  $$ select (hashint8extended(i, salt) & 9223372036854775807) % n $$;

insert into stores (code, name, starts_on, created_at) values ('S01', '第一店', '2026-01-01', '2026-01-01');
insert into users (username, display_name, created_at) select 'u' || i, '顾问' || i, '2026-01-01' from generate_series(1, 20) i;
insert into user_stores (store_id, user_id, role) select 1, id, 'specialist' from users;
insert into tags (store_id, name, created_at) select 1, t, '2026-01-01' from unnest(array['常客', '少见']) t;

insert into customers (store_id, kind, name, grade, keeper_id, created_at, updated_at)
select 1, case when pick(i, 1, 12) = 0 then 'company' else 'person' end,
       substr('王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗', 1 + pick(i, 2, 20)::int, 1) || chr(19968 + pick(i, 3, 3000)::int) || chr(19968 + pick(i, 4, 3000)::int),
       case when pick(i, 5, 10) < 6 then null when pick(i, 6, 5000) = 0 then 'S' when pick(i, 5, 10) < 8 then 'B' else 'A' end,
       case when pick(i, 7, 3) = 0 then 1 + pick(i, 8, 20) end,
       timestamptz '2018-01-01' + i * interval '270 seconds',
       timestamptz '2020-01-01' + pick(i, 9, 1000000) * interval '217 seconds'
from generate_series(1, $customers::bigint) i;

insert into phones (store_id, customer_id, number, state, is_main)
select 1, i, '1' || (3000000000 + i),
       case when pick(i, 11, 2500) = 0 then 'do_not_call' when pick(i, 11, 100) = 0 then 'wrong' when pick(i, 11, 5) = 0 then 'unverified' else 'ok' end, true
from generate_series(1, $customers::bigint) i
where pick(i, 10, 200) > 0;

insert into vehicles (store_id, vin, plate, brand, model, usage, state, delivered_on, created_at, updated_at)
select 1, 'LSV' || lpad(i::text, 14, '0'),
       case pick(i, 20, 400) when 0 then '新A' when 1 then '苏A' else case when pick(i, 21, 5) = 0 then '浙B' else '浙A' end end || lpad(pick(i, 22, 99999)::text, 5, '0'),
       '斯柯达', (array['明锐','速派','柯迪亚克','柯珞克','昕锐'])[1 + pick(i, 23, 5)] || case when pick(i, 24, 5000) = 0 then ' RS' else '' end,
       case when pick(i, 25, 200) = 0 then 'taxi' when pick(i, 25, 20) = 1 then 'company' else 'private' end,
       case when pick(i, 26, 300) = 0 then 'scrapped' when pick(i, 26, 25) = 1 then 'sold' else 'active' end,
       date '2016-01-01' + pick(i, 27, 3900)::int, timestamptz '2018-01-01', timestamptz '2020-01-01' + pick(i, 28, 1000000) * interval '217 seconds'
from generate_series(1, $customers::bigint) i;

insert into vehicle_people (store_id, vehicle_id, customer_id, role) select 1, i, i, 'owner' from generate_series(1, $customers::bigint) i where pick(i, 29, 3000) > 0;

insert into visits (store_id, ro_number, vehicle_id, customer_id, type, state, arrived_at, handed_over_at, handed_over_on, amount_fen,
                    advisor_id, advisor_name, created_at, updated_at)
select 1, 'RO' || i, 1 + pick(i, 30, $customers), 1 + pick(i, 30, $customers),
       case when pick(i, 31, 1000) = 0 then 'pdi' when pick(i, 31, 300) = 1 then 'rework' when pick(i, 31, 3) = 0 then 'repair' else 'maintenance' end,
       x.state, x.at, case when x.state = 'closed' then x.at + interval '3 hours' end, case when x.state = 'closed' then (x.at + interval '3 hours')::date end,
       pick(i, 33, 500000), case when pick(i, 34, 2) = 0 then 1 + pick(i, 35, 20) end,
       case when pick(i, 34, 2) = 0 then '' when pick(i, 36, 3000) = 0 then '外聘少见' else '外聘' || pick(i, 36, 30) end, '2026-01-01', '2026-01-01'
from generate_series(1, 3 * $customers::bigint) i
cross join lateral (
  select timestamptz '2019-01-01' + i * interval '83 seconds' as at,
         case when i > 3 * $customers::bigint - 300 then 'open' when pick(i, 32, 4000) = 0 then 'cancelled' else 'closed' end as state
) x;

insert into customer_facts (store_id, customer_id, initial, last_visit_on, phone_state)
select 1, c.id, left(c.name, 1), v.day, coalesce(h.state, 'none')
from customers c
left join (select customer_id, max(handed_over_on) as day from visits group by customer_id) v on v.customer_id = c.id
left join phones h on h.store_id = 1 and h.customer_id = c.id;

insert into vehicle_facts (store_id, vehicle_id, customer_id, last_visit_on, next_due_on, warranty_due_on, computed_at)
select 1, v.id, p.customer_id, f.last_visit_on, date '2026-06-01' + pick(v.id, 40, 700)::int,
       case when pick(v.id, 41, 4) > 0 then v.delivered_on + 1095 end, '2026-11-24'
from vehicles v
join customer_facts f on f.store_id = 1 and f.customer_id = v.id
left join vehicle_people p on p.store_id = 1 and p.vehicle_id = v.id;

insert into customer_tags (store_id, customer_id, tag_id, added_at)
select 1, i, case when pick(i, 50, 2500) = 0 then 2 else 1 end, '2026-01-01' from generate_series(1, $customers::bigint) i where pick(i, 50, 8) = 0;

insert into departments (store_id, name) select 1, '部门' || i from generate_series(1, 8) i;

-- Cases of ten years: a few phrases each, now and then with two rare characters.
insert into complaints (store_id, number, customer_id, vehicle_id, channel, class_major, severity, state, department_id, handler_id, owner_id, words, cause, result, verdict, responsibility, agreed_at, accepted_at, dispatched_at, resolved_at, ended_at, created_by, created_at, updated_at)
select 1, 'CP-' || to_char(at, 'YYMMDD') || '-' || lpad((i % 100)::text, 2, '0'), i, i,
  (array['call','visit','callback','hotline','web'])[1+pick(i,1,5)], (array['repair','attitude','efficiency','price','parts','product'])[1+pick(i,2,6)],
  (array['A','B','C','C','C','D','D','D'])[1+pick(i,3,8)], case when is_open then (array['accepted','dispatched','in_progress','waiting','resolved'])[1+pick(i,4,5)] else 'closed' end,
  1+pick(i,5,8), 1+pick(i,6,20), 1+pick(i,7,20), 
  (select string_agg(w, case when pick(i,8,2)=0 then '，' else ' ' end order by n) from (
     select n, (array['更换变速箱油后仍有顿挫','要求书面答复','右后门补漆色差明显','预约时间被改','未收到通知','预约后仍排队','首保后机油灯亮','要求拖车费赔付','配件到货延误','精品脚垫安装松动','同一故障三次返修','要求退费','空调异味清洗后一周复发','洗车后留有水渍','结算单与报价相差','代步车有异味','电话多次转接才有人处理','销售承诺的保养券未到账','说好一个半小时，等了快两个小时','Brake noise was not fixed','刹车异响','等了很久没人理'])[1+pick(i, 100+n, 22)] || case when pick(i,200+n,7)=0 then chr(19968+pick(i,300+n,6000)::int)||chr(19968+pick(i,400+n,6000)::int) else '' end as w
     from generate_series(1, 2+pick(i,9,4)::int) n) t),
  '误诊', '返修', case when is_open then null else (array['satisfied','satisfied','acceptable'])[1+pick(i,10,3)] end, 'responsible', at, at, at + interval '1 hour', at + interval '1 day', case when is_open then null else at + interval '3 days' end, 1, at, at
from (select i, timestamptz '2016-01-04 01:00' + i * interval '57 minutes' as at, i > 99600 as is_open from generate_series(1, 100000) i) x;

insert into obligations (store_id, kind, cycle_key, complaint_id, cohort_on, not_before, strict_due_at, due_at, callable_due_at, rule_version, channel, status, ended_at, created_at)
select 1, k.kind, '1', c.id, c.accepted_at::date, c.accepted_at, c.accepted_at + k.within, c.accepted_at + k.within, c.accepted_at + k.within, 1, 'none',
  case when c.ended_at is null and k.kind <> 'complaint_dispatch' then 'open' else 'done' end, case when c.ended_at is null and k.kind <> 'complaint_dispatch' then null else c.accepted_at + interval '30 minutes' end, c.accepted_at
from complaints c, (values ('complaint_dispatch', interval '2 hours'), ('complaint_follow_up', interval '24 hours'), ('complaint_second_callback', interval '5 days'), ('complaint_close', interval '3 days')) k(kind, within);

drop function pick;
