//! Two people edit one row: both versions side by side, and nothing typed is lost.

use care_desk::auth::permission::Role;

use crate::support::app::{TestApp, with_app};
use crate::support::build;
use crate::support::client::{Answer, Client};

/// Name and value of every field of a form as a browser would post it.
fn fields(page: &Answer, form: &str) -> Vec<(String, String)> {
    let document = scraper::Html::parse_document(page.html());
    let selector = scraper::Selector::parse(&format!("{form} :is(input, select, textarea)")).unwrap();
    let option = scraper::Selector::parse("option[selected]").unwrap();
    let first = scraper::Selector::parse("option").unwrap();
    let mut found = Vec::new();
    for element in document.select(&selector) {
        let Some(name) = element.value().attr("name") else {
            continue;
        };
        let is_choice = matches!(element.value().attr("type"), Some("radio" | "checkbox"));
        if is_choice && element.value().attr("checked").is_none() {
            continue;
        }
        let value = match element.value().name() {
            "textarea" => element.text().collect::<String>(),
            "select" => {
                let chosen = element
                    .select(&option)
                    .next()
                    .or_else(|| element.select(&first).next());
                chosen
                    .and_then(|option| option.value().attr("value"))
                    .unwrap_or_default()
                    .to_owned()
            }
            _ => element.value().attr("value").unwrap_or_default().to_owned(),
        };
        found.push((name.to_owned(), value));
    }
    found
}

/// The form with some fields typed anew.
fn typed(form: &[(String, String)], changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut form = form.to_vec();
    for (name, value) in changes {
        match form.iter_mut().find(|(known, _)| known == name) {
            Some(field) => field.1 = (*value).to_owned(),
            None => form.push(((*name).to_owned(), (*value).to_owned())),
        }
    }
    form
}

async fn post(client: &mut Client, path: &str, form: &[(String, String)]) -> Answer {
    let form: Vec<(&str, &str)> = form
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    client.post(path, &form).await
}

/// What each row of the comparison shows: field, theirs, mine, and which side is ticked.
fn rows(page: &Answer) -> Vec<(String, String, String, String)> {
    let document = scraper::Html::parse_document(page.html());
    let select = |selector: &str| scraper::Selector::parse(selector).unwrap();
    let text = |element: scraper::ElementRef<'_>| {
        element
            .text()
            .collect::<String>()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    document
        .select(&select(".versus tbody tr"))
        .map(|row| {
            let cells: Vec<scraper::ElementRef<'_>> = row.select(&select("td")).collect();
            let is_mine = cells[1].select(&select("input[checked]")).next().is_some();
            let head = row.select(&select("th")).next().unwrap();
            let side = if is_mine { "mine" } else { "theirs" };
            (text(head), text(cells[0]), text(cells[1]), side.to_owned())
        })
        .collect()
}

async fn two_browsers(app: &TestApp) -> (Client, Client) {
    (
        app.sign_in(Role::Clerk).await,
        app.sign_in(Role::Specialist).await,
    )
}

#[test]
fn a_customer_saved_twice_is_chosen_field_by_field() {
    with_app(async |app| {
        let person = build::person(&app, "周敏", "13805710001", "浙A00001").await;
        let (edit, address) = (
            format!("/customers/{}/edit", person.customer),
            format!("/customers/{}", person.customer),
        );
        let (mut first, mut second) = two_browsers(&app).await;
        let form = format!("form[action='{address}']");
        let loaded = fields(&first.get(&edit).await, &form);
        let mine = typed(
            &fields(&second.get(&edit).await, &form),
            &[
                ("note", "要求\r\n周末 \"致电\""),
                ("grade", "A"),
                ("preferred_channel", "sms"),
            ],
        );
        app.advance(std::time::Duration::from_secs(60));
        let theirs = typed(
            &loaded,
            &[("name", "周敏敏"), ("grade", "VIP"), ("preferred_channel", "sms")],
        );
        assert_eq!(post(&mut first, &address, &theirs).await.status, 303);

        let answer = post(&mut second, &address, &mine).await;
        assert_eq!(answer.status, 409);
        assert!(
            answer.text(".page-head__meta").contains("clerk"),
            "{}",
            answer.text(".page-head__meta")
        );
        let expected = [
            ("姓名或单位名称", "周敏敏", "周敏", "theirs"),
            ("客户级别 双方都改过", "VIP", "A", "mine"),
            ("备注", "空", "要求 周末 \"致电\"", "mine"),
        ];
        assert_eq!(
            rows(&answer),
            expected.map(|(a, b, c, d)| (a.into(), b.into(), c.into(), d.into()))
        );
        assert_eq!(
            app.count("select count(*) from customers where grade = 'VIP'")
                .await,
            1,
            "nothing saved yet"
        );

        // Their grade, the rest as it is ticked: an ordinary form, without a script.
        let chosen = typed(&fields(&answer, &form), &[("grade", "VIP")]);
        assert_eq!(post(&mut second, &address, &chosen).await.status, 303);
        let saved: (String, String, String, String) = sqlx::query_as(
            "select name, grade, replace(note, E'\\r', ''), preferred_channel from customers where id = $1",
        )
        .bind(person.customer)
        .fetch_one(&app.db)
        .await
        .unwrap();
        assert_eq!(
            saved,
            (
                "周敏敏".into(),
                "VIP".into(),
                "要求\n周末 \"致电\"".into(),
                "sms".into()
            )
        );
    });
}

