//! The walk over all routes: who may open what, no way to rows of another store, no post of another site.
//!
//! A new route with an id fails here until `PARAMETERS` knows a row for it.

use std::collections::BTreeMap;
use std::fmt::Write;

use axum::body::Body;
use axum::http::{Method, Request, header};
use care_desk::auth::permission::Role;
use care_desk::stores::StoreId;
use care_desk::users::UserId;
use care_desk::web;
use care_desk::web::assets::Assets;
use insta::assert_snapshot;
use sqlx::AssertSqlSafe;

use crate::support::app::{TestApp, with_app};
use crate::support::build;
use crate::support::client::{Answer, Client};

/// Rows of one store, one of each kind that an address can name.
struct Rows {
    store: StoreId,
    department: i64,
    user: UserId,
    person: build::Person,
    vehicle_person: i64,
    visit: i64,
    callback: i64,
    complaint: i64,
    attachment: i64,
    risk: i64,
    reminder: i64,
    import: i64,
    view: i64,
    customer_batch: i64,
    vehicle_batch: i64,
    callback_batch: i64,
    complaint_batch: i64,
    call_sheet: i64,
    rule: i64,
    obligation: i64,
    exemption: i64,
    script: i64,
    duplicate: i64,
    merge: i64,
    leave: i64,
    appointment: i64,
}

/// What stands for a parameter of a path.
enum Parameter {
    /// The id of a row that belongs to a store.
    Row(fn(&Rows) -> i64),
    /// Something that is the same in every store.
    Fixed(fn() -> String),
}

use Parameter::{Fixed, Row};

/// THE TABLE: for every path up to and with a parameter, what to put there. New patterns go here, and nowhere else.
const PARAMETERS: &[(&str, Parameter)] = &[
    (
        "/static/{*path}",
        Fixed(|| Assets::get().url("favicon.svg").replace("/static/", "")),
    ),
    ("/stores/{id}", Row(|rows| rows.store.get())),
    (
        "/stores/{id}/departments/{department_id}",
        Row(|rows| rows.department),
    ),
    ("/users/{id}", Row(|rows| rows.user.get())),
    ("/customers/{id}", Row(|rows| rows.person.customer.get())),
    (
        "/customers/{id}/phones/{phone_id}",
        Row(|rows| rows.person.phone.get()),
    ),
    ("/vehicles/{id}", Row(|rows| rows.person.vehicle.get())),
    (
        "/vehicles/{id}/people/{person_id}",
        Row(|rows| rows.vehicle_person),
    ),
    ("/visits/{id}", Row(|rows| rows.visit)),
    ("/appointments/{id}", Row(|rows| rows.appointment)),
    ("/callbacks/{id}", Row(|rows| rows.callback)),
    ("/complaints/{id}", Row(|rows| rows.complaint)),
    (
        "/complaints/{id}/attachments/{attachment_id}",
        Row(|rows| rows.attachment),
    ),
    ("/complaints/risks/{id}", Row(|rows| rows.risk)),
    ("/reminders/{id}", Row(|rows| rows.reminder)),
    ("/reviews/{id}", Row(|rows| rows.person.customer.get())),
    ("/imports/{id}", Row(|rows| rows.import)),
    ("/duplicates/{id}", Row(|rows| rows.duplicate)),
    ("/duplicates/merges/{id}", Row(|rows| rows.merge)),
    ("/views/{id}", Row(|rows| rows.view)),
    ("/customers/bulk/{id}", Row(|rows| rows.customer_batch)),
    ("/vehicles/bulk/{id}", Row(|rows| rows.vehicle_batch)),
    ("/callbacks/bulk/{id}", Row(|rows| rows.callback_batch)),
    ("/complaints/bulk/{id}", Row(|rows| rows.complaint_batch)),
    ("/call_sheets/{id}", Row(|rows| rows.call_sheet)),
    ("/obligations/{id}", Row(|rows| rows.obligation)),
    ("/exemptions/{id}", Row(|rows| rows.exemption)),
    ("/rules/{id}", Row(|rows| rows.rule)),
    ("/scripts/{id}", Row(|rows| rows.script)),
    ("/shifts/leave/{id}", Row(|rows| rows.leave)),
    ("/imports/templates/{kind}", Fixed(|| "roster".to_owned())),
    (
        "/q/{token}",
        Fixed(|| "00000000000000000000000000000000".to_owned()),
    ),
    ("/jobs/{name}", Fixed(|| "generate-obligations".to_owned())),
];

