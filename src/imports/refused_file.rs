//! The refused rows of a file as a file: its own columns and the reason of each row, to be mended and imported again.

use sqlx::PgPool;

use crate::i18n::imports::T;
use crate::imports::queries::{self, VerdictRow};
use crate::imports::reason::At;
use crate::imports::{ImportId, ImportKind, RowAction, Staged};
use crate::stores::StoreScope;
use crate::text::as_cell;

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
    csv.write_record(record(&staged.header.columns, t.reason()))?;
    for offset in (0..).step_by(BATCH as usize) {
        let rows = queries::list_verdicts(db, scope, id, RowAction::Refused, BATCH, offset).await?;
        for row in &rows {
            csv.write_record(record(&row.cells, &reasons(row, t)?))?;
        }
        if (rows.len() as i64) < BATCH {
            break;
        }
    }
    Ok(csv.into_inner().map_err(|error| error.into_error())?)
}

/// The cells of a row and what is said of it, none of them a formula.
pub fn record<'a>(cells: &'a [String], reason: &'a str) -> impl Iterator<Item = String> + 'a {
    cells.iter().map(String::as_str).chain([reason]).map(as_cell)
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::imports::parse::testing;

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

    /// What a cell can be once a file was read: trimmed, without control characters.
    fn cell() -> impl Strategy<Value = String> {
        let text = "[=+@'\"＝－,;\\-\n\t 0-9a-zA-Z张伟]{0,8}|\\PC{0,8}";
        text.prop_map(|text| testing::clean(&text))
    }

    proptest! {
        #[test]
        fn a_refused_row_reads_back_as_it_was(rows in prop::collection::vec([cell(), cell(), cell()], 1..6)) {
            let headings = ["姓名", "手机号", "备注"].map(str::to_owned);
            let mut csv = csv::Writer::from_writer(BOM.to_vec());
            csv.write_record(record(&headings, "原因")).unwrap();
            for row in &rows {
                csv.write_record(record(row, "手机号：不能为空")).unwrap();
            }
            let bytes = csv.into_inner().unwrap();
            let mut written = csv::ReaderBuilder::new().has_headers(false).from_reader(&bytes[BOM.len()..]);
            for cell in written.records().flat_map(|record| record.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()) {
                prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '＝', '＋', '－', '＠']), "{}", cell);
            }
            let read = testing::read(&bytes).unwrap();
            prop_assert_eq!(read.columns(), ["姓名", "手机号", "备注", "原因"]);
            let cells: Vec<&[String]> = read.rows.iter().map(|row| &row.cells[..3]).collect();
            prop_assert_eq!(cells, rows.iter().map(|row| &row[..]).collect::<Vec<_>>());
        }
    }
}
