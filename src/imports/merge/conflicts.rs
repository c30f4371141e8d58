//! Where a row and the archive disagree about more than a value: who owns the car, what the owner is called, which car
//! carries the plate, and whether a value that somebody edited by hand may go.
//!
//! What is found is counted whatever was decided, so that a preview shows what another decision would be about.

use sqlx::{PgConnection, Row};

use crate::imports::decisions::{ConflictCount, ConflictKind, Decision};
use crate::imports::mapping::ImportKind;

use super::{Arg, Job, journalled, run, run_in_store};

const CREATE: &str = "
create temp table conflicts (
  row_no int not null,
  kind text not null,
  field text,
  before text,
  after text
) on commit drop";

const FIND_OWNERS: &str = "
insert into conflicts (row_no, kind, before, after)
select s.row_no, 'owner', o.name, s.name
from stage s
join customers o on o.store_id = $1 and o.id = s.owner_id
where s.customer_id is distinct from s.owner_id";

const FIND_NAMES: &str = "
insert into conflicts (row_no, kind, before, after)
select s.row_no, 'name', o.name, s.name
from stage s
join customers o on o.store_id = $1 and o.id = s.customer_id
where s.is_rename";

/// Not where the other car gets a plate of its own from the same file.
const FIND_PLATES: &str = "
insert into conflicts (row_no, kind, field, before, after)
select distinct on (s.row_no) s.row_no, 'plate', s.plate, coalesce(c.name, v.vin, v.plate), s.name
from stage s
join vehicles v on v.store_id = $1 and v.plate = s.plate and v.id is distinct from s.vehicle_id
left join vehicle_people p on p.store_id = v.store_id and p.vehicle_id = v.id and p.role = 'owner' and p.until_on is null
left join customers c on c.store_id = p.store_id and c.id = p.customer_id
where v.erased_at is null
  and not exists (select from stage o where o.vehicle_id = v.id and o.plate <> s.plate)
  and not exists (select from vehicles m where m.store_id = $1 and m.id = s.vehicle_id and m.plate = s.plate)
order by s.row_no, v.updated_at desc, v.id";

/// The row is then about the car alone: what it says of the person is about somebody else.
const KEEP_OWNERS: &str = "
update stage s
set customer_id = s.owner_id, name = o.name, name_key = lower(regexp_replace(o.name, '\\s+', '', 'g')), phone = null,
    phone_kind = null, grade = null, note = null, keeper_name = null, registered_at = null
from conflicts k, customers o
where k.kind = 'owner'
  and k.row_no = s.row_no
  and o.store_id = $1
  and o.id = s.owner_id";

const KEEP_NAMES: &str = "
update stage s
set is_rename = false
from conflicts k
where k.kind = 'name'
  and k.row_no = s.row_no";

const KEEP_PLATES: &str = "
update stage s
set plate = null
from conflicts k
where k.kind = 'plate'
  and k.row_no = s.row_no
  and (s.vin is not null or s.vehicle_id is not null)";

/// A car that has nothing but its plate cannot do without it.
const REFUSE_NAMELESS_CARS: &str = "
with gone as (
  delete from stage s
  using conflicts k
  where k.kind = 'plate'
    and k.row_no = s.row_no
    and s.vin is null
    and s.vehicle_id is null
  returning s.row_no, s.warnings
)
insert into refused (row_no, refusals, warnings)
select row_no, jsonb_build_array(jsonb_build_object('field', 'plate', 'code', 'plate_elsewhere')), warnings
from gone";

const REFUSE: &str = "
with gone as (
  delete from stage s
  using conflicts k
  where k.kind = $1
    and k.row_no = s.row_no
  returning s.row_no, s.warnings
)
insert into refused (row_no, refusals, warnings)
select row_no, jsonb_build_array(jsonb_build_object('field', $2::text, 'code', $3::text)), warnings
from gone";

