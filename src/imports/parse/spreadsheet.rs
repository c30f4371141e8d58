//! XLSX and XLS, through calamine.
//!
//! XLSX only through its cells reader: `worksheet_range` allocates the whole rectangle, and a file of two
//! cells at A1 and XFD1048576 aborts the process (tafia/calamine#693). XLS has no such reader and is read
//! whole; the limits of the child process bound it.

use std::fs::File;
use std::io::{BufReader, Seek};
use std::ops::ControlFlow;

use calamine::{Data, Range, Reader, Sheet, SheetType, SheetVisible, Xls, XlsError, Xlsx, XlsxError};

use super::table::{Probe, Source, Table};
use super::{Format, Known, Limits, ParseError, Summary, cells};

type Book = Xlsx<BufReader<File>>;
type EachRow<'a> = &'a mut dyn FnMut(u32, Vec<String>) -> Result<ControlFlow<()>, ParseError>;

pub(super) fn read_xlsx(
    mut file: File,
    sheet: Option<&str>,
    mut table: Table<'_>,
) -> Result<Summary, ParseError> {
    file.rewind().map_err(|error| ParseError::unreadable(&error))?;
    let mut book = Xlsx::new(BufReader::new(file)).map_err(refuse_xlsx)?;
    let limits = table.limits;
    let known = table.known;
    let sheets = sheets(book.sheets_metadata());
    let name = choose(&sheets, sheet, known, |name, probe| {
        each_row_xlsx(&mut book, name, limits, &mut |_, cells| {
            Ok(look(probe, known, &cells))
        })
    })?;
    table.read_from(Source {
        format: Some(Format::Xlsx),
        sheet: Some(name.clone()),
        sheets,
        ..Source::default()
    });
    each_row_xlsx(&mut book, &name, limits, &mut |number, cells| {
        table.push(number, cells).map(ControlFlow::Continue)
    })?;
    table.finish()
}

pub(super) fn read_xls(
    mut file: File,
    sheet: Option<&str>,
    mut table: Table<'_>,
) -> Result<Summary, ParseError> {
    file.rewind().map_err(|error| ParseError::unreadable(&error))?;
    // An encrypted XLSX is an OLE file too, which only the XLSX reader recognises.
    if let Err(XlsxError::Password) = Xlsx::new(&mut file) {
        return Err(ParseError::Encrypted);
    }
    file.rewind().map_err(|error| ParseError::unreadable(&error))?;
    let mut book: Xls<_> = Xls::new(BufReader::new(file)).map_err(refuse_xls)?;
    // An error too: the folder of the macros is there.
    if !matches!(book.vba_project(), Ok(None)) {
        return Err(ParseError::Macros);
    }
    let limits = table.limits;
    let known = table.known;
    let sheets = sheets(book.sheets_metadata());
    let name = choose(&sheets, sheet, known, |name, probe| {
        let range = book.worksheet_range(name).map_err(refuse_xls)?;
        each_row_xls(&range, limits, &mut |_, cells| Ok(look(probe, known, &cells)))
    })?;
    table.read_from(Source {
        format: Some(Format::Xls),
        sheet: Some(name.clone()),
        sheets,
        ..Source::default()
    });
    let range = book.worksheet_range(&name).map_err(refuse_xls)?;
    each_row_xls(&range, limits, &mut |number, cells| {
        table.push(number, cells).map(ControlFlow::Continue)
    })?;
    table.finish()
}

fn look(probe: &mut Probe, known: Option<Known<'_>>, cells: &[String]) -> ControlFlow<()> {
    probe.see(known, cells);
    if probe.is_done() {
        ControlFlow::Break(())
    } else {
        ControlFlow::Continue(())
    }
}

/// Worksheets that the user sees, in their order.
fn sheets(all: &[Sheet]) -> Vec<String> {
    all.iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible)
        .map(|sheet| sheet.name.clone())
        .collect()
}

