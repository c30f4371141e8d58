//! Lists at a million customers, three million visits and a hundred thousand complaints: `cargo bench --bench lists`.
//!
//! Fills a private cluster once (`--data FOLDER`, default /var/tmp/care-desk-bench-lists, kept for the next run; `--customers`
//! says how many) and prints for every list, filter and order how long the database takes for the count and for the page:
//! the median of five warm runs, as the program plans its statements (custom plans) and with generic plans.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that cannot go on ends with a message"
)]

use std::path::PathBuf;
use std::time::Instant;

use care_desk::complaints::list;
use care_desk::db::embedded::{Cluster, Options};
use care_desk::db::{MIGRATOR, pool_options, tuned};
use care_desk::i18n::Lang;
use care_desk::i18n::format::Formatter;
use care_desk::stores::{StoreId, StoreScope};
use care_desk::web::list::{Asked, Filter, Sort, Window, from_query};
use care_desk::web::pagination::{COUNT_LIMIT, PageParams};
use care_desk::{customers, vehicles, visits};
use chrono_tz::Asia::Shanghai;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, PgPool};

/// Runs of each statement; the median of the last five counts.
const RUNS: usize = 8;

const CUSTOMERS: [&str; 20] = [
    "",
    "sort=name",
    "sort=-last_visit",
    "sort=last_visit",
    "page=400",
    "kind=company",
    "kind=company&sort=name",
    "grade=S",
    "grade=S&sort=-last_visit",
    "grade=nobody",
    "tag=1&sort=-created",
    "tag=2&sort=name",
    "keeper=5&sort=name",
    "phone=none",
    "phone=do_not_call&sort=-last_visit",
    "phone=wrong&sort=name",
    "visited=never",
    "visit_from=2026-11-01&visit_to=2026-11-03",
    "created_from=2020-01-01&created_to=2020-01-02&sort=name",
    "kind=company&grade=A&phone=wrong&visit_from=2026-01-01&sort=name",
];

const VEHICLES: [&str; 16] = [
    "",
    "sort=-delivered",
    "sort=next_due",
    "sort=-warranty",
    "page=400",
    "usage=taxi",
    "state=scrapped&sort=next_due",
    "region=%E6%96%B0A&sort=-last_visit",
    "region=%E6%B5%99B",
    "model=%E9%80%9F%E6%B4%BE+RS",
    "people=nobody&sort=-last_visit",
    "visited=never",
    "due_from=2026-12-01&due_to=2026-12-07&sort=-last_visit",
    "warranty_from=2026-12-01&warranty_to=2026-12-31",
    "delivered_from=2024-01-01&delivered_to=2024-01-07&sort=next_due",
    "state=active&usage=company&due_to=2026-11-30&sort=-last_visit",
];

const VISITS: [&str; 13] = [
    "",
    "sort=-amount",
    "sort=arrived",
    "page=400",
    "kind=pdi",
    "kind=maintenance",
    "state=cancelled&sort=-amount",
    "shop=now",
    "advisor=%E9%A1%BE%E9%97%AE7",
    "advisor=%E5%A4%96%E8%81%98%E5%B0%91%E8%A7%81&sort=-amount",
    "from=2024-03-01&to=2024-03-02&sort=-amount",
    "amount_from=4999&sort=arrived",
    "kind=rework&from=2020-01-01&to=2020-02-01&amount_from=2000",
];

