//! Workbooks written by hand, which no spreadsheet program would write.

use std::io::{Cursor, Write};

use tempfile::NamedTempFile;
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::file;

/// A cell at either end of a sheet.
pub const TWO_CELLS: &str =
    r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>"#;

/// A header and a row below it, as any admin would send them.
pub const ROSTER: &str = r#"<row r="1"><c r="A1" t="str"><v>姓名</v></c><c r="B1" t="str"><v>手机号</v></c></row>
    <row r="2"><c r="A2" t="str"><v>张伟</v></c><c r="B2"><v>13800001111</v></c></row>"#;

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

/// A workbook of one sheet, with the shared strings streamed into it.
pub fn workbook(rows: &str, strings: impl FnOnce(&mut dyn Write)) -> Vec<u8> {
    package(rows, "<sst>", strings, &[])
}

/// [`workbook`] whose table of shared strings says that it is longer than it is.
pub fn with_unique_count(count: u64) -> Vec<u8> {
    package(ROSTER, &format!(r#"<sst uniqueCount="{count}">"#), |_| {}, &[])
}

/// [`workbook`] with more entries.
pub fn with_entries(entries: &[(&str, &[u8])]) -> Vec<u8> {
    package(ROSTER, "<sst>", |_| {}, entries)
}

fn package(
    rows: &str,
    table: &str,
    strings: impl FnOnce(&mut dyn Write),
    entries: &[(&str, &[u8])],
) -> Vec<u8> {
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relations = "http://schemas.openxmlformats.org/package/2006/relationships";
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in [
        (
            "_rels/.rels",
            format!(
                r#"<Relationships xmlns="{relations}"><Relationship Id="r" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                r#"<Relationships xmlns="{relations}"><Relationship Id="r" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="s" Type="{office}/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                r#"<workbook xmlns="{MAIN}" xmlns:r="{office}"><sheets><sheet name="S" sheetId="1" r:id="r"/></sheets></workbook>"#
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!(r#"<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>"#),
        ),
    ] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    for (name, content) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    let packed = SimpleFileOptions::default().compression_level(Some(1));
    zip.start_file("xl/sharedStrings.xml", packed).unwrap();
    zip.write_all(
        table
            .replace("<sst", &format!(r#"<sst xmlns="{MAIN}""#))
            .as_bytes(),
    )
    .unwrap();
    strings(&mut zip);
    write!(zip, "</sst>").unwrap();
    zip.finish().unwrap().into_inner()
}

/// A workbook of so many megabytes of shared strings, packed into very little.
pub fn with_strings(megabytes: usize) -> NamedTempFile {
    let block = format!("<si><t>{}</t></si>", "x".repeat(1000)).repeat(1000);
    of_blocks(&block, megabytes)
}

/// A workbook of very many shared strings with nothing in them: each is small in the file and a string in memory.
pub fn with_empty_strings(megabytes: usize) -> NamedTempFile {
    of_blocks(&"<si><t/></si>".repeat(80_000), megabytes)
}

fn of_blocks(block: &str, count: usize) -> NamedTempFile {
    let bytes = workbook(TWO_CELLS, |out| {
        for _ in 0..count {
            out.write_all(block.as_bytes()).unwrap();
        }
    });
    assert!(bytes.len() < 8 << 20);
    file(&bytes)
}
