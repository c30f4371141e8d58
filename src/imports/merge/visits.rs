//! Visits: a row is a repair order, known by its number. A car or a person that the archive lacks is made, so that no
//! serviced customer is lost.
//!
//! Whom to call about it is the person who brought the car: by phone with name, else by phone or name among the people of
//! the car, else somebody new; without 送修人 the owner, of a company's car its driver.

use sqlx::PgConnection;

use super::{Arg, Job, Touched, conflicts, journalled, people, run, run_in_store};

const REFUSE_DOUBLED: &str = "
with doubled as (
  select row_no, first_row
  from (
    select row_no, min(row_no) over (partition by ro_number) as first_row
    from stage
  ) f
  where row_no > first_row
), gone as (
  delete from stage s
  using doubled d
  where d.row_no = s.row_no
  returning s.row_no, d.first_row, s.warnings
)
insert into refused (row_no, refusals, warnings)
select row_no, jsonb_build_array(jsonb_build_object('field', 'ro_number', 'code', 'doubled', 'row', first_row)), warnings
from gone";

const MATCH_VISITS: &str = "
update stage s
set visit_id = v.id, previous_vehicle_id = v.vehicle_id, previous_customer_id = v.customer_id
from visits v
where v.store_id = $1
  and v.ro_number = s.ro_number";

/// A corrected arrival may come to lie behind a hand-over that only the archive knows.
const REFUSE_BEFORE_ARRIVAL: &str = "
with gone as (
  delete from stage s
  using visits v
  where v.store_id = $1
    and v.id = s.visit_id
    and coalesce(s.handed_over_at, v.handed_over_at) < s.arrived_at
  returning s.row_no, s.warnings
)
insert into refused (row_no, refusals, warnings)
select row_no, jsonb_build_array(jsonb_build_object('field', 'arrived_at', 'code', 'before_arrival')), warnings
from gone";

pub(super) const MATCH_VIN: &str = "
update stage s
set vehicle_id = v.id
from vehicles v
where v.store_id = $1
  and v.vin = s.vin
  and v.erased_at is null";

/// The car the visit has already, else one whose people have the phone, else the one that was heard of last.
pub(super) const MATCH_PLATE: &str = "
update stage s
set vehicle_id = m.id
from (
  select distinct on (s.row_no) s.row_no, v.id
  from stage s
  join vehicles v on v.store_id = $1 and v.plate = s.plate
  where s.vehicle_id is null
    and v.erased_at is null
    and (s.vin is null or v.vin is null)
  order by s.row_no, v.id is distinct from s.previous_vehicle_id, not exists (
    select
    from vehicle_people p
    join phones h on h.store_id = p.store_id and h.customer_id = p.customer_id and h.number = s.phone
    where p.store_id = v.store_id and p.vehicle_id = v.id and p.until_on is null
  ), v.updated_at desc, v.id
) m
where m.row_no = s.row_no";

/// A row that has the plate alone means the car of another row with VIN and plate.
pub(super) const MATCH_WITHIN_FILE: &str = "
update stage s
set vehicle_id = k.vehicle_id
from (
  select plate, min(vehicle_id) as vehicle_id
  from stage
  where vehicle_id is not null
    and vin is not null
    and plate is not null
  group by plate
) k
where s.vehicle_id is null
  and s.vin is null
  and k.plate = s.plate";

pub(super) const KEY_VEHICLES: &str = "
update stage s
set vehicle_key = coalesce('#' || k.vehicle_id, 'v' || k.vin, 'v' || k.other_vin, 'p' || k.plate),
    is_new_vehicle = k.vehicle_id is null
from (
  select s.row_no, s.vehicle_id, s.vin, s.plate, o.vin as other_vin
  from stage s
  left join (select plate, min(vin) as vin from stage where vin is not null group by plate) o on o.plate = s.plate
) k
where k.row_no = s.row_no";

const MATCH_PHONE_AROUND: &str = "
update stage s
set customer_id = m.customer_id
from (
  select distinct on (s.row_no) s.row_no, a.customer_id
  from stage s
  join around a on a.vehicle_id = s.vehicle_id
  join phones h on h.store_id = $1 and h.customer_id = a.customer_id and h.number = s.phone
  where s.customer_id is null
  order by s.row_no, a.role = 'owner' desc, a.id
) m
where m.row_no = s.row_no";

