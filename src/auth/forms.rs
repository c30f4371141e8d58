//! What the browser posts when signing in and setting a password.

use serde::Deserialize;

use crate::auth::password;
use crate::web::form::{FieldError, FormErrors};

/// `POST /login`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct LoginForm {
    pub username: String,
    pub password: String,
    pub next: String,
}

impl LoginForm {
    /// The username as stored: lower case, trimmed.
    pub fn username(&self) -> String {
        self.username.trim().to_lowercase()
    }

    /// Where to go afterwards: a local path, never another site.
    pub fn next(&self) -> Option<&str> {
        local_path(&self.next)
    }
}

/// `POST /preferences`: language or theme, from any page.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct PreferencesForm {
    pub locale: String,
    pub theme: String,
    pub next: String,
}

impl PreferencesForm {
    /// The page it was chosen on.
    pub fn next(&self) -> &str {
        local_path(&self.next).unwrap_or("/")
    }
}

/// A path on this site, or nothing: `//host` and `/\host` would leave it.
pub fn local_path(path: &str) -> Option<&str> {
    let is_local = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && !path.chars().any(char::is_control);
    is_local.then_some(path)
}

/// `POST /setup`: a new password, and for the first admin the person and the store.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct SetupForm {
    pub token: String,
    pub store_name: String,
    pub store_code: String,
    pub display_name: String,
    pub username: String,
    pub password: String,
    pub password_again: String,
}

/// The first admin and the first store, checked.
pub struct FirstAdmin {
    pub store_name: String,
    pub store_code: String,
    pub display_name: String,
    pub username: String,
}

impl SetupForm {
    /// Checks everything the first admin typed.
    pub fn validate_first(&self) -> Result<FirstAdmin, FormErrors> {
        let mut errors = FormErrors::default();
        let input = FirstAdmin {
            store_name: errors.required("store_name", &self.store_name, 60),
            store_code: store_code(&mut errors, &self.store_code),
            display_name: errors.required("display_name", &self.display_name, 40),
            username: username(&mut errors, &self.username),
        };
        self.check_password(
            &mut errors,
            &[&input.store_name, &input.display_name, &input.username],
        );
        errors.finish(input)
    }

    /// Checks the password alone, for a person who exists.
    pub fn validate_password(&self, known: &[&str]) -> Result<(), FormErrors> {
        let mut errors = FormErrors::default();
        self.check_password(&mut errors, known);
        errors.finish(())
    }

    fn check_password(&self, errors: &mut FormErrors, known: &[&str]) {
        if let Err(error) = password::check_strength(&self.password, known) {
            errors.add("password", error);
        } else if self.password != self.password_again {
            errors.add("password_again", FieldError::PasswordDiffers);
        }
    }
}

/// A username: 2 to 32 of a-z, 0-9, dot, hyphen; lower case.
pub fn username(errors: &mut FormErrors, raw: &str) -> String {
    let text = raw.trim().to_lowercase();
    if text.is_empty() {
        errors.add("username", FieldError::Required);
    } else if !(2..=32).contains(&text.len())
        || !text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_'))
    {
        errors.add("username", FieldError::BadUsername);
    }
    text
}

/// A store code: up to 16 capital letters and digits, as on the command line.
pub fn store_code(errors: &mut FormErrors, raw: &str) -> String {
    let text = raw.trim().to_uppercase();
    if text.is_empty() {
        errors.add("store_code", FieldError::Required);
    } else if text.len() > 16 || !text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        errors.add("store_code", FieldError::TooLong(16));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_local_paths_are_followed() {
        for (path, local) in [
            ("/callbacks/3?tab=mine", true),
            ("/", true),
            ("//evil.example", false),
            ("/\\evil.example", false),
            ("https://evil.example", false),
            ("", false),
            ("/a\nb", false),
        ] {
            assert_eq!(local_path(path).is_some(), local, "{path:?}");
        }
    }

    #[test]
    fn a_username_is_stored_in_lower_case() {
        for (raw, stored, valid) in [
            (" Lin.X ", "lin.x", true),
            ("林", "林", false),
            ("a", "a", false),
            ("", "", false),
        ] {
            let mut errors = FormErrors::default();
            assert_eq!(username(&mut errors, raw), stored);
            assert_eq!(errors.is_empty(), valid, "{raw}");
        }
    }
}
