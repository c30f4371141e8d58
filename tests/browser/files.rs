//! Files as dealers' other systems export them.

use std::path::{Path, PathBuf};

use encoding_rs::GB18030;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use tempfile::TempDir;

/// A folder that goes with the test.
pub struct Exports(TempDir);

/// A service visit of the workbook; a time without hand-over is a car that is still in the shop.
pub struct Visit {
    pub number: &'static str,
    pub plate: &'static str,
    pub advisor: &'static str,
    /// `2026-11-22 15:40`
    pub handed_over: Option<&'static str>,
}

/// A row of the roster.
pub struct Customer {
    pub name: String,
    /// A number where it is one.
    pub phone: String,
    pub vin: &'static str,
    pub plate: String,
    /// `2024-03-05`
    pub bought: &'static str,
    pub note: &'static str,
}

impl Exports {
    pub fn new() -> Exports {
        Exports(TempDir::new().unwrap())
    }

    /// A CSV as an older system writes it: GB18030, and lines that end in CR LF.
    pub fn gb18030(&self, name: &str, lines: &[&str]) -> PathBuf {
        let text = lines.join("\r\n");
        let (bytes, _, had_errors) = GB18030.encode(&text);
        assert!(!had_errors, "GB18030 has every character");
        let file = self.path(name);
        std::fs::write(&file, bytes).unwrap();
        file
    }

    /// A workbook with real dates in its cells.
    pub fn workbook(&self, name: &str, visits: &[Visit]) -> PathBuf {
        let mut workbook = Workbook::new();
        let time = Format::new().set_num_format("yyyy/m/d h:mm");
        let sheet = workbook.add_worksheet();
        let headings = [
            "工单号",
            "车牌号",
            "进站时间",
            "交车时间",
            "维修类型",
            "服务顾问",
            "维修内容",
        ];
        for (column, heading) in (0..).zip(headings) {
            sheet.write(0, column, heading).unwrap();
        }
        for (row, visit) in (1..).zip(visits) {
            let arrived = visit.handed_over.map_or("2026-11-24 08:10", |at| at);
            let at = |text: &str| ExcelDateTime::parse_from_str(text).unwrap();
            sheet.write(row, 0, visit.number).unwrap();
            sheet.write(row, 1, visit.plate).unwrap();
            sheet
                .write_with_format(row, 2, at(&arrived.replace(' ', "T")), &time)
                .unwrap();
            if let Some(handed_over) = visit.handed_over {
                sheet
                    .write_with_format(row, 3, at(&handed_over.replace(' ', "T")), &time)
                    .unwrap();
            }
            sheet.write(row, 4, "保养").unwrap();
            sheet.write(row, 5, visit.advisor).unwrap();
            sheet.write(row, 6, "常规保养").unwrap();
        }
        let file = self.path(name);
        workbook.save(&file).unwrap();
        file
    }

    /// A large roster as a person keeps it: notes on the first sheet, a title above the header, phones as numbers,
    /// dates as dates.
    pub fn roster(&self, name: &str, rows: u32, write: impl Fn(u32) -> Customer) -> PathBuf {
        let mut workbook = Workbook::new();
        workbook.add_worksheet().write(0, 0, "请勿外传").unwrap();
        let day = Format::new().set_num_format("yyyy\"年\"m\"月\"d\"日\"");
        let sheet = workbook.add_worksheet();
        sheet.set_name("客户").unwrap();
        sheet.write(0, 0, "滨江店客户资料").unwrap();
        let headings = ["客户姓名", "联络号", "VIN", "车牌号", "车型", "购车日期", "备注"];
        for (column, heading) in (0..).zip(headings) {
            sheet.write(1, column, heading).unwrap();
        }
        for number in 0..rows {
            let customer = write(number);
            let row = number + 2;
            sheet.write(row, 0, customer.name).unwrap();
            // Whole digits become a number; 1.38E+10 is a text that was a number once.
            match customer.phone.parse::<u64>() {
                Ok(number) => sheet.write(row, 1, number as f64).unwrap(),
                Err(_) => sheet.write(row, 1, customer.phone).unwrap(),
            };
            sheet.write(row, 2, customer.vin).unwrap();
            sheet.write(row, 3, customer.plate).unwrap();
            sheet.write(row, 4, "SUV 1.5T").unwrap();
            let bought = ExcelDateTime::parse_from_str(customer.bought).unwrap();
            sheet.write_with_format(row, 5, &bought, &day).unwrap();
            sheet.write(row, 6, customer.note).unwrap();
        }
        let file = self.path(name);
        workbook.save(&file).unwrap();
        file
    }

    /// A text as it is.
    pub fn text(&self, name: &str, text: &str) -> PathBuf {
        let file = self.path(name);
        std::fs::write(&file, text).unwrap();
        file
    }

    /// Where downloads go.
    pub fn folder(&self, name: &str) -> PathBuf {
        let folder = self.path(name);
        std::fs::create_dir(&folder).unwrap();
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        Path::new(self.0.path()).join(name)
    }
}