pub(super) const MATCH_NAME_AROUND: &str = "
update stage s
set customer_id = m.customer_id
from (
  select distinct on (s.row_no) s.row_no, a.customer_id
  from stage s
  join around a on a.vehicle_id = s.vehicle_id and a.name_key = s.name_key
  where s.customer_id is null
  order by s.row_no, a.role = 'owner' desc, a.id
) m
where m.row_no = s.row_no";

/// A phone without a name that one person alone has.
const MATCH_PHONE_ALONE: &str = "
update stage s
set customer_id = m.customer_id
from (
  select h.number, min(c.id) as customer_id
  from phones h
  join customers c on c.store_id = h.store_id and c.id = h.customer_id
  where h.store_id = $1
    and h.number in (select phone from stage where customer_id is null and name_key is null)
    and c.merged_into_id is null
    and c.erased_at is null
  group by h.number
  having count(distinct c.id) = 1
) m
where s.customer_id is null
  and s.name_key is null
  and m.number = s.phone";

/// A name alone is too little to make a person where the car has somebody; without a name the visit keeps its own.
const FALL_BACK: &str = "
update stage s
set customer_id = coalesce(case when s.name_key is null then s.previous_customer_id end, f.customer_id)
from stage x
left join (
  select distinct on (a.vehicle_id) a.vehicle_id, a.customer_id
  from around a
  order by a.vehicle_id, a.role = 'owner' and a.kind = 'person' desc, a.role = 'driver' desc,
           a.role = 'contact' and a.kind = 'person' desc, a.role = 'owner' desc, a.id
) f on f.vehicle_id = x.vehicle_id
where x.row_no = s.row_no
  and s.customer_id is null
  and s.phone is null";

const NAME_PEOPLE: &str = "
update stage s
set who = coalesce('#' || s.customer_id, s.phone || ' ' || coalesce(s.name_key, ''), k.who,
                   case when s.name_key is not null then s.vehicle_key || ' ' || s.name_key end)
from stage x
left join (
  -- The same name at the same car, in a row that has the phone too.
  select vehicle_key, name_key, min(coalesce('#' || customer_id, phone || ' ' || name_key)) as who
  from stage
  where name_key is not null
    and (customer_id is not null or phone is not null)
  group by vehicle_key, name_key
) k on k.vehicle_key = x.vehicle_key and k.name_key = x.name_key
where x.row_no = s.row_no";

/// Rows without 送修人 of a car that nobody owns: the first person whom another row of the car names, else one to be found.
const NAME_THE_UNNAMED: &str = "
update stage s
set who = coalesce(k.who, s.vehicle_key || ' ')
from stage x
left join (
  select vehicle_key, (array_agg(who order by row_no))[1] as who
  from stage
  where who is not null
  group by vehicle_key
) k on k.vehicle_key = x.vehicle_key
where x.row_no = s.row_no
  and s.who is null";

const KNOW_SHARED: &str = "
update stage
set customer_id = substr(who, 2)::bigint
where customer_id is null
  and who like '#%'
  and who ~ '^#[0-9]+$'";

const GATHER_PEOPLE: &str = "
insert into people (who, row_no, customer_id, is_new, name, is_company, grams)
select distinct on (who) who, row_no, customer_id, customer_id is null, name, is_company, grams
from stage
order by who, name_key is null, row_no";

/// By name or staff number, where that is one person of the store.
const MATCH_STAFF: &str = "
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
set advisor_id = (select user_id from staff where key = s.advisor_name),
    technician_id = (select user_id from staff where key = s.technician_name)
where s.advisor_name is not null
   or s.technician_name is not null";

const COMPARE: &str = "
update stage s
set changes = d.changes,
    action = case when s.visit_id is null then 'new' when d.changes is null then 'unchanged' else 'changed' end
