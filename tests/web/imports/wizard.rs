//! The steps of the wizard, as an admin walks them.

use care_desk::auth::permission::Role;
use rust_xlsxwriter::Workbook;

use crate::support::app::with_app;

use super::{archive, confirm, preview, proposed, send, tally, texts, upload};

const ROSTER: &str = "客户资料\n车主姓名,联系电话,车架号,车牌,购车日,业务员\n王建国,13057577719,LSVNV4188D2000001,浙A·7K2M9,2024/3/5,赵磊\n孙晓峰,1380013800,,浙A5R36B,2062-08-14,钱程\n赵雅楠,13957577715,LSVNV4180D2000001,,2024年3月5日,\n";

#[test]
fn a_gb18030_csv_goes_from_upload_to_result() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Admin).await;
        let (bytes, _, _) = encoding_rs::GB18030.encode(ROSTER);
        let (path, columns) = upload(&mut browser, "roster", "滨江店客户名册.csv", &bytes).await;
        assert_eq!(
            columns.text(".page-head__meta"),
            "滨江店客户名册.csv · 3 行 · 1 KB"
        );
        assert_eq!(
            columns.text(".pane .flash--good"),
            "已自动匹配 6 列中的 5 列，其余不导入。"
        );
        assert!(
            columns.text("main").contains("gb18030"),
            "{}",
            columns.text("main")
        );
        assert_eq!(
            columns.texts("tbody tr td:nth-child(2)")[1],
            "130 **** 7719、1380013800、139 **** 7715"
        );

        let page = preview(&mut browser, &path, &columns).await;
        assert_eq!(page.texts(".tile__value"), ["2行", "0行", "0行", "1", "1"]);
        assert_eq!(
            page.texts(".cell-err"),
            ["1380013800手机号应为 11 位，此处 10 位", "2062-08-14日期晚于今天"]
        );
        assert_eq!(
            app.count("select count(*) from customers").await,
            0,
            "a preview writes nothing"
        );
        let odd = browser.get(&format!("{path}?tab=warned")).await;
        assert_eq!(
            odd.text(".cell-err small"),
            "VIN 校验位是 0，按规则应为 8，请核对"
        );

        let result = confirm(&mut browser, &path, &page).await;
        assert_eq!(result.texts(".dl dd")[..3], ["2", "0", "0"]);
        assert_eq!(
            texts(&app, "select name from customers order by id").await,
            ["王建国", "赵雅楠"]
        );
        assert_eq!(
            texts(
                &app,
                "select action from audit where action like 'imports.%' order by seq"
            )
            .await,
            ["imports.upload", "imports.confirm"]
        );
        let list = browser.get("/imports").await;
        assert_eq!(list.text(".minilist a"), "滨江店客户名册.csv");
        assert_eq!(list.text(".minilist .badge"), "1 行未导入");
    });
}

#[test]
fn an_xlsx_with_real_dates_goes_from_upload_to_result() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Admin).await;
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        let headings = [
            "工单号",
            "进站时间",
            "交车时间",
            "车牌号",
            "送修人",
            "送修人电话",
            "行驶里程",
            "维修类型",
        ];
        for (column, heading) in (0..).zip(headings) {
            sheet.write(0, column, heading).unwrap();
        }
        let day = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd hh:mm");
        let at = |text| rust_xlsxwriter::ExcelDateTime::parse_from_str(text).unwrap();
        sheet.write(1, 0, "RO-1").unwrap();
        sheet
            .write_with_format(1, 1, at("2026-11-20 08:30"), &day)
            .unwrap();
        sheet
            .write_with_format(1, 2, at("2026-11-20 17:05"), &day)
            .unwrap();
        for (column, text) in [(3, "浙A7K2M9"), (4, "王建国"), (7, "神秘项目")] {
            sheet.write(1, column, text).unwrap();
        }
        sheet.write(1, 5, 13_057_577_719_f64).unwrap();
        sheet.write(1, 6, 61_280).unwrap();
        let bytes = book.save_to_buffer().unwrap();
        let (path, columns) = upload(&mut browser, "visits", "DMS进站.xlsx", &bytes).await;
        let page = preview(&mut browser, &path, &columns).await;
        assert!(
            page.texts(".flash").concat().contains("神秘项目（1 行）"),
            "{}",
            page.text("main")
        );
        confirm(&mut browser, &path, &page).await;
        assert_eq!(
            texts(&app, "select concat_ws('|', handed_over_at at time zone 'UTC', contact_phone, odometer_km, type, type_text) from visits").await,
            ["2026-11-20 09:05:00|13057577719|61280|repair|神秘项目"]
        );
    });
}