/// The audit log knows who changed what: field names, never values.
const EDITED: &str = "
create temp table edited on commit drop as
select distinct a.subject_kind, a.subject_id, f.field
from (
  select 'customers' as kind, customer_id as id from stage where changes is not null
  union
  select 'vehicles', vehicle_id from stage where changes is not null
) s
join audit a on a.store_id = $1 and a.subject_kind = s.kind and a.subject_id = s.id
cross join lateral jsonb_array_elements_text(a.change -> 'fields') f (field)
where a.action in ('customers.update', 'vehicles.update')
  and a.actor_id is not null";

const EDITED_VISITS: &str = "
create temp table edited on commit drop as
select distinct a.subject_kind, a.subject_id, f.field
from stage s
join audit a on a.store_id = $1 and a.subject_kind = 'visits' and a.subject_id = s.visit_id
cross join lateral jsonb_array_elements_text(a.change -> 'fields') f (field)
where s.changes is not null
  and a.action = 'visits.update'
  and a.actor_id is not null";

/// A change's field, and what the audit log calls it.
const FIND_EDITED: &str = "
insert into conflicts (row_no, kind, field, before, after)
select s.row_no, 'edited', c.change ->> 'field', c.change ->> 'from', c.change ->> 'to'
from stage s
cross join lateral jsonb_array_elements(s.changes) c (change)
join (values
  ('name', 'customers', 'name'),
  ('grade', 'customers', 'grade'),
  ('note', 'customers', 'note'),
  ('vin', 'vehicles', 'vin'),
  ('plate', 'vehicles', 'plate'),
  ('model', 'vehicles', 'model'),
  ('purchased_on', 'vehicles', 'delivered_on'),
  ('first_service_due_on', 'vehicles', 'first_maintenance_due_on'),
  ('warranty_ends_on', 'vehicles', 'warranty_ends_on')
) m (field, kind, name) on m.field = c.change ->> 'field'
join edited e on e.subject_kind = m.kind and e.field = m.name
              and e.subject_id = case m.kind when 'customers' then s.customer_id else s.vehicle_id end";

const FIND_EDITED_VISITS: &str = "
insert into conflicts (row_no, kind, field, before, after)
select s.row_no, 'edited', c.change ->> 'field', c.change ->> 'from', c.change ->> 'to'
from stage s
cross join lateral jsonb_array_elements(s.changes) c (change)
join (values
  ('sender', 'customer_id'),
  ('arrived_at', 'arrived_at'),
  ('handed_over_at', 'handed_over_at'),
  ('settled_at', 'settled_at'),
  ('service_type', 'type'),
  ('mileage', 'odometer_km'),
  ('amount', 'amount_fen'),
  ('advisor', 'advisor_id'),
  ('technician', 'technician_id'),
  ('work', 'summary'),
  ('next_service_mileage', 'next_km'),
  ('next_service_on', 'next_on')
) m (field, name) on m.field = c.change ->> 'field'
join edited e on e.field = m.name and e.subject_id = s.visit_id";

const KEEP_EDITED_PEOPLE: &str = "
update people p
set is_rename = p.is_rename and not k.fields @> array['name'],
    grade = case when k.fields @> array['grade'] then null else p.grade end,
    note = case when k.fields @> array['note'] then null else p.note end
from (
  select s.who, array_agg(c.field) as fields
  from conflicts c
  join stage s on s.row_no = c.row_no
  where c.kind = 'edited'
  group by s.who
) k
where k.who = p.who";

const KEEP_EDITED_ROSTER: &str = "
update stage s
set action = null,
    is_rename = s.is_rename and not k.fields @> array['name'],
    vin = case when k.fields @> array['vin'] then null else s.vin end,
    plate = case when k.fields @> array['plate'] then null else s.plate end,
    model = case when k.fields @> array['model'] then null else s.model end,
    delivered_on = case when k.fields @> array['purchased_on'] then null else s.delivered_on end,
    first_maintenance_due_on = case when k.fields @> array['first_service_due_on'] then null else s.first_maintenance_due_on end,
    warranty_ends_on = case when k.fields @> array['warranty_ends_on'] then null else s.warranty_ends_on end
