//! The main job from start to end: files come in, the daily job runs, two people call back, nobody is called twice.

use std::collections::BTreeSet;

use care_desk::auth::permission::Role;
use fantoccini::key::Key;
use sqlx::PgPool;

use crate::files::{Exports, Visit};
use crate::harness::browser::{Browser, control};
use crate::harness::with_desk;
use crate::support::app::PASSWORD;

/// One heading that nobody knows, one name with a character that GB18030 writes with four bytes, one number too short.
const ROSTER: &[&str] = &[
    "客户姓名,联络号,车牌号,车型,首保到期日",
    "赵雅楠,13900007715,浙A7K2M9,SUV 1.5T,",
    "张𬭎,13800001111,浙A11111,轿车 1.4T,",
    "李思远,13700002222,浙A22222,轿车 2.0T,2026/12/2",
    "王建国,1380013800,浙A33333,纯电 SUV,",
];

/// The second car was served by a specialist, the third came without being on the roster, the last is in the shop.
const VISITS: &[Visit] = &[
    visit("RO-1", "浙A7K2M9", "赵磊", Some("2026-11-22 15:40")),
    visit("RO-2", "浙A11111", "specialist", Some("2026-11-22 11:05")),
    visit("RO-3", "浙A99999", "赵磊", Some("2026-11-22 16:30")),
    visit("RO-4", "浙A88888", "赵磊", None),
];

const fn visit(
    number: &'static str,
    plate: &'static str,
    advisor: &'static str,
    handed_over: Option<&'static str>,
) -> Visit {
    Visit {
        number,
        plate,
        advisor,
        handed_over,
    }
}

#[test]
fn a_roster_becomes_calls_and_two_people_make_them_without_meeting() {
    with_desk(async |app, desk| {
        app.add_user("specialist2", Role::Specialist, Some(app.store))
            .await;
        let admin = desk.browser().await;
        admin.sign_in(Role::Admin).await;
        import_files(&admin).await;
        assert_eq!(app.count(OPEN).await, 3, "an import owes its calls at once");
        app.set_now("2026-11-25T01:30:00Z");
        admin.sign_in(Role::Admin).await;
        // The next morning seven days are left until a first maintenance; the calls are not owed twice.
        run_daily_job(&admin, "首保提醒 1").await;
        run_daily_job(&admin, "无变化").await;
        assert_eq!(app.count(OPEN).await, 3);
        assert_eq!(app.count("select count(*) from reminders").await, 1);

        let first = desk.browser().await;
        first.sign_in(Role::Specialist).await;
        let second = desk.browser().await;
        second.sign_in_as("specialist2", PASSWORD).await;
        first.press_to_leave(&['n']).await;
        second.press_to_leave(&['n']).await;
        assert_ne!(first.path().await, second.path().await);
        assert_ne!(first.text("h1").await, second.text("h1").await);

        let mut called = BTreeSet::new();
        while first.path().await != "/callbacks" {
            assert!(called.insert(first.path().await), "called twice");
            complete_call(&first).await;
        }
        while second.path().await != "/callbacks" {
            assert!(called.insert(second.path().await), "called twice");
            complete_call(&second).await;
        }
        assert_eq!(called.len(), 3);
        everything_is_written(&app.db).await;
    });
}

const OPEN: &str = "select count(*) from callbacks where open_count > 0";

async fn import_files(admin: &Browser) {
    let exports = Exports::new();
    admin
        .upload("roster", &exports.gb18030("客户名册.csv", ROSTER))
        .await;
    // The heading that nobody knows: the admin says what it is.
    admin.wait_for_text("[role=alert]", "手机号").await;
    admin.select("//tr[.//b='联络号']//select", "phone").await;
    admin.follow("form[action$='/columns'] .btn--primary").await;
    admin.wait_for_text(".actionbar", "1").await;
    admin.follow("form[action$='/confirm'] .btn--primary").await;
    admin.wait_for(".dl--big").await;

    admin
        .upload("visits", &exports.workbook("维修记录.xlsx", VISITS))
        .await;
    admin.follow("form[action$='/columns'] .btn--primary").await;
    admin.follow("form[action$='/confirm'] .btn--primary").await;
    admin.wait_for(".dl--big").await;
}

async fn run_daily_job(admin: &Browser, outcome: &str) {
    admin.visit("/jobs").await;
    admin.follow("[data-job=generate-obligations] button").await;
    admin
        .wait_for_text("[data-job=generate-obligations]", outcome)
        .await;
}

/// Follows the script to the questions, gives nine points, notes something, and goes on with the next customer.
async fn complete_call(browser: &Browser) {
    follow_script(browser).await;
    browser.press(&[Key::Alt.into(), '9']).await;
    browser.wait_for(".scale__row input[value='9']:checked").await;
    browser.fill("#note", "下午方便").await;
    browser.press_to_leave(&control(Key::Enter)).await;
}

/// Goes through the script with the arrow key until the questions, and chooses “completed” with its key.
async fn follow_script(browser: &Browser) {
    browser.press(&['1']).await;
    browser.wait_for("[data-outcome='1']:checked").await;
    browser.click(".script").await;
    while browser.count("[aria-current=step] .scale__row").await == 0 {
        browser.press(&[Key::Right.into()]).await;
    }
}

async fn everything_is_written(db: &PgPool) {
    let line = |sql: &'static str| sqlx::query_scalar::<_, String>(sql).fetch_all(db);
    let calls = "select concat_ws(' ', v.ro_number, o.status, o.is_connected::text, o.is_satisfied::text, a.result, u.username)
                 from obligations o
                 join visits v on v.id = o.visit_id
                 join attempts a on a.callback_id = o.callback_id
                 join users u on u.id = a.user_id
                 where o.kind = 'post_service'
                 order by v.ro_number";
    let expected = [
        "RO-1 done true true completed specialist",
        "RO-2 done true true completed specialist2",
        "RO-3 done true true completed specialist",
    ];
    assert_eq!(
        line(calls).await.unwrap(),
        expected,
        "the second car was served by the first caller"
    );
    let answers = "select concat_ws(' ', c.name, r.overall, r.is_dissatisfied::text, a.note)
                   from responses r
                   join customers c on c.id = r.customer_id
                   join attempts a on a.id = r.attempt_id
                   order by r.id";
    let answers: BTreeSet<String> = line(answers).await.unwrap().into_iter().collect();
    for name in ["赵雅楠", "张𬭎"] {
        assert!(
            answers.contains(&format!("{name} 9 false 下午方便")),
            "{answers:?}"
        );
    }
    assert_eq!(answers.len(), 3);
}
