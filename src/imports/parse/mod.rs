//! Bytes of a file → header and rows of text cells. Pure: no database, no web, no clock.
//!
//! - The format is what the content says, never the name: older dealer systems call a tab-separated text
//!   or an HTML table `.xls`.
//! - Rows are streamed to a [`Sink`], so a file of any length takes little memory.
//! - Row numbers are those the user sees in a spreadsheet program: from 1, header and blank rows counted.
//! - Cells become the text a person reads: dates as `2024-03-05` or `2024-03-05 14:30:00`, phones without
//!   `.0`, 是/否; an error cell keeps its `#N/A`, so that the rule of its column refuses it.
//! - Hostile files are refused by [`Limits`] before they are read; what slips through dies in the child.

mod cells;
mod decode;
mod delimited;
mod html;
mod limits;
mod package;
mod spreadsheet;
mod table;

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

use serde::{Deserialize, Serialize};

pub use cells::is_error_text;
pub use limits::Limits;

use table::Table;

/// What a file turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// CSV or TSV; [`Header::delimiter`] says which.
    Delimited,
    Xlsx,
    Xls,
    Html,
}

/// The header row and how the file was read, for the user to check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    pub format: Format,
    /// Name after the Encoding Standard, such as `gb18030`; none for workbooks.
    pub encoding: Option<String>,
    pub delimiter: Option<char>,
    /// Name of the sheet that was chosen; none for text and HTML.
    pub sheet: Option<String>,
    /// Every worksheet that the user sees, in their order.
    #[serde(default)]
    pub sheets: Vec<String>,
    /// The row it stands in; above 1 when title rows were passed over.
    pub number: u32,
    /// Headings as written, trimmed; an unnamed column in the middle is an empty text.
    pub columns: Vec<String>,
}

/// One row below the header that is not blank.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    pub number: u32,
    /// As many as the header has columns.
    pub cells: Vec<String>,
    /// The row has more filled cells than the header has columns: it has slipped and must be refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub extra: bool,
}

/// What a reading came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub rows: u32,
}

/// Takes what is read, the header first. An error of the sink ends the reading.
pub trait Sink {
    fn header(&mut self, header: Header) -> io::Result<()>;
    fn row(&mut self, row: Row) -> io::Result<()>;
}

/// Tells a heading that the program knows from a title or a value.
pub type Known<'a> = &'a dyn Fn(&str) -> bool;

/// Why a file is refused whole. English, for logs; the page has its own text for each.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum ParseError {
    #[error("file is larger than {limit} bytes")]
    TooLarge { limit: u64 },
    #[error("file unpacks to more than {limit} bytes")]
    UnpacksTooLarge { limit: u64 },
    #[error("an entry of the archive is packed more than {limit} to 1")]
    PackedTooTightly { limit: u64 },
    #[error("archive has more than {limit} entries")]
    TooManyEntries { limit: usize },
    #[error("more than {limit} rows")]
    TooManyRows { limit: u32 },
    #[error("row {row} has more than {limit} columns")]
    TooManyColumns { row: u32, limit: usize },
    #[error("a cell of row {row} is longer than {limit} characters")]
    CellTooLong { row: u32, limit: usize },
    #[error("a quote opened in row {row} is never closed")]
    UnclosedQuote { row: u32 },
    #[error("file is protected by a password")]
    Encrypted,
    #[error("workbook has macros")]
    Macros,
    #[error("workbook declares a document type or external entities")]
    ExternalEntities,
    #[error("file is truncated or damaged: {detail}")]
    Damaged { detail: String },
    #[error("file holds no table")]
    NotATable,
    #[error("text is not {encoding} throughout")]
    UndecodableText { encoding: String },
    #[error("file has no header row")]
    NoHeader,
    #[error("file cannot be read: {detail}")]
    Unreadable { detail: String },
    #[error("rows cannot be passed on: {detail}")]
    Output { detail: String },
}

impl ParseError {
    fn damaged(detail: impl std::fmt::Display) -> ParseError {
        ParseError::Damaged {
            detail: detail.to_string(),
        }
    }

    fn unreadable(error: &io::Error) -> ParseError {
        ParseError::Unreadable {
            detail: error.to_string(),
        }
    }
}

