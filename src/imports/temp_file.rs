//! An upload on disk, for as long as it is read: only our user may open it, and it never outlives its owner.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

/// A file of mode 0600 in the temporary folder, removed when dropped.
pub struct TempFile {
    path: PathBuf,
    file: tokio::fs::File,
    hash: Sha256,
    bytes: u64,
}

/// A written [`TempFile`] with what is known of its content.
pub struct Stored {
    path: PathBuf,
    pub bytes: u64,
    pub sha256: [u8; 32],
}

impl TempFile {
    /// A new, empty file that nobody else can name in advance.
    pub fn create() -> io::Result<TempFile> {
        let path = std::env::temp_dir().join(format!("care-desk-import-{}", Uuid::new_v4().simple()));
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        Ok(TempFile {
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

    /// Ends the writing.
    pub async fn finish(mut self) -> io::Result<Stored> {
        self.file.flush().await?;
        let path = std::mem::take(&mut self.path);
        Ok(Stored {
            path,
            bytes: self.bytes,
            sha256: std::mem::take(&mut self.hash).finalize().into(),
        })
    }
}

impl Stored {
    /// Where it is, until it is dropped.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

impl Drop for Stored {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

fn remove(path: &Path) {
    if path.as_os_str().is_empty() {
        return;
    }
    if let Err(error) = std::fs::remove_file(path) {
        tracing::warn!(error = %error, "an upload was not removed");
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[tokio::test]
    async fn an_upload_is_private_and_gone_when_it_is_done_with() {
        let mut file = TempFile::create().unwrap();
        file.write(b"abc").await.unwrap();
        let stored = file.finish().await.unwrap();
        let path = stored.path().to_owned();
        assert_eq!(std::fs::read(&path).unwrap(), b"abc");
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(
            (stored.bytes, hex::encode(&stored.sha256[..4])),
            (3, "ba7816bf".to_owned())
        );
        drop(stored);
        assert!(!path.exists());
    }
}
