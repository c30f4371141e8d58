//! Statements of the customer page: each reads ranges of indexes that hold one customer's rows.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgExecutor;

use crate::customers::CustomerId;
use crate::customers::page::timeline::{EntryKind, PER_PAGE, TimelineRow};
use crate::customers::page::{Car, Figures, OpenWork, Policy};
use crate::stores::StoreScope;

/// Current cars of a customer with what is predicted about them.
pub async fn list_cars(db: impl PgExecutor<'_>, scope: StoreScope, id: CustomerId) -> sqlx::Result<Vec<Car>> {
    sqlx::query_as!(
        Car,
        r#"
        select v.id, v.plate, v.vin, v.brand, v.model, v.state, p.roles as "roles!: Vec<crate::vehicles::PersonRole>",
               v.warranty_ends_on, f.warranty_due_on as "warranty_due_on?",
               f.next_due_on as "next_due_on?", f.next_due_by as "next_due_by?", f.first_due_on as "first_due_on?", f.km_confidence as "km_confidence?",
               f.last_visit_on as "last_visit_on?", r.km as "km?"
        from (
          select store_id, vehicle_id, array_agg(role order by role) as roles
          from vehicle_people
          where store_id = $1
            and customer_id = $2
            and until_on is null
          group by store_id, vehicle_id
        ) p
        join vehicles v on v.store_id = p.store_id and v.id = p.vehicle_id
        left join vehicle_facts f on f.store_id = v.store_id and f.vehicle_id = v.id
        left join lateral (
          select r.km
          from odometer_readings r
          where r.store_id = v.store_id and r.vehicle_id = v.id and r.refused is null
          order by r.read_on desc, r.km desc
          limit 1
        ) r on true
        order by v.state <> 'active', v.id
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_all(db)
    .await
}

/// The latest policy of each kind of the customer's current cars.
pub async fn list_policies(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: CustomerId,
) -> sqlx::Result<Vec<Policy>> {
    sqlx::query_as!(
        Policy,
        r#"
        select distinct on (o.vehicle_id, o.kind) o.kind, o.insurer, o.ends_on, o.premium_fen, v.plate
        from vehicle_people p
        join vehicles v on v.store_id = p.store_id and v.id = p.vehicle_id
        join policies o on o.store_id = p.store_id and o.vehicle_id = p.vehicle_id
        where p.store_id = $1
          and p.customer_id = $2
          and p.until_on is null
        order by o.vehicle_id, o.kind, o.ends_on desc, o.id desc
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_all(db)
    .await
}

/// What the store owes the customer now, the most urgent first.
pub async fn list_open_work(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: CustomerId,
) -> sqlx::Result<Vec<OpenWork>> {
    sqlx::query_as!(
        OpenWork,
        r#"
        select o.kind, o.callable_due_at, v.ro_number as "ro_number?", o.callback_id,
               b.last_attempt_at as "last_attempt_at?", b.last_result as "last_result?"
        from obligations o
        left join visits v on v.store_id = o.store_id and v.id = o.visit_id
        left join callbacks b on b.store_id = o.store_id and b.id = o.callback_id
        where o.store_id = $1
          and o.customer_id = $2
          and o.status = 'open'
        order by o.callable_due_at, o.id
        limit 20
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_all(db)
    .await
}

/// The numbers of the tiles: visits and money, in all and since an instant; scores, oldest first; the open callback.
pub async fn figures(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: CustomerId,
    since: DateTime<Utc>,
) -> sqlx::Result<Figures> {
    sqlx::query_as!(
        Figures,
        r#"
        select v.visits as "visits!", v.spent_fen as "spent_fen!", v.spent_year_fen as "spent_year_fen!",
               (select count(distinct p.vehicle_id)
                from vehicle_people p
                where p.store_id = $1 and p.customer_id = $2 and p.until_on is not null
                  and not exists (select from vehicle_people q
                                  where q.store_id = p.store_id and q.customer_id = p.customer_id
                                    and q.vehicle_id = p.vehicle_id and q.until_on is null)) as "former_cars!",
               (select b.id
                from callbacks b
                where b.store_id = $1 and b.customer_id = $2 and b.status in ('open', 'claimed')) as "callback_id?: _",
               (select coalesce(array_agg(r.overall order by r.at, r.id), '{}')
                from responses r
                where r.store_id = $1 and r.customer_id = $2 and r.overall is not null) as "scores!: Vec<i16>"
        from (
          select count(*) as visits, coalesce(sum(amount_fen), 0)::bigint as spent_fen,
                 coalesce(sum(amount_fen) filter (where arrived_at >= $3), 0)::bigint as spent_year_fen
          from visits
          where store_id = $1
            and customer_id = $2
            and state <> 'cancelled'
        ) v
        "#,
        scope.get(),
        id.get(),
        since,
    )
    .fetch_one(db)
    .await
}

/// A page of everything that happened, of one kind or of all, with the count of each kind on every row.
///
/// One statement: the keys of a customer are few, so all of them are read, counted and cut; only the page is joined to names.
/// Days become midnights of the store's zone.
pub async fn timeline(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: CustomerId,
    kind: Option<EntryKind>,
    page: i64,
    (today, zone): (NaiveDate, &str),
) -> sqlx::Result<Vec<TimelineRow>> {
    sqlx::query_as!(
        TimelineRow,
        r#"
        with cars as materialized (
          select distinct vehicle_id
          from vehicle_people
          where store_id = $1 and customer_id = $2 and until_on is null
        ), insurance as materialized (
          select o.id, o.ends_on, o.starts_on, o.created_at,
                 exists (select from policies e
                         where e.store_id = o.store_id and e.vehicle_id = o.vehicle_id and e.kind = o.kind and e.id <> o.id
                           and e.ends_on between o.starts_on - 31 and o.starts_on + 1) as is_renewal
          -- Two probes of two indexes: an "or" of both reads every policy of the store.
          from (select id from policies where store_id = $1 and insured_id = $2
                union
                select x.id from cars c join policies x on x.store_id = $1 and x.vehicle_id = c.vehicle_id) own
          join policies o on o.store_id = $1 and o.id = own.id
        ), keys as materialized (
          select 'visit' as kind, coalesce(v.handed_over_at, v.arrived_at) as at, v.id, null as event
          from (select id from visits where store_id = $1 and customer_id = $2
                union
                select x.id from cars c join visits x on x.store_id = $1 and x.vehicle_id = c.vehicle_id) own
          join visits v on v.store_id = $1 and v.id = own.id
          union all
          select 'call', a.at, a.id, null from attempts a where a.store_id = $1 and a.customer_id = $2
          union all
          select 'appointment', b.created_at, b.id, null from appointments b where b.store_id = $1 and b.customer_id = $2
          union all
          select 'message', coalesce(r.ended_at, r.created_at), r.id, null
          from reminders r
          where r.store_id = $1 and r.customer_id = $2
          union all
          select 'answer', w.at, w.id, null from responses w where w.store_id = $1 and w.customer_id = $2 and w.attempt_id is null
          union all
          select 'complaint', c.accepted_at, c.id, null from complaints c where c.store_id = $1 and c.customer_id = $2
          union all
          select 'policy', coalesce(i.starts_on::timestamp at time zone $6, i.created_at), i.id,
                 case when i.is_renewal then 'renewed' else 'began' end
          from insurance i
          where coalesce(i.starts_on <= $5, true)
          union all
          select 'policy', (i.ends_on + 1)::timestamp at time zone $6, i.id, 'ended' from insurance i where i.ends_on < $5
          union all
          select 'consent', coalesce(k.given_at, k.withdrawn_at), k.id, null from consents k where k.store_id = $1 and k.customer_id = $2
        ), page as materialized (
          select k.kind, k.at, k.id, k.event
          from keys k
          where $3::text is null or k.kind = $3
          order by k.at desc, k.kind, k.id desc, k.event
          limit $4::bigint offset $7::bigint
        ), counted as (
          select coalesce(jsonb_object_agg(x.kind, x.n), '{}') as counts from (select kind, count(*) as n from keys group by kind) x
        )
        select t.counts, p.kind as "kind?: EntryKind", p.at as "at?", p.id as "id?",
               case p.kind when 'visit' then v.ro_number when 'complaint' then m.number when 'policy' then o.insurer end as name,
               case p.kind when 'visit' then v.type when 'call' then a.result when 'message' then r.status
                           when 'complaint' then m.severity when 'policy' then o.kind when 'consent' then k.purpose
                           when 'appointment' then b.state end as code,
               case p.kind when 'visit' then v.state when 'message' then r.method when 'policy' then p.event
                           when 'consent' then k.channel when 'appointment' then to_char(b.wished_at, 'HH24:MI') end as detail,
               r.kinds as "kinds?",
               case p.kind when 'visit' then v.handed_over_at is not null when 'complaint' then m.ended_at is null
                           when 'answer' then w.is_dissatisfied
                           when 'consent' then k.given_at is not null end as flag,
               case p.kind when 'visit' then v.odometer_km when 'call' then a.seconds end as number,
               coalesce(s.overall, w.overall) as "score?",
               case p.kind when 'visit' then v.amount_fen when 'policy' then o.premium_fen end as amount_fen,
               case p.kind when 'complaint' then d.name else coalesce(u.display_name, v.advisor_name) end as who,
               case p.kind when 'visit' then v.summary when 'call' then a.note when 'message' then r.note
                           when 'consent' then k.evidence when 'appointment' then b.purpose end as text,
               coalesce(s.words, w.words, m.words) as words,
               c.plate as "plate?", coalesce(o.starts_on, b.wished_on) as "from_on?", o.ends_on as "until_on?"
        from counted t
        left join page p on true
        left join visits v on p.kind = 'visit' and v.store_id = $1 and v.id = p.id
        left join attempts a on p.kind = 'call' and a.store_id = $1 and a.id = p.id
        left join reminders r on p.kind = 'message' and r.store_id = $1 and r.id = p.id
        left join responses w on p.kind = 'answer' and w.store_id = $1 and w.id = p.id
        left join complaints m on p.kind = 'complaint' and m.store_id = $1 and m.id = p.id
        left join policies o on p.kind = 'policy' and o.store_id = $1 and o.id = p.id
        left join consents k on p.kind = 'consent' and k.store_id = $1 and k.id = p.id
        left join appointments b on p.kind = 'appointment' and b.store_id = $1 and b.id = p.id
        left join vehicles c on c.store_id = $1 and c.id = coalesce(v.vehicle_id, o.vehicle_id, b.vehicle_id)
        left join departments d on d.store_id = $1 and d.id = m.department_id
        left join users u on u.id = coalesce(v.advisor_id, a.user_id, r.recorded_by, k.by_id, b.created_by)
        left join lateral (
          select s.overall, s.words
          from responses s
          where s.store_id = $1 and s.customer_id = $2 and s.attempt_id = a.id
          order by s.id
          limit 1
        ) s on true
        order by p.at desc, p.kind, p.id desc, p.event
        "#,
        scope.get(),
        id.get(),
        kind.map(EntryKind::as_str),
        PER_PAGE,
        today,
        zone,
        (page - 1) * PER_PAGE,
    )
    .fetch_all(db)
    .await
}
