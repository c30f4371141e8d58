//! The forms in which dealer systems and spreadsheets deliver, from upload to archive.

use care_desk::auth::permission::Role;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

use crate::support::app::with_app;
use crate::support::build;

use super::{import, preview, tally, texts, upload};

const CUSTOMERS: &str = "select concat_ws('|', c.name, h.number, v.plate, v.delivered_on) from customers c
     join phones h on h.customer_id = c.id join vehicle_people p on p.customer_id = c.id
     join vehicles v on v.id = p.vehicle_id order by v.plate";

fn utf16(text: &str, is_big: bool) -> Vec<u8> {
    let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
    units
        .flat_map(|unit| {
            if is_big {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        })
        .collect()
}

#[test]
fn one_roster_is_the_same_in_every_encoding_and_with_every_separator() {
    let csv = "客户名册 2026\r\n姓名,手机号,车牌号,购车日期\r\n王建国,13057577719,浙A7K2M9,2024/3/5\r\n";
    let tsv = csv.replace(',', "\t");
    let semicolons = csv.replace(',', ";").replace("\r\n", "\n");
    let html = "<html><meta charset=utf-8><table><tr><th>姓名<th>手机号<th>车牌号<th>购车日期</tr>
                <tr><td>王建国<td>13057577719<td>浙A7K2M9<td>2024-03-05</tr></table></html>";
    let gb18030 = |text: &str| encoding_rs::GB18030.encode(text).0.into_owned();
    for (name, bytes) in [
        ("utf8.csv", csv.as_bytes().to_vec()),
        ("bom.csv", format!("\u{FEFF}{csv}").into_bytes()),
        ("gb18030.csv", gb18030(csv)),
        ("gb18030.tsv", gb18030(&tsv)),
        ("utf16.txt", utf16(&tsv, false)),
        ("utf16be.csv", utf16(csv, true)),
        ("semicolon.csv", semicolons.into_bytes()),
        ("table.xls", html.as_bytes().to_vec()),
        ("table-gbk.xls", gb18030(&html.replace("utf-8", "gbk"))),
    ] {
        with_app(async |app| {
            let mut browser = app.sign_in(Role::Admin).await;
            let (path, columns) = upload(&mut browser, "roster", name, &bytes).await;
            let page = preview(&mut browser, &path, &columns).await;
            super::confirm(&mut browser, &path, &page).await;
            assert_eq!(
                texts(&app, CUSTOMERS).await,
                ["王建国|13057577719|浙A7K2M9|2024-03-05"],
                "{name}"
            );
        });
    }
}

#[test]
fn numbers_and_dates_are_read_as_a_spreadsheet_stores_them() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Admin).await;
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        let day = Format::new().set_num_format("yyyy/m/d");
        for (column, heading) in (0..).zip(["姓名", "手机号", "车牌号", "购车日期"]) {
            sheet.write_string(0, column, heading).unwrap();
        }
        for (row, name) in (1..).zip(["王建国", "赵雅楠", "孙晓峰"]) {
            sheet.write_string(row, 0, name).unwrap();
            sheet.write_string(row, 2, format!("浙A1111{row}")).unwrap();
        }
        sheet.write_number(1, 1, 13_057_577_719.0).unwrap();
        let date = ExcelDateTime::parse_from_str("2024-03-05").unwrap();
        sheet.write_datetime_with_format(1, 3, &date, &day).unwrap();
        sheet.write_string(2, 1, "13957577715.0").unwrap();
        // The serial of 2024-03-05, in a cell that was never formatted as a date.
        sheet.write_number(2, 3, 45_356.0).unwrap();
        sheet.write_string(3, 1, "1.38E+10").unwrap();
        let bytes = book.save_to_buffer().unwrap();
        let (path, columns) = upload(&mut browser, "roster", "a.xlsx", &bytes).await;
        let page = preview(&mut browser, &path, &columns).await;
        assert_eq!(
            page.texts(".cell-err"),
            ["1.38E+10数字已被表格软件改为科学计数，请将此列设为文本后重新导出"]
        );
        super::confirm(&mut browser, &path, &page).await;
        assert_eq!(
            texts(&app, CUSTOMERS).await,
            [
                "王建国|13057577719|浙A11111|2024-03-05",
                "赵雅楠|13957577715|浙A11112|2024-03-05"
            ]
        );
    });
}

#[test]
fn history_has_pages() {
    with_app(async |app| {
        sqlx::query(
            "insert into imports (store_id, kind, file_name, sha256, state, created_at)
             select $1, 'roster', n || '.csv', n::text::bytea, 'confirmed', $2::timestamptz + n * interval '1 second'
             from generate_series(1, 30) n",
        )
        .bind(app.store)
        .bind(app.now())
        .execute(&app.db)
        .await
        .unwrap();
        let mut browser = app.sign_in(Role::Admin).await;
        let first = browser.get("/imports?per_page=20").await.texts(".minilist a");
        assert_eq!((first.len(), first[0].as_str()), (20, "30.csv"));
        let second = browser
            .get("/imports?page=2&per_page=20")
            .await
            .texts(".minilist a");
        assert_eq!((second.len(), second[9].as_str()), (10, "1.csv"));
    });
}