from (
  select s.row_no, (
    select jsonb_agg(jsonb_build_object('field', f.field, 'from', f.before, 'to', f.after))
    from (values
      ('vehicle', coalesce(w.plate, w.vin), coalesce(s.plate, s.vin), s.vehicle_id is distinct from v.vehicle_id),
      ('sender', c.name, s.name, s.customer_id is distinct from v.customer_id),
      ('sender_phone', v.contact_phone, s.phone, s.phone is distinct from v.contact_phone and s.phone is not null),
      ('sender_name', nullif(v.contact_name, ''), s.name, s.name_key is not null and s.name <> v.contact_name),
      ('arrived_at', to_char(v.arrived_at at time zone $2, 'YYYY-MM-DD HH24:MI'),
         to_char(s.arrived_at at time zone $2, 'YYYY-MM-DD HH24:MI'), s.arrived_at <> v.arrived_at),
      ('handed_over_at', to_char(v.handed_over_at at time zone $2, 'YYYY-MM-DD HH24:MI'),
         to_char(s.handed_over_at at time zone $2, 'YYYY-MM-DD HH24:MI'),
         s.handed_over_at is not null and s.handed_over_at is distinct from v.handed_over_at),
      ('settled_at', to_char(v.settled_at at time zone $2, 'YYYY-MM-DD HH24:MI'),
         to_char(s.settled_at at time zone $2, 'YYYY-MM-DD HH24:MI'),
         s.settled_at is not null and s.settled_at is distinct from v.settled_at),
      ('service_type', coalesce(nullif(v.type_text, ''), v.type), coalesce(nullif(s.type_text, ''), s.type),
         s.type <> v.type or s.type_text <> v.type_text),
      ('mileage', v.odometer_km::text, s.km::text, s.km is not null and s.km is distinct from v.odometer_km),
      ('amount', to_char(v.amount_fen / 100.0, 'FM999999990.00'), to_char(s.amount_fen / 100.0, 'FM999999990.00'),
         s.amount_fen <> v.amount_fen),
      ('advisor', nullif(v.advisor_name, ''), s.advisor_name,
         s.advisor_name <> v.advisor_name or (s.advisor_id is not null and s.advisor_id is distinct from v.advisor_id)),
      ('technician', nullif(v.technician_name, ''), s.technician_name,
         s.technician_name <> v.technician_name
         or (s.technician_id is not null and s.technician_id is distinct from v.technician_id)),
      ('work', nullif(v.summary, ''), s.summary, s.summary <> v.summary),
      ('next_service_mileage', v.next_km::text, s.next_km::text, s.next_km is not null and s.next_km is distinct from v.next_km),
      ('next_service_on', v.next_on::text, s.next_on::text, s.next_on is not null and s.next_on is distinct from v.next_on)
    ) f (field, before, after, differs)
    where f.differs
  ) as changes
  from stage s
  join visits v on v.store_id = $1 and v.id = s.visit_id
  join vehicles w on w.store_id = v.store_id and w.id = v.vehicle_id
  join customers c on c.store_id = v.store_id and c.id = v.customer_id
) d
where d.row_no = s.row_no";

const DECIDE_NEW: &str = "
update stage
set action = 'new'
where visit_id is null";

pub(super) const NEW_CARS: &str = "
create temp table new_cars on commit drop as
select vehicle_key, nextval(pg_get_serial_sequence('vehicles', 'id')) as vehicle_id, row_no, vin, plate, is_company
from (
  select vehicle_key, min(row_no) as row_no, min(vin) as vin,
         (array_agg(plate order by arrived_at desc, row_no) filter (where plate is not null))[1] as plate,
         bool_or(is_company) as is_company
  from stage
  where is_new_vehicle
  group by vehicle_key
) k";

pub(super) const TELL_STAGE_CARS: &str = "
update stage s
set vehicle_id = n.vehicle_id
from new_cars n
where n.vehicle_key = s.vehicle_key";

pub(super) const INSERT_VEHICLES: &str = "
insert into vehicles (store_id, id, vin, plate, usage, import_id, import_row, created_at, updated_at)
overriding system value
select $1, vehicle_id, vin, plate, case when is_company then 'company' else 'private' end, $2, row_no, $3, $3
from new_cars";

/// A visit fills in what nobody knew about a car; it corrects nothing.
pub(super) const FILL_VEHICLES: &str = journalled!(
    "vehicles",
    "
update vehicles t
set vin = coalesce(o.vin, s.vin),
    plate = coalesce(o.plate, s.plate),
    version = o.version + 1,
    updated_at = $3
from (
  select vehicle_id, min(row_no) as row_no, min(vin) as vin,
         (array_agg(plate order by arrived_at desc, row_no) filter (where plate is not null))[1] as plate
  from stage
  where not is_new_vehicle
    and action <> 'unchanged'
  group by vehicle_id
) s
join vehicles o on o.store_id = $1 and o.id = s.vehicle_id
where t.store_id = o.store_id
  and t.id = o.id
  and ((o.vin is null and s.vin is not null) or (o.plate is null and s.plate is not null))"
);

