//! Files of a case: kept as what they are, sent back as downloads, taken away with a trace.

use care_desk::auth::permission::Role;
use flate2::Crc;
use sqlx::Row;

use crate::support::app::{TestApp, with_app};
use crate::support::client::{Answer, Client};

/// A small JPEG with a place in it.
fn jpeg() -> Vec<u8> {
    let mut file = b"\xFF\xD8\xFF\xE1\x00\x11Exif\0\0GPS 30.27".to_vec();
    file.extend_from_slice(b"\xFF\xC0\x00\x0B\x08\x00\x03\x00\x04\x01\x01\x11\0");
    file.extend_from_slice(b"\xFF\xDA\x00\x08\x01\x01\0\0\x3F\0\x12\x34\xFF\xD9");
    file
}

fn png() -> Vec<u8> {
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let body = [&kind[..], data].concat();
        let mut sum = Crc::new();
        sum.update(&body);
        let length = u32::try_from(data.len()).unwrap();
        [&length.to_be_bytes()[..], &body, &sum.sum().to_be_bytes()].concat()
    };
    [
        b"\x89PNG\r\n\x1A\n".to_vec(),
        chunk(b"IHDR", b"\0\0\0\x04\0\0\0\x03\x08\0\0\0\0"),
        chunk(b"IDAT", b"\x78\x9C\x63\0\0\0\x02\0\x01"),
        chunk(b"IEND", b""),
    ]
    .concat()
}

fn pdf(objects: &str) -> Vec<u8> {
    format!("%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n{objects}\nstartxref\n9\n%%EOF\n").into_bytes()
}

/// A case, and its page.
async fn case(app: &TestApp) -> String {
    let id: i64 = sqlx::query_scalar(
        "insert into complaints (store_id, number, channel, class_major, severity, accepted_at, created_at, updated_at)
         values ($1, 'CP-261124-01', 'call', 'repair', 'C', $2, $2, $2) returning id",
    )
    .bind(app.store)
    .bind(app.now())
    .fetch_one(&app.db)
    .await
    .unwrap();
    format!("/complaints/{id}")
}

async fn send(browser: &mut Client, case: &str, files: &[(&str, &[u8])]) -> Answer {
    let files: Vec<(&str, &str, &[u8])> = files
        .iter()
        .map(|(name, bytes)| ("files", *name, *bytes))
        .collect();
    let sent = browser
        .post_multipart(&format!("{case}/attachments"), &[], &files)
        .await;
    match sent.status {
        303 => browser.follow(&sent).await,
        _ => sent,
    }
}

const LINK: &str = ".files--case a[download]";

#[test]
fn files_are_kept_listed_and_sent_back_as_downloads() {
    with_app(async |app| {
        let case = case(&app).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = browser.get(&case).await;
        assert_eq!(
            page.attr("form[data-attach]", "enctype").as_deref(),
            Some("multipart/form-data")
        );
        let (photo, paper) = (jpeg(), pdf(""));
        let page = send(
            &mut browser,
            &case,
            &[("右后门 日光.jpg", &photo), ("交车检查单.pdf", &paper)],
        )
        .await;
        assert!(
            page.text(".flash").contains("已添加 2 个附件"),
            "{}",
            page.text("main")
        );
        assert!(
            page.text("#attachments")
                .contains("右后门 日光.jpg 1 KB · specialist"),
            "{}",
            page.text("#attachments")
        );
        assert!(page.text(".timeline").contains("交车检查单.pdf"));
        assert_eq!(
            app.count("select count(*) from complaint_events where kind = 'attachment'")
                .await,
            1
        );
        assert_eq!(
            app.count("select count(*) from audit where action = 'complaints.attach'")
                .await,
            1
        );

        let links = page.links(LINK);
        let photo = browser.get(&links[0].0).await;
        let header = |answer: &Answer, name: &str| answer.headers[name].to_str().unwrap().to_owned();
        assert_eq!(photo.status, 200);
        assert_eq!(header(&photo, "content-type"), "image/jpeg");
        let disposition = header(&photo, "content-disposition");
        assert!(
            disposition.starts_with("attachment; ")
                && disposition
                    .ends_with("filename*=UTF-8''%E5%8F%B3%E5%90%8E%E9%97%A8%20%E6%97%A5%E5%85%89.jpg"),
            "{disposition}"
        );
        assert_eq!(header(&photo, "x-content-type-options"), "nosniff");
        assert_eq!(header(&photo, "cache-control"), "private, no-store");
        let policy = header(&photo, "content-security-policy");
        assert!(
            policy.contains("sandbox") && policy.contains("default-src 'none'") && !policy.contains("'self'")
        );
        assert!(
            !photo.body.windows(3).any(|piece| piece == b"GPS"),
            "the place is gone"
        );
        let row = sqlx::query("select bytes, octet_length(content) as length, sha256 = sha256(content) as fits from complaint_attachments order by id")
            .fetch_one(&app.db)
            .await
            .unwrap();
        assert!(row.get::<bool, _>("fits"));
        assert_eq!(row.get::<i32, _>("bytes"), row.get::<i32, _>("length"));
        let sheet = browser.get(&links[1].0).await;
        assert_eq!(
            (sheet.body.to_vec(), header(&sheet, "content-type").as_str()),
            (paper, "application/pdf")
        );
        // Our pages keep their own policy.
        assert!(header(&page, "content-security-policy").contains("script-src 'self'"));
    });
}

