//! The private PostgreSQL cluster: what the program runs on when no `DATABASE_URL` is set.
//!
//! - It lives in one folder, is reached over a socket in it only, never over TCP, and asks for a random password.
//! - One process owns it, by a lock on a file. Other commands join the cluster of a running server, or own it
//!   themselves for as long as they run.
//! - The server is no child of ours: after a crash of the program the next start takes the running one over.
//! - PostgreSQL refuses to run as root: root runs it as the owner of the folder, `postgres` or `nobody`.
//! - Alive means that something accepts on the socket; process numbers and pid files lie in containers.
//!
//! Everything here blocks, except [`Cluster::ensure_database`] and [`supervise`].

mod error;
mod folder;
mod programs;
mod server;

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use nix::unistd::{Uid, User};
use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{AssertSqlSafe, Connection};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use self::folder::Folder;
use self::server::Server;

pub use self::error::EmbeddedError;

/// The database's superuser; no relation to a user of the system.
const USER: &str = "desk";
/// How long a command waits for a server that is starting; as long as `pg_ctl` waits.
const JOIN: Duration = Duration::from_secs(60);
/// An outage is noticed within this time.
const PING: Duration = Duration::from_secs(2);
/// A cluster that cannot be revived is tried again at ever longer intervals, up to this one.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Where the cluster lives and how it is run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Taken over whole: empty or ours, and closed to everyone but the server's user.
    pub data_dir: PathBuf,
    /// Folder of `initdb`, `pg_ctl` and `postgres`; absent: PATH, then the usual places, newest first.
    pub pg_bin: Option<PathBuf>,
    /// Nothing is synced to disk: tests only.
    pub ephemeral: bool,
    pub max_connections: u32,
}

/// How a stop treats connected clients: `Fast` ends their sessions, `Immediate` also skips the checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopMode {
    Fast,
    Immediate,
}

impl StopMode {
    fn as_str(self) -> &'static str {
        match self {
            StopMode::Fast => "fast",
            StopMode::Immediate => "immediate",
        }
    }
}

/// A running cluster. Dropping it leaves the server running and gives up the ownership.
#[derive(Debug)]
pub struct Cluster {
    folder: Folder,
    password: SecretString,
    role: Role,
    timings: Vec<(&'static str, Duration)>,
}

#[derive(Debug)]
enum Role {
    Owner {
        server: Server,
        /// Set by a stop, so that no supervisor starts the server again.
        stopped: Mutex<bool>,
        _lock: File,
    },
    Guest {
        _joined: File,
    },
}

impl Cluster {
    /// Owns the folder: makes the cluster if there is none, and starts it or takes over a running one.
    pub fn start(options: &Options) -> Result<Cluster, EmbeddedError> {
        let folder = Folder::open(&options.data_dir)?;
        match folder.try_own()? {
            Some(lock) => Cluster::own(folder, lock, options),
            None => Err(EmbeddedError::Owned(folder.root().to_owned())),
        }
    }

    /// For commands beside a server: joins the cluster of the owner, or owns it; see [`Cluster::stop_if_owner`].
    pub fn join_or_start(options: &Options) -> Result<Cluster, EmbeddedError> {
        let folder = Folder::open(&options.data_dir)?;
        let begun = Instant::now();
        loop {
            if let Some(lock) = folder.try_own()? {
                return Cluster::own(folder, lock, options);
            }
            let joined = folder.joined()?;
            if joined.try_lock_shared().is_ok() && folder.is_accepting() {
                let password = folder.password()?;
                let timings = vec![("join", begun.elapsed())];
                return Ok(Cluster {
                    folder,
                    password,
                    role: Role::Guest { _joined: joined },
                    timings,
                });
            }
            if begun.elapsed() > JOIN {
                return Err(EmbeddedError::NotReady {
                    folder: folder.root().to_owned(),
                    seconds: JOIN.as_secs(),
                });
            }
            thread::sleep(Duration::from_millis(100));
        }
    }

    fn own(folder: Folder, lock: File, options: &Options) -> Result<Cluster, EmbeddedError> {
        let mut timings = Vec::new();
        let server = Server::new(&folder, options)?;
        let begun = Instant::now();
        if folder.initialising().exists() || !folder.data().exists() {
            server.init(&lock)?;
            timings.push(("initdb", begun.elapsed()));
        }
        let password = folder.password()?;
        let begun = Instant::now();
        let running = folder.is_accepting();
        if !running {
            server.start()?;
        }
        timings.push((if running { "attach" } else { "start" }, begun.elapsed()));
        let role = Role::Owner {
            server,
            stopped: Mutex::new(false),
            _lock: lock,
        };
        Ok(Cluster {
            folder,
            password,
            role,
            timings,
        })
    }

    /// Over the socket, as the superuser of the cluster.
    pub fn connect_options(&self, database: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(self.folder.run())
            .port(5432)
            .username(USER)
            .password(self.password.expose_secret())
            .database(database)
            .ssl_mode(PgSslMode::Disable)
            .application_name("care-desk")
    }

