//! The call screen: branching, the version asked, what is said beside the answers, colleagues, what must be mended.

use care_desk::auth::permission::Role;
use care_desk::callbacks::CallbackId;

use crate::callbacks::{base, due_person, post, question, take, with};
use crate::support::app::{TestApp, with_app};
use crate::support::build::Person;

fn item(page: &crate::support::client::Answer) -> String {
    page.attr("input[name=item]", "value").unwrap()
}

/// Publishes another version of the questionnaire, in which 8 points are dissatisfied already.
async fn publish_stricter(app: &TestApp) {
    sqlx::query(
        "with old as (
           update script_versions v set retired_at = $2
           from scripts s
           where s.store_id = v.store_id and s.id = v.script_id and s.store_id = $1 and s.kind = 'questionnaire'
           returning v.store_id, v.script_id, v.body
         )
         insert into script_versions (store_id, script_id, version, body, published_at)
         select store_id, script_id, 2, jsonb_set(body, '{dissatisfied_up_to}', '8'), $2 from old",
    )
    .bind(app.store)
    .bind(app.now())
    .execute(&app.db)
    .await
    .unwrap();
}

async fn answers(app: &TestApp) -> (i32, serde_json::Value) {
    sqlx::query_as(
        "select v.version, r.answers from responses r
         join script_versions v on v.store_id = r.store_id and v.id = r.script_version_id",
    )
    .fetch_one(&app.db)
    .await
    .unwrap()
}

/// Bundles another obligation about the car.
async fn bundle(app: &TestApp, person: &Person, id: CallbackId, kinds: &[&str]) {
    sqlx::query(
        "insert into obligations (store_id, kind, cycle_key, vehicle_id, customer_id, cohort_on, not_before, strict_due_at,
                                  due_at, callable_due_at, rule_version, channel, callback_id, created_at)
         select $1, k, '1', case when k <> 'data_task' then $2::bigint end, $3, '2026-11-24', $4, $4, $4, $4, 1, 'call', $5, $4
         from unnest($6::text[]) k",
    )
    .bind(app.store)
    .bind(person.vehicle)
    .bind(person.customer)
    .bind(app.now())
    .bind(id)
    .bind(kinds)
    .execute(&app.db)
    .await
    .unwrap();
}

#[test]
fn answers_belong_to_the_version_that_was_asked() {
    with_app(async |app| {
        let (_, id) = due_person(&app, "赵雅楠", 1).await;
        let path = format!("/callbacks/{id}");
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = take(&mut browser, id).await;
        let version = page.attr("input[name=questionnaire]", "value").unwrap();
        let overall = question(&page, "q10");
        let typed = with(base(&page), &[("questionnaire", &version), (&overall, "8")]);
        post(&mut browser, &format!("{path}/draft"), &typed).await;
        publish_stricter(&app).await;
        // Opened again after a crash: the draft was typed under version 1, and version 1 is asked.
        let again = browser.get(&path).await;
        assert_eq!(
            again.attr("input[name=questionnaire]", "value"),
            Some(version.clone())
        );
        assert_eq!(
            again.count(&format!("input[name={overall}][value='8'][checked]")),
            1
        );
        assert_eq!(
            again.count(&format!("input[name={overall}][value='8'][data-low]")),
            0
        );
        let done = with(typed, &[("outcome", "completed")]);
        assert_eq!(post(&mut browser, &path, &done).await.status, 303);
        assert_eq!(answers(&app).await.0, 1);
        assert_eq!(
            app.count("select count(*) from complaints").await,
            0,
            "8 was enough in version 1"
        );

        // A call that is opened now is asked the new one; a form that names something else than a questionnaire as well.
        let (_, next) = due_person(&app, "李思远", 2).await;
        let page = take(&mut browser, next).await;
        assert_ne!(page.attr("input[name=questionnaire]", "value"), Some(version));
        let overall = question(&page, "q10");
        let form = with(
            base(&page),
            &[("questionnaire", "1"), ("outcome", "completed"), (&overall, "8")],
        );
        let refused = post(&mut browser, &format!("/callbacks/{next}"), &form).await;
        assert_eq!(refused.field_error("words"), "必填");
    });
}

