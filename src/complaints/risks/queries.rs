//! Statements of risks.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use sqlx::PgExecutor;

use crate::complaints::risks::model::{RiskTab, WarrantyRisk};
use crate::complaints::risks::{RiskAction, RiskId, RiskKind, RiskState};
use crate::customers::CustomerId;
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::vehicles::warranty_watch::{Car, CounterKind, Repair};
use crate::vehicles::{VehicleId, VehicleUsage};
use crate::visits::{Assembly, VisitId};
use crate::web::pagination::PageParams;

/// A car whose repairs may add up to something.
pub struct WatchedCar {
    pub id: i64,
    pub customer_id: i64,
    pub usage: VehicleUsage,
    pub is_bought_by_company: bool,
    pub delivered_on: Option<NaiveDate>,
    pub km: Option<i32>,
    pub margin: i16,
}

impl WatchedCar {
    /// As the watch looks at it.
    pub fn car(&self) -> Car {
        Car {
            usage: self.usage,
            is_bought_by_company: self.is_bought_by_company,
            delivered_on: self.delivered_on,
            km: self.km,
        }
    }
}

/// Private cars of the last three years that were repaired under warranty twice or longer, or once for something grave.
/// Everything that the watch could warn about is among them; the watch decides.
pub async fn list_watched_cars(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    today: NaiveDate,
) -> sqlx::Result<Vec<WatchedCar>> {
    sqlx::query_as!(
        WatchedCar,
        r#"
        with repaired as materialized (
          select w.vehicle_id
          from visits w
          where w.store_id = $1
            and (w.type in ('warranty', 'rework') or w.is_safety or w.assembly is not null)
            and w.arrived_at >= $2::date::timestamp - interval '37 months'
            and w.state <> 'cancelled'
          group by w.vehicle_id
          having count(*) > 1 or bool_or(w.is_safety) or bool_or(w.assembly is not null)
            or min(w.arrived_at) < coalesce(min(w.settled_at), min(w.handed_over_at), $2::date + 1) - interval '12 days'
        )
        select v.id as "id!: i64", o.customer_id as "customer_id!: i64", v.usage, coalesce(b.kind = 'company', false) as "is_bought_by_company!",
               v.delivered_on, k.km as "km?", s.watch_margin as margin
        from repaired r
        join vehicles v on v.store_id = $1 and v.id = r.vehicle_id
        join stores s on s.id = v.store_id
        cross join lateral (
          select p.customer_id from vehicle_people p
          where p.store_id = v.store_id and p.vehicle_id = v.id and p.until_on is null
          order by p.role = 'owner' desc, p.role = 'driver' desc, p.id
          limit 1
        ) o
        left join lateral (
          select c.kind
          from vehicle_people p
          join customers c on c.store_id = p.store_id and c.id = p.customer_id
          where p.store_id = v.store_id and p.vehicle_id = v.id and p.role = 'owner'
          order by p.until_on is null, p.until_on, p.from_on nulls first, p.id
          limit 1
        ) b on true
        left join lateral (
          select d.km from odometer_readings d
          where d.store_id = v.store_id and d.vehicle_id = v.id and d.refused is null
          order by d.read_on desc, d.km desc
          limit 1
        ) k on true
        where v.usage = 'private'
          and v.state = 'active'
          and v.delivered_on > $2::date - interval '37 months'
        order by v.id
        "#,
        scope.get(),
        today,
    )
    .fetch_all(db)
    .await
}

/// A repair and whose it is.
pub struct RepairOf {
    pub vehicle: i64,
    pub repair: Repair,
}

struct RepairRow {
    vehicle: i64,
    arrived_at: DateTime<Utc>,
    arrived_on: NaiveDate,
    done_at: Option<DateTime<Utc>>,
    waiting_since: Option<DateTime<Utc>>,
    waiting_until: Option<DateTime<Utc>>,
    waits_for_special: bool,
    km: Option<i32>,
    is_warranty: bool,
    is_safety: bool,
    assembly: Option<Assembly>,
    faults: Vec<String>,
    parts: Vec<String>,
}