#[test]
fn a_person_is_found_by_phone_and_name_where_the_car_is_unknown() {
    with_app(async |app| {
        let person = build::person(&app, "王建国", "13057577719", "浙A7K2M9").await;
        let counts = import(
            &app,
            "roster",
            "姓名,手机号,VIN,车牌号\n王 建国,130-5757-7719,LSVNV4188D2000001,浙A11111\n王建国,13057577719,,浙A22222\n",
        )
        .await;
        assert_eq!((tally(&counts), counts.new_customers), ((2, 0, 0, 0), 0));
        assert_eq!(app.count("select count(*) from customers").await, 1);
        assert_eq!(
            texts(&app, "select customer_id::text from vehicle_people order by id").await,
            vec![person.customer.to_string(); 3]
        );
    });
}

#[test]
fn a_vin_counts_more_than_a_plate_with_a_phone() {
    with_app(async |app| {
        let head = "姓名,手机号,VIN,车牌号,车型\n";
        import(
            &app,
            "roster",
            &format!("{head}王建国,13057577719,LSVNV4188D2000001,浙A11111,速派\n王建国,13057577719,,浙A22222,明锐\n"),
        )
        .await;
        let counts = import(
            &app,
            "roster",
            &format!("{head}王建国,13057577719,LSVNV4188D2000001,浙A22222,柯珞克\n"),
        )
        .await;
        assert_eq!(tally(&counts), (0, 1, 0, 0));
        assert_eq!(
            texts(
                &app,
                "select concat_ws('|', vin, plate, model) from vehicles order by vin nulls last"
            )
            .await,
            ["LSVNV4188D2000001|浙A22222|柯珞克", "浙A22222|明锐"],
            "the other car has nothing but its plate and keeps it"
        );
    });
}

#[test]
fn since_when_and_by_whom_a_customer_is_kept_comes_from_the_file() {
    with_app(async |app| {
        let clerk = app.user("clerk").await;
        sqlx::query("update users set staff_number = '0042' where username = 'specialist'")
            .execute(&app.db)
            .await
            .unwrap();
        let head = "姓名,手机号,车牌号,创建时间,负责人\n";
        let mut browser = app.sign_in(Role::Admin).await;
        let csv = format!(
            "{head}王建国,13057577719,浙A11111,2021-03-05 14:30,clerk\n赵雅楠,13957577715,浙A22222,2020/1/2,0042\n\
             孙晓峰,13800002222,浙A33333,,陈明\n李娜,13800003333,浙A44444,2062-01-01,\n"
        );
        let (path, columns) = upload(&mut browser, "roster", "a.csv", csv.as_bytes()).await;
        let page = preview(&mut browser, &path, &columns).await;
        assert_eq!(page.text(".cell-err"), "2062-01-01日期晚于今天");
        let notes = page.texts(".flash").concat();
        assert!(notes.contains("陈明（1 行）"), "{notes}");
        super::confirm(&mut browser, &path, &page).await;
        assert_eq!(
            texts(
                &app,
                "select concat_ws('|', c.name, c.created_at at time zone 'Asia/Shanghai', u.username) from customers c
                 left join users u on u.id = c.keeper_id order by c.created_at"
            )
            .await,
            [
                "赵雅楠|2020-01-02 12:00:00|specialist",
                "王建国|2021-03-05 14:30:00|clerk",
                "孙晓峰|2026-11-24 10:00:00"
            ]
        );
        assert_eq!(
            texts(
                &app,
                "select (created_at at time zone 'Asia/Shanghai')::text from vehicles where plate = '浙A11111'"
            )
            .await,
            ["2021-03-05 14:30:00"]
        );
        let newer = format!(
            "{head}王建国,13057577719,浙A11111,2019-01-01,0042\n孙晓峰,13800002222,浙A33333,,clerk\n赵雅楠,13957577715,浙A22222,,\n"
        );
        let counts = import(&app, "roster", &newer).await;
        assert_eq!(tally(&counts), (0, 2, 1, 0));
        assert_eq!(
            texts(
                &app,
                "select changes::text from import_rows where import_id = 2 order by row_no"
            )
            .await[0],
            r#"[{"to": "specialist", "from": "clerk", "field": "keeper"}]"#
        );
        assert_eq!(
            texts(
                &app,
                "select concat_ws('|', extract(year from c.created_at), u.username) from customers c
                 left join users u on u.id = c.keeper_id order by c.created_at"
            )
            .await,
            ["2020|specialist", "2021|specialist", "2026|clerk"],
            "who is known keeps the day, and an empty cell keeps the person"
        );
        assert!(clerk.get() > 0);
    });
}

#[test]
fn owner_is_the_cars_unless_another_column_gives_the_name() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Admin).await;
        let csv = "owner,phone,plate\n王建国,13057577719,浙A11111\n";
        let (_, columns) = upload(&mut browser, "roster", "a.csv", csv.as_bytes()).await;
        assert_eq!(super::proposed(&columns)[0].1, "name");
        let csv = "name,phone,plate,owner\n王建国,13057577719,浙A11111,clerk\n";
        let (_, columns) = upload(&mut browser, "roster", "a.csv", csv.as_bytes()).await;
        assert_eq!(super::proposed(&columns)[3].1, "keeper");
    });
}
