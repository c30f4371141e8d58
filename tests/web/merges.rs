//! Merging two files, taking it back, and that no relation can be forgotten.

use std::collections::{BTreeMap, BTreeSet};

use care_desk::auth::permission::Role;
use care_desk::duplicates::MergeId;
use care_desk::duplicates::RecordKind;
use care_desk::duplicates::merge::service::{self, By, Order};
use care_desk::duplicates::merge::{Refusal, fields, relations, undo};
use care_desk::{customers, vehicles};
use sqlx::AssertSqlSafe;

use crate::support::app::{TestApp, with_app};
use crate::support::build;
use crate::support::cluster::with_db;

const HOW: &str = "add a line to THE TABLE in src/duplicates/merge/relations.rs: \
    Move, if the rows simply become the survivor's; MoveUnlessThere, if both may have the same row; Stays, with the reason";

#[test]
fn every_relation_to_customers_and_vehicles_says_how_a_merge_moves_it() {
    with_db(async |db| {
        for (kind, column) in [
            (RecordKind::Customer, "customer_id"),
            (RecordKind::Vehicle, "vehicle_id"),
        ] {
            let keys: Vec<String> = sqlx::query_scalar(
                "select conname::text from pg_constraint where contype = 'f' and confrelid = $1::regclass",
            )
            .bind(kind.table())
            .fetch_all(&db)
            .await
            .unwrap();
            assert!(keys.len() >= 7, "{keys:?}");
            let bare: Vec<String> = sqlx::query_scalar(
                "select c.relname || '.' || a.attname
                 from pg_class c
                 join pg_attribute a on a.attrelid = c.oid and a.attname = $1 and a.attnum > 0 and not a.attisdropped
                 where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
                   and not exists (select from pg_constraint k
                                   where k.conrelid = c.oid and k.contype = 'f' and a.attnum = any(k.conkey)
                                     and k.confrelid in ('customers'::regclass, 'vehicles'::regclass))",
            )
            .bind(column)
            .fetch_all(&db)
            .await
            .unwrap();
            let registered: BTreeSet<String> = relations::of(kind)
                .iter()
                .map(|relation| relation.name.to_owned())
                .collect();
            let there: BTreeSet<String> = keys.into_iter().chain(bare).collect();
            let forgotten: Vec<&String> = there.difference(&registered).collect();
            assert!(
                forgotten.is_empty(),
                "a merge of {kind}s forgets {forgotten:?}: {HOW}"
            );
            let gone: Vec<&String> = registered.difference(&there).collect();
            assert!(
                gone.is_empty(),
                "{gone:?} of THE TABLE is not in the database: take the line away"
            );
            let moving = relations::of(kind).iter().filter(|relation| {
                !matches!(relation.how, relations::How::Derived | relations::How::Stays(_))
            });
            for relation in moving {
                let sql = format!(
                    "select {}, {} from {} limit 0",
                    relation.key, relation.column, relation.table
                );
                sqlx::query(AssertSqlSafe(sql)).execute(&db).await.unwrap();
            }
        }
    });
}

#[test]
fn every_column_of_a_file_is_chosen_or_not_on_purpose() {
    with_db(async |db| {
        for kind in RecordKind::ALL {
            let columns: Vec<String> = sqlx::query_scalar(
                "select column_name::text from information_schema.columns where table_schema = 'public' and table_name = $1",
            )
            .bind(kind.table())
            .fetch_all(&db)
            .await
            .unwrap();
            let chosen = fields::of(*kind)
                .iter()
                .flat_map(|field| [field.column].into_iter().chain(field.with.iter().copied()));
            let known: BTreeSet<&str> = chosen.chain(fields::NOT_CHOSEN.iter().copied()).collect();
            for column in &columns {
                assert!(
                    known.contains(column.as_str()),
                    "{}.{column}: add it to src/duplicates/merge/fields.rs, as a field that people choose (with its name in \
                     i18n/duplicates.rs) or to NOT_CHOSEN",
                    kind.table()
                );
            }
            let t = care_desk::i18n::Texts(care_desk::i18n::Lang::Zh).duplicates();
            for field in fields::of(*kind) {
                assert!(!t.field(field.column).is_empty(), "{} has no name", field.column);
            }
        }
    });
}

