//! Finds PostgreSQL's programs and runs them as a user that is not root.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::unistd::{Uid, User};

use super::error::{EmbeddedError, io};
use crate::db::OLDEST_POSTGRES;

/// Where distributions and Homebrew put one folder per major version.
const PLACES: [&str; 4] = [
    "/usr/lib/postgresql",
    "/usr/pgsql",
    "/opt/homebrew/opt",
    "/usr/local/opt",
];

/// Who runs the server when we are root: PostgreSQL refuses to run as root.
#[derive(Clone, Debug)]
pub(super) struct ServerUser {
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) name: String,
}

impl ServerUser {
    /// Nobody else when we are not root; else the owner of an existing folder, else `postgres`, else `nobody`.
    pub(super) fn for_folder(folder: &Path) -> Option<ServerUser> {
        if !Uid::effective().is_root() {
            return None;
        }
        if let Ok(meta) = fs::metadata(folder)
            && meta.uid() != 0
        {
            return Some(ServerUser {
                uid: meta.uid(),
                gid: meta.gid(),
                name: meta.uid().to_string(),
            });
        }
        let known = ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| User::from_name(name).ok().flatten());
        Some(match known {
            Some(user) => ServerUser {
                uid: user.uid.as_raw(),
                gid: user.gid.as_raw(),
                name: user.name,
            },
            None => ServerUser {
                uid: 65534,
                gid: 65534,
                name: "65534".to_owned(),
            },
        })
    }

    /// Refuses a path with a folder on the way that this user may not enter, such as /root.
    pub(super) fn check_way_to(&self, path: &Path) -> Result<(), EmbeddedError> {
        for folder in path.ancestors().skip(1) {
            let meta = fs::metadata(folder).map_err(io("look at", folder))?;
            let enter = if meta.uid() == self.uid {
                0o100
            } else if meta.gid() == self.gid {
                0o010
            } else {
                0o001
            };
            if meta.mode() & enter == 0 {
                return Err(EmbeddedError::NotEnterable {
                    folder: folder.to_owned(),
                    user: self.name.clone(),
                });
            }
        }
        Ok(())
    }
}

/// One installation: the folder of `initdb`, `pg_ctl` and `postgres`.
#[derive(Debug)]
pub(super) struct Programs {
    bin: PathBuf,
    user: Option<ServerUser>,
}

impl Programs {
    /// The first of PATH and the usual places, newest first; with data there, the first that wrote such data.
    pub(super) fn find(
        pg_bin: Option<&Path>,
        data: &Path,
        user: Option<ServerUser>,
    ) -> Result<Programs, EmbeddedError> {
        let candidates = match pg_bin {
            Some(bin) if is_complete(bin) => vec![bin.to_owned()],
            Some(bin) => return Err(EmbeddedError::BadPgBin(bin.to_owned())),
            None => candidates(),
        };
        let written = fs::read_to_string(data.join("PG_VERSION"))
            .ok()
            .map(|text| text.trim().to_owned());
        let mut found = Vec::new();
        for bin in candidates {
            let programs = Programs {
                bin,
                user: user.clone(),
            };
            let major = programs.major()?;
            match &written {
                None if major >= OLDEST_POSTGRES => return programs.checked(),
                Some(written) if *written == major.to_string() => return programs.checked(),
                None | Some(_) => found.push(major),
            }
        }
        Err(match (written, found.first()) {
            (_, None) => EmbeddedError::NoPrograms,
            (None, Some(&found)) => EmbeddedError::TooOld { found },
            (Some(written), Some(_)) => {
                let found = found.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
                EmbeddedError::OtherVersion {
                    folder: data.to_owned(),
                    written,
                    found,
                }
            }
        })
    }

    fn checked(self) -> Result<Programs, EmbeddedError> {
        if let Some(user) = &self.user {
            user.check_way_to(&self.bin.join("postgres"))?;
        }
        Ok(self)
    }

    fn major(&self) -> Result<u32, EmbeddedError> {
        let postgres = self.bin.join("postgres");
        let output = Command::new(&postgres)
            .arg("--version")
            .output()
            .map_err(io("run", &postgres))?;
        Ok(parse_major(&String::from_utf8_lossy(&output.stdout)).unwrap_or(0))
    }

    /// `program` with nothing of our environment, in `folder`, as the server's user, apart from our terminal's group.
    pub(super) fn command(&self, program: &str, folder: &Path) -> Command {
        self.outside_command(self.bin.join(program).as_os_str(), folder)
    }

    /// The same for a program that is not PostgreSQL's.
    pub(super) fn outside_command(&self, program: &OsStr, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("LC_ALL", "C.UTF-8")
            .env("TZ", "UTC")
            .current_dir(folder)
            .process_group(0)
            .stdin(Stdio::null());
        if let Some(user) = &self.user {
            // As root std also drops the supplementary groups, but it leaves the group to us.
            command.uid(user.uid).gid(user.gid);
        }
        command
    }
}

fn candidates() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Links are resolved: initdb looks for its files beside the real program.
    let on_path = std::env::split_paths(&path)
        .filter(|dir| is_complete(dir))
        .filter_map(|dir| {
            fs::canonicalize(dir.join("postgres"))
                .ok()?
                .parent()
                .map(Path::to_owned)
        });

    let mut installed: Vec<(u32, PathBuf)> = Vec::new();
    for entry in PLACES.into_iter().flat_map(fs::read_dir).flatten().flatten() {
        let name = entry
            .file_name()
            .to_string_lossy()
            .trim_start_matches("postgresql@")
            .to_owned();
        let bin = entry.path().join("bin");
        if let Ok(major) = name.parse()
            && is_complete(&bin)
        {
            installed.push((major, bin));
        }
    }
    installed.sort();
    on_path
        .chain(installed.into_iter().rev().map(|(_, bin)| bin))
        .collect()
}

fn is_complete(bin: &Path) -> bool {
    ["initdb", "pg_ctl", "postgres"]
        .iter()
        .all(|program| bin.join(program).is_file())
}

/// Of `postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)`, also of `17beta1`.
fn parse_major(version: &str) -> Option<u32> {
    let number = version.split(") ").nth(1)?;
    let digits = number
        .find(|c: char| !c.is_ascii_digit())
        .map_or(number, |end| &number[..end]);
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_postgres_prints() {
        for (printed, major) in [
            ("postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)\n", Some(15)),
            ("postgres (PostgreSQL) 17beta1\n", Some(17)),
            ("postgres (PostgreSQL) 18", Some(18)),
            ("sh: postgres: not found", None),
            ("", None),
        ] {
            assert_eq!(parse_major(printed), major, "{printed:?}");
        }
    }

    #[test]
    fn a_folder_without_the_programs_is_named_in_the_error() {
        let empty = tempfile::tempdir().unwrap();
        let err = Programs::find(Some(empty.path()), Path::new("/nonexistent"), None).unwrap_err();
        assert!(
            matches!(err, EmbeddedError::BadPgBin(ref bin) if bin == empty.path()),
            "{err}"
        );
    }
}
