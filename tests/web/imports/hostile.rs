//! Hostile files at the page: each is refused with a sentence, in both languages, while another file is taken in.

use std::io::{Cursor, Write};
use std::path::Path;

use care_desk::auth::permission::Role;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::support::app::{PASSWORD, with_app};
use crate::support::client::Client;

use super::{confirm, preview, settled, texts, upload};

const GOOD: &str = "姓名,手机号,车牌号\n王建国,13057577719,浙A7K2M9\n";

fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    packed(SimpleFileOptions::default(), entries)
}

fn packed(options: SimpleFileOptions, entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        zip.start_file(*name, options).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const SHEET: &str = "xl/worksheets/sheet1.xml";

#[test]
fn each_is_refused_with_a_sentence_in_both_languages() {
    let blanks = vec![b' '; 8 << 20];
    let many: Vec<String> = (0..65).map(|i| format!("xl/worksheets/sheet{i}.xml")).collect();
    let many: Vec<(&str, &[u8])> = many
        .iter()
        .map(|name| (name.as_str(), b"<a/>".as_slice()))
        .collect();
    let entity = b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>";
    let encrypted = include_bytes!("../../fixtures/encrypted.xlsx").to_vec();
    let cut = archive(&[(SHEET, b"<worksheet/>")]);
    let half_a_pair = [
        b"\xFF\xFE".to_vec(),
        GOOD.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        vec![0x3D, 0xD8],
    ]
    .concat();
    let cases: [(&str, Vec<u8>, &str, &str); 12] = [
        (
            "macros.xlsm",
            archive(&[(SHEET, b"<worksheet/>"), ("xl/vbaProject.bin", b"x")]),
            "文件含有宏，请另存为不含宏的 .xlsx 后再上传",
            "The file has macros; save it as an .xlsx without them and upload again",
        ),
        (
            "entities.xlsx",
            archive(&[(SHEET, entity)]),
            "文件引用了外部内容，不能读取",
            "The file refers to content outside itself and is not read",
        ),
        (
            "locked.xlsx",
            encrypted,
            "文件有密码保护，请去掉密码后再上传",
            "The file is protected by a password; remove it and upload again",
        ),
        (
            "cut.xlsx",
            cut[..cut.len() / 2].to_vec(),
            "文件已损坏或不完整",
            "The file is damaged or cut off",
        ),
        (
            "bomb.xlsx",
            archive(&[(SHEET, &blanks)]),
            "文件的压缩方式异常，不能读取",
            "The file is packed in an unusual way and is not read",
        ),
        (
            "many.xlsx",
            archive(&many),
            "文件的压缩方式异常，不能读取",
            "The file is packed in an unusual way and is not read",
        ),
        (
            "nested.xlsx",
            archive(&[("inner.xlsx", &cut)]),
            "文件中没有表格",
            "The file holds no table",
        ),
        (
            "nul.csv",
            "姓名,手机号\n张\0伟,1\n".into(),
            "文件中没有表格",
            "The file holds no table",
        ),
        (
            "pair.csv",
            half_a_pair,
            "文字编码混乱，不全是 UTF-16LE",
            "The text is not UTF-16LE throughout",
        ),
        (
            "quote.csv",
            "姓名,手机号\n\"张伟,1\n".into(),
            "第 2 行的引号没有结束",
            "A quote opened in row 2 is never closed",
        ),
        (
            "line.csv",
            vec![b'x'; 10 << 20],
            "第 1 行有单元格超过 32767 字",
            "A cell of row 1 is longer than 32767 characters",
        ),
        (
            "spans.xls",
            format!(
                "<table><tr><td rowspan=9999999 colspan=100>a</td></tr>{}</table>",
                "<tr></tr>".repeat(1 << 20)
            )
            .into(),
            "读取这个文件所需的内存或时间超出上限。请删去多余的工作表，或另存为 CSV 再试。",
            "The file needs more memory or time to read than an upload may take. Remove what is not needed, or save it as CSV.",
        ),
    ];
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Admin).await;
        for (name, bytes, zh, en) in cases {
            let (path, page) = upload(&mut browser, "roster", name, &bytes).await;
            assert_eq!(page.text(".flash--bad"), zh, "{name}");
            let english = [("locale", "en"), ("next", "/")];
            browser.post("/preferences", &english).await;
            assert_eq!(browser.get(&path).await.text(".flash--bad"), en, "{name}");
            let chinese = [("locale", "zh-CN"), ("next", "/")];
            browser.post("/preferences", &chinese).await;
        }
        assert_eq!(
            app.count("select count(*) from imports where state = 'failed'")
                .await,
            12
        );
        assert_eq!(app.count("select count(*) from customers").await, 0);
    });
}

#[test]
fn a_good_file_is_taken_in_while_a_hostile_one_is_read() {
    // 100 MB of strings take their reader some time.
    let strings = format!("<si><t>{}</t></si>", "x".repeat(1000)).repeat(100_000);
    let strings = format!("<sst>{strings}</sst>");
    let loosely = SimpleFileOptions::default().compression_level(Some(1));
    let entries: [(&str, &[u8]); 5] = [
        ("_rels/.rels", RELATIONS[0].as_bytes()),
        ("xl/_rels/workbook.xml.rels", RELATIONS[1].as_bytes()),
        ("xl/workbook.xml", WORKBOOK.as_bytes()),
        (SHEET, FAR.as_bytes()),
        ("xl/sharedStrings.xml", strings.as_bytes()),
    ];
    let hostile = packed(loosely, &entries);
    with_app(async |app| {
        let mut attacker = app.sign_in(Role::Admin).await;
        let attacked = send_in(&mut attacker, "far.xlsx", &hostile).await;
        // A reading that does not end, whatever is in its file.
        let mut state = app.state.clone();
        state.program = Path::new(NEVER_ANSWER).into();
        let mut patient = Client::new(state);
        let credentials = [("username", "admin"), ("password", PASSWORD)];
        assert_eq!(patient.post("/login", &credentials).await.status, 303);
        let endless = send_in(&mut patient, "endless.csv", b"a,b\n").await;

        let mut browser = app.sign_in(Role::Admin).await;
        let (path, columns) = upload(&mut browser, "roster", "good.csv", GOOD.as_bytes()).await;
        let page = preview(&mut browser, &path, &columns).await;
        confirm(&mut browser, &path, &page).await;
        assert_eq!(texts(&app, "select name from customers").await, ["王建国"]);
        assert_eq!(browser.get(&endless).await.count("[data-import-busy]"), 1);

        let page = settled(&mut attacker, &attacked).await;
        assert_eq!(page.text(".flash--bad"), "第 1048576 行超过 100 列");
        assert_eq!(
            texts(&app, "select state from imports order by id").await,
            ["failed", "reading", "confirmed"]
        );
    });
}

async fn send_in(browser: &mut Client, name: &str, bytes: &[u8]) -> String {
    let sent = browser
        .post_multipart("/imports", &[("kind", "roster")], &[("file", name, bytes)])
        .await;
    assert_eq!(sent.status, 303, "{}", sent.text("main"));
    sent.location().to_owned()
}

const NEVER_ANSWER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/never-answer");
const WORKBOOK: &str = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="r"/></sheets></workbook>"#;
const RELATIONS: [&str; 2] = [
    r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="s" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#,
];
const FAR: &str = r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row></sheetData></worksheet>"#;