#[test]
fn a_question_that_was_not_asked_leaves_no_answer() {
    with_app(async |app| {
        let (_, id) = due_person(&app, "赵雅楠", 1).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = take(&mut browser, id).await;
        let [overall, fixed, what, nps, why] =
            ["q10", "q5", "q5a", "q11", "q11a"].map(|code| question(&page, code));
        // Without a script every question is there, with its condition in words.
        assert_eq!(
            page.attr(&format!("[data-when={fixed}]"), "data-value")
                .as_deref(),
            Some("no")
        );
        let words = page.texts(".ask__when").join(" ");
        assert!(words.contains("仅当“问题是否一次彻底修好？”为 否"), "{words}");
        let form = with(
            base(&page),
            &[
                ("outcome", "completed"),
                (&overall, "9"),
                (&fixed, "yes"),
                (&what, "left over from before"),
                (&nps, "5"),
                (&why, "太远"),
            ],
        );
        assert_eq!(
            post(&mut browser, &format!("/callbacks/{id}"), &form)
                .await
                .status,
            303
        );
        assert_eq!(
            answers(&app).await.1,
            serde_json::json!({ "q10": 9, "q5": "yes", "q11": 5, "q11a": "太远" })
        );
    });
}

#[test]
fn bundled_items_stand_in_the_order_of_the_trade_each_with_its_sentence() {
    with_app(async |app| {
        let (person, id) = due_person(&app, "赵雅楠", 1).await;
        bundle(
            &app,
            &person,
            id,
            &["data_task", "lost_customer", "warranty_expiry"],
        )
        .await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = take(&mut browser, id).await;
        assert_eq!(
            page.texts(".askitem h3"),
            ["三日内回访", "质保到期", "流失回访", "信息核实"]
        );
        let says = page.texts(".askitem > .say");
        assert_eq!(
            says.len(),
            3,
            "the call's own item is led in by the talk: {says:?}"
        );
        assert!(says[0].starts_with("这次来电是因为您的"), "{says:?}");
    });
}

#[test]
fn each_visit_has_its_own_reasons() {
    with_app(async |app| {
        let (person, id) = due_person(&app, "赵雅楠", 1).await;
        let second = crate::support::build::visit(&app, &person, "RO-second")
            .insert()
            .await;
        crate::support::build::obligation(&app, &person, "post_service", "2")
            .visit(second)
            .callback(id)
            .insert()
            .await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = take(&mut browser, id).await;
        let form = page.form("call");
        let items: Vec<String> = form
            .iter()
            .filter(|(name, _)| name == "item")
            .map(|(_, value)| value.clone())
            .collect();
        assert_eq!(items.len(), 2);
        let [first, other] = [0, 1].map(|n| format!("q{}_q10", items[n]));
        let [first_reason, other_reason] = [0, 1].map(|n| format!("reason{}", items[n]));
        let path = format!("/callbacks/{id}");
        // What a browser sends of the empty field is what the person has typed into it.
        let form = form.into_iter().filter(|(name, _)| name != "words").collect();
        let said = with(
            form,
            &[("outcome", "completed"), ("words", "等了很久"), ("after", "list")],
        );
        let both = with(said, &[(&first, "3"), (&first_reason, "waiting"), (&other, "5")]);
        let refused = post(&mut browser, &path, &both).await;
        assert_eq!(
            (refused.status, refused.field_error(&other_reason)),
            (422, "必填".to_owned())
        );
        let saved = post(&mut browser, &path, &with(both, &[(&other_reason, "price")])).await;
        assert_eq!(saved.status, 303);
        let reasons: Vec<String> =
            sqlx::query_scalar("select answers ->> 'reasons' from responses order by overall")
                .fetch_all(&app.db)
                .await
                .unwrap();
        assert_eq!(reasons, ["[\"waiting\"]", "[\"price\"]"]);
    });
}