/// Repairs of these cars in order, as `visits::work_queries::list_repairs` reads those of one.
pub async fn list_repairs(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    vehicles: &[i64],
) -> sqlx::Result<Vec<RepairOf>> {
    let rows = sqlx::query_as!(
        RepairRow,
        r#"
        select v.vehicle_id as "vehicle!: i64", v.arrived_at, (v.arrived_at at time zone s.time_zone)::date as "arrived_on!",
               least(v.settled_at, v.handed_over_at) as done_at, v.waiting_since, v.waiting_until, v.waits_for_special,
               v.odometer_km as km, v.type in ('warranty', 'rework') as "is_warranty!", v.is_safety,
               coalesce(v.assembly, i.assembly) as "assembly: Assembly",
               array_remove(i.keys || v.symptom_key, null) as "faults!", i.parts as "parts!"
        from visits v
        join stores s on s.id = v.store_id
        cross join lateral (
          select coalesce(array_agg(i.key) filter (where i.key is not null), '{}') as keys,
                 coalesce(array_agg(i.key) filter (where i.key is not null and i.kind = 'part'), '{}') as parts,
                 min(case when i.name !~ '更换' then null
                          when i.name ~ '发动机总成' then 'engine'
                          when i.name ~ '变速[器箱]总成' then 'gearbox'
                          when i.name ~ '动力(蓄)?电池(包|总成)' then 'battery'
                          when i.name ~ '驱动电机总成' then 'motor' end) as assembly
          from visit_items i
          where i.store_id = v.store_id
            and i.visit_id = v.id
        ) i
        where v.store_id = $1
          and v.vehicle_id = any($2)
          and v.state <> 'cancelled'
        order by v.vehicle_id, v.arrived_at, v.id
        "#,
        scope.get(),
        vehicles,
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| RepairOf {
            vehicle: row.vehicle,
            repair: Repair {
                arrived_at: row.arrived_at,
                arrived_on: row.arrived_on,
                done_at: row.done_at,
                waiting_since: row.waiting_since,
                waiting_until: row.waiting_until,
                waits_for_special: row.waits_for_special,
                km: row.km,
                is_warranty: row.is_warranty,
                is_safety: row.is_safety,
                assembly: row.assembly,
                faults: row.faults,
                parts: row.parts,
            },
        })
        .collect())
}

/// Counters that are risks, as columns.
#[derive(Default)]
pub struct Counters {
    keys: Vec<String>,
    ranks: Vec<i16>,
    customers: Vec<i64>,
    vehicles: Vec<i64>,
    since: Vec<DateTime<Utc>>,
    counts: Vec<i64>,
    counters: Vec<String>,
    subjects: Vec<String>,
}

impl Counters {
    /// One more.
    pub fn push(&mut self, car: &WatchedCar, risk: WarrantyRisk) {
        self.keys.push(risk.key);
        self.ranks.push(risk.rank);
        self.customers.push(car.customer_id);
        self.vehicles.push(car.id);
        self.since.push(risk.since);
        self.counts.push(risk.count);
        self.counters.push(risk.counter.to_string());
        self.subjects.push(risk.subject);
    }
}

/// What a run has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    pub risks: i64,
    pub gone: i64,
}

