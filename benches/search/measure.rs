//! What each kind of search costs: the time that the backend of our one connection was on a processor, and the time
//! that passed. On a busy machine the second says more about the others.

use std::fs;
use std::time::{Duration, Instant};

use care_desk::auth::password::Hasher;
use care_desk::auth::session::CurrentUser;
use care_desk::clock::Clock;
use care_desk::customers::search::{Typed, suggestions};
use care_desk::db::pool_options;
use care_desk::web::security::PublicUrl;
use care_desk::web::state::AppState;
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;

use crate::base::Base;
use crate::shown;
use crate::support::app::{NOW, PASSWORD};
use crate::support::client::Client;

/// Different texts of a kind, and how often all of them are searched.
pub struct Kind {
    pub name: &'static str,
    pub texts: Vec<String>,
}

const ROUNDS: usize = 7;

/// One connection, and the process behind it.
pub struct Meter {
    pub db: PgPool,
    backend: i32,
}

impl Meter {
    pub async fn new(options: &PgConnectOptions, plans: &str) -> Meter {
        let options = options.clone().options([("plan_cache_mode", plans)]);
        let db = pool_options(1).connect_with(options).await.unwrap();
        let backend = sqlx::query_scalar("select pg_backend_pid()")
            .fetch_one(&db)
            .await
            .unwrap();
        Meter { db, backend }
    }

    /// The mode that the connection is really in.
    pub async fn plans(&self) -> String {
        sqlx::query_scalar("show plan_cache_mode")
            .fetch_one(&self.db)
            .await
            .unwrap()
    }

    /// Milliseconds on a processor so far, as the kernel counts them.
    pub fn processor(&self) -> f64 {
        let text = fs::read_to_string(format!("/proc/{}/schedstat", self.backend)).unwrap();
        text.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1e6
    }

    /// Searches every text of a kind in each round; the first round warms the caches and does not count.
    pub async fn measure(&self, user: &CurrentUser, kind: &Kind) -> (Row, usize) {
        let (mut busy, mut passed, mut found) = (Vec::new(), Vec::new(), 0);
        for round in 0..ROUNDS {
            for text in &kind.texts {
                let typed = Typed::read(user.scope().get(), text, Some("0571"));
                let (before, begun) = (self.processor(), Instant::now());
                let rows = suggestions(&self.db, user, &typed).await.unwrap();
                if round > 0 {
                    passed.push(begun.elapsed().as_secs_f64() * 1e3);
                    busy.push(self.processor() - before);
                    found += rows.count();
                }
            }
        }
        let searches = busy.len();
        (
            Row {
                busy: spread(busy),
                passed: spread(passed),
            },
            found / searches,
        )
    }
}

/// Median, 99th of a hundred and the largest.
pub type Spread = [f64; 3];

pub struct Row {
    pub busy: Spread,
    pub passed: Spread,
}

pub fn spread(mut times: Vec<f64>) -> Spread {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    [at(0.5), at(0.99), at(1.0)]
}

/// Whole requests of one person, from the router to the page, over one connection: what the program and the database
/// need together.
pub async fn requests(base: &Base, store: usize) {
    let meter = Meter::new(&base.options, "force_custom_plan").await;
    let url = PublicUrl::parse("http://127.0.0.1:8080").unwrap();
    let state = AppState::new(
        meter.db.clone(),
        Clock::fixed(NOW.parse().unwrap()),
        url,
        Hasher::with_cost(32, 1).unwrap(),
    );
    let mut browser = Client::new(state.clone());
    let username = format!("specialist{}", store + 1);
    let signed_in = browser
        .post("/login", &[("username", &username), ("password", PASSWORD)])
        .await;
    assert_eq!(signed_in.status, 303);
    println!("\nwhole requests, ms: database busy and passed, median / 99 % / most");
    for typed in [
        "王",
        "王伟",
        "zhang",
        "zw",
        "2046",
        "13905717715",
        "浙A12345",
        "RO-2611",
    ] {
        let (mut busy, mut passed, mut size) = (Vec::new(), Vec::new(), 0);
        for round in 0..25 {
            state.clock.advance(Duration::from_secs(1));
            let (before, begun) = (meter.processor(), Instant::now());
            let page = browser.post("/customers/suggest", &[("q", typed)]).await;
            assert_eq!(page.status, 200);
            if round > 4 {
                passed.push(begun.elapsed().as_secs_f64() * 1e3);
                busy.push(meter.processor() - before);
                size = page.body.len();
            }
        }
        println!(
            "  suggest {typed:26} {}   {}   {size} bytes",
            shown(spread(busy)),
            shown(spread(passed))
        );
    }
    let customer: i64 = sqlx::query_scalar(
        "select customer_id from visits where store_id = $1 group by customer_id order by count(*) desc, customer_id limit 1",
    )
    .bind(base.stores[store])
    .fetch_one(&meter.db)
    .await
    .unwrap();
    let pages = [
        "/",
        "/customers",
        "/customers?page=40",
        "/customers?q=%E7%8E%8B",
        "/vehicles",
        "/visits",
        "/visits?page=40",
        "/callbacks",
    ];
    let mut pages: Vec<String> = pages.iter().map(|path| (*path).to_owned()).collect();
    pages.push(format!("/customers/{customer}"));
    pages.push(format!("/vehicles/{customer}"));
    for path in pages {
        let (mut busy, mut passed, mut status, mut size) = (Vec::new(), Vec::new(), 0, 0);
        for round in 0..15 {
            state.clock.advance(Duration::from_secs(1));
            let (before, begun) = (meter.processor(), Instant::now());
            let page = browser.get(&path).await;
            if round > 2 {
                passed.push(begun.elapsed().as_secs_f64() * 1e3);
                busy.push(meter.processor() - before);
                (status, size) = (page.status, page.body.len());
            }
        }
        println!(
            "  {status} {path:30} {}   {}   {size} bytes",
            shown(spread(busy)),
            shown(spread(passed))
        );
    }
}
