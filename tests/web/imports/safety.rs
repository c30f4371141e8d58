//! What an import must never do: half of its work, somebody else's store, harm by a hostile file.

use care_desk::audit::Actor;
use care_desk::auth::permission::Role;
use care_desk::imports::{ImportId, ImportKind, queries, service};
use care_desk::stores::StoreScope;

use crate::support::app::{TestApp, with_app};

use super::{archive, preview, settled, tally, texts, upload};

const ROSTER: &str = "姓名,手机号,车牌号,行驶里程\n王建国,13057577719,浙A7K2M9,100\n赵雅楠,13957577715,浙A11111,200\n坏,1,浙A22222,1\n";

#[test]
fn an_error_at_the_last_row_leaves_nothing_behind() {
    with_app(async |app| {
        super::import(
            &app,
            "roster",
            "姓名,手机号,车牌号\n孙晓峰,13800002222,浙A33333\n",
        )
        .await;
        sqlx::raw_sql(
            "create function refuse() returns trigger language plpgsql as
             $$ begin if new.km = 200 then raise exception 'disk full'; end if; return new; end $$;
             create trigger refuse before insert on odometer_readings for each row execute function refuse();",
        )
        .execute(&app.db)
        .await
        .unwrap();
        let before = archive(&app).await;
        let mut browser = app.sign_in(Role::Admin).await;
        let (path, columns) = upload(&mut browser, "roster", "a.csv", ROSTER.as_bytes()).await;
        let page = preview(&mut browser, &path, &columns).await;
        let version = page.attr("input[name=version]", "value").unwrap();
        browser
            .post(&format!("{path}/confirm"), &[("version", version.as_str())])
            .await;
        let result = settled(&mut browser, &path).await;
        assert_eq!(
            result.text(".flash--bad"),
            "写入时出错，已全部撤销。请稍后再试，或联系管理员查看日志。"
        );
        assert_eq!(archive(&app).await, before);
        assert_eq!(
            app.count("select count(*) from audit where action = 'imports.confirm'")
                .await,
            1
        );

        sqlx::raw_sql("drop trigger refuse on odometer_readings")
            .execute(&app.db)
            .await
            .unwrap();
        let (path, columns) = upload(&mut browser, "roster", "a.csv", ROSTER.as_bytes()).await;
        let page = preview(&mut browser, &path, &columns).await;
        super::confirm(&mut browser, &path, &page).await;
        assert_eq!(
            app.count("select count(*) from customers").await,
            3,
            "the file may come again"
        );
    });
}

#[test]
fn a_dry_run_counts_and_refuses_like_the_real_one() {
    with_app(async |app| {
        super::import(
            &app,
            "roster",
            "姓名,手机号,车牌号\n王建国,13057577719,浙A7K2M9\n",
        )
        .await;
        let before = archive(&app).await;
        let mut browser = app.sign_in(Role::Admin).await;
        let (path, columns) = upload(&mut browser, "roster", "a.csv", ROSTER.as_bytes()).await;
        preview(&mut browser, &path, &columns).await;
        let previewed = super::counts(&app, &path).await;
        let refusals = "select refusals::text from import_rows where import_id = 2 and action = 'refused'";
        let previewed_refusals = texts(&app, refusals).await;

        let scope = StoreScope::for_job(app.store);
        let id = ImportId::new(2);
        let import = queries::find(&app.db, scope, id).await.unwrap().unwrap();
        let staged: care_desk::imports::Staged = serde_json::from_value(import.mapping).unwrap();
        sqlx::query("update imports set state = 'running' where id = 2")
            .execute(&app.db)
            .await
            .unwrap();
        let mut tx = app.db.begin().await.unwrap();
        let dry = service::merge_within(&mut tx, &app.db, scope, id, staged.mapping.clone(), app.now()).await;
        tx.rollback().await.unwrap();
        let dry = dry.unwrap();
        assert_eq!(archive(&app).await, before);

        let real = service::merge(&app.db, scope, id, staged.mapping, Actor::System, app.now())
            .await
            .unwrap();
        let same = |mut counts: care_desk::imports::Counts| {
            counts.millis = 0;
            counts
        };
        assert_eq!(tally(&real), (1, 1, 0, 1));
        assert_eq!(same(dry), same(real.clone()));
        assert_eq!(same(previewed), same(real));
        assert_eq!(texts(&app, refusals).await, previewed_refusals);
    });
}

