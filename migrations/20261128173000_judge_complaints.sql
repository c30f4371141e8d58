-- The customer's own verdict: what is kept of it, and the calls that ask for it.

alter table complaints
  add column verdict_score smallint constraint complaints_verdict_score_check check (verdict_score between 0 and 10),
  add column is_solved boolean;
comment on column complaints.verdict_score is 'Points out of ten for how the case was handled, if the customer gave any.';
comment on column complaints.is_solved is 'Whether the customer says that the matter is settled.';

-- Who answered for a case: they never ask the customer about it.
create function complaint_handled_by(store bigint, complaint bigint) returns bigint[]
language sql stable parallel safe as $$
  select array_remove(array[k.handler_id], null) from complaints k where k.store_id = store and k.id = complaint
$$;

-- The first moment from one on at which customers may be called; that moment itself where no hours are known.
create function callable_from(store bigint, moment timestamptz) returns timestamptz
language sql stable parallel safe as $$
  select coalesce((select greatest(w.starts_at, moment)
                   from store_windows w
                   where w.store_id = store and w.purpose = 'callable' and w.ends_at > moment and w.starts_at > moment - interval '1 day'
                   order by w.starts_at
                   limit 1), moment)
$$;

-- A call about a case waits for no car and for no limit; only for the answer to its own message.
create or replace function callback_hold(store bigint, callback bigint, moment timestamptz) returns table (reason text, until timestamptz)
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
      and not exists (select from unnest(c.kinds) k where k like 'complaint%' or k = 'recall')
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

-- Stores that are open already get the talks that a new store starts with.
with given(for_kind, name, body) as (
  values ('complaint_second_callback', '抱怨二次回访', '{"steps": [{"code": "greeting", "kind": "say", "title": {"zh": "问候", "en": "Greeting"}, "say": {"zh": "您好，我是{store}的{me}，来电会录音以便改进服务。", "en": "Hello, this is {me} from {store}. The call may be recorded to improve our service."}, "when": null}, {"code": "identity", "kind": "say", "title": {"zh": "确认身份", "en": "Identity"}, "say": {"zh": "请问是{surname}吗？（不是本人时，只请转告回电，不提车辆和维修内容。）", "en": "Am I speaking with {surname}? (If not, only ask for a call back; say nothing about the car.)"}, "when": null}, {"code": "time", "kind": "say", "title": {"zh": "征求时间", "en": "Time"}, "say": {"zh": "想占用您大约两分钟，现在方便吗？（不方便就约一个时间。）", "en": "Do you have about two minutes now? (If not, agree on a time.)"}, "when": null}, {"code": "verdict", "kind": "ask", "title": {"zh": "核实结果与评价", "en": "Result and verdict"}, "say": {"zh": "您{day}反映的问题，处理结果是：{result}。您觉得处理得怎么样？", "en": "You told us about a problem on {day}. This is what was done: {result}. How do you find it?"}, "when": null}, {"code": "reasons", "kind": "reasons", "title": {"zh": "其他意见", "en": "Anything else"}, "say": {"zh": "除了这件事，还有别的地方不满意吗？我按您的原话记下来。", "en": "Is there anything else that went wrong? I will write it down in your own words."}, "when": null}, {"code": "check", "kind": "check", "title": {"zh": "信息核对", "en": "Check of data"}, "say": {"zh": "最后核对一下：这个手机号是您常用的吗？目前里程大约多少？", "en": "Finally: is this the number you use? What is the odometer now, roughly?"}, "when": null}, {"code": "closing", "kind": "say", "title": {"zh": "结束语", "en": "Closing"}, "say": {"zh": "感谢您的时间，祝您用车愉快，再见。（请客户先挂机。）", "en": "Thank you for your time. Goodbye. (Let the customer hang up first.)"}, "when": null}]}'::jsonb),
         ('complaint_after', '重大抱怨追访', '{"steps": [{"code": "greeting", "kind": "say", "title": {"zh": "问候", "en": "Greeting"}, "say": {"zh": "您好，我是{store}的{me}，来电会录音以便改进服务。", "en": "Hello, this is {me} from {store}. The call may be recorded to improve our service."}, "when": null}, {"code": "identity", "kind": "say", "title": {"zh": "确认身份", "en": "Identity"}, "say": {"zh": "请问是{surname}吗？（不是本人时，只请转告回电，不提车辆和维修内容。）", "en": "Am I speaking with {surname}? (If not, only ask for a call back; say nothing about the car.)"}, "when": null}, {"code": "time", "kind": "say", "title": {"zh": "征求时间", "en": "Time"}, "say": {"zh": "想占用您大约两分钟，现在方便吗？（不方便就约一个时间。）", "en": "Do you have about two minutes now? (If not, agree on a time.)"}, "when": null}, {"code": "verdict", "kind": "ask", "title": {"zh": "核实结果与评价", "en": "Result and verdict"}, "say": {"zh": "您{day}反映的问题处理完以后，现在情况怎么样？", "en": "Since the problem that you told us about on {day} was dealt with, how has it been?"}, "when": null}, {"code": "reasons", "kind": "reasons", "title": {"zh": "其他意见", "en": "Anything else"}, "say": {"zh": "除了这件事，还有别的地方不满意吗？我按您的原话记下来。", "en": "Is there anything else that went wrong? I will write it down in your own words."}, "when": null}, {"code": "check", "kind": "check", "title": {"zh": "信息核对", "en": "Check of data"}, "say": {"zh": "最后核对一下：这个手机号是您常用的吗？目前里程大约多少？", "en": "Finally: is this the number you use? What is the odometer now, roughly?"}, "when": null}, {"code": "closing", "kind": "say", "title": {"zh": "结束语", "en": "Closing"}, "say": {"zh": "感谢您的时间，祝您用车愉快，再见。（请客户先挂机。）", "en": "Thank you for your time. Goodbye. (Let the customer hang up first.)"}, "when": null}]}'::jsonb)
), written as (
  insert into scripts (store_id, kind, for_kind, name)
  select s.id, 'talk', g.for_kind, g.name
  from stores s
  cross join given g
  on conflict do nothing
  returning store_id, id, for_kind
)
insert into script_versions (store_id, script_id, version, body, published_at)
select w.store_id, w.id, 1, g.body, s.created_at
from written w
join given g on g.for_kind = w.for_kind
join stores s on s.id = w.store_id;
