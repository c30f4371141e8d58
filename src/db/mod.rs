//! How the program meets its database: pools, migrations, what an error means.
//!
//! - Settings of a session travel with the connection, never as `set` statements: behind a pooler those would reach
//!   somebody else's session.
//! - Business rules that the schema keeps are told apart by the name of their constraint ([`OnConstraint`]).

pub mod connect;
pub mod embedded;

use std::time::Duration;

use sqlx::PgPool;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// The schema, compiled in from `migrations/`.
pub static MIGRATOR: Migrator = sqlx::migrate!();

/// The first version with everything that the schema uses; Debian 12 has it.
pub const OLDEST_POSTGRES: u32 = 15;

/// A request that finds no connection in 3 s is answered 503: waiting longer only makes the queue longer.
pub fn pool_options(max: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(max)
        .acquire_timeout(Duration::from_secs(3))
}

/// The settings of every session of ours.
///
/// PgBouncer refuses them unless its `ignore_startup_parameters` names them; set them on the role then. Generic
/// plans are off: after five runs the planner would no longer look at the text that is searched for.
pub fn tuned(options: PgConnectOptions) -> PgConnectOptions {
    options.options([
        ("statement_timeout", "15s"),
        ("lock_timeout", "5s"),
        ("idle_in_transaction_session_timeout", "30s"),
        ("plan_cache_mode", "force_custom_plan"),
        // Compiling a statement of ours takes longer than running it.
        ("jit", "off"),
    ])
}

/// The statement broke this unique index or primary key.
pub fn is_unique_violation(err: &sqlx::Error, constraint: &str) -> bool {
    err.as_database_error()
        .is_some_and(|err| err.is_unique_violation() && err.constraint() == Some(constraint))
}

/// The statement broke this check of a table.
pub fn is_check_violation(err: &sqlx::Error, constraint: &str) -> bool {
    err.as_database_error()
        .is_some_and(|err| err.is_check_violation() && err.constraint() == Some(constraint))
}

/// The database is away, starting, stopping or out of connections: worth another try later.
pub fn is_unavailable(err: &sqlx::Error) -> bool {
    if matches!(
        err,
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_)
    ) {
        return true;
    }
    sqlstate(err).is_some_and(|state| {
        state.starts_with("08") || matches!(&*state, "53300" | "57P01" | "57P02" | "57P03")
    })
}

fn sqlstate(err: &sqlx::Error) -> Option<String> {
    Some(err.as_database_error()?.code()?.into_owned())
}

/// Turns the breach of one named constraint into the error that it means.
pub trait OnConstraint<T> {
    /// Other errors pass unchanged, by their `From<sqlx::Error>`.
    fn on_constraint<E: From<sqlx::Error>>(
        self,
        constraint: &str,
        error: impl FnOnce(sqlx::Error) -> E,
    ) -> Result<T, E>;
}

impl<T> OnConstraint<T> for Result<T, sqlx::Error> {
    fn on_constraint<E: From<sqlx::Error>>(
        self,
        constraint: &str,
        error: impl FnOnce(sqlx::Error) -> E,
    ) -> Result<T, E> {
        self.map_err(
            |err| match err.as_database_error().and_then(|err| err.constraint()) {
                Some(name) if name == constraint => error(err),
                Some(_) | None => E::from(err),
            },
        )
    }
}

/// Why a database that somebody else runs cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum UnfitDatabase {
    #[error("the database server is PostgreSQL {0}: version {OLDEST_POSTGRES} or newer is needed")]
    TooOld(u32),
    #[error(
        "the database is encoded in {0}: create one with `create database care_desk encoding 'UTF8' \
         locale 'C.UTF-8' template template0`"
    )]
    Encoding(String),
    #[error(transparent)]
    Sqlx(#[from] sqlx::Error),
}

/// Refuses, before any migration, a server that is too old or a database that cannot hold Chinese.
pub async fn check_encoding(db: &PgPool) -> Result<(), UnfitDatabase> {
    let (version, encoding): (i32, String) = sqlx::query_as(
        "select current_setting('server_version_num')::integer, pg_encoding_to_char(encoding)
         from pg_database
         where datname = current_database()",
    )
    .fetch_one(db)
    .await?;
    let major = u32::try_from(version / 10_000).unwrap_or_default();
    if major < OLDEST_POSTGRES {
        return Err(UnfitDatabase::TooOld(major));
    }
    if encoding != "UTF8" {
        return Err(UnfitDatabase::Encoding(encoding));
    }
    Ok(())
}
