//! Every setting: a flag, its environment variable, its default, its line in `--help`.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use secrecy::SecretString;

use crate::db::embedded::default_data_dir;

/// Settings shared by all commands.
#[derive(Args, Clone, Debug)]
pub struct Config {
    /// PostgreSQL 15 or newer to work on. Absent: a private PostgreSQL in the data directory
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, global = true)]
    pub database_url: Option<SecretString>,

    /// Replica for reports. Absent: everything is read from the main database
    #[arg(long, env = "DATABASE_READ_URL", hide_env_values = true, global = true)]
    pub database_read_url: Option<SecretString>,

    /// Direct address for migrations, where the main one goes through a pooler
    #[arg(long, env = "DATABASE_MIGRATE_URL", hide_env_values = true, global = true)]
    pub database_migrate_url: Option<SecretString>,

    /// Address and port the web server listens on
    #[arg(
        long,
        env = "CARE_DESK_LISTEN",
        default_value = "127.0.0.1:8080",
        global = true
    )]
    pub listen: SocketAddr,

    /// Where the private database and the uploads live. Absent: /var/lib/care-desk for root, else the XDG data folder
    #[arg(long, env = "CARE_DESK_DATA_DIR", global = true)]
    pub data_dir: Option<PathBuf>,

    /// Address people type into their browser. Absent: http:// and the listen address
    #[arg(long, env = "CARE_DESK_PUBLIC_URL", global = true)]
    pub public_url: Option<String>,

    /// Folder of the PostgreSQL programs. Absent: PATH, then /usr/lib/postgresql, newest first
    #[arg(long, env = "CARE_DESK_PG_BIN", global = true)]
    pub pg_bin: Option<PathBuf>,

    /// Address and port of the page of figures for a monitor, `/metrics`. Absent: off
    #[arg(long, env = "CARE_DESK_METRICS_LISTEN", global = true)]
    pub metrics_listen: Option<SocketAddr>,

    /// Password of the demonstration people. Absent: generated and printed
    #[arg(long, env = "CARE_DESK_DEMO_PASSWORD", hide_env_values = true, global = true)]
    pub demo_password: Option<SecretString>,
}

/// Variables whose value may be read from the file named by `NAME_FILE`.
const SECRETS: [&str; 4] = [
    "DATABASE_URL",
    "DATABASE_READ_URL",
    "DATABASE_MIGRATE_URL",
    "CARE_DESK_DEMO_PASSWORD",
];

/// The secrets that `NAME_FILE` variables point to, as `(NAME, value)`: they stand in for `NAME`.
pub fn secrets_from_files() -> anyhow::Result<Vec<(&'static str, String)>> {
    let mut found = Vec::new();
    for name in SECRETS {
        let Some(path) = std::env::var_os(format!("{name}_FILE")) else {
            continue;
        };
        if std::env::var_os(name).is_some() {
            bail!("{name} and {name}_FILE are both set: keep one");
        }
        let text = std::fs::read_to_string(&path).with_context(|| {
            format!(
                "{name}_FILE names {}, which cannot be read",
                PathBuf::from(&path).display()
            )
        })?;
        found.push((name, text.trim_end().to_owned()));
    }
    Ok(found)
}

impl Config {
    /// Fills settings that came from files; what a flag or variable gave stays.
    pub fn with_secrets(mut self, secrets: Vec<(&'static str, String)>) -> Config {
        for (name, value) in secrets {
            let value = Some(SecretString::from(value));
            match name {
                "DATABASE_URL" => self.database_url = self.database_url.or(value),
                "DATABASE_READ_URL" => self.database_read_url = self.database_read_url.or(value),
                "DATABASE_MIGRATE_URL" => self.database_migrate_url = self.database_migrate_url.or(value),
                _ => self.demo_password = self.demo_password.or(value),
            }
        }
        self
    }

    /// The data directory.
    pub fn data_folder(&self) -> PathBuf {
        self.data_dir.clone().unwrap_or_else(default_data_dir)
    }

    /// The public address without a trailing slash, for example `http://127.0.0.1:8080`.
    pub fn public_url(&self) -> String {
        match &self.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://{}", self.listen),
        }
    }
}
