//! The rows that an undo left, as a file: the columns of the import and the reasons.

use sqlx::PgPool;

use crate::imports::refused_file::{BATCH, BOM, harmless};
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
    let headings = staged.header.columns.iter().map(|cell| harmless(cell));
    csv.write_record(headings.chain([layout.t.imports().reason().to_owned()]))?;
    for offset in (0..).step_by(BATCH as usize) {
        let rows = queries::list_kept(db, scope, id, BATCH, offset).await?;
        for row in &rows {
            let cells = row.cells.iter().map(|cell| harmless(cell));
            let reasons = pages::reasons(layout, row).join("; ");
            csv.write_record(cells.chain([harmless(&reasons)]))?;
        }
        if (rows.len() as i64) < BATCH {
            break;
        }
    }
    Ok(csv.into_inner().map_err(|error| error.into_error())?)
}