#[test]
fn files_that_lie_are_refused_with_the_reason_and_others_are_kept() {
    with_app(async |app| {
        let case = case(&app).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let large = vec![0xFF_u8; (10 << 20) + 1];
        let both = [&jpeg()[..], b"<script>alert(1)</script>"].concat();
        let cut = &jpeg()[..40];
        for (name, bytes, reason) in [
            (
                "发票.pdf",
                &png()[..],
                "“发票.pdf”扩展名是 .pdf，内容却是 PNG 图片",
            ),
            (
                "photo.jpg",
                b"<!doctype html><script>alert(1)</script>",
                "“photo.jpg”的内容不是 JPEG、PNG、WebP 或 PDF",
            ),
            (
                "logo.svg",
                b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
                "内容不是",
            ),
            ("合同.pdf", b"PK\x03\x04\x14\0\0\0\x08\0", "内容不是"),
            ("moving.gif", b"GIF89a\x01\0\x01\0", "内容不是"),
            ("setup.exe", &pdf("")[..], "扩展名是 .exe，内容却是 PDF 文件"),
            ("cut.jpg", cut, "已损坏或不完整"),
            ("empty.png", b"", "是空文件"),
            ("large.jpg", &large, "超过 10 MB"),
            (
                "script.pdf",
                &pdf("<< /S /JavaScript /JS (app.alert(1)) >>")[..],
                "含有脚本",
            ),
            ("hidden.pdf", &pdf("<< /S /J#61vaScript >>")[..], "含有脚本"),
            ("inside.pdf", &pdf("<< /EmbeddedFiles 4 0 R >>")[..], "内嵌文件"),
            ("locked.pdf", &pdf("<< /Encrypt 4 0 R >>")[..], "已加密"),
            ("IMG_1.heic", b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        ] {
            let page = send(&mut browser, &case, &[(name, bytes)]).await;
            let told = page.text(".flash--page");
            assert!(
                told.contains("没有保存附件") && told.contains(reason),
                "{name}: {told}"
            );
        }
        assert_eq!(app.count("select count(*) from complaint_attachments").await, 0);
        assert_eq!(app.count("select count(*) from complaint_events").await, 0);
        // Something behind the end of a picture is not kept with it.
        let files: &[(&str, &[u8])] = &[("both.jpg", &both), ("lie.jpg", &png()), ("blob", &png())];
        let page = send(&mut browser, &case, files).await;
        let told = page.text(".flash--page");
        assert!(
            told.contains("已添加 2 个附件") && told.contains("lie.jpg"),
            "{told}"
        );
        assert_eq!(page.links(LINK)[1].1, "blob.png");
        let kept = browser.get(&page.links(LINK)[0].0).await;
        assert!(!kept.body.windows(6).any(|piece| piece == b"script"));
        // Nothing chosen, and no form at all.
        let nothing = send(&mut browser, &case, &[]).await;
        assert!(nothing.text(".flash--page").contains("没有选择文件"));
        assert_eq!(
            browser.post(&format!("{case}/attachments"), &[]).await.status,
            400
        );
        let english = browser
            .post("/preferences", &[("locale", "en"), ("next", "/")])
            .await;
        assert_eq!(english.status, 303);
        let page = send(&mut browser, &case, &[("invoice.pdf", &png())]).await;
        assert!(
            page.text(".flash--page")
                .contains("“invoice.pdf” is called .pdf but is a PNG picture")
        );
    });
}

#[test]
fn a_case_has_room_for_twenty() {
    with_app(async |app| {
        let case = case(&app).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let photo = jpeg();
        let names: Vec<String> = (1..=12).map(|n| format!("{n}.jpg")).collect();
        let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &photo[..])).collect();
        let mut second = browser.clone();
        let mut tasks = Vec::new();
        for client in [&mut browser, &mut second] {
            tasks.push(send(client, &case, &files));
        }
        let pages = futures_util::future::join_all(tasks).await;
        let told: Vec<String> = pages.iter().map(|page| page.text(".flash--page")).collect();
        assert_eq!(
            app.count("select count(*) from complaint_attachments").await,
            20,
            "{told:?}"
        );
        let full = browser.get(&case).await;
        assert_eq!((full.count(LINK), full.count("form[data-attach]")), (20, 0));
        let page = send(&mut browser, &case, &[("one.jpg", &photo)]).await;
        assert!(page.text(".flash--page").contains("放不下了"));
        // Room that is made is room.
        let id = app.count("select min(id) from complaint_attachments").await;
        let path = format!("{case}/attachments/{id}/remove");
        assert_eq!(browser.post(&path, &[("reason", "传错了")]).await.status, 303);
        let page = send(&mut browser, &case, &[("one.jpg", &photo)]).await;
        assert!(page.text(".flash--page").contains("已添加 1 个附件"));
    });
}

