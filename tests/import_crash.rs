//! Kills a real import in the middle, again and again: nothing of it is there, and the archive is as usable as before.
#![expect(clippy::unwrap_used, reason = "in a test every unwrap is an assertion")]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use care_desk::audit::Actor;
use care_desk::db::MIGRATOR;
use care_desk::db::embedded::{Cluster, Options, StopMode};
use care_desk::stores;
use chrono::{DateTime, Utc};
use sqlx::{ConnectOptions, Connection, PgConnection};
use tempfile::TempDir;

const ROWS: i64 = 12_000;

/// Rows of the archive and the ledger that an import of a roster writes.
const WRITTEN: &str = "select (select count(*) from customers) + (select count(*) from phones) + (select count(*) from vehicles)
  + (select count(*) from vehicle_people) + (select count(*) from policies) + (select count(*) from odometer_readings)
  + (select count(*) from vehicle_facts) + (select count(*) from customer_facts) + (select count(*) from import_links)
  + (select count(*) from import_changes)";

/// A cluster of its own with one store, and a file to import.
struct Desk {
    folder: TempDir,
    cluster: Cluster,
    url: String,
}

impl Desk {
    async fn open() -> Desk {
        let folder = tempfile::Builder::new()
            .prefix("care-desk-crash-")
            .tempdir_in("/tmp")
            .unwrap();
        let cluster = Cluster::start(&Options {
            data_dir: folder.path().join("pg"),
            pg_bin: std::env::var_os("CARE_DESK_PG_BIN").map(PathBuf::from),
            ephemeral: true,
            max_connections: 40,
        })
        .unwrap();
        cluster.ensure_database("care_desk").await.unwrap();
        let options = cluster.connect_options("care_desk");
        let url = options.to_url_lossy().to_string();
        let mut db = PgConnection::connect_with(&options).await.unwrap();
        MIGRATOR.run(&mut db).await.unwrap();
        let now: DateTime<Utc> = "2026-11-24T02:00:00Z".parse().unwrap();
        let mut tx = db.begin().await.unwrap();
        stores::service::open(&mut tx, "S01", "滨江店", Actor::System, now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let desk = Desk { folder, cluster, url };
        std::fs::write(desk.file(), roster()).unwrap();
        desk
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("roster.csv")
    }

    async fn db(&self) -> PgConnection {
        let options = self.cluster.connect_options("care_desk");
        PgConnection::connect_with(&options).await.unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_care-desk"));
        command
            .args(arguments)
            .env("DATABASE_URL", &self.url)
            .env("CARE_DESK_DATA_DIR", self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn import(&self, more: &[&str]) -> Command {
        let file = self.file();
        let mut command = self.command(&[
            "import",
            "roster",
            file.to_str().unwrap(),
            "--store",
            "S01",
            "--json",
        ]);
        command.args(more);
        command
    }
}

fn roster() -> String {
    let mut csv = "姓名,手机号,车牌号,车型,购车日期,保险到期日,行驶里程\n".to_owned();
    for i in 0..ROWS {
        writeln!(
            csv,
            "张伟{i},139{i:08},浙A{i:05},柯迪亚克,2024-03-05,2027-02-26,{i}"
        )
        .unwrap();
    }
    csv
}

/// Ends the process the hard way, at once.
fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Watches for what has no other way to tell; fails after two minutes.
async fn wait_until(db: &mut PgConnection, what: &str, sql: &'static str) {
    let begun = Instant::now();
    while !sqlx::query_scalar::<_, bool>(sql)
        .fetch_one(&mut *db)
        .await
        .unwrap()
    {
        assert!(
            begun.elapsed() < Duration::from_secs(120),
            "waited in vain until {what}"
        );
        tokio::task::yield_now().await;
    }
}

async fn count(db: &mut PgConnection, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(db).await.unwrap()
}

fn report(output: std::process::Output) -> (Option<i32>, serde_json::Value) {
    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let json = serde_json::from_str(text.trim()).unwrap_or_else(|_| panic!("{text}{errors}"));
    (output.status.code(), json)
}

/// A quarter, half and three quarters of a merge, as its progress tells it.
const MOMENTS: [(&str, &str); 4] = [
    (
        "a quarter: rows are checked",
        "select exists (select from imports where state = 'running' and phase = 'checking' and rows_done >= rows_total / 4)",
    ),
    (
        "half: rows look for their cars and people",
        "select exists (select from imports where state = 'running' and phase = 'matching')",
    ),
    (
        "three quarters: rows are written",
        "select exists (select from imports where state = 'running' and phase = 'writing')",
    ),
    (
        "the end: due days are derived",
        "select exists (select from imports where state = 'running' and phase = 'deriving')",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_killed_leaves_all_or_nothing_and_the_archive_works_on() {
    let desk = Desk::open().await;
    let mut db = desk.db().await;
    for (moment, sql) in MOMENTS {
        let child = desk.import(&[]).spawn().unwrap();
        wait_until(&mut db, moment, sql).await;
        kill(child);
        assert_eq!(count(&mut db, WRITTEN).await, 0, "{moment}");
        // The database notices that nobody is there any more, and frees what was locked.
        wait_until(
            &mut db,
            "the killed session has ended",
            "select not exists (select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
                                and backend_type = 'client backend')",
        )
        .await;
        assert_eq!(count(&mut db, WRITTEN).await, 0, "{moment}");
    }

    // The next server finds the imports of the dead and settles them: taken up again as a whole, or come to nothing.
    let server = desk
        .command(&["serve"])
        .env("CARE_DESK_LISTEN", "127.0.0.1:0")
        .spawn()
        .unwrap();
    wait_until(
        &mut db,
        "no import is busy",
        "select not exists (select from imports where state in ('reading', 'running'))",
    )
    .await;
    kill(server);
    let confirmed = count(&mut db, "select count(*) from imports where state = 'confirmed'").await;
    let customers = count(&mut db, "select count(*) from customers").await;
    assert_eq!(customers, ROWS * confirmed, "whole or absent");
    assert!(confirmed <= 1, "the same file is taken once");

    let (code, taken) = report(desk.import(&[]).output().unwrap());
    assert_eq!(
        (code, taken["rows"].as_i64(), taken["refused"].as_i64()),
        (Some(0), Some(ROWS), Some(0))
    );
    assert_eq!(count(&mut db, "select count(*) from customers").await, ROWS);
    assert_eq!(count(&mut db, "select count(*) from vehicle_facts").await, ROWS);
    assert_eq!(
        count(&mut db, "select count(*) from imports where state = 'confirmed'").await,
        1
    );
    db.close().await.unwrap();
    desk.cluster.stop(StopMode::Fast).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_of_the_command_says_what_the_real_run_does() {
    let desk = Desk::open().await;
    append(
        &desk.file(),
        "无号,12345,浙A00001,,,,\n张伟1,13900000001,浙A00001,,,,\n,13900000002,,,,,\n",
    );
    let mut db = desk.db().await;
    let (dry_code, mut dry) = report(desk.import(&["--dry-run"]).output().unwrap());
    assert_eq!(count(&mut db, WRITTEN).await, 0);
    assert_eq!(
        count(&mut db, "select count(*) from imports").await,
        0,
        "a dry run leaves no import"
    );
    let (code, mut real) = report(desk.import(&[]).output().unwrap());
    assert_eq!((dry_code, code), (Some(1), Some(1)));
    assert_eq!(real["refused"], 3);
    assert!(dry["import_id"].is_null() && real["import_id"].is_number());
    for report in [&mut dry, &mut real] {
        let report = report.as_object_mut().unwrap();
        report.remove("import_id");
        report.remove("seconds");
    }
    assert_eq!(dry, real, "the same counts and the same refusals");
    db.close().await.unwrap();
    desk.cluster.stop(StopMode::Fast).unwrap();
}

fn append(file: &Path, rows: &str) {
    let mut csv = std::fs::read_to_string(file).unwrap();
    csv.push_str(rows);
    std::fs::write(file, csv).unwrap();
}