#[test]
fn columns_are_corrected_by_hand() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Admin).await;
        let csv = "客户,电话号,备用电话,牌照,备注2\n王建国,13057577719,1,浙A7K2M9,好\n";
        let (path, columns) = upload(&mut browser, "roster", "a.csv", csv.as_bytes()).await;
        assert_eq!(
            columns.text(".flash--bad"),
            "缺少必填列：姓名、手机号、VIN 或 车牌号。请在下表中指定由哪一列提供"
        );
        let mut form = proposed(&columns);
        let refused = send(&mut browser, &format!("{path}/columns"), &form).await;
        assert_eq!(refused.status, 422);
        for (i, field) in ["name", "phone", "phone", "plate"].into_iter().enumerate() {
            form[i].1 = field.to_owned();
        }
        let twice = send(&mut browser, &format!("{path}/columns"), &form).await;
        assert_eq!(
            (twice.status, twice.text(".row-bad .badge--bad")),
            (422, "该字段已由另一列提供".to_owned())
        );
        assert_eq!(proposed(&twice)[..5], form[..5], "what was chosen is kept");
        form[2].1 = String::new();
        form[4].1 = "note".to_owned();
        let sent = send(&mut browser, &format!("{path}/columns"), &form).await;
        assert_eq!(sent.status, 303);
        let stale = send(&mut browser, &format!("{path}/columns"), &form).await;
        assert_eq!(stale.status, 409, "a stale form is a lost update");
        let page = super::settled(&mut browser, &path).await;
        confirm(&mut browser, &path, &page).await;
        assert_eq!(
            texts(&app, "select concat_ws('|', name, note) from customers").await,
            ["王建国|好"]
        );
    });
}

#[test]
fn a_preview_may_be_left_for_the_columns_and_changes_are_shown_field_by_field() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Admin).await;
        let csv = "姓名,手机号,VIN,车型\n王建国,13057577719,LSVNV4188D2000001,柯迪亚克\n";
        let (path, columns) = upload(&mut browser, "roster", "a.csv", csv.as_bytes()).await;
        let page = preview(&mut browser, &path, &columns).await;
        confirm(&mut browser, &path, &page).await;
        let newer = csv
            .replace("柯迪亚克", "速派")
            .replace("王建国,13057577719", "赵雅楠,13957577715");
        let (path, columns) = upload(&mut browser, "roster", "b.csv", newer.as_bytes()).await;
        let page = preview(&mut browser, &path, &columns).await;
        assert_eq!(
            page.texts(".cell-notes span"),
            ["车主：王建国 → 赵雅楠", "车型：柯迪亚克 → 速派"]
        );
        let back = browser.get(&format!("{path}?step=map")).await;
        let page = preview(&mut browser, &path, &back).await;
        assert_eq!(page.texts(".tile__value")[1], "1行");
        let given_up = browser.post(&format!("{path}/discard"), &[]).await;
        assert_eq!(given_up.location(), "/imports");
        assert_eq!(
            app.count("select count(*) from import_rows where import_id = 2")
                .await,
            0
        );
        assert_eq!(texts(&app, "select model from vehicles").await, ["柯迪亚克"]);
    });
}

