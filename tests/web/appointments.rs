//! Appointments: noted, answered in time or not, moved, cancelled.

use std::time::Duration;

use care_desk::auth::permission::Role;

use crate::support::app::{TestApp, with_app};
use crate::support::build;

async fn one(app: &TestApp, sql: &'static str) -> String {
    sqlx::query_scalar(sql).fetch_one(&app.db).await.unwrap()
}

const ROW: &str = "select concat_ws('/', state, wished_on, to_char(wished_at, 'HH24:MI'), purpose, version, answered_at <= answer_due_at, cancel_reason)
     from appointments order by id desc limit 1";

#[test]
fn an_appointment_is_noted_on_the_page_of_a_customer_and_confirmed() {
    with_app(async |app| {
        let person = build::person(&app, "赵雅楠", "13800000001", "浙A00001").await;
        let mut browser = app.sign_in(Role::Receptionist).await;
        let customer = browser.get(&format!("/customers/{}", person.customer)).await;
        let new = format!("/appointments/new?customer={}", person.customer);
        assert_eq!(customer.count(&format!("a[href='{new}']")), 1);
        let page = browser.get(&new).await;
        let key = page.attr("input[name=idem_key]", "value").unwrap();
        let id = person.customer.to_string();
        let base = [
            ("idem_key", key.as_str()),
            ("customer", id.as_str()),
            ("purpose", "保养"),
        ];
        let post = |extra: &[(&'static str, &'static str)]| {
            let all = base.iter().copied().chain(extra.iter().copied());
            all.collect::<Vec<_>>()
        };
        for (fields, field, error) in [
            (&[("on", "")][..], "on", "必填"),
            (&[("on", "2026-11-23")], "on", "不能早于现在"),
            (&[("on", "2026-11-25"), ("at", "23:30")], "at", ""),
        ] {
            let refused = browser.post("/appointments", &post(fields)).await;
            assert_eq!(refused.status, 422, "{fields:?}");
            let said = refused.field_error(field);
            assert!(
                !said.is_empty() && (error.is_empty() || said == error),
                "{fields:?}: {said}"
            );
            assert_eq!(refused.attr("#purpose", "value").as_deref(), Some("保养"));
        }
        let form = post(&[("on", "2026-11-25"), ("at", "10:30")]);
        let noted = browser.post("/appointments", &form).await;
        assert_eq!(
            (noted.status, noted.location()),
            (303, "/appointments?day=2026-11-25")
        );
        assert_eq!(
            browser.post("/appointments", &form).await.status,
            303,
            "sent twice"
        );
        assert_eq!(app.count("select count(*) from appointments").await, 1);
        assert_eq!(one(&app, ROW).await, "requested/2026-11-25/10:30/保养/1");

        let list = browser.follow(&noted).await;
        assert!(list.text("tbody tr").contains("赵雅楠") && list.text("tbody tr").contains("10:30"));
        assert!(
            list.text("tbody .sla").contains("剩 0:30"),
            "{}",
            list.text("tbody tr")
        );
        let path = list.attr("tbody form", "action").unwrap();
        let row = path.trim_end_matches("/confirm").to_owned();
        app.advance(Duration::from_secs(29 * 60));
        assert_eq!(browser.post(&path, &[("version", "9")]).await.status, 409);
        assert_eq!(browser.post(&path, &[("version", "1")]).await.status, 303);
        assert_eq!(one(&app, ROW).await, "confirmed/2026-11-25/10:30/保养/2/t");
        assert_eq!(
            browser.post(&path, &[("version", "2")]).await.status,
            409,
            "confirmed once"
        );
        let audited =
            "select string_agg(action, ' ' order by at) from audit where action like 'appointments.%'";
        assert_eq!(
            one(&app, audited).await,
            "appointments.request appointments.confirm"
        );

        let moved = [
            ("version", "2"),
            ("on", "2026-11-26"),
            ("at", ""),
            ("purpose", "保养"),
        ];
        assert_eq!(
            browser.post(&row, &moved).await.location(),
            "/appointments?day=2026-11-26"
        );
        assert_eq!(one(&app, ROW).await, "confirmed/2026-11-26/保养/3/t");
        let cancel = format!("{row}/cancel");
        assert_eq!(browser.post(&cancel, &[("version", "3")]).await.status, 400);
        let form = [("version", "3"), ("reason", "customer")];
        assert_eq!(browser.post(&cancel, &form).await.status, 303);
        assert_eq!(one(&app, ROW).await, "cancelled/2026-11-26/保养/4/t/customer");
        let cancelled = browser.get("/appointments?tab=cancelled").await;
        assert!(cancelled.text("tbody tr").contains("客户取消"));
        assert_eq!(
            browser
                .get("/appointments?day=2026-11-26")
                .await
                .count("tbody tr"),
            0
        );
    });
}

#[test]
fn the_share_of_answered_wishes_is_a_figure_of_the_page() {
    with_app(async |app| {
        let person = build::person(&app, "赵雅楠", "13800000001", "浙A00001").await;
        // Answered in time, answered late, never, taken back by the customer unanswered, and one that may still wait.
        sqlx::query(
            "insert into appointments (store_id, customer_id, wished_on, created_at, answer_due_at, answered_at, state, confirmed_at, cancelled_at, cancel_reason)
             select $1, $2, date '2026-11-25', $3::timestamptz - x.age, $3::timestamptz - x.age + interval '30 minutes', $3::timestamptz - x.age + x.after, x.state,
                    case when x.state = 'confirmed' then $3::timestamptz end, case when x.state = 'cancelled' then $3::timestamptz end,
                    case when x.state = 'cancelled' then 'customer' end
             from (values (interval '3 hours', interval '10 minutes', 'confirmed'), ('3 hours', '40 minutes', 'confirmed'), ('2 hours', null, 'requested'),
                          ('2 hours', null, 'cancelled'), ('10 minutes', null, 'requested')) x(age, after, state)",
        )
        .bind(app.store)
        .bind(person.customer)
        .bind(app.now())
        .execute(&app.db)
        .await
        .unwrap();
        let mut browser = app.sign_in(Role::Manager).await;
        let page = browser.get("/appointments?tab=open").await;
        let tiles = page.texts(".tile");
        assert!(
            tiles[1].contains('2') && tiles[1].contains("1 个已超时"),
            "{tiles:?}"
        );
        assert!(
            tiles[2].contains("66.7%") && tiles[2].contains("2/3"),
            "{tiles:?}"
        );
        assert!(tiles[3].contains("33.3%"), "{tiles:?}");
        assert_eq!(page.count("tbody tr"), 2);
        assert_eq!(page.count("tbody .sla--bad"), 1);
        let mut group = app.sign_in(Role::Group).await;
        assert_eq!(
            group.get("/appointments?tab=open").await.count("tbody form"),
            0,
            "the group only looks"
        );
        assert_eq!(
            app.sign_in(Role::Admin).await.get("/appointments").await.status,
            403
        );
    });
}
