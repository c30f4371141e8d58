//! Which rows of the file may be taken back, and why the others stay. Writes temporary tables only.
//!
//! - A row of the file asks for what it alone made: a row of the archive stands for the first row of the file that named it.
//!   If that may not go, the row of the file stays.
//! - A row of the archive that several rows of the file share goes when all of them go.
//! - Statements are built from the constants of [`super::keys`], never from what somebody typed; [`Undo::query`] fills in
//!   $1 and $2, the store and the import.

use sqlx::{PgConnection, Row};

use super::keys::{BUNDLES, Bond, KEYS, MADE, VERSIONED};
use super::{KeptBecause, Undo, UndoCounts, run};

const ROWS: &str = "
create temp table undo_rows on commit drop as
select r.row_no, l.vehicle_id, l.customer_id, l.visit_id, l.policy_id
from import_rows r
join import_links l on l.store_id = r.store_id and l.import_id = r.import_id and l.row_no = r.row_no
where r.store_id = $1
  and r.import_id = $2
  and r.action in ('new', 'changed')";

const WHY: &str = "
create temp table undo_why (
  row_no int not null,
  code text not null,
  table_name text,
  row_id bigint,
  import_id bigint
) on commit drop";

/// Calls and messages of people who would go, at the row of the file that made the person.
const MADE_BUNDLES: &str = "
insert into undo_made (table_name, id, row_no)
select 'callbacks', c.id, m.row_no
from undo_made m
join callbacks c on c.store_id = $1 and c.customer_id = m.id
where m.table_name = 'customers'
union all
select 'reminders', r.id, m.row_no
from undo_made m
join reminders r on r.store_id = $1 and r.customer_id = m.id
where m.table_name = 'customers'";

/// Who talks to one of these people may go on, and nobody begins while the undo decides.
const LOCK_CALLBACKS: &str = "
select count(*)
from (
  select c.id
  from callbacks c
  where c.store_id = $1
    and c.status in ('open', 'claimed')
    and (c.id in (select id from undo_made where table_name = 'callbacks')
         or c.id in (select o.callback_id from obligations o join undo_duties d on d.id = o.id where o.store_id = $1))
  order by c.id
  for update
) locked";

const LOCK_REMINDERS: &str = "
select count(*)
from (
  select r.id
  from reminders r
  where r.store_id = $1
    and r.status = 'pending'
    and (r.id in (select id from undo_made where table_name = 'reminders')
         or r.id in (select o.reminder_id from obligations o join undo_duties d on d.id = o.id where o.store_id = $1))
  order by r.id
  for update
) locked";

/// Entries of the ledger that came from the rows: about what the import made, or about a hand-over that it brought.
const DUTIES: &str = "
create temp table undo_duties on commit drop as
select o.id, m.table_name, m.id as item_id, m.row_no
from undo_made m
join obligations o on o.store_id = $1 and o.visit_id = m.id
where m.table_name = 'visits'
union all
select o.id, m.table_name, m.id, m.row_no
from undo_made m
join obligations o on o.store_id = $1 and o.vehicle_id = m.id
where m.table_name = 'vehicles'
union all
select o.id, m.table_name, m.id, m.row_no
from undo_made m
join obligations o on o.store_id = $1 and o.policy_id = m.id
where m.table_name = 'policies'
union all
select o.id, m.table_name, m.id, m.row_no
from undo_made m
join obligations o on o.store_id = $1 and o.customer_id = m.id
where m.table_name = 'customers'
union all
select o.id, 'changed', x.row_id, x.row_no
from import_changes x
join imports i on i.store_id = x.store_id and i.id = x.import_id
join obligations o on o.store_id = x.store_id and o.visit_id = x.row_id and o.created_at >= i.confirmed_at
where x.store_id = $1
  and x.import_id = $2
  and x.table_name = 'visits'
  and x.after ?| '{handed_over_on,state,type}'";

/// A message that somebody has recorded is work; a call is found by its attempts.
const WHY_OF_DUTIES: &str = "
insert into undo_why (row_no, code, table_name, row_id)
select d.row_no,
       case when o.status in ('done', 'exhausted', 'exempt') then 'duty_ended'
            when c.status = 'claimed' then 'on_the_phone'
            when r.status not in ('pending', 'cancelled') then 'reminded'
            else 'called' end,
       'obligations', o.id
