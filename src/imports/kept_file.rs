//! The rows that an undo left, as a file: the columns of the import and the reasons.

use sqlx::PgPool;

use crate::imports::refused_file::{BATCH, BOM, record};
use crate::imports::undo::queries;
use crate::imports::{ImportId, Staged, pages};
use crate::stores::StoreScope;
use crate::web::layout::Layout;

/// The rows that stay as CSV.
pub async fn write(
    db: &PgPool,
    scope: StoreScope,
    id: ImportId,
    staged: &Staged,
    layout: &Layout,
) -> anyhow::Result<Vec<u8>> {
    let mut csv = csv::Writer::from_writer(BOM.to_vec());
    csv.write_record(record(&staged.header.columns, layout.t.imports().reason()))?;
    for offset in (0..).step_by(BATCH as usize) {
        let rows = queries::list_kept(db, scope, id, BATCH, offset).await?;
        for row in &rows {
            csv.write_record(record(&row.cells, &pages::reasons(layout, row).join("; ")))?;
        }
        if (rows.len() as i64) < BATCH {
            break;
        }
    }
    Ok(csv.into_inner().map_err(|error| error.into_error())?)
}
