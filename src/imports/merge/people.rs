//! People of both kinds of file: who of the archive is meant, and writing those it lacks.

use sqlx::PgConnection;

use crate::stores::StoreScope;

use super::{Job, journalled, run, run_in_store};

/// Who stands around the cars of the file now, with the spelling of names taken away as in the file.
const AROUND: &str = "
create temp table around on commit drop as
select p.id, p.vehicle_id, p.customer_id, p.role, c.kind,
       lower(regexp_replace(c.name, '\\s+', '', 'g')) as name_key
from vehicle_people p
join customers c on c.store_id = p.store_id and c.id = p.customer_id
where p.store_id = $1
  and p.until_on is null
  and p.vehicle_id in (select s.vehicle_id from stage s)
  and c.erased_at is null
  and c.merged_into_id is null";

const FIND_OWNER: &str = "
update stage s
set owner_id = a.customer_id
from around a
where a.vehicle_id = s.vehicle_id
  and a.role = 'owner'";

/// One number may belong to several people, so the name decides; of namesakes the one who already has to do with the car.
const MATCH_PHONE_AND_NAME: &str = "
update stage s
set customer_id = m.id
from (
  select distinct on (s.row_no) s.row_no, c.id
  from stage s
  join phones h on h.store_id = $1 and h.number = s.phone
  join customers c on c.store_id = h.store_id and c.id = h.customer_id
  left join around a on a.vehicle_id = s.vehicle_id and a.customer_id = c.id
  where c.merged_into_id is null
    and c.erased_at is null
    and lower(regexp_replace(c.name, '\\s+', '', 'g')) = s.name_key
  order by s.row_no, a.customer_id is null, c.id
) m
where m.row_no = s.row_no";

/// The same person in another row, found there by way of the car.
const SHARE_WITHIN_FILE: &str = "
update stage s
set customer_id = k.customer_id
from (
  select phone, name_key, min(customer_id) as customer_id
  from stage
  where customer_id is not null
    and phone is not null
    and name_key is not null
  group by phone, name_key
) k
where s.customer_id is null
  and k.phone = s.phone
  and k.name_key = s.name_key";

const NUMBER_NEW: &str = "
update people
set customer_id = nextval(pg_get_serial_sequence('customers', 'id'))
where is_new";

const TELL_STAGE: &str = "
update stage s
set customer_id = p.customer_id
from people p
where p.who = s.who
  and s.customer_id is null";

const INSERT: &str = "
insert into customers (store_id, id, kind, name, grade, grams, note, keeper_id, import_id, import_row, created_at, updated_at)
overriding system value
select $1, p.customer_id, case when p.is_company then 'company' else 'person' end, p.name, p.grade, p.grams,
       coalesce(p.note, ''), p.keeper_id, $2, p.row_no, coalesce(p.registered_at, $3), $3
from people p
where p.is_new";

const UPDATE: &str = journalled!(
    "customers",
    "
update customers t
set name = case when s.is_rename then s.name else o.name end,
    grams = case when s.is_rename then s.grams else o.grams end,
    grade = coalesce(s.grade, o.grade),
    note = coalesce(s.note, o.note),
    keeper_id = coalesce(s.keeper_id, o.keeper_id),
    version = o.version + 1,
    updated_at = $3
from people s
join customers o on o.store_id = $1 and o.id = s.customer_id
where t.store_id = o.store_id
  and t.id = o.id
  and not s.is_new
  and (s.is_rename or coalesce(s.grade, o.grade) is distinct from o.grade or coalesce(s.note, o.note) <> o.note
       or coalesce(s.keeper_id, o.keeper_id) is distinct from o.keeper_id)"
);

const FRESH_PHONES: &str = "
create temp table fresh_phones on commit drop as
select distinct on (s.customer_id, s.phone) s.customer_id, s.phone, s.phone_raw, s.phone_kind, s.row_no
from stage s
where s.phone is not null
  and s.action <> 'unchanged'
  and not exists (
    select from phones h
    where h.store_id = $1 and h.customer_id = s.customer_id and h.number = s.phone
  )
order by s.customer_id, s.phone, s.row_no";

/// A number that the archive did not have is newer than the one it has.
const DEMOTE_PHONES: &str = journalled!(
    "phones",
    "
update phones t
set is_main = false
from (select customer_id, min(row_no) as row_no from fresh_phones group by customer_id) s
join phones o on o.store_id = $1 and o.customer_id = s.customer_id
where t.store_id = o.store_id
  and t.id = o.id
  and o.is_main"
);

const INSERT_PHONES: &str = "
insert into phones (store_id, customer_id, number, raw, kind, is_main, import_id, import_row)
select $1, f.customer_id, f.phone, f.phone_raw, f.phone_kind,
       row_number() over (partition by f.customer_id order by f.row_no) = 1, $2, f.row_no
from fresh_phones f";

/// Finds the people of the file that the archive knows by phone and name; cars must be matched before.
pub(super) async fn find_known(db: &mut PgConnection, scope: StoreScope) -> sqlx::Result<()> {
    run_in_store(db, scope, &[AROUND]).await?;
    run(db, FIND_OWNER, &[]).await?;
    run(db, "analyze around", &[]).await?;
    run_in_store(db, scope, &[MATCH_PHONE_AND_NAME]).await
}

/// Rows that mean a person whom another row has found get the same one.
pub(super) async fn share_within_file(db: &mut PgConnection) -> sqlx::Result<()> {
    run(db, SHARE_WITHIN_FILE, &[]).await?;
    Ok(())
}

/// Writes new and changed people with their numbers; afterwards every staged row has its customer.
pub(super) async fn create(db: &mut PgConnection, job: &Job) -> sqlx::Result<()> {
    run(db, NUMBER_NEW, &[]).await?;
    run(db, TELL_STAGE, &[]).await?;
    run(db, INSERT, &job.at()).await?;
    run(db, UPDATE, &job.at()).await?;
    run_in_store(db, job.scope, &[FRESH_PHONES]).await?;
    run(db, DEMOTE_PHONES, &job.ids()).await?;
    run(db, INSERT_PHONES, &job.ids()).await?;
    Ok(())
}
