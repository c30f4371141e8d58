//! A roster: a row is a car with its owner. Matched by VIN, then plate with phone; the person by phone with name.
//!
//! - A known car with another name and another phone has changed hands: the person of the file is the owner now.
//! - The same name with another phone is the same owner with a new number; the same phone with another name is a corrected
//!   name, unless the file gives that phone to several people.
//! - The same car again in one file is doubled: the first row counts, the later one is refused with the first one's number.

use sqlx::PgConnection;

use super::{Job, Touched, conflicts, journalled, people, run, run_in_store};

/// A row without a VIN means the car of another row with the same plate and phone.
const KEY_VEHICLES: &str = "
update stage s
set vehicle_key = k.key
from (
  select s.row_no, coalesce('v' || s.vin, 'v' || o.vin, 'p' || s.plate || ' ' || s.phone) as key
  from stage s
  left join (
    select plate, phone, min(vin) as vin
    from stage
    where vin is not null
    group by plate, phone
  ) o on o.plate = s.plate and o.phone = s.phone
) k
where k.row_no = s.row_no";

const REFUSE_DOUBLED: &str = "
with doubled as (
  select row_no, first_row
  from (
    select row_no, min(row_no) over (partition by coalesce('#' || vehicle_id, vehicle_key)) as first_row
    from stage
  ) f
  where row_no > first_row
), gone as (
  delete from stage s
  using doubled d
  where d.row_no = s.row_no
  returning s.row_no, d.first_row, case when s.vin is null then 'plate' else 'vin' end as field, s.warnings
)
insert into refused (row_no, refusals, warnings)
select row_no, jsonb_build_array(jsonb_build_object('field', field, 'code', 'doubled', 'row', first_row)), warnings
from gone";

const MATCH_VIN: &str = "
update stage s
set vehicle_id = v.id
from vehicles v
where v.store_id = $1
  and v.vin = s.vin
  and v.erased_at is null";

/// A plate may be carried to another car: it says which car only together with a phone, and never against a VIN.
const MATCH_PLATE: &str = "
update stage s
set vehicle_id = m.id
from (
  select distinct on (s.row_no) s.row_no, v.id
  from stage s
  join vehicles v on v.store_id = $1 and v.plate = s.plate
  join vehicle_people p on p.store_id = v.store_id and p.vehicle_id = v.id and p.until_on is null
  join phones h on h.store_id = p.store_id and h.customer_id = p.customer_id and h.number = s.phone
  where s.vehicle_id is null
    and v.erased_at is null
    and (s.vin is null or v.vin is null)
  order by s.row_no, v.updated_at desc, v.id
) m
where m.row_no = s.row_no";

const KEEP_OWNER: &str = "
update stage s
set customer_id = a.customer_id
from around a
where s.customer_id is null
  and a.vehicle_id = s.vehicle_id
  and a.role = 'owner'
  and a.name_key = s.name_key";

const RENAME_OWNER: &str = "
update stage s
set customer_id = s.owner_id, is_rename = true
from (
  select phone
  from stage
  group by phone
  having count(distinct name_key) = 1
) single
where s.customer_id is null
  and single.phone = s.phone
  and not exists (select from stage o where o.customer_id = s.owner_id)
  and exists (
    select from phones h
    where h.store_id = $1 and h.customer_id = s.owner_id and h.number = s.phone
  )";

/// By name or staff number, where that is one person of the store.
const MATCH_KEEPERS: &str = "
with staff as (
  select k.key, min(us.user_id) as user_id
  from user_stores us
  join users u on u.id = us.user_id
  cross join lateral (values (u.display_name), (u.staff_number)) k (key)
  where us.store_id = $1
    and k.key <> ''
  group by k.key
  having count(distinct us.user_id) = 1
)
update stage s
set keeper_id = f.user_id
from staff f
where f.key = s.keeper_name";

const WARN_UNKNOWN_KEEPER: &str = "
update stage
set warnings = coalesce(warnings, '[]')
               || jsonb_build_array(jsonb_build_object('field', 'keeper', 'code', 'unknown_keeper', 'text', keeper_name))
where keeper_id is null
  and keeper_name is not null";

/// A new car of a new person has nothing to be compared with: most rows of a first roster.
const NAME_PEOPLE: &str = "
update stage
set who = coalesce('#' || customer_id, phone || ' ' || name_key),
    is_new_vehicle = vehicle_id is null,
    action = case when vehicle_id is null and customer_id is null then 'new' end";

/// Of one person's rows the first one that says something counts.
const GATHER_PEOPLE: &str = "
insert into people (who, row_no, customer_id, is_new, is_rename, name, is_company, grams, grade, note, registered_at,
                    keeper_id)
select distinct on (s.who) s.who, s.row_no, s.customer_id, s.customer_id is null, s.is_rename, s.name, s.is_company, s.grams,
       g.grade, g.note, g.registered_at, g.keeper_id