/// Posts whose form is looked at before the row is: what to send so that only the row can be wrong.
const FORMS: &[(&str, &[(&str, &str)])] = &[
    ("/imports/{id}/sheet", &[("version", "1")]),
    (
        "/customers/{id}/consents",
        &[("purpose", "survey"), ("decision", "no")],
    ),
    (
        "/appointments/{id}/cancel",
        &[("reason", "customer"), ("version", "1")],
    ),
    ("/imports/{id}/columns", &[("version", "1")]),
    (
        "/complaints/risks/{id}/settle",
        &[("version", "1"), ("outcome", "handled"), ("note", "已致电")],
    ),
    ("/imports/{id}/decisions", &[("version", "1")]),
    ("/imports/{id}/confirm", &[("version", "1")]),
    ("/imports/{id}/discard", &[("version", "1")]),
    ("/imports/{id}/undo", &[("version", "1")]),
    ("/users/{id}/state", &[("state", "inactive"), ("version", "1")]),
    (
        "/stores/{id}/calendar/remove",
        &[("from", "2027-02-05"), ("to", "2027-02-05")],
    ),
];

/// Whoever walks: nobody, every role in the first store, and an admin of the whole group.
const WALKERS: [&str; 9] = [
    "nobody",
    "specialist",
    "receptionist",
    "clerk",
    "handler",
    "manager",
    "admin",
    "group",
    "chief",
];

/// An id that no row of any table has.
const MISSING: i64 = 987_654_321;