#[test]
fn the_same_file_again_says_so_and_changes_nothing() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Admin).await;
        let csv = "姓名,手机号,车牌号\n王建国,13057577719,浙A7K2M9\n";
        let (path, columns) = upload(&mut browser, "roster", "a.csv", csv.as_bytes()).await;
        let page = preview(&mut browser, &path, &columns).await;
        confirm(&mut browser, &path, &page).await;
        let before = archive(&app).await;
        let again = browser
            .post_multipart(
                "/imports",
                &[("kind", "roster")],
                &[("file", "other name.csv", csv.as_bytes())],
            )
            .await;
        assert_eq!(again.location(), path);
        let page = browser.get(&path).await;
        assert_eq!(
            page.text(".flash--page"),
            "此文件已于 11-24 10:00 导入，本次未作任何改动"
        );
        assert_eq!(archive(&app).await, before);
        assert_eq!(app.count("select count(*) from imports").await, 1);
    });
}

#[test]
fn refused_rows_come_back_as_a_file_that_is_no_program() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Admin).await;
        let csv = "姓名,手机号,车牌号,备注\n王建国,13057577719,浙A7K2M9,\n\"=HYPERLINK(\"\"x\"\")\",123,浙A11111,+1\n";
        let (path, columns) = upload(&mut browser, "roster", "a.csv", csv.as_bytes()).await;
        let page = preview(&mut browser, &path, &columns).await;
        confirm(&mut browser, &path, &page).await;
        let file = browser.get(&format!("{path}/refused.csv")).await;
        assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
        assert_eq!(
            file.html(),
            "\u{FEFF}姓名,手机号,车牌号,备注,原因\n\"'=HYPERLINK(\"\"x\"\")\",123,浙A11111,'+1,手机号：是服务号码，不是客户电话\n"
        );
        assert_eq!(
            app.count("select count(*) from audit where action = 'imports.download_refused'")
                .await,
            1
        );
        let template = browser.get("/imports/templates/visits").await;
        assert!(template.html().starts_with("\u{FEFF}工单号,进站时间,"));
    });
}

#[test]
fn reasons_are_told_in_both_languages() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Admin).await;
        let csv = "姓名,手机号,车牌号\n,1380013800,浙AT6H1\n";
        let (path, columns) = upload(&mut browser, "roster", "a.csv", csv.as_bytes()).await;
        let page = preview(&mut browser, &path, &columns).await;
        assert_eq!(
            page.texts(".cell-err small"),
            [
                "不能为空",
                "手机号应为 11 位，此处 10 位",
                "车牌应为 7 位，新能源 8 位，此处 6 位"
            ]
        );
        assert_eq!(page.count("main button.btn--primary"), 0, "nothing can be taken");
        browser
            .post("/preferences", &[("locale", "en"), ("next", "/")])
            .await;
        let page = browser.get(&path).await;
        assert_eq!(
            page.texts(".cell-err small"),
            [
                "Must not be empty",
                "A mobile has 11 digits, here are 10",
                "A plate has 7 characters, 8 with new energy, here are 6"
            ]
        );
        let version = page.attr("input[name=version]", "value").unwrap();
        let sent = browser
            .post(&format!("{path}/confirm"), &[("version", version.as_str())])
            .await;
        assert_eq!(sent.status, 409);
    });
}

#[test]
fn two_imports_of_a_day_do_not_disturb_each_other() {
    with_app(async |app| {
        let first = super::import(
            &app,
            "roster",
            "姓名,手机号,车牌号\n王建国,13057577719,浙A7K2M9\n",
        )
        .await;
        sqlx::query("update stores set starts_on = '2026-01-01'")
            .execute(&app.db)
            .await
            .unwrap();
        let second = super::import(
            &app,
            "roster",
            "姓名,手机号,车牌号\n赵雅楠,13957577715,浙A11111\n",
        )
        .await;
        assert_eq!((tally(&first), tally(&second)), ((1, 0, 0, 0), (1, 0, 0, 0)));
        assert_eq!(
            texts(&app, "select starts_on::text from stores order by id").await[0],
            "2026-01-01",
            "only the first import sets the store's first day"
        );
    });
}
