//! Uploads in the data directory: kept for 30 days so that another sheet can be read and an interrupted import taken up.
//!
//! A file belongs to the import whose `file_key` names it. Until one does it is removed with its [`Upload`]; files that no
//! import names any more are swept away. Only our user may open them.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

use crate::imports::queries;

/// How long an upload may take before a file without an import counts as left behind.
const GRACE: TimeDelta = TimeDelta::hours(1);

/// The folder below the data directory.
pub fn folder(data_dir: &Path) -> PathBuf {
    data_dir.join("imports")
}

/// Makes the folder; its files are for our user alone.
pub fn open_folder(folder: &Path) -> anyhow::Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.with_context(|| format!("making {}", folder.display()))
}

/// Where the file of a key lies.
pub fn path(folder: &Path, key: Uuid) -> PathBuf {
    folder.join(key.simple().to_string())
}

/// A file of mode 0600 that is being written; removed when dropped.
pub struct Upload {
    key: Uuid,
    path: PathBuf,
    file: tokio::fs::File,
    hash: Sha256,
    bytes: u64,
}

/// A written [`Upload`] with what is known of its content.
pub struct Stored {
    path: PathBuf,
    pub key: Uuid,
    pub bytes: u64,
    pub sha256: [u8; 32],
}

impl Upload {
    /// A new, empty file that nobody else can name in advance.
    pub fn create(folder: &Path) -> io::Result<Upload> {
        let key = Uuid::new_v4();
        let path = path(folder, key);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        Ok(Upload {
            key,
            path,
            file: tokio::fs::File::from_std(file),
            hash: Sha256::new(),
            bytes: 0,
        })
    }

    /// Appends.
    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        self.file.write_all(bytes).await
    }

    /// Ends the writing: what is noted in the database must be on the disk.
    pub async fn finish(mut self) -> io::Result<Stored> {
        self.file.flush().await?;
        self.file.sync_all().await?;
        let path = std::mem::take(&mut self.path);
        Ok(Stored {
            path,
            key: self.key,
            bytes: self.bytes,
            sha256: std::mem::take(&mut self.hash).finalize().into(),
        })
    }
}

impl Stored {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// An import names the file now: it stays.
    pub fn keep(mut self) {
        self.path = PathBuf::new();
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        remove_at(&self.path);
    }
}

impl Drop for Stored {
    fn drop(&mut self) {
        remove_at(&self.path);
    }
}

/// Removes the file of an import that needs it no more.
pub fn remove(folder: &Path, key: Uuid) {
    remove_at(&path(folder, key));
}

fn remove_at(path: &Path) {
    if path.as_os_str().is_empty() {
        return;
    }
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(error = %error, "an upload was not removed");
        }
        Ok(()) | Err(_) => {}
    }
}

/// Removes files that no import names; returns how many.
pub async fn sweep(db: &PgPool, folder: &Path, now: DateTime<Utc>) -> anyhow::Result<usize> {
    let left: Vec<Uuid> = std::fs::read_dir(folder)?
        .filter_map(Result::ok)
        .filter(|entry| is_old(entry, now))
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    if left.is_empty() {
        return Ok(0);
    }
    let named = queries::list_file_keys_any_store(db, &left).await?;
    let unnamed: Vec<Uuid> = left.into_iter().filter(|key| !named.contains(key)).collect();
    for key in &unnamed {
        remove(folder, *key);
    }
    Ok(unnamed.len())
}

fn is_old(entry: &std::fs::DirEntry, now: DateTime<Utc>) -> bool {
    let written = entry.metadata().and_then(|data| data.modified());
    written.is_ok_and(|at| DateTime::<Utc>::from(at) < now - GRACE)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[tokio::test]
    async fn an_upload_is_private_and_stays_only_for_an_import() {
        let data = tempfile::tempdir().unwrap();
        let folder = folder(data.path());
        open_folder(&folder).unwrap();
        open_folder(&folder).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700);
        for is_kept in [false, true] {
            let mut file = Upload::create(&folder).unwrap();
            file.write(b"abc").await.unwrap();
            let stored = file.finish().await.unwrap();
            let (key, at) = (stored.key, stored.path().to_owned());
            assert_eq!((std::fs::read(&at).unwrap(), mode(&at)), (b"abc".to_vec(), 0o600));
            assert_eq!(at, path(&folder, key));
            assert_eq!(
                (stored.bytes, hex::encode(&stored.sha256[..4])),
                (3, "ba7816bf".to_owned())
            );
            if is_kept {
                stored.keep();
            } else {
                drop(stored);
            }
            assert_eq!(at.exists(), is_kept);
            remove(&folder, key);
            assert!(!at.exists());
        }
    }
}
