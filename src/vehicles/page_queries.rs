//! Statements of the page of a car: each reads one range of an index.

use chrono::NaiveDate;
use sqlx::PgExecutor;

use crate::stores::StoreScope;
use crate::vehicles::model::{Facts, PlateRow, ReadingRow, VehiclePerson};
use crate::vehicles::timeline::{Moment, MomentKind};
use crate::vehicles::{PolicyKind, VehicleId};

/// People around a car, current ones first.
pub async fn list_people(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: VehicleId,
) -> sqlx::Result<Vec<VehiclePerson>> {
    sqlx::query_as!(
        VehiclePerson,
        r#"
        select p.id, p.customer_id, coalesce(c.name, '') as "name!", c.salutation, p.role, p.from_on, p.until_on,
               h.id as "phone_id?", h.number as "number?"
        from vehicle_people p
        join customers c on c.store_id = p.store_id and c.id = p.customer_id
        left join phones h on h.store_id = c.store_id and h.customer_id = c.id and h.is_main
        where p.store_id = $1
          and p.vehicle_id = $2
        order by p.until_on is not null, p.until_on desc, p.role <> 'owner', p.role <> 'driver', p.id
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_all(db)
    .await
}

/// Readings for the page, the newest first, refused ones too.
pub async fn list_readings(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: VehicleId,
) -> sqlx::Result<Vec<ReadingRow>> {
    sqlx::query_as!(
        ReadingRow,
        r#"
        select read_on, km, source, refused
        from odometer_readings
        where store_id = $1
          and vehicle_id = $2
        order by read_on desc, id desc
        limit 30
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_all(db)
    .await
}

/// The predictions about a car, and what they are made from.
pub async fn find_facts(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: VehicleId,
) -> sqlx::Result<Option<Facts>> {
    sqlx::query_as!(
        Facts,
        r#"
        select f.km_per_day::text as "km_per_day!", f.km_confidence, f.first_due_on, f.next_due_on, f.next_due_by,
               f.warranty_due_on, f.last_visit_on, f.active_until, f.last_maintenance_on, f.last_maintenance_km,
               r.read_on as "read_on?", r.km as "km?", m.first_months, m.first_km, m.interval_months, m.interval_km
        from vehicle_facts f
        join vehicles v on v.store_id = f.store_id and v.id = f.vehicle_id
        cross join lateral (
          select p.*
          from maintenance_plans p
          where p.store_id = v.store_id
            and p.brand in (v.brand, '*')
            and p.model in (v.model, '*')
          order by p.model = '*', p.brand = '*'
          limit 1
        ) m
        left join lateral (
          select o.read_on, o.km
          from odometer_readings o
          where o.store_id = v.store_id and o.vehicle_id = v.id and o.refused is null
          order by o.read_on desc, o.km desc
          limit 1
        ) r on true
        where f.store_id = $1
          and f.vehicle_id = $2
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// Plates that a car has and had, the newest first.
pub async fn list_plates(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: VehicleId,
) -> sqlx::Result<Vec<PlateRow>> {
    sqlx::query_as!(
        PlateRow,
        r#"
        select plate, from_on, until_on
        from vehicle_plates
        where store_id = $1
          and vehicle_id = $2
        order by until_on is not null, from_on desc, id desc
        limit 10
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_all(db)
    .await
}

/// Visits made and money spent on a car, cancelled visits left out.
pub struct Totals {
    pub visits: i64,
    pub spent_fen: i64,
    pub reworks: i64,
}

/// Sums over the visits of a car.
pub async fn totals(db: impl PgExecutor<'_>, scope: StoreScope, id: VehicleId) -> sqlx::Result<Totals> {
    sqlx::query_as!(
        Totals,
        r#"
        select count(*) as "visits!", coalesce(sum(amount_fen), 0)::bigint as "spent_fen!",
               count(*) filter (where rework_of_id is not null or type = 'rework') as "reworks!"
        from visits
        where store_id = $1
          and vehicle_id = $2
          and state <> 'cancelled'
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_one(db)
    .await
}

/// What the watch over 三包 needs besides the car itself.
pub struct WatchSettings {
    pub margin: i16,
    /// Whether the first owner that is known is a company.
    pub is_bought_by_company: bool,
}

/// The store's margin, and who bought the car.
pub async fn find_watch_settings(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: VehicleId,
) -> sqlx::Result<WatchSettings> {
    sqlx::query_as!(
        WatchSettings,
        r#"
        select s.watch_margin as margin, coalesce(o.kind = 'company', false) as "is_bought_by_company!"
        from stores s
        left join lateral (
          select c.kind
          from vehicle_people p
          join customers c on c.store_id = p.store_id and c.id = p.customer_id
          where p.store_id = s.id
            and p.vehicle_id = $2
            and p.role = 'owner'
          order by p.until_on is null, p.until_on, p.from_on nulls first, p.id
          limit 1
        ) o on true
        where s.id = $1
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_one(db)
    .await
}

/// A policy in the list of a car.
pub struct PolicyRow {
    pub kind: PolicyKind,
    pub insurer: String,
    pub ends_on: NaiveDate,
    pub premium_fen: Option<i64>,
}

/// Policies of a car, the one that ends last first.
pub async fn list_policies(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: VehicleId,
) -> sqlx::Result<Vec<PolicyRow>> {
    sqlx::query_as!(
        PolicyRow,
        r#"
        select kind, insurer, ends_on, premium_fen
        from policies
        where store_id = $1
          and vehicle_id = $2
        order by ends_on desc, id desc
        limit 10
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_all(db)
    .await
}

/// The timeline of a car, the newest first. Things with a day and no time stand at noon.
pub async fn list_moments(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: VehicleId,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<Moment>> {
    sqlx::query_as!(
        Moment,
        r#"
        with zone as (select s.time_zone as name from stores s where s.id = $1),
        owed as materialized (
          select o.callback_id, o.reminder_id
          from obligations o
          where o.store_id = $1 and o.vehicle_id = $2 and (o.callback_id is not null or o.reminder_id is not null)
        )
        select t.kind as "kind!: MomentKind", t.id as "id!", t.at as "at!", t.day, t.code, t.title, t.words, t.who, t.km,
               t.amount, coalesce(t.is_flagged, false) as "is_flagged!"
        from (
          select 'visit' as kind, v.id, coalesce(v.handed_over_at, v.arrived_at) as at, null::date as day, v.type as code,
                 v.ro_number as title, concat_ws(' · ', nullif(v.symptom, ''), nullif(v.summary, '')) as words,
                 coalesce(u.display_name, v.advisor_name) as who, v.odometer_km as km, v.amount_fen as amount,
                 v.rework_of_id is not null or v.type = 'rework' as is_flagged
          from visits v
          left join users u on u.id = v.advisor_id
          where v.store_id = $1 and v.vehicle_id = $2
          union all
          select 'reading', r.id, (r.read_on + time '12:00') at time zone z.name, r.read_on, r.source, null, r.refused, null,
                 r.km, null, r.refused is not null
          from odometer_readings r
          cross join zone z
          where r.store_id = $1 and r.vehicle_id = $2 and r.visit_id is null
          union all
          select 'plate', p.id, (p.from_on + time '12:00') at time zone z.name, p.from_on, null, p.plate, p.before, null, null,
                 null, false
          from (
            select q.id, q.plate, q.from_on, lag(q.plate) over (order by q.from_on, q.id) as before
            from vehicle_plates q
            where q.store_id = $1 and q.vehicle_id = $2
          ) p
          cross join zone z
          where p.before is not null
          union all
          select e.kind, p.customer_id, (e.day + time '12:00') at time zone z.name, e.day, p.role, c.name, null, null, null,
                 null, false
          from vehicle_people p
          join customers c on c.store_id = p.store_id and c.id = p.customer_id
          cross join lateral (values ('owner', p.from_on), ('owner_left', p.until_on)) e (kind, day)
          cross join zone z
          where p.store_id = $1 and p.vehicle_id = $2 and p.role = 'owner' and e.day is not null
          union all
          select 'call', a.id, a.at, null, a.result, null, coalesce(nullif(r.words, ''), a.note), u.display_name, null,
                 a.seconds, coalesce(r.is_dissatisfied, false)
          from (select distinct callback_id from owed where callback_id is not null) b
          join attempts a on a.store_id = $1 and a.callback_id = b.callback_id
          join users u on u.id = a.user_id
          left join lateral (
            select x.words, x.is_dissatisfied
            from responses x
            where x.store_id = a.store_id and x.customer_id = a.customer_id and x.attempt_id = a.id
            order by x.id
            limit 1
          ) r on true
          union all
          select 'complaint', c.id, c.accepted_at, null, c.severity, c.number, c.words, d.name, null, null, c.ended_at is null
          from complaints c
          left join departments d on d.store_id = c.store_id and d.id = c.department_id
          where c.store_id = $1 and c.vehicle_id = $2
          union all
          select 'policy', p.id, (p.starts_on + time '12:00') at time zone z.name, p.starts_on, p.kind, p.insurer,
                 p.starts_on || ' – ' || p.ends_on, null, null, p.premium_fen, false
          from policies p
          cross join zone z
          where p.store_id = $1 and p.vehicle_id = $2 and p.starts_on is not null
          union all
          select 'reminder', m.id, coalesce(m.ended_at, (m.send_on + time '12:00') at time zone z.name),
                 case when m.ended_at is null then m.send_on end, m.status, null, m.note, u.display_name, null, null, false
          from (select distinct reminder_id from owed where reminder_id is not null) b
          join reminders m on m.store_id = $1 and m.id = b.reminder_id
          left join users u on u.id = m.recorded_by
          cross join zone z
        ) t
        order by t.at desc, t.kind, t.id desc
        limit $3
        offset $4
        "#,
        scope.get(),
        id.get(),
        limit,
        offset,
    )
    .fetch_all(db)
    .await
}