from (select row_no, array_agg(field) as fields from conflicts where kind = 'edited' group by row_no) k
where k.row_no = s.row_no";

const KEEP_EDITED_VISITS: &str = "
update stage s
set action = null,
    customer_id = case when k.fields @> array['sender'] then v.customer_id else s.customer_id end,
    who = case when k.fields @> array['sender'] then '#' || v.customer_id else s.who end,
    name_key = case when k.fields @> array['sender'] then null else s.name_key end,
    phone = case when k.fields @> array['sender'] then null else s.phone end,
    arrived_at = case when k.fields @> array['arrived_at'] then v.arrived_at else s.arrived_at end,
    arrived_on = case when k.fields @> array['arrived_at'] then (v.arrived_at at time zone $2)::date else s.arrived_on end,
    handed_over_at = case when k.fields @> array['handed_over_at'] then null else s.handed_over_at end,
    handed_over_on = case when k.fields @> array['handed_over_at'] then null else s.handed_over_on end,
    settled_at = case when k.fields @> array['settled_at'] then null else s.settled_at end,
    type = case when k.fields @> array['service_type'] then null else s.type end,
    type_text = case when k.fields @> array['service_type'] then null else s.type_text end,
    km = case when k.fields @> array['mileage'] then null else s.km end,
    amount_fen = case when k.fields @> array['amount'] then null else s.amount_fen end,
    advisor_id = case when k.fields @> array['advisor'] then null else s.advisor_id end,
    advisor_name = case when k.fields @> array['advisor'] then null else s.advisor_name end,
    technician_id = case when k.fields @> array['technician'] then null else s.technician_id end,
    technician_name = case when k.fields @> array['technician'] then null else s.technician_name end,
    summary = case when k.fields @> array['work'] then null else s.summary end,
    next_km = case when k.fields @> array['next_service_mileage'] then null else s.next_km end,
    next_on = case when k.fields @> array['next_service_on'] then null else s.next_on end
from (select row_no, array_agg(field) as fields from conflicts where kind = 'edited' group by row_no) k, visits v
where k.row_no = s.row_no
  and v.store_id = $1
  and v.id = s.visit_id";

/// Somebody new whom the kept rows do not mean any more is not made.
const FORGET_PEOPLE: &str = "
delete from people p
where p.is_new
  and not exists (select from stage s where s.who = p.who)";

/// The car that had the plate has it no more; one that has nothing else keeps it, and so does one that the file names.
const MOVE_PLATES: &str = journalled!(
    "vehicles",
    "
update vehicles t
set plate = null, version = o.version + 1, updated_at = $3
from (
  select s.plate, min(s.row_no) as row_no
  from stage s
  join conflicts k on k.row_no = s.row_no and k.kind = 'plate'
  group by s.plate
) s
join vehicles o on o.store_id = $1 and o.plate = s.plate
where t.store_id = o.store_id
  and t.id = o.id
  and o.vin is not null
  and o.erased_at is null
  and not exists (select from stage x where x.vehicle_id = o.id)"
);

const FORGET: &str = "
update import_rows
set conflicts = null
where store_id = $1
  and import_id = $2
  and conflicts is not null";

const STORE: &str = "
update import_rows r
set conflicts = k.list
from (
  select row_no,
         jsonb_agg(jsonb_build_object('kind', kind, 'field', field, 'from', before, 'to', after) order by kind, field) as list
  from conflicts
  group by row_no
) k
where r.store_id = $1
  and r.import_id = $2
  and r.row_no = k.row_no";

const COUNT: &str = "
select kind, count(distinct row_no) as rows, min(row_no) as first_row
from conflicts
group by kind";

