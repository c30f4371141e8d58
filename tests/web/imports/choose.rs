//! What a person chooses is remembered: columns by the headings of the file; another sheet is read from the kept file.

use care_desk::auth::permission::Role;
use rust_xlsxwriter::{Workbook, Worksheet};

use crate::support::app::with_app;

use super::{preview, proposed, send, settled, texts, upload};

const NOTICE: &str = ".pane .flash--good";

#[test]
fn the_same_headings_come_up_as_they_were_chosen_last() {
    with_app(async |app| {
        app.add_user("admin2", Role::Admin, Some(app.other_store)).await;
        let mut browser = app.sign_in(Role::Admin).await;
        let csv = "客户,电话,车牌,备注\n王建国,13057577719,浙A7K2M9,好\n";
        let (path, columns) = upload(&mut browser, "roster", "a.csv", csv.as_bytes()).await;
        assert_eq!(
            columns.text(".flash--bad"),
            "缺少必填列：姓名。请在下表中指定由哪一列提供"
        );
        let mut form = proposed(&columns);
        form[0].1 = "name".to_owned();
        form[3].1 = String::new();
        assert_eq!(
            send(&mut browser, &format!("{path}/columns"), &form).await.status,
            303
        );
        settled(&mut browser, &path).await;

        let other_order = "备注,车牌,电话,客户\n好,浙A11111,13957577715,赵雅楠\n";
        let (_, again) = upload(&mut browser, "roster", "b.csv", other_order.as_bytes()).await;
        assert_eq!(
            again.text(NOTICE),
            "已按上次的选择匹配 4 列中的 3 列，其余不导入。"
        );
        let chosen: Vec<String> = proposed(&again)
            .into_iter()
            .take(4)
            .map(|(_, value)| value)
            .collect();
        assert_eq!(
            chosen,
            ["", "plate", "phone", "name"],
            "what was left out stays out"
        );

        let (_, more) = upload(
            &mut browser,
            "roster",
            "c.csv",
            "客户,电话,车牌,备注,车型\n王建国,13057577719,浙A7K2M9,好,速派\n".as_bytes(),
        )
        .await;
        assert_eq!(
            more.text(".flash--bad"),
            "缺少必填列：姓名。请在下表中指定由哪一列提供",
            "other headings"
        );
        let (_, visits) = upload(&mut browser, "visits", "d.csv", csv.as_bytes()).await;
        assert_eq!(visits.count(".pane .flash--bad"), 1, "another kind of file");
        let mut other = app.sign_in_as("admin2").await;
        let (_, elsewhere) = upload(&mut other, "roster", "a.csv", csv.as_bytes()).await;
        assert_eq!(
            elsewhere.text(".flash--bad"),
            "缺少必填列：姓名。请在下表中指定由哪一列提供",
            "another store"
        );
    });
}

#[test]
fn a_choice_is_forgotten_when_nobody_wants_it_remembered() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Admin).await;
        let csv = |name: &str| format!("姓名,手机号,车牌号,备注\n{name},13057577719,浙A7K2M9,好\n");
        let (path, columns) = upload(&mut browser, "roster", "a.csv", csv("王").as_bytes()).await;
        let mut form = proposed(&columns);
        form[3].1 = String::new();
        send(&mut browser, &format!("{path}/columns"), &form).await;
        assert_eq!(app.count("select count(*) from import_mappings").await, 1);
        settled(&mut browser, &path).await;
        let (path, columns) = upload(&mut browser, "roster", "b.csv", csv("李").as_bytes()).await;
        let mut form = proposed(&columns);
        assert_eq!(form[3].1, "");
        form.retain(|(name, _)| name != "remember");
        send(&mut browser, &format!("{path}/columns"), &form).await;
        assert_eq!(app.count("select count(*) from import_mappings").await, 0);
        let (_, columns) = upload(&mut browser, "roster", "c.csv", csv("赵").as_bytes()).await;
        assert_eq!(columns.text(NOTICE), "已自动匹配 4 列中的 4 列，其余不导入。");
    });
}

fn write(sheet: &mut Worksheet, rows: &[&[&str]]) {
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(*cells) {
            sheet.write_string(row, column, *cell).unwrap();
        }
    }
}

#[test]
fn another_sheet_of_the_workbook_can_be_chosen() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Admin).await;
        let mut book = Workbook::new();
        write(
            book.add_worksheet().set_name("2025").unwrap(),
            &[
                &["姓名", "手机号", "车牌号"],
                &["王建国", "13057577719", "浙A7K2M9"],
                &["孙晓峰", "13800002222", "浙A22222"],
            ],
        );
        write(
            book.add_worksheet().set_name("2026").unwrap(),
            &[
                &["新客户名单"],
                &["客户姓名", "电话", "车牌"],
                &["赵雅楠", "13957577715", "浙A11111"],
            ],
        );
        let bytes = book.save_to_buffer().unwrap();
        let (path, columns) = upload(&mut browser, "roster", "a.xlsx", &bytes).await;
        assert_eq!(columns.texts("select[name=sheet] option"), ["2025", "2026"]);
        assert_eq!(columns.text("select[name=sheet] option[selected]"), "2025");
        let version = columns.attr("input[name=version]", "value").unwrap();
        let unknown = [("sheet", "2027"), ("version", version.as_str())];
        assert_eq!(browser.post(&format!("{path}/sheet"), &unknown).await.status, 409);
        let other = [("sheet", "2026"), ("version", version.as_str())];
        let sent = browser.post(&format!("{path}/sheet"), &other).await;
        assert_eq!((sent.status, sent.location()), (303, path.as_str()));
        assert_eq!(
            browser.post(&format!("{path}/sheet"), &other).await.status,
            409,
            "stale"
        );
        let columns = settled(&mut browser, &path).await;
        assert_eq!(columns.text("select[name=sheet] option[selected]"), "2026");
        assert_eq!(columns.texts("tbody b"), ["客户姓名", "电话", "车牌"]);
        let page = preview(&mut browser, &path, &columns).await;
        super::confirm(&mut browser, &path, &page).await;
        assert_eq!(texts(&app, "select name from customers").await, ["赵雅楠"]);

        let (_, csv) = upload(&mut browser, "roster", "a.csv", "姓名,手机号,VIN\n".as_bytes()).await;
        assert_eq!(csv.count("select[name=sheet]"), 0, "a text has no sheets");
    });
}