impl Rows {
    async fn of(app: &TestApp, store: StoreId, prefix: &str) -> Rows {
        let number = if store == app.store { 1 } else { 2 };
        let person = build::person_in(
            app,
            store,
            "周敏",
            &format!("1380571000{number}"),
            &format!("浙A0000{number}"),
        )
        .await;
        let visit = build::visit(app, &person, "RO-1").store(store).insert().await;
        let callback = build::callback_in(app, store, &person, visit, "2026-11-24T08:00:00Z").await;
        let reminder = build::reminder_in(app, store, &person, "2026-11-24", "2026-11-24T08:00:00Z").await;
        Rows {
            store,
            department: min(app, store, "select min(id) from departments where store_id = $1").await,
            user: app.add_user(&format!("{prefix}-colleague"), Role::Clerk, Some(store)).await,
            complaint: insert(
                app,
                store,
                "insert into complaints (store_id, number, customer_id, channel, class_major, severity, accepted_at, created_at, updated_at)
                 select $1, 'K-1', min(id), 'hotline', 'attitude', 'B', $2, $2, $2 from customers where store_id = $1 returning id",
            )
            .await,
            attachment: insert(
                app,
                store,
                "insert into complaint_attachments (store_id, complaint_id, name, media_type, bytes, sha256, content, uploaded_by, uploaded_at)
                 select $1, max(c.id), 'a.pdf', 'application/pdf', 1, sha256('x'), 'x', min(u.id), $2 from complaints c, users u
                 where c.store_id = $1 returning id",
            )
            .await,
            risk: insert(
                app,
                store,
                "insert into risks (store_id, kind, cycle_key, rank, customer_id, since, found_at)
                 select $1, 'rework', 'access', 3, min(id), $2, $2 from customers where store_id = $1 returning id",
            )
            .await,
            import: insert(
                app,
                store,
                "insert into imports (store_id, kind, file_name, sha256, state, created_at)
                 values ($1, 'roster', '名册.csv', '', 'discarded', $2) returning id",
            )
            .await,
            duplicate: {
                build::person_in(app, store, "周敏", "13805710009", "浙A00009").await;
                insert(
                    app,
                    store,
                    "insert into duplicates (store_id, kind, left_id, right_id, reason, strength, found_at)
                     select $1, 'customer', min(id), max(id), 'phone', 3, $2 from customers where store_id = $1 returning id",
                )
                .await
            },
            merge: insert(
                app,
                store,
                "insert into merges (store_id, kind, survivor_id, loser_id, before, merged_at)
                 values ($1, 'customer', 1, 2, '{}', $2) returning id",
            )
            .await,
            appointment: insert(
                app,
                store,
                "insert into appointments (store_id, customer_id, wished_on, created_at, answer_due_at)
                 select $1, min(id), '2026-11-25', $2, $2 from customers where store_id = $1 returning id",
            )
            .await,
            leave: insert(
                app,
                store,
                "insert into leaves (store_id, user_id, from_on, until_on, created_at)
                 select $1, min(user_id), '2026-12-01', '2026-12-02', $2 from user_stores where store_id = $1 returning id",
            )
            .await,
            view: insert(
                app,
                store,
                "insert into views (store_id, list, name, owner_id, is_shared, created_at)
                 select $1, 'customers', '单位', min(id), true, $2 from users returning id",
            )
            .await,
            customer_batch: insert(
                app,
                store,
                "insert into batches (store_id, list, action, value, user_id, created_at)
                 select $1, 'customers', 'grade', 'A', min(id), $2 from users returning id",
            )
            .await,
            vehicle_batch: insert(
                app,
                store,
                "insert into batches (store_id, list, action, value, user_id, created_at)
                 select $1, 'vehicles', 'state', 'sold', min(id), $2 from users returning id",
            )
            .await,
            call_sheet: insert(
                app,
                store,
                "insert into call_sheets (store_id, number, on_day, user_id, made_by, made_at)
                 select $1, 'CS-261124-01', date '2026-11-24', min(user_id), min(user_id), $2 from user_stores where store_id = $1
                 returning id",
            )
            .await,
            callback_batch: insert(
                app,
                store,
                "insert into batches (store_id, list, action, value, user_id, created_at)
                 select $1, 'callbacks', 'take_back', '', min(id), $2 from users returning id",
            )
            .await,
            complaint_batch: insert(
                app,
                store,
                "insert into batches (store_id, list, action, value, user_id, created_at)
                 select $1, 'complaints', 'owner', '1', min(id), $2 from users returning id",
            )
            .await,
            script: min(app, store, "select min(id) from scripts where store_id = $1").await,
            obligation: min(app, store, "select min(id) from obligations where store_id = $1").await,
            exemption: insert(
                app,
                store,
                "insert into exemptions (store_id, obligation_id, reason, requested_by, requested_at)
                 select $1, min(o.id), 'duplicate', min(u.id), $2 from obligations o, users u where o.store_id = $1 returning id",
            )
            .await,
            rule: min(app, store, "select min(id) from rules where store_id = $1").await,
            vehicle_person: min(app, store, "select min(id) from vehicle_people where store_id = $1").await,
            visit: visit.get(),
            callback: callback.get(),
            reminder: reminder.get(),
            person,
        }
    }
}

async fn min(app: &TestApp, store: StoreId, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql)
        .bind(store)
        .fetch_one(&app.db)
        .await
        .unwrap()
}

async fn insert(app: &TestApp, store: StoreId, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql)
        .bind(store)
        .bind(app.now())
        .fetch_one(&app.db)
        .await
        .unwrap()
}

/// A browser of this walker.
async fn browser(app: &TestApp, walker: &str) -> Client {
    match walker {
        "nobody" => app.client(),
        name => app.sign_in_as(name).await,
    }
}

/// Pages first, so that no write changes what they show; then the writes.
fn routes() -> Vec<(Method, &'static str)> {
    let mut routes = web::routes().list().to_vec();
    routes.sort_by_key(|(method, path)| (*method != Method::GET, *path));
    routes
}

