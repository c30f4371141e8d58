//! The folder of a private cluster: `data`, `run` (the socket), `password`, `lock`, `joined`, `server.log`.
//!
//! Only the server's user may enter it. Root works in it without following links: that user could plant some.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{
    DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown, lchown,
};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use nix::unistd::Uid;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::error::{EmbeddedError, io};
use super::programs::ServerUser;

/// The kernel takes 108 bytes for a socket's path, macOS 104.
const LONGEST_SOCKET_PATH: usize = 103;
const LOCK: &str = "lock";
const SOCKET: &str = ".s.PGSQL.5432";

#[derive(Clone, Debug)]
pub(super) struct Folder {
    root: PathBuf,
    run: PathBuf,
    pub(super) user: Option<ServerUser>,
}

impl Folder {
    /// Makes the folder if it is not there, and closes it to others.
    pub(super) fn open(path: &Path) -> Result<Folder, EmbeddedError> {
        let user = ServerUser::for_folder(path);
        DirBuilder::new()
            .recursive(true)
            .mode(0o755)
            .create(path)
            .map_err(io("create", path))?;
        let root = fs::canonicalize(path).map_err(io("find", path))?;
        check_contents(&root)?;
        match &user {
            Some(user) => {
                user.check_way_to(&root)?;
                lchown(&root, Some(user.uid), Some(user.gid)).map_err(io("give away", &root))?;
            }
            None if owner(&root)? != Uid::effective().as_raw() => return Err(EmbeddedError::NotYours(root)),
            None => {}
        }
        fs::set_permissions(&root, Permissions::from_mode(0o700)).map_err(io("close to others", &root))?;
        let run = socket_folder(&root);
        let folder = Folder { root, run, user };
        // First of all files: its name says that the folder is ours.
        folder.open_file(LOCK, false)?;
        folder.open_socket_folder()?;
        Ok(folder)
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn run(&self) -> &Path {
        &self.run
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.run.join(SOCKET)
    }

    pub(super) fn socket_lock(&self) -> PathBuf {
        self.run.join(format!("{SOCKET}.lock"))
    }

    pub(super) fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    pub(super) fn postmaster_pid(&self) -> PathBuf {
        self.root.join("data/postmaster.pid")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.root.join("server.log")
    }

    /// Present while `initdb` runs: a cluster that is found with it is half made and thrown away.
    pub(super) fn initialising(&self) -> PathBuf {
        self.root.join("initialising")
    }

    /// Something listens on the socket. `pg_ctl status` is no proof: a zombie counts as running for it.
    pub(super) fn is_accepting(&self) -> bool {
        UnixStream::connect(self.socket()).is_ok()
    }

    /// The lock of the one owner, for as long as the file is open; absent when another process has it.
    pub(super) fn try_own(&self) -> Result<Option<File>, EmbeddedError> {
        let file = self.open_file(LOCK, false)?;
        Ok(file.try_lock().is_ok().then_some(file))
    }

    /// Held shared by every command that joined, and exclusively by an owner that is about to stop the cluster.
    pub(super) fn joined(&self) -> Result<File, EmbeddedError> {
        self.open_file("joined", false)
    }

    pub(super) fn password(&self) -> Result<SecretString, EmbeddedError> {
        let path = self.password_file();
        match fs::read_to_string(&path) {
            Ok(text) => Ok(text.into()),
            Err(err) if err.kind() == ErrorKind::NotFound => Err(EmbeddedError::NoPassword(path)),
            Err(err) => Err(io("read", &path)(err)),
        }
    }

    pub(super) fn write_password(&self, password: &SecretString) -> Result<(), EmbeddedError> {
        let mut file = self.open_file("password", true)?;
        file.write_all(password.expose_secret().as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(io("write", &self.password_file()))
    }

    pub(super) fn password_file(&self) -> PathBuf {
        self.root.join("password")
    }

    pub(super) fn mark_initialising(&self) -> Result<(), EmbeddedError> {
        self.open_file("initialising", true)?;
        self.sync()
    }

    /// The removal reaches the disk before the cluster is used: else a power cut could bring the marker back,
    /// and the marker means that the data is worthless.
    pub(super) fn unmark_initialising(&self) -> Result<(), EmbeddedError> {
        let marker = self.initialising();
        fs::remove_file(&marker).map_err(io("remove", &marker))?;
        self.sync()
    }

    fn sync(&self) -> Result<(), EmbeddedError> {
        File::open(&self.root)
            .and_then(|root| root.sync_all())
            .map_err(io("sync", &self.root))
    }

    fn open_file(&self, name: &str, truncate: bool) -> Result<File, EmbeddedError> {
        let path = self.root.join(name);
        let file = OpenOptions::new()
            .create(true)
            .truncate(truncate)
            .write(true)
            .mode(0o600)
            .custom_flags(OFlag::O_NOFOLLOW.bits())
            .open(&path)
            .map_err(io("open", &path))?;
        if let Some(user) = &self.user {
            fchown(&file, Some(user.uid), Some(user.gid)).map_err(io("give away", &path))?;
        }
        Ok(file)
    }

    /// Under /tmp anyone may have put a folder of this name before us: one that others can reach is refused.
    fn open_socket_folder(&self) -> Result<(), EmbeddedError> {
        match DirBuilder::new().mode(0o700).create(&self.run) {
            Ok(()) => {
                if let Some(user) = &self.user {
                    lchown(&self.run, Some(user.uid), Some(user.gid)).map_err(io("give away", &self.run))?;
                }
            }
            Err(err) if err.kind() == ErrorKind::AlreadyExists => {}
            Err(err) => return Err(io("create", &self.run)(err)),
        }
        let expected = self
            .user
            .as_ref()
            .map_or(Uid::effective().as_raw(), |user| user.uid);
        let meta = fs::symlink_metadata(&self.run).map_err(io("look at", &self.run))?;
        if !meta.is_dir() || meta.uid() != expected || meta.mode() & 0o077 != 0 {
            return Err(EmbeddedError::BadSocketFolder(self.run.clone()));
        }
        Ok(())
    }
}

fn owner(path: &Path) -> Result<u32, EmbeddedError> {
    Ok(fs::metadata(path).map_err(io("look at", path))?.uid())
}

/// Guards a folder that was named by mistake, such as /tmp or a home: we would take it from its owner.
fn check_contents(root: &Path) -> Result<(), EmbeddedError> {
    let entries = match fs::read_dir(root) {
        Ok(entries) => entries,
        Err(err) if err.kind() == ErrorKind::PermissionDenied => {
            return Err(EmbeddedError::NotYours(root.to_owned()));
        }
        Err(err) => return Err(io("read", root)(err)),
    };
    // A volume's own folder does not count as somebody's file.
    let foreign = entries.flatten().any(|entry| entry.file_name() != "lost+found");
    if foreign && !root.join(LOCK).exists() {
        return Err(EmbeddedError::NotEmpty(root.to_owned()));
    }
    Ok(())
}

/// `run` inside, or a folder under /tmp when the path is too long or has signs that the server's settings split at.
fn socket_folder(root: &Path) -> PathBuf {
    let run = root.join("run");
    let bytes = run.as_os_str().as_encoded_bytes();
    let plain = !bytes
        .iter()
        .any(|byte| byte.is_ascii_control() || b"'\",\\".contains(byte));
    if plain && bytes.len() + 1 + SOCKET.len() <= LONGEST_SOCKET_PATH {
        return run;
    }
    // Not $TMPDIR: the commands that join must come to the same name.
    let digest = Sha256::digest(root.as_os_str().as_encoded_bytes());
    PathBuf::from(format!("/tmp/care-desk-{}", hex::encode(&digest[..8])))
}

/// A socket that a killed server left behind is removed; anything else of that name stays.
pub(super) fn remove_socket(path: &Path) {
    if fs::symlink_metadata(path).is_ok_and(|meta| meta.file_type().is_socket()) {
        // If it cannot be removed, PostgreSQL says so in its log.
        let _ = fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_a_socket_cannot_have_gets_a_folder_under_tmp() {
        let long = format!("/srv/{}", "x".repeat(90));
        for (root, inside) in [
            ("/var/lib/care-desk", true),
            ("/srv/客户关爱", true),
            (long.as_str(), false),
            ("/srv/o'neill", false),
            ("/srv/a,b", false),
        ] {
            let run = socket_folder(Path::new(root));
            assert_eq!(run.starts_with(root), inside, "{root}");
            assert!(
                run.join(SOCKET).as_os_str().len() <= LONGEST_SOCKET_PATH,
                "{root}"
            );
        }
        assert_ne!(
            socket_folder(Path::new("/srv/a,b")),
            socket_folder(Path::new("/srv/a,c"))
        );
    }
}
