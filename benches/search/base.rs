//! The measuring base: a private cluster with a million customers in ten stores, the same every time.

use std::path::Path;
use std::time::Instant;

use care_desk::audit::Actor;
use care_desk::auth::password::Hasher;
use care_desk::auth::permission::Role;
use care_desk::customers::search_keys::search_keys;
use care_desk::db::embedded::{Cluster, Options};
use care_desk::db::{MIGRATOR, tuned};
use care_desk::stores::{self, StoreId};
use care_desk::users;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use secrecy::SecretString;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::names::{Dice, name};
use crate::support::app::{NOW, PASSWORD};

/// Share of the customers that each store has, in thousandths: one very big, one big, eight of ordinary size.
const STORES: [u64; 10] = [500, 100, 50, 50, 50, 50, 50, 50, 50, 50];

/// The filled database, and its stores from the largest on.
pub struct Base {
    pub options: PgConnectOptions,
    pub stores: Vec<StoreId>,
}

/// Starts the cluster in `folder`; fills it unless it is there from the last time.
pub async fn open(folder: &Path, customers: u64) -> Base {
    let options = Options {
        data_dir: folder.to_owned(),
        pg_bin: std::env::var_os("CARE_DESK_PG_BIN").map(Into::into),
        ephemeral: true,
        max_connections: 20,
    };
    let cluster = Cluster::start(&options).unwrap_or_else(|error| panic!("{error}"));
    let admin = cluster.connect_options("postgres");
    let name = format!("bench_{customers}");
    let mut connection = PgConnection::connect_with(&admin).await.unwrap();
    let options = admin.clone().database(&name);
    let is_there: bool =
        sqlx::query_scalar("select exists (select from pg_database where datname = $1 and datistemplate)")
            .bind(&name)
            .fetch_one(&mut connection)
            .await
            .unwrap();
    if !is_there {
        connection
            .execute(AssertSqlSafe(format!(
                "drop database if exists {name} with (force)"
            )))
            .await
            .unwrap();
        connection
            .execute(AssertSqlSafe(format!("create database {name}")))
            .await
            .unwrap();
        let mut inside = PgConnection::connect_with(&options).await.unwrap();
        MIGRATOR.run(&mut inside).await.unwrap();
        fill(&mut inside, customers).await;
        // Last of all: a base that was left half filled does not count.
        connection
            .execute(AssertSqlSafe(format!("alter database {name} is_template true")))
            .await
            .unwrap();
    }
    let mut inside = PgConnection::connect_with(&options).await.unwrap();
    MIGRATOR.run(&mut inside).await.unwrap();
    let stores = sqlx::query_scalar("select id from stores order by id")
        .fetch_all(&mut inside)
        .await
        .unwrap();
    Base {
        options: tuned(options),
        stores,
    }
}

/// Indexes that make loading slow are made anew behind it.
const LATE: [&str; 1] = ["customers_grams_idx"];

async fn fill(db: &mut PgConnection, customers: u64) {
    let begun = Instant::now();
    let now: DateTime<Utc> = NOW.parse().unwrap();
    let mut definitions: Vec<String> = Vec::new();
    for index in LATE {
        definitions.push(
            sqlx::query_scalar("select pg_get_indexdef($1::regclass)")
                .bind(index)
                .fetch_one(&mut *db)
                .await
                .unwrap(),
        );
        db.execute(AssertSqlSafe(format!("drop index {index}")))
            .await
            .unwrap();
    }
    // The rows refer to each other rightly by how they are made; checking that would take most of the time.
    db.execute(
        "set session_replication_role = replica; set maintenance_work_mem = '512MB'; set work_mem = '64MB'",
    )
    .await
    .unwrap();
    let mut first = 1;
    for (number, share) in STORES.iter().enumerate() {
        let store = open_store(db, number, now).await;
        let count = customers * share / STORES.iter().sum::<u64>();
        Sheets::write(db, store.get(), first, count, now).await;
        first += count;
        eprintln!(
            "{:>6.0?}  store {} has {count} customers",
            begun.elapsed(),
            number + 1
        );
    }
    for definition in definitions {
        db.execute(AssertSqlSafe(definition)).await.unwrap();
    }
    db.execute(include_str!("derive.sql")).await.unwrap();
    db.execute("vacuum analyze").await.unwrap();
    eprintln!("{:>6.0?}  filled", begun.elapsed());
}