/// The one that is asked for, else the first sheet with a header; without any, the first that is not empty.
fn choose(
    names: &[String],
    wanted: Option<&str>,
    known: Option<Known<'_>>,
    mut probe_rows: impl FnMut(&str, &mut Probe) -> Result<(), ParseError>,
) -> Result<String, ParseError> {
    if names.is_empty() {
        return Err(ParseError::NotATable);
    }
    if let Some(wanted) = names.iter().find(|name| Some(name.as_str()) == wanted) {
        return Ok(wanted.clone());
    }
    let mut fallback = None;
    for name in names {
        let mut probe = Probe::default();
        probe_rows(name, &mut probe)?;
        if probe.has_header() || (known.is_none() && probe.has_rows()) {
            return Ok(name.clone());
        }
        if probe.has_rows() {
            fallback.get_or_insert(name);
        }
    }
    fallback.cloned().ok_or(ParseError::NoHeader)
}

fn each_row_xlsx(book: &mut Book, name: &str, limits: &Limits, each: EachRow<'_>) -> Result<(), ParseError> {
    let mut reader = match book.worksheet_cells_reader(name) {
        Ok(reader) => reader,
        // A chart in the place of a worksheet.
        Err(XlsxError::NotAWorksheet(_)) => return Ok(()),
        Err(error) => return Err(refuse_xlsx(error)),
    };
    let mut rows = Rows::new(limits);
    while let Some(cell) = reader.next_cell().map_err(refuse_xlsx)? {
        let text = cells::from_xlsx(cell.get_value());
        if !text.is_empty() && rows.put(cell.get_position(), text, each)?.is_break() {
            return Ok(());
        }
    }
    rows.end(each).map(|_| ())
}

fn each_row_xls(range: &Range<Data>, limits: &Limits, each: EachRow<'_>) -> Result<(), ParseError> {
    // Positions within a range count from its first used cell, not from A1.
    let (top, left) = range.start().unwrap_or_default();
    let mut rows = Rows::new(limits);
    for (row, column, value) in range.used_cells() {
        let position = (top + row as u32, left + column as u32);
        let text = cells::from_xls(value);
        if !text.is_empty() && rows.put(position, text, each)?.is_break() {
            return Ok(());
        }
    }
    rows.end(each).map(|_| ())
}

/// Gathers cells into rows; holds one row at a time.
struct Rows<'a> {
    limits: &'a Limits,
    row: u32,
    cells: Vec<String>,
}

impl<'a> Rows<'a> {
    fn new(limits: &'a Limits) -> Rows<'a> {
        Rows {
            limits,
            row: 0,
            cells: Vec::new(),
        }
    }

    fn put(
        &mut self,
        (row, column): (u32, u32),
        text: String,
        each: EachRow<'_>,
    ) -> Result<ControlFlow<()>, ParseError> {
        if row < self.row {
            return Err(ParseError::damaged("rows are out of order"));
        }
        let column = column as usize;
        if column >= self.limits.columns {
            return Err(ParseError::TooManyColumns {
                row: row + 1,
                limit: self.limits.columns,
            });
        }
        if row > self.row && self.end(each)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
        self.row = row;
        if self.cells.len() <= column {
            self.cells.resize(column + 1, String::new());
        }
        self.cells[column] = text;
        Ok(ControlFlow::Continue(()))
    }

    fn end(&mut self, each: EachRow<'_>) -> Result<ControlFlow<()>, ParseError> {
        if self.cells.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        each(self.row + 1, std::mem::take(&mut self.cells))
    }
}

fn refuse_xlsx(error: XlsxError) -> ParseError {
    if matches!(error, XlsxError::Password) {
        return ParseError::Encrypted;
    }
    ParseError::damaged(error)
}

fn refuse_xls(error: XlsError) -> ParseError {
    if matches!(error, XlsError::Password) {
        return ParseError::Encrypted;
    }
    // An OLE file of another program: a letter, a presentation. The inner error is not public.
    if matches!(&error, XlsError::Cfb(inner) if inner.to_string().starts_with("Cannot find")) {
        return ParseError::NotATable;
    }
    ParseError::damaged(error)
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};
    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::super::testing::{Collected, read, read_sheet};
    use super::*;