/// Writes what was found over what stands there. What is found again after it had gone is open again unless a person ended it.
pub async fn refresh(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    counters: &Counters,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<Found> {
    sqlx::query_as!(
        Found,
        r#"
        with found as materialized (
          select f.kind, f.cycle_key, f.rank, f.customer_id, f.vehicle_id, f.visit_id, f.appointment_id, f.since, f.count::bigint as count,
                 null::text as counter, f.subject
          from find_risks($1, $2, $3) f
          union all
          select 'warranty', w.key, w.rank, w.customer, w.vehicle, null, null, w.since, w.count, w.counter, w.subject
          from unnest($4::text[], $5::smallint[], $6::bigint[], $7::bigint[], $8::timestamptz[], $9::bigint[], $10::text[], $11::text[])
               w (key, rank, customer, vehicle, since, count, counter, subject)
          where not exists (select from complaints c where c.store_id = $1 and c.vehicle_id = w.vehicle and c.accepted_at >= w.since
                              and c.state not in ('invalid', 'merged'))
        ), written as (
          insert into risks as r (store_id, kind, cycle_key, rank, customer_id, vehicle_id, visit_id, appointment_id, since, count, counter,
                                  subject, found_at)
          select $1, f.kind, f.cycle_key, f.rank, f.customer_id, f.vehicle_id, f.visit_id, f.appointment_id, f.since, f.count, f.counter,
                 f.subject, $2
          from found f
          order by f.rank, f.since, f.kind, f.cycle_key
          on conflict on constraint risks_once_key do update
          set rank = excluded.rank, customer_id = excluded.customer_id, since = excluded.since, count = excluded.count,
              subject = excluded.subject, gone_at = null
          where (r.rank, r.customer_id, r.since, r.count, r.subject) is distinct from
                (excluded.rank, excluded.customer_id, excluded.since, excluded.count, excluded.subject)
             or r.gone_at is not null
        ), gone as (
          update risks r
          set gone_at = $2
          where r.store_id = $1
            and r.state = 'open'
            and r.gone_at is null
            and not exists (select from found f where f.kind = r.kind and f.cycle_key = r.cycle_key)
          returning r.id
        )
        select (select count(*) from found) as "risks!", (select count(*) from gone) as "gone!"
        "#,
        scope.get(),
        now,
        today,
        &counters.keys,
        &counters.ranks,
        &counters.customers,
        &counters.vehicles,
        &counters.since,
        &counters.counts,
        &counters.counters,
        &counters.subjects,
    )
    .fetch_one(db)
    .await
}

/// A risk in the list and on its page.
#[derive(Clone)]
pub struct RiskRow {
    pub id: RiskId,
    pub kind: RiskKind,
    pub state: RiskState,
    pub since: DateTime<Utc>,
    pub count: i32,
    pub counter: Option<CounterKind>,
    pub subject: String,
    pub snoozed_until: Option<NaiveDate>,
    pub taken_by: Option<UserId>,
    pub taken_by_name: Option<String>,
    pub ended_at: Option<DateTime<Utc>>,
    pub ended_by_name: Option<String>,
    pub gone_at: Option<DateTime<Utc>>,
    pub version: i32,
    pub customer_id: CustomerId,
    pub customer_name: Option<String>,
    pub phone: Option<String>,
    pub vehicle_id: Option<VehicleId>,
    pub plate: Option<String>,
    pub model: Option<String>,
    pub visit_id: Option<VisitId>,
    pub ro_number: Option<String>,
    /// What the visit was about.
    pub summary: Option<String>,
    /// Who served, by the visit.
    pub advisor: Option<String>,
    pub last_touch_at: Option<DateTime<Utc>>,
}

/// What the list is cut to.
#[derive(Clone, Copy)]
pub struct RiskFilter {
    pub tab: RiskTab,
    pub kind: Option<RiskKind>,
    pub me: UserId,
    pub today: NaiveDate,
}

/// A page of risks: open ones by weight and age, ended ones the newest first. A car that has left since the morning is left out.
pub async fn list(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    filter: RiskFilter,
    page: PageParams,
) -> sqlx::Result<Vec<RiskRow>> {
    sqlx::query_as!(
        RiskRow,
        r#"
        with page as materialized (
          (select r.id, r.rank::bigint as weight, r.since as at
           from risks r
           where $2 <> 'done' and r.store_id = $1 and r.state = 'open' and r.gone_at is null
             and ($3::text is null or r.kind = $3)
             and case when $2 = 'snoozed' then r.snoozed_until > $5 else coalesce(r.snoozed_until, $5) <= $5 end
             and ($2 <> 'mine' or r.taken_by = $4)
             and (r.kind not in ('long_repair', 'parts_wait', 'not_handed_over')
                  or exists (select from visits v where v.store_id = $1 and v.id = r.visit_id and v.handed_over_at is null))
           order by r.rank, r.since, r.id
           limit $6 offset $7)
          union all
          (select r.id, -extract(epoch from r.ended_at)::bigint, r.ended_at
           from risks r
           where $2 = 'done' and r.store_id = $1 and r.ended_at is not null
             and ($3::text is null or r.kind = $3)
           order by r.ended_at desc, r.id
           limit $6 offset $7)
        )
        select r.id, r.kind, r.state, r.since, r.count, r.counter, r.subject, r.snoozed_until, r.taken_by, t.display_name as "taken_by_name?",
               r.ended_at, e.display_name as "ended_by_name?", r.gone_at, r.version, r.customer_id, c.name as "customer_name?",
               p.number as "phone?", r.vehicle_id, v.plate as "plate?", v.model as "model?", r.visit_id, w.ro_number as "ro_number?",
               w.summary as "summary?", coalesce(a.display_name, nullif(w.advisor_name, '')) as "advisor?", f.last_touch_at as "last_touch_at?"
        from page g
        join risks r on r.store_id = $1 and r.id = g.id
        join customers c on c.store_id = r.store_id and c.id = r.customer_id
        left join phones p on p.store_id = r.store_id and p.customer_id = r.customer_id and p.is_main
        left join customer_facts f on f.store_id = r.store_id and f.customer_id = r.customer_id
        left join vehicles v on v.store_id = r.store_id and v.id = r.vehicle_id
        left join visits w on w.store_id = r.store_id and w.id = r.visit_id
        left join users a on a.id = w.advisor_id
        left join users t on t.id = r.taken_by
        left join users e on e.id = r.ended_by
        order by g.weight, g.at, r.id
        "#,
        scope.get(),
        filter.tab.as_str(),
        filter.kind.map(RiskKind::as_str),
        filter.me.get(),
        filter.today,
        page.limit(),
        page.offset(),
    )
    .fetch_all(db)
    .await
}

/// One risk.
pub async fn find(db: impl PgExecutor<'_>, scope: StoreScope, id: RiskId) -> sqlx::Result<Option<RiskRow>> {
    sqlx::query_as!(
        RiskRow,
        r#"
        select r.id, r.kind, r.state, r.since, r.count, r.counter, r.subject, r.snoozed_until, r.taken_by, t.display_name as "taken_by_name?",
               r.ended_at, e.display_name as "ended_by_name?", r.gone_at, r.version, r.customer_id, c.name as "customer_name?",
               p.number as "phone?", r.vehicle_id, v.plate as "plate?", v.model as "model?", r.visit_id, w.ro_number as "ro_number?",
               w.summary as "summary?", coalesce(a.display_name, nullif(w.advisor_name, '')) as "advisor?", f.last_touch_at as "last_touch_at?"
        from risks r
        join customers c on c.store_id = r.store_id and c.id = r.customer_id
        left join phones p on p.store_id = r.store_id and p.customer_id = r.customer_id and p.is_main
        left join customer_facts f on f.store_id = r.store_id and f.customer_id = r.customer_id
        left join vehicles v on v.store_id = r.store_id and v.id = r.vehicle_id
        left join visits w on w.store_id = r.store_id and w.id = r.visit_id
        left join users a on a.id = w.advisor_id
        left join users t on t.id = r.taken_by
        left join users e on e.id = r.ended_by
        where r.store_id = $1
          and r.id = $2
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// Open risks of a kind.
#[derive(Clone, Copy, Debug)]
pub struct KindCount {
    pub kind: RiskKind,
    pub open: i64,
    pub mine: i64,
    pub snoozed: i64,
}

/// How many risks each kind has now.
pub async fn counts(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    me: UserId,
    today: NaiveDate,
) -> sqlx::Result<Vec<KindCount>> {
    sqlx::query_as!(
        KindCount,
        r#"
        select r.kind, count(*) filter (where coalesce(r.snoozed_until, $3) <= $3) as "open!",
               count(*) filter (where coalesce(r.snoozed_until, $3) <= $3 and r.taken_by = $2) as "mine!",
               count(*) filter (where r.snoozed_until > $3) as "snoozed!"
        from risks r
        where r.store_id = $1
          and r.state = 'open'
          and r.gone_at is null
          and (r.kind not in ('long_repair', 'parts_wait', 'not_handed_over')
               or exists (select from visits v where v.store_id = $1 and v.id = r.visit_id and v.handed_over_at is null))
        group by r.kind
        "#,
        scope.get(),
        me.get(),
        today,
    )
    .fetch_all(db)
    .await
}

/// A line of what was done about a risk.
pub struct ActionRow {
    pub action: RiskAction,
    pub note: String,
    pub until_on: Option<NaiveDate>,
    pub by_name: String,
    pub at: DateTime<Utc>,
}

/// What was done about a risk, the newest first.
pub async fn list_actions(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: RiskId,
) -> sqlx::Result<Vec<ActionRow>> {
    sqlx::query_as!(
        ActionRow,
        r#"
        select a.action, a.note, a.until_on, u.display_name as by_name, a.at
        from risk_actions a
        join users u on u.id = a.by_id
        where a.store_id = $1
          and a.risk_id = $2
        order by a.id desc
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_all(db)
    .await
}

/// Locks an open risk that was not changed since `version`; without a version in any.
pub async fn lock(db: impl PgExecutor<'_>, scope: StoreScope, id: RiskId) -> sqlx::Result<Option<Locked>> {
    sqlx::query_as!(
        Locked,
        r#"
        select r.state, r.taken_by, r.version
        from risks r
        where r.store_id = $1
          and r.id = $2
        for no key update
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// A locked risk.
#[derive(Clone, Copy, Debug)]
pub struct Locked {
    pub state: RiskState,
    pub taken_by: Option<UserId>,
    pub version: i32,
}

/// Whose it is from now on.
pub async fn set_taker(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: RiskId,
    taker: Option<UserId>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update risks
        set taken_by = $3, taken_at = case when $3::bigint is not null then $4::timestamptz end, version = version + 1
        where store_id = $1
          and id = $2
        "#,
        scope.get(),
        id.get(),
        taker.map(UserId::get),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Ends a risk, puts it off, or opens it again.
pub async fn set_state(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: RiskId,
    (state, snoozed_until): (RiskState, Option<NaiveDate>),
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update risks
        set state = $3, snoozed_until = $4, version = version + 1,
            ended_at = case when $3 <> 'open' then $6::timestamptz end, ended_by = case when $3 <> 'open' then $5::bigint end
        where store_id = $1
          and id = $2
        "#,
        scope.get(),
        id.get(),
        state.as_str(),
        snoozed_until,
        by.get(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What somebody did about a risk.
#[derive(Clone, Copy)]
pub struct NewAction<'a> {
    pub action: RiskAction,
    pub note: &'a str,
    pub until_on: Option<NaiveDate>,
    pub by: UserId,
    pub at: DateTime<Utc>,
}

/// Adds a line to the history of a risk.
pub async fn insert_action(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: RiskId,
    new: NewAction<'_>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into risk_actions (store_id, risk_id, action, note, until_on, by_id, at)
        values ($1, $2, $3, $4, $5, $6, $7)
        "#,
        scope.get(),
        id.get(),
        new.action.as_str(),
        new.note,
        new.until_on,
        new.by.get(),
        new.at,
    )
    .execute(db)
    .await?;
    Ok(())
}
