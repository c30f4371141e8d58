//! From the settings to a pool on a migrated database: the private cluster, or the one that `DATABASE_URL` names.

use std::str::FromStr;
use std::sync::Arc;

use anyhow::Context;
use secrecy::ExposeSecret;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgPool};
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::db::embedded::{self, Cluster, Options, StopMode};
use crate::db::{MIGRATOR, check_encoding, pool_options, tuned};

/// Name of our database in the private cluster.
const DATABASE: &str = "care_desk";
/// Connections of the private cluster: the web server's, the workers', commands beside it, and an operator's.
const MAX_CONNECTIONS: u32 = 60;
/// Connections of one process (promises §6: web 10, workers 4, reports 2).
const POOL: u32 = 16;

/// Whether this process keeps the private cluster for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ownership {
    /// The server: one per data directory.
    Server,
    /// Any other command: joins a running server's cluster, else starts and stops it.
    Command,
}

/// A pool, and the private cluster behind it if there is one.
pub struct Database {
    pub pool: PgPool,
    cluster: Option<Arc<Cluster>>,
}

impl Database {
    /// Opens and migrates. Errors are sentences for the terminal.
    pub async fn open(config: &Config, ownership: Ownership) -> anyhow::Result<Database> {
        let (options, cluster) = match &config.database_url {
            Some(url) => {
                let options = PgConnectOptions::from_str(url.expose_secret());
                (options.context("DATABASE_URL is no PostgreSQL address")?, None)
            }
            None => {
                let cluster = start_cluster(config, ownership).await?;
                cluster
                    .ensure_database(DATABASE)
                    .await
                    .context("creating the database")?;
                (cluster.connect_options(DATABASE), Some(Arc::new(cluster)))
            }
        };
        // A statement that fails is logged once, by whoever handles the error; binds are personal data.
        let options = tuned(options.application_name("care-desk").disable_statement_logging());
        let pool = pool_options(POOL)
            .connect_with(options)
            .await
            .context("connecting to the database")?;
        check_encoding(&pool).await?;
        migrate(config, &pool).await?;
        Ok(Database { pool, cluster })
    }

    /// Keeps the private cluster alive until `stop`; without one it only waits.
    pub async fn supervise(&self, stop: CancellationToken) {
        match &self.cluster {
            Some(cluster) => embedded::supervise(Arc::clone(cluster), stop).await,
            None => stop.cancelled().await,
        }
    }

    /// Closes the pool, then stops the cluster if this process started it.
    pub async fn close(self) -> anyhow::Result<()> {
        self.pool.close().await;
        if let Some(cluster) = self.cluster {
            tokio::task::spawn_blocking(move || match cluster.is_owner() {
                true => cluster.stop(StopMode::Fast),
                false => cluster.stop_if_owner(),
            })
            .await??;
        }
        Ok(())
    }
}

async fn start_cluster(config: &Config, ownership: Ownership) -> anyhow::Result<Cluster> {
    let options = Options {
        // Its own folder below: the cluster takes a folder over whole.
        data_dir: config.data_folder().join("postgres"),
        pg_bin: config.pg_bin.clone(),
        ephemeral: false,
        max_connections: MAX_CONNECTIONS,
    };
    let cluster = tokio::task::spawn_blocking(move || match ownership {
        Ownership::Server => Cluster::start(&options),
        Ownership::Command => Cluster::join_or_start(&options),
    })
    .await??;
    for (step, took) in cluster.timings() {
        tracing::debug!(step, ms = took.as_millis(), "private PostgreSQL");
    }
    Ok(cluster)
}

/// Over the direct address where there is one: the migrator holds a session lock, which a pooler breaks.
async fn migrate(config: &Config, pool: &PgPool) -> anyhow::Result<()> {
    match &config.database_migrate_url {
        Some(url) => {
            let options = PgConnectOptions::from_str(url.expose_secret());
            let options = options.context("DATABASE_MIGRATE_URL is no PostgreSQL address")?;
            let mut connection = options.connect().await.context("connecting to migrate")?;
            MIGRATOR
                .run(&mut connection)
                .await
                .context("migrating the database")
        }
        None => MIGRATOR.run(pool).await.context("migrating the database"),
    }
}
