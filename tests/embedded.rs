//! Runs real private clusters in temporary folders, as root too.
#![expect(clippy::unwrap_used, reason = "in a test every unwrap is an assertion")]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use care_desk::db::embedded::{Cluster, EmbeddedError, Options, StopMode, supervise};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// A folder that the server's user may reach; its cluster ends with it.
struct Place(TempDir);

impl Place {
    fn new() -> Place {
        Place(
            tempfile::Builder::new()
                .prefix("care-desk-embedded-")
                .tempdir_in("/tmp")
                .unwrap(),
        )
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn options(&self) -> Options {
        options(self.path())
    }

    fn postmaster(&self) -> i32 {
        fs::read_to_string(self.path().join("data/postmaster.pid"))
            .unwrap()
            .lines()
            .next()
            .unwrap()
            .parse()
            .unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Ok(text) = fs::read_to_string(self.path().join("data/postmaster.pid"))
            && let Some(Ok(pid)) = text.lines().next().map(str::parse)
        {
            // Gone already where the test stopped it.
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
    }
}

fn options(data_dir: &Path) -> Options {
    let pg_bin = std::env::var_os("CARE_DESK_PG_BIN").map(PathBuf::from);
    Options {
        data_dir: data_dir.to_owned(),
        pg_bin,
        ephemeral: true,
        max_connections: 10,
    }
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().mode() & 0o777
}

fn did(cluster: &Cluster) -> Vec<&'static str> {
    cluster.timings().iter().map(|(step, _)| *step).collect()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

fn ask<T>(cluster: &Cluster, database: &str, sql: &'static str) -> T
where
    T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + Unpin,
{
    block_on(async {
        let mut connection = PgConnection::connect_with(&cluster.connect_options(database))
            .await
            .unwrap();
        sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
    })
}

/// Watches for an event that has no other way to tell; fails after 30 s.
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "waited in vain until {what}"
        );
        std::thread::yield_now();
    }
}

#[test]
fn a_new_cluster_holds_utf8_and_is_closed_to_others() {
    let place = Place::new();
    let cluster = Cluster::start(&place.options()).unwrap();
    assert_eq!(did(&cluster), ["initdb", "start"]);
    block_on(cluster.ensure_database("care_desk")).unwrap();
    block_on(cluster.ensure_database("care_desk")).unwrap();
    assert!(block_on(cluster.ensure_database("care desk; drop database postgres")).is_err());

    for (setting, value) in [
        ("select current_setting('server_encoding')", "UTF8"),
        ("select current_setting('lc_ctype')", "C.UTF-8"),
        ("select current_setting('data_checksums')", "on"),
        ("select current_setting('listen_addresses')", ""),
        ("select current_setting('password_encryption')", "scram-sha-256"),
        ("select current_setting('application_name')", "care-desk"),
        ("select current_database()::text", "care_desk"),
    ] {
        assert_eq!(ask::<String>(&cluster, "care_desk", setting), value, "{setting}");
    }
    for folder in ["", "data", "run"] {
        assert_eq!(mode(&place.path().join(folder)), 0o700, "{folder}");
    }
    for file in ["password", "lock", "server.log"] {
        assert_eq!(mode(&place.path().join(file)), 0o600, "{file}");
    }
    assert!(!place.path().join("initialising").exists());

    let wrong = cluster.connect_options("care_desk").password("wrong");
    let refused = block_on(PgConnection::connect_with(&wrong)).unwrap_err();
    assert_eq!(refused.as_database_error().unwrap().code().unwrap(), "28P01");

    cluster.stop(StopMode::Fast).unwrap();
    assert!(!cluster.is_accepting());
    assert!(!place.path().join("data/postmaster.pid").exists());
}

#[test]
fn no_tcp_port_is_open() {
    let place = Place::new();
    let cluster = Cluster::start(&place.options()).unwrap();
    let mut sockets = Vec::new();
    for entry in fs::read_dir(format!("/proc/{}/fd", place.postmaster()))
        .unwrap()
        .flatten()
    {
        if let Ok(target) = fs::read_link(entry.path())
            && let Some(inode) = target.to_string_lossy().strip_prefix("socket:[")
        {
            sockets.push(inode.trim_end_matches(']').to_owned());
        }
    }
    let inodes_of = |table: &str| -> Vec<String> {
        let text = fs::read_to_string(table).unwrap_or_default();
        text.lines()
            .flat_map(str::split_whitespace)
            .map(str::to_owned)
            .collect()
    };
    let unix = inodes_of("/proc/net/unix");
    assert!(
        sockets.iter().any(|inode| unix.contains(inode)),
        "the socket of the cluster was not seen"
    );
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        let open = inodes_of(table);
        assert!(!sockets.iter().any(|inode| open.contains(inode)), "{table}");
    }
    cluster.stop(StopMode::Immediate).unwrap();
}