/// The first person of a car that nobody owns; a later roster may know better.
pub(super) const INSERT_OWNERS: &str = "
insert into vehicle_people (store_id, vehicle_id, customer_id, role, import_id, import_row)
select distinct on (s.vehicle_id) $1, s.vehicle_id, s.customer_id, 'owner', $2, s.row_no
from stage s
where s.owner_id is null
  and s.action <> 'unchanged'
order by s.vehicle_id, s.name_key is null and s.phone is null, s.row_no";

const INSERT_CONTACTS: &str = "
insert into vehicle_people (store_id, vehicle_id, customer_id, role, from_on, import_id, import_row)
select distinct on (s.vehicle_id, s.customer_id) $1::bigint, s.vehicle_id, s.customer_id,
       case when o.kind = 'company' and c.kind = 'person' then 'driver' else 'contact' end, $3::date, $2, s.row_no
from stage s
join customers c on c.store_id = $1 and c.id = s.customer_id
join vehicle_people p on p.store_id = $1 and p.vehicle_id = s.vehicle_id and p.role = 'owner' and p.until_on is null
join customers o on o.store_id = $1 and o.id = p.customer_id
where s.action <> 'unchanged'
  and not exists (
    select from vehicle_people e
    where e.store_id = $1 and e.vehicle_id = s.vehicle_id and e.customer_id = s.customer_id and e.until_on is null
  )
order by s.vehicle_id, s.customer_id, s.row_no";

const INSERT_VISITS: &str = "
insert into visits (store_id, ro_number, vehicle_id, customer_id, type, type_text, state, arrived_at, settled_at, handed_over_at,
                    handed_over_on, odometer_km, amount_fen, advisor_id, technician_id, advisor_name, technician_name,
                    contact_name, contact_phone, summary, next_km, next_on, import_id, import_row, created_at, updated_at)
select $1, s.ro_number, s.vehicle_id, s.customer_id, coalesce(s.type, 'repair'), coalesce(s.type_text, ''),
       case when s.handed_over_at is not null then 'closed' when s.settled_at is not null then 'settled' else 'open' end,
       s.arrived_at, s.settled_at, s.handed_over_at, s.handed_over_on, s.km, coalesce(s.amount_fen, 0), s.advisor_id,
       s.technician_id, coalesce(s.advisor_name, ''), coalesce(s.technician_name, ''),
       case when s.name_key is not null then s.name else '' end, s.phone, coalesce(s.summary, ''), s.next_km, s.next_on,
       $2, s.row_no, $3, $3
from stage s
where s.visit_id is null
order by s.row_no";

const UPDATE_VISITS: &str = journalled!(
    "visits",
    "
update visits t
set vehicle_id = s.vehicle_id,
    customer_id = s.customer_id,
    type = coalesce(s.type, o.type),
    type_text = coalesce(s.type_text, o.type_text),
    state = case when o.state = 'cancelled' then 'cancelled'
                 when coalesce(s.handed_over_at, o.handed_over_at) is not null then 'closed'
                 when coalesce(s.settled_at, o.settled_at) is not null then 'settled'
                 else 'open' end,
    arrived_at = s.arrived_at,
    settled_at = coalesce(s.settled_at, o.settled_at),
    handed_over_at = coalesce(s.handed_over_at, o.handed_over_at),
    handed_over_on = coalesce(s.handed_over_on, o.handed_over_on),
    odometer_km = coalesce(s.km, o.odometer_km),
    amount_fen = coalesce(s.amount_fen, o.amount_fen),
    advisor_id = case when coalesce(s.advisor_name, o.advisor_name) = o.advisor_name then coalesce(s.advisor_id, o.advisor_id) else s.advisor_id end,
    technician_id = case when coalesce(s.technician_name, o.technician_name) = o.technician_name then coalesce(s.technician_id, o.technician_id) else s.technician_id end,
    advisor_name = coalesce(s.advisor_name, o.advisor_name),
    technician_name = coalesce(s.technician_name, o.technician_name),
    contact_name = case when s.name_key is null then o.contact_name else s.name end,
    contact_phone = coalesce(s.phone, o.contact_phone),
    summary = coalesce(s.summary, o.summary),
    next_km = coalesce(s.next_km, o.next_km),
    next_on = coalesce(s.next_on, o.next_on),
    version = o.version + 1,
    updated_at = $3
from stage s
join visits o on o.store_id = $1 and o.id = s.visit_id
where t.store_id = o.store_id
  and t.id = o.id
  and s.action = 'changed'"
);

