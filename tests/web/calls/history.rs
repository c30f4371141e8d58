//! Whatever happens in whatever order: each obligation exists once, ends once, and is given up no earlier than promised.

use std::collections::BTreeMap;

use care_desk::auth::permission::Role;
use care_desk::calendar::StoreCalendar;
use care_desk::callbacks::messages::{self, ByHand, MessageId};
use care_desk::callbacks::model::{ContactResult, Daypart, Dial, Disposition, Outcome, RetryPolicy};
use care_desk::callbacks::{CallbackId, queue};
use care_desk::obligations::{jobs, service};
use care_desk::vehicles::service::NewReading;
use care_desk::vehicles::{ReadingSource, VehicleId};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sqlx::Row;

use crate::callbacks::{base, post, take, with};
use crate::support::app::{TestApp, with_app};
use crate::support::build::{self, Person};

/// Numbers that look random and are the same in every run of a seed.
struct Chance(u64);

impl Chance {
    fn new(seed: u64) -> Chance {
        Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// 0 to below `n`.
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % n
    }

    fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }
}

/// A store with a handful of people, and what was seen of the ledger so far.
struct World<'a> {
    app: &'a TestApp,
    chance: Chance,
    people: Vec<Person>,
    visits: usize,
    /// Every entry seen, with its ending as it was first seen.
    endings: BTreeMap<i64, Option<String>>,
    /// Day of the last run of the daily job.
    ran_on: NaiveDate,
}

