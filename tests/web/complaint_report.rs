//! The report of a case on paper, and opinions about the product as a file for the maker.

use std::io::Cursor;

use calamine::{Reader, Xlsx};
use care_desk::auth::permission::Role;

use crate::support::app::{TestApp, with_app};
use crate::support::build::{self, Person};

const WORDS: &str = "我是张伟，车牌浙A0001X低速顿挫，请打13905717715";

async fn case(app: &TestApp, person: &Person, class: &str, at: &str) -> i64 {
    let number = app.count("select count(*) from complaints").await + 1;
    sqlx::query_scalar(
        "insert into complaints (store_id, number, customer_id, vehicle_id, channel, class_major, severity, words, accepted_at, created_at, updated_at)
         values ($1, 'CP-261124-0' || $2, $3, $4, 'call', $5, 'B', $6, $7::timestamptz, $8, $8) returning id",
    )
    .bind(app.store)
    .bind(number.to_string())
    .bind(person.customer)
    .bind(person.vehicle)
    .bind(class)
    .bind(WORDS)
    .bind(at.parse::<chrono::DateTime<chrono::Utc>>().unwrap())
    .bind(app.now())
    .fetch_one(&app.db)
    .await
    .unwrap()
}

async fn texts(app: &TestApp, sql: &'static str) -> Vec<String> {
    sqlx::query_scalar(sql).fetch_all(&app.db).await.unwrap()
}

#[test]
fn a_report_says_everything_and_is_a_draft_until_the_case_is_dealt_with() {
    with_app(async |app| {
        let person = build::person(&app, "张伟", "13800138001", "浙A0001X").await;
        let id = case(&app, &person, "product", "2026-11-24T01:00:00Z").await;
        let path = format!("/complaints/{id}/report");
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = browser.get(&path).await;
        let text = page.text(".paper");
        for expected in [
            "抱怨调查报告",
            "草稿",
            "CP-261124-01",
            "张伟",
            "浙A·0001X",
            WORDS,
            "（未填写）",
            "处理意见",
            "尚未出具",
            "B 重要",
        ] {
            assert!(
                text.contains(expected) || text.contains(&expected.replace('·', "")),
                "{expected}: {text}"
            );
        }
        assert!(!page.html().contains("13800138001"), "the number is masked");
        assert_eq!(
            texts(&app, "select kind from complaint_events").await.len(),
            0,
            "looking leaves nothing"
        );

        let answer = browser.post(&path, &[]).await;
        assert!(
            browser
                .follow(&answer)
                .await
                .text(".paper")
                .contains("第 1 次出具")
        );
        sqlx::query(
            "update complaints set state = 'resolved', cause = '阀体磨损', result = '更换阀体，客户接受', responsibility = 'partial', course = '三次进站',
                    measure = '更换阀体', cost_fen = 128600, agreed_at = $1, resolved_at = $1",
        )
        .bind(app.now())
        .execute(&app.db)
        .await
        .unwrap();
        let answer = browser.post(&path, &[]).await;
        let text = browser.follow(&answer).await.text(".paper");
        for expected in [
            "第 2 次出具",
            "阀体磨损",
            "部分责任",
            "三次进站",
            "更换阀体，客户接受",
            "1,286.00 元",
        ] {
            assert!(text.contains(expected), "{expected}: {text}");
        }
        assert!(!text.contains("草稿"));
        assert_eq!(
            texts(
                &app,
                "select data ->> 'is_final' from complaint_events where kind = 'report' order by id"
            )
            .await,
            ["false", "true"]
        );
        assert_eq!(
            app.count("select count(*) from audit where action = 'complaints.report'")
                .await,
            2
        );
    });
}

#[test]
fn a_handler_prints_own_cases_and_nobody_those_of_another_store() {
    with_app(async |app| {
        let person = build::person(&app, "张伟", "13800138001", "浙A0001X").await;
        let id = case(&app, &person, "repair", "2026-11-24T01:00:00Z").await;
        let path = format!("/complaints/{id}/report");
        let mut handler = app.sign_in(Role::Handler).await;
        assert_eq!(handler.get(&path).await.status, 404);
        assert_eq!(handler.post(&path, &[]).await.status, 404);
        sqlx::query("update complaints set handler_id = $1")
            .bind(app.user("handler").await)
            .execute(&app.db)
            .await
            .unwrap();
        assert_eq!(handler.get(&path).await.status, 200);
        assert_eq!(handler.post(&path, &[]).await.status, 303);
        let mut receptionist = app.sign_in(Role::Receptionist).await;
        assert_eq!(receptionist.get(&path).await.status, 200);
        assert_eq!(receptionist.post(&path, &[]).await.status, 403);
        app.add_user("elsewhere", Role::Manager, Some(app.other_store))
            .await;
        let mut other = app.sign_in_as("elsewhere").await;
        assert_eq!(other.get(&path).await.status, 404);
        assert_eq!(other.post(&path, &[]).await.status, 404);
    });
}

