//! Takes back what [`super::decide`] has found: entries of the ledger let go, changed columns put back, made rows deleted.

use sqlx::{PgConnection, Row};

use crate::obligations::supersede;

use super::keys::{BUNDLES, MADE, VERSIONED};
use super::{Undo, ids, run};

/// Where the entries that are let go sit, before they are.
const NOTE_BUNDLES: &str = "
create temp table undo_ending on commit drop as
select o.id, o.callback_id, o.reminder_id
from obligations o
where o.store_id = $1
  and o.status in ('open', 'cancelled')
  and o.id in (
    select d.id
    from undo_duties d
    where (d.table_name = 'changed' and d.row_no not in (select row_no from undo_blocked))
       or (d.table_name, d.item_id) in (select table_name, id from undo_made)
  )";

/// An entry that was cancelled before keeps its own reason. Not its key: the duty may arise again.
const END_DUTIES: &str = "
update obligations o
set status = 'cancelled',
    ended_at = coalesce(o.ended_at, $3),
    ended_by = case when o.status = 'open' then $4 else o.ended_by end,
    ended_reason = case when o.status = 'open' then 'import_undone' else o.ended_reason end,
    undone_subject_id = o.subject_id,
    cycle_key = o.cycle_key || ' undone ' || $2,
    callback_id = null,
    reminder_id = null,
    visit_id = case when gone.visit then null else o.visit_id end,
    vehicle_id = case when gone.vehicle then null else o.vehicle_id end,
    policy_id = case when gone.policy then null else o.policy_id end,
    customer_id = case when gone.customer then null else o.customer_id end
from (
  select e.id,
         exists (select from undo_made m where m.table_name = 'visits' and m.id = x.visit_id) as visit,
         exists (select from undo_made m where m.table_name = 'vehicles' and m.id = x.vehicle_id) as vehicle,
         exists (select from undo_made m where m.table_name = 'policies' and m.id = x.policy_id) as policy,
         exists (select from undo_made m where m.table_name = 'customers' and m.id = x.customer_id) as customer
  from undo_ending e
  join obligations x on x.store_id = $1 and x.id = e.id
) gone
where o.store_id = $1
  and o.id = gone.id";

/// What was typed for a call that is no more.
const DELETE_DRAFTS: &str = "
delete from drafts d
using undo_made m
where d.store_id = $1
  and m.table_name = 'callbacks'
 
  and d.subject = 'callback:' || m.id";

/// Cars and people that stay and whose facts may be others now; read before anything is deleted.
const NOTE_TOUCHED: &str = "
create temp table undo_touched on commit drop as
select 'vehicles' as table_name, r.vehicle_id as id
from undo_rows r
where r.row_no not in (select row_no from undo_blocked)
union
select 'customers', r.customer_id
from undo_rows r
where r.row_no not in (select row_no from undo_blocked)
union
select x.table_name, x.row_id
from import_changes x
where x.store_id = $1
  and x.import_id = $2
  and x.table_name in ('customers', 'vehicles')
union
select 'vehicles', (side.part ->> 'vehicle_id')::bigint
from import_changes x
cross join lateral (values (x.before), (x.after)) side (part)
where x.store_id = $1
  and x.import_id = $2
  and side.part ? 'vehicle_id'
union
select 'customers', (side.part ->> 'customer_id')::bigint
from import_changes x
cross join lateral (values (x.before), (x.after)) side (part)
where x.store_id = $1
  and x.import_id = $2
  and side.part ? 'customer_id'
union
select 'vehicles', p.vehicle_id
from import_changes x
join vehicle_people p on p.store_id = x.store_id and p.id = x.row_id
where x.store_id = $1
  and x.import_id = $2
  and x.table_name = 'vehicle_people'";

/// Entries made since the import for a day that only the import knew. Not while somebody talks about one: the daily job
/// looks at it again.
const NOTE_MOVED: &str = "
create temp table undo_moved on commit drop as
select o.id, o.callback_id, o.reminder_id
from imports i
join undo_touched t on t.table_name = 'vehicles'
join vehicle_facts f on f.store_id = i.store_id and f.vehicle_id = t.id
join obligations o on o.store_id = f.store_id and o.vehicle_id = f.vehicle_id
left join policies p on p.store_id = o.store_id and p.id = o.policy_id
where i.store_id = $1
  and i.id = $2
  and o.status = 'open'
  and o.created_at >= i.confirmed_at
  and case o.kind
        when 'first_maintenance' then f.first_due_on + substr(o.cycle_key, 2)::int is distinct from o.cohort_on
        when 'warranty_expiry' then f.warranty_due_on is distinct from o.cohort_on
        when 'periodic_maintenance' then f.last_maintenance_id::text is distinct from o.cycle_key
        when 'renewal' then p.ends_on <> o.cohort_on
        when 'renewal_contact' then p.ends_on + substr(o.cycle_key, 2)::int <> o.cohort_on
        else false
      end
  and not exists (
    select from callbacks c where c.store_id = o.store_id and c.id = o.callback_id and c.status = 'claimed'
  )";

const END_MOVED: &str = "
update obligations o
set status = 'cancelled', ended_at = $3, ended_by = $4, ended_reason = 'import_undone', callback_id = null,
    reminder_id = null, undone_subject_id = o.subject_id, cycle_key = o.cycle_key || ' undone ' || $2
from undo_moved m
where o.store_id = $1
  and o.id = m.id";

