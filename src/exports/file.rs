//! Rows as a file. A cell that a spreadsheet might take for a formula gets an apostrophe in front (promises R13).

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Context;
use rust_xlsxwriter::{Format as Style, Workbook};
use tokio::sync::mpsc::Receiver;

use crate::exports::Format;
use crate::web::list::Cell;

/// What stands above the rows.
pub struct Head {
    /// Who, when, where, why: the first row.
    pub watermark: String,
    pub headings: Vec<String>,
    /// Name of the sheet.
    pub sheet: String,
}

/// A text that no spreadsheet calculates: one that begins like a formula, in half or full width, is quoted.
pub fn harmless(text: &str) -> String {
    // Excel takes the full-width forms for the others, and skips a NUL or a line end in front of them.
    const STARTS: [char; 13] = [
        '=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠', '﹣',
    ];
    let text = text.trim_start_matches('\u{FEFF}');
    let begins = text.trim_start_matches(' ').starts_with(STARTS);
    let clean = text.replace('\0', "");
    if begins { format!("'{clean}") } else { clean }
}

/// Writes the rows as they come; ends when their sender does.
pub fn write(path: &Path, format: Format, head: &Head, rows: Receiver<Vec<Cell>>) -> anyhow::Result<()> {
    match format {
        Format::Csv => write_csv(path, head, rows),
        Format::Xlsx => write_xlsx(path, head, rows),
    }
}

fn write_csv(path: &Path, head: &Head, mut rows: Receiver<Vec<Cell>>) -> anyhow::Result<()> {
    let mut file = BufWriter::new(File::options().write(true).open(path)?);
    // Without it Excel reads the file in the encoding of the machine.
    file.write_all("\u{FEFF}".as_bytes())?;
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .terminator(csv::Terminator::CRLF)
        .from_writer(file);
    writer.write_record([harmless(&head.watermark)])?;
    writer.write_record(head.headings.iter().map(|heading| harmless(heading)))?;
    while let Some(row) = rows.blocking_recv() {
        writer.write_record(row.iter().map(|cell| match cell {
            Cell::Text(text) => harmless(text),
            Cell::Number(number) => harmless(&number.to_string()),
        }))?;
    }
    writer.flush()?;
    Ok(())
}

fn write_xlsx(path: &Path, head: &Head, mut rows: Receiver<Vec<Cell>>) -> anyhow::Result<()> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name(&head.sheet)?;
    let (text, bold) = (Style::new().set_num_format("@"), Style::new().set_bold());
    sheet.write_string(0, 0, harmless(&head.watermark))?;
    for (column, heading) in (0..).zip(&head.headings) {
        sheet.set_column_width(column, 18)?;
        sheet.write_string_with_format(1, column, harmless(heading), &bold)?;
    }
    let mut line = 2;
    while let Some(row) = rows.blocking_recv() {
        for (column, cell) in (0..).zip(row) {
            match cell {
                Cell::Text(value) => sheet.write_string_with_format(line, column, harmless(&value), &text)?,
                Cell::Number(number) => sheet.write_number(line, column, number)?,
            };
        }
        line += 1;
    }
    let file = File::options().write(true).open(path)?;
    workbook
        .save_to_writer(BufWriter::new(file))
        .context("writing the workbook")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_begins_like_a_formula() {
        for (text, written) in [
            ("=1+1", "'=1+1"),
            ("+8613905717715", "'+8613905717715"),
            ("-5", "'-5"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("\0=1", "'=1"),
            ("＝1", "'＝1"),
            ("＋1", "'＋1"),
            ("－1", "'－1"),
            ("＠x", "'＠x"),
            ("  =1", "'  =1"),
            ("\u{FEFF}=1", "'=1"),
            ("138 **** 2046", "138 **** 2046"),
            ("张=伟", "张=伟"),
            ("", ""),
        ] {
            assert_eq!(harmless(text), written, "{text:?}");
        }
    }
}
