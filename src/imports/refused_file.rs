//! The refused rows of a file as a file: its own columns and the reason of each row, to be mended and imported again.

use sqlx::PgPool;

use crate::i18n::imports::T;
use crate::imports::queries::{self, VerdictRow};
use crate::imports::reason::At;
use crate::imports::{ImportId, ImportKind, RowAction, Staged};
use crate::stores::StoreScope;

/// Excel takes a CSV for UTF-8 only if it begins with this.
pub const BOM: &[u8] = "\u{FEFF}".as_bytes();
/// Rows fetched at a time.
pub const BATCH: i64 = 5_000;

/// The refused rows of an import as CSV.
pub async fn write(
    db: &PgPool,
    scope: StoreScope,
    id: ImportId,
    staged: &Staged,
    t: T,
) -> anyhow::Result<Vec<u8>> {
    let mut csv = csv::Writer::from_writer(BOM.to_vec());
    let headings = &staged.header.columns;
    csv.write_record(
        headings
            .iter()
            .map(|cell| harmless(cell))
            .chain([t.reason().to_owned()]),
    )?;
    for offset in (0..).step_by(BATCH as usize) {
        let rows = queries::list_verdicts(db, scope, id, RowAction::Refused, BATCH, offset).await?;
        for row in &rows {
            let cells = row.cells.iter().map(|cell| harmless(cell));
            csv.write_record(cells.chain([harmless(&reasons(row, t)?)]))?;
        }
        if (rows.len() as i64) < BATCH {
            break;
        }
    }
    Ok(csv.into_inner().map_err(|error| error.into_error())?)
}

/// A file that has the headings of its kind and no rows.
pub fn template(kind: ImportKind) -> anyhow::Result<Vec<u8>> {
    let mut csv = csv::Writer::from_writer(BOM.to_vec());
    csv.write_record(kind.fields().filter_map(|field| kind.heading(field)))?;
    Ok(csv.into_inner().map_err(|error| error.into_error())?)
}

fn reasons(row: &VerdictRow, t: T) -> serde_json::Result<String> {
    let reasons: Vec<At> = match &row.refusals {
        Some(value) => serde_json::from_value(value.clone())?,
        None => Vec::new(),
    };
    let sentence = |at: &At| match at.field {
        Some(field) => t.reason_at(t.field_label(field), t.why(&at.reason)),
        None => t.why(&at.reason),
    };
    Ok(reasons.iter().map(sentence).collect::<Vec<_>>().join("; "))
}

/// A cell that a spreadsheet would take for a formula gets an apostrophe in front (promises R13).
pub fn harmless(cell: &str) -> String {
    let starts_formula =
        cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠']);
    if starts_formula {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_begins_as_a_formula() {
        for cell in [
            "=1+1", "+86 138", "-1", "@SUM(A1)", "\tx", "\rx", "＝1", "＋1", "－1", "＠x",
        ] {
            assert_eq!(harmless(cell), format!("'{cell}"));
        }
        for cell in ["", "张伟", "138-0001", "a=b"] {
            assert_eq!(harmless(cell), cell);
        }
    }

    #[test]
    fn a_template_is_recognised_by_the_mapping() {
        for kind in ImportKind::ALL.iter().copied() {
            let csv = String::from_utf8(template(kind).unwrap()).unwrap();
            let headings: Vec<String> = csv
                .trim_start_matches('\u{FEFF}')
                .trim_end()
                .split(',')
                .map(str::to_owned)
                .collect();
            let mapping = crate::imports::mapping::recognise(kind, &headings);
            assert!(mapping.missing_required().is_empty());
            assert_eq!(mapping.unknown().count(), 0);
        }
    }
}