/// What a visit or a policy of the file had put an end to may be owed again.
const FREE_SUPERSEDED: &str = "
update obligations o
set undone_subject_id = o.subject_id, cycle_key = o.cycle_key || ' undone ' || $2
from imports i, undo_touched t
where i.store_id = $1
  and i.id = $2
  and t.table_name = 'vehicles'
  and o.store_id = $1
  and o.vehicle_id = t.id
  and o.status = 'cancelled'
  and o.ended_reason = 'superseded'
  and o.undone_subject_id is null
  and o.ended_at >= i.confirmed_at";

const STORE_VERDICTS: &str = "
update import_rows r
set is_taken_back = b.row_no is null,
    kept = b.reasons
from undo_rows u
left join (
  select w.row_no, jsonb_agg(distinct jsonb_strip_nulls(jsonb_build_object('code', w.code, 'import', w.import_id, 'by', a.by, 'at', a.at))) as reasons
  from undo_why w
  left join lateral (
    -- Who saved it last; the log knows cars, people and visits.
    select coalesce(p.display_name, '') as by, to_char(a.at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') as at
    from audit a
    left join users p on p.id = a.actor_id
    where w.code = 'edited'
      and a.store_id = $1
      and a.subject_kind = w.table_name
      and a.subject_id = w.row_id
    order by a.seq desc
    limit 1
  ) a on true
  group by w.row_no
) b on b.row_no = u.row_no
where r.store_id = $1
  and r.import_id = $2
  and r.row_no = u.row_no";

/// Ends and lets go of the entries, so that nothing of the ledger points at what is deleted next.
pub(super) async fn end_duties(db: &mut PgConnection, undo: &Undo) -> sqlx::Result<()> {
    run(db, undo, NOTE_BUNDLES).await?;
    run(db, undo, END_DUTIES).await?;
    count_bundles(db, undo, "undo_ending").await
}

/// Puts changed columns back and deletes what was made, in an order that no key minds.
pub(super) async fn take_back(db: &mut PgConnection, undo: &Undo) -> anyhow::Result<()> {
    run(db, undo, NOTE_TOUCHED).await?;
    run(db, undo, DELETE_DRAFTS).await?;
    for table in BUNDLES {
        delete(db, undo, table).await?;
    }
    // What was pointed at a new car first: then the car is free. What has one main or current row last: then its place is.
    for table in ["visits", "odometer_readings"] {
        restore(db, undo, table).await?;
    }
    let (around, people) = MADE.split_at(5);
    for table in around {
        delete(db, undo, table).await?;
    }
    for table in ["phones", "vehicle_people", "policies", "vehicles", "customers"] {
        restore(db, undo, table).await?;
    }
    for table in people {
        delete(db, undo, table).await?;
    }
    Ok(())
}

/// After the facts were derived anew: entries whose day has moved, and those that may be owed again.
pub(super) async fn settle_duties(db: &mut PgConnection, undo: &Undo) -> sqlx::Result<()> {
    run(db, undo, NOTE_MOVED).await?;
    run(db, undo, END_MOVED).await?;
    count_bundles(db, undo, "undo_moved").await?;
    run(db, undo, FREE_SUPERSEDED).await
}

/// Why rows stay, for the result and its file.
pub(super) async fn store_verdicts(db: &mut PgConnection, undo: &Undo) -> sqlx::Result<()> {
    run(db, undo, STORE_VERDICTS).await
}

/// Counts the callbacks and reminders anew that the entries of a table sat in; an empty one is cancelled.
async fn count_bundles(db: &mut PgConnection, undo: &Undo, table: &str) -> sqlx::Result<()> {
    let of = |column| format!("select distinct {column} from {table} where {column} is not null");
    let callbacks = ids(db, undo, &of("callback_id")).await?;
    let reminders = ids(db, undo, &of("reminder_id")).await?;
    supersede::refresh_callbacks(&mut *db, undo.scope, &callbacks, undo.now).await?;
    supersede::refresh_reminders(&mut *db, undo.scope, &reminders, undo.now).await
}

async fn delete(db: &mut PgConnection, undo: &Undo, table: &str) -> sqlx::Result<()> {
    let statement = format!(
        "delete from {table} t using undo_made m
         where t.store_id = $1 and m.table_name = '{table}' and t.id = m.id"
    );
    run(db, undo, &statement).await
}

/// Puts changed columns back. Which ones, the journal knows: columns that imports learn to change need nothing here.
async fn restore(db: &mut PgConnection, undo: &Undo, table: &str) -> sqlx::Result<()> {
    let columns = format!(
        "select distinct quote_ident(k)
         from import_changes x
         cross join lateral jsonb_object_keys(x.before) k
         where x.store_id = $1 and x.import_id = $2 and x.table_name = '{table}'
         order by 1"
    );
    let rows = undo.query(&columns).fetch_all(&mut *db).await?;
    let mut columns: Vec<String> = rows
        .iter()
        .map(|row| row.try_get(0))
        .collect::<sqlx::Result<_>>()?;
    if columns.is_empty() {
        return Ok(());
    }
    let mut values: Vec<String> = columns.iter().map(|column| format!("r.{column}")).collect();
    if VERSIONED.contains(&table) {
        // Forward, never back: a form that somebody has open must not fit by accident.
        columns.push("version".to_owned());
        values.push("o.version + 1".to_owned());
    }
    let statement = format!(
        "update {table} t
         set ({}) = row({})
         from import_changes x
         join {table} o on o.store_id = x.store_id and o.id = x.row_id
         cross join lateral jsonb_populate_record(o, x.before) r
         where x.store_id = $1 and x.import_id = $2 and x.table_name = '{table}'
           and x.row_no not in (select row_no from undo_blocked)
           and t.store_id = o.store_id and t.id = o.id",
        columns.join(", "),
        values.join(", "),
    );
    run(db, undo, &statement).await
}