from undo_duties d
join obligations o on o.store_id = $1 and o.id = d.id
left join callbacks c on c.store_id = o.store_id and c.id = o.callback_id
left join reminders r on r.store_id = o.store_id and r.id = o.reminder_id
where o.status in ('done', 'exhausted', 'exempt')
   or o.status = 'open'
      and (c.status = 'claimed'
           or r.status not in ('pending', 'cancelled')
           or exists (select from attempts a where a.store_id = o.store_id and a.callback_id = c.id and a.at >= o.created_at))";

const WHY_OF_BUNDLES: &str = "
insert into undo_why (row_no, code, table_name, row_id)
select m.row_no, case when c.status = 'claimed' then 'on_the_phone' else 'called' end, m.table_name, m.id
from undo_made m
join callbacks c on c.store_id = $1 and c.id = m.id
where m.table_name = 'callbacks'
  and c.status not in ('open', 'cancelled')
union all
select m.row_no, 'reminded', m.table_name, m.id
from undo_made m
join reminders r on r.store_id = $1 and r.id = m.id
where m.table_name = 'reminders'
  and r.status not in ('pending', 'cancelled')";

/// Numbers and roles carry no version: what a call or a person does to them shows in these columns.
const WHY_OF_PHONES: &str = "
insert into undo_why (row_no, code, table_name, row_id)
select import_row, 'edited', 'phones', id
from phones
where store_id = $1
  and import_id = $2
  and (state <> 'ok' or checked_on is not null)";

const WHY_OF_ROLES: &str = "
insert into undo_why (row_no, code, table_name, row_id)
select import_row, 'edited', 'vehicle_people', id
from vehicle_people
where store_id = $1
  and import_id = $2
  and until_on is not null";

/// The number that was the main one before cannot be it again when another one was chosen since.
const WHY_OF_MAIN_NUMBERS: &str = "
insert into undo_why (row_no, code, table_name, row_id)
select x.row_no, 'edited', 'phones', x.row_id
from import_changes x
join phones h on h.store_id = x.store_id and h.id = x.row_id
join phones k on k.store_id = h.store_id and k.customer_id = h.customer_id and k.is_main
where x.store_id = $1
  and x.import_id = $2
  and x.table_name = 'phones'
  and k.import_id is distinct from $2";

/// The day a policy ended on before is taken by another one since.
const WHY_OF_POLICIES: &str = "
insert into undo_why (row_no, code, table_name, row_id)
select x.row_no, 'edited', 'policies', x.row_id
from import_changes x
join policies p on p.store_id = x.store_id and p.id = x.row_id and p.policy_no is null
join policies q on q.store_id = p.store_id and q.vehicle_id = p.vehicle_id and q.kind = p.kind and q.id <> p.id
where x.store_id = $1
  and x.import_id = $2
  and x.table_name = 'policies'
  and x.before ? 'ends_on'
  and q.ends_on = (x.before ->> 'ends_on')::date
  and q.policy_no is null
  and q.import_id is distinct from $2";

/// A later file that found the row relies on it.
const WHY_OF_LATER_FILES: &str = "
insert into undo_why (row_no, code, table_name, row_id, import_id)
select m.row_no, 'later_import', m.table_name, m.id, max(l.import_id)
from undo_made m
join import_links l on l.store_id = $1
                   and l.import_id > $2
                   and m.id = case m.table_name when 'customers' then l.customer_id
                                                when 'vehicles' then l.vehicle_id
                                                when 'visits' then l.visit_id
                                                when 'policies' then l.policy_id end
join imports i on i.store_id = l.store_id and i.id = l.import_id and i.state = 'confirmed'
group by m.row_no, m.table_name, m.id";

/// An edit may have been a later file's.
const NAME_LATER_FILES: &str = "
update undo_why w
set code = 'later_import', import_id = x.import_id
from (
  select w.table_name, w.row_id, max(x.import_id) as import_id
  from undo_why w
  join import_changes x on x.store_id = $1 and x.import_id > $2 and x.table_name = w.table_name and x.row_id = w.row_id
  where w.code = 'edited'
  group by w.table_name, w.row_id
) x
where w.code = 'edited'
  and w.table_name = x.table_name
  and w.row_id = x.row_id";