const TELL_STAGE_VISITS: &str = "
update stage s
set visit_id = v.id
from visits v
where v.store_id = $1
  and v.ro_number = s.ro_number
  and s.visit_id is null";

const UPDATE_READINGS: &str = journalled!(
    "odometer_readings",
    "
update odometer_readings t
set km = coalesce(s.km, o.km), read_on = s.arrived_on, vehicle_id = s.vehicle_id
from stage s
join odometer_readings o on o.store_id = $1 and o.visit_id = s.visit_id
where t.store_id = o.store_id
  and t.id = o.id
  and s.action = 'changed'
  and (coalesce(s.km, o.km), s.arrived_on, s.vehicle_id) is distinct from (o.km, o.read_on, o.vehicle_id)"
);

/// The odometer is read when the car arrives.
const INSERT_READINGS: &str = "
insert into odometer_readings (store_id, vehicle_id, read_on, km, source, visit_id, import_id, import_row)
select $1, s.vehicle_id, s.arrived_on, s.km, 'visit', s.visit_id, $2, s.row_no
from stage s
where s.km is not null
  and s.action <> 'unchanged'
  and not exists (select from odometer_readings r where r.store_id = $1 and r.visit_id = s.visit_id)";

pub(super) async fn classify(db: &mut PgConnection, job: &Job) -> sqlx::Result<()> {
    let scope = job.scope;
    run(db, REFUSE_DOUBLED, &[]).await?;
    run_in_store(
        db,
        scope,
        &[MATCH_VISITS, REFUSE_BEFORE_ARRIVAL, MATCH_VIN, MATCH_PLATE],
    )
    .await?;
    run(db, MATCH_WITHIN_FILE, &[]).await?;
    run(db, KEY_VEHICLES, &[]).await?;
    people::find_known(db, scope).await?;
    run_in_store(db, scope, &[MATCH_PHONE_AROUND]).await?;
    run(db, MATCH_NAME_AROUND, &[]).await?;
    run_in_store(db, scope, &[MATCH_PHONE_ALONE]).await?;
    people::share_within_file(db).await?;
    for sql in [
        FALL_BACK,
        NAME_PEOPLE,
        NAME_THE_UNNAMED,
        KNOW_SHARED,
        GATHER_PEOPLE,
    ] {
        run(db, sql, &[]).await?;
    }
    run_in_store(db, scope, &[MATCH_STAFF]).await?;
    let zone = || Arg::Text(job.context.zone.name().to_owned());
    run(db, COMPARE, &[Arg::Id(scope.get()), zone()]).await?;
    if conflicts::decide_edited(db, job).await? {
        run(db, COMPARE, &[Arg::Id(scope.get()), zone()]).await?;
    }
    run(db, DECIDE_NEW, &[]).await?;
    Ok(())
}

pub(super) async fn apply(db: &mut PgConnection, job: &Job) -> sqlx::Result<Touched> {
    run(db, NEW_CARS, &[]).await?;
    run(db, TELL_STAGE_CARS, &[]).await?;
    run(db, INSERT_VEHICLES, &job.at()).await?;
    run(db, FILL_VEHICLES, &job.at()).await?;
    run(db, INSERT_OWNERS, &job.ids()).await?;
    run(db, INSERT_CONTACTS, &job.on()).await?;
    run(db, INSERT_VISITS, &job.at()).await?;
    run(db, UPDATE_VISITS, &job.at()).await?;
    run_in_store(db, job.scope, &[TELL_STAGE_VISITS]).await?;
    run(db, UPDATE_READINGS, &job.ids()).await?;
    run(db, INSERT_READINGS, &job.ids()).await?;
    Touched::of(
        db,
        "select vehicle_id from stage where action <> 'unchanged'
         union
         select previous_vehicle_id from stage where action <> 'unchanged' and previous_vehicle_id is not null",
        "select customer_id from stage where action <> 'unchanged'
         union
         select previous_customer_id from stage where action <> 'unchanged' and previous_customer_id is not null",
    )
    .await
}
