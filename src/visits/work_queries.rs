//! Statements about the work of visits: items, what is derived from them, and what 三包 counts.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgExecutor;

use crate::callbacks::CallbackId;
use crate::complaints::ComplaintId;
use crate::complaints::model::ComplaintState;
use crate::obligations::{ObligationKind, ObligationStatus};
use crate::stores::StoreScope;
use crate::vehicles::VehicleId;
use crate::vehicles::warranty_watch::Repair;
use crate::visits::items::{Item, NewItem};
use crate::visits::service::WorkInput;
use crate::visits::{Assembly, VisitId};

/// Writes what a form says about the work; the row itself was written before, with its version.
pub async fn set_work(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: VisitId,
    work: &WorkInput,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update visits
        set promised_at = $3, waiting_since = $4, waiting_until = $5, waits_for_special = $6, symptom = $7, is_safety = $8,
            assembly = $9
        where store_id = $1
          and id = $2
        "#,
        scope.get(),
        id.get(),
        work.promised_at,
        work.waiting_since,
        work.waiting_until,
        work.waits_for_special,
        work.symptom,
        work.is_safety,
        work.assembly.map(Assembly::as_str),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Lines of a visit in their order.
pub async fn list_items(db: impl PgExecutor<'_>, scope: StoreScope, id: VisitId) -> sqlx::Result<Vec<Item>> {
    sqlx::query_as!(
        Item,
        r#"
        select kind, code, name, trim_scale(quantity)::text as "quantity!", amount_fen, is_derived
        from visit_items
        where store_id = $1
          and visit_id = $2
        order by id
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_all(db)
    .await
}

/// Puts typed lines in the place of those that a visit has. Without any, lines cut from the summary stay as they are.
pub async fn replace_items(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: VisitId,
    items: &[NewItem],
) -> sqlx::Result<()> {
    let column = |of: fn(&NewItem) -> &str| items.iter().map(|item| of(item).to_owned()).collect::<Vec<_>>();
    let quantities: Vec<i64> = items.iter().map(|item| item.quantity_hundredths).collect();
    let amounts: Vec<Option<i64>> = items.iter().map(|item| item.amount_fen).collect();
    sqlx::query!(
        r#"
        with gone as (
          delete from visit_items
          where store_id = $1
            and visit_id = $2
            and (not is_derived or cardinality($3::text[]) > 0)
        )
        insert into visit_items (store_id, visit_id, kind, code, name, quantity, amount_fen)
        select $1, $2, x.kind, x.code, x.name, x.quantity / 100.0, x.amount
        from unnest($3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[]) with ordinality
             x (kind, code, name, quantity, amount, line_no)
        order by x.line_no
        "#,
        scope.get(),
        id.get(),
        &column(|item| item.kind.as_str()),
        &column(|item| &item.code),
        &column(|item| &item.name),
        &quantities,
        amounts as _,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Cuts the summaries of these cars' visits into lines, where no lines were typed and the ones that are there are others.
pub async fn derive_items(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    vehicles: Option<&[i64]>,
) -> sqlx::Result<u64> {
    let (lowest, highest) = range(vehicles);
    let done = sqlx::query!(
        r#"
        with stale as materialized (
          select v.id, v.summary
          from visits v
          where v.store_id = $1
            and v.vehicle_id between $3 and $4
            and ($2::bigint[] is null or v.vehicle_id = any($2))
            and not exists (
              select from visit_items i where i.store_id = v.store_id and i.visit_id = v.id and not i.is_derived
            )
            and array(select w.name from split_work(v.summary) w order by w.line_no) is distinct from
                array(select i.name from visit_items i where i.store_id = v.store_id and i.visit_id = v.id order by i.id)
        ), gone as (
          delete from visit_items i
          using stale s
          where i.store_id = $1
            and i.visit_id = s.id
        )
        insert into visit_items (store_id, visit_id, kind, name, is_derived)
        select $1, s.id, w.kind, w.name, true
        from stale s
        cross join lateral split_work(s.summary) w
        order by s.id, w.line_no
        "#,
        scope.get(),
        vehicles,
        lowest,
        highest,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Links each visit of these cars to the first one within 30 days before it that was about the same, or to none.
///
/// About the same: the same key of a symptom or an item; routine work has no key. A cancelled visit repeats nothing.
pub async fn derive_rework(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    vehicles: Option<&[i64]>,
) -> sqlx::Result<u64> {
    let (lowest, highest) = range(vehicles);
    let done = sqlx::query!(
        r#"
        with about as materialized (
          select v.id, v.vehicle_id, v.arrived_at, (v.arrived_at at time zone s.time_zone)::date as arrived_on,
                 v.handed_over_at, v.handed_over_on, k.key
          from stores s
          join visits v on v.store_id = s.id
          cross join lateral (
            select v.symptom_key as key where v.symptom_key is not null
            union
            select i.key from visit_items i where i.store_id = v.store_id and i.visit_id = v.id and i.key is not null
          ) k
          where s.id = $1
            and v.vehicle_id between $3 and $4
            and ($2::bigint[] is null or v.vehicle_id = any($2))
            and v.state <> 'cancelled'
            and v.type not in ('pdi', 'wash', 'internal')
        ), firsts as (
          select distinct on (n.id) n.id, e.id as first_id
          from about n
          join about e on e.vehicle_id = n.vehicle_id and e.key = n.key
          where e.id <> n.id
            and e.handed_over_at <= n.arrived_at
            and n.arrived_on - e.handed_over_on <= 30
          order by n.id, e.handed_over_at, e.id
        )
        update visits v
        set rework_of_id = f.first_id
        from visits x
        left join firsts f on f.id = x.id
        where x.store_id = $1
          and x.vehicle_id between $3 and $4
          and ($2::bigint[] is null or x.vehicle_id = any($2))
          and v.store_id = x.store_id
          and v.id = x.id
          and v.rework_of_id is distinct from f.first_id
        "#,
        scope.get(),
        vehicles,
        lowest,
        highest,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// The range of ids keeps a generic plan on the key, as in `vehicles::facts`.
fn range(vehicles: Option<&[i64]>) -> (i64, i64) {
    (
        vehicles.map_or(0, |ids| ids.iter().copied().min().unwrap_or(0)),
        vehicles.map_or(i64::MAX, |ids| ids.iter().copied().max().unwrap_or(0)),
    )
}

/// Repairs of a car in order, as 三包 looks at them. Files do not say which assembly was replaced: their words do.
pub async fn list_repairs(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    vehicle: VehicleId,
) -> sqlx::Result<Vec<Repair>> {
    sqlx::query_as!(
        Repair,
        r#"
        select v.arrived_at, (v.arrived_at at time zone s.time_zone)::date as "arrived_on!",
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
          and v.vehicle_id = $2
          and v.state <> 'cancelled'
        order by v.arrived_at, v.id
        "#,
        scope.get(),
        vehicle.get(),
    )
    .fetch_all(db)
    .await
}

/// A visit that another one is linked to.
pub struct LinkedVisit {
    pub id: VisitId,
    pub ro_number: String,
    pub arrived_at: DateTime<Utc>,
    pub handed_over_on: Option<NaiveDate>,
    pub summary: String,
}

/// The visit that this one repeats.
pub async fn find_first(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: VisitId,
) -> sqlx::Result<Option<LinkedVisit>> {
    sqlx::query_as!(
        LinkedVisit,
        r#"
        select f.id, f.ro_number, f.arrived_at, f.handed_over_on, f.summary
        from visits v
        join visits f on f.store_id = v.store_id and f.id = v.rework_of_id
        where v.store_id = $1
          and v.id = $2
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// Visits that repeat this one.
pub async fn list_reworks(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: VisitId,
) -> sqlx::Result<Vec<LinkedVisit>> {
    sqlx::query_as!(
        LinkedVisit,
        r#"
        select id, ro_number, arrived_at, handed_over_on, summary
        from visits
        where store_id = $1
          and rework_of_id = $2
        order by arrived_at, id
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_all(db)
    .await
}

/// Something that the store owes, or has done, because of a visit.
pub struct NextStep {
    pub kind: ObligationKind,
    pub status: ObligationStatus,
    pub callable_due_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    pub callback_id: Option<CallbackId>,
}

/// What the visit has caused in the ledger.
pub async fn list_next_steps(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: VisitId,
) -> sqlx::Result<Vec<NextStep>> {
    sqlx::query_as!(
        NextStep,
        r#"
        select kind, status, callable_due_at, ended_at, callback_id
        from obligations
        where store_id = $1
          and visit_id = $2
        order by callable_due_at, id
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_all(db)
    .await
}

/// A complaint about a visit.
pub struct VisitComplaint {
    pub id: ComplaintId,
    pub number: String,
    pub state: ComplaintState,
    pub accepted_at: DateTime<Utc>,
}

/// Complaints about a visit, the newest first.
pub async fn list_complaints(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: VisitId,
) -> sqlx::Result<Vec<VisitComplaint>> {
    sqlx::query_as!(
        VisitComplaint,
        r#"
        select id, number, state, accepted_at
        from complaints
        where store_id = $1
          and visit_id = $2
        order by accepted_at desc, id
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_all(db)
    .await
}
