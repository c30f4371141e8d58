//! Makes, starts and stops the server of a folder that we own.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use secrecy::SecretString;

use super::error::{EmbeddedError, io};
use super::folder::{Folder, remove_socket};
use super::programs::Programs;
use super::{Options, StopMode, USER};

/// Recovery after a power cut may take this long before `pg_ctl` gives up waiting; the server goes on then.
const START_SECONDS: &str = "60";
const STOP_SECONDS: u64 = 30;
/// A killed postmaster's children notice within seconds and finish their writes.
const STRAGGLERS: Duration = Duration::from_secs(30);
/// The log is cut at a start; ordinary running writes a few lines a day.
const LONGEST_LOG: u64 = 10 * 1024 * 1024;

/// Names and phones stay out of the log: no parameters, and no detail lines, which quote rows.
const SETTINGS: &str = "-c listen_addresses='' -c port=5432 -c unix_socket_permissions=0700 \
    -c timezone=UTC -c log_timezone=UTC -c logging_collector=off -c log_statement=none \
    -c log_min_duration_statement=500 -c log_parameter_max_length=0 -c log_error_verbosity=terse";
/// Tests only: everything is lost with the machine.
const EPHEMERAL: &str = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off \
    -c shared_buffers=64MB -c dynamic_shared_memory_type=mmap -c wal_level=minimal -c max_wal_senders=0";

#[derive(Debug)]
pub(super) struct Server {
    folder: Folder,
    programs: Programs,
    ephemeral: bool,
    max_connections: u32,
}

impl Server {
    pub(super) fn new(folder: &Folder, options: &Options) -> Result<Server, EmbeddedError> {
        let programs = Programs::find(options.pg_bin.as_deref(), &folder.data(), folder.user.clone())?;
        Ok(Server {
            folder: folder.clone(),
            programs,
            ephemeral: options.ephemeral,
            max_connections: options.max_connections,
        })
    }

    pub(super) fn init(&self, lock: &File) -> Result<(), EmbeddedError> {
        let data = self.folder.data();
        self.folder.mark_initialising()?;
        match fs::remove_dir_all(&data) {
            Err(err) if err.kind() != ErrorKind::NotFound => return Err(io("remove", &data)(err)),
            Ok(()) | Err(_) => {}
        }
        self.folder.write_password(&random_password())?;

        let mut initdb = self.programs.command("initdb", self.folder.root());
        initdb.args([
            "-D",
            "data",
            "-U",
            USER,
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--data-checksums",
        ]);
        initdb.args(["--auth=scram-sha-256", "--pwfile=password", "--no-instructions"]);
        if self.ephemeral {
            initdb.arg("--no-sync");
        }
        // The lock goes along: should we be killed, initdb holds it until it has ended as well.
        initdb.stdin(lock.try_clone().map_err(io("lock", &data))?);
        let output = initdb.output().map_err(io("run initdb for", &data))?;
        if !output.status.success() {
            return Err(EmbeddedError::Init(
                String::from_utf8_lossy(&output.stderr).trim().to_owned(),
            ));
        }
        self.folder.unmark_initialising()
    }

    /// Starts the server of data that nothing serves; it outlives us unless it is stopped.
    pub(super) fn start(&self) -> Result<(), EmbeddedError> {
        self.clear_stale()?;
        self.rotate_log()?;
        let mut settings = format!(
            "{SETTINGS} -c max_connections={} -k '{}'",
            self.max_connections,
            self.folder.run().display()
        );
        if self.ephemeral {
            settings = format!("{settings} {EPHEMERAL}");
        }
        // Paths are relative to the folder: pg_ctl hands them to a shell.
        let mut pg_ctl = self.programs.command("pg_ctl", self.folder.root());
        pg_ctl.args([
            "start",
            "-w",
            "-s",
            "-t",
            START_SECONDS,
            "-D",
            "data",
            "-l",
            "server.log",
            "-o",
            &settings,
        ]);
        let status = pg_ctl
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .map_err(io("run pg_ctl for", self.folder.root()))?;
        if status.success() || self.folder.is_accepting() {
            return Ok(());
        }
        Err(EmbeddedError::DidNotStart {
            log: self.folder.log(),
            tail: self.log_tail(),
        })
    }

    pub(super) fn stop(&self, mode: StopMode) -> Result<(), EmbeddedError> {
        if !self.folder.postmaster_pid().exists() {
            return Ok(());
        }
        let mut pg_ctl = self.programs.command("pg_ctl", self.folder.root());
        pg_ctl.args([
            "stop",
            "-w",
            "-s",
            "-D",
            "data",
            "-t",
            &STOP_SECONDS.to_string(),
            "-m",
            mode.as_str(),
        ]);
        let status = pg_ctl
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .map_err(io("run pg_ctl for", self.folder.root()))?;
        // A postmaster that was killed has left its pid file: nothing to stop, and pg_ctl calls that a failure.
        if status.success() || !self.folder.is_accepting() {
            return Ok(());
        }
        Err(EmbeddedError::DidNotStop {
            seconds: STOP_SECONDS,
        })
    }

    /// Waits for the children of a killed postmaster, then drops a pid file that PostgreSQL would believe.
    ///
    /// It believes any process of that number, also a zombie (a container whose first process reaps nobody) and,
    /// after a reboot, a stranger. We hold the folder's lock and saw no process work in it: the file is stale.
    fn clear_stale(&self) -> Result<(), EmbeddedError> {
        let Ok(text) = fs::read_to_string(self.folder.postmaster_pid()) else {
            return Ok(());
        };
        let begun = Instant::now();
        while self.is_data_in_use()? {
            if self.folder.is_accepting() {
                return Ok(());
            }
            if begun.elapsed() > STRAGGLERS {
                return Err(EmbeddedError::StillHeld(self.folder.data()));
            }
            thread::sleep(Duration::from_millis(50));
        }
        let pid = text.lines().next().unwrap_or_default().trim();
        if fs::exists(format!("/proc/{pid}")).unwrap_or(false) {
            let pid_file = self.folder.postmaster_pid();
            fs::remove_file(&pid_file).map_err(io("remove", &pid_file))?;
            remove_socket(&self.folder.socket());
            // Absent when the socket was never made.
            let _ = fs::remove_file(self.folder.socket_lock());
        }
        Ok(())
    }

    /// Every server process works in the data folder; a zombie works nowhere. Asked as the server's user: in a
    /// container root may not see where the processes of others work.
    fn is_data_in_use(&self) -> Result<bool, EmbeddedError> {
        const SEARCH: &str =
            "for process in /proc/[0-9]*; do [ $process/cwd -ef data ] && exit 0; done; exit 1";
        let status = self
            .programs
            .outside_command("sh".as_ref(), self.folder.root())
            .args(["-c", SEARCH])
            .stderr(Stdio::null())
            .status()
            .map_err(io("look for the processes of", self.folder.root()))?;
        Ok(status.success())
    }

    fn rotate_log(&self) -> Result<(), EmbeddedError> {
        let log = self.folder.log();
        if fs::metadata(&log).is_ok_and(|meta| meta.len() > LONGEST_LOG) {
            fs::rename(&log, log.with_extension("log.1")).map_err(io("rename", &log))?;
        }
        Ok(())
    }

    fn log_tail(&self) -> String {
        let bytes = fs::read(self.folder.log()).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(8)..].join("\n")
    }
}

fn random_password() -> SecretString {
    let mut bytes = [0_u8; 24];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    hex::encode(bytes).into()
}
