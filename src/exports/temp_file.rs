//! A list on disk, for as long as it is sent: only our user may open it, and it never outlives its owner.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use uuid::Uuid;

/// A file of mode 0600 in the temporary folder, removed when dropped.
pub struct TempFile {
    path: PathBuf,
}

impl TempFile {
    /// A new, empty file that nobody else can name in advance.
    pub fn create() -> io::Result<TempFile> {
        let path = std::env::temp_dir().join(format!("care-desk-export-{}", Uuid::new_v4().simple()));
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        Ok(TempFile { path })
    }

    /// Where it is, until it is dropped.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::warn!(error = %error, "an exported file was not removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_is_private_and_gone_when_it_is_done_with() {
        let file = TempFile::create().unwrap();
        let path = file.path().to_owned();
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        drop(file);
        assert!(!path.exists());
    }
}