const BLOCKED: &str = "
create temp table undo_blocked on commit drop as
select w.row_no from undo_why w join undo_rows r on r.row_no = w.row_no group by w.row_no";

/// What a staying row means stays with it, whoever made it.
const KEEP_USED: &str = "
delete from undo_made m
using (
  select 'customers' as table_name, r.customer_id as id from undo_rows r join undo_blocked b on b.row_no = r.row_no
  union
  select 'vehicles', r.vehicle_id from undo_rows r join undo_blocked b on b.row_no = r.row_no
  union
  select 'visits', r.visit_id from undo_rows r join undo_blocked b on b.row_no = r.row_no
  union
  select 'policies', r.policy_id from undo_rows r join undo_blocked b on b.row_no = r.row_no
) used
where m.table_name = used.table_name
  and m.id = used.id";

const KEEP_BLOCKED: &str = "
delete from undo_made m
using undo_blocked b
where b.row_no = m.row_no";

const COUNT: &str = "
select (select count(*) from undo_rows) as rows,
       (select count(*) from undo_blocked) as kept,
       count(*) filter (where table_name = 'customers') as customers,
       count(*) filter (where table_name = 'vehicles') as vehicles,
       count(*) filter (where table_name = 'visits') as visits,
       count(*) filter (where table_name = 'policies') as policies,
       (select count(distinct (x.table_name, x.row_id))
        from import_changes x
        where x.store_id = $1 and x.import_id = $2 and x.row_no not in (select row_no from undo_blocked)) as restored,
       (select count(distinct o.id)
        from undo_duties d
        join obligations o on o.store_id = $1 and o.id = d.id and o.status = 'open'
        where (d.table_name = 'changed' and d.row_no not in (select row_no from undo_blocked))
           or (d.table_name, d.item_id) in (select table_name, id from undo_made)) as duties
from undo_made";

/// Fills `undo_made` (what goes), `undo_blocked` with `undo_why` (what stays and why) and `undo_duties`.
pub(super) async fn decide(db: &mut PgConnection, undo: &Undo) -> sqlx::Result<UndoCounts> {
    run(db, undo, ROWS).await?;
    run(db, undo, &made()).await?;
    run(db, undo, MADE_BUNDLES).await?;
    run(db, undo, "create index on undo_made (table_name, id)").await?;
    run(db, undo, WHY).await?;
    run(db, undo, DUTIES).await?;
    for table in ["undo_rows", "undo_made", "undo_duties"] {
        run(db, undo, &format!("analyze {table}")).await?;
    }
    if undo.is_real {
        lock(db, undo).await?;
    }
    for table in VERSIONED {
        run(db, undo, &why_edited(table)).await?;
    }
    for table in MADE {
        run(db, undo, &why_changed(table)).await?;
    }
    for statement in held_by() {
        run(db, undo, &statement).await?;
    }
    for statement in [
        WHY_OF_DUTIES,
        WHY_OF_BUNDLES,
        WHY_OF_PHONES,
        WHY_OF_ROLES,
        WHY_OF_MAIN_NUMBERS,
        WHY_OF_POLICIES,
        WHY_OF_LATER_FILES,
        NAME_LATER_FILES,
    ] {
        run(db, undo, statement).await?;
    }
    for statement in [BLOCKED, KEEP_USED, KEEP_BLOCKED] {
        run(db, undo, statement).await?;
    }
    // A call or a message goes only with its person.
    for table in BUNDLES {
        run(db, undo, &keep_bundles(table)).await?;
    }
    run(db, undo, "analyze undo_made").await?;
    count(db, undo).await
}

async fn lock(db: &mut PgConnection, undo: &Undo) -> sqlx::Result<()> {
    for table in VERSIONED {
        run(db, undo, &format!(
            "select count(*) from (select id from {table} t where store_id = $1 and (import_id = $2 or id in (
               select x.row_id from import_changes x where x.store_id = $1 and x.import_id = $2 and x.table_name = '{table}'))
             order by id for update) locked"
        ))
        .await?;
    }
    run(db, undo, LOCK_CALLBACKS).await?;
    run(db, undo, LOCK_REMINDERS).await
}