    fn book(fill: &[fn(&mut Worksheet)]) -> Vec<u8> {
        let mut book = Workbook::new();
        for fill in fill {
            fill(book.add_worksheet());
        }
        book.save_to_buffer().unwrap()
    }

    fn strings(sheet: &mut Worksheet, row: u32, cells: &[&str]) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write_string(row, column, *cell).unwrap();
        }
    }

    fn sheet_name(read: &Collected) -> &str {
        read.header.as_ref().unwrap().sheet.as_deref().unwrap()
    }

    /// A workbook written by hand: one sheet of the given rows.
    fn minimal(properties: &str, rows: &str) -> Vec<u8> {
        let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        let package = "http://schemas.openxmlformats.org/package/2006/relationships";
        let relation = |id: &str, kind: &str, target: &str| {
            format!(
                r#"<Relationships xmlns="{package}"><Relationship Id="{id}" Type="{office}/{kind}" Target="{target}"/></Relationships>"#
            )
        };
        let workbook = format!(
            r#"<workbook xmlns="{main}" xmlns:r="{office}">{properties}<sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>"#
        );
        let sheet = format!(r#"<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>"#);
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in [
            (
                "_rels/.rels",
                relation("rId1", "officeDocument", "xl/workbook.xml"),
            ),
            (
                "xl/_rels/workbook.xml.rels",
                relation("rId1", "worksheet", "worksheets/sheet1.xml"),
            ),
            ("xl/workbook.xml", workbook),
            ("xl/worksheets/sheet1.xml", sheet),
        ] {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn cells_of_every_kind_become_the_text_that_excel_shows() {
        let bytes = book(&[|sheet| {
            strings(
                sheet,
                0,
                &["姓名", "手机号", "购车日期", "进站", "本店", "价", "错", "备注"],
            );
            let date = Format::new().set_num_format("yyyy\"年\"m\"月\"d\"日\"");
            let moment = Format::new().set_num_format("yyyy/m/d h:mm");
            sheet.write_string(1, 0, " 张伟 ").unwrap();
            sheet.write_number(1, 1, 13_800_000_000.0).unwrap();
            let day = ExcelDateTime::from_ymd(2024, 3, 5).unwrap();
            sheet.write_datetime_with_format(1, 2, &day, &date).unwrap();
            let instant = ExcelDateTime::from_ymd(2024, 3, 5)
                .unwrap()
                .and_hms(14, 30, 0)
                .unwrap();
            sheet.write_datetime_with_format(1, 3, &instant, &moment).unwrap();
            sheet.write_boolean(1, 4, true).unwrap();
            sheet
                .write_formula(1, 5, Formula::new("0.1+0.2").set_result("0.30000000000000004"))
                .unwrap();
            sheet
                .write_formula(1, 6, Formula::new("NA()").set_result("#N/A"))
                .unwrap();
            sheet.write_number(1, 7, 123_456_789_012_345_678.0).unwrap();
        }]);
        let read = read(&bytes).unwrap();
        let expected = "2: 张伟|13800000000|2024-03-05|2024-03-05 14:30:00|是|0.3|#N/A|1.2345678901234568E17";
        assert_eq!(read.lines(), [expected]);
        assert_eq!(read.header.unwrap().format, super::Format::Xlsx);
    }

    #[test]
    fn title_rows_and_leading_sheets_are_passed_over() {
        let bytes = book(&[
            |sheet| strings(sheet, 0, &["说明", "请勿修改"]),
            |_| {},
            |sheet| {
                sheet.set_name("客户").unwrap();
                strings(sheet, 0, &["2024 年客户资料"]);
                strings(sheet, 2, &["", "姓名", "手机号", "备注"]);
                strings(sheet, 3, &["1", "张伟", "13800001111"]);
                strings(sheet, 5, &["2", "王芳", "13900002222", "a", "b"]);
            },
        ]);
        let read = read(&bytes).unwrap();
        assert_eq!(
            (sheet_name(&read), read.header.as_ref().unwrap().number),
            ("客户", 3)
        );
        assert_eq!(
            read.lines(),
            ["4: 1|张伟|13800001111|", "6: 2|王芳|13900002222|a!"]
        );
    }

    #[test]
    fn the_sheet_that_is_asked_for_is_read_if_the_user_can_see_it() {
        let hidden: fn(&mut Worksheet) = |sheet| {
            sheet.set_name("隐藏").unwrap().set_hidden(true);
            strings(sheet, 0, &["姓名", "VIN"]);
        };
        let bytes = book(&[
            |sheet| {
                sheet.set_name("客户").unwrap();
                strings(sheet, 0, &["姓名", "手机号"]);
            },
            hidden,
            |sheet| {
                sheet.set_name("--help").unwrap();
                strings(sheet, 0, &["2024"]);
                strings(sheet, 1, &["姓名", "备注"]);
            },
        ]);
        for (asked, expected, header) in [
            (None, "客户", 1),
            (Some("--help"), "--help", 2),
            (Some("隐藏"), "客户", 1),
            (Some("没有"), "客户", 1),
        ] {
            let read = read_sheet(&bytes, &Limits::default(), asked).unwrap();
            assert_eq!(
                (sheet_name(&read), read.header.as_ref().unwrap().number),
                (expected, header),
                "{asked:?}"
            );
            assert_eq!(read.header.unwrap().sheets, ["客户", "--help"]);
        }
    }

    #[test]
    fn hidden_sheets_are_not_read_and_a_sheet_without_known_names_is_the_last_resort() {
        let hidden: fn(&mut Worksheet) = |sheet| {
            strings(sheet, 0, &["姓名", "手机号"]);
            sheet.set_hidden(true);
        };
        let bytes = book(&[|_| {}, hidden, |sheet| strings(sheet, 0, &["a", "b"])]);
        let read_first = read(&bytes).unwrap();
        assert_eq!(
            (sheet_name(&read_first), read_first.columns()),
            ("Sheet3", vec!["a", "b"])
        );
        assert_eq!(read(&book(&[|_| {}, |_| {}])).unwrap_err(), ParseError::NoHeader);
    }

    #[test]
    fn inline_strings_and_the_1904_system_are_read() {
        let rows = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>姓名</t></is></c><c r="B1" t="str"><v>备注</v></c></row>
            <row r="2"><c r="A2" t="d"><v>2024-03-05T00:00:00</v></c><c r="B2" t="e"><v>#REF!</v></c></row>
            <row r="4"><c r="B4" t="b"><v>0</v></c></row>"#;
        let read = read(&minimal(r#"<workbookPr date1904="1"/>"#, rows)).unwrap();
        assert_eq!(read.columns(), ["姓名", "备注"]);
        assert_eq!(read.lines(), ["2: 2024-03-05|#REF!", "4: |否"]);
    }

    #[test]
    fn two_far_cells_are_refused_and_do_not_take_the_memory_between_them() {
        let far =
            r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#;
        let error = ParseError::TooManyColumns {
            row: 1_048_576,
            limit: 100,
        };
        assert_eq!(read(&minimal("", far)).unwrap_err(), error);
        let low =
            r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>2</v></c></row>"#;
        assert_eq!(read(&minimal("", low)).unwrap().lines(), ["1048576: 2"]);
    }

    #[test]
    fn sheets_that_contradict_themselves_are_refused() {
        for rows in [
            r#"<row r="2"><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>"#,
            r#"<row r="1"><c r="A1" t="s"><v>7</v></c></row>"#,
            r#"<row r="1"><c r="1A"><v>1</v></c></row>"#,
        ] {
            assert!(
                matches!(read(&minimal("", rows)), Err(ParseError::Damaged { .. })),
                "{rows}"
            );
        }
    }
}
