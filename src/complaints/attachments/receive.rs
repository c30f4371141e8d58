//! Taking files out of a posted form: piece by piece, never more of one than is allowed.

use axum::extract::multipart::{Field as Part, MultipartError};
use axum::http::StatusCode;
use sha2::{Digest, Sha256};

use crate::complaints::attachments::kinds::{self, MediaType, Refusal, plain_name};
use crate::complaints::attachments::{MAX_BYTES, MAX_FILES};
use crate::web::error::{AppError, AppResult};

/// Largest form with files.
pub const UPLOAD_BYTES: usize = 64 << 20;

/// A file that may be kept.
pub struct File {
    pub name: String,
    pub media_type: MediaType,
    pub content: Vec<u8>,
    pub sha256: [u8; 32],
}

/// What came with a form.
#[derive(Default)]
pub struct Received {
    pub files: Vec<File>,
    /// What is not kept, and why.
    pub refused: Vec<(String, Refusal)>,
}

impl Received {
    /// Reads one file of a form and looks it through. A field without a file is passed over.
    pub async fn take(&mut self, mut part: Part<'_>) -> AppResult<()> {
        let name = part.file_name().unwrap_or_default().to_owned();
        let mut bytes = Vec::new();
        let mut is_too_large = false;
        while let Some(chunk) = part.chunk().await.map_err(refuse_body)? {
            is_too_large |= bytes.len() + chunk.len() > MAX_BYTES;
            if is_too_large {
                // The rest is read and forgotten: the browser must be able to send its form to the end.
                bytes = Vec::new();
            } else {
                bytes.extend_from_slice(&chunk);
            }
        }
        if name.is_empty() && bytes.is_empty() && !is_too_large {
            return Ok(());
        }
        if is_too_large {
            self.refuse(&name, Refusal::TooLarge);
        } else if self.files.len() >= MAX_FILES {
            self.refuse(&name, Refusal::TooMany);
        } else {
            self.inspect(name, bytes).await?;
        }
        Ok(())
    }

    async fn inspect(&mut self, name: String, bytes: Vec<u8>) -> AppResult<()> {
        let looked = tokio::task::spawn_blocking(move || match kinds::inspect(&name, &bytes) {
            Ok(found) => Ok(File {
                sha256: Sha256::digest(&found.content).into(),
                name: found.name,
                media_type: found.media_type,
                content: found.content,
            }),
            Err(refusal) => Err((name, refusal)),
        });
        match looked.await.map_err(anyhow::Error::from)? {
            Ok(file) => self.files.push(file),
            Err((name, refusal)) => self.refuse(&name, refusal),
        }
        Ok(())
    }

    fn refuse(&mut self, name: &str, refusal: Refusal) {
        self.refused.push((plain_name(name), refusal));
    }
}

/// A body that cannot be read: too large, or cut off.
pub fn refuse_body(error: MultipartError) -> AppError {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => AppError::TooLarge,
        _ => AppError::BadRequest(error.body_text()),
    }
}