/// A pattern cut before and behind its parameters: `/users/{id}/state` is `/users/{id}` and `/state`.
fn pieces(pattern: &'static str) -> Vec<&'static str> {
    pattern.split_inclusive('}').collect()
}

/// The path with its parameters filled in; `row` says which number stands for the n-th one.
fn fill(pattern: &'static str, row: impl Fn(usize, fn(&Rows) -> i64) -> i64) -> String {
    let mut path = String::new();
    let mut upto = 0;
    for (n, piece) in pieces(pattern).into_iter().enumerate() {
        upto += piece.len();
        let Some((before, _)) = piece.split_once('{') else {
            path.push_str(piece);
            continue;
        };
        let known = PARAMETERS.iter().find(|(known, _)| *known == &pattern[..upto]);
        let Some((_, parameter)) = known else {
            panic!(
                "tests/web/access.rs does not know what to put into {}: add a line to PARAMETERS",
                &pattern[..upto]
            );
        };
        path.push_str(before);
        match parameter {
            Row(of) => write!(path, "{}", row(n, *of)).unwrap(),
            Fixed(of) => path.push_str(&of()),
        }
    }
    path
}

/// The positions of ids of store-owned rows in a pattern.
fn row_positions(pattern: &'static str) -> Vec<usize> {
    let mut upto = 0;
    let mut found = Vec::new();
    for (n, piece) in pieces(pattern).into_iter().enumerate() {
        upto += piece.len();
        let parameter = PARAMETERS.iter().find(|(known, _)| *known == &pattern[..upto]);
        if matches!(parameter, Some((_, Row(_)))) {
            found.push(n);
        }
    }
    found
}

fn form(pattern: &str) -> &'static [(&'static str, &'static str)] {
    let form = FORMS.iter().find(|(known, _)| *known == pattern);
    form.map_or(&[], |(_, fields)| fields)
}

async fn ask(browser: &mut Client, method: &Method, path: &str, fields: &[(&str, &str)]) -> Answer {
    if *method == Method::GET {
        browser.get(path).await
    } else {
        browser.post(path, fields).await
    }
}

#[test]
fn every_route_answers_every_role_as_the_table_says() {
    with_app(async |app| {
        app.add_user("chief", Role::Admin, None).await;
        let own = Rows::of(&app, app.store, "own").await;
        let mut statuses: BTreeMap<usize, Vec<u16>> = BTreeMap::new();
        let routes = routes();
        for walker in WALKERS {
            let mut client = browser(&app, walker).await;
            for (n, (method, pattern)) in routes.iter().enumerate() {
                let path = fill(pattern, |_, of| of(&own));
                let answer = match *pattern {
                    // Signing out would end the walk.
                    "/logout" => {
                        let mut leaving = browser(&app, walker).await;
                        ask(&mut leaving, method, &path, &[]).await
                    }
                    _ => ask(&mut client, method, &path, &[]).await,
                };
                assert!(
                    answer.status < 500,
                    "{method} {path} as {walker}: {} {}",
                    answer.status,
                    answer.text("body")
                );
                statuses.entry(n).or_default().push(answer.status);
            }
        }
        let mut table = format!(
            "{:56}{}\n",
            "",
            WALKERS.map(|walker| format!("{walker:>13}")).concat()
        );
        for (n, (method, pattern)) in routes.iter().enumerate() {
            let row: String = statuses[&n]
                .iter()
                .map(|status| format!("{status:>13}"))
                .collect();
            writeln!(table, "{:56}{row}", format!("{method} {pattern}")).unwrap();
        }
        assert_snapshot!("status_table", table);
    });
}