from stage s
join (
  select who,
         (array_agg(grade order by row_no) filter (where grade is not null))[1] as grade,
         (array_agg(note order by row_no) filter (where note is not null))[1] as note,
         min(registered_at) as registered_at,
         (array_agg(keeper_id order by row_no) filter (where keeper_id is not null))[1] as keeper_id
  from stage
  group by who
) g on g.who = s.who
order by s.who, s.is_rename desc, s.row_no";

/// A numbered policy knows its own end. Of the others, a day within half a year corrects; a later one is the next policy.
const PLAN_POLICIES: &str = "
update stage s
set is_policy_due = true, policy_id = n.id
from stage o
left join lateral (
  select y.id
  from policies y
  where y.store_id = $1
    and y.vehicle_id = o.vehicle_id
    and y.kind = 'commercial'
    and y.policy_no is null
    and abs(y.ends_on - o.insured_until) <= 180
  order by abs(y.ends_on - o.insured_until), y.id
  limit 1
) n on true
where o.row_no = s.row_no
  and o.insured_until is not null
  and not exists (
    select from policies y
    where y.store_id = $1
      and y.vehicle_id = o.vehicle_id
      and y.kind = 'commercial'
      and (y.ends_on = o.insured_until or (y.policy_no is not null and abs(y.ends_on - o.insured_until) <= 180))
  )";

const COMPARE: &str = "
update stage s
set changes = d.changes,
    action = case when s.is_new_vehicle then 'new' when d.changes is null then 'unchanged' else 'changed' end
from (
  select s.row_no, (
    select jsonb_agg(jsonb_build_object('field', f.field, 'from', f.before, 'to', f.after))
    from (values
      ('name', c.name, s.name, s.is_rename),
      ('owner', o.name, s.name, v.id is not null and (s.customer_id is null or s.customer_id is distinct from s.owner_id)),
      ('phone', null, s.phone, c.id is not null and s.phone is not null and not exists (
         select from phones h where h.store_id = $1 and h.customer_id = c.id and h.number = s.phone)),
      ('grade', c.grade, s.grade, c.id is not null and s.grade = t.grade and s.grade is distinct from c.grade),
      ('note', nullif(c.note, ''), s.note, c.id is not null and s.note = t.note and s.note <> c.note),
      ('keeper', k.display_name, n.display_name,
         c.id is not null and s.keeper_id = t.keeper_id and s.keeper_id is distinct from c.keeper_id),
      ('vin', v.vin, s.vin, v.id is not null and s.vin is distinct from v.vin and s.vin is not null),
      ('plate', v.plate, s.plate, v.id is not null and s.plate is distinct from v.plate and s.plate is not null),
      ('model', nullif(v.model, ''), s.model, s.model <> v.model),
      ('purchased_on', v.delivered_on::text, s.delivered_on::text,
         v.id is not null and s.delivered_on is distinct from v.delivered_on and s.delivered_on is not null),
      ('first_service_due_on', v.first_maintenance_due_on::text, s.first_maintenance_due_on::text,
         v.id is not null and s.first_maintenance_due_on is distinct from v.first_maintenance_due_on
         and s.first_maintenance_due_on is not null),
      ('warranty_ends_on', v.warranty_ends_on::text, s.warranty_ends_on::text,
         v.id is not null and s.warranty_ends_on is distinct from v.warranty_ends_on and s.warranty_ends_on is not null),
      ('insurance_ends_on', y.ends_on::text, s.insured_until::text, v.id is not null and s.is_policy_due),
      ('mileage', null, s.km::text, v.id is not null and s.km is not null and not exists (
         select from odometer_readings r where r.store_id = $1 and r.vehicle_id = v.id and r.km = s.km))
    ) f (field, before, after, differs)
    where f.differs
  ) as changes
  from stage s
  left join vehicles v on v.store_id = $1 and v.id = s.vehicle_id
  left join customers c on c.store_id = $1 and c.id = s.customer_id
  left join customers o on o.store_id = $1 and o.id = s.owner_id
  left join policies y on y.store_id = $1 and y.id = s.policy_id
  left join users k on k.id = c.keeper_id
  left join users n on n.id = s.keeper_id
  join people t on t.who = s.who
  where s.action is null
) d
where d.row_no = s.row_no";

const NUMBER_VEHICLES: &str = "
update stage
set vehicle_id = nextval(pg_get_serial_sequence('vehicles', 'id'))
where is_new_vehicle";

const INSERT_VEHICLES: &str = "
insert into vehicles (store_id, id, vin, plate, model, usage, delivered_on, first_maintenance_due_on, warranty_ends_on,
                      import_id, import_row, created_at, updated_at)
overriding system value
select $1, s.vehicle_id, s.vin, s.plate, coalesce(s.model, ''), case when s.is_company then 'company' else 'private' end,
       s.delivered_on, s.first_maintenance_due_on, s.warranty_ends_on, $2, s.row_no,
       coalesce(s.registered_at, $3), $3
from stage s
where s.is_new_vehicle";

