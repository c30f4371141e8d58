//! What an undo needs to know: the mark on every row that an import makes is in the inserting statements; here is what it
//! changes in rows that were there, and what each row of the file came to mean.

use sqlx::PgConnection;

use crate::imports::mapping::ImportKind;

use super::{Job, run};

/// An update that notes what it changes, in one statement.
///
/// In the update `t` is the table, `o` the same row as it was (joined by the key), `s` the source with `row_no`; $1 is the
/// store, $2 the import. A row is changed at most once by an import, so all statements that change one must be one.
macro_rules! journalled {
    ($table:literal, $update:literal) => {
        concat!(
            "with changed as (",
            $update,
            "
returning t.id, s.row_no, to_jsonb(o) - 'version' as before, to_jsonb(t) - 'version' as after
)
insert into import_changes (store_id, import_id, table_name, row_id, row_no, before, after)
select $1, $2, '",
            $table,
            "', id, row_no, changed_part(before, after), changed_part(after, before) - 'updated_at'
from changed
where before - 'updated_at' <> after - 'updated_at'"
        )
    };
}
pub(super) use journalled;

const LINK_ROSTER: &str = "
insert into import_links (store_id, import_id, row_no, vehicle_id, customer_id, policy_id)
select $1, $2, s.row_no, s.vehicle_id, s.customer_id, s.policy_id
from stage s";

const LINK_VISITS: &str = "
insert into import_links (store_id, import_id, row_no, vehicle_id, customer_id, visit_id)
select $1, $2, s.row_no, s.vehicle_id, s.customer_id, s.visit_id
from stage s";

/// Notes which car, person, visit and policy each taken row means, also those that it found as they are.
pub(super) async fn link_rows(db: &mut PgConnection, job: &Job) -> sqlx::Result<()> {
    let statement = match job.kind {
        // Both know a policy by its id.
        ImportKind::Roster | ImportKind::Policies => LINK_ROSTER,
        ImportKind::Visits => LINK_VISITS,
    };
    run(db, statement, &job.ids()).await?;
    Ok(())
}