#[test]
fn what_is_said_beside_the_answers_is_written_with_them() {
    with_app(async |app| {
        let (person, id) = due_person(&app, "赵雅楠", 1).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = take(&mut browser, id).await;
        let (km, plate) = (
            format!("km{}", person.vehicle),
            format!("plate{}", person.vehicle),
        );
        let overall = question(&page, "q10");
        let fields = [
            ("outcome", "completed"),
            (overall.as_str(), "9"),
            (km.as_str(), "61,280 km"),
            (plate.as_str(), "浙A·9Z9Z9"),
            ("other_phone", "0571-88886666"),
            ("book", "1"),
            ("book_on", "2026-12-01"),
            ("book_at", "09:30"),
            ("book_for", "70,000 km 保养"),
            ("do_not_call", "survey"),
        ];
        let saved = post(
            &mut browser,
            &format!("/callbacks/{id}"),
            &with(base(&page), &fields),
        )
        .await;
        assert_eq!(saved.status, 303, "{}", saved.texts(".error").join(" "));
        for (sql, expected) in [
            (
                "select concat_ws('/', km, source) from odometer_readings order by id desc limit 1",
                "61280/phone",
            ),
            ("select plate from vehicles", "浙A9Z9Z9"),
            (
                "select concat_ws('/', number, state, kind) from phones order by id desc limit 1",
                "0571-88886666/unverified/landline",
            ),
            (
                "select concat_ws('/', state, wished_on, wished_at, purpose, (callback_id is not null)::text) from appointments",
                "requested/2026-12-01/09:30:00/70,000 km 保养/true",
            ),
            (
                "select concat_ws('/', survey_opt_out::text, marketing_opt_out::text) from customers",
                "true/false",
            ),
            ("select status from obligations", "done"),
        ] {
            let found: String = sqlx::query_scalar(sql).fetch_one(&app.db).await.unwrap();
            assert_eq!(found, expected, "{sql}");
        }
        let page = browser.get(&format!("/callbacks/{id}")).await;
        assert!(page.text(".callpage").contains("2026-12-01 09:30 · 待确认"));
    });
}

#[test]
fn a_number_from_whoever_answered_is_the_next_to_be_called() {
    with_app(async |app| {
        let (_, id) = due_person(&app, "赵雅楠", 1).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = take(&mut browser, id).await;
        let fields = [
            ("outcome", "wrong"),
            ("code_wrong", "wrong"),
            ("other_phone", "13900000009"),
            // Not said by the customer: not written.
            ("do_not_call", "all"),
        ];
        let saved = post(
            &mut browser,
            &format!("/callbacks/{id}"),
            &with(base(&page), &fields),
        )
        .await;
        assert_eq!(saved.status, 303);
        let open = "select count(*) from callbacks where status = 'open'";
        assert_eq!(app.count(open).await, 1, "there is a number left");
        let page = take(&mut browser, id).await;
        assert!(page.text(".callpanel").contains("139 **** 0009"));
        assert_eq!(app.count("select count(*) from consents").await, 0);
    });
}

#[test]
fn the_step_that_must_be_mended_is_marked_and_open() {
    with_app(async |app| {
        let (person, id) = due_person(&app, "赵雅楠", 1).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = take(&mut browser, id).await;
        assert_eq!(page.text("[data-step][aria-current] b"), "问候");
        let path = format!("/callbacks/{id}");
        let km = format!("km{}", person.vehicle);
        let plate = format!("plate{}", person.vehicle);
        let overall = question(&page, "q10");
        let reason = format!("reason{}", item(&page));
        type Case<'a> = (&'a [(&'a str, &'a str)], &'a str, &'a str, &'a str);
        let cases: [Case<'_>; 9] = [
            (&[], overall.as_str(), "必填", "满意度"),
            (
                &[(overall.as_str(), "3"), ("words", "慢")],
                reason.as_str(),
                "必填",
                "满意度",
            ),
            (
                &[(overall.as_str(), "3"), (reason.as_str(), "waiting")],
                "words",
                "必填",
                "原因与客户原话",
            ),
            (
                &[(overall.as_str(), "9"), (km.as_str(), "很多")],
                km.as_str(),
                "请输入数字",
                "信息核对",
            ),
            (
                &[(overall.as_str(), "9"), (plate.as_str(), "12")],
                plate.as_str(),
                "",
                "信息核对",
            ),
            (
                &[(overall.as_str(), "9"), ("other_phone", "123")],
                "other_phone",
                "",
                "信息核对",
            ),
            (
                &[(overall.as_str(), "9"), ("book", "1")],
                "book_on",
                "必填",
                "问候",
            ),
            (
                &[(overall.as_str(), "9"), ("book", "1"), ("book_on", "2026-11-23")],
                "book_on",
                "不能早于现在",
                "问候",
            ),
            (
                &[
                    (overall.as_str(), "9"),
                    ("book", "1"),
                    ("book_on", "2026-12-01"),
                    ("book_at", "23:30"),
                ],
                "book_at",
                "不在营业时间",
                "问候",
            ),
        ];
        for (fields, field, message, step) in cases {
            let form = with(with(base(&page), fields), &[("outcome", "completed")]);
            let refused = post(&mut browser, &path, &form).await;
            let said = refused.field_error(field);
            assert_eq!(refused.status, 422, "{fields:?}");
            assert!(
                !said.is_empty() && (message.is_empty() || said == message),
                "{fields:?}: {said}"
            );
            assert_eq!(refused.text("[data-step][aria-current] b"), step, "{fields:?}");
            let marked = usize::from(step != "问候");
            assert_eq!(
                refused.count("[data-step].has-error > details[open]"),
                marked,
                "{fields:?}"
            );
        }
        assert_eq!(app.count("select count(*) from attempts").await, 0);
    });
}