const UPDATE_VEHICLES: &str = journalled!(
    "vehicles",
    "
update vehicles t
set vin = coalesce(s.vin, o.vin),
    plate = coalesce(s.plate, o.plate),
    model = coalesce(s.model, o.model),
    delivered_on = coalesce(s.delivered_on, o.delivered_on),
    first_maintenance_due_on = coalesce(s.first_maintenance_due_on, o.first_maintenance_due_on),
    warranty_ends_on = coalesce(s.warranty_ends_on, o.warranty_ends_on),
    version = o.version + 1,
    updated_at = $3
from stage s
join vehicles o on o.store_id = $1 and o.id = s.vehicle_id
where t.store_id = o.store_id
  and t.id = o.id
  and s.action = 'changed'
  and (coalesce(s.vin, o.vin), coalesce(s.plate, o.plate), coalesce(s.model, o.model),
       coalesce(s.delivered_on, o.delivered_on), coalesce(s.first_maintenance_due_on, o.first_maintenance_due_on),
       coalesce(s.warranty_ends_on, o.warranty_ends_on))
      is distinct from
      (o.vin, o.plate, o.model, o.delivered_on, o.first_maintenance_due_on, o.warranty_ends_on)"
);

const END_OWNERS: &str = journalled!(
    "vehicle_people",
    "
update vehicle_people t
set until_on = $3
from stage s
join vehicle_people o on o.store_id = $1 and o.vehicle_id = s.vehicle_id
where t.store_id = o.store_id
  and t.id = o.id
  and o.role = 'owner'
  and o.until_on is null
  and o.customer_id <> s.customer_id"
);

const INSERT_OWNERS: &str = "
insert into vehicle_people (store_id, vehicle_id, customer_id, role, from_on, import_id, import_row)
select $1, s.vehicle_id, s.customer_id, 'owner', case when s.is_new_vehicle then s.delivered_on else $3 end, $2, s.row_no
from stage s
where s.is_new_vehicle or s.owner_id is distinct from s.customer_id";

const CORRECT_POLICIES: &str = journalled!(
    "policies",
    "
update policies t
set ends_on = s.insured_until, version = o.version + 1
from stage s
join policies o on o.store_id = $1 and o.id = s.policy_id
where t.store_id = o.store_id
  and t.id = o.id
  and s.is_policy_due"
);

const INSERT_POLICIES: &str = "
insert into policies (store_id, vehicle_id, kind, ends_on, import_id, import_row, created_at)
select $1, s.vehicle_id, 'commercial', s.insured_until, $2, s.row_no, $3
from stage s
where s.is_policy_due
  and s.policy_id is null";

/// A roster does not say when its mileage was read: it is known today.
const INSERT_READINGS: &str = "
insert into odometer_readings (store_id, vehicle_id, read_on, km, source, import_id, import_row)
select $1, s.vehicle_id, $3, s.km, 'import', $2, s.row_no
from stage s
where s.km is not null
  and not exists (
    select from odometer_readings r
    where r.store_id = $1 and r.vehicle_id = s.vehicle_id and r.km = s.km
  )";

pub(super) async fn classify(db: &mut PgConnection, job: &Job) -> sqlx::Result<()> {
    let scope = job.scope;
    run(db, KEY_VEHICLES, &[]).await?;
    run(db, REFUSE_DOUBLED, &[]).await?;
    run_in_store(db, scope, &[MATCH_VIN, MATCH_PLATE]).await?;
    // Two rows that looked like two cars may have found the same one.
    run(db, REFUSE_DOUBLED, &[]).await?;
    people::find_known(db, scope).await?;
    run(db, KEEP_OWNER, &[]).await?;
    run_in_store(db, scope, &[RENAME_OWNER]).await?;
    people::share_within_file(db).await?;
    conflicts::decide_roster(db, job).await?;
    run_in_store(db, scope, &[MATCH_KEEPERS]).await?;
    run(db, WARN_UNKNOWN_KEEPER, &[]).await?;
    run(db, NAME_PEOPLE, &[]).await?;
    run(db, GATHER_PEOPLE, &[]).await?;
    run_in_store(db, scope, &[PLAN_POLICIES, COMPARE]).await?;
    if conflicts::decide_edited(db, job).await? {
        run_in_store(db, scope, &[COMPARE]).await?;
    }
    Ok(())
}

pub(super) async fn apply(db: &mut PgConnection, job: &Job) -> sqlx::Result<Touched> {
    run(db, NUMBER_VEHICLES, &[]).await?;
    run(db, INSERT_VEHICLES, &job.at()).await?;
    run(db, UPDATE_VEHICLES, &job.at()).await?;
    conflicts::move_plates(db, job).await?;
    run(db, END_OWNERS, &job.on()).await?;
    run(db, INSERT_OWNERS, &job.on()).await?;
    run(db, CORRECT_POLICIES, &job.ids()).await?;
    run(db, INSERT_POLICIES, &job.at()).await?;
    run(db, INSERT_READINGS, &job.on()).await?;
    Touched::of(
        db,
        "select distinct vehicle_id from stage where action <> 'unchanged'",
        "select customer_id from stage where action <> 'unchanged'
         union
         select owner_id from stage where action <> 'unchanged' and owner_id is not null",
    )
    .await
}
