//! Fifty people at once, some of whom leave their call lying until the lease ends.

use std::time::Duration;

use care_desk::auth::permission::Role;
use care_desk::callbacks::queue;

use crate::callbacks::{base, post, with};
use crate::support::app::{TestApp, with_app};
use crate::support::client::Client;

const WORKERS: usize = 50;
const CALLS: i64 = 150;
/// Rounds of four minutes: a lease of fifteen ends in the fourth after the last sign of life.
const ROUNDS: usize = 10;

/// One person, with the form that they left lying.
struct Worker {
    browser: Client,
    left: Option<(String, Vec<(String, String)>)>,
    number: usize,
}

impl Worker {
    /// One round: take a call and settle it, or leave it lying, or come back to the one left.
    async fn work(mut self, round: usize) -> (Worker, usize) {
        if let Some((path, form)) = self.left.take() {
            if !(self.number + round).is_multiple_of(5) {
                self.left = Some((path, form));
                return (self, 0);
            }
            let late = post(&mut self.browser, &path, &form).await;
            assert!(matches!(late.status, 303 | 409), "{path}: {}", late.status);
            return (self, usize::from(late.status == 303));
        }
        let next = self.browser.post("/callbacks/next", &[]).await;
        if next.location() == "/callbacks" {
            return (self, 0);
        }
        let path = next.location().to_owned();
        let page = self.browser.get(&path).await;
        let form = with(base(&page), &[("outcome", "refused")]);
        if (self.number + round).is_multiple_of(3) {
            self.left = Some((path, form));
            return (self, 0);
        }
        let saved = post(&mut self.browser, &path, &form).await;
        assert_eq!(saved.status, 303);
        (self, 1)
    }
}

async fn callbacks(app: &TestApp) {
    sqlx::query(
        "with people as (
           insert into customers (store_id, name, created_at, updated_at)
           select $1, '客户' || n, $2, $2 from generate_series(1, $3) n
           returning id
         ), calls as (
           insert into callbacks (store_id, customer_id, callable_due_at, due_at, next_at, kinds, open_count, created_at)
           select $1, id, $2 + id * interval '1 second', $2, $2, array['data_task'], 1, $2 from people
           returning id, customer_id
         )
         insert into obligations (store_id, kind, cycle_key, customer_id, cohort_on, not_before, strict_due_at, due_at, callable_due_at,
                                  rule_version, channel, callback_id, created_at)
         select $1, 'data_task', '1', customer_id, '2026-11-24', $2, $2, $2, $2, 1, 'call', id, $2 from calls",
    )
    .bind(app.store)
    .bind(app.now())
    .bind(CALLS)
    .execute(&app.db)
    .await
    .unwrap();
}

#[test]
fn fifty_workers_with_leases_that_end_settle_each_call_once_and_lose_none() {
    with_app(async |app| {
        callbacks(&app).await;
        let mut workers = Vec::new();
        for number in 0..WORKERS {
            let name = format!("worker{number}");
            app.add_user(&name, Role::Specialist, Some(app.store)).await;
            workers.push(Worker {
                browser: app.sign_in_as(&name).await,
                left: None,
                number,
            });
        }
        let mut settled = 0;
        for round in 0..ROUNDS {
            let tasks: Vec<_> = workers
                .drain(..)
                .map(|worker| tokio::spawn(worker.work(round)))
                .collect();
            // The sweep runs while everybody works.
            queue::release_expired(&app.db, app.now()).await.unwrap();
            for task in tasks {
                let (worker, done) = task.await.unwrap();
                settled += done;
                workers.push(worker);
            }
            app.advance(Duration::from_secs(4 * 60));
        }
        let ended = app
            .count("select count(*) from callbacks where ended_at is not null")
            .await;
        assert!(ended > CALLS / 2, "{ended}");
        assert_eq!(app.count("select count(*) from attempts").await, settled as i64);
        assert_eq!(
            app.count("select count(*) from attempts").await,
            ended,
            "none settled twice"
        );
        assert_eq!(
            app.count(
                "select count(*) from callbacks where ended_at is null and status in ('open', 'claimed')"
            )
            .await,
            CALLS - ended,
            "none lost"
        );
        let lost = "select count(*) from obligations o join callbacks c on c.id = o.callback_id where (o.status = 'open') <> (c.ended_at is null)";
        assert_eq!(app.count(lost).await, 0);
        app.advance(Duration::from_secs(16 * 60));
        queue::release_expired(&app.db, app.now()).await.unwrap();
        assert_eq!(
            app.count("select count(*) from callbacks where status = 'claimed'")
                .await,
            0
        );
    });
}
