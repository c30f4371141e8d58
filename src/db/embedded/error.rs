use std::io;
use std::path::{Path, PathBuf};

/// Why the private cluster cannot be used; every text says what to install or to set.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    #[error(
        "PostgreSQL server programs were not found: install them (Debian: apt-get install postgresql) \
         or set DATABASE_URL or CARE_DESK_PG_BIN"
    )]
    NoPrograms,

    #[error(
        "{} does not hold the PostgreSQL server programs initdb, pg_ctl and postgres: correct CARE_DESK_PG_BIN",
        .0.display()
    )]
    BadPgBin(PathBuf),

    #[error(
        "PostgreSQL {found} is too old: install version {} or newer, or set CARE_DESK_PG_BIN to its programs",
        crate::db::OLDEST_POSTGRES
    )]
    TooOld { found: u32 },

    #[error(
        "the data in {} was written by PostgreSQL {written}, but only {found} was found: install \
         PostgreSQL {written} (Debian: apt-get install postgresql-{written}) or set CARE_DESK_PG_BIN to its programs",
        folder.display()
    )]
    OtherVersion {
        folder: PathBuf,
        written: String,
        found: String,
    },

    #[error(
        "{} cannot be entered by the user {user}, who runs PostgreSQL because root must not: set \
         CARE_DESK_DATA_DIR (or CARE_DESK_PG_BIN) to a place that everyone may enter, such as /var/lib/care-desk",
        folder.display()
    )]
    NotEnterable { folder: PathBuf, user: String },

    #[error(
        "{} belongs to another user: run the command as root or as the user of the server, or set CARE_DESK_DATA_DIR",
        .0.display()
    )]
    NotYours(PathBuf),

    #[error("{} holds files that are not ours: set CARE_DESK_DATA_DIR to an empty folder", .0.display())]
    NotEmpty(PathBuf),

    #[error(
        "another care-desk server owns {}: stop it first, or set CARE_DESK_DATA_DIR to a folder of its own",
        .0.display()
    )]
    Owned(PathBuf),

    #[error(
        "the server that owns {} has not opened its database within {seconds} s: look at its log or restart it",
        folder.display()
    )]
    NotReady { folder: PathBuf, seconds: u64 },

    #[error(
        "{} is not a folder that only the user of the database may enter: remove it, or set CARE_DESK_DATA_DIR to a \
         shorter path so that it is not needed",
        .0.display()
    )]
    BadSocketFolder(PathBuf),

    #[error("the database's password file {} is gone: restore it, or restore a backup into an empty folder", .0.display())]
    NoPassword(PathBuf),

    #[error("initdb failed: {0}")]
    Init(String),

    #[error("PostgreSQL processes of a killed server still hold {}: end them and start again", .0.display())]
    StillHeld(PathBuf),

    #[error("PostgreSQL did not start; its log {} ends with:\n{tail}", log.display())]
    DidNotStart { log: PathBuf, tail: String },

    #[error("PostgreSQL did not stop within {seconds} s: end the clients that are still connected")]
    DidNotStop { seconds: u64 },

    #[error("cannot {what} {}: {source}", path.display())]
    Io {
        what: &'static str,
        path: PathBuf,
        source: io::Error,
    },
}

/// For `map_err`: names what was tried on which file.
pub(super) fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> EmbeddedError {
    move |source| EmbeddedError::Io {
        what,
        path: path.to_owned(),
        source,
    }
}
