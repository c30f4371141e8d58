//! The command line of contract.md. Every command but `serve` and `demo` does its work and ends.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use chrono::NaiveDate;
use clap::{Parser, Subcommand};
use secrecy::SecretString;

use crate::audit;
use crate::auth::password::Hasher;
use crate::auth::permission::Role;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::connect::{Database, Ownership};
use crate::demo;
use crate::imports::child;
use crate::imports::command::{self, ImportCommand};
use crate::imports::parse::Limits;
use crate::jobs::runner::{self, Outcome, Task, Trigger};
use crate::jobs::{JOBS, JobName, Schedule, scheduler};
use crate::serve;
use crate::users;

/// The desk of a car dealership's customer-care department
#[derive(Debug, Parser)]
#[command(name = "care-desk", version, about)]
pub struct Cli {
    #[command(flatten)]
    config: Config,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Migrate, then run the web server and the scheduler (the default)
    Serve,
    /// Fill an empty database with demonstration data, print its sign-in names, then serve
    Demo {
        /// Customers, over two stores
        #[arg(long, default_value_t = demo::CUSTOMERS)]
        customers: u32,
    },
    /// Apply migrations and exit
    Migrate,
    /// People who may sign in
    #[command(subcommand)]
    User(UserCommand),
    /// Import a roster, visits or policies from a file; exit 0 all rows taken, 1 some refused, 2 the file refused
    Import(ImportCommand),
    /// Run one background job now, in every store by its own calendar day
    RunJob {
        /// generate-obligations, generate-reviews, attach-waiting, release-expired-leases, extend-calendars or clean-up
        #[arg(required_unless_present = "list")]
        name: Option<JobName>,
        /// The day to run, absent: today
        #[arg(long)]
        day: Option<NaiveDate>,
        /// Print the jobs instead
        #[arg(long)]
        list: bool,
    },
    /// Read an import file under limits and write its rows as frames: the program calls itself
    #[command(name = child::SUBCOMMAND, hide = true)]
    ParseFile {
        file: PathBuf,
        limits: Limits,
        sheet: Option<String>,
    },
    /// The log of who did what
    #[command(subcommand)]
    Audit(AuditCommand),
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Walk every chain and say whether anything was changed; exit 1 if so
    Verify,
}

impl Cli {
    /// The file and the limits, if this process is the child that reads an import file.
    pub fn parse_file(&self) -> Option<(&Path, &Limits, Option<&str>)> {
        if let Some(Command::ParseFile { file, limits, sheet }) = &self.command {
            Some((file, limits, sheet.as_deref()))
        } else {
            None
        }
    }
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Add a person; the password is read from standard input
    Add {
        /// Sign-in name
        name: String,
        /// specialist, receptionist, clerk, handler, manager, admin or group
        #[arg(long)]
        role: Role,
        /// Code of the store; absent: group-wide (admin and group only)
        #[arg(long)]
        store: Option<String>,
        /// Read the password from the first line of standard input
        #[arg(long, required = true)]
        password_stdin: bool,
    },
}

/// Prints the reason and gives the exit code of a failure.
pub fn failed(error: &anyhow::Error) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "care-desk: {error:#}");
    ExitCode::FAILURE
}

/// Prints a line of a command's result.
pub fn say(line: impl std::fmt::Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Runs the command in a fresh runtime.
pub fn run(cli: Cli, secrets: Vec<(&'static str, String)>) -> ExitCode {
    let config = cli.config.with_secrets(secrets);
    let command = cli.command.unwrap_or(Command::Serve);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    runtime
        .block_on(dispatch(config, command))
        .unwrap_or_else(|error| failed(&error))
}

async fn dispatch(config: Config, command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve => serve::run(config).await?,
        Command::Demo { customers } => serve::demo(config, customers).await?,
        Command::Migrate => Database::open(&config, Ownership::Command).await?.close().await?,
        Command::User(UserCommand::Add {
            name,
            role,
            store,
            password_stdin: _,
        }) => {
            let database = Database::open(&config, Ownership::Command).await?;
            let added = add_user(&database, &name, role, store.as_deref()).await;
            database.close().await?;
            added?;
        }
        Command::Import(command) => {
            let database = Database::open(&config, Ownership::Command).await?;
            let done = command::run(&database.pool, &command, Clock::System.now()).await;
            database.close().await?;
            return done;
        }
        Command::ParseFile { .. } => bail!("{} runs before anything else", child::SUBCOMMAND),
        Command::Audit(AuditCommand::Verify) => {
            let database = Database::open(&config, Ownership::Command).await?;
            let verdict = audit::verify::verify(&database.pool).await;
            database.close().await?;
            return Ok(report(&verdict?));
        }
        Command::RunJob { list: true, .. } | Command::RunJob { name: None, .. } => list_jobs(),
        Command::RunJob {
            name: Some(name),
            day,
            ..
        } => {
            let database = Database::open(&config, Ownership::Command).await?;
            let has_failed = run_job(&database, name, day).await;
            database.close().await?;
            if has_failed? {
                return Ok(ExitCode::FAILURE);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn report(verdict: &audit::verify::Verdict) -> ExitCode {
    for bad in &verdict.bad {
        say(format_args!(
            "store {}: entry {} {}",
            bad.store_id, bad.seq, bad.reason
        ));
    }
    if verdict.bad.is_empty() {
        say(format_args!(
            "OK: {} entries in {} chains",
            verdict.entries, verdict.chains
        ));
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn list_jobs() {
    for job in JOBS {
        let times = match job.schedule {
            Schedule::Daily(time) => format!("daily at {time}"),
            Schedule::Every(interval) => format!("every {} min", interval.num_minutes()),
        };
        let places = if job.is_per_store {
            "in each store"
        } else {
            "for all stores"
        };
        say(format_args!("{:<24} {times} {places}", job.name.as_str()));
    }
}

/// Prints a line per store; `true` when a run has failed.
async fn run_job(database: &Database, name: JobName, day: Option<NaiveDate>) -> anyhow::Result<bool> {
    let clock = Clock::System;
    let mut has_failed = false;
    for last in scheduler::last_runs(&database.pool).await? {
        if last.job != name {
            continue;
        }
        let day = day.unwrap_or_else(|| clock.now().with_timezone(&last.zone).date_naive());
        let task = Task {
            job: name,
            store: last.store,
            day,
        };
        let outcome = runner::run(&database.pool, &clock, task, Trigger::Person).await?;
        let place = last
            .store
            .map_or_else(|| "all stores".to_owned(), |id| format!("store {id}"));
        match outcome {
            Outcome::Done(counts) => say(format_args!("{name} {day} {place}: {counts}")),
            Outcome::AlreadyDone | Outcome::LostLease => {
                say(format_args!("{name} {day} {place}: nothing to do"))
            }
            Outcome::Failed(error) => {
                has_failed = true;
                say(format_args!("{name} {day} {place}: failed: {error}"));
            }
        }
    }
    Ok(has_failed)
}

async fn add_user(database: &Database, name: &str, role: Role, store: Option<&str>) -> anyhow::Result<()> {
    let mut password = String::new();
    std::io::stdin()
        .read_line(&mut password)
        .context("reading the password from standard input")?;
    let password = SecretString::from(password.trim_end_matches(['\r', '\n']).to_owned());
    let new = users::service::NewAccount {
        username: name,
        role,
        store_code: store,
        password: &password,
    };
    let mut tx = database.pool.begin().await?;
    users::service::add_with_password(&mut tx, new, &Hasher::new()?, Clock::System.now()).await?;
    tx.commit().await?;
    say(format_args!("{name} may sign in as {role}"));
    Ok(())
}