/// A hundred thousand cases, of which four hundred are open.
const COMPLAINTS: [&str; 14] = [
    "",
    "tab=all",
    "tab=all&sort=-accepted",
    "tab=all&sort=severity",
    "tab=all&sort=-accepted&page=400",
    "tab=escalated",
    "tab=all&overdue=yes",
    "tab=all&department=3&class=repair",
    "tab=all&q=%E8%BD%A6",
    "tab=all&q=%E9%A1%BF%E6%8C%AB",
    "tab=all&q=%E5%8F%98%E9%80%9F%E7%AE%B1%E6%B2%B9",
    "tab=all&q=brake+noise",
    "tab=all&q=%E7%8A%87",
    "q=CP-2611",
];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let folder =
        PathBuf::from(value("--data").unwrap_or_else(|| "/var/tmp/care-desk-bench-lists".to_owned()));
    let customers = value("--customers").map_or(1_000_000, |text| text.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let options = Options {
            data_dir: folder,
            pg_bin: std::env::var_os("CARE_DESK_PG_BIN").map(Into::into),
            ephemeral: true,
            max_connections: 20,
        };
        let cluster = Cluster::start(&options).unwrap_or_else(|error| panic!("{error}"));
        let options = open(&cluster.connect_options("postgres"), customers).await;
        println!(
            "{:70} {:>8}   custom plans: count  page   generic plans: count  page, ms",
            "", "rows"
        );
        let pools = [
            pool(&options, "force_custom_plan").await,
            pool(&options, "force_generic_plan").await,
        ];
        let scope = StoreScope::for_job(StoreId::new(1));
        for (path, queries) in [
            ("/customers", &CUSTOMERS[..]),
            ("/vehicles", &VEHICLES),
            ("/visits", &VISITS),
            ("/complaints", &COMPLAINTS),
        ] {
            for query in queries {
                let custom = measure(&pools[0], scope, path, query).await;
                let generic = measure(&pools[1], scope, path, query).await;
                println!(
                    "{:70} {:>8}   {:13.2} {:12.2}   {:14.2} {:12.2}",
                    format!("{path}?{query}"),
                    custom.0,
                    custom.1,
                    custom.2,
                    generic.1,
                    generic.2,
                );
            }
        }
    });
}

async fn pool(options: &PgConnectOptions, plans: &str) -> PgPool {
    let options = tuned(options.clone()).options([("plan_cache_mode", plans), ("statement_timeout", "120s")]);
    pool_options(1).connect_with(options).await.unwrap()
}

/// Rows, and the median milliseconds of the count and of the page.
async fn measure(db: &PgPool, scope: StoreScope, path: &str, query: &str) -> (i64, f64, f64) {
    let mut times = Vec::new();
    let mut rows = 0;
    for _ in 0..RUNS {
        let (total, count, page) = once(db, scope, path, query).await;
        rows = total;
        times.push((count, page));
        // What is hopeless once is hopeless always.
        if count + page > 2_000.0 {
            break;
        }
    }
    let median = |of: fn(&(f64, f64)) -> f64| {
        let mut last: Vec<f64> = times.iter().rev().take(5).map(of).collect();
        last.sort_by(f64::total_cmp);
        last[last.len() / 2]
    };
    (rows, median(|time| time.0), median(|time| time.1))
}

