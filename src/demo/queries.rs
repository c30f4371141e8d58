//! Statements that fill the demonstration: each takes its rows as one JSON array.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use sqlx::PgExecutor;

use crate::jobs::JobName;
use crate::stores::StoreScope;

/// Whether the database holds nobody and nothing.
pub async fn is_empty(db: impl PgExecutor<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select not exists(select from users) and not exists(select from stores) and not exists(select from customers) as "empty!""#
    )
    .fetch_one(db)
    .await
}

/// Whether the database was filled by the demonstration: its people are there, with their staff numbers.
pub async fn is_demonstration(db: impl PgExecutor<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"
        select count(*) = 2 as "is_demonstration!"
        from users
        where (username, staff_number) in (('specialist1', 'YQ0103'), ('specialist21', 'YQ0116'))
        "#
    )
    .fetch_one(db)
    .await
}

/// One password for everybody of the demonstration; older sessions end.
pub async fn set_passwords(db: impl PgExecutor<'_>, usernames: &[String], phc: &str) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        with changed as (
          update users set password_hash = $2, is_active = true where username = any($1) returning id
        )
        delete from sessions where user_id in (select id from changed)
        "#,
        usernames,
        phc,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Customers, in the order of the array.
pub async fn insert_people(db: impl PgExecutor<'_>, scope: StoreScope, people: &Value) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into customers (store_id, kind, name, salutation, grade, grams, created_at, updated_at)
        select $1, x.kind, x.name, x.salutation, x.grade,
               array(select jsonb_array_elements_text(p.value -> 'grams')), x.created_at, x.created_at
        from jsonb_array_elements($2) with ordinality p(value, position)
        cross join jsonb_to_record(p.value) x(kind text, name text, salutation text, grade text, created_at timestamptz)
        order by p.position
        "#,
        scope.get(),
        people,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The main phone of each customer, matched by position.
pub async fn insert_phones(db: impl PgExecutor<'_>, scope: StoreScope, people: &Value) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into phones (store_id, customer_id, number, raw, state, is_main)
        select $1, c.id, x.number, x.number, x.phone_state, true
        from (select id, row_number() over (order by id) as position from customers where store_id = $1) c
        join jsonb_array_elements($2) with ordinality p(value, position) on p.position = c.position
        cross join jsonb_to_record(p.value) x(number text, phone_state text)
        "#,
        scope.get(),
        people,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Cars, in the order of the array; on file since they were delivered.
pub async fn insert_cars(db: impl PgExecutor<'_>, scope: StoreScope, cars: &Value) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into vehicles (store_id, vin, plate, model, usage, sold_here, delivered_on, warranty_ends_on, warranty_km, created_at, updated_at)
        select $1, x.vin, x.plate, x.model, x.usage, true, x.delivered_on, x.warranty_ends_on, 100000, d.at, d.at
        from jsonb_array_elements($2) with ordinality p(value, position)
        cross join jsonb_to_record(p.value) x(vin text, plate text, model text, usage text, delivered_on date, warranty_ends_on date)
        cross join lateral (select (x.delivered_on + time '10:00') at time zone 'Asia/Shanghai' as at) d
        order by p.position
        "#,
        scope.get(),
        cars,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Who owns which car.
pub async fn insert_owners(db: impl PgExecutor<'_>, scope: StoreScope, cars: &Value) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into vehicle_people (store_id, vehicle_id, customer_id, role, from_on)
        select $1, v.id, c.id, 'owner', v.delivered_on
        from (select id, delivered_on, row_number() over (order by id) as position from vehicles where store_id = $1) v
        join jsonb_array_elements($2) with ordinality p(value, position) on p.position = v.position
        join (select id, row_number() over (order by id) as position from customers where store_id = $1) c
          on c.position = (p.value ->> 'owner')::bigint + 1
        "#,
        scope.get(),
        cars,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Visits; the owner brought the car.
pub async fn insert_visits(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    visits: &Value,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into visits (store_id, ro_number, vehicle_id, customer_id, type, state, arrived_at, settled_at, handed_over_at,
                            handed_over_on, odometer_km, amount_fen, advisor_name, technician_name, summary, created_at, updated_at)
        select $1, x.ro_number, v.id, o.customer_id, x.type, x.state, x.arrived_at, x.handed_over_at, x.handed_over_at,
               x.handed_over_on, x.odometer_km, x.amount_fen, x.advisor_name, x.technician_name, x.summary, x.arrived_at, $3
        from jsonb_array_elements($2) with ordinality p(value, position)
        cross join jsonb_to_record(p.value) x(car bigint, ro_number text, type text, state text, summary text,
          arrived_at timestamptz, handed_over_at timestamptz, handed_over_on date, odometer_km int, amount_fen bigint,
          advisor_name text, technician_name text)
        join (select id, row_number() over (order by id) as position from vehicles where store_id = $1) v on v.position = x.car + 1
        join vehicle_people o on o.store_id = $1 and o.vehicle_id = v.id and o.role = 'owner'
        order by p.position
        "#,
        scope.get(),
        visits,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The reading of each visit.
pub async fn insert_readings(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into odometer_readings (store_id, vehicle_id, read_on, km, source, visit_id)
        select v.store_id, v.vehicle_id, (v.arrived_at at time zone 'Asia/Shanghai')::date, v.odometer_km, 'visit', v.id
        from visits v
        where v.store_id = $1 and v.odometer_km is not null
        order by v.id
        "#,
        scope.get(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The commercial policy in force of each car whose insurance is known: it ends on an anniversary of the delivery.
pub async fn insert_policies(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    cars: &Value,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into policies (store_id, policy_no, vehicle_id, insured_id, kind, insurer, starts_on, ends_on, premium_fen, is_ours, created_at)
        select $1, 'PC' || lpad((v.id * 7919 % 1000000000)::text, 12, '0'), v.id, o.customer_id, 'commercial', x.insurer,
               (e.ends_on - interval '1 year' + interval '1 day')::date, e.ends_on, 250000 + v.id * 7919 % 300000, x.insured_here, $4
        from (select id, delivered_on, row_number() over (order by id) as position from vehicles where store_id = $1) v
        join jsonb_array_elements($2) with ordinality p(value, position) on p.position = v.position
        cross join jsonb_to_record(p.value) x(insurer text, insured_here boolean, insurance_known boolean)
        join vehicle_people o on o.store_id = $1 and o.vehicle_id = v.id and o.role = 'owner'
        cross join lateral (
          select min(d)::date as ends_on
          from generate_series(v.delivered_on + interval '1 year', $3::date + interval '1 year', interval '1 year') d
          where d >= $3::date - interval '20 days'
        ) e
        where x.insurance_known and e.ends_on is not null
        "#,
        scope.get(),
        cars,
        today,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The store's first day with the desk.
pub async fn set_starts_on(db: impl PgExecutor<'_>, scope: StoreScope, day: NaiveDate) -> sqlx::Result<()> {
    sqlx::query!("update stores set starts_on = $2 where id = $1", scope.get(), day)
        .execute(db)
        .await?;
    Ok(())
}

/// The run of a daily job, as the scheduler would have written it.
pub async fn record_job(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    job: JobName,
    day: NaiveDate,
    at: DateTime<Utc>,
    counts: &Value,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into job_runs (store_id, job, day, status, started_at, finished_at, counts)
        values ($1, $4, $2, 'done', $3::timestamptz, $3::timestamptz + interval '1 second', $5)
        on conflict do nothing
        "#,
        scope.get(),
        day,
        at,
        job.as_str(),
        counts,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A day of calls up to `until`: most people answer, some do not pick up, some calls wait for tomorrow.
///
/// What happens to a callback on a day is read from the hash of both: the same every time.
pub async fn make_calls(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    day: NaiveDate,
    until: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        with callers as materialized (
          select m.user_id, row_number() over (order by m.user_id) - 1 as position, count(*) over () as people
          from user_stores m
          where m.store_id = $1 and m.role = 'specialist' and m.is_active
        ), today as materialized (
          select d.starts_at, d.ends_at from store_days d where d.store_id = $1 and d.day = $2
        ), due as materialized (
          select b.id, b.customer_id, b.dials, b.callable_due_at, b.next_at,
                 ('x' || substr(md5(b.id::text || $2::date::text), 1, 7))::bit(28)::int as roll
          from callbacks b, today
          where b.store_id = $1 and b.status = 'open' and b.next_at < today.ends_at
        ), dialled as materialized (
          select d.id, d.customer_id, c.user_id, d.dials,
                 d.roll % 100 < case when d.callable_due_at < today.ends_at then 66 else 24 end as is_answered,
                 greatest(today.starts_at + make_interval(mins => 545 + d.roll / 100 % 480), d.next_at) as at,
                 d.roll / 7 % 100 as mood
          from due d
          cross join today
          join callers c on c.position = d.roll / 13 % c.people
          where d.roll % 100 < case when d.callable_due_at < today.ends_at then 84 else 38 end
        ), made as materialized (
          -- The fourth dial in vain is the last one: a customer who cannot be reached.
          select d.*, d.is_answered or d.dials >= 3 as is_last from dialled d where d.at < $3
        ), attempt as (
          insert into attempts (store_id, callback_id, customer_id, user_id, at, on_day, daypart, result, seconds, idem_key)
          select $1, m.id, m.customer_id, m.user_id, m.at, $2, case when extract(hour from m.at) < 4 then 1 when extract(hour from m.at) < 9 then 2 else 3 end,
                 case when m.is_answered then 'completed' when m.mood % 3 = 0 then 'busy' else 'no_answer' end,
                 case when m.is_answered then 90 + m.mood * 3 else 0 end,
                 md5(m.id::text || $2::date::text)::uuid
          from made m
          returning id, callback_id
        ), settled as (
          update obligations o
          set status = case when m.is_answered then 'done' else 'exhausted' end,
              ended_at = m.at, ended_by = m.user_id, responsible_id = m.user_id, attempt_id = a.id, is_connected = m.is_answered,
              is_satisfied = case when m.is_answered and o.kind = 'post_service' then m.mood >= 6 end
          from made m
          join attempt a on a.callback_id = m.id
          where m.is_last and o.store_id = $1 and o.callback_id = m.id and o.status = 'open'
          returning o.id, o.kind, o.customer_id, o.is_connected, a.id as attempt_id, m.at, m.mood
        ), answer as (
          insert into responses (store_id, obligation_id, attempt_id, customer_id, script_version_id, answers, overall, nps, is_dissatisfied, words, at)
          select $1, s.id, s.attempt_id, s.customer_id, v.id,
                 jsonb_build_object('q10', case when s.mood < 6 then s.mood else 8 + s.mood % 3 end, 'q11', 7 + s.mood % 4),
                 case when s.mood < 6 then s.mood else 8 + s.mood % 3 end, 7 + s.mood % 4, s.mood < 6, null, s.at
          from settled s
          join scripts c on c.store_id = $1 and c.kind = 'questionnaire' and c.for_kind = 'post_service'
          join script_versions v on v.store_id = $1 and v.script_id = c.id and v.published_at is not null and v.retired_at is null
          where s.kind = 'post_service' and s.is_connected
        )
        update callbacks b
        set status = case when m.is_answered then 'done' when m.is_last then 'exhausted' else 'open' end,
            ended_at = case when m.is_last then m.at end,
            open_count = case when m.is_last then 0 else b.open_count end,
            next_at = case when m.is_last then b.next_at else m.at + interval '3 hours' end,
            dials = b.dials + 1, last_attempt_at = m.at,
            last_result = case when m.is_answered then 'completed' when m.mood % 3 = 0 then 'busy' else 'no_answer' end
        from made m
        where b.store_id = $1 and b.id = m.id
        "#,
        scope.get(),
        day,
        until,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A day of reminders up to `until`: most are sent from the store's phone the same day.
pub async fn remind(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    day: NaiveDate,
    until: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        with sent as (
          update reminders r
          set status = 'delivered', method = 'sms', recorded_by = u.user_id, open_count = 0,
              ended_at = least(d.starts_at + make_interval(mins => 570 + (r.id % 300)::int), $3)
          from store_days d,
               lateral (select m.user_id from user_stores m
                        where m.store_id = $1 and m.role in ('clerk', 'specialist') and m.is_active
                        order by m.role, m.user_id limit 1) u
          where r.store_id = $1 and r.status = 'pending' and d.store_id = $1 and d.day = $2 and r.send_on <= $2
            and d.starts_at + make_interval(mins => 570 + (r.id % 300)::int) < $3
            and ('x' || substr(md5(r.id::text || $2::date::text), 1, 7))::bit(28)::int % 100 < 90
          returning r.id, r.ended_at, r.recorded_by
        )
        update obligations o
        set status = 'done', ended_at = s.ended_at, ended_by = s.recorded_by, responsible_id = s.recorded_by
        from sent s
        where o.store_id = $1 and o.reminder_id = s.id and o.status = 'open'
        "#,
        scope.get(),
        day,
        until,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Complaints of dissatisfied answers with the customers' words; all but those of the last two days are dealt with.
pub async fn complain(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    grumbles: &Value,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        with unhappy as materialized (
          select r.id as response_id, r.customer_id, o.vehicle_id, o.visit_id, o.callback_id, o.ended_by, r.at,
                 (r.at at time zone 'Asia/Shanghai')::date as on_day,
                 row_number() over (partition by (r.at at time zone 'Asia/Shanghai')::date order by r.at, r.id) as number,
                 g.value ->> 0 as words, g.value ->> 1 as class
          from responses r
          join obligations o on o.store_id = r.store_id and o.id = r.obligation_id
          join jsonb_array_elements($2) with ordinality g(value, position)
            on g.position = r.id % jsonb_array_length($2) + 1
          where r.store_id = $1 and r.is_dissatisfied
        ), told as (
          update responses r set words = u.words from unhappy u where r.store_id = $1 and r.id = u.response_id
        ), opened as (
          insert into complaints (store_id, number, customer_id, vehicle_id, visit_id, from_callback_id, channel, class_major, severity, state,
                                  department_id, words, cause, result, responsibility, agreed_at, verdict, accepted_at, ended_at, owner_id, created_by, created_at,
                                  updated_at)
          select $1, 'CP-' || to_char(u.on_day, 'YYMMDD') || '-' || lpad(u.number::text, 2, '0'), u.customer_id, u.vehicle_id, u.visit_id,
                 u.callback_id, 'callback', u.class, 'D', case when u.at < $3::timestamptz - interval '2 days' then 'closed' else 'accepted' end,
                 (select min(d.id) from departments d where d.store_id = $1), u.words,
                 case when u.at < $3::timestamptz - interval '2 days' then '流程未按约定执行' end,
                 case when u.at < $3::timestamptz - interval '2 days' then '已致歉并说明，客户接受' end,
                 case when u.at < $3::timestamptz - interval '2 days' then 'partial' end,
                 case when u.at < $3::timestamptz - interval '2 days' then u.at + interval '19 hours' end,
                 case when u.at < $3::timestamptz - interval '2 days' then 'acceptable' end,
                 u.at, case when u.at < $3::timestamptz - interval '2 days' then u.at + interval '20 hours' end, u.ended_by, u.ended_by, u.at, u.at
          from unhappy u
          returning id, customer_id, vehicle_id, accepted_at, created_by, ended_at
        ), noted as (
          insert into complaint_events (store_id, complaint_id, kind, at, by_id, to_state)
          select $1, id, 'accepted', accepted_at, created_by, 'accepted' from opened
        )
        insert into obligations (store_id, kind, cycle_key, complaint_id, vehicle_id, customer_id, cohort_on, not_before, strict_due_at, due_at,
                                 callable_due_at, rule_version, channel, status, ended_at, ended_by, responsible_id, created_at)
        select $1, 'complaint_dispatch', '1', id, vehicle_id, customer_id, (accepted_at at time zone 'Asia/Shanghai')::date, accepted_at,
               accepted_at + interval '2 hours', accepted_at + interval '2 hours', accepted_at + interval '2 hours', 1, 'none',
               case when ended_at is null then 'open' else 'done' end,
               case when ended_at is not null then accepted_at + interval '41 minutes' end,
               case when ended_at is not null then created_by end, created_by, accepted_at
        from opened
        "#,
        scope.get(),
        grumbles,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Opens cases as they stand now; a store without handlers has none.
pub async fn open_cases(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    cases: &Value,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        with handlers as (
          select m.user_id, row_number() over (order by m.user_id) as position
          from user_stores m where m.store_id = $1 and m.role = 'handler' and m.department_id is not null
        ), owners as (
          select m.user_id, row_number() over (order by m.user_id) as position, count(*) over () as total
          from user_stores m where m.store_id = $1 and m.role = 'specialist'
        ), cars as (
          select p.customer_id, p.vehicle_id, row_number() over (order by p.customer_id, p.vehicle_id) as position, count(*) over () as total
          from vehicle_people p where p.store_id = $1 and p.role = 'owner' and p.until_on is null
        ), told as materialized (
          select k.value as c, k.position, $3::timestamptz - make_interval(mins => (k.value ->> 'ago')::int) as accepted_at
          from jsonb_array_elements($2) with ordinality k(value, position)
          where exists (select from handlers)
        ), timed as (
          select t.*, t.c ->> 'state' as state, (t.accepted_at at time zone 'Asia/Shanghai')::date as on_day, o.user_id as owner_id,
                 h.user_id as handler_id, a.customer_id, a.vehicle_id,
                 (select v.id from visits v
                  where v.store_id = $1 and v.vehicle_id = a.vehicle_id and v.handed_over_at < t.accepted_at
                  order by v.handed_over_at desc, v.id limit 1) as visit_id
          from told t
          join owners o on o.position = (t.position - 1) % o.total + 1
          left join handlers h on h.position = (t.c ->> 'handler')::int
          left join cars a on a.position = ((t.c ->> 'pick')::int - 1) % a.total + 1
        )
        insert into complaints (store_id, number, customer_id, vehicle_id, visit_id, channel, class_major, severity, state, department_id, handler_id,
                                owner_id, created_by, words, demand_kind, demand, claimed_fen, external_number, course, cause, measure, result,
                                responsibility, cost_fen, promised_at, agreed_at, verdict, verdict_words, verdict_at, verdict_by, waiting_since,
                                accepted_at, dispatched_at, acknowledged_at, followed_up_at, resolved_at, ended_at, ended_by, ended_reason,
                                created_at, updated_at)
        select $1, 'CP-' || to_char(t.on_day, 'YYMMDD') || '-' || lpad((
                 (select count(*) from complaints x where x.store_id = $1 and x.number like 'CP-' || to_char(t.on_day, 'YYMMDD') || '-%')
                 + row_number() over (partition by t.on_day order by t.accepted_at))::text, 2, '0'),
               t.customer_id, t.vehicle_id, t.visit_id, t.c ->> 'channel', t.c ->> 'class', t.c ->> 'severity', t.state,
               (select d.id from departments d where d.store_id = $1 and d.name = t.c ->> 'department'), t.handler_id, t.owner_id, t.owner_id,
               t.c ->> 'words', t.c ->> 'demand_kind', t.c ->> 'demand', (t.c ->> 'claimed')::bigint, coalesce(t.c ->> 'external_number', ''),
               t.c ->> 'course', t.c ->> 'cause', t.c ->> 'measure', t.c ->> 'result', t.c ->> 'responsibility', (t.c ->> 'cost')::bigint,
               t.accepted_at + make_interval(mins => (t.c ->> 'promise')::int), t.accepted_at + make_interval(mins => (t.c ->> 'resolved')::int),
               t.c ->> 'verdict', t.c ->> 'verdict_words', t.accepted_at + make_interval(mins => (t.c ->> 'closed')::int),
               case when t.c ? 'verdict' then t.owner_id end, t.accepted_at + make_interval(mins => (t.c ->> 'waiting')::int), t.accepted_at,
               t.accepted_at + make_interval(mins => (t.c ->> 'dispatched')::int), t.accepted_at + make_interval(mins => (t.c ->> 'acknowledged')::int),
               t.accepted_at + make_interval(mins => (t.c ->> 'followed')::int), t.accepted_at + make_interval(mins => (t.c ->> 'resolved')::int),
               t.accepted_at + make_interval(mins => coalesce((t.c ->> 'ended')::int, (t.c ->> 'closed')::int)),
               case when t.c ? 'ended' or t.c ? 'closed' then t.owner_id end, t.c ->> 'reason', t.accepted_at, $3
        from timed t
        "#,
        scope.get(),
        cases,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The histories of those cases, and who watches them.
pub async fn tell_cases(db: impl PgExecutor<'_>, scope: StoreScope, cases: &Value) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        with manager as (
          select min(m.user_id) as user_id from user_stores m where m.store_id = $1 and m.role = 'manager'
        ), known as materialized (
          select p.id, p.owner_id, p.handler_id, p.accepted_at, k.value as c
          from jsonb_array_elements($2) k(value)
          join complaints p on p.store_id = $1 and p.from_callback_id is null and p.words = k.value ->> 'words'
        ), watching as (
          insert into complaint_people (store_id, complaint_id, user_id, part, added_by, added_at)
          select $1, k.id, m.user_id, 'watcher', k.owner_id, k.accepted_at from known k, manager m where k.c ? 'manager_watches'
        )
        insert into complaint_events (store_id, complaint_id, kind, at, by_id, to_state, body, data)
        select $1, k.id, e.value ->> 'kind', k.accepted_at + make_interval(mins => (e.value ->> 'after')::int),
               case e.value ->> 'by' when 'owner' then k.owner_id when 'handler' then k.handler_id else m.user_id end,
               case e.value ->> 'kind' when 'accepted' then 'accepted' when 'dispatched' then 'dispatched' when 'acknowledged' then 'in_progress'
                 when 'waiting' then 'waiting' when 'resolved' then 'resolved' when 'closed' then 'closed' when 'withdrawn' then 'withdrawn'
                 when 'invalid' then 'invalid' end,
               nullif(e.value ->> 'body', ''),
               case when e.value -> 'data' ? 'promised_in'
                 then jsonb_build_object('promised_at', k.accepted_at + make_interval(mins => (e.value -> 'data' ->> 'promised_in')::int))
                 else e.value -> 'data' end
        from known k
        cross join manager m
        cross join lateral jsonb_array_elements(k.c -> 'events') with ordinality e(value, position)
        order by k.id, e.position
        "#,
        scope.get(),
        cases,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Merges a case into another, both found by their words.
pub async fn merge_case(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    (gone, goes_on): (&str, &str),
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        with merged as (
          update complaints m
          set state = 'merged', merged_into_id = t.id, ended_reason = '同一件事重复登记', ended_by = m.owner_id, ended_at = $4, updated_at = $4
          from complaints t
          where m.store_id = $1 and m.words = $2 and t.store_id = $1 and t.words = $3
          returning m.id, m.number, m.owner_id, t.id as target_id
        )
        insert into complaint_events (store_id, complaint_id, kind, at, by_id, from_state, to_state, body, data)
        select $1, id, 'merged', $4, owner_id, 'accepted', 'merged', '同一件事重复登记', jsonb_build_object('into', target_id) from merged
        union all
        select $1, target_id, 'merged', $4, owner_id, null, null, '同一件事重复登记', jsonb_build_object('from', number) from merged
        "#,
        scope.get(),
        gone,
        goes_on,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The checklists of cases that have been dealt with are complete; of those in work the first item is ticked.
pub async fn check_cases(db: impl PgExecutor<'_>, scope: StoreScope, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into complaint_checks (store_id, complaint_id, code, by_id, at)
        select $1, p.id, i.code, p.handler_id, least(p.acknowledged_at + interval '3 hours', $2)
        from complaints p
        join (values ('repair', 'order_reviewed', 1), ('repair', 'work_rechecked', 2), ('efficiency', 'times_checked', 1),
                     ('attitude', 'records_reviewed', 1), ('parts', 'part_traced', 1), ('parts', 'arrival_told', 2)) i(class, code, position)
          on i.class = p.class_major and (i.position = 1 or p.resolved_at is not null)
        where p.store_id = $1 and p.acknowledged_at is not null
        "#,
        scope.get(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A year is lived through in one transaction: the limit of a request's statement does not fit a slow machine.
pub async fn take_time(db: impl PgExecutor<'_>) -> sqlx::Result<()> {
    sqlx::query("set local statement_timeout = '10min'")
        .execute(db)
        .await?;
    Ok(())
}

/// The planner has just been given a new database to learn.
pub async fn analyze(db: impl PgExecutor<'_>) -> sqlx::Result<()> {
    // By name: a bare "analyze" also locks the catalogs that all databases of a server share, until the transaction ends.
    sqlx::query!(
        r#"
        analyze customers, customer_facts, phones, vehicles, vehicle_facts, vehicle_people, visits, odometer_readings,
                policies, obligations, callbacks, reminders, attempts, responses, complaints, complaint_events,
                store_days, store_windows, users, user_stores, rules, audit
        "#
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Saved views in the order of the array, shared by the store's manager.
pub async fn insert_views(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    views: &Value,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into views (store_id, list, name, query, columns, owner_id, is_shared, position, created_at)
        select $1, x.list, x.name, x.query, array(select jsonb_array_elements_text(p.value -> 'columns')), m.user_id, true,
               p.position, $3
        from jsonb_array_elements($2) with ordinality p(value, position)
        cross join jsonb_to_record(p.value) x(list text, name text, query text)
        join user_stores m on m.store_id = $1 and m.role = 'manager'
        order by p.position
        "#,
        scope.get(),
        views,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A list that the store's manager took out.
pub async fn insert_export(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    at: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into exports (store_id, list, format, filter, columns, reason, row_count, user_id, created_at)
        select $1, 'customers', 'xlsx', 'grade=VIP&sort=-last_visit', array['phone', 'cars', 'last_visit'], '关爱活动邀约名单核对', 48,
               m.user_id, $2
        from user_stores m
        where m.store_id = $1
          and m.role = 'manager'
        "#,
        scope.get(),
        at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Wishes of customers with cars for the days around today: every fifth one waits, the others were answered within minutes.
pub async fn insert_appointments(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        with people as (
          select f.customer_id, f.vehicle_id, row_number() over (order by f.vehicle_id)::int as n
          from vehicle_facts f
          join customers u on u.store_id = f.store_id and u.id = f.customer_id
          where f.store_id = $1
            and u.merged_into_id is null
            and u.erased_at is null
          order by f.vehicle_id
          limit 24
        ), wished as (
          select p.customer_id, p.vehicle_id, p.n, (($2::timestamptz at time zone s.time_zone)::date + p.n % 6 - 1) as day,
                 case when p.n % 5 = 0 then $2::timestamptz - make_interval(mins => 4 + 3 * p.n) else $2::timestamptz - make_interval(hours => 20 + 5 * p.n) end as asked_at,
                 (select min(m.user_id) from user_stores m where m.store_id = $1 and m.role = 'specialist') as by_id
          from people p
          join stores s on s.id = $1
        )
        insert into appointments (store_id, customer_id, vehicle_id, wished_on, wished_at, purpose, created_by, created_at, answer_due_at,
                                  state, confirmed_at, confirmed_by, answered_at, answered_by)
        select $1, w.customer_id, w.vehicle_id, w.day, case when w.n % 7 <> 0 then time '09:00' + make_interval(mins => 30 * (w.n * 5 % 17)) end,
               (array['定期保养', '更换前刹车片', '检查异响', '首次保养', '空调清洗', '轮胎换位'])[w.n % 6 + 1],
               w.by_id, w.asked_at, w.asked_at + interval '30 minutes',
               case when w.n % 5 = 0 then 'requested' else 'confirmed' end,
               x.answered_at, case when x.answered_at is not null then w.by_id end,
               x.answered_at, case when x.answered_at is not null then w.by_id end
        from wished w
        cross join lateral (select case when w.n % 5 <> 0 then w.asked_at + make_interval(mins => 6 + w.n * 3 % 29) end as answered_at) x
        "#,
        scope.get(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}