#[test]
fn obligations_about_the_file_itself_are_known() {
    with_db(async |db| {
        let check: String = sqlx::query_scalar(
            "select pg_get_constraintdef(oid) from pg_constraint where conname = 'obligations_kind_check'",
        )
        .fetch_one(&db)
        .await
        .unwrap();
        let kinds: Vec<&str> = check.split('\'').skip(1).step_by(2).collect();
        assert!(kinds.len() > 10, "{check}");
        for kind in kinds {
            // One statement: a temporary table belongs to one connection of the pool.
            let sql = format!(
                "select case when '{kind}' = any($1) then 'customer' when '{kind}' = any($2) then 'vehicle' else '' end"
            );
            let known: String = sqlx::query_scalar(AssertSqlSafe(sql))
                .bind(relations::own_obligations(RecordKind::Customer))
                .bind(relations::own_obligations(RecordKind::Vehicle))
                .fetch_one(&db)
                .await
                .unwrap();
            let mut connection = db.acquire().await.unwrap();
            sqlx::query("create temp table if not exists probe (like obligations including generated including defaults)")
                .execute(&mut *connection)
                .await
                .unwrap();
            let subject: i64 = sqlx::query_scalar(
                "insert into probe (store_id, id, kind, cycle_key, customer_id, vehicle_id, visit_id, policy_id, complaint_id, cohort_on,
                                    not_before, strict_due_at, due_at, callable_due_at, rule_version, channel, created_at)
                 values (1, 1, $1, '1', 11, 12, 13, 14, 15, '2026-01-01', '2026-01-01', '2026-01-01', '2026-01-01', '2026-01-01', 1, 'none', '2026-01-01')
                 returning subject_id",
            )
            .bind(kind)
            .fetch_one(&mut *connection)
            .await
            .unwrap();
            let about = match subject {
                11 => "customer",
                12 => "vehicle",
                _ => "",
            };
            assert_eq!(
                known, about,
                "{kind}: see own_obligations in src/duplicates/merge/relations.rs"
            );
        }
    });
}

async fn by(app: &TestApp) -> By {
    By {
        scope: app.scope(),
        user: app.user("admin").await,
        now: app.now(),
        today: app.now().with_timezone(&chrono_tz::Asia::Shanghai).date_naive(),
    }
}

async fn version(app: &TestApp, table: &str, id: i64) -> i64 {
    let sql = format!("select version::bigint from {table} where id = {id}");
    sqlx::query_scalar(AssertSqlSafe(sql))
        .fetch_one(&app.db)
        .await
        .unwrap()
}

async fn merge(
    app: &TestApp,
    kind: RecordKind,
    survivor: i64,
    loser: i64,
    fields: &[&'static str],
) -> Result<MergeId, Refusal> {
    let order = Order {
        kind,
        survivor,
        loser,
        versions: [
            version(app, kind.table(), survivor).await,
            version(app, kind.table(), loser).await,
        ],
        fields: fields.to_vec(),
        main_phone: None,
    };
    let by = by(app).await;
    let mut tx = app.db.begin().await.unwrap();
    let done = service::merge(&mut tx, by, &order).await.unwrap();
    if done.is_ok() {
        tx.commit().await.unwrap();
    }
    done
}

async fn take_back(app: &TestApp, id: MergeId) -> Result<undo::Undone, Refusal> {
    let by = by(app).await;
    let mut tx = app.db.begin().await.unwrap();
    let done = undo::undo(&mut tx, by, id).await.unwrap();
    if done.is_ok() {
        tx.commit().await.unwrap();
    }
    done.map(|(_, _, undone)| undone)
}

/// Every row of the archive and the desk, without what counts edits: an undo goes on counting, so that no form that was
/// open in between can overwrite it.
async fn dump(app: &TestApp) -> BTreeMap<String, Vec<String>> {
    const APART: [&str; 7] = [
        "audit",
        "audit_heads",
        "sessions",
        "merges",
        "duplicates",
        "duplicate_keys",
        "duplicate_searches",
    ];
    let tables: Vec<String> = sqlx::query_scalar(
        "select table_name::text from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'",
    )
    .fetch_all(&app.db)
    .await
    .unwrap();
    let mut dump = BTreeMap::new();
    for table in tables
        .into_iter()
        .filter(|table| !APART.contains(&table.as_str()))
    {
        let sql = format!(
            "select (to_jsonb(t) - array['version','updated_at','computed_at'])::text from {table} t order by 1"
        );
        let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_all(&app.db)
            .await
            .unwrap();
        dump.insert(table, rows);
    }
    dump
}

fn assert_same(before: &BTreeMap<String, Vec<String>>, after: &BTreeMap<String, Vec<String>>, what: &str) {
    for (table, rows) in before {
        assert_eq!(rows, &after[table], "{what}: {table} differs");
    }
}

async fn run(app: &TestApp, sql: String) {
    sqlx::query(AssertSqlSafe(sql)).execute(&app.db).await.unwrap();
}

async fn number(app: &TestApp, sql: String) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(sql))
        .fetch_one(&app.db)
        .await
        .unwrap()
}