fn made() -> String {
    let of = |table| {
        format!(
            "select '{table}' as table_name, id, import_row as row_no from {table} where store_id = $1 and import_id = $2"
        )
    };
    let all: Vec<String> = MADE.into_iter().map(of).collect();
    format!(
        "create temp table undo_made on commit drop as {}",
        all.join(" union all ")
    )
}

/// Merged and erased rows are empty carriers: nothing is put back into them.
fn or_gone(table: &str) -> &'static str {
    match table {
        "customers" | "vehicles" => " or t.erased_at is not null or t.merged_into_id is not null",
        _ => "",
    }
}

/// Rows made by the import that somebody has saved since. A later file that was taken back has counted up twice.
fn why_edited(table: &str) -> String {
    let gone = or_gone(table);
    format!(
        "insert into undo_why (row_no, code, table_name, row_id)
         select t.import_row, 'edited', '{table}', t.id
         from {table} t
         left join (
           select x.row_id, count(*) as n
           from import_changes x
           join imports i on i.store_id = x.store_id and i.id = x.import_id and i.state = 'undone'
           join import_rows r on r.store_id = x.store_id and r.import_id = x.import_id and r.row_no = x.row_no and r.is_taken_back
           where x.store_id = $1 and x.import_id > $2 and x.table_name = '{table}'
           group by x.row_id
         ) u on u.row_id = t.id
         where t.store_id = $1 and t.import_id = $2 and (t.version <> 1 + 2 * coalesce(u.n, 0){gone})"
    )
}

/// Changed columns that are no longer as the import left them. Search keys follow the name.
fn why_changed(table: &str) -> String {
    let gone = or_gone(table);
    format!(
        "insert into undo_why (row_no, code, table_name, row_id)
         select x.row_no, 'edited', x.table_name, x.row_id
         from import_changes x
         left join {table} t on t.store_id = x.store_id and t.id = x.row_id
         where x.store_id = $1 and x.import_id = $2 and x.table_name = '{table}'
           and (t.id is null or not to_jsonb(t) @> (x.after - 'grams'){gone})"
    )
}

/// One statement for every key that holds what it points at.
fn held_by() -> Vec<String> {
    KEYS.iter()
        .filter_map(|key| match key.bond {
            Bond::Archive(because) => Some(format!(
                "insert into undo_why (row_no, code, table_name, row_id, import_id)
                 select m.row_no, case when c.import_id > $2 then '{later}' else '{because}' end, '{of}', m.id,
                        case when c.import_id > $2 then c.import_id end
                 from undo_made m
                 join {table} c on c.store_id = $1 and c.{column} = m.id
                 where m.table_name = '{of}'
                   and c.import_id is distinct from $2
                   and not exists (
                     -- The import itself has pointed it here; that is put back.
                     select from import_changes x
                     where x.store_id = $1 and x.import_id = $2 and x.table_name = '{table}' and x.row_id = c.id
                       and x.after ? '{column}'
                   )",
                later = KeptBecause::LaterImport,
                of = key.of,
                table = key.table,
                column = key.column,
            )),
            Bond::Holds(because) => Some(format!(
                "insert into undo_why (row_no, code, table_name, row_id)
                 select m.row_no, '{because}', '{of}', m.id
                 from undo_made m
                 join {table} c on c.store_id = $1 and c.{column} = m.id
                 where m.table_name = '{of}'",
                of = key.of,
                table = key.table,
                column = key.column,
            )),
            Bond::Part | Bond::Ledger => None,
        })
        .collect()
}

fn keep_bundles(table: &str) -> String {
    format!(
        "delete from undo_made m
         using {table} b
         where m.table_name = '{table}' and b.store_id = $1 and b.id = m.id
           and not exists (select from undo_made c where c.table_name = 'customers' and c.id = b.customer_id)"
    )
}

async fn count(db: &mut PgConnection, undo: &Undo) -> sqlx::Result<UndoCounts> {
    let row = undo.query(COUNT).fetch_one(db).await?;
    let (rows, kept): (i64, i64) = (row.try_get("rows")?, row.try_get("kept")?);
    Ok(UndoCounts {
        rows,
        kept,
        taken_back: rows - kept,
        customers: row.try_get("customers")?,
        vehicles: row.try_get("vehicles")?,
        visits: row.try_get("visits")?,
        policies: row.try_get("policies")?,
        restored: row.try_get("restored")?,
        duties: row.try_get("duties")?,
    })
}