/// A store with a person of every role that has a store, called like the role and the store: `specialist1`.
async fn open_store(db: &mut PgConnection, number: usize, now: DateTime<Utc>) -> StoreId {
    let mut tx = db.begin().await.unwrap();
    let code = format!("S{:02}", number + 1);
    let store = stores::service::open(
        &mut tx,
        &code,
        &format!("第 {} 店", number + 1),
        Actor::System,
        now,
    )
    .await
    .unwrap();
    let hasher = Hasher::with_cost(32, 1).unwrap();
    let phc = hasher.hash(&SecretString::from(PASSWORD)).await.unwrap();
    for role in Role::ALL.iter().filter(|role| **role != Role::Group) {
        let username = format!("{role}{}", number + 1);
        let user = users::queries::insert(&mut *tx, &username, &username, None, Some(&phc), None, now)
            .await
            .unwrap();
        users::queries::insert_membership(&mut *tx, store, user, *role, None)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    store
}

/// The rows of one store as COPY reads them, a sheet for each table.
#[derive(Default)]
struct Sheets {
    customers: String,
    phones: String,
    vehicles: String,
    people: String,
    visits: String,
    policies: String,
    complaints: String,
}

/// Rows that are sent at once.
const PORTION: u64 = 20_000;

impl Sheets {
    async fn write(db: &mut PgConnection, store: i64, first: u64, count: u64, now: DateTime<Utc>) {
        let end = first + count;
        for start in (first..end).step_by(PORTION as usize) {
            let mut sheets = Sheets::default();
            for id in start..end.min(start + PORTION) {
                sheets.add(store, id, now);
            }
            sheets.send(db).await;
        }
    }

    /// One customer with phones, a car, its visits and policies.
    fn add(&mut self, store: i64, id: u64, now: DateTime<Utc>) {
        use std::fmt::Write;
        let mut dice = Dice::new(id);
        let today = now.date_naive();
        let (name, is_company) = name(&mut dice);
        let grams = search_keys(store, &name).join(",");
        let kind = if is_company { "company" } else { "person" };
        let grade = ["A", "B", "C", "\\N"][dice.below(4) as usize];
        let changed = now - TimeDelta::minutes((dice.below(60 * 24 * 900)) as i64);
        writeln!(
            self.customers,
            "{store}\t{id}\t{kind}\t{name}\t{grade}\t{{{grams}}}\t{changed}\t{changed}"
        )
        .unwrap();
        self.add_phones(store, id, &mut dice);
        let serial = dice.below(1 << 40);
        let plate = plate(&mut dice);
        let vin = format!("LSV{:08}{:06}", id % 100_000_000, id * 7919 % 1_000_000);
        let model = ["轿车 1.4T", "轿车 2.0T", "SUV 1.5T", "纯电 SUV"][(serial % 4) as usize];
        let delivered = today - Days::new(dice.below(3_000));
        writeln!(
            self.vehicles,
            "{store}\t{id}\t{}\t{plate}\t{model}\t{delivered}\t{changed}\t{changed}",
            vin
        )
        .unwrap();
        writeln!(self.people, "{store}\t{id}\t{id}\towner").unwrap();
        if dice.is_percent(10) {
            let driver = if id.is_multiple_of(PORTION) { id } else { id - 1 };
            writeln!(self.people, "{store}\t{id}\t{driver}\tdriver").unwrap();
        }
        for nth in 0..dice.below(4) {
            self.add_visit(store, id, nth, &mut dice, today, now);
        }
        if dice.is_percent(60) {
            let ends = today + Days::new(dice.below(365)) - Days::new(60);
            let number = 10_000_000_000 + dice.below(89_999_999_999);
            writeln!(
                self.policies,
                "{store}\tP{id}{number}\t{id}\t{id}\tcommercial\t平安\t{ends}\t{changed}"
            )
            .unwrap();
        }
        if dice.is_percent(1) {
            let at = now - TimeDelta::hours(dice.below(24 * 700) as i64);
            writeln!(
                self.complaints,
                "{store}\tCP-{}-{:06}\t{id}\t{id}\thotline\tattitude\tB\t{at}\t{at}\t{at}",
                at.format("%y%m%d"),
                id
            )
            .unwrap();
        }
    }

    /// One in a hundred is a landline with an extension; one in thirty numbers is shared with the customer before.
    fn add_phones(&mut self, store: i64, id: u64, dice: &mut Dice) {
        use std::fmt::Write;
        let own = |id: u64| format!("1{}{:08}", 30 + id * 31 % 70, id * 48_271 % 100_000_000);
        let number = match dice.below(100) {
            0 => format!("0571-8{:07}-{}", id % 10_000_000, 100 + id % 900),
            1..=3 if id > 1 => own(id - 1),
            _ => own(id),
        };
        writeln!(self.phones, "{store}\t{id}\t{number}\tmobile\ttrue").unwrap();
        if dice.is_percent(12) {
            writeln!(
                self.phones,
                "{store}\t{id}\t{}\tmobile\tfalse",
                own(id + 50_000_000)
            )
            .unwrap();
        }
    }

    fn add_visit(
        &mut self,
        store: i64,
        id: u64,
        nth: u64,
        dice: &mut Dice,
        today: NaiveDate,
        now: DateTime<Utc>,
    ) {
        use std::fmt::Write;
        let back = dice.below(900) + nth;
        let day = today - Days::new(back);
        let arrived = now - TimeDelta::days(back as i64) - TimeDelta::hours(3);
        let handed_over = now - TimeDelta::days(back as i64);
        let ro = format!("RO-{}{id:07}{nth}", day.format("%y%m%d"));
        let kind = ["maintenance", "repair", "body"][dice.below(3) as usize];
        writeln!(
            self.visits,
            "{store}\t{ro}\t{id}\t{id}\t{kind}\tclosed\t{arrived}\t{handed_over}\t{handed_over}\t{day}\t{}\t{arrived}\t{arrived}",
            dice.below(400_000)
        )
        .unwrap();
    }

    async fn send(&self, db: &mut PgConnection) {
        for (statement, rows) in [
            ("copy customers (store_id, id, kind, name, grade, grams, created_at, updated_at) from stdin", &self.customers),
            ("copy phones (store_id, customer_id, number, kind, is_main) from stdin", &self.phones),
            ("copy vehicles (store_id, id, vin, plate, model, delivered_on, created_at, updated_at) from stdin", &self.vehicles),
            ("copy vehicle_people (store_id, vehicle_id, customer_id, role) from stdin", &self.people),
            (
                "copy visits (store_id, ro_number, vehicle_id, customer_id, type, state, arrived_at, settled_at, handed_over_at,
                              handed_over_on, amount_fen, created_at, updated_at) from stdin",
                &self.visits,
            ),
            ("copy policies (store_id, policy_no, vehicle_id, insured_id, kind, insurer, ends_on, created_at) from stdin", &self.policies),
            (
                "copy complaints (store_id, number, customer_id, vehicle_id, channel, class_major, severity, accepted_at,
                                  created_at, updated_at) from stdin",
                &self.complaints,
            ),
        ] {
            let mut copy = db.copy_in_raw(statement).await.unwrap();
            copy.send(rows.as_bytes()).await.unwrap();
            copy.finish().await.unwrap();
        }
    }
}

/// One in six is green.
fn plate(dice: &mut Dice) -> String {
    const SERIAL: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ0123456789";
    let letter = char::from(*dice.pick(b"ABCDEFGHJ"));
    if dice.below(6) == 0 {
        return format!("浙{letter}D{:05}", dice.below(100_000));
    }
    let serial: String = (0..5).map(|_| char::from(*dice.pick(SERIAL))).collect();
    format!("浙{letter}{serial}")
}
