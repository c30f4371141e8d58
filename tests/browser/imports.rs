//! A large roster from upload to result and back, as an admin takes it in.

use std::path::Path;

use care_desk::auth::permission::Role;

use crate::files::{Customer, Exports};
use crate::harness::browser::Browser;
use crate::harness::with_desk;
use crate::support::app::TestApp;

const ROWS: u32 = 20_000;

/// Every row is good but these seven, which stand far apart.
const REFUSED: u32 = 7;

fn customer(number: u32) -> Customer {
    let good = Customer {
        name: format!("张伟{number}"),
        phone: format!("138{number:08}"),
        vin: "",
        plate: format!("浙A{number:05}"),
        bought: "2024-03-05",
        note: "",
    };
    match number {
        37 => Customer {
            phone: "1380013800".to_owned(),
            ..good
        },
        2_500 => Customer {
            phone: "1.38E+10".to_owned(),
            ..good
        },
        5_000 => Customer {
            plate: "浙AT6H1".to_owned(),
            ..good
        },
        7_777 => Customer {
            name: "=HYPERLINK(\"http://x\",\"y\")".to_owned(),
            phone: "+86 95588".to_owned(),
            note: "-1 \"天\", 再\n联系",
            ..good
        },
        12_000 => Customer {
            name: String::new(),
            ..good
        },
        15_000 => Customer {
            vin: "LSVNV4188D2OOO001",
            ..good
        },
        19_999 => Customer {
            bought: "2062-08-14",
            ..good
        },
        _ => good,
    }
}

#[test]
fn a_large_roster_goes_in_its_refused_rows_come_back_mended_and_it_is_undone() {
    with_desk(async |app, desk| {
        let exports = Exports::new();
        let file = exports.roster("客户名册.xlsx", ROWS, customer);
        let admin = desk.browser().await;
        admin.sign_in(Role::Admin).await;
        admin.upload("roster", &file).await;
        choose_columns(&admin).await;
        look_at_the_preview(&admin).await;
        assert_eq!(app.count(CUSTOMERS).await, 0, "a preview writes nothing");

        admin.follow("form[action$='/confirm'] .btn--primary").await;
        let import = admin.path().await;
        admin.wait_for(".progress").await;
        admin.visit("/customers").await;
        admin.wait_for("h1").await;
        admin.visit(&import).await;
        // The page becomes the result by itself.
        admin.wait_for(".dl--big").await;
        admin.wait_for_text(".dl--big", "19,993").await;
        assert_eq!(app.count(CUSTOMERS).await, i64::from(ROWS - REFUSED));

        let downloads = exports.folder("downloads");
        let refused = admin.download("a[href$='/refused.csv']", &downloads).await;
        let mended = exports.text("修正.csv", &mend(&refused));
        take_in(&admin, &mended).await;
        admin.wait_for_text(".dl--big", "7").await;
        assert_eq!(app.count(CUSTOMERS).await, i64::from(ROWS));
        assert_eq!(
            app.count("select count(*) from customers where note = '-1 \"天\", 再 联系'")
                .await,
            1,
            "what was marked as no formula is read as it was"
        );

        change_one(app, &admin).await;
        undo(&admin, &import).await;
        admin.wait_for_text("main", "导入已撤销，1 行保留").await;
        admin.wait_for_text("main", "导入后已修改").await;
        assert_eq!(
            app.count(CUSTOMERS).await,
            8,
            "the mended rows and the one that was changed"
        );
    });
}

/// Somebody works with a customer of the first file before it is undone.
async fn change_one(app: &TestApp, admin: &Browser) {
    let id: i64 = sqlx::query_scalar("select id from customers where name = '张伟5'")
        .fetch_one(&app.db)
        .await
        .unwrap();
    admin.visit(&format!("/customers/{id}/edit")).await;
    admin.fill("main [name=note]", "下月来做保养").await;
    admin.follow("main form:has([name=note]) .btn--primary").await;
    admin.wait_for_text("main", "下月来做保养").await;
}