#[test]
fn colleagues_see_who_is_on_the_call_and_who_looks() {
    with_app(async |app| {
        app.add_user("second", Role::Specialist, Some(app.store)).await;
        let (_, id) = due_person(&app, "赵雅楠", 1).await;
        let path = format!("/callbacks/{id}");
        let mut first = app.sign_in(Role::Specialist).await;
        let mut second = app.sign_in_as("second").await;
        let page = take(&mut first, id).await;
        assert_eq!(page.count(".present"), 0);
        let looked = second.get(&path).await;
        assert_eq!(looked.texts(".present"), ["specialist 正在处理这位客户"]);
        let beat = first.post(&format!("{path}/presence"), &[]).await;
        assert_eq!(beat.texts(".present"), ["second 也在看这一页"]);
        let beat = second.post(&format!("{path}/presence"), &[]).await;
        assert_eq!(beat.texts(".present"), ["specialist 正在处理这位客户"]);
        let list = first.get("/callbacks?tab=all").await;
        assert!(
            list.text("tbody tr").contains("second 在看"),
            "{}",
            list.text("tbody tr")
        );
        app.advance(std::time::Duration::from_secs(180));
        let beat = first.post(&format!("{path}/presence"), &[]).await;
        assert_eq!(beat.count(".present"), 0, "not heard of for three minutes");
        let mut group = app.sign_in(Role::Group).await;
        assert_eq!(group.get(&path).await.status, 200);
        let beat = first.post(&format!("{path}/presence"), &[]).await;
        assert_eq!(beat.count(".present"), 0, "who cannot call does not count");
    });
}

#[test]
fn what_was_said_before_is_on_the_page() {
    with_app(async |app| {
        let (person, id) = due_person(&app, "赵雅楠", 1).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = take(&mut browser, id).await;
        let form = with(
            base(&page),
            &[
                ("outcome", "completed"),
                (&question(&page, "q10") as &str, "4"),
                (&format!("reason{}", item(&page)), "waiting"),
                ("words", "说好一个半小时"),
                ("note", "下午打"),
            ],
        );
        assert_eq!(
            post(&mut browser, &format!("/callbacks/{id}"), &form)
                .await
                .status,
            303
        );
        let visit = crate::support::build::visit(&app, &person, "RO-next")
            .insert()
            .await;
        let next = crate::support::build::callback(&app, &person, visit, "2026-11-24T12:00:00Z").await;
        let page = take(&mut browser, next).await;
        let pane = page.text("aside");
        for words in ["4 分", "说好一个半小时", "下午打", "CP-261124-01", "处理中"] {
            assert!(pane.contains(words), "{words}: {pane}");
        }
        // The complaint names the reason as the version that was asked words it.
        publish_stricter(&app).await;
        let complaint: i64 = app.count("select id from complaints").await;
        let case = browser.get(&format!("/complaints/{complaint}")).await;
        assert!(case.html().contains("等待时间"));
    });
}

#[test]
fn an_exemption_is_asked_for_from_the_call() {
    with_app(async |app| {
        let (_, id) = due_person(&app, "赵雅楠", 1).await;
        let mut browser = app.sign_in(Role::Specialist).await;
        let page = take(&mut browser, id).await;
        let path = format!("/exemptions/new?id={}", item(&page));
        assert_eq!(page.count(&format!("a[href='{path}']")), 1);
        let ask = browser.get(&path).await;
        assert_eq!(
            ask.attr("form[action='/exemptions'] input[name=id]", "value"),
            Some(item(&page))
        );
    });
}
