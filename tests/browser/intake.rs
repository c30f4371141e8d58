//! A complaint taken in by keyboard, from any page to the case.

use care_desk::auth::permission::Role;
use care_desk::customers::facts;
use fantoccini::key::Key;

use crate::harness::browser::control;
use crate::harness::with_desk;
use crate::support::build;

#[test]
fn a_complaint_is_taken_in_without_a_mouse() {
    with_desk(async |app, desk| {
        let person = build::person(app, "赵雅楠", "13905717715", "浙A7K2M9").await;
        build::person(app, "赵国强", "15100002203", "浙B00001").await;
        build::visit(app, &person, "RO-26112001").insert().await;
        facts::refresh(&app.db, app.scope(), None).await.unwrap();
        let browser = desk.browser().await;
        browser.sign_in(Role::Specialist).await;
        browser.visit("/callbacks").await;
        browser.press_to_leave(&['c']).await;
        assert_eq!(browser.path().await, "/complaints/new");
        // Whoever calls is found as they are typed, and chosen by Enter.
        assert_eq!(browser.focus().await, "who");
        browser.type_text("赵雅").await;
        browser.wait_for_text(".candidates", "赵雅楠").await;
        browser.press(&[Key::Enter.into()]).await;
        browser.wait_for_text(".caller", "赵雅楠").await;
        browser.wait_for_text("[data-part=people]", "RO-26112001").await;
        assert_eq!(browser.focus().await, "words");
        browser.type_text("右后门补漆色差明显，要求返工。").await;
        // The class, its second level, and what is wanted: Tab goes to a row of choices, arrows choose.
        browser.press(&[Key::Tab.into()]).await;
        browser.press(&[Key::Right.into()]).await;
        browser
            .wait_for("label:has(input[name=class][value=repair]:checked)")
            .await;
        browser.wait_for_text("[data-part=minor]", "返修").await;
        browser
            .wait_for_text("[data-part=department]", "售后服务部")
            .await;
        browser.press(&[Key::Tab.into()]).await;
        browser.press(&[Key::Right.into()]).await;
        browser.press(&[Key::Tab.into()]).await;
        browser.press(&[Key::Right.into()]).await;
        browser
            .wait_for_text("[data-part=severity]", "按情形：C 一般")
            .await;
        browser.press_to_leave(&control(Key::Enter)).await;
        browser.wait_for_text(".flash", "已受理 CP-261124-01").await;
        browser.wait_for_text("blockquote", "右后门补漆色差明显").await;
        assert_eq!(
            app.count(
                "select count(*) from complaints
                 where channel = 'call' and class_major = 'repair' and class_minor = 'rework' and demand_kind = 'repair' and severity = 'C'
                   and customer_id is not null and vehicle_id is not null and department_id is not null"
            )
            .await,
            1
        );

        // The same matter once more, from the customer's page: the open case is there to be seen.
        browser.visit(&format!("/customers/{}", person.customer)).await;
        browser.press_to_leave(&['c']).await;
        browser.wait_for_text("[data-part=cases]", "CP-261124-01").await;
        assert_eq!(browser.focus().await, "words");
        assert_eq!(browser.console_errors().await, Vec::<String>::new());
    });
}
