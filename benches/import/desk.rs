//! A private cluster with one store, and a real server over it that is spoken to by HTTP.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use care_desk::audit::Actor;
use care_desk::auth::password::Hasher;
use care_desk::auth::permission::Role;
use care_desk::clock::Clock;
use care_desk::db::MIGRATOR;
use care_desk::db::embedded::{Cluster, Options, StopMode};
use care_desk::{stores, users};
use secrecy::SecretString;
use sqlx::{ConnectOptions, Connection, PgConnection};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::roster::FIELDS;

/// The program under measurement.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_care-desk");
const PASSWORD: &str = "correct horse battery staple";
const BOUNDARY: &str = "----bench";

/// What an import took.
pub struct Taken {
    pub total: Duration,
    pub phases: Vec<(String, Duration)>,
    pub new: i64,
    pub growth_kb: i64,
}

/// A cluster, its database, and a folder for files.
pub struct Desk {
    folder: TempDir,
    cluster: Cluster,
    url: String,
}

impl Desk {
    /// An empty store with an admin.
    pub async fn open() -> Desk {
        let folder = tempfile::Builder::new()
            .prefix("care-desk-bench-")
            .tempdir_in("/tmp")
            .unwrap();
        let cluster = Cluster::start(&Options {
            data_dir: folder.path().join("pg"),
            pg_bin: std::env::var_os("CARE_DESK_PG_BIN").map(PathBuf::from),
            // As a dealership runs it: every commit reaches the disk.
            ephemeral: false,
            max_connections: 40,
        })
        .unwrap();
        cluster.ensure_database("care_desk").await.unwrap();
        let options = cluster.connect_options("care_desk");
        let url = options.to_url_lossy().to_string();
        let desk = Desk { folder, cluster, url };
        let mut db = desk.db().await;
        MIGRATOR.run(&mut db).await.unwrap();
        let now = Clock::System.now();
        let mut tx = db.begin().await.unwrap();
        let store = stores::service::open(&mut tx, "S01", "滨江店", Actor::System, now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let hash = Hasher::with_cost(32, 1)
            .unwrap()
            .hash(&SecretString::from(PASSWORD))
            .await
            .unwrap();
        let user = users::queries::insert(&mut db, "admin", "admin", None, Some(&hash), None, now)
            .await
            .unwrap();
        users::queries::insert_membership(&mut db, store, user, Role::Admin, None)
            .await
            .unwrap();
        desk
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub async fn db(&self) -> PgConnection {
        let options = self.cluster.connect_options("care_desk");
        PgConnection::connect_with(&options).await.unwrap()
    }

    pub async fn close(self) {
        self.cluster.stop(StopMode::Fast).unwrap();
    }

    /// From the upload to the result, by the pages of a server.
    pub async fn upload(&self, file: &Path) -> Taken {
        let server = Server::start(self).await;
        let mut db = self.db().await;
        let cookie = server.sign_in().await;
        let body = multipart(file);
        let before = server.forget_peak();
        let begun = Instant::now();
        let mut watch = Watch::new(begun);
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        watch
            .during(&mut db, server.post("/imports", &cookie, &kind, body))
            .await;
        watch.until(&mut db, "staged").await;
        let form = |fields: String| fields.into_bytes();
        let fields: Vec<String> = FIELDS.iter().map(|field| format!("field={field}")).collect();
        let columns = format!("{}&version={}", fields.join("&"), watch.version);
        const FORM: &str = "application/x-www-form-urlencoded";
        watch
            .during(
                &mut db,
                server.post("/imports/1/columns", &cookie, FORM, form(columns)),
            )
            .await;
        watch.until(&mut db, "staged").await;
        let confirm = form(format!("version={}", watch.version));
        watch
            .during(&mut db, server.post("/imports/1/confirm", &cookie, FORM, confirm))
            .await;
        watch.until(&mut db, "confirmed").await;
        let total = begun.elapsed();
        let growth_kb = server.peak() - before;
        Taken {
            total,
            phases: watch.phases,
            new: new(&mut db).await,
            growth_kb,
        }
    }

    /// The command, which streams a CSV of any length.
    pub async fn command(&self, file: &Path) -> Taken {
        let mut db = self.db().await;
        let begun = Instant::now();
        let mut watch = Watch::new(begun);
        let mut child = Command::new(PROGRAM)
            .args(["import", "roster"])
            .arg(file)
            .args(["--store", "S01", "--json"])
            .env("DATABASE_URL", &self.url)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let before = memory(child.id(), "VmRSS:").unwrap_or_default();
        let mut peak = before;
        while child.try_wait().unwrap().is_none() {
            watch.look(&mut db).await;
            peak = memory(child.id(), "VmHWM:").unwrap_or(peak);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(child.wait().unwrap().success());
        Taken {
            total: begun.elapsed(),
            phases: watch.phases,
            new: new(&mut db).await,
            growth_kb: peak - before,
        }
    }
}

async fn new(db: &mut PgConnection) -> i64 {
    sqlx::query_scalar("select (counts ->> 'new')::bigint from imports")
        .fetch_one(db)
        .await
        .unwrap()
}

/// Notes when an import passes from one phase to the next.
struct Watch {
    since: Instant,
    now: Option<String>,
    phases: Vec<(String, Duration)>,
    state: String,
    version: i32,
}

impl Watch {
    fn new(since: Instant) -> Watch {
        Watch {
            since,
            now: None,
            phases: Vec::new(),
            state: String::new(),
            version: 0,
        }
    }

    async fn look(&mut self, db: &mut PgConnection) {
        let row: Option<(String, String, i32, bool)> =
            sqlx::query_as("select state, phase, version, counts <> '{}' from imports")
                .fetch_optional(db)
                .await
                .unwrap();
        let Some((state, phase, version, is_counted)) = row else {
            return;
        };
        assert!(state != "failed", "the import failed");
        let now = match state.as_str() {
            "reading" if phase == "reading" => "reading the file".to_owned(),
            "reading" => format!("preview: {phase}"),
            "staged" if is_counted => "asked: confirm".to_owned(),
            "staged" => "asked: columns".to_owned(),
            _ => format!("merge: {phase}"),
        };
        if self.now.as_ref() != Some(&now) {
            let passed = self.since.elapsed();
            if let Some(last) = self.now.replace(now) {
                self.phases.push((last, passed));
            }
            self.since = Instant::now();
        }
        (self.state, self.version) = (state, version);
    }

    /// Looks while a request is answered.
    async fn during<T>(&mut self, db: &mut PgConnection, request: impl Future<Output = T>) -> T {
        let mut request = std::pin::pin!(request);
        loop {
            tokio::select! {
                answer = &mut request => return answer,
                () = tokio::time::sleep(Duration::from_millis(5)) => self.look(db).await,
            }
        }
    }

    async fn until(&mut self, db: &mut PgConnection, state: &str) {
        loop {
            self.look(db).await;
            if self.state == state {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// A server of its own.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    async fn start(desk: &Desk) -> Server {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap().to_string();
        drop(free);
        let child = Command::new(PROGRAM)
            .arg("serve")
            .env("DATABASE_URL", &desk.url)
            .env("CARE_DESK_LISTEN", &address)
            .env("CARE_DESK_DATA_DIR", desk.folder().join("server"))
            .env("RUST_LOG", "error")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        while TcpStream::connect(&address).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Server { child, address }
    }

    async fn sign_in(&self) -> String {
        let form = format!("username=admin&password={}", PASSWORD.replace(' ', "+"));
        let head = self
            .post(
                "/login",
                "",
                "application/x-www-form-urlencoded",
                form.into_bytes(),
            )
            .await;
        let cookies = head
            .lines()
            .filter(|line| line.to_lowercase().starts_with("set-cookie:"))
            .map(|line| &line[11..]);
        let pairs: Vec<&str> = cookies
            .filter_map(|cookie| cookie.split(';').next())
            .map(str::trim)
            .collect();
        pairs.join("; ")
    }

    /// Posts as a browser does on its own page; gives the head of the answer, which must be a redirection.
    async fn post(&self, path: &str, cookie: &str, kind: &str, body: Vec<u8>) -> String {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nSec-Fetch-Site: same-origin\r\nCookie: {cookie}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            self.address,
            body.len(),
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&body).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(answer.starts_with("HTTP/1.1 303"), "{path}: {answer}");
        answer.split("\r\n\r\n").next().unwrap_or_default().to_owned()
    }

    /// Resident memory now; the peak begins anew.
    fn forget_peak(&self) -> i64 {
        std::fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5").unwrap();
        memory(self.child.id(), "VmRSS:").unwrap()
    }

    fn peak(&self) -> i64 {
        memory(self.child.id(), "VmHWM:").unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A line of the process's status, in kB.
fn memory(pid: u32, line: &str) -> Option<i64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status
        .lines()
        .find_map(|found| found.strip_prefix(line))?
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .ok()
}

fn multipart(file: &Path) -> Vec<u8> {
    let name = file.file_name().unwrap().to_string_lossy();
    let mut body = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\nroster\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
    )
    .into_bytes();
    body.extend(std::fs::read(file).unwrap());
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").into_bytes());
    body
}