#[test]
fn a_new_owner_takes_the_running_server_over() {
    let place = Place::new();
    let first = Cluster::start(&place.options()).unwrap();
    let postmaster = place.postmaster();
    drop(first);
    let second = Cluster::start(&place.options()).unwrap();
    assert_eq!(did(&second), ["attach"]);
    assert_eq!(place.postmaster(), postmaster);
    assert_eq!(ask::<i32>(&second, "postgres", "select 1"), 1);

    second.stop(StopMode::Fast).unwrap();
    second
        .stop(StopMode::Fast)
        .expect("a second stop finds nothing to do");
    drop(second);
    let third = Cluster::start(&place.options()).unwrap();
    assert_eq!(did(&third), ["start"]);
    third.stop(StopMode::Fast).unwrap();
}

#[test]
fn a_second_owner_is_refused_with_what_to_do() {
    let place = Place::new();
    let owner = Cluster::start(&place.options()).unwrap();
    let refused = Cluster::start(&place.options()).unwrap_err();
    assert!(matches!(refused, EmbeddedError::Owned(_)), "{refused}");
    assert!(
        refused.to_string().contains(place.path().to_str().unwrap()),
        "{refused}"
    );
    assert!(refused.to_string().contains("CARE_DESK_DATA_DIR"), "{refused}");
    assert!(owner.is_accepting());
    owner.stop(StopMode::Fast).unwrap();
}

#[test]
fn a_command_joins_the_server_and_leaves_it_running() {
    let place = Place::new();
    let owner = Cluster::start(&place.options()).unwrap();
    let guest = Cluster::join_or_start(&place.options()).unwrap();
    assert_eq!((did(&guest), guest.is_owner()), (vec!["join"], false));
    assert_eq!(ask::<i32>(&guest, "postgres", "select 1"), 1);
    assert!(matches!(guest.stop(StopMode::Fast), Err(EmbeddedError::Owned(_))));
    guest.stop_if_owner().unwrap();
    assert!(owner.is_accepting());
    owner.stop(StopMode::Fast).unwrap();
}

#[test]
fn a_command_alone_starts_and_stops_the_server() {
    let place = Place::new();
    let command = Cluster::join_or_start(&place.options()).unwrap();
    assert!(command.is_owner());
    assert_eq!(ask::<i32>(&command, "postgres", "select 1"), 1);
    command.stop_if_owner().unwrap();
    assert!(!command.is_accepting());
}

#[test]
fn a_command_that_ends_waits_for_those_that_joined_it() {
    let place = Place::new();
    let owner = Cluster::join_or_start(&place.options()).unwrap();
    let guest = Cluster::join_or_start(&place.options()).unwrap();
    let stopping = std::thread::spawn(move || owner.stop_if_owner());
    assert_eq!(ask::<i32>(&guest, "postgres", "select 1 from pg_sleep(0.3)"), 1);
    assert!(!stopping.is_finished());
    drop(guest);
    stopping.join().unwrap().unwrap();
    assert!(!place.path().join("data/postmaster.pid").exists());
}

#[test]
fn a_killed_server_is_revived_with_its_data() {
    let place = Place::new();
    let cluster = Cluster::start(&place.options()).unwrap();
    block_on(cluster.ensure_database("care_desk")).unwrap();
    let killed = place.postmaster();
    kill(Pid::from_raw(killed), Signal::SIGKILL).unwrap();
    wait_until("the socket is dead", || !cluster.is_accepting());
    cluster.revive().unwrap();
    assert_ne!(place.postmaster(), killed);
    assert_eq!(
        ask::<i64>(
            &cluster,
            "care_desk",
            "select count(*) from pg_database where datname = 'care_desk'"
        ),
        1
    );
    cluster.revive().expect("a living server is left alone");
    cluster.stop(StopMode::Fast).unwrap();
    cluster.revive().unwrap();
    assert!(
        !cluster.is_accepting(),
        "a server that was stopped on purpose stays down"
    );
}

#[test]
fn the_supervisor_brings_a_killed_server_back() {
    let place = Place::new();
    let cluster = Arc::new(Cluster::start(&place.options()).unwrap());
    let killed = place.postmaster();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let stop = CancellationToken::new();
    let supervisor = runtime.spawn(supervise(Arc::clone(&cluster), stop.clone()));
    kill(Pid::from_raw(killed), Signal::SIGKILL).unwrap();
    wait_until("the socket is dead", || !cluster.is_accepting());
    wait_until("the server is back", || cluster.is_accepting());
    assert_ne!(place.postmaster(), killed);
    stop.cancel();
    runtime.block_on(supervisor).unwrap();
    cluster.stop(StopMode::Fast).unwrap();
}