#[test]
fn opinions_are_marked_listed_by_month_and_taken_out_without_a_name() {
    with_app(async |app| {
        let person = build::person(&app, "张伟", "13905717715", "浙A0001X").await;
        sqlx::query("update vehicles set vin = 'LSVAA4187E2123456'")
            .execute(&app.db)
            .await
            .unwrap();
        let product = case(&app, &person, "product", "2026-11-02T01:00:00Z").await;
        let other_class = case(&app, &person, "repair", "2026-11-03T01:00:00Z").await;
        // The last minute of October in the store's zone.
        case(&app, &person, "product", "2026-10-31T15:59:00Z").await;
        let mut manager = app.sign_in(Role::Manager).await;
        let mut specialist = app.sign_in(Role::Specialist).await;
        let page = manager.get("/complaints/opinions?tab=suggested").await;
        assert_eq!(page.count("tr[data-opinion]"), 1);
        for (browser, id) in [(&mut manager, product), (&mut specialist, other_class)] {
            let answer = browser
                .post(&format!("/complaints/{id}/opinion"), &[("is_opinion", "yes")])
                .await;
            let page = browser.follow(&answer).await;
            assert!(
                page.text(".flash--good").contains("已列入"),
                "{}",
                page.text("body")
            );
        }
        let again = specialist
            .post(
                &format!("/complaints/{product}/opinion"),
                &[("is_opinion", "yes")],
            )
            .await;
        assert_eq!(again.status, 303);
        assert_eq!(
            texts(&app, "select number from complaints where is_opinion order by 1").await,
            ["CP-261124-01", "CP-261124-02"]
        );
        assert_eq!(
            app.count("select count(*) from complaint_events where kind = 'edited'")
                .await,
            2,
            "once each"
        );
        assert_eq!(
            app.count("select count(*) from audit where action = 'complaints.opinion'")
                .await,
            2
        );
        assert_eq!(
            manager
                .get("/complaints/opinions?month=2026-11")
                .await
                .count("tr[data-opinion]"),
            2
        );
        assert_eq!(
            manager
                .get("/complaints/opinions?month=2026-10")
                .await
                .count(".empty"),
            1
        );

        let fields = |format, reason| [("month", "2026-11"), ("format", format), ("reason", reason)];
        let answer = manager
            .post("/complaints/opinions/export", &fields("csv", ""))
            .await;
        assert_eq!(answer.status, 422);
        assert_eq!(app.count("select count(*) from opinion_files").await, 0);
        let csv = manager
            .post("/complaints/opinions/export", &fields("csv", "十一月质量反馈"))
            .await;
        assert_eq!(csv.status, 200);
        let text = String::from_utf8(csv.body.to_vec()).unwrap();
        assert_eq!(text.lines().count(), 4, "watermark, heading, two rows: {text}");
        for expected in [
            "十一月质量反馈",
            "LSVAA4187E2123456",
            "低速顿挫",
            "［客户］",
            "［号码］",
            "［车牌］",
        ] {
            assert!(text.contains(expected), "{expected}: {text}");
        }
        for hidden in ["张伟", "13905717715", "浙A0001X"] {
            assert!(!text.contains(hidden), "{hidden}: {text}");
        }
        let xlsx = manager
            .post("/complaints/opinions/export", &fields("xlsx", "十一月质量反馈"))
            .await;
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(xlsx.body.to_vec())).unwrap();
        let sheet = book.sheet_names()[0].clone();
        assert_eq!(book.worksheet_range(&sheet).unwrap().rows().count(), 4);
        assert_eq!(
            texts(&app, "select format || row_count from opinion_files order by id").await,
            ["csv2", "xlsx2"]
        );
        assert_eq!(
            app.count("select count(*) from audit where action = 'complaints.export_opinions'")
                .await,
            2
        );
        assert!(
            manager
                .get("/complaints/opinions")
                .await
                .text("aside")
                .contains("十一月质量反馈")
        );
        // A few a day.
        sqlx::query("update stores set exports_per_day = 2")
            .execute(&app.db)
            .await
            .unwrap();
        assert_eq!(
            manager
                .post("/complaints/opinions/export", &fields("csv", "再来一次"))
                .await
                .status,
            429
        );
        for role in [Role::Specialist, Role::Group, Role::Handler] {
            let mut browser = app.sign_in(role).await;
            assert_eq!(
                browser
                    .post("/complaints/opinions/export", &fields("csv", "看看"))
                    .await
                    .status,
                403,
                "{role}"
            );
        }
    });
}