#[test]
fn a_third_save_in_between_asks_once_more_and_loses_nothing() {
    with_app(async |app| {
        let person = build::person(&app, "周敏", "13805710001", "浙A00001").await;
        let (edit, address) = (
            format!("/customers/{}/edit", person.customer),
            format!("/customers/{}", person.customer),
        );
        let form = format!("form[action='{address}']");
        let (mut first, mut second) = two_browsers(&app).await;
        let loaded = fields(&first.get(&edit).await, &form);
        let mine = typed(&loaded, &[("note", "我的")]);
        post(&mut first, &address, &typed(&loaded, &[("grade", "A")])).await;
        let answer = post(&mut second, &address, &mine).await;
        let chosen = fields(&answer, &form);
        let again = fields(&first.get(&edit).await, &form);
        assert_eq!(
            post(&mut first, &address, &typed(&again, &[("grade", "B")]))
                .await
                .status,
            303
        );
        let answer = post(&mut second, &address, &chosen).await;
        assert_eq!(answer.status, 409);
        let sides: Vec<(String, String)> = rows(&answer).into_iter().map(|row| (row.0, row.3)).collect();
        assert_eq!(
            sides,
            [
                ("客户级别".to_owned(), "theirs".to_owned()),
                ("备注".to_owned(), "mine".to_owned())
            ]
        );
        assert_eq!(
            post(&mut second, &address, &fields(&answer, &form)).await.status,
            303
        );
        assert_eq!(
            app.count("select count(*) from customers where grade = 'B' and note = '我的'")
                .await,
            1
        );
    });
}

#[test]
fn cars_and_visits_are_compared_alike() {
    with_app(async |app| {
        let person = build::person(&app, "周敏", "13805710001", "浙A00001").await;
        let visit = build::visit(&app, &person, "RO-1").insert().await;
        let (mut first, mut second) = two_browsers(&app).await;
        for (address, theirs, mine, column, table) in [
            (
                format!("/vehicles/{}", person.vehicle),
                ("usage", "company"),
                ("note", "有划痕"),
                "note",
                "vehicles",
            ),
            (
                format!("/visits/{visit}"),
                ("amount", "88.00"),
                ("summary", "换机油"),
                "summary",
                "visits",
            ),
        ] {
            let form = format!("form[action='{address}']");
            let loaded = fields(&first.get(&format!("{address}/edit")).await, &form);
            assert_eq!(
                post(&mut first, &address, &typed(&loaded, &[theirs]))
                    .await
                    .status,
                303,
                "{address}"
            );
            let answer = post(&mut second, &address, &typed(&loaded, &[mine])).await;
            assert_eq!(answer.status, 409, "{address}");
            let sides: Vec<String> = rows(&answer).into_iter().map(|row| row.3).collect();
            assert_eq!(sides.len(), 2, "{:?}", rows(&answer));
            assert_eq!(
                post(&mut second, &address, &fields(&answer, &form)).await.status,
                303,
                "{address}"
            );
            let saved: String =
                sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select {column} from {table}")))
                    .fetch_one(&app.db)
                    .await
                    .unwrap();
            assert_eq!(saved, mine.1);
        }
        assert_eq!(
            app.count("select count(*) from vehicles where usage = 'company'")
                .await,
            1
        );
        assert_eq!(app.count("select amount_fen from visits").await, 8_800);
    });
}

#[test]
fn a_row_that_was_merged_meanwhile_is_no_choice() {
    with_app(async |app| {
        let person = build::person(&app, "周敏", "13805710001", "浙A00001").await;
        let other = build::person(&app, "周敏", "13805710002", "浙A00002").await;
        let address = format!("/customers/{}", person.customer);
        let mut clerk = app.sign_in(Role::Clerk).await;
        let loaded = fields(
            &clerk.get(&format!("{address}/edit")).await,
            &format!("form[action='{address}']"),
        );
        sqlx::query("update customers set merged_into_id = $2 where id = $1")
            .bind(person.customer)
            .bind(other.customer)
            .execute(&app.db)
            .await
            .unwrap();
        let answer = post(&mut clerk, &address, &loaded).await;
        assert_eq!(answer.status, 409);
        assert_eq!(answer.count(".versus"), 0);
    });
}