pub(super) async fn create(db: &mut PgConnection) -> sqlx::Result<()> {
    run(db, CREATE, &[]).await?;
    Ok(())
}

/// Finds rows of a roster that disagree about owner, name or plate, and does with them as was decided. Cars and people must
/// be matched before; what a row changes is worked out after.
pub(super) async fn decide_roster(db: &mut PgConnection, job: &Job) -> sqlx::Result<()> {
    run_in_store(db, job.scope, &[FIND_OWNERS, FIND_NAMES, FIND_PLATES]).await?;
    run(db, "analyze conflicts", &[]).await?;
    let of = |kind| job.decisions.of(kind);
    for (kind, field, code) in [
        (ConflictKind::Owner, "name", "owner_differs"),
        (ConflictKind::Name, "name", "name_differs"),
        (ConflictKind::Plate, "plate", "plate_elsewhere"),
    ] {
        if of(kind) == Decision::Refuse {
            let args = [kind.as_str(), field, code].map(|text| Arg::Text(text.to_owned()));
            run(db, REFUSE, &args).await?;
        }
    }
    if of(ConflictKind::Owner) == Decision::Keep {
        run_in_store(db, job.scope, &[KEEP_OWNERS]).await?;
    }
    if of(ConflictKind::Name) == Decision::Keep {
        run(db, KEEP_NAMES, &[]).await?;
    }
    if of(ConflictKind::Plate) == Decision::Keep {
        run(db, KEEP_PLATES, &[]).await?;
        run(db, REFUSE_NAMELESS_CARS, &[]).await?;
    }
    Ok(())
}

/// Finds changes of what a person has edited by hand. True: the archive wins, the stage has let go of them, and what its
/// rows change must be worked out anew.
pub(super) async fn decide_edited(db: &mut PgConnection, job: &Job) -> sqlx::Result<bool> {
    let is_visits = job.kind == ImportKind::Visits;
    let find = if is_visits {
        [EDITED_VISITS, FIND_EDITED_VISITS]
    } else {
        [EDITED, FIND_EDITED]
    };
    run(db, find[0], &[Arg::Id(job.scope.get())]).await?;
    let found = run(db, find[1], &[]).await?;
    if found == 0 || job.decisions.of(ConflictKind::Edited) == Decision::Take {
        return Ok(false);
    }
    if is_visits {
        let zone = Arg::Text(job.context.zone.name().to_owned());
        run(db, KEEP_EDITED_VISITS, &[Arg::Id(job.scope.get()), zone]).await?;
        run(db, FORGET_PEOPLE, &[]).await?;
    } else {
        run(db, KEEP_EDITED_PEOPLE, &[]).await?;
        run(db, KEEP_EDITED_ROSTER, &[]).await?;
    }
    Ok(true)
}

/// Takes plates from the cars that had them, if that was decided.
pub(super) async fn move_plates(db: &mut PgConnection, job: &Job) -> sqlx::Result<()> {
    if job.decisions.of(ConflictKind::Plate) == Decision::Take {
        run(db, MOVE_PLATES, &job.at()).await?;
    }
    Ok(())
}

/// Stores what was found with the rows, and counts it.
pub(super) async fn store(db: &mut PgConnection, job: &Job) -> anyhow::Result<Vec<ConflictCount>> {
    run(db, FORGET, &job.ids()).await?;
    run(db, STORE, &job.ids()).await?;
    let rows = sqlx::query(COUNT).persistent(false).fetch_all(db).await?;
    let mut counts = Vec::with_capacity(rows.len());
    for row in rows {
        counts.push(ConflictCount {
            kind: row.try_get::<String, _>("kind")?.parse()?,
            rows: row.try_get("rows")?,
            first_row: row.try_get("first_row")?,
        });
    }
    counts.sort_by_key(|count| count.kind);
    Ok(counts)
}