async fn refresh_facts(app: &TestApp) {
    customers::facts::refresh(&app.db, app.scope(), None)
        .await
        .unwrap();
    vehicles::facts::refresh(&app.db, app.scope(), None, app.now())
        .await
        .unwrap();
}

/// Two files of one person, each with everything a person can have; `seed` decides what both have in common.
async fn two_files(app: &TestApp, seed: u32) -> (build::Person, build::Person) {
    let has = |bit: u32| seed & (1 << bit) != 0;
    let a = build::person(app, "周敏", "13805710001", "浙A00001").await;
    let b = build::person(
        app,
        if has(0) { "周敏" } else { "周敏敏" },
        "13805710002",
        "浙A00002",
    )
    .await;
    let (store, ca, cb) = (app.store.get(), a.customer.get(), b.customer.get());
    if has(1) {
        // A number that both have, known to be unwanted in the second file.
        for (customer, state) in [(ca, "ok"), (cb, "do_not_call")] {
            run(app, format!("insert into phones (store_id, customer_id, number, state) values ({store}, {customer}, '13805710009', '{state}')")).await;
        }
    }
    if has(2) {
        // Both drive the first car.
        for customer in [ca, cb] {
            run(app, format!("insert into vehicle_people (store_id, vehicle_id, customer_id, role) values ({store}, {}, {customer}, 'driver')", a.vehicle)).await;
        }
    }
    let va = build::visit(app, &a, "RO-A")
        .handed_over("2026-11-20T02:00:00Z")
        .advisor(app.user("receptionist").await)
        .insert()
        .await;
    let vb = build::visit(app, &b, "RO-B")
        .handed_over("2026-11-21T02:00:00Z")
        .advisor(app.user("clerk").await)
        .insert()
        .await;
    if has(3) {
        build::callback(app, &a, va, "2026-11-24T08:00:00Z").await;
    }
    if has(4) {
        let callback = build::callback(app, &b, vb, "2026-11-24T06:00:00Z").await;
        run(app, format!("insert into attempts (store_id, callback_id, customer_id, user_id, at, on_day, daypart, result, idem_key)
                          select {store}, {callback}, {cb}, id, '2026-11-24T01:30:00Z', '2026-11-24', 1, 'no_answer', gen_random_uuid() from users where username = 'specialist'")).await;
    }
    for (person, day) in [
        (&a, "2026-11-25"),
        (&b, if has(5) { "2026-11-25" } else { "2026-11-26" }),
    ] {
        let reminder = build::reminder(app, person, day, "2026-11-25T08:00:00Z").await;
        build::obligation(app, person, "periodic_maintenance", "r")
            .reminder(reminder)
            .due("2026-11-25T08:00:00Z")
            .insert()
            .await;
        run(
            app,
            format!("update reminders set kinds = array['periodic_maintenance'] where id = {reminder}"),
        )
        .await;
    }
    build::obligation(app, &b, "data_task", if has(6) { "7" } else { "8" })
        .insert()
        .await;
    build::obligation(app, &a, "data_task", "7").insert().await;
    run(app, format!("insert into complaints (store_id, number, customer_id, channel, class_major, severity, accepted_at, created_at, updated_at)
                      select {store}, 'K-1', {cb}, 'hotline', 'attitude', 'B', now, now, now from (select timestamptz '2026-11-23T02:00:00Z' as now) x")).await;
    run(app, format!("insert into policies (store_id, vehicle_id, insured_id, kind, ends_on, created_at) values ({store}, {}, {cb}, 'commercial', '2027-03-01', '2026-11-01')", b.vehicle)).await;
    run(app, format!("insert into reveals (store_id, user_id, at, customer_id, field) select {store}, id, '2026-11-24T01:00:00Z', {cb}, 'phone' from users where username = 'specialist'")).await;
    // Bundles as the desk derives them, and a signpost of an earlier merge.
    run(
        app,
        "update callbacks set kinds = array['post_service'], open_count = 1".to_owned(),
    )
    .await;
    run(app, format!("insert into customers (store_id, name, merged_into_id, created_at, updated_at) values ({store}, '周民', {cb}, '2026-01-01', '2026-01-01')")).await;
    refresh_facts(app).await;
    (a, b)
}

#[test]
fn a_merge_taken_back_leaves_everything_as_it_was() {
    // Which things the two files have in common: each alone, none, all, and some mixtures.
    for seed in [0, 1, 2, 4, 8, 16, 24, 32, 64, 127, 0b1011010, 0b0101101] {
        with_app(async move |app| {
            let (a, b) = two_files(&app, seed).await;
            let before = dump(&app).await;
            for (survivor, loser) in [(&a, &b), (&b, &a)] {
                let id = merge(
                    &app,
                    RecordKind::Customer,
                    survivor.customer.get(),
                    loser.customer.get(),
                    &["name", "note"],
                )
                .await
                .unwrap_or_else(|refusal| panic!("{seed}: {refusal}"));
                let merged = dump(&app).await;
                assert_ne!(before["visits"], merged["visits"], "{seed}: nothing moved");
                for relation in relations::CUSTOMER {
                    let sql = format!(
                        "select count(*) from {} where {} = {}",
                        relation.table, relation.column, loser.customer
                    );
                    let left = number(&app, sql).await;
                    let may_stay = match relation.table {
                        "customer_facts" => true,
                        // A twin, and a reminder of a day that has one: both ended.
                        "obligations" => seed & 64 != 0,
                        "reminders" => seed & 32 != 0,
                        _ => false,
                    };
                    assert!(
                        left == 0 || may_stay,
                        "{seed}: {left} of {} stayed",
                        relation.name
                    );
                }
                assert_eq!(app.count("select count(*) from obligations o join customers c on c.id = o.customer_id where o.status = 'open' and c.merged_into_id is not null").await, 0, "{seed}");
                let undone = take_back(&app, id).await.unwrap();
                assert_eq!((undone.left, undone.kept.len()), (0, 0), "{seed}: {undone:?}");
                assert_same(&before, &dump(&app).await, &format!("seed {seed}"));
            }
        });
    }
}

#[test]
fn two_open_callbacks_become_one_that_nobody_makes_who_served_either_visit() {
    with_app(async |app| {
        let (a, b) = two_files(&app, 0b11000).await;
        merge(
            &app,
            RecordKind::Customer,
            a.customer.get(),
            b.customer.get(),
            &[],
        )
        .await
        .unwrap();
        let open: (i64, i32, String, Vec<i64>) = sqlx::query_as(
            "select count(*) over (), open_count, to_char(callable_due_at at time zone 'utc', 'DD HH24:MI'), excluded_ids
             from callbacks where status = 'open'",
        )
        .fetch_one(&app.db)
        .await
        .unwrap();
        let mut served = vec![
            app.user("receptionist").await.get(),
            app.user("clerk").await.get(),
        ];
        served.sort_unstable();
        assert_eq!(open, (1, 2, "24 06:00".to_owned(), served));
        // What was owed is owed: nothing was added up, nothing lost.
        assert_eq!(
            app.count("select count(*) from obligations where status = 'open' and kind = 'post_service'")
                .await,
            2
        );
    });
}

#[test]
fn what_both_have_is_kept_once_with_what_is_known_about_it() {
    with_app(async |app| {
        let (a, b) = two_files(&app, 0b1100110).await;
        merge(
            &app,
            RecordKind::Customer,
            a.customer.get(),
            b.customer.get(),
            &[],
        )
        .await
        .unwrap();
        let phones: Vec<(String, String, bool)> =
            sqlx::query_as("select number, state, is_main from phones order by number")
                .fetch_all(&app.db)
                .await
                .unwrap();
        let expected = [
            ("13805710001", "ok", true),
            ("13805710002", "ok", false),
            ("13805710009", "do_not_call", false),
        ];
        assert_eq!(
            phones,
            expected.map(|(number, state, main)| (number.to_owned(), state.to_owned(), main))
        );
        assert_eq!(
            app.count("select count(*) from vehicle_people where role = 'driver'")
                .await,
            1
        );
        // The same task was owed twice: the second one is owed no longer, and says why.
        let ended: (String, Option<String>) = sqlx::query_as(
            "select status, ended_reason from obligations o join customers c on c.id = o.customer_id
             where o.kind = 'data_task' and c.merged_into_id is not null",
        )
        .fetch_one(&app.db)
        .await
        .unwrap();
        assert_eq!(ended, ("cancelled".to_owned(), Some("superseded".to_owned())));
        // Two reminders of one day are one.
        assert_eq!(
            app.count("select open_count::bigint from reminders where status = 'pending'")
                .await,
            2
        );
    });
}

#[test]
fn classes_consents_and_contact_persons_move_and_go_back() {
    with_app(async |app| {
        let (a, b) = two_files(&app, 0).await;
        let clerk_of_b = build::person(&app, "钱会计", "13805710077", "浙A00077").await;
        let (store, a, b) = (app.store.get(), a.customer.get(), b.customer.get());
        run(
            &app,
            format!(
                "insert into customer_tags (store_id, customer_id, tag_id, added_at)
                 select {store}, c.id, t.id, '2026-11-01'
                 from tags t
                 join (values ({a}, 'vip'), ({b}, 'vip'), ({b}, 'key_account')) c(id, code) on c.code = t.code
                 where t.store_id = {store}"
            ),
        )
        .await;
        run(
            &app,
            format!(
                "insert into consents (store_id, customer_id, purpose, channel, given_at, withdrawn_at, created_at)
                 values ({store}, {a}, 'marketing', 'paper', '2025-01-01', null, '2025-01-01'),
                        ({store}, {b}, 'marketing', 'call', null, '2026-01-01', '2026-01-01'),
                        ({store}, {b}, 'survey', 'call', '2026-01-01', null, '2026-01-01')"
            ),
        )
        .await;
        run(
            &app,
            format!("update customers set marketing_opt_out = true where id = {b}"),
        )
        .await;
        run(
            &app,
            format!(
                "update customers set parent_id = {b} where id in ({a}, {})",
                clerk_of_b.customer.get()
            ),
        )
        .await;
        refresh_facts(&app).await;
        let before = dump(&app).await;
        let id = merge(&app, RecordKind::Customer, a, b, &["parent_id"])
            .await
            .unwrap();

        let tags: Vec<String> = sqlx::query_scalar(
            "select t.code from customer_tags c join tags t on t.store_id = c.store_id and t.id = c.tag_id
             where c.customer_id = $1 order by t.code",
        )
        .bind(a)
        .fetch_all(&app.db)
        .await
        .unwrap();
        assert_eq!(tags, ["key_account", "vip"]);
        // The last word about marketing was a refusal, of whichever file.
        let refuses: (bool, bool) =
            sqlx::query_as("select marketing_opt_out, survey_opt_out from customers where id = $1")
                .bind(a)
                .fetch_one(&app.db)
                .await
                .unwrap();
        assert_eq!(refuses, (true, false));
        let held = format!("select count(*) from consents where customer_id = {a}");
        assert_eq!(number(&app, held).await, 3);
        let parents: Vec<Option<i64>> =
            sqlx::query_scalar("select parent_id from customers where merged_into_id is null order by id")
                .fetch_all(&app.db)
                .await
                .unwrap();
        assert!(
            parents.contains(&Some(a)) && !parents.contains(&Some(b)),
            "{parents:?}"
        );

        take_back(&app, id).await.unwrap();
        assert_same(&before, &dump(&app).await, "classes and consents");
    });
}

#[test]
fn what_came_since_stays_with_the_survivor() {
    with_app(async |app| {
        let (a, b) = two_files(&app, 0).await;
        let (ca, cb) = (a.customer.get(), b.customer.get());
        run(&app, format!("update customers set note = '旧' where id = {cb}")).await;
        let id = merge(&app, RecordKind::Customer, ca, cb, &["name", "note"])
            .await
            .unwrap();
        let joined = build::Person {
            customer: a.customer,
            phone: a.phone,
            vehicle: a.vehicle,
        };
        build::visit(&app, &joined, "RO-NEW").insert().await;
        run(&app, format!("update customers set note = '新' where id = {ca}")).await;
        run(&app, format!("delete from reveals where customer_id = {ca}")).await;
        let undone = take_back(&app, id).await.unwrap();
        assert_eq!(
            (undone.left, undone.kept.clone()),
            (1, vec!["note".to_owned()]),
            "{undone:?}"
        );
        let rows: Vec<(String, String, i64)> = sqlx::query_as(
            "select name, note, (select count(*) from visits v where v.customer_id = c.id) from customers c where id in ($1, $2) order by id",
        )
        .bind(ca)
        .bind(cb)
        .fetch_all(&app.db)
        .await
        .unwrap();
        assert_eq!(
            rows,
            [
                ("周敏".to_owned(), "新".to_owned(), 2),
                ("周敏敏".to_owned(), "旧".to_owned(), 1)
            ]
        );
        assert_eq!(take_back(&app, id).await, Err(Refusal::Undone));
    });
}

#[test]
fn a_merge_is_refused_while_somebody_is_on_the_phone_or_was_faster() {
    with_app(async |app| {
        let (a, b) = two_files(&app, 0b11000).await;
        let (ca, cb) = (a.customer.get(), b.customer.get());
        let mut specialist = app.sign_in(Role::Specialist).await;
        assert_eq!(specialist.post("/callbacks/next", &[]).await.status, 303);
        let before = dump(&app).await;
        assert_eq!(
            merge(&app, RecordKind::Customer, ca, cb, &[]).await,
            Err(Refusal::OnTheLine)
        );
        assert_same(&before, &dump(&app).await, "refused");
        // The lease ends by itself.
        app.advance(std::time::Duration::from_secs(16 * 60));
        let id = merge(&app, RecordKind::Customer, ca, cb, &[]).await.unwrap();
        assert_eq!(
            merge(&app, RecordKind::Customer, ca, cb, &[]).await,
            Err(Refusal::Gone)
        );
        let c = build::person(&app, "周民", "13805710003", "浙A00003").await;
        merge(&app, RecordKind::Customer, c.customer.get(), ca, &[])
            .await
            .unwrap();
        assert_eq!(take_back(&app, id).await, Err(Refusal::MergedOn));
    });
}

#[test]
fn two_files_of_a_car_become_one_and_two_again() {
    with_app(async |app| {
        let a = build::person(&app, "周敏", "13805710001", "浙A00001").await;
        let b = build::person(&app, "周敏敏", "13805710002", "浙A0000I").await;
        let (store, va, vb) = (app.store.get(), a.vehicle.get(), b.vehicle.get());
        run(
            &app,
            format!(
                "update vehicles set vin = 'LCD7A61B012000001', delivered_on = '2025-01-01' where id = {vb}"
            ),
        )
        .await;
        build::visit(&app, &a, "RO-A")
            .handed_over("2026-03-20T02:00:00Z")
            .odometer(20_000)
            .insert()
            .await;
        let visit = build::visit(&app, &b, "RO-B")
            .handed_over("2026-11-21T02:00:00Z")
            .odometer(18_000)
            .insert()
            .await;
        for (car, on, km) in [(va, "2026-03-20", 20_000), (vb, "2026-11-21", 18_000)] {
            run(&app, format!("insert into odometer_readings (store_id, vehicle_id, read_on, km, source) values ({store}, {car}, '{on}', {km}, 'hand')")).await;
            run(&app, format!("insert into policies (store_id, vehicle_id, kind, ends_on, created_at) values ({store}, {car}, 'commercial', '2027-03-01', '2026-11-01')")).await;
        }
        build::obligation(&app, &a, "warranty_expiry", "base")
            .insert()
            .await;
        build::obligation(&app, &b, "warranty_expiry", "base")
            .insert()
            .await;
        build::callback(&app, &b, visit, "2026-11-24T06:00:00Z").await;
        run(
            &app,
            "update callbacks set kinds = array['post_service']".to_owned(),
        )
        .await;
        // Its plate is known for long; what was typed and mended on one day would leave no trace.
        run(
            &app,
            format!("update vehicle_plates set from_on = '2025-01-01' where vehicle_id = {vb}"),
        )
        .await;
        refresh_facts(&app).await;
        let before = dump(&app).await;
        let id = merge(&app, RecordKind::Vehicle, va, vb, &["vin", "delivered_on"])
            .await
            .unwrap();

        let (vin, plate): (Option<String>, Option<String>) =
            sqlx::query_as("select vin, plate from vehicles where id = $1")
                .bind(va)
                .fetch_one(&app.db)
                .await
                .unwrap();
        assert_eq!(
            (vin.as_deref(), plate.as_deref()),
            (Some("LCD7A61B012000001"), Some("浙A00001"))
        );
        assert_eq!(
            number(
                &app,
                format!("select count(*) from visits where vehicle_id = {va}")
            )
            .await,
            2
        );
        let plates: Vec<(String, bool)> = sqlx::query_as(
            "select plate, until_on is null from vehicle_plates where vehicle_id = $1 order by id",
        )
        .bind(va)
        .fetch_all(&app.db)
        .await
        .unwrap();
        let former = ("浙A0000I".to_owned(), false);
        assert_eq!(
            plates,
            [("浙A00001".to_owned(), true), former],
            "people still ask by the old one"
        );
        // Together the readings roll back: one of them is not believed any more.
        assert_eq!(
            number(
                &app,
                format!(
                    "select count(*) from odometer_readings where vehicle_id = {va} and refused is not null"
                )
            )
            .await,
            1
        );
        // One owner; the other one was one until today.
        let owners: Vec<(i64, bool)> = sqlx::query_as(
            "select customer_id, until_on is null from vehicle_people where vehicle_id = $1 order by id",
        )
        .bind(va)
        .fetch_all(&app.db)
        .await
        .unwrap();
        assert_eq!(owners, [(a.customer.get(), true), (b.customer.get(), false)]);
        assert_eq!(
            app.count("select count(*) from obligations where kind = 'warranty_expiry' and status = 'open'")
                .await,
            1
        );
        assert_eq!(app.count("select count(*) from vehicle_facts f join vehicles v on v.id = f.vehicle_id where v.merged_into_id is not null and (next_due_on is not null or f.customer_id is not null)").await, 0);
        // The signpost is found by nothing and says where to go.
        let mut clerk = app.sign_in(Role::Clerk).await;
        let page = clerk.get(&format!("/vehicles/{vb}")).await;
        assert_eq!(
            page.attr(".flash--soon a", "href"),
            Some(format!("/vehicles/{va}"))
        );
        assert_eq!(page.count(".page-head__actions"), 0);

        let undone = take_back(&app, id).await.unwrap();
        assert_eq!((undone.left, undone.kept.len()), (0, 0), "{undone:?}");
        assert_same(&before, &dump(&app).await, "vehicle");
    });
}

#[test]
fn a_merge_of_cars_cannot_be_taken_back_once_the_vin_is_another_cars() {
    with_app(async |app| {
        let a = build::person(&app, "周敏", "13805710001", "浙A00001").await;
        let b = build::person(&app, "周敏敏", "13805710002", "浙A00002").await;
        let c = build::person(&app, "李娜", "13805710003", "浙A00003").await;
        run(
            &app,
            format!(
                "update vehicles set vin = 'LCD7A61B012000001' where id = {}",
                b.vehicle
            ),
        )
        .await;
        let id = merge(&app, RecordKind::Vehicle, a.vehicle.get(), b.vehicle.get(), &[])
            .await
            .unwrap();
        run(
            &app,
            format!(
                "update vehicles set vin = 'LCD7A61B012000001' where id = {}",
                c.vehicle
            ),
        )
        .await;
        assert_eq!(take_back(&app, id).await, Err(Refusal::VinTaken));
    });
}

#[test]
fn a_person_compares_merges_and_takes_back_on_the_page() {
    with_app(async |app| {
        let (a, b) = two_files(&app, 0b10).await;
        let (ca, cb) = (a.customer.get(), b.customer.get());
        let address = format!("/duplicates/merge?kind=customer&left={ca}&right={cb}");
        let mut clerk = app.sign_in(Role::Clerk).await;
        let page = clerk.get(&address).await;
        assert_eq!(page.status, 200);
        assert_eq!(page.count(".actionbar button"), 0, "a clerk looks");
        assert_eq!(clerk.post("/duplicates/merge", &[]).await.status, 403);

        let mut manager = app.sign_in(Role::Manager).await;
        // From a customer's page, by the other one's number.
        let form = [
            ("kind", "customer"),
            ("left", &*ca.to_string()),
            ("who", "13805710002"),
        ];
        assert_eq!(
            manager.post("/duplicates/merge/find", &form).await.location(),
            address
        );
        let page = manager.get(&address).await;
        assert!(!page.html().contains("13805710002"), "numbers are masked");
        assert_eq!(page.count("tr.is-different"), 1, "the names differ");
        let shown = |name: &str| page.attr(&format!("input[name={name}]"), "value").unwrap();
        let (left, right) = (shown("left_version"), shown("right_version"));
        let main = b.phone.to_string();
        let form = [
            ("kind", "customer"),
            ("left", &*ca.to_string()),
            ("right", &*cb.to_string()),
            ("left_version", &left),
            ("right_version", &right),
            ("survivor", &*ca.to_string()),
            ("field_name", "right"),
            ("main_phone", &main),
        ];
        // Somebody edits in between: the page comes back and says so.
        run(
            &app,
            format!("update customers set version = version + 1 where id = {cb}"),
        )
        .await;
        let stale = manager.post("/duplicates/merge", &form).await;
        assert_eq!(stale.status, 409);
        assert!(
            stale.text(".flash--soon").contains("改动"),
            "{}",
            stale.text(".flash--soon")
        );
        run(
            &app,
            format!("update customers set version = version - 1 where id = {cb}"),
        )
        .await;
        let done = manager.post("/duplicates/merge", &form).await;
        assert_eq!(done.location(), format!("/customers/{ca}"));
        let page = manager.follow(&done).await;
        assert!(page.text("h1").starts_with("周敏敏"), "{}", page.text("h1"));
        assert_eq!(
            app.count("select count(*) from phones where is_main and number = '13805710002'")
                .await,
            1
        );
        assert_eq!(
            app.count("select count(*) from audit where action = 'customers.merge'")
                .await,
            1
        );
        let signpost = manager.get(&format!("/customers/{cb}")).await;
        assert_eq!(
            signpost.attr(".flash--soon a", "href"),
            Some(format!("/customers/{ca}"))
        );

        let history = manager.get("/duplicates/merges").await;
        assert_eq!(history.count("tbody tr"), 1);
        assert!(
            history.text("tbody").contains("进站 1"),
            "{}",
            history.text("tbody")
        );
        let undo = history.attr("tbody form", "action").unwrap();
        let back = manager.post(&undo, &[]).await;
        let history = manager.follow(&back).await;
        assert!(
            history.text(".flash").contains("已还回"),
            "{}",
            history.text(".flash")
        );
        assert_eq!(history.count("tbody form"), 0);
        assert_eq!(
            app.count("select count(*) from customers where merged_into_id is null and name = '周敏敏'")
                .await,
            1
        );
        let again = manager.post(&undo, &[]).await;
        assert!(manager.follow(&again).await.text(".flash").contains("已经撤销"));
    });
}