#[test]
fn what_is_taken_away_leaves_a_trace_and_nothing_else() {
    with_app(async |app| {
        let case = case(&app).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = send(&mut browser, &case, &[("身份证.jpg", &jpeg())]).await;
        let file = page.links(LINK)[0].0.clone();
        let ask = page.attr(".files--case a.icon-btn", "href").unwrap();
        // Not by anybody: whoever put it in, or the manager.
        let mut clerk = app.sign_in(Role::Clerk).await;
        assert_eq!(clerk.get(&case).await.count(".files--case a.icon-btn"), 0);
        assert_eq!(clerk.post(&ask, &[("reason", "不该在这")]).await.status, 404);
        let mut manager = app.sign_in(Role::Manager).await;
        assert_eq!(manager.get(&ask).await.status, 200);
        let form = browser.get(&ask).await;
        assert!(form.text("h1").contains("身份证.jpg"));
        let refused = browser.post(&ask, &[("reason", "  ")]).await;
        assert_eq!(
            (refused.status, refused.field_error("reason").as_str()),
            (422, "必填")
        );
        assert_eq!(browser.get(&file).await.status, 200);
        let gone = browser.post(&ask, &[("reason", "另一位客户的证件")]).await;
        let page = browser.follow(&gone).await;
        assert!(page.text(".flash--page").contains("已移除 身份证.jpg"));
        let trace = page.text("#attachments");
        assert!(
            trace.contains("身份证.jpg")
                && trace.contains("specialist 于")
                && trace.contains("另一位客户的证件"),
            "{trace}"
        );
        assert_eq!((page.count(LINK), page.count(".files--case a.icon-btn")), (0, 0));
        for who in [&mut browser, &mut manager] {
            assert_eq!(who.get(&file).await.status, 404);
            assert_eq!(who.post(&ask, &[("reason", "再来一次")]).await.status, 404);
        }
        assert_eq!(
            app.count("select count(*) from complaint_attachments where content is null and removed_by = uploaded_by and removed_reason = '另一位客户的证件'")
                .await,
            1
        );
        assert_eq!(
            app.count("select count(*) from audit where action = 'complaints.detach'")
                .await,
            1
        );
        // Nothing is taken away from a case that has ended.
        let page = send(&mut browser, &case, &[("b.jpg", &jpeg())]).await;
        let ask = page.attr(".files--case a.icon-btn", "href").unwrap();
        sqlx::query("update complaints set state = 'withdrawn', ended_at = $1, ended_reason = ''")
            .bind(app.now())
            .execute(&app.db)
            .await
            .unwrap();
        assert_eq!(browser.get(&case).await.count(".files--case a.icon-btn"), 0);
        assert_eq!(browser.post(&ask, &[("reason", "晚了")]).await.status, 404);
    });
}