#[test]
fn rows_of_another_store_are_not_there() {
    with_app(async |app| {
        app.add_user("chief", Role::Admin, None).await;
        let own = Rows::of(&app, app.store, "own").await;
        let foreign = Rows::of(&app, app.other_store, "foreign").await;
        let mut browsers = Vec::new();
        for walker in &WALKERS[1..] {
            browsers.push((*walker, browser(&app, walker).await));
        }
        let before = fingerprint(&app).await;
        for (method, pattern) in routes() {
            for position in row_positions(pattern) {
                let mut seen_404 = false;
                for (walker, client) in &mut browsers {
                    // A group-wide admin manages the stores themselves, wherever they work now.
                    if *walker == "chief" && pattern.starts_with("/stores/") {
                        continue;
                    }
                    let path = fill(pattern, |n, of| of(if n == position { &foreign } else { &own }));
                    let nowhere = fill(pattern, |n, of| if n == position { MISSING } else { of(&own) });
                    let at_foreign = ask(client, &method, &path, form(pattern)).await;
                    let at_missing = ask(client, &method, &nowhere, form(pattern)).await;
                    assert!(
                        matches!(at_foreign.status, 403 | 404),
                        "{method} {path} as {walker}: {}",
                        at_foreign.status
                    );
                    assert_eq!(
                        at_foreign.status, at_missing.status,
                        "{method} {path} as {walker}"
                    );
                    assert_eq!(
                        anonymous(&at_foreign, &path),
                        anonymous(&at_missing, &nowhere),
                        "{method} {path} as {walker} tells that the row exists"
                    );
                    seen_404 |= at_foreign.status == 404;
                }
                assert!(
                    seen_404,
                    "{method} {pattern}: nobody may get as far as the row; give a valid form in FORMS"
                );
            }
        }
        assert_eq!(fingerprint(&app).await, before, "something was changed");
    });
}

/// A page without what may differ between two requests: the path asked for and the reference.
fn anonymous(answer: &Answer, path: &str) -> String {
    let html = answer.html().replace(path, "");
    let reference = answer.headers.get("x-request-id").and_then(|id| id.to_str().ok());
    match reference.and_then(|id| id.split('-').next()) {
        Some(reference) => html.replace(reference, ""),
        None => html,
    }
}

/// A hash of every table but the sessions, whose times and messages go on.
async fn fingerprint(app: &TestApp) -> BTreeMap<String, Option<String>> {
    let tables: Vec<String> = sqlx::query_scalar(
        "select table_name::text from information_schema.tables
         where table_schema = 'public' and table_type = 'BASE TABLE' and table_name <> 'sessions'",
    )
    .fetch_all(&app.db)
    .await
    .unwrap();
    let mut hashes = BTreeMap::new();
    for table in tables {
        let sql = format!("select md5(string_agg(t::text, '' order by t::text)) from {table} t");
        let hash = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_one(&app.db)
            .await
            .unwrap();
        hashes.insert(table, hash);
    }
    hashes
}

#[test]
fn no_write_is_accepted_from_another_site() {
    const OTHER_SITES: [&[(&str, &str)]; 6] = [
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[
            ("sec-fetch-site", "cross-site"),
            ("origin", "http://127.0.0.1:8080"),
        ],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[],
    ];
    with_app(async |app| {
        app.add_user("chief", Role::Admin, None).await;
        let own = Rows::of(&app, app.store, "own").await;
        let mut chief = browser(&app, "chief").await;
        let before = fingerprint(&app).await;
        for (method, pattern) in routes() {
            // Pages of customers know no session that another site could use; their token is all that counts.
            if method == Method::GET || pattern.starts_with("/q/") {
                continue;
            }
            let path = fill(pattern, |_, of| of(&own));
            for headers in OTHER_SITES {
                let mut request = Request::builder()
                    .method(method.clone())
                    .uri(&path)
                    .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
                for (name, value) in headers {
                    request = request.header(*name, *value);
                }
                let refused = chief.send(request.body(Body::empty()).unwrap()).await;
                assert_eq!(refused.status, 403, "{method} {path} with {headers:?}");
            }
        }
        assert_eq!(fingerprint(&app).await, before, "something was changed");
        assert_eq!(chief.get("/users").await.status, 200, "still signed in");
    });
}