    /// Creates the database if it is not there. `name` is a constant of the program: letters and `_`.
    pub async fn ensure_database(&self, name: &str) -> sqlx::Result<()> {
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
            return Err(sqlx::Error::Configuration(
                format!("{name:?} is no name of a database").into(),
            ));
        }
        let mut connection = self.connect_when_ready("postgres").await?;
        let exists: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
            .bind(name)
            .fetch_one(&mut connection)
            .await?;
        if !exists {
            let created = sqlx::query(AssertSqlSafe(format!("create database {name}")))
                .execute(&mut connection)
                .await;
            match created {
                // Somebody else was faster.
                Err(err) if crate::db::sqlstate(&err).as_deref() == Some("42P04") => {}
                Ok(_) => {}
                Err(err) => return Err(err),
            }
        }
        connection.close().await
    }

    /// The socket opens before recovery ends; until then connections are refused with 57P03.
    async fn connect_when_ready(&self, database: &str) -> sqlx::Result<PgConnection> {
        let options = self.connect_options(database);
        let begun = Instant::now();
        loop {
            match PgConnection::connect_with(&options).await {
                Err(err) if crate::db::is_unavailable(&err) && begun.elapsed() < JOIN => {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                done => return done,
            }
        }
    }

    /// Something accepts connections; during recovery it may still refuse to work.
    pub fn is_accepting(&self) -> bool {
        self.folder.is_accepting()
    }

    pub fn is_owner(&self) -> bool {
        match self.role {
            Role::Owner { .. } => true,
            Role::Guest { .. } => false,
        }
    }

    /// The canonical path of the folder: what a message to a person names.
    pub fn data_dir(&self) -> &Path {
        self.folder.root()
    }

    /// What the start did and how long each step took: `initdb`, then `start`, `attach` or `join`.
    pub fn timings(&self) -> &[(&'static str, Duration)] {
        &self.timings
    }

    /// Starts a server that died; nothing if it lives or was stopped on purpose. Owners only.
    pub fn revive(&self) -> Result<(), EmbeddedError> {
        let (server, stopped) = self.owned()?;
        let stopped = stopped.lock().unwrap_or_else(PoisonError::into_inner);
        if *stopped || self.is_accepting() {
            return Ok(());
        }
        server.start()
    }

    /// Stops the server whoever is connected. Owners only.
    pub fn stop(&self, mode: StopMode) -> Result<(), EmbeddedError> {
        let (server, stopped) = self.owned()?;
        let mut stopped = stopped.lock().unwrap_or_else(PoisonError::into_inner);
        *stopped = true;
        server.stop(mode)
    }

    /// The end of a command: an owner waits for the commands that joined it, then stops; a guest does nothing.
    pub fn stop_if_owner(&self) -> Result<(), EmbeddedError> {
        if !self.is_owner() {
            return Ok(());
        }
        let joined = self.folder.joined()?;
        joined.lock().map_err(error::io("lock", self.folder.root()))?;
        self.stop(StopMode::Fast)
    }

    fn owned(&self) -> Result<(&Server, &Mutex<bool>), EmbeddedError> {
        match &self.role {
            Role::Owner { server, stopped, .. } => Ok((server, stopped)),
            Role::Guest { .. } => Err(EmbeddedError::Owned(self.folder.root().to_owned())),
        }
    }
}

/// Watches the cluster of an owner and starts it again when it dies, until `stop`.
pub async fn supervise(cluster: Arc<Cluster>, stop: CancellationToken) {
    let mut pause = PING;
    while stop
        .run_until_cancelled(tokio::time::sleep(pause))
        .await
        .is_some()
    {
        if answers(&cluster.folder.socket()).await {
            pause = PING;
            continue;
        }
        warn!("the private PostgreSQL cluster does not answer: starting it again");
        let dead = Arc::clone(&cluster);
        match tokio::task::spawn_blocking(move || dead.revive()).await {
            Ok(Ok(())) => {
                info!("the private PostgreSQL cluster runs again");
                pause = PING;
            }
            Ok(Err(err)) => {
                error!(error = %err, "the private PostgreSQL cluster cannot be started");
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            Err(err) => error!(error = %err, "starting the private PostgreSQL cluster broke off"),
        }
    }
}

/// A full queue of connections means a busy server, not a dead one.
async fn answers(socket: &Path) -> bool {
    match tokio::net::UnixStream::connect(socket).await {
        Ok(_) => true,
        Err(err) => err.kind() == ErrorKind::WouldBlock,
    }
}

/// `/var/lib/care-desk` for root, else `care-desk` in the user's XDG data folder.
pub fn default_data_dir() -> PathBuf {
    if Uid::effective().is_root() {
        return PathBuf::from("/var/lib/care-desk");
    }
    let absolute = |name| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let home = || {
        let listed = || Some(User::from_uid(Uid::effective()).ok()??.dir);
        absolute("HOME").or_else(listed).unwrap_or_default()
    };
    absolute("XDG_DATA_HOME")
        .unwrap_or_else(|| home().join(".local/share"))
        .join("care-desk")
}
