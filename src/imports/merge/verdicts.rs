//! What became of every row, from the staging tables into `import_rows` and the counts.

use sqlx::{PgConnection, Row};

use crate::imports::model::Counts;

use super::{Job, run};

/// The merge finds most verdicts as the preview has stored them: wide rows that would be written anew for nothing.
const STORE_TAKEN: &str = "
update import_rows r
set action = s.action, refusals = null, warnings = s.warnings, changes = s.changes
from stage s
where r.store_id = $1
  and r.import_id = $2
  and r.row_no = s.row_no
  and (r.action, r.refusals, r.warnings, r.changes) is distinct from (s.action, null, s.warnings, s.changes)";

const STORE_REFUSED: &str = "
update import_rows r
set action = 'refused', refusals = f.refusals, warnings = f.warnings, changes = null
from refused f
where r.store_id = $1
  and r.import_id = $2
  and r.row_no = f.row_no
  and (r.action, r.refusals, r.warnings, r.changes) is distinct from ('refused', f.refusals, f.warnings, null)";

const COUNT: &str = "
select count(*) filter (where action = 'new') as new,
       count(*) filter (where action = 'changed') as changed,
       count(*) filter (where action = 'unchanged') as unchanged,
       count(warnings) as warned,
       count(distinct vehicle_key) filter (where is_new_vehicle) as new_vehicles,
       (select count(*) from refused) as refused,
       (select count(*) from refused where refusals -> 0 ->> 'code' = 'doubled') as doubled,
       (select count(*) from people where is_new) as new_customers
from stage";

/// Words of a warning, the most frequent first.
const UNKNOWN_WORDS: &str = "
select w ->> 'text' as text, count(*) as rows
from stage s
cross join lateral jsonb_array_elements(s.warnings) w
where w ->> 'code' = $1
group by 1
order by 2 desc, 1
limit 50";

/// Stores the verdicts and counts them.
pub(super) async fn store(db: &mut PgConnection, job: &Job) -> sqlx::Result<Counts> {
    run(db, STORE_TAKEN, &job.ids()).await?;
    run(db, STORE_REFUSED, &job.ids()).await?;
    let row = sqlx::query(COUNT).persistent(false).fetch_one(&mut *db).await?;
    let unknown_types = unknown_words(&mut *db, "unknown_service_type").await?;
    let unknown_keepers = unknown_words(db, "unknown_keeper").await?;
    let (new, changed, unchanged): (i64, i64, i64) = (
        row.try_get("new")?,
        row.try_get("changed")?,
        row.try_get("unchanged")?,
    );
    let refused = row.try_get("refused")?;
    Ok(Counts {
        rows: new + changed + unchanged + refused,
        new,
        changed,
        unchanged,
        refused,
        doubled: row.try_get("doubled")?,
        warned: row.try_get("warned")?,
        new_customers: row.try_get("new_customers")?,
        new_vehicles: row.try_get("new_vehicles")?,
        unknown_types,
        unknown_keepers,
        conflicts: Vec::new(),
        millis: 0,
    })
}

async fn unknown_words(db: &mut PgConnection, code: &str) -> sqlx::Result<Vec<(String, i64)>> {
    let words = sqlx::query(UNKNOWN_WORDS).persistent(false).bind(code);
    let rows = words.fetch_all(db).await?;
    rows.iter()
        .map(|row| Ok((row.try_get("text")?, row.try_get("rows")?)))
        .collect()
}
