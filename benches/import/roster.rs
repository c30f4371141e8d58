//! Rosters of any length: every row a new car of a new person, all columns filled.

use std::io::{BufWriter, Write};
use std::path::Path;

use rust_xlsxwriter::Workbook;

const HEAD: [&str; 10] = [
    "客户姓名",
    "联系电话",
    "车架号",
    "车牌号",
    "车型",
    "购车日期",
    "质保到期日",
    "商业险到期",
    "行驶里程",
    "客户级别",
];
/// The fields of [`HEAD`], as the form of the columns sends them.
pub const FIELDS: [&str; 10] = [
    "name",
    "phone",
    "vin",
    "plate",
    "model",
    "purchased_on",
    "warranty_ends_on",
    "insurance_ends_on",
    "mileage",
    "grade",
];
const SURNAMES: [&str; 12] = [
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "欧阳", "孙",
];
const GIVEN: [&str; 16] = [
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明",
];
const MODELS: [&str; 5] = ["柯迪亚克", "速派", "明锐", "柯珞克", "昕锐"];

fn row(i: u32) -> [String; 10] {
    let pick = |list: &[&'static str], by: u32| list[(by as usize) % list.len()];
    let name = format!(
        "{}{}{}",
        pick(&SURNAMES, i),
        pick(&GIVEN, i / 12),
        pick(&GIVEN, i / 192)
    );
    [
        name,
        format!("13{:09}", i),
        vin(i),
        plate(i),
        pick(&MODELS, i).to_owned(),
        format!("202{}-{:02}-{:02}", i % 5, i % 12 + 1, i % 28 + 1),
        format!("203{}-{:02}-{:02}", i % 5, i % 12 + 1, i % 28 + 1),
        format!("2027-{:02}-{:02}", i % 12 + 1, i % 28 + 1),
        (1_000 + i % 150_000).to_string(),
        pick(&["A", "B", "C"], i).to_owned(),
    ]
}

/// Letters behind the province tell a million cars apart.
fn plate(i: u32) -> String {
    let letters: Vec<char> = "ABCDEFGHJK".chars().collect();
    let province = ['浙', '沪', '苏'][(i / 1_000_000) as usize % 3];
    format!(
        "{province}{}{:05}",
        letters[(i / 100_000) as usize % 10],
        i % 100_000
    )
}

/// With the check digit that the rule asks for.
fn vin(i: u32) -> String {
    let text = format!("LSVNV418{}D2{:06}", 0, i % 1_000_000);
    let weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let value = |c: char| match c {
        '0'..='9' => c as u32 - '0' as u32,
        'A'..='H' => c as u32 - 'A' as u32 + 1,
        'J'..='R' => c as u32 - 'J' as u32 + 1,
        _ => c as u32 - 'S' as u32 + 2,
    };
    let sum: u32 = text
        .chars()
        .zip(weights)
        .map(|(c, weight)| value(c) * weight)
        .sum();
    let digit = char::from_digit(sum % 11, 10).unwrap_or('X');
    format!("{}{digit}{}", &text[..8], &text[9..])
}

/// As a workbook.
pub fn workbook(rows: u32, file: &Path) {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, heading) in (0..).zip(HEAD) {
        sheet.write_string(0, column, heading).unwrap();
    }
    for i in 0..rows {
        for (column, cell) in (0..).zip(row(i)) {
            sheet.write_string(i + 1, column, cell).unwrap();
        }
    }
    book.save(file).unwrap();
}

/// As CSV.
pub fn csv(rows: u32, file: &Path) {
    let mut out = BufWriter::new(std::fs::File::create(file).unwrap());
    writeln!(out, "{}", HEAD.join(",")).unwrap();
    for i in 0..rows {
        writeln!(out, "{}", row(i).join(",")).unwrap();
    }
    out.flush().unwrap();
}