#[test]
fn a_handler_has_the_files_of_own_cases_only() {
    with_app(async |app| {
        let case = case(&app).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = send(&mut browser, &case, &[("a.jpg", &jpeg())]).await;
        let file = page.links(LINK)[0].0.clone();
        let mut handler = app.sign_in(Role::Handler).await;
        assert_eq!(handler.get(&file).await.status, 404);
        assert_eq!(send(&mut handler, &case, &[("b.jpg", &jpeg())]).await.status, 404);
        sqlx::query("update complaints set handler_id = $1")
            .bind(app.user("handler").await)
            .execute(&app.db)
            .await
            .unwrap();
        assert_eq!(handler.get(&file).await.status, 200);
        let page = send(&mut handler, &case, &[("b.jpg", &jpeg())]).await;
        assert_eq!(page.links(LINK).len(), 2);
        // Whoever helps with a case has its files too.
        let helper = app.add_user("helper", Role::Handler, Some(app.store)).await;
        let mut helping = app.sign_in_as("helper").await;
        assert_eq!(helping.get(&file).await.status, 404);
        sqlx::query(
            "insert into complaint_people (store_id, complaint_id, user_id, part, added_at)
             select $1, max(id), $2, 'co_handler', $3 from complaints",
        )
        .bind(app.store)
        .bind(helper)
        .bind(app.now())
        .execute(&app.db)
        .await
        .unwrap();
        assert_eq!(helping.get(&file).await.status, 200);
        // A file is asked for under its own case.
        let other = "/complaints/999999/attachments/1";
        assert_eq!(browser.get(other).await.status, 404);
        let mut reception = app.sign_in(Role::Receptionist).await;
        assert_eq!(reception.get(&file).await.status, 200);
        assert_eq!(
            send(&mut reception, &case, &[("c.jpg", &jpeg())]).await.status,
            403
        );
        app.add_user("elsewhere", Role::Manager, Some(app.other_store))
            .await;
        let mut elsewhere = app.sign_in_as("elsewhere").await;
        assert_eq!(elsewhere.get(&file).await.status, 404);
        assert_eq!(
            send(&mut elsewhere, &case, &[("d.jpg", &jpeg())]).await.status,
            404
        );
        let mut nobody = app.client();
        assert_eq!(nobody.get(&file).await.status, 303);
    });
}

#[test]
fn files_come_with_the_form_and_wait_while_it_is_mended() {
    with_app(async |app| {
        let mut browser = app.sign_in(Role::Receptionist).await;
        let page = browser.get("/complaints/new").await;
        let mut form = page.form("intake");
        form.retain(|(name, _)| name != "files");
        let pairs: Vec<(&str, &str)> = form.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let (photo, lie) = (jpeg(), png());
        let files: &[(&str, &str, &[u8])] = &[("files", "门.jpg", &photo), ("files", "lie.pdf", &lie)];
        let invalid = browser.post_multipart("/complaints", &pairs, files).await;
        assert_eq!(invalid.status, 422);
        let aside = invalid.text("aside");
        assert!(
            aside.contains("门.jpg") && aside.contains("lie.pdf") && aside.contains("内容却是 PNG"),
            "{aside}"
        );
        assert_eq!(
            app.count("select count(*) from complaint_attachments where complaint_id is null")
                .await,
            1
        );
        // Nobody else's form takes it.
        let mut other = app.sign_in(Role::Clerk).await;
        let said = [
            ("words", "门关不上"),
            ("class", "repair"),
            ("demand_kind", "repair"),
        ];
        let mut fields = pairs.clone();
        fields.retain(|(name, _)| !said.iter().any(|(set, _)| set == name));
        fields.extend(said);
        let theirs = other.post_multipart("/complaints", &fields, &[]).await;
        assert_eq!(other.follow(&theirs).await.count(LINK), 0);
        let more = browser
            .post_multipart("/complaints", &fields, &[("files", "单.png", &lie)])
            .await;
        let case = browser.follow(&more).await;
        let names: Vec<String> = case.links(LINK).into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["门.jpg", "单.png"]);
        assert_eq!(
            app.count("select count(*) from complaint_attachments where form_key is not null")
                .await,
            0
        );
        // What waits for nothing is swept when the next one comes.
        let page = browser.get("/complaints/new").await;
        let key = page.attr("[name=idem_key]", "value").unwrap();
        browser
            .post_multipart(
                "/complaints",
                &[("idem_key", &key)],
                &[("files", "a.jpg", &photo)],
            )
            .await;
        app.advance(std::time::Duration::from_secs(3 * 86_400));
        let mut browser = app.sign_in(Role::Receptionist).await;
        let page = browser.get("/complaints/new").await;
        let key = page.attr("[name=idem_key]", "value").unwrap();
        browser
            .post_multipart(
                "/complaints",
                &[("idem_key", &key)],
                &[("files", "b.jpg", &photo)],
            )
            .await;
        let waiting: Vec<String> =
            sqlx::query_scalar("select name from complaint_attachments where form_key is not null")
                .fetch_all(&app.db)
                .await
                .unwrap();
        assert_eq!(waiting, ["b.jpg"]);
    });
}