const ZIP: &[u8] = b"PK\x03\x04";
const OLE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// Reads `file` into `sink`. With `known`, title rows above the header and leading sheets are passed over, unless the
/// workbook has the `sheet` that is asked for.
pub fn parse(
    file: &Path,
    limits: &Limits,
    known: Option<Known<'_>>,
    sheet: Option<&str>,
    sink: &mut dyn Sink,
) -> Result<Summary, ParseError> {
    let mut file = File::open(file).map_err(|error| ParseError::unreadable(&error))?;
    let size = file
        .metadata()
        .map_err(|error| ParseError::unreadable(&error))?
        .len();
    if size > limits.file_bytes {
        return Err(ParseError::TooLarge {
            limit: limits.file_bytes,
        });
    }
    let mut magic = Vec::new();
    file.by_ref()
        .take(8)
        .read_to_end(&mut magic)
        .and_then(|_| file.rewind())
        .map_err(|error| ParseError::unreadable(&error))?;

    let table = Table::new(limits, known, sink);
    if magic.starts_with(ZIP) {
        package::inspect(&file, limits)?;
        spreadsheet::read_xlsx(file, sheet, table)
    } else if magic.starts_with(OLE) {
        spreadsheet::read_xls(file, sheet, table)
    } else {
        read_text(file, table)
    }
}

fn read_text(file: File, table: Table<'_>) -> Result<Summary, ParseError> {
    let mut text = decode::Text::open(file)?;
    let head = text.head()?;
    if html::is_html(&head) {
        html::read(text, head, table)
    } else {
        delimited::read(text, head, table)
    }
}

#[cfg(test)]
pub(crate) mod testing {
    use std::io::Write;

    use super::*;

    /// Everything a reading gave.
    #[derive(Debug, Default)]
    pub struct Collected {
        pub header: Option<Header>,
        pub rows: Vec<Row>,
    }

    impl Sink for Collected {
        fn header(&mut self, header: Header) -> io::Result<()> {
            self.header = Some(header);
            Ok(())
        }

        fn row(&mut self, row: Row) -> io::Result<()> {
            self.rows.push(row);
            Ok(())
        }
    }

    impl Collected {
        pub fn columns(&self) -> Vec<&str> {
            self.header
                .as_ref()
                .unwrap()
                .columns
                .iter()
                .map(String::as_str)
                .collect()
        }

        /// Rows as `number: cell|cell`, with `!` behind a row that has extra cells.
        pub fn lines(&self) -> Vec<String> {
            self.rows
                .iter()
                .map(|row| {
                    format!(
                        "{}: {}{}",
                        row.number,
                        row.cells.join("|"),
                        if row.extra { "!" } else { "" }
                    )
                })
                .collect()
        }
    }

    pub fn is_known(heading: &str) -> bool {
        ["姓名", "手机号", "VIN", "车牌号", "购车日期", "备注"].contains(&heading)
    }

    pub fn read_with(bytes: &[u8], limits: &Limits) -> Result<Collected, ParseError> {
        read_sheet(bytes, limits, None)
    }

    pub fn read_sheet(bytes: &[u8], limits: &Limits, sheet: Option<&str>) -> Result<Collected, ParseError> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        let mut collected = Collected::default();
        let summary = parse(file.path(), limits, Some(&is_known), sheet, &mut collected)?;
        assert_eq!(summary.rows as usize, collected.rows.len());
        Ok(collected)
    }

    pub fn read(bytes: &[u8]) -> Result<Collected, ParseError> {
        read_with(bytes, &Limits::default())
    }

    /// A cell as a reading gives it.
    pub fn clean(cell: &str) -> String {
        cells::clean(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{read, read_with};
    use super::*;

    #[test]
    fn files_that_hold_no_table_are_refused_by_what_they_are() {
        let cases: [(&str, &[u8], ParseError); 5] = [
            ("empty", b"", ParseError::NoHeader),
            ("blank lines", b"\r\n,,\r\n \r\n", ParseError::NoHeader),
            ("pdf", b"%PDF-1.7\n\xE2\xE3", ParseError::NotATable),
            ("png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", ParseError::NotATable),
            ("NUL within text", b"a,b\n1,\0\n", ParseError::NotATable),
        ];
        for (name, bytes, expected) in cases {
            assert_eq!(read(bytes).unwrap_err(), expected, "{name}");
        }
    }

    #[test]
    fn a_file_over_the_limit_is_refused_before_it_is_read() {
        let limits = Limits {
            file_bytes: 10,
            ..Limits::default()
        };
        assert_eq!(
            read_with(b"name,phone\n", &limits).unwrap_err(),
            ParseError::TooLarge { limit: 10 }
        );
    }

    #[test]
    fn errors_cross_a_pipe_unchanged() {
        for error in [
            ParseError::TooManyColumns { row: 3, limit: 100 },
            ParseError::Damaged {
                detail: "EOF".to_owned(),
            },
            ParseError::NotATable,
        ] {
            let text = serde_json::to_string(&error).unwrap();
            assert_eq!(serde_json::from_str::<ParseError>(&text).unwrap(), error);
        }
    }
}