#[test]
fn the_pid_file_of_a_stranger_does_not_stop_a_start() {
    let place = Place::new();
    drop(
        Cluster::start(&place.options())
            .map(|cluster| cluster.stop(StopMode::Fast))
            .unwrap(),
    );
    // A process of the server's user that PostgreSQL would take for a server: what a reboot may leave.
    let owner = fs::metadata(place.path()).unwrap();
    let mut stranger = Command::new("sleep");
    stranger.arg("600").stdin(Stdio::null());
    if nix::unistd::Uid::effective().is_root() {
        std::os::unix::process::CommandExt::uid(&mut stranger, owner.uid());
    }
    let mut stranger = stranger.spawn().unwrap();
    let pid_file = place.path().join("data/postmaster.pid");
    fs::write(
        &pid_file,
        format!("{}\n{}\n", stranger.id(), place.path().join("data").display()),
    )
    .unwrap();
    let started = Cluster::start(&place.options());
    stranger.kill().unwrap();
    stranger.wait().unwrap();
    started.unwrap().stop(StopMode::Fast).unwrap();
}

#[test]
fn a_half_made_cluster_is_made_anew() {
    let place = Place::new();
    drop(
        Cluster::start(&place.options())
            .map(|cluster| cluster.stop(StopMode::Fast))
            .unwrap(),
    );
    fs::write(place.path().join("initialising"), "").unwrap();
    fs::remove_file(place.path().join("data/pg_hba.conf")).unwrap();
    let cluster = Cluster::start(&place.options()).unwrap();
    assert_eq!(did(&cluster), ["initdb", "start"]);
    cluster.stop(StopMode::Fast).unwrap();
}

#[test]
fn data_of_another_major_version_is_named_and_kept() {
    let place = Place::new();
    drop(
        Cluster::start(&place.options())
            .map(|cluster| cluster.stop(StopMode::Fast))
            .unwrap(),
    );
    fs::write(place.path().join("data/PG_VERSION"), "9\n").unwrap();
    let refused = Cluster::start(&place.options()).unwrap_err();
    assert!(matches!(refused, EmbeddedError::OtherVersion { .. }), "{refused}");
    assert!(refused.to_string().contains("postgresql-9"), "{refused}");
    assert!(place.path().join("data/base").is_dir());
}

#[test]
fn a_server_that_does_not_start_shows_the_end_of_its_log() {
    let place = Place::new();
    drop(
        Cluster::start(&place.options())
            .map(|cluster| cluster.stop(StopMode::Fast))
            .unwrap(),
    );
    fs::write(place.path().join("data/postgresql.conf"), "no_such_setting = 1\n").unwrap();
    let refused = Cluster::start(&place.options()).unwrap_err();
    assert!(refused.to_string().contains("no_such_setting"), "{refused}");
}

#[test]
fn a_long_log_is_put_aside_at_a_start() {
    let place = Place::new();
    drop(
        Cluster::start(&place.options())
            .map(|cluster| cluster.stop(StopMode::Fast))
            .unwrap(),
    );
    let log = place.path().join("server.log");
    fs::OpenOptions::new()
        .write(true)
        .open(&log)
        .unwrap()
        .set_len(11 << 20)
        .unwrap();
    let cluster = Cluster::start(&place.options()).unwrap();
    assert_eq!(
        fs::metadata(place.path().join("server.log.1")).unwrap().len(),
        11 << 20
    );
    assert!(fs::metadata(&log).unwrap().len() < 1 << 20);
    cluster.stop(StopMode::Fast).unwrap();
}

#[test]
fn a_folder_with_other_files_is_left_alone() {
    let place = Place::new();
    fs::write(place.path().join("letter.txt"), "mine").unwrap();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let refused = Cluster::start(&place.options()).unwrap_err();
    assert!(matches!(refused, EmbeddedError::NotEmpty(_)), "{refused}");
    assert_eq!(mode(place.path()), 0o755);
}

#[test]
fn a_folder_that_the_servers_user_cannot_enter_is_named() {
    if !nix::unistd::Uid::effective().is_root() {
        return; // only root runs the server as somebody else
    }
    let place = Place::new();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let refused = Cluster::start(&options(&place.path().join("inside"))).unwrap_err();
    assert!(matches!(refused, EmbeddedError::NotEnterable { .. }), "{refused}");
    assert!(
        refused.to_string().contains(place.path().to_str().unwrap()),
        "{refused}"
    );
}

#[test]
fn a_path_too_long_for_a_socket_works_and_a_foreign_socket_folder_is_refused() {
    let place = Place::new();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let long = place.path().join(format!("it's {}", "深".repeat(40)));
    let cluster = Cluster::start(&options(&long)).unwrap();
    let run = cluster.connect_options("postgres").get_socket().unwrap().clone();
    assert!(run.starts_with("/tmp"), "{}", run.display());
    assert_eq!(mode(&run), 0o700);
    assert_eq!(ask::<i32>(&cluster, "postgres", "select 1"), 1);
    cluster.stop(StopMode::Fast).unwrap();
    drop(cluster);

    fs::set_permissions(&run, fs::Permissions::from_mode(0o777)).unwrap();
    let refused = Cluster::start(&options(&long)).unwrap_err();
    fs::remove_dir_all(&run).unwrap();
    assert!(matches!(refused, EmbeddedError::BadSocketFolder(_)), "{refused}");
}