#[test]
fn stores_do_not_see_each_others_imports_or_rows() {
    with_app(async |app| {
        app.add_user("admin2", Role::Admin, Some(app.other_store)).await;
        super::import(
            &app,
            "roster",
            "姓名,手机号,VIN\n王建国,13057577719,LSVNV4188D2000001\n",
        )
        .await;
        let mut other = app.sign_in_as("admin2").await;
        for path in ["/imports/1", "/imports/1/refused.csv"] {
            assert_eq!(other.get(path).await.status, 404, "{path}");
        }
        for step in ["confirm", "columns", "sheet", "decisions"] {
            let path = format!("/imports/1/{step}");
            assert_eq!(other.post(&path, &[("version", "1")]).await.status, 404, "{path}");
        }
        assert_eq!(other.post("/imports/1/cancel", &[]).await.status, 404);
        assert_eq!(other.post("/imports/1/discard", &[]).await.status, 404);
        let csv = "姓名,手机号,VIN,车型\n李娜,13057577719,LSVNV4188D2000001,速派\n";
        let (path, columns) = upload(&mut other, "roster", "a.csv", csv.as_bytes()).await;
        let page = preview(&mut other, &path, &columns).await;
        super::confirm(&mut other, &path, &page).await;
        assert_eq!(
            texts(&app, "select concat_ws('|', s.code, v.model) from vehicles v join stores s on s.id = v.store_id order by 1").await,
            ["S01|", "S02|速派"]
        );
    });
}

#[test]
fn only_the_admin_imports() {
    with_app(async |app| {
        for role in [
            Role::Specialist,
            Role::Receptionist,
            Role::Clerk,
            Role::Handler,
            Role::Manager,
            Role::Group,
        ] {
            let mut browser = app.sign_in(role).await;
            assert_eq!(browser.get("/imports").await.status, 403, "{role}");
            let sent = browser
                .post_multipart("/imports", &[("kind", "roster")], &[("file", "a.csv", b"a")])
                .await;
            assert_eq!(sent.status, 403, "{role}");
            assert_eq!(
                browser
                    .post("/imports/1/confirm", &[("version", "1")])
                    .await
                    .status,
                403
            );
        }
        assert_eq!(app.count("select count(*) from imports").await, 0);
    });
}

#[test]
fn files_that_cannot_be_taken_are_refused_with_a_sentence() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Admin).await;
        let none = browser
            .post_multipart("/imports", &[("kind", "roster")], &[("file", "", b"")])
            .await;
        assert_eq!(
            (none.status, none.field_error("file")),
            (422, "请选择文件".to_owned())
        );
        let kind = browser
            .post_multipart("/imports", &[("kind", "leads")], &[("file", "a.csv", b"a")])
            .await;
        assert_eq!(
            (kind.status, kind.field_error("kind")),
            (422, "请选择文件内容".to_owned())
        );
        let large = vec![b'x'; 21 << 20];
        let large = browser
            .post_multipart("/imports", &[("kind", "roster")], &[("file", "a.csv", &large)])
            .await;
        assert_eq!(large.status, 413);

        let (_, page) = upload(&mut browser, "roster", "a.pdf", b"%PDF-1.7\n\xE2\xE3").await;
        assert_eq!(page.text(".flash--bad"), "文件中没有表格");
        let encrypted = include_bytes!("../../fixtures/encrypted.xlsx");
        let (_, page) = upload(&mut browser, "roster", "a.xlsx", encrypted).await;
        assert_eq!(page.text(".flash--bad"), "文件有密码保护，请去掉密码后再上传");
        let (_, page) = upload(&mut browser, "roster", "bomb.xlsx", &bomb()).await;
        assert_eq!(page.text(".flash--bad"), "文件解压后超过 200 MB");
        assert_eq!(
            app.count("select count(*) from imports where state = 'failed'")
                .await,
            3
        );
        assert_eq!(
            super::import(
                &app,
                "roster",
                "姓名,手机号,车牌号\n王建国,13057577719,浙A7K2M9\n"
            )
            .await
            .new,
            1
        );
    });
}

/// 300 MB of blanks in a workbook of a few hundred kilobytes.
fn bomb() -> Vec<u8> {
    use std::io::Write;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let packed = zip::write::SimpleFileOptions::default().compression_level(Some(1));
    zip.start_file("xl/workbook.xml", packed).unwrap();
    let blanks = vec![b' '; 1 << 20];
    for _ in 0..300 {
        zip.write_all(&blanks).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn ten_thousand_rows_are_taken_in_seconds() {
    with_app(async |app: TestApp| {
        let mut csv = "姓名,手机号,车牌号,车型,购车日期,保险到期日,行驶里程\n".to_owned();
        for i in 0..10_000 {
            csv.push_str(&format!(
                "张伟{i},139{i:08},浙A{i:05},柯迪亚克,2024-03-05,2027-02-26,{i}\n"
            ));
        }
        let started = std::time::Instant::now();
        let counts = super::import(&app, "roster", &csv).await;
        eprintln!(
            "10,000 rows: {} ms of merging, {:?} in all",
            counts.millis,
            started.elapsed()
        );
        assert_eq!((counts.new, counts.new_customers), (10_000, 10_000));
        assert_eq!(app.count("select count(*) from vehicle_facts").await, 10_000);
        let scope = StoreScope::for_job(app.store);
        let known = queries::find_same_file(&app.db, scope, ImportKind::Roster, &[0; 32])
            .await
            .unwrap();
        assert_eq!(known, None);
    });
}