async fn once(db: &PgPool, scope: StoreScope, path: &str, query: &str) -> (i64, f64, f64) {
    let (asked, params): (Asked, PageParams) = (from_query(query), from_query(query));
    let limit = COUNT_LIMIT + 1;
    let begun = Instant::now();
    let counted;
    let total;
    match path {
        "/customers" => {
            let filter: customers::list::CustomerFilter = tidied(query);
            let conditions = filter.conditions(Shanghai);
            total = customers::list_queries::count(db, scope, &conditions, limit)
                .await
                .unwrap();
            counted = begun.elapsed();
            let window = Window::page(params, !filter.pairs().is_empty(), total);
            let sort = Sort::parse(&asked.sort, customers::list::ORDER);
            let ids = customers::list::ids(db, scope, &conditions, sort, window)
                .await
                .unwrap();
            customers::list::rows(db, scope, &ids).await.unwrap();
        }
        "/vehicles" => {
            let filter: vehicles::list::VehicleFilter = tidied(query);
            let conditions = filter.conditions();
            total = vehicles::list_queries::count(db, scope, &conditions, limit)
                .await
                .unwrap();
            counted = begun.elapsed();
            let window = Window::page(params, !filter.pairs().is_empty(), total);
            let sort = Sort::parse(&asked.sort, vehicles::list::ORDER);
            let ids = vehicles::list::ids(db, scope, &conditions, sort, window)
                .await
                .unwrap();
            vehicles::list_queries::list_rows(db, scope, &ids).await.unwrap();
        }
        "/complaints" => {
            let filter: list::ComplaintFilter = tidied(query);
            let asker = list::Asker {
                scope,
                zone: Shanghai,
                now: "2026-11-24T02:42:00Z".parse().unwrap(),
                own: None,
            };
            let conditions = filter.conditions(db, asker).await.unwrap();
            total = list::queries::count(db, scope, &conditions, limit).await.unwrap();
            counted = begun.elapsed();
            let window = Window::page(params, true, total);
            let sort = Sort::parse(&asked.sort, list::ORDER);
            let ids = list::ids(db, scope, &conditions, sort, window).await.unwrap();
            list::queries::list_rows(db, scope, &ids).await.unwrap();
            let fmt = Formatter {
                lang: Lang::Zh,
                zone: Shanghai,
                now: asker.now,
            };
            list::stage::load(db, scope, &ids, &fmt).await.unwrap();
        }
        _ => {
            let filter: visits::list::VisitFilter = tidied(query);
            let advisors = filter.advisors(db, scope).await.unwrap();
            let conditions = filter.conditions(Shanghai, advisors.as_ref());
            total = visits::list_queries::count(db, scope, &conditions, limit)
                .await
                .unwrap();
            counted = begun.elapsed();
            let window = Window::page(params, !filter.pairs().is_empty(), total);
            let sort = Sort::parse(&asked.sort, visits::list::ORDER);
            let ids = visits::list::ids(db, scope, &conditions, sort, window)
                .await
                .unwrap();
            visits::list_queries::list_rows(db, scope, &ids).await.unwrap();
        }
    }
    let all = begun.elapsed();
    let ms = |time: std::time::Duration| time.as_secs_f64() * 1000.0;
    (total, ms(counted), ms(all - counted))
}

fn tidied<F: Filter>(query: &str) -> F {
    let mut filter: F = from_query(query);
    filter.tidy(Shanghai);
    filter
}

/// The filled database; it is filled unless it is there from the last time.
async fn open(admin: &PgConnectOptions, customers: u64) -> PgConnectOptions {
    // A schema that has changed since is filled anew.
    let name = format!("lists_{customers}_{}", MIGRATOR.iter().count());
    let options = admin.clone().database(&name);
    let mut connection = PgConnection::connect_with(admin).await.unwrap();
    let is_there: bool =
        sqlx::query_scalar("select exists (select from pg_database where datname = $1 and datistemplate)")
            .bind(&name)
            .fetch_one(&mut connection)
            .await
            .unwrap();
    if !is_there {
        let begun = Instant::now();
        for statement in ["drop database if exists", "create database"] {
            let sql = format!("{statement} {name}");
            connection.execute(AssertSqlSafe(sql)).await.unwrap();
        }
        let mut inside = PgConnection::connect_with(&options).await.unwrap();
        MIGRATOR.run(&mut inside).await.unwrap();
        let seed = include_str!("seed.sql").replace("$customers", &customers.to_string());
        inside.execute(AssertSqlSafe(seed)).await.unwrap();
        inside.execute("vacuum analyze").await.unwrap();
        // Last of all: a base that was left half filled does not count.
        connection
            .execute(AssertSqlSafe(format!("alter database {name} is_template true")))
            .await
            .unwrap();
        eprintln!("filled in {:.0?}", begun.elapsed());
    }
    let mut inside = PgConnection::connect_with(&options).await.unwrap();
    MIGRATOR.run(&mut inside).await.unwrap();
    options
}