async fn undo(admin: &Browser, import: &str) {
    admin.visit(import).await;
    admin.follow("a[href$='/undo']").await;
    admin.wait_for_text(".dl--big", "19,992").await;
    admin.follow("form[action$='/undo'] .btn--danger").await;
}

const CUSTOMERS: &str = "select count(*) from customers";

/// One heading nobody knows: the file is not taken before the admin has said what it is.
async fn choose_columns(admin: &Browser) {
    admin.wait_for_text("[role=alert]", "手机号").await;
    admin.wait_for_text("main", "列名在第 2 行").await;
    admin.select("//tr[.//b='联络号']//select", "phone").await;
    admin.follow("form[action$='/columns'] .btn--primary").await;
}

async fn look_at_the_preview(admin: &Browser) {
    admin.wait_for_text(".tiles", "19,993").await;
    let shown = "return [...document.querySelectorAll('.tabs .count')].map((count) => count.textContent)";
    assert_eq!(
        admin.evaluate(shown).await,
        serde_json::json!(["7", "0", "19,993", "0"])
    );
    assert_eq!(admin.count(".cell-err").await, REFUSED as usize);
    for reason in [
        "手机号应为 11 位，此处 10 位",
        "数字已被表格软件改为科学计数",
        "车牌应为 7 位，新能源 8 位，此处 6 位",
        "是服务号码，不是客户电话",
        "不能为空",
        "VIN 第 12 位不能是 O",
        "日期晚于今天",
    ] {
        admin.wait_for_text(".ptable", reason).await;
    }
    admin.follow(".tabs a[href*='tab=new']").await;
    assert_eq!(admin.count(".ptable tbody tr").await, 25);
    admin.follow(".pager a[rel=next]").await;
    admin.wait_for_text(".ptable", "2024-03-05").await;
    admin.follow(".tabs a[href*='tab=warned']").await;
    admin.wait_for_text("main", "没有提示").await;
}

/// Reads the refused rows as a spreadsheet would, and mends them as a person does.
fn mend(refused: &Path) -> String {
    let text = std::fs::read_to_string(refused).unwrap();
    let mut rows = csv::Reader::from_reader(text.trim_start_matches('\u{FEFF}').as_bytes());
    let headings: Vec<&str> = rows.headers().unwrap().iter().collect::<Vec<_>>();
    assert_eq!(
        headings,
        [
            "客户姓名",
            "联络号",
            "VIN",
            "车牌号",
            "车型",
            "购车日期",
            "备注",
            "原因"
        ]
    );
    let mut mended = csv::Writer::from_writer(Vec::new());
    mended
        .write_record([
            "客户姓名",
            "手机号",
            "VIN",
            "车牌号",
            "车型",
            "购车日期",
            "备注",
            "原因",
        ])
        .unwrap();
    let mut count = 0;
    for row in rows.records() {
        let mut cells: Vec<String> = row.unwrap().iter().map(str::to_owned).collect();
        assert!(
            cells.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@'])),
            "a formula: {cells:?}"
        );
        assert!(!cells[7].is_empty(), "without a reason: {cells:?}");
        count += 1;
        if cells[0].is_empty() || cells[0].starts_with('\'') {
            cells[0] = "李娜".to_owned();
        }
        cells[1] = format!("139{count:08}");
        cells[2] = String::new();
        cells[3] = format!("浙B{count:05}");
        cells[5] = "2024-03-05".to_owned();
        mended.write_record(&cells).unwrap();
    }
    assert_eq!(count, REFUSED);
    String::from_utf8(mended.into_inner().unwrap()).unwrap()
}

/// A file of which every column is known.
async fn take_in(admin: &Browser, file: &Path) {
    admin.upload("roster", file).await;
    admin.follow("form[action$='/columns'] .btn--primary").await;
    admin.follow("form[action$='/confirm'] .btn--primary").await;
    admin.wait_for(".dl--big").await;
}
