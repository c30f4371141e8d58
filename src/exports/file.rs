//! Rows as a file. A cell that a spreadsheet might take for a formula gets an apostrophe in front (promises R13).

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Context;
use rust_xlsxwriter::{Format as Style, Workbook};
use tokio::sync::mpsc::Receiver;

use crate::exports::Format;
use crate::text::as_cell;
use crate::web::list::Cell;

/// What stands above the rows.
pub struct Head {
    /// Who, when, where, why: the first row.
    pub watermark: String,
    pub headings: Vec<String>,
    /// Name of the sheet.
    pub sheet: String,
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
    writer.write_record([as_cell(&head.watermark)])?;
    writer.write_record(head.headings.iter().map(|heading| as_cell(heading)))?;
    while let Some(row) = rows.blocking_recv() {
        writer.write_record(row.iter().map(|cell| match cell {
            Cell::Text(text) => as_cell(text),
            Cell::Number(number) => as_cell(&number.to_string()),
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
    sheet.write_string(0, 0, as_cell(&head.watermark))?;
    for (column, heading) in (0..).zip(&head.headings) {
        sheet.set_column_width(column, 18)?;
        sheet.write_string_with_format(1, column, as_cell(heading), &bold)?;
    }
    let mut line = 2;
    while let Some(row) = rows.blocking_recv() {
        for (column, cell) in (0..).zip(row) {
            match cell {
                Cell::Text(value) => sheet.write_string_with_format(line, column, as_cell(&value), &text)?,
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