impl<'a> World<'a> {
    async fn new(app: &'a TestApp, seed: u64) -> World<'a> {
        let mut people = Vec::new();
        for number in 0..4 {
            let phone = format!("1380000{number:04}");
            people.push(build::person(app, "客户", &phone, &format!("浙A{number:05}")).await);
        }
        World {
            app,
            chance: Chance::new(seed),
            people,
            visits: 0,
            endings: BTreeMap::new(),
            ran_on: StoreCalendar::new(chrono_tz::Asia::Shanghai).local_day(app.now()),
        }
    }

    fn calendar() -> StoreCalendar {
        StoreCalendar::new(chrono_tz::Asia::Shanghai)
    }

    async fn step(&mut self) {
        match self.chance.below(16) {
            0..=2 => self.visit().await,
            3 => self.hand_over().await,
            4 => self.reading().await,
            5 => self.policy().await,
            6 => self.cancel_a_visit().await,
            7 => self.second_phone().await,
            8 => self.message().await,
            9..=12 => self.call().await,
            _ => self.time_passes().await,
        }
        self.check().await;
    }

    async fn visit(&mut self) {
        let index = self.chance.below(self.people.len());
        let (in_shop, kind) = (
            self.chance.below(3) == 0,
            self.chance.one_of(&["maintenance", "repair", "wash"]),
        );
        let number = format!("RO-{}", self.visits);
        self.visits += 1;
        let visit = build::visit(self.app, &self.people[index], &number).kind(kind);
        let visit = if in_shop { visit.in_shop() } else { visit };
        visit.insert().await;
    }

    async fn hand_over(&mut self) {
        sqlx::query(
            "update visits set state = 'closed', settled_at = $1, handed_over_at = $1, handed_over_on = ($1 at time zone 'Asia/Shanghai')::date
             where id = (select min(id) from visits where handed_over_at is null and state = 'open')",
        )
        .bind(self.app.now())
        .execute(&self.app.db)
        .await
        .unwrap();
    }

    async fn cancel_a_visit(&mut self) {
        let offset = self.chance.below(8) as i64;
        sqlx::query("update visits set state = 'cancelled' where id = (select id from visits where state <> 'cancelled' order by id offset $1 limit 1)")
            .bind(offset)
            .execute(&self.app.db)
            .await
            .unwrap();
    }

    async fn reading(&mut self) {
        let index = self.chance.below(self.people.len());
        let vehicle: VehicleId = self.people[index].vehicle;
        let km = 1_000 + self.chance.below(60_000) as i32;
        let today = World::calendar().local_day(self.app.now());
        let mut tx = self.app.db.begin().await.unwrap();
        let new = NewReading {
            read_on: today,
            km,
            source: ReadingSource::Phone,
            visit: None,
        };
        care_desk::vehicles::service::add_reading(&mut tx, self.app.scope(), vehicle, new, today)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// A policy that ends within reach of the contacts, now and then a later one that supersedes them.
    async fn policy(&mut self) {
        let index = self.chance.below(self.people.len());
        let days = self.chance.one_of(&[29_i64, 31, 89, 91, 300]);
        let ends_on = World::calendar().local_day(self.app.now()) + TimeDelta::days(days);
        sqlx::query(
            "insert into policies (store_id, policy_no, vehicle_id, kind, ends_on, created_at)
             values ($1, $2, $3, 'commercial', $4, $5) on conflict do nothing",
        )
        .bind(self.app.store)
        .bind(format!("P-{index}-{ends_on}"))
        .bind(self.people[index].vehicle)
        .bind(ends_on)
        .bind(self.app.now())
        .execute(&self.app.db)
        .await
        .unwrap();
    }

    async fn second_phone(&mut self) {
        let index = self.chance.below(self.people.len());
        let kind = self.chance.one_of(&["mobile", "landline"]);
        sqlx::query("insert into phones (store_id, customer_id, number, kind) values ($1, $2, $3, $4) on conflict do nothing")
            .bind(self.app.store)
            .bind(self.people[index].customer)
            .bind(format!("1390000{:04}", self.chance.below(6)))
            .bind(kind)
            .execute(&self.app.db)
            .await
            .unwrap();
    }

    /// A message that waits is sent by hand, or fails.
    async fn message(&mut self) {
        let waiting: Option<(CallbackId, MessageId)> = sqlx::query_as(
            "select callback_id, id from outbox_messages where status = 'queued' order by id limit 1",
        )
        .fetch_optional(&self.app.db)
        .await
        .unwrap();
        let Some(waiting) = waiting else { return };
        let outcome = self.chance.one_of(&[ByHand::Sent, ByHand::Sent, ByHand::Failed]);
        let user = self.app.user("specialist").await;
        let mut tx = self.app.db.begin().await.unwrap();
        let now = self.app.now();
        assert!(
            messages::record(&mut tx, self.app.scope(), user, waiting, outcome, now)
                .await
                .unwrap()
        );
        tx.commit().await.unwrap();
    }

    /// Somebody takes one of the open calls and comes to a result, whatever it is.
    async fn call(&mut self) {
        let open: Vec<CallbackId> =
            sqlx::query_scalar("select id from callbacks where status = 'open' order by id")
                .fetch_all(&self.app.db)
                .await
                .unwrap();
        if open.is_empty() {
            return;
        }
        let id = self.chance.one_of(&open);
        if self.chance.below(8) == 0 {
            self.leave(id).await;
        } else {
            let unreached = self.chance.below(3) > 0;
            let results: Vec<Disposition> = Disposition::ALL
                .iter()
                .copied()
                .filter(|code| unreached != matches!(code, Disposition::Completed | Disposition::Refused))
                .collect();
            let result = self.chance.one_of(&results);
            self.dial(id, result).await;
        }
    }

    /// A call is taken and left lying until its lease ends.
    async fn leave(&mut self, id: CallbackId) {
        let mut browser = self.app.sign_in(Role::Specialist).await;
        take(&mut browser, id).await;
        self.app.advance(std::time::Duration::from_secs(16 * 60));
        assert_eq!(
            queue::release_expired(&self.app.db, self.app.now())
                .await
                .unwrap(),
            1
        );
    }

    async fn dial(&mut self, id: CallbackId, result: Disposition) {
        let mut browser = self.app.sign_in(Role::Specialist).await;
        let page = take(&mut browser, id).await;
        let items: Vec<(i64, String)> = sqlx::query_as(
            "select id, kind from obligations where callback_id = $1 and status = 'open' order by id",
        )
        .bind(id)
        .fetch_all(&self.app.db)
        .await
        .unwrap();
        let mut form: Vec<(String, String)> = base(&page)
            .into_iter()
            .filter(|(name, _)| name != "item")
            .collect();
        form.extend(items.iter().map(|(id, _)| ("item".to_owned(), id.to_string())));
        let card = Outcome::of(result);
        let code = format!("code_{card}");
        let tomorrow = (self.app.now() + TimeDelta::days(1)).with_timezone(&chrono_tz::Asia::Shanghai);
        let agreed = tomorrow.format("%Y-%m-%dT10:00").to_string();
        let mut fields = vec![
            ("outcome", card.as_str()),
            (code.as_str(), result.as_str()),
            ("note", "随手记"),
        ];
        if result == Disposition::Inconvenient {
            fields.push(("agreed_at", agreed.as_str()));
        } else if result == Disposition::Refused && self.chance.below(3) == 0 {
            fields.push(("do_not_call", "all"));
        }
        let form = with(form, &fields);
        let form = self.answers(form, &page, &items, result).await;
        let saved = post(&mut browser, &format!("/callbacks/{id}"), &form).await;
        assert_eq!(saved.status, 303, "{result} {form:?}: {}", saved.text(".error"));
    }

    /// Points for every visit, an answer for everything else, and the number that was dialled.
    async fn answers(
        &mut self,
        mut form: Vec<(String, String)>,
        page: &crate::support::client::Answer,
        items: &[(i64, String)],
        result: Disposition,
    ) -> Vec<(String, String)> {
        if let Some(phone) = page.attr("#phone_id option", "value") {
            form.push(("phone_id".to_owned(), phone));
        }
        if result != Disposition::Completed {
            return form;
        }
        for (id, kind) in items {
            if kind == "post_service" {
                let points = self.chance.one_of(&["10", "9", "8", "3"]);
                form.push((format!("q{id}_q10"), points.to_owned()));
                if points == "3" {
                    form.push((format!("reason{id}"), "waiting".to_owned()));
                    form.push(("words".to_owned(), "等了两个小时".to_owned()));
                }
            } else {
                let answer = self.chance.one_of(ContactResult::for_kind(kind));
                form.push((format!("result{id}"), answer.to_string()));
            }
        }
        form
    }

    /// Hours or days go by, with the jobs of each.
    async fn time_passes(&mut self) {
        let hours = self.chance.one_of(&[1_u64, 3, 3, 7, 16, 26, 50]);
        for _ in 0..hours {
            self.app.advance(std::time::Duration::from_secs(60 * 60));
            let today = World::calendar().local_day(self.app.now() - TimeDelta::hours(5));
            while self.ran_on < today {
                self.ran_on = self.ran_on.succ_opt().unwrap();
                self.run_day().await;
            }
        }
        let mut tx = self.app.db.begin().await.unwrap();
        jobs::attach_waiting(&mut tx, self.app.scope(), self.app.now())
            .await
            .unwrap();
        messages::tend(&mut tx, self.app.scope(), self.app.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    async fn run_day(&mut self) {
        let (scope, now) = (self.app.scope(), self.app.now());
        let mut tx = self.app.db.begin().await.unwrap();
        let summary = jobs::generate_obligations(&mut tx, scope, self.ran_on, now)
            .await
            .unwrap();
        if (summary.missing, summary.loose) != (0, 0) {
            panic!("{:?}", service::reconcile(&mut tx, scope, self.ran_on).await);
        }
        tx.commit().await.unwrap();
    }

    /// What must be true after whatever happened.
    async fn check(&mut self) {
        let rows = sqlx::query(
            "select o.id, o.ended_reason, o.callback_id, o.customer_id, o.ended_at, o.bundled_at, m.status as message, m.settled_at,
                    case when o.status <> 'open' then concat_ws('/', o.status, o.ended_at, o.ended_reason, o.attempt_id, o.ended_by, o.callback_id) end as ending
             from obligations o left join outbox_messages m on m.id = o.message_id order by o.id",
        )
        .fetch_all(&self.app.db)
        .await
        .unwrap();
        assert!(rows.len() >= self.endings.len(), "an entry has vanished");
        for row in &rows {
            let (id, ending): (i64, Option<String>) = (row.get("id"), row.get("ending"));
            let before = self.endings.insert(id, ending.clone()).flatten();
            if before.is_some() {
                assert_eq!(ending, before, "entry {id} ended twice");
            } else if row.get::<Option<String>, _>("ended_reason").as_deref() == Some("unreachable") {
                self.check_diligence(row).await;
            }
        }
        let mut tx = self.app.db.begin().await.unwrap();
        let loose = care_desk::obligations::reconcile::loose(&mut *tx, self.app.scope())
            .await
            .unwrap();
        let real = loose
            .iter()
            .filter(|loose| loose.finding.as_str() != "attached_to_nothing");
        assert_eq!(real.count(), 0, "{loose:?}");
    }

    /// Three tries on two days in two parts of the day, then a message that was awaited for 48 hours or could not be sent.
    async fn check_diligence(&self, row: &sqlx::postgres::PgRow) {
        let bundled_at: Option<DateTime<Utc>> = row.get("bundled_at");
        let ended_at: DateTime<Utc> = row.get("ended_at");
        let dials = care_desk::callbacks::queries::settle::list_dials(
            &self.app.db,
            self.app.scope(),
            CallbackId::new(row.get("callback_id")),
        )
        .await
        .unwrap();
        let policy = RetryPolicy::default();
        let calendar = World::calendar();
        let mut tries: Vec<Dial> = Vec::new();
        for dial in dials {
            let counts = dial.result.consumes_attempt()
                && bundled_at.is_none_or(|at| dial.at > at)
                && tries
                    .last()
                    .is_none_or(|last| dial.at >= last.at + policy.spacing);
            if counts {
                tries.push(dial);
            }
        }
        let mut days: Vec<_> = tries.iter().map(|dial| calendar.local_day(dial.at)).collect();
        days.dedup();
        let mut parts: Vec<_> = tries
            .iter()
            .filter_map(|dial| Daypart::of(&calendar, dial.at))
            .map(Daypart::number)
            .collect();
        parts.sort_unstable();
        parts.dedup();
        assert!(
            tries.len() >= 3 && days.len() >= 2 && parts.len() >= 2,
            "given up early: {tries:?}"
        );
        let settled_at: Option<DateTime<Utc>> = row.get("settled_at");
        match row.get::<Option<String>, _>("message").as_deref() {
            Some("delivered") => assert!(ended_at >= settled_at.unwrap() + TimeDelta::hours(48)),
            Some("failed") => {}
            Some(other) => panic!("given up while the message is {other}"),
            None => {
                let mobiles: i64 = sqlx::query_scalar(
                    "select count(*) from phones where customer_id = $1 and kind = 'mobile' and state in ('ok', 'unverified') and not sms_opt_out",
                )
                .bind(row.get::<i64, _>("customer_id"))
                .fetch_one(&self.app.db)
                .await
                .unwrap();
                assert_eq!(mobiles, 0, "nobody was written to");
            }
        }
    }

    /// In the end everything that a call settles is talked about.
    async fn finish(&mut self) {
        for _ in 0..50 {
            let open: Option<CallbackId> =
                sqlx::query_scalar("select min(id) from callbacks where status = 'open'")
                    .fetch_one(&self.app.db)
                    .await
                    .unwrap();
            let Some(id) = open else { break };
            self.dial(id, Disposition::Refused).await;
            self.check().await;
        }
        let open = "select count(*) from obligations where status = 'open' and channel = 'call'";
        assert_eq!(self.app.count(open).await, 0);
        let twice = "select count(*) from (select from obligations group by store_id, kind, subject_id, cycle_key having count(*) > 1) x";
        assert_eq!(self.app.count(twice).await, 0);
        let waiting = "select count(*) from outbox_messages where status = 'queued'";
        assert_eq!(self.app.count(waiting).await, 0);
    }
}

fn live(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        with_app(async |app| {
            let mut world = World::new(&app, seed).await;
            for _ in 0..60 {
                world.step().await;
            }
            world.run_day().await;
            world.finish().await;
            assert!(
                world.endings.len() > 3,
                "seed {seed}: {} entries",
                world.endings.len()
            );
        });
    }
}

#[test]
fn in_any_history_each_obligation_exists_once_and_ends_once() {
    live(1..3);
}

#[test]
fn in_other_histories_too() {
    live(6..8);
}
