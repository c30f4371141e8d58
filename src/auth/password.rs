//! Passwords: argon2id, hashed off the request threads, a few at a time.

use std::sync::Arc;

use anyhow::Context;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::web::form::FieldError;

/// Shortest password without a second factor (NIST SP 800-63B-4).
pub const MIN_LENGTH: usize = 15;
/// Longer ones are refused, never cut.
pub const MAX_LENGTH: usize = 256;

/// Hashes and checks passwords. Cheap to clone.
#[derive(Clone)]
pub struct Hasher {
    argon2: Argon2<'static>,
    /// Checked when the username is unknown, so that both answers take the same time.
    dummy: Arc<str>,
    /// Each hash takes 19 MiB and a core: more at once would only queue in memory.
    permits: Arc<Semaphore>,
}

impl Hasher {
    /// OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
    pub fn new() -> anyhow::Result<Hasher> {
        Hasher::with_cost(19_456, 2)
    }

    /// Any cost; tests use a small one. `memory` in KiB.
    pub fn with_cost(memory: u32, passes: u32) -> anyhow::Result<Hasher> {
        let params =
            Params::new(memory, passes, 1, None).map_err(|error| anyhow::anyhow!("argon2: {error}"))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let dummy = hash(&argon2, "nobody has this password")?;
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Ok(Hasher {
            argon2,
            dummy: dummy.into(),
            permits: Arc::new(Semaphore::new(cores)),
        })
    }

    /// The hash in PHC form, with a random salt.
    pub async fn hash(&self, password: &SecretString) -> anyhow::Result<String> {
        let _permit = self.permits.acquire().await?;
        let (argon2, password) = (self.argon2.clone(), password.clone());
        tokio::task::spawn_blocking(move || hash(&argon2, password.expose_secret())).await?
    }

    /// Whether the password fits. Without a hash it takes as long and says no.
    pub async fn verify(&self, password: &SecretString, stored: Option<&str>) -> anyhow::Result<bool> {
        let _permit = self.permits.acquire().await?;
        let (argon2, password) = (self.argon2.clone(), password.clone());
        let is_known = stored.is_some();
        let phc = stored.map_or_else(|| self.dummy.to_string(), str::to_owned);
        tokio::task::spawn_blocking(move || {
            let parsed = PasswordHash::new(&phc).map_err(|error| anyhow::anyhow!("stored hash: {error}"))?;
            Ok(argon2
                .verify_password(password.expose_secret().as_bytes(), &parsed)
                .is_ok()
                && is_known)
        })
        .await?
    }
}

fn hash(argon2: &Argon2<'_>, password: &str) -> anyhow::Result<String> {
    let hash = argon2
        .hash_password(password.as_bytes())
        .map_err(|error| anyhow::anyhow!("argon2: {error}"));
    Ok(hash.context("hashing a password")?.to_string())
}

/// The rule for a new password: long, and not guessable from what is known about the person and the store.
pub fn check_strength(password: &str, known: &[&str]) -> Result<(), FieldError> {
    let length = password.chars().count();
    if length < MIN_LENGTH {
        return Err(FieldError::TooShort(MIN_LENGTH));
    }
    if length > MAX_LENGTH {
        return Err(FieldError::TooLong(MAX_LENGTH));
    }
    let context: Vec<&str> = known
        .iter()
        .copied()
        .chain(["care-desk", "caredesk", "客户关爱台"])
        .collect();
    // zxcvbn looks at the first 100 characters only: the rest can only make it stronger.
    let start: String = password.chars().take(100).collect();
    if zxcvbn::zxcvbn(&start, &context).score() < zxcvbn::Score::Three {
        return Err(FieldError::PasswordWeak);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_password_is_long_and_not_guessable() {
        let table = [
            ("kurz", Err(FieldError::TooShort(15))),
            ("aaaaaaaaaaaaaaaaaaaa", Err(FieldError::PasswordWeak)),
            ("zhangweizhangwei", Err(FieldError::PasswordWeak)),
            ("correct horse battery staple", Ok(())),
            ("正确的马电池订书钉在桌子上面放着", Ok(())),
        ];
        for (password, verdict) in table {
            assert_eq!(check_strength(password, &["zhangwei"]), verdict, "{password}");
        }
        assert_eq!(
            check_strength(&"x".repeat(257), &[]),
            Err(FieldError::TooLong(256))
        );
    }

    #[tokio::test]
    async fn a_hash_fits_its_password_only() {
        let hasher = Hasher::with_cost(64, 1).unwrap();
        let password = SecretString::from("correct horse battery staple");
        let phc = hasher.hash(&password).await.unwrap();
        assert!(hasher.verify(&password, Some(&phc)).await.unwrap());
        assert!(
            !hasher
                .verify(&SecretString::from("another"), Some(&phc))
                .await
                .unwrap()
        );
        assert!(
            !hasher
                .verify(&SecretString::from("nobody has this password"), None)
                .await
                .unwrap()
        );
    }
}
